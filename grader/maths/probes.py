"""Points that random sampling would miss: far out, close to zero, and on both sides of every kink.

max(x, −1000) is x at every ordinary point, tanh(10⁶x) is the sign of x, and 0^(k−1) is 0 but for k = 1. A
point found here refutes; that none is found proves nothing. Where a function that flattens out has so large
a factor that no number could show a difference, equality is not claimed.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable, Iterator
from fractions import Fraction

import flint

from grader.errors import MathsFault
from grader.maths.agreement import proved_apart
from grader.maths.counterexample import Trial, describe, shown_names
from grader.maths.degree import all_nodes
from grader.maths.equations import solve_affine
from grader.maths.evaluate import Budget, Point, evaluate
from grader.maths.exactness import constant
from grader.maths.expected import Expected
from grader.maths.sampling import binding
from grader.maths.scope import Scope, underlying
from grader.maths.steps import compare_steps
from grader.maths.structures import OF_ONE_LENGTH
from grader.maths.tree import Node
from grader.maths.verdict import Comparison, undecided
from grader.maths.worlds import WORLDS

__all__ = ["refuted_far_out"]

PRECISION = 768
MAGNITUDES = tuple(Fraction(10) ** k for k in (-12, -6, -3, -2, -1, 0, 1, 2, 4, 7, 12))
WHOLE = (1, 2, 3, 0, -1, -2, 4, 5, 100)
MAX_KINKS = 12
MOST_POINTS = 240
STEPS = 200_000
KEPT = 64  # kinks of a question whose points are kept, with what is expected there, for the next answer
LARGE = 30  # a factor from which on exp and its kin are flat within a step of 1

_PIECES = frozenset(("abs", "relu", "sign"))
_FLAT = frozenset(("tanh", "sigmoid", "exp", "softplus", "atan", "log"))

# names with their new values; a vector or matrix is multiplied by its value
_Change = tuple[tuple[str, Fraction | int], ...]

_SHARP = frozenset(("max", "min", "func", "pow"))  # operations that may be so


def refuted_far_out(want: Expected, node: Node, scope: Scope, out: Comparison) -> Comparison | None:
    """What speaks against an answer that is equal at the random points (``out``); None if nothing does, or
    if it is proved to be equal."""
    if not (_sharp(want.node, scope) or _sharp(node, scope)) or out.evidence["level"] != "supported":
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
    mine, yours = STEPS, Budget(STEPS)
    with flint.ctx.workprec(PRECISION):
        for move in itertools.islice(_moves(want, node, scope, base), MOST_POINTS):
            trial = move.trial or move.tried(want.node, base)
            mine -= trial.steps
            if mine < 0:
                break
            other = trial.point.under(scope)
            try:
                value = None if trial.expected is None else evaluate(node, other, yours)
            except (MathsFault, OverflowError, ZeroDivisionError):
                value = None
            if value is None:
                if mine <= 0 or yours.left <= 0:
                    break
                continue
            if proved_apart(trial.expected, value):
                names = shown_names(want.node, node, want.scope, scope)
                found = describe(names, trial.point, other, trial.expected, value)
                return Comparison(
                    "different",
                    f"Not equal to the expected answer: {found['text']}.",
                    evidence={"level": "refuted", "counterexample": found},
                )
    return None


class _Move:
    """What is changed at a point, and the changed point with the expected value there, once it was tried."""

    __slots__ = ("change", "trial")

    def __init__(self, change: _Change) -> None:
        self.change = change
        self.trial: Trial | None = None

    def tried(self, expected: Node, base: Point) -> Trial:
        point = _moved(base, self.change)
        budget = Budget(STEPS)
        try:
            value = evaluate(expected, point, budget)
        except (MathsFault, OverflowError, ZeroDivisionError):
            value = None
        self.trial = Trial(point, value, STEPS - budget.left)
        return self.trial


def _moved(base: Point, change: _Change) -> Point:
    kinds, scalar = base.scope.kinds, base.world.scalar
    kept = {name for name, word in base.scope.assumptions.structure if word in OF_ONE_LENGTH}
    values = {
        x: scalar(v) if kinds[x].shape is None else base.values[x] * scalar(v)
        for x, v in change
        if x not in kept
    }
    point = base.moved(values)
    counts = {x: v for x, v in change if kinds[x].sort == "integer" and isinstance(v, int)}
    point.integers = {**point.integers, **counts}
    return point


def _moves(want: Expected, node: Node, scope: Scope, base: Point) -> Iterator[_Move]:
    own = want.scope
    used = {n.value for t in (want.node, node) for n in all_nodes(t, scope) if n.op == "sym"}
    names = [x for x in own.kinds if x in used and x not in own.define and own.kinds[x].sort != "function"]
    scalars = [x for x in names if own.kinds[x].sort == "scalar"]
    for x, at in _kinks(want.node, node, scope, own, base, scalars):
        near = ((x, v) for v in _around(at) if _allowed(v, own.kinds[x].sign))
        yield from _kept(want, ("kink", id(base), x, at), ((pair,) for pair in near))
    yield from _kept(want, ("magnitudes", id(base), *names), _magnitudes(own, names, scalars))


def _kept(want: Expected, key: tuple[object, ...], changes: Iterable[_Change]) -> list[_Move]:
    """The moves under a key; the points that it names live as long as the question."""
    found: list[_Move] | None = want.kept.get(key)
    if found is None:
        found = [_Move(change) for change in changes]
        if len(want.kept) < KEPT:
            want.kept[key] = found
    return found


def _magnitudes(own: Scope, names: list[str], scalars: list[str]) -> Iterator[_Change]:
    """Every name, and all of a sort together, from tiny to huge."""
    for x in names:
        if own.kinds[x].sort == "integer":
            yield from (((x, k),) for k in WHOLE if _allowed(k, own.kinds[x].sign))
    for x in scalars:
        for m in MAGNITUDES:
            yield from (((x, v),) for v in (m, -m) if _allowed(v, own.kinds[x].sign))
    shaped = [x for x in names if own.kinds[x].shape is not None]
    for m in MAGNITUDES:
        for sign in (1, -1):
            if shaped:
                yield tuple((x, sign * m) for x in shaped)
            if len(scalars) > 1:
                sized = ((x, m * (sign if _allowed(-m, own.kinds[x].sign) else 1)) for x in scalars)
                yield tuple((x, v) for x, v in sized if _allowed(v, own.kinds[x].sign))


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
                used = set(underlying(difference, scope))
                for x in scalars:
                    if x not in used:
                        continue
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


def _allowed(v: Fraction | int, sign: str) -> bool:
    if sign == "in (0,1)":
        return 0 < v < 1
    allowed = _SIGNS.get(sign)
    return allowed is None or bool(allowed(v, 0))


_SIGNS = {
    "> 0": operator.gt,
    ">= 0": operator.ge,
    "< 0": operator.lt,
    "<= 0": operator.le,
    "!= 0": operator.ne,
}
