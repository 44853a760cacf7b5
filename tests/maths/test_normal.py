"""What the normal form proves, and that it never proves too much."""

from __future__ import annotations

import pytest

from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.normal import normal_form
from grader.maths.reading import read_text
from tests.maths.homework import DEFINE, SYMBOLS
from tests.maths.test_pitfalls import DIFFERENT

SCOPE = compile_scope(Declarations.make(SYMBOLS, None, DEFINE))


def proves(expected: str, answer: str) -> bool:
    known = normal_form(read_text(expected, SCOPE).node, SCOPE)
    return known is not None and known.same_as(read_text(answer, SCOPE).node, SCOPE)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        ("(A + B) w", "B w + A w"),
        (r"\|X^T a\|^2", "a^T X X^T a"),
        ("w^T A v", "v^T A^T w"),
        ("v v^T y", "(v^T y) v"),
        ("(A B)^{-1}", "B^{-1} A^{-1}"),
        ("(A^T)^{-1}", "(A^{-1})^T"),
        ("A A^{-1} w", "w"),
        (r"(2\eta A)^{-1}", r"\frac{1}{2\eta} A^{-1}"),
        ("X^T (X X^T)^{-1} X X^T t", "X^T t"),
        (r"\operatorname{tr}(A B)", r"\operatorname{tr}(B A)"),
        (r"\operatorname{tr}(w v^T)", "v^T w"),
        (r"\operatorname{tr}(A)", r"\operatorname{tr}(A^T)"),
        (r"\|A\|_F^2", r"\operatorname{tr}(A A^T)"),
        (r"\frac{1}{x - 1} - \frac{1}{x + 1}", r"\frac{2}{x^2 - 1}"),
        (r"\frac{x^2 - 1}{x - 1}", "x + 1"),
        ("a", "X w_0 - t"),
        (r"\sigma(x + z)", r"\sigma(z + x)"),
        (r"w \odot v", r"v \odot w"),
        (r"w \odot (v + y)", r"w \odot v + w \odot y"),
        ("e^{x z}", "e^{z x}"),
    ],
)
def test_proved(expected: str, answer: str) -> None:
    assert proves(expected, answer)


@pytest.mark.parametrize(("expected", "answer"), [(e, a) for e, a, o in DIFFERENT if not o and "O(" not in a])
def test_nothing_wrong_is_proved(expected: str, answer: str) -> None:
    assert not proves(expected, answer)


def test_what_grows_has_no_normal_form() -> None:
    assert normal_form(read_text("(x + z + p + q + 1)^6 (x + z)^6", SCOPE).node, SCOPE) is None
