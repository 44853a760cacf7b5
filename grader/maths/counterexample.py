"""The smallest example we can find that separates two expressions, for a person to check by hand."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import flint

from grader.errors import MathsFault
from grader.maths.evaluate import Budget, Point, Value, entries_of, evaluate
from grader.maths.expected import Expected
from grader.maths.printing import show_name
from grader.maths.recalled import STATED
from grader.maths.sampling import VARIANTS, WORLDS, draw, sizes, small_sizes
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.verdict import Tolerance

__all__ = ["Trial", "describe", "find_counterexample", "show_apart", "show_exact", "shown_names"]

SPANS = (1, 2, 2, 2, 3, 3, 3, 3, 5, 5, 9)  # largest entry of each draw
WIDE = (30, 200, 2000)  # tried where nothing small separates the two
PRECISION = 256
MAX_MAGNITUDE = 20_000  # in bits
MAX_DIGITS = 48  # of a number shown exactly
STEPS = 100_000
_SIZED = frozenset(("sum", "prod", "ones", "eye", "func"))  # their values depend on sizes
NEAR = "1e-6"  # a relative difference that a few digits hide
KEPT = 32  # points of a question that are kept for the next wrong answer


class Trial:
    """A point with the expected value there; ``steps`` says what it took to find."""

    __slots__ = ("expected", "point", "steps")

    def __init__(self, point: Point, expected: Value | None, steps: int) -> None:
        self.point = point
        self.expected = expected  # None: no value, or the point does not meet the assumptions
        self.steps = steps


class _Trials:
    """The points at which the answers to one question are tried, in order. The first are kept, because
    nearly every wrong answer shows itself there."""

    def __init__(self, want: Expected, world: str, named: bool) -> None:
        self.want = want
        self.world = world
        self.named = named
        self.kept: list[Trial] = []

    def __iter__(self) -> Iterator[Trial]:
        yield from self.kept
        points = _points(self.want.scope, self.world, self.named)
        for point in itertools.islice(points, len(self.kept), None):
            trial = self._tried(point)
            if len(self.kept) < KEPT:
                self.kept.append(trial)
            yield trial

    def _tried(self, point: Point) -> Trial:
        budget = Budget(STEPS)
        try:
            value = evaluate(self.want.node, point, budget) if _meets(self.want.scope, point) else None
        except MathsFault:
            value = None
        return Trial(point, value, STEPS - budget.left)


def find_counterexample(
    want: Expected, answer: Node, answer_scope: Scope, real: bool, tolerance: Tolerance | None = None
) -> dict[str, Any] | None:
    """``{"values": {name: text}, "yours": …, "expected": …, "text": one sentence}``, or None.

    ``values`` holds every name needed to compute both sides again.
    """
    inexact = real or tolerance is not None
    names = shown_names(want.node, answer, want.scope, answer_scope)
    key = ("trials", inexact, bool(names))
    with flint.ctx.workprec(PRECISION):
        trials = want.kept.get(key)
        if trials is None:
            trials = want.kept[key] = _Trials(want, "balls" if inexact else "rationals", bool(names))
        budget = Budget(STEPS)
        for trial in trials:
            budget.left -= trial.steps
            if budget.left < 0:
                return None
            if trial.expected is None:
                continue
            other = trial.point.under(answer_scope)
            try:
                v = evaluate(answer, other, budget)
                if _differ(trial.expected, v, inexact, tolerance):
                    return describe(names, trial.point, other, trial.expected, v)
            except MathsFault:
                if budget.left < 0:
                    return None
    return None


def _points(scope: Scope, world: str, named: bool) -> Iterator[Point]:
    rng = random.Random(20261122)
    everything = frozenset("*")
    small = small_sizes(scope)
    for dims in small:
        for span in SPANS if named else SPANS[:1]:
            yield draw(scope, WORLDS[world], dims, rng, everything, span=span)
    for span in WIDE if named else ():
        for dims in (small[0], *sizes(scope, rng, 2)):
            for _ in range(4):
                yield draw(scope, WORLDS[world], dims, rng, everything, span=span)
    if world == "balls":  # functions that whole numbers do not separate, such as sin(πx)
        for variant in range(VARIANTS):
            yield draw(scope, WORLDS[world], sizes(scope, rng, 1)[0], rng, everything, variant=variant)


def _meets(scope: Scope, point: Point) -> bool:
    """Whether the point meets the assumptions that generic points meet anyway: a ≠ 0, full rank."""
    for node in scope.assumptions.nonzero:
        if all(not x for x in map(_nonzero, entries_of(evaluate(node, point)))):
            return False
    for name in scope.assumptions.full_rank:
        v = point.values.get(name)
        if v is not None and hasattr(v, "entries") and _rank(v) < min(v.nrows(), v.ncols()):
            return False
    return True


def _nonzero(x: Value) -> bool:
    return not x.contains(0) if isinstance(x, flint.arb) else bool(x != 0)


def _rank(v: Value) -> int:
    if isinstance(v, flint.arb_mat):
        v = flint.fmpq_mat(v.nrows(), v.ncols(), [x.fmpq() for x in v.entries()])
    return int(v.rank())


def _differ(e: Value, v: Value, inexact: bool, tolerance: Tolerance | None) -> bool:
    if not inexact:
        return bool(e != v)
    pairs = list(zip(entries_of(e), entries_of(v), strict=True))
    if not all(x.is_finite() and y.is_finite() for x, y in pairs):
        return False
    if tolerance is None:
        return any(not x.overlaps(y) for x, y in pairs)
    rel, room = flint.arb(repr(float(tolerance.rel))), flint.arb(repr(float(tolerance.abs)))
    return any(bool(abs(x - y) > abs(x) * rel) and bool(abs(x - y) > room) for x, y in pairs)


def shown_names(expected: Node, answer: Node, scope: Scope, answer_scope: Scope) -> list[str]:
    """The names a reader must know the values of, in the order of declaration.

    An abbreviation is shown by itself where both sides mean the same by it, else what it stands for.
    """
    used: set[str] = set()

    def visit(tree: Node, own: Scope) -> None:
        for name in tree.names() - used:
            mine = own.define.get(name)
            same = scope.define.get(name) == mine == answer_scope.define.get(name)
            if mine is not None and (not same or name.startswith(STATED)):
                visit(mine, own)
            else:
                used.add(name)
        for node in () if _SIZED.isdisjoint(tree.ops()) else tree.walk():
            if node.op in _SIZED:
                used.update(
                    d for x in node.walk() for d in x.shape or () if isinstance(d, str) and x.op != "sym"
                )

    visit(expected, scope)
    visit(answer, answer_scope)
    shown = {n for n in used if n in scope.kinds or n in answer_scope.kinds}
    # a size that only says how large a printed matrix is need not be printed
    printed = {d for n in shown for d in (answer_scope.kinds[n].shape or ())}
    as_number = expected.names() | answer.names()
    shown -= {n for n in printed if n in shown and n not in as_number}
    return [n for n in answer_scope.kinds if n in shown]


def describe(names: list[str], point: Point, other: Point, e: Value, v: Value) -> dict[str, Any]:
    """A point, both values there, and a sentence."""
    values: dict[str, str] = {}
    for name in names:
        shown = show_name(name)
        if name in point.functions:
            values[f"{shown}(x)"] = _polynomial(point.functions[name])
            continue
        if name in point.values:
            value = point.values[name]
        elif name in other.values:
            value = other.values[name]
        else:
            value = evaluate(Node("sym", (), name), other)
        values[shown] = show_exact(value)
    yours, expected = show_apart(v, e)
    at = ", ".join(f"{k} = {x}" for k, x in values.items())
    # without values to put in, the expected value is the whole answer: the sentence keeps it back
    text = f"for {at} yours gives {yours}, expected is {expected}" if at else f"yours is {show_exact(v)}"
    if not at and show_exact(v) == show_exact(e):
        text += " only when it is rounded"
    return {
        "values": values,
        "yours": yours,
        "expected": expected,
        "text": text,
    }


def _polynomial(coefficients: list[Value]) -> str:
    out = ""
    for k in range(len(coefficients) - 1, -1, -1):
        c = show_exact(coefficients[k])
        if c == "0":
            continue
        power = "" if k == 0 else "x" if k == 1 else f"x^{k}"
        sign, size = ("-", c[1:]) if c.startswith("-") else ("+", c)
        factor = "" if size == "1" and power else size
        out += f" {sign} {factor}{power}" if out else f"{'-' if sign == '-' else ''}{factor}{power}"
    return out or "0"


def show_exact(v: Value) -> str:
    """A value as a person writes it: ``1/2``, ``[1; 1]``, ``[1 2; 3 4]``."""
    return _laid_out(v, _number)


def _laid_out(v: Value, number: Any) -> str:
    if not hasattr(v, "nrows"):
        return str(number(v))
    rows = (" ".join(number(v[i, j]) for j in range(v.ncols())) for i in range(v.nrows()))
    return "[" + "; ".join(rows) + "]"


def _number(x: Value) -> str:
    if not isinstance(x, flint.arb):
        text = str(x)
        return text if len(text) <= MAX_DIGITS else _decimal(flint.arb(x), 6)
    size = _magnitude(x)
    if abs(size) > MAX_MAGNITUDE:
        return f"{'-' if x < 0 else ''}2^{size}"  # more digits than anybody reads, or than fit in memory
    if x.is_exact():
        q = x.fmpq()
        f = Fraction(int(q.p), int(q.q))
        return str(f) if f.denominator == 1 else _decimal(x, 12)
    return _decimal(x, 6)


def _magnitude(x: Value) -> int:
    """The power of two next to a number; 0 for 0."""
    mantissa, exponent = x.mid().man_exp()
    return int(exponent) + int(mantissa).bit_length() if mantissa else 0


def _decimal(x: Value, digits: int) -> str:
    mid = x.mid()
    if x.contains(0):
        return "0"
    if bool(abs(mid) < flint.arb("1e300")) and digits <= 15:
        return f"{float(mid):.{digits}g}"
    return str(mid.str(digits, radius=False))


def show_apart(a: Value, b: Value) -> tuple[str, str]:
    """Two values with as many digits as it takes to tell them apart; a number that is very near the second
    as the second and the difference: ``4 + 1e-30``."""
    if not hasattr(a, "nrows"):
        exact = [str(x) for x in (a, b) if not isinstance(x, flint.arb)]
        apart = flint.arb(a - b)
        near = not apart.contains(0) and bool(abs(apart) < abs(flint.arb(b)) * flint.arb(NEAR))
        if near and (len(exact) < 2 or max(map(len, exact)) > MAX_DIGITS):
            right = show_exact(b)
            return f"{right} {'-' if apart < 0 else '+'} {_decimal(abs(apart), 3)}", right
    for digits in (6, 12, 20, 40, 80, 300):

        def number(x: Value, digits: int = digits) -> str:
            if not isinstance(x, flint.arb):
                return str(x) if len(str(x)) <= MAX_DIGITS else _decimal(flint.arb(x), digits)
            plain = x.is_exact() or abs(_magnitude(x)) > MAX_MAGNITUDE
            return _number(x) if plain else _decimal(x, digits)

        left, right = _laid_out(a, number), _laid_out(b, number)
        if _DECIMAL.sub(_short, left) != _DECIMAL.sub(_short, right):
            break
    return left, right


_DECIMAL = re.compile(r"\d+\.\d+")


def _short(m: re.Match[str]) -> str:
    return m.group().rstrip("0").rstrip(".")
