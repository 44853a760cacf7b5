"""The whole way through the command line, as its users call it: processes, files and exit status."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.readers import files

ROOT = Path(__file__).parents[1]
CLASS = ROOT / "submissions_example"
SHEET = "csc413-2020-hw2"
OWN = {"s011.ipynb": ["(8η/n³)"], "s012.json": ["(n/2) (‖"]}  # what is read there is the student's own


def grade(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        check=False,
    )


def run(out: Path, *paths: str | Path, jobs: int = 1, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return grade("run", *paths, "--rubric", SHEET, "--out", out, "--jobs", str(jobs), cwd=cwd)


def scores(out: Path) -> dict[str, dict[str, str]]:
    with (out / "scores.csv").open(encoding="utf-8", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports on the example class, written by one process."""
    folder = tmp_path_factory.mktemp("one")
    result = run(folder, "submissions_example")
    assert result.returncode == 1, result.stderr
    return folder


def test_the_number_of_processes_changes_nothing(out: Path, tmp_path: Path) -> None:
    result = run(tmp_path, "submissions_example", jobs=2)
    assert result.returncode == 1, result.stderr
    for name in ("scores.csv", "findings.jsonl"):
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes()


def test_every_student_has_a_row_and_a_page(out: Path) -> None:
    students = sorted(p.stem for p in CLASS.iterdir() if p.name != "README.md")
    assert list(scores(out)) == students
    assert sorted(p.stem for p in (out / "students").glob("s*.html")) == students
    report = (out / "report.html").read_text("utf-8")
    assert [s for s in students if s not in report] == []


def test_the_file_that_cannot_be_read_has_its_row_and_its_reason(out: Path) -> None:
    row = scores(out)["s019"]
    assert (row["score"], row["status"]) == ("", "unreadable")
    assert "s019.json" in row["source"]
    assert "s019" not in (out / "findings.jsonl").read_text("utf-8")
    page = (out / "students" / "s019.html").read_text("utf-8")
    assert "not complete JSON" in page or "not valid JSON" in page or "JSON" in page


def test_nothing_is_our_fault(out: Path) -> None:
    rows = [json.loads(line) for line in (out / "findings.jsonl").read_text("utf-8").splitlines()]
    assert [r for r in rows if r["outcome"] == "error"] == []


@pytest.mark.parametrize("name", ["s010.md", "s011.ipynb", "s012.json", "s015.ipynb"])
def test_check_never_shows_the_reference(name: str) -> None:
    """Students whose answers are wrong or missing see how they are read, not what is right."""
    result = CliRunner().invoke(main, ["check", str(CLASS / name), "--rubric", SHEET])
    assert result.exit_code in (0, 1), result.output
    text = (CLASS / name).read_text("utf-8")
    secrets = (
        "51,381,248",
        "52,444,644",
        "-2 1 0 2 -1",
        "(XXᵀ)⁻¹",
        "(8η/n³)",
        "(n/2) (‖",
        "edges",
        "expected",
    )
    assert [s for s in secrets if s in result.output and s not in text] == OWN.get(name, [])


def test_verify_finds_nothing_wrong() -> None:
    result = grade("verify", "--quiet")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_built_in_sheet_works_from_another_folder(out: Path, tmp_path: Path) -> None:
    shutil.copytree(CLASS, tmp_path / "submissions_example")
    result = run(tmp_path / "out", "submissions_example", cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    for name in ("scores.csv", "findings.jsonl"):
        assert (tmp_path / "out" / name).read_bytes() == (out / name).read_bytes()


def test_damaged_files_cost_nobody_else_anything(out: Path, tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    whole = (CLASS / "s002.json").read_bytes()
    damaged = {
        "empty.json": b"",
        "empty.ipynb": b"",
        "blank.md": b"\n \n",
        "cut.ipynb": (CLASS / "s003.ipynb").read_bytes()[:900],
        "nul.json": whole[:200] + b"\0\0\0" + whole[200:],
        "binary.md": bytes(range(256)) * 40,
        "huge.md": b"x " * (files.MAX_TEXT_BYTES // 2 + 1),
        "huge.json": b'{"answers": {"1.1.1": "' + b"x" * files.MAX_BYTES,
        "list.json": b"[1, 2, 3]",
        "deep.json": b"[" * 100_000,
        "picture.pdf": b"%PDF-1.7",
    }
    for name, data in damaged.items():
        (folder / name).write_bytes(data)
    (folder / "nobody").mkdir()
    shutil.copy(CLASS / "s002.json", folder / "s002.json")
    result = run(tmp_path / "out", folder, jobs=2)
    assert result.returncode == 1, result.stderr
    rows = scores(tmp_path / "out")
    ids = {"empty", "blank", "cut", "nul", "binary", "huge", "list", "deep", "picture", "nobody", "s002"}
    assert len((tmp_path / "out" / "scores.csv").read_text("utf-8").splitlines()) == 1 + len(damaged) + 2
    assert {row["source"].rsplit("/", 1)[-1] for row in rows.values()} >= {"list.json", "picture.pdf"}
    assert {s.split(" ")[0].split("-")[0] for s in rows} >= ids - {"empty", "huge"}
    good = scores(out)["s002"]
    same = ("score", "pending", "status")
    assert [rows["s002"][key] for key in same] == [good[key] for key in same]
    for name, row in rows.items():
        if name != "s002" and row["status"] == "unreadable":
            assert row["score"] == ""
    assert {name for name, row in rows.items() if row["status"] != "unreadable"} <= {"s002", "blank", "nul"}
