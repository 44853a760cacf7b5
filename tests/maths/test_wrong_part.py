"""The marked part of a wrong answer is where it goes wrong, and nothing right is marked."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import ShapeFault
from grader.maths.compare import Problem
from grader.maths.declare import Declarations
from grader.maths.mutants import mutants
from grader.maths.printing import show
from grader.maths.reading import read_text
from grader.maths.rewriting import rewritten
from grader.maths.tree import Node
from grader.maths.wrong_part import Path, at, covering, marked, wrong_part
from tests.maths.homework import (
    DECAY,
    DEFINE,
    ETA_STAR,
    GRADIENT,
    L_1,
    LAMBDA_TILDE,
    MINIMUM_NORM,
    SYMBOLS,
    W_1,
)
from tests.maths.test_properties import PROBLEMS, RELAXED, verdict


def drawn(expected: str, answer: str) -> str:
    p = Problem(Declarations.make(SYMBOLS, None, DEFINE), expected)
    reading = read_text(answer, p.scope, wanted=p.node)
    path = wrong_part(p, reading.node, reading.scope or p.scope)
    return "" if path is None else show(marked(reading.node, path), "latex")


PLACES = [
    (ETA_STAR, r"\frac{n}{4}\frac{\|X^T a\|^2}{\|X X^T a\|^2}", r"\frac{n}{\wrong{4}}"),
    (
        ETA_STAR,
        r"\frac{n}{2}\frac{\|X^T a\|}{\|X X^T a\|}",
        r"\wrong{\frac{\left\|X^{T} a\right\|}{\left\|X X^{T} a\right\|}}",
    ),
    (W_1, r"w_0 + \frac{2\eta}{n} X^T (X w_0 - t)", r"w_{0} + \wrong{\frac{2 \eta}{n} X^{T} \left(X"),
    (W_1, r"w_0 - \frac{2\eta}{n} X^T (X w_0 + t)", r"\left(X w_{0} + \wrong{t}\right)"),
    (W_1, r"w_0 - \frac{2\eta}{n} X^T X w_0", r"w_{0} - \wrong{\frac{2 \eta}{n} X^{T} X w_{0}}"),
    (W_1, r"w_0 - \frac{\eta}{n} X^T (X w_0 - t)", r"\frac{\wrong{\eta}}{n}"),
    (W_1, "$r = t - X w_0$\n" + r"$w_0 - \frac{2\eta}{n} X^T r$", r"X^{T} \wrong{r}"),
    (MINIMUM_NORM, r"X^T t", r"\wrong{X^{T}} t"),
    (L_1, r"\frac{1}{n}\|a - \frac{2\eta}{n} X X^T a\|", r"\frac{1}{n} \wrong{\left\|a"),
    (DECAY, r"(1 + 2\eta\lambda) w_0 - \frac{2\eta}{n} X^T (X w_0 - t)", r"\left(1 + \wrong{2 \eta \lambda}"),
    ("A^T B w", "A B w", r"\wrong{A} B w"),
    ("A B w", "B A w", r"\wrong{B A} w"),
    (r"\frac{x}{k + z}", r"\frac{x}{k + 1 + z}", r"\frac{x}{k + \wrong{1} + z}"),
    (r"\sum_{i=1}^{n} t_i x^i", r"\sum_{i=1}^{n-1} t_i x^i", r"\sum_{i=1}^{n \wrong{-1}} t_{i} x^{i}"),
    (r"x^3 + z", r"x^2 + z", r"x^{\wrong{2}} + z"),
    (r"\sum_{i=1}^n (x_i^T w - t_i)^2", r"\sum_{i=1}^n (x_i^T w + t_i)^2", r"w + \wrong{t_{i}}\right)^{2}"),
    (r"\sum_{i=1}^{n} t_i x^i", r"\sum_{i=1}^{n} t_i x^{i+1}", r"x^{i + \wrong{1}}"),
    (r"\sum_{i=1}^{n} t_i x^i", r"\sum_{i=1}^{n} x^i", r"\sum_{i=1}^{n} \wrong{x^{i}}"),
    (r"3 x z", r"2 x z", r"\wrong{2} x z"),
]


@pytest.mark.parametrize(("expected", "answer", "place"), PLACES)
def test_the_wrong_part_is_marked(expected: str, answer: str, place: str) -> None:
    assert place in drawn(expected, answer)
    assert drawn(expected, answer).count(r"\wrong{") == 1


NOWHERE = [
    (ETA_STAR, r"\eta + x^5"),  # nothing of it is right
    (ETA_STAR, r"-\frac{n}{2}\frac{\|X^T a\|^2}{\|X X^T a\|^2}"),  # any factor's sign would do
    (LAMBDA_TILDE, r"2\eta\lambda"),
    (GRADIENT, r"\frac{2}{n} (X w - t)^T X"),  # another shape
    ("x z", "x x"),  # either factor would do
    ("52444644", "52444645"),  # a number is simply another number
    (r"\{x, z\}", r"\{x, k\}"),
]


@pytest.mark.parametrize(("expected", "answer"), NOWHERE)
def test_nothing_is_marked_where_no_part_is_certain(expected: str, answer: str) -> None:
    assert drawn(expected, answer) == ""


def test_what_a_student_defines_belongs_to_that_student_alone() -> None:
    """Two answers that are one tree under different definitions have their own places."""
    p = Problem(Declarations.make(SYMBOLS, None, DEFINE), "x + z")
    for text, place in (("$K = z + 1$\n$x + K$", "K"), ("$K = z$\n$x^2 + K$", "x²")):
        reading = read_text(text, p.scope, wanted=p.node)
        path = wrong_part(p, reading.node, reading.scope or p.scope)
        assert path is not None
        assert show(at(reading.node, path)) == place
    reading = read_text("$K = z$\n$x + K$", p.scope, wanted=p.node)
    assert wrong_part(p, reading.node, reading.scope or p.scope) is None


def _changed(right: Node, wrong: Node) -> Path:
    """Where two trees begin to differ."""
    path: Path = ()
    while (right.op, right.value, len(right.args)) == (wrong.op, wrong.value, len(wrong.args)):
        other = [k for k, (a, b) in enumerate(zip(right.args, wrong.args, strict=True)) if a != b]
        if len(other) != 1:
            break
        path = (*path, other[0])
        right, wrong = right.args[other[0]], wrong.args[other[0]]
    return path


def _on_one_line(a: Path, b: Path) -> bool:
    """Whether one place holds the other."""
    return a[: len(b)] == b or b[: len(a)] == a


def test_the_mark_holds_the_place_of_a_slip() -> None:
    """Every slip of ``mutants`` at every place of every reference but its root."""
    found: Counter[str] = Counter()
    for p in PROBLEMS.values():
        for _, tree in mutants(p.node):
            changed = _changed(p.node, tree)
            if not changed or verdict(p, tree).verdict != "different":
                continue
            path = wrong_part(p, tree, p.scope)
            found["none" if path is None else "there" if _on_one_line(path, changed) else "elsewhere"] += 1
    assert found.total() > 150
    assert found["there"] >= 0.95 * found.total(), found
    assert found["elsewhere"] <= 0.01 * found.total(), found


def test_the_mark_holds_the_place_in_other_spellings() -> None:
    """Slips in rewritten references: terms and factors in another order, products multiplied out."""
    found: Counter[str] = Counter()
    for name, p in PROBLEMS.items():
        for seed in range(12):
            rng = random.Random(f"{name} {seed}")
            right = rewritten(p.node, rng, rng.randint(1, 4))
            slips = [t for _, t in mutants(right) if _changed(right, t)]
            for tree in rng.sample(slips, min(4, len(slips))):
                if verdict(p, tree).verdict != "different":
                    continue
                path = wrong_part(p, tree, p.scope)
                there = path is not None and _on_one_line(path, _changed(right, tree))
                found["none" if path is None else "there" if there else "elsewhere"] += 1
    assert found.total() > 350
    assert found["there"] >= 0.9 * found.total(), found
    assert found["elsewhere"] <= 0.02 * found.total(), found


@RELAXED
@given(st.sampled_from(sorted(PROBLEMS)), st.integers(0, 2**32), st.integers(0, 6))
def test_a_right_answer_has_no_mark(name: str, seed: int, times: int) -> None:
    p = PROBLEMS[name]
    assert wrong_part(p, rewritten(p.node, random.Random(seed), times), p.scope) is None


MISFITS = [
    (r"-\frac{4}{n^2} a X^T X a^T", r"\frac{4}{n^2} a X^T X a^T"),
    (r"w_0 - \frac{2\eta}{n} X (X w_0 - t)", r"\frac{2\eta}{n} X (X w_0 - t)"),
    (r"\frac{1}{n}\|w_0 + t\|", "w_0 + t"),
    (r"w_0 + t", None),  # all of it
]


@pytest.mark.parametrize(("answer", "part"), MISFITS)
def test_the_part_that_does_not_fit_together(answer: str, part: str | None) -> None:
    p = Problem(Declarations.make(SYMBOLS, None, DEFINE), W_1)
    with pytest.raises(ShapeFault) as info:
        read_text(answer, p.scope, wanted=p.node)
    tree, span = info.value.tree, info.value.span
    assert isinstance(tree, Node)
    assert span is not None
    path = covering(tree, span)
    if part is None:
        assert path is None
    else:
        assert path is not None
        place = at(tree, path).span
        assert place is not None
        assert answer[place[0] : place[1]] == part
