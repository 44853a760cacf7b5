"""``grade simulate`` and ``grade verify --simulate`` as a user calls them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.engine import measure
from grader.engine.simulate import Expected, Truth

SHEET = str(Path("rubrics/csc413-2020-hw2.toml").resolve())


def outcome(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_a_simulated_class_is_graded_like_any_other(tmp_path: Path) -> None:
    made, graded = tmp_path / "class", tmp_path / "graded"
    status, stdout, stderr = outcome(
        "simulate", "--rubric", SHEET, "--students", "3", "--seed", "1", "--out", str(made), "--quiet"
    )
    assert (status, stderr) == (0, "")
    assert stdout == f"wrote {made / 'submissions'} and {made / 'truth.csv'}\n"
    again = outcome("simulate", "--rubric", SHEET, "--students", "3", "--out", str(made), "--quiet")
    assert again == (2, "", f"grade: {made}: holds a class already; give another --out, or delete it\n")
    status, _, _ = outcome(
        "run", str(made / "submissions"), "--jobs", "1", "--rubric", SHEET, "--out", str(graded)
    )
    assert status == 0
    assert len((graded / "scores.csv").read_text().splitlines()) == 4


def test_verify_measures_a_simulated_class() -> None:
    status, stdout, _ = outcome("verify", SHEET, "--simulate", "3", "--seed", "1", "--quiet")
    lines = stdout.splitlines()
    assert status == 0
    assert lines[0] == "csc413-2020-hw2: 3 simulated students"
    assert lines[2].split()[:3] == ["question", "truth", "correct"]
    assert lines[-1].startswith("wrong accepted: 0, right rejected: 0, ")


def test_verify_fails_where_something_wrong_was_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    def lying(made: Truth, found: object) -> str:
        return "accepted" if made.expected is Expected.RIGHT else ""

    monkeypatch.setattr(measure, "_sort", lying)
    status, stdout, _ = outcome("verify", SHEET, "--simulate", "1", "--quiet")
    assert status == 1
    assert "\nwrong accepted: sim00001, " in stdout


def test_an_unknown_rubric() -> None:
    status, stdout, stderr = outcome("simulate", "--rubric", "nothing", "--students", "1", "--out", "x")
    assert (status, stdout) == (2, "")
    assert "nothing" in stderr
