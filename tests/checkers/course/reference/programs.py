"""Fixed cases for the kind ``code``, so that whole messages can be compared."""

from __future__ import annotations

from typing import Any

import numpy as np

TOLERANCE = 1e-9


def inputs_scale(rng: Any, case: str) -> tuple[Any, float]:
    """x and a; the size is in the case's name."""
    n = {"one": 1, "two": 2, "long": 20}[case]
    return np.arange(1.0, n + 1), 2.0


def numeric_scale(x: Any, a: float) -> Any:
    return a * x


def naive_scale(x: Any, a: float) -> Any:
    return np.array([a * v for v in x])


def mistake_not_scaled(x: Any, a: float) -> Any:
    return x


def mistake_fails(x: Any, a: float) -> Any:
    raise ValueError("this one has no value")


def mistake_right(x: Any, a: float) -> Any:
    return x + x


def inputs_ends(rng: Any, case: str) -> tuple[Any]:
    return (np.array([3.0, 1.0, 2.0]),)


def numeric_ends(x: Any) -> tuple[float, Any]:
    """The smallest entry, and x sorted."""
    return float(x.min()), np.sort(x)


def naive_ends(x: Any) -> tuple[float, Any]:
    return min(x), np.array(sorted(x))


def inputs_root(rng: Any, case: str) -> tuple[float]:
    return (4.0,)


def numeric_root(c: float) -> float:
    return float(np.sqrt(c))


def holds_root(arguments: tuple[float], value: Any) -> str | None:
    """Any of the two."""
    (c,) = arguments
    return None if abs(value**2 - c) < 1e-6 else f"squares to {float(value**2):.4g}, not to {c:g}"


def inputs_limit(rng: Any, case: str) -> tuple[()]:
    return ()


def numeric_limit() -> Any:
    return np.array([0.5, 0.5])


def naive_limit() -> Any:
    return np.array([0.5, 0.51])


def inputs_random(rng: Any, case: str) -> tuple[Any]:
    return (rng.integers(0, 10**6, size=2).astype(float),)


def numeric_random(x: Any) -> Any:
    return x


def inputs_broken(rng: Any, case: str) -> tuple[Any]:
    raise KeyError(case)


def numeric_broken(x: Any) -> Any:
    return x


def inputs_strange(rng: Any, case: str) -> tuple[Any]:
    return ({1, 2},)


def numeric_strange(x: Any) -> Any:
    return x


def inputs_nan(rng: Any, case: str) -> tuple[Any]:
    return (0.0,)


def numeric_nan(x: Any) -> Any:
    return float("nan")
