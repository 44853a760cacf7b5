"""``grade diff``: two runs of one class."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from tests.kit import SHEET, make_course, submit


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def grade(out: str) -> None:
    run("run", "../class", "--rubric", "tiny", "--out", f"../{out}", "--jobs", "1", "--quiet")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    course = make_course(tmp_path / "course", monkeypatch)
    submit(tmp_path / "class", "s001", q1_1="1/2", q1_2="yes", q2="more")
    submit(tmp_path / "class", "s002", q1_1="1/3", q1_2="yes", q2="")
    submit(tmp_path / "class", "s003", q1_1="perhaps", q1_2="no", q2="more")
    grade("old")
    return course


def test_nothing_changed(course: Path) -> None:
    grade("new")

    done = run("diff", "../old", "../new")

    assert (done.exit_code, done.output) == (
        0,
        "Nothing changed: 3 submissions, the same scores for the same reasons.\n",
    )
    assert json.loads(run("diff", "../old", "../new", "--json").output) == []


def test_a_changed_rubric_moves_some(course: Path) -> None:
    changed = SHEET.replace('expected = "yes"', 'expected = "no"')
    (course / "rubrics" / "tiny.toml").write_text(changed, "utf-8")
    grade("new")

    done = run("diff", "../old", "../new")

    assert done.exit_code == 1
    assert done.output == (
        "s001  6 → 4 (-2)\n"
        "  1.2/word  2/2 correct → 0/2 incorrect  not the same value\n"
        "s002  2.5 → 0.5 (-2)\n"
        "  1.2/word  2/2 correct → 0/2 incorrect  not the same value\n"
        "s003  1 → 3 (+2)\n"
        "  1.2/word  0/2 incorrect → 2/2 correct\n"
        "\n"
        "By criterion:\n"
        "  1.2/word  3 students: 1 up, 2 down\n"
        "\n"
        "3 of 3 changed: 1 up, 2 down, 0 otherwise\n"
    )


def test_rows_that_come_go_or_become_readable(course: Path, tmp_path: Path) -> None:
    (tmp_path / "class" / "file001.json").write_text("{", "utf-8")
    (tmp_path / "class" / "file002.json").unlink()
    submit(tmp_path / "class" / "late", "s009", q1_1="1/2")
    grade("new")

    done = run("diff", "../old", "../new", "--json")

    assert done.exit_code == 1
    found = {d["student"]: (d["old_score"], d["new_score"], d["new_status"]) for d in json.loads(done.output)}
    assert found == {
        "file001": (None, None, "unreadable"),
        "s009": (None, 3, "graded"),
        "s002": (2.5, None, None),
        "s003": (1, None, None),
    }
    lines = run("diff", "../old", "../new").output.splitlines()
    assert lines[-1] == (
        "0 of 3 changed: 0 up, 0 down, 0 otherwise; 2 only in the new run; 2 only in the old"
    )


def test_a_decision_that_changes_no_points_is_told(course: Path, tmp_path: Path) -> None:
    (tmp_path / "class" / "file002.json").unlink()
    submit(tmp_path / "class", "s003", q1_1="1/3", q1_2="no", q2="more")
    grade("new")

    out = run("diff", "../old", "../new").output

    assert out.startswith(
        "s003  1 → 1.5 (+0.5)  waits for a person → graded\n"
        "  1.1/value  0/2.5 review → 0/2.5 incorrect  not the same value\n"
    )
    assert "  1.1/value  1 student: 1 otherwise\n" in out
