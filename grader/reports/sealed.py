"""What ``grade check --pack`` tells a student: right or not, for what the pack seals, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader import readers
from grader.engine.sealing import open_pack, try_answers
from grader.errors import UnreadableFile, UsageFault
from grader.model import Outcome
from grader.reports.text import count, visible

__all__ = ["sealed_lines"]


def sealed_lines(file: Path, pack: Path, marks: Mapping[Outcome, str]) -> tuple[list[str], bool]:
    """Lines for a terminal, and whether all that is sealed is right.

    Raises:
        UsageFault: the pack cannot be read.
    """
    try:
        made = open_pack(pack.read_bytes())
    except OSError as e:
        raise UsageFault(f"--pack {pack}: cannot be read ({e.strerror})") from e
    except UsageFault as e:
        raise UsageFault(f"--pack {pack}: {e}") from e
    try:
        submission = readers.read(file, lambda assignment: made.outline(), source=file.name)
    except UnreadableFile as e:
        place = f"{e.place}: " if e.place else ""
        return [
            visible(f"{file.name}: {place}{e.message}"),
            *([f"What helps: {e.cure}."] if e.cure else []),
        ], False
    lines = [f"{file.name}: {made.title}, sealed checks"]
    right = sealed = 0
    for t in try_answers(made, dict(submission.answers)):
        sealed += 1
        right += t.right is True
        name = f"{t.question}  {t.title or t.criterion}"
        if t.right is None:
            lines.append(f"{marks[Outcome.MISSING]} {name}: no formula was found")
            continue
        outcome, word = (
            (Outcome.CORRECT, "right") if t.right else (Outcome.INCORRECT, "not the sealed answer")
        )
        lines += [f"{marks[outcome]} {name}: {word}", f"  read as: {t.read_as}"]
    others = sum(not q.criteria for q in made.questions)
    lines += [
        "",
        f"{right} of {count(sealed, 'sealed check')} right; a derivation or a reason is not checked here.",
    ]
    if others:
        lines.append(
            f"{count(others, 'question')} of the sheet {'has' if others == 1 else 'have'} no sealed check."
        )
    return [visible(line) for line in lines], right == sealed
