"""A matrix (or vector) of numbers, entry by entry.

Credit for every right entry. A matrix that is one of the ``variants`` (a wrong sign, another padding)
is named and earns what the variant says. Reads matrices in every bracket, nested lists, printed arrays
and Markdown tables. Entries may be formulas without symbols (2/5, √2). It does not look at how the matrix was
computed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from grader.checkers import Check
from grader.errors import MathsFault, RubricError
from grader.maths.constants import exact_number
from grader.maths.labels import label_key, label_of
from grader.maths.parts import Part, part_of
from grader.maths.scope import Scope
from grader.maths.declared import compile_scope
from grader.maths.reading import read_member
from grader.maths.statements import find_statements
from grader.maths.tables import pipe_tables
from grader.maths.tree import Node
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

Rows = tuple[tuple[Fraction, ...], ...]


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


def build(options: Options, question: Question) -> Check:
    want = _exact_rows(options.rows, question, "`rows`")
    variants = [(v, _exact_rows(v.rows, question, f"the variant {v.name!r}")) for v in options.variants]
    scope = compile_scope(question.declarations)
    labels = frozenset(label_key(x) for x in options.labels)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts or options.labels)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        found, problem = _read(part, scope, labels, question.locale == "decimal-comma", answer)
        if found is None:
            if problem:
                return Judgement(Outcome.UNREADABLE, 0.0, f"The matrix could not be read: {problem}.", evidence={"text": part.text[:300]})
            return Judgement(Outcome.MISSING, 0.0, "No matrix was found in the answer.", evidence={"text": part.text[:300]})
        return _judge(options, want, variants, found)

    return check


def _judge(options: Options, want: Rows, variants: Sequence[tuple[Variant, Rows]], found: Rows) -> Judgement:
    read_as = show_rows(found)
    size, expected_size = _size(found), _size(want)
    if options.accept_transpose and size == expected_size[::-1] and size != expected_size:
        found = tuple(zip(*found, strict=True))
        size = expected_size
    if size == expected_size and _equal(found, want, options.rel):
        return Judgement(Outcome.CORRECT, 1.0, f"All {size[0] * size[1]} entries are right.", read_as, {"level": "proved"})
    for v, rows in variants:
        if _size(rows) == size and _equal(found, rows, options.rel):
            outcome = Outcome.CORRECT if v.credit == 1 else Outcome.PARTIAL if v.credit else Outcome.INCORRECT
            return Judgement(outcome, v.credit, v.feedback, read_as, {"level": "refuted", "variant": v.name}, mistake=v.name)
    if size != expected_size:
        message = f"The expected matrix is {expected_size[0]}×{expected_size[1]}; yours is {size[0]}×{size[1]}."
        return Judgement(Outcome.INCORRECT, 0.0, message, read_as, {"level": "refuted", "reason": "shape"}, mistake="size")
    wrong = [
        (i + 1, j + 1)
        for i, row in enumerate(want)
        for j, x in enumerate(row)
        if not _close(found[i][j], x, options.rel)
    ]
    total = size[0] * size[1]
    right = total - len(wrong)
    places = ", ".join(f"({i}, {j})" for i, j in wrong[:8]) + (" …" if len(wrong) > 8 else "")
    message = f"{right} of {total} entries are right; wrong at (row, column) {places}."
    # a matrix that agrees no better than one of the same entries in another order was not computed
    by_chance = _chance(want)
    credit = right / total if right > by_chance else 0.0
    outcome = Outcome.PARTIAL if credit else Outcome.INCORRECT
    if not credit:
        message += " That is no more than guessing gives."
    return Judgement(outcome, credit, message, read_as, {"level": "refuted", "wrong entries": [list(w) for w in wrong]})


def _chance(want: Rows) -> float:
    """How many entries a matrix that holds the most frequent entry everywhere would get right."""
    flat = [x for row in want for x in row]
    return max(flat.count(x) for x in set(flat)) if len(flat) > 4 else 0


def _read(part: Part, scope: Scope, labels: frozenset[str], comma: bool, answer: Answer) -> tuple[Rows | None, str]:
    """The matrix an answer gives, or why it cannot be read."""
    if part.value is not None and not isinstance(part.value, str):
        rows = _from_value(part.value)
        return (rows, "") if rows else (None, "the value is not a list of rows of numbers")
    problem = ""
    found: list[tuple[bool, Rows]] = []
    text = _joined(part.text)
    for s in find_statements(text, decimal_comma=comma):
        if s.fault is not None:
            problem = problem or s.fault.message
            continue
        mine = bool(labels) and any(label_of(m) in labels for m in s.members)
        for m in s.members:
            if not any(t.text in ("begin", "[", "(") for t in m):
                continue
            try:
                node, _ = read_member(m, scope, infix=not s.latex)
            except MathsFault as fault:
                problem = problem or fault.message
                continue
            rows = _from_node(node)
            if rows is not None:
                found.append((mine, rows))
    labelled = [r for mine, r in found if mine]
    if labelled:
        return labelled[-1], ""
    if found:
        return found[-1][1], ""
    for table in pipe_tables(part.text):
        rows = _from_cells(table.body if not _numeric(table.header) else [table.header, *table.body])
        if rows:
            return rows, ""
    for cell in reversed(answer.code):
        rows = _from_printed(cell.output)
        if rows:
            return rows, ""
    rows = _from_lines(part.text)
    return (rows, "") if rows else (None, problem)


def _joined(text: str) -> str:
    """Printed arrays span lines; outside of displays their line breaks say nothing."""
    return re.sub(r"\[\s*\[.*?\]\s*\]", lambda m: " ".join(m.group().split()), text, flags=re.DOTALL)


def _from_node(node: Node) -> Rows | None:
    if node.op != "matrix":
        return None
    r, c, _ = node.value
    values = [exact_number(a) for a in node.args]
    if any(v is None for v in values):
        return None
    exact = [v for v in values if v is not None]
    return tuple(tuple(exact[i * c : (i + 1) * c]) for i in range(r))


def _from_value(value: Any) -> Rows | None:
    if not isinstance(value, list) or not value:
        return None
    rows = value if all(isinstance(r, list) for r in value) else [value]
    return _from_cells([[str(x) if not isinstance(x, bool) else "?" for x in row] for row in rows])


def _from_cells(cells: Sequence[Sequence[str]]) -> Rows | None:
    out = []
    for row in cells:
        numbers = [_number(x) for x in row]
        if not numbers or any(n is None for n in numbers):
            return None
        out.append(tuple(n for n in numbers if n is not None))
    return tuple(out) if out and len({len(r) for r in out}) == 1 else None


def _numeric(cells: Sequence[str]) -> bool:
    return all(_number(c) is not None for c in cells)


def _number(text: str) -> Fraction | None:
    plain = text.strip().strip("$").replace("−", "-")
    m = re.fullmatch(r"[+-]?\d{1,30}(?:\.\d{0,30})?(?:[eE][+-]?\d{1,3})?|[+-]?\d{1,20}/\d{1,20}", plain)
    if not m:
        return None
    try:
        return Fraction(plain.rstrip("."))
    except (ValueError, ZeroDivisionError):
        return None


def _from_printed(output: str) -> Rows | None:
    m = list(re.finditer(r"\[\s*(\[[^\[\]]{1,2000}\][\s,]*)+\]", output))
    if not m:
        return None
    return _from_cells([re.split(r"[\s,]+", row.strip(" ,\n")) for row in re.findall(r"\[([^\[\]]+)\]", m[-1].group())])


def _from_lines(text: str) -> Rows | None:
    """Plain rows of numbers, one a line."""
    rows = [re.split(r"[\s,;|]+", line.strip(" |[](),;")) for line in text.splitlines() if re.match(r"^[\s|\[(]*[-−\d]", line)]
    return _from_cells(rows) if len(rows) > 1 else None


def _exact_rows(rows: Sequence[Sequence[int | float | str]], question: Question, what: str) -> Rows:
    out = tuple(tuple(Fraction(str(x)) for x in row) for row in rows)
    if not out or len({len(r) for r in out}) != 1:
        raise RubricError(f"{question.place}: {what} needs rows of one length")
    return out


def _size(rows: Rows) -> tuple[int, int]:
    return len(rows), len(rows[0])


def _close(a: Fraction, b: Fraction, rel: float) -> bool:
    return a == b or (rel > 0 and abs(a - b) <= Fraction(rel) * abs(b))


def _equal(a: Rows, b: Rows, rel: float) -> bool:
    return all(_close(x, y, rel) for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True))


def show_rows(rows: Rows) -> str:
    """``[1 2; 3 4]``."""
    return "[" + "; ".join(" ".join(str(x) for x in r) for r in rows) + "]"


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """``rows`` are the reference's; no variant equals them unless it is given full credit."""
    want = _exact_rows(options.rows, question, "`rows`")
    out = []
    for v in getattr(oracle, "values", ()):
        rows = _from_value(v)
        if rows is None or _size(rows) != _size(want) or not _equal(rows, want, max(options.rel, 1e-12)):
            out.append(f"`rows` is {show_rows(want)}, the reference gives {show_rows(rows) if rows else v}")
    for variant in options.variants:
        rows = _exact_rows(variant.rows, question, f"the variant {variant.name!r}")
        if _size(rows) == _size(want) and _equal(rows, want, options.rel):
            out.append(f"the variant {variant.name!r} is the expected matrix itself")
    return out
