"""Generated rewrites of every reference are accepted, generated mutants are rejected."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.maths.compare import Comparison, Problem
from grader.maths.declare import Declarations
from grader.maths.mutants import mutants
from grader.maths.printing import show
from grader.maths.reading import Reading
from grader.maths.rewriting import rewritten
from grader.maths.tree import Node
from tests.maths.homework import ASSUME, DEFINE, REFERENCES, SYMBOLS, judged
from tests.maths.rewrites import truly_equal

PROBLEMS = {
    name: Problem(Declarations.make(SYMBOLS, None, DEFINE, ASSUME.get(name, ())), text)
    for name, text in REFERENCES.items()
}
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def verdict(p: Problem, tree: Node) -> Comparison:
    return p.judge_reading(Reading(tree, scope=p.scope))


@RELAXED
@given(st.sampled_from(sorted(PROBLEMS)), st.integers(0, 2**32), st.integers(1, 6))
def test_equal_rewrites_are_accepted(name: str, seed: int, times: int) -> None:
    p = PROBLEMS[name]
    tree = rewritten(p.node, random.Random(seed), times)
    out = verdict(p, tree)
    assert out.equivalent, (show(tree), out.message)


@pytest.mark.parametrize("name", sorted(PROBLEMS))
def test_every_mutant_that_differs_is_rejected(name: str) -> None:
    p = PROBLEMS[name]
    rejected = 0
    for slip, tree in mutants(p.node):
        out = verdict(p, tree)
        if out.equivalent:
            assert truly_equal(p, tree), (slip, show(tree))
        else:
            rejected += 1
            assert out.verdict == "different", (slip, show(tree), out.message)
    assert rejected >= 3


@RELAXED
@given(st.sampled_from(sorted(PROBLEMS)), st.integers(0, 2**32), st.integers(0, 3))
def test_mutants_of_rewrites_are_rejected(name: str, seed: int, times: int) -> None:
    p = PROBLEMS[name]
    rng = random.Random(seed)
    found = list(mutants(rewritten(p.node, rng, times)))
    slip, tree = rng.choice(found)
    out = verdict(p, tree)
    assert out.verdict in ("equivalent", "different"), (slip, show(tree), out.message)
    if out.equivalent:
        assert truly_equal(p, tree), (slip, show(tree))


# --- arbitrary text --------------------------------------------------------------------------------

PLAIN = """x z w v X A t n d k 2 0 10 1/3 + - * / ^ ^T ^{-1} ^{k} ( ) }{ } | _i e^{ = , [ ] ! ** 9 O( &
    ^{+} I e i"""
COMMANDS = r"""\frac{ \sqrt{ \| \sum_{i=1}^{n} \sigma( \sigma'( \odot \{ \} \\ \max( \operatorname{tr}(
    \frac{d}{dx}"""
PIECES = (*PLAIN.split(), *COMMANDS.split(), r"\log ", r"\nabla_w ", r"\cdot ")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=14),
    st.sampled_from(["x", "w", "e^x", "O(n)", r"\{1, x\}"]),
)
def test_no_text_makes_the_judge_fail(pieces: list[str], expected: str) -> None:
    out = judged(expected, "".join(pieces))
    assert out.verdict in ("equivalent", "different", "invalid", "undecided")
    assert "internal" not in out.message, out.message
