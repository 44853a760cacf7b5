"""Least squares by gradient descent, with fewer parameters than samples (cse891-hw2, 3.1 and 3.2).

The loss is L(w) = (1/n) ||X w - t||^2 with n the number of rows of X. With d < n and X of full column rank
it has one minimiser. (More parameters than samples: minimum_norm.py, line_of_solutions.py.)

Shapes, symbolic: X (n, d), w and w_star (d, 1), t (n, 1) sympy matrices of symbols or exact rationals.
Numeric: X (n, d), w and w_star (d,), t (n,) arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp
from sympy.polys.matrices import DomainMatrix
from sympy.polys.matrices.exceptions import DMNonInvertibleMatrixError

TOLERANCE = 1e-6  # relative

SEED = 891
FLAT = 1e-12  # descent stops where the gradient is this small beside the one at its start
MAX_GRADIENTS = 1_000_000
INSTANCES = 20

Array = npt.NDArray[np.float64]


# --- derived -----------------------------------------------------------------------------------------------


def _loss(X: Any, w: Any, t: Any) -> Any:
    return sum((e**2 for e in X * w - t), sp.Integer(0)) / sp.Integer(X.rows)


def _free_weights(d: int) -> Any:
    return sp.Matrix([sp.Dummy(f"w{j}") for j in range(d)])


def symbolic_gradient(X: Any, w: Any, t: Any) -> Any:
    """The gradient of the loss by the weights, (d, 1). Source: differentiated by each weight."""
    free = _free_weights(X.cols)
    loss = sp.Poly(_loss(X, free, sp.Matrix(t)), *free)
    here = dict(zip(free, sp.Matrix(w), strict=True))
    return sp.Matrix([loss.diff(v).as_expr().xreplace(here) for v in free])


def symbolic_least_squares(X: Any, t: Any) -> Any:
    """The only minimiser of the loss for d < n, (d, 1).

    Source: the loss differentiated by each weight; the d linear conditions are solved. Raises ValueError
    unless X has full column rank.
    """
    free = _free_weights(X.cols)
    loss = _loss(X, free, sp.Matrix(t))
    matrix, right = sp.linear_eq_to_matrix([sp.diff(loss, v) for v in free], list(free))
    left, right = DomainMatrix.from_Matrix(matrix).unify(DomainMatrix.from_Matrix(right))
    field = left.domain.get_field()
    try:
        return left.convert_to(field).lu_solve(right.convert_to(field)).to_Matrix()
    except DMNonInvertibleMatrixError:
        raise ValueError("X has no full column rank: X^T X is singular") from None


def symbolic_recovered_weights(X: Any, w_star: Any) -> Any:
    """What least squares finds for labels X w_star with d < n, (d, 1). Source: ``symbolic_least_squares``."""
    return symbolic_least_squares(X, X * sp.Matrix(w_star)).applyfunc(sp.cancel)


def symbolic_prediction_error(X: Any, w_star: Any, x: Any) -> Any:
    """(w_star^T x - w_hat^T x)^2 at any x (d, 1), seen in training or not. Source: the derived w_hat."""
    gap = sp.Matrix(w_star) - symbolic_recovered_weights(X, w_star)
    return sp.cancel((gap.T * sp.Matrix(x))[0] ** 2)


def symbolic_unique() -> str:
    """Whether the minimiser is unique for d < n: 'yes' or 'no'.

    Source: the Hessian for symbolic X (3, 2). Its determinant is 4/9 of the sum of the squared 2x2 minors of
    X (Cauchy and Binet), which is positive exactly when X has full column rank, and its trace is a sum of
    squares; so it is positive definite and the loss strictly convex.
    """
    X, t = sp.Matrix(3, 2, sp.symbols("x:6", real=True)), sp.Matrix(sp.symbols("t:3", real=True))
    free = _free_weights(2)
    hessian = sp.hessian(_loss(X, free, t), list(free))
    minors = [X.extract(rows, [0, 1]).det() for rows in ([0, 1], [0, 2], [1, 2])]
    determinant = hessian.det() - sp.Rational(4, 9) * sum(m**2 for m in minors)
    trace = hessian.trace() - sp.Rational(2, 3) * sum(entry**2 for entry in X)
    return "yes" if sp.expand(determinant) == 0 and sp.expand(trace) == 0 else "no"


# --- measured ----------------------------------------------------------------------------------------------


def _arrays(X: npt.ArrayLike, t: npt.ArrayLike) -> tuple[Array, Array]:
    X_, t_ = np.asarray(X, dtype=np.float64), np.asarray(t, dtype=np.float64)
    if X_.ndim != 2 or t_.shape != (X_.shape[0],):
        raise ValueError(f"shapes do not fit: X {X_.shape}, t {t_.shape}")
    return X_, t_


def numeric_gradient(X: npt.ArrayLike, w: npt.ArrayLike, t: npt.ArrayLike) -> Array:
    """The gradient of the loss by the weights, (d,).

    Source: central differences of the mean squared error, exact for a quadratic, so with a wide step.
    """
    X_, t_ = _arrays(X, t)
    w_ = np.asarray(w, dtype=np.float64)
    if w_.shape != (X_.shape[1],):
        raise ValueError(f"shapes do not fit: X {X_.shape}, w {w_.shape}")
    ends = [[np.mean((X_ @ (w_ + s * e) - t_) ** 2) for s in (1, -1)] for e in np.eye(w_.size)]
    return np.array([(ahead - behind) / 2 for ahead, behind in ends])


def descend(X: npt.ArrayLike, t: npt.ArrayLike, start: npt.ArrayLike) -> Array:
    """The weights that full-batch gradient descent from ``start`` reaches, (d,).

    Really run until the gradient is flat. The learning rate follows the curvature seen in the last step
    (Barzilai and Borwein 1988). Raises ValueError unless X has full column rank, RuntimeError when
    MAX_GRADIENTS are not enough.
    """
    X_, t_ = _arrays(X, t)
    if np.linalg.matrix_rank(X_) < X_.shape[1]:
        raise ValueError("X has no full column rank: where descent ends depends on its start")
    n = len(t_)
    w = np.array(start, dtype=np.float64)
    gradient = 2 / n * (X_.T @ (X_ @ w - t_))
    flat = FLAT * max(float(np.linalg.norm(gradient)), float(np.linalg.norm(2 / n * X_.T @ t_)))
    rate = n / (2 * float(np.linalg.norm(X_, 2)) ** 2)
    for _ in range(MAX_GRADIENTS):
        if np.linalg.norm(gradient) <= flat:
            return w
        step = -rate * gradient
        w = w + step
        before, gradient = gradient, 2 / n * (X_.T @ (X_ @ w - t_))
        change = step @ (gradient - before)
        if change > 0:
            rate = float(step @ step) / float(change)
    raise RuntimeError(f"gradient descent: not converged in {MAX_GRADIENTS} gradients, X is ill-conditioned")


def numeric_least_squares(X: npt.ArrayLike, t: npt.ArrayLike) -> Array:
    """The minimiser of the loss for d < n, (d,). Source: gradient descent really run from zero."""
    return descend(X, t, np.zeros(np.shape(X)[1]))


def numeric_recovered_weights(X: npt.ArrayLike, w_star: npt.ArrayLike) -> Array:
    """What descent finds for labels X w_star with d < n, (d,). Source: really run from zero."""
    return numeric_least_squares(X, np.asarray(X, dtype=np.float64) @ np.asarray(w_star, dtype=np.float64))


def numeric_prediction_error(X: npt.ArrayLike, w_star: npt.ArrayLike, x: npt.ArrayLike) -> float:
    """(w_star^T x - w_hat^T x)^2 at any x. Source: the weights that descent reached."""
    gap = np.asarray(w_star, dtype=np.float64) - numeric_recovered_weights(X, w_star)
    return float(gap @ np.asarray(x, dtype=np.float64)) ** 2


def numeric_unique() -> str:
    """Whether the minimiser is unique for d < n: 'yes' or 'no'.

    Source: on random problems, descent from two random starts ends at one point.
    """
    rng = np.random.default_rng(SEED)
    for _ in range(INSTANCES):
        X, t = rng.normal(size=(5, 3)), rng.normal(size=5)
        first, second = (descend(X, t, 10 * rng.normal(size=3)) for _ in range(2))
        if not np.allclose(first, second, rtol=TOLERANCE, atol=TOLERANCE):
            return "no"
    return "yes"
