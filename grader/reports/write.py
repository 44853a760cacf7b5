"""All the files of a run, each written whole or not at all.

An existing folder is written over file by file. Pages of students who are no longer there are removed,
but only those that the last run says it wrote: what else lies in the folder is not ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from grader.engine.decisions import Decisions
from grader.engine.events import peak_memory
from grader.engine.executors import Executor, Graded
from grader.engine.spool import Results
from grader.engine.store import Store
from grader.errors import UnreadableFile, UsageFault
from grader.readers.files import read_bytes
from grader.reports.classroom import class_page
from grader.reports.html import class_html, review_html
from grader.reports.light import Light, lighten
from grader.reports.pages import write_pages
from grader.reports.queue import answer_groups, queue_csv
from grader.reports.review import review_page
from grader.reports.tables import finding_lines, run_json, scores_csv
from grader.reports.text import encode, page_names
from grader.reports.unchanged import Unchanged
from grader.rubric import Rubric

__all__ = ["CACHE", "DECISIONS", "decided_before", "prepare_out", "write_files", "write_reports"]

STUDENTS = "students"
RECORD = "run.json"
CACHE = "cache.sqlite"  # of the engine's; here so that nobody else takes the name
DECISIONS = "decisions.jsonl"  # what people decided: kept from run to run
FILES = ("report.html", "review.html", "scores.csv", "findings.jsonl", "queue.csv", RECORD, DECISIONS)
HALF = ".grade-"  # how the names of files begin that are not yet whole
OLD = 3600.0  # seconds
MAX_RECORD_BYTES = 50_000_000

_PAGE = re.compile(rf"{STUDENTS}/[A-Za-z0-9_][A-Za-z0-9_.-]*\.html")


def prepare_out(out: Path) -> None:
    """Make the folder now, so that nobody waits for an hour to hear that it cannot be written.

    Raises:
        UsageFault: it is a file, or cannot be made or written, or something in it stands in the way.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not (out / STUDENTS).is_symlink():
            (out / STUDENTS).mkdir(exist_ok=True)
        _require_own(out)
        with tempfile.TemporaryFile(dir=out):
            pass
        _sweep(out, out / STUDENTS)
    except (FileExistsError, NotADirectoryError) as e:
        what = "link that leads nowhere" if out.is_symlink() and not out.exists() else "file of that name"
        raise UsageFault(f"--out {out}: there is a {what}; give a folder") from e
    except OSError as e:
        raise UsageFault(f"--out {out}: cannot be written ({e.strerror}); give another folder") from e


def _sweep(*folders: Path) -> None:
    """Remove what a run left that was killed while it wrote: half a file, of no use to anybody."""
    for folder in folders:
        for left in folder.glob(f"{HALF}*.tmp"):
            with contextlib.suppress(OSError):
                if time.time() - left.lstat().st_mtime > OLD:  # else it may be another run's
                    left.unlink()


def decided_before(out: Path) -> list[Path]:
    """The decisions that an earlier run kept in the folder: one file or none."""
    kept = out / DECISIONS
    with contextlib.suppress(OSError):  # a folder that cannot be looked into: `prepare_out` says it
        if kept.is_file():
            return [kept]
    return []


def write_reports(
    out: Path,
    graded: Sequence[Graded],
    rubrics: Sequence[Rubric],
    options: Mapping[str, Any],
    seconds: float,
    decisions: Decisions | None = None,
    ran: Mapping[str, Any] | None = None,
    executor: Executor | None = None,
    store: Store | None = None,
    light: Light | None = None,
) -> Path:
    """Write everything into a prepared folder; returns the path of the class's page.

    ``decisions``: those that were applied to the results; all of them are kept for the next run. ``ran``: for
    the record, where the work was done and what happened there. ``executor`` makes the students' pages,
    ``store`` knows which are there already. ``light``: the results made light, where somebody has them.

    Raises:
        UsageFault: the folder can no longer be written.
    """
    _require_own(out)  # again: an hour may have passed
    try:
        return _write_all(
            out, graded, rubrics, options, seconds, decisions, ran or {}, executor, store, light
        )
    except OSError as e:
        raise UsageFault(f"--out {out}: cannot be written ({e.strerror}); give another folder") from e


def _write_all(
    out: Path,
    graded: Sequence[Graded],
    rubrics: Sequence[Rubric],
    options: Mapping[str, Any],
    seconds: float,
    decisions: Decisions | None,
    ran: Mapping[str, Any],
    executor: Executor | None,
    store: Store | None,
    light: Light | None,
) -> Path:
    stale = [str(s) for s in decisions.stale()] if decisions else []
    light = light or lighten(graded)
    results = light.results
    names = page_names([(r.student, r.source) for r in results])
    pages = [f"{STUDENTS}/{name}.html" for name in names]
    before = _pages_of_last_run(out)
    files = Unchanged(graded, rubrics, _write, store)
    write_pages([out / page for page in pages], graded, rubrics, files, executor)
    key = files.class_key(*pages, "", *stale)
    report = out / "report.html"
    groups = cache(lambda: answer_groups(results, rubrics, light.quotes))
    made: dict[Path, Callable[[], bytes | Iterable[bytes]]] = {
        out / "scores.csv": lambda: scores_csv(results, rubrics),
        out / "findings.jsonl": lambda: finding_lines(Results(graded)),
        out / "queue.csv": lambda: queue_csv(groups()[0]),
        out / "review.html": lambda: encode(review_html(review_page(results, rubrics, groups()))),
        report: lambda: encode(class_html(class_page(results, rubrics, pages, stale, groups()))),
    }
    for path, make in made.items():
        files.make(path, key, make)
    files.done()
    if decisions:
        _write(out / DECISIONS, encode("".join(f"{line}\n" for line in decisions.lines())))
    # Last: until here the old record still tells what the old run wrote.
    ran = {**ran, "peak_memory_mb": peak_memory()}
    _write(out / RECORD, run_json(light.graded, rubrics, options, seconds, pages, stale, ran))
    kept = {page.casefold() for page in pages}
    for page in before:
        if page.casefold() not in kept:
            with contextlib.suppress(OSError):  # gone, or a folder of that name
                (out / page).unlink()
    return report


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder that may not be there yet, each whole or not at all; returns their paths.

    Raises:
        UsageFault: the folder cannot be made or written.
    """
    written: list[Path] = []
    try:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, data)
            written.append(path)
    except OSError as e:
        raise UsageFault(f"{folder}: cannot be written ({e.strerror}); give another folder") from e
    return written


def _require_own(out: Path) -> None:
    """Nothing is written through a link that somebody put there, and nothing fails after an hour's work.

    Raises:
        UsageFault: the folder of pages is a link, or a report's name is taken by a folder.
    """
    if (out / STUDENTS).is_symlink():
        raise UsageFault(
            f"--out {out}: {STUDENTS} in it is a symbolic link, and nothing is written through one; "
            "remove it, or give another folder"
        )
    for name in FILES:
        if (out / name).is_dir() and not (out / name).is_symlink():
            raise UsageFault(f"--out {out}: {name} in it is a folder; remove it, or give another folder")


def _write(path: Path, data: bytes | Iterable[bytes]) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=HALF, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines([data] if isinstance(data, bytes | str) else data)
        Path(name).chmod(0o666 & ~_umask())  # mkstemp makes it private
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _pages_of_last_run(out: Path) -> list[str]:
    try:
        record = json.loads(read_bytes(out / RECORD, MAX_RECORD_BYTES))  # no link, no pipe that never ends
    except (UnreadableFile, ValueError, RecursionError):
        return []
    pages = record.get("pages") if isinstance(record, dict) else None
    # The record may have been edited: nothing but a page of ours in its folder is ever removed.
    return [p for p in pages if isinstance(p, str) and _PAGE.fullmatch(p)] if isinstance(pages, list) else []
