"""What was graded before changes no result: cold, warm, half known, edited, renamed or killed."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.cli import main
from tests.kit import REFERENCE, SHEET, make_course, submit

REPORTS = ("scores.csv", "findings.jsonl", "queue.csv", "review.html", "report.html", "students/*.html")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_course(tmp_path / "course", monkeypatch)
    for i, (half, word) in enumerate(
        [("1/2", "yes"), ("wrong", "yes"), ("third", "no"), ("1/2", "perhaps"), ("garbage", "yes")]
    ):
        submit(root / "in", f"s{i:03}", q1_1=half, q1_2=word)
    (root / "in" / "s099.json").write_text('{"student": ')
    return root


def run(out: str, *options: str, paths: tuple[str, ...] = ("in",)) -> dict[str, Any]:
    """The summary of a run in this process."""
    result = CliRunner().invoke(main, ["run", *paths, "--out", out, "--jobs", "1", "--json", *options])
    assert result.exit_code in (0, 1), result.output
    found: dict[str, Any] = json.loads(result.output.splitlines()[-1])
    return found


def written(out: str) -> dict[str, bytes]:
    """All that must not depend on what was known."""
    files = [f for pattern in REPORTS for f in sorted(Path(out).glob(pattern))]
    return {str(f.relative_to(out)): f.read_bytes() for f in files}


def known(out: str, *options: str, paths: tuple[str, ...] = ("in",), cache: str = "") -> int:
    """How many submissions a run knew; its reports are held against those of a run without a store."""
    shutil.rmtree("fresh", ignore_errors=True)
    assert "known" not in run("fresh", "--no-cache", *options, paths=paths)
    said = run(out, *options, *(("--cache", cache) if cache else ()), paths=paths)
    assert written(out) == written("fresh")
    assert said["known"]["submissions"] + said["known"]["graded"] == said["counts"]["submissions"]
    number: int = said["known"]["submissions"]
    return number


def test_a_second_run_knows_everything_and_writes_the_same(course: Path) -> None:
    assert known("out") == 0
    assert known("out") == 6
    assert not Path("fresh/cache.sqlite").exists()
    record = json.loads(Path("out/run.json").read_text())
    assert record["options"]["cache"] == "out/cache.sqlite"


def test_what_changed_is_graded_again(course: Path) -> None:
    assert known("out") == 0
    files = sorted((course / "in").iterdir())
    files[0].write_text(files[0].read_text().replace("1/2", "1/3"))
    assert known("out") == 5
    files[1].rename(course / "in" / "zzz.json")
    assert known("out") == 5
    submit(course / "in", "s777", q1_1="1/2")
    assert known("out") == 6
    assert known("out", paths=("in/zzz.json", "in/file002.json")) == 2
    files[2].unlink()
    assert known("out") == 6


def test_a_changed_rubric_title_or_option_is_graded_again(course: Path) -> None:
    rubric = course / "rubrics" / "tiny.toml"
    assert known("out", "--rubric", "tiny") == 0
    for old, new in (('"Half"', '"One half"'), ('expected = "yes"', 'expected = "no"')):
        rubric.write_text(rubric.read_text().replace(old, new))
        assert known("out", "--rubric", "tiny") == 0
        assert known("out", "--rubric", "tiny") == 6
    rubric.write_text(SHEET)
    assert known("out", "--rubric", "tiny") == 6


def test_a_changed_reference_counts_where_the_rubric_names_it(course: Path) -> None:
    assert known("out", "--rubric", "tiny") == 0
    (course / "reference" / "other.py").write_text("X = 1\n")
    assert known("out", "--rubric", "tiny") == 6
    (course / "reference" / "tiny.py").write_text(REFERENCE + "\n# looked at again\n")
    assert known("out", "--rubric", "tiny") == 0


def test_another_seed_or_sandbox_is_another_run(course: Path) -> None:
    assert known("out") == 0
    assert known("out", "--seed", "7") == 0
    assert known("out", "--seed", "7") == 6
    assert known("out", "--sandbox", "none") == 0
    assert known("out") == 6


def test_decisions_are_applied_to_what_is_known(course: Path) -> None:
    assert known("out") == 0
    finding = next(
        f
        for f in map(json.loads, Path("out/findings.jsonl").read_text().splitlines())
        if f["outcome"] == "review"
    )
    decision = {k: finding[k] for k in ("question", "criterion", "group")} | {"points": 1}
    Path("decisions.jsonl").write_text(json.dumps(decision) + "\n")
    assert known("out", "--decisions", "decisions.jsonl") == 6
    assert '"decided by"' in Path("out/findings.jsonl").read_text()


def test_our_own_faults_are_never_known(course: Path) -> None:
    submit(course / "in", "s555", q1_1="crash")
    assert known("out") == 0
    assert known("out") == 6
    result = CliRunner().invoke(main, ["run", "in", "--out", "out", "--jobs", "1"])
    assert "\n  6 known from before, 1 graded; 2 criteria judged\n" in result.output


def test_one_file_for_two_classes(course: Path) -> None:
    shutil.copytree("in", "late")
    assert known("out", cache="c.sqlite") == 0
    assert known("other", cache="c.sqlite", paths=("late",)) == 0
    assert known("out", cache="c.sqlite") == 6
    assert not Path("out/cache.sqlite").exists()


def test_a_file_that_is_no_store_costs_a_note(course: Path) -> None:
    Path("notes.txt").write_text("mine")
    result = CliRunner().invoke(main, ["run", "in", "--out", "out", "--jobs", "1", "--cache", "notes.txt"])
    assert (
        "grade: notes.txt: is no store of grade's; remove it or give another file; the run" in result.output
    )
    assert Path("notes.txt").read_text() == "mine"
    result = CliRunner().invoke(main, ["run", "in", "--out", "out", "--cache", "a", "--no-cache"])
    assert (result.exit_code, "contradict" in result.output) == (2, True)


def test_garbage_in_the_store_changes_no_result(course: Path) -> None:
    assert known("out") == 0
    whole = Path("out/cache.sqlite").read_bytes()
    rng = random.Random(3)
    for _ in range(8):
        data = bytearray(whole[: rng.randrange(len(whole))] if rng.random() < 0.5 else whole)
        for _ in range(rng.choice([1, 30, 400])):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        Path("out/cache.sqlite").write_bytes(data)
        run("out")
        assert written("out") == written("fresh")


# ---- real processes


def start(folder: Path, out: str, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "grader", "run", "class", "--rubric", "csc413-2020-hw2", "--out", out]
    return subprocess.Popen([*command, "--quiet", *options], cwd=folder, start_new_session=True)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-m", "grader", "simulate", "--rubric", "csc413-2020-hw2", "--seed", "3"]
    subprocess.run([*command, "--students", "8", "--out", "sim"], cwd=folder, check=True, capture_output=True)
    (folder / "sim" / "submissions").rename(folder / "class")
    return folder


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bytes(simulated: Path) -> None:
    assert start(simulated, "fresh", "--no-cache").wait() == 0
    store = simulated / "out" / "cache.sqlite"
    for number in (0, 1, 4):
        process = start(simulated, "out", "--jobs", "2")
        while process.poll() is None and _rows(store) <= number:
            time.sleep(0.005)
        process.kill()
        assert process.wait() == -signal.SIGKILL, "a machine this fast needs a larger class"
    assert _rows(store) > 4
    assert start(simulated, "out").wait() == 0
    assert written(str(simulated / "out")) == written(str(simulated / "fresh"))


def _rows(store: Path) -> int:
    """How much a store holds; nothing before it is there."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as c:
            tables = [name for (name,) in c.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return sum(c.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in tables)
    except sqlite3.OperationalError:
        return 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_workers_of_a_killed_run_end_by_themselves(simulated: Path) -> None:
    process = start(simulated, "orphans", "--jobs", "2", "--no-cache")
    for _ in range(1200):
        if len(_session(process.pid)) > 2:
            break
        time.sleep(0.05)
    process.kill()
    process.wait()
    for _ in range(1200):
        if not _session(process.pid):
            return
        time.sleep(0.05)
    raise AssertionError(f"still there: {_session(process.pid)}")


def _session(leader: int) -> list[str]:
    """The living processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append(stat.parent.name)
    return found


def test_two_runs_at_once_on_one_store(simulated: Path) -> None:
    both = [start(simulated, out, "--cache", "shared.sqlite", "--jobs", "1") for out in ("one", "two")]
    assert [p.wait() for p in both] == [0, 0]
    assert written(str(simulated / "one")) == written(str(simulated / "two"))
    assert start(simulated, "one", "--cache", "shared.sqlite", "--jobs", "1").wait() == 0
    assert written(str(simulated / "one")) == written(str(simulated / "two"))
