"""What ``grade compare`` prints, and reads from files."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from grader.engine.pairs import Pair, compare_lines, comparison_row, judge_pair
from grader.errors import UsageFault
from grader.maths.verdict import Comparison

__all__ = ["compare_files", "one_pair", "pair_lines"]

_WORDS = {
    "equivalent": "✓ equivalent",
    "different": "✗ different",
    "invalid": "¿ invalid",
    "undecided": "? undecided",
}


def compare_files(name: str) -> int:
    """Every line of a file (``-``: standard input); the exit status."""
    if name != "-" and not Path(name).is_file():
        raise UsageFault(f"{name}: no such file; give a file of JSON lines, or - for standard input")
    status = 0
    source = nullcontext(sys.stdin) if name == "-" else Path(name).open(encoding="utf-8", errors="replace")
    with source as lines:
        for row, in_order in compare_lines(lines):
            click.echo(json.dumps(row, ensure_ascii=False))
            status |= not in_order
    return int(status)


def one_pair(
    expected: str | None,
    answer: str | None,
    symbols: Sequence[str],
    options: Mapping[str, Any],
    *,
    as_json: bool,
) -> int:
    """Compare one pair and print the verdict; the exit status.

    Raises:
        UsageFault: an argument is missing or malformed.
        RubricError: a symbol, an assumption or the expected answer is not valid.
    """
    if expected is None or answer is None:
        raise UsageFault("give EXPECTED and ANSWER, or --jsonl FILE; `grade compare --help` has examples")
    pair = Pair(
        expected,
        answer,
        _pairs(symbols, ":", "--symbol", "'X: matrix n d'"),
        define=_pairs(options["define"], "=", "--define", "'a = X w_0 - t'"),
        latex=_pairs(options["latex"], ":", "--latex", r"'w_hat: \hat{w}'"),
        assume=list(options["assume"]),
        tolerance=options["tolerance"] or None,
        accept_transpose=options["accept_transpose"],
        syntax=options["syntax"],
        locale=options["locale"],
    )
    verdict = judge_pair(pair)
    if as_json:
        click.echo(json.dumps(comparison_row(None, verdict), ensure_ascii=False, indent=2))
    else:
        for line in pair_lines(answer, verdict):
            click.echo(line)
    return 0 if verdict.equivalent else 1


def _pairs(texts: Sequence[str], mark: str, option: str, example: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for text in texts:
        name, found, rest = text.partition(mark)
        if not found or not name.strip() or not rest.strip():
            raise UsageFault(f"{option} {text!r}: expected NAME{mark}TEXT, such as {example}")
        out[name.strip()] = rest.strip()
    return out


def pair_lines(answer: str, c: Comparison) -> list[str]:
    """The verdict for a person, with a caret under the place of a fault."""
    reason = f" ({c.reason})" if c.reason else ""
    lines = [_WORDS[c.verdict] + reason, f"  {c.message}"]
    if c.read_as:
        lines.append(f"  read as: {c.read_as}")
    lines += [f"  note: {note}" for note in c.notes]
    if c.place is not None and "\n" not in answer and len(answer) <= 200:
        start, end = c.place
        lines += [f"  {answer}", "  " + " " * start + "^" * max(1, min(end, len(answer)) - start)]
    if c.verdict == "equivalent":
        lines.append(f"  evidence: {c.evidence.get('level', '')}")
    return lines
