"""One part of an answer that may be structured: ``{"w_1": "…", "L_1": "…"}`` in a JSON file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.errors import MathsFault
from grader.maths.labels import label_key
from grader.model import Answer

__all__ = ["Part", "part_of"]

MAX_NAMES = 12  # of parts in a message
MAX_NAME = 40  # characters of one


@dataclass(frozen=True, slots=True)
class Part:
    """``text`` or ``value`` of the part; ``named`` says that the student named it."""

    text: str = ""
    value: Any = None
    named: bool = False
    missing: bool = False
    message: str = ""


def part_of(answer: Answer, names: Sequence[str]) -> Part:
    """The part called by one of ``names`` (as text or as a label), else the whole answer.

    An object that names other parts only has this one missing.
    """
    value = answer.value
    if not isinstance(value, dict):
        return Part(answer.text if value is None else _text(value), value)
    wanted = {_key(n) for n in names}
    for k, v in value.items():
        if _key(str(k)) in wanted:
            if v is None or v == "":
                return Part(missing=True, message="Nothing was written for this part.")
            return Part(_text(v), None if isinstance(v, str) else v, True)
    if not names:
        return Part(
            "\n\n".join(
                f"{k} = {v}" if isinstance(v, str) else f"{k} = {_text(v)}" for k, v in value.items()
            ),
            value,
        )
    given = ", ".join(str(k)[:MAX_NAME] for k in list(value)[:MAX_NAMES]) or "none"
    given += " …" if len(value) > MAX_NAMES else ""
    return Part(missing=True, message=f"No part named {names[0]!r}; the parts given are {given}.")


def _key(name: str) -> str:
    plain = name.strip().strip("()$ ")
    try:
        return label_key(plain).casefold()
    except (MathsFault, RecursionError):
        return plain.casefold()


def _text(v: Any) -> str:
    if isinstance(v, str):
        return v
    try:
        return json.dumps(v, ensure_ascii=False)
    except (RecursionError, TypeError, ValueError):  # nested too deeply, or more digits than Python prints
        return ""
