"""Random rational least-squares problems, and the distance between two answers."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import sympy as sp

SIZES = ((2, 3), (3, 5), (4, 7), (1, 4), (3, 4))


@dataclass(frozen=True)
class Problem:
    """One problem twice: ``exact`` for the symbolic twin, ``floats`` for the numeric one."""

    exact: dict[str, Any]
    floats: dict[str, Any]

    def of(self, *names: str) -> tuple[dict[str, Any], dict[str, Any]]:
        return {k: self.exact[k] for k in names}, {k: self.floats[k] for k in names}


def _problem(seed: int, n: int, d: int) -> Problem:
    rng = random.Random(seed)

    def entries(rows: int, columns: int) -> Any:
        return sp.Matrix(rows, columns, lambda i, j: sp.Rational(rng.randint(-9, 9), rng.randint(1, 4)))

    exact = {"X": entries(n, d), "w_0": entries(d, 1), "t": entries(n, 1)}
    floats: dict[str, Any] = {name: np.array(value.tolist(), dtype=float) for name, value in exact.items()}
    floats |= {name: floats[name].ravel() for name in ("w_0", "t")}
    exact["eta"] = sp.Rational(rng.randint(1, 9), rng.randint(10, 40))
    return Problem(exact, floats | {"eta": float(exact["eta"])})


@pytest.fixture(params=[(seed, n, d) for seed, (n, d) in enumerate(SIZES)], ids=str)
def problem(request: pytest.FixtureRequest) -> Problem:
    """One of a few problems with d > n."""
    return _problem(*request.param)


@pytest.fixture
def one_problem() -> Problem:
    """A single problem, for what needs no repetition."""
    return _problem(413, 3, 5)


@pytest.fixture(scope="session")
def symbols() -> dict[str, Any]:
    """X (2, 3), w_0, t and eta, every entry a symbol."""
    return {
        "X": sp.Matrix(2, 3, sp.symbols("x:6")),
        "w_0": sp.Matrix(sp.symbols("w:3")),
        "t": sp.Matrix(sp.symbols("t:2")),
        "eta": sp.Symbol("eta"),
    }


@pytest.fixture(scope="session")
def gap() -> Callable[[Any, Any], float]:
    """The largest difference of two answers, relative to the largest entry of the first."""

    def measure(symbolic: Any, numeric: Any) -> float:
        exact = np.array(sp.flatten(symbolic) if hasattr(symbolic, "shape") else [symbolic], dtype=float)
        other = np.ravel(np.asarray(numeric, dtype=float))
        assert exact.shape == other.shape
        return float(np.max(np.abs(exact - other)) / (np.max(np.abs(exact)) or 1.0))

    return measure


@pytest.fixture(scope="session")
def same() -> Callable[[Any, Any], bool]:
    """Whether two exact answers, scalars or matrices, are identical as rational functions."""

    def decide(left: Any, right: Any) -> bool:
        pairs = zip(sp.flatten([left]), sp.flatten([right]), strict=True)
        return all(sp.expand(sp.together(a - b).as_numer_denom()[0]) == 0 for a, b in pairs)

    return decide
