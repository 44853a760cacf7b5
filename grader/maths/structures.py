"""Random entries → entries of a matrix with a declared structure, by rational formulas in every world."""

from __future__ import annotations

from grader.errors import RubricError
from grader.maths.worlds import Value, World

__all__ = ["OF_ONE_LENGTH", "structured"]

OF_ONE_LENGTH = frozenset(("unit", "one-hot", "orthogonal", "orthonormal columns"))  # not to be scaled


def structured(world: World, word: str, size: int, entries: list[Value]) -> list[Value]:
    """The entries of a matrix of ``size`` rows: square, a column for ``unit`` and ``one-hot``, with fewer
    columns for ``orthonormal columns``.

    Orthogonal matrices are Cayley transforms (I − S)(I + S)⁻¹ of skew S, half of them with the first
    row turned round, orthonormal columns the first ones
    of one; unit vectors are stereographic projections; positive definite ones are MMᵀ + I.
    """
    zero, one = world.scalar(0), world.scalar(1)
    if word == "orthonormal columns":
        return _columns(world, size, len(entries) // size, entries)
    if word == "one-hot":
        chosen = sum(map(ord, str(entries[0]))) % size
        return [one if i == chosen else zero for i in range(size)]
    at = [entries[i * size : (i + 1) * size] for i in range(size)]
    places = [(i, j) for i in range(size) for j in range(size)]
    if word == "unit":
        square = zero
        for x in entries[1:]:
            square += x * x
        return [(square - one) / (square + one), *(2 * x / (square + one) for x in entries[1:])]
    if word == "symmetric":
        return [at[min(i, j)][max(i, j)] for i, j in places]
    if word == "diagonal":
        return [at[i][j] if i == j else zero for i, j in places]
    identity = world.matrix(size, size, [one if i == j else zero for i, j in places])
    if word == "positive definite":
        m = world.matrix(size, size, entries)
        return list((m * m.transpose() + identity).entries())
    if word == "orthogonal":
        skew = world.matrix(
            size, size, [zero if i == j else at[i][j] if i < j else -at[j][i] for i, j in places]
        )
        turned = list(((identity - skew) * (identity + skew).inv()).entries())
        if sum(map(ord, str(entries[-1]))) % 2:  # a reflection, of determinant −1
            turned[:size] = [-x for x in turned[:size]]
        return turned
    raise RubricError(f"the structure {word!r} is not known")


def _columns(world: World, rows: int, columns: int, entries: list[Value]) -> list[Value]:
    """Orthonormal columns, from a skew matrix whose first columns are the entries."""
    zero, one = world.scalar(0), world.scalar(1)

    def skew(i: int, j: int) -> Value:
        if i == j or min(i, j) >= columns:
            return zero
        return entries[i * columns + j] if i > j else -entries[j * columns + i]

    places = [(i, j) for i in range(rows) for j in range(rows)]
    s = world.matrix(rows, rows, [skew(i, j) for i, j in places])
    identity = world.matrix(rows, rows, [one if i == j else zero for i, j in places])
    q = (identity - s) * (identity + s).inv()
    return [q[i, j] for i in range(rows) for j in range(columns)]
