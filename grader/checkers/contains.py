"""An intermediate result that must stand somewhere in the answer.

Every member of every line of mathematics is compared; ``up_to_factor`` lets a nonzero constant or
scalar factor differ. Found: full credit, with the line that holds it. Not found: a person
(``otherwise = "review"``, the default) or no points. It misses results that are only said in words, and
does not see whether the way to them is sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from grader.checkers import Check
from grader.checkers._verify import Example
from grader.errors import RubricError
from grader.maths.authoring import check_credit, compiled_formula, compiled_labels, compiled_mistake
from grader.maths.compare import Problem
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.labels import label_of
from grader.maths.mutation import agrees, slips
from grader.maths.oracle import disagreements
from grader.maths.parts import part_of
from grader.maths.printing import show
from grader.maths.ratio import constant_ratio
from grader.maths.reading import Reading
from grader.maths.scope import Scope
from grader.maths.select import all_members, labelled, student_scope
from grader.maths.sentences import formulas_apart
from grader.maths.statements import Statement, find_statements, outside_dollars
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
    """``expected``: any one of these; ``wrong``: looked for when none is there; ``what``: the result in
    words, shown to the student once it is found; ``hint``: for the person who looks; ``in_sums``: a term
    of a sum will do, as in w − η∇L; ``labels``: left sides the result stands under (one whose shapes do
    not fit there is wrong); ``not_labels``: left sides of what is only recalled, such as the result that
    is to be shown; ``layouts``: kinds that a symbol may be given instead of its own."""

    expected: list[str]
    what: str
    layouts: list[Layout] = []
    labels: list[str] = []
    up_to_factor: bool = False
    in_sums: bool = False
    otherwise: Literal["review", "incorrect"] = "review"
    wrong: list[Wrong] = []
    parts: list[str] = []
    hint: str = ""
    not_labels: list[str] = []


@dataclass(frozen=True)
class _Asked:
    """One criterion, compiled."""

    options: Options
    layouts: tuple[_Layout, ...]
    wrong: tuple[tuple[Wrong, Problem], ...]
    labels: frozenset[str]
    quoted: frozenset[str]


def build(options: Options, question: Question) -> Check:
    asked = _compile(options, question)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        text = part.text.strip()
        if not text:
            return Judgement(Outcome.MISSING, 0.0, "Nothing was written for this part.")
        comma = part.decimal_comma(question.locale)
        found = find_statements(formulas_apart(text), decimal_comma=comma) + outside_dollars(text, comma)
        statements = [
            s for s in found if not (asked.quoted and s.members and label_of(s.members[0]) in asked.quoted)
        ]
        return _found(asked, statements) or _not_found(asked, statements, text)

    return check


def _compile(options: Options, question: Question) -> _Asked:
    if not options.expected:
        raise RubricError("`expected` is empty; list at least one formula")
    for i, w in enumerate(options.wrong):
        check_credit(w.credit, f"wrong[{i}].credit")
    declarations = question.declarations
    layouts = [_layout(declarations, {}, options.expected, "expected")]
    layouts += [
        _layout(declarations, x.symbols, x.expected, f"layouts[{i}].expected")
        for i, x in enumerate(options.layouts)
    ]
    return _Asked(
        options,
        tuple(layouts),
        tuple(
            (w, compiled_mistake(declarations, w.expected, f"wrong[{i}].expected"))
            for i, w in enumerate(options.wrong)
        ),
        compiled_labels(options.labels, "labels"),
        compiled_labels(options.not_labels, "not_labels"),
    )


def _layout(
    declarations: Declarations, symbols: Mapping[str, str], expected: Sequence[str], key: str
) -> _Layout:
    """The expected formulas, where some symbols have another kind than the question gives them."""
    if unknown := symbols.keys() - dict(declarations.symbols).keys():
        given = ", ".join(sorted(unknown))
        raise RubricError(f"`{key}` stands beside symbols that the question does not declare: {given}")
    declarations = replace(declarations, symbols=tuple((dict(declarations.symbols) | dict(symbols)).items()))
    wanted = tuple(compiled_formula(declarations, text, f"{key}[{i}]") for i, text in enumerate(expected))
    return _Layout(compile_scope(declarations), wanted)


def _found(asked: _Asked, statements: Sequence[Statement]) -> Judgement | None:
    """The result, or a wrong one that the rubric knows, in one of the lines."""
    for layout in asked.layouts:
        for line, reading in _readings(statements, layout.scope, terms=asked.options.in_sums):
            if any(_holds(p, reading, asked.options.up_to_factor) for p in layout.wanted):
                message = f"Found: {asked.options.what}."
                evidence = {"level": "supported", "line": line}
                return Judgement(Outcome.CORRECT, 1.0, message, show(reading.node), evidence)
    scope = asked.layouts[0].scope
    for w, p in asked.wrong:
        for line, reading in _readings(statements, scope):
            if agrees(p, reading):
                outcome = Outcome.PARTIAL if w.credit else Outcome.INCORRECT
                evidence = {"level": "refuted", "line": line}
                return Judgement(outcome, w.credit, w.feedback, show(reading.node), evidence)
    return _misfit(statements, student_scope(statements, scope), asked.labels)


def _not_found(asked: _Asked, statements: Sequence[Statement], text: str) -> Judgement:
    """What the student is told does not say what was looked for: that would be the answer."""
    options = asked.options
    if not statements and len(re.findall(r"\w+", text)) < MIN_WORDS:
        return Judgement(Outcome.MISSING, 0.0, "The answer stops before the result that this part asks for.")
    evidence = {"text": text[:MAX_QUOTE], "reference": options.what}
    if options.otherwise == "incorrect":
        message = "The result that this part asks for was not found."
        return Judgement(Outcome.INCORRECT, 0.0, message, evidence=evidence)
    if options.hint:
        evidence["hint"] = options.hint
    message = "The result that this part asks for was not found by machine: a person looks."
    return Judgement(Outcome.REVIEW, 0.0, message, evidence=evidence)


def _readings(
    statements: Sequence[Statement], scope: Scope, *, terms: bool = False
) -> Iterator[tuple[str, Reading]]:
    own = student_scope(statements, scope)
    for s, node in all_members(statements, own):
        for part in (node, *(node.args if terms and node.op == "add" else ())):
            if _is_result(part):
                yield s.text[:MAX_LINE], Reading(part, scope=own)


def _misfit(statements: Sequence[Statement], scope: Scope, labels: frozenset[str]) -> Judgement | None:
    """The result is stated, but its matrices do not fit together."""
    for chain in labelled(statements, scope, labels):
        last = chain[0]
        if last.fault is not None and last.fault.reason == "shape":
            return Judgement(
                Outcome.INCORRECT,
                0.0,
                f"The shapes do not fit: {last.fault.clause}",
                evidence={"level": "refuted", "reason": "shape", "text": last.text[:MAX_LINE]},
                mistake="shape",
            )
    return None


def _is_result(node: Node) -> bool:
    """A number, a name or a derivative that is only written down is not a result."""
    return node.op not in ("num", "sym", "order", "list") and all(n.op != "deriv" for n in node.walk())


def _holds(p: Problem, reading: Reading, up_to_factor: bool) -> bool:
    return agrees(p, reading) or (up_to_factor and constant_ratio(p, reading))


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """The first expected formula has the reference's value; nothing wrong is accepted."""
    asked = _compile(options, question)
    factor = options.up_to_factor
    wanted = asked.layouts[0].wanted
    out = disagreements(wanted[0], oracle)
    for w, p in asked.wrong:
        reading = Reading(p.node, scope=p.scope)
        if any(_holds(q, reading, factor) for q in wanted):
            out.append(f"the listed wrong result {w.expected!r} is accepted as right")
    return out


def examples(options: Options, question: Question) -> Iterator[Example]:
    """Every expected formula, in the author's and in our own spelling; the wrong ones; slips."""
    asked = _compile(options, question)
    wanted = asked.layouts[0].wanted

    def said(text: str) -> str:
        return text if "=" in text or not options.labels else f"{options.labels[0]} = {text}"

    def accepted(reading: Reading) -> bool:
        return any(_holds(p, reading, options.up_to_factor) for p in wanted)

    for layout in asked.layouts:
        for p in layout.wanted:
            yield Example(f"the expected {p.text!r}", said(p.text))
            yield Example(f"the expected {p.text!r} as it is read back", said(show(p.node)))
    for w in options.wrong:
        yield Example(f"the listed wrong result {w.expected!r}", said(w.expected), None, w.credit, w.feedback)
    for p in wanted:
        for name, node in slips(p, question.declarations, accepted):
            text = show(node)
            yield Example(f"the wrong answer {text} (slip: {name})", said(text), credit=None)
