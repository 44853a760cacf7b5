"""Are two expressions with ⌊·⌋, ⌈·⌉ or remainders equal? Swept over whole numbers, exactly.

A few random numbers say little about a function made of steps. So every symbol that counts something is
swept over the whole numbers: one symbol over 1 to 60, two or three over a grid, with the neighbours of the
numbers that occur in the expressions and with random large ones. Other scalars are drawn as whole numbers,
as fractions, and between them. One point where the values differ refutes; agreement at all is support.
The same is done for max, min and |·| of whole numbers.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import flint

from grader.errors import LimitFault, MathsFault, RubricError, SyntaxFault, UndefinedFault
from grader.maths.agreement import RELATIVE_BITS, balls_relation, no_value
from grader.maths.counterexample import describe, shown_names
from grader.maths.degree import all_nodes
from grader.maths.equations import solve_affine
from grader.maths.evaluate import Budget, CoarseFault, Point, evaluate
from grader.maths.expected import Expected
from grader.maths.sampling import allowed, binding, draw, sizes
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.verdict import Comparison, undecided
from grader.maths.worlds import WORLDS

__all__ = ["compare_steps"]

SWEPT = {1: 60, 2: 15, 3: 6}  # symbols → how far each is swept
SWEPT_SIZE = 9  # of matrices
RANDOM = 120  # points beyond the sweep
LARGEST = 10**6
FAR = 400  # of what a sum is counted up to
NEAR = 40  # points before scalars far from 1 are drawn
PRECISION = 768
STEPS = 600_000
_BESIDE = (0, 0, 0, Fraction(1, 10**6), Fraction(-1, 10**6), 1, -1)  # from the edge of a condition
DENOMINATORS = (1, 1, 1, 2, 2, 3, 4, 5, 7, 10, 1000)


def compare_steps(want: Expected, node: Node, scope: Scope) -> Comparison:
    """The verdict on an answer of the expected shape.

    Raises:
        RubricError: the expected side has no value at any point.
        MathsFault: the answer has no value that could be compared.
    """
    try:
        return _swept(want, node, scope, "rationals")
    except SyntaxFault:  # a root or an exponential among the steps
        with flint.ctx.workprec(PRECISION):
            return _swept(want, node, scope, "balls")


def _swept(want: Expected, node: Node, scope: Scope, world: str) -> Comparison:
    mine, yours = Budget(STEPS), Budget(STEPS)
    compared = skipped = 0
    bound = want.bound | binding(node, scope)
    last: UndefinedFault | None = None
    for point, large in _points(want, node, scope, world, bound):
        other = point.under(scope)
        try:
            expected = evaluate(want.node, point, mine)
        except UndefinedFault as fault:
            last = fault
            skipped += isinstance(fault, CoarseFault)
            continue
        except LimitFault:
            if large and mine.left > 0:
                continue
            raise
        try:
            value = evaluate(node, other, yours)
        except CoarseFault:
            skipped += 1
            continue
        except UndefinedFault as fault:
            return no_value(node, scope, fault, point)
        except LimitFault:
            if large and yours.left > 0:
                continue
            raise
        relation = balls_relation(expected, value, RELATIVE_BITS) if world == "balls" else ""
        if relation == "apart" or (not relation and expected != value):
            found = describe(shown_names(want.node, node, want.scope, scope), point, other, expected, value)
            return Comparison(
                "different",
                f"Not equal to the expected answer: {found['text']}.",
                evidence={"level": "refuted", "counterexample": found},
            )
        skipped += relation == "unclear"
        compared += 1
    if not compared and not skipped:
        why = f": {last.message}" if last else ""
        raise RubricError(f"the expected answer {want.text!r} has no value under the assumptions{why}")
    if skipped:
        return undecided("at some points it cannot be told on which side of a step the value lies")
    if compared == 1:
        return Comparison(
            "equivalent",
            "Equal to the expected answer: the same exact value.",
            evidence={"level": "proved", "by": "exact value"},
        )
    return Comparison(
        "equivalent",
        f"Equal to the expected answer at {compared} points: whole numbers in turn, and random ones.",
        evidence={"level": "supported", "points": compared, "swept": _counted([want.node, node], scope)},
    )


def _points(
    want: Expected, node: Node, scope: Scope, world: str, bound: frozenset[str]
) -> Iterator[tuple[Point, bool]]:
    """Points, the smallest first; with whether a limit on the size of numbers may be met there."""
    own = want.scope
    rng = random.Random(f"{want.seed}steps")
    trees = [want.node, node]
    used = _used(trees, scope)
    counted = [x for x in used if scope.kinds[x].sort in ("dim", "integer")]
    scalars = [x for x in used if scope.kinds[x].sort == "scalar"]
    structured = dict(own.assumptions.structure)
    entries = [x for x in used if scope.kinds[x].shape is not None and x in own.kinds and x not in structured]
    shaped = any(scope.kinds[x].shape is not None for x in used)
    if shaped:
        counted = list(dict.fromkeys([*counted, *own.dims]))
    literals = _literals(trees, scope)
    conditions = [n for t in trees for n in all_nodes(t, scope) if n.op == "holds"]
    needed = RANDOM if scalars or shaped else 1
    made = 0
    for whole, large in _whole_points(own, counted, literals, rng, bound, shaped):
        dims = {**sizes(own, rng, 1)[0], **whole}
        if not allowed(own, dims):
            continue
        for _ in range(needed if not counted else 2 if scalars else 1):
            point = draw(own, WORLDS[world], dims, rng, bound | {"*"}, span=1 + made % 7)
            point.integers = {**point.integers, **whole}
            point.values.update({x: point.world.scalar(k) for x, k in whole.items()})
            for x in scalars:
                if x in own.kinds:
                    point.values[x] = point.world.scalar(
                        _scalar(own.kinds[x].sign, literals, rng, made > NEAR)
                    )
            if conditions and made % 3:
                _at_the_edge(point, rng.choice(conditions), scalars, rng)
            if made % 2:  # entries that are not whole
                below = point.world.scalar(Fraction(1, rng.choice(DENOMINATORS[3:])))
                for x in entries:
                    point.values[x] = point.values[x] * below
            made += 1
            yield point, large


def _at_the_edge(point: Point, condition: Node, scalars: list[str], rng: random.Random) -> None:
    """Move a scalar to where a condition is about to change, or little beside it."""
    a, b = condition.args
    if a.shape is not None or b.shape is not None:
        return
    difference = Node("add", (a, Node("neg", (b,))))
    for name in scalars:
        if name not in condition.names() or name not in point.scope.kinds:
            continue
        try:
            found = solve_affine(difference, name, point)
        except MathsFault:
            found = None
        if found is None:
            continue
        moved = found + point.world.scalar(rng.choice(_BESIDE))
        if _has_sign(moved, point.scope.kinds[name].sign):
            point.values[name] = moved
            return


def _has_sign(v: Any, sign: str) -> bool:
    known = {"": True, "> 0": v > 0, ">= 0": v >= 0, "< 0": v < 0, "<= 0": v <= 0, "!= 0": v != 0}
    return bool(known.get(sign, False))


def _whole_points(
    scope: Scope,
    names: list[str],
    literals: list[int],
    rng: random.Random,
    bound: frozenset[str],
    shaped: bool,
) -> Iterator[tuple[dict[str, int], bool]]:
    if not names:
        yield {}, False
        return
    top = SWEPT_SIZE if shaped else SWEPT.get(len(names), 4)
    domains = [_domain(scope, x, top) for x in names]
    if len(names) <= 3:
        grid = sorted(itertools.product(*domains), key=lambda ks: sum(map(abs, ks)))
        for ks in grid:
            yield dict(zip(names, ks, strict=True)), False
    for k in range(RANDOM * (1 if len(names) <= 3 else 3)):
        picked = {}
        for x, domain in zip(names, domains, strict=True):
            if shaped or x in bound or "*" in bound:
                far = not shaped and domain[0] >= 0 and k % 4 == 3  # a sum over so many is still added up
                picked[x] = rng.randint(top, FAR) if far else rng.choice(domain)
                continue
            lowest = domain[0] if domain[0] >= 0 else -LARGEST
            near = [c for c in literals if lowest <= c]
            if near and (k < 2 * len(literals) or rng.random() < 0.5):
                picked[x] = near[k % len(near)] if len(names) == 1 else rng.choice(near)
            else:
                high = rng.choice((20, 100, LARGEST))
                picked[x] = rng.randint(max(lowest, -high), high)
            if scope.kinds[x].sign == "!= 0" and not picked[x]:
                picked[x] = 1
        yield picked, True


def _domain(scope: Scope, name: str, top: int) -> list[int]:
    """The whole numbers a symbol is swept over, in increasing order."""
    kind = scope.kinds[name]
    if kind.sort == "dim" or kind.sign == "> 0":
        return list(range(1, top + 1))
    if kind.sign == ">= 0":
        return list(range(top + 1))
    if kind.sign in ("< 0", "<= 0"):
        return list(range(-top, kind.sign == "<= 0"))
    return [k for k in range(-top, top + 1) if k or kind.sign != "!= 0"]


def _scalar(sign: str, literals: list[int], rng: random.Random, far: bool) -> Fraction:
    below = rng.choice(DENOMINATORS)
    if sign == "in (0,1)":
        below = max(below, 2)
        return Fraction(rng.randint(1, below - 1), below)
    if literals and rng.random() < 0.3:
        v = rng.choice(literals) + Fraction(rng.choice((-1, 0, 0, 1)), rng.choice((2, 1000)))
    else:
        v = Fraction(rng.randint(-12 * below, 12 * below), below)
        if far and rng.random() < 0.2:
            v *= Fraction(10) ** rng.randint(-9, 12)
    if sign in ("> 0", ">= 0"):
        v = abs(v)
    elif sign in ("< 0", "<= 0"):
        v = -abs(v)
    return v or Fraction(0 if sign in ("", ">= 0", "<= 0") else -1 if sign == "< 0" else 1)


def _literals(trees: list[Node], scope: Scope) -> list[int]:
    """Whole numbers near the ones in the expressions and near small multiples of them."""
    found: set[int] = set()
    for tree in trees:
        for n in all_nodes(tree, scope):
            if n.op == "num":
                found |= {abs(n.value.numerator), n.value.denominator}
    near = {
        s * m * c + d for c in found if 3 < c <= LARGEST for m in (1, 2) for d in (-1, 0, 1) for s in (1, -1)
    }
    return sorted(near, key=lambda c: (abs(c), c))[:400]


def _used(trees: list[Node], scope: Scope) -> list[str]:
    """The declared symbols that the trees depend on, in the order of declaration."""
    found = {n.value for t in trees for n in all_nodes(t, scope) if n.op == "sym"}
    return [x for x in scope.kinds if x in found and x not in scope.define]


def _counted(trees: list[Node], scope: Scope) -> dict[str, Any]:
    names = [x for x in _used(trees, scope) if scope.kinds[x].sort in ("dim", "integer")]
    top = SWEPT.get(len(names), 4)
    return {x: f"{d[0]} to {d[-1]}" for x in names for d in [_domain(scope, x, top)]}
