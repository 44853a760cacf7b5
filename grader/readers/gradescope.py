"""``submission_metadata.yml`` of a Gradescope export: which folder is whose.

Ruby writes it, a mapping of submissions with symbols for keys, and with the autograder's whole output in
it. Of YAML only what stands there is read, line by line: the keys of the first level, ``:submitters:`` right
below them, and ``:sid:`` and ``:email:`` of each; whatever lies deeper is passed over unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import UnreadableFile, UsageFault
from grader.readers.files import decode, read_bytes

__all__ = ["METADATA", "Handed", "read_metadata"]

METADATA = "submission_metadata.yml"
MAX_BYTES = 200_000_000  # it holds what every autograder printed
MAX_SUBMISSIONS = 50_000
MAX_MEMBERS = 100  # of one group
MAX_VALUE = 200  # characters

_KEY = re.compile(r"(?P<key>'(?:[^']|'')+'|\"[^\"\\]+\"|[^\s#'\":\-\[\]{}&*!|>%@`][^:]*):\s*")
_FIELD = re.compile(r":?(?P<name>[A-Za-z_]+):(?:\s+(?P<value>.*))?")
_EMPTY = frozenset(("", "~", "null", "''", '""'))
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([\"\\/ ]))")
_CURE = "export the submissions from Gradescope again and leave the file as it is"


@dataclass(slots=True)
class Handed:
    """One submission: its folder or file, and the members who handed it in: SID, else e-mail, else empty."""

    name: str
    members: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Line:
    number: int
    indent: int
    text: str


def read_metadata(path: Path, source: str) -> list[Handed] | None:
    """The submissions in the file's order; None: this file is no Gradescope export's.

    Raises:
        UsageFault: it is one, but damaged.
    """
    try:
        text = decode(read_bytes(path, MAX_BYTES))
    except UnreadableFile as e:
        raise UsageFault(f"{source}: {e.message}; {_CURE}") from e
    if ":submitters:" not in text:
        return None
    found: dict[str, Handed] = {}
    inside: int | None = None  # how far the keys of a submission are indented
    listed: int | None = None  # the same of its list of submitters, while we are in it
    person: dict[str, str] = {}
    item = 0  # how far the keys of one submitter are indented
    for line in _lines(text):
        if line.indent == 0 and not line.text.startswith("- "):
            match = _KEY.fullmatch(line.text)
            if match is None:
                raise _broken(source, line, "expected a submission's name and a colon")
            name = _scalar(match["key"], source, line)
            if name in found:
                raise _broken(source, line, f"{name} stands there twice")
            if len(found) >= MAX_SUBMISSIONS:
                raise _broken(source, line, f"more than {MAX_SUBMISSIONS:,} submissions")
            found[name] = Handed(name)
            inside, listed = None, None
            continue
        if not found:
            raise _broken(source, line, "expected a submission's name and a colon")
        now = found[next(reversed(found))]
        inside = line.indent if inside is None else inside
        if line.indent < inside:
            raise _broken(source, line, f"indented by {line.indent}, expected at least {inside}")
        dash = line.text == "-" or line.text.startswith("- ")
        if listed is not None and dash and (line.indent == listed or (not now.members and not person)):
            listed = line.indent
            if len(now.members) >= MAX_MEMBERS:
                raise _broken(source, line, f"more than {MAX_MEMBERS} submitters")
            person = {}
            now.members.append("")
            rest = line.text[1:].lstrip()
            item = line.indent + len(line.text) - len(rest)
            _field(rest, person, source, line)
        elif line.indent == inside and not dash:
            starts = re.fullmatch(r":?submitters:\s*(?:\[\])?\s*", line.text)
            listed = line.indent if starts else None
            person = {}
            continue
        elif listed is not None and now.members and line.indent == item:
            _field(line.text, person, source, line)
        else:
            continue
        now.members[-1] = person.get("sid") or person.get("email") or ""
    return list(found.values())


def _lines(text: str) -> Iterator[_Line]:
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.strip()
        if not bare or bare.startswith("#") or line in ("---", "..."):
            continue
        yield _Line(number, len(line) - len(line.lstrip(" ")), bare)


def _field(text: str, person: dict[str, str], source: str, line: _Line) -> None:
    match = _FIELD.fullmatch(text)
    if match and match["name"] in ("sid", "email"):
        person[match["name"]] = _scalar((match["value"] or "").strip(), source, line)


def _scalar(text: str, source: str, line: _Line) -> str:
    """A plain or quoted text on one line."""
    if text in _EMPTY:
        return ""
    value: str | None = None
    if text[0] == "'":
        if len(text) > 1 and text[-1] == "'" and "'" not in text[1:-1].replace("''", ""):
            value = text[1:-1].replace("''", "'")
    elif text[0] == '"':
        inside = text[1:-1]
        if len(text) > 1 and text[-1] == '"' and not re.search(r'[\\"]', _ESCAPE.sub("", inside)):
            value = _ESCAPE.sub(lambda m: m[3] or chr(int(m[1] or m[2], 16)), inside)
    elif text[0] not in "&*!|>[{%@`#":
        value = text.split(" #", 1)[0].strip()
    if value is None or len(value) > MAX_VALUE or not value.isprintable():
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        raise _broken(source, line, f"{shown} is no text on one line of at most {MAX_VALUE} characters")
    return value


def _broken(source: str, line: _Line, why: str) -> UsageFault:
    return UsageFault(f"{source}:{line.number}: {why}; {_CURE}")
