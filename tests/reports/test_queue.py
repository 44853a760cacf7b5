"""queue.csv: a long answer does not hide the others, and says that there is more."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

from grader.model import Answer, Where
from grader.reports.html import review_html
from grader.reports.queue import MAX_CELL, MAX_QUOTE, Waiting, _quoted, queue_csv
from grader.reports.review import review_page
from tests.reports.conftest import Class


def test_a_long_answer_in_a_cell() -> None:
    group = SimpleNamespace(
        question="1",
        criterion="c",
        group="g",
        members=(0,),
        max_points=2.0,
        why="w" * MAX_CELL,
        answer="x" * MAX_CELL + " y",
        digest="d",
        expected=("x^2", "y"),
        seen=(("not found", "a sum"),),
    )
    text = queue_csv([cast(Waiting, group)]).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["why"] == "w" * MAX_CELL
    assert row["helps"] == "expected: x^2 or y. what was not found: a sum"
    assert row["answer"] == "x" * MAX_CELL + "…"


def test_whoever_decides_sees_what_is_asked_expected_and_found(class_: Class) -> None:
    evidence = {"found": ["speaks of rows (“row”)"], "not found": ["a sum"], "hint": "Pythagoras too"}
    results = [
        replace(r, findings=tuple(replace(f, evidence=evidence) for f in r.findings)) for r in class_.results
    ]
    (rubric,) = class_.rubrics
    questions = tuple(replace(q, prompt="Halve $x^2$.") for q in rubric.questions)
    html = review_html(review_page(results, [replace(rubric, questions=questions)]))
    said = " ".join(re.sub("<[^>]+>", " ", html).split())
    for text in (
        "what was found: speaks of rows (“row”)",
        "what was not found: a sum",
        "hint for whoever marks: Pythagoras too",
        "Halve x 2 .",
        "expected: 1 / 2",
    ):
        assert text in said


def test_a_long_answer_for_whoever_decides() -> None:
    where = Where("s001.md")
    assert _quoted(Answer("1", where, text="x" * MAX_QUOTE)) == "x" * MAX_QUOTE
    long = Answer("1", where, text="x" * (MAX_QUOTE + 1234))
    assert _quoted(long) == "x" * MAX_QUOTE + "… (1,234 more characters)"
