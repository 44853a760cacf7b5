"""Simulated classes: the same students whoever else is there, files that are read, a truth that holds."""

from __future__ import annotations

import csv
import random
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grader import readers
from grader.engine import measure as measuring
from grader.engine.measure import Measured, measure, write_class
from grader.engine.notation import NOTATIONS, Notations, as_text
from grader.engine.simulate import Expected, Simulated, Simulator
from grader.engine.template import FORMS
from grader.errors import UsageFault
from grader.maths.compare import Problem
from grader.reports.measured import measured_lines
from grader.rubric import load_rubric

RUBRICS = sorted(Path("rubrics").glob("*.toml"))
SHEET = Path("rubrics/csc413-2020-hw2.toml")


@cache
def simulator(file: Path, seed: str = "3") -> Simulator:
    return Simulator(load_rubric(file), seed)


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_same_seed_gives_the_same_bytes_and_a_class_begins_with_every_smaller_one(tmp_path: Path) -> None:
    rubric = load_rubric(SHEET)
    write_class(Simulator(rubric, "3"), 20, tmp_path / "a")
    write_class(Simulator(rubric, "3"), 20, tmp_path / "b")
    write_class(Simulator(rubric, "3"), 10, tmp_path / "c")
    a, b, c = files(tmp_path / "a"), files(tmp_path / "b"), files(tmp_path / "c")
    assert a == b
    assert len(c) == 11
    assert a.pop("truth.csv").startswith(c.pop("truth.csv"))
    assert c.items() <= a.items()


def test_a_student_depends_on_the_seed_and_the_number_alone() -> None:
    alone = Simulator(load_rubric(SHEET), "3").student(7)
    assert alone == simulator(SHEET).student(7) == list(simulator(SHEET).students(7))[-1]
    assert alone.text != simulator(SHEET, "4").student(7).text


@pytest.mark.parametrize("file", RUBRICS, ids=lambda f: f.stem)
def test_every_submission_is_read_and_every_question_bound(file: Path, tmp_path: Path) -> None:
    rubric = load_rubric(file)
    forms = set()
    coded = {q.id for q in rubric.questions if any(c.kind == "code" for c in q.criteria)}  # stubs are left
    for made in simulator(file).students(12):
        path = tmp_path / made.file
        path.write_text(made.text, "utf-8")
        forms.add(path.suffix[1:])
        read = readers.read(path, lambda name: rubric.outline())
        assert (read.student, read.assignment) == (made.student, rubric.id)
        assert set(read.answers) == {q.id for q in rubric.questions}
        left_out = {t.question for t in made.truth if t.variant == "left out"}
        blank = {q for q, a in read.answers.items() if a.state == "missing"}
        assert left_out - coded <= blank <= left_out
    assert forms == set(FORMS)


def test_the_truth_has_a_row_for_every_criterion_and_all_sorts_occur(tmp_path: Path) -> None:
    rubric = load_rubric(SHEET)
    write_class(simulator(SHEET), 30, tmp_path)
    with (tmp_path / "truth.csv").open(newline="") as f:
        rows = list(csv.DictReader(f))
    criteria = [(q.id, c.id) for q in rubric.questions for c in q.criteria]
    assert [(r["question"], r["criterion"]) for r in rows] == criteria * 30
    assert {r["expected"] for r in rows} == {str(e) for e in Expected}
    assert all(0 <= float(r["low"]) <= float(r["high"]) <= float(r["max_points"]) for r in rows)
    right = [r for r in rows if r["expected"] == "right"]
    assert all(r["low"] == r["high"] == r["max_points"] and r["below"] == "False" for r in right)


def test_a_class_is_never_written_over(tmp_path: Path) -> None:
    write_class(simulator(SHEET), 1, tmp_path)
    with pytest.raises(UsageFault) as e:
        write_class(simulator(SHEET), 1, tmp_path)
    assert str(e.value) == f"{tmp_path}: holds a class already; give another --out, or delete it"


def test_every_notation_keeps_the_value() -> None:
    question = next(q for q in load_rubric(SHEET).questions if q.id == "2.2.3")
    criterion = next(c for c in question.criteria if c.id == "derivative")
    notations = Notations(question, criterion)
    text = r"-\frac{4}{n^2} \| X^T a \|^2 + \frac{8\eta}{n^3} \| X X^T a \|^2"
    p = Problem(question.declarations, text)
    seen = set()
    for number in range(NOTATIONS):
        made = notations.of(text, number, abbreviate=True)
        assert made == notations.of(text, number + NOTATIONS, abbreviate=True)
        for right in made.right:
            lead = f"${made.lead}$\n\n" if made.lead else ""
            assert p.judge(f"{lead}${right}$").equivalent, (lead, right)
        seen.add(made.right)
    assert len(seen) >= 3


def test_values_as_text() -> None:
    rng = random.Random(0)
    assert as_text({"forward": "O(1)", "memory": "O(t)"}, (), rng) == "forward: O(1)\n\nmemory: O(t)"
    table = [{"name": "Conv", "total params": 640}]
    assert as_text(table, (), rng) == "| name | total params |\n| --- | --- |\n| Conv | 640 |"
    assert as_text([1, 2.5e25], ("J",), rng) == r"$J = [1, 2.5 \times 10^{25}]$"


@pytest.mark.parametrize("file", RUBRICS, ids=lambda f: f.stem)
def test_nothing_wrong_is_accepted_and_nothing_right_rejected(file: Path) -> None:
    found = measure(file, 40, "1")
    lines = "\n".join(measured_lines(found))
    assert found.students == 40
    assert not found.failed, lines
    truth = Counter[Expected]()
    for (_, expected, _), n in found.table.items():
        truth[expected] += n
    assert sum(truth.values()) == 40 * sum(len(q.criteria) for q in load_rubric(file).questions)
    assert truth[Expected.RIGHT] > truth[Expected.WRONG] > 0


def test_workers_and_batches_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = measure(SHEET, 5, "2")
    monkeypatch.setattr(measuring, "BATCH", 2)
    assert measure(SHEET, 5, "2", workers=2) == alone


def swapped(monkeypatch: pytest.MonkeyPatch, old: Expected, **new: Any) -> Measured:
    """A class whose truth says something else of the answers of one sort."""
    student = Simulator.student

    def lying(self: Simulator, k: int) -> Simulated:
        made = student(self, k)
        truth = (replace(t, **new) if t.expected is old and t.max_points else t for t in made.truth)
        return replace(made, truth=tuple(truth))

    monkeypatch.setattr(Simulator, "student", lying)
    return measure(SHEET, 4, "1")


def test_a_wrong_answer_that_is_accepted_is_found_and_listed_first(monkeypatch: pytest.MonkeyPatch) -> None:
    found = swapped(monkeypatch, Expected.RIGHT, expected=Expected.WRONG, low=0.0, below=True)
    assert found.failed
    assert found.faults["accepted"] == sum(
        n for (_, e, o), n in found.table.items() if (e, o) == (Expected.WRONG, "correct")
    )
    lines = measured_lines(found)
    first = next(line for line in lines if ": sim" in line)
    assert first.startswith("wrong accepted: sim00001, ")
    assert first.endswith("points (correct), due 0 to less than 0.5")
    assert lines[-1].startswith(f"wrong accepted: {found.faults['accepted']}, right rejected: 0, ")


def test_a_right_answer_that_is_rejected_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = swapped(monkeypatch, Expected.MISSING, expected=Expected.RIGHT, low=0.25, high=0.25)
    assert found.failed
    assert found.faults["rejected"] > 0
    assert found.faults["accepted"] == 0
    assert any(line.startswith("right rejected: sim") for line in measured_lines(found))


def test_what_waits_for_a_person_is_counted_and_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    found = swapped(monkeypatch, Expected.PERSON, expected=Expected.RIGHT, low=0.25, high=0.25)
    waiting = sum(n for (_, e, o), n in found.table.items() if o == "review" and e is not Expected.PERSON)
    assert waiting > 0
    assert "left to a person that a machine might judge: " in measured_lines(found)[-1]
