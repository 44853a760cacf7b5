"""Learning the learning rate: one gradient step on a least-squares loss (csc413-2020-hw2, 2.2).

The loss is L(w) = (1/n) ||X w - t||^2 with n the number of rows of X, and one step is
w_1 = w_0 - eta * grad L(w_0). The symbolic functions differentiate and solve; the numeric ones
know only how to evaluate L, and get everything else by finite differences, a search or chords.

Shapes, symbolic: X (n, d), w_0 (d, 1), t (n, 1) sympy matrices of symbols or exact rationals, eta a
sympy scalar; values are exact. Numeric: X (n, d), w_0 (d,), t (n,) arrays, eta a float. No units.
Matrices that do not fit together raise ValueError (sympy's ShapeError is one).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

TOLERANCE = 1e-6  # relative

CONVEXITY_SEED = 413
CONVEXITY_INSTANCES = 200
CHORDS_PER_INSTANCE = 5
BISECTIONS = 80
FLAT = 1e-12  # a relative change of the loss below this is rounding

# X^T a = 0 here although a = [1, -1] is not: L_1 = 1 whatever eta, so L_1 is not strictly convex.
FLAT_WITNESS: dict[str, list[list[int]]] = {"X": [[1], [1]], "w_0": [[0]], "t": [[-1], [1]]}

Array = npt.NDArray[np.float64]


# --- derived -------------------------------------------------------------------------------------


def _loss(X: Any, w: Any, t: Any) -> Any:
    residual = X * w - t
    return sum((r**2 for r in residual), sp.Integer(0)) / sp.Integer(X.rows)


def _along_the_step(X: Any, w_0: Any, t: Any) -> tuple[Any, Any]:
    """L_1 as an expression in a fresh learning rate, and that learning rate."""
    rate = sp.Dummy("eta", real=True)
    return _loss(X, symbolic_w_1(X, w_0, t, rate), t), rate


def symbolic_w_1(X: Any, w_0: Any, t: Any, eta: Any) -> Any:
    """The weights after one gradient step, (d, 1): w_0 - eta * grad L(w_0).

    Source: L is differentiated by each weight separately, then evaluated at w_0.
    """
    w = sp.Matrix([sp.Dummy(f"w{j}") for j in range(X.cols)])
    loss = sp.Poly(_loss(X, w, t), *w)  # as a polynomial: ten times faster than bare sp.diff
    here = dict(zip(w, sp.Matrix(w_0), strict=True))
    gradient = sp.Matrix([loss.diff(weight).as_expr().xreplace(here) for weight in w])
    return sp.Matrix(w_0) - sp.sympify(eta) * gradient


def symbolic_loss_1(X: Any, w_0: Any, t: Any, eta: Any) -> Any:
    """The loss after one gradient step, a scalar.

    Source: w_1 put into the definition of L.
    """
    return _loss(X, symbolic_w_1(X, w_0, t, eta), t)


def symbolic_dloss_1(X: Any, w_0: Any, t: Any, eta: Any) -> Any:
    """The derivative of the loss after one step by the learning rate, a scalar.

    Source: L_1 with a free learning rate, differentiated, then evaluated at ``eta``.
    """
    loss, rate = _along_the_step(X, w_0, t)
    return sp.diff(loss, rate).xreplace({rate: sp.sympify(eta)})


def symbolic_d2loss_1(X: Any, w_0: Any, t: Any) -> Any:
    """The second derivative of the loss after one step by the learning rate, a scalar.

    Source: L_1 differentiated twice. L_1 is quadratic, so the result holds no learning rate;
    it is evaluated at 0 to let the rational case collapse to a number.
    """
    loss, rate = _along_the_step(X, w_0, t)
    return sp.diff(loss, rate, 2).xreplace({rate: sp.Integer(0)})


def symbolic_eta_star(X: Any, w_0: Any, t: Any) -> Any:
    """The learning rate that makes the loss after one step smallest, a scalar.

    Source: dL_1/d eta = 0, which is affine in eta, solved. Raises ValueError where L_1 does not
    depend on eta (X^T a = 0), since then every eta is as good.
    """
    slope = symbolic_dloss_1(X, w_0, t, sp.Integer(0))
    curvature = symbolic_d2loss_1(X, w_0, t)
    if sp.sympify(curvature).equals(0):
        raise ValueError("eta_star does not exist: X^T a = 0, the loss does not depend on eta")
    rate, start, bend = sp.symbols("rate start bend", cls=sp.Dummy)
    (solution,) = sp.solve(start + bend * rate, rate)  # solved bare: the coefficients can be long
    return solution.xreplace({start: slope, bend: curvature})


def symbolic_convexity() -> str:
    """Whether L_1 is convex in the learning rate: 'yes' or 'no'.

    Source: for symbolic X, w_0, t (n = 2, d = 3) every residual is affine in eta, hence L_1'' is
    (2/n) times the sum of their squared slopes, which sympy finds to be nonnegative.
    """
    X = sp.Matrix(2, 3, sp.symbols("x:6", real=True))
    w_0, t = sp.Matrix(sp.symbols("w:3", real=True)), sp.Matrix(sp.symbols("t:2", real=True))
    loss, rate = _along_the_step(X, w_0, t)
    residuals = X * symbolic_w_1(X, w_0, t, rate) - t
    if any(sp.expand(sp.diff(r, rate, 2)) != 0 for r in residuals):
        return "no"
    squares = sp.Rational(2, X.rows) * sp.Add(*[sp.diff(r, rate) ** 2 for r in residuals])
    same = sp.expand(sp.diff(loss, rate, 2) - squares) == 0
    return "yes" if same and squares.is_nonnegative else "no"


def symbolic_strictly_convex(X: Any, w_0: Any, t: Any) -> bool:
    """Whether L_1 is *strictly* convex in the learning rate for this X, w_0, t.

    Source: the sign of the exact second derivative (of a quadratic, so its sign decides). Raises
    TypeError for symbolic entries whose sign sympy cannot tell.
    """
    return bool(symbolic_d2loss_1(X, w_0, t) > 0)


def symbolic_composition_curvature() -> Any:
    """The second derivative at x = 0 of (x^2 - 1)^2, which is negative.

    Source: differentiated twice. Both u^2 and x^2 - 1 are convex, so this refutes "composed of convex
    functions, hence convex".
    """
    x = sp.Dummy("x")
    return sp.diff((x**2 - 1) ** 2, x, 2).xreplace({x: sp.Integer(0)})


# --- measured ------------------------------------------------------------------------------------


def _measured_loss(X: Array, w: Array, t: Array) -> float:
    return float(np.mean(np.square(X @ w - t)))


def _arrays(X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike) -> tuple[Array, Array, Array]:
    X_, w_, t_ = (np.asarray(v, dtype=np.float64) for v in (X, w_0, t))
    if X_.ndim != 2 or w_.shape != (X_.shape[1],) or t_.shape != (X_.shape[0],):
        raise ValueError(f"shapes do not fit: X {X_.shape}, w_0 {w_.shape}, t {t_.shape}")
    return X_, w_, t_


def _along_the_measured_step(
    X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike
) -> Callable[[float], float]:
    """L_1 as a function of eta, which looks for the gradient only once."""
    X_, w_, t_ = _arrays(X, w_0, t)
    step = numeric_w_1(X_, w_, t_, 1.0) - w_
    return lambda eta: _measured_loss(X_, w_ + eta * step, t_)


def numeric_w_1(X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike, eta: float) -> Array:
    """The weights after one gradient step, (d,).

    Source: the gradient is a central difference of the loss, weight by weight. The loss is
    quadratic in w, for which central differences are exact, so the step is wide: no cancellation.
    """
    X_, w_, t_ = _arrays(X, w_0, t)
    ahead = np.array([_measured_loss(X_, w_ + e, t_) for e in np.eye(w_.size)])
    behind = np.array([_measured_loss(X_, w_ - e, t_) for e in np.eye(w_.size)])
    gradient: Array = (ahead - behind) / 2
    return w_ - float(eta) * gradient


def numeric_loss_1(X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike, eta: float) -> float:
    """The loss after one gradient step.

    Source: the measured step is taken and the loss evaluated there.
    """
    X_, w_, t_ = _arrays(X, w_0, t)
    return _measured_loss(X_, numeric_w_1(X_, w_, t_, eta), t_)


def numeric_dloss_1(X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike, eta: float) -> float:
    """The derivative of the loss after one step by the learning rate.

    Source: a central difference over learning rates (exact but for rounding: L_1 is quadratic).
    """
    loss, width = _along_the_measured_step(X, w_0, t), 0.5
    return (loss(float(eta) + width) - loss(float(eta) - width)) / (2 * width)


def numeric_d2loss_1(X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike) -> float:
    """The second derivative of the loss after one step by the learning rate.

    Source: a second difference over learning rates 0 and +-1.
    """
    loss = _along_the_measured_step(X, w_0, t)
    return loss(1.0) - 2 * loss(0.0) + loss(-1.0)


def numeric_eta_star(X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike) -> float:
    """The learning rate that makes the loss after one step smallest.

    Source: a search. The bracket doubles until the loss rises again, then bisection on the sign of
    the loss's central difference. Raises ValueError where the loss does not depend on eta.
    """
    loss = _along_the_measured_step(X, w_0, t)
    start = loss(0.0)
    if max(abs(loss(1.0) - start), abs(loss(-1.0) - start)) <= FLAT * start:
        raise ValueError("eta_star does not exist: the loss does not depend on eta")
    low, high = 0.0, 2.0**-40
    while loss(2 * high) < loss(high):
        high *= 2
    high *= 2
    width = high
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if loss(middle + width) > loss(middle - width):
            high = middle
        else:
            low = middle
    return (low + high) / 2


def numeric_convexity() -> str:
    """Whether L_1 is convex in the learning rate: 'yes' or 'no'.

    Source: chord tests. On random problems of several shapes the loss between two learning rates
    must never rise above the straight line that joins its ends.
    """
    rng = np.random.default_rng(CONVEXITY_SEED)
    for _ in range(CONVEXITY_INSTANCES):
        n, d = (int(size) for size in rng.integers(1, 7, size=2))
        X, w_0, t = rng.normal(size=(n, d)), rng.normal(size=d), rng.normal(size=n)
        for start, end, share in rng.uniform(0, 1, size=(CHORDS_PER_INSTANCE, 3)):
            left, right = 4 * start - 2, 4 * end - 2
            ends = [numeric_loss_1(X, w_0, t, eta) for eta in (left, right)]
            chord = (1 - share) * ends[0] + share * ends[1]
            between = numeric_loss_1(X, w_0, t, (1 - share) * left + share * right)
            if between > chord + FLAT * (1 + max(ends)):
                return "no"
    return "yes"


def numeric_strictly_convex(X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike) -> bool:
    """Whether L_1 is *strictly* convex in the learning rate for this X, w_0, t.

    Source: whether the middle of a chord lies truly (beyond rounding) below its ends' mean.
    """
    loss = _along_the_measured_step(X, w_0, t)
    mean = (loss(-1.0) + loss(1.0)) / 2
    return loss(0.0) < mean - FLAT * max(mean, 1.0)


def numeric_composition_curvature() -> float:
    """The second derivative at x = 0 of (x^2 - 1)^2, by a second difference."""
    width = 2.0**-12
    values = [np.square(np.square(x) - 1) for x in (-width, 0.0, width)]
    return float((values[0] - 2 * values[1] + values[2]) / width**2)
