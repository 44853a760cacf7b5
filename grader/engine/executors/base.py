"""What every executor has in common: a job becomes its result, a call its value, and ``with`` closes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from grader.engine.executors.child import Work, graded
from grader.engine.executors.tasks import Graded
from grader.engine.executors.worker import Call, Task
from grader.engine.grade import Grader
from grader.model import Job

__all__ = ["Worked"]


class Worked(ABC):
    """The methods of ``tasks.Executor`` for whoever can say what became of each task."""

    _grader: Grader

    @abstractmethod
    def _each(self, tasks: Iterable[tuple[int, Task]]) -> Iterator[tuple[Work, Any]]:
        """What became of each task, in any order."""

    @abstractmethod
    def close(self) -> None: ...

    def grade(self, jobs: Iterable[tuple[int, Job]]) -> Iterator[tuple[int, Graded]]:
        for work, answer in self._each(jobs):
            yield work.index, graded(work, answer, self._grader)

    def call(self, function: str, arguments: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
        for work, answer in self._each((index, Call(function, a)) for index, a in arguments):
            yield work.index, answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
