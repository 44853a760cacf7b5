"""A saved run as data frames, for workbooks and for people who go on in pandas."""

from __future__ import annotations

import pandas as pd

from grader.model import Status
from grader.reports.points import answer_outcome
from grader.reports.saved import SavedRun
from grader.reports.text import json_line, visible

__all__ = ["findings", "not_read", "questions", "scores"]


def scores(run: SavedRun) -> pd.DataFrame:
    """A row a submission: the columns of ``scores.csv``; what does not exist is missing."""
    rows = [
        {
            "student": visible(s.student),
            "score": s.score,
            "max_score": s.max_score,
            "pending": s.pending if s.questions else None,
            "status": s.status.value,
            "source": visible(s.source),
            **{q.id: q.points for q in s.questions},
        }
        for s in run.submissions
    ]
    first = ["student", "score", "max_score", "pending", "status", "source"]
    frame = pd.DataFrame(rows, columns=[*first, *run.question_ids], dtype="object")
    return frame.astype(dict.fromkeys(["score", "max_score", "pending", *run.question_ids], "float64"))


def questions(run: SavedRun) -> pd.DataFrame:
    """A row a question: how many have it right, and its mean so far: what waits counts as 0."""
    rows = [
        {
            "question": q.id,
            "points": q.points,
            "max_points": q.max_points,
            "outcome": answer_outcome(c.outcome for c in q.criteria).value,
        }
        for s in run.submissions
        for q in s.questions
    ]
    frame = pd.DataFrame(rows, columns=["question", "points", "max_points", "outcome"])
    if frame.empty:
        return pd.DataFrame(columns=["question", "answers", "max_points", "mean_so_far", "share_so_far"])
    grouped = frame.groupby("question", sort=False)
    table = grouped.agg(
        answers=("points", "size"), max_points=("max_points", "max"), mean_so_far=("points", "mean")
    ).reset_index()
    table["share_so_far"] = table["mean_so_far"] / table["max_points"]
    counts = pd.crosstab(frame["question"], frame["outcome"]).reset_index()
    return table.merge(counts, on="question", how="left")


def not_read(run: SavedRun) -> pd.DataFrame:
    """A row a submission that could not be read: why, and what to ask for."""
    rows = [
        (visible(s.student), visible(s.source), visible(s.message), visible(s.cure))
        for s in run.submissions
        if s.status is Status.UNREADABLE
    ]
    return pd.DataFrame(rows, columns=["student", "source", "why", "what helps"], dtype="object")


def findings(run: SavedRun) -> pd.DataFrame:
    """A row a submission and criterion, as in ``findings.jsonl``; the evidence is JSON text."""
    columns = {
        "student": "object",
        "source": "object",
        "question": "object",
        "criterion": "object",
        "kind": "object",
        "outcome": "object",
        "points": "float64",
        "max_points": "float64",
        "message": "object",
        "evidence": "object",
    }
    rows = [
        (
            visible(s.student),
            visible(s.source),
            q.id,
            c.id,
            c.kind,
            c.outcome.value,
            c.points,
            c.max_points,
            visible(c.message),
            json_line(dict(sorted(c.evidence.items()))),
        )
        for s in run.submissions
        for q in s.questions
        for c in q.criteria
    ]
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)
