r"""Steps under inequalities: ``assume = ["\beta < 1"]``. What they say is tried where they hold.

A step that fails at any point fails where the inequalities hold too, or it does not: points are drawn until
some satisfy all of them. One where the members differ refutes the step, none at all supports it; where too
few points could be found nothing is said.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

import flint

from grader.errors import MathsFault
from grader.maths.affine import vanish
from grader.maths.counterexample import describe, shown_names
from grader.maths.evaluate import Budget, Point, entries_of, evaluate
from grader.maths.links import PRECISION, Link, admissible, bounded
from grader.maths.sampling import WORLDS, draw, small_sizes
from grader.maths.scope import Scope, underlying
from grader.maths.tree import Node

__all__ = ["Bound", "bounds_between", "where_they_hold"]

Bound = tuple[Node, str, Node]  # left, sign, right

ENOUGH = 16  # points where the inequalities hold
LEAST = 6
TRIES = 600
STEPS = 400_000
TOP = 24
BELOW = (1, 2, 3, 4, 6, 8)


def bounds_between(sides: Sequence[Node], signs: Sequence[str]) -> list[Bound]:
    """The inequalities of a chain that are between scalars; ``signs[k]`` stands behind ``sides[k]``."""
    pairs = zip(sides, signs, sides[1:], strict=False)
    return [(a, sign, b) for a, sign, b in pairs if a.shape is None and b.shape is None]


def where_they_hold(
    bounds: Sequence[Bound], before: Node, after: Node, relation: str, scope: Scope, link: Link
) -> Link | None:
    """``link``, which says that a step fails, as it is where the bounds hold; None if that is open."""
    with flint.ctx.workprec(PRECISION):
        points = _points(bounds, before, after, scope)
        if len(points) < LEAST:
            return None
        if relation != "=":
            return bounded(before, after, relation, scope, points)
        compared = 0
        for point in points:
            try:
                a, b = evaluate(before, point, Budget(STEPS)), evaluate(after, point, Budget(STEPS))
            except MathsFault:
                continue
            compared += 1
            if not vanish([x - y for x, y in zip(entries_of(a), entries_of(b), strict=True)]):
                found = describe(shown_names(before, after, scope, scope), point, point, a, b)
                at = ", ".join(f"{n} = {v}" for n, v in found["values"].items())
                named = link.message.partition(" Likely mistake: ")
                return Link(
                    "fails",
                    f"Not equal to the member before: for {at} this is {found['yours']}, "
                    f"the member before is {found['expected']}.{named[1]}{named[2]}",
                    link.mistake,
                    "refuted",
                    {"level": "refuted", "counterexample": found},
                )
    if compared < LEAST:
        return None
    message = f"Equal to the member before (at {compared} points that satisfy what is assumed)."
    return Link("holds", message, level="supported", evidence={"level": "supported", "points": compared})


def _points(bounds: Sequence[Bound], before: Node, after: Node, scope: Scope) -> list[Point]:
    """Points where the bounds hold, the simplest first."""
    rng = random.Random(f"restricted {before!r} {after!r}")
    moving = {n for left, _, right in bounds for side in (left, right) for n in underlying(side, scope)}
    moving = {n for n in moving if scope.kinds[n].sort == "scalar" and n not in scope.define}
    small = small_sizes(scope)
    out: list[Point] = []
    for k in range(TRIES):
        if len(out) == ENOUGH:
            break
        dims = small[k % len(small)]
        point = draw(scope, WORLDS["balls"], dims, rng, frozenset("*"), span=1 + k % 6)
        top = 2 + k * TOP // TRIES
        drawn = {n: flint.arb(_number(rng, scope.kinds[n].sign, top)) for n in sorted(moving)}
        point = point.moved(drawn) if drawn else point
        if admissible(scope, point) and all(_holds(b, point) for b in bounds):
            out.append(point)
    return out


def _number(rng: random.Random, sign: str, top: int) -> flint.fmpq:
    below = rng.choice(BELOW)
    value = Fraction(rng.randint(0 if sign in (">= 0", "<= 0", "") else 1, top), below)
    if sign.startswith("<") or (sign in ("", "!= 0") and rng.random() < 0.5):
        value = -value
    return flint.fmpq(value.numerator, value.denominator)


def _holds(bound: Bound, point: Point) -> bool:
    """Whether an inequality certainly holds at a point."""
    left, sign, right = bound
    try:
        a, b = evaluate(left, point, Budget(STEPS)), evaluate(right, point, Budget(STEPS))
    except MathsFault:
        return False
    if hasattr(a, "entries") or hasattr(b, "entries"):
        return False
    return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign])
