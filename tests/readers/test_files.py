"""Opening files: kinds, sizes, encodings, and how an assignment and a student are found at the top."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader import readers
from grader.errors import UnreadableFile
from grader.readers.files import MAX_BYTES, MAX_TEXT_BYTES
from tests.clock import ends
from tests.readers.conftest import OUTLINES, Read, outline_for

PLAIN = "hand in Markdown, JSON or a notebook as a plain file"


def fault_of(path: Path) -> tuple[str, str, str]:
    with pytest.raises(UnreadableFile) as fault:
        readers.read(path, outline_for)
    return fault.value.message, fault.value.place, fault.value.cure


CONTENTS: dict[str, tuple[bytes, tuple[str, str, str]]] = {
    "empty": (b"", ("is empty", "", "hand the file in again")),
    "blank": (b" \n\t\n", ("holds nothing but blanks", "", "hand the file in again")),
    "nul": (b"## 2.1\n\x00", ("holds NUL characters, so it is not a text file", "2", PLAIN)),
    "latin-1": (
        b"## 2.1\n\xe9t\xe9",
        ("not UTF-8 text: the byte 0xE9 cannot be decoded ('é' in Latin-1)", "2", "save the file as UTF-8"),
    ),
    "odd UTF-16": (
        b"\xff\xfea",
        ("not UTF-16 text: byte 2 cannot be decoded", "", "save the file as UTF-8"),
    ),
    "pdf": (b"%PDF-1.5 ...", ("the content is a PDF, whatever the file is called", "", PLAIN)),
    "docx": (
        b"PK\x03\x04...",
        (
            "the content is a zip archive (Word files are such archives), whatever the file is called",
            "",
            PLAIN,
        ),
    ),
    "png": (b"\x89PNG\r\n", ("the content is a PNG picture, whatever the file is called", "", PLAIN)),
}


@pytest.mark.parametrize("suffix", [".md", ".json", ".ipynb"])
@pytest.mark.parametrize("case", CONTENTS)
def test_content(case: str, suffix: str, tmp_path: Path) -> None:
    content, expected = CONTENTS[case]
    (tmp_path / f"x{suffix}").write_bytes(content)
    assert fault_of(tmp_path / f"x{suffix}") == expected


def test_utf_16(read: Read) -> None:
    assert read("## 2.1\nétoile".encode("utf-16")).answers["2.1"].text == "étoile"


def test_old_line_ends(read: Read) -> None:
    assert read(b"## 2.1\rx\r\n\x0c## 2.2.3\ny").answers["2.2.3"].text == "y"


@pytest.mark.parametrize(
    ("suffix", "limit"), [(".md", MAX_TEXT_BYTES), (".json", MAX_TEXT_BYTES), (".ipynb", MAX_BYTES)]
)
def test_too_large(suffix: str, limit: int, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(b"{" + b" " * limit)
    with ends():
        message, _, _ = fault_of(path)
    assert message == f"is larger than {limit:,} bytes, the limit for its kind"


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("## 2.1\nx")
    (tmp_path / "link.md").symlink_to(tmp_path / "real.md")
    os.mkfifo(tmp_path / "pipe.md")
    assert fault_of(tmp_path / "link.md") == ("is a symbolic link, not a file", "", PLAIN)
    assert fault_of(tmp_path / "pipe.md") == ("is a pipe, not a file", "", PLAIN)
    gone = "it was there when the run began; look for it and run again"
    assert fault_of(tmp_path / "none.md") == ("cannot be opened: no such file or directory", "", gone)
    assert fault_of(tmp_path / "none.pdf") == ("cannot be opened: no such file or directory", "", gone)
    assert fault_of(tmp_path / "a\0b.md") == ("cannot be opened: its name is not valid", "", "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text("## 2.1\nx")
    path.chmod(0)
    assert fault_of(path) == (
        "cannot be opened: permission denied",
        "",
        "make it readable for whoever grades",
    )


def test_other_formats(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"%PDF-")
    (tmp_path / "x").write_bytes(b"x")
    formats = "is not a format that is read (.ipynb, .json, .md, .mmd, .txt, or one of these in a .zip)"
    source = "ask for the source, or for its text as Markdown with LaTeX (.md)"
    assert fault_of(tmp_path / "x.pdf") == (f".pdf {formats}", "", source)
    other = "ask for a notebook, Markdown with LaTeX (.md) or JSON"
    assert fault_of(tmp_path / "x") == (f"a file without a suffix {formats}", "", other)


def test_json_in_a_text_file(read: Read) -> None:
    assert read('\n{"answers": {"2.1": 5}}', ".txt").answers["2.1"].value == 5


HEADERS: dict[str, tuple[str, str, str | None]] = {
    "none": ("", "hw", None),
    "front matter": ('---\nstudent: "s003"\nassignment: mat101-hw2\n---\n', "s003", "mat101-hw2"),
    "front matter, nested": ("---\nauthor:\n  student: no\nid: 7\n...\n", "7", None),
    "lines": ("Student: s003\nAssignment: mat101-hw2\n\n", "s003", "mat101-hw2"),
    "bold lines": ("# Homework\n\n**Student ID:** s003  \n", "s003", None),
    "bold names": ("- **Student**: *s003*\n", "s003", None),
    "rule, not front matter": ("---\n\nx\n", "hw", None),
}


@pytest.mark.parametrize("case", HEADERS)
def test_header(case: str, read: Read) -> None:
    head, student, assignment = HEADERS[case]
    submission = read(f"{head}## 2.1\nx")
    assert (submission.student, submission.assignment) == (student, assignment)
    assert submission.answers["2.1"].text == "x"
    assert submission.answers["2.1"].where.line == head.count("\n") + 2


def test_no_assignment(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text("## 2.1\nx")
    with pytest.raises(UnreadableFile) as fault:
        readers.read(path, lambda name: OUTLINES.get(name or ""))
    assert fault.value.message == "it does not say which assignment it answers"
    assert fault.value.cure == 'pass --rubric, or add a first line such as "Assignment: csc413-hw2"'


def test_the_source_is_printed_as_given(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text("## 2.1\nx")
    submission = readers.read(path, outline_for, source="class/x.md")
    assert (submission.source, str(submission.answers["2.1"].where)) == ("class/x.md", "class/x.md:2")
