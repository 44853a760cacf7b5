"""A member that seems false is heard once more: what the text says is used, or a person looks."""

from __future__ import annotations

import pytest

from grader.maths.appeal import Said, said_in_words
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.derivation import Derivation, steps

SYMBOLS = {"A": "matrix n n", "X": "matrix n d", "x": "vector n", "v": "vector n", "k": "integer > 0"}


def said(text: str) -> Said:
    return said_in_words(text, compile_scope(Declarations.make(SYMBOLS, None, None, ())))


def last(text: str) -> tuple[str, str]:
    d: Derivation = steps(text, SYMBOLS)
    return d.steps[-1].status, d.steps[-1].message


@pytest.mark.parametrize(
    ("text", "structures"),
    [
        ("Since $A$ is symmetric, all is well.", (("A", "symmetric"),)),
        ("Let $A$ be a symmetric positive definite matrix.", (("A", "positive definite"),)),
        ("For an orthogonal matrix $A$ we have", (("A", "orthogonal"),)),
        ("The unit vector $v$ points there.", (("v", "unit"),)),
        ("$v$ is a unit vector.", (("v", "unit"),)),
        ("$A$ is not symmetric.", ()),
        ("$A$ need not be symmetric.", ()),
        ("$X$ is symmetric.", ()),  # it is not square
        ("$A$ is given. The matrix is symmetric.", ()),  # another sentence
    ],
)
def test_properties_are_read_from_the_words(text: str, structures: tuple[tuple[str, str], ...]) -> None:
    assert said(text).structures == structures


@pytest.mark.parametrize(
    ("text", "unused"),
    [
        ("$X$ has orthonormal columns.", {"X"}),
        ("$A$ is idempotent.", {"A"}),
        ("$v$ lies in the null space of $X$.", {"v"}),
        ("$w$ is idempotent.", set()),
        ("the row space of $X$", set()),
    ],
)
def test_properties_that_cannot_be_used_are_known(text: str, unused: set[str]) -> None:
    assert said(text).unused == unused


def test_a_step_that_needs_an_unused_property_is_for_a_person() -> None:
    assert last("$A$ is idempotent. Then $x^TAAx = x^TAx = x^TAx$.")[0] == "holds"
    d = steps("$A$ is idempotent. Then $\\|x\\|^2 + x^TAAx = \\|x\\|^2 + x^TAx$.", SYMBOLS)
    assert d.first_wrong is None
    assert d.steps[1].status == "unread"
    assert d.steps[1].message == "What is said of A in words was not used here; a person looks."


def test_without_the_words_the_same_step_is_false() -> None:
    assert steps("$\\|x\\|^2 + x^TAAx = \\|x\\|^2 + x^TAx$.", SYMBOLS).first_wrong == 1


def test_a_property_does_not_excuse_another_slip() -> None:
    text = "Since $A$ is symmetric, $\\nabla_x(x^TAx) = (A + A^T)x = 3Ax$."
    assert steps(text, SYMBOLS).first_wrong == 2


def test_a_value_holds_until_another_is_given() -> None:
    text = "For $k = 4$: $k(k + 1) = 4 \\cdot 5 = 20$. For $k = 5$: $k(k + 1) = 5 \\cdot 6 = {}$."
    assert steps(text.format(30), SYMBOLS).first_wrong is None
    assert steps(text.format(20), SYMBOLS).first_wrong == 5


def test_values_that_are_not_given_leave_a_person_to_look() -> None:
    assert steps("$k(k + 1)(k + 2) = 4 \\cdot 5 \\cdot 6$", SYMBOLS).first_wrong is None


def test_a_column_of_numbers_may_choose_the_size() -> None:
    d = steps("With $x = [1, 2, 3]^T$: $\\|x\\|^2 = 1 + 4 + 9 = 14$", SYMBOLS)
    assert d.first_wrong is None
