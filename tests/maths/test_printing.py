"""What we print reads back to the same value, in every style."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import MathsFault, UndefinedFault
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.evaluate import evaluate, needs_reals
from grader.maths.parser import parse
from grader.maths.printing import show
from grader.maths.sampling import WORLDS, draw, sizes
from grader.maths.shapes import elaborate
from grader.maths.tokens import looks_like_latex, tokenize
from grader.maths.tree import Node, num, sym

SCOPE = compile_scope(
    Declarations.make(
        {
            "X": "matrix n m",
            "A": "matrix n n",
            "S": "matrix n n",
            "W^(1)": "matrix n m",
            "w": "vector m",
            "w_0": "vector m",
            "w_hat": "vector m",
            "w_hat_0": "vector m",
            "a": "vector n",
            "y_bar": "vector n",
            "eta": "scalar > 0",
            "eta_star": "scalar > 0",
            "lambda_tilde": "scalar > 0",
            "k": "scalar > 0",
            "NF": "integer > 0",
            "sigma": "function scalar->scalar",
            "n": "dim",
            "m": "dim",
        }
    )
)
STYLES = ("unicode", "latex", "infix")


def read(text: str) -> Node:
    return elaborate(parse(tokenize(text), SCOPE, infix=not looks_like_latex(text)), SCOPE)


def value(node: Node, seed: int = 7) -> Any:
    rng = random.Random(seed)
    world = "balls" if needs_reals(node, SCOPE) else "rationals"
    return evaluate(node, draw(SCOPE, WORLDS[world], sizes(SCOPE, rng, 1)[0], rng, frozenset("*")))


def same(a: Any, b: Any) -> bool:
    if hasattr(a, "overlaps"):
        return bool(a.overlaps(b))
    if hasattr(a, "entries") and a.entries() and hasattr(a.entries()[0], "overlaps"):
        return all(x.overlaps(y) for x, y in zip(a.entries(), b.entries(), strict=True))
    return bool(a == b)


# --- trees of every shape -----------------------------------------------------------------------------

VALUES = [Fraction(v) for v in ("0", "1", "2", "3", "10", "-1", "-4", "1/2", "-3/4", "13/10")]
NUMBERS = st.sampled_from([num(v) for v in VALUES])
SCALARS = st.sampled_from(["eta", "eta_star", "lambda_tilde", "k", "NF", "n"]).map(sym)
LEAVES: dict[str, st.SearchStrategy[Node]] = {
    "1": NUMBERS | SCALARS,
    "n1": st.sampled_from(["a", "y_bar"]).map(sym) | st.just(Node("ones", (), "n")),
    "m1": st.sampled_from(["w", "w_0", "w_hat", "w_hat_0"]).map(sym),
    "nn": st.sampled_from(["A", "S"]).map(sym) | st.just(Node("eye", (), "n")),
    "nm": st.sampled_from(["X", "W^(1)"]).map(sym),
}
LEAVES["mn"] = LEAVES["nm"].map(lambda x: Node("T", (x,)))
LEAVES["1n"] = LEAVES["n1"].map(lambda x: Node("T", (x,)))
LEAVES["1m"] = LEAVES["m1"].map(lambda x: Node("T", (x,)))
LEAVES["mm"] = LEAVES["nm"].map(lambda x: Node("mul", (Node("T", (x,)), x), ""))
SHAPES = list(LEAVES)


def parts(shape: str) -> tuple[str, str]:
    return ("1", "1") if shape == "1" else (shape[0], shape[1])


def joined(r: str, c: str) -> str:
    return "1" if r == c == "1" else r + c


@st.composite
def trees(draw_: st.DrawFn, shape: str = "1", depth: int = 4) -> Node:
    if depth == 0 or draw_(st.integers(0, 4)) == 0:
        return draw_(LEAVES[shape])

    def sub(s: str) -> Node:
        return draw_(trees(s, depth - 1))

    r, c = parts(shape)
    kinds = ["add", "neg", "scale", "product", "had", "div", "T"]
    if shape == "1":
        kinds += ["pow", "norm", "inner", "func", "sum", "max", "fact", "idx", "deriv", "mul"]
    if shape in ("nn", "mm"):
        kinds += ["inv", "matpow", "diag"]
    if c == "1" and shape != "1":
        kinds += ["apply", "column"]
    match draw_(st.sampled_from(kinds)):
        case "add":
            return Node("add", tuple(sub(shape) for _ in range(draw_(st.integers(2, 3)))))
        case "neg":
            return Node("neg", (sub(shape),))
        case "scale":
            return Node("mul", (sub("1"), sub(shape)), "")
        case "mul":
            return Node("mul", (sub("1"), sub("1")), "cdot")
        case "product":
            inner = draw_(st.sampled_from("nm"))
            return Node("mul", (sub(joined(r, inner)), sub(joined(inner, c))), "")
        case "had":
            return Node("had", (sub(shape), sub(shape)))
        case "div":
            return Node("div", (sub(shape), sub("1")))
        case "T":
            return Node("T", (sub(joined(c, r)),))
        case "pow":
            return Node("pow", (sub("1"), num(draw_(st.sampled_from([2, 3, -1, -2])))))
        case "norm":
            return Node(
                "norm", (sub(draw_(st.sampled_from(["n1", "m1"]))),), draw_(st.sampled_from(["2", "1"]))
            )
        case "inner":
            s = draw_(st.sampled_from(["n1", "m1"]))
            return Node("inner", (sub(s), sub(s)))
        case "func":
            return Node("func", (sub("1"),), draw_(st.sampled_from(["exp", "sqrt", "abs", "sin", "tanh"])))
        case "sum":
            body = Node("mul", (Node("idx", (sym("a"), Node("var", (), "i"))), sub("1")), "")
            return Node(draw_(st.sampled_from(["sum", "prod"])), (body, num(1), sym("n")), "i")
        case "max":
            return Node(draw_(st.sampled_from(["max", "min"])), (sub("1"), sub("1")))
        case "fact":
            return Node("fact", (num(draw_(st.integers(0, 5))),))
        case "idx":
            return Node("idx", (sub("n1"), num(2)))
        case "deriv":
            return Node("deriv", (sub("1"),), ("eta", draw_(st.sampled_from([1, 1, 2]))))
        case "inv":
            return Node("inv", (sub(shape),))
        case "matpow":
            return Node("pow", (sub(shape), num(draw_(st.sampled_from([2, 3])))))
        case "diag":
            return Node("func", (sub(r + "1"),), "diag")
        case "apply":
            return Node("apply", (sub(shape),), ("sigma", draw_(st.sampled_from([0, 1]))))
        case _:
            return Node("idx", (sub(r + "n"), Node("all"), num(1)))
    raise AssertionError


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SHAPES).flatmap(lambda s: trees(s)), st.sampled_from(STYLES))
def test_what_is_printed_reads_back_to_the_same_value(tree: Node, style: str) -> None:
    node = elaborate(tree, SCOPE)
    try:
        before = value(node)
    except (UndefinedFault, MathsFault):
        return

    text = show(node, style)
    again = read(text)

    assert again.shape == node.shape, text
    assert same(before, value(again)), text


ROWS = [
    (r"\frac{n}{2}\frac{\|X^Ta\|^2}{\|XX^Ta\|^2}", "(n/2) (‖Xᵀa‖² / ‖XXᵀa‖²)"),
    (r"\operatorname{abs}(2 \|a\|)", "abs(2 ‖a‖)"),  # bars within bars are not told apart
]


@pytest.mark.parametrize(("text", "unicode"), ROWS)
def test_unicode_is_what_a_person_would_write(text: str, unicode: str) -> None:
    assert show(read(text)) == unicode
