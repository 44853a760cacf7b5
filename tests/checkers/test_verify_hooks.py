"""Each kind's ``verify`` finds a rubric that disagrees with its reference or with itself."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from grader import checkers
from grader.checkers._verify import Oracle
from grader.engine.grade import build_check
from grader.engine.verify import try_examples
from grader.errors import RubricError
from grader.rubric import read_options
from tests.checkers.case_files import make_question

NAMES: dict[str, Any] = {
    "symbols": {"X": "matrix n d", "a": "vector n", "eta": "scalar", "x": "scalar", "n": "dim", "d": "dim"},
}

PAD: dict[str, Any] = {
    "cases": [{"name": "k = 4", "given": {"k": 4}, "solution": {"p": 1}}],
    "unknowns": [{"name": "p"}],
    "requires": ["2 p = k - 2"],
    "examples": ["k = 4: p = 1"],
}
STEP: dict[str, Any] = {"run": "trials:step", "values": [{"name": "w"}, {"name": "term"}]}


def problems(kind: str, options: Mapping[str, Any], oracle: Oracle | None = None) -> list[str]:
    question = make_question(NAMES | {"criteria": [dict(options)]}, kind)
    module = checkers.load(kind)
    return list(module.verify(read_options(question.criteria[0], module.Options), question, oracle))


def tried(kind: str, options: Mapping[str, Any]) -> tuple[int, int, list[str]]:
    """What becomes of the kind's examples: how many earn what they should, how many slips are caught."""
    question = make_question(NAMES | {"criteria": [dict(options)]}, kind)
    module = checkers.load(kind)
    answers = module.examples(read_options(question.criteria[0], module.Options), question)
    return try_examples(build_check(question, question.criteria[0]), question, answers)


def says(*values: object) -> Oracle:
    """A reference without parameters."""
    return Oracle(tuple({} for _ in values), values)


def at(value: object, **point: object) -> Oracle:
    return Oracle((point,), (value,))


# ---- a rubric that agrees has no problems


@pytest.mark.parametrize(
    ("kind", "options", "oracle"),
    [
        ("choice", {"choices": {"yes": ["y"], "no": ["n"]}, "expected": "yes"}, says("yes")),
        ("choice", {"choices": {"yes": ["y"], "no": ["n"]}, "expected": "yes"}, says(True)),
        ("expression", {"expected": "2 x", "accept": ["x + x"]}, at(Fraction(3), x=Fraction(3, 2))),
        ("contains", {"expected": ["2 x"], "what": ""}, at(Fraction(3), x=Fraction(3, 2))),
        ("constraint", PAD, says([{"k": 4, "p": 1}])),
        ("witness", STEP | {"examples": ["w = 1/2, term 1"]}, says(1)),
        ("graph", {"edges": ["a -> m -> b"], "free": ["m"]}, says([["a", "m"], ["m", "b"]])),
        ("growth", {"expected": "O(n)"}, at(Fraction(7), n=7)),
        ("jacobian", {"rows": [[1, 2]], "of": ["f"], "by": ["x", "y"]}, says([[1, 2]])),
        ("matrix", {"rows": [[1, "1/2"]]}, says([[1, Fraction(1, 2)]])),
        ("matrix", {"rows": [[1], [2]]}, says([1, 2])),
        ("number", {"expected": "2/3"}, says(Fraction(2, 3))),
        ("number", {"expected": r"\sqrt{2}"}, says(2**0.5)),
        ("number", {"expected": "7.802e24", "tolerance": {"rel": 1e-3}}, says(7.8020743e24)),
        ("equation", {"expected": "x + eta = 1", "accept": ["eta = 1 - x", "(s, 1 - s)"]}, None),
        ("equation", {"expected": "x = 2 - 2 eta", "unknowns": ["eta", "x"]}, says([2, 1, 2])),
        ("vector", {"expected": "(1, 1/2)"}, says([1, Fraction(1, 2)])),
        ("vector", {"expected": "(1, 1/2)"}, says([[1], [Fraction(1, 2)]])),
        (
            "vector",
            {"expected": r"(2, 1)/\sqrt{5}", "unit": True, "up_to": "sign", "tolerance": {"rel": 1e-3}},
            says([-2 / 5**0.5, -1 / 5**0.5]),
        ),
        (
            "table",
            {"rows": [{"name": "A b", "value": 1}], "total": 1},
            says({"rows": [{"name": "a-b", "value": 1}], "total": 1}),
        ),
    ],
)
def test_agreement(kind: str, options: dict[str, Any], oracle: Oracle) -> None:
    assert problems(kind, options, oracle) == []
    assert problems(kind, options, None) == []


# ---- a rubric that does not


@pytest.mark.parametrize(
    ("kind", "options", "oracle", "expected"),
    [
        (
            "choice",
            {"choices": {"yes": ["y"], "no": ["n"]}, "expected": "yes"},
            says("no"),
            ["`expected` is 'yes', the reference says 'no'"],
        ),
        (
            "expression",
            {"expected": "2 x"},
            at(Fraction(9, 2), x=Fraction(3, 2)),
            ["the expected formula '2 x' gives 3, the reference gives 9/2"],
        ),
        (
            "expression",
            {"expected": "X^T a"},
            at([[1, 2]], X=[[1, 2]], a=[[1]]),
            ["the expected formula 'X^T a' gives [1; 2], the reference gives [1 2]"],
        ),
        (
            "expression",
            {"expected": "1/x"},
            at(Fraction(0), x=0),
            ["the expected formula has no value at a sample point of the reference: a denominator is zero"],
        ),
        (
            "contains",
            {"expected": ["2 x", "3 x"], "what": ""},
            at(Fraction(9, 2), x=Fraction(3, 2)),
            ["the expected formula '2 x' gives 3, the reference gives 9/2"],
        ),
        (
            "constraint",
            PAD,
            says([{"k": 4, "p": 2}]),
            ["the solution of k = 4 has p = 1, the reference gives 2"],
        ),
        (
            "graph",
            {"edges": ["a -> b -> c"]},
            says([["a", "b"], ["a", "c"]]),
            ["`edges` has b → c, the reference does not", "the reference has a → c, `edges` does not"],
        ),
        (
            "growth",
            {"expected": "O(n)"},
            at(Fraction(49), n=7),
            [
                (
                    "the expected formula 'n' gives 7, the reference gives 49; a reference of a growth "
                    "counts the terms of `expected` alone: leave lower orders and factors out"
                )
            ],
        ),
        (
            "jacobian",
            {"rows": [[1, 2]], "of": ["f"], "by": ["x", "y"]},
            says([[1, 3]]),
            ["`rows` is [1 2], the reference gives [1 3]"],
        ),
        (
            "jacobian",
            {"rows": [[1, 2]], "of": ["f"], "by": ["x", "y"]},
            says([1]),
            ["`rows` is [1 2], the reference gives 1"],
        ),
        (
            "jacobian",
            {
                "rows": [[100]],
                "of": ["f"],
                "by": ["x"],
                "rel": 0.01,
                "alternatives": [{"name": "near", "rows": [["100.5"]]}, {"name": "far", "rows": [[7]]}],
                "variants": [{"name": "slip", "rows": [[7]], "feedback": ""}],
            },
            None,
            [
                "the alternative 'near' is the expected Jacobian within `rel`",
                "the variant 'slip' is the alternative 'far' within `rel`",
            ],
        ),
        (
            "matrix",
            {"rows": [[1, 2]]},
            says([[1, 3]]),
            ["`rows` is [1 2], the reference gives [1 3]"],
        ),
        (
            "matrix",
            {"rows": [[1, 2]]},
            says([[1], [2]]),
            ["`rows` is [1 2], the reference gives [1; 2]"],
        ),
        ("number", {"expected": "2/3"}, says(0.66), ["`expected` is 2/3, the reference gives 0.66"]),
        ("number", {"expected": 1}, says([1]), ["`expected` is 1, the reference gives [1]"]),
        (
            "equation",
            {"expected": "x = 2 - 2 eta", "unknowns": ["eta", "x"]},
            says([1, 2, 2], [2, 1]),
            [
                "`expected` is x = 2 - 2 eta, the reference gives [1, 2, 2]",
                "the reference gives [2, 1]; 3 numbers are expected for a line",
            ],
        ),
        (
            "vector",
            {"expected": [1, 2]},
            says([1, 3], [1], 4),
            [
                "`expected` is [1, 2], the reference gives [1, 3]",
                "`expected` is [1, 2], the reference gives [1]",
                "`expected` is [1, 2], the reference gives 4",
            ],
        ),
        (
            "table",
            {"rows": [{"name": "a", "value": 1}, {"name": "b", "value": 2}], "total": 3},
            says({"rows": [{"name": "a", "value": 1}, {"name": "b", "value": 3}], "total": 4}),
            ["`rows[1].value` (b) is 2, the reference gives 3", "`total` is 3, the reference gives 4"],
        ),
        (
            "table",
            {"rows": [{"name": "a", "value": 1}]},
            says([["a", 1], ["b", 2]]),
            ["`rows` has 1 rows, the reference gives 2"],
        ),
        (
            "table",
            {"rows": [{"name": "a", "value": 1}]},
            says([["b", 1]]),
            ["`rows[0].name` is 'a', the reference has 'b' there"],
        ),
    ],
)
def test_another_value_than_the_reference(
    kind: str, options: dict[str, Any], oracle: Oracle, expected: list[str]
) -> None:
    assert problems(kind, options, oracle) == expected


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        (
            "expression",
            {"expected": "2 x", "mistakes": [{"answer": "x + x", "feedback": ""}]},
            ["the listed mistake 'x + x' is accepted as right"],
        ),
        (
            "expression",
            {"expected": "2 x", "alternatives": [{"expected": "x + x", "convention": ""}]},
            ["the alternative 'x + x' is equal to `expected`; list it under `accept`"],
        ),
        (
            "contains",
            {"expected": ["2 x"], "what": "", "wrong": [{"expected": "x + x", "feedback": ""}]},
            ["the listed wrong result 'x + x' is accepted as right"],
        ),
        (
            "contains",
            {
                "expected": ["2 x"],
                "what": "",
                "up_to_factor": True,
                "wrong": [{"expected": "3 x", "feedback": ""}],
            },
            ["the listed wrong result '3 x' is accepted as right"],
        ),
        (
            "number",
            {"expected": 2, "mistakes": [{"answer": "4/2", "feedback": ""}]},
            ["the listed mistake 4/2 is accepted as right"],
        ),
        (
            "number",
            {
                "expected": 2,
                "tolerance": {"rel": 0.1},
                "alternatives": [{"expected": 2.1, "convention": ""}, {"expected": 3, "convention": ""}],
                "mistakes": [{"answer": 3.1, "feedback": ""}],
            },
            [
                "the listed alternative 2.1 is accepted as right",
                "the listed mistake 3.1 is the alternative 3",
            ],
        ),
        (
            "number",
            {"expected": 2, "tolerance": {"rel": 0.6}},
            ["the tolerance (relative 0.6) accepts a factor 1/2 too much"],
        ),
        (
            "graph",
            {"edges": ["a -> b -> c"], "requires": ["out-degree b 2"]},
            ["`edges` does not fulfil `requires`: 2 edges out of b (yours has 1)"],
        ),
        (
            "graph",
            {"edges": ["a -> b -> c"], "accept": ["a -> b"], "reject": ["a -> b, b -> c", "a -> c"]},
            [
                "`accept` holds 'a -> b', which is judged partial: What is missing: b → c.",
                "`reject` holds 'a -> b, b -> c', which is judged correct: All edges are right.",
            ],
        ),
        (
            "constraint",
            PAD | {"requires": ["2 p = k"], "examples": [], "reject": ["k = 4: p = 2"]},
            [
                "the solution of k = 4 breaks 2 p = k: 2 ≠ 4 at k = 4, p = 1",
                "`examples` is empty; list an answer that has to be accepted",
                "`reject` holds 'k = 4: p = 2', which is judged correct: All 1 values are right.",
            ],
        ),
        ("witness", STEP, ["`examples` is empty; list an answer that has to be accepted"]),
        (
            "witness",
            STEP
            | {
                "examples": ["w = 0, term 1", "w = 1/2, term 1"],
                "mistakes": [{"answer": "w = 3/4, term 1", "feedback": ""}],
                "feedback": {"f falls": "?"},
            },
            [
                (
                    "`examples` holds 'w = 0, term 1', which is judged incorrect: "
                    "Your values do not do. Not met: f rises (2.5 → 2.5)."
                ),
                (
                    "`mistakes` holds 'w = 3/4, term 1', which is judged correct: Your values meet every "
                    "requirement: the sampled term falls (0.75 → 0.750001); f rises (2.3125 → 2.3125)."
                ),
                (
                    "`feedback` is about 'f falls', no example comes to it; "
                    "there are f rises; the sampled term falls"
                ),
            ],
        ),
        (
            "witness",
            {"run": "trials:broken", "values": [{"name": "w"}], "examples": ["w = 1"]},
            ["trials:broken: the function fails: IndexError: list index out of range"],
        ),
        (
            "witness",
            {"run": "trials:wrong_kind", "values": [{"name": "w"}], "examples": ["w = 1"]},
            [
                (
                    "trials:wrong_kind: the function returns [1.0]; it has to return a dictionary: "
                    "requirement in words → (met or not, value seen)"
                )
            ],
        ),
        (
            "proof",
            {
                "steps": [
                    {"what": "the sum", "expected": ["x + eta = 1"]},
                    {"what": "the factor", "expected": ["2 x"], "up_to_factor": True},
                ],
                "wrong": [
                    {"expected": "2 x + 2 eta = 2", "feedback": ""},
                    {"expected": "3 x", "feedback": ""},
                    {"expected": "x = eta", "feedback": ""},
                ],
            },
            [
                "the wrong step '2 x + 2 eta = 2' is accepted for 'the sum'",
                "the wrong step '3 x' is accepted for 'the factor'",
            ],
        ),
        (
            "equation",
            {
                "expected": "x + eta = 1",
                "accept": ["(s, 2 - s)", "1"],
                "mistakes": [{"answer": "2 x + 2 eta = 2", "feedback": ""}],
                "alternatives": [{"expected": "eta = 1 - x", "convention": ""}],
            },
            [
                (
                    "the listed rewrite '(s, 2 - s)' is not accepted: "
                    "Not every point of the line solves the expected equation."
                ),
                "the listed rewrite '1' is not accepted: No equation was found in it.",
                "the listed mistake '2 x + 2 eta = 2' is accepted as right",
                "the listed alternative 'eta = 1 - x' is accepted as right",
            ],
        ),
        (
            "vector",
            {
                "expected": [1, 2],
                "up_to": "scale",
                "mistakes": [{"answer": "(2, 4)", "feedback": ""}],
                "alternatives": [{"expected": "(-1, -2)", "convention": ""}],
            },
            [
                "the listed mistake (2, 4) is accepted as right",
                "the alternative (-1, -2) is accepted as right already",
            ],
        ),
        (
            "vector",
            {"expected": [1, 3], "tolerance": {"abs": 2}},
            [
                "the wrong answer with entry 1 with the other sign is accepted in full",
                "the wrong answer with twice entry 1 is accepted in full",
                "the wrong answer with entries 1 and 2 exchanged is accepted in full",
                "the wrong answer with entries 2 and 1 exchanged is accepted in full",
            ],
        ),
        (
            "matrix",
            {"rows": [[1, 2]], "variants": [{"name": "same", "rows": [[1, "4/2"]], "feedback": ""}]},
            ["the variant 'same' is the expected matrix itself"],
        ),
        (
            "matrix",
            {
                "rows": [[1, 2]],
                "variants": [
                    {"name": "one", "rows": [[1, 1]], "feedback": ""},
                    {"name": "two", "rows": [[1, 1]], "feedback": ""},
                ],
            },
            ["the variant 'two' is the variant 'one' once more"],
        ),
        (
            "table",
            {
                "rows": [{"name": "a", "value": 1}, {"name": "b", "value": 2}],
                "total": 4,
                "mistakes": [{"row": "a", "value": 1, "feedback": ""}],
            },
            ["`total` is 4, the rows add up to 3", "the mistake 1 in row 'a' is the right value"],
        ),
    ],
)
def test_a_rubric_at_odds_with_itself(kind: str, options: dict[str, Any], expected: list[str]) -> None:
    assert problems(kind, options) == expected


def test_a_listed_rewrite_that_is_not_accepted() -> None:
    _, _, (found,) = tried("expression", {"expected": "2 x", "accept": ["x + x", "3 x"]})
    assert found.startswith(
        "the listed rewrite '3 x' earns 0 (incorrect), not 1: Not equal to the expected answer: "
    )


# ---- slips made on purpose


@pytest.mark.parametrize(
    ("kind", "options", "earned", "lost"),
    [
        ("expression", {"expected": "eta X^T (X X^T a - 2 a)"}, 2, 12),
        ("expression", {"expected": "X^T a", "accept_transpose": True}, 2, 3),
        ("contains", {"expected": ["eta X^T (X X^T a - 2 a)", "2 x"], "what": ""}, 4, 14),
        ("contains", {"expected": ["2 (x - n) a"], "what": "", "up_to_factor": True}, 2, 8),
        (
            "matrix",
            {"rows": [[1, 2]], "variants": [{"name": "v", "rows": [[2, 1]], "feedback": "Swapped."}]},
            2,
            2,
        ),
        ("growth", {"expected": "O(n)", "feedback": {"O(n^2)": "One power too many."}}, 2, 6),
        (
            "table",
            {"rows": [{"name": "a", "value": 1}, {"name": "b", "value": 0, "weight": 0}], "total": 1},
            1,
            2,
        ),
        ("choice", {"choices": {"yes": ["yes", "y[eu]p"], "no": ["no"]}, "expected": "yes"}, 2, 0),
    ],
)
def test_right_answers_earn_and_slips_are_caught(
    kind: str, options: dict[str, Any], earned: int, lost: int
) -> None:
    found = tried(kind, options)
    assert (found[0], found[2]) == (earned, [])
    assert found[1] >= lost


def test_a_tolerance_that_lets_slips_pass() -> None:
    _, lost, found = tried("expression", {"expected": "100 x + 1", "tolerance": {"rel": 0.9}})
    assert lost < 6
    assert found[0].endswith("is accepted in full")
    assert found[-1].endswith(" more slips are accepted in full")


def test_a_criterion_that_cannot_be_earned() -> None:
    _, _, found = tried("choice", {"choices": {"yes": ["aye"], "no": ["no"]}, "expected": "no"})
    assert found == []
    _, _, found = tried("choice", {"choices": {"yes": ["aye"], "no": ["n[ae]y"]}, "expected": "no"})
    assert found[-1] == "no answer earns full points: the criterion cannot be earned"


def test_a_remark_that_is_not_given() -> None:
    options = {
        "expected": "2 x",
        "mistakes": [{"answer": "x", "feedback": "Half."}, {"answer": "x", "feedback": "!"}],
    }
    _, _, (found,) = tried("expression", options)
    assert found == "the listed mistake 'x' is answered by 'Half.', not by '!'"


def test_verify_raises_what_build_raises() -> None:
    with pytest.raises(RubricError, match=r"^`expected` is empty; list at least one formula$"):
        problems("contains", {"expected": [], "what": ""})
