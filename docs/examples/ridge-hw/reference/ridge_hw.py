"""References of ridge-hw: every quantity derived in sympy and measured in numpy, proved to agree.

The convention c (the 1/2 in front) is no parameter: the references follow its first way.
"""

import numpy as np
import sympy as sp

TOLERANCE = 1e-6  # relative: how far a measurement may be off

STEP = 1e-5  # of the finite differences


def _objective(X, w, t, mu):
    rest = X * w - t
    return sp.Rational(1, 2) * (sum(r**2 for r in rest) + mu * sum(v**2 for v in w))


def symbolic_gradient(X, w, t, mu):
    """The gradient of (||Xw - t||^2 + mu ||w||^2) / 2 by w, (d, 1)."""
    weights = sp.Matrix([sp.Dummy(f"w{j}") for j in range(X.cols)])
    objective = _objective(X, weights, t, mu)
    here = dict(zip(weights, w, strict=True))
    return sp.Matrix([sp.diff(objective, v).subs(here) for v in weights])


def numeric_gradient(X, w, t, mu):
    """The same, (d,), by central differences."""

    def objective(v):
        return 0.5 * (np.sum((X @ v - t) ** 2) + mu * np.sum(v**2))

    steps = STEP * np.eye(len(w))
    return np.array([(objective(w + s) - objective(w - s)) / (2 * STEP) for s in steps])


def symbolic_solution(X, t, mu):
    """Where the gradient vanishes, (d, 1)."""
    weights = sp.Matrix([sp.Dummy(f"w{j}") for j in range(X.cols)])
    objective = _objective(X, weights, t, mu)
    solved = sp.solve([sp.diff(objective, v) for v in weights], list(weights), dict=True)[0]
    return weights.subs(solved)


def numeric_solution(X, t, mu):
    """The same, (d,), as least squares on the data with sqrt(mu) I below."""
    d = X.shape[1]
    stacked = np.vstack([X, np.sqrt(mu) * np.eye(d)])
    return np.linalg.lstsq(stacked, np.concatenate([t, np.zeros(d)]), rcond=None)[0]


def symbolic_hessian(X, mu):
    """The second derivatives of the objective, (d, d); the targets do not matter."""
    weights = sp.Matrix([sp.Dummy(f"w{j}") for j in range(X.cols)])
    return sp.hessian(_objective(X, weights, sp.zeros(X.rows, 1), mu), list(weights))


def numeric_hessian(X, mu):
    """The same, by second differences (the objective is quadratic, so the step may be 1)."""

    def objective(v):
        return 0.5 * (np.sum((X @ v) ** 2) + mu * np.sum(v**2))

    e = np.eye(X.shape[1])
    return np.array([[objective(a + b) - objective(a) - objective(b) for b in e] for a in e])


def symbolic_numbers():
    """The solution for the sheet's own numbers, (2, 1)."""
    X, t = sp.Matrix([[1, 2], [3, 4]]), sp.Matrix([1, 1])
    return symbolic_solution(X, t, sp.Integer(1))


def numeric_numbers():
    """The same, (2,), by gradient descent really run."""
    X, t, w = np.array([[1.0, 2.0], [3.0, 4.0]]), np.ones(2), np.zeros(2)
    for _ in range(20000):
        w -= 0.03 * (X.T @ (X @ w - t) + w)
    return w


def symbolic_cost(n, d):
    """Multiplications: form XX^T, solve by elimination; X^T y is of lower order."""
    return n**2 * d + n**3


def numeric_cost(n, d):
    """Counted in loops."""
    count = 0
    for _ in range(int(n) * int(n)):
        count += int(d)
    for _ in range(int(n)):
        count += int(n) * int(n)
    return count


def symbolic_jacobian(z):
    """d softmax(z) / dz, (k, k)."""
    names = sp.Matrix([sp.Dummy(f"z{j}") for j in range(z.rows)])
    total = sum(sp.exp(v) for v in names)
    p = sp.Matrix([sp.exp(v) / total for v in names])
    return p.jacobian(names).subs(dict(zip(names, z, strict=True)))


def numeric_jacobian(z):
    """The same, by central differences."""

    def softmax(v):
        e = np.exp(v - v.max())
        return e / e.sum()

    steps = STEP * np.eye(len(z))
    return np.array([(softmax(z + s) - softmax(z - s)) / (2 * STEP) for s in steps]).T


def witness_nilpotent(A):
    """Requirement in words -> (met, value seen)."""
    A = np.asarray(A)
    if A.shape != (2, 2):
        return {"A is 2x2": (False, A.shape)}
    return {
        "A is 2x2": (True, A.shape),
        "A^2 = 0": (bool(np.allclose(A @ A, 0)), A @ A),
        "A is not zero": (bool(np.any(A != 0)), A),
    }
