"""Any value as plain JSON: what goes into evidence must survive pickling, JSON and a reload."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from fractions import Fraction
from typing import Any

__all__ = ["plain"]

MAX_DEPTH = 12
MAX_ITEMS = 1_000
MAX_TEXT = 20_000


def plain(value: Any, depth: int = 0) -> Any:
    """``value`` in JSON's own types; what JSON lacks (fractions, infinities, objects) becomes text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = str(value)
        return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"
    if isinstance(value, int):
        return int(value) if abs(value) < 2**53 else str(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, Fraction):
        return str(value)
    if depth >= MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        return {str(k): plain(v, depth + 1) for k, v in list(value.items())[:MAX_ITEMS]}
    if isinstance(value, Set):
        return sorted((plain(v, depth + 1) for v in value), key=str)[:MAX_ITEMS]
    if isinstance(value, Sequence):
        return [plain(v, depth + 1) for v in list(value)[:MAX_ITEMS]]
    return str(value)
