"""The worked example of the documentation verifies, and its answers get the marks a person would give."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "ridge-hw"

# student → points of the questions 1 to 8, and the points that wait for a person
MARKS = {
    "s001": ("2 2 1 1 1 1 1 0", "1"),
    "s002": ("2 2 1 1 1 0 1 0", "2"),  # waiting: the Jacobian by its entries, prose
    "s003": ("2 2 1 1 0 0 0 0", "4"),  # waiting: the growth and the matrix in words, the Jacobian, prose
    "s004": ("0 2 0 0.25 0 0 0 0", "1.5"),  # the solution follows from the wrong gradient
    "s005": ("0 0 0 0 0 0 0 0", "9"),
    "s006": ("0 0 0 0 0 0 0 0", "10"),  # a blank in Markdown may be a lost figure
}


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "ridge-hw"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(folder)
    return folder


def test_the_example_verifies(example: Path) -> None:
    done = CliRunner().invoke(main, ["verify", "--quiet", "ridge-hw"])
    assert done.exit_code == 0, done.output
    assert done.output.endswith("8 criteria and 6 references verified.\n")


def test_code_without_output_is_no_missing_answer(example: Path) -> None:
    notebook = example / "answers" / "s004.ipynb"
    text = notebook.read_text("utf-8")
    notebook.write_text(text.replace("np.array([-1.0, 1.0])", "np.linalg.solve(H, b)"), "utf-8")
    done = CliRunner().invoke(main, ["run", "answers/s004.ipynb", "--quiet", "--jobs", "1"])
    assert done.exit_code == 0, done.output
    findings = [
        json.loads(line) for line in (example / "out" / "findings.jsonl").read_text("utf-8").splitlines()
    ]
    (numbers,) = [f for f in findings if f["question"] == "4"]
    assert (numbers["outcome"], numbers["message"]) == (
        "review",
        "Only code stands here, and nothing it printed was recognised: a person looks.",
    )
    assert numbers["evidence"]["code"].startswith("w = np.linalg.solve(H, b)")


def test_every_answer_gets_its_marks(example: Path) -> None:
    """Each file names its assignment, so no rubric has to be given."""
    done = CliRunner().invoke(main, ["run", "answers", "--quiet", "--jobs", "1"])
    assert done.exit_code == 0, done.output
    with (example / "out" / "scores.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {r["student"]: (" ".join(r[str(q)] for q in range(1, 9)), r["pending"]) for r in rows}
    assert found == MARKS
