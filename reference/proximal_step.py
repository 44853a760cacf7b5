"""Gradient descent as a proximal step (cs7643-hw1, problem 1).

The model of f around w_t is f(w_t) + <w - w_t, g> + (lambda/2) ||w - w_t||^2 with g the gradient of f at w_t.
Its minimiser is the next iterate of gradient descent for one particular learning rate. The value f(w_t) moves
no minimiser and is taken as 0.

Shapes, symbolic: w_t and g (d, 1) sympy matrices; numeric: (d,) arrays. lambda_ > 0 is a scalar.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

TOLERANCE = 1e-8  # relative

SEED = 7643
HALVINGS = 200  # of the bracket around a coordinate of the minimiser; the floats run out before
STEP = 2.0**-10  # of the central difference, which is exact for a quadratic up to rounding

Array = npt.NDArray[np.float64]


# --- derived -----------------------------------------------------------------------------------------------


def symbolic_proximal_step(w_t: Any, g: Any, lambda_: Any) -> Any:
    """The minimiser of the model, (d, 1).

    Source: the derivatives of the model are set to zero and solved; they are affine in w. Raises ValueError
    where the Hessian is not positive definite (lambda <= 0): then there is no minimiser.
    """
    w = sp.Matrix([sp.Dummy(f"w{j}") for j in range(w_t.rows)])
    away = w - w_t
    model = (away.T * g)[0] + lambda_ / 2 * (away.T * away)[0]
    if not sp.hessian(model, list(w)).is_positive_definite:
        raise ValueError(f"the model has no minimiser for lambda = {lambda_}")
    (solution,) = sp.linsolve([sp.diff(model, v) for v in w], *w)
    return sp.Matrix(solution)


def symbolic_learning_rate(lambda_: Any) -> Any:
    """The learning rate whose gradient step is the proximal step, a scalar.

    Source: both steps in symbols, one coordinate after the other, solved for the rate.
    """
    rate = sp.Dummy("rate")
    w_t, g = sp.Matrix(sp.symbols("a:3")), sp.Matrix(sp.symbols("b:3"))
    lam = sp.Dummy("lam", positive=True)
    equations = list(w_t - rate * g - symbolic_proximal_step(w_t, g, lam))
    (solution,) = sp.solve(equations, rate, dict=True)
    return sp.simplify(solution[rate]).subs(lam, lambda_)


# --- measured ----------------------------------------------------------------------------------------------


def numeric_proximal_step(w_t: Array, g: Array, lambda_: float) -> Array:
    """The minimiser of the model, (d,).

    Source: numerical minimisation. One coordinate after the other, the sign of a central difference of the
    model says on which side of the minimum a point lies, and the bracket is halved. The sweep is repeated,
    so nothing rests on the coordinates being independent. Raises ValueError where no bracket is found.
    """
    w = np.array(w_t, dtype=float)
    for _ in range(2):
        for j in range(w.size):
            w[j] = _lowest(w, j, w_t, g, lambda_)
    return w


def _model(w: Array, w_t: Array, g: Array, lambda_: float) -> float:
    away = w - w_t
    return float(away @ g + lambda_ / 2 * (away @ away))


def _lowest(w: Array, j: int, w_t: Array, g: Array, lambda_: float) -> float:
    """The coordinate at which the model is lowest, the others held."""

    def rises(x: float) -> bool:
        left, right = w.copy(), w.copy()
        left[j], right[j] = x - STEP, x + STEP
        return _model(right, w_t, g, lambda_) > _model(left, w_t, g, lambda_)

    low, high = w_t[j] - 1.0, w_t[j] + 1.0
    for _ in range(60):
        if not rises(low) and rises(high):
            break
        low, high = 2 * low - w_t[j], 2 * high - w_t[j]
    else:
        raise ValueError(f"the model has no minimiser for lambda = {lambda_}")
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) else (middle, high)
    return float((low + high) / 2)


def numeric_learning_rate(lambda_: float) -> float:
    """The learning rate whose gradient step is the proximal step.

    Source: minimisations on random data; how far they moved against the gradient, by least squares.
    """
    rng = np.random.default_rng(SEED)
    moved, gradients = [], []
    for _ in range(3):
        w_t, g = rng.normal(size=3), rng.normal(size=3)
        moved.append(w_t - numeric_proximal_step(w_t, g, lambda_))
        gradients.append(g)
    return float(np.linalg.lstsq(np.concatenate(gradients)[:, None], np.concatenate(moved), rcond=None)[0][0])
