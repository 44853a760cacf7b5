"""Statements that are put together: ``a < b < c``, ``x = y or x = -y``, and whether they hold at a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flint

from grader.errors import MathsFault
from grader.maths.agreement import balls_relation
from grader.maths.evaluate import Budget, Point, evaluate
from grader.maths.premises import in_balls
from grader.maths.scope import Scope, underlying
from grader.maths.tree import Node

__all__ = ["Atom", "Formula", "conjunction", "holds", "names_of", "true_at"]

TIGHT = 64


@dataclass(frozen=True, slots=True)
class Atom:
    """``left sign right``; ``place``: which member of the text it ends with."""

    left: Node
    right: Node
    sign: str
    place: int = 0

    @property
    def difference(self) -> Node:
        return Node("add", (self.left, Node("neg", (self.right,))))


@dataclass(frozen=True, slots=True)
class Formula:
    """Alternatives, in each of which everything holds. ``source``: the step it comes from."""

    branches: tuple[tuple[Atom, ...], ...]
    scope: Scope
    source: int = -1

    @property
    def atoms(self) -> tuple[Atom, ...]:
        return tuple(a for branch in self.branches for a in branch)

    @property
    def ordered(self) -> bool:
        return any(a.sign != "=" for a in self.atoms)

    @property
    def plain(self) -> bool:
        """Whether it is one equation."""
        return len(self.branches) == 1 and len(self.branches[0]) == 1 and not self.ordered


def conjunction(formulas: Sequence[Formula]) -> list[Atom]:
    """What all of them say that have no alternatives."""
    return [a for f in formulas if len(f.branches) == 1 for a in f.branches[0]]


def names_of(formulas: Sequence[Formula]) -> list[str]:
    """The symbols that they speak of, without those that stand for others."""
    out: dict[str, None] = {}
    for f in formulas:
        for a in f.atoms:
            out.update(dict.fromkeys(underlying(a.left, f.scope) + underlying(a.right, f.scope)))
    return list(out)


def values_at(atom: Atom, point: Point, budget: Budget) -> tuple[Any, Any] | None:
    """Both sides at a point; exact where they are rational numbers."""
    for place in (point, None) if point.world.exact else (point,):
        there = place if place is not None else in_balls(point)
        try:
            return evaluate(atom.left, there, budget), evaluate(atom.right, there, budget)
        except MathsFault:
            if budget.left < 0:
                raise
    return None


def holds(atom: Atom, point: Point, budget: Budget) -> bool | None:
    """Whether it holds at a point; None where that is open, or a side has no value."""
    found = values_at(atom, point, budget)
    if found is None:
        return None
    x, y = found
    if isinstance(x, flint.arb) or isinstance(y, flint.arb):
        if not (x.is_finite() and y.is_finite()):
            return None
        if x < y or x > y:
            less = bool(x < y)
        elif balls_relation(x, y, TIGHT) == "close":
            return atom.sign in ("=", "<=", ">=")
        else:
            return None
    elif x == y:
        return atom.sign in ("=", "<=", ">=")
    else:
        less = bool(x < y)
    return atom.sign != "=" and less == (atom.sign in ("<", "<="))


def _branch_at(branch: Sequence[Atom], point: Point, budget: Budget) -> bool | None:
    open_ = False
    for atom in branch:
        found = holds(atom, point, budget)
        if found is False:
            return False
        open_ = open_ or found is None
    return None if open_ else True


def true_at(formula: Formula, point: Point, budget: Budget) -> bool | None:
    """Whether one of the alternatives holds at a point; None where that is open."""
    there = point.under(formula.scope)
    open_ = False
    for branch in formula.branches:
        found = _branch_at(branch, there, budget)
        if found:
            return True
        open_ = open_ or found is None
    return None if open_ else False
