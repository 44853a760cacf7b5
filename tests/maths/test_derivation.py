"""Derivations line by line: right ones hold, and a slip is found where it is made."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import RubricError
from grader.maths.compare import Problem, problem
from grader.maths.declare import Declarations
from grader.maths.derivation import Derivation, steps
from grader.maths.mutants import mutants
from grader.maths.printing import show
from grader.maths.rewriting import rewritten
from grader.maths.tree import Node
from tests.clock import ends
from tests.maths.homework import ASSUME, DEFINE, REFERENCES, SYMBOLS
from tests.maths.rewrites import truly_equal

FOLDER = Path(__file__).parent / "cases"
TABLE = tomllib.loads((FOLDER / "derivations.toml").read_text(encoding="utf-8"))
TOPICS = [
    tomllib.loads(file.read_text(encoding="utf-8"))
    for file in sorted((FOLDER / "derivations").glob("*.toml"))
]
CASES: list[dict[str, Any]] = TABLE["cases"] + [
    {"unread": 0, **case, "set": table["sets"][case["symbols"]]}
    for table in TOPICS
    for case in table["cases"]
]
SLIPS = [(c, k) for c in CASES for k in range(len(c["slips"]))]


def check(case: dict[str, Any], text: str) -> Derivation:
    known = case["set"] if "set" in case else TABLE["sets"][case["symbols"]]
    symbols = {**known, **case.get("more", {})}
    options = {k: case[k] for k in ("define", "assume", "latex", "kind", "unknown") if k in case}
    return steps(text, symbols, **options)


def said(d: Derivation) -> str:
    return "\n".join(f"{s.index} {s.status} {s.text} | {s.message}" for s in d.steps)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_right_derivations_hold(case: dict[str, Any]) -> None:
    d = check(case, case["text"])
    assert d.first_wrong is None, said(d)
    if "count" in case:
        assert len(d.steps) == case["count"], said(d)
    if "count" in case or "unread" in case:
        assert d.unread == case.get("unread", 0), said(d)
    assert [s.index for s in d.steps] == list(range(len(d.steps)))
    assert "internal" not in said(d)


@pytest.mark.parametrize(("case", "k"), SLIPS, ids=lambda x: x["id"] if isinstance(x, dict) else str(x))
def test_slips_are_found_where_they_are(case: dict[str, Any], k: int) -> None:
    old, new, index = case["slips"][k]
    assert case["text"].count(old) == 1, f"{old!r} stands {case['text'].count(old)} times"
    d = check(case, case["text"].replace(old, new))
    assert d.first_wrong == index, said(d)
    assert "internal" not in said(d)


# --- properties ------------------------------------------------------------


def chained(trees: list[Node]) -> str:
    return "\n".join(f"{'Q' if k == 0 else ' '} = {show(tree)}" for k, tree in enumerate(trees))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(REFERENCES)), st.integers(0, 10**6))
def test_rewrites_of_a_formula_hold_in_a_chain(name: str, seed: int) -> None:
    rng = random.Random(seed)
    p = reference(name)
    trees = [p.node, *(rewritten(p.node, rng, 1 + k % 3) for k in range(3))]
    d = steps(chained(trees), SYMBOLS, define=DEFINE, assume=ASSUME.get(name, ()), kind="chain")
    assert d.first_wrong is None, said(d)
    assert d.unread == 0, said(d)
    assert len(d.steps) == 4, said(d)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(REFERENCES)), st.integers(0, 10**6), st.booleans())
def test_a_mutated_member_is_found_at_its_index(name: str, seed: int, goes_on: bool) -> None:
    rng = random.Random(seed)
    p = reference(name)
    mutant = rng.choice(list(mutants(p.node)))[1]
    at = rng.randrange(1, 4)
    trees = [rewritten(p.node, rng, 1) for _ in range(4)]
    trees[at:] = [mutant] * (4 - at) if goes_on else [mutant, *trees[at + 1 :]]
    if truly_equal(p, mutant):
        return
    d = steps(chained(trees), SYMBOLS, define=DEFINE, assume=ASSUME.get(name, ()), kind="chain")
    if any(s.status == "unread" for s in d.steps[: at + 1]):
        assert all("has no value" in s.message for s in d.steps if s.status == "unread"), said(d)
        return
    assert d.first_wrong == at, said(d)
    after = [s.status for s in d.steps[at + 1 :]]
    assert after[:1] != ["holds"] or goes_on, said(d)


def reference(name: str) -> Problem:
    return problem(Declarations.make(SYMBOLS, None, DEFINE, ASSUME.get(name, ())), REFERENCES[name])


# --- messages ------------------------------------------------------------


def messages(text: str, **options: Any) -> list[str]:
    symbols = {**TABLE["sets"]["regression"], **options.pop("symbols", {})}
    return [s.message for s in steps(text, symbols, **options).steps]


def test_a_lost_matrix_is_named() -> None:
    found = messages(
        r"$$\mathcal{L}_1 = \|X (w_0 - \eta X^T t) - t\|^2 = \|X w_0 - \eta X^T t - t\|^2$$", kind="chain"
    )
    assert found[1] == (
        "This does not fit together: cannot add (n×1) and (d×1). Likely mistake: X is missing in front of Xᵀ."
    )


def test_a_wrong_factor_has_a_counterexample() -> None:
    assert messages(r"\frac{d}{d\eta} (3 - \eta)^2 = 3 - \eta")[1] == (
        "Not equal to the member before: for η = 1 this is 2, the member before is -4. "
        "Likely mistake: this member is -1/2 times the member before."
    )


def test_dividing_by_what_can_vanish_is_said() -> None:
    symbols = {"x": "scalar", "y": "scalar", "z": "scalar"}
    d = steps(r"$$x z = y z \implies x = y$$", symbols)
    assert (d.first_wrong, d.steps[-1].mistake) == (2, "divided-by-zero")
    assert d.steps[-1].message == (
        "This does not follow: at x = 6, y = -8, where the line before holds, one side is 6, the other -8. "
        "It was divided by z, which can be 0."
    )
    found = messages(
        r"$$x z = y z \implies x = y, \quad \text{as nothing else is optimal}$$", symbols=symbols
    )
    assert found[-1].endswith(
        "Something was divided by that can vanish (for special values of z); say that it does not."
    )
    known = messages(r"$$x z = y z \implies x = y$$", symbols=symbols, assume=["z > 0"])
    assert "divided" not in known[-1]


def test_what_cannot_be_tried_is_unread() -> None:
    d = steps(r"$$\mathcal{F}(q) = \int q = 2 \zeta$$", {"x": "scalar"})
    assert [s.status for s in d.steps] == ["unread", "unread"]
    assert (d.first_wrong, d.unread) == (None, 2)


def test_a_definition_that_differs_from_the_question_is_noted_and_used() -> None:
    d = steps(
        r"Let $a = t - X w_0$. Then $$\|a\|^2 = \|t - X w_0\|^2 = (t - X w_0)^T a$$",
        TABLE["sets"]["regression"],
        define={"a": "X w_0 - t"},
    )
    assert d.first_wrong is None, said(d)
    assert d.notes == ("a is defined in another way here than in the question",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "Answer. $\\blacksquare$",
        "No mathematics here.",
        "$$$$",
        "The noise is smaller as B increases.",
    ],
)
def test_a_text_without_a_derivation_has_no_steps(text: str) -> None:
    assert steps(text, {"x": "scalar"}) == Derivation(())


def test_what_the_author_got_wrong() -> None:
    with pytest.raises(RubricError, match=r"^kind 'proof'; expected one of: chain, solve$"):
        steps("x = 1", {"x": "scalar"}, kind="proof")
    with pytest.raises(RubricError, match=r"^the unknown 'q' is not declared; declare it as a symbol$"):
        steps("x = 1", {"x": "scalar"}, kind="solve", unknown="q")


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet="x=+-*^_{}()\\&$, \n12wXt|<>∈≤", max_size=60), st.sampled_from([None, "chain", "solve"])
)
def test_any_text_is_taken(text: str, kind: str | None) -> None:
    d = steps(text, {"x": "scalar", "X": "matrix n d", "w": "vector d", "t": "vector n"}, kind=kind)
    assert "internal" not in said(d)


@pytest.mark.parametrize(
    "text",
    [
        "$$x = " + " = ".join(["x^2"] * 400) + "$$",
        "$$" + "x = 9^{9^{9^9}}" + "$$",
        "$$" + "{" * 3000 + "x" + "$$",
        "$$x = y$$ " * 400,
        "Suppose " + " and ".join(f"$x_{{{k}}} + y = {k}$" for k in range(60)) + "$$x = y = 2 y$$",
    ],
)
def test_hostile_texts_end_soon(text: str) -> None:
    with ends():
        steps(text, {"x": "scalar", "y": "scalar", **{f"x_{k}": "scalar" for k in range(60)}})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("$$y = " + "x = " * 350 + "2x$$", "More than 300 steps; what comes after them was not checked."),
        ("$x = x$\n\n" * 250 + "$x = x = 2x$", "Not read: more than 200 lines; "),
        ("$ $\n" * 450 + "$$y = x = 2x$$", "Not read: more than 400 formulas; "),
        ("x = x\n" * 500 + "x = x = 2x", "Not read: more than 200 lines; "),
    ],
)
def test_what_is_beyond_a_limit_is_said_to_be_unread(text: str, told: str) -> None:
    found = steps(text, {"x": "scalar", "y": "scalar"})

    assert (found.steps[-1].status, found.unread) == ("unread", 1)
    assert found.steps[-1].message.startswith(told)


def test_an_equation_that_holds_anyway_is_no_division_by_zero() -> None:
    found = steps("$x = y$\n\n" * 4, {"x": "scalar", "y": "scalar"}, kind="solve", unknown="x")

    assert "internal" not in said(found)
    assert found.steps[-1].message == "The line before holds anyway; what this follows from is for a person."


# ---- what a step goes on from


def test_steps_say_what_they_were_held_against_and_what_they_go_on_from() -> None:
    found = steps(
        r"$$y = (x - 1)^2 + 1 = x^2 - 2x + 1 = x (x - 2) + 1$$"
        r"$$\frac{d}{dx} y = 2x - 2 = 0$$ $$\implies x = 1$$",
        {"x": "scalar"},
    )
    assert [(s.status, s.checked, s.uses) for s in found.steps] == [
        ("holds", False, ()),
        ("fails", False, (0,)),
        ("holds", True, (1,)),
        ("holds", True, (2,)),  # the derivative of what y stands for
        ("holds", False, (3,)),  # set to zero
        ("holds", True, (4,)),
    ]
    assert [s.before.text if s.before else None for s in found.steps] == [
        None,
        "(x - 1)^2 + 1",
        "x^2 - 2x + 1",
        r"\frac{d}{dx} y",
        "2x - 2",
        "1",
    ]


def test_only_what_was_tried_is_checked() -> None:
    found = steps(r"Let $u = 2 v$. $$u + v = 3 v$$ $$v = 5$$", {"v": "scalar"})
    assert [(s.status, s.message, s.checked) for s in found.steps] == [
        ("holds", "The derivation starts here.", False),
        ("holds", "Equal to the member before (proved).", True),
        ("holds", "The derivation starts here.", False),
    ]
