"""Files that could not be read, those with one reason together: thirty broken uploads are one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.model import Status, SubmissionResult
from grader.reports.answers import Link

__all__ = ["Unreadable", "unreadable"]

_PLACE = re.compile(r"(?P<place>[0-9]+(?::[0-9]+)?): (?P<message>.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One reason; ``files``: whose, and which file, with the place in it."""

    message: str
    cure: str
    files: tuple[tuple[Link, str], ...]


def unreadable(results: Sequence[SubmissionResult], links: Sequence[Link]) -> tuple[Unreadable, ...]:
    """In the order of the class; the reason that most files share first."""
    groups: dict[tuple[str, str], list[tuple[Link, str]]] = {}
    for result, link in zip(results, links, strict=True):
        if result.status is Status.UNREADABLE:
            m = _PLACE.fullmatch(result.message)
            message = m["message"] if m else result.message
            source = f"{result.source}:{m['place']}" if m else result.source
            groups.setdefault((_sentence(message), _sentence(result.cure)), []).append((link, source))
    found = sorted(groups.items(), key=lambda item: -len(item[1]))
    return tuple(Unreadable(message, cure, tuple(files)) for (message, cure), files in found)


def _sentence(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")
