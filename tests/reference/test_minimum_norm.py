"""Where descent from zero ends: derived three ways, really run three ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import minimum_norm

SOLUTIONS = ("min_norm_solution", "sgd_solution", "minibatch_solution")


def _both(name: str, problem: Any) -> tuple[Any, Any]:
    exact, floats = problem.of("X", "t")
    symbolic = getattr(minimum_norm, f"symbolic_{name}")(**exact)
    return symbolic, getattr(minimum_norm, f"numeric_{name}")(**floats)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_twins_agree(name: str, problem: Any, gap: Callable[[Any, Any], float]) -> None:
    assert gap(*_both(name, problem)) < minimum_norm.TOLERANCE / 10


@pytest.mark.parametrize("name", SOLUTIONS)
def test_closed_form(name: str, symbols: dict[str, Any], same: Callable[[Any, Any], bool]) -> None:
    X, t = symbols["X"], symbols["t"]
    derived = getattr(minimum_norm, f"symbolic_{name}")(X, t)
    assert same(X * derived, t)
    assert same(derived, X.T * (X * X.T).inv(method="ADJ") * t)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_exact_on_a_problem_by_hand(name: str) -> None:
    # x = [2, 1], t = 2: w* = x t / ||x||^2 = [0.8, 0.4]; [1, 0] and [0, 2] solve it too, but are longer
    exact = getattr(minimum_norm, f"symbolic_{name}")(sp.Matrix([[2, 1]]), sp.Matrix([2]))
    assert exact == sp.Matrix([sp.Rational(4, 5), sp.Rational(2, 5)])


@pytest.mark.parametrize("name", SOLUTIONS)
def test_other_solutions_are_longer_by_pythagoras(name: str, problem: Any) -> None:
    X, t = problem.exact["X"], problem.exact["t"]
    w = getattr(minimum_norm, f"symbolic_{name}")(X, t)
    for direction in X.nullspace():
        other = w + direction
        assert X * other == t
        assert direction.dot(w) == 0
        assert other.dot(other) == w.dot(w) + direction.dot(direction)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_descent_stays_in_the_row_space(name: str, problem: Any) -> None:
    X = problem.floats["X"]
    w = getattr(minimum_norm, f"numeric_{name}")(X, problem.floats["t"])
    beyond = w - np.linalg.pinv(X) @ (X @ w)
    assert np.linalg.norm(beyond) <= 1e-12 * np.linalg.norm(w)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_runs_are_the_same_every_time(name: str, problem: Any) -> None:
    _, floats = problem.of("X", "t")
    run = getattr(minimum_norm, f"numeric_{name}")
    assert np.array_equal(run(**floats), run(**floats))


def test_minibatch_descent_reaches_it_too() -> None:
    assert minimum_norm.symbolic_minibatch_reaches_minimum_norm() == "yes"
    assert minimum_norm.numeric_minibatch_reaches_minimum_norm() == "yes"


# ---- gradients


def test_sample_gradient_twins_agree(problem: Any, gap: Callable[[Any, Any], float]) -> None:
    exact, floats = problem.of("X", "w_0", "t")
    for i in range(len(floats["t"])):
        symbolic = minimum_norm.symbolic_sample_gradient(exact["X"][i, :].T, exact["w_0"], exact["t"][i])
        numeric = minimum_norm.numeric_sample_gradient(floats["X"][i], floats["w_0"], floats["t"][i])
        assert gap(symbolic, numeric) < minimum_norm.TOLERANCE / 1000


def test_sample_gradient_is_a_multiple_of_the_sample(
    symbols: dict[str, Any], same: Callable[[Any, Any], bool]
) -> None:
    x_i, w, t_i = symbols["X"][0, :].T, symbols["w_0"], symbols["t"][0]
    derived = minimum_norm.symbolic_sample_gradient(x_i, w, t_i)
    assert same(derived, 2 * ((x_i.T * w)[0] - t_i) * x_i)


def test_batch_gradient(
    problem: Any, symbols: dict[str, Any], gap: Callable[[Any, Any], float], same: Callable[[Any, Any], bool]
) -> None:
    exact, floats = (tuple(part.values()) for part in problem.of("X", "w_0", "t"))
    symbolic, numeric = minimum_norm.symbolic_batch_gradient, minimum_norm.numeric_batch_gradient
    assert gap(symbolic(*exact), numeric(*floats)) < minimum_norm.TOLERANCE / 1000
    B, w, t_B = (symbols[k] for k in ("X", "w_0", "t"))
    assert same(symbolic(B, w, t_B), sp.Rational(2, B.rows) * B.T * (B * w - t_B))


def test_a_batch_gradient_is_no_multiple_of_one_row() -> None:
    B, w, t_B = sp.Matrix([[1, 0, 2], [0, 1, 1]]), sp.Matrix([1, 1, 1]), sp.Matrix([0, 0])
    gradient = minimum_norm.symbolic_batch_gradient(B, w, t_B)
    assert sp.Matrix.hstack(B.T, gradient).rank() == 2  # in the row space
    assert all(sp.Matrix.hstack(B[i, :].T, gradient).rank() == 2 for i in range(2))


# ---- faults are noticed


@pytest.mark.parametrize("name", SOLUTIONS)
def test_a_factor_in_the_labels_is_caught(
    name: str, one_problem: Any, gap: Callable[[Any, Any], float]
) -> None:
    exact, floats = one_problem.of("X", "t")
    symbolic = getattr(minimum_norm, f"symbolic_{name}")(exact["X"], 2 * exact["t"])
    numeric = getattr(minimum_norm, f"numeric_{name}")(**floats)
    assert gap(symbolic, numeric) > 1000 * minimum_norm.TOLERANCE


def test_a_start_away_from_zero_is_caught(
    one_problem: Any, gap: Callable[[Any, Any], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(np, "zeros", np.ones)
    for name in SOLUTIONS:
        assert gap(*_both(name, one_problem)) > 1000 * minimum_norm.TOLERANCE


@pytest.mark.parametrize("name", SOLUTIONS)
@pytest.mark.parametrize("X", [[[1, 2, 3], [2, 4, 6]], [[1], [2]], [[0, 0, 0], [1, 2, 3]]], ids=str)
def test_rows_that_depend_on_each_other(name: str, X: list[list[int]]) -> None:
    with pytest.raises(ValueError, match=r"^X has no full row rank: X X\^T is singular$"):
        getattr(minimum_norm, f"symbolic_{name}")(sp.Matrix(X), sp.Matrix([1, 2]))
    with pytest.raises(ValueError, match=r"^X has no full row rank: many, or no, solutions are reached$"):
        getattr(minimum_norm, f"numeric_{name}")(X, [1, 2])


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("min_norm_solution", "gradient descent"),
        ("sgd_solution", "stochastic gradient descent"),
        ("minibatch_solution", "mini-batch gradient descent"),
    ],
)
def test_giving_up_is_said(name: str, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minimum_norm, "MAX_GRADIENTS", 2)
    X = [[1, 2, 3], [1, 2, 4]]
    with pytest.raises(RuntimeError, match=f"^{what}: not converged in 2 gradients, X is ill-conditioned$"):
        getattr(minimum_norm, f"numeric_{name}")(X, [1, 2])


def test_shapes_that_do_not_fit() -> None:
    for name in SOLUTIONS:
        with pytest.raises(ValueError, match=r"^shapes do not fit: X \(2, 3\), t \(3,\)$"):
            getattr(minimum_norm, f"numeric_{name}")(np.ones((2, 3)), np.ones(3))
    with pytest.raises(ValueError, match=r"^shapes do not fit: x_i \(3,\), w \(2,\)$"):
        minimum_norm.numeric_sample_gradient(np.ones(3), np.ones(2), 1.0)
    with pytest.raises(ValueError, match=r"^shapes do not fit: B \(2, 3\), w \(3,\), t_B \(3,\)$"):
        minimum_norm.numeric_batch_gradient(np.ones((2, 3)), np.ones(3), np.ones(3))
