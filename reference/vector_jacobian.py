"""Jacobian and vector-Jacobian product of f(x) = v v^T x, and what they cost (cse891-hw2, 2).

Shapes, symbolic: v, y (n, 1) sympy matrices. Numeric: one-dimensional arrays. The cost functions take the
size n and return the bare power of n, as the growth is written: n**2 for O(n^2). Time counts
multiplications and additions of numbers, memory counts numbers that are kept besides v and y.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

TOLERANCE = 1e-9  # relative; f is linear, so differences have no error but rounding

V_EXAMPLE, Y_EXAMPLE = (1, 2, 3), (1, 1, 1)

Array = npt.NDArray[np.float64]


# --- derived -----------------------------------------------------------------------------------------------


def _function(v: Any, x: Any) -> Any:
    """f(x), entry by entry: v_i times the inner product of v and x."""
    inner = sum((a * b for a, b in zip(v, x, strict=True)), sp.Integer(0))
    return sp.Matrix([a * inner for a in v])


def symbolic_jacobian(v: Any) -> Any:
    """J = df/dx, (n, n), rows belong to outputs. Source: every output differentiated by every input."""
    x = sp.Matrix([sp.Dummy(f"x{j}") for j in range(len(v))])
    return _function(v, x).jacobian(x)


def symbolic_vjp(v: Any, y: Any) -> Any:
    """J^T y, (n, 1). Source: the derived Jacobian, transposed and multiplied out."""
    return symbolic_jacobian(v).T * sp.Matrix(y)


def symbolic_inner_product(v: Any, y: Any) -> Any:
    """v^T y, the number that the cheap evaluation starts with.

    Source: what J^T y is a multiple of v by, from the derived Jacobian.
    """
    product = symbolic_vjp(v, y)
    k = next(i for i, entry in enumerate(v) if entry != 0)
    return sp.cancel(product[k] / v[k])


def symbolic_example_jacobian() -> Any:
    """J for v = (1, 2, 3), (3, 3). Source: ``symbolic_jacobian``."""
    return symbolic_jacobian(sp.Matrix(V_EXAMPLE))


def symbolic_example_vjp() -> Any:
    """J^T y for v = (1, 2, 3), y = (1, 1, 1), (3, 1). Source: ``symbolic_vjp``."""
    return symbolic_vjp(sp.Matrix(V_EXAMPLE), sp.Matrix(Y_EXAMPLE))


def _power(count: Any, k: Any, n: Any) -> Any:
    return sp.sympify(n) ** sp.degree(sp.expand(count), k)


def symbolic_jacobian_time(n: Any) -> Any:
    """Growth of the operations for J. Source: one product for every pair (i, j), summed symbolically."""
    k = sp.Symbol("k", positive=True, integer=True)
    i, j = sp.symbols("i j", integer=True)
    return _power(sp.summation(1, (i, 1, k), (j, 1, k)), k, n)


def symbolic_jacobian_memory(n: Any) -> Any:
    """Growth of the numbers that J holds: as many as products, none of which is dropped."""
    k = sp.Symbol("k", positive=True, integer=True)
    return _power(k * k, k, n)


def symbolic_vjp_time(n: Any) -> Any:
    """Growth of the operations for v (v^T y). Source: n products and n - 1 sums, then n products."""
    k = sp.Symbol("k", positive=True, integer=True)
    i = sp.Symbol("i", integer=True)
    return _power(sp.summation(1, (i, 1, k)) + sp.summation(1, (i, 2, k)) + sp.summation(1, (i, 1, k)), k, n)


def symbolic_vjp_memory(n: Any) -> Any:
    """Growth of the numbers kept for v (v^T y). Source: one inner product and the n entries of the result."""
    k = sp.Symbol("k", positive=True, integer=True)
    return _power(1 + k, k, n)


# --- measured ----------------------------------------------------------------------------------------------


def _run(v: Array, x: Array) -> Array:
    return v * float(v @ x)


def numeric_jacobian(v: npt.ArrayLike) -> Array:
    """J, (n, n). Source: f run at points moved along each axis; f is linear, so differences are exact."""
    v_ = np.asarray(v, dtype=np.float64)
    columns = [(_run(v_, move) - _run(v_, -move)) / 2 for move in np.eye(v_.size)]
    return np.stack(columns, axis=1)


def numeric_vjp(v: npt.ArrayLike, y: npt.ArrayLike) -> Array:
    """J^T y, (n,). Source: the gradient of the number y^T f(x) by x, by differences; J is never formed."""
    v_, y_ = np.asarray(v, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if v_.shape != y_.shape:
        raise ValueError(f"shapes do not fit: v {v_.shape}, y {y_.shape}")
    return np.array([float(y_ @ (_run(v_, move) - _run(v_, -move))) / 2 for move in np.eye(v_.size)])


def numeric_inner_product(v: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """v^T y. Source: entry by entry, as ``counted_vjp`` starts."""
    v_, y_ = np.asarray(v, dtype=np.float64), np.asarray(y, dtype=np.float64)
    return sum((float(a * b) for a, b in zip(v_, y_, strict=True)), 0.0)


def numeric_example_jacobian() -> Array:
    """J for v = (1, 2, 3), (3, 3). Source: ``numeric_jacobian``."""
    return numeric_jacobian(V_EXAMPLE)


def numeric_example_vjp() -> Array:
    """J^T y for v = (1, 2, 3), y = (1, 1, 1), (3,). Source: ``numeric_vjp``."""
    return numeric_vjp(V_EXAMPLE, Y_EXAMPLE)


class _Ledger:
    """Does arithmetic on plain numbers and counts it; ``kept`` are the numbers that were stored."""

    def __init__(self) -> None:
        self.operations = self.kept = 0

    def times(self, a: float, b: float) -> float:
        self.operations += 1
        return a * b

    def plus(self, a: float, b: float) -> float:
        self.operations += 1
        return a + b

    def store(self, value: float) -> float:
        self.kept += 1
        return value


def counted_jacobian(v: list[float], ledger: _Ledger) -> list[list[float]]:
    """J as nested lists, every operation entered in ``ledger``."""
    return [[ledger.store(ledger.times(a, b)) for b in v] for a in v]


def counted_vjp(v: list[float], y: list[float], ledger: _Ledger) -> list[float]:
    """J^T y = v (v^T y), every operation entered in ``ledger``."""
    products = (ledger.times(a, b) for a, b in zip(v, y, strict=True))
    inner = next(products)
    for product in products:
        inner = ledger.plus(inner, product)
    ledger.store(inner)
    return [ledger.store(ledger.times(a, inner)) for a in v]


def _slope(count: Callable[[int], int]) -> int:
    """The power with which a count grows, measured between two sizes."""
    few, many = 32, 128
    return round(float(np.log(count(many) / count(few)) / np.log(many / few)))


def _jacobian_ledger(size: int) -> _Ledger:
    ledger = _Ledger()
    counted_jacobian([1.0] * size, ledger)
    return ledger


def _vjp_ledger(size: int) -> _Ledger:
    ledger = _Ledger()
    counted_vjp([1.0] * size, [2.0] * size, ledger)
    return ledger


def numeric_jacobian_time(n: float) -> float:
    """Growth of the operations for J. Source: counted at two sizes while they are done."""
    return float(n) ** _slope(lambda size: _jacobian_ledger(size).operations)


def numeric_jacobian_memory(n: float) -> float:
    """Growth of the numbers kept for J. Source: counted at two sizes."""
    return float(n) ** _slope(lambda size: _jacobian_ledger(size).kept)


def numeric_vjp_time(n: float) -> float:
    """Growth of the operations for v (v^T y). Source: counted at two sizes while they are done."""
    return float(n) ** _slope(lambda size: _vjp_ledger(size).operations)


def numeric_vjp_memory(n: float) -> float:
    """Growth of the numbers kept for v (v^T y). Source: counted at two sizes."""
    return float(n) ** _slope(lambda size: _vjp_ledger(size).kept)
