"""In this process: easiest to debug, and nothing is killed; a time limit where the platform can."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import Any, Self

from grader.engine.executors.tasks import SUBMISSION_SECONDS, Failed, Graded
from grader.engine.executors.worker import find, rubric_of, too_long
from grader.engine.grade import Grader, broken_result
from grader.model import Job

__all__ = ["Here"]


class _OutOfTime(BaseException):
    """Not an ``Exception``: no handler on the way may take it for a checker's fault."""


class Here:
    """An executor (see ``tasks.Executor``) that works while its results are asked for."""

    name = "here"
    workers = 1

    def __init__(self, grader: Grader, seconds: float = SUBMISSION_SECONDS) -> None:
        self._grader = grader
        self._limit = seconds

    def grade(self, jobs: Iterable[tuple[int, Job]]) -> Iterator[tuple[int, Graded]]:
        for index, job in jobs:
            start = time.perf_counter()
            try:
                with _alarm(self._limit):
                    result = self._grader.grade(job)
            except _OutOfTime:
                result = broken_result(job, rubric_of(self._grader, job), too_long(self._limit))
            yield index, Graded(result, time.perf_counter() - start)

    def call(self, function: str, arguments: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
        called = find(function)
        for index, argument in arguments:
            try:
                with _alarm(self._limit):
                    value = called(self._grader, argument)
            except _OutOfTime:
                value = Failed(f"it took more than {self._limit:g} seconds and was stopped")
            yield index, value

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
