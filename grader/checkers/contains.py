"""An intermediate result that must stand somewhere in the answer.

Every member of every line of mathematics is compared; ``up_to_factor`` lets a nonzero constant or
scalar factor differ. Found: full credit, with the line that holds it. Not found: a person
(``otherwise = "review"``, the default) or no points. It misses results that are only said in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from grader.checkers import Check
from grader.errors import RubricError
from grader.maths.compare import Problem, problem
from grader.maths.declared import compile_scope
from grader.maths.known import known_mistake
from grader.maths.labels import label_key, label_of
from grader.maths.parts import part_of
from grader.maths.printing import show
from grader.maths.ratio import constant_ratio
from grader.maths.reading import Reading
from grader.maths.select import all_members, student_scope
from grader.maths.statements import find_statements
from grader.maths.tree import Node
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question


class Wrong(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrong result that occurs in place of the right one."""

    expected: str
    feedback: str
    credit: float = 0.0


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``expected``: any one of these; ``wrong``: looked for when none is there; ``what``: in words;
    ``not_labels``: left sides of what is only recalled, such as the result that is to be shown."""

    expected: list[str]
    what: str
    up_to_factor: bool = False
    otherwise: Literal["review", "incorrect"] = "review"
    wrong: list[Wrong] = []
    parts: list[str] = []
    hint: str = ""
    not_labels: list[str] = []


def build(options: Options, question: Question) -> Check:
    if not options.expected:
        raise RubricError(f"{question.place}: `expected` is empty; list at least one formula")
    scope = compile_scope(question.declarations)
    wanted = [problem(question.declarations, text) for text in options.expected]
    wrong = [(w, known_mistake(question.declarations, w.expected)) for w in options.wrong]
    quoted = frozenset(label_key(text) for text in options.not_labels)
    for p in wanted:
        p.sampled()

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        statements = find_statements(part.text, decimal_comma=question.locale == "decimal-comma")
        statements = [s for s in statements if not (quoted and s.members and label_of(s.members[0]) in quoted)]
        own = student_scope(statements, scope)
        members = [(s, n) for s, n in all_members(statements, own) if _is_result(n)]
        for p in wanted:
            for s, node in members:
                if _holds(p, Reading(node, scope=own), options.up_to_factor):
                    return Judgement(
                        Outcome.CORRECT, 1.0, f"Found: {options.what}.", show(node), {"level": "supported", "line": s.text[:200]}
                    )
        for w, p in wrong:
            for s, node in members:
                if _holds(p, Reading(node, scope=own), False):
                    outcome = Outcome.PARTIAL if w.credit else Outcome.INCORRECT
                    return Judgement(outcome, w.credit, w.feedback, show(node), {"level": "refuted", "line": s.text[:200]})
        text = part.text.strip()
        if options.otherwise == "incorrect":
            return Judgement(Outcome.INCORRECT, 0.0, f"Not found in the answer: {options.what}.")
        evidence = {"text": text[:600], "looked for": options.what}
        if options.hint:
            evidence["hint"] = options.hint
        return Judgement(Outcome.REVIEW, 0.0, f"Not found by machine: {options.what}. A person looks.", evidence=evidence)

    return check


def _is_result(node: Node) -> bool:
    """A number, a name or a derivative that is only written down is not a result."""
    return node.op not in ("num", "sym", "order", "list") and all(n.op != "deriv" for n in node.walk())


def _holds(p: Problem, reading: Reading, up_to_factor: bool) -> bool:
    if p.judge_reading(reading).equivalent:
        return True
    return up_to_factor and constant_ratio(p, reading)


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """The first expected formula has the reference's value; no wrong one is accepted."""
    from grader.maths.oracle import disagreements

    wanted = [problem(question.declarations, text) for text in options.expected]
    out = disagreements(wanted[0], oracle)
    for w in options.wrong:
        p = known_mistake(question.declarations, w.expected)
        if any(_holds(q, Reading(p.node, scope=p.scope), options.up_to_factor) for q in wanted):
            out.append(f"the listed wrong result {w.expected!r} is accepted as right")
    return out
