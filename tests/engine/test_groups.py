"""Which answers are one answer to a criterion."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.engine.grade import Grader
from grader.engine.plan import make_plan
from tests.kit import make_course, submit

SHEET = Path(__file__).resolve().parents[2] / "rubrics" / "csc413-2020-hw2.toml"


def groups(tmp_path: Path, rubric: str, question: str, criterion: str, *answers: str) -> list[str]:
    folder = tmp_path / "class"
    for i, text in enumerate(answers):
        submit(folder, f"s{i:03}", assignment=None, **{"q" + question.replace(".", "_"): text})
    plan = make_plan([folder], rubric)
    grader = Grader(plan.rubrics)
    found = [f for job in plan.jobs for f in grader.grade(job).findings]
    return [f.group for f in found if (f.question, f.criterion) == (question, criterion)]


def test_wrong_answers_of_one_value_are_one(tmp_path: Path) -> None:
    half, same, right, again, other = groups(
        tmp_path,
        str(SHEET),
        "2.2.3",
        "eta_star",
        r"$\eta^* = \frac{n\|X^Ta\|^2}{4\|XX^Ta\|^2}$",
        r"$$\eta^* = \frac{n}{4} \cdot \frac{a^TXX^Ta}{\|XX^Ta\|^2}$$",
        r"$\eta^* = \frac{n\|X^Ta\|^2}{2\|XX^Ta\|^2}$",
        r"$\eta^* = \frac{n}{2} \left(\frac{\|X^Ta\|}{\|XX^Ta\|}\right)^2$",
        r"$\eta^* = \frac{n\|X^Ta\|^2}{8\|XX^Ta\|^2}$",
    )

    assert half == same
    assert right == again
    assert len({half, right, other}) == 3
    assert all(len(g) == 12 and set(g) <= set("0123456789abcdef") for g in (half, right, other))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("perhaps", "perhaps:", False),
        ("perhaps: so\n  it is", "perhaps:  so it is", True),
        ("1/3", "1/3 ", True),
        ("1/3", "1/4", False),
        ("third", "third:more", False),
    ],
)
def test_texts_are_one_but_for_white_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one: str, other: str, equal: bool
) -> None:
    make_course(tmp_path / "course", monkeypatch)

    first, second = groups(tmp_path, "tiny", "1.1", "value", one, other)

    assert (first == second) is equal


def test_the_same_text_to_two_questions_is_not_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_course(tmp_path / "course", monkeypatch)
    submit(tmp_path / "class", "s001", q1_1="perhaps", q1_2="perhaps", q2="")
    plan = make_plan([tmp_path / "class"], "tiny")
    found = Grader(plan.rubrics).grade(plan.jobs[0]).findings

    assert len({f.group for f in found}) == len(found)
