"""What a run says on the terminal: progress while it works, then a summary that ends with a path.

Everything goes to stderr. A bar only on a terminal; in a pipe plain lines, never cut.
Words carry the meaning, so there is no colour to switch off.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, TextIO

from grader.engine.decisions import Decisions
from grader.engine.executors import Graded
from grader.engine.run import Tally
from grader.engine.spool import Results
from grader.engine.verify import Row
from grader.model import Outcome, Status, SubmissionResult
from grader.reports.alike import alike, shown
from grader.reports.points import counts, sandboxes, waiting
from grader.reports.text import ASCII_MARKS, MARKS, count, number, one_line
from grader.rubric import Rubric

__all__ = ["exit_status", "marks", "progress", "summary_json", "summary_lines", "verify_lines"]

EVERY = 10.0  # seconds between two plain lines
MAX_PROBLEMS = 10


class Tick(Protocol):
    """Called once for each piece of work done."""

    def __call__(self) -> None: ...


def marks(stream: TextIO) -> dict[Outcome, str]:
    """The marks that a stream can print."""
    try:
        "".join(MARKS.values()).encode(stream.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return ASCII_MARKS
    return MARKS


@contextmanager
def progress(total: int, noun: str, *, quiet: bool, stream: TextIO | None = None) -> Iterator[Tick]:
    """Shows how far work has come: a bar on a terminal, else a line every ``EVERY`` seconds."""
    stream = stream or sys.stderr
    if quiet:
        yield lambda: None
    elif stream.isatty():
        with _bar(total, noun, stream) as tick:
            yield tick
    else:
        yield _lines(total, noun, stream)


@contextmanager
def _bar(total: int, noun: str, stream: TextIO) -> Iterator[Tick]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(noun), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task(noun, total=total)
        yield lambda: bar.advance(task)


def _lines(total: int, noun: str, stream: TextIO) -> Tick:
    start = last = time.monotonic()
    done = 0

    def tick() -> None:
        nonlocal done, last
        done += 1
        now = time.monotonic()
        if now - last >= EVERY and done < total:
            last = now
            left = (now - start) / done * (total - done)
            with suppress(BrokenPipeError):  # nobody listens any more: the work goes on
                stream.write(f"{done} of {total} {noun}, about {left:.0f} s left\n")
                stream.flush()

    return tick


# ---- the summary of `grade run`


def summary_lines(
    graded: Sequence[Graded],
    rubrics: Sequence[Rubric],
    seconds: float,
    report: Path,
    status: int,
    decisions: Decisions | None = None,
    known: Tally | None = None,
) -> list[str]:
    """Counts, at most ``MAX_PROBLEMS`` problems, what waits, the verdict, the page to open."""
    results = Results(graded)
    number_of = counts(results)
    names = ", ".join(r.id for r in rubrics) or "no rubric"
    rate = f" ({len(results) / seconds:.1f} a second)" if seconds >= 1 else ""
    lines = [
        f"{count(len(results), 'submission')} · {names} · {seconds:.1f} s{rate}",
        "  " + "   ".join(f"{number_of[s.value]} {s.value}" for s in Status),
    ]
    if known is not None and known.known:
        lines.append(_told(known))
    lines += sandboxes(results)
    problems = _problems(results)
    lines += problems[:MAX_PROBLEMS]
    if len(problems) > MAX_PROBLEMS:
        lines.append(f"  {len(problems) - MAX_PROBLEMS} more: {report}")
    lines += _decided(decisions, report) if decisions else []
    waits = [r for r in results if r.status is Status.PARTIAL]
    if waits:
        answers = sum(len({f.question for f in r.findings if f.outcome.waits_for_person}) for r in waits)
        points = sum(waiting(r.findings) for r in waits)
        queue = report.with_name("review.html")
        lines.append(f"Waiting for a person: {count(answers, 'answer')}, {_points(points)}: {queue}")
    if status:
        lines.append(f"Exit {status}: {_broken(results)}.")
    lines.append(f"Report: {report}")
    return [one_line(line) for line in lines]


def summary_json(
    graded: Sequence[Graded],
    rubrics: Sequence[Rubric],
    report: Path,
    status: int,
    decisions: Decisions | None = None,
    known: Tally | None = None,
) -> str:
    """The same for programs: one object on one line."""
    results = Results(graded)
    found: dict[str, object] = {
        "rubrics": [r.id for r in rubrics],
        "counts": counts(results),
        "not_graded": [
            {"student": r.student, "source": r.source, "message": r.message, "cure": r.cure}
            for r in results
            if r.status is Status.UNREADABLE
        ],
        "waiting_points": sum(waiting(r.findings) for r in results),
        "report": str(report),
        "exit": status,
    }
    if known is not None:
        found["known"] = {"submissions": known.known, "graded": known.graded, "judged": known.judged}
    if decisions:
        found["decisions"] = {
            "known": len(decisions),
            "applied": decisions.applied,
            "stale": [str(s) for s in decisions.stale()],
        }
    return json.dumps(found, ensure_ascii=True)


def _told(known: Tally) -> str:
    judged = f"; {count(known.judged, 'criterion', 'criteria')} judged" if known.judged else ""
    return f"  {known.known} known from before, {known.graded} graded{judged}"


def _decided(decisions: Decisions, report: Path) -> list[str]:
    stale = decisions.stale()
    lines = [f"Decisions of people: {decisions.applied} of {len(decisions)} applied"]
    lines += [f"  not applied  {s}" for s in stale[:MAX_PROBLEMS]]
    if len(stale) > MAX_PROBLEMS:
        lines.append(f"  {len(stale) - MAX_PROBLEMS} more: {report}")
    return lines


def exit_status(results: Iterable[SubmissionResult]) -> int:
    """0: every submission was graded (what waits for a person by design counts as graded); else 1."""
    return int(any(_not_graded(r) for r in results))


def _broken(results: Sequence[SubmissionResult]) -> str:
    """Not those that wait for a person: that is no failure."""
    unread = sum(r.status is Status.UNREADABLE for r in results)
    ours = sum(_not_graded(r) for r in results) - unread
    found = [f"{count(unread, 'submission')} could not be read"] if unread else []
    if ours:
        found.append(f"{count(ours, 'submission')} could not be checked in full, a fault of ours")
    return "; ".join(found)


def _not_graded(result: SubmissionResult) -> bool:
    return result.status is Status.UNREADABLE or any(f.outcome is Outcome.ERROR for f in result.findings)


def _problems(results: Sequence[SubmissionResult]) -> list[str]:
    lines = [
        f"  {r.student}  unreadable  {r.source}: {r.message}" + (f"   {r.cure}" if r.cure else "")
        for r in results
        if r.status is Status.UNREADABLE
    ]
    errors: Counter[str] = Counter()
    first: dict[str, str] = {}
    for result in results:
        failed = {f.message: f.question for f in result.findings if f.outcome is Outcome.ERROR}
        for message, question in failed.items():
            errors[message] += 1
            first.setdefault(message, question)
    lines += [
        f"  error  {first[message]}: {message}   {count(n, 'submission')} affected"
        for message, n in errors.items()
    ]
    students = Counter((r.rubric, r.student) for r in results)
    lines += [
        f"  {student}  handed in {n} times; each has its row, you say which one counts"
        for (_, student), n in students.items()
        if n > 1
    ]
    lines += [
        f"  {', '.join(shown(s) for s in group)}  look alike; each has its row"
        for group in alike(r.student for r in results)
    ]
    return lines


def _points(points: float) -> str:
    return f"{number(points)} {'point' if points == 1 else 'points'}"


# ---- the table of `grade verify`

HEADS = (
    "rubric",
    "question",
    "criterion",
    "symbolic = numeric",
    "difference",
    "agrees",
    "answers",
    "slips",
    "status",
)


def verify_lines(rows: Sequence[Row], stream: TextIO) -> list[str]:
    """The table as aligned text, then every problem, then the verdict."""
    shown = [row for row in rows if row.checked]
    cells = [HEADS, *(_cells(row) for row in shown)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEADS))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
    lines.insert(1, "  ".join("-" * w for w in widths))
    rest = len(rows) - len(shown)
    if rest:
        lines.append(f"{count(rest, 'criterion', 'criteria')} without a reference or anything to verify.")
    problems = [problem for row in rows for problem in row.problems]
    if problems:
        lines += ["", *(f"{marks(stream)[Outcome.INCORRECT]} {problem}" for problem in problems), ""]
        lines.append(f"Exit 1: {count(len(problems), 'problem')}.")
    else:
        references = {(row.rubric, row.reference) for row in rows if row.reference}
        criteria = count(len(shown), "criterion", "criteria")
        lines.append(f"{criteria} and {count(len(references), 'reference')} verified.")
    return lines


def _cells(row: Row) -> tuple[str, ...]:
    agrees = {None: "-", True: "yes", False: "no"}[row.agrees]
    return (
        row.rubric,
        row.question or "-",
        row.criterion or "-",
        f"at {count(row.points, 'point')}" if row.points else ("no" if row.reference else "-"),
        "-" if row.difference is None else f"{row.difference:.1e}",
        agrees,
        str(row.earned or "-"),
        str(row.lost or "-"),
        "FAULT" if row.problems else "ok",
    )
