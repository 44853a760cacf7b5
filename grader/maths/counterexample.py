"""The smallest example we can find that separates two expressions, for a person to check by hand."""

from __future__ import annotations

import random
from typing import Any

import flint

from grader.errors import MathsFault
from grader.maths.evaluate import Point, Value, evaluate
from grader.maths.printing import _Printer, show_value
from grader.maths.sampling import WORLDS, draw, small_sizes
from grader.maths.scope import Scope
from grader.maths.tree import Node

__all__ = ["find_counterexample"]

ATTEMPTS = 14  # draws for one choice of sizes
PRECISION = 128


def find_counterexample(
    expected: Node, answer: Node, scope: Scope, answer_scope: Scope, real: bool, tolerance: Any = None
) -> dict[str, Any] | None:
    """``{"values": {name: text}, "yours": …, "expected": …, "text": one sentence}``, or None."""
    world = WORLDS["balls" if real or tolerance is not None else "rationals"]
    rng = random.Random(20261122)
    names = _shown(expected, answer, answer_scope)
    bound = frozenset("*")
    with flint.ctx.workprec(PRECISION):
        for dims in small_sizes(scope):
            for attempt in range(ATTEMPTS if names else 1):
                span = 1 if attempt == 0 else 2 if attempt < 6 else 3
                point = draw(scope, world, dims, rng, bound, span=span)
                other = Point(world, answer_scope, point.dims, point.values, point.integers, point.functions)
                try:
                    e = evaluate(expected, point)
                    v = evaluate(answer, other)
                    if not _differ(e, v, real or tolerance is not None, tolerance):
                        continue
                    return _describe(names, point, other, e, v, answer_scope)
                except MathsFault:
                    continue
    return None


def _differ(e: Value, v: Value, real: bool, tolerance: Any) -> bool:
    if not real:
        return bool(e != v)
    left = e.entries() if hasattr(e, "entries") else [e]
    right = v.entries() if hasattr(v, "entries") else [v]
    if tolerance is None:
        return any(not x.overlaps(y) for x, y in zip(left, right, strict=True))
    room = [flint.arb(tolerance.abs) if tolerance.abs else abs(x) * tolerance.rel for x in left]
    return any(not abs(x - y) <= r * 1.000000001 for x, y, r in zip(left, right, room, strict=True))


def _shown(expected: Node, answer: Node, scope: Scope) -> list[str]:
    """The names a reader must know the values of, in the order of declaration."""
    used = expected.names() | answer.names()
    used -= {n for n in used if n not in scope.kinds}
    hidden = set()
    for n in list(used):
        if n in scope.define and n not in expected.names():
            used |= scope.define[n].names()
            hidden.add(n)
    dims = {d for n in used for d in (scope.kinds[n].shape or ()) if isinstance(d, str)}
    keep = {n for n in used - hidden if scope.kinds[n].sort != "function"}
    keep = {n for n in keep if n not in dims or n in expected.names() | answer.names()}
    return [n for n in scope.kinds if n in keep]


def _describe(
    names: list[str], point: Point, other: Point, e: Value, v: Value, scope: Scope
) -> dict[str, Any]:
    printer = _Printer("unicode")
    values: dict[str, str] = {}
    for name in names:
        if name in point.values:
            value = point.values[name]
        else:
            value = evaluate(Node("sym", (), name), other)
        values[printer.name(name)] = show_value(value)
    yours, expected = show_value(v), show_value(e)
    at = ", ".join(f"{k} = {x}" for k, x in values.items())
    where = (
        f"for {at} yours gives {yours}, expected is {expected}"
        if at
        else f"yours is {yours}, expected is {expected}"
    )
    return {"values": values, "yours": yours, "expected": expected, "text": where}
