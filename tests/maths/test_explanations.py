"""A verdict is explained when somebody asks: it stands without its explanation, and is the same with it."""

from __future__ import annotations

import pickle
from collections import deque
from typing import Any

import pytest

from grader.maths import compare, equality
from grader.maths.compare import Problem
from grader.maths.declare import Declarations
from grader.maths.verdict import Comparison, Said


def problem(expected: str, **symbols: str) -> Problem:
    return Problem(Declarations.make(symbols), expected)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was looked for: proofs and counterexamples."""
    found: list[str] = []

    def watched(name: str) -> None:
        real = getattr(equality, name)

        def watch(*given: Any) -> Any:
            found.append(name)
            return real(*given)

        monkeypatch.setattr(equality, name, watch)

    watched("find_counterexample")
    watched("_proof")
    return found


def test_a_wrong_answer_is_not_explained_before_somebody_asks(asked: list[str]) -> None:
    out = problem("2 a", a="scalar").judge("4 a")
    assert (out.verdict, asked) == ("different", [])
    assert out.message == (
        "Not equal to the expected answer: for a = 1 yours gives 4, expected is 2. "
        "Likely mistake: your answer is 2 times the expected one."
    )
    assert out.mistake == "factor"
    assert out.evidence["counterexample"]["values"] == {"a": "1"}
    assert asked == ["find_counterexample"]  # once


def test_how_sure_a_right_answer_is_is_found_when_somebody_asks(asked: list[str]) -> None:
    out = problem("2 a", a="scalar").judge("a + a")
    assert (out.verdict, asked) == ("equivalent", [])
    assert out.evidence == {"level": "proved", "by": "normal form", "points": 1, "dimensions": [{}]}
    assert asked == ["_proof"]


def test_a_verdict_stands_although_its_explanation_fails() -> None:
    def broken(said: Said) -> Said:
        raise ZeroDivisionError

    def more(said: Said) -> Said:
        return said._replace(mistake="sign")

    out = Comparison("different", "Not equal.", evidence={"level": "refuted"}, more=(broken, more))
    assert (out.verdict, out.message, out.mistake) == ("different", "Not equal.", "sign")
    assert out.evidence == {"level": "refuted", "unexplained": "ZeroDivisionError"}


def test_a_verdict_with_its_explanation_goes_to_another_process() -> None:
    out = problem("2 a", a="scalar").judge("4 a")
    sent = pickle.loads(pickle.dumps(out))
    assert sent == out
    assert (sent.message, sent.read_as, sent.evidence) == (out.message, "4a", out.evidence)
    assert sent != problem("2 a", a="scalar").judge("5 a")


def test_a_proof_at_the_first_point_counts_where_more_points_take_too_long() -> None:
    """Three sums of so many terms are more than one judgement may compute; the normal form needs one."""
    long = r"\sum_{i=1}^{1999} \sum_{j=1}^{11} i x"
    out = problem(f"2 + {long}", x="scalar").judge(f"1 + {long} + 1")
    assert (out.verdict, out.evidence["level"]) == ("equivalent", "proved")


def test_a_proof_counts_where_a_later_point_has_no_value() -> None:
    """At n = k the answer is 0/0; what has the normal form of the expected answer is right all the same."""
    symbols = {"X": "matrix n d", "n": "dim", "d": "dim"}
    total = r"\sum_{i=1}^n i"
    asked = problem(total, **symbols)
    sizes = [s.point.dims["n"] for s in asked.exact_samples(asked.bound)]
    assert len(set(sizes)) > 2
    for k in sizes[1:]:
        out = asked.judge(rf"\frac{{n-{k}}}{{n-{k}}} {total}")
        assert (out.verdict, out.evidence["level"]) == ("equivalent", "proved")


def test_the_verdicts_of_all_questions_that_are_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "KEPT_IN_ALL", 5)
    monkeypatch.setattr(compare, "_ORDER", deque())
    questions = [problem(f"{k} a", a="scalar") for k in range(1, 4)]
    first = [q.judge("a") for q in questions]
    for k, q in enumerate(questions):
        q.judge(f"{k} a + a")
    assert questions[0].judge("a") is not first[0]  # six were kept: the oldest made room
    assert questions[2].judge("a") is first[2]
    assert questions[0].judge("a") == first[0]
    assert sum(len(q._judged) for q in questions) == 5
    del q, questions[:]
    assert problem("a", a="scalar").judge("a").equivalent  # those of questions that are gone cost nothing


def test_one_question_keeps_so_many_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "KEPT", 2)
    question = problem("a", a="scalar")
    first = question.judge("a")
    assert question.judge("a") is first
    for answer in ("a + 0", "1 a"):
        question.judge(answer)
    assert question.judge("a") is not first
