"""Points at which it may show whether one statement follows from another: small whole numbers, random
fractions, the places where two sides are equal, and places near them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import flint

from grader.errors import MathsFault
from grader.maths.evaluate import Point
from grader.maths.formulas import Atom, Formula, names_of
from grader.maths.links import admissible
from grader.maths.premises import Premise, in_balls, points_where
from grader.maths.roots import zeros_between
from grader.maths.sampling import WORLDS, draw, sizes
from grader.maths.scope import Kind, Scope, underlying
from grader.maths.solving import rational_zeros

__all__ = ["Witness", "witnesses"]

SPANS = (1, 2, 2, 3, 3, 4, 5, 9)
BASES = 64  # random points
ORIGINS = 4
EDGES = 8  # points from which the edges are looked for
MAX_UNKNOWNS = 3  # symbols of an atom for which it is solved
MAX_ATOMS = 8
NEAR = (flint.fmpq(1, 1000), flint.fmpq(1, 20), flint.fmpq(1, 2))


@dataclass(frozen=True, slots=True)
class Witness:
    """``edge``: the atom whose two sides are equal there, or nearly; ``exact``: they are; ``generic``: no
    symbol is zero but by what was solved for."""

    point: Point
    edge: Atom | None = None
    exact: bool = False
    generic: bool = True
    solved: str = ""


def witnesses(formulas: Sequence[Formula], given: Sequence[Premise], scope: Scope) -> Iterator[Witness]:
    """Points where the equations that are given hold, with the declared signs."""
    names = names_of(formulas)
    rng = random.Random(f"witnesses {[f.branches for f in formulas]!r}")
    bases = list(_bases(names, given, scope, rng))
    for base in bases:
        yield Witness(base, generic=_generic(names, base))
    atoms = [(a, f.scope) for f in formulas for a in f.atoms]
    for base in [b for b in bases if _generic(names, b)][:EDGES]:
        for atom, own in atoms[:MAX_ATOMS]:
            yield from _at_edge(atom, own, base, scope, names)


def _bases(names: list[str], given: Sequence[Premise], scope: Scope, rng: random.Random) -> Iterator[Point]:
    used = frozenset(names)
    if given:
        for found in points_where(given, scope):
            if admissible(scope, found.point, used):
                yield found.point
        return
    world = WORLDS["rationals"]
    for k, dims in enumerate(sizes(scope, rng, 4) * (BASES // 4)):
        point = draw(scope, world, dims, rng, frozenset("*"), span=SPANS[k % len(SPANS)])
        if k % 2:
            point = point.moved({n: _moved(point.values[n], scope.kinds[n], rng) for n in names})
        if admissible(scope, point, used):
            yield point
        if k < ORIGINS and all(scope.kinds[n].shape is None for n in names):
            point = point.moved({n: point.values[n] * 0 for n in names})
            if admissible(scope, point, used):
                yield point


def _moved(value: Any, kind: Kind, rng: random.Random) -> Any:
    """Another value of a scalar; a vector or a matrix longer or shorter."""
    if kind.shape is None:
        return _fraction(kind.sign, rng)
    return value * flint.fmpq(rng.choice((1, 2, 3, 5)), rng.choice((1, 2, 4, 8, 16)))


def _fraction(sign: str, rng: random.Random) -> Any:
    below = rng.choice((2, 3, 5, 7, 11))
    if sign == "in (0,1)":
        return flint.fmpq(rng.randint(1, below), below + 1)
    x = flint.fmpq(rng.randint(1, 6 * below), below) / rng.choice((1, 1, 1, 4, 20))
    return -x if sign.startswith("<") or (sign in ("", "!= 0") and rng.random() < 0.5) else x


def _generic(names: Sequence[str], point: Point) -> bool:
    return all(point.values[n] != 0 for n in names if point.scope.kinds[n].shape is None)


def _at_edge(atom: Atom, own: Scope, base: Point, scope: Scope, names: Sequence[str]) -> Iterator[Witness]:
    """Where both sides of an atom are equal, for one symbol after another; and near these places."""
    used = frozenset(names)
    inside = [n for n in (*underlying(atom.left, own), *underlying(atom.right, own)) if n in used]
    inside = [n for n in inside if scope.kinds[n].shape is None]
    for name in list(dict.fromkeys(inside))[:MAX_UNKNOWNS]:
        for root in _zeros(atom, own, name, base):
            ball = isinstance(root, flint.arb)
            there = (in_balls(base) if ball else base).moved({name: root})
            if admissible(scope, there, used):
                yield Witness(there, atom, True, True, name)
            middle = _middle(root)
            for step in NEAR if atom.sign != "=" else ():
                for sign in (1, -1):
                    near = base.moved({name: middle + sign * step * max(abs(middle), flint.fmpq(1, 10))})
                    if admissible(scope, near, used):
                        yield Witness(near, atom, False, True, name)


def _middle(root: Any) -> Any:
    """A fraction at a root, or very near it."""
    if not isinstance(root, flint.arb):
        return root
    return flint.fmpq(int((root.mid() * 2**40).floor().unique_fmpz() or 0), 2**40)


def _zeros(atom: Atom, own: Scope, name: str, base: Point) -> list[Any]:
    """The values of a symbol at which both sides are equal: rational numbers, or balls."""
    p = Premise(atom.difference, own)
    try:
        found = rational_zeros(p, name, base)
        if found is not None:
            return found
    except MathsFault:
        pass
    try:
        return zeros_between(p.difference, own, name, in_balls(base))
    except MathsFault:
        return []
