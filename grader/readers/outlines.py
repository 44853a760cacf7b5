"""Which sheet a submission answers: what it says itself, else what its folder says."""

from __future__ import annotations

from collections.abc import Callable

from grader.errors import UnreadableFile
from grader.model import Outline

__all__ = ["OutlineFor", "require_outline"]

OutlineFor = Callable[[str | None], Outline | None]
"""The outline of the assignment a submission names (None: it names none), or None if there is none."""


def require_outline(outline_for: OutlineFor, named: str | None, cure: str) -> Outline:
    """
    Raises:
        UnreadableFile: nobody knows the assignment.
    """
    outline = outline_for(named)
    if outline is not None:
        return outline
    if named is None:
        raise UnreadableFile("it does not say which assignment it answers", cure=f"pass --rubric, or {cure}")
    raise UnreadableFile(
        f"there is no rubric for its assignment '{named[:80]}'", cure="pass --rubric, or correct the name"
    )
