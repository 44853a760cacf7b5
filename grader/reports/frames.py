"""Results as pandas data frames, from which everything that counts or averages is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from grader.model import Finding, Status, SubmissionResult
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


ALL_COLUMNS = ("submission", "rubric", *FINDING_COLUMNS, "mistake")


def findings_frame(
    results: Sequence[SubmissionResult],
    columns: Sequence[str] = ALL_COLUMNS,
    question: tuple[str, str] | None = None,
) -> pd.DataFrame:
    """One row a finding; more columns than the file has: ``submission`` (a position), ``rubric`` and
    ``mistake``. Where rows are many, the ``columns`` that are wanted, of one ``question`` of a rubric."""
    read = {name: _COLUMNS.get(name) or _field(name) for name in columns}
    data: dict[str, list[Any]] = {name: [] for name in columns}
    for i, result in enumerate(results):
        for finding in result.findings:
            if question is not None and (result.rubric, finding.question) != question:
                continue
            for name, value in read.items():
                data[name].append(value(i, result, finding))
    # Python's own strings: pandas' string type cannot hold everything a student can write.
    frame = pd.DataFrame(data, columns=list(columns), dtype="object")
    return frame.astype({name: kind for name, kind in _KINDS.items() if name in data})


Read = Callable[[int, SubmissionResult, Finding], Any]
_KINDS = {"submission": "int64", "points": "float64", "max_points": "float64"}
_COLUMNS: dict[str, Read] = {
    "submission": lambda i, result, finding: i,
    "rubric": lambda i, result, finding: result.rubric,
    "student": lambda i, result, finding: result.student,
    "outcome": lambda i, result, finding: finding.outcome.value,
    "mistake": lambda i, result, finding: finding.evidence.get("mistake"),
}


def _field(name: str) -> Read:
    return lambda i, result, finding: getattr(finding, name)
