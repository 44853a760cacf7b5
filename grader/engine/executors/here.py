"""In this process: easiest to debug, and nothing is killed; a time limit where the platform can."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import Any, Self

from grader.engine.executors.attempts import Mishap
from grader.engine.executors.child import Work, graded
from grader.engine.executors.tasks import SUBMISSION_SECONDS, Graded, Losses
from grader.engine.executors.worker import Call, do
from grader.engine.grade import Grader
from grader.model import Job

__all__ = ["Here"]


class _OutOfTime(BaseException):
    """Not an ``Exception``: no handler on the way may take it for a checker's fault."""


class Here:
    """An executor (see ``tasks.Executor``) that works while its results are asked for."""

    name = "here"
    workers = 1

    def __init__(self, grader: Grader, seconds: float = SUBMISSION_SECONDS) -> None:
        self.losses = Losses()
        self._grader = grader
        self._limit = seconds

    def grade(self, jobs: Iterable[tuple[int, Job]]) -> Iterator[tuple[int, Graded]]:
        for index, job in jobs:
            work = Work(index, job, self._limit)
            yield index, graded(work, self._do(work), self._grader)

    def call(self, function: str, arguments: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
        for index, argument in arguments:
            yield index, self._do(Work(index, Call(function, argument), self._limit))

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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


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
