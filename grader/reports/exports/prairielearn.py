"""PrairieLearn: ``results.json`` of an external grader, one folder a student; the score is a share, 0 to 1.

A submission that could not be read is not gradable, so that it costs no attempt.
"""

from __future__ import annotations

import json
from typing import Any

from grader.reports.exports import Files, Wanted
from grader.reports.exports._text import explained, one_file_each, points
from grader.reports.saved import SavedRun, SavedSubmission


def write(run: SavedRun, wanted: Wanted) -> Files:
    return one_file_each(
        run, "{}/results.json", lambda s: json.dumps(results(s), indent=2, ensure_ascii=True).encode("ascii")
    )


def results(submission: SavedSubmission) -> dict[str, Any]:
    """The object that PrairieLearn reads."""
    if not submission.questions or not submission.max_score:
        return {"gradable": False, "format_errors": ["The submission could not be read."]}
    pending = sum(q.pending for q in submission.questions)
    score = (submission.score or 0.0) / submission.max_score
    return {
        "gradable": True,
        "score": min(max(score, 0.0), 1.0),
        "message": f"{pending:g} points wait for a person." if pending else "",
        "output": "",
        "tests": [
            {
                "name": f"{q.id} {q.title}".rstrip(),
                "points": q.points,
                "max_points": q.max_points,
                "message": points(q),
                "output": explained(q),
            }
            for q in submission.questions
        ],
    }
