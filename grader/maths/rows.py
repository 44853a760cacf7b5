"""Rows of named numbers: from a table, a JSON value, or lines of text; with the arithmetic beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.maths.constants import number_of
from grader.maths.tables import pipe_tables

__all__ = ["NamedRow", "rows_from_text", "rows_from_value"]

MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class NamedRow:
    """``value``: the number stated; ``formula``: what the arithmetic written beside it comes to."""

    name: str
    value: Fraction | None
    formula: Fraction | None = None
    text: str = ""


_NAME_KEYS = ("layer", "name", "row", "label", "type", "component")
_PARTS = re.compile(r"\b(weights?|kernel|w)\b", re.IGNORECASE)
_BIAS = re.compile(r"\bbias(es)?\b", re.IGNORECASE)


def rows_from_value(value: Any, column: Sequence[str]) -> list[NamedRow]:
    """Rows of a JSON value: a list of objects, of pairs, or an object name → number."""
    if isinstance(value, Mapping):
        if isinstance(value.get("rows"), list):
            rest = {k: v for k, v in value.items() if k != "rows"}
            return rows_from_value(value["rows"], column) + rows_from_value(rest, column)
        return [_row(str(k), v) for k, v in value.items()][:MAX_ROWS]
    if not isinstance(value, list):
        return []
    out: list[NamedRow] = []
    for item in value[:MAX_ROWS]:
        if isinstance(item, Mapping):
            lower = {str(k).casefold(): v for k, v in item.items()}
            name = next((str(lower[k]) for k in _NAME_KEYS if k in lower), next((str(v) for v in lower.values() if isinstance(v, str)), ""))
            wanted = [k for k in lower if _header_matches(k, column)]
            numbers = [k for k, v in lower.items() if k not in _NAME_KEYS and not isinstance(v, str | list | dict | bool | None)]
            key = wanted[-1] if wanted else numbers[-1] if numbers else None
            if key is None:
                key = next((k for k, v in reversed(list(lower.items())) if k not in _NAME_KEYS and isinstance(v, str)), None)
            out.append(_row(name, lower.get(key) if key else None))
        elif isinstance(item, list) and len(item) >= 2:
            out.append(_row(str(item[0]), item[-1]))
        else:
            out.append(_row("", item))
    return out


def _row(name: str, v: Any) -> NamedRow:
    if isinstance(v, bool) or v is None:
        return NamedRow(name, None)
    if isinstance(v, int | float):
        return NamedRow(name, Fraction(str(v)))
    if isinstance(v, str):
        value, formula = _chain(v)
        return NamedRow(name, value, formula, v)
    return NamedRow(name, None)


def rows_from_text(text: str, column: Sequence[str], *, decimal_comma: bool = False) -> list[NamedRow]:
    """Rows of the largest table of a text, else of its lines."""
    tables = sorted(pipe_tables(text), key=lambda t: len(t.body), reverse=True)
    for table in tables:
        rows = _from_table(table.header, table.body, column, decimal_comma)
        if any(r.value is not None for r in rows):
            used = "\n".join(line for line in text.splitlines() if line.count("|") < 2)
            return rows + [r for r in _from_lines(used, decimal_comma) if "total" in r.name.casefold()]
    return _from_lines(text, decimal_comma)


def _header_matches(cell: str, column: Sequence[str]) -> bool:
    plain = re.sub(r"[^a-z ]", " ", cell.casefold())
    return any(re.search(rf"\b{re.escape(c.casefold())}\b", plain) for c in column)


def _from_table(
    header: Sequence[str], body: Sequence[Sequence[str]], column: Sequence[str], comma: bool
) -> list[NamedRow]:
    wanted = [i for i, c in enumerate(header) if _header_matches(c, column)]
    parts = [i for i, c in enumerate(header) if _PARTS.search(c) and i not in wanted[-1:]]
    bias = [i for i, c in enumerate(header) if _BIAS.search(c) and i not in wanted[-1:]]
    out: list[NamedRow] = []
    for cells in body[:MAX_ROWS]:
        if not cells:
            continue
        name = next((c for c in cells if re.search(r"[A-Za-z]{2}", c)), cells[0])
        value = formula = None
        text = ""
        order = ([wanted[-1]] if wanted else []) + list(range(len(cells) - 1, 0, -1))
        for i in order:
            if i < len(cells) and cells[i]:
                value, formula = _chain(cells[i], comma)
                text = cells[i]
                if value is not None or wanted:
                    break
        if formula is None and parts and parts[0] < len(cells):
            pieces = [cells[parts[0]]] + ([cells[bias[0]]] if bias and bias[0] < len(cells) else [])
            numbers = [_chain(p, comma)[0] for p in pieces if p]
            if numbers and all(n is not None for n in numbers) and not (wanted and parts[0] == wanted[-1]):
                formula = sum((n for n in numbers if n is not None), Fraction(0))
        out.append(NamedRow(_clean(name), value, formula, text))
    return out


def _clean(name: str) -> str:
    return re.sub(r"[*_`$\\{}]|text(bf|it)?|mathrm", "", name).strip()


_LINE = re.compile(r"^\s*(?:[-*+•]|\d+[.)])?\s*(?P<name>[^:=]{0,80}?[A-Za-z][^:=]{0,60}?)\s*(?:[:=]|→|->)\s*(?P<rest>.*\d.*)$")


def _from_lines(text: str, comma: bool) -> list[NamedRow]:
    out: list[NamedRow] = []
    for line in re.split(r"\n|\\\\", text):
        m = _LINE.match(line.replace("&", " ").replace("$", " "))
        if m is None or len(out) >= MAX_ROWS:
            continue
        rest = re.sub(r"\b(parameters?|params?|weights?|trainable|in total)\b", " ", m.group("rest"), flags=re.IGNORECASE)
        value, formula = _chain(rest.strip(" .;,"), comma)
        if value is not None:
            out.append(NamedRow(_clean(m.group("name")), value, formula, m.group("rest").strip()))
    return out


def _chain(text: str, comma: bool = False) -> tuple[Fraction | None, Fraction | None]:
    """``(9*3+1)*64 = 1,792``: the number stated last, and what the formula before it comes to."""
    plain = text.strip().strip("$").strip()
    if len(plain) > 400 or not any(c.isdigit() for c in plain):
        return None, None
    pieces = [p for p in re.split(r"=|\\approx|≈|:(?!=)|→", plain) if p.strip()]
    values = [number_of(p.strip().strip("$*_` "), decimal_comma=comma) for p in pieces]
    known = [v for v in values if v is not None]
    if not known or values[-1] is None:
        return (known[-1], None) if known else (None, None)
    return known[-1], known[-2] if len(known) > 1 else None
