"""Page furniture that OCR leaves between the lines: dates, page numbers, running heads, footnotes.

Only what surely is furniture goes; a line is blanked in place, so line numbers stay true. A lone number
may be an answer: it goes only as one of a series of page numbers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from grader.readers.pieces import Kind, Piece

__all__ = ["without_furniture"]

MAX_LINE = 160
MIN_PAGES = 3  # a series of lone numbers shorter than this may be answers

_DATE = re.compile(
    r"[*_\s]*[0-9]{4}[/-][0-9]{1,2}[/-][0-9]{1,2}(?:,?\s(?:at\s)?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?(?:\s[AP]M)?[*_\s]*"
)
_PAGE = re.compile(
    r"[*_\s-]*(?:page|p\.)\s?[0-9]{1,3}(?:\s?(?:of|/)\s?[0-9]{1,3})?[*_\s-]*|\s*[0-9]{1,3}\s/\s[0-9]{1,3}\s*",
    re.I,
)
_DASHED_PAGE = re.compile(r"\s*[-–—]\s[0-9]{1,3}\s[-–—]\s*")
_LONE_NUMBER = re.compile(r"\s*([0-9]{1,3})\s*")
_RUNNING_HEAD = re.compile(
    r"\b(?:homework|assignment|page|problem set|hw\s?[0-9])\b|\b[A-Z]{2,4}\s?[0-9]{3,4}\b", re.I
)
_HEAD_WITH_PAGE = re.compile(
    r"[^=$\\#]*\b(?:homework|assignment|problem set|hw)\b[^=$\\#]*\bpage\s?[0-9]{1,3}"
    r"(?:\s?(?:of|/)\s?[0-9]{1,3})?[*_\s]*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[0-9]+")
_ADDRESS_NOTE = re.compile(
    r"\s*\$?\s*(?:\^\s?\{?.{0,20}|<sup>.{0,12}</sup>|\[\^[^\]]{1,12}\]:?|[*†‡]|[0-9a-d])\s*\(?https?://\S.{0,300}",
    re.I,
)
_NEWPAGE = re.compile(
    r"\s*\\(?:newpage|clearpage|pagebreak|maketitle)\s*|\s*(?:-\s?){3,}\s*|\s*(?:\*\s?){3,}\s*|\s*_{3,}\s*"
)


def without_furniture(pieces: list[Piece]) -> list[Piece]:
    """The pieces with furniture blanked."""
    gone = set(_page_numbers(pieces)) | set(_running_heads(pieces))
    for i, piece in enumerate(pieces):
        if piece.kind is Kind.TEXT and (i in gone or _is_furniture(piece.text)):
            piece.kind, piece.text = Kind.BLANK, ""
    return pieces


def _is_furniture(line: str) -> bool:
    if len(line) > MAX_LINE + 200:
        return False
    if len(line) <= MAX_LINE and _HEAD_WITH_PAGE.fullmatch(line) and _RUNNING_HEAD.search(line):
        return True
    return any(p.fullmatch(line) for p in (_DATE, _PAGE, _DASHED_PAGE, _ADDRESS_NOTE, _NEWPAGE))


def _alone(pieces: list[Piece]) -> Iterator[int]:
    for i, piece in enumerate(pieces):
        if piece.kind is not Kind.TEXT or len(piece.text) > MAX_LINE:
            continue
        if i and pieces[i - 1].kind is not Kind.BLANK:
            continue
        if i + 1 < len(pieces) and pieces[i + 1].kind is not Kind.BLANK:
            continue
        yield i


def _page_numbers(pieces: list[Piece]) -> list[int]:
    """Lone numbers that count 1, 2, 3, … through the file."""
    series: list[int] = []
    last = 0
    for i in _alone(pieces):
        match = _LONE_NUMBER.fullmatch(pieces[i].text)
        if match is None:
            continue
        number = int(match[1])
        if number != last + 1 and not (number == 2 and not series):  # the first page may have none
            return []
        series.append(i)
        last = number
    return series if len(series) >= MIN_PAGES else []


def _running_heads(pieces: list[Piece]) -> list[int]:
    """The same line again and again, but for a page number that grows by one."""
    lines: dict[str, list[int]] = defaultdict(list)
    for i in _alone(pieces):
        text = pieces[i].text
        if _RUNNING_HEAD.search(text) and not any(c in text for c in "=$\\#[("):
            lines[_DIGITS.sub("0", text.strip())].append(i)
    gone: list[int] = []
    for places in lines.values():
        if len(places) >= MIN_PAGES and _grows([pieces[i].text for i in places]):
            gone += places
    return gone


def _grows(texts: list[str]) -> bool:
    """Are the lines equal, or does one number in them count up while the others stay?"""
    columns = list(zip(*(map(int, _DIGITS.findall(t)) for t in texts), strict=False))
    changing = [c for c in columns if len(set(c)) > 1]
    return len(changing) <= 1 and all(b == a + 1 for c in changing for a, b in pairwise(c))
