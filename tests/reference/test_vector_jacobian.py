"""J = v v^T, its product with a vector, and what both cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import vector_jacobian

COSTS = {"jacobian_time": 2, "jacobian_memory": 2, "vjp_time": 1, "vjp_memory": 1}


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_twins_agree(n: int, gap: Callable[[Any, Any], float]) -> None:
    rng = np.random.default_rng(n)
    v, y = (rng.integers(-9, 10, n) / 4 + 0.125 for _ in range(2))
    exact = [sp.Matrix([sp.Rational(float(a)) for a in vector]) for vector in (v, y)]
    assert gap(vector_jacobian.symbolic_jacobian(exact[0]), vector_jacobian.numeric_jacobian(v)) < 1e-12
    assert gap(vector_jacobian.symbolic_vjp(*exact), vector_jacobian.numeric_vjp(v, y)) < 1e-12


def test_closed_forms(same: Callable[[Any, Any], bool]) -> None:
    v, y = sp.Matrix(sp.symbols("v:3")), sp.Matrix(sp.symbols("y:3"))
    assert same(vector_jacobian.symbolic_jacobian(v), v * v.T)
    assert same(vector_jacobian.symbolic_vjp(v, y), v * (v.T * y)[0])
    assert vector_jacobian.symbolic_jacobian(v).is_symmetric()


def test_the_example_by_hand() -> None:
    rows = [[1, 2, 3], [2, 4, 6], [3, 6, 9]]
    assert vector_jacobian.symbolic_example_jacobian() == sp.Matrix(rows)
    assert vector_jacobian.numeric_example_jacobian().tolist() == rows
    assert vector_jacobian.symbolic_example_vjp() == sp.Matrix([6, 12, 18])
    assert vector_jacobian.numeric_example_vjp().tolist() == [6, 12, 18]


@pytest.mark.parametrize(("name", "power"), COSTS.items())
@pytest.mark.parametrize("n", [2, 3, 10])
def test_costs(name: str, power: int, n: int) -> None:
    assert getattr(vector_jacobian, f"symbolic_{name}")(sp.Integer(n)) == n**power
    assert getattr(vector_jacobian, f"numeric_{name}")(n) == n**power


@pytest.mark.parametrize("n", [1, 2, 7])
def test_what_is_counted_is_what_is_computed(n: int) -> None:
    v, y = [float(i + 1) for i in range(n)], [2.0] * n
    ledger = vector_jacobian._Ledger()
    assert vector_jacobian.counted_vjp(v, y, ledger) == pytest.approx(vector_jacobian.numeric_vjp(v, y))
    assert (ledger.operations, ledger.kept) == (3 * n - 1, n + 1)
    ledger = vector_jacobian._Ledger()
    assert vector_jacobian.counted_jacobian(v, ledger) == vector_jacobian.numeric_jacobian(v).tolist()
    assert (ledger.operations, ledger.kept) == (n * n, n * n)


def test_the_wrong_scalar_is_caught() -> None:
    v, y = np.array([1.0, 2, 3]), np.ones(3)
    assert not np.allclose(vector_jacobian.numeric_vjp(v, y), v * (v @ v))


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"^shapes do not fit: v \(3,\), y \(2,\)$"):
        vector_jacobian.numeric_vjp([1, 2, 3], [1, 2])
