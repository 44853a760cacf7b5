"""What several formats say in the same words."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

from grader.errors import UsageFault
from grader.model import Outcome
from grader.reports.saved import SavedQuestion, SavedRun, SavedSubmission
from grader.reports.text import csv_text, number, page_names, visible

MAX_MESSAGE = 1000  # characters of one criterion's message

WORDS = {
    Outcome.CORRECT: "correct",
    Outcome.PARTIAL: "partly right",
    Outcome.INCORRECT: "not right",
    Outcome.UNREADABLE: "could not be read: a person looks",
    Outcome.MISSING: "missing",
    Outcome.REVIEW: "waits for a person",
    Outcome.ERROR: "could not be checked (no fault of yours): a person looks",
}


def points(question: SavedQuestion) -> str:
    """``3 of 4`` or ``2 of 4 so far, 1 waits for a person``."""
    text = f"{number(question.points)} of {number(question.max_points)}"
    if question.pending:
        wait = "waits" if question.pending == 1 else "wait"
        text += f" so far, {number(question.pending)} {wait} for a person"
    return text


def explained(question: SavedQuestion) -> str:
    """A line for every criterion, with what is said of it."""
    return "\n".join(
        f"{visible(c.title) or c.id} ({number(c.points)}/{number(c.max_points)}, {WORDS[c.outcome]}): "
        f"{visible(c.message)[:MAX_MESSAGE]}"
        for c in question.criteria
    )


def feedback(submission: SavedSubmission) -> str:
    """All of a submission in plain text."""
    return "\n\n".join(
        f"{f'{q.id} {visible(q.title)}'.rstrip()}: {points(q)}\n{explained(q)}" for q in submission.questions
    )


def greatest_score(run: SavedRun) -> float:
    """The points a gradebook's column can hold.

    Raises:
        UsageFault: two sheets with different totals were graded in one run.
    """
    found = sorted({s.max_score for s in run.submissions if s.max_score is not None})
    if len(found) > 1:
        raise UsageFault(
            f"{run.folder} holds sheets of {' and '.join(map(number, found))} points; a gradebook's "
            "column has one maximum: grade each sheet into its own folder"
        )
    return found[0] if found else 0.0


def cell(score: float | None) -> str:
    """A score in a gradebook; empty where there is none."""
    return "" if score is None else number(score)


def one_file_each(run: SavedRun, name: str, made: Callable[[SavedSubmission], bytes]) -> dict[str, bytes]:
    """A file for every student; ``{}`` in ``name`` is the student's safe name."""
    names = page_names([(s.student, s.source) for s in run.submissions])
    return {name.format(n): made(s) for n, s in zip(names, run.submissions, strict=True)}


def table(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """A CSV file; nothing in it is a formula to a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([csv_text(c) for c in columns])
    writer.writerows([[csv_text(row.get(c, "")) for c in columns] for row in rows])
    return out.getvalue().encode("utf-8", "backslashreplace")


def found_in(run: SavedRun, row: Mapping[str, str], keys: Sequence[str]) -> SavedSubmission | None:
    """The submission of a roster's row, by the first key under which its student is known."""
    by_id = {s.student: s for s in run.submissions}
    return next((by_id[v] for key in keys if (v := row.get(key, "").strip()) in by_id), None)
