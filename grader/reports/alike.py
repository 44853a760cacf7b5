"""Student ids that a person would take for one another: ``s1`` and ``S1``, ``0012`` and ``12``.

They are never merged; whoever reads the table is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from grader.reports.text import visible

__all__ = ["alike", "shown"]

# Letters of other alphabets that look like Latin ones, after case folding.
_LATIN = dict(
    zip(
        "аеорсухіјѕԁһьгвмнткαοριντυκχγϲѵԛԝ",
        "aeopcyxijsdhbrbmhtkaopivtukxycvqw",
        strict=True,
    )
)
_TABLE = str.maketrans(_LATIN)
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")


def alike(students: Iterable[str]) -> list[list[str]]:
    """The groups of different ids that look alike, in the order in which they come first."""
    groups: dict[str, list[str]] = {}
    for student in dict.fromkeys(students):
        groups.setdefault(_skeleton(student), []).append(student)
    return [sorted(group) for group in groups.values() if len(group) > 1]


def shown(student: str) -> str:
    """The id, with the code points of letters that look like Latin ones and are not."""
    foreign = [f"U+{ord(c):04X}" for c in student if c.casefold() in _LATIN]
    return f"{student} ({' '.join(foreign)})" if foreign else student


def _skeleton(student: str) -> str:
    plain = unicodedata.normalize("NFKC", student).casefold()
    seen = "".join(c for c in plain if visible(c) == c and not c.isspace())
    return _ZEROS.sub("", seen.translate(_TABLE))
