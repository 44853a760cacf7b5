"""Worker processes of this machine, each of which can be killed alone.

A worker that dies or outlasts its time costs only what it was doing; the others go on beside a fresh one.
(Not ``concurrent.futures``: there one dead worker breaks the whole pool and none can be killed alone.)
"""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Self

from grader.engine.executors.tasks import SUBMISSION_SECONDS, Failed, Graded
from grader.engine.executors.worker import Call, Raised, Task, rubric_of, work
from grader.engine.grade import Grader, broken_result
from grader.model import Job

__all__ = ["Pool"]

FAREWELL_SECONDS = 2.0  # that workers have to end by themselves, when all is done
LIVES = 2  # how often a piece of work may kill its worker before it is given up

# A forked child would inherit the locks of threads it does not have (progress bars, BLAS).
START_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


@dataclass(slots=True)
class _Piece:
    """A piece of work and how often it ended its worker."""

    index: int
    task: Task
    deaths: int = 0


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    piece: _Piece | None = None  # that it works on
    started: float = 0.0


class Pool:
    """An executor (see ``tasks.Executor``). Workers start when there is something for them to do."""

    name = "pool"

    def __init__(
        self,
        grader: Grader,
        rubrics: Mapping[str, str],
        workers: int,
        seconds: float = SUBMISSION_SECONDS,
    ) -> None:
        self.workers = workers
        self._grader = grader
        self._rubrics = dict(rubrics)
        self._limit = seconds
        self._again: deque[_Piece] = deque()
        self._staff: list[_Worker] = []
        self._context = multiprocessing.get_context(START_METHOD)
        if START_METHOD == "forkserver":
            self._context.set_forkserver_preload(["grader.engine.grade"])

    def grade(self, jobs: Iterable[tuple[int, Job]]) -> Iterator[tuple[int, Graded]]:
        for piece, seconds, answer in self._run(jobs):
            if isinstance(answer, Failed):
                assert isinstance(piece.task, Job)
                message = (
                    f"Grading this submission{answer.message[2:]}; none of it was decided. A person looks."
                )
                answer = broken_result(piece.task, rubric_of(self._grader, piece.task), message)
            yield piece.index, Graded(answer, seconds)

    def call(self, function: str, arguments: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
        for piece, _, value in self._run((index, Call(function, a)) for index, a in arguments):
            yield piece.index, value

    def _run(self, tasks: Iterable[tuple[int, Task]]) -> Iterator[tuple[_Piece, float, Any]]:
        """What became of each piece, and the seconds it took; the next one is given out before."""
        rest = iter(tasks)
        self._again.clear()
        try:
            while self._keep_busy(rest):
                ended = self._listen()
                self._keep_busy(rest)
                yield from ended
        finally:
            for worker in [w for w in self._staff if w.piece is not None]:
                self._drop(worker)

    def _keep_busy(self, rest: Iterator[tuple[int, Task]]) -> bool:
        """Give every worker something to do; ``False``: all is done."""
        idle = [w for w in self._staff if w.piece is None]
        while idle or len(self._staff) < self.workers:
            piece = self._next(rest)
            if piece is None:
                break
            if not idle:
                self._staff.append(self._start())
                idle = self._staff[-1:]
            self._give(idle.pop(), piece)
        return any(w.piece is not None for w in self._staff)

    def _next(self, rest: Iterator[tuple[int, Task]]) -> _Piece | None:
        if self._again:
            return self._again.popleft()
        return next((_Piece(index, task) for index, task in rest), None)

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        # mypy: the start methods' contexts share no typed `Process`.
        process: BaseProcess = self._context.Process(  # type: ignore[attr-defined]
            target=work, args=(theirs, self._rubrics, self._grader.settings), daemon=True
        )
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _give(self, worker: _Worker, piece: _Piece) -> None:
        worker.piece = piece
        worker.started = time.monotonic()
        with contextlib.suppress(OSError):  # already dead: seen when we listen
            worker.pipe.send(piece.task)

    def _listen(self) -> list[tuple[_Piece, float, Any]]:
        """Wait until something happens; what has come to its end."""
        busy = [w for w in self._staff if w.piece is not None]
        first_end = min(w.started for w in busy) + self._limit
        ready = wait([w.pipe for w in busy], timeout=max(0.0, first_end - time.monotonic()))
        now = time.monotonic()
        ended = []
        for worker in busy:
            assert worker.piece is not None
            piece = worker.piece
            if worker.pipe in ready:
                answer = self._receive(worker, piece)
            elif now - worker.started >= self._limit:
                answer = Failed(f"it took more than {self._limit:g} seconds and was stopped")
                self._drop(worker)
            else:
                continue
            if isinstance(answer, Raised):
                raise answer.error
            if answer is not None:
                worker.piece = None
                ended.append((piece, time.monotonic() - worker.started, answer))
        return ended

    def _receive(self, worker: _Worker, piece: _Piece) -> Any:
        """The worker's answer; ``None``: it is dead, and what it did is tried once more."""
        try:
            return worker.pipe.recv()
        except (EOFError, OSError):
            worker.process.join()
        exit_code = worker.process.exitcode
        self._drop(worker)
        piece.deaths += 1
        if piece.deaths < LIVES:
            self._again.append(piece)
            return None
        return Failed(f"it ended its process {LIVES} times (exit code {exit_code})")

    def _drop(self, worker: _Worker) -> None:
        self._staff.remove(worker)
        _kill(worker)

    def close(self) -> None:
        """Let the workers end by themselves: they have sandboxes to close."""
        try:
            for worker in [w for w in self._staff if w.piece is not None]:
                self._drop(worker)
            for worker in self._staff:
                worker.pipe.close()
            end = time.monotonic() + FAREWELL_SECONDS
            for worker in self._staff:
                worker.process.join(max(0.0, end - time.monotonic()))
        finally:
            for worker in self._staff:
                _kill(worker)
            self._staff.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _kill(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()
