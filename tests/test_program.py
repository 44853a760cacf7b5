"""``python -m grader`` in a process of its own: real workers, real streams."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def program(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).resolve().parent.parent
    return subprocess.run(
        [sys.executable, "-m", "grader", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(root)} | environment,
        timeout=300,
        check=False,
    )


def test_real_processes_from_any_folder(tmp_path: Path) -> None:
    for i in range(3):
        (tmp_path / f"s{i}.json").write_text("{")
    done = program("run", ".", "--out", "reports", "--jobs", "2", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == "Report: reports/report.html"
    assert (tmp_path / "reports" / "scores.csv").read_text() == (
        "student,score,max_score,pending,status,source\n"
        "s0,,,,unreadable,s0.json\n"
        "s1,,,,unreadable,s1.json\n"
        "s2,,,,unreadable,s2.json\n"
    )


def test_a_terminal_that_lacks_a_letter(tmp_path: Path) -> None:
    (tmp_path / "aᵀ.json").write_text("{")
    done = program("check", "aᵀ.json", cwd=tmp_path, PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("a\\u1d40.json: 1:2: not valid JSON")


def test_a_run_goes_on_when_nobody_listens(tmp_path: Path) -> None:
    """``grade run … 2>&1 | head -1``: what it says is lost, its files and its exit status are as ever."""
    (tmp_path / "in" / "node_modules").mkdir(parents=True)  # left out, which is said at once
    (tmp_path / "in" / "node_modules" / "x").touch()
    (tmp_path / "in" / "s001.json").write_text('{"student": "s001", "answers": {"2.2.3": "0"}}')
    reads, writes = os.pipe()
    os.close(reads)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "grader", "run", "in", "--rubric", "csc413-2020-hw2", "--jobs", "1"],
            stdout=writes,
            stderr=writes,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
            timeout=300,
            check=False,
        )
    finally:
        os.close(writes)
    assert done.returncode == 0
    assert (tmp_path / "out" / "scores.csv").read_text().splitlines()[1].startswith("s001,")
