"""``grade steps --jsonl``: one derivation a line in, its steps a line out, in order.

A line that is not valid is the caller's fault: it has no steps, and the reason ``author``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from grader.engine.pairs import answer_lines
from grader.maths.derivation import Derivation, steps

__all__ = ["Task", "check_lines", "check_task", "derivation_row"]


class Task(msgspec.Struct, frozen=True):
    """One line of input; fields that are not known are ignored."""

    text: str
    symbols: dict[str, str] = {}
    id: Any = None
    latex: dict[str, str | list[str]] = {}
    define: dict[str, str] = {}
    assume: list[str] = []
    kind: Literal["chain", "solve"] | None = None
    unknown: str | None = None
    locale: Literal["decimal-point", "decimal-comma"] = "decimal-point"


def check_task(task: Task) -> Derivation:
    """The steps of one derivation.

    Raises:
        RubricError: a fault on the author's side.
    """
    return steps(
        task.text,
        task.symbols,
        define=task.define,
        assume=task.assume,
        latex=task.latex,
        kind=task.kind,
        unknown=task.unknown,
        locale=task.locale,
    )


def derivation_row(identity: Any, d: Derivation) -> dict[str, Any]:
    """What is written for one derivation."""
    found = []
    for s in d.steps:
        step: dict[str, Any] = {"index": s.index, "text": s.text, "status": s.status, "message": s.message}
        if s.mistake:
            step["mistake"] = s.mistake
        found.append(step)
    row: dict[str, Any] = {"id": identity, "steps": found, "first_wrong": d.first_wrong, "unread": d.unread}
    if d.notes:
        row["notes"] = list(d.notes)
    return row


def check_lines(lines: Iterable[str]) -> Iterator[tuple[dict[str, Any], bool]]:
    """For every line that is not blank: the row to write, and whether the input was in order."""
    return answer_lines(
        lines,
        Task,
        lambda identity, task: derivation_row(identity, check_task(task)),
        lambda identity, why: derivation_row(identity, Derivation(())) | {"reason": "author", "message": why},
    )
