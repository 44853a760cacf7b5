"""Polynomial fits with fewer, as many and more weights than samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import polynomial_fit

SAMPLES = [-2, -1, 0, 1, 3]
LABELS = [1, 4, -2, 0, 5]
DEGREES = [0, 2, 3, 4, 5, 7]  # five samples: d + 1 below, at and above them


@pytest.mark.parametrize("d", DEGREES)
def test_twins_and_lstsq_agree(d: int, gap: Callable[[Any, Any], float]) -> None:
    derived = polynomial_fit.symbolic_fit_poly(sp.Matrix(SAMPLES), sp.Integer(d), sp.Matrix(LABELS))
    run = polynomial_fit.numeric_fit_poly(SAMPLES, d, LABELS)
    assert run.shape == (d + 1,)
    assert gap(derived, run) < polynomial_fit.TOLERANCE
    features = np.vander(np.array(SAMPLES, dtype=float), d + 1, increasing=True)
    assert gap(derived, np.linalg.lstsq(features, np.array(LABELS, dtype=float), rcond=None)[0]) < 1e-6


@pytest.mark.parametrize("d", DEGREES)
def test_both_closed_forms_are_the_pseudoinverse(d: int) -> None:
    A = sp.Matrix(5, d + 1, lambda i, j: SAMPLES[i] ** j)
    t = sp.Matrix(LABELS)
    closed = (A.T * A).inv() * A.T * t if d + 1 <= 5 else A.T * (A * A.T).inv() * t
    assert polynomial_fit.symbolic_fit_poly(sp.Matrix(SAMPLES), d, t) == closed


@pytest.mark.parametrize("d", [4, 5, 7])
def test_from_the_threshold_on_the_fit_interpolates(d: int) -> None:
    w = polynomial_fit.symbolic_fit_poly(sp.Matrix(SAMPLES), d, sp.Matrix(LABELS))
    assert [sum(c * sp.Integer(x) ** k for k, c in enumerate(w)) for x in SAMPLES] == LABELS


def test_the_usual_slip_at_the_threshold() -> None:
    """``if d > n`` sends d = n to A^T A, which has n + 1 rows and rank n: singular."""
    A = sp.Matrix(5, 6, lambda i, j: SAMPLES[i] ** j)
    assert (A.T * A).det() == 0
    assert (A * A.T).det() != 0


def test_the_error_peaks_at_the_threshold_and_falls_again() -> None:
    errors = polynomial_fit.double_descent()
    assert errors["threshold"] > 10 * errors["many"] > 10 * errors["few"]
    assert polynomial_fit.symbolic_always_overfits() == polynomial_fit.numeric_always_overfits() == "no"


def test_faults() -> None:
    with pytest.raises(ValueError, match=r"^samples repeat: the fit is not unique$"):
        polynomial_fit.symbolic_fit_poly(sp.Matrix([1, 1]), 1, sp.Matrix([0, 0]))
    with pytest.raises(ValueError, match=r"^X has 2 samples, t has 3 labels$"):
        polynomial_fit.numeric_fit_poly([1, 2], 1, [1, 2, 3])


# ---- cases for student code


@pytest.mark.parametrize(
    ("case", "excess"), [("line", -2), ("few", -3), ("square", 0), ("one more", 1), ("many", 6)]
)
def test_cases_lie_on_their_side_of_the_threshold(case: str, excess: int) -> None:
    for seed in range(30):
        X, d, t = polynomial_fit.inputs_fit_poly(np.random.default_rng(seed), case)
        assert d + 1 - len(X) == excess
        assert len(set(X.tolist())) == len(X) == len(t)
        assert t.any()
        A = np.vander(X, d + 1, increasing=True)
        assert np.linalg.cond(A) < 1e4, "squared by normal equations, enough digits are left"


def by_normal_equations(X: Any, d: int, t: Any) -> Any:
    A = np.vander(X, d + 1, increasing=True)
    if d + 1 <= len(X):
        return np.linalg.inv(A.T @ A) @ A.T @ t
    return A.T @ np.linalg.inv(A @ A.T) @ t


@pytest.mark.parametrize("case", ["line", "few", "square", "one more", "many"])
def test_every_honest_way_is_close_enough(case: str) -> None:
    for seed in range(30):
        arguments = polynomial_fit.inputs_fit_poly(np.random.default_rng(seed), case)
        expected = polynomial_fit.numeric_fit_poly(*arguments)
        assert np.allclose(by_normal_equations(*arguments), expected, rtol=1e-6, atol=1e-8)


def test_mistakes_are_wrong_where_they_are_said_to_be() -> None:
    for seed in range(10):
        few = polynomial_fit.inputs_fit_poly(np.random.default_rng(seed), "few")
        many = polynomial_fit.inputs_fit_poly(np.random.default_rng(seed), "many")
        right = polynomial_fit.numeric_fit_poly(*few)
        assert not np.allclose(polynomial_fit.mistake_highest_first(*few), right)
        assert not np.allclose(polynomial_fit.mistake_legendre(*few), right)
        assert polynomial_fit.mistake_degree_less_one(*few).shape == (len(right) - 1,)
        assert np.allclose(polynomial_fit.mistake_scaled_columns(*few), right)
        assert not np.allclose(
            polynomial_fit.mistake_scaled_columns(*many), polynomial_fit.numeric_fit_poly(*many)
        )
