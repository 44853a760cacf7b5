"""Batch size against learning rate and training time."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from reference import batch_noise


@pytest.mark.parametrize("B", [1, 2, 3, 8, 40])
@pytest.mark.parametrize(("a", "w", "sigma"), [("3/2", "7/10", "2"), ("1", "-3", "1/4"), ("5", "1/9", "3")])
def test_best_rate_twins_agree(a: str, w: str, sigma: str, B: int) -> None:
    curvature, at, noise = (sp.Rational(v) for v in (a, w, sigma))
    derived = batch_noise.symbolic_eta_star(curvature, at, noise, sp.Integer(B))
    assert derived == curvature * at**2 / ((curvature * at) ** 2 + noise**2 / B)
    measured = batch_noise.numeric_eta_star(float(curvature), float(at), float(noise), B)
    assert measured == pytest.approx(float(derived), rel=1e-9)


def test_the_best_rate_saturates() -> None:
    a, w, sigma, B = sp.symbols("a w sigma B", positive=True)
    rate = batch_noise.symbolic_eta_star(a, w, sigma, B)
    assert sp.limit(rate, B, sp.oo) == 1 / a
    assert sp.limit(rate / B, B, 0) == a * w**2 / sigma**2


def test_a_random_batch_has_that_variance() -> None:
    """The enumeration's premise, sampled: means of B noisy gradients vary by sigma^2 / B."""
    rng = np.random.default_rng(413)
    for batch in (1, 4, 16, 64):
        means = rng.normal(0.5, 2.0, size=(100_000, batch)).mean(axis=1)
        assert np.var(means) == pytest.approx(4 / batch, rel=0.03)


def test_words() -> None:
    assert batch_noise.symbolic_effect() == batch_noise.numeric_effect() == "increases"
    assert batch_noise.symbolic_most_efficient() == batch_noise.numeric_most_efficient() == "C"
    regimes = {"A": "noise dominated", "B": "curvature dominated"}
    assert batch_noise.symbolic_regimes() == batch_noise.numeric_regimes() == regimes


def test_the_points_lie_where_the_figure_has_them() -> None:
    """A on the falling line, B on the flat part, C where the line bends away."""
    gains = {
        name: batch_noise.numeric_steps(batch) / batch_noise.numeric_steps(2 * batch)
        for name, batch in batch_noise.POINTS.items()
    }
    assert gains["A"] > 1.95
    assert gains["B"] == 1.0
    assert 1.2 < gains["C"] < 1.8


def test_a_target_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_noise, "MAX_STEPS", 5)
    with pytest.raises(RuntimeError, match=r"^the target was not reached with batches of 4 in 5 steps$"):
        batch_noise.numeric_steps(4)
