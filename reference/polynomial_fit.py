"""Polynomial regression below, at and above the interpolation threshold (cse891-hw2, 3.5).

The features of a number x are its powers 1, x, ..., x^d, so there are d + 1 weights for n samples. With
d + 1 <= n the fit is the least-squares one, with d + 1 > n the interpolating one of least norm; both are
pinv(A) t for the n x (d + 1) feature matrix A.

Shapes: X and t hold n numbers (symbolic: (n, 1) matrices; numeric: (n,) arrays); weights are (d + 1) numbers,
lowest power first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

TOLERANCE = 1e-6  # relative

SEED = 891
SAMPLES, NOISE, PROBLEMS = 14, 0.1, 20
DEGREES = {"few": 3, "threshold": SAMPLES - 1, "many": 200}

Array = npt.NDArray[np.float64]


# --- derived -----------------------------------------------------------------------------------------------


def symbolic_fit_poly(X: Any, d: Any, t: Any) -> Any:
    """The weights, (d + 1, 1).

    Source: with d + 1 <= n the derivatives of the squared error are set to zero; with more weights than
    samples the Lagrange conditions for the shortest weights that interpolate are solved. Raises ValueError
    where samples repeat so that this has no single solution.
    """
    A = sp.Matrix(len(X), int(d) + 1, lambda i, j: X[i] ** j)
    t = sp.Matrix(t)
    n, features = A.shape
    w = sp.Matrix([sp.Dummy(f"w{j}") for j in range(features)])
    if features <= n:
        goal = sum((e**2 for e in A * w - t), sp.Integer(0))
        unknowns = list(w)
    else:
        m = sp.Matrix([sp.Dummy(f"m{i}") for i in range(n)])
        goal = sum((v**2 for v in w), sp.Integer(0)) + (m.T * (A * w - t))[0]
        unknowns = [*w, *m]
    matrix, right = sp.linear_eq_to_matrix([sp.diff(goal, v) for v in unknowns], unknowns)
    try:
        return matrix.LUsolve(right)[:features, :]
    except sp.matrices.exceptions.NonInvertibleMatrixError:
        raise ValueError("samples repeat: the fit is not unique") from None


def symbolic_always_overfits() -> str:
    """Whether more degrees always raise the test error: 'yes' or 'no'.

    Source: an exact counterexample. Three samples of t = x - 2 x^3 at -1, 0, 2 and the error at 1: it is
    smaller for the minimum-norm fit of degree 3 (more weights than samples) than for the parabola that
    interpolates.
    """
    X = sp.Matrix([-1, 0, 2])
    x = sp.Symbol("x")
    truth = x - 2 * x**3
    t = X.applyfunc(lambda v: truth.subs(x, v))

    def error(degree: int) -> Any:
        w = symbolic_fit_poly(X, degree, t)
        return (sum(c for c in w) - truth.subs(x, 1)) ** 2

    return "no" if error(3) < error(2) else "yes"


# --- measured ----------------------------------------------------------------------------------------------


def numeric_fit_poly(X: npt.ArrayLike, d: int, t: npt.ArrayLike) -> Array:
    """The weights, (d + 1,).

    Source: a singular value decomposition of the feature matrix; directions without weight are left out, so
    the shortest of all best fits comes out whatever d is.
    """
    x, t_ = np.asarray(X, dtype=np.float64).ravel(), np.asarray(t, dtype=np.float64).ravel()
    if x.shape != t_.shape:
        raise ValueError(f"X has {x.size} samples, t has {t_.size} labels")
    A = np.stack([x**power for power in range(int(d) + 1)], axis=1)
    left, scales, right = np.linalg.svd(A, full_matrices=False)
    keep = scales > scales[0] * max(A.shape) * np.finfo(np.float64).eps
    return np.asarray(right[keep].T @ ((left.T @ t_)[keep] / scales[keep]))


def double_descent() -> dict[str, float]:
    """The median test error at the DEGREES, from really fitting PROBLEMS random noisy problems.

    The features are Legendre polynomials on [-1, 1]: with powers of x the numbers of high degrees drown in
    rounding.
    """
    rng = np.random.default_rng(SEED)
    errors: dict[str, list[float]] = {name: [] for name in DEGREES}
    grid = np.linspace(-1, 1, 401)
    for _ in range(PROBLEMS):
        x = rng.uniform(-1, 1, size=SAMPLES)
        phase = rng.uniform(0, 2)
        labels = np.sin(2 * x + phase) + NOISE * rng.normal(size=SAMPLES)
        for name, degree in DEGREES.items():
            features = np.polynomial.legendre.legvander(x, degree)
            weights = np.linalg.lstsq(features, labels, rcond=None)[0]
            there = np.polynomial.legendre.legval(grid, weights)
            errors[name].append(float(np.mean((there - np.sin(2 * grid + phase)) ** 2)))
    return {name: float(np.median(found)) for name, found in errors.items()}


def numeric_always_overfits() -> str:
    """Whether more degrees always raise the test error: 'yes' or 'no'.

    Source: ``double_descent``: the error at the threshold against the one far beyond it.
    """
    errors = double_descent()
    return "no" if errors["many"] < errors["threshold"] else "yes"


# --- cases for student code --------------------------------------------------------------------------------


def inputs_fit_poly(rng: np.random.Generator, case: str) -> tuple[Array, int, Array]:
    """X, d, t: spread samples and labels in eighths and quarters, so that they can be worked by hand.

    Cases: ``line`` and ``few`` (d + 1 < n), ``square`` (d + 1 = n), ``one more`` (d = n) and ``many``
    (d = n + 5).
    """
    n = {"line": 4, "few": 6}.get(case, int(rng.integers(3, 6)))
    d = {"line": 1, "few": 2, "square": n - 1, "one more": n, "many": n + 5}[case]
    X = np.round(8 * np.linspace(-1, 1, n)) / 8 + rng.integers(-1, 2, size=n) / 8
    t = rng.integers(-8, 9, size=n) / 4
    t[0] += not t.any()
    return rng.permutation(X), d, t


def mistake_highest_first(X: Array, d: int, t: Array) -> Array:
    """The right weights in the order of numpy.polyfit."""
    return numeric_fit_poly(X, d, t)[::-1]


def mistake_scaled_columns(X: Array, d: int, t: Array) -> Array:
    """numpy.polyfit divides the columns by their lengths: its interpolating weights are not the shortest."""
    A = np.stack([X**power for power in range(d + 1)], axis=1)
    lengths = np.sqrt((A * A).sum(axis=0))
    return np.asarray(np.linalg.lstsq(A / lengths, t, rcond=None)[0] / lengths)


def mistake_degree_less_one(X: Array, d: int, t: Array) -> Array:
    """d features instead of d + 1."""
    return numeric_fit_poly(X, d - 1, t)


def mistake_legendre(X: Array, d: int, t: Array) -> Array:
    """Weights of Legendre polynomials instead of powers."""
    return np.asarray(np.linalg.lstsq(np.polynomial.legendre.legvander(X, d), t, rcond=None)[0])
