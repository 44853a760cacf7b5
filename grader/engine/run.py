"""A class graded once: what the store knows is taken from it, the rest is graded and remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from grader.engine.decisions import Decisions
from grader.engine.digests import SIZE, Keys, machine
from grader.engine.executors import Executor, Graded
from grader.engine.packing import pack, unpack
from grader.engine.spool import Spool
from grader.engine.store import Store
from grader.model import Job, SubmissionResult, Trail
from grader.rubric import Rubric

__all__ = ["Tally", "apply_decisions", "grade_class"]

ANYWHERE = bytes(SIZE)  # in place of the machine, for what does not hang on it


@dataclass(slots=True)
class Tally:
    """Of how many ``submissions`` the results were ``known``; ``judged``: criteria of the others that were
    not known either; ``rubrics``: the files that were graded against."""

    submissions: int = 0
    known: int = 0
    judged: int = 0
    rubrics: set[str] = field(default_factory=set)

    @property
    def graded(self) -> int:
        return self.submissions - self.known


def grade_class(
    executor: Executor,
    jobs: Sequence[Job],
    spool: Spool,
    store: Store | None = None,
    keys: Keys | None = None,
    on_done: Callable[[], None] = lambda: None,
) -> Tally:
    """Put every job's result into the spool; with a store and the run's keys, only what is new is graded.

    Raises:
        AuthorFault: a rubric that a submission needs is not valid.
    """
    tally = Tally(len(jobs))
    key_of: dict[int, bytes] = {}  # of what is under way

    def unknown() -> Iterator[tuple[int, Job]]:
        for index, job in enumerate(jobs):
            key = keys.of(job) if keys and store and store.path else None
            found = _recalled(store, key) if store and key else None
            if found is None:
                if key is not None:
                    key_of[index] = key
                yield index, job
                continue
            result, packed = found
            spool.put(index, Graded(result, 0.0), packed)
            tally.known += 1
            tally.rubrics.add(result.rubric)
            on_done()

    for index, graded in executor.grade(unknown()):
        trail, result = graded.result.trail, replace(graded.result, trail=Trail())
        packed = pack(result)
        spool.put(index, Graded(result, graded.seconds), packed)
        tally.judged += trail.judged
        tally.rubrics.add(result.rubric)
        key = key_of.pop(index, None)
        if store is not None:
            for row in trail.learned:
                store.put("judgements", row[0], row[2], mark=row[1])
            # a file that was written to meanwhile is not what its key says
            if key and packed and trail.lasting and keys and keys.of(jobs[index]) == key:
                store.put("submissions", key, (machine() if result.sandbox else ANYWHERE) + packed)
        on_done()
    if store is not None:
        store.flush()
    tally.rubrics.discard("")
    return tally


def apply_decisions(spool: Spool, decisions: Decisions, rubrics: Iterable[Rubric]) -> None:
    """People's points in place of the machine's, in every result they are about."""
    by_file = {r.path: r for r in rubrics}
    for index in range(len(spool) if len(decisions) else 0):
        graded = spool[index]
        result = decisions.apply(graded.result, by_file.get(graded.result.rubric))
        if result != graded.result:
            spool.put(index, replace(graded, result=result))


def _recalled(store: Store, key: bytes) -> tuple[SubmissionResult, bytes] | None:
    value = store.get("submissions", key)
    if value is None or (value[:SIZE] != ANYWHERE and value[:SIZE] != machine()):
        return None
    result = unpack(value[SIZE:], SubmissionResult)
    return None if result is None else (result, value[SIZE:])
