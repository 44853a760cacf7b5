"""Random exact values for a question's symbols: sizes that fit together, signs as declared.

The same seed gives the same points, so that ``grade verify`` says the same thing twice.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.sampling import sizes
from grader.maths.scope import Scope

__all__ = ["Point", "sample_points", "vector_names"]

Point = dict[str, Any]
"""Name → ``Fraction``, ``int`` (sizes and integers), or rows of ``Fraction`` (a vector has one column)."""


def sample_points(declarations: Declarations, count: int, seed: str) -> list[Point]:
    """``count`` values for every symbol that can have one (functions have none).

    Raises:
        RubricError: the declarations are not valid, or no sizes meet the assumptions.
    """
    scope = compile_scope(declarations)
    rng = random.Random(seed)
    return [_point(scope, dims, rng) for dims in sizes(scope, rng, count)]


def vector_names(declarations: Declarations) -> frozenset[str]:
    """The symbols that a numeric reference gets as one-dimensional arrays."""
    scope = compile_scope(declarations)
    return frozenset(scope.original.get(n, n) for n, k in scope.kinds.items() if k.sort == "vector")


def _point(scope: Scope, dims: dict[str, int], rng: random.Random) -> Point:
    point: Point = {}
    for name, kind in scope.kinds.items():
        if name in scope.define or kind.sort == "function":
            continue
        declared = scope.original.get(name, name)
        if kind.sort == "dim":
            point[declared] = dims[name]
        elif kind.sort == "integer":
            point[declared] = -rng.randint(1, 6) if kind.sign.startswith("<") else rng.randint(1, 6)
        elif kind.shape is None:
            point[declared] = _scalar(kind.sign, rng)
        else:
            rows, columns = (dims[d] if isinstance(d, str) else int(d) for d in kind.shape)
            point[declared] = [[_scalar("", rng) for _ in range(columns)] for _ in range(rows)]
    return point


def _scalar(sign: str, rng: random.Random) -> Fraction:
    """Small and never 0: a person can follow it, and nothing vanishes by chance."""
    size = Fraction(rng.randint(1, 7), rng.choice((1, 2, 3)))
    if sign == "in (0,1)":
        return Fraction(rng.randint(1, 8), 9)
    if sign.startswith("<"):
        return -size
    return size if sign.startswith(">") or rng.random() < 0.5 else -size
