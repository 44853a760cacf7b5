"""``%load_ext grader`` and ``%%grade 2.2.3``: how an answer is read, at once and where it is written.

The cell is read as if it were handed in under that question. What is shown is what ``grade check`` says: how
it was read, what does not fit together, and the checks that the rubric marks as public. No reference answer.
"""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.errors import GraderError, UsageFault

__all__ = ["Shown", "grade_cell", "load_ipython_extension"]

USAGE = (
    "%%grade QUESTION [--rubric NAME|FILE], with the answer below it; the rubric is remembered:\n"
    "%%grade 2.2.3 --rubric csc413-2020-hw2"
)
CLOSING = "Nothing here says that an answer is right."


@dataclass(frozen=True, slots=True)
class Shown:
    """What a notebook displays: the answer with its formulas drawn, and lines of plain text below a title."""

    answer: str
    lines: tuple[str, ...]
    read: tuple[str, ...] = ()  # LaTeX of how it was read
    title: str = ""
    closing: str = ""

    def __repr__(self) -> str:
        return "\n".join(line for line in (self.title, *self.lines, self.closing) if line)

    def _repr_html_(self) -> str:
        from markupsafe import Markup

        from grader.reports.markdown import markdown
        from grader.reports.mathml import reading
        from grader.reports.text import visible

        def part(markup: str, text: str | Markup) -> Markup:
            return Markup(markup).format(text) if text else Markup("")

        rows = Markup("").join(part("<li>{}</li>", visible(line)) for line in self.lines)
        return str(
            Markup("<div>{}{}{}{}{}</div>").format(
                part("<p><strong>{}</strong></p>", visible(self.title)),
                part('<blockquote style="white-space:pre-wrap">{}</blockquote>', markdown(self.answer)),
                part("<p>Read as:</p>{}", Markup("").join(reading(latex) for latex in self.read)),
                part("<ul>{}</ul>", rows),
                part("<p><em>{}</em></p>", visible(self.closing)),
            )
        )


def grade_cell(question: str, answer: str, rubric: str) -> Shown:
    """
    Raises:
        GraderError: no such rubric or question, or a fault in the rubric.
    """
    from grader.course import find_rubric
    from grader.engine.grade import Grader, Settings
    from grader.engine.plan import make_plan
    from grader.model import Status
    from grader.reports.check import question_lines, unreported
    from grader.reports.text import MARKS
    from grader.rubric import load_rubric

    sheet = load_rubric(find_rubric(rubric))
    ids = [q.id for q in sheet.questions]
    if question not in ids:
        raise UsageFault(f"{sheet.id} has no question {question!r}; it has {', '.join(ids)}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cell.json"
        data = {"student": "you", "assignment": sheet.id, "answers": {question: answer}}
        file.write_text(json.dumps(data), "utf-8")
        plan = make_plan([file], sheet.path)
        grader = Grader(plan.rubrics, Settings(public=True))
        try:
            result = grader.grade(replace(plan.jobs[0], source="this cell"))
        finally:
            grader.close()
    if result.status is Status.UNREADABLE or result.submission is None:
        return Shown(answer, (f"cannot be read: {result.message}",))
    lines = question_lines(result, sheet.question(question), MARKS)
    head = f"{question} {sheet.question(question).title}".rstrip()
    read = dict.fromkeys(f.drawn for f in result.findings if f.question == question and f.read_as and f.drawn)
    hidden = unreported(result, [sheet.question(question)])
    return Shown(answer, tuple(lines), tuple(read), head, hidden or CLOSING)


class _Magic:
    """Remembers the rubric from cell to cell."""

    def __init__(self) -> None:
        self._rubric = ""

    def grade(self, line: str, cell: str = "") -> Shown:
        """Show how the answer in this cell is read: %%grade QUESTION [--rubric NAME|FILE]."""
        try:
            question, self._rubric = _arguments(line, self._rubric)
            return grade_cell(question, cell.strip("\n"), self._rubric)
        except GraderError as e:
            return Shown("", (f"grade: {e}",))


def _arguments(line: str, rubric: str) -> tuple[str, str]:
    try:
        words: Sequence[str] = shlex.split(line)
    except ValueError as e:
        raise UsageFault(f"{line!r} cannot be read ({e}). {USAGE}") from e
    words = [
        part for word in words for part in (word.split("=", 1) if word.startswith("--rubric=") else [word])
    ]
    rest = list(words)
    if "--rubric" in rest:
        at = rest.index("--rubric")
        if at + 1 == len(rest):
            raise UsageFault(f"--rubric names no rubric. {USAGE}")
        rubric = rest[at + 1]
        del rest[at : at + 2]
    if len(rest) != 1:
        raise UsageFault(f"expected one question's number, found {' '.join(rest) or 'nothing'}. {USAGE}")
    if not rubric:
        raise UsageFault(f"which rubric? {USAGE}")
    return rest[0], rubric


def load_ipython_extension(shell: Any) -> None:
    """Called by ``%load_ext grader``: registers the cell magic."""
    shell.register_magic_function(_Magic().grade, magic_kind="cell", magic_name="grade")
