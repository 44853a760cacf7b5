"""A worker's life: a process that does what comes down a pipe and may be killed at any moment."""

from __future__ import annotations

import importlib
import signal
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from grader.engine.executors.tasks import Failed
from grader.engine.grade import Grader, Settings, broken_result
from grader.errors import GraderError
from grader.model import Job
from grader.rubric import Rubric

__all__ = ["Call", "Raised", "Task", "find", "rubric_of", "too_long", "work"]

WORKER_MEMORY = 4 * 2**30  # bytes a worker may ask for beyond what it has when it starts


@dataclass(frozen=True, slots=True)
class Call:
    """``function(grader, argument)``."""

    function: str
    argument: Any


Task = Job | Call


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception that ends the run."""

    error: GraderError | RuntimeError


def find(function: str) -> Callable[[Grader, Any], Any]:
    """The function that is written ``package.module:name``."""
    module, _, name = function.partition(":")
    found: Callable[[Grader, Any], Any] = getattr(importlib.import_module(module), name)
    return found


def rubric_of(grader: Grader, job: Job) -> Rubric | None:
    return None if job.rubric is None else grader.rubric(job.rubric)


def too_long(limit: float) -> str:
    return (
        f"Grading this submission took more than {limit:g} seconds and was stopped; "
        "none of it was decided. A person looks."
    )


def work(pipe: Connection, rubrics: Mapping[str, str], settings: Settings) -> None:
    """Do what comes down the pipe until nobody is at its other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _limit_memory()
    grader = Grader(rubrics, settings)
    try:
        _serve(pipe, grader)
    finally:
        grader.close()


def _serve(pipe: Connection, grader: Grader) -> None:
    while True:
        try:
            task: Task = pipe.recv()
        except (EOFError, OSError):
            return
        answer: Any
        try:
            answer = (
                find(task.function)(grader, task.argument) if isinstance(task, Call) else grader.grade(task)
            )
        except GraderError as e:
            answer = Raised(type(e)(str(e)))
        except Exception as e:
            answer = Raised(_crash(e))
        try:
            pipe.send(answer)
        except Exception as e:  # such as evidence too deep to be pickled
            pipe.send(_unsent(grader, task, type(e).__name__))


def _unsent(grader: Grader, task: Task, why: str) -> Any:
    if isinstance(task, Call):
        return Failed(f"what {task.function} gave could not be handed over ({why})")
    message = f"The result could not be handed over ({why}); none of it was decided."
    return broken_result(task, rubric_of(grader, task), message)


def _crash(e: Exception) -> RuntimeError:
    """A fault of ours, fit for the parent to raise: its own exception need not survive pickling."""
    crash = RuntimeError(f"{type(e).__name__}: {e}")
    crash.add_note(traceback.format_exc())
    return crash


def _limit_memory() -> None:
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
