"""Moodle: a CSV for Grades → Import, or the assignment's offline grading worksheet filled in.

With the worksheet as roster its rows and columns come back with Grade and Feedback comments; a student is
found by ID number, Email address, Username or Identifier ("Participant 123" is student 123). Moodle shows
feedback as HTML, so it is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Mapping

from grader.errors import UsageFault
from grader.reports.exports import Files, Wanted
from grader.reports.exports._text import cell, feedback, found_in, greatest_score, table
from grader.reports.saved import SavedRun, SavedSubmission
from grader.reports.text import number

ONE_SCORE = True  # a cell for the whole sheet
ROSTER_KEYS = ("ID number", "Email address", "Username", "Identifier")
GRADE, MOST, COMMENTS = "Grade", "Maximum Grade", "Feedback comments"


def write(run: SavedRun, wanted: Wanted) -> Files:
    most = number(greatest_score(run))
    if not wanted.roster:
        column = wanted.title or run.title
        rows = [
            {"ID number": s.student, column: cell(wanted.score(s)), f"{column} (feedback)": _comments(s)}
            for s in run.submissions
        ]
        return {"moodle.csv": table(["ID number", column, f"{column} (feedback)"], rows)}
    _require_same_scale(wanted, most)
    columns = list(wanted.columns) + [c for c in (GRADE, MOST, COMMENTS) if c not in wanted.columns]
    filled = []
    for row in wanted.roster:
        mine = found_in(run, known_as(row), ROSTER_KEYS)
        score = None if mine is None else wanted.score(mine)
        new = {MOST: row.get(MOST, "") or most}
        if mine is not None and score is not None:
            new |= {GRADE: number(score), COMMENTS: _comments(mine)}
        filled.append({**row, **new})
    return {"moodle.csv": table(columns, filled)}


def _require_same_scale(wanted: Wanted, most: str) -> None:
    """3 of 13 points must not become 3 of 100.

    Raises:
        UsageFault: the worksheet's maximum is another one than the sheet's.
    """
    for said in dict.fromkeys(row.get(MOST, "").strip() for row in wanted.roster):
        try:
            same = not said or float(said.replace(",", ".")) == float(most)
        except ValueError:
            same = False
        if not same:
            raise UsageFault(
                f"the worksheet's {MOST} is {said}, the sheet has {most} points; set the assignment's "
                f"maximum grade in Moodle to {most} and download the worksheet again"
            )


def known_as(row: Mapping[str, str]) -> Mapping[str, str]:
    """The row with the bare number, which is what stands in the names of Moodle's files."""
    return {**row, "Identifier": row.get("Identifier", "").strip().removeprefix("Participant ")}


def _comments(submission: SavedSubmission) -> str:
    return html.escape(feedback(submission)).replace("\n", "<br>")
