"""What is graded against what, settled before any work is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.course import find_rubric, named_rubric, rubric_names
from grader.errors import UsageFault
from grader.model import Job
from grader.readers.discover import discover

__all__ = ["Plan", "make_plan"]


@dataclass(frozen=True, slots=True)
class Plan:
    """``rubrics``: the names a submission may give its assignment → rubric files.

    ``rubric``: the one file all jobs are graded against, if the instructor said so.
    """

    jobs: tuple[Job, ...]
    rubrics: Mapping[str, str]
    rubric: str | None


def make_plan(
    paths: Sequence[Path], rubric: str | None, *, out: Path | None = None, start: Path | None = None
) -> Plan:
    """The jobs in a fixed order; what lies in ``out`` is an earlier run's, not a submission.

    Raises:
        UsageFault: a path or rubric that does not exist, or nothing to grade.
    """
    for path in paths:
        if out is not None and path.resolve().is_relative_to(out.resolve()):
            raise UsageFault(f"--out {out}: the submissions in {path} lie in it; give another folder")
    file = None if rubric is None else str(find_rubric(rubric, start))
    jobs = [replace(job, rubric=file) for job in discover(paths) if not _inside(job, out)]
    if not jobs:
        raise UsageFault(
            f"there is nothing to grade in {', '.join(map(str, paths))}; "
            "submissions are .ipynb, .json, .md, .mmd and .txt files, or folders of them"
        )
    names = {name: str(named_rubric(name, start)) for name in rubric_names(start)}
    return Plan(tuple(jobs), names, file)


def _inside(job: Job, out: Path | None) -> bool:
    return out is not None and Path(job.path).resolve().is_relative_to(out.resolve())
