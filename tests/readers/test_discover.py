"""Files and folders → jobs: who, in which order, and what is nobody's work."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import readers
from grader.errors import UnreadableFile, UsageFault
from grader.model import Job
from tests.readers.conftest import outline_for

Make = Callable[..., None]
ASK = "ask for a notebook, Markdown (.md, .mmd, .txt) or JSON file"


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """``make("class/s1.md", …)``: files that hold one answer; the working folder is above them."""
    monkeypatch.chdir(tmp_path)

    def _make(*names: str) -> None:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("## 2.1\nx")

    return _make


def found(*paths: str) -> list[tuple[str, str | None]]:
    return [(job.source, job.student) for job in readers.discover([Path(p) for p in paths])]


def fault_of(job: Job) -> tuple[str, str]:
    with pytest.raises(UnreadableFile) as fault:
        readers.read(Path(job.path), outline_for, student=job.student, source=job.source)
    return fault.value.message, fault.value.cure


def test_files_of_a_class(make: Make) -> None:
    make("class/s2.ipynb", "class/s10.json", "class/s1.md", "class/s3.MMD", "class/s4.txt")
    assert found("class") == [
        ("class/s1.md", None),
        ("class/s10.json", None),
        ("class/s2.ipynb", None),
        ("class/s3.MMD", None),
        ("class/s4.txt", None),
    ]


def test_what_is_nobodys_work(make: Make) -> None:
    make(
        "class/README.md",
        "class/LICENSE",
        "class/grades.csv",
        "class/.s1.md",
        "class/~$s.docx",
        "class/s1.md",
    )
    make(
        "class/__pycache__/x.json",
        "class/.ipynb_checkpoints/s1.ipynb",
        "class/s2/.ipynb_checkpoints/h.ipynb",
        "class/s2/h.ipynb",
    )
    assert found("class") == [("class/s1.md", None), ("class/s2/h.ipynb", "s2")]


def test_what_lies_beside_submissions_is_said(make: Make) -> None:
    beside = ["README.md", "queue.csv", "instructions.txt", "license.md", ".s2.md", "#s3.md", "#s3.md#"]
    make("class/s1.md", "class/s1.md.bak", "class/._s1.md", "class/.DS_Store", "class/~$s1.docx")
    make("class/__MACOSX/s1.md", "class/.git/x.md", "class/Thumbs.db", "class/node_modules/pkg/readme.md")
    make(*(f"class/{name}" for name in beside), "class/s4/README.md", "class/s4/hw.md", "class/s4/.hw.md")
    make(*(f"class/out/{name}" for name in ("run.json", "report.html", "findings.jsonl", "scores.csv")))
    Path("class/out/students").mkdir()
    left_out: list[tuple[Path, str]] = []
    jobs = readers.discover([Path("class")], left_out=left_out)
    assert [job.source for job in jobs] == ["class/s1.md", "class/s4/hw.md"]
    names = [
        "#s3.md",
        ".s2.md",
        "README.md",
        "instructions.txt",
        "license.md",
        "node_modules",
        "out",
        "queue.csv",
    ]
    assert left_out == [(Path("class", name), f"class/{name}") for name in names]


def test_work_under_a_name_that_is_usually_none(make: Make) -> None:
    """A notebook is one, whatever it is called; so is a folder that holds one where packages hold none."""
    make(
        "class/readme.ipynb",
        "class/license.ipynb",
        "class/Instructions.ipynb",
        "class/queue.md",
        "class/s1.md",
    )
    make("class/node_modules/hw2.ipynb", "class/node_modules/README.md")
    left_out: list[tuple[Path, str]] = []
    assert [job.source for job in readers.discover([Path("class")], left_out=left_out)] == [
        "class/Instructions.ipynb",
        "class/license.ipynb",
        "class/node_modules/hw2.ipynb",
        "class/queue.md",
        "class/readme.ipynb",
        "class/s1.md",
    ]
    assert left_out == []


def test_what_is_named_is_graded(make: Make) -> None:
    make("class/README.md", "class/s1.md", "class/node_modules/a/hw.md")
    left_out: list[tuple[Path, str]] = []
    jobs = readers.discover(
        [Path("class"), Path("class/README.md"), Path("class/node_modules")], left_out=left_out
    )
    assert [(j.source, j.student) for j in jobs] == [
        ("class/README.md", None),
        ("class/node_modules/a/hw.md", "a"),
        ("class/s1.md", None),
    ]
    assert left_out == [(Path("class/node_modules"), "class/node_modules")]


def test_other_documents_get_their_row(make: Make) -> None:
    make("class/s1.pdf", "class/s2.docx", "class/s3.md")
    jobs = readers.discover([Path("class")])
    assert [job.source for job in jobs] == ["class/s1.pdf", "class/s2.docx", "class/s3.md"]
    assert fault_of(jobs[1]) == (
        ".docx is not a format that is read (.ipynb, .json, .md, .mmd, .txt, or one of these in a .zip)",
        "ask for it as Markdown with LaTeX (.md) or as a notebook",
    )


def test_a_folder_a_student(make: Make) -> None:
    make(
        "class/s1/hw2.md",
        "class/s2/work/deep/hw2.ipynb",
        "class/s3/hw2.md",
        "class/s3/hw2.pdf",
        "class/s4/README.md",
    )
    assert found("class") == [
        ("class/s1/hw2.md", "s1"),
        ("class/s2/work/deep/hw2.ipynb", "s2"),
        ("class/s3/hw2.md", "s3"),
        ("class/s4/README.md", "s4"),
    ]


def test_folders_that_hold_nothing_readable(make: Make) -> None:
    make("class/s1/report.pdf", "class/s2/a.md", "class/s2/b.md", "class/s4/timestamp.txt")
    Path("class/s3").mkdir()
    jobs = readers.discover([Path("class")])
    assert [(job.source, job.student) for job in jobs] == [(f"class/s{i}", f"s{i}") for i in (1, 2, 3, 4)]
    assert [fault_of(job) for job in jobs] == [
        ("the folder holds nothing that can be read (report.pdf)", ASK),
        ("the folder holds 2 files that could be the submission: a.md, b.md", "leave one of them"),
        ("the folder holds no files", ASK),
        ("the folder holds nothing that can be read (timestamp.txt)", ASK),
    ]


def test_files_of_one_name_are_told_apart(make: Make) -> None:
    make("class/s1/draft/hw.md", "class/s1/final/hw.md")
    (job,) = readers.discover([Path("class")])
    assert fault_of(job) == (
        "the folder holds 2 files that could be the submission: draft/hw.md, final/hw.md",
        "leave one of them",
    )


def test_one_students_folder(make: Make) -> None:
    make("s7/hw2.md", "t/s8.md", "submissions/hw2.md")
    assert found("s7") == [("s7/hw2.md", "s7")]
    assert found("t") == [("t/s8.md", None)]
    assert found("submissions") == [("submissions/hw2.md", None)]


def test_nbgrader(make: Make) -> None:
    make(
        "submitted/s1/hw2/a.ipynb",
        "submitted/s1/hw2/timestamp.txt",
        "submitted/s1/hw3/b.ipynb",
        "submitted/s2/hw2/a.ipynb",
    )
    s1 = [("submitted/s1/hw2/a.ipynb", "s1"), ("submitted/s1/hw3/b.ipynb", "s1")]
    assert found("submitted") == [*s1, ("submitted/s2/hw2/a.ipynb", "s2")]
    assert found("submitted/s1") == s1
    assert found("submitted/s1/hw2") == s1[:1]
    assert found("submitted/s1/hw2/a.ipynb") == s1[:1]
    assert found(".") == found("submitted")


def test_nbgrader_names_the_assignment(make: Make) -> None:
    make("submitted/s1/mat101-hw2/a.md")
    submission = readers.read(Path("submitted/s1/mat101-hw2/a.md"), outline_for)
    assert (submission.student, submission.assignment) == ("s1", "mat101-hw2")


def test_the_same_file_twice(make: Make) -> None:
    make("class/s1.md")
    assert found("class", "class/s1.md", "./class") == [("class/s1.md", None)]


def test_two_files_of_one_student_both_count(make: Make) -> None:
    make("class/s1.md", "class/s1.json", "class/s1/hw.md")
    assert found("class") == [("class/s1.json", None), ("class/s1.md", None), ("class/s1/hw.md", "s1")]


def test_lists_of_the_course_are_nobodys_work_and_all_else_has_a_row(make: Make) -> None:
    make(
        "class/grades.csv",
        "class/Grades-MAT101-HW2.xlsx",
        "class/submission_metadata.yml",
        "class/class_roster.tsv",
    )
    make("class/s1.csv", "class/s2.xlsx", "class/s3.yaml", "class/s4", "class/s5.odd")
    assert [source for source, _ in found("class")] == [
        "class/s1.csv",
        "class/s2.xlsx",
        "class/s3.yaml",
        "class/s4",
        "class/s5.odd",
    ]


def test_an_editors_copy_counts_only_where_the_file_is_gone(make: Make) -> None:
    make("class/s1.md", "class/s1.md~", "class/s1.md.bak", "class/s2.md.bak", "class/s3.md~")
    assert [source for source, _ in found("class")] == ["class/s1.md", "class/s2.md.bak", "class/s3.md~"]


def test_a_class_folder_that_cannot_be_listed_has_its_row(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("class/s1.md", "class/submissions/s2.md")
    scandir = os.scandir

    def refused(path: Path) -> object:
        if Path(path).name == "submissions":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    jobs = readers.discover([Path("class")])
    assert [(job.source, job.student) for job in jobs] == [
        ("class/s1.md", None),
        ("class/submissions", "submissions"),
    ]
    assert fault_of(jobs[1]) == (
        "the folder cannot be listed: permission denied",
        "make it readable for whoever grades",
    )


def test_links_are_not_followed(make: Make) -> None:
    make("class/s1.md", "elsewhere/s9.md")
    Path("class/s2.md").symlink_to("s1.md")
    Path("class/s3").symlink_to("../elsewhere")
    Path("class/s4").mkdir()
    Path("class/s4/hw.md").symlink_to("../s1.md")
    os.mkfifo("class/s5.json")
    jobs = readers.discover([Path("class")])
    assert [job.source for job in jobs] == [
        "class/s1.md",
        "class/s2.md",
        "class/s3",
        "class/s4/hw.md",
        "class/s5.json",
    ]
    assert [fault_of(job)[0] for job in jobs[1:]] == ["is a symbolic link, not a file"] * 3 + [
        "is a pipe, not a file"
    ]


def test_a_link_on_the_command_line_is_followed(make: Make) -> None:
    make("class/s1.md")
    Path("link").symlink_to("class")
    assert found("link") == [("link/s1.md", None)]


def test_a_name_that_is_no_text(make: Make, tmp_path: Path) -> None:
    make("class/s1.md")
    try:
        Path(os.fsdecode(b"class/s\xff.md")).write_text("## 2.1\nx")
    except OSError:
        pytest.skip("this file system takes only valid names")
    (_, job) = readers.discover([Path("class")])
    assert job.source == "class/s\ufffd.md"
    assert readers.read(Path(job.path), outline_for, source=job.source).student == "s\ufffd"


def test_nothing_there() -> None:
    with pytest.raises(UsageFault) as fault:
        readers.discover([Path("nowhere/at-all")])
    assert str(fault.value) == "nowhere/at-all: there is no such file or folder"


def test_the_rubric_goes_with_every_job(make: Make) -> None:
    make("class/s1.md")
    assert readers.discover([Path("class")], "r.toml") == [Job("class/s1.md", "class/s1.md", None, "r.toml")]
