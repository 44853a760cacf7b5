"""What was read of an answer, as LaTeX for the pages: printed from the same tree as its text."""

from __future__ import annotations

from functools import lru_cache

from grader.maths.printing import show
from grader.maths.reading import Reading
from grader.maths.tree import Node
from grader.model import Judgement

__all__ = ["drawn_of"]


def drawn_of(out: Judgement) -> str:
    """Empty where what was read is no formula, or is not what the judgement carries on."""
    if out.drawn or not out.read_as or not isinstance(out.carried, Reading):
        return out.drawn
    return _latex(out.carried.node, out.read_as)


@lru_cache(maxsize=4096)
def _latex(node: Node, read_as: str) -> str:
    return show(node, "latex") if show(node) == read_as else ""
