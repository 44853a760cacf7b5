"""A finished run, read back from its folder: what exports and comparisons of runs start from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.errors import UsageFault
from grader.model import Outcome, Status
from grader.reports.frames import SCORE_COLUMNS
from grader.reports.points import total

__all__ = ["SavedCriterion", "SavedQuestion", "SavedRun", "SavedSubmission", "one_each", "read_run"]

MAX_BYTES = 2_000_000_000
CURE = "give the folder that `grade run --out` wrote, or run it again"


@dataclass(frozen=True, slots=True)
class SavedCriterion:
    """One line of ``findings.jsonl``; ``title``: what the rubric calls it, if the run says so."""

    id: str
    kind: str
    outcome: Outcome
    points: float
    max_points: float
    message: str
    evidence: Mapping[str, Any]
    title: str = ""


@dataclass(frozen=True, slots=True)
class SavedQuestion:
    id: str
    criteria: tuple[SavedCriterion, ...]
    title: str = ""

    @property
    def points(self) -> float:
        return total(c.points for c in self.criteria)

    @property
    def max_points(self) -> float:
        return total(c.max_points for c in self.criteria)

    @property
    def pending(self) -> float:
        """The points that wait for a person."""
        return total(c.max_points for c in self.criteria if c.outcome.waits_for_person)


@dataclass(frozen=True, slots=True)
class SavedSubmission:
    """One row of ``scores.csv`` with its findings; ``score`` is None where the file could not be read, and
    ``message`` says why and ``cure`` what to ask for."""

    student: str
    source: str
    status: Status
    score: float | None
    max_score: float | None
    pending: float
    questions: tuple[SavedQuestion, ...]
    message: str = ""
    cure: str = ""

    @property
    def decided(self) -> bool:
        """Whether nothing of it waits for a person."""
        return self.status is Status.GRADED


@dataclass(frozen=True, slots=True)
class SavedRun:
    folder: Path
    submissions: tuple[SavedSubmission, ...]
    question_ids: tuple[str, ...]
    sheets: tuple[str, ...]

    @property
    def title(self) -> str:
        """What a gradebook's column is called unless somebody says otherwise."""
        return " + ".join(self.sheets) or self.folder.name


def read_run(folder: Path) -> SavedRun:
    """
    Raises:
        UsageFault: the folder holds no finished run, or its files do not belong together.
    """
    record = _record(folder)
    rows = _scores(folder)
    students = record.get("timings")
    if not isinstance(students, list) or len(students) != len(rows):
        raise _broken(folder, "run.json and scores.csv do not list the same submissions")
    findings = _grouped(folder, _findings(folder), _titles(record))
    submissions: list[SavedSubmission] = []
    left = next(findings, None)
    for row, said in zip(rows, students, strict=True):
        student, source = str(said.get("student", "")), str(said.get("source", ""))
        status = Status(row["status"])
        mine: tuple[SavedQuestion, ...] = ()
        if status is not Status.UNREADABLE and left is not None and left[0] == student:
            mine, left = left[1], next(findings, None)
        submissions.append(
            SavedSubmission(
                student,
                source,
                status,
                _float(row["score"]),
                _float(row["max_score"]),
                _float(row["pending"]) or 0.0,
                mine,
                str(said.get("unreadable", "")),
                str(said.get("cure", "")),
            )
        )
        _check_sum(folder, submissions[-1])
    if left is not None:
        raise _broken(folder, f"findings.jsonl speaks of {left[0]!r}, scores.csv does not")
    sheets = [r.get("id", "") for r in record.get("rubrics", ()) if isinstance(r, dict)]
    ids = tuple(name for name in (rows[0] if rows else {}) if name not in SCORE_COLUMNS)
    return SavedRun(folder, tuple(submissions), ids, tuple(filter(None, map(str, sheets))))


def _check_sum(folder: Path, s: SavedSubmission) -> None:
    said = total(q.points for q in s.questions)
    if s.score is not None and abs(said - s.score) > 1e-6:
        raise _broken(
            folder, f"the findings of {s.student!r} add up to {said:g}, scores.csv says {s.score:g}"
        )


def _record(folder: Path) -> dict[str, Any]:
    try:
        record = json.loads(_bytes(folder, "run.json"))
    except ValueError as e:
        raise _broken(folder, f"run.json is not JSON ({e})") from e
    if not isinstance(record, dict):
        raise _broken(folder, "run.json holds no object")
    return record


def _scores(folder: Path) -> list[dict[str, str]]:
    text = _bytes(folder, "scores.csv").decode("utf-8", "replace")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    if rows and not set(SCORE_COLUMNS) <= set(rows[0]):
        raise _broken(folder, f"scores.csv lacks one of the columns {', '.join(SCORE_COLUMNS)}")
    return rows


def _findings(folder: Path) -> Iterator[dict[str, Any]]:
    lines = _bytes(folder, "findings.jsonl").decode("utf-8", "replace").split("\n")
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            row = json.loads(line)
            yield {**row, "outcome": Outcome(row["outcome"])}
        except (ValueError, KeyError, TypeError) as e:
            raise _broken(folder, f"findings.jsonl, line {number}: {type(e).__name__}: {e}") from e


def _grouped(
    folder: Path, findings: Iterator[dict[str, Any]], titles: Mapping[str, str]
) -> Iterator[tuple[str, tuple[SavedQuestion, ...]]]:
    """The findings, submission by submission. A student who comes twice begins anew."""
    student = ""
    questions: dict[str, list[SavedCriterion]] = {}
    seen: set[tuple[str, str]] = set()

    def done() -> tuple[str, tuple[SavedQuestion, ...]]:
        found = (SavedQuestion(q, tuple(cs), titles.get(q, "")) for q, cs in questions.items())
        return student, tuple(found)

    for row in findings:
        try:
            key = (str(row["question"]), str(row["criterion"]))
            if questions and (row["student"] != student or key in seen):
                yield done()
                questions, seen = {}, set()
            student = str(row["student"])
            seen.add(key)
            criterion = SavedCriterion(
                key[1],
                str(row["kind"]),
                row["outcome"],
                float(row["points"]),
                float(row["max_points"]),
                str(row["message"]),
                row["evidence"],
                titles.get("/".join(key), ""),
            )
        except (KeyError, TypeError, ValueError) as e:
            raise _broken(folder, f"findings.jsonl: {type(e).__name__}: {e}") from e
        questions.setdefault(key[0], []).append(criterion)
    if questions:
        yield done()


def _titles(record: Mapping[str, Any]) -> dict[str, str]:
    """Of questions and criteria, by their ids; none where two sheets of one run differ."""
    found: dict[str, set[str]] = {}
    for rubric in record.get("rubrics", ()):
        titles = rubric.get("titles") if isinstance(rubric, dict) else None
        for key, title in titles.items() if isinstance(titles, dict) else ():
            found.setdefault(str(key), set()).add(str(title))
    return {key: titles.pop() for key, titles in found.items() if len(titles) == 1}


def _bytes(folder: Path, name: str) -> bytes:
    path = folder / name
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _broken(folder, f"{name} is larger than {MAX_BYTES:,} bytes")
        return path.read_bytes()
    except OSError as e:
        raise _broken(folder, f"{name} cannot be read ({e.strerror})") from e


def _broken(folder: Path, why: str) -> UsageFault:
    return UsageFault(f"{folder} holds no finished run: {why}; {CURE}")


def _float(text: str) -> float | None:
    return float(text) if text else None


def one_each(run: SavedRun) -> tuple[SavedRun, list[str]]:
    """The run without those who have two rows, for formats that have room for one, and a sentence about
    each: somebody who writes another's name on a sheet keeps nobody else's scores from leaving."""
    sources: dict[str, list[str]] = {}
    for s in run.submissions:
        sources.setdefault(s.student, []).append(s.source)
    twice = {student: found for student, found in sources.items() if len(found) > 1}
    said = [
        f"{student}: left out, handed in {len(found)} times ({', '.join(found)}); grade again without what "
        "does not count"
        for student, found in twice.items()
    ]
    left = tuple(s for s in run.submissions if s.student not in twice)
    return replace(run, submissions=left), said
