"""Formulas taken out of plain sentences."""

from __future__ import annotations

import pytest

from grader.maths.sentences import formulas_apart, is_sentence


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("The gradient is 2 (x_i^T w - t_i) x_i, so we are done.", "$2 (x_i^T w - t_i) x_i$"),
        ("we get w_1 = w_0 - 2 eta/n X^T a by the chain rule", "$$w_1 = w_0 - 2 eta/n X^T a$$"),
        ("L_1 is (1/n) ||a||^2", "$$L_1  =  (1/n) ||a||^2$$"),
        ("With a = X w_0 - t we get w_1 = w_0 - X^T a.", "$$a = X w_0 - t$$\n$$w_1 = w_0 - X^T a$$"),
        ("where a is the residual, w_1 = X^T a", "$a$\n$$w_1 = X^T a$$"),
        ("x = 3 (by the chain rule)", "$$x = 3$$"),
        ("The rate is small.\n\nx = 3", "$$x = 3$$"),
    ],
)
def test_prose_is_cut_away(text: str, apart: str) -> None:
    assert formulas_apart(text) == apart


@pytest.mark.parametrize(
    "text",
    [
        "eta* = n/2 * norm(X.T @ a)**2 / norm(X @ X.T @ a)**2",
        "w_0 - \\frac{2\\eta}{n} X^T \\text{the residual}",
        "NF k^2 + NC",
        "num_weights = 3 NF",
        "The rate is $n/2$, so we are done.",
    ],
)
def test_what_has_no_plain_sentence_stays(text: str) -> None:
    assert formulas_apart(text) == text


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("The new weights are the old ones minus the gradient.", True),
        ("Yes.", False),
        ("x = y z", False),
        ("NF NC NIC k", False),
    ],
)
def test_sentences_are_told_from_verdicts_and_formulas(text: str, is_one: bool) -> None:
    assert is_sentence(text) is is_one
