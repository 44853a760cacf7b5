"""A class's answers to each question, as groups of equal ones: what the report lists under a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.model import Outcome
from grader.reports.mathml import excerpt
from grader.reports.queue import Waiting
from grader.reports.readings import Read
from grader.reports.text import number

__all__ = ["AnswerGroup", "CriterionAnswers", "Link", "criterion_answers"]

MAX_GROUPS = 8  # of one criterion; the review page has all of them
MAX_MEMBERS = 12
MAX_NAMED = 400
MAX_QUOTE = 160  # characters


@dataclass(frozen=True, slots=True)
class Link:
    """A student and that student's page."""

    text: str
    page: str


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    outcome: Outcome
    size: int
    points: str
    read: Read
    begins: str  # where it was not read: Markdown with formulas
    message: str
    links: tuple[Link, ...]  # at most MAX_MEMBERS
    others: tuple[str, ...]  # others, without links: the table of students has them
    more: int = 0  # who are not named at all


@dataclass(frozen=True, slots=True)
class CriterionAnswers:
    anchor: str
    title: str
    groups: tuple[AnswerGroup, ...]
    others: int  # answers in smaller groups that are not listed


def criterion_answers(
    groups: Sequence[Waiting], links: Sequence[Link]
) -> Mapping[tuple[str, str], CriterionAnswers]:
    """By question and criterion, the most answers first; ``links``: to every submission's page."""
    found: dict[tuple[str, str], list[Waiting]] = {}
    for g in groups:
        if g.outcome is not Outcome.MISSING:
            found.setdefault((g.question, g.criterion), []).append(g)
    return {key: _criterion(rows, links) for key, rows in found.items()}


def _criterion(groups: list[Waiting], links: Sequence[Link]) -> CriterionAnswers:
    groups = sorted(groups, key=lambda g: -len(g.members))
    shown = groups[:MAX_GROUPS]
    return CriterionAnswers(
        anchor=groups[0].criterion,
        title=groups[0].criterion_title or groups[0].criterion,
        groups=tuple(_group(g, links) for g in shown),
        others=sum(len(g.members) for g in groups[MAX_GROUPS:]),
    )


def _group(g: Waiting, links: Sequence[Link]) -> AnswerGroup:
    return AnswerGroup(
        outcome=g.outcome,
        size=len(g.members),
        points=f"{'–' if g.outcome.waits_for_person else number(g.points)}/{number(g.max_points)}",
        read=replace(g.read, text=excerpt(g.read.text, MAX_QUOTE)),
        begins="" if g.read else excerpt(g.answer, MAX_QUOTE),
        message=g.why,
        links=tuple(links[i] for i in g.members[:MAX_MEMBERS]),
        others=tuple(links[i].text for i in g.members[MAX_MEMBERS:MAX_NAMED]),
        more=max(0, len(g.members) - MAX_NAMED),
    )
