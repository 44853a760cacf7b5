"""Hostile text: nothing but a ``MathsFault`` comes out of the reader, and it comes out quickly."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import MathsFault
from grader.maths.compare import compare
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.labels import label_of
from grader.maths.reading import read_text
from grader.maths.statements import find_statements
from grader.maths.tokens import tokenize
from tests.clock import ends

SYMBOLS = {
    "X": "matrix n d",
    "w_0": "vector d",
    "a": "vector n",
    "eta": "scalar > 0",
    "n": "dim",
    "W_1": "matrix n d",
    "sigma": "function scalar->scalar",
    "NF": "integer > 0",
}
SCOPE = compile_scope(
    Declarations.make(SYMBOLS, latex={"W_1": "W^{(1)}"}, assume=["sigma is the logistic sigmoid"])
)

TOWERS = [
    r"\binom{\binom{\binom{\binom{\binom{\binom{n}{8}}{8}}{8}}{8}}{8}}{8}",
    r"\begin{cases}" + r"n & n > 0 \\ " * 900 + r"\end{cases}",
    "9**9**9**9",
    "9^9^9^9",
    "9^{9^{9^{9}}}",
    "((((9!)!)!)!)!",
    "9!!!!!!!!!",
    "2^{2^{2^{2^{2^{2}}}}}",
    "10^{10^{10}}",
    "(1+eta)^{10^9}",
    "\\sum_{i=1}^{10^{12}} i",
    "\\prod_{i=1}^{9999999} (1+i)",
    "1e999999999",
    "1e-999999999",
    "9" * 500,
    "x" * 9_000,
    "XX^T" * 2_000,
    "a" * 9_000,
    "NF" * 4_000,
]
DEEP = [
    "\n" * 150_000 + "x",
    "x" + " \n" * 100_000 + "+ x",
    "x\\\n" * 40_000,
    "(" * 1_000_000,
    "{" * 10_000,
    "{" * 4_999 + "}" * 4_999,
    "(" * 4_000 + "1" + ")" * 4_000,
    "[" * 4_000 + "1" + "]" * 4_000,
    "[" * 45 + "1" + "]" * 45,
    "[[" * 20 + "1" + "]+1]" * 20,
    "\\frac{" * 1_000 + "1" + "}{2}" * 1_000,
    "\\sqrt" * 1_500,
    "\\hat" * 2_000 + "w",
    "\\hat{" * 1_500 + "w" + "}" * 1_500,
    "|" * 5_000,
    "||" * 3_000,
    "-" * 9_000 + "1",
    "a^" * 4_000 + "1",
    "a_" * 4_000 + "1",
    "\\begin{bmatrix}" * 500,
    "\\left(" * 1_000,
    "\\underbrace{" * 500 + "1" + "}_{x}" * 500,
    "\\text{" * 1_000 + "}" * 1_000,
    "{\\bf " * 1_000 + "1" + "}" * 1_000,
    "{1 \\over " * 500 + "1" + "}" * 500,
    "$" * 9_999,
    "$x$" * 3_000,
    "\\boxed{" * 1_000 + "1" + "}" * 1_000,
    "=" * 9_000,
    "1 = " * 2_000 + "1",
    "a, " * 3_000 + "b = 1",
    "\\\\" * 4_000,
    "&" * 9_000,
    "\\quad " * 1_500,
    "\n" * 9_000,
    "(\n" * 4_000,
    "K = K a, " * 500,
    "".join(f"u_{k} = u_{k + 1}, " for k in range(600)),
    "(" * 40 + "XX^T" + ")^8" * 40,
    "(" * 40 + "a" + r")^{\odot 8}" * 40,
    "square(" * 45 + "a" + ")" * 45,
    "sigma'(" * 45 + "a" + ")" * 45,
]
FORBIDDEN = [
    "\\input{/etc/passwd}",
    "\\write18{rm -rf /}",
    "\\def\\x{\\x\\x}\\x",
    "\\newcommand{\\a}{1}",
    "__import__('os').system('true')",
    "eval('1')",
    "lambda: 1",
    "().__class__.__bases__",
    "{{7*7}}",
    "${7*7}",
    "%s%s%s%n",
    "; DROP TABLE students;",
    "<script>alert(1)</script>",
    "a\x00b",
    "\x07",
    "\x1b[31m1",
    "1\u202e2",
    "\u200f5",
    "1\u200d2",
    "\ud800",
    "\U000e0001",
    "１２",
    "٣",
    "²",
    "_",
    "^",
    "\\",
    "\\frac",
    "\\frac{1}",
    "\\hat",
    "\\begin",
    "\\begin{",
    "\\end{bmatrix}",
    "\\begin{bmatrix}\\end{bmatrix}",
    "\\text",
    "\\mathbf",
    "\\sum",
    "\\sum_",
    "\\sum_{i",
    "\\nabla",
    "\\nabla_",
    "\\nabla_{",
    "\\langle",
    "\\sqrt[",
    "\\log_",
    "w_",
    "w^",
    "w_0^",
    "\\sigma^",
    "\\sigma'",
    "O(",
    "\\frac{d}{d",
    "\\frac{d",
    "\\frac{d^2}{d",
    "d/",
    "d/d",
    "1_",
    "I_",
    "\\mathbf{1}_",
    "a_{",
    "norm(",
    "X.dot(",
    "np.",
    "np.linalg.",
    ".T",
    "'",
    "!",
    "%",
    ":=",
    ",",
]


@pytest.mark.parametrize("text", [*TOWERS, *DEEP, *FORBIDDEN], ids=lambda t: repr(t[:24]))
def test_hostile_text_is_answered(text: str) -> None:
    with ends():
        found = compare("n", text, SYMBOLS)

    assert found.verdict in ("different", "invalid", "undecided")


WORDS = r"""
    \frac{ \frac12 \sqrt \sum_{i=1}^{n} \sum_i \nabla_w \partial { } ( ) [ ] | || \| \left( \right) \langle
    \rangle \begin{bmatrix} \end{bmatrix} \begin{aligned} \end{aligned} \\ & ^ _ ' ^T ^{-1} ^* _0 _{i} _i
    \hat \tilde \mathbf \mathbf{1} \text{where} \text{ if } \boxed{ \underbrace{ \over \quad \, \cdot \odot
    * / + - = := \ne \le \implies \dots \tag{1} , ; . : ! % X w a n d eta \eta \sigma \sigma' W^{(1)} w_0 NF
    XX^T 0 1 2 10 1,000 0.5 1e3 $ $$ is where Let let the = O( exp \exp log norm( inv( np.linalg.inv( X.T .T
    @ ** ‖ ᵀ ² ₀ ½ √ λ̃ ∑ · × − ≥ ⟨ ⟩ e i I
"""
PIECES = st.sampled_from([*WORDS.split(), "\n", " ", "  "])


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES, max_size=25).map("".join) | st.lists(PIECES, max_size=25).map(" ".join))
def test_random_tokens_raise_nothing_else(text: str) -> None:
    for infix in (None, True, False):
        with contextlib.suppress(MathsFault):
            read_text(text, SCOPE, infix=infix)
    with contextlib.suppress(MathsFault):
        read_text(text, SCOPE, equation=True, lenient=True, decimal_comma=True)
    for s in find_statements(text):
        for m in s.members:
            label_of(m)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60))
def test_any_text_raises_nothing_else(text: str) -> None:
    with contextlib.suppress(MathsFault):
        tokenize(text)
    with contextlib.suppress(MathsFault):
        read_text(text, SCOPE)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_the_place_of_a_fault_lies_in_the_text(text: str) -> None:
    fault = fault_of(text)

    if fault is not None:
        assert fault.message
        assert fault.message[-1] not in ".!"
        start, end = fault.span or (0, 0)
        assert 0 <= start <= end <= len(text) + 1


def fault_of(text: str) -> MathsFault | None:
    try:
        read_text(text, SCOPE)
    except MathsFault as fault:
        return fault
    return None
