"""The proximal step: solved against minimised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import proximal_step


@pytest.mark.parametrize("seed", range(5))
def test_twins_agree(seed: int, gap: Callable[[Any, Any], float]) -> None:
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 6))
    w_t, g = (sp.Matrix([sp.Rational(int(x), 7) for x in rng.integers(-30, 30, d)]) for _ in range(2))
    lam = sp.Rational(int(rng.integers(1, 40)), 9)
    exact = proximal_step.symbolic_proximal_step(w_t, g, lam)
    w_floats, g_floats = (np.array(m.tolist(), dtype=float).ravel() for m in (w_t, g))
    assert (
        gap(exact, proximal_step.numeric_proximal_step(w_floats, g_floats, float(lam)))
        < proximal_step.TOLERANCE
    )
    assert exact == w_t - g / lam
    rate = proximal_step.symbolic_learning_rate(lam)
    assert rate == 1 / lam
    assert proximal_step.numeric_learning_rate(float(lam)) == pytest.approx(float(rate), rel=1e-9)


def test_in_symbols() -> None:
    lam = sp.Symbol("lambda", positive=True)
    w_t, g = sp.Matrix(sp.symbols("w:3")), sp.Matrix(sp.symbols("g:3"))
    step = proximal_step.symbolic_proximal_step(w_t, g, lam)
    assert sp.simplify(step - (w_t - g / lam)) == sp.zeros(3, 1)


def test_without_a_minimum() -> None:
    sentence = r"^the model has no minimiser for lambda = -1"
    with pytest.raises(ValueError, match=sentence):
        proximal_step.symbolic_proximal_step(sp.Matrix([1]), sp.Matrix([2]), sp.Integer(-1))
    with pytest.raises(ValueError, match=sentence):
        proximal_step.numeric_proximal_step(np.array([1.0]), np.array([2.0]), -1.0)


def test_a_model_without_the_half_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(w: Any, w_t: Any, g: Any, lambda_: float) -> float:
        return float((w - w_t) @ g + lambda_ * ((w - w_t) @ (w - w_t)))

    monkeypatch.setattr(proximal_step, "_model", doubled)
    assert proximal_step.numeric_learning_rate(2.0) == pytest.approx(0.25)
    assert proximal_step.symbolic_learning_rate(sp.Integer(2)) == sp.Rational(1, 2)
