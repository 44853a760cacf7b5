"""Entries of a Jacobian that stand apart: ``∂f_1/∂w_2 = 3``, ``∇f_1 = (1, 3)``, a table with named sides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.errors import MathsFault
from grader.maths.arrays import Array, array_from_value, arrays_in
from grader.maths.claims import claims_in
from grader.maths.constants import fraction_of, number_of, real_number
from grader.maths.labels import label_key, label_of
from grader.maths.reading import read_member
from grader.maths.scope import Scope
from grader.maths.sentences import formulas_apart
from grader.maths.statements import find_statements
from grader.maths.tables import Table, pipe_tables
from grader.maths.tree import Node, num

__all__ = ["Frame", "entries_in", "entries_of_value", "numbers", "plain"]

MAX_TEXT = 20_000

Entries = dict[tuple[int, int], Node]  # (row, column) from 0 → what the entry is said to be

_BAR = re.compile(  # \Big|_{w=(1,2)}
    r"(?:\\(?:[bB]igg?[lrm]?|right|left|mid)\s?\|?|\|)\s?_\s?\{(?:[^{}]|\{[^{}]{0,60}\}){0,120}\}"
)
_LEFT = re.compile(r"\\left\s?\.|\\[bB]igg?[lrm]?\s?\.")
_AT = re.compile(
    r"\(\s?[-+]?[\d.]{1,9}\s?,\s?[-+]?[\d.]{1,9}\s?\)(?=\s?(?:=|:|≈|\\approx|\\simeq|is\b))"
)  # f_1(1, 2) =
_DELTA = re.compile(r"(?:\\Delta|Δ)(?=\s?\{?\s?\\?[a-zA-Z])")
_UNDERSCORED = re.compile(r"\bd([A-Za-z]_?\d?)_d([A-Za-z]_?\d?)\b")  # df1_dw1


@dataclass(frozen=True)
class Frame:
    """What the entries are derivatives ``of`` (rows) and ``by`` (columns), as keys of labels."""

    of: tuple[str, ...]
    by: tuple[str, ...]

    @classmethod
    def make(cls, of: Sequence[str], by: Sequence[str]) -> Frame:
        """Raises: MathsFault: a name cannot be read."""
        return cls(tuple(map(label_key, of)), tuple(map(label_key, by)))

    def place(self, key: str) -> tuple[int | None, int | None] | None:
        """(row, column) of a label; a gradient ∇f_1 has no column, ∂f/∂w_1 no row; None: it names neither."""
        if m := re.fullmatch(r"J_(\d),?(\d)", key):
            row, column = int(m[1]) - 1, int(m[2]) - 1
            return (row, column) if row < len(self.of) and column < len(self.by) else None
        m = re.fullmatch(r"d (?P<of>\S+) / (?P<by>\S*)", key)
        if m is None:
            return None
        if m["of"] in self.of:
            at = self.of.index(m["of"])
            if m["by"] in self.by:
                return at, self.by.index(m["by"])
            return (at, None) if m["by"] in ("", *{b.split("_")[0] for b in self.by}) else None
        whole = {o.split("_")[0] for o in self.of}
        return (None, self.by.index(m["by"])) if m["by"] in self.by and m["of"] in whole else None


def plain(text: str) -> str:
    """Without the place at which a derivative is taken, and with ∂ for a finite Δ."""
    text = _LEFT.sub("", _BAR.sub("", text[:MAX_TEXT]))
    return _UNDERSCORED.sub(r"d\1/d\2", _DELTA.sub(r"\\partial ", _AT.sub("", text)))


def entries_in(text: str, frame: Frame, scope: Scope, *, decimal_comma: bool = False) -> Entries:
    """The entries that a text states one by one, by rows, by columns or in a table; the last of each."""
    out: Entries = {}
    for table in pipe_tables(text):
        out |= _of_table(table, frame, decimal_comma)
    for array in arrays_in(text, scope, decimal_comma=decimal_comma)[0]:
        out |= _of_array(array, frame)
    for claim in claims_in(text, scope, decimal_comma=decimal_comma):
        places = {p for key in claim.labels if (p := frame.place(key)) is not None}
        if len(places) != 1 or claim.fault is not None or not claim.values or claim.denial:
            continue
        ((row, column),) = places
        node = claim.values[-1].node
        if row is not None and column is not None and node.shape is None:
            out[row, column] = node
    return _names(text, frame, scope) | out


def _names(text: str, frame: Frame, scope: Scope) -> Entries:
    """Entries that are a mere name, ``∂f_2/∂w_2 = w_1``."""
    out: Entries = {}
    for s in find_statements(formulas_apart(text)):
        if s.fault is not None or len(s.members) < 2 or label_of(s.members[-1]) is None:
            continue
        place = frame.place(label_of(s.members[0]) or "")
        if place is None or None in place:
            continue
        try:
            node, _ = read_member(s.members[-1], scope, infix=not s.latex)
        except MathsFault:
            continue
        if node.op == "sym" and node.shape is None:
            out[place[0], place[1]] = node  # type: ignore[index]
    return out


def entries_of_value(value: Mapping[str, Any], frame: Frame, *, decimal_comma: bool = False) -> Entries:
    """The entries of a JSON object whose names are derivatives, gradients or outputs."""
    out: Entries = {}
    for name, x in value.items():
        key = _key(str(name))
        place = frame.place(key)
        if place is None and key in frame.of:
            place = (frame.of.index(key), None)
        if place is None and key in frame.by:
            place = (None, frame.by.index(key))
        if place is None:
            continue
        if isinstance(x, dict):
            for inner, y in x.items():
                other = _key(str(inner))
                row = place[0] if place[0] is not None else _index(frame.of, other)
                column = place[1] if place[1] is not None else _index(frame.by, other)
                number = _number(y, decimal_comma)
                if row is not None and column is not None and number is not None:
                    out[row, column] = number
        elif isinstance(x, list):
            array = array_from_value(x)
            out |= _along(array, place, frame) if array else {}
        elif place[0] is not None and place[1] is not None and (n := _number(x, decimal_comma)) is not None:
            out[place[0], place[1]] = n
    return out


def _index(names: Sequence[str], key: str) -> int | None:
    return names.index(key) if key in names else None


def _number(x: Any, decimal_comma: bool) -> Node | None:
    value = number_of(x, decimal_comma=decimal_comma) if isinstance(x, str) else fraction_of(x)
    return None if value is None else num(value)


def _key(text: str) -> str:
    try:
        return label_key(plain(text.strip("$*` ")))
    except (MathsFault, RecursionError):
        return ""


def _of_array(array: Array, frame: Frame) -> Entries:
    places = {p for key in array.labels if (p := frame.place(key)) is not None}
    return _along(array, places.pop(), frame) if len(places) == 1 else {}


def _along(array: Array, place: tuple[int | None, int | None], frame: Frame) -> Entries:
    """A vector as a row (a gradient) or as a column (all outputs by one weight)."""
    row, column = place
    numbers = [x for r in array.rows for x in r]
    if 1 not in array.size or (row is None) is (column is None):
        return {}
    if row is not None and len(numbers) == len(frame.by):
        return {(row, j): num(x) for j, x in enumerate(numbers)}
    if column is not None and len(numbers) == len(frame.of):
        return {(i, column): num(x) for i, x in enumerate(numbers)}
    return {}


def _of_table(table: Table, frame: Frame, decimal_comma: bool) -> Entries:
    """Names at two sides, or derivatives in the head (then the last row counts) or in front of numbers."""
    out: Entries = {}
    head = [_key(c) for c in table.header]
    for row in table.body:
        first = _key(row[0]) if row else ""
        for key, cell in zip(head, row, strict=False):
            place = frame.place(key)
            if place is None:
                place = _crossing(first, key, frame)
            number = _number(cell.strip("$*` "), decimal_comma)
            if place is not None and number is not None and None not in place:
                out[place[0], place[1]] = number  # type: ignore[index]
        alone = frame.place(first)
        if alone is not None and None not in alone and len(row) == 2:
            number = _number(row[1].strip("$*` "), decimal_comma)
            if number is not None:
                out[alone[0], alone[1]] = number  # type: ignore[index]
    return out


def _crossing(side: str, head: str, frame: Frame) -> tuple[int | None, int | None] | None:
    for a, b in ((side, head), (head, side)):
        by = b.removeprefix("d ").strip()
        if a in frame.of and by in frame.by:
            return frame.of.index(a), frame.by.index(by)
    return None


def numbers(entries: Entries) -> Iterator[tuple[tuple[int, int], Any]]:
    """Those of the entries that are numbers."""
    for place, node in entries.items():
        value = real_number(node)
        if value is not None:
            yield place, value
