"""PrairieLearn: ``results.json`` of an external grader, one folder a student; the score is a share, 0 to 1.

A submission that could not be read is not gradable, so that it costs no attempt.
"""

from __future__ import annotations

import json
from typing import Any

from grader.reports.exports import Files, Wanted
from grader.reports.exports._text import explained, points
from grader.reports.saved import SavedRun, SavedSubmission
from grader.reports.text import page_names


def write(run: SavedRun, wanted: Wanted) -> Files:
    names = page_names([(s.student, s.source) for s in run.submissions])
    return {
        f"{name}/results.json": json.dumps(results(s), indent=2, ensure_ascii=True).encode("ascii")
        for name, s in zip(names, run.submissions, strict=True)
    }


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
                "name": q.id,
                "points": q.points,
                "max_points": q.max_points,
                "message": points(q),
                "output": explained(q),
            }
            for q in submission.questions
        ],
    }
