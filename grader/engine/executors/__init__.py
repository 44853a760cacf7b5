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
from grader.engine.executors.tasks import SUBMISSION_SECONDS, Executor, Failed, Graded, Losses
from grader.engine.executors.worker import Terms
from grader.engine.grade import Grader
from grader.model import Job, SubmissionResult

__all__ = ["SUBMISSION_SECONDS", "Executor", "Failed", "Graded", "Losses", "grade_all", "make_executor"]

OnDone = Callable[[SubmissionResult], None]


def make_executor(
    grader: Grader,
    rubrics: Mapping[str, str],
    workers: int | None,
    seconds: float | None = None,
    *,
    dask: bool = False,
    scheduler: str | None = None,
) -> Executor:
    """``workers=None``: this process, with ``grader``; otherwise so many processes, each with one of its own.

    ``rubrics`` are those that ``grader`` has; ``seconds``: what one piece of work may take. ``dask``: the
    processes are minded by a Dask cluster, the one at the address ``scheduler`` or one in this process.

    Raises:
        UsageFault: Dask is not installed, or the cluster is not there or cannot do the work.
    """
    limit = SUBMISSION_SECONDS if seconds is None else seconds
    terms = Terms(dict(rubrics), grader.settings, limit)
    if dask or scheduler is not None:
        from grader.engine.executors.dask import OnDask  # an extra, and slow to load

        return OnDask(grader, terms, max(1, workers or 1), scheduler)
    return Here(grader, limit) if workers is None else Pool(grader, terms, max(1, workers))


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
