"""The verdict's reasons, evidence and words."""

from __future__ import annotations

import json
from fractions import Fraction

import flint
import pytest

from grader.errors import RubricError
from grader.maths.compare import KEPT, SHORT, Problem, Tolerance, compare
from grader.maths.declare import Declarations
from tests.maths.homework import ETA_STAR, GRADIENT, MINIMUM_NORM, judged


def test_the_same_expression_is_proved() -> None:
    out = judged(ETA_STAR, ETA_STAR)
    assert out.message == "Equal to the expected answer: it is the same expression."
    assert out.evidence == {"level": "proved", "by": "same expression"}


def test_a_normal_form_proves_and_the_points_are_told() -> None:
    out = judged(ETA_STAR, r"\frac{n\, a^T X X^T a}{2 a^T X X^T X X^T a}")
    assert out.message == "Equal to the expected answer: both have the same normal form."
    assert (out.evidence["level"], out.evidence["by"]) == ("proved", "normal form")
    assert out.evidence["points"] == 1, "one point, to see that the answer has a value"


def test_sizes_are_unequal_and_change() -> None:
    out = judged(r"\frac{1}{n}\|X w - t\|^2", r"\frac{1}{n}\sum_{i=1}^n (x_i^T w - t_i)^2")
    dims = out.evidence["dimensions"]
    assert out.evidence["points"] == len(dims) >= 3
    assert all(s["n"] != s["d"] and min(s.values()) >= 3 for s in dims)
    assert len({s["n"] for s in dims}) == len(dims), "a literal could pass for n"


def test_an_inverse_is_tried_at_several_sizes_even_if_it_cancels() -> None:
    out = judged("w", "(X^T X)^{-1} X^T X w")
    assert (out.verdict, out.reason) == ("different", "undefined")
    assert judged("w", "(X^T X)^{-1} X^T X w", assume=["n > d"]).equivalent


def test_support_states_degree_and_bound() -> None:
    out = judged(r"\frac{1}{n}\|X w - t\|^2", r"\frac{1}{n}\sum_{i=1}^n (x_i^T w - t_i)^2")
    assert out.evidence["level"] == "supported"
    assert out.evidence["degree"] > 4
    assert float(out.evidence["bound"]) < 1e-40
    assert f"chance of error below {out.evidence['bound']}" in out.message


def test_numbers_are_proved() -> None:
    out = compare("73,856", "(9*64+1)*128", {})
    assert (out.verdict, out.evidence["level"]) == ("equivalent", "proved")


def test_another_shape_is_different_and_says_so() -> None:
    out = judged(GRADIENT, r"\eta")
    assert (out.verdict, out.reason) == ("different", "shape")
    assert out.message == "The expected answer is a column vector (d×1); yours is a scalar."
    assert out.evidence["expected_shape"] == "(d×1)"


def test_the_counterexample_has_both_values() -> None:
    out = judged(r"\frac{\lambda}{2\eta}", r"\frac{\lambda}{\eta}")
    assert out.evidence["counterexample"] == {
        "values": {"η": "1", "λ": "1"},
        "yours": "1",
        "expected": "1/2",
        "text": "for η = 1, λ = 1 yours gives 1, expected is 1/2",
    }
    assert out.message.startswith("Not equal to the expected answer: for η = 1, λ = 1 yours gives 1")


def test_evidence_is_json_for_every_kind_of_answer() -> None:
    for expected, answer in [
        ("[1, 2]", "[1, 3]"),
        (r"\{1, 2\}", r"\{3\}"),
        ("x - 1 = 0", "x = 2"),
        ("O(n)", "O(d)"),
        (MINIMUM_NORM, "(X^T X)^{-1} X^T t"),
        (r"\|w\|", r"\|v\|"),
        ("x", "x x"),
    ]:
        json.dumps(judged(expected, answer, assume=["d > n"]).evidence)


@pytest.mark.parametrize(
    ("expected", "answer", "tolerance", "verdict"),
    [
        ("7.8020743e24", "7.802e24", {"rel": 1e-3}, "equivalent"),
        ("7.8020743e24", "7.7e24", {"rel": 1e-3}, "different"),
        ("0.5", "0.51", {"abs": 0.01}, "equivalent"),
        ("0.5", "0.5100001", {"abs": 0.01}, "different"),
        ("1", "1.001", {"rel": 0.001}, "equivalent"),
        ("1", "1.0010001", {"rel": 0.001}, "different"),
        ("0", "0.001", {"rel": 0.1}, "different"),
        ("0", "0", {"rel": 0.1}, "equivalent"),
        ("0", "0.001", {"rel": 0.1, "abs": 0.01}, "equivalent"),
        ("100", "109", {"rel": 0.1, "abs": 0.01}, "equivalent"),
        (r"\frac{2\sqrt{2}}{3}", "0.943", {"abs": 0.001}, "equivalent"),
        ("e", "2.718", {"rel": 1e-3}, "equivalent"),
        ("[2.12, 8.52]", "[2.121, 8.519]", {"rel": 1e-3}, "equivalent"),
        ("[2.12, 8.52]", "[2.121, 8.6]", {"rel": 1e-3}, "different"),
        ("[0, 8.52]", "[0.0001, 8.52]", {"rel": 1e-3}, "different"),
        ("[[1, 2], [3, 4]]", "[[1, 2], [3, 4.001]]", {"rel": 1e-3}, "equivalent"),
        (r"\frac{1}{3}", "0.33", None, "different"),
        ("0.4", r"\frac{2}{5}", None, "equivalent"),
    ],
)
def test_tolerance(expected: str, answer: str, tolerance: dict[str, float] | None, verdict: str) -> None:
    out = compare(expected, answer, {}, tolerance=tolerance)
    assert out.verdict == verdict, out.message
    if tolerance and verdict == "equivalent":
        assert out.evidence["tolerance"] == Tolerance(**tolerance).words


def test_an_unknown_tolerance_is_the_authors_fault() -> None:
    with pytest.raises(RubricError, match="only 'rel' and 'abs' are known"):
        compare("1", "1", {}, tolerance={"relative": 0.1})


def test_matrices_tell_wrong_entries() -> None:
    out = judged(r"\{1, 2\}", r"\{1, 3\}")
    assert out.message == "Not the expected values: yours number 2 (3) is wrong."
    assert out.evidence["wrong_entries"] == [2]


def test_lists_keep_their_order_and_sets_do_not() -> None:
    assert judged("([1, 0], [0, 1])", "([1, 0], [0, 1])").equivalent
    assert judged("([1, 0], [0, 1])", "([0, 1], [1, 0])").verdict == "different"
    assert judged(r"\{x, z\}", r"\{z, x\}").equivalent


def test_an_expected_side_without_a_value_is_the_authors_fault() -> None:
    with pytest.raises(RubricError, match="has no value under the assumptions: a singular matrix"):
        judged("(X^T X)^{-1} X^T t", "X^T t", assume=["d > n"])
    with pytest.raises(RubricError, match="cannot be read"):
        judged("q_9", "x")


def test_assumptions_are_checked() -> None:
    with pytest.raises(RubricError, match="is not declared as a square matrix"):
        judged("x", "x", assume=["X is symmetric"])
    with pytest.raises(RubricError, match="no sizes satisfy"):
        judged("X w", "X w + X w", assume=["d > n", "n > d"])
    with pytest.raises(RubricError, match="uses b itself"):
        compare("x", "x", {"x": "scalar", "b": "scalar"}, assume=["b = b + 1"])


def test_a_problem_is_judged_the_same_on_every_run() -> None:
    first, second = (Problem(Declarations.make({"x": "scalar"}), "|x|") for _ in range(2))
    assert first.judge("x") == second.judge("x")
    assert first.judge(r"\sqrt{x^2}").evidence == second.judge(r"\sqrt{x^2}").evidence


def test_the_precision_of_the_caller_is_left_alone() -> None:
    before = flint.ctx.prec
    judged("e^x", "e^{x} + 1")
    judged("e^x", "e^{x+z} e^{-z}")
    assert flint.ctx.prec == before


def test_a_counterexample_can_be_computed_again() -> None:
    out = judged(ETA_STAR, r"n\frac{\|X^T a\|^2}{\|X X^T a\|^2}")
    found = out.evidence["counterexample"]

    def matrix(text: str) -> list[list[Fraction]]:
        return [[Fraction(x) for x in row.split()] for row in text.strip("[]").split("; ")]

    def times(p: list[list[Fraction]], q: list[list[Fraction]]) -> list[list[Fraction]]:
        return [
            [sum((a * b for a, b in zip(row, col, strict=True)), Fraction(0)) for col in zip(*q, strict=True)]
            for row in p
        ]

    x, a, n = matrix(found["values"]["X"]), matrix(found["values"]["a"]), Fraction(found["values"]["n"])
    assert len(x) == len(a) == n
    xta = times([list(c) for c in zip(*x, strict=True)], a)
    kappa = times(x, xta)
    ratio = sum(v[0] ** 2 for v in xta) / sum(v[0] ** 2 for v in kappa)
    assert Fraction(found["yours"]) == n * ratio
    assert Fraction(found["expected"]) == n / 2 * ratio


def test_verdicts_on_short_answers_are_kept_and_no_more_than_so_many() -> None:
    p = Problem(Declarations.make({"n": "dim"}), "n/2")
    first = p.judge("0.5n")
    assert p.judge("0.5n") is first
    assert p.judge("0.5n", decimal_comma=True) is not first
    long = "0.5n" + " " * SHORT
    assert p.judge(long) is not p.judge(long)
    for k in range(KEPT):
        p.judge(str(k))
    again = p.judge("0.5n")
    assert again is not first
    assert again == first
