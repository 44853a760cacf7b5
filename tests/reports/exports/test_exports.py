"""Each format, read back by somebody else's reader."""

from __future__ import annotations

import base64
import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import polars
import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.errors import UsageFault
from grader.reports.exports import FORMATS, Wanted, export
from grader.reports.exports._text import explained
from grader.reports.saved import SavedQuestion, read_run
from tests.kit import make_course, submit

FORMULA = "=cmd|' /C calc'!A0"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run of five: all right, half, one that waits, a hostile one, one that is no JSON."""
    make_course(tmp_path / "course", monkeypatch)
    folder = tmp_path / "class"
    submit(folder, "s001", q1_1="1/2", q1_2="yes", q2="more")
    submit(folder, "0012", q1_1="third", q1_2="third", q2="")
    submit(folder, "s003", q1_1="perhaps", q1_2="yes", q2="more")
    submit(folder, FORMULA, q1_1=f"hostile:{SCRIPT}", q1_2="yes", q2="more")
    (folder / "s005.json").write_text("{")
    ran = run("run", "../class", "--rubric", "tiny", "--out", "../out", "--jobs", "1", "--quiet")
    assert ran.exit_code == 1, ran.output
    return tmp_path / "out"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---- reading a run back


def test_a_run_is_read_back_as_it_was_written(out: Path) -> None:
    saved = read_run(out)

    assert [s.student for s in saved.submissions] == ["s001", "0012", "s003", FORMULA, "s005"]
    assert [s.score for s in saved.submissions] == [6, 1.6667, 3, 3, None]
    assert saved.question_ids == ("1.1", "1.2", "2")
    assert [(q.id, q.points, q.max_points, q.pending) for q in saved.submissions[2].questions] == [
        ("1.1", 0, 3, 3),
        ("1.2", 2, 2, 0),
        ("2", 1, 1, 0),
    ]
    assert saved.title == "tiny"
    question = saved.submissions[2].questions[0]
    assert (question.title, [c.title for c in question.criteria]) == ("Half", ["The value", "The style"])


def test_titles_of_two_sheets_that_differ_are_nobodys(out: Path) -> None:
    record = json.loads((out / "run.json").read_text("utf-8"))
    (sheet,) = record["rubrics"]
    other = {**sheet, "id": "other", "titles": {**sheet["titles"], "1.1": "Third", "1.1/style": "Tone"}}
    for rubrics, title in (([sheet, other], ""), ([{"id": "old"}, "no sheet"], ""), ([sheet], "Half")):
        (out / "run.json").write_text(json.dumps({**record, "rubrics": rubrics}), "utf-8")
        question = read_run(out).submissions[2].questions[0]
        assert question.title == title
    assert "value (0/2.5" in explained(SavedQuestion("1.1", (replace(question.criteria[0], title=""),)))


def test_a_changed_score_is_not_taken(out: Path) -> None:
    text = (out / "scores.csv").read_text("utf-8")
    (out / "scores.csv").write_text(text.replace("s001,6", "s001,60"), "utf-8")

    done = run("export", str(out), "--to", "canvas")

    assert done.exit_code == 2
    assert done.output == (
        f"grade: {out} holds no finished run: the findings of 's001' add up to 6, scores.csv says 60; "
        "give the folder that `grade run --out` wrote, or run it again\n"
    )


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("run.json", "{", "run.json is not JSON"),
        ("run.json", "[]", "run.json holds no object"),
        ("scores.csv", "", "run.json and scores.csv do not list the same submissions"),
        ("findings.jsonl", "{}\n", "findings.jsonl, line 1: KeyError: 'outcome'"),
        ("findings.jsonl", '{"outcome": "fine"}\n', "findings.jsonl, line 1: ValueError"),
    ],
)
def test_what_is_no_run(out: Path, name: str, text: str, why: str) -> None:
    (out / name).write_text(text, "utf-8")
    with pytest.raises(UsageFault) as caught:
        read_run(out)
    assert why in str(caught.value)


def test_two_submissions_by_one_student_have_no_place_in_a_gradebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_course(tmp_path / "course", monkeypatch)
    submit(tmp_path / "class", "s001", q1_1="1/2")
    submit(tmp_path / "class", "s001", q1_1="1/3")
    submit(tmp_path / "class", "s002", q1_1="1/2")
    run("run", "../class", "--rubric", "tiny", "--out", "../out", "--jobs", "1", "--quiet")

    out = tmp_path / "out"
    assert len(read_run(out).submissions) == 3
    done = run("export", "../out", "--to", "nbgrader")

    assert done.exit_code == 1
    assert done.stderr == (
        f"s001: left out, handed in 2 times ({', '.join(s.source for s in read_run(out).submissions[:2])}); "
        "grade again without what does not count\n"
    )
    table = rows(out / "export" / "nbgrader" / "grades.csv")
    assert [(r["student_id"], r["score"]) for r in table] == [("s002", "3")]
    run("export", "../out", "--to", "excel")
    book = openpyxl.load_workbook(out / "export" / "excel" / "grades.xlsx")
    assert [r[0] for r in book["Scores"].iter_rows(min_row=2, values_only=True)] == ["s001", "s001", "s002"]


# ---- gradebooks


def test_canvas_with_its_own_export_as_roster(out: Path, tmp_path: Path) -> None:
    roster = tmp_path / "Grades.csv"
    roster.write_text(
        "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,HW1 (77),HW2 (123)\n"
        "    Points Possible,,,,,10,\n"
        '"One, Person",901,s001,one@x,A,7,\n'
        '"Two, Person",902,0012,two@x,A,8,\n'
        '"Three, Person",903,,s003,B,9,\n'
        '"Student, Test",,,,B,,\n'
        '"Nobody, Else",904,s099,else@x,B,1,2.5\n',
        "utf-8",
    )

    done = run("export", str(out), "--to", "canvas", "--roster", str(roster), "--title", "HW2 (123)")

    assert done.exit_code == 1
    assert done.stderr == (
        "s003: no score yet, since something waits for a person (--so-far writes the points decided so far)\n"
        "s005: no score, since the submission could not be read\n"
        f"{FORMULA}, s005: not in the roster (looked at SIS User ID, SIS Login ID, ID), "
        "so in no row of the file\n"
    )
    data = (out / "export" / "canvas" / "canvas.csv").read_bytes()
    assert data.startswith(
        b"Student,ID,SIS User ID,SIS Login ID,Section,HW2 (123)\r\n    Points Possible,,,,,5\r\n"
    )
    table = {r["ID"]: r["HW2 (123)"] for r in rows(out / "export" / "canvas" / "canvas.csv")[1:]}
    assert table == {"901": "6", "902": "1.6667", "903": "", "904": "2.5"}


def test_so_far_writes_what_is_decided(out: Path) -> None:
    done = run("export", str(out), "--to", "canvas", "--so-far")

    assert done.stderr == "s005: no score, since the submission could not be read\n"
    table = rows(out / "export" / "canvas" / "canvas.csv")[1:]
    assert [(r["SIS User ID"], r["tiny"]) for r in table] == [
        ("s001", "6"),
        ("0012", "1.6667"),
        ("s003", "3"),
        ("'" + FORMULA, "3"),
        ("s005", ""),
    ]


def test_moodle_fills_its_worksheet_in(out: Path, tmp_path: Path) -> None:
    roster = tmp_path / "worksheet.csv"
    roster.write_text(
        "Identifier;Full name;Email address;ID number;Status;Grade;Maximum Grade;Feedback comments\n"
        f"Participant 1;One;one@x;s001;Submitted;;5.00;\nParticipant 2;Four;four@x;{FORMULA};;;5.00;old\n"
        "Participant 3;Three;three@x;s003;Submitted;2;5.00;kept\n",
        "utf-8",
    )

    done = run("export", str(out), "--to", "moodle", "--roster", str(roster))

    assert done.exit_code == 1
    one, four, three = rows(out / "export" / "moodle" / "moodle.csv")
    assert (one["Identifier"], one["Grade"], one["Maximum Grade"]) == ("Participant 1", "6", "5.00")
    assert one["Feedback comments"].startswith(
        "1.1 Half: 3 of 3<br>The value (2.5/2.5, correct): <br>The style"
    )
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in four["Feedback comments"]
    assert "<script" not in four["Feedback comments"]
    assert (three["Grade"], three["Feedback comments"]) == ("2", "kept")


def test_a_worksheet_of_another_scale_is_refused(out: Path, tmp_path: Path) -> None:
    roster = tmp_path / "worksheet.csv"
    roster.write_text("Identifier,ID number,Grade,Maximum Grade\nParticipant 1,s001,,100.00\n", "utf-8")

    done = run("export", str(out), "--to", "moodle", "--roster", str(roster))

    assert done.exit_code == 2
    assert done.stderr == (
        "grade: the worksheet's Maximum Grade is 100.00, the sheet has 5 points; set the assignment's "
        "maximum grade in Moodle to 5 and download the worksheet again\n"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a\n", "its first line is no list of columns; give the gradebook's own CSV"),
        ("ID,ID\n", "two columns are called 'ID'; rename one of them"),
        (
            "Name,Mail\nx,y\n",
            "none of the columns SIS User ID, SIS Login ID, ID is there (found: Name, Mail)",
        ),
    ],
)
def test_a_roster_that_does_not_fit(out: Path, tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "r.csv").write_text(text, "utf-8")

    done = run("export", str(out), "--to", "canvas", "--roster", str(tmp_path / "r.csv"))

    assert done.exit_code == 2
    assert why in done.stderr
    assert not (out / "export").exists()


def test_only_gradebooks_take_a_roster(out: Path, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("ID,Name\n1,x\n", "utf-8")
    done = run("export", str(out), "--to", "excel", "--roster", str(tmp_path / "r.csv"))
    assert done.stderr == "grade: --roster is only for gradebooks that have one: canvas and moodle\n"


def test_nbgrader_has_its_columns(out: Path) -> None:
    run("export", str(out), "--to", "nbgrader", "--title", "ps1")

    first, *_, last = rows(out / "export" / "nbgrader" / "grades.csv")
    who = ["student_id", "last_name", "first_name", "email"]
    marks = ["raw_score", "late_submission_penalty", "score", "max_score"]
    assert list(first) == ["assignment", "duedate", "timestamp", *who, *marks]
    assert (first["assignment"], first["student_id"], first["score"], first["max_score"]) == (
        "ps1",
        "s001",
        "6",
        "5",
    )
    assert (last["student_id"], last["score"]) == ("s005", "")


# ---- one file a student

SCORE: dict[str, Any] = {"type": "number", "minimum": 0}
GRADESCOPE: dict[str, Any] = {
    "type": "object",
    "required": ["tests", "output", "visibility"],
    "properties": {
        "score": SCORE,
        "output": {"type": "string"},
        "output_format": {"const": "text"},
        "test_output_format": {"const": "text"},
        "visibility": {"enum": ["hidden", "after_due_date", "after_published", "visible"]},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "score", "max_score", "output"],
                "properties": {
                    "name": {"type": "string"},
                    "number": {"type": "string"},
                    "score": SCORE,
                    "max_score": SCORE,
                    "status": {"enum": ["passed", "failed"]},
                    "output": {"type": "string"},
                    "output_format": {"const": "text"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": {"const": "visible"},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


def test_gradescope_takes_every_file(out: Path) -> None:
    done = run("export", str(out), "--to", "gradescope")

    assert done.exit_code == 0
    files = sorted((out / "export" / "gradescope").glob("*/results.json"))
    assert len(files) == 5
    found = {f.parent.name: json.loads(f.read_text("ascii")) for f in files}
    for results in found.values():
        jsonschema.validate(results, GRADESCOPE)
    one = found["s001"]["tests"][0]
    assert (one["name"], one["score"], one["max_score"], one["status"]) == ("1.1 Half", 3, 3, "passed")
    waits = found["s003"]
    assert waits["output"] == "3 points wait for a person and count as 0 until then."
    assert "status" not in waits["tests"][0]
    assert waits["tests"][0]["output"].startswith(
        "0 of 3 so far, 3 wait for a person\nThe value (0/2.5, waits"
    )
    assert found["s005"]["score"] == 0
    said = found["s005"]["output"].split("\n")
    assert said[0] == (
        "Your file has arrived, but it could not be read, so it has no score yet: a person looks at it. "
        "The 0 beside this stands only because Gradescope takes no results without a number."
    )
    assert said[1].startswith("Why: 1:2: not valid JSON")


def test_prairielearn_scores_are_shares(out: Path) -> None:
    run("export", str(out), "--to", "prairielearn")

    read = {f.parent.name: json.loads(f.read_bytes()) for f in out.glob("export/prairielearn/*/results.json")}
    assert read["s001"]["score"] == 1  # 6 of 5, with the bonus
    assert read["s003"]["score"] == pytest.approx(0.6)
    assert read["s003"]["message"] == "3 points wait for a person."
    assert [(t["name"], t["points"], t["max_points"]) for t in read["s003"]["tests"]] == [
        ("1.1 Half", 0, 3),
        ("1.2 Yes or no", 2, 2),
        ("2 More", 1, 1),
    ]
    assert read["s005"] == {"gradable": False, "format_errors": ["The submission could not be read."]}


def test_github_reads_base64(out: Path) -> None:
    run("export", str(out), "--to", "github")

    def decoded(name: str) -> Any:
        return json.loads(base64.b64decode((out / "export" / "github" / name).read_bytes(), validate=True))

    assert decoded("s001.txt")["status"] == "pass"
    assert decoded("s003.txt")["status"] == "fail"
    assert [t["status"] for t in decoded("s003.txt")["tests"]] == ["error", "pass", "pass"]
    assert decoded("s005.txt") == {"version": 1, "status": "error", "max_score": 5, "tests": []}


# ---- tables


def test_a_workbook_holds_text_as_text(out: Path) -> None:
    run("export", str(out), "--to", "excel")

    book = openpyxl.load_workbook(out / "export" / "excel" / "grades.xlsx")
    assert book.sheetnames == ["Scores", "Questions", "Findings", "For a person", "Not read"]
    scores = list(book["Scores"].iter_rows(values_only=True))
    assert scores[0] == ("student", "score", "max_score", "pending", "status", "source", "1.1", "1.2", "2")
    assert scores[1][:5] == ("s001", 6, 5, 0, "graded")
    assert scores[2][0] == "0012"
    hostile = book["Scores"].cell(5, 1)
    assert (hostile.value, hostile.data_type) == (FORMULA, "s")
    unread = list(book["Not read"].iter_rows(values_only=True))
    assert unread[0] == ("student", "source", "why", "what helps")
    assert (unread[1][0], unread[1][3]) == ("s005", "the file stops too early; hand in the whole file")
    assert str(unread[1][2]).startswith("1:2: not valid JSON")
    assert len(unread) == 2
    assert {r[0] for r in book["For a person"].iter_rows(min_row=2, values_only=True)} == {"s003"}
    questions = list(book["Questions"].iter_rows(values_only=True))
    assert questions[1][:3] == ("1.1", 4, 3)


def test_parquet_keeps_types(out: Path) -> None:
    run("export", str(out), "--to", "parquet")

    scores = polars.read_parquet(out / "export" / "parquet" / "scores.parquet")
    assert scores["score"].to_list() == [6, 1.6667, 3, 3, None]
    assert scores["student"].to_list()[1] == "0012"
    findings = polars.read_parquet(out / "export" / "parquet" / "findings.parquet")
    assert findings.height == 16
    assert json.loads(findings["evidence"][0]) == {}


def test_every_format_is_in_the_help(out: Path) -> None:
    text = run("export", "--help").output
    assert all(f"\n    {name} " in text for name in FORMATS)
    done = run("export", str(out), "--to", "blackboard")
    assert done.exit_code == 2
    assert done.output == (
        "grade: there is no format 'blackboard'; the formats are gradescope, canvas, moodle, nbgrader, "
        "prairielearn, github, excel, parquet\n"
    )


def test_the_same_run_gives_the_same_bytes(out: Path) -> None:
    for name in set(FORMATS) - {"excel"}:  # a workbook says when it was made
        assert export(out, name, Wanted()).files == export(out, name, Wanted()).files
