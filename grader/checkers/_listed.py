"""What an author lists beside the expected formula: other forms that count, and wrong ones that occur."""

from __future__ import annotations

import msgspec

__all__ = ["Alternative", "KnownMistake"]


class Alternative(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another form that counts, under a convention that the message states."""

    expected: str
    convention: str
    credit: float = 1.0


class KnownMistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrong answer that occurs: what to say, and what it still earns."""

    answer: str
    feedback: str
    credit: float = 0.0
    id: str = ""
