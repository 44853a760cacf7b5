"""The computation graph of two gradient steps (csc413-2020-hw2, 2.1.1).

Nodes: weights w_0, w_1, w_2, losses L_0, L_1, L_2, gradients g_0, g_1 and the learning rate eta; X and t are
constants. A drawing may leave out intermediate nodes; ``detail`` says which: "full", "gradients" (no
intermediate losses) or "direct" (no intermediate losses or gradients).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

# The nodes that a drawing of each detail leaves out, in the order of the computation.
HIDDEN: dict[str, tuple[str, ...]] = {
    "full": (),
    "gradients": ("L_0", "L_1"),
    "direct": ("L_0", "g_0", "L_1", "g_1"),
}

Edge = tuple[str, str]


def _hidden(detail: str) -> tuple[str, ...]:
    if detail not in HIDDEN:
        raise ValueError(f"unknown detail {detail!r}: one of {', '.join(HIDDEN)}")
    return HIDDEN[detail]


# --- derived -----------------------------------------------------------------------------------------------


def symbolic_graph_edges(detail: str = "full") -> list[Edge]:
    """The edges of the graph of L_2 after two steps, sorted; ``detail`` is a key of HIDDEN.

    Source: each node's definition in sympy; a node's parents are the symbols its definition holds.
    Hidden nodes are substituted away. Raises ValueError for an unknown ``detail``.
    """
    loss, slope = sp.Function("loss"), sp.Function("slope")
    node = {str(v): v for v in sp.symbols("eta w_:3 L_:3 g_:2")}
    formula = {"L_2": loss(node["w_2"])}
    for k in (0, 1):
        formula[f"L_{k}"] = loss(node[f"w_{k}"])
        formula[f"g_{k}"] = slope(node[f"L_{k}"], node[f"w_{k}"])
        formula[f"w_{k + 1}"] = node[f"w_{k}"] - node["eta"] * node[f"g_{k}"]
    for name in _hidden(detail):
        inside = formula.pop(name)
        formula = {other: expression.xreplace({node[name]: inside}) for other, expression in formula.items()}
    return sorted((parent.name, name) for name, e in formula.items() for parent in e.free_symbols)


def symbolic_path_count(detail: str = "full") -> Any:
    """The number of paths from eta to L_2: 4, or fewer when ``detail`` hides nodes.

    Source: (I - A)^{-1} = I + A + A^2 + ... for the adjacency matrix A of an acyclic graph.
    """
    edges = symbolic_graph_edges(detail)
    names = sorted({name for edge in edges for name in edge})
    adjacency = sp.Matrix(len(names), len(names), lambda i, j: int((names[i], names[j]) in edges))
    return (sp.eye(len(names)) - adjacency).inv()[names.index("eta"), names.index("L_2")]


# --- measured ----------------------------------------------------------------------------------------------


def _two_steps() -> dict[str, Callable[[Mapping[str, float]], float]]:
    """Two steps on one weight and one sample, node by node; each node reads the values it is given."""

    def loss(w: float) -> float:
        return (1.5 * w - 0.7) ** 2

    def slope(loss_here: float, w: float) -> float:
        return (loss(w + 1e-4) - loss_here) / 1e-4

    return {
        "L_0": lambda v: loss(v["w_0"]),
        "g_0": lambda v: slope(v["L_0"], v["w_0"]),
        "w_1": lambda v: v["w_0"] - v["eta"] * v["g_0"],
        "L_1": lambda v: loss(v["w_1"]),
        "g_1": lambda v: slope(v["L_1"], v["w_1"]),
        "w_2": lambda v: v["w_1"] - v["eta"] * v["g_1"],
        "L_2": lambda v: loss(v["w_2"]),
    }


def numeric_graph_edges(detail: str = "full") -> list[Edge]:
    """The edges of the graph of L_2 after two steps, sorted; ``detail`` is a key of HIDDEN.

    Source: interventions. Two steps are run; then one node at a time is disturbed while every other
    visible node is held, and whichever node would change is its child. Raises ValueError for an unknown
    ``detail``.
    """
    hidden, nodes = _hidden(detail), _two_steps()
    values = {"w_0": 2.0, "eta": 0.1}
    for name, compute in nodes.items():
        values[name] = compute(values)
    edges = []
    for parent, child in itertools.product([v for v in values if v not in hidden], nodes):
        disturbed = values | {parent: values[parent] + 0.25}
        for name in hidden:  # in the order of the computation
            disturbed[name] = nodes[name](disturbed)
        if child not in hidden and child != parent and nodes[child](disturbed) != values[child]:
            edges.append((parent, child))
    return sorted(edges)


def numeric_path_count(detail: str = "full") -> int:
    """The number of paths from eta to L_2, by walking all of them."""
    edges = numeric_graph_edges(detail)

    def walk(node: str) -> int:
        return 1 if node == "L_2" else sum(walk(child) for parent, child in edges if parent == node)

    return walk("eta")
