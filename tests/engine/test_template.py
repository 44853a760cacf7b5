"""``grade template``: every question is there, nothing in it is an answer, and what is filled in is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.engine.grade import Grader
from grader.engine.plan import make_plan
from grader.engine.template import FORMS, HERE, template
from grader.model import Outcome, Status, SubmissionResult
from grader.rubric import load_rubric

RUBRICS = sorted((Path(__file__).resolve().parents[2] / "rubrics").glob("*.toml"))


def grade(path: Path) -> SubmissionResult:
    plan = make_plan([path], None)
    return Grader(plan.rubrics).grade(plan.jobs[0])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("file", RUBRICS, ids=lambda p: p.stem)
def test_an_empty_template_is_an_empty_sheet(file: Path, form: str, tmp_path: Path) -> None:
    rubric = load_rubric(file)
    path = tmp_path / f"s001.{form}"
    path.write_text(template(rubric, form), "utf-8")

    result = grade(path)

    assert result.rubric == str(file)
    assert result.student == "s001"
    assert (result.message, result.status) == ("", Status.GRADED)
    wrong = [(f.question, f.criterion) for f in result.findings if f.outcome is not Outcome.MISSING]
    assert wrong == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("file", RUBRICS, ids=lambda p: p.stem)
def test_what_is_filled_in_is_found_under_its_question(file: Path, form: str, tmp_path: Path) -> None:
    rubric = load_rubric(file)
    text = template(rubric, form, "s007")
    answers = {q.id: f"The answer number {i} is $x_{{{i}}}$." for i, q in enumerate(rubric.questions)}
    if form == "json":
        data = json.loads(text)
        data["answers"] = answers
        text = json.dumps(data)
    else:
        here = json.dumps(HERE)[1:-1] if form == "ipynb" else HERE
        for answer in answers.values():
            text = text.replace(here, json.dumps(answer)[1:-1] if form == "ipynb" else answer, 1)
    path = tmp_path / f"hand-in.{form}"
    path.write_text(text, "utf-8")

    result = grade(path)

    assert result.student == "s007"
    assert result.submission is not None
    found = {id: a.text for id, a in result.submission.answers.items() if a.text}
    assert found == answers


def test_a_notebook_is_valid_and_its_own_cells_are_locked() -> None:
    rubric = load_rubric(next(p for p in RUBRICS if p.stem == "cse891-hw2"))
    book: Any = nbformat.reads(template(rubric, "ipynb", "s001"), as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(book)
    stubs = [c.source for c in book.cells if c.cell_type == "code"]
    assert "def fit_poly(X, d, t):\n    raise NotImplementedError" in stubs
    locked = [c for c in book.cells if c.metadata.get("nbgrader", {}).get("locked")]
    assert len(locked) == 1 + len(rubric.questions)
    assert book.metadata.grader == {"assignment": "cse891-hw2", "student": "s001"}


def test_the_command_writes_a_file_and_never_over_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run("template", "csc413-2020-hw2").output == "wrote csc413-2020-hw2.ipynb\n"
    assert run("template", "csc413-2020-hw2", "--out", "a/start.md").output == "wrote a/start.md\n"
    assert (
        Path("a/start.md").read_text("utf-8").startswith("---\nstudent:\nassignment: csc413-2020-hw2\n---\n")
    )
    again = run("template", "csc413-2020-hw2")
    assert (again.exit_code, again.output) == (
        2,
        "grade: csc413-2020-hw2.ipynb: is there already; give another --out, or --force to replace it\n",
    )
    assert run("template", "csc413-2020-hw2", "--force").exit_code == 0
