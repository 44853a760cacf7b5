"""Groups of equal answers, and those that wait for a person as a table: ``queue.csv``, a row a group.

Whose they are is not in it. Somebody fills in ``points`` and ``comment``, and ``grade run --decisions`` takes
the file back.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.model import Answer, Finding, Outcome, SubmissionResult
from grader.reports.evidence import label
from grader.reports.readings import Read, read
from grader.reports.tables import encode
from grader.reports.text import csv_text, cut, number, visible
from grader.rubric import Rubric, criterion_digest

__all__ = ["QUEUE_COLUMNS", "SEEN", "Groups", "Waiting", "answer_groups", "queue_csv", "quoted"]

QUEUE_COLUMNS = (
    "question",
    "criterion",
    "group",
    "answers",
    "max_points",
    "why",
    "helps",
    "answer",
    "points",
    "comment",
    "rubric",
)
SEEN = ("found", "not found", "suggested", "hint")  # of the evidence: what helps to decide
MAX_QUOTE = 2000  # characters of an answer, for whoever decides about it
MAX_CELL = 400  # the same in a table, where a longer cell hides the others


@dataclass(frozen=True, slots=True)
class Waiting:
    """One criterion and all the answers that are one answer to it. ``digest``: of the criterion;
    ``expected``: what the rubric gives for right; ``seen``: what the machine found, by ``SEEN``."""

    sheet: str  # the rubric's file
    question: str
    title: str
    criterion: str
    criterion_title: str
    group: str
    outcome: Outcome
    max_points: float
    why: str
    answer: str
    read: Read
    points: float
    digest: str
    members: tuple[int, ...]  # positions of their submissions
    prompt: str = ""
    expected: tuple[str, ...] = ()
    seen: tuple[tuple[str, str], ...] = ()

    @property
    def at_stake(self) -> float:
        """Points of all members together."""
        return self.max_points * len(self.members)


Groups = tuple[list[Waiting], list[Waiting]]


def answer_groups(
    results: Sequence[SubmissionResult],
    rubrics: Sequence[Rubric],
    quotes: Mapping[int, str] | None = None,
) -> Groups:
    """Those that wait, the most points first and the criteria of one answer together; and all others,
    question by question as on the sheet, the most answers first. ``quotes``: answers by the ``id`` of their
    finding, where the results do not hold them."""
    by_file = {r.path: r for r in rubrics}
    found: dict[tuple[str, str, str, str], list[tuple[int, Finding]]] = {}
    for i, result in enumerate(results):
        for f in result.findings:
            if result.rubric in by_file:
                found.setdefault((result.rubric, f.question, f.criterion, f.group), []).append((i, f))
    digests = {
        (r.path, q.id, c.id): criterion_digest(q, c) for r in rubrics for q in r.questions for c in q.criteria
    }
    groups = []
    for key in list(found):  # each is freed when it is done
        groups.append(_group(by_file[key[0]], found.pop(key), results, quotes, digests[key[:3]]))
    waits = [g for g in groups if g.outcome.waits_for_person]
    stake: dict[tuple[str, tuple[int, ...]], float] = {}
    for g in waits:
        stake[g.question, g.members] = stake.get((g.question, g.members), 0.0) + g.at_stake
    order = {q.id: i for i, q in enumerate(q for r in rubrics for q in r.questions)}
    first = {(g.question, g.members): i for i, g in reversed(list(enumerate(waits)))}
    waits.sort(key=lambda g: (-stake[g.question, g.members], first[g.question, g.members]))
    rest = [g for g in groups if not g.outcome.waits_for_person]
    rest.sort(key=lambda g: (order[g.question], -len(g.members)))
    return waits, rest


def _group(
    rubric: Rubric,
    rows: Sequence[tuple[int, Finding]],
    results: Sequence[SubmissionResult],
    quotes: Mapping[int, str] | None,
    digest: str,
) -> Waiting:
    first, f = _usual(rows)
    question = rubric.question(f.question)
    criterion = next(c for c in question.criteria if c.id == f.criterion)
    return Waiting(
        sheet=rubric.path,
        question=f.question,
        title=question.title,
        criterion=f.criterion,
        criterion_title=criterion.title,
        group=f.group,
        outcome=f.outcome,
        max_points=f.max_points,
        why=f.message,
        answer=quoted(results[first], f.question) if quotes is None else quotes[id(f)],
        read=read(f),
        points=f.points,
        digest=digest,
        members=tuple(i for i, _ in rows),
        prompt=question.prompt,
        expected=_expected(criterion.options.get("expected")),
        seen=tuple((key, text) for key in SEEN if (text := _said(f.evidence.get(key)))),
    )


def _expected(option: Any) -> tuple[str, ...]:
    """Formulas and words; tables and matrices are the reference's, and seldom wait."""
    options = option if isinstance(option, list) else [option]
    return tuple(o for o in options if isinstance(o, str))


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key} ({text})" for key, text in value.items())
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return f"{value:.0%}" if isinstance(value, float) else str(value or "")


def _usual(rows: Sequence[tuple[int, Finding]]) -> tuple[int, Finding]:
    """The member that stands for all: one that is written as most of them are, of these the shortest."""
    said = Counter(f.read_as for _, f in rows)
    return min(rows, key=lambda row: (-said[row[1].read_as], len(row[1].read_as)))


def quoted(result: SubmissionResult, question: str) -> str:
    """How a submission's answer begins."""
    return _quoted(result.submission.answers.get(question) if result.submission else None)


def _quoted(answer: Answer | None) -> str:
    if answer is None:
        return ""
    parts = [answer.text.strip()]
    if answer.value is not None:
        parts.append(json.dumps(answer.value, ensure_ascii=False, default=str))
    parts += [cell.source for cell in answer.code]
    return cut("\n\n".join(p for p in parts if p), MAX_QUOTE)


def _helps(g: Waiting) -> str:
    expected = [("expected", " or ".join(g.expected))] if g.expected else []
    return ". ".join(f"{label(key)}: {text}" for key, text in (*expected, *g.seen))


def _cell(text: str) -> str:
    return text if len(text) <= MAX_CELL else text[:MAX_CELL].rstrip() + "…"


def queue_csv(groups: Sequence[Waiting]) -> bytes:
    """A row for every group; ``points`` and ``comment`` are empty."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(QUEUE_COLUMNS)
    for g in groups:
        row = (
            g.question,
            g.criterion,
            g.group,
            str(len(g.members)),
            number(g.max_points),
            visible(_cell(g.why)),
            visible(_cell(_helps(g))),
            visible(_cell(g.answer)),
            "",
            "",
            g.digest,
        )
        writer.writerow([csv_text(cell) for cell in row])
    return encode(out.getvalue())
