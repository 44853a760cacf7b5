"""A step of a derivation as a line of a page: what stands before it, its mark, and where it goes wrong."""

from __future__ import annotations

import re
from dataclasses import replace

from grader.errors import MathsFault, ShapeFault
from grader.maths.links import Before
from grader.maths.marked import Mark
from grader.maths.printing import show
from grader.maths.record import Step
from grader.maths.tree import Node
from grader.maths.wrong_part import Path, covering, marked, said, wrong_part
from grader.model import MarkedLine

__all__ = ["marked_line"]

MAX_LINE = 300  # characters of a line that are kept
MAX_LEFT = 80  # of the left side
MAX_MESSAGE = 600

_RELATION = re.compile(
    r"[=<>≤≥≈≡⇔⇒]|:=|<=|>=|=>|\\(?:leq?|leqslant|geq?|geqslant|approx|equiv|coloneqq|iff|Leftrightarrow|Rightarrow|implies)"
)
_LAYOUT = re.compile(r"\\\\(?:\[[^\]]*\])?|\\(?:quad|qquad|[,;:!])|[\s&]")
_STARTS = re.compile(r"[\n$]|\\[\[(]|\\\\|\\begin\{[a-z]+\*?\}")  # a left side, after it
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")


def marked_line(text: str, s: Step, m: Mark, above: Step | None, *, sure: bool) -> MarkedLine:
    """``text``: the answer that the step is from; ``above``: the step before. ``sure``: the question says
    what is given between its names, so that a line can be called false. Else what was said in words
    ("orthogonal", "as w is a solution") may make it true."""
    lead, left = _lead(text, s, above)
    message = _cut(_said(m.message, left), MAX_MESSAGE)
    line = MarkedLine(_cut(s.text, MAX_LINE), "", message, lead=lead)
    if m.word == "given":
        return replace(line, mark="given", message=message if "Note:" in message else "")
    if m.word == "unread":
        return replace(line, mark="unread")
    if not sure:
        return replace(line, mark="doubt" if s.status == "fails" else "holds")
    if m.word == "fails":
        return _placed(replace(line, mark="fails"), s)
    wrong = 1 + min(m.wrong or m.passed) if m.word in ("follows", "back") else None
    return replace(line, mark=m.word, wrong=wrong)


def _placed(line: MarkedLine, s: Step) -> MarkedLine:
    """With the part that is wrong, where one is certain: with another term there alone the line would equal
    what it was held against; or the part whose shapes do not fit together."""
    before, here = s.before, s.reading
    if here is None:
        return line
    try:
        if isinstance(here.fault, ShapeFault) and isinstance(here.fault.tree, Node) and here.fault.span:
            tree, path = here.fault.tree, covering(here.fault.tree, here.fault.span)
            return line if path is None else _shown(line, tree, path, misfit=True)
        if before is None or before.node is None or here.node is None:
            return line
        path = wrong_part(Before(before.node, before.scope, before.text), here.node, here.scope)
        return line if path is None else _shown(line, here.node, path)
    except (MathsFault, AttributeError, KeyError, TypeError, RecursionError):  # the mark only helps
        return line


def _shown(line: MarkedLine, tree: Node, path: Path, *, misfit: bool = False) -> MarkedLine:
    drawn, part = show(marked(tree, path), "latex"), said(tree, path)
    return replace(line, marked=drawn, part=part, misfit=misfit)


def _lead(text: str, s: Step, above: Step | None) -> tuple[str, bool]:
    """What stands before a line, so that it can be read by itself: its relation to the line above, or its
    left side with it; and whether it was held against that left side."""
    before = s.before
    start = s.place[0]
    if before is not None and 0 <= before.place[0] < before.place[1] <= start:
        relation = _LAYOUT.sub("", text[before.place[1] : start])
        if not _RELATION.fullmatch(relation):
            return "", False
        if above is not None and above.place == before.place:
            return relation, False
        return (f"{before.text} {relation}", True) if len(before.text) <= MAX_LEFT else ("", True)
    if before is not None:
        return "", False
    *_, first = (0, *(m.end() for m in _STARTS.finditer(text, 0, start)))
    left = text[first:start].replace("&", "").strip()
    alone = left.count("=") == 1 and left.endswith("=") and len(left) <= MAX_LEFT
    return (left if alone and not _WORD.search(left) else ""), False


def _said(message: str, left: bool) -> str:
    """A step's message where its members are called lines; ``left``: the one before it is its left side."""
    if left:
        message = message.replace("member before", "left side")
    return message.replace("member", "line")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
