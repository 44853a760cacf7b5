"""The review page: groups of equal answers, what waits first, whose they are hidden.

Readable without its script; with it a person decides with the keyboard and takes ``decisions.jsonl`` away,
which ``grade run --decisions`` reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from grader.model import SubmissionResult
from grader.reports.markdown import is_drawn
from grader.reports.queue import Groups, Waiting, answer_groups
from grader.reports.text import count, cut, number
from grader.rubric import Rubric

__all__ = ["ReviewPage", "review_page"]


@dataclass(frozen=True, slots=True)
class Item:
    """An answer and the criteria that are to be decided about it."""

    number: int
    question: str
    title: str
    prompt: str
    answer: str
    drawn: bool  # there is mathematics in it that a page can draw
    whose: str  # "9 answers"
    points: str
    criteria: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """The groups of one question that do not wait."""

    question: str
    title: str
    groups: tuple[Waiting, ...]
    left: str = ""  # what is not on the page


MAX_PROMPT = 600  # characters of the question, above each answer
MAX_ITEMS = 500  # that wait, and
MAX_REST = 100  # groups of a question that do not: a page that a browser can hold


@dataclass(frozen=True, slots=True)
class ReviewPage:
    title: str
    sheets: tuple[str, ...]
    questions: tuple[str, ...]
    items: tuple[Item, ...]
    waiting: str
    rest: tuple[Rest, ...]
    left: str = ""  # what waits and is not on the page


def review_page(
    results: Sequence[SubmissionResult], rubrics: Sequence[Rubric], answers: Groups | None = None
) -> ReviewPage:
    """``answers``: their groups, where they are known already."""
    waits, rest = answers or answer_groups(results, rubrics)
    items = []
    for i, (key, found) in enumerate(groupby(waits, key=lambda g: (g.question, g.members)), 1):
        groups = tuple(found)
        items.append(
            Item(
                number=i,
                question=key[0],
                title=groups[0].title,
                prompt=cut(groups[0].prompt, MAX_PROMPT),
                answer=groups[0].answer,
                drawn=is_drawn(groups[0].answer),
                whose=count(len(key[1]), "answer"),
                points=_points(groups),
                criteria=groups,
            )
        )
    members = sum(len(item.criteria[0].members) for item in items)
    decisions, sorts = count(len(waits), "decision"), count(len(items), "group")
    others = tuple(
        Rest(question, groups[0].title, groups[:MAX_REST], _left(groups[MAX_REST:]))
        for question, found in groupby(rest, key=lambda g: g.question)
        if (groups := tuple(found))
    )
    return ReviewPage(
        title=" and ".join(r.title for r in rubrics) or "Homework",
        sheets=tuple(r.id for r in rubrics),
        questions=tuple(dict.fromkeys(item.question for item in items)),
        items=tuple(items[:MAX_ITEMS]),
        waiting=f"{sorts} of equal answers ({count(members, 'answer')}, {decisions}, {_points(waits)})",
        rest=others,
        left=count(len(items) - MAX_ITEMS, "more group") if len(items) > MAX_ITEMS else "",
    )


def _left(groups: Sequence[Waiting]) -> str:
    if not groups:
        return ""
    answers = count(sum(len(g.members) for g in groups), "answer")
    return f"{count(len(groups), 'smaller group')} of {answers}"


def _points(groups: Sequence[Waiting]) -> str:
    stake = sum(g.at_stake for g in groups)
    return f"{number(stake)} {'point' if stake == 1 else 'points'}"
