"""Where in a submission a grader is: so that, if its process ends there, it ends for one answer alone.

A place is a short text that a worker leaves where others see it: ``file``, ``code``, ``question 1.2`` or
``lines 1.2``. What is to be left out is a mapping from places to the reason, which is what a report says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

__all__ = ["CODE", "FILE", "NOTHING", "AtPlace", "Without", "lines_at", "nowhere", "question_at"]

FILE = "file"  # it is found, read and taken apart
CODE = "code"  # its code is run

AtPlace = Callable[[str], object]
"""Called before the work at a place begins."""

Without = Mapping[str, str]
"""Places that are left out → why."""

NOTHING: Without = MappingProxyType({})


def question_at(question: str) -> str:
    """The answer to a question is judged."""
    return f"question {question}"


def lines_at(question: str) -> str:
    """The lines of an answer are checked, for the marks beside them."""
    return f"lines {question}"


def nowhere(place: str) -> None:
    """Nobody wants to know."""
