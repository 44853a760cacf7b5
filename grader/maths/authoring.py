"""What every kind of criterion asks of an author's values; the faults say the key, the value and the cure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from grader.errors import MathsFault, RubricError, ShapeFault
from grader.maths.claims import left_keys
from grader.maths.compare import Problem, Tolerance, problem
from grader.maths.declare import Declarations
from grader.maths.known import known_mistake
from grader.maths.labels import listed_keys

__all__ = [
    "check_credit",
    "check_source",
    "compiled_formula",
    "compiled_keys",
    "compiled_labels",
    "compiled_mistake",
    "compiled_pattern",
    "compiled_tolerance",
    "exact_value",
    "optional_pattern",
]


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


def optional_pattern(text: str, key: str) -> re.Pattern[str] | None:
    """As ``compiled_pattern``; None for an empty text."""
    return compiled_pattern(text, key) if text else None


def compiled_tolerance(tolerance: Mapping[str, float]) -> Tolerance | None:
    """``{rel = 1e-3}``; None for an empty one.

    Raises:
        RubricError: another key, or no positive number.
    """
    for name, value in tolerance.items():
        if name not in ("rel", "abs"):
            raise RubricError(f"`tolerance` has the key {name!r}; the keys are rel, abs")
        if not 0 < value < math.inf:
            raise RubricError(f"`tolerance.{name}` is {value:g}; write a positive number such as 1e-3")
    return Tolerance(**tolerance) if tolerance else None


def check_source(criterion: str, ids: Sequence[str]) -> None:
    """A criterion whose result a later one builds on: of this question, or ``question/criterion``.

    Raises:
        RubricError: there is none in this question.
    """
    if "/" not in criterion and criterion not in ids:
        raise RubricError(f"`follow.criterion` is {criterion!r}; the criteria here are {', '.join(ids)}")


def compiled_formula(
    declarations: Declarations,
    text: str,
    key: str,
    tolerance: Tolerance | None = None,
    accept_transpose: bool = False,
) -> Problem:
    """An expected formula, with its sample points drawn.

    Raises:
        RubricError: it cannot be read, or has no value under the assumptions.
    """
    try:
        p = problem(declarations, text, tolerance, accept_transpose)
        p.sampled()
    except RubricError as e:
        raise RubricError(f"`{key}`: {e}") from e
    return p


def compiled_mistake(
    declarations: Declarations, text: str, key: str, tolerance: Tolerance | None = None
) -> Problem:
    """A wrong answer the author lists; it needs no value under the assumptions.

    Raises:
        RubricError: it cannot be read.
    """
    try:
        return known_mistake(declarations, text, tolerance)
    except RubricError as e:
        said = str(e).replace("the expected answer", "the wrong answer")
        if isinstance(e.__cause__, ShapeFault):
            said += " (shapes that do not fit are found wrong without being listed: leave it out)"
        raise RubricError(f"`{key}`: {said}") from e


def compiled_labels(texts: list[str], key: str) -> frozenset[str]:
    """Labels as keys.

    Raises:
        RubricError: one cannot be read.
    """
    out: set[str] = set()
    for text in texts:
        try:
            out |= listed_keys(text)
        except MathsFault as fault:
            raise RubricError(f"`{key}` holds {text!r}, which cannot be read: {fault.clause}") from fault
    return frozenset(out)


def compiled_keys(
    labels: Sequence[str], all_options: Iterable[Mapping[str, Any]], key: str = "labels"
) -> tuple[frozenset[str], frozenset[str]]:
    """A criterion's labels, which may be more than names, and those of the question's other criteria.

    Raises:
        RubricError: one cannot be read.
    """
    own = _keys(labels, key)
    others: set[str] = set()
    for options in all_options:
        given = options.get("labels", [])
        others |= _keys([t for t in given if isinstance(t, str)] if isinstance(given, list) else [], "labels")
    return own, frozenset(others - own)


def _keys(texts: Sequence[str], key: str) -> frozenset[str]:
    out: set[str] = set()
    for text in texts:
        try:
            out |= left_keys(text)
        except MathsFault as fault:
            raise RubricError(f"`{key}` holds {text!r}, which cannot be read: {fault.clause}") from fault
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
