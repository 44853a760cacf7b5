"""Likely mistakes are named, by one id each, and the message does not give the answer away."""

from __future__ import annotations

from typing import Any

import pytest

from grader.maths.compare import Problem
from grader.maths.declare import Declarations
from grader.maths.mistakes import mutants
from tests.maths.homework import (
    DEFINE,
    DERIVATIVE,
    ETA_STAR,
    GRADIENT,
    L_1,
    LAMBDA_TILDE,
    MINIMUM_NORM,
    SYMBOLS,
    W_1,
    judged,
)

D_OVER_N = {"assume": ["d > n"]}

NAMED: list[tuple[str, str, dict[str, Any], str, str]] = [
    (
        ETA_STAR,
        r"n\frac{\|X^T a\|^2}{\|X X^T a\|^2}",
        {},
        "factor",
        "your answer is 2 times the expected one",
    ),
    (ETA_STAR, r"\frac{n}{4}\frac{\|X^T a\|^2}{\|X X^T a\|^2}", {}, "factor", "your answer is 1/2 times"),
    (ETA_STAR, r"\frac{1}{2}\frac{\|X^T a\|^2}{\|X X^T a\|^2}", {}, "factor", "your answer is 1/n times"),
    (ETA_STAR, r"-\frac{n}{2}\frac{\|X^T a\|^2}{\|X X^T a\|^2}", {}, "sign", "wrong sign"),
    (ETA_STAR, r"\frac{2}{n}\frac{\|X X^T a\|^2}{\|X^T a\|^2}", {}, "inverted-fraction", "upside down"),
    (ETA_STAR, r"\frac{n}{2}\frac{\|X X^T a\|^2}{\|X^T a\|^2}", {}, "inverted-fraction", "upside down"),
    (ETA_STAR, r"\frac{n}{2}\frac{\|X^T a\|}{\|X X^T a\|}", {}, "norm-not-squared", "squared"),
    (LAMBDA_TILDE, r"2\eta\lambda", {}, "factor", "your answer is 4 η² times"),
    (LAMBDA_TILDE, r"\frac{\lambda\eta}{2}", {}, "factor", "your answer is η² times"),
    (DERIVATIVE, r"\frac{2}{n}\|X^T a\|^2 - \frac{4\eta}{n^2}\|X X^T a\|^2", {}, "factor", "-n/2 times"),
    (DERIVATIVE, r"\frac{8\eta}{n^3}\|X X^T a\|^2", {}, "forgotten-term", "a term is missing"),
    (W_1, r"w_0 + \frac{2\eta}{n} X^T (X w_0 - t)", {}, "sign-of-term", "sign of one term"),
    (W_1, r"w_0 - \frac{\eta}{n} X^T (X w_0 - t)", {}, "factor-of-term", "factor in front of one term"),
    (W_1, r"w_0 - \frac{2\eta}{n} X (X w_0 - t)", {}, "lost-transpose", "a transpose is missing at"),
    (L_1, r"\frac{1}{n}\|a - \frac{2\eta}{n} X X^T a\|", {}, "norm-not-squared", "squared"),
    (GRADIENT, r"\frac{2}{n} (X w - t)^T X", {}, "layout", "transposed"),
    (GRADIENT, r"\frac{2}{n} (X w - t) X^T", {}, "swapped-factors", "are swapped"),
    (MINIMUM_NORM, "(X^T X)^{-1} X^T t", D_OVER_N, "wrong-gram", "not the one that is needed"),
    ("A^T B w", "A B w", {}, "lost-transpose", "a transpose is missing"),
    ("A B w", "B A w", {}, "swapped-factors", "do not commute"),
    (r"A \odot B", "A B", {}, "elementwise", "elementwise"),
    (r"\sigma'(s) \odot v", "v", {}, "forgotten-derivative", "inner derivative"),
    (r"\sum_{i=1}^{n} t_i x^i", r"\sum_{i=1}^{n-1} t_i x^i", {}, "off-by-one", "off by one"),
    (r"\frac{x}{k + z}", r"\frac{x}{k + 1 + z}", {}, "off-by-one", "off by one"),
    (GRADIENT, r"-\frac{2}{n} (X w - t)^T X", {}, "sign", "wrong sign"),
    (GRADIENT, r"\frac{1}{n} (X w - t)^T X", {"accept_transpose": True}, "factor", "1/2 times"),
    (r"\frac{x}{\sqrt{p}}", r"\frac{x}{p}", {}, "lost-root", "a square root is missing"),
    ("(x + z)^2", "x + z", {}, "norm-not-squared", "something that should be squared is not (a norm?)."),
    ("(x + z)^2", "2(x + z)", {}, "norm-not-squared", "is not (a norm?), and a factor differs"),
    ("x + z", "5(x + z)^2", {}, "extra-square", "should not be, and a factor differs"),
]


@pytest.mark.parametrize(("expected", "answer", "options", "name", "words"), NAMED)
def test_the_mistake_is_named(
    expected: str, answer: str, options: dict[str, Any], name: str, words: str
) -> None:
    out = judged(expected, answer, **options)
    assert out.verdict in ("different", "invalid")
    assert out.mistake == name, out.message
    assert words in out.message.partition("Likely mistake: ")[2]


def test_an_unrelated_answer_has_no_name() -> None:
    assert judged(ETA_STAR, r"\eta + x^5").mistake is None
    assert judged("52444644", "12").mistake is None
    assert judged(GRADIENT, "0").mistake is None
    assert judged(GRADIENT, "t^T X^T X^T", accept_transpose=True).mistake is None
    assert judged(GRADIENT, "t^T X").mistake is None


def test_a_right_answer_has_no_mistake() -> None:
    assert judged(ETA_STAR, r"\frac{n\,\|X^T a\|^2}{2\|X X^T a\|^2}").mistake is None


def test_the_authors_list_comes_first() -> None:
    listed = ((r"\frac{\lambda}{\eta}", "no-half", "the penalty is not halved"),)
    p = Problem(Declarations.make(SYMBOLS, None, DEFINE), LAMBDA_TILDE, mistakes=listed)
    out = p.judge(r"\frac{2\lambda}{2\eta}")
    assert out.mistake == "no-half"
    assert out.message.endswith("Likely mistake: the penalty is not halved.")


def test_mutants_keep_the_shape_and_are_new() -> None:
    p = Problem(Declarations.make(SYMBOLS, None, DEFINE), DERIVATIVE)
    found = list(mutants(p.node))
    assert len(found) > 20
    assert all(tree.shape == p.node.shape and tree != p.node for _, tree in found)
    assert {"sign-of-term", "forgotten-term", "factor-of-term", "inverted-fraction"} <= {
        name for name, _ in found
    }
