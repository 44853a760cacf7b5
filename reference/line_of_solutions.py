"""One sample, two weights: the line of solutions, and where descent meets it (cse891-hw2, 3.3 and 3.4b).

The sample is x_1 = (2, 1) with label t_1 = 2, so the loss is (2 w_1 + w_2 - 2)^2, and descent starts at
w = 0. The last pair is about any X (n, d) of full row rank with d > n: symbolic X (n, d), t (n, 1), u (d, 1);
numeric X (n, d), t (n,), u (d,).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

TOLERANCE = 1e-6  # relative

SAMPLE, LABEL = (2, 1), 2
RATE = 0.04  # below 1/10, from where on steps jump over the line
RESIDUAL = 1e-12
MAX_STEPS = 100_000

Array = npt.NDArray[np.float64]


# --- derived -----------------------------------------------------------------------------------------------


def _loss(w: Any) -> Any:
    return (sum(x * v for x, v in zip(SAMPLE, w, strict=True)) - LABEL) ** 2


def symbolic_line() -> Any:
    """The line of zero loss as a, b, c of a w_1 + b w_2 = c with a, b coprime integers and a > 0, (3, 1).

    Source: the loss is the square of one factor, which is affine in the weights; its coefficients.
    """
    w = sp.symbols("w_1 w_2")
    (factor, _power), *others = sp.factor_list(_loss(w))[1]
    if others:
        raise AssertionError("the loss is no square of one factor")
    affine = sp.Poly(factor, *w)
    a, b, c = (affine.coeff_monomial(m) for m in (w[0], w[1], 1))
    sign = -1 if a < 0 else 1
    return sp.Matrix([a, b, -c]) * sign


def symbolic_gradient_direction() -> Any:
    """The unit vector along which descent leaves w = 0, against the gradient, (2, 1).

    Source: the loss differentiated at 0, turned round and divided by its norm.
    """
    w = sp.symbols("w_1 w_2")
    slope = sp.Matrix([sp.diff(_loss(w), v).subs(dict.fromkeys(w, 0)) for v in w])
    return -slope / slope.norm()


def symbolic_direction_changes() -> str:
    """Whether the line along which descent moves turns on its way: 'yes' or 'no'.

    Source: the gradient at any w is parallel to the one at 0 (their determinant vanishes identically).
    """
    w = sp.symbols("w_1 w_2")
    slope = sp.Matrix([sp.diff(_loss(w), v) for v in w])
    turned = sp.Matrix.hstack(slope, slope.subs(dict.fromkeys(w, 0))).det()
    return "no" if sp.expand(turned) == 0 else "yes"


def symbolic_limit() -> Any:
    """Where descent from 0 ends, (2, 1).

    Source: gradient flow dw/ds = -grad L(w). It stays on the ray through the direction; the one equation for
    the distance along it is solved where the loss vanishes.
    """
    distance = sp.Symbol("distance", positive=True)
    point = distance * symbolic_gradient_direction()
    (root,) = sp.solve(_loss(point), distance)
    return point.subs(distance, root)


def symbolic_inner_product(X: Any, t: Any, u: Any) -> Any:
    """(w_hat - w_other)^T w_hat for w_hat reached from zero and w_other reached from u: 0.

    Source: the Lagrange conditions for the solution of X w = t closest to 0, and for the one closest to u
    (which is where descent from u ends). Raises ValueError unless X has full row rank.
    """
    start = sp.Matrix(u)
    ends = [_closest_solution(X, sp.Matrix(t), v) for v in (sp.zeros(len(start), 1), start)]
    return sp.cancel(((ends[0] - ends[1]).T * ends[0])[0])


def _closest_solution(X: Any, t: Any, start: Any) -> Any:
    n, d = X.shape
    w = sp.Matrix([sp.Dummy(f"w{j}") for j in range(d)])
    m = sp.Matrix([sp.Dummy(f"m{i}") for i in range(n)])
    lagrangian = sum((v**2 for v in w - start), sp.Integer(0)) + (m.T * (X * w - t))[0]
    unknowns = [*w, *m]
    matrix, right = sp.linear_eq_to_matrix([sp.diff(lagrangian, v) for v in unknowns], unknowns)
    try:
        return matrix.LUsolve(right)[:d, :]
    except sp.matrices.exceptions.NonInvertibleMatrixError:
        raise ValueError("X has no full row rank: X X^T is singular") from None


# --- measured ----------------------------------------------------------------------------------------------


def _slope(w: Array) -> Array:
    """Central differences of the loss, exact for a quadratic."""
    return np.array([(_loss(w + e) - _loss(w - e)) / 2 for e in np.eye(2)])


def trajectory() -> list[Array]:
    """Every point of gradient descent from 0 until the loss is gone; really run."""
    path = [np.zeros(2)]
    for _ in range(MAX_STEPS):
        if _loss(path[-1]) <= RESIDUAL**2:
            return path
        path.append(path[-1] - RATE * _slope(path[-1]))
    raise RuntimeError(f"not converged in {MAX_STEPS} steps")


def numeric_line() -> Array:
    """The line as a, b, c of a w_1 + b w_2 = c with coprime integers and a > 0, (3,).

    Source: descent is run from two starts; the line through the two ends.
    """
    ends = []
    for start in ([1.0, -3.0], [-2.0, 5.0]):
        w = np.array(start)
        while _loss(w) > RESIDUAL**2:
            w = w - RATE * _slope(w)
        ends.append(w)
    along = ends[1] - ends[0]
    normal = np.array([along[1], -along[0]])
    normal = normal / normal[np.argmin(np.abs(normal))]  # the smaller coefficient of the line is 1
    normal = normal * np.sign(normal[0])
    return np.append(normal, normal @ ends[0])


def numeric_gradient_direction() -> Array:
    """The unit vector along which descent leaves 0, (2,). Source: the first step of a run."""
    first = trajectory()[1]
    return np.asarray(first / np.linalg.norm(first))


def numeric_direction_changes() -> str:
    """Whether the direction turns on the way: 'yes' or 'no'. Source: all steps of a run compared."""
    steps = np.diff(np.array(trajectory()), axis=0)
    long = steps[np.linalg.norm(steps, axis=1) > 1e-9]  # what is shorter is rounding
    units = long / np.linalg.norm(long, axis=1, keepdims=True)
    return "no" if np.allclose(np.abs(units @ units[0]), 1, rtol=0, atol=1e-6) else "yes"


def numeric_limit() -> Array:
    """Where descent from 0 ends, (2,). Source: really run."""
    return trajectory()[-1]


def numeric_inner_product(X: npt.ArrayLike, t: npt.ArrayLike, u: npt.ArrayLike) -> float:
    """(w_hat - w_other)^T w_hat for the ends of descent from zero and from u, over ||w_hat||^2: 0.

    Source: descent on (1/n) ||X w - t||^2 really run twice, by single samples in turn, each with the
    longest step that does not overshoot it (Kaczmarz). Raises ValueError unless X has full row rank.
    """
    X_, t_ = np.asarray(X, dtype=np.float64), np.asarray(t, dtype=np.float64)
    if np.linalg.matrix_rank(X_) < len(t_):
        raise ValueError("X has no full row rank: many, or no, solutions are reached")
    ends = []
    for start in (np.zeros(X_.shape[1]), np.asarray(u, dtype=np.float64)):
        w = start
        for _ in range(MAX_STEPS):
            if np.linalg.norm(X_ @ w - t_) <= RESIDUAL * max(1.0, float(np.linalg.norm(t_))):
                break
            for x, target in zip(X_, t_, strict=True):
                w = w - (x @ w - target) / (x @ x) * x
        else:
            raise RuntimeError(f"not converged in {MAX_STEPS} sweeps, X is ill-conditioned")
        ends.append(w)
    return float((ends[0] - ends[1]) @ ends[0] / (ends[0] @ ends[0]))
