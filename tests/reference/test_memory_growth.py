"""Memory of forward and reverse passes, and the derivative that the memory is spent on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import memory_growth

MEMORY = ("forward_memory", "backward_memory", "forward_growth", "backward_growth")
CHAIN = ("hypergradient", "weight_jacobian")


@pytest.mark.parametrize("name", MEMORY)
@pytest.mark.parametrize("t", [0, 1, 2, 5, 10, 20, 40])
def test_memory_twins_agree(name: str, t: int) -> None:
    derived = getattr(memory_growth, f"symbolic_{name}")(sp.Integer(t))
    assert getattr(memory_growth, f"numeric_{name}")(t) == float(derived)


def test_memory_in_t() -> None:
    t, d = sp.Symbol("t"), memory_growth.WEIGHTS
    assert memory_growth.symbolic_forward_memory(t) == d
    assert memory_growth.symbolic_backward_memory(t) == sp.expand(d * (t + 1))
    assert memory_growth.symbolic_forward_growth(t) == 1
    assert memory_growth.symbolic_backward_growth(t) == t


@pytest.mark.parametrize("t", [-1, 2.5])
@pytest.mark.parametrize("name", ["forward_memory", "backward_memory"])
def test_iterations_are_whole_numbers(name: str, t: float) -> None:
    with pytest.raises(ValueError, match=f"^the number of iterations is a whole number, not {t}$"):
        getattr(memory_growth, f"numeric_{name}")(t)


# ---- the derivative


@pytest.mark.parametrize("name", CHAIN)
@pytest.mark.parametrize("steps", [0, 1, 5])
def test_twins_agree(name: str, steps: int, problem: Any, gap: Callable[[Any, Any], float]) -> None:
    exact, floats = problem.of("X", "w_0", "t", "eta")
    symbolic = getattr(memory_growth, f"symbolic_{name}")(**exact, steps=steps)
    assert gap(symbolic, getattr(memory_growth, f"numeric_{name}")(**floats, steps=steps)) < 1e-9


@pytest.mark.parametrize("steps", [1, 2, 5, 10, 20, 40])
def test_the_tape_gives_the_derivative_and_holds_every_weight_vector(steps: int) -> None:
    rng = np.random.default_rng(0)
    X, w_0, t, eta = rng.normal(size=(3, 5)), rng.normal(size=5), rng.normal(size=3), 0.05
    gradient, floats = memory_growth.tape_hypergradient(X, w_0, t, eta, steps)
    assert floats == 5 * (steps + 1)
    assert gradient == pytest.approx(memory_growth.numeric_hypergradient(X, w_0, t, eta, steps), rel=1e-9)

    def last_loss(rate: float) -> float:
        w = w_0
        for _ in range(steps):
            w = w - rate * 2 / 3 * X.T @ (X @ w - t)
        return float(np.mean((X @ w - t) ** 2))

    difference = (last_loss(eta + 1e-5) - last_loss(eta - 1e-5)) / 2e-5
    assert gradient == pytest.approx(difference, rel=1e-5)


def test_two_steps_unrolled_and_differentiated(symbols: dict[str, Any]) -> None:
    X, w_0, t, eta = sp.Matrix([[1, 2, 0], [-1, 1, 3]]), symbols["w_0"], symbols["t"], symbols["eta"]
    w = w_0
    for _ in range(2):
        w = w - 2 * eta / X.rows * X.T * (X * w - t)
    residual = X * w - t
    unrolled = sp.diff((residual.T * residual)[0] / X.rows, eta)
    reverse = memory_growth.symbolic_hypergradient(X, w_0, t, eta, 2)
    assert sp.expand(unrolled - reverse) == 0


def test_the_chain_is_a_power_that_vanishes_or_explodes(problem: Any) -> None:
    X = problem.exact["X"]
    contraction = sp.eye(X.cols) - problem.exact["eta"] * 2 / sp.Integer(X.rows) * X.T * X
    exact, _ = problem.of("X", "w_0", "t", "eta")
    assert memory_growth.symbolic_weight_jacobian(**exact, steps=3) == contraction**3

    one = {"X": sp.Matrix([[1]]), "w_0": sp.Matrix([1]), "t": sp.Matrix([0])}
    small, large = sp.Rational(1, 4), sp.Rational(3, 2)
    assert memory_growth.symbolic_weight_jacobian(**one, eta=small, steps=20)[0] == sp.Rational(1, 2**20)
    assert memory_growth.symbolic_weight_jacobian(**one, eta=large, steps=20)[0] == 2**20


def test_a_tape_that_forgets_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_growth._Meter, "_forget", lambda self, size: None)
    assert memory_growth.numeric_forward_memory(4) != float(memory_growth.symbolic_forward_memory(4))


def test_a_wrong_learning_rate_is_caught(one_problem: Any, gap: Callable[[Any, Any], float]) -> None:
    exact, floats = one_problem.of("X", "w_0", "t", "eta")
    for name in CHAIN:
        symbolic = getattr(memory_growth, f"symbolic_{name}")(**exact | {"eta": 2 * exact["eta"]}, steps=2)
        numeric = getattr(memory_growth, f"numeric_{name}")(**floats, steps=2)
        assert gap(symbolic, numeric) > 1000 * memory_growth.TOLERANCE
