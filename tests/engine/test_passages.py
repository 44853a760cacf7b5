"""A criterion may be judged by one passage of an answer only."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from grader.engine.grade import build_check
from grader.errors import RubricError
from grader.maths.passages import MAX_TEXT
from grader.model import Answer, Judgement, Outcome, Where
from grader.rubric import PassageData
from tests.checkers.case_files import make_question

REGIMES = {"choices": {"noise": ["noise"], "curvature": ["curvature"]}}
A = {"after": r"(?-i:\bA\b)", "before": r"(?-i:\bB\b)"}
B = {"after": r"(?-i:\bB\b)", "before": r"(?-i:\bA\b)"}
TEXT = "A is dominated by noise, a reason to use more machines. B is dominated by curvature."


def judge(passage: Mapping[str, object], text: str = "", value: object = None) -> Judgement:
    criterion = {"id": "regime", "expected": "noise", "parts": ["A"], "passage": dict(passage), **REGIMES}
    question = make_question({"criteria": [criterion]}, "choice")
    check = build_check(question, question.criteria[0])
    return check(Answer("1", Where("case"), text=text, value=value), {})


def test_only_the_passage_is_judged() -> None:
    assert judge(A, TEXT).outcome is Outcome.CORRECT
    assert judge(B, TEXT).outcome is Outcome.INCORRECT
    assert judge({"after": "dominated by", "before": ","}, TEXT).outcome is Outcome.CORRECT
    assert judge({"before": r"\bmachines\b"}, TEXT).outcome is Outcome.CORRECT
    assert judge({"after": r"\bmachines\b"}, TEXT).outcome is Outcome.INCORRECT


def test_the_end_need_not_be_there() -> None:
    assert judge(B, "Point B: curvature").outcome is Outcome.INCORRECT


def test_without_the_words_a_person_looks() -> None:
    judgement = judge(A, "Noise dominates.")
    assert (judgement.outcome, judgement.message) == (
        Outcome.REVIEW,
        "The passage that this is judged by was not found: a person looks.",
    )
    assert judgement.evidence == {"text": "Noise dominates."}
    assert judge({"before": "machines"}, "Noise.").outcome is Outcome.REVIEW
    assert judge(A, "Noise. " * (MAX_TEXT // 7 + 1) + TEXT).outcome is Outcome.REVIEW


def test_or_the_whole_answer_is_judged() -> None:
    assert judge({**A, "or_all": True}, "Noise dominates.").outcome is Outcome.CORRECT
    assert judge({"before": "machines", "or_all": True}, "Noise.").outcome is Outcome.CORRECT


def test_or_what_the_passage_leaves_open() -> None:
    assert judge({"before": "noise", "or_all": True}, TEXT.split(".")[0]).outcome is Outcome.CORRECT
    assert judge({"before": "noise"}, TEXT.split(".")[0]).outcome is Outcome.REVIEW
    assert judge({"after": "machines", "or_all": True}, TEXT).outcome is Outcome.INCORRECT


def test_parts_of_a_structured_answer_are_whole() -> None:
    assert judge(A, value={"A": "noise, unlike B", "B": "curvature"}).outcome is Outcome.CORRECT
    assert judge(A, value={"B": "curvature"}).outcome is Outcome.MISSING


def test_nothing_is_missing_not_unclear() -> None:
    assert judge(A, "  ").outcome is Outcome.MISSING


@pytest.mark.parametrize(
    ("passage", "message"),
    [
        ({}, "`passage` names neither `after` nor `before`; write at least one"),
        ({"after": "("}, "`passage.after` holds '(', which is not a regular expression"),
    ],
)
def test_what_an_author_may_not_write(passage: dict[str, str], message: str) -> None:
    with pytest.raises(RubricError) as caught:
        msgspec.convert(passage, PassageData).compiled()
    assert str(caught.value).startswith(message)
