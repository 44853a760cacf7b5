"""How wrong a random test of an expression may be: its degree, its branches, the length of its numbers."""

from __future__ import annotations

import math

from grader.maths.exactness import constant
from grader.maths.scope import Scope
from grader.maths.tree import Node

__all__ = [
    "all_nodes",
    "chance_of_error",
    "degree_of",
    "has_branches",
    "has_steps",
    "may_be_steep",
    "number_bits",
]

SIZE = 24  # no sample point has a larger size
EXPONENT = 40  # nor a larger exponent
_PIECES = frozenset(["abs", "sign", "relu"])
_BRANCHES = frozenset(["abs", "sqrt", "relu", "sign", "max", "min", "log", "asin", "acos"])  # fmt: skip
_STEEP = frozenset(["inv", "pinv", "pow", "power", "norm", "apply", "sum", "prod", "deriv", "func"])
_STEPPED = frozenset(["mod", "func", "max", "min", "holds"])  # operations that may have steps


def degree_of(node: Node, scope: Scope) -> int:
    """An upper bound for the degree of numerator plus denominator."""
    return sum(_degrees(node, scope, 0))


def may_be_steep(node: Node, scope: Scope) -> bool:
    """Whether its degree can be far larger than its size: without powers and their like it cannot."""
    return not (_STEEP.isdisjoint(node.ops()) and node.names().isdisjoint(scope.define))


def _degrees(n: Node, scope: Scope, depth: int) -> tuple[int, int]:
    op = n.op
    if op == "sym" and n.value in scope.define and depth < 40:
        return _degrees(scope.define[n.value], scope, depth + 1)
    if op in ("sym", "basis"):
        return 1, 0
    if not n.args:
        return 0, 0
    parts = [_degrees(a, scope, depth) for a in n.args]
    if op in ("mul", "scale", "dot", "had"):
        # a matrix product adds up at most SIZE terms, with the same denominator where it is one of entries
        (a, b), (c, d) = parts
        return a + c, b + d
    if op == "div":
        (a, b), (c, d) = parts
        return a + d, b + c
    if op in ("inv", "pinv"):
        a, b = parts[0]
        k = 2 * SIZE if op == "pinv" else SIZE
        return k * (a + b), k * (a + b)
    if op == "pow":
        power = constant(n.args[1])
        times = abs(math.ceil(power)) if power is not None else EXPONENT
        return parts[0][0] * times, parts[0][1] * times
    if op == "norm":
        return 2 * parts[0][0], 2 * parts[0][1]
    if op == "apply":
        return 12 * (parts[0][0] + parts[0][1]), 12 * parts[0][1]
    if op in ("sum", "prod"):
        return SIZE * (parts[0][0] + parts[0][1]), SIZE * parts[0][1]
    if op == "deriv":
        return parts[0][0] + parts[0][1], 2 * n.value[1] * parts[0][1] + parts[0][1]
    below = sum(p[1] for p in parts)
    if op == "func":
        return SIZE * (parts[0][0] + below), SIZE * below
    return max(p[0] for p in parts) + below, below


def chance_of_error(degree: int, points: int, prime: int) -> str:
    """(degree / prime)^points, rounded up to a power of ten (Schwartz-Zippel)."""
    exponent = math.ceil(points * (math.log10(max(degree, 1)) - math.log10(prime)))
    return f"1e{max(exponent, -999)}"


def has_branches(node: Node, scope: Scope) -> bool:
    """Whether it is made of pieces (|x|, √x, max …), so that a few points may miss one."""
    for n in node.walk():
        if n.op in ("max", "min", "norm") or (n.op == "func" and n.value in _BRANCHES):
            return True
        if n.op == "pow":
            k = constant(n.args[1])
            if k is None or k.denominator != 1:
                return True
        if n.op == "sym" and n.value in scope.define and has_branches(scope.define[n.value], scope):
            return True
    return False


def all_nodes(tree: Node, scope: Scope) -> list[Node]:
    """Every node of a tree and of the definitions it uses."""
    if tree.names().isdisjoint(scope.define):
        return tree.walk()
    out: list[Node] = []
    seen: set[str] = set()
    todo = [tree]
    while todo:
        nodes = todo.pop().walk()
        out += nodes
        for n in nodes:
            if n.op == "sym" and n.value in scope.define and n.value not in seen:
                seen.add(n.value)
                todo.append(scope.define[n.value])
    return out


def has_steps(tree: Node, scope: Scope) -> bool:
    """Whether it rounds or takes remainders, or has branches over nothing but whole numbers."""
    if _STEPPED.isdisjoint(tree.ops()) and tree.names().isdisjoint(scope.define):
        return False
    for n in all_nodes(tree, scope):
        if n.op in ("mod", "holds") or (n.op == "func" and n.value in ("floor", "ceil", "trunc")):
            return True
        if n.shape is None and (n.op in ("max", "min") or (n.op == "func" and n.value in _PIECES)):
            kinds = [
                scope.kinds[x.value].sort
                for x in all_nodes(n, scope)
                if x.op == "sym" and x.value not in scope.define
            ]
            if kinds and all(k in ("dim", "integer") for k in kinds):
                return True
    return False


def number_bits(node: Node) -> int:
    """The length of its longest literal number, powers of numbers included: a difference can be as
    small as that."""
    out = 0
    for n in node.walk():
        if n.op == "num":
            out = max(out, n.value.numerator.bit_length(), n.value.denominator.bit_length())
        elif n.op == "pow":
            k, base = constant(n.args[1]), constant(n.args[0])
            if k is not None and base is not None:
                longest = max(abs(base.numerator).bit_length(), base.denominator.bit_length())
                out = max(out, int(abs(k) * longest) + 1)
    return out
