"""Who handed in what: front matter, or a few labelled lines, at the top of a sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["MAX_ID", "Header", "read_header"]

MAX_ID = 200
MAX_FRONT_MATTER = 60  # lines
MAX_LABELLED = 25  # lines at the top in which "Student: …" is looked for

_STUDENT_KEYS = ("student", "student_id", "student id", "student-id", "studentid", "id")
_ASSIGNMENT_KEYS = ("assignment", "assignment_id", "homework", "sheet")
_FIELD = re.compile(r"[#>*_\s-]{0,8}([A-Za-z][A-Za-z _-]{0,20}?)[*_ ]{0,3}:[*_ ]{0,3}(\S.{0,300})$")


@dataclass(frozen=True, slots=True)
class Header:
    """``length`` is the number of lines that are front matter, not text."""

    student: str | None = None
    assignment: str | None = None
    length: int = 0


def read_header(text: str) -> Header:
    lines = text[:20_000].split("\n")
    start = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[start].strip() == "---":
        for end in range(start + 1, min(len(lines), start + MAX_FRONT_MATTER)):
            if lines[end].strip() in ("---", "..."):
                fields = _fields(lines[start + 1 : end], front_matter=True)
                return Header(_pick(fields, _STUDENT_KEYS), _pick(fields, _ASSIGNMENT_KEYS), end + 1)
    fields = _fields([line for line in lines if line.strip()][:MAX_LABELLED], front_matter=False)
    return Header(_pick(fields, _STUDENT_KEYS[:5]), _pick(fields, _ASSIGNMENT_KEYS[:2]))


def _fields(lines: list[str], *, front_matter: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        if front_matter and line[:1] in " \t":
            continue  # belongs to a nested key
        if match := _FIELD.match(line):
            value = match[2].strip().rstrip("*_ ").strip("\"'").strip()
            found.setdefault(match[1].strip().lower(), value)
    return found


def _pick(fields: dict[str, str], keys: tuple[str, ...]) -> str | None:
    return next((fields[key] for key in keys if 0 < len(fields.get(key, "")) <= MAX_ID), None)
