"""What the noise of small batches does to learning rate and training time (csc413-hw2, 3.1).

One weight w on the loss (a/2) w^2. The gradient of a batch of B samples has mean a w and variance
sigma^2 / B. Everything is a scalar without a unit; a and sigma are positive and w is not zero.

The points of the sheet's figure (number of steps against batch size) are not printed; A is taken to lie on
the falling line, B on the flat part and C at the knee between them, as in the standard figure.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

TOLERANCE = 1e-6  # relative

# The noisy quadratic that is really run: its loss is the sum of h/2 w_h^2, gradients have variance h
# sigma^2 / B.
CURVATURES = np.geomspace(0.02, 1.0, 10)
NOISE, TARGET = 2.0, 0.01  # sigma; the target as a share of the first loss
MAX_STEPS = 100_000
RATES = np.geomspace(1e-4, 1.9, 300)[:, np.newaxis]  # constant learning rates, all tried for every batch size
POINTS = {"A": 4, "B": 2**20, "C": 512}  # batch sizes; the tests hold them against the figure's description


# --- derived -----------------------------------------------------------------------------------------------


def symbolic_eta_star(a: Any, w: Any, sigma: Any, B: Any) -> Any:
    """The learning rate whose step makes the expected loss smallest.

    Source: the loss after a step is integrated over the normal density of the gradient, differentiated by
    the learning rate and solved.
    """
    slope, deviation = sp.Symbol("slope", real=True), sp.Symbol("deviation", positive=True)
    curvature, rate, at = sp.Symbol("a", positive=True), sp.Symbol("rate"), sp.Symbol("w", real=True)
    g = sp.Symbol("g", real=True)
    density = sp.exp(-((g - slope) ** 2) / (2 * deviation**2)) / (sp.sqrt(2 * sp.pi) * deviation)
    moments = [sp.integrate(g**k * density, (g, -sp.oo, sp.oo)) for k in (1, 2)]
    loss = sp.Poly(curvature / 2 * (at - rate * g) ** 2, g)
    mean = sum((c * ([sp.Integer(1), *moments][power]) for (power,), c in loss.terms()), sp.Integer(0))
    (best,) = sp.solve(sp.diff(mean, rate), rate)
    point = {
        curvature: sp.sympify(a),
        at: sp.sympify(w),
        slope: sp.sympify(a) * sp.sympify(w),
        deviation: sp.sympify(sigma) / sp.sqrt(sp.sympify(B)),
    }
    return sp.simplify(best.subs(point, simultaneous=True))


def symbolic_effect() -> str:
    """What happens to the best learning rate as B grows: 'increases', 'decreases' or 'unchanged'.

    Source: the sign of its derivative by B, which sympy knows from the signs of the symbols.
    """
    a, sigma, B = sp.symbols("a sigma B", positive=True)
    w = sp.Symbol("w", real=True, nonzero=True)
    slope = sp.factor(sp.diff(symbolic_eta_star(a, w, sigma, B), B))
    return "increases" if slope.is_positive else "decreases" if slope.is_negative else "unchanged"


def symbolic_most_efficient() -> str:
    """The point with the best trade between time and resources: 'A', 'B' or 'C'.

    Source: with steps S = S_min (1 + B_c / B), and B S samples, the product of time and samples over their
    least values is smallest at B = B_c, where neither limit, S ~ 1 / B nor S = S_min, holds: the knee, C.
    """
    B, knee = sp.symbols("B B_c", positive=True)
    steps = 1 + knee / B
    waste = steps * (B * steps / sp.limit(B * steps, B, 0))
    (best,) = sp.solve(sp.diff(waste, B), B)
    return "C" if best == knee and sp.diff(waste, B, 2).subs(B, best).is_positive else "?"


def symbolic_regimes() -> dict[str, str]:
    """Which regime the points A and B are in: 'noise dominated' or 'curvature dominated'.

    Source: limits of the elasticity of the best learning rate by B. It is 1 for small batches (twice the
    batch, half the steps: noise is what holds training up) and 0 for large ones (curvature does).
    """
    a, sigma, B = sp.symbols("a sigma B", positive=True)
    w = sp.Symbol("w", real=True, nonzero=True)
    rate = symbolic_eta_star(a, w, sigma, B)
    elasticity = sp.simplify(B * sp.diff(rate, B) / rate)
    names = {sp.Integer(1): "noise dominated", sp.Integer(0): "curvature dominated"}
    return {"A": names[sp.limit(elasticity, B, 0)], "B": names[sp.limit(elasticity, B, sp.oo)]}


# --- measured ----------------------------------------------------------------------------------------------


def numeric_eta_star(a: float, w: float, sigma: float, B: int) -> float:
    """The learning rate whose step makes the expected loss smallest.

    Source: every batch of B samples, each of them sigma above or below the mean gradient, is really drawn
    (equal ones counted); the mean loss over all of them is a parabola in the learning rate, whose lowest
    point three evaluations give.
    """
    above = np.arange(int(B) + 1)
    share = np.array([math.comb(int(B), int(k)) for k in above]) / 2.0 ** int(B)
    gradients = a * w + sigma * (2 * above - B) / B

    def loss(rate: float) -> float:
        return float(share @ (a / 2 * np.square(w - rate * gradients)))

    behind, here, ahead = (loss(rate) for rate in (-1.0, 0.0, 1.0))
    return (behind - ahead) / (2 * (behind - 2 * here + ahead))


def numeric_effect() -> str:
    """What happens to the best learning rate as B grows: 'increases', 'decreases' or 'unchanged'.

    Source: its measured value for batches of 1 to 512 samples.
    """
    rates = np.array([numeric_eta_star(1.5, 0.7, 2.0, 2**k) for k in range(10)])
    steps = np.diff(rates)
    return "increases" if np.all(steps > 0) else "decreases" if np.all(steps < 0) else "unchanged"


def numeric_steps(B: float) -> int:
    """Steps until the expected loss of the noisy quadratic is at most TARGET, with the best constant rate.

    Source: the second moments of the weights are run forward for all RATES at once: a step multiplies that of
    curvature h by (1 - eta h)^2 and adds eta^2 h sigma^2 / B.
    """
    moments = np.ones((RATES.size, CURVATURES.size))
    shrink, gain = np.square(1 - RATES * CURVATURES), np.square(RATES * NOISE) * CURVATURES / B
    target = TARGET * CURVATURES.sum()
    for step in range(1, MAX_STEPS):
        moments = shrink * moments + gain
        if np.any(moments @ CURVATURES <= target):
            return step
    raise RuntimeError(f"the target was not reached with batches of {B:g} in {MAX_STEPS} steps")


def numeric_most_efficient() -> str:
    """The point with the best trade between time and resources: 'A', 'B' or 'C'.

    Source: noisy descent really run. Time times samples, each over its least value among the points.
    """
    steps = {name: numeric_steps(batch) for name, batch in POINTS.items()}
    samples = {name: steps[name] * batch for name, batch in POINTS.items()}
    waste = {
        name: steps[name] / min(steps.values()) * samples[name] / min(samples.values()) for name in POINTS
    }
    return min(waste, key=waste.__getitem__)


def numeric_regimes() -> dict[str, str]:
    """Which regime the points A and B are in: 'noise dominated' or 'curvature dominated'.

    Source: noisy descent really run with the batch and with twice the batch: nearly half the steps, or as
    many.
    """
    gains = {name: numeric_steps(POINTS[name]) / numeric_steps(2 * POINTS[name]) for name in ("A", "B")}
    return {name: "noise dominated" if gain > 1.5 else "curvature dominated" for name, gain in gains.items()}
