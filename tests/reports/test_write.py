"""The folder of a run: all of its files, whole, and nothing that is not ours touched."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from grader.errors import UsageFault
from grader.reports import write
from grader.reports.write import prepare_out, write_reports
from tests.reports.conftest import Class


def write_all(out: Path, class_: Class, keep: int | None = None) -> Path:
    prepare_out(out)
    return write_reports(out, class_.graded[:keep], class_.rubrics, {}, 1.0)


def files(out: Path) -> list[str]:
    return sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())


def test_the_files_of_a_run(class_: Class, tmp_path: Path) -> None:
    out = tmp_path / "a" / "out"
    assert write_all(out, class_) == out / "report.html"
    found = files(out)
    evil = next(name for name in found if "1-1-pre" in name)
    assert found == sorted(
        ["findings.jsonl", "queue.csv", "report.html", "review.html", "run.json", "scores.csv", evil]
        + [f"students/{name}.html" for name in ("s001", "s002", "s003", "s005", "s044")]
    )
    assert json.loads((out / "run.json").read_text())["pages"][0] == "students/s001.html"
    assert (out / "scores.csv").read_bytes().startswith(b"student,score,max_score,pending,status,source,1.1")


def test_the_same_class_gives_the_same_bytes(
    class_: Class, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.reports.write.peak_memory", lambda: 159)  # else it grows from run to run
    for name in ("a", "b"):
        write_all(tmp_path / name, class_)
    for name in files(tmp_path / "a"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_pages_of_students_who_left_are_removed_and_nothing_else(class_: Class, tmp_path: Path) -> None:
    write_all(tmp_path, class_)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "students" / "mine.html").write_text("mine")
    write_all(tmp_path, class_, keep=1)
    assert files(tmp_path) == [
        "findings.jsonl",
        "notes.txt",
        "queue.csv",
        "report.html",
        "review.html",
        "run.json",
        "scores.csv",
        "students/mine.html",
        "students/s001.html",
    ]


@pytest.mark.parametrize(
    "record",
    [
        '{"pages": ["../victim.html", "students/../../victim.html", "/victim.html", "notes.txt", 3, null]}',
        '{"pages": "students/mine.html"}',
        "[" * 100_000,
        "[]",
        "not JSON",
        "\xff",
    ],
)
def test_a_doctored_record_removes_nothing(class_: Class, tmp_path: Path, record: str) -> None:
    out = tmp_path / "out"
    write_all(out, class_, keep=1)
    (tmp_path / "victim.html").write_text("mine")
    (out / "notes.txt").write_text("mine")
    (out / "students" / "mine.html").write_text("mine")
    (out / "run.json").write_text(record, "latin-1")
    write_all(out, class_, keep=1)
    assert (tmp_path / "victim.html").exists()
    assert (out / "notes.txt").exists()
    assert (out / "students" / "mine.html").exists()


def test_a_file_is_written_whole_or_not_at_all(
    class_: Class, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all(tmp_path, class_)
    before = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}

    def scores_csv(*args: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr(write, "scores_csv", scores_csv)
    with pytest.raises(MemoryError):
        write_all(tmp_path, class_)
    assert {name: (tmp_path / name).read_bytes() for name in files(tmp_path)} == before
    monkeypatch.setattr(write, "scores_csv", lambda *args: "no bytes")
    with pytest.raises(TypeError):
        write_all(tmp_path, class_)
    assert files(tmp_path) == sorted(before)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_reports_have_the_usual_mode(class_: Class, tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_all(tmp_path, class_, keep=1)
    finally:
        os.umask(mask)
    assert (tmp_path / "scores.csv").stat().st_mode & 0o777 == 0o640


def test_out_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.touch()
    for out in (file, file / "below"):
        with pytest.raises(UsageFault) as caught:
            prepare_out(out)
        assert str(caught.value) == f"--out {out}: there is a file of that name; give a folder"


def test_nothing_is_written_through_a_link(class_: Class, tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / "students").symlink_to(elsewhere)
    message = (
        f"--out {out}: students in it is a symbolic link, and nothing is written through one; "
        "remove it, or give another folder"
    )
    with pytest.raises(UsageFault) as caught:
        prepare_out(out)
    assert str(caught.value) == message
    with pytest.raises(UsageFault) as caught:  # put there while the class was graded
        write_reports(out, class_.graded, class_.rubrics, {}, 1.0)
    assert str(caught.value) == message
    assert list(elsewhere.iterdir()) == []


def test_links_in_the_place_of_reports_are_replaced(class_: Class, tmp_path: Path) -> None:
    out, victim = tmp_path / "out", tmp_path / "victim"
    victim.write_text("mine")
    (out / "students").mkdir(parents=True)
    for name in ("scores.csv", "report.html", "findings.jsonl", "run.json", "students/s001.html"):
        (out / name).symlink_to(victim)
    write_all(out, class_)
    assert victim.read_text() == "mine"
    assert not [name for name in files(out) if (out / name).is_symlink()]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_for_a_record_is_not_waited_for(class_: Class, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "run.json")
    write_all(tmp_path, class_)
    assert json.loads((tmp_path / "run.json").read_text())["pages"]


def test_a_folder_in_the_place_of_a_report(class_: Class, tmp_path: Path) -> None:
    (tmp_path / "scores.csv").mkdir()
    with pytest.raises(UsageFault) as caught:
        prepare_out(tmp_path)
    assert str(caught.value) == (
        f"--out {tmp_path}: scores.csv in it is a folder; remove it, or give another folder"
    )


def test_the_disk_is_full(class_: Class, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    prepare_out(tmp_path)
    monkeypatch.setattr(write, "_write", full)
    with pytest.raises(UsageFault) as caught:
        write_reports(tmp_path, class_.graded, class_.rubrics, {}, 1.0)
    assert str(caught.value) == (
        f"--out {tmp_path}: cannot be written (No space left on device); give another folder"
    )


def test_out_cannot_be_made(tmp_path: Path) -> None:
    out = tmp_path / ("x" * 300)
    with pytest.raises(UsageFault) as caught:
        prepare_out(out)
    assert str(caught.value) == f"--out {out}: cannot be written (File name too long); give another folder"


def test_what_a_killed_run_left_half_written_is_swept_away(tmp_path: Path) -> None:
    write.prepare_out(tmp_path)
    old, new, mine = (tmp_path / "students" / n for n in (".grade-a.tmp", ".grade-b.tmp", "grade-c.tmp"))
    for file in (old, new, mine):
        file.write_text("half")
    for file in (old, mine):
        os.utime(file, (0, 0))
    write.prepare_out(tmp_path)
    assert [file.exists() for file in (old, new, mine)] == [False, True, True]
