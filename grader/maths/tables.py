"""Tables in text: Markdown pipe tables and LaTeX ``tabular``/``array``."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Table", "pipe_tables"]

MAX_ROWS = 500
MAX_TABLES = 50


@dataclass(frozen=True, slots=True)
class Table:
    header: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]


_RULES = re.compile(r"\\(?:hline|toprule|midrule|bottomrule|centering|(?:cline|cmidrule)\{[^{}]{0,20}\})")
_BEGIN = re.compile(r"\\begin\{(tabularx?|array)\}")
_COLUMNS = re.compile(r"(?:\[\w{0,3}\])?(?:\s{0,9}\{(?:[^{}]|\{[^{}]{0,40}\}){0,80}\}){0,2}")


def pipe_tables(text: str) -> list[Table]:
    """The tables of a text, in order; a Markdown table without a rule under its first row has no header."""
    return [*_markdown(text), *_tabular(text)][:MAX_TABLES]


def _markdown(text: str) -> Iterator[Table]:
    rows: list[tuple[str, ...]] = []
    header: tuple[str, ...] = ()
    lines = [*text.splitlines(), "", ""]
    for line, following in itertools.pairwise(lines):
        inside = bool(rows or header)
        if line.count("|") >= 2 or ("|" in line and (inside or _is_rule(following))):
            if _is_rule(line):
                if len(rows) == 1 and not header:
                    header, rows = rows[0], []
            elif len(rows) < MAX_ROWS:
                rows.append(_cells(line))
        elif inside:
            yield Table(header, tuple(rows))
            rows, header = [], ()


def _is_rule(line: str) -> bool:
    return "-" in line and "|" in line and set(line.strip()) <= set("|:- ")


def _cells(line: str) -> tuple[str, ...]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return tuple(c.strip() for c in re.split(r"(?<!\\)\|", inner))


def _tabular(text: str) -> Iterator[Table]:
    at = 0
    while (m := _BEGIN.search(text, at)) is not None:
        end = text.find(f"\\end{{{m[1]}}}", m.end())
        if end < 0:
            return
        inner = text[m.end() : end]
        columns = _COLUMNS.match(inner)
        inner = _RULES.sub(" ", inner[columns.end() :] if columns else inner)
        rows = [r for r in re.split(r"\\\\|\\tabularnewline", inner) if r.strip()]
        cells = [tuple(c.strip() for c in re.split(r"(?<!\\)&", r)) for r in rows[:MAX_ROWS]]
        if cells:
            yield Table(cells[0], tuple(cells[1:]))
        at = end
