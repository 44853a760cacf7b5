"""Adaptive steps do not find the minimum-norm solution (csc413-hw2, 1.2; cse891-hw2, 4.3).

RMSProp, AdaGrad and Adam divide every coordinate's step by the size of its own past gradients. On the sheets'
example, one sample x = [2, 1] with label 2 and w_0 = [0, 0], both coordinates then move alike, and the
limit is not the solution of least norm. The symbolic functions show by induction that the coordinates stay
equal; the numeric ones run the optimizers. ``witness_*`` try a student's own counterexample.

Vectors are sympy columns or arrays of shape (d,). No units.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

TOLERANCE = 1e-6  # relative

SAMPLES, LABELS, START = [[2, 1]], [2], [0, 0]
METHODS = ("rmsprop", "adagrad", "adam")

RATES = {"rmsprop": (0.01, 0.001), "adagrad": (0.5, 0.01), "adam": (0.01, 0.001)}
MEANS = (0.9, 0.99)  # of the squared gradients; Adam's usual 0.999 is tried too
EPSILON = 1e-8
MAX_STEPS = 20_000
STILL = 1e-13  # a run whose gradient is this small (relative to the labels) has ended

SOLVES = 2e-2  # how far a student's numbers, cut after two digits, may be from solving X w = t
REACHED = 2e-2  # and from where the optimizer ends
LONGER = 1e-3  # how much longer than the shortest solution a counterexample has to be
MAX_SIZE = 20  # rows and columns of a student's example

Array = npt.NDArray[np.float64]


# --- derived -----------------------------------------------------------------------------------------------


def _moves_alike(method: str) -> bool:
    """Whether a step keeps w_1 = w_2, given that so far w_1 = w_2, v_1 = 4 v_2 and m_1 = 2 m_2.

    Zero starts satisfy the premise, so this is an induction over all steps and all constants (epsilon 0).
    """
    place, mean = sp.symbols("s q", real=True)
    square, rate, keep, keep_mean = sp.symbols("u eta beta beta_1", positive=True)
    w = sp.Matrix(sp.symbols("w:2"))
    loss = sum((r**2 for r in sp.Matrix(SAMPLES) * w - sp.Matrix(LABELS)), sp.Integer(0))
    g = sp.Matrix([sp.diff(loss, v) for v in w]).xreplace(dict.fromkeys(w, place))
    v, m = sp.Matrix([4 * square, square]), sp.Matrix([2 * mean, mean])
    squares = g.multiply_elementwise(g)
    v = v + squares if method == "adagrad" else keep * v + (1 - keep) * squares
    m = keep_mean * m + (1 - keep_mean) * g if method == "adam" else g
    if sp.expand(v[0] - 4 * v[1]) != 0 or sp.expand(m[0] - 2 * m[1]) != 0:
        return False
    # Adam's corrections of m and v are the same for both coordinates.
    steps = [rate * m[0] / sp.sqrt(4 * v[1]), rate * m[1] / sp.sqrt(v[1])]
    return bool(sp.simplify(steps[0] - steps[1]) == 0)


def _limit(method: str) -> Any:
    if not _moves_alike(method):
        raise AssertionError(f"{method}: the two coordinates do not move alike")
    both = sp.Dummy("w")
    (end,) = sp.solve(sp.Matrix(SAMPLES) * sp.Matrix([both, both]) - sp.Matrix(LABELS), both, dict=True)
    return sp.Matrix([end[both], end[both]])


def symbolic_rmsprop_limit() -> Any:
    """Where RMSProp converges to on the example, (2, 1). Source: w_1 = w_2 by induction, and X w = t."""
    return _limit("rmsprop")


def symbolic_adagrad_limit() -> Any:
    """Where AdaGrad converges to on the example, (2, 1). Source: w_1 = w_2 by induction, and X w = t."""
    return _limit("adagrad")


def symbolic_adam_limit() -> Any:
    """Where Adam converges to on the example, (2, 1). Source: w_1 = w_2 by induction, and X w = t."""
    return _limit("adam")


def symbolic_limit_norm() -> Any:
    """The norm of that limit. Source: the derived limit of RMSProp."""
    return sp.sqrt(sum(v**2 for v in symbolic_rmsprop_limit()))


def symbolic_least_norm_solution() -> Any:
    """The shortest solution of the example, (2, 1).

    Source: all solutions are written with a free parameter, whose value minimises the squared length.
    """
    w, X = sp.Matrix(sp.symbols("w:2")), sp.Matrix(SAMPLES)
    (family,) = sp.linsolve((X, sp.Matrix(LABELS)), *w)
    (free,) = {symbol for entry in family for symbol in entry.free_symbols}
    (best,) = sp.solve(sp.diff(sum(entry**2 for entry in family), free), free)
    return sp.Matrix([entry.subs(free, best) for entry in family])


def symbolic_least_norm() -> Any:
    """Its norm. Source: the derived solution."""
    return sp.sqrt(sum(v**2 for v in symbolic_least_norm_solution()))


def symbolic_always_least_norm() -> str:
    """Whether these methods always find the solution of least norm: 'yes' or 'no'.

    Source: the exact limits and the shortest solution compared.
    """
    shortest = symbolic_least_norm_solution()
    return "yes" if all(_limit(method) == shortest for method in METHODS) else "no"


# --- measured ----------------------------------------------------------------------------------------------


def descend(
    method: str,
    X: Array,
    t: Array,
    w_0: Array,
    eta: float,
    beta: float = 0.9,
    epsilon: float = EPSILON,
    beta_1: float = 0.9,
) -> Array:
    """The weights at which ``method`` ends on (1/n) ||X w - t||^2, or is after MAX_STEPS, (d,).

    Really run.
    """
    w, m, v = w_0.astype(np.float64), np.zeros(w_0.size), np.zeros(w_0.size)
    for step in range(1, MAX_STEPS + 1):
        gradient = 2 / len(t) * (X.T @ (X @ w - t))
        if np.abs(gradient).max() <= STILL * (1 + np.abs(t).max()):
            break
        if method == "adagrad":
            v = v + gradient**2
            w = w - eta * gradient / (np.sqrt(v) + epsilon)
        elif method == "rmsprop":
            v = beta * v + (1 - beta) * gradient**2
            w = w - eta * gradient / (np.sqrt(v) + epsilon)
        elif method == "adam":
            m = beta_1 * m + (1 - beta_1) * gradient
            v = beta * v + (1 - beta) * gradient**2
            w = w - eta * (m / (1 - beta_1**step)) / (np.sqrt(v / (1 - beta**step)) + epsilon)
        else:
            raise ValueError(f"{method!r} is none of {', '.join(METHODS)}")
        if not np.all(np.isfinite(w)):
            break
    return w


def _example(method: str, beta: float) -> Array:
    X, t, start = (np.array(v, dtype=np.float64) for v in (SAMPLES, LABELS, START))
    w = descend(method, X, t, start, RATES[method][0], beta)
    if not np.linalg.norm(X @ w - t) <= TOLERANCE:
        raise RuntimeError(f"{method}: not converged in {MAX_STEPS} steps")
    return w


def numeric_rmsprop_limit() -> Array:
    """Where RMSProp converges to on the example, (2,). Source: really run (eta 0.01, beta 0.9)."""
    return _example("rmsprop", 0.9)


def numeric_adagrad_limit() -> Array:
    """Where AdaGrad converges to on the example, (2,). Source: really run (eta 0.5)."""
    return _example("adagrad", 0.0)


def numeric_adam_limit() -> Array:
    """Where Adam converges to on the example, (2,). Source: really run (eta 0.01, betas 0.9 and 0.999)."""
    return _example("adam", 0.999)


def numeric_limit_norm() -> float:
    """The norm of that limit. Source: RMSProp really run."""
    return float(np.linalg.norm(numeric_rmsprop_limit()))


def numeric_least_norm_solution() -> Array:
    """The shortest solution of the example, (2,). Source: the pseudo-inverse, by singular values."""
    solution: Array = np.linalg.pinv(np.array(SAMPLES, dtype=np.float64)) @ np.array(LABELS, dtype=np.float64)
    return solution


def numeric_least_norm() -> float:
    """Its norm. Source: the measured solution."""
    return float(np.linalg.norm(numeric_least_norm_solution()))


def numeric_always_least_norm() -> str:
    """Whether these methods always find the solution of least norm: 'yes' or 'no'.

    Source: all three really run on the example and held against the pseudo-inverse.
    """
    shortest = numeric_least_norm_solution()
    ends = (numeric_rmsprop_limit(), numeric_adagrad_limit(), numeric_adam_limit())
    return "yes" if all(np.allclose(end, shortest, rtol=1e-3) for end in ends) else "no"


# --- a student's counterexample ----------------------------------------------------------------------------

Requirements = dict[str, tuple[bool, str]]


def witness_rmsprop(
    X: Any, t: Any, w_R: Any, w_0: Any = None, eta: Any = None, beta: Any = None, epsilon: Any = None
) -> Requirements:
    """What a counterexample for RMSProp has to fulfil → whether it does, and the value seen.

    X (n, d), or (d,) for one sample; t (n,) or a number; w_R (d,): where RMSProp is said to end. The start
    and the constants are those of the answer, as far as it gives them. Raises ValueError where only these
    could tell whether w_R is right.
    """
    return _witness("rmsprop", X, t, w_R, w_0, eta, beta, epsilon)


def witness_adagrad(
    X: Any, t: Any, w_R: Any, w_0: Any = None, eta: Any = None, epsilon: Any = None
) -> Requirements:
    """The same for AdaGrad."""
    return _witness("adagrad", X, t, w_R, w_0, eta, None, epsilon)


def witness_adam(
    X: Any, t: Any, w_R: Any, w_0: Any = None, eta: Any = None, beta: Any = None, epsilon: Any = None
) -> Requirements:
    """The same for Adam; ``beta`` is that of the squares."""
    return _witness("adam", X, t, w_R, w_0, eta, beta, epsilon)


def _witness(
    method: str, X: Any, t: Any, w_R: Any, w_0: Any, eta: Any, beta: Any, epsilon: Any
) -> Requirements:
    samples = np.atleast_2d(np.asarray(X, dtype=np.float64))
    labels, end = (np.atleast_1d(np.asarray(v, dtype=np.float64)).ravel() for v in (t, w_R))
    if samples.shape == (end.size, 1) and labels.size == 1:
        samples = samples.T  # one sample, written as a column
    n, d = samples.shape
    start = np.zeros(d) if w_0 is None else np.atleast_1d(np.asarray(w_0, dtype=np.float64)).ravel()
    if start.size == 1 and not start.any():
        start = np.zeros(d)  # w_0 = 0 is the zero vector
    fits = labels.size == n and end.size == d and start.size == d and max(n, d) <= MAX_SIZE
    seen = f"X is {n}×{d}, t has {labels.size}, w_R {end.size} and w_0 {start.size} entries"
    out: Requirements = {"the sizes of X, t, w_R and w_0 fit together": (fits, seen)}
    if not fits or not all(np.all(np.isfinite(v)) for v in (samples, labels, end, start)):
        return out
    rank = int(np.linalg.matrix_rank(samples))
    out["X w = t has more than one solution"] = (rank < d, f"X has rank {rank} and {d} columns")
    gap = float(np.abs(samples @ end - labels).max())
    out["w_R solves X w = t"] = (gap <= SOLVES * max(1.0, float(np.abs(labels).max())), f"off by {gap:.3g}")
    shortest = np.linalg.pinv(samples) @ labels
    lengths = float(np.linalg.norm(end)), float(np.linalg.norm(shortest))
    longer = lengths[0] > lengths[1] + LONGER
    out["w_R is longer than the minimum-norm solution"] = (
        longer,
        f"{lengths[0]:.4g} against {lengths[1]:.4g}",
    )
    nearest = _nearest(method, samples, labels, end, start, eta, beta, epsilon)
    off = float(np.abs(nearest - end).max())
    reached = off <= REACHED * max(1.0, float(np.abs(end).max()))
    if not reached and rank > 1 and (eta is None or (beta is None and method != "adagrad")):
        raise ValueError("with several samples the end depends on the constants, which are not all given")
    shown = ", ".join(f"{v:.4g}" for v in nearest)
    name = {"rmsprop": "RMSProp", "adagrad": "AdaGrad", "adam": "Adam"}[method]
    out[f"{name} ends at w_R"] = (reached, f"a run from w_0 ends at [{shown}]")
    return out


def _nearest(
    method: str, X: Array, t: Array, end: Array, start: Array, eta: Any, beta: Any, epsilon: Any
) -> Array:
    """The end nearest to ``end`` among runs with the given constants, and with usual ones where they are
    not given.

    A learning rate at which the method keeps jumping over the solution is lowered: the question assumes
    that the method converges.
    """
    best, least = start, np.inf
    for rate, keep, small in _constants(method, eta, beta, epsilon):
        with np.errstate(all="ignore"):
            w = descend(method, X, t, start, rate, keep, small)
        off = float(np.abs(w - end).max())
        if off < least:
            best, least = w, off
        if least <= REACHED / 4:
            break
    return best


def _constants(method: str, eta: Any, beta: Any, epsilon: Any) -> Iterator[tuple[float, float, float]]:
    rates = RATES[method] if eta is None else (float(eta), float(eta) / 20)
    usual = {"rmsprop": MEANS, "adagrad": (0.0,), "adam": (0.999, 0.9)}[method]
    means = usual if beta is None else (float(beta),)
    yield from itertools.product(rates, means, (EPSILON if epsilon is None else float(epsilon),))
