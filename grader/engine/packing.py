"""Frozen values as bytes and back, without pickle: what comes back is exactly what went in.

MessagePack with the types of the dataclasses on the way back. Where a field may hold anything (evidence, a
structured answer), only JSON's own types pass, exactly: a tuple would come back as a list.
"""

from __future__ import annotations

import zlib
from typing import Any, TypeVar

import msgspec

from grader.model import Judgement, SubmissionResult

__all__ = ["pack", "plain_json", "unpack"]

T = TypeVar("T")

LEVEL = 1  # of compression: a result has every field's name in it
MAX_DEPTH = 60
_PLAIN = frozenset((str, int, float, bool, type(None)))
_decoders: dict[type[Any], msgspec.msgpack.Decoder[Any]] = {}
_encoder = msgspec.msgpack.Encoder()


def pack(value: Any) -> bytes | None:
    """``None``: it holds something that would not come back as it is, such as half a surrogate pair."""
    if not _exact(value):
        return None
    try:
        data = _encoder.encode(value)
        same = _decoder(type(value)).decode(data) == value
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None
    return zlib.compress(data, LEVEL) if same else None


def unpack(data: bytes, kind: type[T]) -> T | None:
    """``None``: these are no bytes of such a value."""
    try:
        found: T = _decoder(kind).decode(zlib.decompress(data))
    except (zlib.error, ValueError, TypeError, RecursionError, msgspec.MsgspecError):
        return None
    return found


def _decoder(kind: type[Any]) -> msgspec.msgpack.Decoder[Any]:
    if kind not in _decoders:
        _decoders[kind] = msgspec.msgpack.Decoder(kind)
    return _decoders[kind]


def _exact(value: Any) -> bool:
    """Whether what may be anything is of JSON's own types; the encoder sees to the rest."""
    if isinstance(value, SubmissionResult):
        answers = value.submission.answers.values() if value.submission else ()
        return all(not a.ran and plain_json(a.value) for a in answers) and all(
            plain_json(f.evidence) for f in value.findings
        )
    judgement = getattr(value, "judgement", value)
    if isinstance(judgement, Judgement):
        return judgement.carried is None and plain_json(judgement.evidence)
    return True


def plain_json(value: Any, depth: int = 0) -> bool:
    """Whether a value is made of exactly JSON's types, as a parser makes them."""
    kind = type(value)
    if kind in _PLAIN:
        return True
    if depth > MAX_DEPTH:
        return False
    if kind is list:
        return all(plain_json(v, depth + 1) for v in value)
    return kind is dict and all(type(k) is str and plain_json(v, depth + 1) for k, v in value.items())
