"""One submission: every criterion gets one finding, and nothing is the student's fault that is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader import readers
from grader.engine.grade import Grader, broken_result
from grader.errors import RubricError
from grader.model import (
    Answer,
    AnswerState,
    Finding,
    Job,
    Outcome,
    Status,
    Submission,
    SubmissionResult,
    Where,
)
from tests.kit import SHEET, make_course, submit


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_course(tmp_path / "course", monkeypatch)


def rubric_file(course: Path) -> str:
    return str(course / "rubrics" / "tiny.toml")


def grade(course: Path, file: Path, rubric: str | None = None) -> SubmissionResult:
    job = Job(str(file), file.name, None, rubric)
    return Grader({"tiny": rubric_file(course)}).grade(job)


def outcomes(result: SubmissionResult) -> list[tuple[str, str, str, float]]:
    return [(f.question, f.criterion, f.outcome.value, f.points) for f in result.findings]


def test_a_perfect_submission(course: Path) -> None:
    result = grade(course, submit(course / "in", "s001", q1_1="1/2", q1_2="yes", q2="more"))
    assert result.status is Status.GRADED
    assert result.student == "s001"
    assert result.rubric == rubric_file(course)
    assert outcomes(result) == [
        ("1.1", "value", "correct", 2.5),
        ("1.1", "style", "correct", 0.5),
        ("1.2", "word", "correct", 2.0),
        ("2", "more", "correct", 1.0),
    ]
    assert replace(result.findings[0], group="") == Finding(
        student="s001",
        question="1.1",
        criterion="value",
        kind="say",
        outcome=Outcome.CORRECT,
        points=2.5,
        max_points=2.5,
        message="",
        read_as="«1/2»",
        evidence={},
        where="file000.json:1",
    )


def test_what_was_not_handed_in_is_missing(course: Path) -> None:
    result = grade(course, submit(course / "in", "s001", q1_2="yes"))
    assert result.status is Status.GRADED
    assert outcomes(result) == [
        ("1.1", "value", "missing", 0.0),
        ("1.1", "style", "missing", 0.0),
        ("1.2", "word", "correct", 2.0),
        ("2", "more", "missing", 0.0),
    ]
    assert result.findings[0].message == "Nothing was handed in for this question."


def test_credit_becomes_points_to_four_places(course: Path) -> None:
    result = grade(course, submit(course / "in", "s001", q1_1="third", q1_2="third"))
    assert [f.points for f in result.findings] == [0.8333, 0.1667, 0.6667, 0.0]
    assert result.findings[0].evidence == {"mistake": "one in three"}


def test_what_waits_for_a_person_has_no_points_yet(course: Path) -> None:
    result = grade(course, submit(course / "in", "s001", q1_1="perhaps", q1_2="garbage: ("))
    assert result.status is Status.PARTIAL
    assert outcomes(result)[:3] == [
        ("1.1", "value", "review", 0.0),
        ("1.1", "style", "review", 0.0),
        ("1.2", "word", "unreadable", 0.0),
    ]


def test_a_later_criterion_sees_the_earlier_ones(course: Path) -> None:
    result = grade(course, submit(course / "in", "s001", q1_1="wrong"))
    assert outcomes(result)[:2] == [("1.1", "value", "incorrect", 0.0), ("1.1", "style", "correct", 0.5)]
    assert result.findings[1].message == "follows incorrect"


def test_a_checker_that_breaks_costs_no_marks(course: Path) -> None:
    result = grade(course, submit(course / "in", "s001", q1_1="1/2", q1_2="crash"))
    assert result.status is Status.PARTIAL
    error = result.findings[2]
    assert (error.outcome, error.points, error.message) == (
        Outcome.ERROR,
        0.0,
        (
            "The criterion 'word' could not be run (KeyError: 'boom'). "
            "This is a fault of the grader or of the rubric and costs no marks."
        ),
    )
    assert list(error.evidence) == ["raised at"]


def test_credit_out_of_range_is_the_checkers_fault(course: Path) -> None:
    result = grade(course, submit(course / "in", "s001", q1_2="odd credit"))
    assert result.findings[2].message == (
        "The criterion 'word' could not be run (ValueError: credit is 2.0; expected a share between "
        "0 and 1). This is a fault of the grader or of the rubric and costs no marks."
    )


def test_a_lost_figure_is_for_a_person(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Answer("1.2", Where("s001.md", 7), state=AnswerState.FIGURE)
    submission = Submission("s001", "tiny", "s001.md", {"1.2": answer})
    monkeypatch.setattr(readers, "read", lambda *args, **kwargs: submission)
    result = grade(course, Path("s001.md"), rubric_file(course))
    assert result.status is Status.PARTIAL
    finding = result.findings[2]
    assert (finding.outcome, finding.where, finding.message) == (
        Outcome.REVIEW,
        "s001.md:7",
        "A figure may have been lost when this sheet became text: a person looks at the original.",
    )


def test_an_unreadable_file_has_no_findings(course: Path) -> None:
    file = course / "s044.json"
    file.write_text('{"student": ')
    result = grade(course, file, rubric_file(course))
    assert result == SubmissionResult(
        student="s044",
        source="s044.json",
        status=Status.UNREADABLE,
        rubric=rubric_file(course),
        message="1:13: not valid JSON: expecting value",
        cure="the file stops too early; hand in the whole file",
    )


def test_a_reader_that_breaks_is_our_fault(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*args: object, **kwargs: object) -> Submission:
        raise IndexError("list index out of range")

    monkeypatch.setattr(readers, "read", read)
    result = grade(course, Path("s001.md"), rubric_file(course))
    assert (result.status, result.message, result.cure) == (
        Status.UNREADABLE,
        (
            "the reader failed (IndexError: list index out of range); "
            "this is a fault of the toolkit, not of the student"
        ),
        "grade this one by hand and report the fault",
    )


# ---- which rubric


@pytest.mark.parametrize("name", ["tiny", " Tiny "])
def test_a_submission_finds_its_own_rubric(course: Path, name: str) -> None:
    result = grade(course, submit(course / "in", "s001", name, q1_2="yes"))
    assert result.rubric == rubric_file(course)


@pytest.mark.parametrize("name", ["other", "../rubrics/tiny", "tiny.toml", "rubrics/tiny.toml"])
def test_the_name_in_a_submission_is_never_a_path(course: Path, name: str) -> None:
    result = grade(course, submit(course / "in", "s001", name, q1_2="yes"))
    assert (result.status, result.rubric) == (Status.UNREADABLE, "")
    assert result.message == f"there is no rubric for its assignment '{name}'"


def test_a_submission_that_names_no_assignment(course: Path) -> None:
    result = grade(course, submit(course / "in", "s001", None, q1_2="yes"))
    assert result.message == "it does not say which assignment it answers"


def test_the_instructors_word_goes_before_the_submissions(course: Path) -> None:
    other = course / "rubrics" / "other.toml"
    other.write_text(SHEET.replace('id = "tiny"', 'id = "other"'))
    file = submit(course / "in", "s001", q1_2="yes")
    grader = Grader({"tiny": rubric_file(course), "other": str(other)})
    result = grader.grade(Job(str(file), "in/s001.json", None, str(other)))
    assert result.rubric == str(other)
    assert result.submission is not None
    assert result.submission.notes == (
        "The file says that it answers 'tiny'; it was graded as 'other', as --rubric says.",
    )


def test_a_broken_rubric_is_raised_not_graded(course: Path) -> None:
    (course / "rubrics" / "tiny.toml").write_text(SHEET.replace('"yes"', '"never"'))
    file = submit(course / "in", "s001", q1_2="yes")
    with pytest.raises(RubricError) as caught:
        grade(course, file)
    assert str(caught.value) == (
        "tiny.toml: questions[1] (1.2).criteria[0] (word): 'never' cannot be expected"
    )


def test_checks_are_built_once(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grader = Grader({"tiny": rubric_file(course)})
    first = grader.rubric(rubric_file(course))
    (course / "rubrics" / "tiny.toml").unlink()
    assert grader.rubric(rubric_file(course)) is first
    assert grader.rubrics() == (first,)


# ---- what broke its process


def test_a_broken_submission_waits_in_full(course: Path) -> None:
    rubric = Grader({}).rubric(rubric_file(course))
    result = broken_result(Job("x/s001.md", "x/s001.md", None, rubric.path), rubric, "It was stopped.")
    assert (result.student, result.status) == ("s001", Status.PARTIAL)
    assert [(f.outcome, f.points, f.message) for f in result.findings] == [
        (Outcome.ERROR, 0.0, "It was stopped.")
    ] * 4


def test_without_a_rubric_it_is_a_row_all_the_same() -> None:
    result = broken_result(Job("x/s001.md", "x/s001.md", "ada", None), None, "It was stopped.")
    assert result == SubmissionResult(
        student="ada",
        source="x/s001.md",
        status=Status.UNREADABLE,
        message="It was stopped.",
        cure="grade this one by hand and report the fault",
    )


@pytest.mark.parametrize(
    "text", ["see attached", "Please see the attached PDF.", "(see my handwritten notes)"]
)
def test_an_answer_that_is_elsewhere_waits_for_a_person(course: Path, text: str) -> None:
    result = grade(course, submit(course / "in", "s001", q1_1=text, q1_2="yes", q2="more"))
    assert [f.message for f in result.findings[:2]] == [
        "The answer refers to something that is not in this file: a person looks for it."
    ] * 2
    assert outcomes(result)[0] == ("1.1", "value", "review", 0.0)
