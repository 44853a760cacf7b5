"""Does one statement follow from another, where there are inequalities or alternatives?

It is decided by evaluation: a point where what is given holds and the conclusion does not is a
counterexample. Where there is none, enough points of both kinds support the step; else nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import flint

from grader.errors import MathsFault
from grader.maths.counterexample import show_exact
from grader.maths.evaluate import Budget, Point
from grader.maths.formulas import Atom, Formula, holds, names_of, true_at, values_at
from grader.maths.links import PRECISION, SIGNS
from grader.maths.premises import Premise
from grader.maths.printing import show
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.witnesses import Witness, witnesses

__all__ = ["Finding", "alternatives_solve", "follows_from", "loses_a_case"]

STEPS = 400_000
ENOUGH = 4
ALWAYS = 24  # points at which what is always true was tried
ONE_WAY = "This step only goes one way"


@dataclass(frozen=True, slots=True)
class Finding:
    """``status``: holds, fails, or empty where nothing is known; ``place``: the member that is at fault."""

    status: str = ""
    message: str = ""
    mistake: str | None = None
    place: int = -1
    points: int = 0
    values: dict[str, str] = field(default_factory=dict)


def follows_from(
    premise: Formula,
    conclusion: Formula,
    scope: Scope,
    *,
    both: bool = False,
    beside: Sequence[Formula] = (),
    given: Sequence[Premise] = (),
) -> Finding:
    """Whether the conclusion holds wherever the premise does, and what stands ``beside`` it; ``both``: and
    the other way round."""
    try:
        with flint.ctx.workprec(PRECISION):
            return _tried(premise, conclusion, scope, both, beside, given)
    except (MathsFault, RecursionError):
        return Finding()


def _tried(
    premise: Formula,
    conclusion: Formula,
    scope: Scope,
    both: bool,
    beside: Sequence[Formula],
    given: Sequence[Premise],
) -> Finding:
    budget = Budget(STEPS)
    against: list[Witness] = []
    back: list[Witness] = []
    good = other = 0
    for w in witnesses([premise, conclusion, *beside], given, scope):
        if budget.left < 0:
            break
        if not all(true_at(f, w.point, budget) for f in beside):
            continue
        before, after = (true_at(f, w.point, budget) for f in (premise, conclusion))
        if before and after:
            good += 1
        elif before is False and after is False:
            other += 1
        elif before and after is False:
            against.append(w)
        elif before is False and after:
            back.append(w)
    special = set()
    if against and not conclusion.ordered and not premise.ordered:
        own = names_of([conclusion])
        telling = [w for w in against if w.generic and (not w.solved or w.solved in own)]
        if not telling:
            special = {n for w in against for n in names_of([premise]) if w.point.values[n] == 0} - set(own)
        against = telling
    if against:
        return _refuted(against, premise, conclusion, scope, budget)
    if good < ENOUGH:
        return Finding()
    if both and back:
        return _one_way(back, conclusion, scope, budget)
    if other + len(back) < 2 and good < ALWAYS:
        return Finding()
    message = f"Not refuted at {good} points where the line before holds"
    message += ", nor the other way round." if both else "."
    if special:
        names = ", ".join(show(Node("sym", (), n)) for n in sorted(special))
        message += f" Something was divided by that can vanish ({names}); say that it does not."
    return Finding("holds", message, "divided-by-zero" if special else None, points=good)


def _refuted(
    against: Sequence[Witness], premise: Formula, conclusion: Formula, scope: Scope, budget: Budget
) -> Finding:
    if len(conclusion.branches) > 1:
        w = against[0]
        at, values = _at(w.point, [premise, conclusion], scope)
        text = f"A case is missing: {at} the line before holds, and none of these does."
        return Finding("fails", text, "lost-solution", conclusion.atoms[-1].place, values=values)
    for atom in conclusion.branches[0]:
        for w in against:
            if holds(atom, w.point.under(conclusion.scope), budget) is False:
                at, values = _at(w.point, [premise, conclusion], scope)
                said = _said(atom, w.point.under(conclusion.scope), budget)
                text = f"This does not follow: {at} the line before holds, and this says {said}."
                return Finding("fails", text, "not-implied", atom.place, values=values)
    return Finding()


def _one_way(back: Sequence[Witness], conclusion: Formula, scope: Scope, budget: Budget) -> Finding:
    atoms = conclusion.atoms
    w = next((w for a in reversed(atoms) for w in back if w.edge is a), back[0])
    atom = w.edge if w.edge in atoms else atoms[-1]
    assert atom is not None
    at, values = _at(w.point, [conclusion], scope)
    text = f"{ONE_WAY}: {at} this holds, and the line before does not."
    return Finding("fails", text, "gained-solution", atom.place, values=values)


def alternatives_solve(premise: Formula, conclusion: Formula, scope: Scope) -> Finding:
    """An alternative that does not satisfy the equation that it is a solution of."""
    try:
        with flint.ctx.workprec(PRECISION):
            for branch in conclusion.branches:
                found = _solves(premise, branch, conclusion, scope)
                if found.status:
                    return found
    except (MathsFault, RecursionError):
        pass
    return Finding()


def _solves(premise: Formula, branch: tuple[Atom, ...], conclusion: Formula, scope: Scope) -> Finding:
    one = replace(conclusion, branches=(branch,))
    budget = Budget(STEPS)
    wrong: Witness | None = None
    for w in witnesses([one], [], scope):
        if not w.exact or not true_at(one, w.point, budget):
            continue
        found = true_at(premise, w.point, budget)
        if found:
            return Finding()
        if found is False:
            wrong = wrong or w
    if wrong is None:
        return Finding()
    at, values = _at(wrong.point, [one, premise], scope)
    text = f"This does not solve the line before: {at} it says {_of_premise(premise, wrong.point, budget)}."
    return Finding("fails", text, "gained-solution", branch[-1].place, values=values)


def _of_premise(premise: Formula, point: Point, budget: Budget) -> str:
    there = point.under(premise.scope)
    wrong = next((a for a in premise.atoms if holds(a, there, budget) is False), premise.atoms[0])
    return _said(wrong, there, budget)


def loses_a_case(premise: Formula, conclusion: Formula, unknown: str, scope: Scope) -> Finding:
    """Whether one value of a symbol is said to follow from an equation that has others too, whatever the
    other symbols are."""
    budget = Budget(STEPS)
    kept = 0
    lost: list[Witness] = []
    try:
        with flint.ctx.workprec(PRECISION):
            for w in witnesses([premise], [], scope):
                if not w.exact or w.solved != unknown or not true_at(premise, w.point, budget):
                    continue
                found = true_at(conclusion, w.point, budget)
                if found:
                    kept += 1
                elif found is False:
                    lost.append(w)
            if not lost or not kept:
                return Finding()
            at, values = _at(lost[0].point, [premise, conclusion], scope)
    except (MathsFault, RecursionError):
        return Finding()
    text = f"A case is missing: {at} the line before holds, and this does not."
    return Finding("fails", text, "lost-solution", conclusion.atoms[-1].place, values=values)


def _at(point: Point, formulas: Sequence[Formula], scope: Scope) -> tuple[str, dict[str, str]]:
    """A point in words, and its values."""
    values = {
        show(Node("sym", (), n)): show_exact(point.values[n])
        for n in scope.kinds
        if n in set(names_of(formulas))
    }
    where = ", ".join(f"{k} = {v}" for k, v in values.items())
    return (f"at {where}" if where else "there"), values


def _said(atom: Atom, point: Point, budget: Budget) -> str:
    found = values_at(atom, point, budget)
    if found is None:
        return "something else"
    return f"{show_exact(found[0])} {SIGNS[atom.sign]} {show_exact(found[1])}"
