"""Orders of growth, every symbol to infinity by itself."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.maths.compare import compare
from grader.maths.linear import feasible

SYMBOLS = {"n": "dim", "d": "dim", "t": "integer > 0"}


@pytest.mark.parametrize(
    ("expected", "answer", "verdict"),
    [
        ("O(n)", "O(2n + 5)", "equivalent"),
        ("O(n)", r"\mathcal{O}(n)", "equivalent"),
        ("O(n)", "n", "equivalent"),
        ("O(1)", "O(7)", "equivalent"),
        ("O(1)", "O(n)", "different"),
        ("O(n)", r"O(n \log n)", "different"),
        ("O(n d)", "O(n)", "different"),
        ("O(n d)", "O(n + d + n d)", "equivalent"),
        ("O(n^2 + n d + d^2)", "O(n^2 + d^2)", "equivalent"),
        ("O(n^2 + d)", r"O(n^2 + n\sqrt{d} + d)", "equivalent"),
        ("O(n^2 + d)", "O(n^2 + n d)", "different"),
        ("O(n^2 d)", "O(n d^2)", "different"),
        ("O(2^n)", "O(2^n + n^9)", "equivalent"),
        ("O(n t)", r"O(\max(n t, n))", "equivalent"),
        (r"O(\frac{n}{d})", "O(n d^{-1})", "equivalent"),
        (r"O(\sqrt{n})", "O(n^{1/2})", "equivalent"),
    ],
)
def test_growth(expected: str, answer: str, verdict: str) -> None:
    assert compare(expected, answer, SYMBOLS).verdict == verdict


def test_the_growth_of_the_answer_is_told_and_not_the_expected_one() -> None:
    out = compare("O(n d)", "O(n + 3)", SYMBOLS)
    assert out.message == "Yours grows like O(n); that is not the expected growth."


def test_small_linear_programs() -> None:
    def rows(*numbers: list[int]) -> list[list[Fraction]]:
        return [[Fraction(x) for x in row] for row in numbers]

    assert feasible(rows([1, -1], [-1, 1]))
    assert feasible(rows([2, -1], [-1, 2]))
    assert not feasible(rows([1, -2], [-2, 1]))
    assert not feasible(rows([-1, -1]))
    assert feasible(rows([0, -5]))
