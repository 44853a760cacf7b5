"""One sample, two weights: the line, the way to it, and why that is the shortest solution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import line_of_solutions as line

MATRICES = ("line", "gradient_direction", "limit")


@pytest.mark.parametrize("name", MATRICES)
def test_twins_agree(name: str, gap: Callable[[Any, Any], float]) -> None:
    derived, run = (getattr(line, f"{half}_{name}")() for half in ("symbolic", "numeric"))
    assert gap(derived, run) < line.TOLERANCE / 10


def test_by_hand() -> None:
    assert list(line.symbolic_line()) == [2, 1, 2]  # 2 w_1 + w_2 = 2
    assert line.symbolic_gradient_direction() == sp.Matrix([2, 1]) / sp.sqrt(5)
    assert list(line.symbolic_limit()) == [sp.Rational(4, 5), sp.Rational(2, 5)]
    assert line.symbolic_direction_changes() == line.numeric_direction_changes() == "no"


def test_the_limit_is_the_foot_of_the_perpendicular() -> None:
    a, b, c = line.symbolic_line()
    limit = line.symbolic_limit()
    assert sp.Matrix([a, b]).dot(limit) == c
    along = sp.Matrix([b, -a])
    assert along.dot(limit) == 0
    for s in (sp.Rational(1, 3), -2):  # every other point of the line is farther from 0
        other = limit + s * along
        assert sp.Matrix([a, b]).dot(other) == c
        assert other.dot(other) == limit.dot(limit) + s**2 * along.dot(along)


def test_the_sign_flips_only_where_a_step_overshoots(monkeypatch: pytest.MonkeyPatch) -> None:
    def signs(rate: float) -> set[float]:
        monkeypatch.setattr(line, "RATE", rate)
        steps = np.diff(np.array(line.trajectory()), axis=0)
        return set(np.sign(steps[np.linalg.norm(steps, axis=1) > 1e-9] @ [2, 1]))

    assert signs(0.09) == {1}
    assert signs(0.12) == {1, -1}
    assert line.numeric_direction_changes() == "no"  # the line along which it moves stays the same


def test_a_rate_that_diverges_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "RATE", 0.2)  # steps from one side to the other for ever
    monkeypatch.setattr(line, "MAX_STEPS", 50)
    with pytest.raises(RuntimeError, match=r"^not converged in 50 steps$"):
        line.trajectory()


# ---- the inner product


def test_orthogonal(problem: Any) -> None:
    exact, floats = problem.of("X", "t", "w_0")
    assert line.symbolic_inner_product(*exact.values()) == 0
    assert abs(line.numeric_inner_product(*floats.values())) < line.TOLERANCE


def test_two_other_ends_are_not_orthogonal(one_problem: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The product vanishes because the start is zero, not for any two solutions."""
    X, t = one_problem.exact["X"], one_problem.exact["t"]
    ends = [line._closest_solution(X, t, sp.Matrix(v)) for v in ([1, 0, 0, 0, 0], [0, 2, 0, 0, 1])]
    assert X * ends[0] == X * ends[1] == t
    assert (ends[0] - ends[1]).dot(ends[0]) != 0


def test_no_full_row_rank() -> None:
    X = [[1, 2, 3], [2, 4, 6]]
    with pytest.raises(ValueError, match=r"^X has no full row rank: X X\^T is singular$"):
        line.symbolic_inner_product(sp.Matrix(X), sp.Matrix([1, 2]), sp.Matrix([1, 0, 0]))
    with pytest.raises(ValueError, match=r"^X has no full row rank: many, or no, solutions are reached$"):
        line.numeric_inner_product(X, [1, 2], [1, 0, 0])
