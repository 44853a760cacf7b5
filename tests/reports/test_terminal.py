"""Progress and the summary: counts, at most ten problems, a path at the end."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from grader.engine.executors import Graded
from grader.engine.verify import Row
from grader.model import Finding, Outcome, Status, SubmissionResult
from grader.reports import terminal
from grader.reports.terminal import exit_status, marks, progress, summary_lines, verify_lines
from grader.reports.text import ASCII_MARKS, MARKS
from tests.reports.conftest import Class


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_summary(class_: Class) -> None:
    lines = summary_lines(class_.graded, class_.rubrics, 2.04, Path("out/report.html"), 1)
    assert lines == [
        "6 submissions · tiny · 2.0 s (2.9 a second)",
        "  3 graded   2 partial   1 unreadable",
        (
            "  s044  unreadable  in/s044.json: 1:13: not valid JSON: expecting value   "
            "the file stops too early; hand in the whole file"
        ),
        (
            "  error  1.1: The criterion 'value' could not be run (KeyError: 'boom'). "
            "This is a fault of the grader or of the rubric and costs no marks.   1 submission affected"
        ),
        (
            "  error  1.1: The criterion 'style' could not be run (KeyError: 'boom'). "
            "This is a fault of the grader or of the rubric and costs no marks.   1 submission affected"
        ),
        "Waiting for a person: 3 answers, 7 points: out/review.html",
        "Exit 1: 1 submission could not be read; 1 submission could not be checked in full, a fault of ours.",
        "Report: out/report.html",
    ]


def unreadable(i: int) -> Graded:
    return Graded(SubmissionResult(f"s{i}", f"s{i}\x1b[2J.md", Status.UNREADABLE, message="no text"), 0.0)


def test_at_most_ten_problems() -> None:
    lines = summary_lines([unreadable(i) for i in range(12)], [], 0.5, Path("out/report.html"), 1)
    assert lines[:3] == [
        "12 submissions · no rubric · 0.5 s",
        "  0 graded   0 partial   12 unreadable",
        "  s0  unreadable  s0⟨U+001B⟩[2J.md: no text",
    ]
    assert lines[-3:] == [
        "  2 more: out/report.html",
        "Exit 1: 12 submissions could not be read.",
        "Report: out/report.html",
    ]
    assert len(lines) == 2 + 10 + 3


def test_who_handed_in_twice_is_a_problem_too() -> None:
    twice = [Graded(SubmissionResult("s1", f"{n}.md", Status.GRADED), 0.0) for n in "ab"]
    assert summary_lines(twice, [], 0.5, Path("r"), 0) == [
        "2 submissions · no rubric · 0.5 s",
        "  2 graded   0 partial   0 unreadable",
        "  s1  handed in 2 times; each has its row, you say which one counts",
        "Report: r",
    ]


@pytest.mark.parametrize(
    ("status", "outcome", "expected"),
    [
        (Status.GRADED, Outcome.CORRECT, 0),
        (Status.PARTIAL, Outcome.REVIEW, 0),
        (Status.PARTIAL, Outcome.UNREADABLE, 0),
        (Status.PARTIAL, Outcome.ERROR, 1),
        (Status.UNREADABLE, None, 1),
    ],
)
def test_exit_status(status: Status, outcome: Outcome | None, expected: int) -> None:
    findings = () if outcome is None else (Finding("s", "1", "c", "say", outcome, 0, 1, "", "", {}, ""),)
    assert exit_status([SubmissionResult("s", "s.md", status, findings=findings)]) == expected


def test_exit_status_of_nothing() -> None:
    assert exit_status([]) == 0


# ---- progress


def test_a_line_every_ten_seconds_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, seconds_between_lines: float
) -> None:
    monkeypatch.setattr(terminal, "EVERY", seconds_between_lines)
    clock = iter([0.0, 1.0, 9.0, 10.0, 12.0, 19.9, 20.0, 29.0, 31.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    stream = io.StringIO()
    with progress(8, "submissions", quiet=False, stream=stream) as tick:
        for _ in range(8):
            tick()
    assert stream.getvalue() == ("3 of 8 submissions, about 17 s left\n6 of 8 submissions, about 7 s left\n")


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    with progress(2, "submissions", quiet=False, stream=stream) as tick:
        tick()
        tick()
    assert "submissions" in stream.getvalue()
    assert "2/2" in stream.getvalue()


def test_quiet() -> None:
    stream = Terminal()
    with progress(1, "submissions", quiet=True, stream=stream) as tick:
        tick()
    assert stream.getvalue() == ""


def test_ascii_marks_where_nothing_else_can_be_printed() -> None:
    assert marks(io.TextIOWrapper(io.BytesIO(), "ascii")) is ASCII_MARKS
    assert marks(io.TextIOWrapper(io.BytesIO(), "latin-1")) is ASCII_MARKS
    assert marks(io.TextIOWrapper(io.BytesIO(), "utf-8")) is MARKS


# ---- verify

OK = Row("tiny", "1.1", "value", "say", "tiny:half", 3, 2.5e-16, True, ())
NOTHING = Row("tiny", "1.2", "word", "review", "", 0, None, None, ())
BAD = Row("tiny", "2", "more", "say", "tiny:more", 0, None, None, ("tiny.toml: it is wrong",))
BROKEN = Row("other", "", "", "", "", 0, None, None, ("other.toml: not valid TOML",))


def test_the_table_of_verify() -> None:
    assert verify_lines([OK, NOTHING], io.TextIOWrapper(io.BytesIO(), "utf-8")) == [
        "rubric  question  criterion  symbolic = numeric  difference  agrees  answers  slips  status",
        "------  --------  ---------  ------------------  ----------  ------  -------  -----  ------",
        "tiny    1.1       value      at 3 points         2.5e-16     yes     -        -      ok",
        "1 criterion without a reference or anything to verify.",
        "1 criterion and 1 reference verified.",
    ]


def test_problems_come_with_their_place() -> None:
    assert verify_lines([BROKEN, OK, BAD], io.TextIOWrapper(io.BytesIO(), "ascii")) == [
        "rubric  question  criterion  symbolic = numeric  difference  agrees  answers  slips  status",
        "------  --------  ---------  ------------------  ----------  ------  -------  -----  ------",
        "other   -         -          -                   -           -       -        -      FAULT",
        "tiny    1.1       value      at 3 points         2.5e-16     yes     -        -      ok",
        "tiny    2         more       no                  -           -       -        -      FAULT",
        "",
        "x other.toml: not valid TOML",
        "x tiny.toml: it is wrong",
        "",
        "Exit 1: 2 problems.",
    ]
