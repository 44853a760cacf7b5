"""``pytest rubrics/`` in a course folder: one test for each criterion, faults told in the author's words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

RUBRIC = """
id = "hw1"
title = "One question"
points = 2

[symbols]
x = "scalar"

[[questions]]
id = "1"
points = 2
[[questions.criteria]]
id = "twice"
kind = "expression"
points = 1
reference = "twice:double"
expected = "2 x"
[[questions.criteria]]
id = "why"
kind = "prose"
points = 1
"""

REFERENCE = """
def symbolic_double(x):
    return x + x

def numeric_double(x):
    return 2.0 * x
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "rubrics").mkdir()
    (tmp_path / "reference").mkdir()
    (tmp_path / "rubrics" / "hw1.toml").write_text(RUBRIC, "utf-8")
    (tmp_path / "rubrics" / "notes.toml").write_text("[notes]\n", "utf-8")
    (tmp_path / "reference" / "twice.py").write_text(REFERENCE, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    return tmp_path


def run(course: Path, *args: str) -> tuple[int, str]:
    """A pytest of its own, with the plugin of this tree and no other."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "grader.pytest_plugin", "-p", "no:cacheprovider", *args],
        cwd=course,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout


def test_a_course_in_order(course: Path) -> None:
    status, out = run(course, "rubrics", "-v")
    assert status == 0, out
    said = [line.split(" ")[1] for line in out.splitlines() if line.startswith("rubrics/hw1.toml::")]
    assert said == ["PASSED", "PASSED", "SKIPPED"]
    assert "rubrics/hw1.toml::1/twice PASSED" in out


def test_a_reference_that_disagrees(course: Path) -> None:
    (course / "reference" / "twice.py").write_text(REFERENCE.replace("2.0", "3.0"), "utf-8")
    status, out = run(course, "rubrics")
    assert status == 1
    assert (
        "hw1.toml: questions[0] (1).criteria[0] (twice): reference 'twice:double': symbolic and numeric "
        "disagree at x = " in out
    )
    assert "Traceback" not in out


def test_a_rubric_that_cannot_be_loaded(course: Path) -> None:
    (course / "rubrics" / "hw1.toml").write_text(RUBRIC.replace("points = 2", "points = 3", 1), "utf-8")
    status, out = run(course, "rubrics")
    assert status == 1
    assert "the questions add up to 2 points, `points` says 3; change one of them" in out


def test_other_files_are_left_alone(course: Path) -> None:
    (course / "other").mkdir()
    (course / "other" / "hw1.toml").write_text(RUBRIC, "utf-8")
    assert "3 items" not in run(course, "other", "--collect-only")[1]
    assert "3 tests collected" in run(course, "other/hw1.toml", "--collect-only")[1]
