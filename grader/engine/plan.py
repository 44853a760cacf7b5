"""What is graded against what, settled before any work is done."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.course import builtin_course, find_course, find_rubric, named_rubric, rubric_names
from grader.errors import UsageFault
from grader.model import Job
from grader.readers.discover import discover
from grader.readers.names import is_readable, listed, printable

__all__ = ["Plan", "make_plan"]

RECORD = "run.json"  # what every report holds


@dataclass(frozen=True, slots=True)
class Plan:
    """``rubrics``: the names a submission may give its assignment → rubric files.

    ``rubric``: the one file all jobs are graded against, if the instructor said so.
    """

    jobs: tuple[Job, ...]
    rubrics: Mapping[str, str]
    rubric: str | None
    notes: tuple[str, ...] = ()  # for the terminal: what was not used, and why


def make_plan(
    paths: Sequence[Path], rubric: str | None, *, out: Path | None = None, start: Path | None = None
) -> Plan:
    """The jobs in a fixed order; what lies in ``out`` is an earlier run's, not a submission.

    Raises:
        UsageFault: a path or rubric that does not exist, nothing to grade, or submissions in ``out``.
    """
    for path in paths:
        if out is not None and _real(path).is_relative_to(_real(out)):
            raise UsageFault(f"--out {out}: the submissions in {path} lie in it; give another folder")
    note = "" if rubric is not None and rubric.endswith(".toml") else _untrusted(paths, start)
    if note:
        builtin = builtin_course().root
        if rubric is not None and rubric not in rubric_names(builtin):
            raise UsageFault(note)
        start, note = builtin, f"The built-in rubrics are used. {note}"
    file = None if rubric is None else str(find_rubric(rubric, start))
    beside: list[tuple[Path, str]] = []
    found = discover(paths, left_out=beside)
    jobs = [replace(job, rubric=file) for job in found if not _inside(Path(job.path), out)]
    if out is not None and len(jobs) < len(found):
        _require_report(out, [Path(job.path) for job in found if _inside(Path(job.path), out)])
    if not jobs:
        raise UsageFault(
            f"there is nothing to grade in {', '.join(map(str, paths))}; "
            "submissions are .ipynb, .json, .md, .mmd and .txt files, or folders of them"
        )
    names = {name: str(named_rubric(name, start)) for name in rubric_names(start)}
    notes = (note, _said([name for place, name in beside if not _inside(place, out)]))
    return Plan(tuple(jobs), names, file, tuple(n for n in notes if n))


def _untrusted(paths: Sequence[Path], start: Path | None) -> str:
    """Why the course folder that we stand in is not used; empty: it is, or there is none.

    A course folder is trusted: its references are Python. One that came with the submissions is not.
    """
    course = find_course(start)
    if course.builtin:
        return ""
    here = (start or Path.cwd()).resolve()
    for path in paths:
        place = _real(here / path)
        if course.root.is_relative_to(place) or (place.is_file() and place.parent == course.root):
            return (
                f"{path}: the rubrics/ and reference/ of {course.root} lie in or beside what is graded and "
                "may be a student's; keep submissions in a folder of their own, or run grade from another "
                "folder"
            )
        if place.is_relative_to(course.root) and here != course.root:
            return (
                f"{path}: the course folder {course.root} was found above the current folder, together "
                f"with what is graded; run grade from {course.root} itself if it is yours, else from another "
                "folder"
            )
    return ""


def _said(aside: Sequence[str]) -> str:
    """What lies beside the submissions: left out, but not unsaid."""
    if not aside:
        return ""
    why = "its name says that it is" if len(aside) == 1 else "their names say that they are"
    return f"not graded, since {why} no submission: {listed(aside)}; to grade one, name it after `grade run`"


def _real(path: Path) -> Path:
    """Where it really lies. What cannot be followed is refused where it is used."""
    return Path(os.path.realpath(path))  # Path.resolve raises for a link to itself


def _inside(path: Path, out: Path | None) -> bool:
    """Does the file lie in ``out``? A link lies where it stands, not where it leads."""
    if out is None:
        return False
    return (_real(path.parent) / path.name).is_relative_to(_real(out))


def _require_report(out: Path, left_out: Sequence[Path]) -> None:
    """What is left out is an earlier report, not a student's folder.

    Raises:
        UsageFault: it is not.
    """
    if (out / RECORD).is_file():
        return
    files = [f for path in left_out for f in (sorted(path.iterdir()) if path.is_dir() else [path])]
    work = next((f for f in files if is_readable(f.name)), None)
    if work is not None:
        raise UsageFault(
            f"--out {out}: holds what may be a submission ({printable(work)}) and no earlier report; "
            "give another folder"
        )
