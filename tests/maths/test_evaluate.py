"""Values in the three worlds, and the limits on the work they may cost."""

from __future__ import annotations

from fractions import Fraction

import flint
import pytest

from grader.errors import LimitFault, SyntaxFault, UndefinedFault
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.evaluate import WORLDS, Budget, Point, evaluate
from grader.maths.exactness import constant, needs_reals
from grader.maths.reading import read_text

SCOPE = compile_scope(
    Declarations.make(
        {
            "X": "matrix d d",
            "w": "vector d",
            "x": "scalar",
            "k": "integer > 0",
            "n": "dim",
            "f": "function scalar->scalar",
        }
    )
)
DIMS = {"n": 2, "d": 2}


def point(world: str, x: int = 3) -> Point:
    w = WORLDS[world]
    values = {
        "X": w.matrix(2, 2, [w.scalar(v) for v in (1, 2, 3, 4)]),
        "w": w.matrix(2, 1, [w.scalar(v) for v in (5, -1)]),
        "x": w.scalar(x),
        "k": w.scalar(4),
        "n": w.scalar(2),
        "d": w.scalar(2),
    }
    return Point(w, SCOPE, DIMS, values, {"k": 4, "n": 2, "d": 2}, {"f": [w.scalar(v) for v in (1, 2, 3)]})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"\frac{x}{2} + 1", Fraction(5, 2)),
        ("w^T X w", Fraction(4)),
        (r"\|X w\|^2", Fraction(130)),
        (r"\|X\|_F^2", Fraction(30)),
        (r"\operatorname{tr}(X)", Fraction(5)),
        (r"\det(X)", Fraction(-2)),
        ("w^T X^{-1} w", Fraction(-63)),
        (r"\sum_{i=1}^n \sum_{j=1}^d X_{ij}", Fraction(10)),
        (r"\prod_{i=1}^{k} i", Fraction(24)),
        ("k!", Fraction(24)),
        ("x^k", Fraction(81)),
        ("x^{-k}", Fraction(1, 81)),
        ("x^{4/2}", Fraction(9)),
        ("f(x)", Fraction(34)),
        ("f'(x)", Fraction(20)),
        ("f'''(x)", Fraction(0)),
        (r"\frac{d}{dx} x^3", Fraction(27)),
        ("0^0", Fraction(1)),
    ],
)
def test_exact_values(text: str, value: Fraction) -> None:
    node = read_text(text, SCOPE).node
    assert not needs_reals(node, SCOPE)
    assert evaluate(node, point("rationals")) == flint.fmpq(value.numerator, value.denominator)
    assert evaluate(node, point("field")) == WORLDS["field"].scalar(value)
    assert evaluate(node, point("balls")).contains(flint.fmpq(value.numerator, value.denominator))


@pytest.mark.parametrize(
    "text", [r"\sqrt{x}", r"\|w\|", "e^x", "x^{1/2}", r"\pi x", "|x|", r"\max(x, 1)", "x^x", "2^{n/2}"]
)
def test_what_needs_balls(text: str) -> None:
    node = read_text(text, SCOPE).node
    assert needs_reals(node, SCOPE)
    assert evaluate(node, point("balls")).is_finite()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (r"\frac{1}{x - 3}", "a denominator is zero"),
        ("(x - 3)^{-2}", "a denominator is zero"),
        (r"w^T (w w^T)^{-1} w", "a singular matrix has no inverse"),
        (r"\sqrt{-x}", "the square root of a negative number"),
        (r"\log(-x)", "the logarithm of a number that is not positive"),
        (r"(-x)^{1/3}", "a negative number to a power that is not whole"),
        ("w_3", "index 3 is outside 1 to 2"),
        (r"\arcsin(x)", "asin of a number outside −1 to 1"),
    ],
)
def test_no_value(text: str, message: str) -> None:
    node = read_text(text, SCOPE).node
    with pytest.raises(UndefinedFault) as caught:
        evaluate(node, point("balls" if needs_reals(node, SCOPE) else "rationals"))
    assert caught.value.message == message


@pytest.mark.parametrize(
    "text",
    [
        "x^{3000}",
        "1000!",
        r"\sum_{i=1}^{3000} x",
        r"\sum_{i=1}^{1999} \sum_{j=1}^{1999} x",
        "(((x^{64})^{64})^{64})^{64}",
        r"\operatorname{tr}(I_{999})",
        r"\sum_{i=1}^{10^9} x",
        "k^{k^{k^k}}",
    ],
)
def test_work_is_bounded(text: str) -> None:
    with pytest.raises((LimitFault, SyntaxFault)):
        evaluate(read_text(text, SCOPE).node, point("rationals"))


def test_one_budget_serves_a_whole_judgement() -> None:
    node = read_text(r"\sum_{i=1}^{1000} x", SCOPE).node
    budget = Budget(1500)
    evaluate(node, point("field"), budget)
    with pytest.raises(LimitFault, match="more than the permitted number of operations"):
        evaluate(node, point("field"), budget)


def test_a_sum_in_a_sum_over_the_same_letter_counts_by_itself() -> None:
    node = read_text(r"\sum_{i=1}^{3} i \sum_{i=1}^{3} i", SCOPE).node
    assert evaluate(node, point("rationals")) == 36


@pytest.mark.parametrize(
    ("text", "value"), [("1/2 + 1/2", 1), ("3 \\cdot 4", 12), ("2^{10}", 1024), ("x", None), ("1/0", None)]
)
def test_constants(text: str, value: int | None) -> None:
    assert constant(read_text(text, SCOPE).node) == value


def test_a_power_of_what_may_be_zero_is_a_number() -> None:
    tree = read_text(r"(\sqrt{x} - \sqrt{x})^2", SCOPE).node
    value = evaluate(tree, point("balls"))
    assert value.is_finite()
    assert value.contains(0)
