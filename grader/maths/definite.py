"""``A ⪰ B``: is A − B positive semidefinite? Tried at small exact points; one that has a negative eigenvalue
refutes it, none at all only supports it.

All eigenvalues of a symmetric matrix are real, so that none is negative exactly where the coefficients of its
characteristic polynomial alternate in sign; no eigenvalue has to be computed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import flint

from grader.maths.worlds import Value

__all__ = ["definite"]


def definite(low: Value, high: Value, *, strict: bool) -> bool | None:
    """Whether ``high − low`` has no negative eigenvalue (``strict``: only positive ones); None where that
    cannot be told, or it is not symmetric."""
    difference = high - low
    rows = difference.nrows()
    if rows != difference.ncols() or not _vanish((difference - difference.transpose()).entries()):
        return None
    coefficients = difference.charpoly().coeffs()
    sure = True
    for k, c in enumerate(coefficients):
        signed = c if (rows - k) % 2 == 0 else -c
        if signed < 0:
            return False
        sure = sure and (not isinstance(c, flint.arb) or bool(signed > 0) or c == 0)
    if strict and not _positive(coefficients[0] if rows % 2 == 0 else -coefficients[0]):
        return False if sure else None
    return True


def _positive(c: Any) -> bool:
    return bool(c > 0)


def _vanish(values: Iterable[Any]) -> bool:
    return all(x.contains(0) if isinstance(x, flint.arb) else x == 0 for x in values)
