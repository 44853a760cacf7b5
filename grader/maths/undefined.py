"""Why an answer has no value under the assumptions, in words."""

from __future__ import annotations

from collections.abc import Mapping

import flint

from grader.errors import MathsFault, UndefinedFault
from grader.maths.degree import all_nodes
from grader.maths.evaluate import CoarseFault, Point, evaluate, needs_reals
from grader.maths.printing import show, show_name
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.worlds import WORLDS, Value

__all__ = ["exactly_undefined", "undefined_words"]


def exactly_undefined(fault: CoarseFault, point: Point) -> bool:
    """Whether what may be zero in balls is zero: exactly, if it is rational, else to 250 binary digits."""
    if fault.tight:
        return True
    if needs_reals(fault.node, point.scope):
        return False
    world = WORLDS["rationals"]

    def exact(v: Value) -> Value:
        if hasattr(v, "entries"):
            return world.matrix(v.nrows(), v.ncols(), [x.fmpq() for x in v.entries()])
        return v.fmpq()

    try:  # a value that is drawn later would be another one
        used = {n.value for n in all_nodes(fault.node, point.scope) if n.op == "sym"}
        values = {k: exact(point.values[k]) for k in used if k in point.values}
        functions = {k: [exact(c) for c in v] for k, v in point.functions.items()}
        v = evaluate(fault.node, Point(world, point.scope, point.dims, values, point.integers, functions))
    except (MathsFault, ValueError):
        return False
    if isinstance(v, flint.fmpq):
        return bool(v == 0)
    return bool(v.rank() < min(v.nrows(), v.ncols()))


def undefined_words(node: Node, scope: Scope, fault: UndefinedFault, dims: Mapping[str, int]) -> str:
    """``XᵀX is singular when d > n; it has no inverse``."""
    part = _part_at(node, fault)
    message = fault.message
    if part is None:
        return message
    if message.startswith("a singular matrix"):
        return f"{show(part)} is singular{_when(dims, scope, part)}; it has no inverse"
    if message.startswith("a denominator"):
        return f"the denominator {show(part)} is zero"
    return f"{message} in {show(part)}"


def _part_at(node: Node, fault: UndefinedFault) -> Node | None:
    if isinstance(fault, CoarseFault):
        return fault.node
    if fault.span is None:
        return None
    return next((n for n in node.walk() if n.span == fault.span and n.op != "num"), None)


def _when(dims: Mapping[str, int], scope: Scope, part: Node) -> str:
    """`` when d > n``: how the sizes of the singular matrix compare."""
    names = [d for n in part.walk() if n.shape for d in n.shape if isinstance(d, str)]
    outer = part.shape[0] if part.shape else None
    inner = [d for d in dict.fromkeys(names) if d != outer and d in dims]
    if isinstance(outer, str) and outer in dims and inner:
        small = min(inner, key=lambda d: dims[d])
        if dims[small] < dims[outer]:
            return f" when {show_name(outer)} > {show_name(small)}"
    return ""
