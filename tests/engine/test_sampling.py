"""Random exact values that respect what the author declared."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.engine.sampling import sample_points, vector_names
from grader.errors import RubricError
from grader.maths.declare import Declarations

EVERY_KIND = Declarations.make(
    {
        "X": "matrix n d",
        "w_0": "vector d",
        "B": "matrix 2 3",
        "n": "dim",
        "eta": "scalar > 0",
        "c": "scalar < 0",
        "p": "scalar in (0, 1)",
        "s": "scalar",
        "t": "integer > 0",
        "f": "function scalar->scalar",
    },
    define={"a": "X w_0"},
    assume=["d > n"],
)


def test_every_kind_has_its_values() -> None:
    points = sample_points(EVERY_KIND, 20, "seed")
    assert len(points) == 20
    for point in points:
        n, d = point["n"], point["d"]
        assert 2 <= n < d
        assert [len(row) for row in point["X"]] == [d] * n
        assert [len(row) for row in point["w_0"]] == [1] * d
        assert [len(row) for row in point["B"]] == [3, 3]
        assert all(isinstance(x, Fraction) and x for row in point["X"] for x in row)
        assert point["eta"] > 0 > point["c"]
        assert 0 < point["p"] < 1
        assert isinstance(point["s"], Fraction)
        assert isinstance(point["t"], int)
        assert point["t"] > 0
        assert not {"f", "a"} & point.keys()


def test_the_seed_decides() -> None:
    assert sample_points(EVERY_KIND, 3, "one") == sample_points(EVERY_KIND, 3, "one")
    assert sample_points(EVERY_KIND, 3, "one") != sample_points(EVERY_KIND, 3, "two")


def test_nothing_declared() -> None:
    assert sample_points(Declarations(), 2, "seed") == [{}, {}]


def test_vectors_are_told_from_matrices() -> None:
    assert vector_names(EVERY_KIND) == {"w_0"}


def test_sizes_that_cannot_be() -> None:
    impossible = Declarations.make({"X": "matrix n d"}, assume=["d > n", "n > d"])
    with pytest.raises(RubricError):
        sample_points(impossible, 1, "seed")
