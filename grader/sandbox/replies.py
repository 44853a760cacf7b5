"""What the process of a student's code may say over its pipe; everything else is nonsense.

The code itself can write there too. So a line is believed only as far as it could do harm to nobody but its
author: every name, number and text is checked, in the order in which the worker speaks.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec

from grader.sandbox.plain import Nonsense

__all__ = ["Answer", "Asked", "Began", "Done", "Failed", "Fault", "Frames", "Refused", "Reply", "Was"]

Index = Annotated[int, msgspec.Meta(ge=0, lt=1_000_000)]
Name = Annotated[str, msgspec.Meta(max_length=80)]
Text = Annotated[str, msgspec.Meta(max_length=400)]
Kind = Literal["raised", "memory", "absent", "no function", "not plain", "language"]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What went wrong inside: the kind, and the names, texts and places that sentences are made of."""

    kind: Kind
    name: Name
    text: Text
    place: Text
    line: Index
    module: Name


class _Tagged(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="e"):
    pass


class Began(_Tagged, frozen=True, tag="cell"):
    i: Index


class Failed(_Tagged, frozen=True, tag="failed"):
    i: Index
    fault: Fault


class Was(_Tagged, frozen=True, tag="ran"):
    i: Index
    printed: str


class Asked(_Tagged, frozen=True, tag="ask"):
    k: Index


class Answer(_Tagged, frozen=True, tag="answer"):
    k: Index
    value: Any
    printed: str


class Refused(_Tagged, frozen=True, tag="fault"):
    """``blame``: the cell that should have given the name a value; -1: none."""

    k: Index
    fault: Fault
    blame: Annotated[int, msgspec.Meta(ge=-1, lt=1_000_000)]
    printed: str


class Done(_Tagged, frozen=True, tag="done"):
    pass


Reply = Began | Failed | Was | Asked | Answer | Refused | Done

_decoder = msgspec.json.Decoder(Reply)


class Frames:
    """Bytes as they come → replies. A frame is its length in four bytes, then JSON."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()

    def feed(self, data: bytes) -> Iterator[Reply]:
        """
        Raises:
            Nonsense: these bytes are not what the worker writes.
        """
        self._bytes += data
        at = 0
        while len(self._bytes) - at >= 4:
            (length,) = struct.unpack_from("<I", self._bytes, at)
            if length > self._limit:
                raise Nonsense("a frame that is too long")
            if len(self._bytes) - at < 4 + length:
                break
            frame = bytes(self._bytes[at + 4 : at + 4 + length])
            at += 4 + length
            try:
                reply: Reply = _decoder.decode(frame)
            except (msgspec.MsgspecError, ValueError, RecursionError) as e:
                raise Nonsense(type(e).__name__) from None
            yield reply
        del self._bytes[:at]
