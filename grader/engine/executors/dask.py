"""On a Dask cluster: one that exists, or one inside this process.

The cluster only carries tasks about; each is done in a child of a Dask worker (``errands.py``). A few small
batches a worker thread are under way, nothing more is queued on the scheduler. Dask gives the tasks of a
worker that went away to another one; what it gives up as the cause of several deaths is handed in again,
since here a task cannot be the cause.
"""

from __future__ import annotations

import contextlib
import queue
import re
import secrets
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path
from typing import Any

from grader.engine.digests import machine, toolkit
from grader.engine.events import tell, warn
from grader.engine.executors import errands
from grader.engine.executors.base import Worked
from grader.engine.executors.child import Work
from grader.engine.executors.errands import Done, Errand, Refused, Run, course_digest, do_errands, size_of
from grader.engine.executors.tasks import Failed, Losses
from grader.engine.executors.worker import Call, Raised, Task, Terms
from grader.engine.grade import Grader
from grader.errors import UsageFault
from grader.model import Job

__all__ = ["OnDask"]

WINDOW = 3  # batches a worker thread that are under way
BATCH_SECONDS = 0.5  # that a batch is meant to take
MAX_BATCH = 32  # tasks
CONNECT_SECONDS = 10.0
WORKERS_SECONDS = 300.0  # that a cluster may be without any worker
LOOK_SECONDS = 5.0  # between two looks at the cluster while nothing comes back
PATIENCE_SECONDS = 600.0  # after which a child ends that nobody gives anything to do
FAREWELL_SECONDS = 5.0
MAX_LOST = 5  # how often the cluster may give one task up (each time after several workers have died)

# what Dask cannot make sense of leaves it waiting for its own unfinished client
_ADDRESS = re.compile(r"(?:(?:tcp|tls|ucx|wss?)://)?(?:[^\s/:\[\]]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}")

MISSING = (
    "Dask is not installed here; install it, in the same version as on the cluster: "
    "pip install 'homework-grader[dask]'"
)


class OnDask(Worked):
    """An executor (see ``tasks.Executor``). ``scheduler``: a cluster's address; ``None``: one of our own in
    this process, with so many ``workers`` (threads, each of which minds a child)."""

    name = "dask"

    def __init__(self, grader: Grader, terms: Terms, workers: int, scheduler: str | None) -> None:
        try:
            import distributed
        except ImportError as e:
            raise UsageFault(MISSING) from e
        self.losses = Losses()
        self._grader = grader
        self._where = "the cluster in this process" if scheduler is None else scheduler
        self._cluster: Any = None
        self._client: Any = None
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._numbers = count()
        self._staff: set[str] = set()  # addresses of the cluster's workers
        self._window = WINDOW
        self._pace = BATCH_SECONDS  # seconds a task, lately
        self._looked = self._manned = time.monotonic()
        if scheduler is not None:
            if not _ADDRESS.fullmatch(scheduler):
                raise UsageFault(
                    f"--scheduler {scheduler!r} is no address of a Dask scheduler, which looks like "
                    "tcp://10.0.0.7:8786"
                )
            settings = replace(terms.settings, store="")  # SQLite is for one machine
            terms = replace(terms, settings=settings, folder=str(Path.cwd()), patience=PATIENCE_SECONDS)
        self._run = Run(secrets.token_hex(8), terms, toolkit(), machine())
        try:
            if scheduler is None:
                self._cluster = _own_cluster(workers)
            self._client = distributed.Client(
                self._cluster if scheduler is None else scheduler,
                timeout=CONNECT_SECONDS,
                set_as_default=False,
            )
        except (OSError, ValueError, TimeoutError) as e:
            self._close_cluster()
            raise UsageFault(f"--scheduler {scheduler}: no Dask scheduler answers there ({e})") from e
        try:
            self._require_workers()
        except BaseException:
            self.close()
            raise

    @property
    def workers(self) -> int:
        """The worker threads that the cluster has just now."""
        return sum(self._client.nthreads().values())

    def _require_workers(self) -> None:
        """
        Raises:
            UsageFault: there are none, or they cannot do the work.
        """
        try:
            self._client.wait_for_workers(1, timeout=WORKERS_SECONDS)
        except TimeoutError as e:
            raise UsageFault(
                f"--scheduler {self._where}: the cluster had no worker for {WORKERS_SECONDS:g} s; "
                "start some, such as with: dask worker ADDRESS"
            ) from e
        for address, said in self._client.run(errands.refusal, self._run, on_error="return").items():
            if isinstance(said, BaseException):
                why = f"it cannot load the toolkit ({said}); install the same homework-grader on every worker"
            else:
                why = said
            if why:
                raise self._refused(address, why)

    def _refused(self, address: str, why: str) -> UsageFault:
        return UsageFault(f"--scheduler {self._where}: the worker {address} cannot be used: {why}")

    def _each(self, tasks: Iterable[tuple[int, Task]]) -> Iterator[tuple[Work, Any]]:
        """What became of each task, with no more than ``WINDOW`` batches a worker thread under way."""
        rest = (Work(index, task, self._run.terms.limit) for index, task in tasks)
        under_way: dict[str, _Batch] = {}
        self._look()
        try:
            while True:
                while len(under_way) < self._window and (works := tuple(islice(rest, self._size()))):
                    self._submit(_Batch(works), under_way)
                if not under_way:
                    return
                if time.monotonic() - self._looked >= LOOK_SECONDS:
                    self._look()
                ended = under_way.pop(self._next_key(), None)
                if ended is None:  # nothing yet, or of a loop that was left early
                    continue
                for work, answer in self._answers(ended):
                    if answer is None:
                        self._submit(_Batch((work,), ended.tries), under_way)
                    else:
                        yield work, answer
        finally:
            if under_way:
                with contextlib.suppress(Exception):
                    self._client.cancel([batch.future for batch in under_way.values()])

    def _size(self) -> int:
        """How many tasks Dask is given as one: what it does for each would take longer than short ones do."""
        return max(1, min(MAX_BATCH, int(BATCH_SECONDS / self._pace)))

    def _next_key(self) -> str:
        try:
            return self._ended.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            return ""

    def _look(self) -> None:
        """See who is there, which decides how much is under way.

        Raises:
            UsageFault: nobody has been for long, or the scheduler has gone.
        """
        now = time.monotonic()
        try:
            threads = self._client.nthreads()
        except (OSError, TimeoutError) as e:
            raise self._gone() from e
        for address in sorted(self._staff - set(threads)):
            self.losses.deaths += 1
            warn("cluster worker gone", worker=address, left=len(threads))
        for address in sorted(set(threads) - self._staff):
            tell("cluster worker", worker=address, threads=threads[address])
        if threads:
            self._manned = now
        elif now - self._manned > WORKERS_SECONDS:
            raise UsageFault(
                f"--scheduler {self._where}: all workers went and none came for {WORKERS_SECONDS:g} s; "
                "start some and run the same command again"
            )
        self._staff = set(threads)
        self._window = WINDOW * max(1, sum(threads.values()))
        self._looked = now

    def _gone(self) -> UsageFault:
        return UsageFault(
            f"--scheduler {self._where}: the Dask scheduler has gone away; when there is one, run the same "
            "command again"
        )

    def _submit(self, batch: _Batch, under_way: dict[str, _Batch]) -> None:
        batch.errands = tuple(self._errand(work) for work in batch.works)
        batch.tries += 1
        key = f"grade-{self._run.id}-{next(self._numbers)}"
        batch.future = self._client.submit(do_errands, self._run, batch.errands, key=key, pure=False)
        under_way[key] = batch
        batch.future.add_done_callback(lambda future: self._ended.put(future.key))

    def _errand(self, work: Work) -> Errand:
        task = work.task
        if isinstance(task, Call) or self._cluster is not None:
            return Errand(work.index, task)
        return Errand(work.index, task, size_of(Path(task.path)), course_digest(self._run, task.rubric))

    def _answers(self, ended: _Batch) -> list[tuple[Work, Any]]:
        """What became of the tasks of a batch; ``None``: to be handed in again."""
        from distributed import KilledWorker

        try:
            done: list[Done] = ended.future.result()
        except (KilledWorker, OSError, TimeoutError) as e:
            self._look()  # is anybody there at all?
            return [(work, self._lost(work, ended.tries, e)) for work in ended.works]
        except CancelledError as e:
            raise self._gone() from e
        except Exception as e:
            crash = RuntimeError(f"the Dask task failed ({type(e).__name__}: {e})")
            raise crash from e
        answers = []
        for work, errand, what in zip(ended.works, ended.errands, done, strict=True):
            work.seconds = what.seconds
            self._pace += (max(what.seconds, 1e-3) - self._pace) / 10
            for mishap in what.mishaps:
                work.meets(mishap, self.losses)
            if isinstance(what.answer, Raised):
                raise what.answer.error
            answer = what.answer
            if isinstance(answer, Refused):
                self._require_change(errand, what, ended.tries)
                answer = None
            answers.append((work, answer))
        return answers

    def _lost(self, work: Work, tries: int, e: Exception) -> Failed | None:
        given_up = tries > MAX_LOST
        self.losses.retries += not given_up
        self.losses.given_up += given_up
        warn("task lost", **work.name(), how=type(e).__name__, then="given up" if given_up else "again")
        return Failed(f"was lost {tries} times with workers of the cluster") if given_up else None

    def _require_change(self, errand: Errand, done: Done, tries: int) -> None:
        """
        Raises:
            UsageFault: a worker cannot do the work, and not because the file has changed meanwhile.
        """
        task = errand.task
        changed = isinstance(task, Job) and size_of(Path(task.path)) != errand.size
        if not changed or tries > MAX_LOST:
            raise self._refused(done.worker, done.answer.message)

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            if self._cluster is None:
                # a worker that has just died would hold us up for its connection's time limit
                _within(
                    FAREWELL_SECONDS, lambda: client.run(errands.end_run, self._run.id, on_error="ignore")
                )
            else:
                errands.end_run(self._run.id, patience=FAREWELL_SECONDS)
            with contextlib.suppress(OSError, TimeoutError):
                client.close(timeout=FAREWELL_SECONDS)
        self._close_cluster()

    def _close_cluster(self) -> None:
        cluster, self._cluster = self._cluster, None
        if cluster is not None:
            with contextlib.suppress(OSError, TimeoutError):
                cluster.close(timeout=FAREWELL_SECONDS)


@dataclass(slots=True)
class _Batch:
    """Tasks that the cluster has as one of its own, and how often they were handed in."""

    works: tuple[Work, ...]
    tries: int = 0
    errands: tuple[Errand, ...] = ()
    future: Any = None


def _own_cluster(threads: int) -> Any:
    """A scheduler and a worker as threads of this process; nobody can reach them from elsewhere."""
    import dask
    import distributed

    # even without a dashboard both have a web server, which would listen to everybody
    web = "127.0.0.1:0"
    nothing: dict[str, list[str]] = {
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    with dask.config.set(nothing), warnings.catch_warnings():
        # to have no network is nobody's fault
        warnings.filterwarnings("ignore", "Couldn't detect a suitable IP", RuntimeWarning)
        return distributed.LocalCluster(
            n_workers=1,
            threads_per_worker=threads,
            processes=False,
            memory_limit=0,
            dashboard_address=web,
            worker_dashboard_address=web,
            scheduler_kwargs={"dashboard": False},
            silence_logs="ERROR",
        )


def _within(seconds: float, do: Callable[[], object]) -> None:
    """Do something that may fail, and do not wait for longer."""

    def attempt() -> None:
        with contextlib.suppress(Exception):
            do()

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(seconds)
