"""The parent's side of one worker process, and of a task on its way through such processes."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from ctypes import Array, c_char
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

from grader.engine.events import tell, warn
from grader.engine.executors.attempts import Attempts, Mishap, how_it_ended
from grader.engine.executors.tasks import Failed, Graded, Losses
from grader.engine.executors.worker import MAX_PLACE, Call, Piece, Task, Terms, rubric_of, work
from grader.engine.grade import Grader, broken_result

__all__ = ["Child", "Work", "graded", "heard"]

T = TypeVar("T")

MAX_FALSE_STARTS = 20  # workers for one task that end before they begin with it
SLOW_START = 10  # one that outlasts its time meanwhile counts as so many
MAX_FORKS = 5  # tries to have a process at all
FORK_SECONDS = 0.2  # between two of them
HELD_UP = 2.0  # seconds that waiting may take longer than was asked, on a busy machine

# A forked child would inherit the locks of threads it does not have (progress bars, BLAS).
START_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"

_starting = threading.Lock()


class Work:
    """A task on its way: the number it came with, and what it has done to its workers."""

    def __init__(self, index: int, task: Task, limit: float) -> None:
        self.index = index
        self.task = task
        self.attempts = Attempts(limit, whole=isinstance(task, Call))
        self.false_starts = 0
        self.seconds = 0.0  # that the last attempt took

    def piece(self) -> Piece:
        return Piece(self.task, dict(self.attempts.without))

    def meets(self, mishap: Mishap, losses: Losses) -> Failed | None:
        """What a mishap makes of it: given up, or (``None``) to be done again.

        Raises:
            RuntimeError: workers do not even start.
        """
        before = len(self.attempts.without)
        if mishap.place:
            self.attempts.note(mishap)
        else:  # the worker had not begun, or was done: not this task's fault
            self.false_starts += SLOW_START if mishap.hung else 1
            if self.false_starts > MAX_FALSE_STARTS:
                raise RuntimeError(
                    f"worker processes end before they have begun ({mishap.how or 'too slow'})"
                )
        given_up = self.attempts.given_up
        left_out = len(self.attempts.without) - before
        losses.stopped += mishap.hung
        losses.deaths += not mishap.hung
        losses.left_out += left_out
        losses.given_up += bool(given_up)
        losses.retries += not given_up
        warn(
            "worker stopped" if mishap.hung else "worker died",
            **self.name(),
            place=mishap.place,
            how=mishap.how or f"took more than {self.attempts.limit:g} s",
            then="given up" if given_up else "again without this" if left_out else "again",
        )
        if left_out or given_up:
            why = given_up or self.attempts.without[mishap.place]
            warn("given up", **self.name(), place=mishap.place if left_out else "all of it", why=why)
        return Failed(given_up) if given_up else None

    def name(self) -> dict[str, Any]:
        """What a log calls it."""
        if isinstance(self.task, Call):
            return {"index": self.index, "function": self.task.function}
        return {"index": self.index, "student": self.task.student, "source": self.task.source}


def graded(work: Work, answer: Any, grader: Grader) -> Graded:
    """The result of a submission, also of one that was given up."""
    if isinstance(answer, Failed):
        assert not isinstance(work.task, Call)
        message = f"Grading this submission {answer.message}; none of it was decided. A person looks."
        answer = broken_result(work.task, rubric_of(grader, work.task), message)
    tell(
        "job finished",
        index=work.index,
        student=answer.student,
        source=answer.source,
        status=answer.status.value,
        seconds=round(work.seconds, 3),
        attempts=len(work.attempts.mishaps) + 1,
    )
    return Graded(answer, work.seconds)


class Child:
    """A process that does one task at a time.

    ``pipe`` can be waited for: something is there when ``answer`` would not block.
    """

    def __init__(self, terms: Terms) -> None:
        context: Any = multiprocessing.get_context(START_METHOD)  # mypy: they share no typed `Process`
        if START_METHOD == "forkserver":
            context.set_forkserver_preload(["grader.engine.grade"])
        self._place = context.RawArray("c", MAX_PLACE)
        # a fork while `theirs` is open here would keep it open there: this child's end would go unnoticed
        with _starting, _may_have_children():
            self.pipe, theirs = context.Pipe()
            self._process = _started(context, theirs, self._place, terms)
            theirs.close()
        self._limit = terms.limit
        self._started = 0.0
        self.work: Work | None = None

    @property
    def end(self) -> float:
        """When its time is over, on the monotonic clock."""
        return self._started + self._limit

    def give(self, work: Work) -> None:
        self.work = work
        self.begin()
        with contextlib.suppress(OSError):  # already dead: seen when we wait for the answer
            self.pipe.send(work.piece())

    def begin(self) -> None:
        """From now on its time runs."""
        self._started = time.monotonic()

    def answer(self) -> Any:
        """What it says, a ``Mishap`` if it has ended instead; from then on it has no work."""
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            where = self._where()
            return Mishap(where, how_it_ended(self._process.exitcode))
        finally:
            self._done()

    def stop(self) -> Mishap:
        """End it, since its time is over. That somebody held it up is not its work's fault: it has died."""
        how = "held up by SIGSTOP" if _is_held_up(self._process.pid) else ""
        self._process.kill()
        self._done()
        return Mishap(self._where(), how)

    def _done(self) -> None:
        if self.work is not None:
            self.work.seconds = time.monotonic() - self._started
        self.work = None

    def _where(self) -> str:
        self._process.join()
        place: bytes = self._place.value
        return place.decode(errors="replace")

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def end_at_once(self) -> None:
        """From another thread than the one that waits for its answer."""
        self._process.kill()

    def dismiss(self) -> None:
        """Let it end by itself: it has a sandbox to close."""
        with contextlib.suppress(OSError):
            self.pipe.send(None)

    def kill(self, patience: float = 0.0) -> None:
        """End it, after so many seconds."""
        if patience > 0:
            self._process.join(patience)
        self._process.kill()
        self._process.join()
        self.pipe.close()


def heard(children: Sequence[Child], listen: Callable[[float], T]) -> T:
    """What ``listen`` hears, which waits for so many seconds: until the first child's time is over. Where it
    took much longer, this process was held up, and they with it (Ctrl-Z): then their times begin anew."""
    start = time.monotonic()
    seconds = max(0.0, min(child.end for child in children) - start)
    said = listen(seconds)
    if time.monotonic() - start > seconds + HELD_UP:
        for child in children:
            child.begin()
    return said


def _is_held_up(pid: int | None) -> bool:
    """Whether the system says that a process is stopped, for now; where it says nothing, no."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] in (b"T", b"t")
    except (OSError, IndexError):
        return False


def _started(context: Any, pipe: Connection, place: Array[c_char], terms: Terms) -> BaseProcess:
    for more in reversed(range(MAX_FORKS)):
        process: BaseProcess = context.Process(target=work, args=(pipe, place, terms), daemon=True)
        try:
            process.start()
            break
        except (EOFError, ConnectionError):  # the fork server was killed; there will be another one
            if not more:
                raise
            time.sleep(FORK_SECONDS)
    return process


@contextlib.contextmanager
def _may_have_children() -> Iterator[None]:
    """A daemonic process (a Dask worker under its nanny is one) may start none of ``multiprocessing``'s, lest
    they outlive it. Ours end when their pipe does, or by their own timer."""
    process = multiprocessing.current_process()
    if not process.daemon:
        yield
        return
    process.daemon = False
    try:
        yield
    finally:
        process.daemon = True
