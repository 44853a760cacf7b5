"""Criteria that ask for a step of a derivation: what an author can get wrong, what ``grade verify`` sees, and
a class that is graded with them from file to report."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from grader.checkers import derivation
from grader.checkers._verify import Oracle
from grader.engine.grade import build_check
from grader.engine.verify import try_examples
from grader.errors import RubricError
from grader.model import Outcome
from grader.reports.student import student_page
from grader.rubric import read_options
from tests.checkers.case_files import make_question
from tests.reports.conftest import grade_folder

NAMES: dict[str, Any] = {"symbols": {"x": "scalar", "y": "scalar"}, "given": []}
SQUARE: dict[str, Any] = {
    "reaches": ["(x + y)^2"],
    "what": "the square",
    "labels": ["s"],
    "examples": ["$$s = x^2 + 2xy + y^2 = (x + y)^2$$"],
}


# ---- what an author can get wrong


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reaches": []}, "`reaches` is empty; list at least one formula or equation"),
        (
            {"reaches": ["q + 1"]},
            "`reaches[0]`: the expected answer 'q + 1' cannot be read: q is not declared",
        ),
        ({"reaches": ["x"]}, "`reaches[0]` is 'x', which shows nothing by itself; write an equation"),
        ({"reaches": ["0"]}, "`reaches[0]` is '0', which shows nothing by itself; write an equation"),
        ({"carried": 2.0}, "`carried` is 2; a credit is a share of the points, from 0 to 1"),
        ({"stated": -0.5}, "`stated` is -0.5; a credit is a share of the points, from 0 to 1"),
        ({"recovered": 1.5}, "`recovered` is 1.5; a credit is a share of the points, from 0 to 1"),
        ({"slip_credit": 3.0}, "`slip_credit` is 3; a credit is a share of the points, from 0 to 1"),
        ({"after": ["c7"]}, "`after` holds 'c7'; the criteria of this question are c0"),
        ({"otherwise": "maybe"}, "`otherwise` is 'maybe': invalid enum value 'maybe'"),
        ({"reach": []}, "unknown key `reach`; did you mean `reaches`?"),
    ],
)
def test_faults_of_an_author(options: dict[str, Any], message: str) -> None:
    question = make_question(NAMES | {"criteria": [SQUARE | options]}, "derivation")
    with pytest.raises(RubricError) as caught:
        build_check(question, question.criteria[0])
    assert message in str(caught.value)


def test_a_question_has_to_say_what_is_given() -> None:
    question = make_question({"symbols": {"x": "scalar", "y": "scalar"}, "criteria": [SQUARE]}, "derivation")
    with pytest.raises(RubricError, match="the question does not say what is `given` between its names, so"):
        build_check(question, question.criteria[0])


# ---- grade verify


def problems(options: dict[str, Any], oracle: Oracle | None = None) -> list[str]:
    question = make_question(NAMES | {"criteria": [SQUARE | options]}, "derivation")
    return derivation.verify(read_options(question.criteria[0], derivation.Options), question, oracle)


def tried(options: dict[str, Any]) -> tuple[int, int, list[str]]:
    question = make_question(NAMES | {"criteria": [SQUARE | options]}, "derivation")
    answers = derivation.examples(read_options(question.criteria[0], derivation.Options), question)
    return try_examples(build_check(question, question.criteria[0]), question, answers)


def test_a_rubric_that_agrees_has_no_problems() -> None:
    oracle = Oracle(({"x": Fraction(1, 2), "y": Fraction(1)},), (Fraction(9, 4),))
    assert problems({}, oracle) == []


def test_a_rubric_at_odds_with_its_reference_or_itself() -> None:
    oracle = Oracle(({"x": Fraction(1, 2), "y": Fraction(1)},), (Fraction(5),))
    mistakes = [{"answer": "x^2 + 2xy + y^2", "feedback": "?"}]
    assert problems({"examples": [], "mistakes": mistakes}, oracle) == [
        "`examples` is empty; list a derivation that has to be accepted",
        "the listed mistake 'x^2 + 2xy + y^2' is accepted as right",
        "the expected formula '(x + y)^2' gives 9/4, the reference gives 5",
    ]


def test_right_derivations_earn_and_lines_that_lead_elsewhere_do_not() -> None:
    options = {
        "reject": ["$$s = x^2 + y^2 = (x + y)^2$$", "$$s = (x + y)^2$$", "$$x + y = y + x$$"],
        "mistakes": [{"answer": "x^2 + y^2", "feedback": "The mixed term.", "credit": 0.5}],
    }
    earned, lost, found = tried(options)
    assert found == []
    assert earned == 3
    assert lost > 8


def test_an_example_that_earns_too_little_is_a_problem() -> None:
    _, _, found = tried({"examples": ["$$s = (x + y)^2$$"]})
    assert found == [
        (
            "the example '$$s = (x + y)^2$$' earns 0 (review), not 1: "
            "Stated, without a line that leads to it: the square. A person looks."
        )
    ]


# ---- from file to report

SHEET = """\
id = "steps"
title = "Steps"
points = 4

[symbols]
x = "scalar > 0"
y = "scalar"

[[questions]]
id = "1"
title = "The lowest point"
points = 4
given = []
define = { f = "x^2 - 6 x + y" }

[[questions.criteria]]
id = "differentiates"
title = "differentiates"
kind = "derivation"
points = 2
what = "the derivative"
reaches = ['2 x - 6']
labels = ['\\frac{df}{dx}', '\\frac{d}{dx} f']
examples = ['$$\\frac{d}{dx} f = 2 x - 6$$']
stated = 1.0

[[questions.criteria]]
id = "solves"
title = "sets it to zero and solves"
kind = "derivation"
points = 2
what = "x = 3"
reaches = ['x = 3']
labels = ['x']
examples = ['$$\\frac{d}{dx} f = 2 x - 6 = 0$$ $$\\implies x = 3$$']
"""
ANSWERS = {
    "s001": r"$$\frac{d}{dx} f = 2x - 6 = 0$$ $$\implies x = 3$$",
    "s002": r"$$\frac{d}{dx} f = 2x - 6 = 0$$ $$\implies x = 6$$",  # the error is in the second step
    "s003": r"$$\frac{d}{dx} f = 2x - 12 = 0$$ $$\implies x = 6$$",  # in the first, and carried forward
    "s004": r"$$\frac{d}{dx} f = 4x - 12 = 0$$ $$\implies x = 3$$",  # in the first, with a right result
    "s005": "By symmetry it is the middle.",
}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("rubrics", "reference", "in"):
        (tmp_path / folder).mkdir()
    (tmp_path / "rubrics" / "steps.toml").write_text(SHEET, encoding="utf-8")
    for student, text in ANSWERS.items():
        data = {"student": student, "assignment": "steps", "answers": {"1": text}}
        (tmp_path / "in" / f"{student}.json").write_text(json.dumps(data), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_first_error_costs_its_points_once(course: Path) -> None:
    class_ = grade_folder(course / "in", "steps")
    found = {r.student: [(f.outcome, f.points, f.message) for f in r.findings] for r in class_.results}
    reached = (Outcome.CORRECT, 2.0, "Reached by lines that hold: the derivative.")
    assert found["s001"] == [reached, (Outcome.CORRECT, 2.0, "Reached by lines that hold: x = 3.")]
    assert found["s002"][0] == reached
    assert found["s002"][1][:2] == (Outcome.INCORRECT, 0.0)
    assert found["s002"][1][2].startswith("The first line that does not hold: “6”. This does not follow: ")
    assert found["s003"][0][:2] == (Outcome.INCORRECT, 0.0)
    assert found["s003"][0][2].startswith("The first line that does not hold: “2x - 12”. Not equal to the ")
    assert found["s003"][1] == (
        Outcome.CORRECT,
        2.0,
        "Carried forward: it follows from a line before, where the error was charged.",
    )
    assert found["s004"][0][:2] == (Outcome.INCORRECT, 0.0)
    assert found["s004"][1] == (
        Outcome.CORRECT,
        2.0,
        "Reached: x = 3. An error before it was charged where it was made.",
    )
    assert [f[0] for f in found["s005"]] == [Outcome.REVIEW, Outcome.REVIEW]


def test_the_page_of_a_student_does_not_give_the_step_away(course: Path) -> None:
    class_ = grade_folder(course / "in", "steps")
    page = student_page(class_.results[4], class_.rubrics[0])
    said = str([(c.evidence, c.message, c.read) for c in page.questions[0].criteria])
    assert "x = 3" not in said
    assert "the derivative" not in said
