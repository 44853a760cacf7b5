"""What people decided about answers, kept and applied again.

A decision is about one criterion and one *answer group* (all answers that are one answer, see ``groups``), or
about one student, whose own goes before the group's. It names the criterion as it was in the rubric: when
that changes, or when nobody gives that answer any more, the decision is *stale*: reported, kept, not applied.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from grader.errors import UsageFault
from grader.model import Finding, Outcome, Status, SubmissionResult
from grader.rubric import Rubric, criterion_digest

__all__ = ["COLUMNS", "Decision", "Decisions", "Stale", "read_decisions"]

MAX_BYTES = 50_000_000
MAX_COMMENT = 10_000  # characters
COLUMNS = ("question", "criterion", "group", "student", "points", "comment", "rubric")
CURE = "take the file that the review page offers, or the queue with its column `points` filled in"


@dataclass(frozen=True, slots=True)
class Decision:
    """``group`` or ``student`` says whose answers; with both, only that student's, and only while it is
    that answer. ``rubric``: the digest of the criterion that was judged; empty: whatever it is."""

    question: str
    criterion: str
    group: str
    student: str
    points: float
    comment: str = ""
    rubric: str = ""
    place: str = ""  # where it was read: "decisions.jsonl:3"

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.question, self.criterion, self.student, "" if self.student else self.group)

    def line(self) -> str:
        """As it is written to a file."""
        row = {k: v for k, v in asdict(self).items() if k != "place" and v not in ("", None)}
        return json.dumps(row, ensure_ascii=True)


@dataclass(frozen=True, slots=True)
class Stale:
    """A decision that was not applied, and why."""

    decision: Decision
    why: str

    def __str__(self) -> str:
        d = self.decision
        whose = f"student {d.student}" if d.student else f"answer group {d.group}"
        return f"{d.question} {d.criterion}, {whose}, {d.points:g} points ({d.place}): {self.why}"


class Decisions:
    """All decisions of a run; those read later replace earlier ones about the same answers."""

    def __init__(self, *files: Sequence[Decision]) -> None:
        """
        Raises:
            UsageFault: two decisions of one file are about the same answers and do not agree.
        """
        self._all: dict[tuple[str, str, str, str], Decision] = {}
        for decisions in files:
            self._all |= _agreeing(decisions)
        self._used: set[tuple[str, str, str, str]] = set()
        self._why: dict[tuple[str, str, str, str], str] = {}

    def __len__(self) -> int:
        return len(self._all)

    @property
    def applied(self) -> int:
        """How many were about answers of this run."""
        return len(self._used)

    def apply(self, result: SubmissionResult, rubric: Rubric | None) -> SubmissionResult:
        """The result with people's points in place of the machine's."""
        if rubric is None or not self._all or result.status is Status.UNREADABLE:
            return result
        digests = {(q.id, c.id): criterion_digest(q, c) for q in rubric.questions for c in q.criteria}
        findings = tuple(self._decided(f, digests) for f in result.findings)
        waits = any(f.outcome.waits_for_person for f in findings)
        return replace(result, findings=findings, status=Status.PARTIAL if waits else Status.GRADED)

    def stale(self) -> list[Stale]:
        """Those that were applied to nothing, after all results have been seen."""
        return [
            Stale(d, self._why.get(key, "no submission of this run has that answer"))
            for key, d in self._all.items()
            if key not in self._used
        ]

    def lines(self) -> Iterator[str]:
        """All of them, for the file that the next run reads."""
        return (d.line() for d in self._all.values())

    def _decided(self, finding: Finding, digests: Mapping[tuple[str, str], str]) -> Finding:
        place = (finding.question, finding.criterion)
        for key in ((*place, finding.student, ""), (*place, "", finding.group)):
            d = self._all.get(key)
            if d is None:
                continue
            if d.rubric and d.rubric != digests.get(place):
                self._why[key] = "the criterion has changed since; look again"
            elif d.group and d.group != finding.group:
                self._why[key] = "the answer, or what the machine says of it, has changed since; look again"
            elif d.points > finding.max_points:
                self._why[key] = f"the criterion has only {finding.max_points:g} points"
            else:
                self._used.add(key)
                return _with_points(finding, d)
        return finding


def _with_points(f: Finding, d: Decision) -> Finding:
    outcome = Outcome.PARTIAL
    if d.points in (0, f.max_points):
        outcome = Outcome.CORRECT if d.points else Outcome.INCORRECT
    machine = {"outcome": f.outcome.value, "points": f.points, "message": f.message}
    return replace(
        f,
        outcome=outcome,
        points=d.points,
        message=d.comment or "A person decided this.",
        evidence={**f.evidence, "decided by": "a person", "machine": machine},
    )


def _agreeing(decisions: Iterable[Decision]) -> dict[tuple[str, str, str, str], Decision]:
    found: dict[tuple[str, str, str, str], Decision] = {}
    for d in decisions:
        before = found.setdefault(d.key, d)
        if (before.points, before.comment) != (d.points, d.comment):
            raise UsageFault(
                f"{before.place} and {d.place} decide differently about {d.question} {d.criterion}, "
                f"{'student ' + d.student if d.student else 'group ' + d.group}: "
                f"{before.points:g} and {d.points:g} points; keep one of them"
            )
    return found


# ---- reading


def read_decisions(path: Path) -> list[Decision]:
    """The decisions in a JSONL file, or in a queue (CSV) whose column ``points`` a person filled in.

    Raises:
        UsageFault: a line that is no decision.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageFault(f"{path}: larger than {MAX_BYTES:,} bytes; {CURE}")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as e:
        raise UsageFault(f"{path}: cannot be read ({e.strerror})") from e
    except UnicodeDecodeError as e:
        raise UsageFault(f"{path}: is not UTF-8 (byte {e.start}); {CURE}") from e
    rows = _csv_rows(path, text) if path.suffix.lower() == ".csv" else _json_rows(path, text)
    return [_decision(place, row) for place, row in rows]


def _json_rows(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as e:
            raise UsageFault(f"{path.name}:{number}: is not JSON ({e}); {CURE}") from e
        if not isinstance(row, dict):
            raise UsageFault(f"{path.name}:{number}: holds no object; {CURE}")
        yield f"{path.name}:{number}", row


def _csv_rows(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """As it was written, or as a spreadsheet saves it where the comma is the decimal sign."""
    head = text.partition("\n")[0]
    between = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=between)
    lacking = [c for c in ("question", "criterion", "group", "points") if c not in (reader.fieldnames or ())]
    if lacking:
        raise UsageFault(f"{path.name}: has no column {lacking[0]!r}; {CURE}")
    for row in reader:
        if points := (row["points"] or "").strip():
            if between != ",":
                points = points.replace(",", ".")
            yield f"{path.name}:{reader.line_num}", {**row, "points": points}


def _decision(place: str, row: Mapping[str, Any]) -> Decision:
    texts = {name: row.get(name) or "" for name in COLUMNS if name != "points"}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise UsageFault(f"{place}: `{name}` is {value!r}; expected text; {CURE}")
    points = row.get("points")
    try:
        if isinstance(points, bool) or not isinstance(points, int | float | str):
            raise ValueError
        value = float(points)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise UsageFault(f"{place}: `points` is {points!r}; expected a number of at least 0; {CURE}")
    for name in ("question", "criterion"):
        if not texts[name]:
            raise UsageFault(f"{place}: `{name}` is missing; {CURE}")
    if not (texts["group"] or texts["student"]):
        raise UsageFault(f"{place}: neither `group` nor `student` says whose answer it is; {CURE}")
    if len(texts["comment"]) > MAX_COMMENT:
        raise UsageFault(f"{place}: a comment of {len(texts['comment'])} characters (at most {MAX_COMMENT})")
    return Decision(points=value, place=place, **texts)
