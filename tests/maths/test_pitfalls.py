"""No wrong answer is accepted: every known way to fool a checker by numbers, with what is said instead."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grader.maths.compare import compare
from tests.clock import ends
from tests.maths.homework import BACKPROP, DERIVATIVE, ETA_STAR, GRADIENT, L_1, MINIMUM_NORM, W_1, judged

D_OVER_N = {"assume": ["d > n"]}
SIGMOID = {"assume": ["sigma is the logistic sigmoid"]}
X_TO_THE_PRIME = "x^{1321}"
for _k in (331, 151, 61, 41, 31, 13, 11, 7, 25, 9, 2):
    X_TO_THE_PRIME = f"({X_TO_THE_PRIME})^{{{_k}}}"

DIFFERENT: list[tuple[str, str, dict[str, Any]]] = [
    # n is a size and a number
    ("n", "3", {}),
    ("n x", "4x", {}),
    (r"\frac{1}{n}", r"\frac{1}{2}", {}),
    (r"\sum_{i=1}^n t_i", r"\sum_{i=1}^3 t_i", {}),
    (r"\sum_{i=1}^n i", "6", {}),
    (r"\sum_{i=1}^n i", r"\frac{n(n+1)}{2} + \prod_{j=1}^{40}(n-j)", {}),  # made to fit small n
    (r"\sum_{i=1}^n i", r"\frac{n(n+1)}{2} + \prod_{j=1}^{100}(n-j)", {}),
    (r"\sum_{i=1}^n i", "10", {}),
    (r"\sum_{i=1}^n x", "n x + (n-3)(n-4)(n-5)(n-6)(n-7)(n-8)(n-9) x", {}),
    ("x", "x + (n-3)(n-4)(n-5)(n-6)(n-7)(n-8)(n-9)", {}),
    (r"(1-\lambda)^k w_0", r"(1-\lambda)^3 w_0", {}),
    (r"(1-\lambda)^k w_0", r"(1-k\lambda) w_0", {}),
    (GRADIENT, r"\frac{2}{d} X^T (X w - t)", {}),
    # the prime field is not the rationals
    ("52444644", "52444644 + 2305843009213693951", {}),
    ("x", "2305843009213693952 x", {}),
    ("x", r"x + \frac{2305843009213693951}{7}", {}),
    # pieces of functions
    ("x", r"\sqrt{x^2}", {}),
    ("x", r"\sqrt{x}^2", {}),
    ("|x|", "x", {}),
    (r"\max(0, x)", "x", {}),
    ("x", r"\max(x, -100)", {}),
    ("x + 10", "|x + 10|", {}),
    ("x + z", "|x| + z", {}),
    ("|x||z|", "xz", {}),
    (r"\log(x^2)", r"2\log x", {"assume": ["x != 0"]}),
    ("x", r"e^{\log x}", {}),
    (r"\|w\|", r"\|w\|_1", {}),
    # nearly equal
    ("x", "x + 10^{-9}", {}),
    ("x", "x + 1e-9", {}),
    ("x", r"x + e^{-10000}", {}),
    (r"\sqrt{p}", r"\sqrt{p} + 10^{-40}", {}),
    (r"\sqrt{p}", r"\sqrt{p} + 10^{-300}", {}),
    ("e^{e^{x} + e^{2z}}", "e^{e^{x} + e^{2z}} + 1", {}),
    ("52444644", "52444664", {}),
    ("52,444,644", "52,444,645", {}),
    (r"\frac{1}{3}", "0.33", {}),
    (r"\frac{1}{3}", "0.3333333333333333", {}),
    # matrices
    ("(A + A^T) w", "2 A w", {}),
    ("v v^T y", "v^T v y", {}),
    ("(A B)^{-1}", "A^{-1} B^{-1}", {}),
    ("A B w", "B A w", {}),
    ("A^T B w", "A B w", {}),
    ("A^2", r"A \odot A", {}),
    ("W w", "w^T w w", {}),
    (r"\operatorname{tr}(A B)", r"\operatorname{tr}(A) \operatorname{tr}(B)", {}),
    (r"\|A\|_F^2", r"\operatorname{tr}(A^2)", {}),
    ("I_n", "X (X^T X)^{-1} X^T", {"assume": ["n > d"]}),
    (GRADIENT, r"\frac{2}{n} (X w - t)^T X", {}),
    # the homework
    (ETA_STAR, r"n\frac{\|X^T a\|^2}{\|X X^T a\|^2}", {}),
    (ETA_STAR, r"\frac{n}{2}\frac{\|X^T a\|}{\|X X^T a\|}", {}),
    (ETA_STAR, r"\frac{n}{2}\frac{\|X X^T a\|^2}{\|X^T a\|^2}", {}),
    (L_1, r"\frac{1}{n}\|a - \frac{\eta}{n} X X^T a\|^2", {}),
    (W_1, r"w_0 + \frac{2\eta}{n} X^T (X w_0 - t)", {}),
    (DERIVATIVE, r"\frac{4}{n^2}\|X^T a\|^2 + \frac{8\eta}{n^3}\|X X^T a\|^2", {}),
    (r"\sigma'(s) \odot v", r"\sigma(s) \odot (1 - \sigma(s)) \odot v", {}),
    (r"\sigma'(x)", r"\sigma(x)(1 + \sigma(x))", SIGMOID),
    (BACKPROP, r"A((B^T(y - s) + v) \odot \sigma'(w)) + (y - s)", {}),
    (BACKPROP, r"A^T((B^T(y - s) + v) \odot \sigma(w)) + (y - s)", {}),
    # sets and lists
    (r"\{1, 2\}", r"\{1, 3\}", {}),
    (r"\{1, 2\}", r"\{1, 2, 3\}", {}),
    (r"\{1, 2\}", "1", {}),
    ("x", r"\{x, x\}", {}),
    ("(1, 2)", "(2, 1)", {}),
    ("x", "O(x)", {}),
]

EQUIVALENT: list[tuple[str, str, dict[str, Any]]] = [
    (r"\sum_{i=1}^n 1", "n", {}),
    (r"\sum_{i=1}^n i", r"\frac{n(n+1)}{2}", {}),
    (r"\frac{1}{n}\|X w - t\|^2", r"\frac{1}{n}\sum_{i=1}^n (x_i^T w - t_i)^2", {}),
    ("|x|", r"\sqrt{x^2}", {}),
    ("|x^2 + 1|", "x^2 + 1", {}),
    ("|n - 1|", "n - 1", {}),
    ("d - n", "|d - n|", D_OVER_N),
    ("p", r"\sqrt{p^2}", {}),
    ("p", r"\sqrt{p}^2", {}),
    (r"\sqrt{x}^2", "x", {}),
    (r"\max(0, x)", r"\frac{x + |x|}{2}", {}),
    (r"\log(p q)", r"\log p + \log q", {}),
    (r"2\log x", r"\log(x^2)", {}),
    ("e^{x + z}", "e^x e^z", {}),
    ("e^{e^{x} + e^{2z}}", "e^{e^x} e^{e^{2z}}", {}),
    (r"(1-\lambda)^k w_0", r"(1-\lambda)^{k-1} (1-\lambda) w_0", {}),
    (r"2^n \cdot 2^n", "4^n", {}),
    (r"\frac{2}{5}", "0.4", {}),
    ("52,444,644", "52444644", {}),
    ("x", r"\frac{x n}{n}", {}),
    ("(A B)^{-1}", "B^{-1} A^{-1}", {}),
    ("2 A w", "(A + A^T) w", {"assume": ["A is symmetric"]}),
    ("A^{-1}", "A^T", {"assume": ["A is orthogonal"]}),
    (r"\|w\|^2", "1", {"assume": ["w is a unit vector"]}),
    (r"\operatorname{diag}(\sigma'(s)) v", r"\sigma'(s) \odot v", {}),
    (r"\sigma'(x)", r"\sigma(x)(1 - \sigma(x))", SIGMOID),
    (r"\sigma'(s)", r"\sigma(s) \odot (1 - \sigma(s))", SIGMOID),
    (r"\sigma(x)", r"\frac{1}{1 + e^{-x}}", SIGMOID),
    (GRADIENT, r"\frac{2}{n} (X w - t)^T X", {"accept_transpose": True}),
    (GRADIENT, r"\nabla_w \frac{1}{n}\|X w - t\|^2", {}),
    ("2x", r"\frac{d}{dx} x^2", {}),
    ("X w_0 - t", "a", {}),
    (r"\{1, 2\}", r"\{2, 1\}", {}),
    (r"\{1, 2\}", r"\{2, 1, 1\}", {}),
    (r"\frac{1}{3}", "0.33", {"tolerance": {"rel": 0.02}}),
]

INVALID: list[tuple[str, str, dict[str, Any], str]] = [
    ("W w", "w w", {}, "shape"),
    ("v v^T y", "v v y", {}, "shape"),
    (MINIMUM_NORM, "X^T (X^T X)^{-1} t", D_OVER_N, "shape"),
    (MINIMUM_NORM, "(X X^T)^{-1} X^T t", D_OVER_N, "shape"),
    (L_1, r"\frac{1}{n}\|a - \frac{2\eta}{n} X^T a\|^2", {}, "shape"),
    (ETA_STAR, r"\frac{n}{2}\frac{(X^T a)^2}{(X X^T a)^2}", {}, "shape"),
    ("x", r"\omega", {}, "unknown-symbol"),
    ("W w", "Q w", {}, "unknown-symbol"),
    ("x", "", {}, "empty"),
    ("x", r"\frac{x", {}, "syntax"),
    ("x", "x = (", {}, "syntax"),
    ("x", "9**9**9**9", {}, "limit"),
    ("x", f"x {X_TO_THE_PRIME}", {}, "limit"),
]


@pytest.mark.parametrize(("expected", "answer", "options"), DIFFERENT)
def test_a_wrong_answer_is_different(expected: str, answer: str, options: dict[str, Any]) -> None:
    out = judged(expected, answer, **options)
    assert out.verdict == "different", out.message
    assert out.evidence["level"] == "refuted"
    json.dumps(out.evidence)


@pytest.mark.parametrize(("expected", "answer", "options"), EQUIVALENT)
def test_a_right_answer_is_equivalent(expected: str, answer: str, options: dict[str, Any]) -> None:
    out = judged(expected, answer, **options)
    assert out.verdict == "equivalent", out.message
    assert out.evidence["level"] in ("proved", "supported")
    json.dumps(out.evidence)


@pytest.mark.parametrize(("expected", "answer", "options", "reason"), INVALID)
def test_what_has_no_meaning_is_invalid(
    expected: str, answer: str, options: dict[str, Any], reason: str
) -> None:
    out = judged(expected, answer, **options)
    assert (out.verdict, out.reason) == ("invalid", reason), out.message


def test_a_singular_matrix_is_named_with_its_reason() -> None:
    out = judged(MINIMUM_NORM, "(X^T X)^{-1} X^T t", **D_OVER_N)
    assert (out.verdict, out.reason) == ("different", "undefined")
    assert "XᵀX is singular when d > n; it has no inverse" in out.message
    assert out.mistake == "wrong-gram"


def test_the_same_singular_matrix_beside_a_root_is_found_exactly() -> None:
    out = judged(r"\|w\|", r"\|w\| + 0 \cdot w^T (w w^T)^{-1} w")
    assert (out.verdict, out.reason) == ("different", "undefined")


@pytest.mark.parametrize(
    "answer", [r"\frac{1}{x - x}", r"\frac{e^x}{\sqrt{2}^2 - 2}", r"\log(-1)", r"\sqrt{-1 - x^2}"]
)
def test_no_value_where_there_should_be_one(answer: str) -> None:
    out = judged("e^x", answer)
    assert (out.verdict, out.reason) == ("different", "undefined"), out.message


def test_undefined_on_both_sides_is_only_a_bad_point() -> None:
    assert judged(r"\frac{1}{\log x}", r"\frac{2}{\log(x^2)}").equivalent
    assert judged(r"\frac{1}{x - 3}", r"\frac{2}{2x - 6}").equivalent


def test_overlapping_balls_prove_nothing() -> None:
    out = judged(r"\sin^2(x) + \cos^2(x)", "1")
    assert (out.verdict, out.evidence["level"]) == ("equivalent", "supported")


def test_an_unknown_function_is_no_polynomial_of_low_degree() -> None:
    assert judged(r"\sigma''''''(x)", "0").verdict == "different"
    assert judged(r"\sigma(2x)", r"2\sigma(x)").verdict == "different"


def test_a_student_may_define_and_redefine_abbreviations() -> None:
    assert judged("X w_0 - t", "Let $a = t - X w_0$. Then $-a$").equivalent
    assert judged("X w_0 - t", "Let $a = t - X w_0$. Then $a$").verdict == "different"
    assert judged("X X^T t", "With $K = X X^T$ we get $K t$").equivalent


@pytest.mark.parametrize(
    "expected", ["x", "e^x", r"\|w\|", "52", "w", "x^k", r"\{1, 2\}", "O(n)", "x - 1 = 0"]
)
@pytest.mark.parametrize(
    "answer",
    [
        "(((x^{2000})^{2000})^{2000})",
        "(((2^{2000})^{2000})^{2000})",
        "e^{e^{e^{e^{e^x}}}}",
        r"\sin(e^{e^{e^x}})",
        "x^{x^{x^{x^x}}}",
        "9**9**9**9",
        "((9!)!)!",
        r"\sum_{i=1}^{2000}\sum_{j=1}^{2000} x^i",
        r"\prod_{i=1}^{2000} (x + i)^{1000}",
        r"\operatorname{tr}((I_{399} + I_{399})^{-1}) e^x",
        r"\sum_{i=1}^n \sum_{j=1}^n \sum_{k=1}^n x^{ijk}",
        "x" + "+x" * 2000,
        "10^{(10^6)}",
        "1e-999 x",
        "A" * 110 + "w",
        r"\|w\|^{2000}",
    ],
)
def test_hostile_answers_are_judged(expected: str, answer: str) -> None:
    with ends():
        out = judged(expected, answer)
    assert out.verdict != "equivalent"
    assert "internal" not in out.message


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("~3 x / n", "'~' in front of it may mean 'about' or 'not'"),
        ("y = ~(3 x/n)", "'~' in front of it may mean 'about' or 'not'"),
        (r"$\frac{3x}{n}$ if $x \le 2$", "it is only said for x <= 2"),
        (r"When $5 < x$ we get $\frac{3x}{n}$.", "it is only said for x > 5"),
        ("3 x / n (x > 4)", "it is only said for x > 4"),
        ("$3x/n$ (for x < 7)", "it is only said for x < 7"),
        (r"$\frac{3x}{n}$ + ...", "a formula goes on behind it"),
        ("all but $3x/n$", "'but' in the words before it may change what it says"),
    ],
)
def test_what_holds_only_for_some_values_or_roughly_is_for_a_person(answer: str, why: str) -> None:
    found = compare("3 x / n", answer, {"x": "scalar", "n": "dim", "y": "scalar"})
    assert (found.verdict, found.message) == (
        "undecided",
        f"Whether this equals the expected answer could not be decided ({why}); a person looks at it.",
    )


@pytest.mark.parametrize(
    "answer",
    [
        "$3x/n$ for $x > 0$", r"$3x/n$, $n \ge 1$", "3 x / n, n > 0", r"$3x/n$ where $n \ne 0$", "$~3x/n$",
        r"$y =~ \frac{3x}{n}$", "$3x/n$ for $y > 4$",
    ],
)  # fmt: skip
def test_a_condition_that_goes_without_saying_changes_nothing(answer: str) -> None:
    assert compare("3 x / n", answer, {"x": "scalar", "n": "dim", "y": "scalar"}).verdict == "equivalent"
