"""Fewer parameters than samples: one minimiser, which finds the true weights."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import linear_regression as regression

SIZES = ((3, 2), (5, 3), (7, 4), (4, 1), (4, 3))


@pytest.fixture(params=SIZES, ids=str)
def tall(request: pytest.FixtureRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """One problem with n > d twice: exact, and as floats."""
    n, d = request.param
    rng = random.Random(n * d)

    def entries(rows: int, columns: int) -> Any:
        return sp.Matrix(rows, columns, lambda i, j: sp.Rational(rng.randint(-9, 9), rng.randint(1, 4)))

    exact = {"X": entries(n, d), "t": entries(n, 1), "w": entries(d, 1), "x": entries(d, 1)}
    floats = {name: np.array(value.tolist(), dtype=float) for name, value in exact.items()}
    return exact, floats | {k: floats[k].ravel() for k in ("t", "w", "x")}


def _both(name: str, problem: tuple[dict[str, Any], dict[str, Any]], *keys: str) -> tuple[Any, Any]:
    exact, floats = problem
    symbolic = getattr(regression, f"symbolic_{name}")(*(exact[k] for k in keys))
    return symbolic, getattr(regression, f"numeric_{name}")(*(floats[k] for k in keys))


def test_gradient(tall: Any, gap: Callable[[Any, Any], float]) -> None:
    assert gap(*_both("gradient", tall, "X", "w", "t")) < 1e-9


def test_gradient_in_closed_form(symbols: dict[str, Any], same: Callable[[Any, Any], bool]) -> None:
    X, w, t = symbols["X"], symbols["w_0"], symbols["t"]
    derived = regression.symbolic_gradient(X, w, t)
    assert same(derived, sp.Rational(2, X.rows) * X.T * (X * w - t))


def test_least_squares(tall: Any, gap: Callable[[Any, Any], float]) -> None:
    derived, run = _both("least_squares", tall, "X", "t")
    assert gap(derived, run) < regression.TOLERANCE / 10
    X, t = tall[0]["X"], tall[0]["t"]
    assert derived == (X.T * X).inv() * X.T * t
    assert gap(derived, np.linalg.lstsq(tall[1]["X"], tall[1]["t"], rcond=None)[0]) < 1e-9


def test_weights_are_recovered(tall: Any, gap: Callable[[Any, Any], float]) -> None:
    derived, run = _both("recovered_weights", tall, "X", "w")
    assert derived == tall[0]["w"]
    assert gap(derived, run) < regression.TOLERANCE
    error = _both("prediction_error", tall, "X", "w", "x")
    assert error[0] == 0
    assert error[1] < 1e-12


def test_weights_are_not_recovered_with_more_parameters_than_samples() -> None:
    with pytest.raises(ValueError, match=r"^X has no full column rank: X\^T X is singular$"):
        regression.symbolic_least_squares(sp.Matrix([[1, 2, 3], [4, 5, 6]]), sp.Matrix([1, 2]))
    with pytest.raises(ValueError, match=r"where descent ends depends on its start$"):
        regression.numeric_least_squares([[1, 2, 3], [4, 5, 6]], [1, 2])


def test_unique() -> None:
    assert regression.symbolic_unique() == regression.numeric_unique() == "yes"


def test_a_run_that_gives_up_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regression, "MAX_GRADIENTS", 2)
    with pytest.raises(RuntimeError, match=r"^gradient descent: not converged in 2 gradients"):
        regression.numeric_least_squares([[1, 2], [3, 4], [5, 7]], [1, 2, 3])


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"^shapes do not fit: X \(3, 2\), t \(2,\)$"):
        regression.numeric_least_squares(np.ones((3, 2)), np.ones(2))
    with pytest.raises(ValueError, match=r"^shapes do not fit: X \(3, 2\), w \(3,\)$"):
        regression.numeric_gradient(np.ones((3, 2)), np.ones(3), np.ones(3))
