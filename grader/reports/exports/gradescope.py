"""Gradescope: ``results.json`` as a programming assignment's autograder writes it, one folder a student.

A question is one test. What waits for a person has no points yet and says so; the score of the whole
submission is left to Gradescope, which adds the tests up. A file that could not be read has no tests; then
Gradescope demands a score, and what the 0 means stands beside it.
"""

from __future__ import annotations

import json
from typing import Any

from grader.reports.exports import Files, Wanted
from grader.reports.exports._text import explained, one_file_each, points
from grader.reports.saved import SavedQuestion, SavedRun, SavedSubmission
from grader.reports.text import visible

UNREAD = (
    "Your file has arrived, but it could not be read, so it has no score yet: a person looks at it. "
    "The 0 beside this stands only because Gradescope takes no results without a number."
)


def write(run: SavedRun, wanted: Wanted) -> Files:
    return one_file_each(
        run, "{}/results.json", lambda s: json.dumps(results(s), indent=2, ensure_ascii=True).encode("ascii")
    )


def results(submission: SavedSubmission) -> dict[str, Any]:
    """The object that Gradescope reads; all text is plain text."""
    if not submission.questions:
        text = UNREAD
        if submission.message:
            text += f"\nWhy: {visible(submission.message)}"
        if submission.cure:
            text += f"\nThe advice to whoever grades: {visible(submission.cure)}"
        return {"score": 0, "output": text, "output_format": "text", "visibility": "visible", "tests": []}
    pending = sum(q.pending for q in submission.questions)
    text = "All questions are graded."
    if pending:
        text = f"{pending:g} points wait for a person and count as 0 until then."
    return {
        "output": text,
        "output_format": "text",
        "test_output_format": "text",
        "visibility": "visible",
        "tests": [_test(q, i) for i, q in enumerate(submission.questions, 1)],
    }


def _test(question: SavedQuestion, position: int) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": f"{question.id} {question.title}".rstrip(),
        "number": str(position),
        "score": question.points,
        "max_score": question.max_points,
        "output": f"{points(question)}\n{explained(question)}",
        "output_format": "text",
        "visibility": "visible",
        "tags": sorted({c.kind for c in question.criteria}),
    }
    if not question.pending:
        test["status"] = "passed" if question.points >= question.max_points else "failed"
    return test
