"""The commands as a user calls them: files, words and exit status."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader import __version__
from grader.cli import main
from grader.engine import grade
from grader.engine.executors import child
from tests.kit import REFERENCE, SHEET, make_course, submit

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(child, "START_METHOD", "fork")
    return make_course(tmp_path.resolve() / "course", monkeypatch)


def call(*arguments: str) -> Result:
    """The command, in this process; a crash of the test's own is not swallowed."""
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def outcome(*arguments: str) -> tuple[int, str, str]:
    result = call(*arguments)
    return result.exit_code, result.stdout, result.stderr


# ---- run


def test_a_class_where_all_is_well(course: Path) -> None:
    submit(course / "in", "s001", q1_1="1/2", q1_2="yes", q2="more")
    submit(course / "in", "s002", q1_1="wrong", q1_2="perhaps")
    status, stdout, stderr = outcome("run", "in", "--rubric", "tiny", "--out", "there", "--jobs", "1")
    assert (status, stdout) == (0, "")
    lines = stderr.splitlines()
    assert lines[0].startswith("2 submissions · tiny · ")
    assert lines[1:] == [
        "  1 graded   1 partial   0 unreadable",
        "Waiting for a person: 1 answer, 2 points: there/review.html",
        "Report: there/report.html",
    ]
    assert (course / "there" / "scores.csv").read_bytes() == (
        b"student,score,max_score,pending,status,source,1.1,1.2,2\n"
        b"s001,6,5,0,graded,in/file000.json,3,2,1\n"
        b"s002,0.5,5,2,partial,in/file001.json,0.5,0,0\n"
    )
    assert sorted(p.name for p in (course / "there").iterdir()) == [
        "cache.sqlite",
        "findings.jsonl",
        "queue.csv",
        "report.html",
        "review.html",
        "run.json",
        "scores.csv",
        "students",
    ]
    record = json.loads((course / "there" / "run.json").read_text())
    assert record["options"] == {
        "paths": ["in"],
        "rubric": "tiny",
        "out": "there",
        "jobs": 1,
        "sandbox": "auto",
        "seed": "from the rubric",
        "cache": "there/cache.sqlite",
    }
    assert record["grader"] == __version__


def test_some_could_not_be_graded(course: Path) -> None:
    submit(course / "in", "s001", q1_2="yes")
    (course / "in" / "s044.json").write_text('{"student": ')
    status, _, stderr = outcome("run", "in", "--jobs", "1")
    assert status == 1
    assert stderr.splitlines()[1:] == [
        "  1 graded   0 partial   1 unreadable",
        (
            "  s044  unreadable  in/s044.json: 1:13: not valid JSON: expecting value   "
            "the file stops too early; hand in the whole file"
        ),
        "Exit 1: 1 submission could not be read.",
        "Report: out/report.html",
    ]
    assert (course / "out" / "scores.csv").read_bytes() == (
        b"student,score,max_score,pending,status,source,1.1,1.2,2\n"
        b"s001,2,5,0,graded,in/file000.json,0,2,0\n"
        b"s044,,,,unreadable,in/s044.json,,,\n"
    )


def test_quiet(course: Path) -> None:
    submit(course / "in", "s001", q1_2="yes")
    assert outcome("run", "in", "--quiet", "--jobs", "1") == (0, "", "")


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="needs fork")
def test_the_number_of_processes_changes_no_byte(course: Path) -> None:
    for i in range(9):
        submit(course / "in", f"s{i:03}", q1_1=["1/2", "third", "crash"][i % 3], q1_2="garbage: é\u202e")
    (course / "in" / "s044.json").write_text("[]")
    outs = {jobs: f"out{jobs}" for jobs in ("1", "2", "5")}
    for jobs, out in outs.items():
        assert outcome("run", "in", "--rubric", "tiny", "--out", out, "--jobs", jobs, "--quiet") == (
            1,
            "",
            "",
        )
    for name in ("scores.csv", "findings.jsonl", "report.html", "students/s003.html"):
        assert len({(course / out / name).read_bytes() for out in outs.values()}) == 1


def test_a_second_run_does_not_grade_the_report(course: Path) -> None:
    submit(course / "in", "s001", q1_2="yes")
    for _ in range(2):
        assert outcome("run", "in", "--out", "in/out", "--quiet", "--jobs", "1") == (0, "", "")
    assert (course / "in" / "out" / "scores.csv").read_text().count("\n") == 2


def test_two_sheets_in_one_folder(course: Path) -> None:
    other = SHEET.replace('id = "tiny"', 'id = "another"').replace('id = "1.2"', 'id = "3.1"')
    (course / "rubrics" / "another.toml").write_text(other)
    submit(course / "in", "s001", "tiny", q1_2="yes")
    submit(course / "in", "s002", "another", q3_1="yes")
    assert outcome("run", "in", "--quiet", "--jobs", "1") == (0, "", "")
    assert (course / "out" / "scores.csv").read_bytes() == (
        b"student,score,max_score,pending,status,source,1.1,3.1,2,1.2\n"
        b"s001,2,5,0,graded,in/file000.json,0,,0,2\n"
        b"s002,2,5,0,graded,in/file001.json,0,2,0,\n"
    )


def test_a_rubric_given_as_a_file(course: Path) -> None:
    submit(course / "in", "s001", None, q1_2="yes")
    (course / "mine.toml").write_text(SHEET)
    assert outcome("run", "in", "--rubric", "mine.toml", "--quiet", "--jobs", "1") == (0, "", "")


# ---- what is wrong with the call, and nothing is graded


def test_a_broken_rubric(course: Path) -> None:
    submit(course / "in", "s001", q1_2="yes")
    (course / "rubrics" / "tiny.toml").write_text(SHEET.replace("points = 5", "points = 6"))
    expected = (
        f"grade: {course}/rubrics/tiny.toml: the questions add up to 5 points, `points` says 6; "
        "change one of them\n"
    )
    assert outcome("run", "in", "--rubric", "tiny") == (2, "", expected)
    assert not (course / "out").exists()
    for jobs in ("1", "2"):
        assert outcome("run", "in", "--jobs", jobs) == (2, "", expected)
    assert not (course / "out" / "scores.csv").exists()


def test_out_is_a_file(course: Path) -> None:
    submit(course / "in", "s001", q1_2="yes")
    (course / "out").touch()
    assert outcome("run", "in") == (2, "", "grade: --out out: there is a file of that name; give a folder\n")


def test_nothing_to_grade(course: Path) -> None:
    (course / "in").mkdir()
    assert outcome("run", "in") == (
        2,
        "",
        (
            "grade: there is nothing to grade in in; submissions are .ipynb, .json, .md, .mmd and .txt "
            "files, or folders of them\n"
        ),
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run",), "Error: Missing argument 'PATH...'."),
        (("run", "nowhere"), "Error: Invalid value for 'PATH...': Path 'nowhere' does not exist."),
        (
            ("run", "rubrics", "--jobs", "0"),
            "Error: Invalid value for '--jobs': 0 is not in the range x>=1.",
        ),
        (("nonsense",), "Error: No such command 'nonsense'."),
        (("verify", "--fast"), "Error: No such option '--fast'."),
    ],
)
def test_usage(course: Path, arguments: tuple[str, ...], message: str) -> None:
    status, stdout, stderr = outcome(*arguments)
    assert (status, stdout) == (2, "")
    assert stderr.splitlines()[-1] == message


def test_an_unknown_rubric(course: Path) -> None:
    submit(course / "in", "s001", q1_2="yes")
    status, stdout, stderr = outcome("run", "in", "--rubric", "tinny")
    assert (status, stdout) == (2, "")
    assert stderr.startswith(f"grade: there is no rubric 'tinny' in {course}/rubrics and the built-in ones; ")
    assert "did you mean 'tiny'?" in stderr
    assert stderr.count("\n") == 1


# ---- faults of ours


def crash(*arguments: object) -> object:
    raise ZeroDivisionError("what now")


CRASHED = (
    "grade: ZeroDivisionError: what now\n"
    "This is a fault of grade itself, not of a submission. Please report it with the command you gave "
    "and what the same command prints with --debug.\n"
)


def test_a_crash_says_what_to_do(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(course / "in", "s001", q1_2="yes")
    monkeypatch.setattr(grade, "load_rubric", crash)
    assert outcome("run", "in", "--rubric", "tiny", "--jobs", "1") == (70, "", CRASHED)


def test_debug_shows_the_traceback(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(course / "in", "s001", q1_2="yes")
    monkeypatch.setattr(grade, "load_rubric", crash)
    status, _, stderr = outcome("--debug", "run", "in", "--rubric", "tiny", "--jobs", "1")
    assert status == 70
    assert stderr.startswith("Traceback (most recent call last):\n")
    assert stderr.endswith(CRASHED)


def test_stopped_by_hand(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*arguments: object) -> object:
        raise KeyboardInterrupt

    submit(course / "in", "s001", q1_2="yes")
    monkeypatch.setattr(grade, "load_rubric", stop)
    assert outcome("run", "in", "--rubric", "tiny", "--jobs", "1") == (
        130,
        "",
        "grade: stopped; nothing more was written\n",
    )


# ---- check and verify


def test_check(course: Path) -> None:
    file = submit(course / "in", "s001", q1_1="1/2")
    status, stdout, stderr = outcome("check", str(file.relative_to(course)))
    assert (status, stderr) == (1, "")
    assert stdout == (
        "in/file000.json: Tiny sheet, student s001\n\n"
        "1.1  Half\n  read as: «1/2»\n  ✓ The style: passed\n\n"
        "1.2  Yes or no\n  – missing: nothing was found for this question\n\n"
        "2  More\n  – missing: nothing was found for this question "
        "(a bonus question: you may leave it out)\n\n"
        "1 check is not reported here; this does not mean it is right.\n"
    )


def test_check_takes_one_submission(course: Path) -> None:
    submit(course / "in", "s001", q1_2="yes")
    submit(course / "in", "s002", q1_2="yes")
    assert outcome("check", "in", "--rubric", "tiny") == (
        2,
        "",
        "grade: in: holds 2 submissions; `grade check` takes one\n",
    )


def test_check_of_an_unreadable_file(course: Path) -> None:
    (course / "in").mkdir(exist_ok=True)
    (course / "in" / "s044.json").write_text('{"student": ')
    assert outcome("check", "in/s044.json", "--rubric", "tiny") == (
        1,
        (
            "in/s044.json: 1:13: not valid JSON: expecting value\n"
            "What helps: the file stops too early; hand in the whole file.\n"
        ),
        "",
    )


def test_verify(course: Path) -> None:
    assert outcome("verify") == (
        0,
        (
            "rubric  question  criterion  symbolic = numeric  difference  agrees  answers  slips  status\n"
            "------  --------  ---------  ------------------  ----------  ------  -------  -----  ------\n"
            "tiny    1.1       value      at 3 points         0.0e+00     yes     -        -      ok\n"
            "tiny    1.1       style      -                   -           yes     -        -      ok\n"
            "tiny    1.2       word       -                   -           yes     -        -      ok\n"
            "tiny    2         more       -                   -           yes     -        -      ok\n"
            "4 criteria and 1 reference verified.\n"
        ),
        "",
    )


def test_verify_catches_a_reference_broken_on_purpose(course: Path) -> None:
    (course / "reference" / "tiny.py").write_text(REFERENCE.replace("0.5 * x", "0.25 * x"))
    status, stdout, stderr = outcome("verify", "tiny")
    assert (status, stderr) == (1, "")
    lines = stdout.splitlines()
    assert lines[2].split() == ["tiny", "1.1", "value", "no", "-", "-", "-", "-", "FAULT"]
    assert lines[7].startswith(
        "✗ tiny.toml: questions[0] (1.1).criteria[0] (value): reference 'tiny:half': "
        "symbolic and numeric disagree at x = "
    )
    assert lines[-1] == "Exit 1: 1 problem."


def test_verify_an_unknown_rubric(course: Path) -> None:
    assert outcome("verify", "nothing")[0] == 2


# ---- help


def test_every_command_teaches() -> None:
    for command in ("run", "check", "verify"):
        status, stdout, stderr = outcome(command, "--help")
        assert (status, stderr) == (0, "")
        assert f"  grade {command} " in stdout
        assert "Exit status:\n" in stdout


def test_version() -> None:
    assert outcome("--version") == (0, f"grade, version {__version__}\n", "")


def test_the_summary_for_programs(course: Path) -> None:
    submit(course / "in", "s001", q1_1="1/2", q1_2="yes", q2="more")
    submit(course / "in", "s002", q1_1="wrong", q1_2="perhaps")
    (course / "in" / "s003.json").write_text("{")
    status, stdout, stderr = outcome(
        "run", "in", "--rubric", "tiny", "--out", "there", "--jobs", "1", "--json"
    )
    assert (status, stderr) == (1, "")
    found = json.loads(stdout)
    assert found["counts"] == {"submissions": 3, "graded": 1, "partial": 1, "unreadable": 1}
    assert [(n["student"], n["source"]) for n in found["not_graded"]] == [("s003", "in/s003.json")]
    assert (found["waiting_points"], found["report"], found["exit"]) == (2.0, "there/report.html", 1)


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_teaches_with_an_example(command: str) -> None:
    status, stdout, _ = outcome(command, "--help")
    assert status == 0
    assert f"      grade {command}" in stdout or f"    grade {command}" in stdout


# ---- where a run runs, and what it says about it


def test_a_run_tells_what_happens_a_line_of_json_each(course: Path) -> None:
    submit(course / "in", "s001", q1_1="1/2", q1_2="yes", q2="more")
    submit(course / "in", "s002", q1_1="1/2", q1_2="die", q2="secret words")
    arguments = ("run", "in", "--rubric", "tiny", "--jobs", "2", "--no-cache")
    status, stdout, stderr = outcome(*arguments, "--log-json", "--log", "run.log")
    assert (status, stdout) == (1, "")
    assert stderr == (course / "run.log").read_text()
    assert "secret" not in stderr
    events = [json.loads(line) for line in stderr.splitlines()]
    assert sorted(e["event"] for e in events) == [
        "given up",
        "job finished",
        "job finished",
        "run finished",
        "run started",
        "worker died",
        "worker died",
    ]
    by_name = {e["event"]: e for e in events}
    for event in events:
        assert event.pop("time").endswith("+00:00")
    assert by_name["run started"] == {
        "level": "info",
        "event": "run started",
        "version": __version__,
        "submissions": 2,
        "out": "out",
        "executor": "pool",
        "workers": 2,
    }
    died = [(e["student"], e["source"], e["place"], e["how"], e["then"]) for e in events if "how" in e]
    place = (None, "in/file001.json", "question 1.2", "exit code 9")
    assert died == [(*place, "again"), (*place, "again without this")]
    assert by_name["given up"]["why"] == (
        "Judging this answer ended its process 2 times (exit code 9); it was not decided. A person looks."
    )
    finished = {e["student"]: (e["status"], e["attempts"]) for e in events if e["event"] == "job finished"}
    assert finished == {"s001": ("graded", 1), "s002": ("partial", 3)}
    happened = {"deaths": 2, "stopped": 0, "retries": 2, "left_out": 1, "given_up": 0}
    ran = json.loads((course / "out" / "run.json").read_text())["ran"]
    assert ran.pop("peak_memory_mb") > 10
    assert (ran.pop("known"), ran.pop("graded"), ran.pop("judged") > 0) == (0, 2, True)
    assert ran == {"executor": "pool", "workers": 2} | happened
    assert by_name["run finished"].items() >= happened.items()


def test_the_executors_write_the_same(course: Path) -> None:
    for i in range(5):
        submit(course / "in", f"s{i:03}", q1_1=["1/2", "crash"][i % 2], q1_2="yes", q2="more")
    found = set()
    for words in ("--executor here", "--executor pool --jobs 1", "--executor pool --jobs 3", "--jobs 1"):
        status, _, _ = outcome("run", "in", "--rubric", "tiny", "--no-cache", *words.split())
        found.add((status, *((course / "out" / n).read_bytes() for n in ("scores.csv", "findings.jsonl"))))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "--scheduler tcp://a:1 --executor pool",
            "--scheduler is for --executor dask, not for pool; leave one of them away",
        ),
        (
            "--scheduler tcp://a:1 --jobs 2",
            "--scheduler and --jobs: a cluster has the workers that it has; leave --jobs away",
        ),
        ("--executor here --jobs 2", "--executor here is one process, not --jobs 2; leave one of them away"),
    ],
)
def test_executors_that_contradict_each_other(course: Path, words: str, message: str) -> None:
    submit(course / "in", "s001", q1_2="yes")
    status, stdout, stderr = outcome("run", "in", "--rubric", "tiny", *words.split())
    assert (status, stdout, stderr) == (2, "", f"grade: {message}\n")
