"""One part of an answer that may be structured: ``{"w_1": "…", "L_1": "…"}`` in a JSON file."""

from __future__ import annotations

import json
import re
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
    """``text`` or ``value`` of the part; ``named`` says that the student named it; ``beside``: the other
    parts as equations, ``w_1 = …``, because one may use what another defines."""

    text: str = ""
    value: Any = None
    named: bool = False
    missing: bool = False
    message: str = ""
    beside: tuple[str, ...] = ()

    def decimal_comma(self, locale: str) -> bool:
        """Whether 0,5 is a half here; numbers that JSON holds have a point wherever they come from."""
        return locale == "decimal-comma" and not isinstance(self.value, int | float | list)


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
            beside = tuple(f"{n} = {x}" for n, x in value.items() if n != k and _defines(str(n), x))
            return Part(_text(v), None if isinstance(v, str) else v, True, beside=beside)
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


def _defines(name: str, text: Any) -> bool:
    """Whether a part may define a name; "a" and "(b)" are parts of the question."""
    return isinstance(text, str) and not re.fullmatch(r"\W*[a-z]\W*", name) and len(name) <= MAX_NAME


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
