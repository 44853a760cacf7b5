"""The example class gets the marks a careful teaching assistant gives: ``example_class.toml``, by hand."""

from __future__ import annotations

import csv
import json
import tomllib
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.rubric import Rubric, load_rubric

ROOT = Path(__file__).parents[1]
CLASS = ROOT / "submissions_example"
MARKS: dict[str, dict[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("example_class.toml").read_text("utf-8")
)
WAITING = ("review", "unreadable", "error")


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric(ROOT / "rubrics" / "csc413-2020-hw2.toml")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``grade run`` writes for the whole class."""
    folder = tmp_path_factory.mktemp("class")
    arguments = [
        "run",
        "submissions_example",
        "--rubric",
        "csc413-2020-hw2",
        "--out",
        str(folder),
        "--jobs",
        "1",
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1, result.stderr  # s019 cannot be read
    return folder


@pytest.fixture(scope="module")
def findings(out: Path) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (out / "findings.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        rows[row["student"]].append(row)
    return rows


@pytest.fixture(scope="module")
def scores(out: Path) -> dict[str, dict[str, str]]:
    with (out / "scores.csv").open(encoding="utf-8", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def mark(text: str) -> tuple[str, Fraction]:
    """``"partial 0.5"`` → outcome and points."""
    outcome, _, points = text.partition(" ")
    return outcome, Fraction(points or 0)


def test_every_submission_has_marks() -> None:
    files = {p.stem for p in CLASS.iterdir() if p.name != "README.md"}
    assert files == set(MARKS)
    readme = (CLASS / "README.md").read_text("utf-8")
    assert [p.name for p in sorted(CLASS.iterdir()) if f"`{p.name}`" not in readme] == ["README.md"]


@pytest.mark.parametrize("student", MARKS)
def test_every_criterion_is_judged_as_by_hand(
    student: str, findings: dict[str, list[dict[str, Any]]], rubric: Rubric
) -> None:
    by_hand = MARKS[student]
    if not by_hand:
        assert student not in findings
        return
    assert list(by_hand) == [q.id for q in rubric.questions]
    wanted = {
        (q.id, c.id): mark(text)
        for q in rubric.questions
        for c, text in zip(q.criteria, by_hand[q.id], strict=True)
    }
    given = {
        (f["question"], f["criterion"]): (f["outcome"], Fraction(str(f["points"]))) for f in findings[student]
    }
    assert given == wanted


@pytest.mark.parametrize("student", MARKS)
def test_scores_are_the_sums(student: str, scores: dict[str, dict[str, str]], rubric: Rubric) -> None:
    row, by_hand = scores[student], MARKS[student]
    ids = [q.id for q in rubric.questions]
    if not by_hand:
        assert [row[key] for key in ("score", "pending", "status", *ids)] == [
            "",
            "",
            "unreadable",
            *[""] * len(ids),
        ]
        return
    marks = {
        q.id: [(c.points, *mark(text)) for c, text in zip(q.criteria, by_hand[q.id], strict=True)]
        for q in rubric.questions
    }
    points = {id: sum((m[2] for m in marks[id]), Fraction(0)) for id in ids}
    pending = sum((m[0] for id in ids for m in marks[id] if m[1] in WAITING), Fraction(0))
    assert {id: Fraction(row[id]) for id in ids} == points
    assert (Fraction(row["score"]), Fraction(row["pending"])) == (sum(points.values()), pending)
    assert row["max_score"] == "13"
    assert row["status"] == ("partial" if pending else "graded")
    assert row["source"].startswith(f"submissions_example/{student}.")
