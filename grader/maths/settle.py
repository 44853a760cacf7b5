"""Whether a verdict on a formula is one on the answer: no doubt about it, no other value beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import MathsFault, UnknownSymbolFault
from grader.maths.doubts import Doubt
from grader.maths.printing import show
from grader.maths.reading import Reading
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.verdict import Comparison, undecided

if TYPE_CHECKING:
    from grader.maths.compare import Problem

__all__ = ["check_name", "settled"]


def settled(problem: Problem, out: Comparison, reading: Reading, scope: Scope) -> Comparison:
    """``out``, or why a person has to look at the answer."""
    for other in reading.others:
        if other != reading.node and problem.verdict(other, scope).verdict != out.verdict:
            return undecided(f"two values are boxed, {show(other)} and {show(reading.node)}")
    doubt = _doubt(problem, out, reading, scope)
    return out if doubt is None else undecided(doubt.words)


def _doubt(problem: Problem, out: Comparison, reading: Reading, scope: Scope) -> Doubt | None:
    """What keeps an answer from being right, or certainly wrong, though its formula was read."""
    if out.verdict not in ("equivalent", "different"):
        return None
    for doubt in reading.doubts:
        if (out.equivalent or doubt.grave) and (problem.named or not doubt.equation):
            if doubt.others and all(_equal(problem, other, scope) for other in doubt.others):
                continue
            return doubt
    return None


def _equal(problem: Problem, node: Node, scope: Scope) -> bool:
    try:
        return problem.verdict(node, scope).equivalent
    except MathsFault:
        return False


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
