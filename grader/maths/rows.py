"""Rows of named numbers: from a table, a JSON value, or lines of text; with the arithmetic beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from grader.maths.constants import fraction_of, number_of
from grader.maths.tables import Table, pipe_tables

__all__ = [
    "NamedRow",
    "is_total",
    "numbers_apart",
    "numbers_in",
    "rows_from_text",
    "rows_from_value",
    "rows_in_sentences",
]

MAX_ROWS = 200
MAX_CELL = 400  # characters of a cell, or of what stands behind a name
MAX_NAME = 140
MAX_LINES = 2000
MAX_LINE = 2000


@dataclass(frozen=True, slots=True)
class NamedRow:
    """``value``: the number stated; ``formula``: what the arithmetic written beside it comes to."""

    name: str
    value: Fraction | None
    formula: Fraction | None = None
    text: str = ""


_NAME_KEYS = ("layer", "name", "row", "label", "type", "component")
_LIST_KEYS = ("rows", "layers", "table")
_TOTAL = re.compile(r"\b(total|sum|overall|altogether|all layers|grand)\b", re.IGNORECASE)
_PARTS = re.compile(r"\b(weights?|kernel|w)\b", re.IGNORECASE)
_TOGETHER = re.compile(r"\b(?:with|without|incl\w*|and|total|sum|all|no)\b|\+", re.IGNORECASE)
_BIAS = re.compile(r"\bbias(es)?\b", re.IGNORECASE)
_WORKING = re.compile(
    r"\b(calc\w*|comput\w*|formula\w*|arithmetic|derivation|working|explanation|how|expression|details?)\b",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"\b(parameters?|params?|weights?|bias(?:es)?|trainable|learnable|in total|total|altogether)\b",
    re.IGNORECASE,
)
_NUMBER_TEXT = r"\d[\d,]*(?:\.\d+)?"
_NUMBER = re.compile(_NUMBER_TEXT)


def is_total(name: str) -> bool:
    return _TOTAL.search(name) is not None


# ---- JSON values


def rows_from_value(value: Any, column: Sequence[str]) -> list[NamedRow]:
    """Rows of a JSON value: a list of objects, of pairs, or of numbers, or an object name → number."""
    if isinstance(value, Mapping):
        out: list[NamedRow] = []
        for k, v in value.items():
            if str(k).casefold() in _LIST_KEYS and isinstance(v, list | Mapping):
                out += rows_from_value(v, column)
            elif isinstance(v, Mapping):
                out.append(replace(_from_object(v, column), name=str(k)))
            else:
                out.append(_row(str(k), v))
        return out[:MAX_ROWS]
    if not isinstance(value, list):
        return []
    return [_from_item(item, column) for item in value[:MAX_ROWS]]


def _from_item(item: Any, column: Sequence[str]) -> NamedRow:
    if isinstance(item, Mapping):
        if len(item) == 1 and isinstance(next(iter(item)), str):
            ((k, v),) = item.items()
            return replace(_from_object(v, column), name=k) if isinstance(v, Mapping) else _row(k, v)
        return _from_object(item, column)
    if isinstance(item, list) and len(item) >= 2:
        row = _row(_name(item[0]), item[-1])
        beside = _row("", item[-2]) if len(item) > 2 and isinstance(item[-2], str) else None
        return row if beside is None or row.formula is not None else replace(row, formula=beside.value)
    return _row("", item)


def _from_object(item: Mapping[Any, Any], column: Sequence[str]) -> NamedRow:
    lower = {str(k).casefold(): v for k, v in item.items()}
    texts = [v for v in lower.values() if isinstance(v, str)]
    name = next((_name(lower[k]) for k in _NAME_KEYS if k in lower), next(iter(texts), ""))
    rest = [k for k in lower if k not in _NAME_KEYS]
    wanted = [k for k in rest if _header_matches(k, column)]
    numbers = [
        k for k in rest if isinstance(lower[k], int | float | Fraction) and not isinstance(lower[k], bool)
    ]
    strings = [k for k in rest if isinstance(lower[k], str)]
    if parts := _two_parts(rest, wanted):
        values = [_row("", lower[k]).value for k in parts]
        known = [v for v in values if v is not None]
        return NamedRow(name[:MAX_NAME], sum(known, Fraction(0)) if len(known) == 2 else None)
    key = next((keys[-1] for keys in (wanted, numbers, strings) if keys), None)
    row = _row(name[:MAX_NAME], lower[key] if key is not None else None)
    working = [k for k in rest if k != key and _WORKING.search(k) and isinstance(lower[k], str)]
    if row.formula is None and working:
        row = replace(row, formula=_row("", lower[working[-1]]).value)
    return row


def _name(v: Any) -> str:
    if isinstance(v, str):
        return v[:MAX_NAME]
    return str(v) if isinstance(v, int) and abs(v) < 10**9 else ""


def _row(name: str, v: Any) -> NamedRow:
    name = name[:MAX_NAME]
    if isinstance(v, str):
        value, formula = _chain(v)
        return NamedRow(name, value, formula, v[:MAX_CELL])
    return NamedRow(name, fraction_of(v))


# ---- text


def rows_from_text(text: str, column: Sequence[str], *, decimal_comma: bool = False) -> list[NamedRow]:
    """Rows of the tables of a text, with totals that stand outside; else of its lines."""
    tables = pipe_tables(text) or _comma_tables(text)
    valued = [t for t in tables if any(_header_matches(c, column) for c in t.header)]
    for chosen in (valued, sorted(tables, key=lambda t: -len(t.body))[:1]):
        rows = [r for t in chosen for r in _from_table(t, column, decimal_comma)]
        if any(r.value is not None for r in rows):
            inside = {",".join(cells) for t in chosen for cells in t.body}
            outside = "\n".join(
                line
                for line in text.splitlines()
                if not {"|", "&"} & set(line) and _fields(line) not in inside
            )
            totals = [r for r in _from_lines(outside, decimal_comma) if is_total(r.name)]
            return rows[:MAX_ROWS] + totals
    return _from_lines(text, decimal_comma)


def _header_matches(cell: str, column: Sequence[str]) -> bool:
    plain = re.sub(r"[^a-z]+", " ", cell.casefold())
    return any(re.search(rf"\b{re.escape(c.casefold())}\b", plain) for c in column)


def _from_table(table: Table, column: Sequence[str], comma: bool) -> list[NamedRow]:
    header, body = table.header, table.body
    if any(_value(c, comma) is not None for c in header[1:]):  # LaTeX has no mark for a head
        header, body = (), (header, *body)
    wanted = [i for i, c in enumerate(header) if _header_matches(c, column)][-1:]
    parts = [i for i, c in enumerate(header) if _PARTS.search(c) and i not in wanted][:1]
    bias = [i for i, c in enumerate(header) if _BIAS.search(c) and i not in wanted][:1]
    working = [i for i, c in enumerate(header) if _WORKING.search(c) and i not in wanted][-1:]
    added = [header.index(c) for c in _two_parts(header, [header[i] for i in wanted])]
    out: list[NamedRow] = []
    for cells in body[:MAX_ROWS]:
        if not any(cells):
            continue
        name = next((c for c in cells if re.search(r"[A-Za-z]{2}", c)), cells[0])
        value = formula = None
        text = ""
        if added:
            out.append(NamedRow(_clean(name), _beside(cells, [], added[:1], added[1:], comma)))
            continue
        for i in [*wanted, *range(len(cells) - 1, 0, -1)]:
            if i < len(cells) and cells[i]:
                value, formula = _chain(cells[i], comma)
                text = cells[i]
                if value is not None or wanted:
                    break
        if formula is None:
            formula = _beside(cells, working, parts, bias if parts else [], comma)
        out.append(NamedRow(_clean(name), value, formula, text[:MAX_CELL]))
    return out


def _two_parts(heads: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The columns of the weights and of the biases, where they are the last and no other holds their sum."""

    def only(pattern: re.Pattern[str], other: re.Pattern[str]) -> list[str]:
        found = [h for h in heads if pattern.search(h) and not other.search(h)]
        return [h for h in found if not _TOGETHER.search(h) and not _WORKING.search(h)]

    weights, biases = only(_PARTS, _BIAS), only(_BIAS, _PARTS)
    if len(weights) != 1 or len(biases) != 1 or set(wanted) - {*weights, *biases}:
        return []
    parts = [*weights, *biases]
    return parts if heads[-1] in parts and len(set(heads)) == len(heads) else []


def _fields(line: str) -> str:
    return ",".join(c.strip() for c in re.split(r"[,\t]", line.strip()))


def _comma_tables(text: str) -> list[Table]:
    """Lines of three or more fields between commas or tabs, under a head: ``Layer,Weights,Biases``."""
    lines = [tuple(_fields(line).split(",")) for line in text.splitlines()[:MAX_LINES]]
    out: list[Table] = []
    for k, head in enumerate(lines):
        if len(head) < 3 or not all(re.search(r"[A-Za-z]", c) for c in head):
            continue
        until = (i for i, cells in enumerate(lines[k + 1 :]) if len(cells) != len(head))
        body = lines[k + 1 :][: next(until, None)]
        if len(body) > 1 and all(any(_value(c, False) is not None for c in cells[1:]) for cells in body):
            out.append(Table(head, tuple(body)))
    return out


def _beside(
    cells: Sequence[str], working: list[int], parts: list[int], bias: list[int], comma: bool
) -> Fraction | None:
    """What the arithmetic in other columns comes to: a working, or weights and biases to be added."""
    for columns in (working, [*parts, *bias]):
        texts = [cells[i] for i in columns if i < len(cells) and cells[i]]
        numbers = [n for n in (_chain(t, comma)[0] for t in texts) if n is not None]
        if numbers and len(numbers) == len(texts):
            return sum(numbers, Fraction(0))
    return None


def _clean(name: str) -> str:
    plain = re.sub(
        r"\\(?:begin|end)\{\w{1,12}\*?\}|\\(?:text(?:bf|it|tt)?|math(?:rm|bf|tt))\b|[*_`$\\{}]", "", name
    )
    return " ".join(plain.split())[:MAX_NAME].strip(" .,;")


def _from_lines(text: str, comma: bool) -> list[NamedRow]:
    out: list[NamedRow] = []
    for line in re.split(r"\n|\\\\", text)[:MAX_LINES]:
        for name, rest in _pieces(line.replace("&", " ").replace("$", " "), comma):
            value, formula = _chain(rest.strip(" .;,"), comma)
            if value is not None and len(out) < MAX_ROWS:
                out.append(NamedRow(_clean(name), value, formula, rest.strip()[:MAX_CELL]))
    return out or _prose_totals(text, comma)


_CUTS = (r";\s*", r";\s*|,\s+(?:and\s+)?(?=[A-Za-z])|\s+and\s+(?=[A-Za-z])|(?<=\w)\.\s+(?=[A-Z])")


def _pieces(line: str, comma: bool) -> list[tuple[str, str]]:
    """The rows of one line: several (``conv1: 1792; conv2: 73856``) where each piece is one, else one."""
    for cut in _CUTS:
        pieces = [p for p in re.split(cut, line.strip()[:MAX_LINE].rstrip(" .;")) if p.strip()]
        found = [_named(p) or _said(p) for p in pieces]
        rows = [f for f in found if f is not None and _chain(f[1].strip(" .;,"), comma)[0] is not None]
        if len(rows) == len(pieces) > 1:
            return rows
    whole = _named(line) or _said(line)
    return [whole] if whole else []


_NAME = r"[A-Za-z][\w/.()+-]{0,40}(?:[ ][\w/.()+-]{1,40}){0,5}"
_HAS = (
    r"(?:,?\s{1,3}layer)?\s{1,3}(?:has|have|had|is|are|needs?|gives?|contains?|contributes?|requires?|uses?|with"
    r"|takes?)\s{1,3}(?:exactly\s{1,3}|a total of\s{1,3})?"
)
_AS_SAID = re.compile(rf"{_HAS}$")
_SAID = re.compile(rf"((?:and |the |then ){{0,3}}){_NAME}?{_HAS}([(\[\d]|no(?:ne)?\b|zero\b)")
_FOR = re.compile(
    rf"(?:and\s{{1,3}})?(\d[\d,]{{0,30}})\s{{1,3}}(?:[a-z]{{1,20}}\s{{1,3}})?(?:for|in|from|at)\s{{1,3}}(?:the\s{{1,3}})?({_NAME})"
)
_BARE = re.compile(
    rf"({_NAME}?)(?:,\s{{0,3}}|\t\s{{0,3}}|\s{{1,3}})(0|\d{{1,3}}(?:,\d{{3}}){{1,6}}|\d{{3,20}})"
)
_NONE = re.compile(
    r"(?:no|none|zero)\b(?:\s{1,3}(?:trainable|learnable|weights?|parameters?|params?|or|and|biases)){0,6}"
)


def _said(line: str) -> tuple[str, str] | None:
    """``Conv3-64 has 27·64 + 64 = 1792 parameters``, ``1,792 for Conv3-64``, ``Conv3-64, 1792``."""
    line = line.strip().rstrip(" .;,")
    bullet = _BULLET.match(line)
    line = line[bullet.end() :] if bullet else line
    if len(line) > MAX_LINE:
        return None
    if (m := _SAID.match(line)) is not None:
        name, rest = m.group()[len(m[1]) : -len(m[2])], line[m.start(2) :]
        return _AS_SAID.sub("", name), "0" if _NONE.fullmatch(rest) else rest
    if (m := _FOR.fullmatch(line)) is not None:
        return m[2], m[1]
    m = _BARE.fullmatch(line)
    return (m[1], m[2]) if m else None


_BULLET = re.compile(r"(?:[-*+•]|\d{1,3}[.)]|\(\w\))\s+")
_SEPARATORS = (":", "=", "→", "->", "\\to ", " – ", " — ", " - ")
_ARITHMETIC = re.compile(r"\s(?=[(\[\d]\S{0,40}\s{0,2}(?:[*×·+x∗)]|\\times|\\cdot))")


def _named(line: str) -> tuple[str, str] | None:
    """``Conv3-64: (27+1)*64 = 1792`` → its name and the rest; None for a line without both."""
    line = line.strip()[: MAX_NAME + MAX_CELL]
    bullet = _BULLET.match(line)
    line = line[bullet.end() :] if bullet else line
    cuts = [(line.find(s), s) for s in _SEPARATORS[:5] if s in line] or [
        (line.find(s), s) for s in _SEPARATORS[5:] if s in line
    ]
    if not cuts:
        return _total_in(line)
    at, separator = min(cuts)
    name, rest = line[:at], line[at + len(separator) :]
    working = _ARITHMETIC.search(name)
    if separator == "=" and working:  # "Conv3-64 (27+1)*64 = 1792"
        name, rest = name[: working.start()], f"{name[working.end() :]} = {rest}"
    if len(name) > MAX_NAME or not re.search(r"[A-Za-z]", name) or not any(c.isdigit() for c in rest):
        return _total_in(line)
    return name, rest


def _total_in(line: str) -> tuple[str, str] | None:
    """A sentence that says a total: ``In total there are 52,444,644 parameters``."""
    numbers = _NUMBER.findall(line)
    return ("total", numbers[0]) if is_total(line) and len(numbers) == 1 else None


def _prose_totals(text: str, comma: bool) -> list[NamedRow]:
    found = [_total_in(s) for s in re.split(r"(?<=[.;!?])\s|\n", text)[:MAX_LINES]]
    return [NamedRow(f[0], _chain(f[1], comma)[0]) for f in found if f]


_SAYS = r"(?:[ \t]+layers?)?[ \t]*(?:,|has|have|with|is|are|needs|gives|contains|:)?[ \t]*"
_LARGE = 100  # smaller numbers in a sentence may be sizes


def rows_in_sentences(text: str, names: Sequence[str]) -> list[NamedRow]:
    """Rows that sentences name: ``Conv3-64 has 1,792 parameters``. Shared names are left out."""
    out = []
    for name in names:
        if names.count(name) > 1:
            continue
        m = re.search(rf"(?<!\w){re.escape(name)}(?!\w){_SAYS}({_NUMBER.pattern})(?!\s*[*×x·+])", text)
        if m:
            out.append(NamedRow(name, _value(m.group(1), False), None, m.group()[:MAX_CELL]))
    return out


def numbers_in(text: str) -> set[Fraction | None]:
    return {_value(n, False) for n in _NUMBER.findall(text)}


def numbers_apart(text: str, rows: Sequence[NamedRow]) -> bool:
    """Whether several large numbers of a text are in none of the rows that were found in it."""
    values = numbers_in(text) - {r.value for r in rows}
    return sum(1 for v in values if v is not None and v >= _LARGE) > 1


_ASIDE = re.compile(r"\(([^()]{0,200})\)\s*$")


def _chain(text: str, comma: bool = False) -> tuple[Fraction | None, Fraction | None]:
    """``(9*3+1)*64 = 1,792``: the number stated last, and what the formula before it comes to."""
    plain = text.strip().strip("$").strip()
    if len(plain) > MAX_CELL or not any(c.isdigit() for c in plain):
        return None, None
    pieces = [p for p in re.split(r"=|\\approx|≈|:(?!=)|→", plain) if p.strip()]
    if len(pieces) == 1:
        return _with_aside(pieces[0], comma)
    values = [_with_aside(p, comma)[0] for p in pieces]
    if values[-1] is None:
        known = [v for v in values if v is not None]
        return (known[-1], None) if known else (None, None)
    return values[-1], values[-2]


def _with_aside(text: str, comma: bool) -> tuple[Fraction | None, Fraction | None]:
    """``1,792 (27*64 + 64)``: the number, and the arithmetic in brackets behind it; not a product of both."""
    whole = _value(text, comma)
    aside = _ASIDE.search(text)
    if aside is None or not text[: aside.start()].strip():
        return whole, None
    before, inside = _value(text[: aside.start()], comma), _value(aside.group(1), comma)
    if before is not None and (whole is None or inside == before):
        return before, inside
    return whole, None


def _value(text: str, comma: bool) -> Fraction | None:
    plain = _UNIT.sub(" ", text.replace("\\*", "*")).strip().strip("$*_`.;, ").strip()
    return number_of(plain, decimal_comma=comma) if plain else None
