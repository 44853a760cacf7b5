"""Every formula that a rubric expects: hundreds of equal rewrites are right, hundreds of slips are wrong, and
printed in LaTeX, Unicode or infix it reads back as itself."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.maths.compare import Problem
from grader.maths.conventions import compiled_under
from grader.maths.declare import Declarations
from grader.maths.mutants import mutants
from grader.maths.printing import show
from grader.maths.reading import Reading
from grader.maths.rewriting import rewritten
from grader.rubric import Criterion, Question, load_rubric
from tests.maths.rewrites import truly_equal

RUBRICS = sorted((Path(__file__).parents[1] / "rubrics").glob("*.toml"))
REWRITES = 200  # of each formula
SLIPS = 200  # at most, of each formula
STYLES = ("unicode", "latex", "infix")


def formulas() -> Iterator[tuple[str, Question, Criterion, str]]:
    for file in RUBRICS:
        for question in load_rubric(file).questions:
            for c in question.criteria:
                expected = c.options.get("expected")
                if c.kind in ("expression", "contains") and expected:
                    for k, text in enumerate([expected] if isinstance(expected, str) else expected):
                        yield f"{file.stem} {question.id} {c.id} {k}", question, c, text


CASES = [pytest.param(question, text, id=id) for id, question, _, text in formulas()]


def compiled(question: Question, text: str) -> Problem:
    """Under the sheet's own conventions."""

    def problem(declarations: Declarations) -> Problem:
        return Problem(declarations, text)

    return compiled_under(question.declarations, question.choices, text, "expected", problem)[0][1]


def test_there_are_formulas_of_every_sheet() -> None:
    assert {id.split()[0] for id, *_ in formulas()} == {file.stem for file in RUBRICS}


@pytest.mark.parametrize(("question", "text"), CASES)
def test_rewrites_are_right(question: Question, text: str) -> None:
    p = compiled(question, text)
    rng = random.Random(text)
    seen = set()
    for _ in range(REWRITES):
        tree = rewritten(p.node, rng, rng.randint(1, 5))
        if tree not in seen:
            seen.add(tree)
            out = p.verdict(tree, p.scope)
            assert out.verdict == "equivalent", (show(tree), out.message)
    assert len(seen) > 20


@pytest.mark.parametrize(("question", "text"), CASES)
def test_slips_are_wrong(question: Question, text: str) -> None:
    p = compiled(question, text)
    rng = random.Random(text)
    wrong = 0
    for tree in [p.node] + [rewritten(p.node, rng, 2) for _ in range(8)]:
        for slip, other in mutants(tree):
            if wrong >= SLIPS:
                return
            out = p.judge_reading(Reading(other, scope=p.scope))
            assert out.verdict in ("equivalent", "different", "undecided"), (slip, show(other), out.message)
            if out.equivalent:
                assert truly_equal(p, other), (slip, show(other))
            wrong += out.verdict == "different"
    assert wrong >= 3


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("question", "text"), CASES)
def test_printed_it_reads_back(question: Question, text: str, style: str) -> None:
    p = compiled(question, text)
    printed = show(p.node, style)
    out = p.judge(printed)
    assert out.verdict == "equivalent", (printed, out.message)
