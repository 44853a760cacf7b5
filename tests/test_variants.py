"""The same answers in many notations, and wrong ones that look alike: ``variants/<sheet>.toml``, by hand.

Every criterion of every rubric has its rows; the outcome of each row was decided before it was run.
"""

from __future__ import annotations

import json
import tomllib
from functools import lru_cache
from pathlib import Path

import pytest

from grader.checkers import Check
from grader.engine.grade import build_check
from grader.model import Answer, Judgement, Where
from grader.rubric import Question, Rubric, load_rubric

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "tests" / "variants").glob("*.toml"))
CASES = [
    pytest.param(
        file.stem, question, criterion, outcome, text, id=f"{file.stem} {question} {criterion} {outcome} {i}"
    )
    for file in FILES
    for question, criteria in tomllib.loads(file.read_text("utf-8")).items()
    for criterion, outcomes in criteria.items()
    for outcome, texts in outcomes.items()
    for i, text in enumerate(texts)
]


@lru_cache
def rubric(sheet: str) -> Rubric:
    return load_rubric(ROOT / "rubrics" / f"{sheet}.toml")


@lru_cache
def checks(sheet: str, id: str) -> tuple[Question, dict[str, Check]]:
    question = rubric(sheet).question(id)
    return question, {c.id: build_check(question, c) for c in question.criteria}


def judged(sheet: str, id: str, criterion: str, text: str) -> Judgement:
    """What the criterion says, after those before it."""
    question, by_id = checks(sheet, id)
    structured = text.startswith("json:")
    answer = Answer(
        id,
        Where(f"{sheet}.toml"),
        text="" if structured else text,
        value=json.loads(text.removeprefix("json:")) if structured else None,
    )
    earlier: dict[str, Judgement] = {}
    for c in question.criteria:
        earlier[c.id] = by_id[c.id](answer, earlier)
        if c.id == criterion:
            return earlier[c.id]
    raise KeyError(criterion)


@pytest.mark.parametrize(("sheet", "question", "criterion", "outcome", "text"), CASES)
def test_an_answer_is_judged_as_by_hand(
    sheet: str, question: str, criterion: str, outcome: str, text: str
) -> None:
    judgement = judged(sheet, question, criterion, text)
    assert judgement.outcome == outcome, f"{text}\n{judgement.message}"
