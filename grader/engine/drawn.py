"""What was read of an answer, as LaTeX for the pages: printed from the same tree as its text."""

from __future__ import annotations

from dataclasses import replace

from grader.maths.printing import show
from grader.maths.reading import Reading
from grader.model import Judgement

__all__ = ["with_drawing"]


def with_drawing(out: Judgement) -> Judgement:
    """The judgement with its drawing, unless what was read is no formula, or is not what it carries on."""
    if out.drawn or not out.read_as or not isinstance(out.carried, Reading):
        return out
    node = out.carried.node
    try:
        return replace(out, drawn=show(node, "latex")) if show(node) == out.read_as else out
    except Exception:  # it is only for reading
        return out
