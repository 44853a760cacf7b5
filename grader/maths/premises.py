"""Points at which given equations hold, and what holds there.

An equation is solved for a symbol in which it is affine, at random values of all the others: first for one
symbol, then for another. What is false at every kind of such points is refuted; what holds at some kinds
only was divided by something that can vanish. Equations that cannot be solved this way say nothing.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import flint

from grader.errors import MathsFault, UndefinedFault
from grader.maths.affine import entries_at, moved_to, response, vanish
from grader.maths.counterexample import describe, shown_names
from grader.maths.evaluate import Budget, Point, Value, entries_of, evaluate, needs_reals
from grader.maths.links import PRECISION, Link, admissible, bounded
from grader.maths.printing import show
from grader.maths.roots import zeros_between
from grader.maths.sampling import WORLDS, draw, sizes
from grader.maths.scope import Scope, underlying
from grader.maths.spectral import singular_points
from grader.maths.tree import Node, num

__all__ = ["Premise", "implied", "points_where", "zero_like"]

MAX_CHOICES = 24  # of symbols to solve for
MAX_TOGETHER = 4
POINTS = 3  # for each choice
HOPELESS = 8  # attempts to solve a premise for a symbol, all in vain, before it is left alone
DRAWS = 8
STEPS = 600_000
SPAN = 9
TIGHT = 64
_MOVED = ("scalar", "vector", "matrix")


@dataclass(frozen=True, slots=True, eq=False)
class Premise:
    """An equation as a tree that vanishes where it holds, in the scope it was read in. ``alone``: symbols
    that are a whole side of it, so that it can always be met by them; ``named``: the one on its left.
    ``source``: the step it comes from."""

    difference: Node
    scope: Scope
    alone: frozenset[str] = frozenset()
    source: int = -1
    named: frozenset[str] = frozenset()
    shown: bool = False  # it follows from the others
    to_zero: bool = False  # it is written as ``A = 0``


def zero_like(node: Node) -> Node:
    """The zero of the shape of ``node``."""
    return num(0) if node.shape is None else Node("zeros", (), None, None, node.shape)


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    point: Point
    solved: tuple[str, ...]


def points_where(premises: Sequence[Premise], scope: Scope, *, loose: bool = False) -> Iterator[_Found]:
    """Points at which every premise holds, with the symbols that were solved for. ``loose``: what is solved
    for may have another sign than the declared one, which an identity does not mind; zero it may not be."""
    wanted = []
    for p in premises:
        names = [n for n in underlying(p.difference, p.scope) if n in scope.kinds]
        names = [n for n in names if scope.kinds[n].sort in _MOVED or n in p.alone]
        wanted.append(sorted(names, key=lambda n: scope.kinds[n].sort == "matrix") or [""])
    real = any(needs_reals(p.difference, p.scope) for p in premises)
    budget = Budget(STEPS)
    some = False
    for found in _points(premises, wanted, scope, budget, "balls" if real else "rationals", loose=loose):
        some = True
        yield found
    if not some and not real and budget.left > 0:
        yield from _points(premises, wanted, scope, budget, "balls", loose=loose)


def _points(
    premises: Sequence[Premise],
    wanted: Sequence[Sequence[str]],
    scope: Scope,
    budget: Budget,
    world: str,
    *,
    loose: bool,
) -> Iterator[_Found]:
    rng = random.Random(f"premises {[p.difference for p in premises]!r}")
    if len(wanted) > 1:  # one may hold when the others do
        wanted = [[*names, ""] for names in wanted]
    choices = [
        c
        for c in itertools.islice(itertools.product(*wanted), 4000)
        if len({n for n in c if n}) == sum(map(bool, c))
    ]
    ordered = [(c, o) for c in choices if (o := _ordered(premises, c))]
    together: list[tuple[Sequence[str], list[tuple[Premise, str]]]] = [(c, []) for c in choices]
    tried = ordered[:MAX_CHOICES] or (together[:MAX_TOGETHER] if world == "rationals" else [])
    failed: Counter[tuple[int, str]] = Counter()  # times a premise could not be solved for a symbol
    for choice, pairs in tried:
        if any(failed[id(p), name] >= HOPELESS for p, name in pairs):
            continue
        made = 0
        for dims in sizes(scope, rng, DRAWS // 2) * 2:
            span = {"span": SPAN} if world == "rationals" else {}
            point = draw(scope, WORLDS[world], dims, rng, frozenset("*"), **span)
            try:
                moved = (
                    _met(pairs, point, budget, failed)
                    if pairs
                    else _met_together(premises, choice, point, budget)
                )
            except MathsFault:
                if budget.left < 0:
                    return
                continue
            if moved is None:
                if any(failed[id(p), name] >= HOPELESS for p, name in pairs):
                    break
                continue
            if not (
                _nonzero(scope, moved, choice) if loose else admissible(scope, moved, _scalars(premises))
            ):
                continue
            yield _Found(moved, tuple(choice))
            made += 1
            if made == POINTS:
                break


def _met_together(
    premises: Sequence[Premise], names: Sequence[str], point: Point, budget: Budget
) -> Point | None:
    """The point with all the names moved at once: ``a + b = 2`` and ``a = b`` for a and b."""
    if "" in names:
        return None
    found = response([(p.difference, p.scope) for p in premises], names, point, budget)
    if found is None:
        return None
    base, columns = found
    x = _solution(columns, base, entries_at(names, point))
    return None if x is None else moved_to(names, x, point)


def _nonzero(scope: Scope, point: Point, names: Sequence[str]) -> bool:
    signed = (n for n in names if n and scope.kinds[n].sign and scope.kinds[n].shape is None)
    return all(not _vanishes(point.values[n]) for n in signed)


def _ordered(premises: Sequence[Premise], choice: Sequence[str]) -> list[tuple[Premise, str]]:
    """Premises with the symbols they are solved for, so that no later one changes an earlier one; or none."""
    left = list(zip(premises, choice, strict=True))
    out: list[tuple[Premise, str]] = []
    while left:
        for pair in left:
            names = set(underlying(pair[0].difference, pair[0].scope))
            others = [name for p, name in left if p is not pair[0]]
            if (pair[1] or not any(others)) and not any(name in names for name in others if name):
                break
        else:
            return []
        left.remove(pair)
        out.append(pair)
    return out


def _scalars(premises: Sequence[Premise]) -> frozenset[str]:
    return frozenset(n for p in premises for n in underlying(p.difference, p.scope))


def _met(
    pairs: Sequence[tuple[Premise, str]], point: Point, budget: Budget, failed: Counter[tuple[int, str]]
) -> Point | None:
    """The point with the chosen symbols moved so that all premises hold, or None."""
    for p, name in pairs:
        if _vanishes(evaluate(p.difference, point.under(p.scope), budget)):
            continue
        moved = _solved(p, name, point, budget) if name else None
        if moved is None:
            failed[id(p), name] += bool(name) and point.world.exact
            return None
        failed[id(p), name] = -1000
        point = moved
    for p, _ in pairs:
        if not _vanishes(evaluate(p.difference, point.under(p.scope), budget)):
            return None
    return point


def _vanishes(v: Value) -> bool:
    """Whether it is zero; in balls, whether it cannot be told from zero and is tight."""
    for x in entries_of(v):
        if isinstance(x, flint.arb):
            if not (x.contains(0) and x.rad() < flint.arb(2) ** -TIGHT):
                return False
        elif x != 0:
            return False
    return True


def _solved(p: Premise, name: str, point: Point, budget: Budget) -> Point | None:
    """The point with ``name`` moved so that the premise holds; None if it is not affine in it."""
    exact = point.world.exact
    scalar = not hasattr(point.values[name], "entries")
    if not exact and not scalar:
        return None
    found = response([(p.difference, p.scope)], [name], point, budget)
    if found is None:
        return None if exact else _by_zeros(p, name, point)
    base, columns = found
    if not exact:
        slope = columns[0][0]
        return None if slope.contains(0) else point.moved({name: -base[0] / slope})
    x = _solution(columns, base, entries_at([name], point))
    return None if x is None else moved_to([name], x, point)


def _by_zeros(p: Premise, name: str, point: Point) -> Point | None:
    if p.difference.shape is not None or point.scope.kinds[name].sort != "scalar":
        return None
    zeros = zeros_between(p.difference, p.scope, name, point)
    return point.moved({name: zeros[-1]}) if len(zeros) == 1 or (zeros and _periodic(p, name)) else None


def _periodic(p: Premise, name: str) -> bool:
    """Whether a symbol stands in sines and cosines by itself only: ``x^T y = |x| |y| cos θ``."""
    inside = sum(
        n.op == "func" and n.value in ("sin", "cos") and n.args[0] == Node("sym", (), name)
        for n in p.difference.walk()
    )
    return inside > 0 and inside == sum(n.op == "sym" and n.value == name for n in p.difference.walk())


def _solution(columns: list[list[Value]], base: list[Value], free: list[Value]) -> list[Value] | None:
    """One solution of base + Σ xₖ·columnₖ = 0, with what is left free as it was drawn."""
    rows, count = len(base), len(columns)
    entries = [columns[k][i] if k < count else -base[i] for i in range(rows) for k in range(count + 1)]
    reduced, rank = flint.fmpq_mat(rows, count + 1, entries).rref()
    x = list(free)
    for i in range(rank - 1, -1, -1):
        pivot = next(k for k in range(count + 1) if reduced[i, k] != 0)
        if pivot == count:
            return None
        x[pivot] = reduced[i, count] - sum(
            (reduced[i, k] * x[k] for k in range(pivot + 1, count)), flint.fmpq(0)
        )
    return x


def in_balls(point: Point) -> Point:
    """The same point with real balls for its exact values."""
    world = WORLDS["balls"]

    def ball(v: Value) -> Value:
        if isinstance(v, flint.fmpq_mat):
            return flint.arb_mat(v.nrows(), v.ncols(), [flint.arb(x) for x in v.entries()])
        return flint.arb(v) if isinstance(v, flint.fmpq | flint.fmpz | int) else v

    values: Any = {name: ball(point.values[name]) for name in point.scope.kinds if name in point.values}
    functions = {f: [ball(c) for c in cs] for f, cs in point.functions.items()}
    return Point(world, point.scope, point.dims, values, point.integers, functions)


def implied(
    premises: Sequence[Premise],
    left: Node,
    right: Node,
    sign: str,
    scope: Scope,
    *,
    unknown: str = "",
    strict: bool = False,
    generic: bool = False,
) -> Link:
    """Whether ``left sign right`` holds wherever the premises do. ``strict``: it is no conclusion from them
    but a claim beside them, which is false where most of their points refute it; ``generic``: the text says
    that something does not vanish."""
    good: list[_Found] = []
    bad: list[tuple[_Found, Link]] = []
    singular: list[tuple[_Found, Link]] = []
    without = 0
    with flint.ctx.workprec(PRECISION):
        for loose in (False, True) if sign == "=" else (False,):
            for found in points_where(premises, scope, loose=loose):
                link = _at(found.point.under(scope), left, right, sign, scope)
                if link is not None and link.status == "fails":
                    bad.append((found, link))
                elif link is not None:
                    good.append(found)
                else:
                    without += _undefined(found.point.under(scope), left, right)
            if good or bad:
                break
        if bad and good:
            refuted = {_manner(f) for f, _ in bad}  # what holds in the same manner holds by chance
            good = [f for f in good if _manner(f) not in refuted]
            good = [f for f in good if not _degenerate(f, (left, right), scope, strict=strict)]
        if sign == "=" and not bad and good:
            good = [f for f in good if not _trivial(f, premises, scope)]
        if sign == "=" and not bad and not good and premises:
            for point, moved in singular_points([(p.difference, p.scope) for p in premises], scope):
                link = _at(point.under(scope), left, right, sign, scope)
                if link is not None and admissible(scope, point, _scalars(premises)):
                    (bad if link.status == "fails" else singular).append((_Found(point, moved), link))
            good = [f for f, _ in singular]
    if bad and sign != "=":
        return bad[0][1]
    if without > 2 and not good and not bad and scope.assumptions.order:
        text = "This has no value where the line before holds; look at what is inverted."
        return Link("fails", text, None, "refuted", {"level": "refuted"})
    if (
        strict
        and good
        and 2 * len({f.solved for f, _ in bad}) > len({f.solved for f in good} | {f.solved for f, _ in bad})
    ):
        return bad[0][1]
    loses = [found for found, _ in bad if unknown and unknown in found.solved]
    if bad and (not good or loses):
        return next(link for found, link in bad if not loses or found is loses[0])
    cancelled = (
        None if generic or strict else next((b for b in bad if _cancelled(b[0], left, right, scope)), None)
    )
    if cancelled is not None:
        name = show(Node("sym", (), next(n for n in cancelled[0].solved if n)))
        message = f"{cancelled[1].message} It was divided by {name}, which can be 0."
        return replace(cancelled[1], message=message, mistake="divided-by-zero")
    if len(good) < 2:
        return Link("unread", "Whether this follows could not be tried; a person looks.")
    message = f"It follows at {len(good)} points where the line before holds."
    if bad:
        names = sorted({show(Node("sym", (), n)) for found, _ in bad for n in found.solved if n})
        message += (
            f" Something was divided by that can vanish (for special values of {', '.join(names)}); "
            "say that it does not."
        )
    evidence = {"level": "supported", "points": len(good)}
    return Link("holds", message, "divided-by-zero" if bad else None, "supported", evidence)


def _cancelled(found: _Found, left: Node, right: Node, scope: Scope) -> bool:
    """Whether a conclusion fails where a scalar is 0 that it does not hold: ``x = y`` of ``a x = a y``."""
    names = {n for n in found.solved if n}
    stays = set(underlying(left, scope)) | set(underlying(right, scope))
    return len(names) == 1 and all(
        scope.kinds[n].sort == "scalar" and n not in stays and _vanishes(found.point.values[n]) for n in names
    )


def _manner(found: _Found) -> tuple[object, ...]:
    """What was solved for, and which sizes are the larger ones."""
    dims = found.point.dims
    return (found.solved, tuple(sorted(dims, key=lambda n: (dims[n], n))))


def _trivial(found: _Found, premises: Sequence[Premise], scope: Scope) -> bool:
    """Whether a condition holds at a point only because a vector in it that was solved for is zero there,
    which it does not say: ``X X^T u = λ u`` at u = 0."""
    said = {n for p in premises for n in p.alone}
    return any(
        n and n not in said and scope.kinds[n].shape is not None and _vanishes(found.point.values[n])
        for n in found.solved
    )


def _degenerate(found: _Found, sides: tuple[Node, Node], scope: Scope, *, strict: bool) -> bool:
    """Whether a point says little: what was solved for is zero; for a claim beside what is given also where
    two of its vectors coincide."""
    names = {n for n in found.solved if n and scope.kinds[n].shape is not None}
    if strict:
        names |= {n for side in sides for n in side.names() if scope.kinds[n].shape is not None}
    values: list[Any] = []
    for name in names:
        try:
            v = evaluate(Node("sym", (), name, None, scope.kinds[name].shape), found.point.under(scope))
        except MathsFault:
            continue
        if _vanishes(v) or (strict and any(v == other for other in values)):
            return True
        values.append(v)
    return False


def _undefined(point: Point, left: Node, right: Node) -> bool:
    """Whether a side has no value."""
    try:
        evaluate(left, point, Budget(STEPS))
        evaluate(right, point, Budget(STEPS))
    except UndefinedFault:
        return True
    except MathsFault:
        pass
    return False


def _at(point: Point, left: Node, right: Node, sign: str, scope: Scope) -> Link | None:
    """Whether the conclusion holds at one point; None where it has no value."""
    if sign != "=":
        link = bounded(left, right, sign, scope, [in_balls(point) if point.world.exact else point])
        return None if link.status == "unread" else link
    try:
        a, b = _both(point, left, right)
    except MathsFault:
        try:
            if not point.world.exact:
                return None
            point = in_balls(point)
            a, b = _both(point, left, right)
        except MathsFault:
            return None
    differences = [x - y for x, y in zip(entries_of(a), entries_of(b), strict=True)]
    if vanish(differences):
        return Link("holds")
    shown = describe(shown_names(left, right, scope, scope), point, point, a, b)
    at = ", ".join(f"{k} = {x}" for k, x in shown["values"].items())
    text = (
        f"at {at}, where the line before holds, one side is {shown['expected']}, the other {shown['yours']}"
    )
    return Link(
        "fails",
        f"This does not follow: {text}.",
        level="refuted",
        evidence={"level": "refuted", "counterexample": shown},
    )


def _both(point: Point, left: Node, right: Node) -> tuple[Value, Value]:
    budget = Budget(STEPS)
    return evaluate(left, point, budget), evaluate(right, point, budget)
