"""L2 regularisation and weight decay: one step, and fifty that stay together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import weight_decay

STEPS = {"w_1_l2": "lambda_tilde", "w_1_decay": "lambda_"}


def _both(name: str, problem: Any, strength: Any) -> tuple[Any, Any]:
    exact, floats = problem.of("X", "w_0", "t", "eta")
    symbolic = getattr(weight_decay, f"symbolic_{name}")(**exact, **{STEPS[name]: strength})
    return symbolic, getattr(weight_decay, f"numeric_{name}")(**floats, **{STEPS[name]: float(strength)})


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("strength", [sp.Rational(1, 7), sp.Integer(3), sp.Integer(0)])
def test_twins_agree(name: str, strength: Any, problem: Any, gap: Callable[[Any, Any], float]) -> None:
    assert gap(*_both(name, problem, strength)) < weight_decay.TOLERANCE / 100


def test_closed_forms(symbols: dict[str, Any], same: Callable[[Any, Any], bool]) -> None:
    X, w_0, t, eta = (symbols[k] for k in ("X", "w_0", "t", "eta"))
    strength = sp.Symbol("s")
    descent = 2 * eta / sp.Integer(X.rows) * X.T * (X * w_0 - t)
    l2 = weight_decay.symbolic_w_1_l2(X, w_0, t, eta, strength)
    assert same(l2, (1 - 2 * eta * strength) * w_0 - descent)
    decay = weight_decay.symbolic_w_1_decay(X, w_0, t, eta, strength)
    assert same(decay, (1 - strength) * w_0 - descent)


def test_the_equivalent_penalty_is_half_the_decay_by_the_rate() -> None:
    decay, rate = sp.symbols("lambda eta")
    assert sp.simplify(weight_decay.symbolic_lambda_tilde(decay, rate) - decay / (2 * rate)) == 0


@pytest.mark.parametrize(
    ("decay", "rate"), [(0.01, 0.1), (0.5, 2.0), (7 / 3, 5.0), (0.2, 1e-3), (7.0, 1 / 3)]
)
def test_fifty_steps_measure_it(decay: float, rate: float) -> None:
    assert weight_decay.numeric_lambda_tilde(decay, rate) == pytest.approx(decay / (2 * rate), rel=1e-9)


def test_weights_that_part_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the decay taken from the new weights, as some write it, the two are not the same method."""

    def late(X: Any, w_0: Any, t: Any, eta: float, lambda_: float) -> Any:
        step = eta * 2 / len(t) * (X.T @ (X @ w_0 - t))
        return (1 - lambda_) * (w_0 - step)

    monkeypatch.setattr(weight_decay, "numeric_w_1_decay", late)
    with pytest.raises(RuntimeError, match=r"^after 50 steps weight decay and the penalty .* are apart$"):
        weight_decay.numeric_lambda_tilde(0.3, 0.2)


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"^shapes do not fit: X \(2, 3\), w_0 \(2,\), t \(2,\)$"):
        weight_decay.numeric_w_1_l2(np.ones((2, 3)), np.ones(2), np.ones(2), 0.1, 0.1)
