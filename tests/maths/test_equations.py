"""Equations with the same solutions, and equations with other ones."""

from __future__ import annotations

import pytest

from grader.maths.compare import compare

SYMBOLS = {
    "w_1": "scalar", "w_2": "scalar", "y": "scalar", "x": "scalar", "u": "scalar", "X": "matrix n d",
    "w": "vector d", "t": "vector n",
}  # fmt: skip
LINE, NORMAL, CIRCLE, POINT = "2w_1 + w_2 = 2", "X^T X w = X^T t", "x^2 + y^2 = 1", "y - 1 = 0"


@pytest.mark.parametrize(
    ("expected", "answer", "verdict"),
    [
        (LINE, "w_2 = 2 - 2w_1", "equivalent"),
        (LINE, "4w_1 + 2w_2 = 4", "equivalent"),
        (LINE, r"w_1 + \frac{w_2}{2} = 1", "equivalent"),
        (LINE, "(2w_1 + w_2 - 2)^2 = 0", "equivalent"),
        (LINE, "w_1 + w_2 = 2", "different"),
        (LINE, "2w_1 + w_2 = 3", "different"),
        (LINE, "(2w_1 + w_2 - 2)(w_1 - 1) = 0", "different"),
        (LINE, "w_1 x + w_2 x/2 = x", "different"),
        (LINE, "w_1 = w_1", "different"),
        (LINE, "3", "invalid"),
        (POINT, "(y - 1)(y - 2) = 0", "different"),
        (POINT, "(y - 1)^2 = 0", "equivalent"),
        (POINT, "y^3 - 1 = 0", "equivalent"),
        (POINT, "(y - 1)(x^2 + 1) = 0", "equivalent"),
        (POINT, "(y - 1)(x^2 - 2) = 0", "different"),
        (POINT, "(y - 1)(x^2 + w_1^2) = 0", "undecided"),
        (POINT, "0 = 0", "different"),
        (POINT, "0 = 1", "different"),
        ("x y = u", r"y = \frac{u}{x}", "equivalent"),
        ("x y = 0", "x = 0", "different"),
        (CIRCLE, "y^2 = 1 - x^2", "equivalent"),
        (CIRCLE, "(x^2 + y^2)^2 = 1", "equivalent"),
        (CIRCLE, "x^2 + y^2 = 2", "different"),
        (CIRCLE, "x + y = 1", "different"),
        (NORMAL, "X^T (X w - t) = 0", "equivalent"),
        (NORMAL, "2 X^T t = 2 X^T X w", "equivalent"),
        (NORMAL, "w = (X^T X)^{-1} X^T t", "equivalent"),
        (NORMAL, "X w = t", "different"),
        (NORMAL, "u (X^T X w - X^T t) = 0", "different"),
        (NORMAL, r"(\|t\|^2 - 1)(X^T X w - X^T t) = 0", "undecided"),
        (NORMAL, "w = t", "invalid"),
        ("X^TXw = X^Tt", "X^T(Xw-t) = 0", "equivalent"),
        ("X^TXw = X^Tt", "X^TXw = 0", "different"),
    ],
)
def test_same_solutions(expected: str, answer: str, verdict: str) -> None:
    out = compare(expected, answer, SYMBOLS, assume=["n > d"])
    assert out.verdict == verdict, out.message


def test_a_solution_of_only_one_is_shown() -> None:
    out = compare(LINE, "w_1 + w_2 = 2", SYMBOLS)
    assert (
        out.message
        == "Other solutions than expected: w₁ = 1/2, w₂ = 1 solves the expected equation and not yours."
    )
    assert out.evidence["counterexample"]["values"] == {"w₁": "1/2", "w₂": "1"}


def test_a_solution_too_many_is_shown() -> None:
    out = compare(POINT, "(y - 1)(y - 2) = 0", SYMBOLS)
    assert out.message == "Other solutions than expected: y = 2 solves yours and not the expected one."


SIGNED = {"eta": "scalar > 0", "lambda": "scalar > 0"}


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (r"\eta = 1/\lambda", "equivalent"),
        (r"1/\lambda", "equivalent"),
        (r"\lambda\eta = 1", "equivalent"),
        (r"\frac{1}{\eta} = \lambda", "equivalent"),
        (r"2\eta\lambda = 2", "equivalent"),
        (r"\eta = \lambda", "different"),
        (r"\lambda = 2/\eta", "different"),
        (r"\eta\lambda = 2", "different"),
    ],
)
def test_a_declared_symbol_on_the_left_is_an_equation_too(answer: str, verdict: str) -> None:
    assert compare(r"\eta = 1/\lambda", answer, SIGNED).verdict == verdict


def test_solutions_lost_to_a_denominator_are_not_called_the_same() -> None:
    plane = {"w_1": "scalar", "w_2": "scalar"}
    for answer in ("(2w_1+w_2-2)/w_1 = 0", "w_2/(1-w_1) = 2"):
        assert compare("2w_1 + w_2 = 2", answer, plane).verdict == "undecided"


def test_a_counterexample_has_the_declared_signs() -> None:
    positive = {"x": "scalar > 0", "y": "scalar > 0"}
    assert compare("x^2 = y", "x^4 = y^2", positive).verdict != "different"
    assert compare("x^2 = y", "x^3 = yx", positive).verdict == "equivalent"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (r"\sqrt{2u + v} = \sqrt{6}", "equivalent"),
        (r"\sqrt{2u + v - 6} = 0", "equivalent"),
        (r"\sqrt{2u + v + 3} = 3", "equivalent"),
        (r"e^{2u + v} = e^6", "equivalent"),
        (r"e^{2u + v - 5} = e", "equivalent"),
        (r"\ln(2u + v) = \ln 6", "equivalent"),
        (r"\ln(2u + v - 5) = 0", "equivalent"),
        (r"|2u + v - 6| = 0", "equivalent"),
        (r"|2u + v| = 6", "different"),
        (r"|2u + v| = -6", "different"),
        (r"\sqrt{2u + v} = 6", "different"),
        (r"\sqrt{2u + v} = -\sqrt{6}", "different"),
        (r"e^u = v", "different"),
        (r"u = \ln v", "different"),
        (r"\sqrt{2u} = \sqrt{6 - v}", "undecided"),  # it has fewer solutions
        (r"\ln(2u) = \ln(6 - v)", "undecided"),
        (r"\cos(2u + v) = \cos 6", "undecided"),
    ],
)
def test_functions_around_the_sides_of_an_equation(answer: str, verdict: str) -> None:
    assert compare("2u + v = 6", answer, {"u": "scalar", "v": "scalar"}).verdict == verdict


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (r"\ln\eta + \ln\lambda = 0", "equivalent"),
        (r"\ln\eta = -\ln\lambda", "equivalent"),
        (r"\ln(\eta\lambda) = 0", "equivalent"),
        (r"\sqrt{\eta\lambda} = 1", "equivalent"),
        (r"\ln\eta = \ln\lambda", "different"),
        (r"\sqrt{\eta} = \lambda", "different"),
        (r"\lambda = \eta", "different"),
        (r"\frac{2}{\lambda} = \eta", "different"),
    ],
)
def test_logarithms_of_positive_symbols(answer: str, verdict: str) -> None:
    assert compare(r"\eta = 1/\lambda", answer, SIGNED).verdict == verdict


def test_what_solves_one_equation_is_put_into_the_other() -> None:
    plane = {"u": "scalar", "v": "scalar"}
    assert compare("u + v = 2", r"\sqrt{u} + v = 3", plane).message == (
        "Other solutions than expected: u = 1, v = 1 solves the expected equation and not yours."
    )
    norms = {"u": "vector n"}
    assert compare("u = 0", r"\|u\| = 0", norms).verdict == "equivalent"
    assert compare("u = 0", r"\|u\| = 1", norms).verdict == "different"
