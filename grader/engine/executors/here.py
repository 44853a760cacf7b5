"""In this process: easiest to debug, and nothing is killed; a time limit where the platform can."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

from grader.engine.executors.attempts import Mishap
from grader.engine.executors.base import Worked
from grader.engine.executors.child import Work
from grader.engine.executors.tasks import SUBMISSION_SECONDS, Losses
from grader.engine.executors.worker import Task, do
from grader.engine.grade import Grader

__all__ = ["Here"]


class _OutOfTime(BaseException):
    """Not an ``Exception``: no handler on the way may take it for a checker's fault."""


class Here(Worked):
    """An executor (see ``tasks.Executor``) that works while its results are asked for."""

    name = "here"
    workers = 1

    def __init__(self, grader: Grader, seconds: float = SUBMISSION_SECONDS) -> None:
        self.losses = Losses()
        self._grader = grader
        self._limit = seconds

    def _each(self, tasks: Iterable[tuple[int, Task]]) -> Iterator[tuple[Work, Any]]:
        for index, task in tasks:
            work = Work(index, task, self._limit)
            yield work, self._do(work)

    def _do(self, work: Work) -> Any:
        while True:
            place = ""

            def at(now: str) -> None:
                nonlocal place
                place = now

            start = time.perf_counter()
            try:
                with _alarm(self._limit):
                    return do(self._grader, work.piece(), at)
            except _OutOfTime:
                failed = work.meets(Mishap(place), self.losses)
            finally:
                work.seconds = time.perf_counter() - start
            if failed is not None:
                return failed

    def close(self) -> None:
        self._grader.close()


@contextlib.contextmanager
def _alarm(limit: float) -> Iterator[None]:
    """Stops Python code after ``limit`` seconds where the platform can (only in the main thread)."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
