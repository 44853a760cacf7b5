"""A matrix (or vector) of numbers, entry by entry.

Credit for every right entry, unless no more are right than one number everywhere would get. A matrix
that is one of the ``variants`` (a wrong sign, another padding) is named and earns what the variant says.
Reads matrices in every bracket, nested lists, printed arrays, Markdown tables and bare rows; entries may
be formulas without symbols (2/5, √2). Of several matrices it takes the one under one of the ``labels``, a
boxed one, or the last of a size that can be meant. It does not look at how the matrix was computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import msgspec

from grader.checkers import Check
from grader.checkers._otherwise import or_taken_back
from grader.checkers._verify import Example
from grader.errors import RubricError
from grader.maths.arrays import Array, Rows, array_from_value, arrays_in, joined
from grader.maths.authoring import check_credit, compiled_labels, exact_value
from grader.maths.constants import number_of
from grader.maths.declared import compile_scope
from grader.maths.parts import Part, part_of
from grader.maths.scope import Scope
from grader.maths.tokens import tokenize
from grader.maths.wording import offered
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

EXACT = Fraction(1, 10**40)  # relative; irrational entries are known to some 60 digits
MAX_SHOWN = 10**12


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A matrix that comes out of a known slip or of another convention."""

    name: str
    rows: list[list[int | float | str]]
    feedback: str
    credit: float = 0.0


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``rows``: the expected entries (numbers or exact text such as "2/5"); ``rel``: tolerance."""

    rows: list[list[int | float | str]]
    labels: list[str] = []
    parts: list[str] = []
    variants: list[Variant] = []
    rel: float = 0.0
    accept_transpose: bool = False


@dataclass(frozen=True)
class _Asked:
    """One criterion, compiled."""

    options: Options
    scope: Scope
    want: Rows
    variants: tuple[tuple[Variant, Rows], ...]
    labels: frozenset[str]
    comma: bool

    @property
    def sizes(self) -> set[tuple[int, int]]:
        return {_size(rows) for rows in (self.want, *(rows for _, rows in self.variants))}


def build(options: Options, question: Question) -> Check:
    asked = _compile(options, question)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts or options.labels)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        found, problem = _read(part, asked, answer)
        if isinstance(found, str):
            message = (
                f"Several matrices are given, and “{found}” leaves open which one is meant: a person decides."
            )
            return Judgement(Outcome.REVIEW, 0.0, message, evidence={"text": part.text[:300]})
        if found is not None:
            return or_taken_back(_judge(asked, found), part.text)
        evidence = {"text": part.text[:300]}
        if problem:
            message = f"The matrix could not be read: {problem}"
            return Judgement(Outcome.UNREADABLE, 0.0, message, evidence=evidence)
        return Judgement(Outcome.MISSING, 0.0, "No matrix of numbers was found.", evidence=evidence)

    return check


def _compile(options: Options, question: Question) -> _Asked:
    if not 0 <= options.rel < 1:
        raise RubricError(f"`rel` is {options.rel:g}; write a share such as 1e-3")
    variants = []
    for i, v in enumerate(options.variants):
        check_credit(v.credit, f"variants[{i}].credit")
        variants.append((v, _exact_rows(v.rows, f"variants[{i}].rows")))
    labels = compiled_labels(options.labels, "labels")
    return _Asked(
        options,
        compile_scope(question.declarations),
        _exact_rows(options.rows, "rows"),
        tuple(variants),
        labels | {joined(tokenize(t)) for t in options.labels},
        question.locale == "decimal-comma",
    )


def _judge(asked: _Asked, array: Array) -> Judgement:
    options, want, found = asked.options, asked.want, array.rows
    read_as = show_rows(found)
    expected_size = _size(want)
    turnable = options.accept_transpose or (array.flat and 1 in expected_size)
    turned = turnable and _size(found) == expected_size[::-1] != expected_size
    if turned:
        found = tuple(zip(*found, strict=True))
    size = _size(found)
    total = size[0] * size[1]
    if size == expected_size and _equal(found, want, options.rel):
        return Judgement(
            Outcome.CORRECT, 1.0, f"All {total} entries are right.", read_as, {"level": "proved"}
        )
    for v, rows in asked.variants:
        if _size(rows) == size and _equal(found, rows, options.rel):
            outcome = Outcome.CORRECT if v.credit == 1 else Outcome.PARTIAL if v.credit else Outcome.INCORRECT
            evidence = {"level": "refuted", "variant": v.name}
            return Judgement(outcome, v.credit, v.feedback, read_as, evidence, mistake=v.name)
    if size != expected_size:
        message = (
            f"The matrix has {expected_size[0]}×{expected_size[1]} entries; yours has {size[0]}×{size[1]}."
        )
        if size == expected_size[::-1]:
            message += " Are rows and columns exchanged?"
        evidence = {"level": "refuted", "reason": "shape"}
        return Judgement(Outcome.INCORRECT, 0.0, message, read_as, evidence, mistake="size")
    wrong = [  # where they stand in the answer
        (j + 1, i + 1) if turned else (i + 1, j + 1)
        for i, row in enumerate(want)
        for j, x in enumerate(row)
        if not _close(found[i][j], x, options.rel)
    ]
    right = total - len(wrong)
    places = ", ".join(f"({i}, {j})" for i, j in wrong[:8]) + (" …" if len(wrong) > 8 else "")
    message = f"{right} of {total} entries are right; wrong at (row, column) {places}."
    by_chance = right <= _chance(want)
    credit = 0.0 if by_chance else right / total
    if right and by_chance:
        message += " The same number everywhere would do as well."
    outcome = Outcome.PARTIAL if credit else Outcome.INCORRECT
    refuted = {"level": "refuted", "wrong entries": [list(w) for w in wrong]}
    return Judgement(outcome, credit, message, read_as, refuted)


def _chance(want: Rows) -> int:
    """How many entries a matrix that holds the most frequent entry everywhere would get right."""
    flat = [x for row in want for x in row]
    return max(flat.count(x) for x in set(flat)) if len(flat) > 4 else 0


def _read(part: Part, asked: _Asked, answer: Answer) -> tuple[Array | str | None, str]:
    """The matrix an answer gives (of several that are offered: the words that offer them), or why it cannot
    be read."""
    if part.value is not None and not isinstance(part.value, str):
        array = array_from_value(part.value)
        return array, "" if array else "the value is not a list of rows of numbers, all of one length."
    found, problem = arrays_in(part.text, asked.scope, decimal_comma=asked.comma)
    if not found:
        for cell in reversed(answer.code):
            found, _ = arrays_in(cell.output or cell.source, asked.scope)
            if found:
                break
    fitting = {a.rows for a in found if a.size in asked.sizes}
    return (len(fitting) > 1 and offered(part.text)) or _chosen(found, asked), problem


def _chosen(found: Sequence[Array], asked: _Asked) -> Array | None:
    """The one that is meant, the last of those that stand out most."""

    def rank(a: Array) -> tuple[bool, bool, bool, bool, bool]:
        fits = a.size in asked.sizes or (a.flat and a.size[::-1] in asked.sizes)
        exact = a.size == _size(asked.want)  # a filter of the size of a variant is no result
        return bool(a.labels & asked.labels), a.boxed, fits, not a.named, exact

    return max(enumerate(found), key=lambda ia: (rank(ia[1]), ia[0]))[1] if found else None


def _exact_rows(rows: Sequence[Sequence[int | float | str]], key: str) -> Rows:
    lengths = [len(r) for r in rows]
    if not rows or 0 in lengths or len(set(lengths)) != 1:
        raise RubricError(
            f"`{key}` has rows of {', '.join(map(str, lengths)) or 'no'} entries; all rows need one length"
        )
    return tuple(
        tuple(_exact_entry(x, f"{key}[{i}][{j}]") for j, x in enumerate(row)) for i, row in enumerate(rows)
    )


def _exact_entry(x: int | float | str, key: str) -> Fraction:
    number = number_of(x) if isinstance(x, str) else None
    return exact_value(x, key) if number is None else number


def _size(rows: Rows) -> tuple[int, int]:
    return len(rows), len(rows[0])


def _close(a: Fraction, b: Fraction, rel: float) -> bool:
    return a == b or abs(a - b) <= max(Fraction(rel), EXACT) * abs(b)


def _equal(a: Rows, b: Rows, rel: float) -> bool:
    return all(_close(x, y, rel) for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True))


def show_rows(rows: Rows) -> str:
    """``[1 2; 3 4]``."""
    return "[" + "; ".join(" ".join(_show(x) for x in r) for r in rows) + "]"


def _show(x: Fraction) -> str:
    if max(abs(x.numerator), x.denominator) < MAX_SHOWN:
        return str(x)
    try:
        return f"{float(x):.6g}"
    except OverflowError:
        return "…"


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """``rows`` are the reference's; no variant equals them."""
    asked = _compile(options, question)
    want = asked.want
    out = []
    for v in getattr(oracle, "values", ()):
        array = array_from_value(v if isinstance(v, list) else [v])
        rows = array.rows if array else ()
        if array and array.flat and _size(rows) == _size(want)[::-1]:
            rows = tuple(zip(*rows, strict=True))
        if not rows or _size(rows) != _size(want) or not _equal(rows, want, max(options.rel, 1e-12)):
            out.append(f"`rows` is {show_rows(want)}, the reference gives {show_rows(rows) if rows else v}")
    for i, (variant, rows) in enumerate(asked.variants):
        if _size(rows) == _size(want) and _equal(rows, want, options.rel):
            out.append(f"the variant {variant.name!r} is the expected matrix itself")
        same = [v.name for v, other in asked.variants[:i] if other == rows]
        if same:
            out.append(f"the variant {variant.name!r} is the variant {same[0]!r} once more")
    return out


def examples(options: Options, question: Question) -> Iterator[Example]:
    """The expected matrix, its variants, and the matrix with one wrong entry, at each place."""
    asked = _compile(options, question)
    yield Example("the expected matrix", value=options.rows)
    for v in options.variants:
        yield Example(f"the variant {v.name!r}", value=v.rows, credit=v.credit, says=v.feedback)
    for i, row in enumerate(asked.want):
        for j, x in enumerate(row):
            wrong: list[list[int | float | str]] = [list(r) for r in options.rows]
            wrong[i][j] = round(x) + 2
            place = f"the matrix with a wrong entry at ({i + 1}, {j + 1})"
            yield Example(place, value=wrong, credit=None)
