"""Where jobs run: in this process, or in worker processes that can be killed.

An ``Executor`` (``tasks.py``) is handed jobs from an iterator and hands back ``(index, Graded)`` as they end,
in any order, with only a few under way; the same workers call functions by name (pages). ``grade_all`` is
what is left to do when all results are wanted at once, in the order of the jobs::

    with make_executor(grader, rubrics, workers) as executor:
        for index, graded in executor.grade(enumerate(jobs)):
            ...
        for index, page in executor.call("package.module:function", enumerate(arguments)):
            ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from grader.engine.executors.here import Here
from grader.engine.executors.pool import Pool
from grader.engine.executors.tasks import SUBMISSION_SECONDS, Executor, Failed, Graded, Tally
from grader.engine.executors.worker import Terms
from grader.engine.grade import Grader
from grader.model import Job, SubmissionResult

__all__ = ["SUBMISSION_SECONDS", "Executor", "Failed", "Graded", "Tally", "grade_all", "make_executor"]

OnDone = Callable[[SubmissionResult], None]


def make_executor(
    grader: Grader, rubrics: Mapping[str, str], workers: int | None, seconds: float | None = None
) -> Executor:
    """``workers=None``: this process, with ``grader``; otherwise so many processes, each with one of its own.

    ``rubrics`` are those that ``grader`` has; ``seconds``: what one piece of work may take.
    """
    limit = SUBMISSION_SECONDS if seconds is None else seconds
    if workers is None:
        return Here(grader, limit)
    return Pool(grader, Terms(dict(rubrics), grader.settings, limit), max(1, workers))


def grade_all(
    grader: Grader,
    jobs: Sequence[Job],
    rubrics: Mapping[str, str],
    workers: int | None,
    on_done: OnDone = lambda result: None,
    seconds: float | None = None,
) -> list[Graded]:
    """Grade every job; ``workers`` as in ``make_executor``. The results are in the order of the jobs.

    Raises:
        AuthorFault: a rubric that a submission needs is not valid.
    """
    done: dict[int, Graded] = {}
    with make_executor(grader, rubrics, workers, seconds) as executor:
        for index, graded in executor.grade(enumerate(jobs)):
            done[index] = graded
            on_done(graded.result)
    return [done[index] for index in range(len(jobs))]
