"""A student's own values, tried by a trusted function of the course's references."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.errors import ReferenceFault, RubricError
from grader.maths.arrays import Rows

__all__ = ["Met", "check_parameters", "plain_value", "try_values"]

MAX_REQUIREMENTS = 40
MAX_SEEN = 200  # characters of a value that is shown


@dataclass(frozen=True, slots=True)
class Met:
    """One requirement, whether the values meet it, and what was seen."""

    requirement: str
    met: bool
    seen: str

    @property
    def in_words(self) -> str:
        return f"{self.requirement} ({self.seen})" if self.seen else self.requirement


def check_parameters(function: Callable[..., Any], names: Sequence[str], run: str) -> None:
    """The names are the function's parameters.

    Raises:
        RubricError: one is not, or a parameter without a default has no value.
    """
    parameters = inspect.signature(function).parameters
    for n in names:
        if n not in parameters:
            raise RubricError(
                f"`run` = {run!r}: the function has no parameter {n!r}; it has {', '.join(parameters)}"
            )
    for p in parameters.values():
        if p.default is p.empty and p.name not in names and p.kind is not p.VAR_KEYWORD:
            raise RubricError(f"`run` = {run!r}: the parameter {p.name!r} of the function gets no value")


def plain_value(rows: Rows, sort: str) -> Any:
    """A float, or an array of one or two axes.

    Raises:
        OverflowError: a number is too large for floating point.
    """
    import numpy as np

    if sort == "scalar":
        return float(rows[0][0])
    array = np.array([[float(x) for x in row] for row in rows], dtype=np.float64)
    return array.ravel() if sort == "vector" else array


def try_values(function: Callable[..., Any], values: Mapping[str, Any], run: str) -> list[Met]:
    """What the function says of the values. ``ValueError`` is its word for values that cannot be tried.

    Raises:
        ValueError: the function refuses the values.
        ReferenceFault: it fails, or returns something else than requirement → (met, value seen).
    """
    try:
        found = function(**values)
    except ValueError:
        raise
    except Exception as e:
        raise ReferenceFault(
            f"{run}: the function fails: {type(e).__name__}: {' '.join(str(e).split())[:200]}"
        ) from e
    if not isinstance(found, Mapping) or not 0 < len(found) <= MAX_REQUIREMENTS:
        raise ReferenceFault(f"{run}: the function returns {_short(found)}; {_SHAPE}")
    out = []
    for requirement, verdict in found.items():
        if not isinstance(verdict, tuple) or len(verdict) != 2 or not _is_bool(verdict[0]):
            raise ReferenceFault(
                f"{run}: the function returns {_short(verdict)} for {requirement!r}; {_SHAPE}"
            )
        out.append(Met(str(requirement), bool(verdict[0]), _seen(verdict[1])))
    return out


_SHAPE = "it has to return a dictionary: requirement in words → (met or not, value seen)"


def _is_bool(value: Any) -> bool:
    import numpy as np

    return isinstance(value, bool | np.bool_)


def _seen(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else " ".join(str(value).split())[:MAX_SEEN]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:80] + "…"


def as_number(rows: Rows | None) -> Fraction | None:
    """The one number of a scalar."""
    return rows[0][0] if rows is not None and len(rows) == len(rows[0]) == 1 else None
