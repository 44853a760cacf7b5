"""Sentences without dollars: the formulas in them are marked, so that they are read like any other text.

What is prose and what is mathematics, ``sentences`` knows; here every character keeps its place but for the
dollars, whose places are told.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from grader.maths.scope import Scope
from grader.maths.sentences import FULL_STOP, is_sentence, prose_runs
from grader.maths.statements import is_program

__all__ = ["place_before", "with_dollars"]

MAX_TEXT = 20_000  # characters
_EDGE = " \t,;:.!?"
_BULLET = re.compile(r"(?:[-*•>]|#{1,6}|\(?[a-z\d]{1,2}[.)])[ \t]++")
_RELATION = re.compile(r"[=≈≠<>≤≥]|\\(?:approx|le|ge|leq|geq|neq|implies|iff)\b")
_WORDS = re.compile(r"[A-Za-z'’-]{3,}(?:[ \t,;:]++[A-Za-z'’-]{3,})*+")
_OPENING = re.compile(r"(?:[A-Z][a-z]{3,30}[ \t,:]++)++")  # Indeed, Rearranging,
_CLAUSE = re.compile(r"[A-Za-z]\s+[A-Za-z]")  # two words at least
_FIRST = re.compile(r"([A-Za-z]+)[ \t,;:]++(?=\w)")
_LAST = re.compile(r"(?<=[ \t,;:])([A-Za-z]+)\Z")
_SHORT_WORDS = """
a all an and any are as at be but by can do for get has had its it if in is let may new not now of on one or
our out per put set so sum than the to two use via was way we why i
"""
_SHORT = frozenset(_SHORT_WORDS.split())


def with_dollars(text: str, scope: Scope) -> tuple[str, list[int]] | None:
    """The text with a dollar on both sides of each formula, and where in it those are; None for a text that
    marks its mathematics, has no sentences or is a program."""
    if any(mark in text for mark in ("$", "\\(", "\\[", "\\begin", "```")) or len(text) > MAX_TEXT:
        return None
    if not is_sentence(text) or is_program(text):
        return None
    spans: list[tuple[int, int]] = []
    offset = 0
    sentences = 0
    for line in text.split("\n"):
        at = 0
        for stop in [*FULL_STOP.finditer(line), None]:
            end = len(line) if stop is None else stop.start()
            prose = prose_runs(line[at:end])
            sentences += any(_CLAUSE.search(line, at + a, at + b) for a, b in prose)
            found = _formulas(line[at:end], prose, scope)
            spans += [(offset + at + a, offset + at + b) for a, b in found or [(0, end - at)] if b > a]
            at = end if stop is None else stop.end()
        offset += len(line) + 1
    spans = [(a, b) for a, b in ((_trimmed(text, a, b)) for a, b in spans) if b > a]
    if not sentences or not spans:
        return None
    out: list[str] = []
    places: list[int] = []
    at = 0
    for a, b in spans:
        out += [text[at:a], "$", text[a:b], "$"]
        places += [a + len(places), b + 1 + len(places)]
        at = b
    out.append(text[at:])
    return "".join(out), places


def place_before(place: tuple[int, int], dollars: Sequence[int]) -> tuple[int, int]:
    """A place in the marked text as it was in the text."""
    start, end = place
    return start - bisect_left(dollars, start), end - bisect_left(dollars, end)


def _formulas(piece: str, prose: Sequence[tuple[int, int]], scope: Scope) -> list[tuple[int, int]] | None:
    """Where formulas stand in a sentence; None if it has no words."""
    runs = [_surely(piece, start, end) for start, end in prose]
    opened = _OPENING.match(piece)
    if not runs and opened is None:
        return None
    bullet = _BULLET.match(piece)
    at = bullet.end() if bullet is not None and runs else 0
    out = []
    for start, end in [*runs, (len(piece), len(piece))]:
        a, b = _trimmed(piece, at, start)
        opening = _OPENING.match(piece, a, b)
        if opening is not None and not any(w.strip(",:") in scope.words for w in opening[0].split()):
            a = opening.end()
        if b > a and not _WORDS.fullmatch(piece, a, b):
            out += _at_commas(piece, a, b)
        at = end
    return out


def _surely(piece: str, start: int, end: int) -> tuple[int, int]:
    """A run of prose without what may be products of letters at its edges: ``Xv, where``, ``Then Xw =``."""
    while (m := _FIRST.match(piece, start, end)) is not None and _may_be_product(m[1]):
        start = m.end()
    while (m := _LAST.search(piece, start, end)) is not None and _may_be_product(m[1]):
        end = m.start()
    return start, end


def _may_be_product(word: str) -> bool:
    short = len(word) < 4 and word.lower() not in _SHORT
    return short or (any(c.isupper() for c in word[1:]) and len(word) < 8)


def _at_commas(piece: str, start: int, end: int) -> list[tuple[int, int]]:
    """``n > d, w = X^T t`` are two formulas."""
    depth, at = 0, start
    out = []
    for k in range(start, end):
        depth += (piece[k] in "([{") - (piece[k] in ")]}")
        apart = piece[k : k + 2] == ", " and depth <= 0
        if apart and _RELATION.search(piece, at, k) and _RELATION.search(piece, k + 1, end):
            out.append((at, k))
            at = k + 2
    return [*out, (at, end)]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    inside = text[start:end]
    if inside.endswith("(") or (inside.count("(") > inside.count(")") and inside.startswith("(")):
        return (start, end - 1) if inside.endswith("(") else (start + 1, end)
    if inside.endswith(")") and inside.count(")") > inside.count("("):
        return _trimmed(text, start, end - 1)
    return (start, end) if re.search(r"\w", inside) else (start, start)
