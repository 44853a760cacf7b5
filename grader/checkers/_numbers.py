"""What a program returned against what is expected: numbers as numpy compares them, shapes strictly.

numpy is imported where it is used: reading a rubric without code must not pay for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.generic]

__all__ = ["difference", "numbers", "show"]

MAX_SHOWN = 12  # entries of an array that a message shows
MAX_TEXT = 60
DIGITS = 4


def numbers(value: Any) -> Array | None:
    """A number, an array or nested lists of them as one array; ``None`` for anything else."""
    import numpy as np

    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value) if value.dtype.kind in "biufc" else None
    if type(value) in (bool, int, float, complex):
        try:
            return np.asarray(value, dtype=float if type(value) is int else None)
        except OverflowError:
            return None
    if isinstance(value, list | tuple):
        parts = [numbers(v) for v in value]
        if any(p is None for p in parts) or len({p.shape for p in parts if p is not None}) > 1:
            return None
        return np.array([p for p in parts if p is not None])
    return None


def difference(
    got: Any,
    want: Any,
    *,
    rel: float,
    absolute: float,
    column: bool,
    names: Sequence[str] = (),
    judged: Sequence[str] = (),
) -> str | None:
    """What is wrong with ``got``: "it gives 1, expected 2"; ``None``: nothing.

    A tuple expected is compared item by item; ``names`` are theirs, ``judged`` those that count (all, if
    none is listed). ``column``: a column, a row or an array of one entry may stand for a list of numbers or
    for a number.
    """
    if not isinstance(want, tuple):
        fault = _one(got, want, rel, absolute, column)
        return None if fault is None else f"it gives {fault}"
    if not isinstance(got, list | tuple) or len(got) != len(want):
        seen = f"{len(got)} values" if isinstance(got, list | tuple) else _kind(got)
        return f"it gives {seen}, expected {len(want)} values ({', '.join(names)})"
    for name, mine, theirs in zip(names, got, want, strict=True):
        if judged and name not in judged:
            continue
        fault = _one(mine, theirs, rel, absolute, column)
        if fault is not None:
            return f"{name} is {fault}"
    return None


def _one(got: Any, want: Any, rel: float, absolute: float, column: bool) -> str | None:
    """ "1, expected 2", or nothing."""
    import numpy as np

    if isinstance(want, str | bool) or want is None:
        return None if type(got) is type(want) and got == want else f"{_kind(got)}, expected {want!r}"
    w = numbers(want)
    g = numbers(got)
    assert w is not None, "the author's values are checked when the rubric is built"
    if g is None:
        return f"{_kind(got)}, expected {_shape(w)}"
    if g.shape != w.shape:
        loose = column and w.ndim <= 1 and g.size == w.size and g.ndim <= 2 and max((*g.shape, 1)) == g.size
        if not loose:
            return f"{_shape(g)}, expected {_shape(w)}"
        g = g.reshape(w.shape)
    with np.errstate(all="ignore"):
        gap = np.abs(g.astype(complex) - w.astype(complex))
        bad = ~(gap <= absolute + rel * np.abs(w.astype(complex)))
    if not bad.any():
        return None
    if w.size <= MAX_SHOWN:
        mine, theirs = _apart(g, w)
        return f"{mine}, expected {theirs}"
    at = tuple(int(i) for i in np.argwhere(bad)[0])
    count = f"{int(bad.sum())} of {w.size} entries differ"
    mine, theirs = _apart(g[at], w[at])
    return f"{mine} at {list(at)}, expected {theirs} ({count})"


def _apart(got: Any, want: Any) -> tuple[str, str]:
    """Both with as many digits as it takes to see a difference."""
    for digits in (DIGITS, 7, 10, 17):
        pair = show(got, digits), show(want, digits)
        if pair[0] != pair[1]:
            break
    return pair


def show(value: Any, digits: int = DIGITS) -> str:
    """A value in a message: rounded, and short."""
    array = numbers(value)
    if array is None:
        return _kind(value)
    if array.size > MAX_SHOWN:
        return _shape(array)
    return _nested(array.tolist(), digits)


def _nested(value: Any, digits: int) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_nested(v, digits) for v in value)}]"
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, complex):
        return f"{value:.{digits}g}"
    return f"{float(value) + 0.0:.{digits}g}"  # + 0.0: no minus before a zero


def _shape(array: Array) -> str:
    if array.ndim == 0:
        return "a number"
    if array.ndim == 1:
        return f"{array.size} {'number' if array.size == 1 else 'numbers'}, shape ({array.size},)"
    return f"an array of shape {array.shape}"


def _kind(value: Any) -> str:
    import numpy as np

    match value:
        case None:
            return "nothing (None)"
        case bool():
            return str(value)
        case str():
            return f"the text {value[:MAX_TEXT]!r}"
        case np.ndarray():
            return _shape(value)
        case list() | tuple():
            return _listed(value)
        case dict():
            return f"a dictionary of {len(value)}"
    return show(value) if numbers(value) is not None else f"a {type(value).__name__}"


def _listed(value: Sequence[Any]) -> str:
    """What a list that is no array holds."""
    if value and all(type(v) is str for v in value):
        return f"a list of {len(value)} texts"
    if value and all(type(v) in (bool, int, float, complex) for v in value):
        return f"a list of {len(value)} numbers, one of them too large"
    if any(isinstance(v, list | tuple) for v in value) and all(numbers(v) is not None for v in value):
        return f"a list of {len(value)} lists of different lengths"
    return f"a list of {len(value)} things that are not all numbers"
