"""Which solution of an underdetermined system descent reaches (csc413-2020-hw2, 1.1).

X (n, d) has full row rank and d >= n, so X w = t has many solutions. Full-batch, single-sample and
mini-batch descent on squared errors, started at w = 0, all reach the one of least norm. The three
symbolic functions find it by three different arguments; the three numeric ones really descend.

Shapes, symbolic: X (n, d), t (n, 1), x_i and w (d, 1) sympy matrices of symbols or exact rationals,
t_i a sympy scalar. Numeric: X (n, d), t (n,), x_i and w (d,) arrays, t_i a float. No units.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp
from sympy.polys.matrices import DomainMatrix
from sympy.polys.matrices.exceptions import DMNonInvertibleMatrixError

TOLERANCE = 1e-6  # relative

BATCH_SIZE = 2
SEED = 413
RESIDUAL = 1e-10  # descent stops when ||X w - t|| <= RESIDUAL * ||t||
MAX_GRADIENTS = 1_000_000

Array = npt.NDArray[np.float64]


# --- derived -------------------------------------------------------------------------------------


def _solve(A: Any, b: Any) -> Any:
    """The exact solution of a square system, each entry one reduced fraction."""
    left, right = DomainMatrix.from_Matrix(A).unify(DomainMatrix.from_Matrix(b))
    field = left.domain.get_field()
    try:
        return left.convert_to(field).lu_solve(right.convert_to(field)).to_Matrix()
    except DMNonInvertibleMatrixError:
        raise ValueError("X has no full row rank: X X^T is singular") from None


def symbolic_min_norm_solution(X: Any, t: Any) -> Any:
    """The solution of X w = t with the least norm, (d, 1).

    Source: Lagrange multipliers. The derivatives of w^T w + m^T (X w - t) by w and m are set to
    zero and the linear system solved. Raises ValueError unless X has full row rank.
    """
    n, d = X.shape
    w = sp.Matrix([sp.Dummy(f"w{j}") for j in range(d)])
    m = sp.Matrix([sp.Dummy(f"m{i}") for i in range(n)])
    lagrangian = sum((v**2 for v in w), sp.Integer(0)) + (m.T * (X * w - t))[0]
    unknowns = [*w, *m]
    conditions = [sp.diff(lagrangian, unknown) for unknown in unknowns]
    matrix, right = sp.linear_eq_to_matrix(conditions, unknowns)
    return _solve(matrix, right)[:d, :]


def symbolic_sgd_solution(X: Any, t: Any) -> Any:
    """The limit of single-sample descent from w = 0, (d, 1).

    Source: every step is a multiple of one sample's gradient, so the limit is a combination of the
    directions of those gradients; the coefficients follow from X w = t. Raises ValueError unless X
    has full row rank.
    """
    w = sp.Matrix([sp.Dummy(f"w{j}") for j in range(X.cols)])
    directions = []
    for i in range(X.rows):
        x_i = X[i, :].T
        error = (x_i.T * w)[0] - t[i]
        gradient = symbolic_sample_gradient(x_i, w, t[i])
        directions.append(gradient.applyfunc(lambda g, e=error: sp.cancel(g / (2 * e))))
    span = sp.Matrix.hstack(*directions)
    return (span * _solve(X * span, t)).applyfunc(sp.cancel)


def symbolic_minibatch_solution(X: Any, t: Any) -> Any:
    """The limit of mini-batch descent from w = 0, (d, 1).

    Source: the gradient of a batch is orthogonal to every direction that X sends to zero, so the
    component of w along such directions stays zero; with X w = t these are d equations for w.
    Raises ValueError unless X has full row rank.
    """
    n, d = X.shape
    unseen = X.nullspace()
    w = sp.Matrix([sp.Dummy(f"w{j}") for j in range(d)])
    batch = min(BATCH_SIZE, n)
    gradient = symbolic_batch_gradient(X[:batch, :], w, t[:batch, :])
    if any(sp.cancel(gradient.dot(direction)) != 0 for direction in unseen):
        raise AssertionError("a batch gradient leaves the row space")
    if len(unseen) != d - n:
        raise ValueError("X has no full row rank: X X^T is singular")
    rows = sp.Matrix.vstack(X, *[direction.T for direction in unseen])
    right = sp.Matrix.vstack(sp.Matrix(t), sp.zeros(len(unseen), 1))
    return _solve(rows, right)


def symbolic_sample_gradient(x_i: Any, w: Any, t_i: Any) -> Any:
    """The gradient of one sample's squared error (x_i^T w - t_i)^2 by w, (d, 1).

    Source: differentiated by each weight, then evaluated at w.
    """
    free = sp.Matrix([sp.Dummy(f"w{j}") for j in range(len(x_i))])
    error = sum((x * v for x, v in zip(x_i, free, strict=True)), -sp.sympify(t_i)) ** 2
    here = dict(zip(free, w, strict=True))
    return sp.Matrix([sp.diff(error, v).xreplace(here) for v in free])


def symbolic_batch_gradient(B: Any, w: Any, t_B: Any) -> Any:
    """The gradient of a batch's mean squared error (1/b) ||B w - t_B||^2 by w, (d, 1).

    B (b, d) holds rows of X and t_B (b, 1) their labels. Source: differentiated by each weight.
    """
    free = sp.Matrix([sp.Dummy(f"w{j}") for j in range(B.cols)])
    error = sum((r**2 for r in B * free - t_B), sp.Integer(0)) / sp.Integer(B.rows)
    here = dict(zip(free, w, strict=True))
    return sp.Matrix([sp.diff(error, v).xreplace(here) for v in free])


def symbolic_minibatch_reaches_minimum_norm() -> str:
    """Whether mini-batch descent from zero ends at the minimum-norm solution: 'yes' or 'no'.

    Source: its limit and the Lagrange solution compared for symbolic X (2, 3) and t.
    """
    X, t = sp.Matrix(2, 3, sp.symbols("x:6")), sp.Matrix(sp.symbols("t:2"))
    gap = symbolic_minibatch_solution(X, t) - symbolic_min_norm_solution(X, t)
    return "yes" if gap.applyfunc(sp.cancel).is_zero_matrix else "no"


# --- measured ------------------------------------------------------------------------------------


def _arrays(X: npt.ArrayLike, t: npt.ArrayLike) -> tuple[Array, Array]:
    X_, t_ = np.asarray(X, dtype=np.float64), np.asarray(t, dtype=np.float64)
    if X_.ndim != 2 or t_.shape != (X_.shape[0],):
        raise ValueError(f"shapes do not fit: X {X_.shape}, t {t_.shape}")
    if np.linalg.matrix_rank(X_) < X_.shape[0]:
        raise ValueError("X has no full row rank: many, or no, solutions are reached")
    return X_, t_


def _solved(X: Array, w: Array, t: Array) -> bool:
    return bool(np.linalg.norm(X @ w - t) <= RESIDUAL * np.linalg.norm(t))


def _did_not_converge(what: str) -> RuntimeError:
    return RuntimeError(f"{what}: not converged in {MAX_GRADIENTS} gradients, X is ill-conditioned")


def numeric_min_norm_solution(X: npt.ArrayLike, t: npt.ArrayLike) -> Array:
    """The weights that full-batch gradient descent from w = 0 reaches, (d,).

    Source: really run until X w = t. The learning rate is the usual safe one at first and then
    follows the curvature seen in the last step (Barzilai and Borwein 1988), which saves most of
    the iterations on ill-conditioned X. Raises ValueError unless X has full row rank, RuntimeError
    when MAX_GRADIENTS are not enough.
    """
    X_, t_ = _arrays(X, t)
    n, d = X_.shape
    w = np.zeros(d)
    rate = n / (2 * np.linalg.norm(X_, 2) ** 2)
    gradient = 2 / n * (X_.T @ (X_ @ w - t_))
    for _ in range(MAX_GRADIENTS):
        if _solved(X_, w, t_):
            return w
        step = -rate * gradient
        w = w + step
        before, gradient = gradient, 2 / n * (X_.T @ (X_ @ w - t_))
        change = step @ (gradient - before)
        if change > 0:
            rate = (step @ step) / change
    raise _did_not_converge("gradient descent")


def numeric_sgd_solution(X: npt.ArrayLike, t: npt.ArrayLike) -> Array:
    """The weights that single-sample stochastic gradient descent from w = 0 reaches, (d,).

    Source: really run, the samples reshuffled every epoch (fixed seed), with learning rate
    1 / (2 ||x_i||^2): the longest that cannot overshoot the sample. Errors as the full-batch run.
    """
    X_, t_ = _arrays(X, t)
    n, d = X_.shape
    rng = np.random.default_rng(SEED)
    samples = [(x, float(target), 1 / (2 * float(x @ x))) for x, target in zip(X_, t_, strict=True)]
    w = np.zeros(d)
    for _ in range(MAX_GRADIENTS // n):
        if _solved(X_, w, t_):
            return w
        for i in rng.permutation(n).tolist():
            x, target, rate = samples[i]
            gradient = 2 * (float(x @ w) - target) * x
            w = w - rate * gradient
    raise _did_not_converge("stochastic gradient descent")


def numeric_minibatch_solution(X: npt.ArrayLike, t: npt.ArrayLike) -> Array:
    """The weights that mini-batch gradient descent from w = 0 reaches, (d,).

    Source: really run with BATCH_SIZE samples a step, drawn without replacement within an epoch
    (the last batch of an epoch may be smaller; fixed seed). The learning rate b / (2 ||B||_F^2)
    cannot overshoot the batch. Errors as the full-batch run.
    """
    X_, t_ = _arrays(X, t)
    n, d = X_.shape
    rng = np.random.default_rng(SEED)
    w = np.zeros(d)
    for _ in range(MAX_GRADIENTS // n):
        if _solved(X_, w, t_):
            return w
        order = rng.permutation(n)
        for first in range(0, n, BATCH_SIZE):
            chosen = order[first : first + BATCH_SIZE]
            B, t_B = X_[chosen], t_[chosen]
            gradient = 2 / len(chosen) * ((B @ w - t_B) @ B)
            w = w - len(chosen) / (2 * np.vdot(B, B)) * gradient
    raise _did_not_converge("mini-batch gradient descent")


def numeric_sample_gradient(x_i: npt.ArrayLike, w: npt.ArrayLike, t_i: float) -> Array:
    """The gradient of one sample's squared error (x_i^T w - t_i)^2 by w, (d,).

    Source: central differences, exact for a quadratic, so with a wide step.
    """
    x_, w_ = np.asarray(x_i, dtype=np.float64), np.asarray(w, dtype=np.float64)
    if x_.ndim != 1 or x_.shape != w_.shape:
        raise ValueError(f"shapes do not fit: x_i {x_.shape}, w {w_.shape}")
    moves = np.eye(w_.size)
    ends = [[(float(x_ @ (w_ + s * e)) - float(t_i)) ** 2 for s in (1, -1)] for e in moves]
    return np.array([(ahead - behind) / 2 for ahead, behind in ends])


def numeric_batch_gradient(B: npt.ArrayLike, w: npt.ArrayLike, t_B: npt.ArrayLike) -> Array:
    """The gradient of a batch's mean squared error (1/b) ||B w - t_B||^2 by w, (d,).

    B (b, d), w (d,), t_B (b,). Source: central differences of the mean squared error.
    """
    B_, w_, t_ = (np.asarray(v, dtype=np.float64) for v in (B, w, t_B))
    if B_.ndim != 2 or w_.shape != (B_.shape[1],) or t_.shape != (B_.shape[0],):
        raise ValueError(f"shapes do not fit: B {B_.shape}, w {w_.shape}, t_B {t_.shape}")
    moves = np.eye(w_.size)
    ends = [[np.mean((B_ @ (w_ + s * e) - t_) ** 2) for s in (1, -1)] for e in moves]
    return np.array([(ahead - behind) / 2 for ahead, behind in ends])


def numeric_minibatch_reaches_minimum_norm() -> str:
    """Whether mini-batch descent from zero ends at the minimum-norm solution: 'yes' or 'no'.

    Source: runs on random problems compared with the pseudo-inverse (a singular value
    decomposition, which knows nothing of descent).
    """
    rng = np.random.default_rng(SEED)
    for n, d in ((2, 3), (3, 5), (4, 7), (3, 8)):
        X, t = rng.normal(size=(n, d)), rng.normal(size=n)
        if not np.allclose(numeric_minibatch_solution(X, t), np.linalg.pinv(X) @ t, rtol=TOLERANCE):
            return "no"
    return "yes"
