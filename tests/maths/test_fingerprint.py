"""Answers of one value have one key, however they are written; answers of two values have two."""

from __future__ import annotations

import itertools

import pytest

from grader.maths.compare import problem
from grader.maths.declare import Declarations
from grader.maths.fingerprint import fingerprint
from grader.maths.reading import Reading, read_text

SYMBOLS = {"X": "matrix n d", "a": "vector n", "n": "dim", "d": "dim", "eta": "scalar > 0", "x": "scalar"}


def key(expected: str, answer: str) -> str:
    want = problem(Declarations.make(SYMBOLS), expected)
    return fingerprint(want, Reading((r := read_text(answer, want.scope)).node, scope=r.scope))


RATE = r"\frac{n \|X^T a\|^2}{2 \|X X^T a\|^2}"
HALVES = (
    r"\frac{n \|X^T a\|^2}{4 \|X X^T a\|^2}",
    r"\frac{n}{4} \frac{a^T X X^T a}{a^T X X^T X X^T a}",
    "n (X.T @ a).T @ (X.T @ a) / (4 * (X @ X.T @ a).T @ (X @ X.T @ a))",
)
OTHERS = (
    RATE,
    r"-\frac{n \|X^T a\|^2}{4 \|X X^T a\|^2}",
    r"\frac{n \|X^T a\|}{4 \|X X^T a\|}",
    r"\frac{n}{4}",
    r"X^T a",
    r"\frac{2}{n} X^T a",
)


def test_spellings_of_one_value_have_one_key() -> None:
    assert len({key(RATE, text) for text in HALVES}) == 1
    assert len(key(RATE, HALVES[0])) == 16


def test_other_values_have_other_keys() -> None:
    keys = [key(RATE, text) for text in (HALVES[0], *OTHERS)]
    assert "" not in keys
    assert all(one != other for one, other in itertools.combinations(keys, 2))


@pytest.mark.parametrize(
    ("one", "other"), [(r"2 \sqrt{x^2 + 1}", r"\sqrt{4 x^2 + 4}"), (r"2 e^{x}", r"e^{x + \log 2}")]
)
def test_real_values_are_told_by_their_digits(one: str, other: str) -> None:
    expected = r"\sqrt{x^2 + 1}"
    assert key(expected, one) == key(expected, other) != ""
    assert key(expected, one) != key(expected, expected)


@pytest.mark.parametrize(
    ("expected", "answer"), [("\\{x, 2\\}", "\\{x, 3\\}"), ("O(n)", "O(n d)"), ("x", r"\frac{1}{x - x}")]
)
def test_what_has_no_value_has_no_key(expected: str, answer: str) -> None:
    assert key(expected, answer) == ""
