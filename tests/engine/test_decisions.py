"""Decisions of people: read, applied to whom they are about, kept, and reported when they no longer apply."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.engine.decisions import read_decisions
from grader.errors import UsageFault
from grader.rubric import criterion_digest, load_rubric
from tests.kit import SHEET, make_course, submit

ROOT = Path(__file__).parents[2]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three answers wait: two with the same words, one with others."""
    course = make_course(tmp_path / "course", monkeypatch)
    submit(tmp_path / "class", "s001", q1_1="perhaps: a b", q1_2="yes", q2="more")
    submit(tmp_path / "class", "s002", q1_1="perhaps:  a  b", q1_2="yes", q2="more")
    submit(tmp_path / "class", "s003", q1_1="perhaps: c", q1_2="yes", q2="more")
    return course


def grade(*options: str) -> Result:
    arguments = ["run", "../class", "--rubric", "tiny", "--out", "../out", "--jobs", "1", *options]
    return CliRunner().invoke(main, arguments)


def rows(course: Path, name: str) -> list[dict[str, str]]:
    with (course.parent / "out" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def scores(course: Path) -> dict[str, tuple[str, str, str]]:
    return {r["student"]: (r["score"], r["pending"], r["status"]) for r in rows(course, "scores.csv")}


def findings(course: Path, student: str) -> list[dict[str, Any]]:
    lines = (course.parent / "out" / "findings.jsonl").read_text("utf-8").splitlines()
    return [row for line in lines if (row := json.loads(line))["student"] == student]


def fill_in(course: Path, points: str, comment: str = "") -> Path:
    """The first row of the queue, decided."""
    queue = rows(course, "queue.csv")
    queue[0] |= {"points": points, "comment": comment}
    path = course / "decided.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(queue[0]))
        writer.writeheader()
        writer.writerows(queue)
    return path


def test_the_queue_has_a_row_for_equal_answers(course: Path) -> None:
    grade()

    queue = rows(course, "queue.csv")
    assert [(r["question"], r["criterion"], r["answers"], r["max_points"], r["answer"]) for r in queue] == [
        ("1.1", "value", "2", "2.5", "perhaps: a b"),
        ("1.1", "style", "2", "0.5", "perhaps: a b"),
        ("1.1", "value", "1", "2.5", "perhaps: c"),
        ("1.1", "style", "1", "0.5", "perhaps: c"),
    ]
    assert {(r["points"], r["comment"], r["why"]) for r in queue} == {("", "", "a person decides")}
    assert "s001" not in (course.parent / "out" / "queue.csv").read_text("utf-8")


def test_a_decision_is_for_everybody_with_that_answer_and_stays(course: Path) -> None:
    grade()
    path = fill_in(course, "1.5", "The idea is right; a factor is missing.")

    done = grade("--decisions", str(path))

    assert scores(course) == {
        "s001": ("4.5", "0.5", "partial"),
        "s002": ("4.5", "0.5", "partial"),
        "s003": ("3", "3", "partial"),
    }
    row = findings(course, "s002")[0]
    assert (row["outcome"], row["points"]) == ("partial", 1.5)
    assert row["message"] == "The idea is right; a factor is missing."
    assert row["evidence"]["decided by"] == "a person"
    assert row["evidence"]["machine"] == {"outcome": "review", "points": 0, "message": "a person decides"}
    assert "Decisions of people: 1 of 1 applied\n" in done.stderr
    assert len(rows(course, "queue.csv")) == 3

    # a regrade keeps it, and somebody who is late gets it
    submit(course.parent / "class", "s004", q1_1="perhaps: a b ", q1_2="no", q2="")
    grade()
    assert scores(course)["s002"] == ("4.5", "0.5", "partial")
    assert scores(course)["s004"] == ("1.5", "0.5", "partial")
    page = (course.parent / "out" / "students" / "s004.html").read_text("utf-8")
    assert "The idea is right; a factor is missing." in page
    assert "machine" not in page


def test_all_or_nothing_is_correct_or_incorrect(course: Path) -> None:
    grade()
    grade("--decisions", str(fill_in(course, "2.5")))
    assert (findings(course, "s001")[0]["outcome"], findings(course, "s001")[0]["message"]) == (
        "correct",
        "A person decided this.",
    )
    (course.parent / "out" / "decisions.jsonl").unlink()
    grade()
    grade("--decisions", str(fill_in(course, "0")))
    assert findings(course, "s001")[0]["outcome"] == "incorrect"


def test_a_later_file_replaces_what_was_kept_and_a_student_goes_before_a_group(course: Path) -> None:
    grade()
    grade("--decisions", str(fill_in(course, "1")))
    grade("--decisions", str(decided(course, student="s002", points=2)), "--decisions", str(again(course)))

    assert [findings(course, s)[0]["points"] for s in ("s001", "s002", "s003")] == [1.25, 2, 0]
    kept = (course.parent / "out" / "decisions.jsonl").read_text("utf-8").splitlines()
    assert len(kept) == 2


def decided(course: Path, **values: Any) -> Path:
    path = course / "one.jsonl"
    path.write_text(json.dumps({"question": "1.1", "criterion": "value", **values}) + "\n", "utf-8")
    return path


def again(course: Path) -> Path:
    first = json.loads((course.parent / "out" / "decisions.jsonl").read_text("utf-8"))
    path = course / "again.jsonl"
    path.write_text(json.dumps({**first, "points": 1.25}), "utf-8")
    return path


def test_what_only_people_read_makes_nothing_stale() -> None:
    """A hint for whoever marks, a title: no judgement hangs on them."""
    rubric = load_rubric(ROOT / "rubrics" / "csc413-2020-hw2.toml")
    hinted = [(q, c) for q in rubric.questions for c in q.criteria if "hint" in c.options]
    assert hinted
    for q, c in hinted:
        other = replace(c, title="another", options={**c.options, "hint": "another"})
        assert criterion_digest(q, other) == criterion_digest(q, c)
        assert criterion_digest(q, replace(c, options={**c.options, "more": 1})) != criterion_digest(q, c)


def test_a_changed_criterion_makes_it_stale(course: Path) -> None:
    grade()
    path = fill_in(course, "1.5")
    group = rows(course, "queue.csv")[0]["group"]
    sheet = SHEET.replace('title = "The value"\n  points = 2.5', 'title = "The value"\n  points = 2.4')
    sheet = sheet.replace('title = "The style"', 'title = "Style"').replace("points = 0.5", "points = 0.6")
    (course / "rubrics" / "tiny.toml").write_text(sheet, "utf-8")

    done = grade("--decisions", str(path))

    why = (
        f"1.1 value, answer group {group}, 1.5 points (decided.csv:2): "
        "the criterion has changed since; look again"
    )
    assert "Decisions of people: 0 of 1 applied\n" in done.stderr
    assert f"  not applied  {why}\n" in done.stderr
    assert scores(course)["s001"] == ("3", "3", "partial")
    assert json.loads((course.parent / "out" / "run.json").read_text("utf-8"))["stale_decisions"] == [why]
    assert why in (course.parent / "out" / "report.html").read_text("utf-8")
    assert (course.parent / "out" / "decisions.jsonl").exists()  # kept all the same

    (course / "rubrics" / "tiny.toml").write_text(SHEET, "utf-8")
    grade()
    assert scores(course)["s001"] == ("4.5", "0.5", "partial")


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"group": "0" * 12, "points": 1}, "no submission of this run has that answer"),
        ({"student": "s009", "points": 1}, "no submission of this run has that answer"),
        (
            {"student": "s001", "group": "0" * 12, "points": 1},
            "the answer, or what the machine says of it, has changed since; look again",
        ),
        ({"student": "s001", "points": 3}, "the criterion has only 2.5 points"),
    ],
)
def test_what_does_not_apply_is_said(course: Path, values: dict[str, Any], why: str) -> None:
    done = grade("--decisions", str(decided(course, **values)))

    assert f"(one.jsonl:1): {why}\n" in done.stderr
    assert scores(course)["s001"] == ("3", "3", "partial")


def test_two_that_disagree_are_both_named(course: Path) -> None:
    path = decided(course, student="s001", points=1)
    path.write_text(path.read_text("utf-8") + path.read_text("utf-8").replace("1}", "2}"), "utf-8")

    done = grade("--decisions", str(path))

    assert done.exit_code == 2
    assert done.stderr == (
        "grade: one.jsonl:1 and one.jsonl:2 decide differently about 1.1 value, student s001: "
        "1 and 2 points; keep one of them\n"
    )
    assert not (course.parent / "out").exists()


CURE = "take the file that the review page offers, or the queue with its column `points` filled in"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("d.jsonl", "{", "d.jsonl:1: is not JSON"),
        ("d.jsonl", "\n[1]", "d.jsonl:2: holds no object"),
        ("d.jsonl", '{"criterion": "a", "group": "b", "points": 1}', "d.jsonl:1: `question` is missing"),
        ("d.jsonl", '{"question": 1, "points": 1}', "d.jsonl:1: `question` is 1; expected text"),
        (
            "d.jsonl",
            '{"question": "1", "criterion": "a", "points": 1}',
            "d.jsonl:1: neither `group` nor `student` says whose answer it is",
        ),
        (
            "d.jsonl",
            '{"question": "1", "criterion": "a", "group": "b", "points": NaN}',
            "d.jsonl:1: `points` is nan; expected a number of at least 0",
        ),
        (
            "d.jsonl",
            '{"question": "1", "criterion": "a", "group": "b", "points": true}',
            "d.jsonl:1: `points` is True; expected a number of at least 0",
        ),
        ("d.csv", "question,group,points\n", "d.csv: has no column 'criterion'"),
        (
            "d.csv",
            "question,criterion,group,points\n1,a,b,half\n",
            "d.csv:2: `points` is 'half'; expected a number of at least 0",
        ),
    ],
)
def test_what_is_no_decision(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(UsageFault) as caught:
        read_decisions(tmp_path / name)
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith(CURE)


def test_rows_without_points_are_no_decisions(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("question,criterion,group,points\n1,a,b,\n1,a,c, 0.5\n", "utf-8")
    assert [(d.group, d.points) for d in read_decisions(tmp_path / "d.csv")] == [("c", 0.5)]


@pytest.mark.parametrize("between", [";", "\t"])
def test_a_queue_that_a_spreadsheet_saved_elsewhere(tmp_path: Path, between: str) -> None:
    rows = "question,criterion,group,points\n1,a,b,\n1,a,c,".replace(",", between) + "0,5\n"
    (tmp_path / "d.csv").write_text(rows, "utf-8-sig")
    assert [(d.group, d.points) for d in read_decisions(tmp_path / "d.csv")] == [("c", 0.5)]
