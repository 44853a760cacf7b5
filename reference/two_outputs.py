"""A function of two weights with two outputs, and its Jacobian four ways (cs7643-hw1, problem 5).

f_1 = exp(exp(w_1) + exp(2 w_2)) + sin(exp(w_1) + exp(2 w_2)), f_2 = w_1 w_2 + sigma(w_1), at (1, 2). The
sheet's text form prints exp(w_1 + exp(2 w_2)) in f_1, a slip of its OCR: see ``slipped_value``.

The graph: a = exp w_1, b = 2 w_2, c = exp b, d = a + c, e = exp d, f = sin d, f_1 = e + f; m = w_1 w_2,
s = sigma(w_1), f_2 = m + s. Jacobians are 2 by 2, rows are outputs. f_1 is of the order 1e25 and f_2 of 1, so
compare entry by entry.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

TOLERANCE = 1e-9  # relative
TOLERANCES = {"backward_difference": 1e-8, "central_difference": 1e-8, "forward_difference": 1e-8}

POINT = (1, 2)
STEP = sp.Rational(1, 100)  # of the numerical differences
DIGITS = 40  # of the exact values
COMPLEX_STEP = 1e-30

INPUTS = ("w_1", "w_2")
OUTPUTS = ("f_1", "f_2")
Edge = tuple[str, str]
Array = npt.NDArray[np.float64]


# --- derived -----------------------------------------------------------------------------------------------


def _formulas() -> dict[str, Any]:
    """Each node by its parents, in the order of the computation."""
    v = _symbols()
    return {
        "a": sp.exp(v["w_1"]),
        "b": 2 * v["w_2"],
        "c": sp.exp(v["b"]),
        "d": v["a"] + v["c"],
        "e": sp.exp(v["d"]),
        "f": sp.sin(v["d"]),
        "f_1": v["e"] + v["f"],
        "m": v["w_1"] * v["w_2"],
        "s": 1 / (1 + sp.exp(-v["w_1"])),
        "f_2": v["m"] + v["s"],
    }


def _symbols() -> dict[str, Any]:
    return {name: sp.Symbol(name, real=True) for name in (*INPUTS, *"abcdefms", *OUTPUTS)}


def _inlined() -> dict[str, Any]:
    """Each node by the weights alone."""
    v = _symbols()
    known: dict[Any, Any] = {}
    for name, formula in _formulas().items():
        known[v[name]] = formula.xreplace(known)
    return {symbol.name: formula for symbol, formula in known.items()}


def _at(expression: Any, w_1: Any = POINT[0], w_2: Any = POINT[1]) -> Any:
    v = _symbols()
    return expression.subs({v["w_1"]: w_1, v["w_2"]: w_2}, simultaneous=True).evalf(DIGITS)


def symbolic_value() -> Any:
    """[f_1, f_2] at the point, (2, 1), to DIGITS digits."""
    nodes = _inlined()
    return sp.Matrix([_at(nodes[f]) for f in OUTPUTS])


def symbolic_f_1() -> Any:
    """The first output at the point."""
    return symbolic_value()[0]


def symbolic_f_2() -> Any:
    """The second output at the point."""
    return symbolic_value()[1]


def symbolic_slipped_value() -> Any:
    """f_1 at the point if it were exp(w_1 + exp(2 w_2)) + sin(exp(w_1) + exp(2 w_2))."""
    w_1, w_2 = sp.Integer(POINT[0]), sp.Integer(POINT[1])
    inner = sp.exp(w_1) + sp.exp(2 * w_2)
    return (sp.exp(w_1 + sp.exp(2 * w_2)) + sp.sin(inner)).evalf(DIGITS)


def symbolic_jacobian() -> Any:
    """The exact Jacobian at the point, differentiated by sympy."""
    nodes, v = _inlined(), _symbols()
    return sp.Matrix(2, 2, lambda i, j: _at(sp.diff(nodes[OUTPUTS[i]], v[INPUTS[j]])))


def _quotients(before: Any, after: Any) -> Any:
    """(f(w + after e_j) - f(w - before e_j)) / (before + after) to DIGITS digits."""
    nodes = _inlined()

    def entry(i: int, j: int) -> Any:
        low, high = [list(map(sp.Integer, POINT)) for _ in range(2)]
        low[j] -= before
        high[j] += after
        return (_at(nodes[OUTPUTS[i]], *high) - _at(nodes[OUTPUTS[i]], *low)) / (before + after)

    return sp.Matrix(2, 2, entry)


def symbolic_forward_difference() -> Any:
    """(f(w + STEP e_j) - f(w)) / STEP."""
    return _quotients(sp.Integer(0), STEP)


def symbolic_backward_difference() -> Any:
    """(f(w) - f(w - STEP e_j)) / STEP."""
    return _quotients(STEP, sp.Integer(0))


def symbolic_central_difference() -> Any:
    """(f(w + STEP e_j) - f(w - STEP e_j)) / (2 STEP)."""
    return _quotients(STEP, STEP)


def symbolic_half_step_difference() -> Any:
    """(f(w + STEP/2 e_j) - f(w - STEP/2 e_j)) / STEP: central, with STEP for the whole width."""
    return _quotients(STEP / 2, STEP / 2)


def symbolic_forward_trace() -> dict[str, list[Any]]:
    """Node -> its derivatives by w_1 and w_2 at the point: what the two forward passes compute.

    Source: every node written in the weights alone and differentiated by sympy.
    """
    v, nodes = _symbols(), _inlined()
    return {name: [_at(sp.diff(e, v[w])) for w in INPUTS] for name, e in nodes.items()}


def symbolic_reverse_trace() -> dict[str, list[Any]]:
    """Node -> the derivatives of f_1 and f_2 by it at the point: what the two backward passes compute.

    Source: the node is cut out of the graph, an unknown put for it everywhere, and the outputs
    differentiated by the unknown.
    """
    v, formulas, values = _symbols(), _formulas(), _inlined()
    trace = {}
    for name in (*INPUTS, *formulas):
        known: dict[Any, Any] = {}
        for other, formula in formulas.items():
            known[v[other]] = v[name] if other == name else formula.xreplace(known)
        slopes = [sp.diff(known[v[f]], v[name]) for f in OUTPUTS]
        if name not in INPUTS:
            slopes = [slope.xreplace({v[name]: values[name]}) for slope in slopes]
        trace[name] = [_at(slope) for slope in slopes]
    return trace


def symbolic_graph_edges() -> list[Edge]:
    """The edges of the graph, sorted: a node's parents are the symbols its formula holds."""
    return sorted((parent.name, name) for name, e in _formulas().items() for parent in e.free_symbols)


# --- measured ----------------------------------------------------------------------------------------------


def _f(w_1: Any, w_2: Any) -> list[Any]:
    """Both outputs in plain arithmetic, for floats and complex numbers."""
    inner = cmath.exp(w_1) + cmath.exp(2 * w_2)
    return [cmath.exp(inner) + cmath.sin(inner), w_1 * w_2 + 1 / (1 + cmath.exp(-w_1))]


def _real(w_1: float, w_2: float) -> Array:
    return np.array([z.real for z in map(complex, _f(w_1, w_2))])


def numeric_value() -> Array:
    """[f_1, f_2] at the point, (2,)."""
    return _real(*POINT)


def numeric_f_1() -> float:
    """The first output at the point."""
    return float(numeric_value()[0])


def numeric_f_2() -> float:
    """The second output at the point."""
    return float(numeric_value()[1])


def numeric_slipped_value() -> float:
    """f_1 at the point with the slip of the sheet's text form."""
    a, c = math.exp(POINT[0]), math.exp(2 * POINT[1])
    return math.exp(POINT[0] + c) + math.sin(a + c)


def numeric_jacobian() -> Array:
    """The Jacobian at the point by complex steps: the imaginary part of f(w + i h e_j) over h."""
    columns = []
    for j in range(2):
        w = [complex(x) for x in POINT]
        w[j] += COMPLEX_STEP * 1j
        columns.append([z.imag / COMPLEX_STEP for z in _f(*w)])
    return np.array(columns).T


def _difference(before: float, after: float) -> Array:
    columns = []
    for unit in np.eye(2):
        high, low = np.array(POINT) + after * unit, np.array(POINT) - before * unit
        columns.append((_real(*high) - _real(*low)) / (before + after))
    return np.array(columns).T


def numeric_forward_difference() -> Array:
    """The forward difference in floats."""
    return _difference(0.0, float(STEP))


def numeric_backward_difference() -> Array:
    """The backward difference in floats."""
    return _difference(float(STEP), 0.0)


def numeric_central_difference() -> Array:
    """The central difference in floats."""
    return _difference(float(STEP), float(STEP))


def numeric_half_step_difference() -> Array:
    """The central difference over the width STEP, in floats."""
    return _difference(float(STEP) / 2, float(STEP) / 2)


# A node: its parents, its value, and its local derivatives by the parents.
_Rule = tuple[tuple[str, ...], Callable[..., float], Callable[..., tuple[float, ...]]]


def _rules() -> dict[str, _Rule]:
    def sigmoid(x: float) -> float:
        return 1 / (1 + math.exp(-x))

    return {
        "a": (("w_1",), math.exp, lambda x: (math.exp(x),)),
        "b": (("w_2",), lambda x: 2 * x, lambda x: (2.0,)),
        "c": (("b",), math.exp, lambda x: (math.exp(x),)),
        "d": (("a", "c"), lambda x, y: x + y, lambda x, y: (1.0, 1.0)),
        "e": (("d",), math.exp, lambda x: (math.exp(x),)),
        "f": (("d",), math.sin, lambda x: (math.cos(x),)),
        "f_1": (("e", "f"), lambda x, y: x + y, lambda x, y: (1.0, 1.0)),
        "m": (("w_1", "w_2"), lambda x, y: x * y, lambda x, y: (y, x)),
        "s": (("w_1",), sigmoid, lambda x: (sigmoid(x) * (1 - sigmoid(x)),)),
        "f_2": (("m", "s"), lambda x, y: x + y, lambda x, y: (1.0, 1.0)),
    }


def _values(rules: Mapping[str, _Rule], point: tuple[float, float] = POINT) -> dict[str, float]:
    values = {w: float(x) for w, x in zip(INPUTS, point, strict=True)}
    for name, (parents, value, _) in rules.items():
        values[name] = value(*(values[p] for p in parents))
    return values


def numeric_forward_trace() -> dict[str, list[float]]:
    """Node -> its derivatives by w_1 and w_2: two forward passes, seeds (1, 0) and (0, 1)."""
    rules = _rules()
    values = _values(rules)
    trace: dict[str, list[float]] = {name: [] for name in rules}
    for seed in INPUTS:
        dot = {w: float(w == seed) for w in INPUTS}
        for name, (parents, _, slopes) in rules.items():
            local = slopes(*(values[p] for p in parents))
            dot[name] = sum(s * dot[p] for s, p in zip(local, parents, strict=True))
            trace[name].append(dot[name])
    return trace


def numeric_reverse_trace() -> dict[str, list[float]]:
    """Node -> the derivatives of f_1 and f_2 by it: two backward passes over the same rules."""
    rules = _rules()
    values = _values(rules)
    trace: dict[str, list[float]] = {name: [] for name in (*INPUTS, *rules)}
    for output in OUTPUTS:
        bar = dict.fromkeys(values, 0.0)
        bar[output] = 1.0
        for name, (parents, _, slopes) in reversed(rules.items()):
            for p, slope in zip(parents, slopes(*(values[p] for p in parents)), strict=True):
                bar[p] += slope * bar[name]
        for name in trace:
            trace[name].append(bar[name])
    return trace


def numeric_graph_edges() -> list[Edge]:
    """The edges of the graph, sorted.

    Source: interventions. One node at a time is disturbed while every other is held; whichever node would
    change is its child. (At a point where no value swallows another in a sum, as e does with f at (1, 2).)
    """
    rules = _rules()
    values = _values(rules, (0.3, 0.2))
    edges = []
    for parent in values:
        disturbed = values | {parent: values[parent] + 0.25}
        for name, (parents, value, _) in rules.items():
            if value(*(disturbed[p] for p in parents)) != value(*(values[p] for p in parents)):
                edges.append((parent, name))
    return sorted(edges)


# --- mistakes, for the rubric's known wrong Jacobians ------------------------------------------------------


def slipped_jacobian(slip: str) -> Array:
    """The exact Jacobian with one slip: "factor" (the 2 of 2 w_2 lost), "inner" (the chain through exp(w_1)
    lost), "sigmoid only" (w_1 reaches f_2 only through sigma), "transposed". Raises ValueError for others."""
    jacobian = numeric_jacobian()
    if slip == "factor":
        jacobian[0, 1] /= 2
    elif slip == "inner":
        jacobian[0, 0] /= math.e
    elif slip == "sigmoid only":
        jacobian[1, 0] -= POINT[1]
    elif slip == "transposed":
        jacobian = jacobian.T
    else:
        raise ValueError(f"unknown slip {slip!r}: one of factor, inner, sigmoid only, transposed")
    return jacobian
