"""The price of differentiating through training (csc413-2020-hw2, 2.1).

t iterations of gradient descent on L(w) = (1/n) ||X w - t||^2 are followed by the derivative of the last
loss by the learning rate eta. How many floats must be kept for the forward pass, how many for standard
back-propagation, and is the derivative found that way right? (The graph itself: computation_graph.py.)

In the memory functions ``t`` is the number of iterations and the sizes are fixed (ROWS, WEIGHTS); in the
others ``t`` is the label vector and ``steps`` the number of iterations. Shapes, symbolic: X (n, d),
w_0 (d, 1), t (n, 1); numeric: X (n, d), w_0 (d,), t (n,). Memory is counted in floats kept between
iterations, without X, t and eta, which no iteration adds to.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

TOLERANCE = 1e-6  # relative

ROWS, WEIGHTS = 3, 5
SEED = 413
COMPLEX_STEP = 1e-30
Array = npt.NDArray[np.float64]


# --- derived -----------------------------------------------------------------------------------------------


def _gradient(X: Any, t: Any) -> tuple[Any, Any]:
    """Free weights, (d, 1), and the gradient of the loss by them."""
    w = sp.Matrix([sp.Dummy(f"w{j}") for j in range(X.cols)])
    loss = sp.Poly(sum((r**2 for r in X * w - t), sp.Integer(0)) / sp.Integer(X.rows), *w)
    return w, sp.Matrix([loss.diff(v).as_expr() for v in w])


@functools.cache
def _iteration() -> tuple[Any, Any, Any, Any]:
    """One iteration on symbolic data: weights w, adjoint u of the new weights, eta, new weights."""
    X = sp.Matrix(ROWS, WEIGHTS, sp.symbols(f"x:{ROWS * WEIGHTS}"))
    t, eta = sp.Matrix(sp.symbols(f"t:{ROWS}")), sp.Symbol("eta")
    u = sp.Matrix(sp.symbols(f"u:{WEIGHTS}"))
    w, gradient = _gradient(X, t)
    return w, u, eta, w - eta * gradient


def _kept_after(t: Any, growth: Any) -> Any:
    """Floats after t iterations: WEIGHTS at the start, ``growth`` more with every iteration."""
    k, kept = sp.Symbol("k", integer=True, nonnegative=True), sp.Function("kept")
    closed = sp.rsolve(kept(k + 1) - kept(k) - growth, kept(k), {kept(0): sp.Integer(WEIGHTS)})
    return sp.expand(closed).xreplace({k: sp.sympify(t)})


def symbolic_forward_memory(t: Any) -> Any:
    """Floats kept for t iterations of gradient descent, as an expression in t.

    Source: an iteration adds the new weights and drops the old ones, which the next iteration's formula
    does not mention; the recurrence is solved by sympy. The result is the same for every t: O(1).
    """
    w, _, _, new = _iteration()
    later = new.xreplace(dict(zip(w, sp.symbols(f"v:{WEIGHTS}"), strict=True)))
    dropped = [v for v in w if v not in later.free_symbols]
    return _kept_after(t, sp.Integer(len(new) - len(dropped)))


def symbolic_backward_memory(t: Any) -> Any:
    """Floats kept for t iterations and reverse accumulation of dL_t/d eta, as an expression in t.

    Source: as forward, but the old weights stay wherever the iteration's adjoint mentions them. It does
    mention all of them (the derivative by eta is minus the gradient there), so the result is O(t).
    """
    w, u, eta, new = _iteration()
    adjoint = (u.T * new)[0]
    needed = sp.Matrix([sp.diff(adjoint, v) for v in (*w, eta)]).free_symbols
    dropped = [v for v in w if v not in needed]
    return _kept_after(t, sp.Integer(len(new) - len(dropped)))


def _leading_power(floats: Any, k: Any, t: Any) -> Any:
    return sp.sympify(t) ** sp.degree(floats, k)


def symbolic_forward_growth(t: Any) -> Any:
    """How the forward pass's memory grows: the bare power of t, here 1.

    Source: the degree of ``symbolic_forward_memory`` in t.
    """
    k = sp.Symbol("k", positive=True)
    return _leading_power(symbolic_forward_memory(k), k, t)


def symbolic_backward_growth(t: Any) -> Any:
    """How the memory of standard back-propagation grows: the bare power of t, here t itself.

    Source: the degree of ``symbolic_backward_memory`` in t.
    """
    k = sp.Symbol("k", positive=True)
    return _leading_power(symbolic_backward_memory(k), k, t)


def symbolic_hypergradient(X: Any, w_0: Any, t: Any, eta: Any, steps: int) -> Any:
    """dL_steps / d eta after ``steps`` iterations of gradient descent, a scalar.

    Source: reverse accumulation. One iteration u^T w_next is differentiated by w and eta in sympy; the
    weights are stored forwards and the two local derivatives are chained backwards, exactly.
    """
    rate = sp.Dummy("eta")
    u = sp.Matrix([sp.Dummy(f"u{j}") for j in range(X.cols)])
    w, gradient = _gradient(X, t)
    following = w - rate * gradient
    through = sp.expand((u.T * following)[0])
    to_weights, to_rate = sp.Matrix([sp.diff(through, v) for v in w]), sp.diff(through, rate)

    at: dict[Any, Any] = {rate: sp.sympify(eta)}
    tape = [sp.Matrix(w_0)]
    for _ in range(steps):
        tape.append(following.xreplace(at | dict(zip(w, tape[-1], strict=True))).applyfunc(sp.expand))
    adjoint = gradient.xreplace(dict(zip(w, tape.pop(), strict=True)))
    total = sp.Integer(0)
    while tape:
        here = at | dict(zip(w, tape.pop(), strict=True)) | dict(zip(u, adjoint, strict=True))
        total += to_rate.xreplace(here)
        adjoint = to_weights.xreplace(here)
    return sp.expand(total)


def symbolic_weight_jacobian(X: Any, w_0: Any, t: Any, eta: Any, steps: int) -> Any:
    """The derivative of w_steps by w_0, (d, d): the factor that vanishes or explodes with ``steps``.

    Source: ``steps`` iterations unrolled from free weights, then differentiated.
    """
    w, gradient = _gradient(X, t)
    last = w
    for _ in range(steps):
        last = (last - sp.sympify(eta) * gradient.xreplace(dict(zip(w, last, strict=True)))).applyfunc(
            sp.expand
        )
    return last.jacobian(w).xreplace(dict(zip(w, w_0, strict=True)))


# --- measured ----------------------------------------------------------------------------------------------


class _Meter:
    """Counts the floats of the arrays it was shown that are still alive."""

    def __init__(self) -> None:
        self.floats = 0

    def watch(self, array: Array) -> Array:
        self.floats += array.size
        weakref.finalize(array, self._forget, array.size)
        return array

    def _forget(self, size: int) -> None:
        self.floats -= size


def _problem(steps: float) -> tuple[Array, Array, Array, float, int]:
    if steps != int(steps) or steps < 0:
        raise ValueError(f"the number of iterations is a whole number, not {steps}")
    rng = np.random.default_rng(SEED)
    X, w_0 = rng.normal(size=(ROWS, WEIGHTS)), rng.normal(size=WEIGHTS)
    return X, w_0, rng.normal(size=ROWS), 0.05, int(steps)


def numeric_forward_memory(t: float) -> float:
    """Floats kept for t iterations of gradient descent.

    Source: really run, with every weight vector watched: the most that were alive after an iteration.
    Raises ValueError unless t is a whole number.
    """
    X, w, labels, eta, steps = _problem(t)
    meter = _Meter()
    w = meter.watch(w.copy())
    most = meter.floats
    for _ in range(steps):
        w = meter.watch(w - eta * 2 / ROWS * X.T @ (X @ w - labels))
        most = max(most, meter.floats)
    return float(most)


def numeric_backward_memory(t: float) -> float:
    """Floats kept for t iterations and reverse accumulation of dL_t/d eta.

    Source: really run with a tape (``tape_hypergradient``), counted as in the forward pass. Raises
    ValueError unless t is a whole number.
    """
    return tape_hypergradient(*_problem(t))[1]


def tape_hypergradient(
    X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike, eta: float, steps: int
) -> tuple[float, float]:
    """dL_steps / d eta by reverse accumulation along a stored tape, and the most floats then alive.

    Source: w_{k+1} = w_k - eta g_k passes an adjoint u on as u - eta H u to w_k, and -u^T g_k to eta.
    """
    X_, w_, t_ = (np.asarray(v, dtype=np.float64) for v in (X, w_0, t))
    meter = _Meter()
    tape = [meter.watch(w_.copy())]
    for _ in range(steps):
        tape.append(meter.watch(tape[-1] - eta * 2 / len(t_) * X_.T @ (X_ @ tape[-1] - t_)))
    most = meter.floats
    adjoint, total = 2 / len(t_) * X_.T @ (X_ @ tape.pop() - t_), 0.0
    while tape:
        total -= float(adjoint @ X_.T @ (X_ @ tape.pop() - t_)) * 2 / len(t_)
        adjoint = adjoint - eta * 2 / len(t_) * X_.T @ (X_ @ adjoint)
    return total, float(most)


def _measured_power(floats: Callable[[float], float]) -> int:
    few, many = 64, 256
    return round(float(np.log(floats(many) / floats(few)) / np.log(many / few)))


def numeric_forward_growth(t: float) -> float:
    """How the forward pass's memory grows: t to the slope measured between runs of two lengths."""
    return float(t) ** _measured_power(numeric_forward_memory)


def numeric_backward_growth(t: float) -> float:
    """How the memory of back-propagation grows: t to the slope measured between runs of two lengths."""
    return float(t) ** _measured_power(numeric_backward_memory)


def numeric_hypergradient(
    X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike, eta: float, steps: int
) -> float:
    """dL_steps / d eta after ``steps`` iterations of gradient descent.

    Source: descent really run at a learning rate moved a little along the imaginary axis; the imaginary
    part of the loss over that move is the derivative, without the cancellation of real differences.
    """
    X_, t_ = np.asarray(X, dtype=np.float64), np.asarray(t, dtype=np.float64)
    w, rate = np.asarray(w_0, dtype=np.complex128), complex(float(eta), COMPLEX_STEP)
    for _ in range(steps):
        w = w - rate * 2 / len(t_) * X_.T @ (X_ @ w - t_)
    return float(np.mean((X_ @ w - t_) ** 2).imag / COMPLEX_STEP)


def numeric_weight_jacobian(
    X: npt.ArrayLike, w_0: npt.ArrayLike, t: npt.ArrayLike, eta: float, steps: int
) -> Array:
    """The derivative of w_steps by w_0, (d, d).

    Source: descent really run from w_0 moved by one along each weight, both ways (exact but for rounding:
    w_steps is affine in w_0).
    """
    X_, t_ = np.asarray(X, dtype=np.float64), np.asarray(t, dtype=np.float64)
    moves = np.vstack([np.eye(X_.shape[1]), -np.eye(X_.shape[1])])
    w = np.asarray(w_0, dtype=np.float64) + moves
    for _ in range(steps):
        w = w - eta * 2 / len(t_) * (w @ X_.T - t_) @ X_
    ahead, behind = np.split(w, 2)
    return (ahead - behind).T / 2
