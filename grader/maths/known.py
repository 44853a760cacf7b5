"""Known wrong answers, compiled so that they can be recognised."""

from __future__ import annotations

from dataclasses import replace

from grader.errors import RubricError
from grader.maths.compare import Problem, Tolerance, problem
from grader.maths.declare import Declarations

__all__ = ["known_mistake"]


def known_mistake(declarations: Declarations, text: str, tolerance: Tolerance | None = None) -> Problem:
    """A wrong answer as a ``Problem``. One that has no value under the question's assumptions, such as
    (XᵀX)⁻¹ where d > n, is compared where it has one.

    Raises:
        RubricError: it cannot be read.
    """
    p = problem(declarations, text, tolerance)
    try:
        p.sampled()
    except RubricError:
        p = problem(replace(declarations, assume=()), text, tolerance)
    return p
