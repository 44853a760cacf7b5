"""Which letters belong together, and what a decorated name stands for."""

from __future__ import annotations

import pytest

from grader import compare
from grader.errors import UnknownSymbolFault
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.parser import parse
from grader.maths.scope import Scope
from grader.maths.tokens import looks_like_latex, tokenize
from grader.maths.tree import Node


def scope(*names: str, latex: dict[str, str] | None = None, **kinds: str) -> Scope:
    return compile_scope(Declarations.make(dict.fromkeys(names, "scalar") | kinds, latex=latex))


def read(text: str, declared: Scope) -> Node:
    return parse(tokenize(text), declared, infix=not looks_like_latex(text))


SPELLINGS = {
    "w_0": ["w_0", "w_{0}", r"\mathbf{w}_0", r"\boldsymbol{w}_{0}", r"\bm w_0", r"\vec{w}_0", "w₀", "w0",
        r"{w}_0", r"{\bf w}_0"],
    "w_hat": [r"\hat w", r"\hat{w}", r"\widehat{w}", r"\hat{\mathbf{w}}", r"\mathbf{\hat w}", "ŵ",
        "w_hat", r"{\hat w}"],
    "w_hat_0": [r"\hat{w}_0", r"\hat w_{0}", r"\hat{w_0}", "ŵ₀", "w_hat_0", "w_0_hat", r"{\hat w}_0"],
    "lambda_tilde": [r"\tilde\lambda", r"\tilde{\lambda}", r"\widetilde\lambda", "λ̃", "lambda_tilde"],
    "eta_star": [r"\eta^*", r"\eta^{*}", r"\eta^\star", r"\eta_*", "η^*", "eta_star", "eta^*"],
    "W^(1)": ["W^{(1)}", r"\mathbf{W}^{(1)}", "W^{[1]}", "W^(1)", "W⁽¹⁾"],
    "NF": ["NF", r"\text{NF}", r"\mathrm{NF}", r"\mathit{NF}", r"\operatorname{NF}", r"\textit{NF}"],
    "y_bar": [r"\bar y", r"\bar{y}", r"\overline{y}", r"\bar{\mathbf{y}}", "ȳ", "y_bar"],
    "w_t+1": ["w_{t+1}", r"\mathbf{w}_{t+1}"],
    "f_prime": ["f'", r"f^\prime", "f′"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, ts in SPELLINGS.items() for t in ts])
def test_one_name_in_every_spelling(name: str, text: str) -> None:
    declared = scope(*SPELLINGS)

    assert repr(read(text, declared)) == f"sym[{name}]"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("NFk", "mul(sym[NF], sym[k])"),
        ("NICNF", "mul(sym[NIC], sym[NF])"),
        ("kNC", "mul(sym[k], sym[NC])"),
        ("4NC", "mul(num[4], sym[NC])"),
        ("NF^2", "pow(sym[NF], num[2])"),
        (r"\eta k", "mul(sym[eta], sym[k])"),
        ("etak", "mul(sym[eta], sym[k])"),
        ("2e", "mul(num[2], const[e])"),
        (r"\pi k", "mul(const[pi], sym[k])"),
        ("sink", "func[sin](sym[k])"),
        ("logk", "func[log](sym[k])"),
    ],
)
def test_letters_that_stand_side_by_side(text: str, tree: str) -> None:
    declared = scope("NF", "NIC", "NC", "k", "eta")

    assert repr(read(text, declared)).replace("mul[]", "mul") == tree


def test_a_declared_name_wins_over_a_constant_or_a_function() -> None:
    assert repr(read("e", scope("e"))) == "sym[e]"
    assert repr(read(r"\pi", scope("pi"))) == "sym[pi]"
    assert repr(read("I", scope(I="matrix n n"))) == "sym[I]"
    assert repr(read("max", scope("max"))) == "sym[max]"


def test_t_is_a_transpose_behind_vectors_and_an_exponent_behind_scalars() -> None:
    declared = scope("T", "k", w="vector d")

    assert repr(read("w^T", declared)) == "T(sym[w])"
    assert repr(read("k^T", declared)) == "pow(sym[k], sym[T])"


def test_indices_are_entries_and_rows() -> None:
    declared = scope(X="matrix n d", t="vector n")

    assert "idx(sym[t], var[i])" in repr(read(r"\sum_i t_i", declared))
    assert "idx(sym[t], var[i])" in repr(read(r"\sum_i t^{(i)}", declared))
    assert "idxrow(sym[X], var[i])" in repr(read(r"\sum_i x_i", declared)).replace("[row]", "row")
    assert "idx(sym[X], var[i], var[j])" in repr(read(r"\sum_i \sum_j X_{ij}", declared))
    assert repr(read("t_{12}", declared)) == "idx(sym[t], num[12])"
    assert repr(read("X_{12}", declared)) == "idx(sym[X], num[1], num[2])"


def test_a_bound_index_hides_a_declared_name() -> None:
    declared = scope("T", t="vector n", c="vector n")

    assert repr(read(r"\sum_{t=1}^{T} t", declared)) == "sum[t](var[t], num[1], sym[T])"


def test_spellings_of_the_author() -> None:
    declared = scope(g="vector d", W_1="matrix n d", latex={"g": r"\nabla f(w^{(t)})", "W_1": "W^{(1)}"})

    assert repr(read(r"\nabla f(\mathbf{w}^{(t)})", declared)) == "sym[g]"
    assert repr(read(r"\nabla f\left(w^{(t)}\right)", declared)) == "sym[g]"
    assert repr(read(r"W^{(1)T}", declared)) == "T(sym[W_1])"
    assert repr(read(r"{W^{(1)}}^\top", declared)) == "T(sym[W_1])"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("foo", "foo is not declared; the names here are NF, k, λ̃, w\u0302"),
        (r"\lambda", "λ is not declared; did you mean λ̃?"),
        ("w", "w is not declared; did you mean w\u0302?"),
        (r"\hat k", "k̂ is not declared; did you mean k?"),
        ("NX", "NX is not declared; did you mean NF?"),
        (r"\omega", "ω is not declared; did you mean w\u0302?"),
        (r"w_{" + "i" * 500 + "}", "w" + "ᵢ" * 59 + " is not declared; did you mean w\u0302?"),
        ("k_i", "kᵢ is not declared; did you mean k?"),
    ],
)
def test_unknown_names_come_with_a_guess(text: str, message: str) -> None:
    declared = scope("k", "NF", "lambda_tilde", "w_hat")

    with pytest.raises(UnknownSymbolFault) as caught:
        read(text, declared)

    assert caught.value.message == message


def test_a_glued_subscript_is_the_declared_letter_and_a_word_is_a_name() -> None:
    symbols = {"x_i": "vector d", "w": "vector d", "t_i": "scalar"}
    assert compare("2(x_i^T w - t_i) x_i", "2x_ix_i^Tw-2t_ix_i", symbols).verdict == "equivalent"
    scalars = {"w_n": "scalar", "e": "scalar", "x": "scalar", "t": "scalar"}
    verdict = compare("w_n", "w_next", scalars)
    assert (verdict.verdict, verdict.reason) == ("invalid", "unknown-symbol")


def test_an_accent_makes_another_name_of_a_declared_spelling() -> None:
    declared = {"w_hat": "vector d", "w_1": "vector d"}
    answer = compare(r"\|\hat w\|^2 + \|w_1\|^2", "‖ŵ‖² + ‖w‖²", declared, latex={"w_1": "w"})
    assert answer.verdict == "equivalent"
