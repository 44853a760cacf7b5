"""The rate of gradient descent: derived, searched, and met by runs on convex functions."""

from __future__ import annotations

import pytest
import sympy as sp

from reference import convergence_rate

INSTANCES = [
    (sp.Rational(3, 2), sp.Rational(5, 3), 7),
    (sp.Integer(1), sp.Integer(4), 1),
    (sp.Rational(1, 9), sp.Integer(20), 40),
]


@pytest.mark.parametrize(("B", "rho", "T"), INSTANCES)
def test_twins_agree(B: sp.Expr, rho: sp.Expr, T: int) -> None:
    for name, expected in (("best_step", B / (rho * sp.sqrt(T))), ("rate", B * rho / sp.sqrt(T))):
        exact = getattr(convergence_rate, f"symbolic_{name}")(B, rho, T)
        assert sp.simplify(exact - expected) == 0
        measured = getattr(convergence_rate, f"numeric_{name}")(float(B), float(rho), T)
        assert measured == pytest.approx(float(exact), rel=1e-6)
    eta = sp.Rational(2, 7)
    exact = convergence_rate.symbolic_bound_at(B, rho, T, eta)
    assert exact == (B**2 / (2 * eta) + eta * rho**2 * T / 2) / T
    assert convergence_rate.numeric_bound_at(float(B), float(rho), T, float(eta)) == pytest.approx(
        float(exact)
    )


def test_growth() -> None:
    t = sp.Symbol("T", positive=True)
    assert convergence_rate.symbolic_rate_growth(t) == 1 / sp.sqrt(t)
    assert convergence_rate.numeric_rate_growth(9.0) == pytest.approx(1 / 3)


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_convex_runs_keep_every_inequality(start: int) -> None:
    for seed in range(start, start + 20):
        run = convergence_rate.convex_run(seed)
        slack = 1e-7 * max(1.0, run["bound"])
        assert run["gap"] <= run["jensen"] + slack
        assert run["jensen"] <= run["linear"] + slack
        assert run["linear"] <= run["bound"] + slack
