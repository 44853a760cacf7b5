"""Counterexamples: small, complete, within the assumptions, and right when computed again."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tests.maths.homework import judged


def value(text: str) -> Any:
    if text.startswith("["):
        return np.array([[eval_number(x) for x in row.split()] for row in text.strip("[]").split("; ")])
    return eval_number(text)


def eval_number(text: str) -> float:
    above, _, below = text.partition("/")
    return float(above) / float(below or 1)


ROWS: list[tuple[str, str, str, str, dict[str, Any]]] = [
    # expected, answer, both again in numpy
    ("(A + A^T) w", "2 A w", "(A + A.T) @ w", "2 * A @ w", {}),
    ("v v^T y", "v^T v y", "v @ v.T @ y", "(v.T @ v) * y", {}),
    ("(A B)^{-1}", "A^{-1} B^{-1}", "np.linalg.inv(A @ B)", "np.linalg.inv(A) @ np.linalg.inv(B)", {}),
    (r"\|w\|", r"\|w\|_1", "np.sqrt((w**2).sum())", "np.abs(w).sum()", {}),
    ("e^{x}", "e^{z}", "np.exp(x)", "np.exp(z)", {}),
    (r"\frac{x}{n}", r"\frac{x}{3}", "x / n", "x / 3", {}),
    (r"\frac{1}{a^T a}", r"\frac{2}{a^T a}", "1 / (a.T @ a)", "2 / (a.T @ a)", {"assume": ["a != 0"]}),
    ("x", r"\max(x, -100)", "x", "np.maximum(x, -100)", {}),
    ("X^T a", "X^T t", "X.T @ a", "X.T @ t", {}),
    (r"\log p", r"\log(2p)", "np.log(p)", "np.log(2 * p)", {}),
]


@pytest.mark.parametrize(("expected", "answer", "right", "wrong", "options"), ROWS)
def test_the_shown_values_give_the_shown_results(
    expected: str, answer: str, right: str, wrong: str, options: dict[str, Any]
) -> None:
    found = judged(expected, answer, **options).evidence["counterexample"]
    names = {name: value(text) for name, text in found["values"].items()}
    for formula, shown in ((right, found["expected"]), (wrong, found["yours"])):
        have = np.atleast_2d(eval(formula, {"np": np, **names}))
        np.testing.assert_allclose(have, np.atleast_2d(value(shown)), rtol=1e-5)
    assert found["text"].endswith(f"yours gives {found['yours']}, expected is {found['expected']}")


def test_numbers_are_small() -> None:
    found = judged("(A + A^T) w", "2 A w").evidence["counterexample"]
    assert all(abs(float(x)) <= 3 for text in found["values"].values() for x in re.findall(r"-?\d+", text))
    assert found["values"]["w"].count(";") == 1, "two rows are enough"


def test_assumptions_hold() -> None:
    found = judged(r"\eta x", r"\eta^2 x").evidence["counterexample"]
    assert float(found["values"]["η"]) > 0
    found = judged("X^T t", "2 X^T t", assume=["d > n", "X full rank"]).evidence["counterexample"]
    x = value(found["values"]["X"])
    assert x.shape[1] > x.shape[0]
    assert np.linalg.matrix_rank(x) == x.shape[0]
    found = judged("A w", "2 A^T w", assume=["A is symmetric"]).evidence["counterexample"]
    a = value(found["values"]["A"])
    assert (a == a.T).all()


def test_an_abbreviation_with_two_meanings_is_not_shown() -> None:
    out = judged("a", "Let $a = t - X w_0$. Then $a$")
    found = out.evidence["counterexample"]
    assert set(found["values"]) == {"X", "w₀", "t"}
    x, w, t = (value(found["values"][k]) for k in ("X", "w₀", "t"))
    np.testing.assert_allclose(value(found["expected"]), x @ w - t)
    np.testing.assert_allclose(value(found["yours"]), t - x @ w)


def test_an_unknown_function_is_shown_as_a_polynomial() -> None:
    out = judged(r"\sigma'(x)", r"\sigma(x)")
    assert re.fullmatch(r"-?\d*x?(\^2)?( [+-] \d*x?)*", out.evidence["counterexample"]["values"]["σ(x)"])


def test_nearly_equal_values_are_shown_apart() -> None:
    found = judged(r"\sqrt{p}", r"\sqrt{p} + 10^{-30}").evidence["counterexample"]
    assert found["yours"] != found["expected"]


@pytest.mark.parametrize(
    ("expected", "answer", "options", "shown"),
    [
        ("x^2", "x^2 + 10^{-30}", {}, ("1 + 1e-30", "1")),
        ("x^2", r"x^2 - \frac{1}{10^{90}}", {}, ("1 - 1e-90", "1")),
        (r"\frac{x}{3}", r"\frac{x}{3} + 10^{-50}", {}, ("1/3 + 1e-50", "1/3")),
        ("e^x", "e^x + 10^{-40}", {}, ("2.71828 + 1e-40", "2.71828")),
        ("x", "1.0000000000001 x", {}, ("10000000000001/10000000000000", "1")),
    ],
)
def test_values_that_are_nearly_equal_are_shown_apart(
    expected: str, answer: str, options: dict[str, Any], shown: tuple[str, str]
) -> None:
    found = judged(expected, answer, **options).evidence["counterexample"]

    assert (found["yours"], found["expected"]) == shown


def test_nearly_equal_entries_have_as_many_digits_as_it_takes() -> None:
    found = judged("X w", "X w + 10^{-30} X w").evidence["counterexample"]

    assert found["yours"].rstrip("0]").endswith("000000000001")


def test_a_number_that_is_asked_for_is_not_given_away() -> None:
    assert judged("1/3", "0." + "3" * 60).message == "Not equal to the expected answer: yours is 0.333333."
    assert judged("1", "1 - 10^{-100}").message == (
        "Not equal to the expected answer: yours is 1 only when it is rounded."
    )
