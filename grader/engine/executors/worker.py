"""A worker's life: a process that does what comes down a pipe and may be killed at any moment."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping
from ctypes import Array, c_char
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from grader.engine.executors.tasks import Failed
from grader.engine.grade import Grader, Settings, broken_result
from grader.engine.places import AtPlace, Without
from grader.errors import GraderError
from grader.model import Job
from grader.rubric import Rubric

__all__ = ["MAX_PLACE", "Call", "Piece", "Raised", "Task", "Terms", "do", "rubric_of", "work"]

WORKER_MEMORY = 4 * 2**30  # bytes a worker may ask for beyond what it has when it starts
MAX_PLACE = 512  # bytes
GRACE = 10.0  # seconds after which a worker that nobody stops, stops by itself


@dataclass(frozen=True, slots=True)
class Terms:
    """What a worker is started with. ``folder``: where it stands, if not where its parent stands;
    ``patience``: seconds without work after which it ends (``None``: it waits)."""

    rubrics: Mapping[str, str]
    settings: Settings
    limit: float
    folder: str | None = None
    patience: float | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """``function(grader, argument)``."""

    function: str
    argument: Any


Task = Job | Call


@dataclass(frozen=True, slots=True)
class Piece:
    """A task, and what is left out of it."""

    task: Task
    without: Without


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception that ends the run."""

    error: GraderError | RuntimeError


def do(grader: Grader, piece: Piece, at: AtPlace) -> Any:
    """The task itself, in whichever process."""
    task = piece.task
    if isinstance(task, Call):
        at("call")
        return _find(task.function)(grader, task.argument)
    if task.rubric is not None and not task.fault:
        grader.rubric(task.rubric)  # takes a moment the first time, and no submission is to blame for it
    return grader.grade(task, piece.without, at)


def _find(function: str) -> Callable[[Grader, Any], Any]:
    """The function that is written ``package.module:name``."""
    module, _, name = function.partition(":")
    found: Callable[[Grader, Any], Any] = getattr(importlib.import_module(module), name)
    return found


def rubric_of(grader: Grader, job: Job) -> Rubric | None:
    return None if job.rubric is None else grader.rubric(job.rubric)


def work(pipe: Connection, place: Array[c_char], terms: Terms) -> None:
    """Do what comes down the pipe until it says ``None`` or nobody is at its other end.

    ``place``: where the work is just now, for the others to read.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _limit()
    if terms.folder is not None:
        os.chdir(terms.folder)
    grader = Grader(terms.rubrics, terms.settings)

    def at(now: str) -> None:
        place.value = now.encode()[: MAX_PLACE - 1]

    try:
        while True:
            at("")
            try:
                if not pipe.poll(terms.patience):
                    return
                piece: Piece | None = pipe.recv()
            except (EOFError, OSError):
                return
            if piece is None:
                return
            with _end_by_itself(terms.limit + GRACE):
                answer = _answer(grader, piece, at)
                try:
                    pipe.send(answer)
                except OSError:  # nobody is there any more
                    return
                except Exception as e:  # such as evidence too deep to be pickled
                    pipe.send(_unsent(grader, piece.task, type(e).__name__))
    finally:
        grader.close()


def _answer(grader: Grader, piece: Piece, at: AtPlace) -> Any:
    try:
        return do(grader, piece, at)
    except GraderError as e:
        return Raised(type(e)(str(e)))
    except Exception as e:
        return Raised(_crash(e))


def _unsent(grader: Grader, task: Task, why: str) -> Any:
    if isinstance(task, Call):
        return Failed(f"what it gave could not be handed over ({why})")
    message = f"The result could not be handed over ({why}); none of it was decided."
    return broken_result(task, rubric_of(grader, task), message)


def _crash(e: Exception) -> RuntimeError:
    """A fault of ours, fit for the parent to raise: its own exception need not survive pickling."""
    crash = RuntimeError(f"{type(e).__name__}: {e}")
    crash.add_note(traceback.format_exc())
    return crash


@contextlib.contextmanager
def _end_by_itself(seconds: float) -> Iterator[None]:
    """A worker that hangs ends even if whoever should kill it has been killed (the system's own timer:
    nothing that Python code, or code in C, does can hold it up)."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _limit() -> None:
    """Memory, and no core files, where the platform can."""
    try:
        import resource

        now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):  # not Linux: no limit
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = now + WORKER_MEMORY
    resource.setrlimit(
        resource.RLIMIT_AS, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard)
    )
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
