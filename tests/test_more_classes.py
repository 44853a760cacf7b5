"""Example classes get the marks a careful teaching assistant gives, decided by hand.

``submissions_example/`` has its marks in ``example_class.toml``, ``submissions_more/<sheet>/`` in
``more_classes/<sheet>.toml``: student → question → outcome and points of each criterion, in the order of
the rubric.
"""

from __future__ import annotations

import csv
import json
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.rubric import Rubric, load_rubric

ROOT = Path(__file__).parents[1]
WAITING = ("review", "unreadable", "error")


@dataclass(frozen=True)
class Class:
    sheet: str
    folder: str
    marks: dict[str, dict[str, list[str]]] = field(hash=False, compare=False)

    @property
    def rubric(self) -> Rubric:
        return load_rubric(ROOT / "rubrics" / f"{self.sheet}.toml")


def _class(sheet: str, folder: str, marks: Path) -> Class:
    return Class(sheet, folder, tomllib.loads(marks.read_text("utf-8")))


TESTS = Path(__file__).parent
CLASSES = [_class("csc413-2020-hw2", "submissions_example", TESTS / "example_class.toml")] + [
    _class(file.stem, f"submissions_more/{file.stem}", file)
    for file in sorted((TESTS / "more_classes").glob("*.toml"))
]
each_class = pytest.mark.parametrize("group", [pytest.param(c, id=c.sheet) for c in CLASSES])
each_student = pytest.mark.parametrize(
    ("group", "student"), [pytest.param(c, s, id=f"{c.sheet} {s}") for c in CLASSES for s in c.marks]
)


@dataclass(frozen=True)
class Graded:
    """What ``grade run`` writes for a whole class."""

    findings: dict[str, list[dict[str, Any]]]
    scores: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def run(group: Class) -> Graded:
        out = tmp_path_factory.mktemp("class")
        arguments = ["run", group.folder, "--rubric", group.sheet, "--out", str(out), "--jobs", "1"]
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(ROOT)
            result = CliRunner().invoke(main, arguments)
        assert result.exit_code == (0 if all(group.marks.values()) else 1), result.stderr
        findings: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in (out / "findings.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            findings[row["student"]].append(row)
        with (out / "scores.csv").open(encoding="utf-8", newline="") as file:
            return Graded(findings, {row["student"]: row for row in csv.DictReader(file)})

    return run


def mark(text: str) -> tuple[str, Fraction]:
    """``"partial 0.5"`` → outcome and points."""
    outcome, _, points = text.partition(" ")
    return outcome, Fraction(points or 0)


@each_class
def test_every_submission_has_marks(group: Class) -> None:
    folder = ROOT / group.folder
    files = {p.stem for p in folder.iterdir() if p.name != "README.md"}
    assert files == set(group.marks)
    readme = (folder / "README.md").read_text("utf-8")
    assert [p.name for p in sorted(folder.iterdir()) if f"`{p.name}`" not in readme] == ["README.md"]


@each_student
def test_every_criterion_is_judged_as_by_hand(group: Class, student: str, graded: Any) -> None:
    by_hand, findings = group.marks[student], graded(group).findings
    if not by_hand:
        assert student not in findings
        return
    rubric = group.rubric
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


@each_student
def test_scores_are_the_sums(group: Class, student: str, graded: Any) -> None:
    row, by_hand, rubric = graded(group).scores[student], group.marks[student], group.rubric
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
    assert Fraction(row["max_score"]) == rubric.max_score
    assert row["status"] == ("partial" if pending else "graded")
    assert row["source"].startswith(f"{group.folder}/{student}.")
