"""Which statement of an answer counts, and which member of its chain."""

from __future__ import annotations

import pytest

from grader.errors import EmptyFault, MathsFault, SyntaxFault
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.printing import show
from grader.maths.reading import read_text
from grader.maths.tree import Node

SCOPE = compile_scope(
    Declarations.make(
        {
            "X": "matrix n d",
            "a": "vector n",
            "w_0": "vector d",
            "eta": "scalar > 0",
            "n": "dim",
            "k": "scalar > 0",
            "lambda_tilde": "scalar > 0",
        },
        define={"b": "X w_0"},
    )
)
WANTED = read_text("n/2", SCOPE).node

ANSWERS = {
    # the last member of a chain, which may be named, bounded or rounded behind
    "x = k = n/2": "n/2",
    r"\eta^* = n/2 = w^*": "n/2",
    r"n/2 = \eta": "n/2",
    r"\eta = n/2 > 0": "n/2",
    r"n/2 \ge 0": "n/2",
    r"x = k = 1/3 \approx 0.33": "1/3",
    r"n/2 \ne 0": "n/2",
    r"\eta = n/2 \in \mathbb{R}": "n/2",
    # labels
    "eta: n/2": "n/2",
    "Answer: n/2": "n/2",
    "The optimal rate is n/2": "n/2",
    "The optimal rate eta = n/2": "n/2",
    r"\operatorname*{arg\,min}_\eta L = n/2": "n/2",
    # conditions and remarks are no answers
    r"$\eta = n/2$ if $k \ne 0$": "n/2",
    r"\eta = n/2, \quad k > 0": "n/2",
    r"\eta = n/2 \text{ for all } k > 0": "n/2",
    r"\eta = n/2 \quad \forall k": "n/2",
    "$n/2$, where $n$ is the number of rows": "n/2",
    "$n/2$ (for $k = 2$, it is $3$)": "n/2",
    r"\eta = n/2 \implies \eta > 0": "n/2",
    # definitions
    "$x = c/2$, where $c = n$": "n/2",
    "x = c/2, c = n": "n/2",
    "Let $c = n$. Then $x = c/2$": "n/2",
    r"x = c/2 \text{ with } c = n": "n/2",
    "u = n, v = u/2, x = v": "n/2",
    # what was asked for may itself be declared
    r"\begin{aligned} 4\eta &= 2n \\ \eta &= n/2 \end{aligned}": "n/2",
    r"2\eta - n = 0 \implies \eta = n/2": "n/2",
    r"\nabla_\eta L = 0 \Rightarrow \eta = \frac{n}{2}": "n/2",
    # boxes come first
    r"\boxed{n/2} \quad x = 3": "n/2",
    r"x = \boxed{n/2}": "n/2",
}


@pytest.mark.parametrize(("text", "answer"), ANSWERS.items(), ids=list(ANSWERS))
def test_the_answer(text: str, answer: str) -> None:
    reading = read_text(text, SCOPE, wanted=WANTED)
    expected = read_text(answer, SCOPE).node
    defined = reading.scope.define if reading.scope else {}

    def unfolded(node: Node) -> Node:
        found = node.map(lambda x: defined.get(x.value) if x.op == "sym" and x.value != "b" else None)
        return found if found == node else unfolded(found)

    assert unfolded(reading.node) == expected, show(reading.node)


REFUSED = {
    "$n/3$ or $n/2$": "'or' stands before it, so that it is no single answer; give just one",
    r"n/3 \text{ or } n/2": "'or' stands before it, so that it is no single answer; give just one",
    "It is not $n/2$.": "'It is not' stands before it, so that it is no single answer; give just one",
    r"\eta < n/2": "an inequality with '<' states no value; write '='",
    r"\eta \le n/2": "an inequality with '≤' states no value; write '='",
    "see the figure": "these words hold no mathematics",
    "NIF n/2": "NIF is not declared; the names here are X, a, b, d, η, k, λ̃, n, w₀",
    "foo n/2": "foo is not declared; the names here are X, a, b, d, η, k, λ̃, n, w₀",
    "n/2, n/3": "several values are given; put them in brackets, or write a decimal point",
}


@pytest.mark.parametrize(("text", "message"), REFUSED.items(), ids=list(REFUSED))
def test_what_is_no_single_answer_is_refused(text: str, message: str) -> None:
    with pytest.raises(MathsFault) as caught:
        read_text(text, SCOPE, wanted=WANTED)

    assert caught.value.message == message


@pytest.mark.parametrize(
    "text", ["", "  ", "$$ $$", "$ $", r"\quad", r"\blacksquare", "∎", r"\text{see above}", "x ="]
)
def test_nothing_to_read(text: str) -> None:
    with pytest.raises(EmptyFault):
        read_text(text, SCOPE)


def test_a_bound_is_the_value_of_what_it_bounds() -> None:
    assert show(read_text(r"f(\bar w) - f(w^*) \le \frac{n}{2}", SCOPE).node) == "n/2"


def test_components_are_a_vector_where_a_vector_is_wanted() -> None:
    wanted = read_text("(1, 2)", SCOPE).node

    assert show(read_text("w_1 = 0.5, w_2 = 3", SCOPE, wanted=wanted).node) == "(1/2, 3)"
    assert show(read_text("w_1 = 0.5, w_2 = 3", SCOPE).node) == "3"


def test_rows_written_as_rows_are_read_as_rows() -> None:
    reading = read_text(r"\sum_i x_i w_0", SCOPE)

    assert reading.notes == ("the x_i were read as rows",)


def test_an_equation_keeps_both_sides() -> None:
    assert show(read_text(r"2k = n \implies k = n/2", SCOPE, equation=True).node) == "k = n/2"
    with pytest.raises(SyntaxFault) as caught:
        read_text("2k", SCOPE, equation=True)
    assert caught.value.message == "an equation is expected here, with an equals sign"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("$n + \\omega$", r"\omega"),
        ("So $x = 1$ and $$y = 2 + \\foo$$", r"\foo"),
        ("Hence\n\nx = 3 + bar", "bar"),
        (r"\boxed{n + \psi}", r"\psi"),
        (r"x = \boxed{€}", "€"),
        ("\\begin{aligned} x &= n \\\\ x &= \\foo \\end{aligned}", r"\foo"),
        ("The value is $2^10$", "10"),
    ],
)
def test_the_place_of_a_fault_is_a_place_in_the_whole_text(text: str, part: str) -> None:
    with pytest.raises(MathsFault) as caught:
        read_text(text, SCOPE)

    assert caught.value.span is not None
    assert text[slice(*caught.value.span)] == part
