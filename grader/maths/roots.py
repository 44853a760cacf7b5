"""Zeros of a real function of one symbol, in balls."""

from __future__ import annotations

from typing import Any

import flint

from grader.errors import UndefinedFault
from grader.maths.evaluate import Budget, Point, evaluate
from grader.maths.scope import Scope
from grader.maths.tree import Node

__all__ = ["is_zero_at", "zeros_between"]

GRID = 64  # places on each side of zero at which a real function is tried
BISECTIONS = 180
NEAR = 100  # bits to which a zero is one
STEPS = 800_000


def _value(
    node: Node, scope: Scope, unknown: str, point: Point, x: Any, budget: Budget | None = None
) -> Any | None:
    try:
        v = evaluate(node, point.moved({unknown: x}).under(scope), budget or Budget(STEPS))
    except UndefinedFault:
        return None
    return v if v.is_finite() else None


def is_zero_at(
    node: Node, scope: Scope, unknown: str, point: Point, x: Any, budget: Budget | None = None
) -> bool:
    v = _value(node, scope, unknown, point, x)
    return v is not None and bool(abs(v) < flint.arb(2) ** -NEAR)


def zeros_between(node: Node, scope: Scope, unknown: str, point: Point) -> list[Any]:
    """Zeros of a real function of the unknown between the places of a grid at which it changes its sign."""
    sign = scope.kinds[unknown].sign
    sizes_ = [flint.arb((2 * k + 1, -7)) * flint.arb(2) ** (k // 8 - 2) for k in range(GRID)]
    places = sizes_ if sign in ("> 0", ">= 0") else [-x for x in reversed(sizes_)] + sizes_
    found = []
    before: tuple[Any, Any] | None = None
    for x in places:
        v = _value(node, scope, unknown, point, x)
        if v is None or v.contains(0):
            if v is not None and is_zero_at(node, scope, unknown, point, x):
                found.append(x)
            before = None
            continue
        if before is not None and bool(before[1] > 0) != bool(v > 0):
            root = _bisected(node, scope, unknown, point, before[0], x, rising=bool(v > 0))
            if root is not None:
                found.append(root)
        before = (x, v)
    return found


def _bisected(
    node: Node, scope: Scope, unknown: str, point: Point, low: Any, high: Any, *, rising: bool
) -> Any | None:
    for _ in range(BISECTIONS):
        middle = ((low + high) / 2).mid()
        v = _value(node, scope, unknown, point, middle)
        if v is None:
            return None
        if v.contains(0):
            low = high = middle
            break
        low, high = (low, middle) if bool(v > 0) == rising else (middle, high)
    root = low.union(high)
    return root if is_zero_at(node, scope, unknown, point, root) else None  # else it jumps there
