"""Equations: two are the same when they have the same solutions.

``A = B`` and ``C = D`` are compared through their differences. If one difference is a constant
multiple of the other, at several points, the solution sets are equal. Otherwise points are sought
that solve one (it is solved for a symbol in which it is affine) and tried in the other.
"""

from __future__ import annotations

import random
from typing import Any

from grader.errors import MathsFault, ShapeFault, UndefinedFault
from grader.maths.evaluate import Point, Value, evaluate, needs_reals
from grader.maths.printing import show, show_value
from grader.maths.products import shape_text
from grader.maths.sampling import WORLDS, binding, draw, sizes, small_sizes
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.verdict import Comparison

__all__ = ["compare_equations", "difference_of", "solve_affine"]

POINTS = 4


def difference_of(equation: Node) -> Node:
    """``A − B`` of ``A = B``.

    Raises:
        ShapeFault: the two sides have different shapes.
    """
    a, b = equation.args
    if b.op == "num" and b.value == 0:
        return a
    if a.op == "num" and a.value == 0:
        return b
    if a.shape != b.shape:
        raise ShapeFault(
            f"the sides of this equation are {shape_text(a.shape)} and {shape_text(b.shape)}", a.span
        )
    return Node("add", (a, Node("neg", (b,), None, b.span, b.shape)), None, a.span, a.shape)


def solve_affine(difference: Node, name: str, point: Point) -> Value | None:
    """The value of the scalar ``name`` at which ``difference`` vanishes, the rest as in ``point``;
    None if it is not affine in it there or has no solution."""
    if difference.shape is not None or name not in point.values:
        return None
    world = point.world

    def at(v: Value) -> Value:
        values = {**point.values, name: v}
        return evaluate(
            difference, Point(world, point.scope, point.dims, values, point.integers, point.functions)
        )

    zero, one, two = (world.scalar(k) for k in (0, 1, 2))
    f0, f1, f2 = at(zero), at(one), at(two)
    slope = f1 - f0
    if f2 - f1 != slope or slope == 0:
        return None
    return -f0 / slope


def compare_equations(expected: Node, answer: Node, scope: Scope, seed: str) -> Comparison:
    """The verdict on an equation."""
    want = difference_of(expected)
    have = difference_of(answer)
    names = sorted(
        n
        for n in want.names() | have.names()
        if n in scope.kinds and scope.kinds[n].scalar and n not in scope.define
    )
    if needs_reals(want, scope) or needs_reals(have, scope) or want.shape != have.shape:
        return _constant_multiple_only(want, have, scope, seed)
    rng = random.Random(seed)
    bound = binding(want, scope) | binding(have, scope)
    tried = 0
    for first, second, whose in ((want, have, "expected"), (have, want, "yours")):
        for name in names:
            for _ in range(POINTS):
                point = draw(scope, WORLDS["field"], sizes(scope, rng, 1)[0], rng, bound)
                try:
                    v = solve_affine(first, name, point)
                    if v is None:
                        break
                    point.values[name] = v
                    other = evaluate(second, point)
                except (UndefinedFault, ZeroDivisionError):
                    continue
                tried += 1
                if other != 0:
                    return _refuted(first, second, name, scope, whose)
    if not tried:
        return _constant_multiple_only(want, have, scope, seed)
    return Comparison(
        "equivalent",
        f"The same solutions as the expected equation ({tried} solutions tried).",
        evidence={"level": "supported", "points": tried},
    )


def _refuted(first: Node, second: Node, name: str, scope: Scope, whose: str) -> Comparison:
    """A small solution of one equation that the other does not have."""
    rng = random.Random(7)
    for dims in small_sizes(scope):
        for span in (1, 2, 2, 3, 3, 3):
            point = draw(scope, WORLDS["rationals"], dims, rng, frozenset("*"), span=span)
            try:
                v = solve_affine(first, name, point)
                if v is None:
                    continue
                point.values[name] = v
                if evaluate(second, point) == 0:
                    continue
            except (MathsFault, ZeroDivisionError):
                continue
            used = [n for n in scope.kinds if n in first.names() | second.names() and n in point.values]
            values = {n: show_value(point.values[n]) for n in used}
            at = ", ".join(f"{k} = {x}" for k, x in values.items())
            one, other = (
                ("the expected equation", "yours") if whose == "expected" else ("yours", "the expected one")
            )
            text = f"{at} solves {one} and not {other}"
            example: dict[str, Any] = {"values": values, "text": text, "yours": show(second), "expected": ""}
            return Comparison(
                "different",
                f"Other solutions than expected: {text}.",
                evidence={"level": "refuted", "counterexample": example},
            )
    return Comparison(
        "different", "Other solutions than the expected equation.", evidence={"level": "refuted"}
    )


def _constant_multiple_only(want: Node, have: Node, scope: Scope, seed: str) -> Comparison:
    undecided = Comparison(
        "undecided",
        "Whether this equation has the expected solutions could not be decided; a person looks at it.",
    )
    if needs_reals(want, scope) or needs_reals(have, scope) or want.shape != have.shape:
        return undecided
    rng = random.Random(seed + "ratio")
    ratios = set()
    for _ in range(POINTS):
        point = draw(scope, WORLDS["field"], sizes(scope, rng, 1)[0], rng, frozenset())
        try:
            a, b = evaluate(want, point), evaluate(have, point)
        except UndefinedFault:
            continue
        if want.shape is not None:
            if a == b:
                ratios.add(1)
            elif a == -b:
                ratios.add(-1)
            else:
                return undecided
        elif a != 0:
            ratios.add(int(b / a))
    if len(ratios) == 1 and 0 not in ratios:
        return Comparison(
            "equivalent",
            "The same equation up to a constant factor.",
            evidence={"level": "supported", "points": POINTS},
        )
    return undecided
