"""The short way of reading a letter or a number leads to the same tree, or the same fault, as the grammar."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import MathsFault
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.parser import parse
from grader.maths.scope import Scope
from grader.maths.tokens import tokenize
from grader.maths.tree import Node

SCOPE = compile_scope(
    Declarations.make(
        {
            "X": "matrix n d",
            "w": "vector d",
            "w_star": "vector d",
            "T": "integer > 0",
            "x": "scalar",
            "e": "scalar",
            "eta": "scalar > 0",
            "pi": "scalar",
            "sigma": "function",
            "d": "dim",
            "u": "scalar",
        },
        latex={"u": r"a \cdot b"},
    )
)
PIECES = [
    *"Xwxeudnabi01 2()[]{}|+-*/^_'!,.&",
    *("12", "1.5", "T", "sigma", "pi", "**", ".T", "%", "//", "||", "star", "sum", "'' "),
    *(r"\eta ", r"\pi ", r"\sigma ", r"\top ", r"\cdot ", r"\frac", r"\hat ", r"\dagger ", r"\text{if}"),
    *(r"\sum_{i=1}^n ", r"\quad ", r"\times ", r"^{-1}", r"^\top ", r"^{*}", r"^T", r"^{(1)}", r"\sqrt"),
]


def outcome(text: str, infix: bool) -> object:
    def told(n: Node) -> object:
        return (n.op, n.value, n.span, [told(a) for a in n.args])

    try:
        return told(parse(tokenize(text), SCOPE, infix=infix, bound=frozenset("i")))
    except MathsFault as fault:
        return (type(fault), fault.message, fault.span)


@settings(max_examples=600)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join), st.booleans())
def test_the_short_way_changes_nothing(text: str, infix: bool) -> None:
    short = outcome(text, infix)
    with patch("grader.maths.parser.plain_factor", lambda p: None):
        assert outcome(text, infix) == short


def test_letters_with_more_to_them_are_left_to_the_grammar() -> None:
    assert isinstance(SCOPE, Scope)
    assert SCOPE.plain == {"X", "x", "e", "eta", "pi", "T", "n", "u"}
