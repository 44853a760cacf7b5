"""Copied cells: two cells that carry the name of one question (5 % of real notebooks have them).

Jupyter copies a cell's metadata when a cell is duplicated, pasted elsewhere, and when it is split; so

- an identical copy counts once;
- a copy pasted under another question's heading belongs to that question;
- an edited copy replaces what it was copied from, an empty or untouched one does not;
- anything else, the two halves of a split cell above all, is read in order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from grader.readers.binding import SIMILAR
from grader.readers.cells import Cell
from grader.readers.headings import parse_heading
from grader.readers.tree import Tree
from grader.readers.words import similar

__all__ = ["without_copies"]

Bound = tuple[Cell, str | None]
EDITED = 0.8  # share of lines two versions of one text have in common
MAX_COMPARED = 50_000


def without_copies(bound: Sequence[Bound], tree: Tree) -> tuple[list[Bound], dict[str, list[str]], list[str]]:
    """(the cells that count, notes by question, notes on the whole)."""
    moved = _pasted_elsewhere(bound, tree)
    notes: dict[str, list[str]] = defaultdict(list)
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    result = list(bound)
    for i, (cell, id) in enumerate(bound):
        if i in moved:
            result[i] = (cell, None)
            continue
        if id is not None and not cell.locked:
            groups[id, cell.kind, cell.grade_id].append(i)
    gone: set[int] = set()
    for (id, kind, _), places in groups.items():
        for earlier, later in pairwise(places):
            old, new = bound[earlier][0], bound[later][0]
            verdict = _compare(old.source, new.source, code=kind == "code")
            if verdict == "same":
                gone.add(later)
                places[places.index(later)] = earlier
                notes[id].append(f"cells {old.number} and {new.number} are copies; read once")
            elif verdict == "replaced":
                gone.add(earlier)
                notes[id].append(
                    f"cell {new.number} is an edited copy of cell {old.number}; cell {new.number} was read"
                )
            elif old.grade_id:
                notes[id].append(
                    f"cells {old.number} and {new.number} have the same grade_id; both were read"
                )
    whole = [
        f"cell {bound[i][0].number} carries the name of question {bound[i][1]}, "
        f"but stands under {heading}; read there"
        for i, heading in moved.items()
    ]
    return [b for i, b in enumerate(result) if i not in gone], dict(notes), whole


def _pasted_elsewhere(bound: Sequence[Bound], tree: Tree) -> dict[int, str]:
    """Later cells of a name that stand under another question's heading: index → that question."""
    seen: set[tuple[str, str]] = set()
    moved: dict[int, str] = {}
    heading: str | None = None
    for i, (cell, id) in enumerate(bound):
        if cell.kind != "code":
            heading = _heading(cell, tree) or heading
        if id is None or cell.locked:
            continue
        if not (cell.grade_id or cell.names or cell.question):
            continue
        name = (id, cell.grade_id)
        if name in seen and heading is not None and heading != id:
            moved[i] = heading
        elif heading != id:
            heading = None  # the name, not the heading above it, says where this is
        seen.add(name)
    return moved


def _heading(cell: Cell, tree: Tree) -> str | None:
    """The question whose number a heading in the cell carries."""
    for line in cell.source.split("\n", 200)[:200]:
        if not line.lstrip().startswith("#"):
            continue
        c = parse_heading(line, 0)
        node = tree.find(c.path) if c and c.path else None
        if c and node and node.question:
            return node.question.id
        if c and not c.path:
            named = [q.id for q in tree.outline.questions if q.title and similar(c.title, q.title) >= 1]
            if len(named) == 1 and similar(c.title, c.title) >= SIMILAR and len(c.title.split()) > 1:
                return named[0]
    return None


def _compare(old: str, new: str, *, code: bool) -> str:
    a, b = " ".join(old.split()), " ".join(new.split())
    if a == b or not b:
        return "same"
    if not a:
        return "replaced"
    if code or len(a) + len(b) > MAX_COMPARED:
        return "both"  # code of two cells ran one after the other
    if a in b:
        return "replaced"
    if b in a:
        return "same"
    mine, theirs = set(_parts(old)), set(_parts(new))
    return "replaced" if len(mine & theirs) >= EDITED * len(mine) else "both"


def _parts(text: str) -> list[str]:
    return [part for line in text.split("\n") for part in line.split("$$") if part.strip()]
