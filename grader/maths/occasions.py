"""Whether a name that is given a value again is given it for another case: "For k = 4 … For k = 5 …", "Conv1:
… Conv2: …". What the name stood for before says nothing of it there.
"""

from __future__ import annotations

import re

__all__ = ["another_case"]

_NUMBER = r"[-−]?\s*(?:\d+(?:\.\d+)?|\\frac\s*\{?\d+\}?\s*\{?\d+\}?)(?:\s*/\s*\d+)?"
_VALUE = re.compile(
    rf"(?P<name>\\?[A-Za-z]++(?:_\{{?\w+\}}?)?|[α-ωΑ-Ω]\w?)\s*=\s*(?P<value>{_NUMBER})(?![\w^(])"
)
_HEAD = re.compile(
    r"\b(?:step|iteration|layer|epoch|case|round|block|sample|example|option|variant|batch|update)s?"
    r"\s*[(#]?\s*(?:\d+|[ivx]+|[a-d])\b|\b(?:first|second|third|fourth|other|another|next|last|final)\s+"
    r"(?:\w+\s+)?(?:layer|iteration|case|epoch|round|block|sample|example|option|variant|batch|step|update)\b",
    re.IGNORECASE,
)
_ROW = re.compile(r"(?:\A|\n|[.;]\s|\$)\s*(?:[-*•]\s+)?(?P<head>[^\n:$=.;]{1,40}):\s*[$\s]*(?:\\\[\s*)?\Z")
_SAME = re.compile(
    r"\b(?:so|hence|thus|then|therefore|get|obtain|expand\w*|simplif\w+|insert\w*|substitut\w+|plug\w*|equals?"
    r"|rearrang\w+|giv\w+|yield\w*|becomes?|that is|i\.e|collect\w*|result|answer|check|proof|rewrit\w+"
    r"|writ\w+|comput\w+|calculat\w+|solution|total|altogether|finally|we have)\b",
    re.IGNORECASE,
)
_FOR = re.compile(r"\b(?:for|when|if|case)\s*[$\s]*\Z", re.IGNORECASE)
_LISTED = re.compile(
    r"(?:\n\s*[-*•]\s*|\b(?:with|at|take|taking|choose|use|using|or)\s+)[$\s]*\Z", re.IGNORECASE
)
_WORD = re.compile(r"(?P<word>[A-Za-z]{2,}+)[ \t]++\Z")
_PLAIN = frozenset(
    [
        "so",
        "hence",
        "thus",
        "then",
        "therefore",
        "and",
        "is",
        "get",
        "have",
        "the",
        "gives",
        "total",
        "our",
        "that",
        "its",
        "of",
        "are",
        "now",
        "we",
        "again",
        "also",
        "be",
        "where",
        "since",
        "or",
        "but",
        "as",
        "to",
        "finally",
        "number",
    ]
)


def another_case(text: str, first: int, end: int, start: int, *, numbers: bool) -> bool:
    """Whether a case opens between two values of a name: the first stands at ``first`` and its chain ends at
    ``end``, the second begins at ``start``. ``numbers``: both values are numbers."""
    if not 0 <= first <= end <= start:
        return False
    before, between = text[:first], text[end:start]
    if _FOR.search(between) or (numbers and _LISTED.search(between)):
        return True
    if any(_valued_before(m, before) for m in _VALUE.finditer(between)):
        return True
    if numbers and _HEAD.search(between):
        return True
    old, new = _ROW.search(before), _ROW.search(between)
    if old and new and old["head"].strip() != new["head"].strip() and not _SAME.search(new["head"]):
        return True
    was, now = _WORD.search(before), _WORD.search(between)
    words = [m["word"].lower() if m else "" for m in (was, now)]
    words = ["" if w in _PLAIN or _SAME.search(w) else w for w in words]
    return words[0] != words[1] and numbers


def _valued_before(m: re.Match[str], before: str) -> bool:
    """Whether the same name had another number before: k = 5 after k = 4."""
    values = [x["value"] for x in _VALUE.finditer(before) if x["name"] == m["name"]]
    return bool(values) and values[-1] != m["value"]
