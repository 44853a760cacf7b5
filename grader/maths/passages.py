"""A passage of an answer: what stands between words that a rubric names ("Point A … Point B").

It is for answers that say several things about several subjects in one text, where only the words around a
statement tell which subject it belongs to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Passage"]

MAX_TEXT = 20_000  # characters that are searched


@dataclass(frozen=True, slots=True)
class Passage:
    """What stands behind the first match of ``after``, up to the next match of ``before``; either may be
    absent. ``or_all``: where these words are missing, or the passage decides nothing, the whole answer is
    judged."""

    after: re.Pattern[str] | None = None
    before: re.Pattern[str] | None = None
    or_all: bool = False

    def cut(self, text: str) -> str | None:
        """The passage; ``None`` where its words are not found."""
        start, end, found = 0, len(text), False
        if self.after is not None:
            m = self.after.search(text, 0, MAX_TEXT)
            if m is None:
                return text if self.or_all else None
            start, found = m.end(), True
        if self.before is not None:
            m = self.before.search(text, start, MAX_TEXT)
            if m is not None:
                end, found = m.start(), True
        return text[start:end] if found or self.or_all else None
