"""A submission as a program: all of its code in the order in which it runs, and whose answer it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from grader.model import Answer, CodeCell, Where
from grader.readers.pieces import Kind, Piece

__all__ = ["cells_of", "cells_of_pieces"]


def cells_of(cells: Iterable[CodeCell], answers: Mapping[str, Answer]) -> tuple[CodeCell, ...]:
    """``cells`` with the questions whose answers hold them; blank ones are left out."""
    owner = {c.where: id for id, answer in answers.items() for c in answer.code}
    return tuple(replace(c, question=owner.get(c.where)) for c in cells if c.source.strip())


def cells_of_pieces(
    pieces: Iterable[Piece], answers: Mapping[str, Answer], source: str
) -> tuple[CodeCell, ...]:
    """The same of a text's fenced blocks."""
    code = (p for p in pieces if p.kind is Kind.CODE)
    return cells_of((CodeCell(p.text, Where(source, p.line), p.output) for p in code), answers)
