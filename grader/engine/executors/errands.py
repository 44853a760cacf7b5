"""What a Dask worker does for a run: it keeps worker processes of ours, and minds them as the pool does.

A task that runs here is trusted with nothing: the submission is graded in a child of the Dask worker that can
be killed, so that the worker never dies of one. Whether this machine can do the work at all (the same
toolkit, the same files under the same names) is settled first and refused with a reason.
"""

from __future__ import annotations

import platform
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from grader.course import course_of, reference_files
from grader.engine.digests import digest, machine, toolkit
from grader.engine.executors.attempts import Mishap
from grader.engine.executors.child import Child, Work, heard
from grader.engine.executors.tasks import Failed, Losses
from grader.engine.executors.worker import Task, Terms
from grader.model import Job, SubmissionResult

__all__ = [
    "Done",
    "Errand",
    "Refused",
    "Run",
    "course_digest",
    "do_errand",
    "do_errands",
    "end_run",
    "refusal",
    "size_of",
]


@dataclass(frozen=True, slots=True)
class Run:
    """What all errands of a run have in common. ``toolkit``, ``machine``: digests where it began."""

    id: str
    terms: Terms
    toolkit: bytes
    machine: bytes


@dataclass(frozen=True, slots=True)
class Errand:
    """One task. ``size``: the bytes of the file it is about as the one who asks sees it (``None``: nothing is
    known); ``course``: the digest of the rubrics and references that it needs."""

    index: int
    task: Task
    size: int | None = None
    course: bytes = b""


@dataclass(frozen=True, slots=True)
class Refused:
    """A reason why this machine cannot do the work."""

    message: str


@dataclass(frozen=True, slots=True)
class Done:
    """``answer``: a result, ``Raised``, ``Failed`` or ``Refused``, after ``mishaps``, on that machine."""

    answer: Any
    seconds: float = 0.0
    mishaps: tuple[Mishap, ...] = ()
    worker: str = field(default_factory=platform.node)


@dataclass(slots=True)
class _Staff:
    """The children that work for one run in this process."""

    idle: list[Child] = field(default_factory=list)
    busy: list[Child] = field(default_factory=list)


_staffs: dict[str, _Staff] = {}
_ended: deque[str] = deque(maxlen=256)  # runs
_lock = threading.Lock()


def do_errands(run: Run, errands: Iterable[Errand]) -> list[Done]:
    """Do several tasks, one after the other."""
    return [do_errand(run, errand) for errand in errands]


def do_errand(run: Run, errand: Errand) -> Done:
    """Do one task, in a child of this process."""
    why = refusal(run) or _unseen(run, errand)
    if why:
        return Done(Refused(why))
    work, losses = Work(errand.index, errand.task, run.terms.limit), Losses()
    while True:
        child = _engage(run)
        if child is None:
            return Done(Failed("was stopped"))
        answer = _one_attempt(run, child, work)
        if isinstance(answer, Mishap):
            answer = work.meets(answer, losses)
        if answer is not None:
            return Done(_lasting(run, answer), work.seconds, tuple(work.attempts.mishaps))


def _lasting(run: Run, answer: Any) -> Any:
    """What code gave in another machine's sandbox is no result to be found again on that where we started."""
    if not (isinstance(answer, SubmissionResult) and answer.sandbox) or run.machine == machine():
        return answer
    return replace(answer, trail=replace(answer.trail, lasting=False))


def refusal(run: Run) -> str:
    """Why this process cannot work for a run; empty: it can."""
    if run.toolkit != toolkit():
        return (
            "its toolkit, its Python or one of the libraries that decide values is another than here; "
            "install the same version of homework-grader, with the same requirements, on every worker"
        )
    folder = run.terms.folder
    if folder is not None and not Path(folder).is_dir():
        return f"it does not see the folder {folder}; every worker needs the file system that you work on"
    return ""


def end_run(run: str, patience: float = 0.0) -> None:
    """End all that works for a run in this process; those with nothing to do have so many seconds."""
    with _lock:
        _ended.append(run)
        staff = _staffs.pop(run, _Staff())
    for child in staff.busy:
        child.end_at_once()  # whoever minds it sees that
    for child in staff.idle:
        child.dismiss()
    for child in staff.idle:
        if patience > 0:
            child.kill(patience)


def _unseen(run: Run, errand: Errand) -> str:
    """Why the files of an errand are not those that whoever asks has; empty: they are."""
    task = errand.task
    if not isinstance(task, Job):
        return ""
    folder = Path(run.terms.folder or ".")
    if errand.course and errand.course != course_digest(run, task.rubric):
        return (
            f"what it sees of {task.rubric or 'the course'} and its references is not what we see; "
            "keep the course on a file system that all workers share"
        )
    if errand.size is None:
        return ""
    size = size_of(folder / task.path)
    if size == errand.size:
        return ""
    sees = "does not see" if size is None else f"sees {size} bytes, not {errand.size}, in"
    return f"it {sees} {folder / task.path}; keep submissions on a file system that all workers share"


def size_of(path: Path) -> int | None:
    """The size of a file, 0 for a folder; ``None``: there is nothing."""
    try:
        return path.stat().st_size if path.is_file() else 0 if path.exists() else None
    except OSError:
        return None


def course_digest(run: Run, rubric: str | None) -> bytes:
    """Of a rubric, or of all that a submission may name, with the references of their courses."""
    rubrics = (rubric,) if rubric is not None else tuple(sorted(set(run.terms.rubrics.values())))
    return _course(run.id, Path(run.terms.folder or "."), rubrics)


@lru_cache(maxsize=64)
def _course(run: str, folder: Path, rubrics: tuple[str, ...]) -> bytes:
    """Once a run: all these files are read."""
    parts: list[bytes | str] = []
    for rubric in rubrics:
        references = reference_files(course_of(folder / rubric, folder))
        for name, file in ((rubric, folder / rubric), *sorted(references.items())):
            parts += [name, file.read_bytes() if file.is_file() else b""]
    return digest(*parts)


def _one_attempt(run: Run, child: Child, work: Work) -> Any:
    child.give(work)
    said = False
    while not said and time.monotonic() < child.end:
        said = heard([child], child.pipe.poll)
    answer = child.answer() if said else child.stop()
    _release(run, child, fit=not isinstance(answer, Mishap))
    return answer


def _engage(run: Run) -> Child | None:
    """A child for one attempt; ``None``: the run has ended."""
    while True:
        with _lock:
            if run.id in _ended:
                return None
            staff = _staffs.setdefault(run.id, _Staff())
            child = staff.idle.pop() if staff.idle else None
            if child is not None:
                staff.busy.append(child)
        if child is None:
            child = Child(run.terms)
            _release(run, child, fit=True)  # to be taken from there, if the run still goes on
        elif child.is_alive():
            return child
        else:
            _release(run, child, fit=False)


def _release(run: Run, child: Child, fit: bool) -> None:
    with _lock:
        staff = _staffs.get(run.id)
        if staff is not None:
            if child in staff.busy:
                staff.busy.remove(child)
            if fit:
                staff.idle.append(child)
                return
    child.kill()
