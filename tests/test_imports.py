"""One student's answers in every form that a class comes in: `grade run` gives the same points for each.

The files are put together here by hand, as nbgrader, otter, Gradescope, Moodle, Canvas and jupytext do it.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.cli import main

ROOT = Path(__file__).parents[1]
SHEET = "csc413-2020-hw2"
ANSWERS: list[tuple[str, str]] = [
    ("2.1.2", "forward: O(1)\n\nbackward: O(t)"),
    ("2.2.1", "w_1 = w_0 - (2*eta/n) * X.T @ (X @ w_0 - t)"),
    ("2.2.3", "$$\\eta^* = \\frac{n}{2} \\frac{\\|X^T a\\|^2}{\\|X X^T a\\|^2}$$"),
]
Write = Callable[[Path], None]


def _cell(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": metadata, "source": source}


def _book(cells: list[dict[str, Any]], **metadata: Any) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


def _nbgrader() -> str:
    keys = {"schema_version": 3, "grade": True, "solution": True, "locked": False, "task": False, "points": 1}
    return _book(
        [
            _cell(text, nbgrader={**keys, "grade_id": "q" + id.replace(".", "_"), "cell_type": "markdown"})
            for id, text in ANSWERS
        ]
    )


def _otter() -> str:
    cells = [
        {
            "cell_type": "code",
            "metadata": {},
            "outputs": [],
            "source": "import otter\ngrader = otter.Notebook()",
        }
    ]
    for id, text in ANSWERS:
        cells += [
            _cell(f"<!-- BEGIN QUESTION -->\n\n### Question {id}"),
            _cell(text, tags=["otter_answer_cell"]),
        ]
    return _book(cells)


def _master() -> str:
    cells: list[dict[str, Any]] = []
    for id, text in ANSWERS:
        begin = f"# BEGIN QUESTION\nname: q{id}\npoints: 1\nmanual: true"
        marks = [begin, "# BEGIN SOLUTION", "", "# END SOLUTION", "# END QUESTION"]
        cells += [_cell(text) if not m else {"cell_type": "raw", "metadata": {}, "source": m} for m in marks]
    return _book(cells)


def _myst() -> str:
    head = "---\njupytext:\n  text_representation:\n    format_name: myst\n---\n"
    return head + "".join(f'\n+++ {{"tags": ["{id}"]}}\n\n{text}\n' for id, text in ANSWERS)


def _percent() -> str:
    cells = []
    for id, text in ANSWERS:
        lines = "\n".join(f"# {line}" if line else "#" for line in text.split("\n"))
        cells.append(f'# %% [markdown] tags=["{id}"]\n{lines}\n')
    return "\n".join(cells)


def _plain() -> str:
    return "\n\n".join(f"## {id}\n\n{text}" for id, text in ANSWERS)


def _text(name: str, text: str) -> Write:
    def write(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text, encoding="utf-8")

    return write


def _zip(name: str, files: dict[str, str]) -> Write:
    def write(folder: Path) -> None:
        folder.mkdir(parents=True)
        with zipfile.ZipFile(folder / name, "w") as archive:
            for inner, text in files.items():
                archive.writestr(inner, text)

    return write


EXPORT = "---\nsubmission_11:\n  :submitters:\n  - :name: Ada\n    :sid: s001\n    :email: ada@example.org\n"
FORMS: list[tuple[str, str, str, Write]] = [
    ("a Markdown file", "class", "s001", _text("class/s001.md", _plain())),
    ("nbgrader", "course", "s001", _text(f"course/submitted/s001/{SHEET}/hw.ipynb", _nbgrader())),
    ("otter", "class", "s001", _text("class/s001/hw.ipynb", _otter())),
    ("an otter master", "class", "s001", _text("class/s001/hw.ipynb", _master())),
    ("MyST", "class", "s001", _text("class/s001.md", _myst())),
    ("percent", "class", "s001", _text("class/s001/hw.py", _percent())),
    (
        "Gradescope",
        "export.zip",
        "s001",
        _zip("export.zip", {"e/submission_metadata.yml": EXPORT, "e/submission_11/hw.ipynb": _nbgrader()}),
    ),
    (
        "Moodle",
        "hw.zip",
        "77",
        _zip("hw.zip", {"Ada L_77_assignsubmission_file_/hw.py": _percent()}),
    ),
    ("Canvas", "submissions.zip", "12345", _zip("submissions.zip", {"lada_12345_67890_hw.ipynb": _otter()})),
    (
        "nbgrader, zipped",
        "c.zip",
        "s001",
        _zip("c.zip", {"submitted/s001/hw/a.ipynb": _nbgrader(), "release/hw/a.ipynb": _nbgrader()}),
    ),
]


@pytest.mark.parametrize(("path", "student", "write"), [f[1:] for f in FORMS], ids=[f[0] for f in FORMS])
def test_every_form_gets_the_same_points(path: str, student: str, write: Write, tmp_path: Path) -> None:
    work = tmp_path / "work"
    write(work)
    rows = _run(work / path, tmp_path / "out")
    assert [(row["student"], row["status"], row["score"]) for row in rows] == [(student, "graded", "3")]


def _run(path: Path, out: Path) -> list[dict[str, str]]:
    done = CliRunner().invoke(
        main, ["run", str(path), "--rubric", SHEET, "--out", str(out), "--jobs", "1", "--quiet"]
    )
    assert done.exit_code in (0, 1), done.output
    with (out / "scores.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_group_has_a_row_for_each_member(tmp_path: Path) -> None:
    text = f"{EXPORT}  - :name: Bob\n    :sid:\n    :email: bob@example.org\n"
    _text("e/submission_11/hw.md", f"Student: s666\n\n{_plain()}")(tmp_path)
    (tmp_path / "e" / "submission_metadata.yml").write_text(text, encoding="utf-8")
    rows = _run(tmp_path / "e", tmp_path / "out")
    assert [(row["student"], row["source"]) for row in rows] == [
        ("bob@example.org", f"{tmp_path}/e/submission_11/hw.md"),
        ("s001", f"{tmp_path}/e/submission_11/hw.md"),
    ]
    assert rows[0] | {"student": ""} == rows[1] | {"student": ""}
    page = (tmp_path / "out" / "students" / "s001.html").read_text("utf-8")
    assert "handed in by a group of 2; each member has this row" in page
    assert "bob@example.org" not in page


def test_the_jobs_of_an_archive_are_graded_by_other_processes(tmp_path: Path) -> None:
    _zip("submissions.zip", {"s001.md": _plain(), "s002.md": _plain(), "s003.pdf": "%PDF"})(tmp_path / "c")
    packed, out = str(tmp_path / "c" / "submissions.zip"), str(tmp_path / "out")
    options = ["--rubric", SHEET, "--out", out, "--jobs", "2", "--quiet"]
    done = CliRunner().invoke(main, ["run", packed, *options])
    assert done.exit_code == 1, done.output
    with (tmp_path / "out" / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["student"], row["status"]) for row in csv.DictReader(file)]
    assert rows == [("s001", "graded"), ("s002", "graded"), ("s003", "unreadable")]
    assert "grade-class-" not in (tmp_path / "out" / "report.html").read_text("utf-8")
