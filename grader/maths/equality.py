"""Is a value equal to the expected one? At which points that is tried, and what the points show."""

from __future__ import annotations

from collections.abc import Sequence

import flint

from grader.errors import LimitFault, MathsFault, RubricError, UndefinedFault
from grader.maths.agreement import (
    RELATIVE_BITS,
    ball_verdict,
    differ_by_a_term,
    equal_in_balls,
    equal_in_field,
    no_value,
    proved_in_field,
    tolerance_verdict,
)
from grader.maths.counterexample import find_counterexample
from grader.maths.degree import degree_of, has_branches, has_steps, may_be_steep, number_bits
from grader.maths.evaluate import Budget, evaluate, needs_reals
from grader.maths.expected import Expected, Sample
from grader.maths.fitting import fit_shape
from grader.maths.probes import refuted_far_out
from grader.maths.sampling import binding
from grader.maths.scope import Scope
from grader.maths.steps import compare_steps
from grader.maths.tree import Node
from grader.maths.verdict import Comparison, Said, Tolerance, plain_shape, shape_words, undecided

__all__ = ["PRECISIONS", "value_verdict"]

PRECISIONS = (192, 768, 3072)  # bits
FITTED = 8  # degree of an answer that could be made to fit a few whole numbers
MAX_DEGREE = 2**40  # beyond it the chance of an error would not be small
_INVERSES = frozenset(("inv", "pinv"))
_EQUAL = "Equal to the expected answer."


def value_verdict(
    want: Expected, node: Node, scope: Scope, tolerance: Tolerance | None, accept_transpose: bool
) -> Comparison:
    """The verdict on a value in its shape.

    Raises:
        MathsFault: the answer has no value that could be compared.
    """
    fitted = fit_shape(want.node, node, accept_transpose)
    if fitted is None:
        return Comparison(
            "different",
            f"The expected answer is {shape_words(want.node.shape)}; yours is {shape_words(node.shape)}.",
            reason="shape",
            evidence={
                "level": "refuted",
                "expected_shape": plain_shape(want.node.shape),
                "your_shape": plain_shape(node.shape),
            },
        )
    budget = Budget()
    if tolerance is not None:
        found = tolerance_verdict(want, fitted, scope, tolerance, budget, PRECISIONS)
        return _different(want, fitted, scope, tolerance) if found is None else found
    if fitted == want.node and scope.define == want.scope.define:
        return Comparison(
            "equivalent",
            "Equal to the expected answer: it is the same expression.",
            evidence={"level": "proved", "by": "same expression"},
        )
    if want.steps or has_steps(fitted, scope):
        return compare_steps(want, fitted, scope)
    if want.real or needs_reals(fitted, scope):
        out = _in_balls(want, fitted, scope, budget)
    else:
        out = _in_field(want, fitted, scope, budget)
    if not out.equivalent:
        return out
    return refuted_far_out(want, fitted, scope, out) or _refuted_between(want, fitted, scope) or out


def _refuted_between(want: Expected, node: Node, scope: Scope) -> Comparison | None:
    """Where sums are counted up to a symbol only small whole numbers are tried, and a polynomial of a high
    degree can vanish at all of them: such an answer is swept over more."""
    counted = (want.bound | binding(node, scope)) & scope.kinds.keys()
    if not counted or degree_of(node, scope) < FITTED:
        return None
    if any(scope.kinds[n].shape for n in node.names() & scope.kinds.keys()):
        return None
    try:
        swept = compare_steps(want, node, scope)
    except (MathsFault, RubricError):  # what takes too long, or has no value there, is not refuted
        return None
    return swept if "counterexample" in swept.evidence else None


def _in_field(want: Expected, node: Node, scope: Scope, budget: Budget) -> Comparison:
    """The verdict by values in the prime field, and at one point of the rationals.

    A normal form that both sides have proves equality at every point but those of an inverse, whose
    existence depends on the sizes. It is asked for where a point says something else, and by whoever wants
    to know how sure the verdict is.
    """
    bound = want.bound | binding(node, scope)
    samples = want.exact_samples(bound)
    sizes_matter = not node.ops().isdisjoint(_INVERSES)

    def proved() -> bool:
        return not sizes_matter and bool(_proof(want, node, scope))

    for k, s in enumerate(samples):
        try:
            value = evaluate(node, s.point.under(scope), budget)
        except UndefinedFault as fault:
            return _proved(samples[:1]) if k and proved() else no_value(node, scope, fault, s.point)
        except LimitFault:
            if k and proved():
                return _proved(samples[:1])
            raise
        if value != s.expected:
            return _proved(samples[:1]) if k and proved() else _different(want, node, scope)
    exact = want.rational_sample(bound)
    if exact is not None:
        try:
            same = evaluate(node, exact.point.under(scope), budget) == exact.expected
        except UndefinedFault:
            same = True  # a zero of a denominator among small numbers
        except LimitFault:
            if proved():
                return _proved(samples[:1])
            raise
        if not same:
            return _proved(samples[:1]) if proved() else _different(want, node, scope)
    steep = may_be_steep(node, scope) or may_be_steep(want.node, want.scope)
    if steep and want.degree + degree_of(node, scope) > MAX_DEGREE and not _proof(want, node, scope):
        raise LimitFault("powers of powers that are too large")

    def how_sure(said: Said) -> Said:
        proof = _proof(want, node, scope)
        if not proof:
            return equal_in_field(samples, want.degree + degree_of(node, scope))
        return proved_in_field(samples if sizes_matter else samples[:1], proof)

    return Comparison("equivalent", _EQUAL, evidence={"level": "supported"}, more=(how_sure,))


def _in_balls(want: Expected, node: Node, scope: Scope, budget: Budget) -> Comparison:
    bound = want.bound | binding(node, scope)
    branches = want.branches or has_branches(node, scope)
    bits = RELATIVE_BITS + max(want.bits, number_bits(node))
    for precision in PRECISIONS:
        if precision < bits + RELATIVE_BITS and precision != PRECISIONS[-1]:
            continue
        with flint.ctx.workprec(precision):
            samples = want.ball_samples(bound, precision, branches)
            found = ball_verdict(samples, node, scope, bits, budget)
            if found == "close" and precision >= bits + RELATIVE_BITS:
                proof = _proof(want, node, scope)
                if proof:
                    return equal_in_balls(samples, bits, proof)
            if found == "close" and precision < PRECISIONS[-1]:
                found = _confirm(want, node, scope, bound, bits)
        if isinstance(found, Comparison):
            return found
        if found == "apart":
            return _different(want, node, scope)
        if found == "close" and precision >= bits + RELATIVE_BITS:
            return equal_in_balls(samples, bits, "")
    return undecided()


def _confirm(want: Expected, node: Node, scope: Scope, bound: frozenset[str], bits: int) -> str | Comparison:
    """Once more at a precision at which hardly anything is too small to be seen."""
    with flint.ctx.workprec(PRECISIONS[-1]):
        near = want.ball_samples(bound, PRECISIONS[-1], None)[:1]
        if not near:
            return "close"
        if scope.define == want.scope.define and differ_by_a_term(want.node, node, scope, near[0]):
            return "apart"
        return ball_verdict(near, node, scope, bits, Budget())


def _different(want: Expected, node: Node, scope: Scope, tolerance: Tolerance | None = None) -> Comparison:
    """The verdict on a value that is known to differ; asked, it finds a point that shows it."""

    def with_a_point(said: Said) -> Said:
        real = want.real or needs_reals(node, scope)
        found = find_counterexample(want, node, scope, real, tolerance)
        if found is None:
            return said
        message = f"Not equal to the expected answer: {found['text']}."
        return Said(message, {"level": "refuted", "counterexample": found})

    return Comparison(
        "different", "Not equal to the expected answer.", evidence={"level": "refuted"}, more=(with_a_point,)
    )


def _proved(samples: Sequence[Sample]) -> Comparison:
    message, evidence, _ = proved_in_field(samples, "normal form")
    return Comparison("equivalent", message, evidence=evidence)


def _proof(want: Expected, node: Node, scope: Scope) -> str:
    """By what the two are proved equal, if they are."""
    known = want.normal()
    return "normal form" if known is not None and known.same_as(node, scope) else ""
