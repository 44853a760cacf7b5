"""What goes into an executor and what comes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from grader.model import Job, SubmissionResult

__all__ = ["SUBMISSION_SECONDS", "Executor", "Failed", "Graded", "Losses"]

SUBMISSION_SECONDS = 120.0  # that one submission may take


@dataclass(frozen=True, slots=True)
class Graded:
    """A result and the seconds it took (which belong in no file that must be reproducible)."""

    result: SubmissionResult
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """In place of what a called function gives: why it gave nothing."""

    message: str


@dataclass(slots=True)
class Losses:
    """What happened to workers: for the record of a run.

    ``deaths``: workers that ended by themselves; ``stopped``: that had to be, at the end of their time;
    ``retries``: tasks that were given out again; ``left_out``: places without which; ``given_up``: tasks.
    """

    deaths: int = 0
    stopped: int = 0
    retries: int = 0
    left_out: int = 0
    given_up: int = 0


class Executor(Protocol):
    """Where work is done, and kept warm between two calls; leaving its ``with`` ends what it started.

    Both methods take their work from an iterator, a few pieces at a time and no more (back-pressure: whoever
    consumes slowly is not buried), and hand results back as they end, in any order, each with the number
    its piece came with. One of the two runs at a time. Leaving a loop early gives up what was under way.
    """

    @property
    def name(self) -> str: ...

    @property
    def workers(self) -> int:
        """How many pieces are worked on side by side."""

    @property
    def losses(self) -> Losses:
        """What happened to workers so far."""

    def grade(self, jobs: Iterable[tuple[int, Job]]) -> Iterator[tuple[int, Graded]]:
        """Grade submissions; each gets its result, whatever it does to its worker.

        Raises:
            AuthorFault: a rubric that a submission needs is not valid.
        """

    def call(self, function: str, arguments: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
        """``function(grader, argument)`` for each argument, in the workers: what it returns, or ``Failed``
        where it ended or outlasted its worker.

        ``function`` is written ``package.module:name``, since the engine may not know who calls; ``grader``
        is the worker's own ``Grader``, with rubrics loaded. Arguments and values are pickled: frozen values,
        text, bytes.

        Raises:
            GraderError: what the function raised; any other exception as ``RuntimeError`` with its text.
        """

    def close(self) -> None:
        """End everything that was started; again is fine."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...
