"""A class of hostile hand-ins through the whole of ``grade run``: one right row each, nobody else touched."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result

from grader import readers
from grader.cli import main
from grader.engine.executors import Graded, grade_all
from grader.engine.grade import Grader
from grader.engine.plan import make_plan
from grader.errors import UsageFault
from grader.model import Status, SubmissionResult
from grader.reports.text import one_line
from tests.hostile_files import FULL, IGNORED, RIGHT, SHEET, Row, answers, archive, make_class

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these names and kinds of files")

MAX_MESSAGE = 600  # characters of any message or cure
HONEST = re.compile(r"class/(?:h00\d|zz-last)")


class Run(NamedTuple):
    root: Path
    rows: list[Row]
    graded: list[Graded]
    result: Result

    @property
    def out(self) -> Path:
        return self.root / "out"


def course(root: Path) -> Path:
    for folder in ("rubrics", "reference", "class"):
        (root / folder).mkdir()
    (root / "rubrics" / "mini-hw1.toml").write_text(SHEET, "utf-8")
    return root


def grade(*paths: str, out: Path | None = None, workers: int | None = None) -> list[SubmissionResult]:
    plan = make_plan([Path(p) for p in paths], "mini-hw1", out=out)
    return [g.result for g in grade_all(Grader(plan.rubrics), plan.jobs, plan.rubrics, workers)]


def outside(root: Path) -> set[tuple[str, int]]:
    """Everything that a run must leave alone, with its size."""
    return {
        (str(p.relative_to(root)), p.lstat().st_size)
        for p in root.rglob("*")
        if not p.is_dir() and p.relative_to(root).parts[0] != "out"
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    root = course(tmp_path_factory.mktemp("hostile").resolve())
    rows = make_class(root / "class")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        before = outside(root)
        plan = make_plan([Path("class")], "mini-hw1", out=Path("out"))
        graded = grade_all(Grader(plan.rubrics), plan.jobs, plan.rubrics, 2)
        result = CliRunner().invoke(
            main, ["run", "class", "--rubric", "mini-hw1", "--out", "out", "--jobs", "1"]
        )
        assert outside(root) == before
        yield Run(root, rows, graded, result)


def score(result: SubmissionResult) -> float | None:
    unreadable = result.status is Status.UNREADABLE
    return None if unreadable else sum(f.points for f in result.findings)


def test_every_submission_has_its_one_row_and_reason(run: Run) -> None:
    found = [Row(r.source, r.student, score(r), r.message, r.cure) for r in (g.result for g in run.graded)]
    wanted = {row.source: row for row in run.rows}
    assert len(wanted) == len(run.rows)
    assert {row.source: row for row in found} == wanted
    assert len(found) == len(wanted)
    assert len(found) > 200


def test_honest_people_have_full_marks(run: Run) -> None:
    honest = [g.result for g in run.graded if HONEST.match(g.result.source)]
    assert [(r.status, score(r)) for r in honest] == [(Status.GRADED, FULL)] * 6


def test_nothing_is_our_fault(run: Run) -> None:
    assert run.result.exit_code == 1, run.result.output
    outcomes = [f.outcome.value for g in run.graded for f in g.result.findings]
    assert "error" not in outcomes
    assert not [g.result.source for g in run.graded if "toolkit" in g.result.message]


def test_messages_say_what_helps_in_a_few_words(run: Run) -> None:
    unreadable = [g.result for g in run.graded if g.result.status is Status.UNREADABLE]
    for r in unreadable:
        assert r.message, r.source
        assert r.cure or "expected" in r.message, r.source
    said = [t for r in unreadable for t in (r.message, r.cure)]
    said += [f.message for g in run.graded for f in g.result.findings]
    said += [n for g in run.graded if g.result.submission for n in g.result.submission.notes]
    assert max(map(len, said)) <= MAX_MESSAGE


def test_scores_are_a_table_that_runs_nothing(run: Run) -> None:
    data = (run.out / "scores.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))
    assert len(rows) == len(run.rows) == data.count(b"\n") - 1
    for row in rows:
        for cell in (row["student"], row["source"]):
            assert not cell.lstrip().startswith(("=", "+", "-", "@")), cell
            assert not re.search(r"[;|,]\s*[=+@-]", cell), cell
            assert cell == one_line(cell), cell
    assert sum(row["score"] == "" for row in rows) == sum(row.score is None for row in run.rows)


def test_lines_of_json_are_safe_to_print(run: Run) -> None:
    for name in ("findings.jsonl", "run.json"):
        text = (run.out / name).read_text("utf-8")
        for line in text.split("\n"):
            assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")], line
    lines = (run.out / "findings.jsonl").read_text("utf-8").split("\n")
    students = {json.loads(line)["student"] for line in lines if line}
    assert students == {row.student for row in run.rows if row.score is not None}


class _Page(html.parser.HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_pages_run_nothing_and_hide_nothing(run: Run) -> None:
    pages = sorted((run.out / "students").iterdir())
    assert len(pages) == len(run.rows)
    for page in (*pages, *run.out.glob("*.html")):
        text = page.read_text("utf-8")
        found = _Page(text)
        own = (
            set() if page.parent.name == "students" else {"script"}
        )  # one, whose hash the page's policy names
        assert text.lower().count("<script") == len(own), page
        assert not (found.tags - own) & {
            "script",
            "img",
            "iframe",
            "object",
            "embed",
            "form",
            "base",
            "link",
        }, page
        assert not [a for a in found.attributes if a.startswith("on")], page
        hidden = [c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c not in "\n\t"]
        assert not hidden, page
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.html", page.name)


def test_the_terminal_shows_every_line_as_one(run: Run) -> None:
    lines = run.result.stderr.split("\n")
    assert not [c for line in lines for c in line if unicodedata.category(c) in ("Cc", "Cf")]
    assert lines[0] == (
        "grade: not graded, since their names say that they are no submission: class/LICENSE, "
        "class/README.md; to grade one, name it after `grade run`"
    )
    assert lines[1].startswith(f"{len(run.rows)} submissions · mini-hw1 · ")
    assert lines[-2] == "Report: out/report.html"


def test_what_is_nobodys_work_has_no_row(run: Run) -> None:
    sources = {g.result.source for g in run.graded}
    assert not sources & {f"class/{name}" for name in IGNORED}


# ---- the folder that is written into


def test_reports_inside_the_submissions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course(tmp_path))
    Path("class/s001.md").write_text(RIGHT)
    Path("class/s002.md").symlink_to("out/scores.csv")
    Path("class/s003.md").symlink_to("s003.md")
    for _ in range(2):
        done = CliRunner().invoke(main, ["run", "class", "--rubric", "mini-hw1", "--out", "class/out"])
        assert done.exit_code == 1, done.output
        rows = list(csv.DictReader(io.StringIO(Path("class/out/scores.csv").read_text("utf-8"))))
        assert [(r["student"], r["score"]) for r in rows] == [("s001", "3"), ("s002", ""), ("s003", "")]


def test_a_students_folder_is_no_place_for_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course(tmp_path))
    for student in ("s001", "s002"):
        Path(f"class/{student}").mkdir()
        Path(f"class/{student}/hw.md").write_text(RIGHT)
    with pytest.raises(UsageFault) as caught:
        make_plan([Path("class")], "mini-hw1", out=Path("class/s001"))
    assert str(caught.value) == (
        "--out class/s001: holds what may be a submission (class/s001/hw.md) and no earlier report; "
        "give another folder"
    )


def test_pages_are_not_written_through_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course(tmp_path))
    Path("class/s001.md").write_text(RIGHT)
    Path("victim").mkdir()
    Path("out").mkdir()
    Path("out/students").symlink_to("../victim")
    done = CliRunner().invoke(main, ["run", "class", "--rubric", "mini-hw1"])
    assert done.exit_code == 2
    assert done.stderr == (
        "grade: --out out: students in it is a symbolic link, and nothing is written through one; "
        "remove it, or give another folder\n"
    )
    assert list(Path("victim").iterdir()) == []


def test_a_fault_that_names_a_hostile_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course(tmp_path))
    Path("\x1b[2J\u202e").mkdir()
    done = CliRunner().invoke(main, ["run", "\x1b[2J\u202e", "--rubric", "mini-hw1"])
    assert (done.exit_code, done.stderr.split(";")[0]) == (
        2,
        "grade: there is nothing to grade in ⟨U+001B⟩[2J⟨U+202E⟩",
    )


# ---- while the class is graded


def test_files_that_vanish_or_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course(tmp_path))
    for i in range(1, 6):
        Path(f"class/s{i}.md").write_text(RIGHT)
    Path("secret.md").write_text(RIGHT)
    Path("class/s6").mkdir()
    Path("class/s6/hw.md").write_text(RIGHT)
    plan = make_plan([Path("class")], "mini-hw1")
    Path("class/s1.md").unlink()
    Path("class/s2.md").write_text(RIGHT.replace("42", "41"))
    Path("class/s3.md").unlink()
    Path("class/s3.md").symlink_to("../secret.md")
    Path("class/s4.md").unlink()
    os.mkfifo("class/s4.md")
    Path("class/s6/hw.md").unlink()
    Path("class/s6").rmdir()
    graded = grade_all(Grader(plan.rubrics), plan.jobs, plan.rubrics, None)
    again = "it was there when the run began; look for it and run again"
    plain = "hand in Markdown, JSON or a notebook as a plain file"
    assert [(g.result.student, score(g.result), g.result.message, g.result.cure) for g in graded] == [
        ("s1", None, "cannot be opened: no such file or directory", again),
        ("s2", 2.0, "", ""),
        ("s3", None, "is a symbolic link, not a file", plain),
        ("s4", None, "is a pipe, not a file", plain),
        ("s5", 3.0, "", ""),
        ("s6", None, "cannot be opened: no such file or directory", again),
    ]


def test_a_file_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course(tmp_path))
    Path("class/s1.md").write_text(RIGHT + "x" * 5_000_000)
    small = os.stat_result((0o100644, 1, 1, 1, 0, 0, 10, 0, 0, 0))
    monkeypatch.setattr(os, "lstat", lambda path: small)
    (result,) = grade("class/s1.md")
    assert result.message == "is larger than 4,000,000 bytes, the limit for its kind"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course(tmp_path))
    for name in ("s1.md", "s2/hw.md", "s3/in/hw.md", "s4.md"):
        Path("class", name).parent.mkdir(parents=True, exist_ok=True)
        Path("class", name).write_text(RIGHT)
    closed = [Path("class/s1.md"), Path("class/s2"), Path("class/s3/in")]
    for path in closed:
        path.chmod(0)
    try:
        results = grade("class")
    finally:
        for path in closed:
            path.chmod(0o700)
    help = "make it readable for whoever grades"
    assert [(r.student, score(r), r.message, r.cure) for r in results] == [
        ("s1", None, "cannot be opened: permission denied", help),
        ("s2", None, "the folder cannot be listed: permission denied", help),
        ("s3", None, "the folder cannot be listed: permission denied", help),
        ("s4", 3.0, "", ""),
    ]


# ---- one person's tricks with names


def test_ids_that_look_alike_are_pointed_out(run: Run) -> None:
    page = (run.out / "report.html").read_text("utf-8")
    text = re.sub(r"<[^>]*>", "", page)
    for names in ("H001, h001, h001⟨U+200B⟩", "0012, 12", "ae, \u0430\u0435 (U+0430 U+0435)"):
        assert f"{names} look alike; each has a row." in text


def test_a_class_with_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course(tmp_path))
    monkeypatch.setattr(sys.modules["grader.readers.discover"], "MAX_ENTRIES", 3)
    for i in range(4):
        Path(f"class/s{i}.md").write_text(RIGHT)
    with pytest.raises(UsageFault) as caught:
        readers.discover([Path("class")])
    assert str(caught.value) == "class: the folder cannot be listed (it holds more than 3 files)"


def test_an_archive_named_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course(tmp_path))
    Path("in").mkdir(exist_ok=True)
    Path("in/s1.zip").write_bytes(archive({"hw/hw.json": answers("s1")}))
    (result,) = grade("in/s1.zip")
    assert (result.source, result.student, score(result)) == ("in/s1.zip/hw/hw.json", "s1", FULL)
    assert str(result.findings[0].where) == "in/s1.zip/hw/hw.json:1"
