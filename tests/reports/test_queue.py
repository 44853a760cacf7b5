"""queue.csv: a long answer does not hide the others, and says that there is more."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace
from typing import cast

from grader.model import Answer, Where
from grader.reports.queue import MAX_CELL, MAX_QUOTE, Waiting, _quoted, queue_csv


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
    )
    text = queue_csv([cast(Waiting, group)]).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["why"] == "w" * MAX_CELL
    assert row["answer"] == "x" * MAX_CELL + "…"


def test_a_long_answer_for_whoever_decides() -> None:
    where = Where("s001.md")
    assert _quoted(Answer("1", where, text="x" * MAX_QUOTE)) == "x" * MAX_QUOTE
    long = Answer("1", where, text="x" * (MAX_QUOTE + 1234))
    assert _quoted(long) == "x" * MAX_QUOTE + "… (1,234 more characters)"
