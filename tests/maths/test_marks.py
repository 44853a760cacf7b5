"""Looking numbers up by nearness: nothing that may be equal is missed."""

from __future__ import annotations

from fractions import Fraction

import flint
from hypothesis import given
from hypothesis import strategies as st

from grader.maths.marks import Marks
from grader.maths.worlds import PRIME

NUMBERS = st.fractions(-50, 50, max_denominator=30)
WIDTHS = st.sampled_from([0.0, 1e-30, 1e-13, 1e-6, 0.5, 100.0])


def ball(x: Fraction, width: float) -> flint.arb:
    return flint.arb(flint.arb(flint.fmpq(x.numerator, x.denominator)).mid(), width)


@given(st.lists(st.tuples(NUMBERS, WIDTHS)), NUMBERS, WIDTHS)
def test_every_ball_that_overlaps_is_found(
    stored: list[tuple[Fraction, float]], x: Fraction, w: float
) -> None:
    marks = Marks()
    balls = [ball(y, v) for y, v in stored]
    for k, b in enumerate(balls):
        marks.add(b, k)
    sought = ball(x, w)
    found = marks.near(sought)
    assert found == sorted(found)
    assert {k for k, b in enumerate(balls) if b.overlaps(sought)} <= set(found)


def test_tight_balls_that_lie_apart_are_not_found() -> None:
    marks = Marks()
    for k in range(1, 20):
        marks.add(flint.arb(k).sqrt(), k)
    assert marks.near(flint.arb(7).sqrt()) == [7]
    assert marks.near(-flint.arb(7).sqrt()) == []


def test_what_is_not_finite_may_be_anything() -> None:
    marks = Marks()
    marks.add(flint.arb(1), 0)
    marks.add(flint.arb("nan"), 1)
    marks.add(flint.arb(10) ** 1000, 2)
    assert marks.near(flint.arb("inf")) == [0, 1, 2]
    assert marks.near(flint.arb(1)) == [0, 1, 2]
    assert marks.near(flint.arb(2)) == [1, 2]


def test_field_elements_are_found_exactly() -> None:
    marks = Marks()
    for k, v in enumerate((5, 7, 5)):
        marks.add(flint.nmod(v, PRIME), k)
    assert marks.near(flint.nmod(5 + PRIME, PRIME)) == [0, 2]
    assert marks.near(flint.nmod(6, PRIME)) == []
