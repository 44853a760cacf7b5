"""Results as pandas data frames, from which everything that counts or averages is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from grader.model import Status, SubmissionResult
from grader.reports.points import total, waiting
from grader.rubric import Rubric

__all__ = [
    "FINDING_COLUMNS",
    "SCORE_COLUMNS",
    "findings_frame",
    "question_columns",
    "scores_frame",
]

SCORE_COLUMNS = ("student", "score", "max_score", "pending", "status", "source")
FINDING_COLUMNS = (
    "student",
    "question",
    "criterion",
    "kind",
    "outcome",
    "points",
    "max_points",
    "message",
    "read_as",
    "evidence",
    "where",
    "group",
)


def question_columns(rubrics: Iterable[Rubric]) -> list[str]:
    """The question ids of all sheets, each once, in the order of the sheets."""
    return list(dict.fromkeys(q.id for rubric in rubrics for q in rubric.questions))


def scores_frame(results: Sequence[SubmissionResult], rubrics: Sequence[Rubric]) -> pd.DataFrame:
    """One row a submission, as in ``scores.csv``; what does not exist is NaN."""
    by_file = {rubric.path: rubric for rubric in rubrics}
    columns = question_columns(rubrics)
    rows: list[dict[str, Any]] = []
    for result in results:
        rubric = by_file.get(result.rubric)
        readable = result.status is not Status.UNREADABLE
        row: dict[str, Any] = {
            "student": result.student,
            "score": total(f.points for f in result.findings) if readable else None,
            "max_score": float(rubric.max_score) if rubric else None,
            "pending": waiting(result.findings) if readable else None,
            "status": result.status.value,
            "source": result.source,
        }
        for question in rubric.questions if rubric and readable else ():
            row[question.id] = total(f.points for f in result.findings if f.question == question.id)
        rows.append(row)
    frame = pd.DataFrame(rows, columns=[*SCORE_COLUMNS, *columns], dtype="object")
    numeric = ["score", "max_score", "pending", *columns]
    return frame.astype(dict.fromkeys(numeric, "float64"))


def findings_frame(results: Sequence[SubmissionResult]) -> pd.DataFrame:
    """One row a finding; two columns more than the file: ``submission`` (a position) and ``rubric``."""
    rows = [
        {
            "submission": i,
            "rubric": result.rubric,
            **{name: getattr(finding, name) for name in FINDING_COLUMNS},
            "outcome": finding.outcome.value,
            "mistake": finding.evidence.get("mistake"),
        }
        for i, result in enumerate(results)
        for finding in result.findings
    ]
    columns = ["submission", "rubric", *FINDING_COLUMNS, "mistake"]
    # Python's own strings: pandas' string type cannot hold everything a student can write.
    frame = pd.DataFrame(rows, columns=columns, dtype="object")
    return frame.astype({"submission": "int64", "points": "float64", "max_points": "float64"})
