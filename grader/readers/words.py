"""Which words two texts share; used to recognise titles and repeated questions."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["overlap", "similar", "words"]

MAX_TEXT = 5_000

_WORD = re.compile(r"[^\W\d_]{3,}")
_MATHS = re.compile(r"\$[^$]*\$|\\[A-Za-z]+")
_STOP_WORDS = """
the and for that this with from are was were its his her our your their have has had can could may how does
did what which when where why who not all any each both one two use using used into onto than then there here
part question problem answer solution optional bonus points
"""
_STOP = frozenset(_STOP_WORDS.split())


def words(text: str) -> frozenset[str]:
    """The telling words of ``text``, without endings: "Networks" and "network" are one."""
    return _words(text[:MAX_TEXT])


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    found = (w.lower() for w in _WORD.findall(_MATHS.sub(" ", text)))
    return frozenset(_stem(w) for w in found if w not in _STOP)


def overlap(text: str, known: str) -> float:
    """The share of the words of ``text`` that stand in ``known``."""
    mine, theirs = words(text), words(known)
    return len(mine & theirs) / len(mine) if mine else 0.0


def similar(title: str, other: str) -> float:
    """How alike two titles are, 0 to 1; a title may be a shortened form of the other."""
    mine, theirs = words(title), words(other)
    if not mine or not theirs:
        return 0.0
    if len(mine & theirs) == 1 and mine != theirs:
        return 0.5  # one common word says little
    return len(mine & theirs) / min(len(mine), len(theirs))


def _stem(word: str) -> str:
    for ending in ("isation", "ization", "ing", "es", "s", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
