"""Tokens → tree: precedence, and what every fault says.

Trees are compared by value: ``same`` holds pairs of texts that mean one thing, ``FAULTS`` the whole
message with the characters it points at.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from grader.errors import MathsFault
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.evaluate import evaluate, needs_reals
from grader.maths.reading import read_text
from grader.maths.sampling import WORLDS, draw, sizes
from grader.maths.tree import Node

SCOPE = compile_scope(
    Declarations.make(
        {
            "X": "matrix n d",
            "w": "vector d",
            "w_0": "vector d",
            "a": "vector n",
            "b": "vector n",
            "eta": "scalar > 0",
            "lambda_tilde": "scalar",
            "k": "scalar > 0",
            "m": "scalar > 0",
            "NF": "integer > 0",
            "NC": "integer > 0",
            "sigma": "function scalar->scalar",
            "n": "dim",
        }
    )
)


def read(text: str) -> Node:
    return read_text(text, SCOPE).node


def values(*nodes: Node) -> list[Any]:
    """The values at one point; for real balls only a value that both can have."""
    rng = random.Random(3)
    real = any(needs_reals(n, SCOPE) for n in nodes)
    point = draw(SCOPE, WORLDS["balls" if real else "field"], sizes(SCOPE, rng, 1)[0], rng, frozenset("*"))
    found = [evaluate(n, point) for n in nodes]
    return [f"{float(v.mid()):.9g}" for v in found] if real else found


SAME = [
    ("k/2m", "k/(2*m)"),
    ("k/2 m", "(k/2)*m"),
    ("1/n a", "a/n"),
    ("k / 2 * m", "(k/2)*m"),
    ("k/m/2", "k/(2*m)"),
    (r"k/2\eta", "k/(2*eta)"),
    ("-k^2", "0 - k*k"),
    ("2 * -k", "-2*k"),
    ("k - -m", "k + m"),
    ("k^2^1", "k^2"),
    ("k^-1", "1/k"),
    (r"k^{-1}", "1/k"),
    ("2k^2m", "2*k*k*m"),
    (r"\frac12", "0.5"),
    (r"\frac1k", "1/k"),
    (r"\frac k2", "k/2"),
    (r"\frac12k", "k/2"),
    (r"\frac{k}2m", "k*m/2"),
    (r"{k \over 2 m}", "k/(2*m)"),
    ("2NF^2", "2*NF*NF"),
    ("4NC", "4*NC"),
    ("NFk^2", "NF*k*k"),
    (r"\text{NF}\,\text{NC}", "NF*NC"),
    ("NFNC", "NF*NC"),
    ("3 x 4", "12"),
    ("XX^Ta", "X @ X.T @ a"),
    ("X' a", "X.T @ a"),
    (r"X^\top a", "X.T @ a"),
    ("Xᵀa", "X.T @ a"),
    ("a^T b", "inner(a, b)"),
    (r"\langle a, b \rangle", "inner(a, b)"),
    ("<a, b>", "inner(a, b)"),
    (r"a \cdot b", "a.dot(b)"),
    (r"\|a\|_2^2", "inner(a, a)"),
    (r"\|a\|^2_2", "inner(a, a)"),
    (r"\sum_i a_i^2", "inner(a, a)"),
    ("sum_{i=1}^n a_i^2", "inner(a, a)"),
    (r"\sum_{i=1}^{n} (Xw)_i b_i", "inner(X @ w, b)"),
    (r"\sum_{i=1}^{n} w^T x_i b_i", "inner(X @ w, b)"),
    (r"\sum_{i=1}^{n} x_i w b_i", "inner(X @ w, b)"),
    (r"\sum_{i=1}^{n} w^T x^{(i)} b^{(i)}", "inner(X @ w, b)"),
    (r"\sum_i \sum_j X_{ij} w_j b_i", "inner(X @ w, b)"),
    (r"\mathbf{1}^T a", "sum(a)"),
    ("1_n^T a", "sum(a)"),
    (r"I_{n \times n} a", "a"),
    (r"(I + aa^T) b", "b + a*inner(a, b)"),
    (r"a \odot b \odot a", "multiply(a, multiply(b, a))"),
    (r"\operatorname{diag}(a) b", "multiply(a, b)"),
    (r"\nabla_w \|Xw\|^2", "2 * X.T @ X @ w"),
    (r"\frac{\partial}{\partial w} \|Xw\|^2", "2 * X.T @ X @ w"),
    ("∂/∂w ‖Xw‖²", "2 * X.T @ X @ w"),
    (r"\frac{d}{dk} k^3", "3*k*k"),
    (r"\frac{d^2}{dk^2} k^3", "6*k"),
    (r"\frac{\partial^2 k^3}{\partial k^2}", "6*k"),
    (r"{w}_0", "w_0"),
    (r"\begin{cases} k & m \ne 0 \\ 0 & m = 0 \end{cases}", "k"),
    ("[[1 2] [3 4]]", "[[1, 2], [3, 4]]"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "[1, 2; 3, 4]"),
    ("[1 -2; 3 4]", "[[1, -2], [3, 4]]"),
    ("[2/3 1/3; 1 0]", "[[2/3, 1/3], [1, 0]]"),
    ("41.3%", "0.413"),
    ("½k", "k/2"),
    ("| -3 |", "3"),
    ("5!", "120"),
]


@pytest.mark.parametrize(("text", "other"), SAME)
def test_same(text: str, other: str) -> None:
    one, two = read(text), read(other)

    assert one.shape == two.shape
    first, second = values(one, two)
    assert first == second


@pytest.mark.parametrize(
    ("text", "other"),
    [("k/2m", "k/2 m"), ("1/2k", "1/2 k"), ("2^1k", "2^(1k)"), ("-k^2", "(-k)^2"), ("k^2m", "k^(2m)")],
)
def test_not_the_same(text: str, other: str) -> None:
    first, second = values(read(text), read(other))

    assert first != second


# the text, with the place of the fault marked by « and »
FAULTS = [
    ("«(»n + 1", "syntax", "'(' is not closed: expected ')' and found the end"),
    ("«[»1, 2", "syntax", "'[' is not closed: expected ']' and found the end"),
    (r"\| a".replace(r"\|", r"«\|»"), "syntax", "'||' is not closed: expected '||' and found the end"),
    (r"«\langle» a, w_0", "syntax", r"'\langle' is not closed: expected '\rangle' and found the end"),
    (r"«\langle» a \rangle", "syntax", "⟨ … ⟩ needs two vectors with a comma between them"),
    ("n «+»", "syntax", "something is missing behind '+'"),
    ("n «*»", "syntax", "something is missing behind '*'"),
    (r"«\frac»{n}", "syntax", r"'\frac' without its argument"),
    (r"«\hat»", "syntax", "the accent hat stands over nothing"),
    ("n«^»", "syntax", "a power without an exponent"),
    ("n ^ «^» 2", "syntax", "'^' is not expected here"),
    (r"n \cdot «\cdot» 2", "syntax", r"'\cdot' has nothing before it"),
    ("n «3»", "syntax", r"the number 3 stands directly behind a factor; write '\cdot 3' or '^{3}'"),
    (
        r"2 «\frac{1}{2}»", "syntax",
        ("a number directly before a fraction of numbers may be their sum or their product; "
        r"write '+' or '\cdot' between them"),
    ),
    (r"\frac{n^«10»}{2}", "syntax", "'10' needs braces, {10}: without them LaTeX takes only its first digit"),
    (r"\frac«1.5»{2}", "syntax", "'1.5' needs braces, {1.5}: without them LaTeX takes only its first digit"),
    (
        "k «(2.10)»", "syntax",
        ("a number in brackets at the end may be a factor or the number of the equation; "
        r"write '\cdot' before a factor"),
    ),
    (
        "a«(2)»", "syntax",
        "a number in brackets behind the vector a may be a factor or count steps; write a factor in front",
    ),
    ("n/3«, 5»", "syntax", "several values are given; put them in brackets, or write a decimal point"),
    (r"n «\pm» 1", "syntax", "± stands for two values; write the one you mean"),
    (
        r"a «\otimes» b", "syntax",
        "⊗ has several meanings; write ⊙ for the elementwise product or ab^T for the outer one",
    ),
    (
        r"a_1 + «\dots» + a_n", "syntax",
        r"dots stand for something that cannot be evaluated; write the sum out with \sum",
    ),
    (r"«\foo»{n}", "syntax", r"the command \foo is not known here"),
    (r"«\lim» n", "syntax", r"\lim cannot be evaluated; write the value itself"),
    (r"«\sum» a_i", "syntax", r"\sum without an index"),
    (r"«\sum»_{i=1} a_i", "syntax", r"\sum without an upper limit"),
    (r"«\sum»_{i,i} a_i", "syntax", "one index of this sum stands there twice"),
    ("3 «2»^n", "syntax", r"the number 2 stands directly behind a factor; write '\cdot 2' or '^{2}'"),
    (r"«\sum_{i} 1»", "syntax", "how far the index i runs cannot be told; write the limits"),
    (r"«\nabla» a", "syntax", r"∇ needs to say by what it differentiates: \nabla_w"),
    (r"«\sigma» + 1", "syntax", "the function σ needs its argument, σ(…)"),
    ("«exp»(n, n)", "syntax", "exp takes 1 argument and got 2"),
    (r"sum(a, «axis»=0)", "syntax", "the keyword 'axis' of a numpy call is not read"),
    (r"\|a\|«_»3", "syntax", r"the norm with subscript '3' is not known; known are 1, 2, F, \infty"),
    (r"(a + a)^«*»", "syntax", "a star is part of a name; it cannot stand behind an expression"),
    ("«1^T» a", "syntax", r"the vector of ones is written \mathbf{1}"),
    ("«n'»", "syntax", "a scalar has no transpose and no derivative here"),
    ("5«%» n", "syntax", "a percentage or a remainder? Write it with a fraction"),
    (
        r"«\begin»{bmatrix} 1 & 2 \\ 3 \end{bmatrix}", "syntax",
        "the rows of this matrix have different lengths: 2, 1",
    ),
    (
        r"\begin{bmatrix} 1 & «\\» 3 & 4 \end{bmatrix}", "syntax",
        "an empty cell in this matrix; write 0 if it is zero",
    ),
    (r"«\begin»{bmatrix} 1 & 2", "syntax", r"\begin{bmatrix} is not closed"),
    (r"«\begin»{foo} 1 \end{foo}", "syntax", "the environment 'foo' cannot stand inside an expression"),
    ("«[»[1, 2], [3]]", "syntax", "the rows of this matrix have different lengths"),
    ("«[»]", "syntax", "there is nothing in these brackets"),
    (
        r"«\begin»{cases} n & k \ne 2 \\ 1 & k > 2 \end{cases}", "syntax",
        r"a case distinction is read only if one case is the general one, '… \ne 0'",
    ),
    (r"\begin{cases} n & k > 2 \\ 1 «\end»{cases}", "syntax", "a case needs its condition behind '&'"),
    (
        r"«\begin»{cases} n & \text{else} \\ 1 & \text{else} \end{cases}", "syntax",
        "two cases are for everything else",
    ),
    (r"5 «\text{ million}»", "syntax", "the word 'million' changes the value; write it with symbols"),
    (r"k «\text{NX}»", "unknown-symbol", "NX is not declared"),
    (r"«\omega»", "unknown-symbol", "ω is not declared; did you mean w?"),
    (r"2«\lambda»", "unknown-symbol", "λ is not declared; did you mean λ̃?"),
    (r"k + «\bar{\lambda}»", "unknown-symbol", "λ̄ is not declared; did you mean λ̃?"),
    ("«w_1»", "unknown-symbol", "w₁ is not declared; did you mean w?"),
    ("2«W»", "unknown-symbol", "W is not declared; did you mean w?"),
    ("«a^*»", "unknown-symbol", "a^* is not declared; did you mean a?"),
    (r"«\eta^T»", "unknown-symbol", "a scalar to the power T: T is not declared"),
    ("«a^2»", "shape", "a vector (n×1) cannot be squared; did you mean its squared norm ‖…‖²?"),
    (
        "«a b»", "shape",
        ("cannot multiply (n×1) by (n×1); for their inner product transpose the first, "
        "for the elementwise product write ⊙"),
    ),
    ("k + («a + w»)", "shape", "cannot add (n×1) and (d×1)"),
    (r"\frac{1}{«a»}", "shape", "cannot divide by (n×1)"),
    ("k < «3»", "syntax", "an inequality with '<' states no value; write '='"),
    (r"\eta «=»", "empty", "there is nothing behind the last '='"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "reason", "message"), FAULTS, ids=[m for m, *_ in FAULTS])
def test_a_fault_says_what_and_where(marked: str, reason: str, message: str) -> None:
    start, end = marked.index("«"), marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")

    with pytest.raises(MathsFault) as caught:
        read_text(text, SCOPE)

    fault = caught.value
    assert (fault.reason, fault.message) == (reason, message)
    assert fault.span is not None
    assert text[slice(*fault.span)] == text[start:end]


@pytest.mark.parametrize(
    ("text", "op", "real"),
    [
        (r"\eta^2 + k^3", "power", False),
        (r"\eta^2 + k^{-3}", "pow", False),
        (r"(\|w\|^2 + 1)^3", "power", False),
        (r"\|w\|^3", "power", True),
        (r"\eta^{1/2}", "pow", True),
        (r"\eta^{0.5} + k^2", "pow", True),
        (r"2^n + k^2", "pow", False),
        (r"2^k", "pow", True),
        (r"(\eta^k)^2", "pow", True),
    ],
)
def test_powers_by_literal_whole_numbers_are_told_from_others(text: str, op: str, real: bool) -> None:
    """What asks about other powers need not look at an answer that has none: ``Node.ops``."""
    node = read(text)
    assert {"pow", "power"} & node.ops() == {op}
    assert needs_reals(node, SCOPE) is real
