"""Points at which given equations hold, and what holds there.

An equation is solved for a symbol in which it is affine, at random values of all the others: first for one
symbol, then for another. What is false at every kind of such points is refuted; what holds at some kinds
only was divided by something that can vanish. Equations that cannot be solved this way say nothing.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import flint

from grader.errors import MathsFault
from grader.maths.counterexample import describe, shown_names
from grader.maths.evaluate import Budget, Point, Value, entries_of, evaluate, needs_reals
from grader.maths.links import PRECISION, Link, admissible, bounded
from grader.maths.printing import show
from grader.maths.sampling import WORLDS, draw, sizes
from grader.maths.scope import Scope
from grader.maths.tree import Node

__all__ = ["Premise", "implied", "points_where", "underlying"]

MAX_CHOICES = 24  # of symbols to solve for
POINTS = 3  # for each choice
DRAWS = 8
MAX_UNKNOWNS = 40
STEPS = 600_000
SPAN = 9
TIGHT = 64


@dataclass(frozen=True, slots=True, eq=False)
class Premise:
    """An equation as a tree that vanishes where it holds, in the scope it was read in. ``alone``: symbols
    that are a whole side of it, so that it can always be met by them. ``source``: the step it comes from."""

    difference: Node
    scope: Scope
    alone: frozenset[str] = frozenset()
    source: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    point: Point
    solved: tuple[str, ...]


def underlying(node: Node, scope: Scope) -> list[str]:
    """The declared symbols a tree depends on through definitions, in the order of declaration."""
    found: set[str] = set()
    pending = [node]
    seen: set[str] = set()
    while pending:
        for name in pending.pop().names() - seen:
            seen.add(name)
            if name in scope.define:
                pending.append(scope.define[name])
            else:
                found.add(name)
    return [n for n in scope.kinds if n in found]


def points_where(premises: Sequence[Premise], scope: Scope, *, loose: bool = False) -> Iterator[_Found]:
    """Points at which every premise holds, with the symbols that were solved for. ``loose``: what is solved
    for may have another sign than the declared one, which an identity does not mind; zero it may not be."""
    wanted = []
    for p in premises:
        names = [n for n in underlying(p.difference, p.scope) if n in scope.kinds]
        names = [n for n in names if scope.kinds[n].sort in ("scalar", "vector", "matrix")]
        wanted.append(sorted(names, key=lambda n: scope.kinds[n].sort == "matrix") or [""])
    rng = random.Random(f"premises {[p.difference for p in premises]!r}")
    real = any(needs_reals(p.difference, p.scope) for p in premises)
    budget = Budget(STEPS)
    orders = (_ordered(premises, choice) for choice in itertools.islice(itertools.product(*wanted), 4000))
    for pairs in itertools.islice((o for o in orders if o), MAX_CHOICES):
        choice = tuple(name for _, name in pairs)
        made = 0
        for dims in sizes(scope, rng, DRAWS // 2) * 2:
            span = {} if real else {"span": SPAN}
            point = draw(scope, WORLDS["balls" if real else "rationals"], dims, rng, frozenset("*"), **span)
            try:
                moved = _met(pairs, point, budget)
            except MathsFault:
                if budget.left < 0:
                    return
                continue
            if moved is None:
                continue
            if not (
                _nonzero(scope, moved, choice) if loose else admissible(scope, moved, _scalars(premises))
            ):
                continue
            yield _Found(moved, choice)
            made += 1
            if made == POINTS:
                break


def _nonzero(scope: Scope, point: Point, names: Sequence[str]) -> bool:
    signed = (n for n in names if n and scope.kinds[n].sign and scope.kinds[n].shape is None)
    return all(not _vanishes(point.values[n]) for n in signed)


def _ordered(premises: Sequence[Premise], choice: Sequence[str]) -> list[tuple[Premise, str]]:
    """Premises with the symbols they are solved for, so that no later one changes an earlier one; or none."""
    left = list(zip(premises, choice, strict=True))
    if len(set(choice)) < len(choice):
        return []
    out: list[tuple[Premise, str]] = []
    while left:
        for pair in left:
            names = set(underlying(pair[0].difference, pair[0].scope))
            if not any(name in names for _, name in left if name != pair[1]):
                break
        else:
            return []
        left.remove(pair)
        out.append(pair)
    return out


def _scalars(premises: Sequence[Premise]) -> frozenset[str]:
    return frozenset(n for p in premises for n in underlying(p.difference, p.scope))


def _met(pairs: Sequence[tuple[Premise, str]], point: Point, budget: Budget) -> Point | None:
    """The point with the chosen symbols moved so that all premises hold, or None."""
    for p, name in pairs:
        if _vanishes(evaluate(p.difference, point.under(p.scope), budget)):
            continue
        moved = _solved(p, name, point, budget) if name else None
        if moved is None:
            return None
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
    value = point.values[name]
    scalar = not hasattr(value, "entries")
    count = 1 if scalar else len(value.entries())
    exact = point.world.exact
    if count > MAX_UNKNOWNS or (not exact and not scalar):
        return None
    world = point.world

    def at(x: list[Value]) -> list[Value]:
        new = x[0] if scalar else world.matrix(value.nrows(), value.ncols(), x)
        return entries_of(evaluate(p.difference, point.moved({name: new}).under(p.scope), budget))

    zero, one = world.scalar(0), world.scalar(1)
    base = at([zero] * count)
    columns = []
    for k in range(count):
        step = at([one if i == k else zero for i in range(count)])
        columns.append([s - b for s, b in zip(step, base, strict=True)])
    probe = [world.scalar(7 * k + 3) for k in range(count)]
    expected = [
        b + sum((c[i] * v for c, v in zip(columns, probe, strict=True)), zero) for i, b in enumerate(base)
    ]
    if not _vanishes_list([x - y for x, y in zip(at(probe), expected, strict=True)]):
        return None
    if not exact:
        slope = columns[0][0]
        return None if slope.contains(0) else point.moved({name: -base[0] / slope})
    x = _solution(columns, base, entries_of(value))
    if x is None:
        return None
    return point.moved({name: x[0] if scalar else world.matrix(value.nrows(), value.ncols(), x)})


def _vanishes_list(values: list[Value]) -> bool:
    return all(x.contains(0) if isinstance(x, flint.arb) else x == 0 for x in values)


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
) -> Link:
    """Whether ``left sign right`` holds wherever the premises do. ``strict``: it is no conclusion from them
    but a claim beside them, which is false where most of their points refute it."""
    good: list[_Found] = []
    bad: list[tuple[_Found, Link]] = []
    with flint.ctx.workprec(PRECISION):
        for loose in (False, True) if sign == "=" else (False,):
            for found in points_where(premises, scope, loose=loose):
                link = _at(found.point.under(scope), left, right, sign, scope)
                if link is not None and link.status == "fails":
                    bad.append((found, link))
                elif link is not None:
                    good.append(found)
            if good or bad:
                break
    if (
        strict
        and good
        and 2 * len({f.solved for f, _ in bad}) > len({f.solved for f in good} | {f.solved for f, _ in bad})
    ):
        return bad[0][1]
    loses = [found for found, _ in bad if unknown and unknown in found.solved]
    if bad and (not good or loses):
        first, link = bad[0] if not loses else next(b for b in bad if b[0] is loses[0])
        del first
        return link
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
    if _vanishes_list(differences):
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
