"""The zip for Gradescope: unpacked as Gradescope does it, run in its layout, and read by what it asks for."""

from __future__ import annotations

import compileall
import json
import os
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from hatchling.builders.wheel import WheelBuilder

from grader.cli import main

SHEET = "cse891-hw2"
ROOT = Path(__file__).resolve().parents[2]

# What https://gradescope-autograders.readthedocs.io/en/latest/specs/ asks for, as far as we use it.
RESULTS = {
    "type": "object",
    "required": ["output", "output_format", "visibility", "tests"],
    "properties": {
        "score": {"type": "number"},
        "output": {"type": "string", "minLength": 1},
        "output_format": {"enum": ["text", "md"]},
        "test_output_format": {"enum": ["text", "md"]},
        "visibility": {"const": "visible"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "score", "max_score"],
                "properties": {"score": {"type": "number"}, "max_score": {"type": "number"}},
            },
        },
    },
}


def make(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["autograder", *arguments])


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("zip") / "hw2.zip"
    made = make(SHEET, "--out", str(file))
    assert (made.exit_code, made.output) == (0, f"wrote {file}\n")
    return file


@pytest.fixture(scope="module")
def unpacked(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip as Gradescope unpacks it, compiled once for all the folders that it is copied to."""
    source = tmp_path_factory.mktemp("unpacked") / "source"
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(source)
        for info in archive.infolist():
            (source / info.filename).chmod(stat.S_IMODE(info.external_attr >> 16))
    assert compileall.compile_dir(source / "grader", quiet=2)
    return source


@pytest.fixture
def root(unpacked: Path, tmp_path: Path) -> Path:
    """``/autograder`` as Gradescope lays it out, elsewhere."""
    root = tmp_path / "autograder"
    shutil.copytree(unpacked, root / "source")
    (root / "submission").mkdir()
    return root


def graded(root: Path, **environment: str) -> dict[str, Any]:
    """results.json after run_autograder, with this Python instead of the one that setup.sh makes."""
    said = {
        **os.environ,
        "AUTOGRADER_ROOT": str(root),
        "AUTOGRADER_PYTHON": sys.executable,
        "PYTHONPATH": str(root / "source"),
        **environment,
    }
    done = subprocess.run(
        [root / "source" / "run_autograder"],
        env=said,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results: dict[str, Any] = json.loads((root / "results" / "results.json").read_bytes())
    jsonschema.validate(results, RESULTS)
    assert "Traceback" not in json.dumps(results)
    return results


def test_what_is_in_it(packed: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        infos = {info.filename: info for info in archive.infolist()}
        names = list(infos)
        texts = {name: archive.read(name) for name in ("setup.sh", "run_autograder", "pyproject.toml")}
    assert names == sorted(names)
    modes = {name: stat.S_IMODE(info.external_attr >> 16) for name, info in infos.items()}
    assert {name for name, mode in modes.items() if mode != 0o644} == {"setup.sh", "run_autograder"}
    assert (modes["setup.sh"], modes["run_autograder"]) == (0o755, 0o755)
    assert all(info.create_system == 3 for info in infos.values())
    assert not any(b"\r" in text or b"@SHEET@" in text for text in texts.values())
    assert [n for n in names if "/rubrics/" in n] == [f"grader/_builtin/rubrics/{SHEET}.toml"]
    assert not any("__pycache__" in n or n.startswith("tests/") for n in names)


def test_only_the_references_that_the_sheet_names(packed: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        found = {Path(n).stem for n in archive.namelist() if n.startswith("grader/_builtin/reference/")}
    text = (ROOT / "rubrics" / f"{SHEET}.toml").read_text("utf-8")
    assert found == {"README"} | {p.stem for p in (ROOT / "reference").glob("*.py") if f'"{p.stem}:' in text}


def test_the_same_bytes_again(packed: Path, tmp_path: Path) -> None:
    assert make(SHEET, "--out", str(tmp_path / "again.zip")).exit_code == 0
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()


def test_pip_finds_a_package_with_all_that_grade_needs(root: Path, tmp_path: Path) -> None:
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    packs = tomllib.loads((root / "source" / "pyproject.toml").read_text("utf-8"))["project"]
    assert packs["dependencies"] == ours["dependencies"]
    (wheel,) = WheelBuilder(str(root / "source")).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {f"grader/_builtin/rubrics/{SHEET}.toml", "grader/__main__.py"} <= names
    assert not any(n.startswith(("setup.sh", "run_autograder")) for n in names)


def test_a_submission(root: Path) -> None:
    """The same points as ``grade run`` gives, from the zip's own source and rubric."""
    work = ROOT / "submissions_more" / SHEET
    file = sorted(p for p in work.iterdir() if p.suffix == ".md" and p.stem != "README")[0]
    (root / "submission" / "homework.md").write_bytes(file.read_bytes())
    results = graded(root)
    out = root / "ours"
    run = CliRunner().invoke(
        main, ["run", str(file), "--rubric", SHEET, "--out", str(out), "--jobs", "1", "--quiet"]
    )
    assert run.exit_code in (0, 1), run.output
    points: dict[str, float] = {}
    for line in (out / "findings.jsonl").read_text("utf-8").splitlines():
        finding = json.loads(line)
        points[finding["question"]] = points.get(finding["question"], 0) + finding["points"]
    assert {t["name"].split()[0]: t["score"] for t in results["tests"]} == pytest.approx(points)
    assert sum(points.values()) > 0


def test_a_submission_that_cannot_be_read(root: Path) -> None:
    (root / "submission" / "scan.pdf").write_bytes(b"%PDF-1.4")
    results = graded(root)
    assert results["tests"] == []
    assert results["output"] == (
        "Your file has arrived, but it could not be read, so it has no score yet: a person looks at it. "
        "The 0 beside this stands only because Gradescope takes no results without a number.\n"
        "Why: the folder holds nothing that can be read (scan.pdf)\n"
        "The advice to whoever grades: ask for a notebook, Markdown (.md, .mmd, .txt) or JSON file"
    )


def test_two_files(root: Path) -> None:
    for name in ("a.md", "b.md"):
        (root / "submission" / name).write_text("## 1.1\nx")
    assert "2 files that could be the submission: a.md, b.md" in graded(root)["output"]


def test_nothing_was_handed_in(root: Path) -> None:
    assert "the folder holds no files" in graded(root)["output"]


FALLBACK = (
    "Your submission has arrived, but it could not be graded automatically. This is not your fault: a person "
    "will look at it. The 0 beside this is not your score; it stands only because Gradescope takes no "
    "results without a number."
)


def test_a_grader_that_fails_still_leaves_results(root: Path) -> None:
    (root / "submission" / "hw.md").write_text("## 1.1\nx")
    rubric = root / "source" / "grader" / "_builtin" / "rubrics" / f"{SHEET}.toml"
    rubric.write_text("id = 1")
    assert graded(root)["output"] == FALLBACK


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/false"])
def test_no_grader_at_all_still_leaves_results(python: str, root: Path) -> None:
    (root / "submission" / "hw.md").write_text("## 1.1\nx")
    assert graded(root, AUTOGRADER_PYTHON=python)["output"] == FALLBACK


def test_a_grader_that_hangs_is_stopped(root: Path) -> None:
    hangs = root / "hangs"
    hangs.write_text("#!/bin/sh\nexec sleep 1000\n")
    hangs.chmod(0o755)
    assert graded(root, AUTOGRADER_PYTHON=str(hangs), AUTOGRADER_SECONDS="1")["output"] == FALLBACK


def test_setup_with_a_python_that_is_there(root: Path) -> None:
    said = {**os.environ, "AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": sys.executable}
    said["PYTHONPATH"] = str(root / "source")
    done = subprocess.run(
        ["bash", str(root / "source" / "setup.sh")], env=said, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not (root / "venv").exists()


def test_a_file_that_is_there_is_not_replaced(packed: Path) -> None:
    made = make(SHEET, "--out", str(packed))
    assert made.exit_code == 2
    assert made.output == f"grade: {packed}: is there already; give another --out, or --force to replace it\n"


def test_a_name_that_cannot_stand_in_a_script(tmp_path: Path) -> None:
    file = tmp_path / "a $(b).toml"
    file.write_bytes((ROOT / "rubrics" / f"{SHEET}.toml").read_bytes())
    made = make(str(file), "--out", str(tmp_path / "x.zip"))
    assert made.exit_code == 2
    assert made.output == (
        f"grade: {file}: 'a $(b)' cannot stand in a script; call the file something of letters, digits, "
        "'-', '_' and '.'\n"
    )
