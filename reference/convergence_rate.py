"""How fast the average iterate of gradient descent approaches the minimum (cs7643-hw1, problem 3).

f is convex, ||w*|| <= B, ||grad f|| <= rho along the run of T steps from w_1 = 0; w_bar is the average
iterate. Jensen and first-order convexity give f(w_bar) - f(w*) <= (1/T) sum <w_t - w*, grad f(w_t)>; the
telescoped sum (telescoping.py, derived again here) bounds that by (1/T)(B^2/(2 eta) + eta rho^2 T/2), and the
best eta makes it B rho / sqrt(T).

All arguments are positive scalars; T is a whole number.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

TOLERANCE = 1e-6  # relative

GOLDEN = (math.sqrt(5) - 1) / 2
SEED = 7643


# --- derived -----------------------------------------------------------------------------------------------


def symbolic_bound_at(B: Any, rho: Any, T: Any, eta: Any) -> Any:
    """The bound on the average of <w_t - w*, grad f(w_t)> at the learning rate eta.

    Source: the telescoped sum with every v_t of the greatest length rho, in one dimension; its largest value
    over the place of the last iterate.
    """
    last = sp.Dummy("last")
    total = (B**2 - (last - B) ** 2) / (2 * eta) + eta / 2 * sum(rho**2 for _ in range(int(T)))
    (worst,) = sp.solve(sp.diff(total, last), last)
    return sp.expand(total.subs(last, worst) / T)


def symbolic_best_step(B: Any, rho: Any, T: Any) -> Any:
    """The learning rate that makes the bound smallest, a scalar.

    Source: the derivative of the bound by eta set to zero.
    """
    eta = sp.Dummy("eta", positive=True)
    (best,) = sp.solve(sp.diff(symbolic_bound_at(B, rho, T, eta), eta), eta)
    return sp.simplify(best)


def symbolic_rate(B: Any, rho: Any, T: Any) -> Any:
    """The bound at the best learning rate, a scalar."""
    return sp.simplify(symbolic_bound_at(B, rho, T, symbolic_best_step(B, rho, T)))


def symbolic_rate_growth(T: Any) -> Any:
    """How the bound shrinks in T: the bare power of T, here 1/sqrt(T).

    Source: the logarithm of the bound against that of T, at B = rho = 1; the slope is the power.
    """
    one = sp.Integer(1)
    slope = sp.log(symbolic_rate(one, one, 16) / symbolic_rate(one, one, 4)) / sp.log(4)
    return T ** sp.nsimplify(sp.simplify(slope))


# --- measured ----------------------------------------------------------------------------------------------


def numeric_bound_at(B: float, rho: float, T: int, eta: float) -> float:
    """The bound at the learning rate eta, met by a run.

    Source: the one run that has the bound with equality: in one dimension every v_t has length rho, and its
    sign is free; with the last distance put back the sum is the same for every choice of signs.
    """
    rng = np.random.default_rng(SEED)
    v = rho * rng.choice([-1.0, 1.0], size=int(T))
    w = np.concatenate([[0.0], -eta * np.cumsum(v)])
    return float((np.sum((w[:-1] - B) * v) + (w[-1] - B) ** 2 / (2 * eta)) / T)


def numeric_best_step(B: float, rho: float, T: int) -> float:
    """The learning rate at which the bound is smallest, by golden-section search in log eta."""

    def height(x: float) -> float:
        return numeric_bound_at(B, rho, T, math.exp(x))

    # Near the minimum values differ by less than floats show, so the bracket is closed by equal heights.
    low, high = math.log(B / rho) - 20.0, math.log(B / rho) + 20.0
    while high - low > 1e-3:
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        low, high = (low, right) if height(left) < height(right) else (left, high)
    centre = (low + high) / 2
    below, at, above = height(centre - 0.01), height(centre), height(centre + 0.01)
    return math.exp(centre + 0.005 * (below - above) / (below - 2 * at + above))


def numeric_rate(B: float, rho: float, T: int) -> float:
    """The smallest bound."""
    return numeric_bound_at(B, rho, T, numeric_best_step(B, rho, T))


def numeric_rate_growth(T: float) -> float:
    """The power of T, measured between 100 and 10,000 steps."""
    slope = math.log(numeric_rate(1.0, 1.0, 10_000) / numeric_rate(1.0, 1.0, 100)) / math.log(100)
    return float(T**slope)


def convex_run(seed: int) -> dict[str, float]:
    """Gradient descent on a random convex function with bounded gradients, and what is compared.

    f(w) = sum_k a_k sqrt(1 + (c_k^T w - b_k)^2) with a_k > 0; its minimum is found by descending for long.
    "gap": f(w_bar) - f(w*); "jensen": mean f(w_t) - f(w*); "linear": mean of <w_t - w*, grad f(w_t)>;
    "bound": B rho / sqrt(T) at the learning rate B / (rho sqrt(T)).
    """
    rng = np.random.default_rng(seed)
    d, pieces, T = int(rng.integers(1, 4)), 6, int(rng.integers(2, 60))
    a, c, b = rng.uniform(0.2, 1.0, pieces), rng.normal(size=(pieces, d)), rng.normal(size=pieces)

    def f(w: Any) -> float:
        return float(a @ np.sqrt(1 + (c @ w - b) ** 2))

    def gradient(w: Any) -> Any:
        r = c @ w - b
        return c.T @ (a * r / np.sqrt(1 + r**2))

    lipschitz = float(np.linalg.norm(c.T * a @ c, 2))
    w_star = np.zeros(d)
    for _ in range(20_000):
        step = gradient(w_star)
        if np.linalg.norm(step) < 1e-12:
            break
        w_star = w_star - step / lipschitz
    B, rho = float(np.linalg.norm(w_star)), float(a @ np.linalg.norm(c, axis=1))
    eta, w, path = B / (rho * math.sqrt(T)), np.zeros(d), []
    for _ in range(T):
        path.append(w)
        w = w - eta * gradient(w)
    return {
        "gap": f(np.mean(path, axis=0)) - f(w_star),
        "jensen": float(np.mean([f(p) for p in path])) - f(w_star),
        "linear": float(np.mean([(p - w_star) @ gradient(p) for p in path])),
        "bound": B * rho / math.sqrt(T),
    }
