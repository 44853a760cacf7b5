r"""Equations without the function around their sides: ``\sqrt{u} = \sqrt{2}`` has the solutions of ``u = 2``.

Only where that neither wins nor loses a solution: exp on both sides, logarithms and roots where one side is
known to be positive, ``|u| = 0``, and ``|u| = 2``, which is ``(u - 2)(u + 2) = 0``.
"""

from __future__ import annotations

from fractions import Fraction

from grader.maths.scope import Scope
from grader.maths.tree import Node, num

__all__ = ["peeled"]

_MOST = 4  # functions around a side
_POSITIVE = frozenset(("> 0", "in (0,1)"))


def peeled(equation: Node, scope: Scope) -> Node:
    """An equation with the same solutions and fewer functions around its sides."""
    for _ in range(_MOST):
        a, b = equation.args
        found = _once(a, b, scope) or _once(b, a, scope)
        if found is None:
            break
        equation = Node("eq", found, None, equation.span)
    return equation


def _once(a: Node, b: Node, scope: Scope) -> tuple[Node, Node] | None:
    logs = _logarithms(a, b, scope)
    if logs is not None:
        return logs
    if a.op == "norm":
        return (a.args[0], Node("zeros", (), None, b.span, a.args[0].shape)) if _number(b) == 0 else None
    if a.op != "func" or a.args[0].shape is not None:
        return None
    u, value = a.args[0], _number(b)
    if b.op == "func" and b.value == a.value and len(b.args) == 1:
        v = b.args[0]
        known = _positive(u, scope) or _positive(v, scope)
        return (u, v) if a.value == "exp" or (a.value in ("log", "sqrt") and known) else None
    if a.value == "exp" and b.op == "const" and b.value == "e":
        return u, num(1)
    if value is None or a.value not in ("abs", "sqrt", "exp", "log"):
        return None
    if a.value == "abs":
        if value == 0:
            return u, b
        both = Node("mul", (_plus(u, num(-value)), _plus(u, num(value))), None, a.span)
        return (both, num(0)) if value > 0 else None
    if a.value == "sqrt":
        return (u, num(value * value)) if value >= 0 else None
    if a.value == "exp":
        return (u, num(0)) if value == 1 else None
    return (u, num(1)) if value == 0 else None


def _number(n: Node) -> Fraction | None:
    if n.op == "neg":
        inner = _number(n.args[0])
        return None if inner is None else -inner
    return n.value if n.op == "num" and isinstance(n.value, Fraction) else None


def _plus(a: Node, b: Node) -> Node:
    return Node("add", (a, b), None, a.span)


def _positive(n: Node, scope: Scope) -> bool:
    """Whether a value is certainly positive."""
    if n.op == "num":
        return bool(n.value > 0)
    if n.op == "sym":
        return scope.kinds[n.value].sort == "dim" or scope.kinds[n.value].sign in _POSITIVE
    if n.op == "func":
        return bool(n.value == "exp")
    return n.op in ("add", "mul", "div") and all(_positive(a, scope) for a in n.args)


def _logarithms(a: Node, b: Node, scope: Scope) -> tuple[Node, Node] | None:
    """``\\log u - \\log v = -\\log w`` as ``u w = v``, where all of them are positive."""
    above: list[Node] = []
    below: list[Node] = []

    def collect(n: Node, plus: bool) -> bool:
        if n.op == "add":
            return all(collect(x, plus) for x in n.args)
        if n.op == "neg":
            return collect(n.args[0], not plus)
        if _number(n) == 0:
            return True
        (above if plus else below).append(n.args[0] if n.args else n)
        return n.op == "func" and n.value == "log" and _positive(n.args[0], scope)

    if not (collect(a, True) and collect(b, False)) or len(above) + len(below) < 2:
        return None
    sides = []
    for factors in (above, below):
        side = factors[0] if factors else num(1)
        for f in factors[1:]:
            side = Node("mul", (side, f))
        sides.append(side)
    return sides[0], sides[1]
