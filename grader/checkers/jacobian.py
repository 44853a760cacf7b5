"""A Jacobian of numbers, as a matrix or entry by entry.

Reads a matrix in any bracket, gradients (∇f_1 = …) as rows, ∂f/∂w_1 = … as columns, tables with names at
their sides, and entries that stand apart (∂f_1/∂w_2 = …). Each of the ``alternatives`` (another scheme of
finite differences) is held against the whole answer by itself, and the one with most right entries counts:
entries of two schemes never mix. Credit for every right entry. The transposed matrix earns
``transposed_credit``; formulas without numbers earn ``formulas_credit``. Entries that are not found go to a
person. It does not look at how the numbers were computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import msgspec

from grader.checkers import Check
from grader.checkers._otherwise import or_taken_back
from grader.checkers._verify import Example
from grader.errors import MathsFault, RubricError
from grader.maths.arrays import Array, Rows, array_from_value, arrays_in
from grader.maths.authoring import check_credit, compiled_formula, compiled_labels, exact_value
from grader.maths.compare import Problem
from grader.maths.constants import number_of
from grader.maths.declared import compile_scope
from grader.maths.entries import Frame, entries_in, entries_of_value, numbers, plain
from grader.maths.mutation import agrees
from grader.maths.parts import part_of
from grader.maths.reading import Reading
from grader.maths.scope import Scope
from grader.maths.select import all_members, student_scope
from grader.maths.sentences import formulas_apart
from grader.maths.statements import find_statements
from grader.maths.tree import Node
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

EXACT = Fraction(1, 10**40)  # relative
MAX_QUOTE = 600

_COMMA = re.compile(r"\d\s?(?:\{,\}|,)\s?\d")
NEARLY = 10  # times the tolerance: a number that was rounded too far, probably
_SAYS_SOMETHING = re.compile(
    r"\d|[=\\/∂∇]|\b(?:same|above|before|previous|earlier|agrees?|identical)\b", re.IGNORECASE
)

Place = tuple[int, int]
Given = dict[Place, Fraction]


class Alternative(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Other numbers that count, found by a way that the message names."""

    name: str
    rows: list[list[int | float | str]]
    credit: float = 1.0


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A Jacobian that comes out of a known slip."""

    name: str
    rows: list[list[int | float | str]]
    feedback: str
    credit: float = 0.0


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``rows``: the expected entries; ``name``: how they are found, where there are ``alternatives``; ``of``
    and ``by``: names of outputs (rows) and inputs (columns); ``rel``: tolerance, of every entry by itself;
    ``formulas``: the entries as formulas."""

    rows: list[list[int | float | str]]
    of: list[str]
    by: list[str]
    name: str = ""
    labels: list[str] = []
    parts: list[str] = []
    alternatives: list[Alternative] = []
    variants: list[Variant] = []
    rel: float = 0.0
    transposed_credit: float = 0.5
    formulas: list[list[str]] = []
    formulas_credit: float = 0.5


@dataclass(frozen=True)
class _Asked:
    """One criterion, compiled."""

    options: Options
    scope: Scope
    frame: Frame
    schemes: tuple[tuple[str, float, Rows], ...]
    variants: tuple[tuple[Variant, Rows], ...]
    formulas: tuple[tuple[Problem, ...], ...]
    labels: frozenset[str]

    @property
    def size(self) -> tuple[int, int]:
        return len(self.options.of), len(self.options.by)


def build(options: Options, question: Question) -> Check:
    asked = _compile(options, question)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        comma = question.locale == "decimal-comma"
        out = or_taken_back(judged(answer, comma=comma), answer.text)
        if out.outcome is Outcome.CORRECT or comma or not _COMMA.search(answer.text):
            return out
        if judged(answer, comma=True).outcome is not Outcome.CORRECT:
            return out
        message = (
            "With decimal commas this would be right, but the sheet writes decimal points: a person decides."
        )
        return Judgement(Outcome.REVIEW, 0.0, message, out.read_as, {"text": answer.text[:MAX_QUOTE]})

    def judged(answer: Answer, *, comma: bool) -> Judgement:
        given: Given = {}
        if isinstance(answer.value, dict):
            given = dict(numbers(entries_of_value(answer.value, asked.frame, decimal_comma=comma)))
        if not given:
            part = part_of(answer, options.parts or options.labels)
            if part.missing:
                return Judgement(Outcome.MISSING, 0.0, part.message)
            text = plain(part.text)
            given = _whole(part.value, text, asked, answer, comma and not isinstance(part.value, list))
            if not given:
                given = dict(
                    numbers(
                        entries_in(
                            text,
                            asked.frame,
                            asked.scope,
                            decimal_comma=comma and not isinstance(part.value, list),
                        )
                    )
                )
            if len(given) < asked.size[0] * asked.size[1]:
                found = _said_in_formulas(asked, text)
                if found is not None:
                    return found
            if not given and not _SAYS_SOMETHING.search(text):
                return Judgement(Outcome.MISSING, 0.0, "No numbers were given for the Jacobian.")
        return _judge(asked, given, answer.text)

    return check


def _compile(options: Options, question: Question) -> _Asked:
    size = (len(options.of), len(options.by))
    if 0 in size:
        raise RubricError("`of` and `by` name the outputs and the inputs; neither may be empty")
    if not 0 <= options.rel < 1:
        raise RubricError(f"`rel` is {options.rel:g}; write a share such as 1e-3")
    for key in ("transposed_credit", "formulas_credit"):
        check_credit(getattr(options, key), key)
    schemes = [(options.name, 1.0, _exact_rows(options.rows, "rows", size))]
    for i, a in enumerate(options.alternatives):
        check_credit(a.credit, f"alternatives[{i}].credit")
        schemes.append((a.name, a.credit, _exact_rows(a.rows, f"alternatives[{i}].rows", size)))
    variants = []
    for i, v in enumerate(options.variants):
        check_credit(v.credit, f"variants[{i}].credit")
        variants.append((v, _exact_rows(v.rows, f"variants[{i}].rows", size)))
    if options.formulas and [len(r) for r in options.formulas] != [size[1]] * size[0]:
        raise RubricError(f"`formulas` needs {size[0]} rows of {size[1]} formulas, as `rows` has")
    formulas = tuple(
        tuple(
            compiled_formula(question.declarations, text, f"formulas[{i}][{j}]") for j, text in enumerate(row)
        )
        for i, row in enumerate(options.formulas)
    )
    try:
        frame = Frame.make(options.of, options.by)
    except MathsFault as fault:
        raise RubricError(f"`of` or `by` holds a name that cannot be read: {fault.clause}") from fault
    return _Asked(
        options,
        compile_scope(question.declarations),
        frame,
        tuple(schemes),
        tuple(variants),
        formulas,
        compiled_labels(options.labels, "labels"),
    )


def _whole(value: object, text: str, asked: _Asked, answer: Answer, comma: bool) -> Given:
    """A matrix of the right size: under a label, boxed, or the last."""
    if value is not None and not isinstance(value, str | dict):
        array = array_from_value(value)
        found = [array] if array else []
    else:
        found, _ = arrays_in(text, asked.scope, decimal_comma=comma)
        for cell in reversed(answer.code):
            if not any(a.size == asked.size for a in found):
                found = arrays_in(cell.output or cell.source, asked.scope)[0] or found
    fitting = [a for a in found if a.size == asked.size and not a.flat]

    def rank(ia: tuple[int, Array]) -> tuple[bool, bool, int]:
        return bool(ia[1].labels & asked.labels), ia[1].boxed, ia[0]

    if not fitting:
        return {}
    rows = max(enumerate(fitting), key=rank)[1].rows
    return {(i, j): x for i, row in enumerate(rows) for j, x in enumerate(row)}


def _judge(asked: _Asked, given: Given, text: str) -> Judgement:
    options, total = asked.options, asked.size[0] * asked.size[1]
    read_as = "; ".join(f"{_name(asked, place)} = {_show(x)}" for place, x in sorted(given.items()))
    if len(given) < total:
        evidence: dict[str, object] = {"text": text[:MAX_QUOTE], "entries found": len(given)}
        message = f"{len(given)} of {total} entries were found by machine: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, read_as, evidence)
    best = max(asked.schemes, key=lambda s: (len(_right(given, s[2], options.rel)), s[1]))
    name, credit, want = best
    right = _right(given, want, options.rel)
    if len(right) == total:
        by = f" ({name})" if name else ""
        outcome = Outcome.CORRECT if credit == 1 else Outcome.PARTIAL if credit else Outcome.INCORRECT
        return Judgement(outcome, credit, f"All {total} entries are right{by}.", read_as, {"level": "proved"})
    for v, rows in asked.variants:
        if len(_right(given, rows, options.rel)) == total:
            outcome = Outcome.CORRECT if v.credit == 1 else Outcome.PARTIAL if v.credit else Outcome.INCORRECT
            evidence = {"level": "refuted", "variant": v.name}
            return Judgement(outcome, v.credit, v.feedback, read_as, evidence, mistake=v.name)
    turned = {(j, i): x for (i, j), x in given.items()}
    if asked.size[0] == asked.size[1]:
        for _, scheme_credit, rows in asked.schemes:
            if len(_right(turned, rows, options.rel)) == total:
                message = "Rows and columns are exchanged: a row belongs to an output, a column to an input."
                share = options.transposed_credit * scheme_credit
                outcome = Outcome.PARTIAL if share else Outcome.INCORRECT
                return Judgement(outcome, share, message, read_as, {"level": "refuted"}, mistake="transposed")
    wrong = [p for p in sorted(given) if p not in right]
    by = f" as {name}" if name and right else ""
    named = [
        _name(asked, p) + " (nearly)" * _close(given[p], want[p[0]][p[1]], NEARLY * options.rel)
        for p in wrong
    ]
    message = f"{len(right)} of {total} entries are right{by}; wrong: {', '.join(named)}."
    if any(" (nearly)" in n for n in named):
        message += f" Numbers are compared to a relative {options.rel:g}."
    share = credit * len(right) / total
    outcome = Outcome.PARTIAL if share else Outcome.INCORRECT
    refuted = {"level": "refuted", "wrong entries": [[i + 1, j + 1] for i, j in wrong]}
    return Judgement(outcome, share, message, read_as, refuted)


def _right(given: Given, want: Rows, rel: float) -> set[Place]:
    return {(i, j) for (i, j), x in given.items() if _close(x, want[i][j], rel)}


def _close(a: Fraction, b: Fraction, rel: float) -> bool:
    return a == b or abs(a - b) <= max(Fraction(rel), EXACT) * abs(b)


def _said_in_formulas(asked: _Asked, text: str) -> Judgement | None:
    """Right formulas for all entries, no numbers."""
    if not asked.formulas:
        return None
    statements = find_statements(formulas_apart(text))
    own = student_scope(statements, asked.scope)
    found: dict[Place, Node] = dict(entries_in(text, asked.frame, own))
    for _, node in all_members(statements, own):
        if node.op == "matrix" and node.shape == asked.size:
            found |= {(k // asked.size[1], k % asked.size[1]): a for k, a in enumerate(node.args)}
    places = [(i, j) for i in range(asked.size[0]) for j in range(asked.size[1])]
    if set(places) - found.keys():
        return None
    if not all(agrees(asked.formulas[i][j], Reading(found[i, j], scope=own)) for i, j in places):
        return None
    credit = asked.options.formulas_credit
    return Judgement(
        Outcome.PARTIAL if 0 < credit < 1 else Outcome.CORRECT if credit else Outcome.INCORRECT,
        credit,
        "The formulas are right; their values at the point are missing.",
        evidence={"level": "supported"},
        mistake="no numbers",
    )


def _name(asked: _Asked, place: Place) -> str:
    return f"∂{asked.options.of[place[0]]}/∂{asked.options.by[place[1]]}"


def _exact_rows(rows: Sequence[Sequence[int | float | str]], key: str, size: tuple[int, int]) -> Rows:
    if len(rows) != size[0] or any(len(r) != size[1] for r in rows):
        raise RubricError(f"`{key}` needs {size[0]} rows (`of`) of {size[1]} numbers (`by`)")
    return tuple(
        tuple(_exact_entry(x, f"{key}[{i}][{j}]") for j, x in enumerate(r)) for i, r in enumerate(rows)
    )


def _exact_entry(x: int | float | str, key: str) -> Fraction:
    number = number_of(x) if isinstance(x, str) else None
    return exact_value(x, key) if number is None else number


def _show(x: Any) -> str:
    try:
        return f"{float(x):.6g}"
    except (OverflowError, TypeError, ValueError):
        return "…"


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """``rows`` are the reference's; no alternative or variant equals another."""
    asked = _compile(options, question)
    want, rel = asked.schemes[0][2], options.rel
    out = []
    for v in getattr(oracle, "values", ()):
        array = array_from_value(v)
        rows = array.rows if array and array.size == asked.size else None
        if rows is None or not _all(rows, want, 1e-12):
            given = [[x] if not isinstance(x, list) else x for x in v] if isinstance(v, list) else v
            out.append(f"`rows` is {_table(want)}, the reference gives {_table(given)}")
    named = [(f"alternative {name!r}", rows) for name, _, rows in asked.schemes[1:]]
    named += [(f"variant {v.name!r}", rows) for v, rows in asked.variants]
    known: list[tuple[str, Rows]] = [("expected Jacobian", want)]
    for name, rows in named:
        out += [f"the {name} is the {other} within `rel`" for other, r in known if _all(rows, r, rel)]
        known.append((name, rows))
    return out


def _table(rows: object) -> str:
    """``[1 2; 3 4]``."""
    if not isinstance(rows, list | tuple):
        return str(rows)
    text = "; ".join(" ".join(_show(x) for x in r) for r in rows)
    return f"[{text}]" if len(text) > 1 else text


def _all(a: Rows, b: Rows, rel: float) -> bool:
    return all(_close(x, y, rel) for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True))


def examples(options: Options, question: Question) -> Iterator[Example]:
    """Every scheme and variant; the expected numbers with one wrong, at each place."""
    asked = _compile(options, question)
    yield Example("the expected Jacobian", value=options.rows)
    for a in options.alternatives:
        yield Example(f"the alternative {a.name!r}", value=a.rows, credit=a.credit)
    for v in options.variants:
        yield Example(f"the variant {v.name!r}", value=v.rows, credit=v.credit, says=v.feedback)
    if options.formulas:
        said = "; ".join(", ".join(row) for row in options.formulas)
        yield Example("the formulas without numbers", f"$[{said}]$", credit=options.formulas_credit)
    for i, row in enumerate(asked.schemes[0][2]):
        for j, x in enumerate(row):
            wrong: list[list[int | float | str]] = [list(r) for r in options.rows]
            wrong[i][j] = float(3 * x + 1)
            yield Example(f"a wrong {_name(asked, (i, j))}", value=wrong, credit=None)
