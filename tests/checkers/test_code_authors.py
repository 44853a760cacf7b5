"""The kind ``code`` and its author: what ``build`` refuses, what ``verify`` finds, how cases are made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grader import checkers
from grader.checkers import RunsCode
from grader.checkers._numbers import difference, numbers, show
from grader.engine.grade import build_check
from grader.engine.verify import try_examples
from grader.errors import RubricError
from grader.model import Answer, CodeCell, Where
from grader.rubric import Question, read_options
from grader.sandbox.program import Ask, Call, Ref
from tests.checkers.case_files import make_question

SCALE: dict[str, Any] = {
    "function": "scale",
    "parameters": ["x", "a"],
    "run": "programs:scale",
    "groups": [{"name": "short", "cases": ["one", "two"], "credit": 1}],
}
ENDS: dict[str, Any] = {
    "function": "ends",
    "parameters": ["x"],
    "returns": ["least", "sorted"],
    "run": "programs:ends",
    "groups": [{"name": "any", "cases": ["any"], "credit": 1}],
}
RANDOM: dict[str, Any] = SCALE | {"function": "same", "parameters": ["x"], "run": "programs:random"}


def question(options: dict[str, Any], seed: str = "") -> Question:
    return replace(make_question({"criteria": [options]}, "code"), seed=seed)


def check(options: dict[str, Any], seed: str = "") -> RunsCode:
    asked = question(options, seed)
    built = build_check(asked, asked.criteria[0])
    assert isinstance(built, RunsCode)
    return built


def answer(source: str) -> Answer:
    return Answer("1", Where("s1"), code=(CodeCell(source, Where("s1", cell=1)),))


def asks(options: dict[str, Any], source: str, seed: str = "", *, public: bool = False) -> tuple[Ask, ...]:
    return check(options, seed).asks(answer(source), public=public)


# ---- what an author can get wrong


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "name either the `function` or the `variable` that is asked for"),
        (SCALE | {"variable": "w"}, "name either the `function` or the `variable` that is asked for"),
        (SCALE | {"function": "a b"}, "`function` holds 'a b', which is no name in Python"),
        (SCALE | {"run": ""}, 'there are cases, but no `run = "module:name"` that says what is expected'),
        (SCALE | {"groups": []}, "`groups` is empty; list at least one group of cases"),
        (
            SCALE | {"groups": [{"name": "short", "cases": ["one"], "credit": 0.5}]},
            "the credits of `groups` add up to 0.5, not to 1",
        ),
        (
            SCALE | {"groups": [{"name": "short", "cases": [], "credit": 1}]},
            "`groups[0]` (short) tries no case",
        ),
        (
            SCALE | {"groups": [{"name": "short", "cases": ["one"], "credit": 1, "of": ["dx"]}]},
            "`groups[0].of` names 'dx', which is not among `returns`",
        ),
        (SCALE | {"seconds": 0}, "`seconds` is 0; expected more than 0 and at most 60"),
        (
            SCALE | {"run": "programs:nothing"},
            (
                "`run`: reference module 'programs' has no function inputs_nothing; "
                "a code question needs inputs_<name>(rng, case) and numeric_<name>(*arguments)"
            ),
        ),
        (
            SCALE | {"parameters": ["x"]},
            "inputs_scale makes 2 arguments for the case 'one'; `parameters` names 1: x",
        ),
        (
            SCALE | {"groups": [{"name": "short", "cases": ["three"], "credit": 1}]},
            "inputs_scale fails for the case 'three': KeyError: 'three'",
        ),
        (
            RANDOM | {"run": "programs:strange"},
            (
                "inputs_strange makes x = {1, 2} for the case 'one', which is "
                "neither a number nor an array nor a text"
            ),
        ),
        (
            RANDOM | {"run": "programs:nan"},
            (
                "numeric_nan gives nan for the case 'one'; "
                "expected finite numbers, arrays of them, or a tuple of these"
            ),
        ),
        (ENDS | {"returns": []}, "numeric_ends gives 2 values; `returns` names 0"),
        (ENDS | {"by": "property"}, "`run`: there is no holds_ends, and `by` asks for a property"),
        (
            SCALE | {"mistakes": [{"run": "programs:forgotten", "feedback": ""}]},
            (
                "`mistakes`: reference module 'programs' has no function mistake_forgotten; "
                "a wrong variant is called mistake_<name>"
            ),
        ),
        (SCALE | {"calls": ["scale(x"]}, "`calls[0]` is 'scale(x', which is no call such as 'f(x, y)'"),
        (
            SCALE | {"calls": ["scale(x, a=a)"]},
            "`calls[0]` is 'scale(x, a=a)'; expected a call such as 'f(x, g[1])' without keywords",
        ),
        (
            SCALE | {"calls": ["first(x)", "scale(second[1], a)"]},
            (
                "`calls[1]` is 'scale(second[1], a)'; 'second[1]' is neither a parameter nor an earlier call "
                "(x, a, first)"
            ),
        ),
        (SCALE | {"calls": ["scale(x, a)", "other(x)"]}, "`calls` ends with other; `function` is scale"),
        (SCALE | {"passage": {"after": "x"}}, "`passage` is for text; this kind runs code"),
    ],
)
def test_a_fault_is_told(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RubricError) as caught:
        check(options)
    assert str(caught.value).partition("(c0): ")[2] == message


# ---- what verify finds


def problems(options: dict[str, Any]) -> list[str]:
    asked = question(options)
    module = checkers.load("code")
    return list(module.verify(read_options(asked.criteria[0], module.Options), asked, None))


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (SCALE, []),
        (ENDS, []),
        (
            RANDOM,
            ["`run`: there is no naive_random or symbolic_random to compare with"],
        ),
        (
            {
                "variable": "w",
                "run": "programs:limit",
                "groups": [{"name": "it", "cases": ["limit"], "credit": 1}],
            },
            [
                (
                    "the case 'limit': numeric_limit and naive_limit disagree: "
                    "value 1 of naive_limit is [0.5, 0.51], expected [0.5, 0.5]"
                )
            ]
            * 3,
        ),
        (
            SCALE | {"mistakes": [{"run": "programs:right", "feedback": ""}]},
            ["`mistakes`: programs:right gives nothing wrong in any case"],
        ),
    ],
)
def test_verify_finds(options: dict[str, Any], found: list[str]) -> None:
    assert problems(options) == found


def test_examples_play_every_part() -> None:
    options = SCALE | {"mistakes": [{"run": "programs:not_scaled", "feedback": "The factor."}]}
    asked = question(options)
    module = checkers.load("code")
    examples = module.examples(read_options(asked.criteria[0], module.Options), asked)
    assert try_examples(build_check(asked, asked.criteria[0]), asked, examples) == (2, 1, [])


# ---- what is asked


DEF = "def scale(x, a): return a * x"


def test_asks_have_the_arguments_of_their_cases() -> None:
    one, two = asks(SCALE, DEF)
    assert (one.key, two.key, one.after) == ("one-1", "two-1", -1)
    (call,) = two.calls
    assert (call.function, call.take) == ("scale", None)
    assert (call.arguments[0].tolist(), call.arguments[1]) == ([1.0, 2.0], 2.0)


def test_calls_in_a_row_hand_on_what_they_return() -> None:
    options = ENDS | {"calls": ["first(x)", "ends(x, first[1], first, 3)"], "take": [0, 2]}
    (ask,) = asks(options, "def ends(x, y, z, k): return x")
    x = ask.calls[0].arguments[0]
    assert ask.calls == (
        Call("first", (x,)),
        Call("ends", (x, Ref(0, 1), Ref(0), 3), take=(0, 2)),
    )


@pytest.mark.parametrize(
    "source", ["", "def scale(x, a): pass", "def scale(x): return x", "def scale(x, a) return x"]
)
def test_what_its_text_settles_is_not_run(source: str) -> None:
    assert asks(SCALE, source) == ()


def inputs(seed: str, *, public: bool = False) -> list[float]:
    groups = [{"name": "it", "cases": ["one"], "credit": 1, "public": public}]
    (ask,) = asks(RANDOM | {"groups": groups}, "def same(x): return x", seed, public=public)
    return list(ask.calls[0].arguments[0])


def test_inputs_depend_on_the_seed_alone() -> None:
    assert inputs("a") == inputs("a") != inputs("b")


def test_public_cases_tell_nothing_of_the_seed() -> None:
    assert inputs("a", public=True) == inputs("b", public=True) != inputs("a")


def test_students_may_run_the_public_cases_only() -> None:
    groups = [
        {"name": "shown", "cases": ["one"], "credit": 0.5, "public": True},
        {"name": "hidden", "cases": ["two"], "credit": 0.5},
    ]
    assert [a.key for a in asks(SCALE | {"groups": groups}, DEF, public=True)] == ["one-public-1"]
    every = [a.key for a in asks(SCALE | {"groups": groups}, DEF)]
    assert every == ["one-public-1", "one-1", "two-1"]  # a table of the public cases earns nothing
    assert asks(SCALE, DEF, public=True) == ()


# ---- comparing


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (1, ()),
        (True, ()),
        (2.5, ()),
        (1 + 2j, ()),
        ([1, 2.5], (2,)),
        ([[1], [2]], (2, 1)),
        (np.float32(3), ()),
        (np.zeros((2, 0)), (2, 0)),
        ([np.zeros(3), [1, 2, 3]], (2, 3)),
    ],
)
def test_numbers(value: object, shape: tuple[int, ...]) -> None:
    array = numbers(value)
    assert array is not None
    assert array.shape == shape


@pytest.mark.parametrize(
    "value", ["1", None, {}, [1, "2"], [[1], [2, 3]], 10**400, np.array(["a"]), object(), [None]]
)
def test_no_numbers(value: object) -> None:
    assert numbers(value) is None


@pytest.mark.parametrize(
    ("got", "want", "fault"),
    [
        (np.float32(0.1), 0.1, None),
        (np.array([1, 2]), np.array([1.0, 2.0]), None),
        (1 + 0j, 1.0, None),
        (1 + 1j, 1.0, "it gives 1+1j, expected 1"),
        (float("nan"), 1.0, "it gives nan, expected 1"),
        (float("inf"), 1.0, "it gives inf, expected 1"),
        (np.array([np.inf, -np.inf]), np.array([1.0, 2.0]), "it gives [inf, -inf], expected [1, 2]"),
        ("one", 1.0, "it gives the text 'one', expected a number"),
        ({"w": 1}, 1.0, "it gives a dictionary of 1, expected a number"),
        (
            [1, "2"],
            np.array([1.0, 2.0]),
            "it gives a list of 2 things that are not all numbers, expected 2 numbers, shape (2,)",
        ),
        (np.zeros((3, 1)), np.zeros(3), "it gives an array of shape (3, 1), expected 3 numbers, shape (3,)"),
        (np.zeros(0), np.zeros(3), "it gives 0 numbers, shape (0,), expected 3 numbers, shape (3,)"),
        (np.ones((4, 4)), np.zeros((4, 4)), "it gives 1 at [0, 0], expected 0 (16 of 16 entries differ)"),
        (True, "yes", "it gives True, expected 'yes'"),
        ("yes", "yes", None),
        (-0.0, 0.0, None),
    ],
)
def test_difference(got: object, want: object, fault: str | None) -> None:
    assert difference(got, want, rel=1e-6, absolute=1e-8, column=False) == fault


def test_show_is_short() -> None:
    assert show(np.array([[1 / 3, -0.0]])) == "[[0.3333, 0]]"
    assert show(np.zeros(100)) == "100 numbers, shape (100,)"
    assert len(show("x" * 1000)) < 100
