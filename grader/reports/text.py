"""Text that came from strangers, made safe to look at; numbers; page names.

Escaping for HTML is the template engine's (always on); what is here makes the invisible visible and
keeps a spreadsheet from running what it reads.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence

from grader.model import Outcome

__all__ = ["ASCII_MARKS", "MARKS", "count", "csv_text", "number", "page_names", "visible"]

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

_KEPT_CONTROLS = frozenset("\n\t")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_SAFE_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?")


def visible(text: str) -> str:
    """Control, direction-changing and zero-width characters as their code points: ``⟨U+202E⟩``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c in _KEPT_CONTROLS or unicodedata.category(c) not in _HIDDEN else f"⟨U+{ord(c):04X}⟩"
        for c in text
    )


def csv_text(text: str) -> str:
    """Text for a CSV cell: what a spreadsheet would take for a formula gets a quote in front."""
    return f"'{text}" if text.startswith(_FORMULA) else text


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
    case, gets a digest; so does a second submission of the same student.
    """
    plain = [student.casefold() for student, _ in submissions]
    names: list[str] = []
    used: set[str] = set()
    students: dict[str, set[str]] = {}
    for student, _ in submissions:
        students.setdefault(student.casefold(), set()).add(student)
    for (student, source), folded in zip(submissions, plain, strict=True):
        name = student
        safe = _SAFE_NAME.fullmatch(student) and not _RESERVED.fullmatch(student)
        if not safe or len(student) > MAX_PAGE_NAME or len(students[folded]) > 1:
            name = f"{_slug(student)}-{_digest(student)}"
        if name.casefold() in used:
            name = f"{_slug(student)}-{_digest(student, source)}"
        again = 1
        while name.casefold() in used:
            again += 1
            name = f"{_slug(student)}-{_digest(student, source, str(again))}"
        used.add(name.casefold())
        names.append(name)
    return names


def _slug(student: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode("ascii")
    slug = re.sub(r"[^a-z0-9_]+", "-", ascii_text.lower()).strip("-")
    return slug[:MAX_PAGE_NAME].strip("-") or "student"


def _digest(*parts: str) -> str:
    text = "\0".join(parts).encode("utf-8", "backslashreplace")
    return hashlib.sha256(text).hexdigest()[:DIGEST_LENGTH]
