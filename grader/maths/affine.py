"""How expressions depend on symbols at a point, where that is affine."""

from __future__ import annotations

from collections.abc import Sequence

import flint

from grader.maths.evaluate import Budget, Point, Value, entries_of, evaluate
from grader.maths.scope import Scope
from grader.maths.tree import Node

__all__ = ["MAX_UNKNOWNS", "entries_at", "moved_to", "response", "vanish"]

MAX_UNKNOWNS = 40  # entries of the symbols


def response(
    nodes: Sequence[tuple[Node, Scope]], names: Sequence[str], point: Point, budget: Budget
) -> tuple[list[Value], list[list[Value]]] | None:
    """The entries of all ``nodes`` where ``names`` are zero, and for every entry of a name what one more of
    it adds; None if there are too many or the dependence is not affine (tried at another place)."""
    count = len(entries_at(names, point))
    if count > MAX_UNKNOWNS:
        return None
    world = point.world

    def at(x: list[Value]) -> list[Value]:
        there = moved_to(names, x, point)
        return [v for node, scope in nodes for v in entries_of(evaluate(node, there.under(scope), budget))]

    zero, one = world.scalar(0), world.scalar(1)
    base = at([zero] * count)
    probe = [world.scalar(7 * k + 3) for k in range(count)]
    there = at(probe)
    if count > 2:  # on a straight line first: it spares an evaluation for every entry
        twice = at([x + x for x in probe])
        if not vanish([y - x - x + b for y, x, b in zip(twice, there, base, strict=True)]):
            return None
    columns = []
    for k in range(count):
        step = at([one if i == k else zero for i in range(count)])
        columns.append([s - b for s, b in zip(step, base, strict=True)])
    expected = [
        b + sum((c[i] * v for c, v in zip(columns, probe, strict=True)), zero) for i, b in enumerate(base)
    ]
    if not vanish([x - y for x, y in zip(there, expected, strict=True)]):
        return None
    return base, columns


def entries_at(names: Sequence[str], point: Point) -> list[Value]:
    """The entries of symbols, one behind the other."""
    return [v for name in names for v in entries_of(point.values[name])]


def moved_to(names: Sequence[str], x: Sequence[Value], point: Point) -> Point:
    """The point with other entries of some symbols."""
    new = {}
    done = 0
    for name in names:
        value = point.values[name]
        if not hasattr(value, "entries"):
            new[name], done = x[done], done + 1
            continue
        size = value.nrows() * value.ncols()
        new[name] = point.world.matrix(value.nrows(), value.ncols(), list(x[done : done + size]))
        done += size
    return point.moved(new)


def vanish(values: list[Value]) -> bool:
    """Whether every value is zero, or a ball that may be."""
    return all(x.contains(0) if isinstance(x, flint.arb) else x == 0 for x in values)
