"""Points that random sampling would miss: far out, close to zero, and on both sides of every kink.

max(x, −1000) is x at every ordinary point, tanh(10⁶x) is the sign of x, and 0^(k−1) is 0 but for k = 1. A
point found here refutes; that none is found proves nothing. Where a function that flattens out has so large
a factor that no number could show a difference, equality is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import flint

from grader.errors import MathsFault
from grader.maths.agreement import balls_relation
from grader.maths.counterexample import describe, shown_names
from grader.maths.degree import all_nodes
from grader.maths.equations import solve_affine
from grader.maths.evaluate import Budget, Point, evaluate
from grader.maths.exactness import constant
from grader.maths.expected import Expected
from grader.maths.sampling import binding
from grader.maths.scope import Scope
from grader.maths.steps import compare_steps
from grader.maths.tree import Node
from grader.maths.verdict import Comparison, undecided
from grader.maths.worlds import WORLDS

__all__ = ["refuted_far_out"]

BITS = 64
PRECISION = 768
MAGNITUDES = tuple(Fraction(10) ** k for k in (-12, -6, -3, -2, -1, 0, 1, 2, 4, 7, 12))
WHOLE = (1, 2, 3, 0, -1, -2, 4, 5, 100)
MAX_KINKS = 12
MOST_POINTS = 240
STEPS = 200_000
LARGE = 30  # a factor from which on exp and its kin are flat within a step of 1

_PIECES = frozenset(("abs", "relu", "sign"))
_FLAT = frozenset(("tanh", "sigmoid", "exp", "softplus", "atan", "log"))
_SHARP = frozenset(("max", "min", "func", "pow"))  # operations that may be so


def refuted_far_out(want: Expected, node: Node, scope: Scope) -> Comparison | None:
    """What speaks against an answer that is equal at the random points; None if nothing does."""
    if not (_sharp(want.node, scope) or _sharp(node, scope)):
        return None
    bound = want.bound | binding(node, scope)
    with flint.ctx.workprec(PRECISION):
        bases = [s.point for s in want.ball_samples(bound, PRECISION) if not s.far][:1]
    for base in bases:
        found = _probed(want, node, scope, base)
        if found is not None:
            return found
        if _has_zero_power(want.node, want.scope, base) or _has_zero_power(node, scope, base):
            swept = compare_steps(want, node, scope)
            return undecided("a power of zero is 1 where its exponent is 0") if swept.equivalent else swept
    if _flattened(want.node, node, scope):
        return undecided("a difference may be too small to be seen")
    return None


def _sharp(tree: Node, scope: Scope) -> bool:
    """Whether it has kinks, jumps or places where it flattens out."""
    if _SHARP.isdisjoint(tree.ops()) and tree.names().isdisjoint(scope.define):
        return False
    return any(
        n.op in ("max", "min") or (n.op == "func" and n.value in _PIECES | _FLAT) or _symbolic_power(n)
        for n in all_nodes(tree, scope)
    )


def _symbolic_power(n: Node) -> bool:
    return n.op == "pow" and bool(n.args[1].names())


def _has_zero_power(tree: Node, scope: Scope, point: Point) -> bool:
    """Whether a power with symbols in its exponent has a base that is zero: 0⁰ = 1 there."""
    for n in all_nodes(tree, scope):
        if _symbolic_power(n) and n.shape is None:
            try:
                if evaluate(n.args[0], point.under(scope)) == 0:
                    return True
            except MathsFault:
                continue
    return False


def _flattened(want: Node, node: Node, scope: Scope) -> bool:
    """Whether the answer, and not the expected side, has a large factor in a function that flattens out."""
    return _steepest(node, scope) >= LARGE > _steepest(want, scope)


def _steepest(tree: Node, scope: Scope) -> Fraction:
    largest = Fraction(0)
    for n in all_nodes(tree, scope):
        if n.op == "func" and n.value in _FLAT - {"log"}:
            for a in n.args:
                if a.names():
                    largest = max([largest, *(abs(_literal(x)) for x in a.walk())])
        elif _symbolic_power(n) and n.args[1].op != "sym":
            largest = max([largest, *(abs(_literal(x)) for x in n.args[1].walk())])
    return largest


def _literal(n: Node) -> Fraction:
    if n.op == "pow" and n.args[0].op == "num" and n.args[0].value >= 2:
        k = constant(n.args[1])
        if k is not None and k > 5:
            return Fraction(LARGE)
    return constant(n) or Fraction(0)


def _probed(want: Expected, node: Node, scope: Scope, base: Point) -> Comparison | None:
    """The difference at a point that was looked for; None if none was found. ``base``: any real point."""
    mine, yours = Budget(STEPS), Budget(STEPS)
    with flint.ctx.workprec(PRECISION):
        for k, changes in enumerate(_changes(want, node, scope, base)):
            if k >= MOST_POINTS:
                break
            point = base.moved({x: v for x, (v, _) in changes.items()})
            point.integers = {**point.integers, **{x: n for x, (_, n) in changes.items() if n is not None}}
            other = point.under(scope)
            try:
                expected = evaluate(want.node, point, mine)
                value = evaluate(node, other, yours)
            except MathsFault:
                if mine.left <= 0 or yours.left <= 0:
                    break
                continue
            except (OverflowError, ZeroDivisionError):
                continue
            if balls_relation(expected, value, BITS) == "apart":
                found = describe(
                    shown_names(want.node, node, want.scope, scope), point, other, expected, value
                )
                return Comparison(
                    "different",
                    f"Not equal to the expected answer: {found['text']}.",
                    evidence={"level": "refuted", "counterexample": found},
                )
    return None


def _changes(
    want: Expected, node: Node, scope: Scope, base: Point
) -> Iterator[dict[str, tuple[Any, int | None]]]:
    own = want.scope
    used = {n.value for t in (want.node, node) for n in all_nodes(t, scope) if n.op == "sym"}
    names = [x for x in own.kinds if x in used and x not in own.define and own.kinds[x].sort != "function"]
    scalars = [x for x in names if own.kinds[x].sort == "scalar"]
    whole = [x for x in names if own.kinds[x].sort == "integer"]
    shaped = [x for x in names if own.kinds[x].shape is not None]
    for x, at in _kinks(want.node, node, scope, own, base, scalars):
        for v in _around(at):
            if _allowed(v, own.kinds[x].sign):
                yield {x: (base.world.scalar(v), None)}
    for x in whole:
        for k in WHOLE:
            if _allowed(Fraction(k), own.kinds[x].sign):
                yield {x: (base.world.scalar(k), k)}
    for x in scalars:
        for m in MAGNITUDES:
            for v in (m, -m):
                if _allowed(v, own.kinds[x].sign):
                    yield {x: (base.world.scalar(v), None)}
    for m in MAGNITUDES:
        for sign in (1, -1):
            if shaped:
                yield {x: (base.values[x] * base.world.scalar(sign * m), None) for x in shaped}
            if len(scalars) > 1:
                sized = {x: m * (sign if _allowed(-m, own.kinds[x].sign) else 1) for x in scalars}
                yield {
                    x: (base.world.scalar(v), None)
                    for x, v in sized.items()
                    if _allowed(v, own.kinds[x].sign)
                }


def _kinks(
    want: Node, node: Node, scope: Scope, own: Scope, base: Point, scalars: list[str]
) -> Iterator[tuple[str, Fraction]]:
    """Where the arguments of a kink, of a jump or of a power of zero vanish, for those that are linear."""
    rational = WORLDS["rationals"]
    point = Point(rational, own, base.dims, {}, dict(base.integers), {})
    for place, x in enumerate(own.kinds):
        if own.kinds[x].shape is None and own.kinds[x].sort != "function" and x not in own.define:
            k = base.integers.get(x, base.dims.get(x))
            point.values[x] = rational.scalar(k if k is not None else Fraction(7 + 3 * place, 11 + 2 * place))
    found = 0
    for tree in (want, node):
        for n in all_nodes(tree, scope):
            for difference in _differences(n):
                for x in scalars:
                    try:
                        at = solve_affine(difference, x, point.under(scope))
                    except (MathsFault, ArithmeticError, ValueError, TypeError, KeyError):
                        continue
                    if at is not None:
                        yield x, Fraction(int(at.p), int(at.q))
                        found += 1
                        if found >= MAX_KINKS:
                            return


def _differences(n: Node) -> list[Node]:
    if n.shape is not None:
        return []
    if n.op in ("max", "min") and len(n.args) >= 2 and n.args[0].shape is None:
        a, *rest = n.args
        return [Node("add", (a, Node("neg", (b,), None, b.span, None)), None, n.span, None) for b in rest]
    if n.op == "func" and n.value in _PIECES | _FLAT and n.args[0].shape is None:
        return [n.args[0]]
    return [n.args[1]] if _symbolic_power(n) else []


def _around(at: Fraction) -> Iterator[Fraction]:
    yield at
    for off in (max(abs(at) / 8, Fraction(1, 8)), abs(at) / 2, abs(at), Fraction(1, 1000)):
        yield at + off
        yield at - off


def _allowed(v: Fraction, sign: str) -> bool:
    if sign == "in (0,1)":
        return 0 < v < 1
    return {"> 0": v > 0, ">= 0": v >= 0, "< 0": v < 0, "<= 0": v <= 0, "!= 0": v != 0}.get(sign, True)
