"""Worker processes of this machine, each of which can be killed alone.

A worker that dies or outlasts its time costs only what it was doing; the others go on beside a fresh one.
(Not ``concurrent.futures``: there one dead worker breaks the whole pool and none can be killed alone.)
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import wait
from typing import Any

from grader.engine.executors.attempts import Mishap
from grader.engine.executors.base import Worked
from grader.engine.executors.child import Child, Work, heard
from grader.engine.executors.tasks import Losses
from grader.engine.executors.worker import Raised, Task, Terms
from grader.engine.grade import Grader

__all__ = ["Pool"]

FAREWELL_SECONDS = 2.0  # that workers have to end by themselves, when all is done


class Pool(Worked):
    """An executor (see ``tasks.Executor``). Workers start when there is something for them to do."""

    name = "pool"

    def __init__(self, grader: Grader, terms: Terms, workers: int) -> None:
        self.workers = workers
        self.losses = Losses()
        self._grader = grader
        self._terms = terms
        self._again: deque[Work] = deque()
        self._staff: list[Child] = []

    def _each(self, tasks: Iterable[tuple[int, Task]]) -> Iterator[tuple[Work, Any]]:
        """What became of each task. Before one is handed over, its worker has the next."""
        rest = iter(tasks)
        self._again.clear()
        try:
            while self._keep_busy(rest):
                ended = self._listen()
                self._keep_busy(rest)
                yield from ended
        finally:
            for child in self._busy():
                self._drop(child)

    def _busy(self) -> list[Child]:
        return [child for child in self._staff if child.work is not None]

    def _keep_busy(self, rest: Iterator[tuple[int, Task]]) -> bool:
        """Give every worker something to do; ``False``: all is done."""
        idle = [child for child in self._staff if child.work is None]
        while idle or len(self._staff) < self.workers:
            work = self._next(rest)
            if work is None:
                break
            if not idle:
                idle.append(Child(self._terms))
                self._staff += idle
            idle.pop().give(work)
        return bool(self._busy())

    def _next(self, rest: Iterator[tuple[int, Task]]) -> Work | None:
        if self._again:
            return self._again.popleft()
        return next((Work(index, task, self._terms.limit) for index, task in rest), None)

    def _listen(self) -> list[tuple[Work, Any]]:
        """Wait until something happens; what has come to its end."""
        busy = self._busy()
        pipes = [child.pipe for child in busy]
        ready = heard(busy, lambda seconds: wait(pipes, timeout=seconds))
        now = time.monotonic()
        ended = []
        for child in busy:
            assert child.work is not None
            work: Work = child.work
            if child.pipe in ready:
                answer = child.answer()
            elif now >= child.end:
                answer = child.stop()
            else:
                continue
            if isinstance(answer, Mishap):
                self._drop(child)
                answer = work.meets(answer, self.losses)
                if answer is None:
                    self._again.append(work)
                    continue
            if isinstance(answer, Raised):
                raise answer.error
            ended.append((work, answer))
        return ended

    def _drop(self, child: Child) -> None:
        self._staff.remove(child)
        child.kill()

    def close(self) -> None:
        try:
            for child in self._busy():
                self._drop(child)
            for child in self._staff:
                child.dismiss()
            end = time.monotonic() + FAREWELL_SECONDS
            for child in self._staff:
                child.kill(end - time.monotonic())
        finally:
            for child in self._staff:
                child.kill()
            self._staff.clear()
