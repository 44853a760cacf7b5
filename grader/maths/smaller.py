"""Members whose values at ordinary sizes take too long are compared at small ones."""

from __future__ import annotations

import random

import flint

from grader.errors import MathsFault, RubricError
from grader.maths.affine import vanish
from grader.maths.agreement import balls_relation
from grader.maths.counterexample import describe, shown_names
from grader.maths.evaluate import Budget, entries_of, evaluate, needs_reals
from grader.maths.sampling import WORLDS, binding, draw, sizes
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.verdict import Comparison

__all__ = ["compared_small"]

PRECISION = 256
POINTS = 4
STEPS = 2_000_000


def compared_small(before: Node, after: Node, scope: Scope, own: Scope) -> Comparison | None:
    """Whether two members of one shape agree at random points of small unequal sizes; None where that too
    takes too long, or where a value cannot be told."""
    if before.shape != after.shape:
        return None
    rng = random.Random(f"smaller {before!r} {after!r}")
    world = WORLDS["balls" if needs_reals(before, scope) or needs_reals(after, own) else "rationals"]
    bound = binding(before, scope) | binding(after, own) | {"*"}
    budget = Budget(STEPS)
    agreed = 0
    with flint.ctx.workprec(PRECISION):
        try:
            chosen = sizes(scope, rng, POINTS, range(2, 5))
        except RubricError:
            return None
        for k, dims in enumerate(chosen * 2):
            point = draw(scope, world, dims, rng, bound, span=4 if world.exact else 0, variant=k)
            try:
                x, y = evaluate(before, point, budget), evaluate(after, point.under(own), budget)
            except MathsFault:
                continue
            if world.exact:
                apart = not vanish([a - b for a, b in zip(entries_of(x), entries_of(y), strict=True)])
            else:
                relation = balls_relation(x, y, 64)
                if relation == "unclear":
                    continue
                apart = relation == "apart"
            if apart:
                found = describe(shown_names(before, after, scope, own), point, point.under(own), x, y)
                return Comparison(
                    "different",
                    f"Not equal to the expected answer: {found['text']}.",
                    evidence={"level": "refuted", "counterexample": found},
                )
            agreed += 1
    if agreed < POINTS:
        return None
    return Comparison("equivalent", "", evidence={"level": "supported", "points": agreed})
