"""The same answers in many notations, and wrong ones that look alike: ``variants.toml``, marked by hand."""

from __future__ import annotations

import json
import tomllib
from functools import lru_cache
from pathlib import Path

import pytest

from grader.checkers import Check
from grader.engine.grade import build_check
from grader.model import Answer, Judgement, Where
from grader.rubric import Question, load_rubric

SHEET = Path(__file__).parents[1] / "rubrics" / "csc413-2020-hw2.toml"
VARIANTS: dict[str, dict[str, dict[str, list[str]]]] = tomllib.loads(
    Path(__file__).with_name("variants.toml").read_text("utf-8")
)
CASES = [
    pytest.param(question, criterion, outcome, text, id=f"{question} {criterion} {outcome} {i}")
    for question, criteria in VARIANTS.items()
    for criterion, outcomes in criteria.items()
    for outcome, texts in outcomes.items()
    for i, text in enumerate(texts)
]


@lru_cache
def checks(id: str) -> tuple[Question, dict[str, Check]]:
    question = load_rubric(SHEET).question(id)
    return question, {c.id: build_check(question, c) for c in question.criteria}


def judged(id: str, criterion: str, text: str) -> Judgement:
    """What the criterion says, after those before it."""
    question, by_id = checks(id)
    structured = text.startswith("json:")
    answer = Answer(
        id,
        Where("variants.toml"),
        text="" if structured else text,
        value=json.loads(text.removeprefix("json:")) if structured else None,
    )
    earlier: dict[str, Judgement] = {}
    for c in question.criteria:
        earlier[c.id] = by_id[c.id](answer, earlier)
        if c.id == criterion:
            return earlier[c.id]
    raise KeyError(criterion)


@pytest.mark.parametrize(("question", "criterion", "outcome", "text"), CASES)
def test_an_answer_is_judged_as_by_hand(question: str, criterion: str, outcome: str, text: str) -> None:
    judgement = judged(question, criterion, text)
    assert judgement.outcome == outcome, f"{text}\n{judgement.message}"
