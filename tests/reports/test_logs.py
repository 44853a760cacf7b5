"""Events as lines of JSON: what is in them, and that nothing else is between them."""

from __future__ import annotations

import io
import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from grader.engine.events import LOGGER, tell, warn
from grader.errors import UsageFault
from grader.reports.logs import listening


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_nobody_listens_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    tell("job finished", student="s001")
    warn("worker died", place="question 1")
    assert capsys.readouterr() == ("", "")


def test_events_go_to_stderr_and_to_the_end_of_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "run.log"
    before = (LOGGER.handlers, LOGGER.level)
    for number in (1, 2):
        with listening(True, file):
            tell("job finished", student="s001", seconds=0.25, number=number)
    assert (LOGGER.handlers, LOGGER.level) == before
    tell("job finished", student="s002")
    written = file.read_text()
    assert capsys.readouterr().err == written
    first, second = lines(written)
    assert first.pop("time") <= second.pop("time")
    assert first == {
        "level": "info",
        "event": "job finished",
        "student": "s001",
        "seconds": 0.25,
        "number": 1,
    }
    assert second["number"] == 2


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31mred", "\u202egnp.exe", "\udcff", "ü", '"}', "\u2028"])
def test_a_hostile_name_is_one_line_of_ascii(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with listening(True, None):
        warn("worker died", student=name, source=Path(name))
    said = capsys.readouterr().err
    assert said.isascii()
    assert said.removesuffix("\n").isprintable()
    assert lines(said)[0]["student"] == name


def test_what_others_say_stands_in_lines_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    other = logging.getLogger("distributed.testing")
    plain = logging.StreamHandler(io.StringIO())
    other.addHandler(plain)
    with listening(True, None) as log:
        log.take_others()
        other.warning("a worker\n%s", "is gone")
        other.info("not of interest")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("a version differs", UserWarning, stacklevel=1)
    assert other.handlers == [plain]
    first, second = lines(capsys.readouterr().err)
    assert (first["from"], first["event"], first["text"]) == (
        "distributed.testing",
        "message",
        "a worker\nis gone",
    )
    assert (second["from"], "a version differs" in second["text"]) == ("py.warnings", True)


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UsageFault) as caught, listening(False, tmp_path):
        pass
    assert str(caught.value) == f"--log {tmp_path}: cannot be written (Is a directory); give another file"


def test_a_reader_who_has_left_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with listening(True, None):
        stream.close()
        tell("job finished", student="s001")
        tell("job finished", student="s002")
