"""``scores.csv``, ``findings.jsonl`` and ``run.json``: the files that other people's scripts read.

The first two hold nothing that depends on the machine, the time or the number of processes.
"""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from grader import __version__
from grader.engine.executors import Graded
from grader.engine.spool import Results
from grader.model import SubmissionResult
from grader.reports.frames import FINDING_COLUMNS, scores_frame
from grader.reports.points import counts, sandboxes
from grader.reports.text import csv_name, encode, json_line, number
from grader.rubric import Rubric

__all__ = ["encode", "finding_lines", "findings_jsonl", "run_json", "scores_csv"]

RECORDED = ("click", "jinja2", "msgspec", "nbformat", "numpy", "pandas", "python-flint", "rich", "sympy")
"""Distributions whose version may change what a report says."""


def scores_csv(results: Sequence[SubmissionResult], rubrics: Sequence[Rubric]) -> bytes:
    frame = scores_frame(results, rubrics)
    cells = pd.DataFrame({name: [_cell(v) for v in frame[name]] for name in frame.columns}, dtype="object")
    return encode(cells.to_csv(index=False, lineterminator="\n"))


def findings_jsonl(results: Iterable[SubmissionResult]) -> bytes:
    return b"".join(finding_lines(results))


def finding_lines(results: Iterable[SubmissionResult]) -> Iterator[bytes]:
    """The lines of ``findings.jsonl``, a submission at a time."""
    for result in results:
        rows = ({name: _json(getattr(f, name)) for name in FINDING_COLUMNS} for f in result.findings)
        yield encode("".join(json_line(row) + "\n" for row in rows))


def run_json(
    graded: Sequence[Graded],
    rubrics: Sequence[Rubric],
    options: Mapping[str, Any],
    seconds: float,
    files: Sequence[str],
    stale: Sequence[str] = (),
    ran: Mapping[str, Any] | None = None,
) -> bytes:
    """``files``: the pages of this run, so that the next one can remove those it does not write; ``stale``:
    decisions that were not applied; ``ran``: where the work was done, and what happened there."""
    results = Results(graded)
    record = {
        "grader": __version__,
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in RECORDED},
        "rubrics": [{"id": r.id, "file": r.path, "sha256": r.digest, "titles": _titles(r)} for r in rubrics],
        "options": dict(options),
        "ran": dict(ran or {}),
        "sandbox": sandboxes(results),
        "counts": counts(results),
        "seconds": round(seconds, 3),
        "timings": [
            {"student": g.result.student, "source": g.result.source, "seconds": round(g.seconds, 3)}
            | ({"unreadable": g.result.message, "cure": g.result.cure} if g.result.message else {})
            for g in graded
        ],
        "stale_decisions": list(stale),
        "pages": list(files),
    }
    return encode(json_line(record, indent=2) + "\n")


def _titles(rubric: Rubric) -> dict[str, str]:
    """What exports call questions (``2.2.3``) and criteria (``2.2.3/eta_star``)."""
    out: dict[str, str] = {}
    for q in rubric.questions:
        out[q.id] = q.title
        out |= {f"{q.id}/{c.id}": c.title for c in q.criteria}
    return out


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return csv_name(value)
    return "" if pd.isna(value) else number(value)


def _json(value: Any) -> Any:
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
