"""Points at which a vector is a singular vector of a matrix: ``X X^T u = λ u`` is solved by no one symbol.

Of any X, u is made a singular vector: X is projected off u on one side and off a w on the other, and u wᵀ is
added. What is left of the equation is affine in λ.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import flint

from grader.errors import MathsFault
from grader.maths.affine import response
from grader.maths.evaluate import Budget, Point, entries_of, evaluate
from grader.maths.sampling import WORLDS, draw, sizes
from grader.maths.scope import Scope, underlying
from grader.maths.tree import Node

__all__ = ["singular_points"]

POINTS = 3
DRAWS = 8
SPAN = 5
STEPS = 300_000


def singular_points(
    conditions: list[tuple[Node, Scope]], scope: Scope
) -> Iterator[tuple[Point, tuple[str, ...]]]:
    """Points at which every condition vanishes, with the symbols that were moved for it."""
    first, own = conditions[0]
    names = [n for n in underlying(first, own) if n in scope.kinds and n not in scope.define]
    kinds = scope.kinds
    scalars = [n for n in names if kinds[n].sort == "scalar"]
    vectors = [n for n in names if kinds[n].sort == "vector"]
    matrices = [n for n in names if kinds[n].sort == "matrix"]
    fixed = {name for name, _ in scope.assumptions.structure}
    choices = [
        (x, u, c)
        for x in matrices
        for u in vectors
        for c in scalars
        if x not in fixed and (kinds[u].shape or ("",))[0] in (kinds[x].shape or ())
    ]
    rng = random.Random(f"singular {first!r}")
    budget = Budget(STEPS)
    for x, u, c in choices[:4]:
        made = 0
        for dims in sizes(scope, rng, DRAWS // 2) * 2:
            point = draw(scope, WORLDS["rationals"], dims, rng, frozenset("*"), span=SPAN)
            try:
                moved = _solved(conditions, _with_singular(point, x, u, scope), c, budget)
            except (MathsFault, ZeroDivisionError):
                continue
            if moved is not None:
                yield moved, (x, c)
                made += 1
            if made == POINTS:
                break


def _with_singular(point: Point, x: str, u: str, scope: Scope) -> Point:
    matrix, vector = point.values[x], point.values[u]
    shape, own = scope.kinds[x].shape, scope.kinds[u].shape
    assert shape is not None
    assert own is not None
    left = own[0] == shape[0]
    m = matrix if left else matrix.transpose()
    w = m.transpose() * vector
    made = _off(vector) * m * _off(w) + vector * w.transpose()
    return point.moved({x: made if left else made.transpose()})


def _off(v: flint.fmpq_mat) -> flint.fmpq_mat:
    """The projection off a vector; zero vectors raise ZeroDivisionError."""
    n = v.nrows()
    square = (v.transpose() * v)[0, 0]
    identity = flint.fmpq_mat(n, n, [flint.fmpq(int(i == j)) for i in range(n) for j in range(n)])
    return identity - v * v.transpose() * (1 / square)


def _solved(conditions: list[tuple[Node, Scope]], point: Point, name: str, budget: Budget) -> Point | None:
    found = response([conditions[0]], [name], point, budget)
    if found is None:
        return None
    base, columns = found
    slope = next((k for k, v in enumerate(columns[0]) if v != 0), -1)
    if slope < 0:
        return None
    moved = point.moved({name: -base[slope] / columns[0][slope]})
    for node, own in conditions:
        if any(v != 0 for v in entries_of(evaluate(node, moved.under(own), budget))):
            return None
    return moved
