"""Notebooks: an answer belongs to a question by its cell's metadata or tag, else by the nearest heading.

A cell that names its question also holds the cells after it, up to the next heading or name: that is
where people add cells. nbgrader's locked cells are the sheet's own words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.errors import UnreadableFile
from grader.model import Answer, CodeCell, Submission, Where
from grader.readers.cells import Cell, Notebook, read_cells
from grader.readers.copies import without_copies
from grader.readers.files import decode, refuse_conflict
from grader.readers.header import MAX_ID, Header, read_header
from grader.readers.ids import question_id
from grader.readers.json_text import parse_json
from grader.readers.jupytext import text_notebook
from grader.readers.markdown import no_questions
from grader.readers.otter import unmarked
from grader.readers.outlines import OutlineFor, require_outline
from grader.readers.pieces import MAX_LINES, Kind, Piece, cut, seen
from grader.readers.programs import cells_of
from grader.readers.sheet import answers_of
from grader.readers.tree import Tree

__all__ = ["read_notebook", "read_text_notebook"]

MAX_NOTES = 20


def read_notebook(
    data: bytes,
    outline_for: OutlineFor,
    *,
    source: str,
    student: str | None,
    fallback: str,
    assignment: str | None,
) -> Submission:
    """
    Raises:
        UnreadableFile: no notebook, no known assignment, or no question's number in it.
    """
    content = parse_json(decode(data), strict=False)
    return _submission(content, outline_for, source, student, fallback, assignment)


def read_text_notebook(
    data: bytes,
    outline_for: OutlineFor,
    *,
    suffix: str,
    source: str,
    student: str | None,
    fallback: str,
    assignment: str | None,
) -> Submission:
    """The same of a notebook that jupytext or MyST keeps as text.

    Raises:
        UnreadableFile: as above.
    """
    content = text_notebook(seen(decode(data)), suffix)
    return _submission(content, outline_for, source, student, fallback, assignment)


def _submission(
    content: Any,
    outline_for: OutlineFor,
    source: str,
    student: str | None,
    fallback: str,
    assignment: str | None,
) -> Submission:
    notebook = read_cells(content)
    notebook = replace(notebook, cells=unmarked(notebook.cells))
    _require_short(notebook)
    for cell in notebook.cells:
        refuse_conflict(cell.source, f"cell {cell.number}")
    header = _header(notebook)
    named = _says(notebook.metadata, "assignment") or header.assignment or assignment
    outline = require_outline(outline_for, named, 'add the notebook metadata "assignment"')
    tree = Tree(outline)
    bound = [(cell, _question(cell, tree)) for cell in notebook.cells]
    kept, by_question, notes = without_copies(bound, tree)
    notes += _unknown(bound, outline.assignment)
    answers, said = answers_of(_pieces(kept, header), tree, source, lossy=False)
    if not answers:
        raise no_questions(outline.ids(), outline.assignment)
    answers = {id: _with_notes(a, by_question.get(id, ()), kept) for id, a in answers.items()}
    says = _says(notebook.metadata, "student") or header.student
    if says and student and says != student:
        said.append(f"the notebook says student {says}, its folder {student}")
    code = [CodeCell(c.source, Where(source, cell=c.number), c.output) for c, _ in kept if c.kind == "code"]
    return Submission(
        says or student or fallback,
        named,
        source,
        answers,
        tuple(notes + said),
        cells=cells_of(code, answers),  # the sheet's own cells too: they hold imports and data
    )


def _require_short(notebook: Notebook) -> None:
    """
    Raises:
        UnreadableFile: more lines in all its cells than anybody writes.
    """
    lines = sum(cell.source.count("\n") + 1 for cell in notebook.cells)
    if lines > MAX_LINES:
        raise UnreadableFile(f"has more than {MAX_LINES:,} lines", cure="hand in the answers only")


def _says(metadata: Mapping[str, Any], key: str) -> str | None:
    inner = metadata.get("grader")
    for place in (metadata, inner if isinstance(inner, dict) else {}):
        value = place.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool):
            name = str(value).strip()
            if len(name) > MAX_ID:
                raise UnreadableFile(
                    f'the notebook\'s "{key}" has {len(name)} characters (at most {MAX_ID})',
                    cure="give the id only",
                )
            if name:
                return name
    return None


def _header(notebook: Notebook) -> Header:
    """A title cell may name the student; a first raw cell may be front matter."""
    for cell in notebook.cells[:2]:
        if cell.kind != "code":
            header = read_header(cell.source)
            if header.student or header.assignment or header.length:
                return header
    return Header()


def _question(cell: Cell, tree: Tree) -> str | None:
    return next(
        (
            id
            for name in (cell.question, *cell.names, cell.grade_id)
            if name and (id := question_id(name, tree))
        ),
        None,
    )


def _unknown(bound: Sequence[tuple[Cell, str | None]], assignment: str) -> list[str]:
    lost = [cell for cell, id in bound if cell.question and id is None][:MAX_NOTES]
    return [f"cell {c.number} names '{c.question[:40]}', which is no question of {assignment}" for c in lost]


def _pieces(bound: Sequence[tuple[Cell, str | None]], header: Header) -> list[Piece]:
    pieces: list[Piece] = []
    for cell, id in bound:
        if cell.kind == "code":
            code = Piece(Kind.CODE, cell.source.strip("\n"), 1, cell.number, cell.output)
            inside = [] if cell.locked or not cell.source.strip() else [code]
        elif cell.kind == "raw" and (cell.source.startswith(("---", "# BEGIN", "# END")) or header.length):
            inside = []
        else:
            inside = cut(cell.source, cell=cell.number)
        if not inside and id is None:
            continue
        for piece in (inside := [*inside, Piece(Kind.BLANK, "", 1, cell.number)]):
            piece.question = id
            piece.given = not cell.locked
        pieces += inside
    return pieces


def _with_notes(answer: Answer, notes: Sequence[str], bound: Sequence[tuple[Cell, str | None]]) -> Answer:
    pictures = {cell.number for cell, _ in bound if cell.pictures}
    shown = [c.where.cell for c in answer.code if c.where.cell in pictures]
    figures = [f"cell {n} shows a figure, which only a person can see" for n in shown]
    return replace(answer, notes=(*answer.notes, *notes, *figures))
