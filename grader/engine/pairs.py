"""``grade compare --jsonl``: one pair a line in, one verdict a line out, in order.

A line that is not valid (no JSON, an unknown kind, an expected answer that cannot be read) is the
caller's fault, never the answer's: its verdict is ``undecided`` with the reason ``author``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, TypeVar

import msgspec

from grader.errors import RubricError
from grader.maths.compare import compare
from grader.maths.verdict import Comparison

__all__ = ["Pair", "answer_lines", "compare_lines", "comparison_row", "judge_pair"]

MAX_LINE = 2_000_000  # characters

T = TypeVar("T")


class Pair(msgspec.Struct, frozen=True):
    """One line of input; fields that are not known are ignored."""

    expected: str
    answer: Any
    symbols: dict[str, str] = {}
    id: Any = None
    syntax: Literal["latex", "infix"] | None = None
    latex: dict[str, str | list[str]] = {}
    define: dict[str, str] = {}
    assume: list[str] = []
    tolerance: dict[str, float] | None = None
    accept_transpose: bool = False
    locale: Literal["decimal-point", "decimal-comma"] = "decimal-point"


def judge_pair(pair: Pair) -> Comparison:
    """The verdict on one pair.

    Raises:
        RubricError: a fault on the author's side.
    """
    answer = (
        pair.answer
        if isinstance(pair.answer, str)
        else ""
        if pair.answer is None
        else json.dumps(pair.answer)
    )
    return compare(
        pair.expected,
        answer,
        pair.symbols,
        define=pair.define,
        assume=pair.assume,
        latex=pair.latex,
        tolerance=pair.tolerance,
        accept_transpose=pair.accept_transpose,
        syntax=pair.syntax,
        locale=pair.locale,
    )


def comparison_row(identity: Any, c: Comparison) -> dict[str, Any]:
    """What is written for one comparison."""
    row: dict[str, Any] = {
        "id": identity,
        "verdict": c.verdict,
        "reason": c.reason or None,
        "message": c.message,
        "read_as": c.read_as,
        "evidence": dict(c.evidence),
    }
    if c.notes:
        row["notes"] = list(c.notes)
    if c.mistake:
        row["mistake"] = c.mistake
    return row


def compare_lines(lines: Iterable[str]) -> Iterator[tuple[dict[str, Any], bool]]:
    """For every line that is not blank: the row to write, and whether the input was in order."""
    return answer_lines(
        lines,
        Pair,
        lambda identity, pair: comparison_row(identity, judge_pair(pair)),
        lambda identity, why: comparison_row(identity, Comparison("undecided", why, reason="author")),
    )


def answer_lines(
    lines: Iterable[str],
    into: type[T],
    answered: Callable[[Any, T], dict[str, Any]],
    refused: Callable[[Any, str], dict[str, Any]],
) -> Iterator[tuple[dict[str, Any], bool]]:
    """One JSON object a line, read as ``into``: the row that answers it, or the row that says which line is
    not valid and why; and which of the two it is."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        identity: Any = None
        try:
            if len(line) > MAX_LINE:
                raise RubricError(f"{len(line)} characters in one line; at most {MAX_LINE} are read")
            data = _decoded(line)
            identity = data.get("id") if isinstance(data, dict) else None
            yield answered(identity, msgspec.convert(data, into)), True
        except (RubricError, msgspec.DecodeError, RecursionError) as e:
            yield refused(identity, f"line {number}: {str(e) or 'nested too deeply'}"), False


def _decoded(line: str) -> Any:
    """The line's JSON. Half of a surrogate pair, which JSON can smuggle in, becomes the mark of an unknown
    letter: the line still has its id, and the answer is the one that cannot be read."""
    line = line.encode("utf-8", "replace").decode("utf-8")
    try:
        return msgspec.json.decode(line)
    except msgspec.DecodeError as e:
        if "\\ud" not in line.lower():  # what is half a pair is called truncated where the line ends with it
            raise
        try:
            text = json.dumps(json.loads(line), ensure_ascii=False)
        except ValueError as unread:
            raise e from unread
        return msgspec.json.decode(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
