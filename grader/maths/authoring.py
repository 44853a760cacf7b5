"""What every kind of criterion asks of an author's values; the faults say the key, the value and the cure."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from grader.errors import MathsFault, RubricError
from grader.maths.labels import label_key

__all__ = ["check_credit", "compiled_labels", "compiled_pattern", "exact_value"]


def check_credit(credit: float, key: str) -> None:
    """A share of a criterion's points.

    Raises:
        RubricError: it is not between 0 and 1.
    """
    if not 0 <= credit <= 1:
        raise RubricError(f"`{key}` is {credit:g}; a credit is a share of the points, from 0 to 1")


def compiled_pattern(text: str, key: str) -> re.Pattern[str]:
    """A regular expression, case ignored.

    Raises:
        RubricError: it is not valid.
    """
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as e:
        raise RubricError(f"`{key}` holds {text!r}, which is not a regular expression: {e}") from e


def compiled_labels(texts: list[str], key: str) -> frozenset[str]:
    """Labels as keys.

    Raises:
        RubricError: one cannot be read.
    """
    out = set()
    for text in texts:
        try:
            out.add(label_key(text))
        except MathsFault as fault:
            raise RubricError(f"`{key}` holds {text!r}, which cannot be read: {fault.message}") from fault
    return frozenset(out)


def exact_value(value: int | float | str, key: str) -> Fraction:
    """A number as it was written: 0.1 is one tenth, "2/5" two fifths, "1,792" a thousand and more.

    Raises:
        RubricError: it is not a finite number.
    """
    try:
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError
        return Fraction(str(value).replace(",", ""))
    except (ValueError, ZeroDivisionError) as e:
        raise RubricError(f"`{key}` is {value!r}; write a number, such as 12 or '2/5'") from e
