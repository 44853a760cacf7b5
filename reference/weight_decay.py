"""L2 regularisation and weight decay: one step of each, and when they are the same (csc413-hw2, 2.2).

The loss is L(w) = (1/n) ||X w - t||^2 with n the number of rows of X. Regularised descent takes a step on
L(w) + lambda_tilde ||w||^2; weight decay shrinks the weights first, w_1 = (1 - lambda) w_0 - eta grad L(w_0).
The symbolic functions differentiate and solve; the numeric ones know only how to evaluate the losses.

Shapes, symbolic: X (n, d), w_0 (d, 1), t (n, 1) sympy matrices of symbols or exact rationals, eta, lambda_
and lambda_tilde sympy scalars. Numeric: X (n, d), w_0 (d,), t (n,) arrays, the others floats. No units.
Shapes that do not fit together raise ValueError (sympy's ShapeError is one).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

TOLERANCE = 1e-6  # relative

SEED = 413
ROWS, WEIGHTS = 3, 5
RUN = 50  # steps of both methods that must stay together
APART = 1e-8  # relative: weights further apart than this are not the same

Array = npt.NDArray[np.float64]


# --- derived -----------------------------------------------------------------------------------------------


def _gradient(X: Any, w_0: Any, t: Any, penalty: Any) -> Any:
    """The gradient by w, at w_0, of the loss and ``penalty`` times the squared norm of w."""
    w = sp.Matrix([sp.Dummy(f"w{j}") for j in range(X.cols)])
    loss = sum((r**2 for r in X * w - t), sp.Integer(0)) / sp.Integer(X.rows)
    total = sp.Poly(loss + sp.sympify(penalty) * sum(v**2 for v in w), *w)
    here = dict(zip(w, sp.Matrix(w_0), strict=True))
    return sp.Matrix([total.diff(v).as_expr().xreplace(here) for v in w])


def symbolic_w_1_l2(X: Any, w_0: Any, t: Any, eta: Any, lambda_tilde: Any) -> Any:
    """The weights after one gradient step on the regularised loss, (d, 1).

    Source: loss and penalty differentiated together, weight by weight.
    """
    return sp.Matrix(w_0) - sp.sympify(eta) * _gradient(X, w_0, t, lambda_tilde)


def symbolic_w_1_decay(X: Any, w_0: Any, t: Any, eta: Any, lambda_: Any) -> Any:
    """The weights after one step with weight decay, (d, 1).

    Source: the plain loss differentiated, then put into the sheet's update.
    """
    start = sp.Matrix(w_0)
    return (1 - sp.sympify(lambda_)) * start - sp.sympify(eta) * _gradient(X, w_0, t, 0)


def symbolic_lambda_tilde(lambda_: Any, eta: Any) -> Any:
    """The penalty that does what the decay lambda does, a scalar.

    Source: both steps on symbolic data (n = 2, d = 3) are set equal, entry by entry, and solved; the three
    solutions have to be one and free of the data.
    """
    X, t = sp.Matrix(2, 3, sp.symbols("x:6")), sp.Matrix(sp.symbols("t:2"))
    w_0 = sp.Matrix(sp.symbols("w:3", nonzero=True))
    decay, penalty, rate = sp.Dummy("lambda"), sp.Dummy("penalty"), sp.Dummy("eta", nonzero=True)
    gap = symbolic_w_1_l2(X, w_0, t, rate, penalty) - symbolic_w_1_decay(X, w_0, t, rate, decay)
    solutions = {sp.simplify(s) for entry in gap for s in sp.solve(sp.expand(entry), penalty)}
    (solution,) = solutions
    if not solution.free_symbols <= {decay, rate}:
        raise AssertionError("the equivalent penalty depends on the data")
    return solution.xreplace({decay: sp.sympify(lambda_), rate: sp.sympify(eta)})


# --- measured ----------------------------------------------------------------------------------------------


def _arrays(X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike) -> tuple[Array, Array, Array]:
    X_, w_, t_ = (np.asarray(v, dtype=np.float64) for v in (X, w_0, t))
    if X_.ndim != 2 or w_.shape != (X_.shape[1],) or t_.shape != (X_.shape[0],):
        raise ValueError(f"shapes do not fit: X {X_.shape}, w_0 {w_.shape}, t {t_.shape}")
    return X_, w_, t_


def _slopes(loss: Callable[[Array], float], w: Array) -> Array:
    """The gradient by central differences: exact for a quadratic, so with a step as wide as w is long."""
    width = max(1.0, float(np.linalg.norm(w)))
    return np.array([(loss(w + e) - loss(w - e)) / (2 * width) for e in width * np.eye(w.size)])


def numeric_w_1_l2(
    X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike, eta: float, lambda_tilde: float
) -> Array:
    """The weights after one gradient step on the regularised loss, (d,).

    Source: central differences of the regularised loss, which is only ever evaluated.
    """
    X_, w_, t_ = _arrays(X, w_0, t)

    def regularised(w: Array) -> float:
        return float(np.mean(np.square(X_ @ w - t_)) + lambda_tilde * (w @ w))

    return w_ - float(eta) * _slopes(regularised, w_)


def numeric_w_1_decay(
    X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike, eta: float, lambda_: float
) -> Array:
    """The weights after one step with weight decay, (d,).

    Source: the weights are shrunk, then moved along central differences of the plain loss.
    """
    X_, w_, t_ = _arrays(X, w_0, t)
    shrunk = w_ - float(lambda_) * w_
    return shrunk - float(eta) * _slopes(lambda w: float(np.mean(np.square(X_ @ w - t_))), w_)


def numeric_lambda_tilde(lambda_: float, eta: float) -> float:
    """The penalty that does what the decay lambda does.

    Source: on a random problem one step of L2 moves affinely with its penalty, so a step with 0 and one with
    1 tell which penalty lands where decay lands. Then both are really run for RUN steps; weights that part
    raise RuntimeError.
    """
    rng = np.random.default_rng(SEED)
    X = rng.normal(size=(ROWS, WEIGHTS)) / np.sqrt(abs(eta))  # so that no learning rate is too large for it
    w_0, t = rng.normal(size=WEIGHTS), rng.normal(size=ROWS)
    without, unit = (numeric_w_1_l2(X, w_0, t, eta, penalty) for penalty in (0.0, 1.0))
    direction = unit - without
    wanted = numeric_w_1_decay(X, w_0, t, eta, lambda_) - without
    penalty = float(wanted @ direction / (direction @ direction))
    decayed = regularised = w_0
    for _ in range(RUN):
        decayed = numeric_w_1_decay(X, decayed, t, eta, lambda_)
        regularised = numeric_w_1_l2(X, regularised, t, eta, penalty)
    if not np.linalg.norm(decayed - regularised) <= APART * np.linalg.norm(decayed):
        raise RuntimeError(f"after {RUN} steps weight decay and the penalty {penalty:g} are apart")
    return penalty
