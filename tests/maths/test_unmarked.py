"""Formulas in plain sentences are marked where they stand, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.derivation import steps
from grader.maths.unmarked import place_before, with_dollars

SCOPE = compile_scope(
    Declarations.make({"X": "matrix n d", "w": "vector d", "t": "vector n"}, None, None, ())
)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (
            "Let w = Xᵀr with r ∈ ℝⁿ. Then Xw = XXᵀr = t, so r = (XXᵀ)⁻¹t.",
            "Let $w = Xᵀr$ with $r ∈ ℝⁿ$. Then $Xw = XXᵀr = t$, so $r = (XXᵀ)⁻¹t$.",
        ),
        (
            "We have t = Xw, where w is true. Indeed (1 + 2) = 3.",
            "We have $t = Xw$, where $w$ is true. Indeed $(1 + 2) = 3$.",
        ),
        ("Since n > d, w = 2 in all of the cases", "Since $n > d$, $w = 2$ in all of the cases"),
    ],
)
def test_where_formulas_stand(text: str, marked: str) -> None:
    found = with_dollars(text, SCOPE)
    assert found is not None
    assert found[0] == marked


@pytest.mark.parametrize(
    "text",
    [
        "so $w = 2$ is the value that we have",
        "w = 2\nt = 3",
        "Params: Conv1 = 448; Conv2 = 4640; Total = 448 + 4640 = 5088",
        "```\nthis is w = 2 in a program\n```",
    ],
)
def test_what_stays_as_it_is(text: str) -> None:
    assert with_dollars(text, SCOPE) is None


@given(
    st.lists(
        st.sampled_from(
            [
                "Let",
                "we",
                "have",
                "w",
                "=",
                "X",
                "t",
                "+",
                "(",
                ")",
                ".",
                ",",
                "2",
                "^",
                "where",
                "so\n",
                "ᵀ",
                "the",
                "≤",
            ]
        )
    ).map(" ".join)
)
def test_every_place_is_known(text: str) -> None:
    found = with_dollars(text, SCOPE)
    if found is not None:
        marked, dollars = found
        assert marked.replace("$", "") == text
        assert [k for k, c in enumerate(marked) if c == "$"] == dollars
        for k, c in enumerate(marked):
            if c != "$":
                assert text[place_before((k, k), dollars)[0]] == c


def test_steps_know_their_place() -> None:
    text = "First we have 2 + 3 = 5. Then we get 5 + 1 = 7."
    assert [text[slice(*s.place)] for s in steps(text, {}).steps] == ["2 + 3", "5", "5 + 1", "7"]
