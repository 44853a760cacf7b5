"""``scores.csv`` and ``findings.jsonl`` to the byte, and what ``run.json`` remembers."""

from __future__ import annotations

import csv
import io
import json

import pandas as pd

from grader.engine.executors import Graded
from grader.model import Finding, Outcome, Status, SubmissionResult
from grader.reports.frames import findings_frame, scores_frame
from grader.reports.points import answer_outcome, counts, total
from grader.reports.tables import findings_jsonl, run_json, scores_csv
from grader.reports.text import visible
from tests.reports.conftest import EVIL, Class


def test_scores_to_the_byte(class_: Class) -> None:
    evil = visible(EVIL).replace('"', '""').encode()
    assert scores_csv(class_.results, class_.rubrics) == (
        b"student,score,max_score,pending,status,source,1.1,1.2,2\n"
        b"s001,6,5,0,graded,in/file000.json,3,2,1\n"
        b"s002,1,5,0,graded,in/file001.json,1,0,0\n"
        b"s003,0,5,5,partial,in/file002.json,0,0,0\n"
        b"\"'" + evil + b'",0,5,2,partial,in/file003.json,0,0,0\n'
        b"s005,0.5,5,0,graded,in/file004.json,0.5,0,0\n"
        b"s044,,5,,unreadable,in/s044.json,,,\n"
    )


def test_no_cell_is_a_formula(class_: Class) -> None:
    rows = csv.reader(io.StringIO(scores_csv(class_.results, class_.rubrics).decode()))
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r")]


def test_findings_to_the_byte(class_: Class) -> None:
    lines = findings_jsonl(class_.results).splitlines(keepends=True)
    assert len(lines) == 5 * 4
    found = [line for line in lines if b'"s002"' in line]
    assert found[0].decode() == (
        '{"student": "s002", "question": "1.1", "criterion": "value", "kind": "say", "outcome": "partial", '
        '"points": 0.8333, "max_points": 2.5, "message": "a third is right", "read_as": "«third»", '
        '"evidence": {"mistake": "one in three"}, "where": "in/file001.json:1", "group": "931bb64cf649"}\n'
    )
    assert json.loads(found[2])["evidence"] == {
        "level": "refuted",
        "counterexample": {
            "values": {"x": "2"},
            "yours": "no",
            "expected": "yes",
            "text": "At x = 2 the two differ.",
        },
    }


def test_every_line_is_json_whatever_a_student_wrote(class_: Class) -> None:
    rows = [json.loads(line) for line in findings_jsonl(class_.results).splitlines()]
    assert {row["student"] for row in rows} == {"s001", "s002", "s003", "s005", EVIL}
    assert {row["outcome"] for row in rows} == {o.value for o in Outcome}
    assert all(isinstance(row["points"], int | float) for row in rows)


def test_half_a_character_is_kept_as_an_escape() -> None:
    finding = Finding(
        "a\ud800", "1", "c", "say", Outcome.CORRECT, 1.0, 1.0, "m\ud800", "", {"k\ud800": ["\ud800"]}, "w"
    )
    result = SubmissionResult("a\ud800", "x.md", Status.GRADED, findings=(finding,))
    assert scores_csv([result], []).splitlines()[1] == "a⟨U+D800⟩,1,,0,graded,x.md".encode()
    row = json.loads(findings_jsonl([result]))
    assert (row["student"], row["evidence"]) == ("a\ud800", {"k\ud800": ["\ud800"]})


def test_two_sheets_share_the_table(class_: Class) -> None:
    (tiny,) = class_.rubrics
    other = SubmissionResult("s9", "x.md", Status.UNREADABLE, message="no")
    frame = scores_frame([*class_.results, other], [tiny, tiny])
    assert list(frame.columns[-3:]) == ["1.1", "1.2", "2"]
    assert pd.isna(frame["max_score"].iloc[-1])


def test_nothing_graded() -> None:
    assert scores_csv([], []) == b"student,score,max_score,pending,status,source\n"
    assert findings_jsonl([]) == b""
    assert findings_frame([]).empty


def test_findings_frame_has_types_to_count_with(class_: Class) -> None:
    frame = findings_frame(class_.results)
    assert frame.loc[frame["student"] == "s001", "points"].sum() == 6
    assert frame.groupby("outcome")["points"].sum()["correct"] == 6.5
    assert frame["mistake"].dropna().tolist() == ["one in three", "one in three", EVIL, EVIL]


def test_sums_do_not_drift() -> None:
    assert total([0.1] * 10) == 1.0
    assert total([0.8333, 0.1667]) == 1.0


def test_one_word_for_an_answer() -> None:
    word = answer_outcome
    assert word([Outcome.CORRECT, Outcome.CORRECT]) is Outcome.CORRECT
    assert word([Outcome.CORRECT, Outcome.INCORRECT]) is Outcome.PARTIAL
    assert word([Outcome.CORRECT, Outcome.REVIEW]) is Outcome.REVIEW
    assert word([Outcome.REVIEW, Outcome.UNREADABLE]) is Outcome.UNREADABLE
    assert word([Outcome.REVIEW, Outcome.ERROR]) is Outcome.ERROR
    assert word([Outcome.MISSING]) is Outcome.MISSING


def test_run_json(class_: Class) -> None:
    record = json.loads(
        run_json(
            [Graded(r, 0.25) for r in class_.results[:1]],
            class_.rubrics,
            {"jobs": 2},
            1.23456,
            ["students/s001.html"],
            ran={"executor": "pool"},
        )
    )
    assert record["ran"] == {"executor": "pool"}
    assert list(record) == [
        "grader",
        "python",
        "versions",
        "rubrics",
        "options",
        "ran",
        "sandbox",
        "counts",
        "seconds",
        "timings",
        "stale_decisions",
        "pages",
    ]
    (tiny,) = class_.rubrics
    (sheet,) = record["rubrics"]
    assert {key: sheet[key] for key in ("id", "file", "sha256")} == {
        "id": "tiny",
        "file": tiny.path,
        "sha256": tiny.digest,
    }
    assert sheet["titles"]["1.1"] == "Half"
    assert sheet["titles"]["1.1/value"] == "The value"
    assert record["options"] == {"jobs": 2}
    assert record["sandbox"] == []  # there was no code to run
    assert record["counts"] == {"submissions": 1, "graded": 1, "partial": 0, "unreadable": 0}
    assert record["seconds"] == 1.235
    assert record["timings"] == [{"student": "s001", "source": "in/file000.json", "seconds": 0.25}]
    assert record["pages"] == ["students/s001.html"]
    assert None not in record["versions"].values()


def test_counts(class_: Class) -> None:
    assert counts(class_.results) == {"submissions": 6, "graded": 3, "partial": 2, "unreadable": 1}


def test_a_finding_has_the_contracts_fields() -> None:
    names = list(Finding.__dataclass_fields__)
    assert names == [
        "student",
        "question",
        "criterion",
        "kind",
        "outcome",
        "points",
        "max_points",
        "message",
        "read_as",
        "evidence",
        "where",
        "group",
        "drawn",  # these two for pages only: no columns of findings.jsonl
        "marked",
    ]
