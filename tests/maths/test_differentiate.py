"""Derivatives: against closed forms, and against difference quotients of the same tree."""

from __future__ import annotations

import random

import flint
import pytest

from grader.errors import LimitFault, MathsFault
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.differentiate import differentiate
from grader.maths.evaluate import WORLDS, evaluate
from grader.maths.reading import read_text
from grader.maths.sampling import draw
from grader.maths.tree import Node, num
from tests.maths.homework import DEFINE, DERIVATIVE, GRADIENT, L_1, SECOND, SYMBOLS, judged

SCOPE = compile_scope(Declarations.make(SYMBOLS, None, DEFINE))


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (DERIVATIVE, rf"\frac{{d}}{{d\eta}} ({L_1})"),
        (SECOND, rf"\frac{{d^2}}{{d\eta^2}} ({L_1})"),
        (GRADIENT, r"\nabla_w \frac{1}{n}\|X w - t\|^2"),
        (r"\frac{2}{n} X^T X", r"\frac{\partial^2}{\partial w^2} \frac{1}{n}\|X w - t\|^2"),
        ("(A + A^T) w", r"\nabla_w w^T A w"),
        (r"\frac{w}{\|w\|}", r"\nabla_w \|w\|"),
        ("v y^T", r"\nabla_A v^T A y"),
        ("A", r"\frac{\partial A w}{\partial w}"),
        (r"\sigma'(w^T v) v", r"\nabla_w \sigma(w^T v)"),
        ("k x^{k - 1}", r"\frac{d}{dx} x^k"),
        (r"\cos(x) e^{\sin x}", r"\frac{d}{dx} e^{\sin x}"),
        (r"p^x \log p", r"\frac{d}{dx} p^x"),
        ("0 w", r"\nabla_w x"),
        ("2 (w^T v - x) v", r"\nabla_w \|w^T v - x\|_2^2"),
        ("4 (w^T v - x)^3 v", r"\nabla_w |w^T v - x|^4"),
        (r"\frac{w^T v}{|w^T v|} v", r"\nabla_w |w^T v|"),
    ],
)
def test_against_closed_forms(expected: str, answer: str) -> None:
    out = judged(expected, answer)
    assert out.equivalent, out.message


@pytest.mark.parametrize(
    "text",
    [
        r"\frac{x^2 + 1}{x - 7}", r"\sqrt{1 + x^2}", r"\log(1 + e^x)", r"\tanh(x)\sin(x)", r"\|w + x v\|",
        r"w^T (A + x B)^{-1} w", r"\det(A + x B)", r"\operatorname{tr}(A x^3)", r"\sigma(x^2)",
        r"(1 + x^2)^{x}", r"\sum_{i=1}^{3} x^i", r"\tan(x / 3)", r"\|x w\|^4", r"|x - 3|^2 + |x|^3",
    ],
)  # fmt: skip
def test_against_difference_quotients(text: str) -> None:
    node = read_text(text, SCOPE).node
    derivative = differentiate(node, "x", num(1), SCOPE)
    assert derivative is not None
    with flint.ctx.workprec(400):
        point = draw(SCOPE, WORLDS["balls"], {"n": 3, "d": 4}, random.Random(8), frozenset("*"))
        h = flint.arb(2) ** -80
        x = point.values["x"]
        up, down = (evaluate(node, point.moved({"x": x + s * h})) for s in (1, -1))
        assert abs((up - down) / (2 * h) - evaluate(derivative, point)) < flint.arb(2) ** -100


def test_long_derivatives_are_refused() -> None:
    def differentiated(times: int) -> Node | None:
        node: Node | None = read_text(r"\sin(\sin(\sin(x^2)))", SCOPE).node
        for _ in range(times):
            assert node is not None
            node = differentiate(node, "x", num(1), SCOPE)
        return node

    with pytest.raises(LimitFault, match="this derivative is too long"):
        differentiated(30)


def test_what_has_no_derivative_here() -> None:
    with pytest.raises(MathsFault, match="the derivative of max is not known"):
        differentiate(read_text(r"\max(x, 1)", SCOPE).node, "x", num(1), SCOPE)
