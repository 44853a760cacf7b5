"""What cannot be written is the caller's to mend: one message, exit status 2, whatever the place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.engine.executors import Graded
from grader.engine.spool import Spool
from grader.errors import UsageFault
from grader.model import Status, SubmissionResult
from tests.kit import make_course, submit

LONG = "x" * 300
GONE = "grade: the current folder is no longer there; cd to one that is\n"

needs_full = pytest.mark.skipif(not os.path.lexists("/dev/full"), reason="no /dev/full here")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_course(tmp_path.resolve() / "course", monkeypatch)
    submit(folder / "in", "s001", q1_1="1/2")
    (folder / "file").write_text("mine")
    (folder / "loop").symlink_to("loop")
    (folder / "nowhere").symlink_to("no/such/place")
    (folder / "taken" / "students" / "s001.html").mkdir(parents=True)
    return folder


def said(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.stderr


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("file", "there is a file of that name; give a folder"),
        ("file/out", "there is a file of that name; give a folder"),
        ("file/a/b", "there is a file of that name; give a folder"),
        ("nowhere", "there is a link that leads nowhere; give a folder"),
        ("loop", "there is a link that leads nowhere; give a folder"),
        ("loop/out", "cannot be written (Too many levels of symbolic links); give another folder"),
        (LONG, "cannot be written (File name too long); give another folder"),
        (f"{LONG}/out", "cannot be written (File name too long); give another folder"),
        ("taken", "cannot be written (Is a directory); give another folder"),
        pytest.param("/dev/full", "there is a file of that name; give a folder", marks=needs_full),
        pytest.param("/dev/full/out", "there is a file of that name; give a folder", marks=needs_full),
    ],
)
def test_where_reports_cannot_go(course: Path, out: str, message: str) -> None:
    command = ("run", "in", "--rubric", "tiny", "--jobs", "1", "--quiet", "--out", out)
    assert said(*command) == (2, f"grade: --out {out}: {message}\n")
    assert (course / "file").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a process of its own")
def test_a_folder_that_may_not_be_looked_into(course: Path) -> None:
    """Whoever runs the tests may be root, whom no permission stops; so an ordinary user tries."""
    (course / "shut" / "out").mkdir(parents=True)
    (course / "shut").chmod(0)
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            from grader.reports.write import decided_before, prepare_out

            found = decided_before(Path("shut/out"))
            try:
                prepare_out(Path("shut/out"))
                os.write(write, b"prepared")
            except UsageFault as e:
                os.write(write, f"{found} {e}".encode())
        except BaseException as e:
            os.write(write, f"{type(e).__name__}: {e}".encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    with os.fdopen(read) as pipe:
        message = pipe.read()
    (course / "shut").chmod(0o755)
    assert message == "[] --out shut/out: cannot be written (Permission denied); give another folder"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("template", "tiny", "--out"), "{out}: cannot be written ({why}); give another --out"),
        (("simulate", "--rubric", "tiny", "--students", "1", "--quiet", "--out"), None),
        (("autograder", "tiny", "--out"), "{parent}: cannot be written ({why}); give another folder"),
    ],
)
@pytest.mark.parametrize(
    ("out", "why"), [(LONG, "File name too long"), ("file/out", ("Not a directory", "File exists"))]
)
def test_what_other_commands_write(
    course: Path, command: tuple[str, ...], message: str | None, out: str, why: str | tuple[str, ...]
) -> None:
    status, words = said(*command, out)
    pattern = message or "{out}: cannot be written ({why}); give another --out"
    reasons = (why,) if isinstance(why, str) else why
    assert status == 2
    expected = [f"grade: {pattern.format(out=out, parent=Path(out).parent, why=w)}\n" for w in reasons]
    assert words in expected


def test_a_new_rubric_where_nothing_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rubrics").write_text("mine")
    monkeypatch.chdir(tmp_path)
    assert said("new", "my-hw1") == (
        2,
        "grade: rubrics/my-hw1.toml: cannot be written (File exists); work in another folder\n",
    )


def test_the_current_folder_is_gone(course: Path) -> None:
    gone = course / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    try:
        assert said("run", str(course / "in"), "--rubric", "tiny", "--out", "out") == (2, GONE)
    finally:
        os.chdir(course)


@needs_full
def test_results_that_do_not_fit_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**kwargs: object) -> object:
        return open("/dev/full", "w+b", buffering=1 << 16)  # noqa: PTH123

    monkeypatch.setattr("grader.engine.spool.tempfile.TemporaryFile", full)
    result = SubmissionResult(student="s001", source="s001.md", status=Status.GRADED)
    with Spool(1, tmp_path) as spool, pytest.raises(UsageFault) as caught:
        spool.put(0, Graded(result, 0.0))
    assert str(caught.value) == (
        f"--out {tmp_path}: cannot be written (No space left on device); give another folder"
    )
