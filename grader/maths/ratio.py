"""Whether two expressions differ by a scalar factor only."""

from __future__ import annotations

import random

from grader.errors import MathsFault
from grader.maths.compare import Problem
from grader.maths.evaluate import Point, evaluate, needs_reals
from grader.maths.reading import Reading
from grader.maths.sampling import binding, draw

__all__ = ["constant_ratio"]

ELSEWHERE = 413  # seed of the second point


def constant_ratio(p: Problem, reading: Reading) -> bool:
    """Whether the answer is a nonzero scalar times the expected, point by point.

    For scalars the factor must be the same number at all points; for vectors and matrices it may hold
    names that the expected does not have (a rate, 1/n), because the direction is what counts.
    """
    node, scope = reading.node, reading.scope or p.scope
    if node.shape != p.node.shape or p.real or needs_reals(node, scope):
        return False
    ratios = set()
    try:
        for s in p.exact_samples(p.bound | binding(node, scope)):
            point = Point(
                s.point.world, scope, s.point.dims, s.point.values, s.point.integers, s.point.functions
            )
            value = evaluate(node, point)
            if node.shape is None:
                if s.expected == 0 or value == 0:
                    return False
                ratios.add(int(value / s.expected))
                continue
            pairs = list(zip(s.expected.entries(), value.entries(), strict=True))
            e, v = next(((e, v) for e, v in pairs if e != 0), (None, None))
            if e is None or v is None or v == 0:
                return False
            factor = v / e
            if any(x * factor != y for x, y in pairs) or _factor_elsewhere(p, reading, point) != factor:
                return False
    except (MathsFault, RecursionError):
        return False
    return node.shape is not None or len(ratios) == 1


def _factor_elsewhere(p: Problem, reading: Reading, point: Point) -> object:
    """The factor where the names of the expected have other values, and all others the same."""
    own = p.node.names()
    fresh = draw(p.scope, point.world, dict(point.dims), random.Random(ELSEWHERE), p.bound)
    names = [k for k, kind in p.scope.kinds.items() if kind.sort != "function" and k not in p.scope.define]
    values = {k: (fresh if k in own else point).values[k] for k in names}
    rest = (point.dims, values, fresh.integers, fresh.functions)
    other = Point(point.world, point.scope, *rest)
    expected = evaluate(p.node, Point(point.world, p.scope, *rest))
    pairs = zip(expected.entries(), evaluate(reading.node, other).entries(), strict=True)
    return next((v / e for e, v in pairs if e != 0), None)
