"""The telescoping sum: derived against run, and what hides or shows the usual slips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import telescoping

NAMES = ("regret", "bound")


def _instance(seed: int) -> tuple[Any, Any, Any, Any]:
    rng = np.random.default_rng(seed)
    T, d = int(rng.integers(2, 7)), int(rng.integers(1, 5))

    def entries(rows: int, columns: int) -> Any:
        return sp.Matrix(rows, columns, lambda i, j: sp.Rational(int(rng.integers(-20, 20)), 7))

    return entries(T, d), entries(d, 1), entries(d, 1), sp.Rational(int(rng.integers(1, 30)), 10)


def _floats(*values: Any) -> list[Any]:
    arrays = [np.array(v.tolist(), dtype=float) for v in values]
    return [a.ravel() if a.shape[1] == 1 and i else a for i, a in enumerate(arrays)]


@pytest.mark.parametrize("seed", range(6))
def test_twins_agree(seed: int, gap: Callable[[Any, Any], float]) -> None:
    V, w, w_star, eta = _instance(seed)
    floats = _floats(V, w, w_star)
    for name in NAMES:
        exact = getattr(telescoping, f"symbolic_{name}")(V, w_star, eta)
        assert gap(exact, getattr(telescoping, f"numeric_{name}")(floats[0], floats[2], float(eta))) < 1e-9
    v = V.row(0).T
    exact = telescoping.symbolic_next_distance(w, w_star, v, eta)
    assert (
        gap(exact, telescoping.numeric_next_distance(floats[1], floats[2], floats[0][0], float(eta))) < 1e-9
    )


def test_the_identity_for_three_steps_in_two_dimensions() -> None:
    V, w_star, eta = sp.Matrix(3, 2, sp.symbols("v:6")), sp.Matrix(sp.symbols("s:2")), sp.Symbol("eta")
    w, total = sp.zeros(2, 1), sp.Integer(0)
    for t in range(3):
        v = V.row(t).T
        total += ((w - w_star).T * v)[0]
        w = w - eta * v
    assert sp.simplify(total - telescoping.symbolic_regret(V, w_star, eta)) == 0
    dropped = telescoping.symbolic_bound(V, w_star, eta) - telescoping.symbolic_regret(V, w_star, eta)
    away = w - w_star
    assert sp.simplify(dropped - (away.T * away)[0] / (2 * eta)) == 0


def test_the_bound_is_the_sheets_and_holds() -> None:
    rng = np.random.default_rng(7643)
    tight = 0.0
    for _ in range(2000):
        T, d = int(rng.integers(1, 8)), int(rng.integers(1, 5))
        V, w_star, eta = rng.normal(size=(T, d)), rng.normal(size=d), float(rng.uniform(0.05, 3))
        regret = telescoping.numeric_regret(V, w_star, eta)
        bound = telescoping.numeric_bound(V, w_star, eta)
        assert bound == pytest.approx(w_star @ w_star / (2 * eta) + eta / 2 * np.sum(V**2))
        assert regret <= bound + 1e-9
        tight = max(tight, regret / bound)
    assert tight > 0.9


def test_slips_show_unless_eta_is_1_or_w_star_is_0() -> None:
    V, _, w_star, _ = _instance(3)
    eta = sp.Rational(7, 10)
    right = telescoping.symbolic_bound(V, w_star, eta)
    squares = sum(v**2 for v in V)
    first = (w_star.T * w_star)[0]
    assert right == first / (2 * eta) + eta / 2 * squares
    for slip in (
        first / (2 * eta) + squares / 2,
        first / eta + eta / 2 * squares,
        first / 2 + eta / 2 * squares,
    ):
        assert slip != right
    hidden = telescoping.symbolic_bound(V, w_star, sp.Integer(1))
    assert hidden == first / 2 + squares / 2


def test_a_run_with_the_wrong_sign_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    V, _, w_star, eta = _instance(4)
    floats = _floats(V, w_star)
    run = telescoping._run
    monkeypatch.setattr(telescoping, "_run", lambda V, eta: run(V, -eta))
    assert telescoping.numeric_regret(floats[0], floats[1], float(eta)) != pytest.approx(
        float(telescoping.symbolic_regret(V, w_star, eta))
    )
