"""An intermediate result that must stand somewhere in the answer.

Every member of every line of mathematics is compared; ``up_to_factor`` lets a nonzero constant or
scalar factor differ. Found: full credit, with the line that holds it. Not found: a person
(``otherwise = "review"``, the default) or no points. It misses results that are only said in words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from grader.maths.scope import Scope
from grader.maths.select import all_members, labelled, student_scope
from grader.maths.sentences import formulas_apart
from grader.maths.statements import Statement, find_statements
from grader.maths.tree import Node
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MIN_WORDS = 4  # without a formula, fewer are a verdict ("Yes."), and no step on the way to it
MAX_QUOTE = 600
MAX_LINE = 200


class Wrong(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrong result that occurs in place of the right one."""

    expected: str
    feedback: str
    credit: float = 0.0


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Symbols the student may take as another kind (a sample as a row), and what is expected then."""

    symbols: dict[str, str]
    expected: list[str]


@dataclass(frozen=True)
class _Layout:
    scope: Scope
    wanted: tuple[Problem, ...]


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``expected``: any one of these; ``wrong``: looked for when none is there; ``what``: in words;
    ``labels``: left sides the result stands under (one whose shapes do not fit there is wrong);
    ``not_labels``: left sides of what is only recalled, such as the result that is to be shown."""

    expected: list[str]
    what: str
    layouts: list[Layout] = []
    labels: list[str] = []
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
    layouts = [_layout(question, {}, options.expected)]
    layouts += [_layout(question, x.symbols, x.expected) for x in options.layouts]
    wrong = [(w, known_mistake(question.declarations, w.expected)) for w in options.wrong]
    labels = frozenset(label_key(text) for text in options.labels)
    quoted = frozenset(label_key(text) for text in options.not_labels)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        text = part.text.strip()
        comma = question.locale == "decimal-comma"
        statements = find_statements(formulas_apart(text), decimal_comma=comma)
        statements = [
            s for s in statements if not (quoted and s.members and label_of(s.members[0]) in quoted)
        ]
        for layout in layouts:
            own = student_scope(statements, layout.scope)
            members = [(s, n) for s, n in all_members(statements, own) if _is_result(n)]
            for p in layout.wanted:
                for s, node in members:
                    if _holds(p, Reading(node, scope=own), options.up_to_factor):
                        evidence = {"level": "supported", "line": s.text[:MAX_LINE]}
                        return Judgement(
                            Outcome.CORRECT, 1.0, f"Found: {options.what}.", show(node), evidence
                        )
        own = student_scope(statements, scope)
        for w, p in wrong:
            for s, node in all_members(statements, own):
                if _is_result(node) and _holds(p, Reading(node, scope=own), False):
                    outcome = Outcome.PARTIAL if w.credit else Outcome.INCORRECT
                    evidence = {"level": "refuted", "line": s.text[:MAX_LINE]}
                    return Judgement(outcome, w.credit, w.feedback, show(node), evidence)
        misfit = _misfit(statements, own, labels)
        if misfit is not None:
            return misfit
        if not statements and len(re.findall(r"\w+", text)) < MIN_WORDS:
            return Judgement(Outcome.MISSING, 0.0, f"The answer stops before this: {options.what}.")
        if options.otherwise == "incorrect":
            return Judgement(Outcome.INCORRECT, 0.0, f"Not found in the answer: {options.what}.")
        looked = {"text": text[:MAX_QUOTE], "looked for": options.what}
        if options.hint:
            looked["hint"] = options.hint
        message = f"Not found by machine: {options.what}. A person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, evidence=looked)

    return check


def _layout(question: Question, symbols: Mapping[str, str], expected: Sequence[str]) -> _Layout:
    """The expected formulas, where some symbols have another kind than the question gives them."""
    declarations = question.declarations
    if unknown := symbols.keys() - dict(declarations.symbols).keys():
        raise RubricError(f"{question.place}: `layouts` declares {', '.join(sorted(unknown))} anew")
    declarations = replace(declarations, symbols=tuple((dict(declarations.symbols) | dict(symbols)).items()))
    wanted = tuple(problem(declarations, text) for text in expected)
    for p in wanted:
        p.sampled()
    return _Layout(compile_scope(declarations), wanted)


def _misfit(statements: Sequence[Statement], scope: Scope, labels: frozenset[str]) -> Judgement | None:
    """The result is stated, but its matrices do not fit together."""
    for chain in labelled(statements, scope, labels):
        last = chain[0]
        if last.fault is not None and last.fault.reason == "shape":
            fact = f"{last.fault.message[:1].upper()}{last.fault.message[1:]}"
            return Judgement(
                Outcome.INCORRECT,
                0.0,
                f"The shapes do not fit: {fact}.",
                evidence={"level": "refuted", "reason": "shape", "text": last.text[:MAX_LINE]},
                mistake="shape",
            )
    return None


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
