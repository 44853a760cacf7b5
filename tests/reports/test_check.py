"""``grade check``: how it was read, what is missing, and never what is right."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from grader.model import Answer, AnswerState, Finding, Outcome, Where
from grader.reports.check import check_lines, check_status
from grader.reports.text import MARKS
from tests.kit import make_course, submit
from tests.reports.conftest import EVIL, Class, grade_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_course(tmp_path / "course", monkeypatch) / "in"


def lines(class_: Class) -> list[str]:
    return check_lines(class_.results[0], class_.rubrics[0], MARKS)


def status(class_: Class) -> int:
    return check_status(class_.results[0], class_.rubrics[0])


def test_a_wrong_answer_is_not_told_what_is_right(folder: Path) -> None:
    submit(folder, "s001", q1_1="1/2", q1_2="no")
    found = grade_folder(folder)
    assert lines(found) == [
        f"{folder}/file000.json: Tiny sheet, student s001",
        "",
        "1.1  Half",
        "  read as: «1/2»",
        "  ✓ The style: passed",
        "",
        "1.2  Yes or no",
        "  read as: «no»",
        "",
        "2  More",
        "  – missing: nothing was found for this question (a bonus question: you may leave it out)",
        "",
        "2 checks are not reported here; this does not mean they are right.",
    ]
    assert status(found) == 0


def test_what_cannot_be_read_is_said(folder: Path) -> None:
    submit(folder, "s001", q1_1="garbage: (")
    found = grade_folder(folder)
    assert lines(found)[2:9] == [
        "1.1  Half",
        "  ¿ cannot be read: the bracket ( is never closed",
        "",
        "1.2  Yes or no",
        "  – missing: nothing was found for this question",
        "",
        "2  More",
    ]
    assert status(found) == 1


def test_a_public_check_that_fails_says_only_that(folder: Path) -> None:
    submit(folder, "s001", q1_1="third", q1_2="yes", q2="less")
    found = grade_folder(folder)
    assert lines(found)[3:5] == ["  read as: «third»", "  ◐ The style: passed in part"]
    assert lines(found)[-1] == "3 checks are not reported here; this does not mean they are right."
    assert not [line for line in lines(found) if "expected" in line or "a third is right" in line]


def test_an_unreadable_file(folder: Path) -> None:
    folder.mkdir()
    (folder / "s044.json").write_text('{"student": ')
    found = grade_folder(folder)
    assert lines(found) == [
        f"{folder}/s044.json: 1:13: not valid JSON: expecting value",
        "What helps: the file stops too early; hand in the whole file.",
    ]
    assert status(found) == 1


def test_a_lost_figure_and_notes(folder: Path) -> None:
    submit(folder, "s001", q1_1="1/2", q1_2="yes")
    found = grade_folder(folder)
    (result,) = found.results
    assert result.submission is not None
    where = Where("s001.md", 3)
    answers = {
        **result.submission.answers,
        "1.1": Answer("1.1", where, state=AnswerState.FIGURE),
        "1.2": Answer("1.2", where, text="yes", notes=("taken from the last copy",)),
    }
    findings = tuple(
        dataclasses.replace(f, read_as="", outcome=Outcome.REVIEW) if f.question != "2" else f
        for f in result.findings
    )
    submission = dataclasses.replace(result.submission, answers=answers, notes=("a note",))
    result = dataclasses.replace(result, submission=submission, findings=findings)
    assert check_lines(result, found.rubrics[0], MARKS)[1:9] == [
        "  note: a note",
        "",
        "1.1  Half",
        "  ? no text here; if there is a figure, a person looks at it",
        "",
        "1.2  Yes or no",
        "  note: taken from the last copy",
        "",
    ]
    assert check_status(result, found.rubrics[0]) == 0


def test_an_answer_of_which_nothing_is_said_is_found_at_least(folder: Path) -> None:
    submit(folder, "s001", q1_1="1/2", q1_2="yes")
    found = grade_folder(folder)
    (result,) = found.results

    def silent(finding: Finding) -> Finding:
        return dataclasses.replace(finding, read_as="")

    result = dataclasses.replace(result, findings=tuple(silent(f) for f in result.findings))
    assert f"  found at {folder}/file000.json:1" in check_lines(result, found.rubrics[0], MARKS)


def test_an_answer_of_which_nothing_is_recognised_is_not_passed_over(folder: Path) -> None:
    submit(folder, "s001", q1_1="1/2", q1_2="yes")
    found = grade_folder(folder)
    (result,) = found.results
    lost = tuple(dataclasses.replace(f, read_as="", outcome=Outcome.MISSING) for f in result.findings)
    result = dataclasses.replace(result, findings=lost)
    line = f"  ? found at {folder}/file000.json:1, but nothing of what is asked was recognised"
    assert line in [
        text.replace(MARKS[Outcome.MISSING], "?", 1) for text in check_lines(result, found.rubrics[0], MARKS)
    ]


def test_hostile_text_cannot_drive_the_terminal(folder: Path) -> None:
    submit(folder, EVIL, q1_1="hostile:" + EVIL, q1_2="garbage:")
    assert not [c for line in lines(grade_folder(folder)) for c in line if not c.isprintable()]
