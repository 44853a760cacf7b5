"""nbgrader: the columns of its ``grades.csv``. What we do not know (names, dates, lateness) stays empty."""

from __future__ import annotations

from grader.reports.exports import Files, Wanted
from grader.reports.exports._text import table
from grader.reports.saved import SavedRun
from grader.reports.text import number

ONE_SCORE = True  # a cell for the whole sheet

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)


def write(run: SavedRun, wanted: Wanted) -> Files:
    rows = []
    for s in run.submissions:
        score = wanted.score(s)
        text = "" if score is None else number(score)
        rows.append(
            {
                "assignment": wanted.title or run.title,
                "student_id": s.student,
                "raw_score": text,
                "late_submission_penalty": "" if score is None else "0",
                "score": text,
                "max_score": "" if s.max_score is None else number(s.max_score),
            }
        )
    return {"grades.csv": table(COLUMNS, rows)}
