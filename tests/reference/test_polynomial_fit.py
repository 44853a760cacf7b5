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
