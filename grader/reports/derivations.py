"""What ``grade steps`` prints, and reads from files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.engine.derivations import Task, check_lines, check_task, derivation_row
from grader.errors import UsageFault
from grader.maths.derivation import Derivation
from grader.reports.pairs import answered_file, named_texts

__all__ = ["check_file", "derivation_lines", "one_derivation"]

_MARKS = {"holds": "✓", "fails": "✗", "unread": "?"}
MAX_SHOWN = 100  # characters of a member


def check_file(name: str) -> Iterator[tuple[str, bool]]:
    """For every line of a file (``-``: standard input): the line to print, and whether it was in order.

    Raises:
        UsageFault: there is no such file.
    """
    return answered_file(name, check_lines)


def one_derivation(
    name: str | None, symbols: Sequence[str], options: Mapping[str, Any], *, as_json: bool
) -> tuple[list[str], bool]:
    """Check the derivation in a file: the lines to print, and whether every step holds.

    Raises:
        UsageFault: the file is missing, or an argument is malformed.
        RubricError: a symbol, an assumption or the unknown is not valid.
    """
    if name is None:
        raise UsageFault(
            "give FILE (- for standard input) or --jsonl FILE; `grade steps --help` has examples"
        )
    if name != "-" and not Path(name).is_file():
        raise UsageFault(f"{name}: no such file; give a text with a derivation, or - for standard input")
    text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8", errors="replace")
    task = Task(
        text,
        named_texts(symbols, ":", "--symbol", "'X: matrix n d'"),
        define=named_texts(options["define"], "=", "--define", "'a = X w_0 - t'"),
        latex=named_texts(options["latex"], ":", "--latex", r"'w_hat: \hat{w}'"),
        assume=list(options["assume"]),
        kind=options["kind"],
        unknown=options["unknown"],
    )
    found = check_task(task)
    lines = (
        [json.dumps(derivation_row(None, found), ensure_ascii=False, indent=2)]
        if as_json
        else derivation_lines(found)
    )
    return lines, found.first_wrong is None and not found.unread and bool(found.steps)


def derivation_lines(d: Derivation) -> list[str]:
    """Every member with its mark, what was found about the false and the unread ones, and a summary."""
    if not d.steps:
        return ["No derivation was found in this text."]
    width = len(str(d.steps[-1].index))
    out = []
    for s in d.steps:
        text = s.text if len(s.text) <= MAX_SHOWN else s.text[: MAX_SHOWN - 1] + "…"
        out.append(f"{_MARKS[s.status]} {s.index:>{width}}  {text}")
        if s.status != "holds" or "Note:" in s.message:
            out.append(f"  {'':>{width}}  {s.message}")
    out += [f"note: {note}" for note in d.notes]
    fails = sum(s.status == "fails" for s in d.steps)
    holds = len(d.steps) - fails - d.unread
    out.append(f"{len(d.steps)} members: {holds} hold, {fails} fail, {d.unread} for a person to look at")
    if d.first_wrong is not None:
        out.append(f"first false step: member {d.first_wrong}")
    return out
