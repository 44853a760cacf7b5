"""What ``grade compare`` prints, and reads from files."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from grader.engine.pairs import Pair, compare_lines, comparison_row, judge_pair
from grader.errors import UsageFault
from grader.maths.verdict import Comparison
from grader.reports.text import json_line, visible

__all__ = ["answered_file", "compare_file", "named_texts", "one_pair", "pair_lines", "standard_input"]

_WORDS = {
    "equivalent": "✓ equivalent",
    "different": "✗ different",
    "invalid": "¿ invalid",
    "undecided": "? undecided",
}


def compare_file(name: str) -> Iterator[tuple[str, bool]]:
    """For every line of a file (``-``: standard input): the line to print, and whether it was in order.

    Raises:
        UsageFault: there is no such file.
    """
    return answered_file(name, compare_lines)


def answered_file(
    name: str, answered: Callable[[Iterable[str]], Iterable[tuple[dict[str, Any], bool]]]
) -> Iterator[tuple[str, bool]]:
    """The rows that answer the lines of a file (``-``: standard input), each as a line of JSON.

    Raises:
        UsageFault: there is no such file.
    """
    if name == "-":
        yield from _as_json(answered(standard_input()))
        return
    if not Path(name).is_file():
        raise UsageFault(f"{name}: no such file; give a file of JSON lines, or - for standard input")
    with Path(name).open(encoding="utf-8", errors="replace") as lines:
        yield from _as_json(answered(lines))


def standard_input() -> TextIO:
    """What is piped in, as UTF-8; a byte that is none costs its letter, not the run."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    return sys.stdin


def _as_json(rows: Iterable[tuple[dict[str, Any], bool]]) -> Iterator[tuple[str, bool]]:
    for row, in_order in rows:
        yield json_line(row), in_order


def one_pair(
    expected: str | None,
    answer: str | None,
    symbols: Sequence[str],
    options: Mapping[str, Any],
    *,
    as_json: bool,
) -> tuple[list[str], bool]:
    """Compare one pair: the lines to print, and whether the two are equivalent.

    Raises:
        UsageFault: an argument is missing or malformed.
        RubricError: a symbol, an assumption or the expected answer is not valid.
    """
    if expected is None or answer is None:
        raise UsageFault("give EXPECTED and ANSWER, or --jsonl FILE; `grade compare --help` has examples")
    pair = Pair(
        expected,
        answer,
        named_texts(symbols, ":", "--symbol", "'X: matrix n d'"),
        define=named_texts(options["define"], "=", "--define", "'a = X w_0 - t'"),
        latex=named_texts(options["latex"], ":", "--latex", r"'w_hat: \hat{w}'"),
        assume=list(options["assume"]),
        tolerance=options["tolerance"] or None,
        accept_transpose=options["accept_transpose"],
        syntax=options["syntax"],
        locale=options["locale"],
    )
    verdict = judge_pair(pair)
    if as_json:
        lines = [json_line(comparison_row(None, verdict), indent=2)]
    else:
        lines = pair_lines(answer, verdict)
    return lines, verdict.equivalent


def named_texts(texts: Sequence[str], mark: str, option: str, example: str) -> dict[str, Any]:
    """``NAME: TEXT`` of a repeatable option.

    Raises:
        UsageFault: one has no name, or no text.
    """
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
    return [visible(line) for line in lines]
