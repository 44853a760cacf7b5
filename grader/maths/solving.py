"""Solving an equation line by line: has each line the same solutions for the unknown as the one before?

At random values of the other symbols: for a scalar both sides' difference is a rational function of the
unknown, found by interpolation, whose real zeros are compared; for a vector or a matrix the linear systems
are brought to their reduced form. A line with fewer solutions has lost some, one with more has gained some.
"""

from __future__ import annotations

import random
from typing import Any, NamedTuple

import flint

from grader.errors import MathsFault, UndefinedFault
from grader.maths.affine import response, vanish
from grader.maths.counterexample import show_exact
from grader.maths.evaluate import Budget, Point, entries_of, evaluate, needs_reals
from grader.maths.links import PRECISION, Link, admissible
from grader.maths.premises import Premise, implied, zero_like
from grader.maths.printing import show
from grader.maths.roots import is_zero_at, zeros_between
from grader.maths.sampling import WORLDS, binding, draw, sizes, small_sizes
from grader.maths.scope import Scope, underlying
from grader.maths.tree import Node

__all__ = ["rational_zeros", "same_solutions"]

POINTS = 3
DRAWS = 24
SPAN = 7
SMALL = 6  # of the smallest sizes, for a counterexample
DEGREES = ((1, 0), (2, 0), (3, 0), (1, 1), (2, 2), (6, 0), (4, 4))  # numerator, denominator
CHECKS = 3
MAX_DEGREE = 6  # of an equation whose zeros are looked for
ARBITRARY = (0.3671875, 1.7265625)  # that solve nothing anybody writes
STEPS = 800_000
_SAME = "The same solutions as the line before"


def same_solutions(before: Premise, after: Premise, unknown: str, scope: Scope) -> Link:
    """Whether two equations have the same solutions for a symbol, at any values of the others."""
    kind = scope.kinds[unknown]
    if unknown not in underlying(before.difference, before.scope):
        return Link("unread", f"{_name(unknown)} does not occur in the line before; a person looks.")
    try:
        with flint.ctx.workprec(PRECISION):
            if needs_reals(before.difference, before.scope) or needs_reals(after.difference, after.scope):
                return _in_balls(before, after, unknown, scope)
            if kind.shape is None:
                return _roots(before, after, unknown, scope)
            return _systems(before, after, unknown, scope)
    except (MathsFault, RecursionError):
        return Link("unread", "Whether this has the same solutions could not be tried; a person looks.")


def _held(seen: int) -> Link:
    evidence = {"level": "supported", "points": seen}
    return Link("holds", f"{_SAME} ({seen} points).", level="supported", evidence=evidence)


def _name(symbol: str) -> str:
    return show(Node("sym", (), symbol))


def _points(before: Premise, after: Premise, scope: Scope, world: str) -> list[Point]:
    rng = random.Random(f"solve {before.difference!r} {after.difference!r}")
    bound = binding(before.difference, before.scope) | binding(after.difference, after.scope)
    out = []
    for k, dims in enumerate(sizes(scope, rng, DRAWS // 4) * 4):
        if world == "rationals":
            point = draw(scope, WORLDS[world], dims, rng, frozenset("*"), span=SPAN)
        else:
            point = draw(scope, WORLDS[world], dims, rng, bound, variant=k)
        if world != "rationals" or admissible(scope, point):
            out.append(point)
    return out


# --- a scalar -------------------------------------------------------------------------------------------


def _roots(before: Premise, after: Premise, unknown: str, scope: Scope) -> Link:
    sign = scope.kinds[unknown].sign
    seen = 0
    for point in _points(before, after, scope, "rationals"):
        if seen == POINTS:
            break
        try:
            first, second = (_zeros(p, unknown, point) for p in (before, after))
        except UndefinedFault:
            continue
        if first is None or second is None:
            return Link("unread", "Whether this has the same solutions could not be tried; a person looks.")
        seen += 1
        name = _name(unknown)
        if second == 0 and first != 0:
            return Link(
                "fails",
                f"This holds for every {name}: both sides were multiplied by zero, or it says nothing.",
                "multiplied-by-zero",
                "refuted",
            )
        if first == 0:
            return Link("unread", "The line before holds anyway; what this follows from is for a person.")
        found = _compared(first, second, sign)
        if not found.lost and not found.gained:
            continue
        point, found = _smaller(before, after, unknown, scope, found) or (point, found)
        return _unequal(before, after, unknown, scope, point, found)
    if not seen:
        return Link("unread", "The equation could not be solved at any point; a person looks.")
    return _held(seen)


class _Solutions(NamedTuple):
    """The real solutions of the line before only, those of this line only, and whether there are others."""

    lost: list[Any]
    gained: list[Any]
    shared: bool


def _compared(first: Any, second: Any, sign: str) -> _Solutions:
    common = first.gcd(second)
    lost, gained = (_real_roots(_reduced(f // common, common), sign) for f in (first, second))
    return _Solutions(lost, gained, bool(_real_roots(common, sign)))


def _smaller(
    before: Premise, after: Premise, unknown: str, scope: Scope, found: _Solutions
) -> tuple[Point, _Solutions] | None:
    """A point with small sizes and numbers where the solutions differ in the same manner."""
    rng = random.Random(f"small {before.difference!r} {after.difference!r}")
    for k, dims in enumerate([*small_sizes(scope)[:SMALL]] * 3):
        point = draw(scope, WORLDS["rationals"], dims, rng, frozenset("*"), span=2 + k % 3)
        if not admissible(scope, point):
            continue
        try:
            first, second = (_zeros(p, unknown, point) for p in (before, after))
        except MathsFault:
            continue
        if first is None or second is None or first == 0 or second == 0:
            continue
        here = _compared(first, second, scope.kinds[unknown].sign)
        if [bool(x) for x in here] == [bool(x) for x in found]:
            return point, here
    return None


def _unequal(
    before: Premise,
    after: Premise,
    unknown: str,
    scope: Scope,
    point: Point,
    found: _Solutions,
) -> Link:
    lost, gained, shared = found
    name = _name(unknown)
    where = _where(before, after, unknown, scope, point)
    solution = f"{name} = {_shown(lost[0] if lost else gained[0])}"
    mistake, mark = None, "."
    if lost and not gained and shared:
        mistake = "lost-solution"
        text, mark = f"the solution {solution} is lost; was something divided by that can vanish", "?"
    elif gained and not lost:
        mistake = "gained-solution"
        text = f"{solution} solves this and not the line before; this step only goes one way"
    elif lost and gained:
        text = f"the line before gives {name} = {_shown(lost[0])}, this one {name} = {_shown(gained[0])}"
    else:
        text = f"{solution} solves the line before and not this one"
    return Link(
        "fails", f"Not the same solutions: {where}{text}{mark}", mistake, "refuted", {"level": "refuted"}
    )


def _where(before: Premise, after: Premise, unknown: str, scope: Scope, point: Point) -> str:
    """``for X = [1 2], a = [1] ``: the values of the other symbols."""
    names = [
        n
        for n in scope.kinds
        if n in {*underlying(before.difference, before.scope), *underlying(after.difference, after.scope)}
        and n != unknown
        and n in point.values
    ]
    at = ", ".join(f"{_name(n)} = {show_exact(point.values[n])}" for n in names)
    return f"for {at} " if at else ""


def _shown(x: Any) -> str:
    return show_exact(x)


def _zeros(p: Premise, unknown: str, point: Point) -> Any | None:
    """The polynomial whose zeros solve the equation; 0 if every value does, None if it is not known."""
    budget = Budget(STEPS)
    values: list[tuple[Any, list[Any]]] = []
    k = 0

    def more(count: int) -> bool:
        nonlocal k
        while len(values) < count and k < 4 * count + 8:
            x = flint.fmpq((k + 2) // 2 * (1 if k % 2 else -1), 3)
            k += 1
            try:
                v = evaluate(p.difference, point.moved({unknown: x}).under(p.scope), budget)
            except UndefinedFault:
                continue
            values.append((x, entries_of(v)))
        return len(values) >= count

    for above, below in DEGREES:
        need = above + below + 1 + CHECKS
        if not more(need):
            raise UndefinedFault("no value at enough places")
        entries = len(values[0][1])
        parts = [_fitted([(x, v[i]) for x, v in values[:need]], above, below) for i in range(entries)]
        if any(q is None for q in parts):
            continue
        out: Any = flint.fmpq_poly(0)
        for q in parts:
            out = out.gcd(q)
        return out
    return None


def rational_zeros(p: Premise, unknown: str, point: Point) -> list[Any] | None:
    """The real values of a symbol that solve an equation at a point, fractions where they are; None if the
    difference of its sides is no rational function of it, or zero.

    Raises:
        MathsFault: there is no value at enough places.
    """
    f = _zeros(p, unknown, point)
    if f is None or f == 0 or f.degree() > MAX_DEGREE:
        return None
    out: list[Any] = []
    for factor, _ in f.factor()[1] if f.degree() > 0 else ():
        if factor.degree() == 1:
            out.append(-factor[0] / factor[1])
        else:
            out += _real_roots(factor, "")
    return out


def _fitted(values: list[tuple[Any, Any]], above: int, below: int) -> Any | None:
    """The numerator, in lowest terms, of the rational function through these values."""
    width = above + below + 2
    rows = []
    for x, y in values:
        rows += [x**k for k in range(above + 1)] + [-y * x**k for k in range(below + 1)]
    reduced, rank = flint.fmpq_mat(len(values), width, rows).rref()
    if rank == width:
        return None
    pivots = [next(k for k in range(width) if reduced[i, k] != 0) for i in range(rank)]
    free = next(k for k in range(width - 1, -1, -1) if k not in pivots)
    solution = [flint.fmpq(0)] * width
    solution[free] = flint.fmpq(1)
    for i, k in enumerate(pivots):
        solution[k] = -reduced[i, free]
    p: Any = flint.fmpq_poly(solution[: above + 1])
    q: Any = flint.fmpq_poly(solution[above + 1 :])
    return None if q == 0 else p // p.gcd(q)


def _reduced(f: Any, common: Any) -> Any:
    """``f`` without the factors it shares with ``common``: a double zero is one solution."""
    while True:
        shared = f.gcd(common)
        if shared.degree() <= 0:
            return f
        f = f // shared


def _real_roots(f: Any, sign: str) -> list[Any]:
    if f.degree() <= 0:
        return []
    roots = []
    for root, _ in f.complex_roots():
        if root.imag.contains(0):
            x = root.real
            ok = {"> 0": x > 0, ">= 0": not x < 0, "< 0": x < 0, "<= 0": not x > 0, "!= 0": not x.contains(0)}
            if ok.get(sign, True):
                roots.append(x)
    return roots


# --- a vector or a matrix -------------------------------------------------------------------------------


def _systems(before: Premise, after: Premise, unknown: str, scope: Scope) -> Link:
    seen = 0
    for point in _points(before, after, scope, "rationals"):
        if seen == POINTS:
            break
        try:
            first, second = (_system(p, unknown, point) for p in (before, after))
        except UndefinedFault:
            continue
        if first is None or second is None:
            return _one_way(before, after, unknown, scope)
        (a, solvable), (b, also) = first, second
        if not solvable:
            return _one_way(before, after, unknown, scope)
        seen += 1
        if a == b:
            continue
        forward = implied([before], after.difference, zero_like(after.difference), "=", scope)
        if not also or forward.status != "holds":
            return (
                forward
                if forward.status == "fails"
                else Link("fails", "Not the same solutions as the line before.", level="refuted")
            )
        return Link(
            "fails",
            f"This has more solutions for {_name(unknown)} than the line before: the step only goes one way.",
            "gained-solution",
            "refuted",
        )
    if not seen:
        return _one_way(before, after, unknown, scope)
    return _held(seen)


def _system(p: Premise, unknown: str, point: Point) -> tuple[Any, bool] | None:
    """The reduced linear system for the entries of the unknown, and whether it has a solution."""
    found = response([(p.difference, p.scope)], [unknown], point, Budget(STEPS))
    if found is None:
        return None
    base, columns = found
    count = len(columns)
    rows = len(base)
    entries = [columns[k][i] if k < count else base[i] for i in range(rows) for k in range(count + 1)]
    reduced, rank = point.world.matrix(rows, count + 1, entries).rref()
    kept = tuple(tuple(str(reduced[i, k]) for k in range(count + 1)) for i in range(rank))
    solvable = not kept or any(x != "0" for x in kept[-1][:-1])
    return kept, solvable


def _one_way(before: Premise, after: Premise, unknown: str, scope: Scope) -> Link:
    """Both ways by points at which one of the two holds."""
    links = []
    for p, q in ((before, after), (after, before)):
        links.append(implied([p], q.difference, zero_like(q.difference), "=", scope, unknown=unknown))
    forward, back = links
    if forward.status != "holds":
        return forward
    if back.status == "holds":
        return forward
    if back.status == "fails":
        return Link("fails", f"This step only goes one way. {back.message}", "gained-solution", "refuted")
    return Link("unread", "It follows from the line before; whether it says as much could not be tried.")


# --- roots and exponentials -----------------------------------------------------------------------------


def _says_something(p: Premise, unknown: str, point: Point) -> bool:
    """Whether an equation has a value at a point for any unknown, and does not hold for all of them."""
    for x in ARBITRARY:
        try:
            v = evaluate(p.difference, point.moved({unknown: flint.arb(x)}).under(p.scope), Budget(STEPS))
        except MathsFault:
            return False
        if vanish(entries_of(v)):
            return False
    return True


def _in_balls(before: Premise, after: Premise, unknown: str, scope: Scope) -> Link:
    """With norms that are not squared, logarithms and so on: zeros between changes of sign are compared."""
    if scope.kinds[unknown].shape is not None or before.difference.shape is not None:
        return _one_way(before, after, unknown, scope)
    seen = 0
    rng = random.Random(f"small {before.difference!r} {after.difference!r}")
    small = [
        draw(scope, WORLDS["balls"], dims, rng, frozenset("*"), span=2) for dims in small_sizes(scope)[:SMALL]
    ]
    small = [
        point
        for point in small
        if admissible(scope, point) and all(_says_something(p, unknown, point) for p in (before, after))
    ]
    for k, point in enumerate([*small, *_points(before, after, scope, "balls")]):
        if seen == POINTS:
            break
        first, second = (zeros_between(p.difference, p.scope, unknown, point) for p in (before, after))
        if not first and not second:
            continue
        seen += k >= len(small)
        name = _name(unknown)
        apart = [x for x in first if not is_zero_at(after.difference, after.scope, unknown, point, x)]
        gained = [x for x in second if not is_zero_at(before.difference, before.scope, unknown, point, x)]
        if apart or gained:
            solution = f"{name} = {show_exact((apart or gained)[0])}"
            one, other = ("the line before", "this one") if apart else ("this line", "the one before")
            return Link(
                "fails",
                f"Not the same solutions: {_where(before, after, unknown, scope, point)}"
                f"{solution} solves {one}, not {other}.",
                level="refuted",
            )
        if len(first) != len(second) and k >= len(small):
            return Link("unread", "Whether this has the same solutions could not be tried; a person looks.")
    if not seen:
        return _one_way(before, after, unknown, scope)
    return _held(seen)
