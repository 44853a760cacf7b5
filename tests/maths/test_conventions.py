"""Conventions: which a formula uses, what they stand for, what is settled and charged."""

from __future__ import annotations

import pytest

from grader.errors import RubricError
from grader.maths.authoring import compiled_formula
from grader.maths.conventions import (
    Convention,
    Way,
    check_conventions,
    compiled_under,
    kept_up,
    settle,
    settled_before,
)
from grader.maths.declare import Declarations
from grader.model import Judgement, Outcome

DECLARED = Declarations.make({"x": "scalar", "n": "dim"})
SCALE = Convention("c", "scale", (Way("1/n", "mean"), Way("1/(2n)", "half mean", 0.8), Way("1", "sum", 0.5)))
BIAS = Convention("b", "biases", (Way("1", "counted"), Way("0", "left out")), mixed=1.0)
SHEET = Convention("c", "scale", SCALE.ways, sheet=True)


def judged(**settled: str) -> Judgement:
    return Judgement(Outcome.CORRECT, 1.0, "", settled=settled)


def test_a_formula_is_compiled_once_per_way_of_what_it_uses() -> None:
    found = compiled_under(
        DECLARED,
        [SCALE, BIAS],
        "2 c x",
        "expected",
        lambda under: compiled_formula(under, "2 c x", "expected"),
    )
    assert [setting for setting, _ in found] == [(("c", 0),), (("c", 1),), (("c", 2),)]
    answers = [r"\frac{2x}{n}", "x/n", "2x"]
    assert [[p.judge(a).verdict for a in answers] for _, p in found] == [
        ["equivalent", "different", "different"],
        ["different", "equivalent", "different"],
        ["different", "different", "equivalent"],
    ]


def test_ways_combine() -> None:
    found = compiled_under(DECLARED, [SCALE, BIAS], "c x + b", "expected", lambda under: under.define)
    assert len(found) == 6
    assert found[0] == ((("c", 0), ("b", 0)), (("c", "1/n"), ("b", "1")))
    assert found[-1] == ((("c", 2), ("b", 1)), (("c", "1"), ("b", "0")))


def test_a_formula_without_conventions_is_compiled_once() -> None:
    assert compiled_under(DECLARED, [SCALE], "x", "expected", lambda under: under) == (((), DECLARED),)


def test_too_many_combinations_are_an_authors_fault() -> None:
    many = [Convention(f"c_{i}", f"{i}", (Way("0", "no"), Way("1", "yes"))) for i in range(7)]
    with pytest.raises(RubricError) as caught:
        compiled_under(DECLARED, many, " + ".join(c.symbol for c in many), "expected", lambda under: under)
    assert str(caught.value) == ("`expected` uses 7 conventions with 128 combinations; at most 64 are tried")


def test_a_way_is_charged_where_it_is_first_taken() -> None:
    first = settle([SCALE], (("c", 1),), {})
    assert (first.credit, first.sentences) == (0.8, ("Convention (scale): half mean.",))
    again = settle([SCALE], (("c", 1),), first.settled)
    assert (again.credit, again.sentences, again.mixed) == (1.0, ("Convention (scale): half mean.",), False)


def test_the_sheets_own_way_costs_and_says_nothing() -> None:
    own = settle([SCALE, BIAS], (("c", 0), ("b", 0)), {})
    assert (own.credit, own.sentences, dict(own.settled)) == (1.0, (), {"c": "mean", "b": "counted"})


def test_mixing_is_said_and_costs_what_the_convention_says() -> None:
    dear = settle([SCALE], (("c", 1),), {"c": "sum"})
    assert (dear.credit, dear.mixed) == (0.5, True)
    assert dear.sentences == ("Convention (scale): half mean here, but sum in your earlier answer.",)
    back = settle([SCALE], (("c", 0),), {"c": "sum"})
    assert (back.credit, back.mixed) == (1.0, False), "the other way was charged where it was taken"
    assert back.sentences == ("Convention (scale): mean here, but sum in your earlier answer.",)
    cheap = settle([BIAS], (("b", 1),), {"b": "counted"})
    assert (cheap.credit, cheap.mixed) == (1.0, False)
    assert cheap.sentences == ("Convention (biases): left out here, but counted in your earlier answer.",)


def test_the_first_settlement_counts_and_other_questions_settle_only_the_sheets() -> None:
    earlier = {"1.1/w": judged(c="sum", b="left out"), "w": judged(c="mean")}
    assert settled_before([SCALE, BIAS], earlier) == {"c": "mean"}
    assert settled_before([SHEET, BIAS], earlier) == {"c": "sum"}


def test_what_is_kept_up() -> None:
    assert kept_up([SCALE], (("c", 1),), {"c": "half mean"})
    assert kept_up([SCALE], (("c", 1),), {})
    assert not kept_up([SCALE], (("c", 1),), {"c": "mean"})


@pytest.mark.parametrize(
    ("convention", "message"),
    [
        (
            Convention("x", "scale", SCALE.ways),
            "the convention 'x' has the name of a declared symbol; rename it",
        ),
        (
            Convention("c", "scale", SCALE.ways[:1]),
            "the convention 'c' has 1 ways; it needs two or more, each with its own `title`",
        ),
        (
            Convention("c", "scale", (Way("1", "sum"), Way("2", "sum"))),
            "the convention 'c' has 2 ways; it needs two or more, each with its own `title`",
        ),
        (
            Convention("c", "scale", (Way("1", "sum"), Way("1/m", "mean"))),
            "the convention 'c': the way '1/m' cannot be read: m is not declared; the names here are n, x.",
        ),
        (
            Convention("c", "scale", (Way("1", "sum"), Way("2", "twice", 1.5))),
            "the convention 'c': `credit of 'twice'` is 1.5; a credit is a share from 0 to 1",
        ),
    ],
)
def test_faults_of_the_author(convention: Convention, message: str) -> None:
    with pytest.raises(RubricError) as caught:
        check_conventions(DECLARED, [convention])
    assert str(caught.value) == message
