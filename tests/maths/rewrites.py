"""Whether two formulas are equal, by a check of values of its own."""

from __future__ import annotations

import random

import flint

from grader.errors import MathsFault
from grader.maths.compare import Problem
from grader.maths.evaluate import entries_of, evaluate, needs_reals
from grader.maths.sampling import WORLDS, binding, draw, sizes
from grader.maths.tree import Node


def truly_equal(p: Problem, tree: Node) -> bool:
    """By points of our own, not by the engine's; in balls of 300 digits where a root is left."""
    rng = random.Random(99)
    bound = binding(tree, p.scope) | p.bound | frozenset("*")
    real = needs_reals(tree, p.scope)
    with flint.ctx.workprec(1000):
        for dims in sizes(p.scope, rng, 3):
            point = draw(p.scope, WORLDS["balls" if real else "rationals"], dims, rng, bound, span=9)
            try:
                one, other = evaluate(tree, point), evaluate(p.node, point)
            except MathsFault:
                return False
            pairs = zip(entries_of(one), entries_of(other), strict=True)
            if not all(x.overlaps(y) if real else x == y for x, y in pairs):
                return False
    return True
