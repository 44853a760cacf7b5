"""Tables in text: Markdown pipe tables and LaTeX ``tabular``/``array``."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Table", "pipe_tables"]

MAX_ROWS = 500


@dataclass(frozen=True, slots=True)
class Table:
    header: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]


_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
_TABULAR = re.compile(r"\\begin\{(tabular|array|tabularx)\}(?:\{[^}]*\})?(.*?)\\end\{\1\}", re.DOTALL)


def pipe_tables(text: str) -> list[Table]:
    """The tables of a text, in order; a table without a rule under its first row has no header."""
    out: list[Table] = []
    rows: list[tuple[str, ...]] = []
    header: tuple[str, ...] = ()
    for line in [*text.splitlines(), ""]:
        if line.count("|") >= 2 or (rows and "|" in line):
            if _RULE.match(line):
                if len(rows) == 1:
                    header, rows = rows[0], []
                continue
            if len(rows) < MAX_ROWS:
                rows.append(_cells(line))
        elif rows or header:
            out.append(Table(header, tuple(rows)))
            rows, header = [], ()
    for m in _TABULAR.finditer(text):
        lines = [x for x in re.split(r"\\\\", re.sub(r"\\(hline|toprule|midrule|bottomrule)", "", m.group(2))) if x.strip()]
        cells = [tuple(c.strip() for c in x.split("&")) for x in lines[:MAX_ROWS]]
        if cells:
            out.append(Table(cells[0], tuple(cells[1:])))
    return out


def _cells(line: str) -> tuple[str, ...]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return tuple(c.strip() for c in re.split(r"(?<!\\)\|", inner))
