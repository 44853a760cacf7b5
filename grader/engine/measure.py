"""The grader against a simulated class: what became of answers whose right grade is known.

Students are made, graded by the engine that grades real ones and forgotten, a batch at a time: memory
does not grow with the class.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from itertools import islice
from pathlib import Path

from grader.engine.executors import grade_all
from grader.engine.grade import Grader, Settings
from grader.engine.simulate import Expected, Simulated, Simulator, Truth
from grader.errors import UsageFault
from grader.model import Finding, Job, Outcome, Status, SubmissionResult

__all__ = ["FAULTS", "Fault", "Measured", "measure", "write_class"]

BATCH = 200  # students that are graded and forgotten together
KEPT = 200  # faults of one sort that are kept to be shown
SAME_POINTS = 1e-3

FAULTS = ("accepted", "rejected", "short", "unread")
"""What can be wrong with a grade: a wrong answer earned more than it may; a right one lost points; a listed
mistake earned less than the rubric gives it; a file could not be read."""

OnDone = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """A grade that is not the truth. ``text``: what the student wrote."""

    sort: str
    truth: Truth
    points: float
    outcome: str
    message: str
    text: str


@dataclass(slots=True)
class Measured:
    """``table``: (question, truth, outcome) → how often; ``faults``: how many of a sort; ``worst``: some."""

    rubric: str
    students: int = 0
    table: Counter[tuple[str, Expected, str]] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    worst: dict[str, list[Fault]] = field(default_factory=lambda: {sort: [] for sort in FAULTS})

    @property
    def failed(self) -> bool:
        """A wrong answer was accepted, a right one rejected, or a file not read."""
        return any(self.faults[sort] for sort in ("accepted", "rejected", "unread"))

    def add(self, fault: Fault) -> None:
        self.faults[fault.sort] += 1
        if len(self.worst[fault.sort]) < KEPT:
            self.worst[fault.sort].append(fault)


def write_class(simulator: Simulator, count: int, out: Path, on_done: OnDone = lambda: None) -> None:
    """``out/submissions`` with a file a student, ``out/truth.csv`` with a row a student and criterion.

    Raises:
        UsageFault: a class is there already, or the folder cannot be written.
    """
    folder, table = out / "submissions", out / "truth.csv"
    try:
        if os.path.lexists(table) or (folder.is_dir() and any(folder.iterdir())):
            raise UsageFault(f"{out}: holds a class already; give another --out, or delete it")
        folder.mkdir(parents=True, exist_ok=True)
        with table.open("w", encoding="utf-8", newline="") as f:
            rows = csv.writer(f, lineterminator="\n")
            rows.writerow(field.name for field in fields(Truth))
            for made in simulator.students(count):
                (folder / made.file).write_text(made.text, "utf-8")
                rows.writerows(asdict(t).values() for t in made.truth)
                on_done()
    except OSError as e:
        raise UsageFault(f"{out}: cannot be written ({e.strerror}); give another --out") from e


def measure(
    file: Path, count: int, seed: str, workers: int | None = None, on_done: OnDone = lambda: None
) -> Measured:
    """Simulates a class for the rubric in ``file`` and grades it; ``workers`` as in ``grade_all``.

    Raises:
        AuthorFault: the rubric is not valid.
    """
    path = str(file)
    grader = Grader({}, Settings())
    rubric = grader.rubric(path)
    found = Measured(rubric.id)
    with tempfile.TemporaryDirectory(prefix="grade-simulated-") as folder:
        for made in _batches(Simulator(rubric, seed).students(count)):
            jobs = [_job(m, Path(folder), path) for m in made]
            graded = grade_all(grader, jobs, {rubric.id: path}, workers, lambda result: on_done())
            for m, g, job in zip(made, graded, jobs, strict=True):
                _compare(found, m, g.result)
                Path(job.path).unlink()
    return found


def _batches(students: Iterable[Simulated]) -> Iterator[list[Simulated]]:
    rest = iter(students)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _job(made: Simulated, folder: Path, rubric: str) -> Job:
    path = folder / made.file
    path.write_text(made.text, "utf-8")
    return Job(str(path), made.file, None, rubric)


def _compare(found: Measured, made: Simulated, result: SubmissionResult) -> None:
    found.students += 1
    if result.status is Status.UNREADABLE:
        t = made.truth[0]
        found.add(Fault("unread", t, 0.0, "unreadable", result.message, ""))
        return
    by_criterion = {(f.question, f.criterion): f for f in result.findings}
    for t in made.truth:
        f = by_criterion[t.question, t.criterion]
        found.table[t.question, t.expected, str(f.outcome)] += 1
        sort = _sort(t, f)
        if sort:
            answer = result.submission.answers.get(t.question) if result.submission else None
            text = "" if answer is None else answer.text or repr(answer.value)
            found.add(Fault(sort, t, f.points, str(f.outcome), f.message, text))


def _sort(t: Truth, f: Finding) -> str:
    """What is wrong with a grade; empty: nothing. What waits for a person is no fault."""
    if f.outcome.waits_for_person or t.max_points == 0:
        return ""
    full = f.outcome is Outcome.CORRECT and f.points >= t.max_points - SAME_POINTS
    if f.points > t.high + SAME_POINTS or (t.below and full):
        return "accepted"
    if f.points < t.low - SAME_POINTS:
        return "rejected" if t.expected is Expected.RIGHT else "short"
    return ""
