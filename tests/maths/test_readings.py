"""Answers that can be read in two ways: decided where both readings agree, else refused or left open."""

from __future__ import annotations

import pytest

from grader.maths.compare import compare

XA = {"X": "matrix n d", "a": "vector n"}
GRADIENT = {"X": "matrix n d", "w": "vector d", "t": "vector n"}


@pytest.mark.parametrize("answer", [r"\boxed{n/3}, \boxed{n/2}", r"$\boxed{n/3}$ and $\boxed{n/2}$"])
def test_two_values_in_boxes_are_left_to_a_person(answer: str) -> None:
    found = compare("n/2", answer, {"n": "dim"})

    assert found.verdict == "undecided"
    assert "two values are boxed, n/3 and n/2" in found.message


def test_boxes_that_agree_or_are_all_wrong_are_decided() -> None:
    assert compare("n/2", r"\boxed{n/2}, \boxed{0.5 n}", {"n": "dim"}).equivalent
    assert compare("n/2", r"\boxed{n/3}, \boxed{n/4}", {"n": "dim"}).verdict == "different"
    assert compare("n/2", r"\boxed{L = n/3}, \boxed{\eta^* = n/2}", {"n": "dim"}).equivalent


@pytest.mark.parametrize(
    ("expected", "answer", "verdict"),
    [
        (r"\|XX^Ta\|^2", r"\|XX^T\|^2\|a\|^2", "different"),
        (r"\|XX^Ta\|^2", r"\|XX^T\|_2^2\|a\|^2", "different"),
        (r"\|X\|_F^2", r"\|X\|^4", "different"),
        (r"\|X\|_F^2", r"2\|X\|_2^2", "different"),
        (r"\|X\|_F^2", r"\|X\|_F^2 + \|X\| - \|X\|", "equivalent"),
        (r"\|X\|_F^2", r"\|X\|^2", "invalid"),
        (r"\|X\|_F^2", r"\|X\|_2^2", "invalid"),
    ],
)
def test_the_norm_of_a_matrix_is_decided_where_both_its_meanings_agree(
    expected: str, answer: str, verdict: str
) -> None:
    found = compare(expected, answer, XA)

    assert found.verdict == verdict
    if verdict == "invalid":
        assert found.message == r"The norm of the matrix (n×d) has several meanings; write \|…\|_F."


def test_rows_that_are_no_columns_are_not_made_rows_to_save_an_answer() -> None:
    found = compare(r"\frac{2}{n} X^T (Xw-t)", r"\frac{2}{n}\sum_{i=1}^n x_i w x_i", GRADIENT)

    assert (found.verdict, found.reason) == ("invalid", "shape")


def test_rows_are_rows_where_the_transpose_is_accepted() -> None:
    answer = r"\frac{2}{n}\sum_{i=1}^n (x_i w - t_i) x_i"

    assert compare(r"\frac{2}{n} X^T (Xw-t)", answer, GRADIENT).verdict == "invalid"
    assert compare(r"\frac{2}{n} X^T (Xw-t)", answer, GRADIENT, accept_transpose=True).equivalent


def test_a_program_may_not_give_a_size_another_value() -> None:
    line = "2/n * X.T @ (X @ w - t)"
    expected = r"\frac{2}{n} X^T (Xw-t)"

    assert compare(expected, f"n = X.shape[0]\n{line}", GRADIENT).equivalent
    found = compare(expected, f"n = X.shape[1]\n{line}", GRADIENT)
    assert (found.verdict, found.message) == (
        "invalid",
        "A declared size is given another value: n is not d.",
    )


def test_a_vector_behind_square_brackets_is_not_guessed() -> None:
    found = compare("t_1", "t[0]", {"t": "vector n"})

    assert (found.verdict, found.reason) == ("invalid", "syntax")
    assert "counted from 0 or from 1" in found.message


def test_growth_with_a_minimum_says_where_it_differs() -> None:
    sizes = {"n": "dim", "d": "dim"}

    assert compare(r"O(n d \min(n,d))", "O(min(n^2 d, n d^2))", sizes).equivalent
    found = compare(r"O(n d \min(n,d))", "O(n d^2)", sizes)
    assert found.verdict == "different"
    assert found.message.startswith("Yours grows faster than expected: take n = ")


def test_a_step_that_cannot_be_told_is_undecided() -> None:
    found = compare(r"\lfloor \log_2(k) \rfloor", r"\lceil \log_2(k+1) \rceil - 1", {"k": "integer > 0"})

    assert found.verdict == "undecided"
    assert compare(r"\lfloor \log_2(k) \rfloor", r"\log_2(k)", {"k": "integer > 0"}).verdict in (
        "different",
        "undecided",
    )
