"""Back-propagation through an MLP with a skip connection (cse891-hw2, 1).

    z = W_1 x + b_1,  h = sigma(z),  y = x + W_2 h + b_2,  L = S + R,  S = (1/2) ||y - s||^2,  R = r^T h

with sigma the logistic sigmoid. A bar is the derivative of L by that node: of everything that happens after
it, except that L reads h and y separately, so y_bar holds h and h_bar goes through y too.

Shapes, symbolic: x, s, b_2 (N, 1), r, b_1 (K, 1), W_1 (K, N), W_2 (N, K) sympy matrices; results are columns
to DIGITS digits. Numeric: vectors are one-dimensional arrays.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

TOLERANCE = 1e-6  # relative

DIGITS = 30  # of the derived values, which are irrational
COMPLEX_STEP = 1e-30
# What a drawing may leave out: constants and parameters, which the sheet does not ask for.
GIVEN = ("W_1", "b_1", "W_2", "b_2", "r", "s")

Array = npt.NDArray[Any]
Edge = tuple[str, str]


# --- derived -----------------------------------------------------------------------------------------------


def _sigmoid(v: Any) -> Any:
    return 1 / (1 + sp.exp(-v))


def _output(x: Any, h: Any, W_2: Any, b_2: Any) -> Any:
    return x + W_2 * h + b_2


def _loss(y: Any, h: Any, s: Any, r: Any) -> Any:
    squares = sum((e**2 for e in y - s), sp.Integer(0)) / 2
    return squares + sum((a * b for a, b in zip(r, h, strict=True)), sp.Integer(0))


def _free(name: str, size: int) -> Any:
    return sp.Matrix([sp.Dummy(f"{name}{j}") for j in range(size)])


def _slopes(loss: Any, by: Any, at: Any) -> Any:
    """The derivatives of ``loss`` by the free symbols ``by``, (m, 1), where these are ``at``."""
    here = dict(zip(by, at, strict=True))
    return sp.Matrix([sp.diff(loss, v).xreplace(here) for v in by]).evalf(DIGITS)


def _forward(x: Any, W_1: Any, b_1: Any, W_2: Any, b_2: Any) -> tuple[Any, Any, Any]:
    z = W_1 * x + b_1
    h = z.applyfunc(_sigmoid)
    return z, h, _output(x, h, W_2, b_2)


def symbolic_y_bar(x: Any, s: Any, r: Any, W_1: Any, b_1: Any, W_2: Any, b_2: Any) -> Any:
    """dL/dy with h held, (N, 1). Source: L differentiated by each entry of a free y."""
    _, h, y = _forward(x, W_1, b_1, W_2, b_2)
    free = _free("y", len(y))
    return _slopes(_loss(free, h, s, r), free, y)


def symbolic_h_bar(x: Any, s: Any, r: Any, W_1: Any, b_1: Any, W_2: Any, b_2: Any) -> Any:
    """dL/dh, (K, 1), directly and through y. Source: L differentiated by each entry of a free h."""
    _, h, _ = _forward(x, W_1, b_1, W_2, b_2)
    free = _free("h", len(h))
    return _slopes(_loss(_output(x, free, W_2, b_2), free, s, r), free, h)


def symbolic_z_bar(x: Any, s: Any, r: Any, W_1: Any, b_1: Any, W_2: Any, b_2: Any) -> Any:
    """dL/dz, (K, 1). Source: L differentiated by each entry of a free z, through the sigmoid."""
    z, _, _ = _forward(x, W_1, b_1, W_2, b_2)
    free = _free("z", len(z))
    h = free.applyfunc(_sigmoid)
    return _slopes(_loss(_output(x, h, W_2, b_2), h, s, r), free, z)


def symbolic_x_bar(x: Any, s: Any, r: Any, W_1: Any, b_1: Any, W_2: Any, b_2: Any) -> Any:
    """dL/dx, (N, 1), through z and along the skip. Source: L differentiated by each entry of a free x."""
    free = _free("x", len(x))
    _, h, y = _forward(free, W_1, b_1, W_2, b_2)
    return _slopes(_loss(y, h, s, r), free, x)


def symbolic_graph_edges(given: bool = False) -> list[Edge]:
    """The edges of the graph of L, sorted; ``given``: with parameters and constants.

    Source: each node's definition in sympy; a node's parents are the symbols its definition holds.
    """
    v = {name: sp.Symbol(name) for name in ("x", "z", "h", "y", "S", "R", *GIVEN)}
    sigma = sp.Function("sigma")
    formula = {
        "z": v["W_1"] * v["x"] + v["b_1"],
        "h": sigma(v["z"]),
        "y": v["x"] + v["W_2"] * v["h"] + v["b_2"],
        "S": (v["y"] - v["s"]) ** 2 / 2,
        "R": v["r"] * v["h"],
        "L": v["S"] + v["R"],
    }
    edges = [(parent.name, name) for name, e in formula.items() for parent in e.free_symbols]
    return sorted(e for e in edges if given or e[0] not in GIVEN)


def symbolic_path_count() -> Any:
    """The number of paths from x to L: 3. Source: (I - A)^{-1} for the adjacency matrix A."""
    edges = symbolic_graph_edges()
    names = sorted({name for edge in edges for name in edge})
    adjacency = sp.Matrix(len(names), len(names), lambda i, j: int((names[i], names[j]) in edges))
    return (sp.eye(len(names)) - adjacency).inv()[names.index("x"), names.index("L")]


# --- measured ----------------------------------------------------------------------------------------------


def _nodes(given: Mapping[str, Array]) -> dict[str, Callable[[Mapping[str, Array]], Array]]:
    """How each node is computed from those before it, in the order of the computation."""
    g = given
    return {
        "z": lambda v: g["W_1"] @ v["x"] + g["b_1"],
        "h": lambda v: 1 / (1 + np.exp(-v["z"])),
        "y": lambda v: v["x"] + g["W_2"] @ v["h"] + g["b_2"],
        "S": lambda v: ((v["y"] - g["s"]) ** 2).sum() / 2,
        "R": lambda v: (g["r"] * v["h"]).sum(),
        "L": lambda v: v["S"] + v["R"],
    }


def _given(s: Any, r: Any, W_1: Any, b_1: Any, W_2: Any, b_2: Any) -> dict[str, Array]:
    given = {"s": s, "r": r, "W_1": W_1, "b_1": b_1, "W_2": W_2, "b_2": b_2}
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in given.items()}
    K, N = arrays["W_1"].shape
    shapes = {"s": (N,), "r": (K,), "W_1": (K, N), "b_1": (K,), "W_2": (N, K), "b_2": (N,)}
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{name} is {arrays[name].shape}; with W_1 {(K, N)} it has to be {shape}")
    return arrays


def _measured(node: str, x: npt.ArrayLike, given: Mapping[str, Array]) -> Array:
    """dL/d ``node``: each entry is moved a little along the imaginary axis and what follows is run again."""
    nodes = _nodes(given)
    values: dict[str, Array] = {"x": np.asarray(x, dtype=np.complex128)}
    for name, compute in nodes.items():
        values[name] = compute(values)
    later = list(nodes)[list(nodes).index(node) + 1 :] if node in nodes else list(nodes)
    slopes = []
    for entry in np.eye(values[node].size):
        moved = values | {node: values[node] + 1j * COMPLEX_STEP * entry}
        for name in later:
            moved[name] = nodes[name](moved)
        slopes.append(float(moved["L"].imag / COMPLEX_STEP))
    return np.array(slopes)


def numeric_y_bar(x: Any, s: Any, r: Any, W_1: Any, b_1: Any, W_2: Any, b_2: Any) -> Array:
    """dL/dy with h held, (N,). Source: the network really run, y moved along the imaginary axis."""
    return _measured("y", x, _given(s, r, W_1, b_1, W_2, b_2))


def numeric_h_bar(x: Any, s: Any, r: Any, W_1: Any, b_1: Any, W_2: Any, b_2: Any) -> Array:
    """dL/dh, (K,). Source: the network really run on from a moved h."""
    return _measured("h", x, _given(s, r, W_1, b_1, W_2, b_2))


def numeric_z_bar(x: Any, s: Any, r: Any, W_1: Any, b_1: Any, W_2: Any, b_2: Any) -> Array:
    """dL/dz, (K,). Source: the network really run on from a moved z."""
    return _measured("z", x, _given(s, r, W_1, b_1, W_2, b_2))


def numeric_x_bar(x: Any, s: Any, r: Any, W_1: Any, b_1: Any, W_2: Any, b_2: Any) -> Array:
    """dL/dx, (N,). Source: the network really run from a moved x."""
    return _measured("x", x, _given(s, r, W_1, b_1, W_2, b_2))


def numeric_graph_edges(given: bool = False) -> list[Edge]:
    """The edges of the graph of L, sorted; ``given``: with parameters and constants.

    Source: interventions. A network of N = 2, K = 3 is run; then one quantity at a time is disturbed while
    every node is held, and whichever node would change is its child.
    """
    rng = np.random.default_rng(891)
    shapes = {"W_1": (3, 2), "b_1": (3,), "W_2": (2, 3), "b_2": (2,), "r": (3,), "s": (2,)}
    constants: dict[str, Array] = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    nodes = _nodes(constants)
    values: dict[str, Array] = {"x": rng.normal(size=2)}
    for name, compute in nodes.items():
        values[name] = compute(values)
    edges = []
    for parent, child in itertools.product([*values, *(GIVEN if given else ())], nodes):
        if parent in constants:
            disturbed, rerun = values, _nodes(constants | {parent: constants[parent] + 0.25})
        else:
            disturbed, rerun = values | {parent: values[parent] + 0.25}, nodes
        if child != parent and np.any(rerun[child](disturbed) != values[child]):
            edges.append((parent, child))
    return sorted(edges)


def numeric_path_count() -> int:
    """The number of paths from x to L, by walking all of them."""
    edges = numeric_graph_edges()

    def walk(node: str) -> int:
        return 1 if node == "L" else sum(walk(child) for parent, child in edges if parent == node)

    return walk("x")
