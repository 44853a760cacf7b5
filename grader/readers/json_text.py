"""JSON as it should be: no duplicate keys, no NaN, bounded depth and numbers, faults with line:column."""

from __future__ import annotations

import json
import math
from typing import Any

from grader.errors import UnreadableFile
from grader.readers.files import safe_text

__all__ = ["MAX_DEPTH", "MAX_DIGITS", "parse_json"]

MAX_DEPTH = 40
MAX_DIGITS = 400

_TOO_DEEP = f"nested more than {MAX_DEPTH} deep"
_FLATTER = "write it flatter; of a notebook clear all outputs"
_ESCAPE_CURE = r'inside JSON every backslash of LaTeX is written twice: "\\eta"'


_TEXT = 'write it as a text in double quotes "…"'


class _Refused(Exception):
    """Valid for Python's parser, not for us; carries the message and the cure."""

    def __init__(self, message: str, cure: str = _TEXT) -> None:
        super().__init__(message)
        self.cure = cure


def parse_json(text: str, *, strict: bool = True) -> Any:
    """The value of ``text``.

    ``strict=False`` is for notebooks, whose stored outputs hold NaN and control characters: these
    pass, and of duplicate keys the last one counts.

    Raises:
        UnreadableFile: with ``place`` as line:column where it is known.
    """
    try:
        value = json.loads(
            text,
            strict=strict,
            parse_int=_integer,
            parse_float=_decimal if strict else float,
            parse_constant=_constant if strict else float,
            object_pairs_hook=_object if strict else None,
        )
    except json.JSONDecodeError as e:
        what, cure = _explained(text, e)
        raise UnreadableFile(f"not valid JSON: {what}", place=f"{e.lineno}:{e.colno}", cure=cure) from e
    except _Refused as e:
        raise UnreadableFile(f"not acceptable JSON: {e}", cure=e.cure) from e
    except RecursionError as e:
        raise UnreadableFile(_TOO_DEEP, cure=_FLATTER) from e
    _limit_depth(value)
    if "\\ud" in text or "\\uD" in text:
        value = _without_surrogates(value)
    return value


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _Refused(f"a number of {len(digits)} digits (at most {MAX_DIGITS})")
    return int(digits)


def _decimal(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _Refused(f"the number {digits[:40]} is too large")
    return value


def _constant(name: str) -> float:
    raise _Refused(f"{name} is not a JSON number", 'write a number, or a text in double quotes "…"')


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Refused(f'the key "{key[:80]}" stands twice in one object', "keep one of the two")
            seen.add(key)
    return found


def _explained(text: str, e: json.JSONDecodeError) -> tuple[str, str]:
    """(what is wrong, what helps); the words do not depend on the version of Python."""
    what = f"{e.msg[:1].lower()}{e.msg[1:]}".removesuffix(" starting at")
    here = text[e.pos : e.pos + 1]
    if "escape" in e.msg:
        return what, _ESCAPE_CURE
    if "control character" in e.msg:
        return what, r"inside JSON a line end in a text is written \n"
    if e.pos >= len(text.rstrip()) or e.msg.startswith("Unterminated string"):
        return what, "the file stops too early; hand in the whole file"
    if e.msg == "Extra data":
        return "something stands behind its end", "one object a file; remove what follows it"
    if here == "'":
        return what, 'JSON puts texts and keys in double quotes "…"'
    if text.startswith(("//", "/*", "#"), e.pos):
        return "a comment", "JSON has no comments; remove them"
    if (here in "]}" and text[: e.pos].rstrip().endswith(",")) or "trailing comma" in e.msg:
        return "a comma before the closing bracket", "remove the comma before the closing bracket"
    if here.isdigit() and text[e.pos - 1 : e.pos] == "0":
        return "a number with a leading zero", 'write an id as a text in double quotes "…"'
    return what, "save the file again with a program that writes JSON"


def _limit_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(v for v in item.values() if isinstance(v, (dict, list)))
            elif isinstance(item, list):
                below.extend(v for v in item if isinstance(v, (dict, list)))
        if not below:
            return
        level = below
    raise UnreadableFile(_TOO_DEEP, cure=_FLATTER)


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, list):
        return [_without_surrogates(v) for v in value]
    if isinstance(value, dict):
        return {safe_text(k): _without_surrogates(v) for k, v in value.items()}
    return value
