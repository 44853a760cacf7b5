"""Whether values agree at sample points, and the words for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import flint

from grader.errors import MathsFault, UndefinedFault
from grader.maths.degree import chance_of_error
from grader.maths.evaluate import Budget, CoarseFault, Point, Value, entries_of, evaluate
from grader.maths.expected import Expected, Sample
from grader.maths.sampling import binding
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.undefined import exactly_undefined, undefined_words
from grader.maths.verdict import Comparison, Said, Tolerance, undecided
from grader.maths.worlds import PRIME

__all__ = [
    "RELATIVE_BITS",
    "ball_verdict",
    "differ_by_a_term",
    "equal_in_balls",
    "equal_in_field",
    "no_value",
    "proved_apart",
    "proved_in_field",
    "tolerance_verdict",
]

RELATIVE_BITS = 64  # how tight a ball must be to support equality


def ball_verdict(
    samples: Sequence[Sample], node: Node, scope: Scope, bits: int, budget: Budget
) -> str | Comparison:
    """``close`` if all agree tightly, ``apart`` if one is certainly different, else ``unclear``."""
    agreed, near = 0, 0
    for s in samples:
        near += not s.far
        point = s.point.under(scope)
        try:
            value = evaluate(node, point, budget)
        except CoarseFault as fault:
            if exactly_undefined(fault, point):
                return no_value(node, scope, fault, point)
            continue
        except UndefinedFault as fault:
            return no_value(node, scope, fault, point)
        relation = balls_relation(s.expected, value, bits)
        if relation == "apart":
            return "apart"
        agreed += relation == "close" and not s.far
    return "close" if near and agreed == near else "unclear"


def differ_by_a_term(expected: Node, answer: Node, scope: Scope, sample: Sample) -> bool:
    """Whether what is left of ``answer − expected`` without their common terms is certainly not zero.

    x + e⁻¹⁰⁰⁰⁰ overlaps x at any precision used here; e⁻¹⁰⁰⁰⁰ alone is seen not to be zero.
    """
    terms = [_signed(answer, False), _signed(expected, True)]
    flat: Counter[tuple[Node, bool]] = Counter()
    cancelled = False
    while terms:
        node, negative = terms.pop()
        if node.op == "add":
            terms += [_signed(a, negative) for a in node.args]
        elif flat[node, not negative] > 0:
            flat[node, not negative] -= 1
            cancelled = True
        else:
            flat[node, negative] += 1
    if not cancelled:
        return False  # the two values themselves are as far apart as this
    left = list(flat.elements())
    if not left or len(left) > 12:
        return False
    signed = [Node("neg", (n,), None, n.span, n.shape) if negative else n for n, negative in left]
    rest = signed[0] if len(signed) == 1 else Node("add", tuple(signed), None, answer.span, answer.shape)
    try:
        values = entries_of(evaluate(rest, sample.point.under(scope)))
    except MathsFault:
        return False
    return any(v.is_finite() and not v.contains(0) for v in values)


def _signed(node: Node, negative: bool) -> tuple[Node, bool]:
    while node.op == "neg":
        node, negative = node.args[0], not negative
    return node, negative


@lru_cache(maxsize=256)
def _power_of_two(k: int) -> Any:
    return flint.arb(2) ** k


def balls_relation(a: Value, b: Value, bits: int) -> str:
    """``apart`` (proved different), ``close`` (overlap and both tight), ``unclear``."""
    close = True
    tiny = _power_of_two(-bits)
    smallest = _power_of_two(-2 * bits)
    for x, y in zip(entries_of(a), entries_of(b), strict=True):
        if not (x.is_finite() and y.is_finite()):
            close = False
            continue
        if not x.overlaps(y):
            return "apart"
        width = x.rad() + y.rad()
        if not width <= smallest:
            close = close and bool(width <= max(abs(x).mid(), abs(y).mid()) * tiny)
    return "close" if close else "unclear"


def proved_apart(a: Value, b: Value) -> bool:
    """Whether two values certainly differ: what ``balls_relation`` calls apart."""
    if isinstance(a, flint.arb):
        return bool(not a.overlaps(b) and a.is_finite() and b.is_finite())
    return any(map(proved_apart, a.entries(), b.entries()))


def tolerance_verdict(
    want: Expected,
    node: Node,
    scope: Scope,
    tolerance: Tolerance,
    budget: Budget,
    precisions: Sequence[int],
) -> Comparison | None:
    """The verdict on a value that may be off by ``tolerance``; None if it is off by more."""
    bound = want.bound | binding(node, scope)
    for precision in precisions:
        with flint.ctx.workprec(precision):
            found = "close"
            for s in want.ball_samples(bound, precision):
                point = s.point.under(scope)
                try:
                    value = evaluate(node, point, budget)
                except CoarseFault as fault:
                    if exactly_undefined(fault, point):
                        return no_value(node, scope, fault, s.point)
                    found = "unclear"
                    break
                except UndefinedFault as fault:
                    return no_value(node, scope, fault, s.point)
                relation = _tolerated(s.expected, value, tolerance)
                if relation == "apart":
                    return None
                if relation == "unclear":
                    found = "unclear"
            if found == "close":
                words = tolerance.words
                return Comparison(
                    "equivalent",
                    f"Equal to the expected value within the tolerance ({words}).",
                    evidence={"level": "supported", "tolerance": words},
                )
    return undecided("the two are too close to the edge of the tolerance")


def _tolerated(e: Value, v: Value, tolerance: Tolerance) -> str:
    out = "close"
    rel, room0 = _exact(tolerance.rel), _exact(tolerance.abs)
    for x, y in zip(entries_of(e), entries_of(v), strict=True):
        off = abs(x - y)
        room = abs(x) * rel
        if room0 > room:
            room = room0
        if off <= room or (off.is_exact() and off == 0):
            continue
        if off > room:
            return "apart"
        # a ball on the edge: 0.99 for 1 within 0.01
        out = "unclear" if off.rad() + room.rad() > room * flint.arb(2) ** -RELATIVE_BITS else out
    return out


def _exact(x: float) -> Any:
    """0.001 as a person means it, not as a binary fraction."""
    return flint.arb(repr(float(x))) if x else flint.arb(0)


def proved_in_field(samples: Sequence[Sample], proof: str) -> Said:
    evidence = {"level": "proved", "by": proof, "points": len(samples), "dimensions": _dims(samples)}
    return Said(f"Equal to the expected answer: both have the same {proof}.", evidence)


def equal_in_field(samples: Sequence[Sample], degree: int) -> Said:
    """Equal at every point, with the chance of error that ``degree`` leaves."""
    dims, count = _dims(samples), len(samples)
    odds = chance_of_error(degree, count, PRIME)
    where = f" with {count} choices of the sizes" if any(dims) else ""
    evidence = {"level": "supported", "points": count, "dimensions": dims, "degree": degree, "bound": odds}
    message = f"Equal to the expected answer at {count} random points{where} (chance of error below {odds})."
    return Said(message, evidence)


def _dims(samples: Sequence[Sample]) -> list[dict[str, int]]:
    return [dict(s.point.dims) for s in samples]


def equal_in_balls(samples: Sequence[Sample], bits: int, proof: str) -> Comparison:
    count = len(samples)
    evidence = {"points": count, "dimensions": _dims(samples), "relative_bits": bits}
    if proof:
        return Comparison(
            "equivalent",
            "Equal to the expected answer: both have the same normal form.",
            evidence={"level": "proved", "by": proof, **evidence},
        )
    return Comparison(
        "equivalent",
        f"Equal to the expected answer at {count} random points, to at least {bits} binary digits.",
        evidence={"level": "supported", **evidence},
    )


def no_value(node: Node, scope: Scope, fault: UndefinedFault, point: Point) -> Comparison:
    message = undefined_words(node, scope, fault, point.dims)
    return Comparison(
        "different",
        f"Your answer has no value here: {message}.",
        reason="undefined",
        evidence={"level": "refuted", "undefined": message, "dimensions": [dict(point.dims)]},
    )
