"""Canvas: the gradebook's CSV with one column for this sheet.

With the CSV that Canvas exports as roster, its rows come back with one column more (or the column of that
name filled); a student is found by SIS User ID, SIS Login ID or ID. Without, our id is the SIS User ID.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.reports.exports import Files, Wanted
from grader.reports.exports._text import cell, found_in, greatest_score, table
from grader.reports.saved import SavedRun
from grader.reports.text import number

ONE_SCORE = True  # a cell for the whole sheet
WHO = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
ROSTER_KEYS = ("SIS User ID", "SIS Login ID", "ID")
POSSIBLE = "    Points Possible"  # Canvas writes the four spaces


def write(run: SavedRun, wanted: Wanted) -> Files:
    title = wanted.title or run.title
    possible = {WHO[0]: POSSIBLE, title: number(greatest_score(run))}
    who = [c for c in WHO if c in wanted.columns] or list(WHO)
    if wanted.roster:
        people = [row for row in wanted.roster if row.get(WHO[0], "").strip() != POSSIBLE.strip()]
        rows = [_row(run, row, title, wanted) for row in people if any(row.get(k, "") for k in ROSTER_KEYS)]
    else:
        rows = [
            {"Student": s.student, "SIS User ID": s.student, title: cell(wanted.score(s))}
            for s in run.submissions
        ]
    return {"canvas.csv": table([*who, title], [possible, *rows])}


def _row(run: SavedRun, row: Mapping[str, str], title: str, wanted: Wanted) -> Mapping[str, str]:
    mine = found_in(run, row, ROSTER_KEYS)
    score = None if mine is None else wanted.score(mine)
    return {**{c: row.get(c, "") for c in WHO}, title: cell(score) or row.get(title, "")}
