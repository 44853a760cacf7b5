"""Matrices of numbers in an answer: typeset, nested lists, printed by a program, tables or bare rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.errors import MathsFault
from grader.maths.constants import fraction_of, number_of, real_entries
from grader.maths.labels import label_of
from grader.maths.reading import read_member
from grader.maths.scope import Scope
from grader.maths.statements import find_statements
from grader.maths.tables import pipe_tables
from grader.maths.tokens import Token
from grader.maths.tree import Node

__all__ = ["Array", "Rows", "array_from_value", "arrays_in", "is_flat", "joined", "printed_arrays"]

MAX_ENTRIES = 2500
_UNEQUAL = frozenset(("<", ">", "<=", ">=", "!="))  # what stands behind these is no value
MAX_CELL = 80
MAX_TEXT = 50_000

Rows = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True, slots=True)
class Array:
    """``flat``: a list of numbers, neither row nor column. ``labels``: keys of what it is said to equal."""

    rows: Rows
    flat: bool = False
    labels: frozenset[str] = frozenset()
    boxed: bool = False

    @property
    def size(self) -> tuple[int, int]:
        return len(self.rows), len(self.rows[0])

    @property
    def named(self) -> bool:
        """Whether it stands behind a plain name such as ``Y =``, not behind ``I * J =``."""
        return any(label.isidentifier() for label in self.labels)


def joined(tokens: Sequence[Token]) -> str:
    """The key of a left side that is more than a name: ``I * J`` and ``I \\ast J`` are ``I*J``."""
    signs = {"ast": "*", "circledast": "*", "star": "*", "⊛": "*", "∗": "*"}
    return "".join(signs.get(t.text, t.text) for t in tokens)


def arrays_in(text: str, scope: Scope, *, decimal_comma: bool = False) -> tuple[list[Array], str]:
    """The matrices of a text in order, and why the first that cannot be read cannot (empty: all can)."""
    text = text[:MAX_TEXT]
    stacked = _stacked(text)
    if stacked is not None:
        return [stacked], ""
    found, fault = _typeset(_one_line(text), scope, decimal_comma)
    if not found:
        found = printed_arrays(text)
    for table in () if found else pipe_tables(text):
        head = [] if not all(number_of(c) is not None for c in table.header) else [table.header]
        rows = _rows([*head, *table.body], decimal_comma)
        found += [Array(rows)] if rows else []
    if not found:
        rows = _bare(text, decimal_comma)
        found += [Array(rows)] if rows else []
    return found, fault


def _typeset(text: str, scope: Scope, decimal_comma: bool) -> tuple[list[Array], str]:
    found: list[Array] = []
    problem = ""
    for s in find_statements(text, decimal_comma=decimal_comma):
        if s.fault is not None:
            problem = problem or s.fault.clause
            continue
        labels = frozenset(label_of(m) or joined(m) for m in s.members[:-1])
        for sign, m in zip((s.lead, *s.relations), s.members, strict=False):
            if sign in _UNEQUAL or not any(t.text in ("begin", "[", "(") for t in m):
                continue
            try:
                node, _ = read_member(m, scope, infix=not s.latex)
            except MathsFault as fault:
                problem = problem or fault.clause
                continue
            rows, wrong = _of_node(node)
            problem = problem or wrong
            if rows:
                found.append(Array(rows, is_flat(node), labels, s.boxed))
    return found, problem


def _of_node(node: Node) -> tuple[Rows | None, str]:
    r, c = node.shape or (0, 0)
    if not isinstance(r, int) or not isinstance(c, int) or r * c == 0:
        return None, ""
    for k, entry in enumerate(node.args if node.op == "matrix" else ()):
        if entry.names():
            return None, f"the entry in row {k // c + 1}, column {k % c + 1} is not a number."
    values = None if node.names() else real_entries(node)
    if values is None:
        return None, ""
    return tuple(tuple(values[i * c : (i + 1) * c]) for i in range(r)), ""


def is_flat(node: Node) -> bool:
    """Whether its numbers stand in a list, neither row nor column: (2, 1), 3 (2, 1), or (2, 1)ᵀ."""
    if node.op == "matrix":
        return bool(node.value[2])
    inner = [a for a in node.args if a.shape is not None]
    return node.op in ("mul", "neg", "div", "T") and len(inner) == 1 and is_flat(inner[0])


def _one_line(text: str) -> str:
    """Printed arrays span lines; outside of displays their line breaks say nothing."""
    return _NESTED.sub(lambda m: " ".join(m.group().split()), text)


_NESTED = re.compile(r"\[\s*\[[^\[\]]*\](?:[\s,]*\[[^\[\]]*\])*[\s,]*\]")
_SINGLE = re.compile(r"(?<![\w\]\[])\[([^\[\]]{1,2000})\]")


def printed_arrays(text: str) -> list[Array]:
    """``[[ 1. -2.] [ 0.  3.]]`` and ``[0.8, 0.4]`` as numpy and Python print them, in order."""
    text = text[:MAX_TEXT]
    found: list[tuple[int, Array]] = []
    for m in _NESTED.finditer(text):
        rows = _rows([_split(row) for row in re.findall(r"\[([^\[\]]+)\]", m.group())])
        if rows:
            found.append((m.start(), Array(rows)))
    for m in _SINGLE.finditer(_NESTED.sub(lambda m: " " * len(m.group()), text)):
        cells = _split(m.group(1))
        rows = _rows([cells]) if len(cells) > 1 else None
        if rows:
            found.append((m.start(), Array(rows, flat=True)))
    return [a for _, a in sorted(found, key=lambda f: f[0])]


def _stacked(text: str) -> Array | None:
    """A matrix whose rows were printed one by one, each on its own line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or not all(_SINGLE.fullmatch(line) for line in lines):
        return None
    rows = _rows([_split(line) for line in lines])
    return Array(rows) if rows else None


def array_from_value(value: Any) -> Array | None:
    """A JSON value: a list of rows, a list of numbers, or rows as text."""
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(r, list) for r in value):
        rows = _rows([[_cell(x) for x in row] for row in value])
        return Array(rows) if rows else None
    if len(value) > 1 and all(isinstance(r, str) and len(_split(r)) > 1 for r in value):
        rows = _rows([_split(r) for r in value])
        return Array(rows) if rows else None
    rows = _rows([[_cell(x) for x in value]])
    return Array(rows, flat=True) if rows else None


def _cell(x: Any) -> str:
    if isinstance(x, str):
        return x
    number = fraction_of(x)
    return "?" if number is None else str(number)


def _split(row: str) -> list[str]:
    return [c for c in re.split(r"[\s,;|]+", row.strip(" \t\n|[](),;")) if c]


def _rows(cells: Sequence[Sequence[str]], decimal_comma: bool = False) -> Rows | None:
    """Rows of one length whose cells are all numbers."""
    if not cells or sum(map(len, cells)) > MAX_ENTRIES or len({len(r) for r in cells}) != 1:
        return None
    out = []
    for row in cells:
        numbers = [_number(x, decimal_comma) for x in row]
        if not numbers or any(n is None for n in numbers):
            return None
        out.append(tuple(n for n in numbers if n is not None))
    return tuple(out)


_PLAIN = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?")


def _number(text: str, decimal_comma: bool) -> Fraction | None:
    plain = text.strip().strip("$*` ").replace("−", "-")
    if _PLAIN.fullmatch(plain):
        return Fraction(plain.replace(".", ".0") if plain.endswith(".") else plain.replace(".e", ".0e"))
    return number_of(plain, decimal_comma=decimal_comma) if 0 < len(plain) <= MAX_CELL else None


def _bare(text: str, decimal_comma: bool) -> Rows | None:
    """Plain rows of numbers, one a line."""
    lines = [line for line in text.splitlines() if re.match(r"[\s|\[(]{0,20}[-+−.]?\d", line)]
    return _rows([_split(line) for line in lines], decimal_comma) if len(lines) > 1 else None
