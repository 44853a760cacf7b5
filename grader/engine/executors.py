"""Where jobs run: in this process, or in worker processes that can be killed.

Results come back in the order of the jobs, whatever finished first. A worker that dies or outlasts
``SUBMISSION_SECONDS`` costs only the submission it was grading; the others go on in a fresh worker.
(Not ``concurrent.futures``: there one dead worker breaks the whole pool and none can be killed alone.)
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any

from grader.engine.grade import Grader, Settings, broken_result
from grader.errors import AuthorFault
from grader.model import Job, SubmissionResult
from grader.rubric import Rubric

__all__ = ["SUBMISSION_SECONDS", "Graded", "grade_all"]

SUBMISSION_SECONDS = 120.0
WORKER_MEMORY = 4 * 2**30  # bytes a worker may ask for beyond what it has when it starts
FAREWELL_SECONDS = 2.0  # that workers have to end by themselves, when all is done
LIVES = 2  # how often a submission may kill its worker before it is given up

# A forked child would inherit the locks of threads it does not have (progress bars, BLAS).
START_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"

OnDone = Callable[[SubmissionResult], None]


@dataclass(frozen=True, slots=True)
class Graded:
    """A result and the seconds it took (which belong in no file that must be reproducible)."""

    result: SubmissionResult
    seconds: float


def grade_all(
    grader: Grader,
    jobs: Sequence[Job],
    rubrics: Mapping[str, str],
    workers: int | None,
    on_done: OnDone = lambda result: None,
    seconds: float | None = None,
) -> list[Graded]:
    """Grade every job. ``workers=None``: in this process, with ``grader``; otherwise in so many processes.

    Raises:
        AuthorFault: a rubric that a submission needs is not valid.
    """
    limit = SUBMISSION_SECONDS if seconds is None else seconds
    if workers is None:
        return _in_this_process(grader, jobs, on_done, limit)
    return _Pool(grader, jobs, rubrics, on_done, limit).run(max(1, min(workers, len(jobs))))


def _too_long(limit: float) -> str:
    return (
        f"Grading this submission took more than {limit:g} seconds and was stopped; "
        "none of it was decided. A person looks."
    )


# ---- in this process


class _OutOfTime(BaseException):
    """Not an ``Exception``: no handler on the way may take it for a checker's fault."""


def _in_this_process(grader: Grader, jobs: Sequence[Job], on_done: OnDone, limit: float) -> list[Graded]:
    graded: list[Graded] = []
    try:
        for job in jobs:
            start = time.perf_counter()
            try:
                with _alarm(limit):
                    result = grader.grade(job)
            except _OutOfTime:
                result = broken_result(job, _rubric(grader, job), _too_long(limit))
            graded.append(Graded(result, time.perf_counter() - start))
            on_done(result)
    finally:
        grader.close()
    return graded


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


# ---- in worker processes


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    index: int = -1  # of the job it is grading; -1: none
    started: float = 0.0


class _Pool:
    def __init__(
        self, grader: Grader, jobs: Sequence[Job], rubrics: Mapping[str, str], on_done: OnDone, limit: float
    ) -> None:
        self._grader = grader
        self._jobs = jobs
        self._rubrics = dict(rubrics)
        self._on_done = on_done
        self._limit = limit
        self._waiting = deque(range(len(jobs)))
        self._deaths = [0] * len(jobs)
        self._done: dict[int, Graded] = {}
        self._workers: list[_Worker] = []
        self._context = multiprocessing.get_context(START_METHOD)
        if START_METHOD == "forkserver":
            self._context.set_forkserver_preload(["grader.engine.grade"])

    def run(self, workers: int) -> list[Graded]:
        try:
            while len(self._done) < len(self._jobs):
                self._keep_busy(workers)
                self._listen()
            self._dismiss()
        finally:
            for worker in self._workers:
                _kill(worker)
        return [self._done[i] for i in range(len(self._jobs))]

    def _dismiss(self) -> None:
        """Let the workers end by themselves: they have sandboxes to close."""
        for worker in self._workers:
            worker.pipe.close()
        end = time.monotonic() + FAREWELL_SECONDS
        for worker in self._workers:
            worker.process.join(max(0.0, end - time.monotonic()))

    def _keep_busy(self, workers: int) -> None:
        for worker in self._workers:
            if worker.index < 0 and self._waiting:
                self._give(worker)
        while self._waiting and len(self._workers) < workers:
            worker = self._start()
            self._workers.append(worker)
            self._give(worker)

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        # mypy: the start methods' contexts share no typed `Process`.
        process: BaseProcess = self._context.Process(  # type: ignore[attr-defined]
            target=_work, args=(theirs, self._rubrics, self._grader.settings), daemon=True
        )
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _give(self, worker: _Worker) -> None:
        worker.index = self._waiting.popleft()
        worker.started = time.monotonic()
        with contextlib.suppress(OSError):  # already dead: seen when we listen
            worker.pipe.send(self._jobs[worker.index])

    def _listen(self) -> None:
        """Wait until something happens, and take note of it."""
        busy = [w for w in self._workers if w.index >= 0]
        first_end = min(w.started for w in busy) + self._limit
        ready = wait([w.pipe for w in busy], timeout=max(0.0, first_end - time.monotonic()))
        now = time.monotonic()
        for worker in busy:
            if worker.pipe in ready:
                self._receive(worker)
            elif now - worker.started >= self._limit:
                self._finish(worker, self._broken(worker, _too_long(self._limit)))
                self._drop(worker)

    def _receive(self, worker: _Worker) -> None:
        try:
            answer: SubmissionResult | AuthorFault | RuntimeError = worker.pipe.recv()
        except (EOFError, OSError):
            self._bury(worker)
            return
        if not isinstance(answer, SubmissionResult):
            raise answer
        self._finish(worker, answer)

    def _bury(self, worker: _Worker) -> None:
        """A dead worker: its submission is tried once more, then given up."""
        worker.process.join()
        index = worker.index
        self._deaths[index] += 1
        if self._deaths[index] < LIVES:
            self._waiting.appendleft(index)
        else:
            message = (
                f"Grading this submission ended its process {LIVES} times (exit code "
                f"{worker.process.exitcode}); none of it was decided. A person looks."
            )
            self._finish(worker, self._broken(worker, message))
        self._drop(worker)

    def _broken(self, worker: _Worker, message: str) -> SubmissionResult:
        job = self._jobs[worker.index]
        return broken_result(job, _rubric(self._grader, job), message)

    def _finish(self, worker: _Worker, result: SubmissionResult) -> None:
        self._done[worker.index] = Graded(result, time.monotonic() - worker.started)
        worker.index = -1
        self._on_done(result)

    def _drop(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        _kill(worker)


def _rubric(grader: Grader, job: Job) -> Rubric | None:
    return None if job.rubric is None else grader.rubric(job.rubric)


def _kill(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()


def _work(pipe: Connection, rubrics: Mapping[str, str], settings: Settings) -> None:
    """A worker's life: grade what comes down the pipe until nobody is at its other end."""
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
            job: Job = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: Any = grader.grade(job)
        except AuthorFault as e:
            answer = type(e)(str(e))
        except Exception as e:
            answer = _crash(e)
        try:
            pipe.send(answer)
        except Exception as e:  # such as evidence too deep to be pickled
            message = f"The result could not be handed over ({type(e).__name__}); none of it was decided."
            pipe.send(broken_result(job, _rubric(grader, job), message))


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
