"""Text that came from strangers, made safe to look at; numbers; page names.

Escaping for HTML is the template engine's (always on); what is here makes the invisible visible and
keeps a spreadsheet from running what it reads.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from grader.model import Outcome

__all__ = [
    "ASCII_MARKS",
    "MARKS",
    "count",
    "csv_name",
    "csv_text",
    "cut",
    "encode",
    "json_line",
    "number",
    "one_line",
    "page_names",
    "visible",
]

MARKS = {
    Outcome.CORRECT: "✓",
    Outcome.PARTIAL: "◐",
    Outcome.INCORRECT: "✗",
    Outcome.REVIEW: "?",
    Outcome.UNREADABLE: "¿",
    Outcome.MISSING: "–",
    Outcome.ERROR: "!",
}
ASCII_MARKS = MARKS | {
    Outcome.CORRECT: "+",
    Outcome.PARTIAL: "~",
    Outcome.INCORRECT: "x",
    Outcome.UNREADABLE: "#",
    Outcome.MISSING: "-",
}

MAX_PAGE_NAME = 60
DIGEST_LENGTH = 10

MAX_MARKS = 4  # accents on one letter; more are a tower that covers other lines

_KEPT_CONTROLS = frozenset("\n\t")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(c) for c in range(0xE0100, 0xE01F0)
}  # letters, marks and selectors that show nothing
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_INNER_FORMULA = re.compile(r"([;|,]\s*)(?=[=+@＝＋＠-])")  # where another country's separator is ";"
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_SAFE_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?")


@lru_cache(maxsize=8192)  # most of what a page says it says often
def visible(text: str) -> str:
    """Control, direction-changing and zero-width characters as their code points: ``⟨U+202E⟩``."""
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for c in text:
        category = unicodedata.category(c)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        hidden = (category in _HIDDEN and c not in _KEPT_CONTROLS) or c in _BLANK or marks > MAX_MARKS
        hidden = hidden or (category == "Cn" and _is_no_character(ord(c)))
        shown.append(_code_point(c) if hidden else c)
    return "".join(shown)


def _is_no_character(code: int) -> bool:
    """U+FFFE and the others that no text may hold: a file with one is taken for another encoding."""
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def cut(text: str, most: int) -> str:
    """The beginning of a text, and how much more there is."""
    if len(text) <= most:
        return text
    return f"{text[:most].rstrip()}… ({len(text) - most:,} more characters)"


def encode(text: str) -> bytes:
    """UTF-8; half a surrogate pair, which JSON can smuggle in, stays visible as an escape."""
    return text.encode("utf-8", "backslashreplace")


def one_line(text: str) -> str:
    """The same for a name or a message that must not reach into the next line."""
    return visible(text).replace("\n", _code_point("\n")).replace("\t", _code_point("\t"))


def _code_point(c: str) -> str:
    return f"⟨U+{ord(c):04X}⟩"


def csv_text(text: str) -> str:
    """Text for a CSV cell: what a spreadsheet would take for a formula gets a quote in front."""
    start = text.lstrip(" \u00a0")
    if text == "-":  # Moodle's word for nothing
        return text
    return f"'{visible(text)}" if start.startswith(_FORMULA) else visible(text)


def csv_name(text: str) -> str:
    """The same for a name: on one line, and harmless too where ``;`` parts the cells."""
    return csv_text(_INNER_FORMULA.sub(r"\1'", one_line(text)))


def json_line(value: Any, *, indent: int | None = None) -> str:
    """JSON for people and programs: letters as they are, what cannot be seen as an escape, which means
    the same to a program and does nothing to a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return "\n".join(line if line.isprintable() else _escaped(line) for line in text.split("\n"))


def _escaped(line: str) -> str:
    return "".join(
        f"\\u{ord(c):04x}" if c == "\x7f" else c if c.isprintable() or c == "\u00a0" else json.dumps(c)[1:-1]
        for c in line
    )


def number(value: float) -> str:
    """The shortest decimal: 3, 1.5, 0.25."""
    rounded = round(value, 4)
    return str(int(rounded)) if rounded == int(rounded) else repr(rounded)


def count(n: int, noun: str, plural: str = "") -> str:
    """``1 point``, ``3 points``."""
    return f"{n} {noun if n == 1 else plural or noun + 's'}"


def page_names(submissions: Sequence[tuple[str, str]]) -> list[str]:
    """A file name without suffix for every (student, source), no two alike even where case is ignored.

    A plain id is its own name. An id that is no safe file name, or one that another id equals but for
    case, gets a digest; so does a second submission of the same student. The first is the one whose file
    or folder has the student's name: whoever writes another's id into a file does not get their page.
    """
    students: dict[str, set[str]] = {}
    for student, _ in submissions:
        students.setdefault(student.casefold(), set()).add(student)
    names: dict[int, str] = {}
    used: set[str] = set()
    for i in sorted(range(len(submissions)), key=lambda i: not _is_own(*submissions[i])):
        student, source = submissions[i]
        name = student
        safe = _SAFE_NAME.fullmatch(student) and not _RESERVED.fullmatch(student)
        if not safe or len(student) > MAX_PAGE_NAME or len(students[student.casefold()]) > 1:
            name = f"{_slug(student)}-{_digest(student)}"
        if name.casefold() in used:
            name = f"{_slug(student)}-{_digest(student, source)}"
        again = 1
        while name.casefold() in used:
            again += 1
            name = f"{_slug(student)}-{_digest(student, source, str(again))}"
        used.add(name.casefold())
        names[i] = name
    return [names[i] for i in range(len(submissions))]


def _is_own(student: str, source: str) -> bool:
    """Does the path say the student's name?"""
    return any(student in (part, PurePosixPath(part).stem) for part in PurePosixPath(source).parts)


def _slug(student: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode("ascii")
    slug = re.sub(r"[^a-z0-9_]+", "-", ascii_text.lower()).strip("-")
    return slug[:MAX_PAGE_NAME].strip("-") or "student"


def _digest(*parts: str) -> str:
    text = "\0".join(parts).encode("utf-8", "backslashreplace")
    return hashlib.sha256(text).hexdigest()[:DIGEST_LENGTH]
