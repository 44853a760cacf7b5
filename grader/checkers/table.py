"""A table of numbers, row by row, with a total.

Rows are found by order and by name, so two rows of one name are told apart, and by name alone where
the order is another. A row whose own arithmetic is right but whose number is not was miscopied: it
earns ``slip_credit``. A wrong total that is the sum of the student's own rows earns ``follow_credit``.
Counts are exact. It does not judge columns other than the value and the arithmetic beside it, and does
not know a row by a name that has nothing in common with the rubric's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import msgspec

from grader.checkers import Check
from grader.checkers._verify import Example
from grader.errors import RubricError
from grader.maths.authoring import check_credit, exact_value
from grader.maths.parts import part_of
from grader.maths.rows import (
    NamedRow,
    is_total,
    numbers_apart,
    numbers_in,
    rows_from_text,
    rows_from_value,
    rows_in_sentences,
)
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

COLUMN = (
    "total params",
    "total parameters",
    "params",
    "parameters",
    "total",
    "number of parameters",
    "count",
)


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One expected row; ``weight`` 0 for rows that earn nothing (pooling)."""

    name: str
    value: int | float | str
    weight: float = 1.0
    aliases: list[str] = []


class KnownMistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrong number that occurs in a row: ``row`` is its name, ``name (2nd)`` for the second row of one
    name, or ``total``."""

    row: str
    value: int | float | str
    feedback: str
    credit: float = 0.0


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``column``: words in the head of the column that holds the values."""

    rows: list[Row]
    total: int | float | str | None = None
    total_weight: float = 1.0
    column: list[str] = msgspec.field(default_factory=lambda: list(COLUMN))
    mistakes: list[KnownMistake] = []
    slip_credit: float = 0.5
    follow_credit: float = 0.4
    parts: list[str] = []


LARGE = 100  # smaller numbers in a text may be sizes
MAX_SHOWN = 10**18  # larger numbers are cut in messages


@dataclass(frozen=True)
class _Row:
    """One expected row; ``title`` tells rows of one name apart."""

    row: Row
    title: str
    value: Fraction
    weight: Fraction
    known: tuple[tuple[Fraction, KnownMistake], ...]


@dataclass(frozen=True)
class _Table:
    """One criterion, compiled."""

    options: Options
    rows: tuple[_Row, ...]
    total: _Row | None
    weight: Fraction


def build(options: Options, question: Question) -> Check:
    table = _compile(options)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        if part.value is not None and not isinstance(part.value, str):
            found = rows_from_value(part.value, options.column)
        else:
            comma = question.locale == "decimal-comma"
            found = rows_from_text(part.text, options.column, decimal_comma=comma)
            if all(r.value is None or is_total(r.name) for r in found):
                named = rows_in_sentences(part.text, [r.name for r in options.rows])
                found = [*named, *found] if named or not numbers_apart(part.text, found) else []
        if any(r.value is not None for r in found) and not _unplaced(table, found, part.text):
            rivals = _rivals(table, found)
            if rivals:
                message = f"Several numbers are given for {rivals}; which one counts is for a person."
                return Judgement(Outcome.REVIEW, 0.0, message, evidence={"text": part.text[:600]})
            return _judge(table, found)
        evidence = {"text": part.text[:600]}
        if any(c.isdigit() for c in part.text):
            message = "Not every number could be told to belong to a row; a row is 'name: number'."
            if not found:
                message = "No table or list of named numbers was recognised; a row is 'name: number'."
            return Judgement(Outcome.UNREADABLE, 0.0, message, evidence=evidence)
        return Judgement(
            Outcome.MISSING, 0.0, "No table of numbers was found in the answer.", evidence=evidence
        )

    return check


def _compile(options: Options) -> _Table:
    if not options.rows:
        raise RubricError("`rows` is empty; list at least one row")
    for key in ("slip_credit", "follow_credit"):
        check_credit(getattr(options, key), key)
    names = [r.name for r in options.rows]
    titles = [_title(names, i) for i in range(len(names))]
    for i, m in enumerate(options.mistakes):
        check_credit(m.credit, f"mistakes[{i}].credit")
        if m.row not in (*names, *titles) and (m.row != "total" or options.total is None):
            given = ", ".join(dict.fromkeys([*titles, *(["total"] if options.total is not None else [])]))
            raise RubricError(f"`mistakes[{i}].row` is {m.row!r}; the rows are {given}")

    def compiled(row: Row, title: str, key: str) -> _Row:
        if row.weight < 0:
            raise RubricError(f"`{key}.weight` is {row.weight:g}; a weight is not negative")
        known = tuple(
            (exact_value(m.value, f"mistakes[{i}].value"), m)
            for i, m in enumerate(options.mistakes)
            if m.row in (row.name, title)
        )
        return _Row(row, title, exact_value(row.value, f"{key}.value"), exact_value(row.weight, key), known)

    rows = tuple(
        compiled(r, title, f"rows[{i}]")
        for i, (r, title) in enumerate(zip(options.rows, titles, strict=True))
    )
    total = None
    if options.total is not None:
        total = compiled(Row("total", options.total, options.total_weight), "Total", "total")
    weight = sum((r.weight for r in (*rows, *([total] if total else []))), Fraction(0))
    if weight <= 0:
        raise RubricError("all weights are 0; give at least one row a `weight`")
    return _Table(options, rows, total, weight)


def _title(names: Sequence[str], i: int) -> str:
    """``Conv3-256 (2nd)`` where a name occurs more than once."""
    if names.count(names[i]) == 1:
        return names[i]
    k = names[: i + 1].count(names[i])
    return f"{names[i]} ({k}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(k, 'th') })"


def _judge(table: _Table, found: Sequence[NamedRow]) -> Judgement:
    found = _placed(table, found)
    totals = [r for r in found if is_total(r.name) and r.value is not None]
    matched = _align([r.row for r in table.rows], [r for r in found if not is_total(r.name)])
    earned = Fraction(0)
    remarks: list[str] = []
    mistakes: list[str] = []
    shown: list[dict[str, object]] = []
    counted = right = 0
    results = [
        (want, have, _row_credit(table.options, want, have))
        for want, have in zip(table.rows, matched, strict=True)
    ]
    if table.total is not None:
        total = totals[-1] if totals else None
        results.append((table.total, total, _total_credit(table, total, matched)))
    for want, have, (credit, remark) in results:
        earned += credit * want.weight
        counted += want.weight > 0
        right += want.weight > 0 and credit == 1
        given = have is not None and have.value is not None
        if remark and (want.weight or given):
            remarks.append(f"{want.title}: {remark}")
            if given and credit < 1:
                mistakes.append(remarks[-1])
        shown.append({"row": want.title, "yours": _show(have.value) if have else "–", "right": credit == 1})
    share = float(earned / table.weight)
    message = " ".join([f"{right} of {counted} numbers are right.", *remarks])
    outcome = Outcome.CORRECT if earned == table.weight else Outcome.PARTIAL if earned else Outcome.INCORRECT
    read_as = "; ".join(f"{t['row']}: {t['yours']}" for t in shown if t["yours"] != "–")
    level = "proved" if earned == table.weight else "refuted"
    evidence = {"level": level, "rows": shown}
    return Judgement(outcome, share, message, read_as, evidence, mistake=mistakes[0] if mistakes else None)


def _row_credit(options: Options, want: _Row, have: NamedRow | None) -> tuple[Fraction, str]:
    """The share of a row and what there is to say of it."""
    if have is None or have.value is None:
        return (Fraction(1), "") if want.value == 0 else (Fraction(0), "no number found.")
    if have.value == want.value:
        if have.formula is not None and have.formula != want.value:
            return Fraction(
                1
            ), f"the number is right, but the arithmetic beside it gives {_show(have.formula)}."
        return Fraction(1), ""
    if have.formula == want.value:
        wrong = _show(have.value)
        return Fraction(str(options.slip_credit)), (
            f"your arithmetic is right, but {wrong} is not what it gives (a slip in calculating or copying)."
        )
    for value, m in want.known:
        if have.value == value:
            return Fraction(str(m.credit)), m.feedback
    extra = ""
    if have.formula is not None and have.formula != have.value:
        extra = f", and it is not what the arithmetic beside it gives ({_show(have.formula)})"
    return Fraction(0), f"{_show(have.value)} is not right{extra}."


def _total_credit(
    table: _Table, have: NamedRow | None, rows: Sequence[NamedRow | None]
) -> tuple[Fraction, str]:
    assert table.total is not None
    told = {table.total.value, *(v for v, _ in table.total.known)}
    if have is None or have.value is None or have.value in told or have.formula == table.total.value:
        return _row_credit(table.options, table.total, have)
    values = [r.value for r in rows if r is not None and r.value is not None]
    if sum(1 for v in values if v) >= 2 and sum(values, Fraction(0)) == have.value:
        share = Fraction(str(table.options.follow_credit))
        return share, f"{_show(have.value)} follows from your own rows (error carried forward)."
    return Fraction(0), f"{_show(have.value)} is neither the expected total nor the sum of your rows."


def _unplaced(table: _Table, found: Sequence[NamedRow], text: str) -> bool:
    """Whether no row could be found a place, or a right number stands in the text but in no row."""
    placed = _placed(table, found)
    matched = _align([r.row for r in table.rows], [r for r in placed if not is_total(r.name)])
    totals = [r for r in placed if is_total(r.name) and r.value is not None]
    if not totals and not any(r is not None and r.value is not None for r in matched):
        return True
    read = {v for r in found for v in (r.value, r.formula)}
    missing = [w.value for w, r in zip(table.rows, matched, strict=True) if r is None and w.weight]
    missing += [table.total.value] if table.total is not None and not totals else []
    return any(v not in read for v in missing if v >= LARGE and v in numbers_in(text))


def _rivals(table: _Table, found: Sequence[NamedRow]) -> str:
    """A row that has been chosen from several by its number, with these numbers; else empty.

    Another row that is left over, and whose name fits as well, says something else: nobody may be right
    by writing down every number that comes to mind.
    """
    rows = [r for r in _placed(table, found) if not is_total(r.name)]
    matched = _align([r.row for r in table.rows], rows)
    taken = {id(r) for r in matched}
    left = [r for r in rows if id(r) not in taken and r.value and not _PART.search(r.name)]
    many = sum(bool(r.value) for r in rows) > sum(bool(r.value) for r in table.rows)
    strange = [r for r in left if many and not any(_likeness(w.row, r, by_value=False) for w in table.rows)]
    names = [r.row.name for r in table.rows]
    for i, (want, have) in enumerate(zip(table.rows, matched, strict=True)):
        if have is None or have.value is None or not want.weight:
            continue
        copy = names[: i + 1].count(names[i]), names.count(names[i])
        fits = _likeness(want.row, have, *copy, by_value=False)
        rivals = [r for r in left if fits and _likeness(want.row, r, *copy, by_value=False) >= fits]
        rivals = rivals if many or fits >= NAMED else []
        rivals += [r for r in strange if not fits and r.value and r.value >= LARGE]
        told = list(dict.fromkeys(_show(r.value) for r in (have, *rivals)))
        if len(told) > 1:
            return f"{names[i]}: {', '.join(told[:5])}"
    return ""


def _placed(table: _Table, found: Sequence[NamedRow]) -> Sequence[NamedRow]:
    """Rows without names get the names of the expected ones, if there are as many."""
    if any(r.name.strip() for r in found):
        return found
    counting = [r for r in table.rows if r.value]
    for names in ([r.row.name for r in table.rows], [r.row.name for r in counting]):
        ends = [[], ["total"]] if table.total is not None else [[]]
        for full in ([*names, *end] for end in ends):
            if len(full) == len(found):
                return [replace(r, name=name) for r, name in zip(found, full, strict=True)]
    return found


def _align(expected: Sequence[Row], rows: Sequence[NamedRow]) -> list[NamedRow | None]:
    """The best match in order, by name, then by value; what is left over by name alone."""
    n, m = len(expected), len(rows)
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    names = [want.name for want in expected]
    copies = [(names[: k + 1].count(name), names.count(name)) for k, name in enumerate(names)]
    like = [
        [_likeness(want, have, *copy) for have in rows] for want, copy in zip(expected, copies, strict=True)
    ]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            take = like[i][j] + best[i + 1][j + 1] if like[i][j] > 0 else -1.0
            best[i][j] = max(take, best[i + 1][j], best[i][j + 1])
    out: list[NamedRow | None] = [None] * n
    left = set(range(m))
    i = j = 0
    while i < n and j < m:
        if like[i][j] > 0 and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            out[i] = rows[j]
            left.discard(j)
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            i += 1
    for i in range(n):
        if out[i] is None:
            again = [j for j in sorted(left) if like[i][j] >= NAMED]
            if again:
                out[i] = rows[again[0]]
                left.discard(again[0])
    return out


NAMED = 3.0  # the likeness of rows of one name
_PART = re.compile(  # a row beside the one that is asked for
    r"\b(?:weights?|kernels?|filters?|bias(?:es)?|w|b|inputs?|outputs?|shapes?|sizes?|units|channels?|memory)\b",
    re.IGNORECASE,
)


_SORTS = {
    "conv": r"conv", "pool": r"pool", "fc": r"\bfc|dense|linear|fully|affine", "softmax": r"soft\s*max",
}  # fmt: skip


_ORDINALS = (r"\b(?:first|1st)\b", r"\b(?:second|2nd)\b", r"\b(?:third|3rd)\b", r"\b(?:fourth|4th)\b")


def _likeness(want: Row, have: NamedRow, copy: int = 1, copies: int = 1, *, by_value: bool = True) -> float:
    """How much a row looks like the expected one, which is one ``copy`` of so many rows of its name."""
    names = [want.name, *want.aliases]
    plain = [_plain(x) for x in names]
    mine = _plain(have.name)
    value = 1.5 if by_value and have.value and have.value == exact_value(want.value, "value") else 0.0
    said = next((k for k, p in enumerate(_ORDINALS, 1) if re.search(p, have.name, re.IGNORECASE)), 0)
    if said and copies > 1 and any(p and p in mine for p in plain):
        return NAMED + value if said == copy else 0.0
    if mine and mine in plain:
        return NAMED + value
    sorts = {k for k, p in _SORTS.items() if re.search(p, want.name, re.IGNORECASE)}
    own = {k for k, p in _SORTS.items() if re.search(p, have.name, re.IGNORECASE)}
    if own and sorts and not own & sorts:
        return 0.0
    numbers = re.findall(r"\d+", want.name)
    shared = numbers and numbers[-1] in re.findall(r"\d+", have.name)
    if own & sorts:
        return 1.0 + (1.0 if shared else 0.0) + value
    if any(p and (p in mine or mine in p) for p in plain if mine):
        return 1.5 + value
    return 0.25 + value if not mine and value else value


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _show(v: Fraction | None) -> str:
    if v is None:
        return "–"
    if abs(v) > MAX_SHOWN:
        return "a number of more than 18 digits"
    return f"{v.numerator:,}" if v.denominator == 1 else f"{float(v):.10g}"


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """Rows and total are the reference's; the total is the sum of the rows; mistakes are mistakes."""
    table = _compile(options)
    out = []
    want = [(_plain(r.row.name), r.value) for r in table.rows]
    for v in getattr(oracle, "values", ()):
        rows = rows_from_value(v, options.column)
        totals = [r.value for r in rows if is_total(r.name)]
        have = [(_plain(r.name), r.value) for r in rows if not is_total(r.name)]
        if len(want) != len(have):
            out.append(f"`rows` has {len(want)} rows, the reference gives {len(have)}")
        for i, ((name, value), (given, number)) in enumerate(zip(want, have, strict=False)):
            if name != given:
                out.append(f"`rows[{i}].name` is {options.rows[i].name!r}, the reference has {given!r} there")
            elif value != number:
                out.append(
                    f"`rows[{i}].value` ({given}) is {_show(value)}, the reference gives {_show(number)}"
                )
        if totals and table.total is not None and totals[-1] != table.total.value:
            out.append(f"`total` is {_show(table.total.value)}, the reference gives {_show(totals[-1])}")
    adds = sum((r.value for r in table.rows), Fraction(0))
    if table.total is not None and adds != table.total.value:
        out.append(f"`total` is {_show(table.total.value)}, the rows add up to {_show(adds)}")
    for r in (*table.rows, *([table.total] if table.total else [])):
        for value, _ in r.known:
            if value == r.value:
                out.append(f"the mistake {_show(value)} in row {r.row.name!r} is the right value")
    return list(dict.fromkeys(out))


def examples(options: Options, question: Question) -> Iterator[Example]:
    """The expected rows; every listed mistake, and one wrong number, in each row that earns something."""
    table = _compile(options)
    rows = [*table.rows, *([table.total] if table.total else [])]

    def said(at: int = -1, value: Fraction = Fraction(0)) -> list[dict[str, object]]:
        values = [value if i == at else r.value for i, r in enumerate(rows)]
        return [
            {"name": r.row.name, options.column[0]: float(v) if v.denominator > 1 else int(v)}
            for r, v in zip(rows, values, strict=True)
        ]

    yield Example("the expected table", value=said())
    for i, r in enumerate(rows):
        for value, m in r.known:
            yield Example(
                f"the listed mistake {_show(value)} in {r.title}",
                value=said(i, value),
                credit=None,
                says=m.feedback,
            )
        if r.weight:
            yield Example(f"the table with {r.title} off by one", value=said(i, r.value + 1), credit=None)
