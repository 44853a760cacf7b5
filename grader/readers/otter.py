"""otter's marks in a notebook: which cells are the student's, and to which question they belong.

A student's copy carries only the tag ``otter_answer_cell`` and, after code, a cell ``grader.check("q1")``,
which says whose the answer above it is. The instructor's master still has its raw cells: ``# BEGIN
QUESTION`` with a few lines of YAML, of which ``name`` counts, and ``# BEGIN PROMPT``, ``SOLUTION`` or
``TESTS``, each with its END.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from grader.readers.cells import Cell
from grader.readers.headings import parse_heading

__all__ = ["unmarked"]

ANSWER_TAG = "otter_answer_cell"
MAX_MARK = 4_000  # characters of a raw cell that are looked at
MAX_NAME = 80

_MARK = re.compile(r"#\s*(BEGIN|END)\s+(QUESTION|PROMPT|SOLUTION|TESTS)\s*(?:\n|$)", re.IGNORECASE)
_NAME = re.compile(r"^name:[ \t]*(?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\s#\"'][^\n#]*))", re.MULTILINE)
_CHECK = re.compile(r"^grader\.check\(\s*[\"']([^\"'\n]{1,80})[\"']\s*\)", re.MULTILINE)
# A cell of nothing but these is otter's: the student's program goes on without them.
_OTTERS = re.compile(
    r"(?:import otter|from otter import \w+|grader\s?=\s?otter\.Notebook\([^()\n]*\)|"
    r"grader\.(?:check|check_all|export|add_plugin_files)\([^()\n]*\)|#[^\n]*|%[^\n]*|)\s*;?\s*"
)
_UNTOUCHED = re.compile(r"[\W_]*(?:type your answer here\W.{0,60}|your answer here)?[\W_]*", re.IGNORECASE)


def unmarked(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells without otter's own; those of a question carry its name, what the sheet wrote is locked.

    Notebooks that otter never saw come back as they are.
    """
    if not any(_is_otters(cell) or _answers(cell) or _mark(cell) for cell in cells):
        return tuple(cells)
    named = _from_raw_cells(cells)
    named = _from_checks(named)
    named = _without_prompts(named)
    return tuple(cell for cell in named if not (_is_otters(cell) or _mark(cell)))


def _mark(cell: Cell) -> tuple[str, str] | None:
    """("BEGIN", "QUESTION") and the like, of a raw cell that is a mark."""
    match = _MARK.match(cell.source.lstrip()) if cell.kind == "raw" else None
    return (match[1].upper(), match[2].upper()) if match else None


def _is_otters(cell: Cell) -> bool:
    if cell.kind != "code" or not ("grader." in cell.source or "otter" in cell.source):
        return False
    lines = cell.source.split("\n")
    return len(lines) <= 40 and all(_OTTERS.fullmatch(line.strip()) for line in lines)


def _from_raw_cells(cells: Iterable[Cell]) -> list[Cell]:
    """``# BEGIN QUESTION`` … ``# END QUESTION``: the cells in between are that question's."""
    question, inside = "", ""
    found: list[Cell] = []
    for cell in cells:
        mark = _mark(cell)
        if mark is None:
            if question and not cell.names:
                cell = replace(cell, names=(question,))
            if inside in ("PROMPT", "TESTS"):
                cell = replace(cell, locked=True)
            elif question and not inside and cell.kind != "code":
                cell = replace(cell, locked=True)  # the question's own words stand before its prompt
        elif mark[1] == "QUESTION":
            question, inside = (_name(cell.source) if mark[0] == "BEGIN" else ""), ""
        else:
            inside = mark[1] if mark[0] == "BEGIN" else ""
        found.append(cell)
    return found


def _name(source: str) -> str:
    match = _NAME.search(source[:MAX_MARK])
    return (match[1] or match[2] or match[3] or "").strip()[:MAX_NAME] if match else ""


def _from_checks(cells: Sequence[Cell]) -> list[Cell]:
    """``grader.check("q1")`` names the tagged code above it, up to the heading or the check before."""
    found = list(cells)
    for i, cell in enumerate(cells):
        check = _CHECK.search(cell.source) if cell.kind == "code" else None
        if check is None:
            continue
        for at in range(i if not _is_otters(cell) else i - 1, -1, -1):
            before = cells[at]
            if at < i and (_CHECK.search(before.source) or _has_heading(before)):
                break
            if before.kind == "code" and _answers(before) and not _is_otters(before):
                found[at] = replace(found[at], names=(*found[at].names, check[1]))
                break
    return found


def _has_heading(cell: Cell) -> bool:
    if cell.kind == "code":
        return False
    lines = (line for line in cell.source.split("\n", 50) if line.lstrip().startswith(("#", "**")))
    return any((c := parse_heading(line, 0)) is not None and bool(c.path) for line in lines)


def _without_prompts(cells: Sequence[Cell]) -> list[Cell]:
    """What nobody can edit is the sheet's, and so are the words in the heading's own cell where the answer
    has a cell of its own and is in it."""
    found = [replace(cell, locked=True) if cell.fixed and not _answers(cell) else cell for cell in cells]
    heading: int | None = None
    for i, cell in enumerate(cells):
        if _answers(cell):
            if heading is not None and cell.kind != "code" and not _UNTOUCHED.fullmatch(cell.source[:200]):
                found[heading] = replace(found[heading], locked=True)
            heading = None
        elif _has_heading(cell):
            heading = i
    return found


def _answers(cell: Cell) -> bool:
    return ANSWER_TAG in cell.names
