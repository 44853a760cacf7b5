"""A table of numbers, row by row, with a total.

Rows are found by order and by name, so two rows of one name are told apart. A row whose own arithmetic
is right but whose number is not was miscopied: it earns ``slip_credit``. A wrong total that is the sum
of the student's own rows earns ``follow_credit``. Counts are exact. It does not judge columns other
than the value and the arithmetic beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from grader.checkers import Check
from grader.errors import RubricError
from grader.maths.parts import part_of
from grader.maths.rows import NamedRow, rows_from_text, rows_from_value
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question


COLUMN = ("total params", "total parameters", "params", "parameters", "total", "number of parameters", "count")


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One expected row; ``weight`` 0 for rows that earn nothing (pooling)."""

    name: str
    value: int | float | str
    weight: float = 1.0
    aliases: list[str] = []


class KnownMistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrong number that occurs in a row (``row`` is its name, or ``total``)."""

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


_TOTAL = re.compile(r"\b(total|sum|overall|altogether|all layers|grand)\b", re.IGNORECASE)


def build(options: Options, question: Question) -> Check:
    if not options.rows:
        raise RubricError(f"{question.place}: `rows` is empty")
    names = {r.name for r in options.rows} | {"total"}
    for m in options.mistakes:
        if m.row not in names:
            raise RubricError(f"{question.place}: the mistake for row {m.row!r}; the rows are {', '.join(sorted(names))}")
    weight = sum((_exact(r.weight) for r in options.rows), Fraction(0)) + (_exact(options.total_weight) if options.total is not None else 0)
    if weight <= 0:
        raise RubricError(f"{question.place}: all weights are 0")

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        if part.value is not None and not isinstance(part.value, str):
            found = rows_from_value(part.value, options.column)
        else:
            found = rows_from_text(part.text, options.column, decimal_comma=question.locale == "decimal-comma")
        if not any(r.value is not None for r in found):
            numbers = any(c.isdigit() for c in part.text)
            if numbers:
                return Judgement(Outcome.UNREADABLE, 0.0, "No table or list of named numbers was recognised.", evidence={"text": part.text[:600]})
            return Judgement(Outcome.MISSING, 0.0, "No table was found in the answer.")
        return _judge(options, found, weight)

    return check


def _judge(options: Options, found: Sequence[NamedRow], weight: Fraction) -> Judgement:
    totals = [r for r in found if _TOTAL.search(r.name) and r.value is not None]
    rows = [r for r in found if not _TOTAL.search(r.name)]
    matched = _align(options.rows, rows)
    earned = Fraction(0)
    remarks: list[str] = []
    table: list[dict[str, object]] = []
    mistakes: list[str] = []
    for want, have in zip(options.rows, matched, strict=True):
        credit, remark = _row_credit(options, want, have)
        earned += credit * _exact(want.weight)
        if remark:
            remarks.append(remark)
            if have is not None and have.value is not None:
                mistakes.append(remark)
        table.append({"row": want.name, "yours": _show(have.value) if have else "–", "right": credit == 1})
    if options.total is not None:
        credit, remark = _total_credit(options, totals[-1] if totals else None, [m for m in matched if m is not None])
        earned += credit * _exact(options.total_weight)
        if remark:
            remarks.append(remark)
        table.append({"row": "total", "yours": _show(totals[-1].value) if totals else "–", "right": credit == 1})
    share = float(earned / weight)
    counted = [t for t, r in zip(table, [*options.rows, None], strict=False) if r is None or r.weight > 0]
    right = sum(1 for t in counted if t["right"])
    message = f"{right} of {len(counted)} numbers are right." + ("" if not remarks else " " + " ".join(remarks))
    outcome = Outcome.CORRECT if share == 1 else Outcome.PARTIAL if share > 0 else Outcome.INCORRECT
    read_as = "; ".join(f"{t['row']}: {t['yours']}" for t in table if t["yours"] != "–")
    level = "proved" if share == 1 else "refuted"
    return Judgement(outcome, share, message, read_as, {"level": level, "rows": table}, mistake=mistakes[0] if mistakes else None)


def _row_credit(options: Options, want: Row, have: NamedRow | None) -> tuple[Fraction, str]:
    expected = _exact(want.value)
    if have is None or have.value is None:
        if expected == 0:
            return Fraction(1), ""
        return Fraction(0), f"{want.name}: no number found."
    if have.value == expected:
        if have.formula is not None and have.formula != expected:
            return Fraction(1), f"{want.name}: the number is right, but the arithmetic beside it gives {_show(have.formula)}."
        return Fraction(1), ""
    if have.formula == expected:
        return _exact(options.slip_credit), f"{want.name}: your arithmetic is right, but {_show(have.value)} is not what it gives (a slip in calculating or copying)."
    for m in options.mistakes:
        if m.row == want.name and have.value == _exact(m.value):
            return _exact(m.credit), f"{want.name}: {m.feedback}"
    extra = ""
    if have.formula is not None and have.formula != have.value:
        extra = f", and it is not what the arithmetic beside it gives ({_show(have.formula)})"
    return Fraction(0), f"{want.name}: {_show(have.value)} is not right{extra}."


def _total_credit(options: Options, have: NamedRow | None, rows: Sequence[NamedRow]) -> tuple[Fraction, str]:
    assert options.total is not None
    if have is None or have.value is None:
        return Fraction(0), "Total: no number found."
    if have.value == _exact(options.total):
        return Fraction(1), ""
    for m in options.mistakes:
        if m.row == "total" and have.value == _exact(m.value):
            return _exact(m.credit), f"Total: {m.feedback}"
    values = [r.value for r in rows if r.value is not None]
    if sum(1 for v in values if v) >= 2 and sum(values, Fraction(0)) == have.value:
        return _exact(options.follow_credit), f"Total: {_show(have.value)} follows from your own rows (error carried forward)."
    return Fraction(0), f"Total: {_show(have.value)} is neither the expected total nor the sum of your rows."


def _align(expected: Sequence[Row], rows: Sequence[NamedRow]) -> list[NamedRow | None]:
    """The best match in order: by name, then by value."""
    n, m = len(expected), len(rows)
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            s = _likeness(expected[i], rows[j])
            take = s + best[i + 1][j + 1] if s > 0 else -1.0
            best[i][j] = max(take, best[i + 1][j], best[i][j + 1])
    out: list[NamedRow | None] = []
    i = j = 0
    while i < n:
        while j < m and best[i][j] == best[i][j + 1] and best[i][j] > best[i + 1][j]:
            j += 1
        s = _likeness(expected[i], rows[j]) if j < m else 0.0
        if j < m and s > 0 and best[i][j] == s + best[i + 1][j + 1]:
            out.append(rows[j])
            j += 1
        else:
            out.append(None)
        i += 1
    return out


_SORTS = {
    "conv": r"conv", "pool": r"pool", "fc": r"\bfc|dense|linear|fully|affine", "softmax": r"soft\s*max",
}  # fmt: skip


def _likeness(want: Row, have: NamedRow) -> float:
    names = [want.name, *want.aliases]
    plain = [re.sub(r"[^a-z0-9]", "", x.casefold()) for x in names]
    mine = re.sub(r"[^a-z0-9]", "", have.name.casefold())
    value = 1.5 if have.value == _exact(want.value) and have.value != 0 else 0.0
    if mine and mine in plain:
        return 3.0 + value
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


def _exact(v: float | str) -> Fraction:
    return Fraction(str(v).replace(",", ""))


def _show(v: Fraction | None) -> str:
    if v is None:
        return "–"
    return f"{v.numerator:,}" if v.denominator == 1 else f"{float(v):g}"


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """Rows and total are the reference's; the total is the sum of the rows; mistakes are mistakes."""
    out = []
    for v in getattr(oracle, "values", ()):
        rows = rows_from_value(v, options.column)
        totals = [r for r in rows if _TOTAL.search(r.name)]
        rows = [r for r in rows if not _TOTAL.search(r.name)]
        want = [(r.name, _exact(r.value)) for r in options.rows]
        have = [(r.name, r.value) for r in rows]
        if want != have:
            out.append(f"`rows` differ from the reference: {want} against {have}")
        if totals and options.total is not None and totals[-1].value != _exact(options.total):
            out.append(f"`total` is {options.total}, the reference gives {totals[-1].value}")
    if options.total is not None and sum((_exact(r.value) for r in options.rows), Fraction(0)) != _exact(options.total):
        out.append(f"`total` is {options.total}, the rows add up to {sum(_exact(r.value) for r in options.rows)}")
    for m in options.mistakes:
        right = options.total if m.row == "total" else next(r.value for r in options.rows if r.name == m.row)
        if right is not None and _exact(m.value) == _exact(right):
            out.append(f"the mistake {m.value} in row {m.row!r} is the right value")
    return out
