"""Whether two expressions differ by a scalar factor only."""

from __future__ import annotations

from grader.errors import MathsFault
from grader.maths.compare import Problem
from grader.maths.evaluate import Point, evaluate, needs_reals
from grader.maths.reading import Reading
from grader.maths.sampling import binding

__all__ = ["constant_ratio"]


def constant_ratio(p: Problem, reading: Reading) -> bool:
    """Whether the answer is a nonzero scalar times the expected, point by point.

    For scalars the factor must be the same number at all points; for vectors and matrices it may be
    any scalar (a rate, 1/n), because the direction is what counts.
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
            if any(x * factor != y for x, y in pairs):
                return False
    except (MathsFault, RecursionError):
        return False
    return node.shape is not None or len(ratios) == 1
