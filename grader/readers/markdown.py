"""Markdown with LaTeX (``.md``, ``.mmd``, ``.txt``), above all as OCR of a PDF sheet leaves it.

Questions are found by the numbers printed on the sheet (``binding.py``), never by the depth of ``#``.
"""

from __future__ import annotations

from grader.errors import UnreadableFile
from grader.model import Submission
from grader.readers.files import decode
from grader.readers.furniture import without_furniture
from grader.readers.header import read_header
from grader.readers.outlines import OutlineFor, require_outline
from grader.readers.pieces import cut
from grader.readers.programs import cells_of_pieces
from grader.readers.sheet import answers_of
from grader.readers.tree import Tree

__all__ = ["read_markdown"]

MAX_IDS_SHOWN = 8


def read_markdown(
    data: bytes,
    outline_for: OutlineFor,
    *,
    source: str,
    student: str | None,
    fallback: str,
    assignment: str | None,
) -> Submission:
    """``student`` is a folder's name for the student, ``fallback`` the last resort; ``assignment`` is
    what a folder calls the assignment.

    Raises:
        UnreadableFile: no text, no known assignment, or no question's number in it.
    """
    text = decode(data)
    header = read_header(text)
    named = header.assignment or assignment
    outline = require_outline(outline_for, named, 'add a first line such as "Assignment: csc413-hw2"')
    if header.length:  # keep the line numbers
        text = "\n" * header.length + "\n".join(text.split("\n")[header.length :])
    pieces = without_furniture(cut(text))
    answers, notes = answers_of(pieces, Tree(outline), source, lossy=True)
    if not answers:
        raise no_questions(outline.ids(), outline.assignment)
    who = header.student or student or fallback
    if header.student and student and header.student != student:
        notes.append(f"the file says student {header.student}, its folder {student}")
    return Submission(
        who, named, source, answers, tuple(notes), cells=cells_of_pieces(pieces, answers, source)
    )


def no_questions(ids: tuple[str, ...], assignment: str) -> UnreadableFile:
    shown = ", ".join(ids[:MAX_IDS_SHOWN]) + (", …" if len(ids) > MAX_IDS_SHOWN else "")
    return UnreadableFile(
        f"no question of {assignment} found in it (looked for {shown})",
        cure=f'put the question\'s number before each answer, such as "## {ids[0] if ids else 1}"',
    )
