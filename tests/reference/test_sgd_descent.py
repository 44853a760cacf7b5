"""SGD may raise the sum: exact changes, where it does, and the trial of a student's values."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from reference import sgd_descent

BIG = "1000001"


def test_changes_in_symbols() -> None:
    w, eta = sp.symbols("w eta")
    first, second = sgd_descent.symbolic_change_1(w, eta), sgd_descent.symbolic_change_2(w, eta)
    assert sp.expand(first - eta * (w - 2) * (eta * (w - 2) - 2 * w + 1)) == 0
    assert sp.expand(second - eta * (w + 1) * (eta * (w + 1) - 2 * w + 1)) == 0


@pytest.mark.parametrize("term", [1, 2])
@pytest.mark.parametrize(
    ("w", "eta"),
    [(Fraction(1, 2), Fraction(1, 10)), (Fraction(-3), Fraction(7, 5)), (Fraction(9, 4), Fraction(2))],
)
def test_twins_agree(term: int, w: Fraction, eta: Fraction) -> None:
    exact = getattr(sgd_descent, f"symbolic_change_{term}")(sp.Rational(w), sp.Rational(eta))
    measured = getattr(sgd_descent, f"numeric_change_{term}")(float(w), float(eta))
    assert measured == pytest.approx(float(exact))


def test_where_a_step_raises_the_sum_for_every_small_rate() -> None:
    half = sp.Rational(1, 2)
    assert sgd_descent.symbolic_rising_set(1) == sp.Interval.Ropen(half, 2)
    assert sgd_descent.symbolic_rising_set(2) == sp.Interval.Lopen(-1, half)
    assert sgd_descent.symbolic_guaranteed() is sgd_descent.numeric_guaranteed() is False


@pytest.mark.parametrize("term", [1, 2])
def test_the_trial_without_a_rate_is_the_set(term: int) -> None:
    members = sgd_descent.symbolic_rising_set(term)
    for w in [Fraction(k, 200) for k in range(-700, 701)]:
        trial = sgd_descent.witness_not_descending(w, term)
        assert all(met for met, _ in trial.values()) == bool(members.contains(sp.Rational(w)))


@pytest.mark.parametrize("term", [1, 2])
def test_the_trial_with_a_rate_is_what_a_step_does(term: int) -> None:
    rng = np.random.default_rng(term)
    for _ in range(300):
        w, eta = float(rng.uniform(-4, 4)), float(rng.uniform(0.01, 3))
        trial = sgd_descent.witness_not_descending(w, term, eta)
        change = getattr(sgd_descent, f"numeric_change_{term}")(w, eta)
        assert trial["f rises"][0] == (change > 0)
        assert trial["the sampled term falls"][0] == (eta < 2)


def test_a_good_witness_says_what_it_saw() -> None:
    assert sgd_descent.witness_not_descending("1/2", 1, "1/10") == {
        "the learning rate is positive": (True, "eta = 1/10"),
        "the sampled term falls": (True, "9/8 → 729/800"),
        "f rises": (True, "9/4 → 909/400"),
    }


def test_the_common_bad_witness() -> None:
    """w = 0 with term 1 works for large rates only."""
    small = sgd_descent.witness_not_descending(0, 1)
    assert small["f rises for every small learning rate"] == (False, "f changes by -2 eta + 4 eta²")
    assert not sgd_descent.witness_not_descending(0, 1, 0.25)["f rises"][0]
    assert not sgd_descent.witness_not_descending(0, 1, 0.5)["f rises"][0]
    assert sgd_descent.witness_not_descending(0, 1, 0.75)["f rises"][0]


@pytest.mark.parametrize("w", [2, -1])
def test_a_step_that_does_not_move_is_no_witness(w: int) -> None:
    term = {2: 1, -1: 2}[w]
    assert not all(met for met, _ in sgd_descent.witness_not_descending(w, term).values())
    assert not sgd_descent.witness_not_descending(w, term, 0.1)["f rises"][0]


def test_a_rate_that_is_not_positive_is_no_witness() -> None:
    trial = sgd_descent.witness_not_descending(3, 1, -0.1)
    assert trial["the learning rate is positive"] == (False, "eta = -1/10")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (("x", 1), "w is 'x'; a number is needed"),
        ((float("nan"), 1), "w is nan; a number is needed"),
        ((float("inf"), 1), "w is inf; a number is needed"),
        ((None, 1), "w is None; a number is needed"),
        ((1, 3), "there is no term 3: one of 1, 2"),
        ((1, 1, "1/0"), "eta is '1/0'; a number is needed"),
        ((BIG, 1), r"w is 1e\+06, too large or too small for a counterexample here"),
    ],
)
def test_values_that_are_none(values: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        sgd_descent.witness_not_descending(*values)


def test_no_such_term() -> None:
    with pytest.raises(ValueError, match=r"^there is no term 3: one of 1, 2$"):
        sgd_descent.symbolic_rising_set(3)
