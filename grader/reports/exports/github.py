"""GitHub Classroom: base64 of the JSON object that its grading reporter takes, one file a student."""

from __future__ import annotations

import base64
import json
from typing import Any

from grader.reports.exports import Files, Wanted
from grader.reports.exports._text import explained, one_file_each, points
from grader.reports.saved import SavedQuestion, SavedRun, SavedSubmission


def write(run: SavedRun, wanted: Wanted) -> Files:
    return one_file_each(run, "{}.txt", lambda s: base64.b64encode(json.dumps(results(s)).encode("ascii")))


def results(submission: SavedSubmission) -> dict[str, Any]:
    """The object before it is encoded."""
    tests = [_test(q) for q in submission.questions]
    passed = bool(tests) and all(t["status"] == "pass" for t in tests)
    return {
        "version": 1,
        "status": "pass" if passed else "fail" if tests else "error",
        "max_score": submission.max_score or 0,
        "tests": tests,
    }


def _test(question: SavedQuestion) -> dict[str, Any]:
    full = question.points >= question.max_points
    return {
        "name": f"{question.id} {question.title}".rstrip(),
        "status": "pass" if full else "error" if question.pending else "fail",
        "score": question.points,
        "max_score": question.max_points,
        "message": f"{points(question)}\n{explained(question)}",
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "execution_time": "0s",
    }
