"""Finished runs in the formats of the places where grades live.

Every format is one file with ``write(run, wanted) -> Files``: what to write, by path below the folder that
was asked for. Nothing is graded again. A submission that waits for a person, or could not be read, has no
score in a gradebook unless the instructor asks for what is decided so far.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from grader.errors import UsageFault
from grader.reports.saved import SavedRun, SavedSubmission, one_each, read_run

__all__ = ["FORMATS", "Export", "Files", "Wanted", "export"]

Files = Mapping[str, bytes]

FORMATS = {
    "gradescope": "results.json for every student, as its autograder wants it",
    "canvas": "a gradebook CSV for Canvas (--roster: the CSV that Canvas exports)",
    "moodle": "a CSV for Moodle (--roster: the offline grading worksheet)",
    "nbgrader": "grades.csv with nbgrader's columns",
    "prairielearn": "results.json for every student, as an external grader's",
    "github": "what GitHub Classroom's grading reporter reads, for every student",
    "excel": "a workbook with a sheet for each view",
    "parquet": "scores and findings for data frames",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the instructor asked for. ``roster``: the rows of a gradebook's own file, ``columns`` its header;
    ``so_far``: scores although something still waits for a person."""

    title: str = ""
    columns: tuple[str, ...] = ()
    roster: tuple[Mapping[str, str], ...] = ()
    so_far: bool = False

    def score(self, submission: SavedSubmission) -> float | None:
        """The score that may leave the house; None: an empty cell."""
        if submission.decided or (self.so_far and submission.questions):
            return submission.score
        return None


@dataclass(frozen=True, slots=True)
class Export:
    """Files to write and what to tell the instructor: sentences, each about something that is not in them."""

    files: Files
    left_out: Sequence[str] = field(default_factory=tuple)


def export(folder: Path, name: str, wanted: Wanted) -> Export:
    """
    Raises:
        UsageFault: no finished run, or a roster that does not fit.
    """
    run = read_run(folder)
    module = _module(name)
    left_out = list[str]()
    if not getattr(module, "ALL_ROWS", False):
        run, left_out = one_each(run)
    if getattr(module, "ONE_SCORE", False):
        left_out += _without_score(run, wanted)
    if wanted.roster:
        left_out += _strangers(run, module, wanted)
    return Export(module.write(run, wanted), left_out)


def _module(name: str) -> ModuleType:
    if name not in FORMATS:
        raise UsageFault(f"there is no format {name!r}; the formats are {', '.join(FORMATS)}")
    return importlib.import_module(f"{__name__}.{name}")


def _without_score(run: SavedRun, wanted: Wanted) -> list[str]:
    waiting = [s.student for s in run.submissions if s.questions and wanted.score(s) is None]
    unread = [s.student for s in run.submissions if not s.questions]
    said = []
    if waiting:
        said.append(
            f"{_names(waiting)}: no score yet, since something waits for a person "
            "(--so-far writes the points decided so far)"
        )
    if unread:
        said.append(f"{_names(unread)}: no score, since the submission could not be read")
    return said


def _strangers(run: SavedRun, module: ModuleType, wanted: Wanted) -> list[str]:
    keys: Sequence[str] = getattr(module, "ROSTER_KEYS", ())
    if not keys:
        raise UsageFault("--roster is only for gradebooks that have one: canvas and moodle")
    if not set(keys) & set(wanted.columns):
        raise UsageFault(
            f"--roster: none of the columns {', '.join(keys)} is there "
            f"(found: {', '.join(wanted.columns[:12])}); give the file as the gradebook exports it"
        )
    known_as = getattr(module, "known_as", dict)
    known = {known_as(row).get(key, "").strip() for row in wanted.roster for key in keys}
    unknown = [s.student for s in run.submissions if s.student not in known]
    if not unknown:
        return []
    return [f"{_names(unknown)}: not in the roster (looked at {', '.join(keys)}), so in no row of the file"]


def _names(students: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(students[:most])
    return shown if len(students) <= most else f"{shown} and {len(students) - most} more"
