"""What a derivation takes as given, and what follows from it."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from grader.errors import MathsFault, RubricError
from grader.maths.affine import vanish
from grader.maths.equations import difference_of
from grader.maths.evaluate import Budget, entries_of, evaluate
from grader.maths.fitting import fit_shape
from grader.maths.links import Link
from grader.maths.premises import Premise, implied, zero_like
from grader.maths.record import Record
from grader.maths.sampling import WORLDS, draw, sizes
from grader.maths.scope import Kind, Scope, underlying
from grader.maths.solving import same_solutions
from grader.maths.tree import Node, num, sym

__all__ = ["UNTRIED", "Given", "fitted", "vanishing"]

UNTRIED = "Whether this follows could not be tried; a person looks."

# words that something does not vanish; and of a minimum, which degenerate cases say nothing of
_GENERIC = re.compile(
    r"\\neq?\b|≠|!=|\bnon-?zero|\bnot (?:zero|vanish|equal)|invertib|\bgeneric"
    r"|\b(?:deriv|gradient|minim|station|optim)|\\nabla|\\partial|\\frac\{d",
    re.IGNORECASE,
)
MAX_PREMISES = 4  # that are put together


class Given(Record):
    """The conditions of a derivation, and the equation that a conclusion goes on from."""

    def __init__(self, text: str, scope: Scope) -> None:
        super().__init__(text, scope)
        self.premises: dict[str, Premise] = {}
        self.equation: Premise | None = None
        self.generic = bool(_GENERIC.search(text))
        self.inequality: tuple[Node, Node, str] | None = None  # the one before

    def symbol(self, name: str) -> Node:
        return Node("sym", (), name, None, self.scope.kinds[name].shape)

    def suppose(self, key: str, left: Node, right: Node, *, shown: bool = False) -> Premise | None:
        """Take an equation as given from here on; ``shown``: it follows from what is given."""
        try:
            difference = difference_of(Node("eq", (left, fitted(left, right))))
        except MathsFault:
            return None
        if not difference.names() or self.holds_anyway(difference):
            return None
        alone = {
            str(side.value)
            for side, other in ((left, right), (right, left))
            if side.op == "sym" and side.value not in underlying(other, self.scope)
        }
        named = {str(left.value)} if left.op == "sym" else set()
        premise = Premise(
            difference,
            self.scope,
            frozenset(alone - self.scope.define.keys()),
            self.source,
            frozenset(named & alone),
            shown,
            right.op == "zeros" or (right.op == "num" and right.value == 0),
        )
        self.premises.pop(key, None)
        if not right.names() and not shown and key != "equation":  # k = 5 after k = 4
            for other, p in list(self.premises.items()):
                if p.named and p.named == premise.named and p.difference.names() == premise.named:
                    del self.premises[other]
        self.premises[key] = premise
        return premise

    def holds_anyway(self, difference: Node) -> bool:
        """Whether an equation says no more than the structure of its symbols: ``U^T U = I``."""
        structured = {name for name, _ in self.scope.assumptions.structure}
        if structured.isdisjoint(difference.names()) or not self.scope.dims:
            return False
        rng = random.Random(0)
        try:
            points = [
                draw(self.scope, WORLDS["rationals"], dims, rng, frozenset("*"), span=3)
                for dims in sizes(self.scope, rng, 2)
            ]
            return all(vanish(entries_of(evaluate(difference, p, Budget(100_000)))) for p in points)
        except (MathsFault, RubricError):
            return False

    def touching(self, *nodes: Node) -> list[Premise]:
        """The premises that have to do with these expressions; none that only says what something else is."""
        goal = {n for node in nodes for n in underlying(node, self.scope)}
        left = {p: set(underlying(p.difference, p.scope)) for p in dict.fromkeys(self.premises.values())}
        changed = True
        while changed:
            changed = False
            for p in list(left):
                used = goal.union(
                    *(names for q, names in left.items() if q is not p and not p.named & q.named)
                )
                if not left[p] & used or p.alone - used:
                    del left[p]
                    changed = True
        found: set[Premise] = set()
        for _ in range(len(left)):
            for p, names in left.items():
                if p not in found and names & goal:
                    found.add(p)
                    goal |= names
        return [p for p in left if p in found][-MAX_PREMISES:]

    def from_premises(
        self, left: Node, right: Node, sign: str, *, unknown: str = "", strict: bool = False
    ) -> Link:
        """Whether this follows from the line before, or from it and all that is given."""
        scope = self.scope
        link = unsure = Link("unread", UNTRIED)
        every = self.touching(left, right)
        given = [p for p in every if not p.shown]
        tried = [[self.equation]] if self.equation is not None else []
        for premises in (given, every):
            if premises and premises not in tried:
                tried.append(premises)
        for premises in tried:
            found = implied(
                premises, left, right, sign, scope, unknown=unknown, strict=strict, generic=self.generic
            )
            found = replace(found, uses=tuple(p.source for p in premises))
            if strict and found.mistake:
                found = Link("unread", "This holds only for some values; a person looks.")
            if found.status == "holds":
                return found
            if found.status == "fails" or premises == given or (link.status == "unread" and link is unsure):
                link = found
        if link.status == "unread":  # not all at once: what holds under some of them holds under all
            for k in range(len(every)):
                for some in ([*every[:k], *every[k + 1 :]], [every[k]]):
                    found = implied(some, left, right, sign, scope) if some else link
                    if found.status == "holds" and not found.mistake:
                        return found
        return link

    def back(self, left: Node, right: Node, alone: frozenset[str] = frozenset()) -> Link | None:
        """Whether the equation before follows from this one; None where it is no equation."""
        assert self.equation is not None
        try:
            here = Premise(difference_of(Node("eq", (left, right))), self.scope, alone)
        except MathsFault:
            return None
        goal = self.equation.difference
        return implied([here], goal, zero_like(goal), "=", self.scope)

    def both_ways(self, left: Node, right: Node, link: Link) -> Link:
        back = self.back(left, fitted(left, right))
        if back is not None and back.status == "fails":
            return replace(
                back, message=f"This step only goes one way. {back.message}", mistake="gained-solution"
            )
        return link

    def solves(self, symbol: str, left: Node, right: Node) -> bool:
        """Whether a value of a symbol satisfies the equation, which may have other solutions."""
        back = self.back(left, fitted(left, right))
        return back is not None and back.status == "holds"

    def both_solve(self, symbol: str, left: Node, values: tuple[Node, ...]) -> Link:
        """Whether each of two values that a symbol is given satisfies the equation before."""
        links = []
        for value in values:
            back = self.back(left, value, frozenset((symbol,)))
            if back is None:
                return Link("unread", UNTRIED)
            links.append(back)
        return next(
            (x for status in ("fails", "unread") for x in links if x.status == status),
            replace(links[0], message="Both values satisfy the equation before."),
        )

    def same_solutions(self, left: Node, right: Node, symbol: str) -> Link | None:
        assert self.equation is not None
        try:
            difference = difference_of(Node("eq", (left, fitted(left, right))))
        except MathsFault:
            return None
        return same_solutions(self.equation, Premise(difference, self.scope), symbol, self.scope)

    def within(self, left: Node, right: Node) -> bool:
        """Whether an equation speaks of nothing that the one before it does not speak of."""
        assert self.equation is not None
        known = set(underlying(self.equation.difference, self.equation.scope))
        for p in self.premises.values():
            known.update(underlying(p.difference, p.scope))
        return known.issuperset(underlying(left, self.scope) + underlying(right, self.scope))

    def beside_another(self, left: Node, right: Node, *, joined: bool = False) -> bool:
        """Whether ``B = 0`` stands beside an equation ``A = 0`` that does not speak of all its symbols: a
        second condition, and no conclusion. ``joined``: words make it one."""
        assert self.equation is not None
        names = set(underlying(left, self.scope))
        before = set(underlying(self.equation.difference, self.equation.scope))
        apart = right in (num(0), zero_like(left)) and self.equation.to_zero and bool(names - before)
        if not (apart or joined):
            return False
        self.premises[f"beside {self.equation.source}"] = self.equation
        return True

    def from_inequality(self, left: Node, right: Node, sign: str) -> Link:
        """Whether an inequality follows from the one before: where that holds with some room."""
        assert self.inequality is not None
        a, b, relation = self.inequality
        if a.shape is not None or b.shape is not None:
            return Link("unread", UNTRIED)
        low, high = (a, b) if relation in ("<", "<=") else (b, a)
        own = self.scope.declared({"room": Kind("scalar", None, "> 0")})
        room = sym("room")
        close = num(0) if relation in ("<=", ">=") else Node("div", (room, num(1000)))
        near, far = (
            Premise(Node("add", (high, Node("neg", (low,)), Node("neg", (r,)))), own, frozenset(("room",)))
            for r in (close, room)
        )
        known = {*underlying(a, self.scope), *underlying(b, self.scope)}
        if not known.issuperset(underlying(left, self.scope) + underlying(right, self.scope)):
            return Link("unread", UNTRIED)
        for others in (self.touching(a, b), []):
            links = [implied([p, *others], left, right, sign, own) for p in (far, near)]
            for found in links:
                if found.status == "fails":
                    return replace(found, mistake="not-implied")
            if all(found.status == "holds" for found in links):
                return links[0]
        return Link("unread", UNTRIED)

    def over_a_gap(self, link: Link) -> Link:
        """The link to an earlier member, because the one just before could not be read."""
        if link.status == "holds":
            return replace(link, message=f"{link.message} (The one between could not be read.)")
        if link.status == "fails" and self.steps and self.steps[-1].status == "fails":
            return Link("unread", "The member before does not fit together, so that this was not checked.")
        if link.status == "fails":
            return replace(
                link, message=f"{link.message} (Compared with the last member that could be read.)"
            )
        return link

    def names_it(self, before: Node, node: Node) -> bool:
        """Whether a symbol by itself stands at the end of a chain that does not speak of it."""
        if node.op != "sym" or node.value in self.scope.define or node.value in before.names():
            return False
        return self.scope.kinds[str(node.value)].sort not in ("dim", "integer")


def fitted(left: Node, right: Node) -> Node:
    """``right`` with a bare 0 as the zero of the shape of ``left``, and ``(1, 2)^T`` as the column or row."""
    if left.shape is not None and right.op == "num" and right.value == 0:
        return Node("zeros", (), None, right.span, left.shape)
    literal = right.args[0] if right.op == "T" else right
    if literal.op == "matrix" and literal.value[2] and left.shape is not None and left.shape != right.shape:
        return fit_shape(left, literal) or right
    return right


def vanishing(left: Node, right: Node, scope: Scope) -> bool:
    """Whether all that ``left = right`` can say is that some scalar is zero, or a number another: the
    difference is a multiple of the scalar, by a factor of sizes and numbers alone, as is (n − 1) c."""
    try:
        difference = difference_of(Node("eq", (left, fitted(left, right))))
    except MathsFault:
        return False
    rng = random.Random(f"vanishing {difference!r}")
    names = [n for n in underlying(difference, scope) if scope.kinds[n].sort not in ("dim", "integer")]
    for name in names:
        if scope.kinds[name].sort != "scalar":
            continue
        try:
            if all(_only(difference, name, names, dims, rng, scope) for dims in sizes(scope, rng, 3)):
                return True
        except (MathsFault, RubricError, ZeroDivisionError):
            continue
    return False


def _only(
    difference: Node, name: str, names: list[str], dims: dict[str, int], rng: random.Random, scope: Scope
) -> bool:
    """Whether a difference is a multiple of one scalar that no other symbol changes, at these sizes."""
    world = WORLDS["rationals"]
    seen = []
    for _ in range(3):
        point = draw(scope, world, dims, rng, frozenset("*"), span=7)
        for k in (1, 2):
            value = entries_of(evaluate(difference, point.moved({name: world.scalar(k)}), Budget(100_000)))
            seen.append([v / k for v in value])
    return all(v == seen[0] for v in seen) and not vanish(seen[0])
