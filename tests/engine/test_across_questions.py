"""What an earlier question hands to a later one: an own wrong result, and the conventions it follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.engine.grade import Grader, build_check
from grader.errors import RubricError
from grader.model import Job, Outcome
from grader.rubric import load_rubric

RUBRIC = """
id = "linked"
title = "Linked questions"
points = 4
conventions = [
    { symbol = "c", title = "scale of the loss", ways = [
        { value = "1/n", title = "1/n" },
        { value = "1/(2n)", title = "1/(2n)", credit = 0.5 },
    ] },
]

[symbols]
X = "matrix n d"
w = "vector d"
t = "vector n"
eta = "scalar > 0"
n = "dim"

[[questions]]
id = "1"
points = 2
[[questions.criteria]]
id = "gradient"
kind = "expression"
points = 2
labels = ["g"]
expected = '2 c X^T (X w - t)'

[[questions]]
id = "2"
points = 2
[[questions.criteria]]
id = "step"
kind = "expression"
points = 2
labels = ["w_1"]
expected = 'w - 2 c \\eta X^T (X w - t)'
follow = { criterion = "1/gradient", symbol = "g", expected = 'w - \\eta g' }
"""


@pytest.fixture
def rubric(tmp_path: Path) -> Path:
    file = tmp_path / "linked.toml"
    file.write_text(RUBRIC, "utf-8")
    return file


def grade(rubric: Path, gradient: str, step: str) -> list[tuple[Outcome, float, str]]:
    sheet = rubric.with_name("s001.md")
    sheet.write_text(f"# 1\n\n{gradient}\n\n# 2\n\n{step}\n", "utf-8")
    result = Grader({}).grade(Job(str(sheet), sheet.name, "s001", str(rubric)))
    return [(f.outcome, f.points, f.message) for f in result.findings]


EQUAL = "Equal to the expected answer: both have the same normal form."


def test_a_step_that_follows_from_a_wrong_gradient_earns_its_points(rubric: Path) -> None:
    found = grade(rubric, "$g = X^T (X w - t)$", r"$w_1 = w - \eta X^T (X w - t)$")
    assert found[0][:2] == (Outcome.INCORRECT, 0.0)
    assert found[1] == (
        Outcome.CORRECT,
        2.0,
        "Follows correctly from your result for g; the error there is charged only once.",
    )


def test_own_abbreviations_of_the_earlier_question_go_along(rubric: Path) -> None:
    found = grade(rubric, "Let $r = X w - t$. Then $g = 3 X^T r$", r"$w_1 = w - 3 \eta X^T (X w - t)$")
    assert [f[:2] for f in found] == [(Outcome.INCORRECT, 0.0), (Outcome.CORRECT, 2.0)]


def test_what_does_not_follow_is_wrong(rubric: Path) -> None:
    found = grade(rubric, "$g = X^T (X w - t)$", r"$w_1 = w + \eta X^T (X w - t)$")
    assert [f[:2] for f in found] == [(Outcome.INCORRECT, 0.0), (Outcome.INCORRECT, 0.0)]


def test_a_convention_of_the_sheet_is_charged_once(rubric: Path) -> None:
    found = grade(rubric, r"$g = \frac1n X^T (X w - t)$", r"$w_1 = w - \frac{\eta}{n} X^T (X w - t)$")
    said = "Convention (scale of the loss): 1/(2n)."
    charged, kept = f"{said} With that, the formula is right.", f"{EQUAL} {said}"
    assert found == [(Outcome.PARTIAL, 1.0, charged), (Outcome.CORRECT, 2.0, kept)]


def test_a_convention_is_to_be_kept_up(rubric: Path) -> None:
    found = grade(rubric, r"$g = \frac2n X^T (X w - t)$", r"$w_1 = w - \frac{\eta}{n} X^T (X w - t)$")
    said = "Convention (scale of the loss): 1/(2n) here, but 1/n in your earlier answer."
    assert found == [
        (Outcome.CORRECT, 2.0, EQUAL),
        (
            Outcome.PARTIAL,
            1.0,
            f"{said} With that, the formula is right.",
        ),
    ]


def test_a_criterion_that_comes_later_cannot_be_followed(rubric: Path) -> None:
    text = RUBRIC.replace('criterion = "1/gradient"', 'criterion = "3/gradient"')
    rubric.write_text(text, "utf-8")
    question = load_rubric(rubric).question("2")
    with pytest.raises(RubricError) as caught:
        build_check(question, question.criteria[0])
    assert str(caught.value) == (
        "linked.toml: questions[1] (2).criteria[0] (step): `follow.criterion` is '3/gradient'; "
        "the formulas of this question and of those before it are step, 1/gradient"
    )


def test_a_formula_in_a_fenced_block_is_an_answer(rubric: Path) -> None:
    found = grade(
        rubric,
        "```python\nr = X @ w - t\ng = 2 / n * X.T @ r\n```",
        "With the gradient from above:\n\n```python\nw_1 = w - 2 * eta / n * X.T @ (X @ w - t)\n```",
    )
    assert [f[:2] for f in found] == [(Outcome.CORRECT, 2.0), (Outcome.CORRECT, 2.0)]


def test_a_wrong_formula_in_a_fenced_block_is_wrong(rubric: Path) -> None:
    found = grade(rubric, "```python\ng = 2 / n * X @ (X @ w - t)\n```", "```python\nw_1 = w\n```")
    assert [f[0] for f in found] == [Outcome.INCORRECT, Outcome.INCORRECT]
