"""Sample points respect what is declared and separate what differs."""

from __future__ import annotations

import itertools
import random

import flint
import pytest

from grader.errors import RubricError
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.reading import read_text
from grader.maths.sampling import NEAR, VARIANTS, WORLDS, binding, draw, sizes, small_sizes
from grader.maths.scope import Scope

NONE: frozenset[str] = frozenset()


def scope(symbols: dict[str, str], *assume: str) -> Scope:
    return compile_scope(Declarations.make(symbols, assume=assume))


XW = {"X": "matrix n d", "w": "vector d"}


def test_sizes_are_unequal_and_change() -> None:
    found = sizes(scope(XW), random.Random(3), 4)
    assert all(s["n"] != s["d"] and min(s.values()) >= 3 for s in found)
    assert len({s["n"] for s in found}) == 4


@pytest.mark.parametrize("seed", range(20))
def test_sizes_meet_the_assumptions(seed: int) -> None:
    for s in sizes(scope(XW, "d > n"), random.Random(seed), 3):
        assert s["d"] > s["n"]
    for s in small_sizes(scope(XW, "d > n")):
        assert s["d"] > s["n"]


def test_impossible_assumptions_are_the_authors_fault() -> None:
    with pytest.raises(RubricError, match="no sizes satisfy the assumptions on n, d"):
        sizes(scope(XW, "d > n", "n > d"), random.Random(1), 3)


def test_small_sizes_come_first() -> None:
    assert small_sizes(scope(XW))[:3] == [{"n": 1, "d": 1}, {"n": 1, "d": 2}, {"n": 2, "d": 1}]


def test_every_pair_of_signs_occurs_near_and_every_sign_far_out() -> None:
    names = [f"a_{k}" for k in range(7)]
    s = scope(dict.fromkeys(names, "scalar"))
    points = [draw(s, WORLDS["balls"], {}, random.Random(v), NONE, variant=v) for v in range(VARIANTS)]
    signs = [{n: bool(p.values[n] > 0) for n in names} for p in points]
    for a, b in itertools.combinations(names, 2):
        assert len({(row[a], row[b]) for row in signs[:NEAR]}) == 4
    for n in names:
        assert {row[n] for row in signs[NEAR:]} == {True, False}
        assert max(abs(p.values[n]) for p in points[NEAR:]) > 100


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [("scalar > 0", 0, None), ("scalar < 0", None, 0), ("scalar in (0,1)", 0, 1), ("integer > 0", 0, None)],
)
@pytest.mark.parametrize("span", [0, 3])
def test_declared_signs_hold(kind: str, low: int | None, high: int | None, span: int) -> None:
    s = scope({"x": kind})
    for v in range(VARIANTS):
        x = draw(s, WORLDS["balls"], {}, random.Random(v), NONE, span=span, variant=v).values["x"]
        assert low is None or x > low
        assert high is None or x < high


def test_free_sizes_are_whole_numbers_in_the_declared_order() -> None:
    s = scope(XW, "d > n")
    for seed in range(10):
        p = draw(s, WORLDS["balls"], {"n": 3, "d": 4}, random.Random(seed), NONE)
        assert p.values["d"] > p.values["n"] >= 3
        assert p.values["n"].unique_fmpz() is not None


def test_what_ties_a_size_to_its_value() -> None:
    s = scope({**XW, "k": "integer > 0", "x": "scalar"})
    for text, bound in [
        ("n x", NONE),
        (r"\sum_{i=1}^n w_1", {"*", "n"}),
        ("x^k", {"k"}),
        (r"\operatorname{tr}(X X^T)", {"*"}),
        (r"\mathbf{1}_n^T X w", {"*", "n"}),
    ]:
        assert binding(read_text(text, s).node, s) == bound, text


def test_the_values_of_a_point_depend_on_seed_and_name_only() -> None:
    s = scope({"x": "scalar", "z": "scalar"})
    p, q = (draw(s, WORLDS["field"], {}, random.Random(5), NONE) for _ in range(2))
    one = (p.values["x"], p.values["z"])
    two = (q.values["z"], q.values["x"])
    assert one == two[::-1]


@pytest.mark.parametrize("word", ["symmetric", "diagonal", "orthogonal", "positive definite"])
@pytest.mark.parametrize("world", ["field", "rationals"])
def test_structures(word: str, world: str) -> None:
    s = scope({"A": "matrix d d"}, f"A is {word}")
    a = draw(s, WORLDS[world], {"d": 3}, random.Random(4), NONE, span=3).values["A"]
    if word == "orthogonal":
        eye = WORLDS[world].matrix(
            3, 3, [WORLDS[world].scalar(int(i == j)) for i in range(3) for j in range(3)]
        )
        assert a * a.transpose() == eye
    else:
        assert a == a.transpose()
    if word == "positive definite" and world == "rationals":
        assert a.det() > 0
    if word == "diagonal":
        assert all(a[i, j] == 0 for i in range(3) for j in range(3) if i != j)


def test_unit_vectors() -> None:
    u = draw(
        scope({"u": "vector d"}, "u is a unit vector"),
        WORLDS["rationals"],
        {"d": 4},
        random.Random(2),
        NONE,
        span=4,
    )
    v = u.values["u"]
    assert (v.transpose() * v)[0, 0] == flint.fmpq(1)
