"""Whether a verdict on a formula is one on the answer: no doubt about it, no other value beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flint

from grader.errors import MathsFault, RubricError, UnknownSymbolFault
from grader.maths.doubts import Doubt
from grader.maths.equality import PRECISIONS
from grader.maths.evaluate import entries_of, evaluate
from grader.maths.printing import show
from grader.maths.reading import Reading
from grader.maths.sampling import binding
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.verdict import Comparison, invalid, undecided

if TYPE_CHECKING:
    from grader.maths.compare import Problem

__all__ = ["check_name", "settled"]


def settled(problem: Problem, out: Comparison, reading: Reading, scope: Scope) -> Comparison:
    """``out``, or why a person has to look at the answer."""
    for other in reading.others:
        if other != reading.node and problem.verdict(other, scope).verdict != out.verdict:
            return undecided(f"two values are boxed, {show(other)} and {show(reading.node)}")
    if out.equivalent and reading.contradiction is not None:
        return invalid(reading.contradiction)
    doubt = _doubt(problem, out, reading, scope)
    return out if doubt is None else undecided(doubt.words)


def _doubt(problem: Problem, out: Comparison, reading: Reading, scope: Scope) -> Doubt | None:
    """What keeps an answer from being right, or certainly wrong, though its formula was read."""
    if out.verdict not in ("equivalent", "different"):
        return None
    for doubt in reading.doubts:
        if (out.equivalent or doubt.grave) and (problem.named or not doubt.equation):
            if doubt.claim and not _refuted(problem, reading.node, scope, doubt.claim):
                continue
            if doubt.others and all(_equal(problem, other, scope) for other in doubt.others):
                continue
            return doubt
    return None


def _equal(problem: Problem, node: Node, scope: Scope) -> bool:
    try:
        return problem.verdict(node, scope).equivalent
    except MathsFault:
        return False


def _refuted(problem: Problem, node: Node, scope: Scope, claim: str) -> bool:
    """Whether an entry of the answer certainly has another sign somewhere."""
    try:
        with flint.ctx.workprec(PRECISIONS[0]):
            samples = problem.ball_samples(problem.bound | binding(node, scope), PRECISIONS[0])
            found = [x for s in samples for x in entries_of(evaluate(node, s.point.under(scope)))]
    except (MathsFault, RubricError):
        return False
    return any(bool(x < 0) if claim.startswith(">") else bool(x > 0) for x in found)


def check_name(problem: Problem, reading: Reading) -> None:
    """Where an equation for a declared name is expected, another name is no label.

    Raises:
        UnknownSymbolFault: the left side is an undeclared name that does not resemble it.
    """
    if problem.named is None or reading.label is None or " " in reading.label:
        return
    name = str(problem.named.args[0].value)
    label = problem.scope.aliases.get(reading.label, reading.label)
    if label.split("_")[0].split("(")[0] != name.split("_")[0]:
        raise UnknownSymbolFault(f"{reading.label} is not what is asked for; the left side is {name}")
