"""Shapes: what fits, what does not and why, before anything is evaluated."""

from __future__ import annotations

import pytest

from grader.errors import ShapeFault
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.reading import read_text
from grader.maths.tree import Shape
from tests.maths.homework import SYMBOLS, judged

SCOPE = compile_scope(Declarations.make(SYMBOLS))


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("X w", ("n", 1)),
        ("X^T t", ("d", 1)),
        ("w^T w", None),
        ("w w^T", ("d", "d")),
        ("v v^T y", ("d", 1)),
        ("v^T v y", ("d", 1)),
        (r"\eta X X^T t", ("n", 1)),
        ("(I - w w^T) v", ("d", 1)),
        (r"\operatorname{diag}(w)", ("d", "d")),
        (r"\operatorname{diag}(A)", ("d", 1)),
        (r"\sigma(w)", ("d", 1)),
        (r"1 - \sigma(w)", ("d", 1)),
        (r"\sum_{i=1}^n t_i x_i", ("d", 1)),
        (r"\nabla_w \|X w\|^2", ("d", 1)),
        (r"\frac{\partial^2}{\partial w^2} \|X w\|^2", ("d", "d")),
        ("X^+", ("d", "n")),
        ("[1, 2, 3]", (3, 1)),
    ],
)
def test_the_shape(text: str, shape: Shape) -> None:
    assert read_text(text, SCOPE).node.shape == shape


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("X t", "cannot multiply (n×d) by (n×1); is a transpose missing on the left?"),
        ("X w - w", "cannot add (n×1) and (d×1)"),
        ("w - 1", "cannot add (d×1) and a scalar"),
        ("w + v^T", "cannot add (d×1) and (1×d); one of them needs a transpose"),
        (
            "w v",
            (
                "cannot multiply (d×1) by (d×1); for their inner product transpose the first, "
                "for the elementwise product write ⊙"
            ),
        ),
        ("w^2", "a vector (d×1) cannot be squared; did you mean its squared norm ‖…‖²?"),
        ("X^{-1}", "(n×d) is not square and has no inverse"),
        (r"\frac{w}{A}", "cannot divide by (d×d); write its inverse and say on which side"),
        ("e^{A}", "the exponent is (d×d); it must be a scalar"),
        (r"\det(X)", "det of (n×d), which is not square"),
    ],
)
def test_what_does_not_fit(text: str, message: str) -> None:
    with pytest.raises(ShapeFault) as caught:
        read_text(text, SCOPE)
    assert caught.value.message == message
    assert caught.value.tree is not None


def test_two_dimensions_are_never_assumed_equal() -> None:
    with pytest.raises(ShapeFault):
        read_text("X + X^T", SCOPE)


def test_one_minus_sigma_is_a_vector_of_ones() -> None:
    assert judged(r"\sigma(w) \odot (1 - \sigma(w))", r"\sigma(w) - \sigma(w) \odot \sigma(w)").equivalent
