"""What the page of the class says: first who needs the instructor now, then how it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from grader.model import Outcome, Status, SubmissionResult
from grader.reports.alike import alike as lookalikes
from grader.reports.alike import shown
from grader.reports.answers import CriterionAnswers, Link, criterion_answers
from grader.reports.charts import Histogram, histogram
from grader.reports.derivations import class_lines
from grader.reports.discrimination import decided_points, tells_apart
from grader.reports.frames import findings_frame, scores_frame
from grader.reports.mistakes import mistakes
from grader.reports.points import answer_outcome, counts, sandboxes
from grader.reports.queue import Groups, Waiting, answer_groups
from grader.reports.text import count, number
from grader.reports.unread import Unreadable, unreadable
from grader.rubric import Question, Rubric

__all__ = ["ClassPage", "class_page"]

SHARED = 0.25  # of the answers to a question make the same mistake: worth a word of its own
SHARED_AT_LEAST = 3
MAX_NAMES = 12
MAX_BOXES = 100
MAX_STUDENTS = 1000  # in the table of the page
ALL_STUDENTS = (
    "{:,} of {:,} students, those who need a person first. All of them are in scores.csv, and each has a "
    "page in students/."
)
HALF = 0.5  # of the given answers: where more of them wait, a mean says nothing

SHOWN = tuple(Outcome)
COLUMNS = ("submission", "criterion", "outcome", "points", "max_points", "message", "mistake")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault of ours or the rubric's: ``where`` it is and whom it touches."""

    where: str
    message: str
    affected: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Answers to one question that wait for a person."""

    question: str
    title: str
    anchor: str
    answers: int
    groups: str
    points: str
    links: tuple[Link, ...]  # none where they are many: the queue has the groups


@dataclass(frozen=True, slots=True)
class Shared:
    question: str
    anchor: str
    answers: int
    mistake: str


@dataclass(frozen=True, slots=True)
class CriterionRow:
    title: str
    points: str
    mean: str
    counts: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class QuestionRow:
    id: str
    title: str
    anchor: str
    bonus: bool
    points: str
    mean: str
    share: str  # of the points, in percent
    decided: str  # how many answers the mean is of, where that is not all of them
    tells_apart: str  # a dash where nothing can be said
    counts: Mapping[Outcome, int]
    mistakes: tuple[tuple[int, str], ...]
    answers: tuple[CriterionAnswers, ...]
    criteria: tuple[CriterionRow, ...]
    lines: str  # of all derivations: what was read, held, failed, waits


@dataclass(frozen=True, slots=True)
class StudentRow:
    link: Link
    source: str
    score: str
    pending: str
    status: str
    cells: tuple[tuple[Outcome, str] | None, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One rubric's part of the page."""

    title: str
    anchor: str
    max_score: str
    bonus: str
    histogram: Histogram | None
    summary: str
    questions: tuple[QuestionRow, ...]
    students: tuple[StudentRow, ...]
    left: str  # where those are that the page does not list


@dataclass(frozen=True, slots=True)
class ClassPage:
    title: str
    counts: Mapping[str, int]
    unreadable: tuple[Unreadable, ...]
    troubles: tuple[Trouble, ...]
    stale: tuple[str, ...]
    queues: tuple[Queue, ...]
    waiting_answers: int
    waiting_points: str
    waiting_groups: str
    twice: tuple[tuple[str, tuple[Link, ...]], ...]
    alike: tuple[tuple[Link, ...], ...]
    shared: tuple[Shared, ...]
    sheets: tuple[Sheet, ...]
    sandbox: tuple[str, ...] = ()
    unnamed: int = 0  # of `twice` and `alike` that are not listed


def class_page(
    results: Sequence[SubmissionResult],
    rubrics: Sequence[Rubric],
    pages: Sequence[str],
    stale: Sequence[str] = (),
    answers: Groups | None = None,
) -> ClassPage:
    """``pages``: where each result's own page is, in the same order; ``stale``: decisions of people that
    were not applied; ``answers``: their groups, where they are known already."""
    links = [Link(r.student, page) for r, page in zip(results, pages, strict=True)]
    groups = [g for found in answers or answer_groups(results, rubrics) for g in found]
    queues: list[Queue] = []
    sheets = tuple(_sheet(i, rubric, results, links, groups, queues) for i, rubric in enumerate(rubrics))
    queues.sort(key=lambda q: -float(q.points))
    twice, alike = _twice(results, links), _alike(links)
    return ClassPage(
        title=" and ".join(r.title for r in rubrics) or "Homework",
        counts=counts(results),
        unreadable=unreadable(results, links),
        troubles=_troubles(results),
        stale=tuple(stale),
        queues=tuple(queues),
        waiting_answers=sum(q.answers for q in queues),
        waiting_points=_waiting_points(results),
        waiting_groups=_groups(groups),
        twice=twice[:MAX_BOXES],
        alike=alike[:MAX_BOXES],
        unnamed=max(0, len(twice) - MAX_BOXES) + max(0, len(alike) - MAX_BOXES),
        shared=tuple(
            Shared(q.id, q.anchor, n, text)
            for sheet in sheets
            for q in sheet.questions
            for n, text in q.mistakes[:1]
            if n >= SHARED_AT_LEAST and n >= SHARED * sum(q.counts.values())
        ),
        sheets=sheets,
        sandbox=tuple(sandboxes(results)),
    )


def _groups(groups: Iterable[Waiting]) -> str:
    """How many answers a person has to look at: equal ones are one."""
    return count(
        len({(g.sheet, g.question, g.members) for g in groups if g.outcome.waits_for_person}), "group"
    )


def _anchor(sheet: int, question: str) -> str:
    return f"q{question}" if sheet == 0 else f"s{sheet + 1}-q{question}"


# ---- who needs me now

OPEN = (Outcome.REVIEW, Outcome.UNREADABLE)  # a person must decide; our own faults are a different matter


def _waiting_points(results: Sequence[SubmissionResult]) -> str:
    each = Counter(f.max_points for r in results for f in r.findings if f.outcome in OPEN)
    return number(sum(points * n for points, n in each.items()))


def _troubles(results: Sequence[SubmissionResult]) -> tuple[Trouble, ...]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for r in results:
        for f in r.findings:
            if f.outcome is Outcome.ERROR:
                groups.setdefault(f.message, []).append((f"{f.question} {f.criterion}", r.student))
    troubles: list[Trouble] = []
    for message, found in groups.items():
        places = list(dict.fromkeys(place for place, _ in found))
        where = places[0] if len(places) == 1 else count(len(places), "criterion", "criteria")
        students = list(dict.fromkeys(student for _, student in found))
        names = ", ".join(students[:MAX_NAMES]) + (" …" if len(students) > MAX_NAMES else "")
        troubles.append(Trouble(where, message, f"{count(len(students), 'student')} affected: {names}"))
    return tuple(troubles)


def _queue(
    anchor: str,
    question: Question,
    findings: pd.DataFrame,
    links: Sequence[Link],
    groups: Sequence[Waiting],
) -> Queue | None:
    waits = findings[findings["outcome"].isin([o.value for o in OPEN])]
    if waits.empty:
        return None
    whose = list(dict.fromkeys(int(i) for i in waits["submission"]))
    return Queue(
        question=question.id,
        title=question.title,
        anchor=anchor,
        answers=len(whose),
        groups=_groups(g for g in groups if g.question == question.id and set(g.members) <= set(whose)),
        points=number(float(waits["max_points"].sum())),
        links=tuple(links[i] for i in whose) if len(whose) <= MAX_NAMES else (),
    )


def _twice(
    results: Sequence[SubmissionResult], links: Sequence[Link]
) -> tuple[tuple[str, tuple[Link, ...]], ...]:
    """Students with several submissions to one sheet: a person says which counts."""
    groups: dict[tuple[str, str], list[Link]] = {}
    for result, link in zip(results, links, strict=True):
        groups.setdefault((result.rubric, result.student), []).append(Link(result.source, link.page))
    return tuple((student, tuple(found)) for (_, student), found in groups.items() if len(found) > 1)


def _alike(links: Sequence[Link]) -> tuple[tuple[Link, ...], ...]:
    """Different ids that a person would take for one another, each with its first page."""
    pages = {link.text: link.page for link in reversed(links)}
    return tuple(tuple(Link(shown(s), pages[s]) for s in group) for group in lookalikes(pages))


# ---- how it went


def _sheet(
    i: int,
    rubric: Rubric,
    results: Sequence[SubmissionResult],
    links: Sequence[Link],
    groups: Sequence[Waiting],
    queues: list[Queue],
) -> Sheet:
    """``queues``: those of its questions are added."""
    answers = criterion_answers([g for g in groups if g.sheet == rubric.path], links)
    mine = [(r, link) for r, link in zip(results, links, strict=True) if r.rubric == rubric.path]
    scores = scores_frame([r for r, _ in mine], [rubric])
    records = scores.to_dict("records")
    listed = _listed(records)
    rows = tuple(_student_row(*mine[i], records[i], rubric) for i in listed)
    known = scores.dropna(subset=["score"])
    pairs = [(float(s), p == 0) for s, p in zip(known["score"], known["pending"], strict=True)]
    questions: list[QuestionRow] = []
    decided = {}
    for q in rubric.questions:
        # one at a time: all findings of a large class together take more than everything else
        findings = findings_frame(results, COLUMNS, (rubric.path, q.id))
        waits = _queue(_anchor(i, q.id), q, findings, links, groups)
        queues += [waits] if waits is not None else []
        row = _question_row(
            _anchor(i, q.id),
            q,
            findings,
            [r for r, _ in mine],
            tuple(answers[key] for c in q.criteria if (key := (q.id, c.id)) in answers),
        )
        questions.append(row)
        decided[q.id] = decided_points(findings)
    apart = tells_apart(decided)
    return Sheet(
        title=rubric.title,
        anchor=f"sheet{i + 1}",
        max_score=number(float(rubric.max_score)),
        bonus=number(float(rubric.bonus)) if rubric.bonus else "",
        histogram=histogram(pairs, float(rubric.max_score)),
        summary=_summary(known),
        questions=tuple(replace(q, tells_apart=apart.get(q.id, q.tells_apart)) for q in questions),
        students=rows,
        left=ALL_STUDENTS.format(len(listed), len(mine)) if len(listed) < len(mine) else "",
    )


def _listed(records: Sequence[Mapping[Hashable, Any]]) -> Sequence[int]:
    """The rows that the page lists: of a very large class those who need a person first."""
    everybody = range(len(records))
    if len(records) <= MAX_STUDENTS:
        return everybody
    unreadable = Status.UNREADABLE.value
    need = [9e9 if r["status"] == unreadable else float(r["pending"]) for r in records]
    return sorted(everybody, key=lambda i: -need[i])[:MAX_STUDENTS]


def _summary(known: pd.DataFrame) -> str:
    if known.empty:
        return "No submission could be read."
    low, median, high = (float(known["score"].quantile(share)) for share in (0.25, 0.5, 0.75))
    undecided = int((known["pending"] > 0).sum())
    highest = float(known["score"].max())
    text = f"Median {_two(median)}, middle half {_two(low)} to {_two(high)}, highest {_two(highest)}."
    if undecided:
        verb = "is" if undecided == 1 else "are"
        text += f" {count(undecided, 'score')} {verb} not final: points still wait for a person."
    return text


def _student_row(result: SubmissionResult, link: Link, row: Any, rubric: Rubric) -> StudentRow:
    outcomes: dict[str, list[Outcome]] = {}
    for f in result.findings:
        outcomes.setdefault(f.question, []).append(f.outcome)
    readable = result.status is not Status.UNREADABLE
    return StudentRow(
        link=link,
        source=result.source,
        score=number(row["score"]) if readable else "",
        pending=number(row["pending"]) if readable and row["pending"] else "",
        status=result.status.value,
        cells=tuple(
            (answer_outcome(outcomes[q.id]), number(row[q.id])) if q.id in outcomes else None
            for q in rubric.questions
        ),
    )


def _question_row(
    anchor: str,
    question: Question,
    findings: pd.DataFrame,
    results: Sequence[SubmissionResult],
    groups: tuple[CriterionAnswers, ...],
) -> QuestionRow:
    rows = _rows(findings)
    sums = rows.groupby("submission").agg(
        points=("points", "sum"), open=("open", "any"), given=("given", "any"), size=("open", "size")
    )
    words: dict[int, list[Outcome]] = {}
    for i, word in zip(findings["submission"], findings["outcome"], strict=True):
        words.setdefault(i, []).append(Outcome(word))
    answers = [answer_outcome(outcomes) for outcomes in words.values()]
    return QuestionRow(
        id=question.id,
        title=question.title,
        anchor=anchor,
        bonus=question.bonus,
        points=number(float(question.points)),
        mean=(mean := _mean(sums, len(question.criteria))),
        decided=_decided(sums),
        share=f"{round(100 * float(mean) / float(question.points))} %" if mean != "–" else "",
        tells_apart="–",
        counts=_tally(answers),
        mistakes=mistakes(findings),
        answers=groups,
        criteria=tuple(
            CriterionRow(
                title=c.title,
                points=number(float(c.points)),
                mean=_mean(rows[rows["criterion"] == c.id].assign(size=1), 1),
                counts=_tally(Outcome(w) for w in findings.loc[findings["criterion"] == c.id, "outcome"]),
            )
            for c in question.criteria
        ),
        lines=class_lines([d for r in results for d in r.derivations if d.question == question.id]),
    )


def _mean(sums: pd.DataFrame, criteria: int) -> str:
    """Over the answers of which every criterion is decided; a dash where most of those that were given still
    wait: the missing ones, which are decided at once, do not stand for them. ``sums``: a row an answer."""
    decided = sums[~sums["open"] & (sums["size"] == criteria)]
    waiting, given = int(sums["open"].sum()), int(sums["given"].sum())
    return _two(decided["points"].mean()) if len(decided) and waiting <= HALF * given else "–"


def _decided(sums: pd.DataFrame) -> str:
    waiting = sums["open"]
    return f"{int((~waiting).sum())} of {len(waiting)} decided" if waiting.any() else ""


def _rows(findings: pd.DataFrame) -> pd.DataFrame:
    """With whether each waits for a person, and whether anything was given."""
    open_ = [o.value for o in Outcome if o.waits_for_person]
    outcome = findings["outcome"]
    return findings.assign(open=outcome.isin(open_), given=outcome != Outcome.MISSING.value)


def _two(value: float) -> str:
    return number(round(float(value), 2))


def _tally(outcomes: Any) -> dict[Outcome, int]:
    found = Counter(outcomes)
    return {o: found[o] for o in SHOWN}
