r"""Answers that are equations where a value is expected: ``2\\tilde\\lambda = \\lambda/\\eta`` gives λ̃.

Where ``η = 1/λ`` is expected and η is declared, any equation with the same solutions says so. Where only
the value is expected, an equation in one more symbol, declared or not, that has this value as its only
solution says it too, if nothing but a product of symbols has to be divided by; an equation that is still to
be solved is left to a person. The opposite is certain as well: with other solutions it is another value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import MathsFault, UnknownSymbolFault
from grader.maths.equations import compare_equations
from grader.maths.labels import label_of
from grader.maths.reading import Reading, read_text
from grader.maths.scope import Kind, Scope
from grader.maths.statements import find_statements
from grader.maths.tree import Node
from grader.maths.verdict import Comparison, undecided

if TYPE_CHECKING:
    from grader.maths.compare import Problem

__all__ = ["as_equation", "implied"]

_PRODUCTS = frozenset(("num", "sym", "mul", "div", "neg"))


def as_equation(problem: Problem, answer: str, infix: bool | None, decimal_comma: bool) -> Comparison | None:
    """Where ``η = 1/λ`` is expected and η is declared, ``λη = 1`` says the same; None for an answer
    that gives the value of η, with or without its name in front."""
    named = problem.named
    if named is None or "=" not in answer:
        return None
    try:
        reading = _read(problem, problem.scope, answer, infix, decimal_comma)
        sides = reading.node.args
        if sides[0] == named.args[0] or (sides[1] == named.args[0] and answer.count("=") > 1):
            return None
        return _verdict(problem, named, reading, problem.scope)
    except (MathsFault, RecursionError):
        return None


def implied(
    problem: Problem, answer: str, infix: bool | None, decimal_comma: bool, out: Comparison
) -> Comparison:
    """The verdict on an answer that was not found to be right as a value: ``out``, if it is no equation."""
    if problem.is_equation or problem.named is not None or problem.node.shape is not None:
        return out
    if problem.tolerance is not None or problem.node.op in ("order", "list") or out.reason == "internal":
        return out
    stated = [s for s in find_statements(answer, decimal_comma=decimal_comma) if "=" in s.relations]
    if (
        not stated
        or len(stated[-1].members) > 2
        or (len(stated) > 1 and stated[-1].lead not in ("=>", "<=>"))
    ):
        return out
    label = label_of(stated[-1].members[0])
    if label is not None and problem.scope.aliases.get(label, label) not in problem.scope.kinds:
        return out  # the value of a name, perhaps at one point: F(0) = …
    try:
        scope, reading = _with_unknown(problem, answer, infix, decimal_comma)
        sides = reading.node.args
        unknown = _unknown(problem, reading, scope)
        if unknown is None or any(s.op == "sym" and s.value == unknown for s in sides):
            return out
        solved = Node("eq", (Node("sym", (), unknown), problem.node))
        found = _verdict(problem, solved, reading, scope)
    except (MathsFault, RecursionError, KeyError):
        return out
    if not all(_PRODUCTS.issuperset(s.ops()) for s in sides if unknown in s.names()):
        if found.equivalent:
            return undecided("it is an equation that has the expected value as its solution")
        return found if found.verdict == "undecided" and out.verdict == "different" else out
    if found.verdict == "different" and reading.doubts:
        return out
    return found if found.verdict in ("equivalent", "different") or out.verdict == "different" else out


def _read(problem: Problem, scope: Scope, answer: str, infix: bool | None, decimal_comma: bool) -> Reading:
    return read_text(
        answer, scope, decimal_comma=decimal_comma, infix=infix, equation=True, wanted=problem.node
    )


def _with_unknown(
    problem: Problem, answer: str, infix: bool | None, decimal_comma: bool
) -> tuple[Scope, Reading]:
    """The answer as an equation, in which one name need not be declared.

    Raises:
        MathsFault: it is none.
    """
    scope = problem.scope
    try:
        return scope, _read(problem, scope, answer, infix, decimal_comma)
    except UnknownSymbolFault as fault:
        if not fault.name or fault.name in scope.kinds:
            raise
        scope = scope.declared({fault.name: Kind("scalar")})
        return scope, _read(problem, scope, answer, infix, decimal_comma)


def _unknown(problem: Problem, reading: Reading, scope: Scope) -> str | None:
    """The one scalar of an equation that the expected value does not depend on."""
    known = {*problem.node.names(), *problem.scope.define}
    names = {n for n in reading.node.names() - known if n in scope.kinds}
    new = [n for n in names if n not in problem.scope.kinds] or list(names)
    if (
        len(new) != 1
        or scope.kinds[new[0]].sort != "scalar"
        or (reading.scope or scope).define != scope.define
    ):
        return None
    return new[0]


def _verdict(problem: Problem, wanted: Node, reading: Reading, scope: Scope) -> Comparison:
    """The verdict on an equation, with the doubts about it.

    Raises:
        MathsFault: it has no meaning.
    """
    scope = reading.scope or scope
    out = compare_equations(wanted, reading.node, scope, problem.seed)
    if out.equivalent:
        for doubt in reading.doubts:
            same = doubt.others and all(
                compare_equations(wanted, e, scope, problem.seed).equivalent for e in doubt.others
            )
            if not same:
                return undecided(doubt.words)
    return out.about(reading.node, reading.notes)
