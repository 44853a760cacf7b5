"""One gradient step and its best learning rate: derived against measured against the closed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import learning_rates

WITH_ETA = ("X", "w_0", "t", "eta")
WITHOUT_ETA = ("X", "w_0", "t")
PAIRS = {
    "w_1": WITH_ETA,
    "loss_1": WITH_ETA,
    "dloss_1": WITH_ETA,
    "d2loss_1": WITHOUT_ETA,
    "eta_star": WITHOUT_ETA,
}


def _both(name: str, problem: Any) -> tuple[Any, Any]:
    exact, floats = problem.of(*PAIRS[name])
    symbolic = getattr(learning_rates, f"symbolic_{name}")(**exact)
    return symbolic, getattr(learning_rates, f"numeric_{name}")(**floats)


@pytest.mark.parametrize("name", PAIRS)
def test_twins_agree(name: str, problem: Any, gap: Callable[[Any, Any], float]) -> None:
    assert gap(*_both(name, problem)) < learning_rates.TOLERANCE / 1000


@pytest.mark.parametrize("name", PAIRS)
def test_rational_input_gives_rational_numbers(name: str, problem: Any) -> None:
    value = getattr(learning_rates, f"symbolic_{name}")(**problem.of(*PAIRS[name])[0])
    assert all(entry.is_Rational for entry in sp.flatten([value]))


def _closed_forms(X: Any, w_0: Any, t: Any, eta: Any) -> dict[str, Any]:
    n, a = sp.Integer(X.rows), X * w_0 - t
    gram, down = X * X.T * a, X.T * a
    after = a - 2 * eta / n * gram
    return {
        "w_1": w_0 - 2 * eta / n * down,
        "loss_1": (after.T * after)[0] / n,
        "dloss_1": -4 / n**2 * (down.T * down)[0] + 8 * eta / n**3 * (gram.T * gram)[0],
        "d2loss_1": 8 / n**3 * (gram.T * gram)[0],
    }


@pytest.mark.parametrize("name", ["w_1", "loss_1", "dloss_1", "d2loss_1"])
def test_closed_form(name: str, symbols: dict[str, Any], same: Callable[[Any, Any], bool]) -> None:
    derived = getattr(learning_rates, f"symbolic_{name}")(**{k: symbols[k] for k in PAIRS[name]})
    assert same(derived, _closed_forms(**symbols)[name])


def test_closed_form_of_eta_star(symbols: dict[str, Any]) -> None:
    X, w_0, t = symbols["X"], sp.zeros(3, 1), symbols["t"]  # t is free, hence so is a
    a = X * w_0 - t
    down, gram = X.T * a, X * X.T * a
    derived = learning_rates.symbolic_eta_star(X, w_0, t)
    numerator, denominator = derived.as_numer_denom()
    entries = [*X, *t]

    def poly(expression: Any) -> Any:
        return sp.Poly(expression, *entries)

    left = poly(numerator) * poly(2 * (gram.T * gram)[0])
    assert left == poly(denominator) * poly(X.rows * (down.T * down)[0])


def test_factored_derivative_is_the_expanded_one(
    symbols: dict[str, Any], same: Callable[[Any, Any], bool]
) -> None:
    X, w_0, t, eta = (symbols[k] for k in WITH_ETA)
    n, a = sp.Integer(X.rows), X * w_0 - t
    gram = X * X.T * a
    factored = -4 / n**2 * (gram.T * (a - 2 * eta / n * gram))[0]
    assert same(learning_rates.symbolic_dloss_1(X, w_0, t, eta), factored)


def test_one_by_one_by_hand() -> None:
    # X = 2, w_0 = 1, t = 0, eta = 0.1: a = 2, gradient 8, w_1 = 0.2, L_1 = 0.16, eta* = 1/8
    exact = {"X": sp.Matrix([[2]]), "w_0": sp.Matrix([1]), "t": sp.Matrix([0])}
    eta = sp.Rational(1, 10)
    assert learning_rates.symbolic_w_1(**exact, eta=eta) == sp.Matrix([sp.Rational(1, 5)])
    assert learning_rates.symbolic_loss_1(**exact, eta=eta) == sp.Rational(16, 100)
    assert learning_rates.symbolic_eta_star(**exact) == sp.Rational(1, 8)
    assert learning_rates.numeric_eta_star([[2]], [1], [0]) == pytest.approx(0.125, rel=1e-12)


def test_the_slope_is_zero_and_the_loss_least_at_eta_star(problem: Any) -> None:
    exact, floats = problem.of(*WITHOUT_ETA)
    best = learning_rates.symbolic_eta_star(**exact)
    assert learning_rates.symbolic_dloss_1(**exact, eta=best) == 0
    grid = np.linspace(0, 2 * float(best), 2001)  # the minimum is the middle point
    losses = [learning_rates.numeric_loss_1(**floats, eta=eta) for eta in grid]
    assert int(np.argmin(losses)) == 1000


# ---- convexity


def test_convex() -> None:
    assert learning_rates.symbolic_convexity() == learning_rates.numeric_convexity() == "yes"


def test_composing_convex_functions_can_be_concave_somewhere() -> None:
    assert learning_rates.symbolic_composition_curvature() == -4
    assert learning_rates.numeric_composition_curvature() == pytest.approx(-4, rel=learning_rates.TOLERANCE)


def test_strictly_convex_on_random_problems(problem: Any) -> None:
    exact, floats = problem.of(*WITHOUT_ETA)
    assert learning_rates.symbolic_strictly_convex(**exact) is True
    assert learning_rates.numeric_strictly_convex(**floats) is True


def _flat_witness() -> tuple[dict[str, Any], dict[str, Any]]:
    exact = {name: sp.Matrix(value) for name, value in learning_rates.FLAT_WITNESS.items()}
    floats: dict[str, Any] = {k: np.array(v, dtype=float) for k, v in learning_rates.FLAT_WITNESS.items()}
    return exact, floats | {k: floats[k].ravel() for k in ("w_0", "t")}


def test_the_flat_witness_is_flat_without_solving_the_problem() -> None:
    exact, floats = _flat_witness()
    residual = exact["X"] * exact["w_0"] - exact["t"]
    assert not residual.is_zero_matrix
    assert (exact["X"].T * residual).is_zero_matrix
    assert learning_rates.symbolic_loss_1(**exact, eta=sp.Symbol("eta")) == 1
    assert learning_rates.symbolic_strictly_convex(**exact) is False
    assert learning_rates.numeric_strictly_convex(**floats) is False


def test_flat_means_no_best_learning_rate() -> None:
    exact, floats = _flat_witness()
    with pytest.raises(
        ValueError, match=r"^eta_star does not exist: X\^T a = 0, the loss does not depend on eta$"
    ):
        learning_rates.symbolic_eta_star(**exact)
    with pytest.raises(ValueError, match=r"^eta_star does not exist: the loss does not depend on eta$"):
        learning_rates.numeric_eta_star(**floats)


def test_a_solved_problem_has_no_best_learning_rate_either() -> None:
    with pytest.raises(ValueError, match="eta_star does not exist"):
        learning_rates.numeric_eta_star([[1, 2]], [1, 1], [3])


# ---- a fault in either twin is noticed


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("half", ["_loss", "_measured_loss"])
def test_a_factor_in_one_twin_is_caught(
    name: str, half: str, one_problem: Any, gap: Callable[[Any, Any], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = getattr(learning_rates, half)
    monkeypatch.setattr(learning_rates, half, lambda *data: 2 * right(*data))
    assert gap(*_both(name, one_problem)) > 1000 * learning_rates.TOLERANCE


def test_a_concave_loss_is_not_called_convex(monkeypatch: pytest.MonkeyPatch) -> None:
    loss, measured = learning_rates._loss, learning_rates._measured_loss
    monkeypatch.setattr(learning_rates, "_loss", lambda *data: -loss(*data))
    monkeypatch.setattr(learning_rates, "_measured_loss", lambda *data: -measured(*data))
    assert learning_rates.symbolic_convexity() == learning_rates.numeric_convexity() == "no"


@pytest.mark.parametrize("name", PAIRS)
def test_shapes_that_do_not_fit(name: str) -> None:
    extra = (0.1,) if PAIRS[name] == WITH_ETA else ()
    with pytest.raises(ValueError, match=r"^shapes do not fit: X \(2, 3\), w_0 \(2,\), t \(2,\)$"):
        getattr(learning_rates, f"numeric_{name}")(np.ones((2, 3)), np.ones(2), np.ones(2), *extra)
    with pytest.raises(ValueError, match=r"Matrix size mismatch|argument 2 is shorter"):
        getattr(learning_rates, f"symbolic_{name}")(sp.ones(2, 3), sp.ones(2, 1), sp.ones(2, 1), *extra)
