"""Growth with a minimum in it, such as O(nd min(n, d)): compared along every direction.

With each symbol equal to e^(u·s) for a large s, an expression of sums, products, powers, max and min grows
like e^(v·s), where v is piecewise linear in the rates u ≥ 0: a sum has the larger v, a product the sum. Two
orders of growth are the same when v is the same for all rates; one vector of rates tells them apart.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from fractions import Fraction

from grader.errors import MathsFault, RubricError, SyntaxFault
from grader.maths.degree import all_nodes
from grader.maths.exactness import constant
from grader.maths.printing import show
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.verdict import Comparison, undecided

__all__ = ["compare_orders", "has_smallest"]

DIRECTIONS = 300
LARGEST_RATE = 12


def has_smallest(node: Node, scope: Scope) -> bool:
    """Whether a minimum occurs."""
    return any(n.op == "min" for n in all_nodes(node, scope))


def compare_orders(expected: Node, answer: Node, scope: Scope) -> Comparison:
    """Whether two orders of growth are the same.

    Raises:
        RubricError: the growth of the expected answer cannot be told.
    """
    used = {n.value for t in (expected, answer) for n in all_nodes(t, scope) if n.op == "sym"}
    names = [x for x in scope.kinds if x in used and x not in scope.define]
    rng = random.Random(len(names))
    small = itertools.islice(itertools.product((0, 1, 2), repeat=len(names)), DIRECTIONS)
    drawn = ([rng.randint(0, LARGEST_RATE) for _ in names] for _ in range(DIRECTIONS))
    for rates in itertools.chain(small, drawn):
        at = dict(zip(names, map(Fraction, rates), strict=True))
        try:
            want = _rate(expected, scope, at)
        except MathsFault as fault:
            raise RubricError(f"the growth of the expected answer cannot be told: {fault.message}") from fault
        try:
            have = _rate(answer, scope, at)
        except MathsFault as fault:
            return undecided(fault.message)
        if want != have:
            where = ", ".join(f"{_shown(x)} = s^{r}" if r != 1 else f"{_shown(x)} = s" for x, r in at.items())
            more = "faster" if have > want else "slower"
            return Comparison(
                "different",
                f"Yours grows {more} than expected: take {where} with a large s.",
                evidence={"level": "refuted", "rates": {x: str(r) for x, r in at.items()}},
            )
    return Comparison(
        "equivalent",
        "The same growth as expected in every direction tried.",
        evidence={"level": "supported", "directions": 2 * DIRECTIONS},
    )


def _shown(name: str) -> str:
    return show(Node("sym", (), name))


def _rate(n: Node, scope: Scope, at: Mapping[str, Fraction]) -> Fraction:
    """Raises SyntaxFault where something is subtracted, or grows in another way than a power."""

    def of(a: Node) -> Fraction:
        return _rate(a, scope, at)

    if n.op == "num" and n.value > 0:
        return Fraction(0)
    if n.op == "sym":
        inner = scope.define.get(n.value)
        if inner is not None:
            return of(inner)
        if n.shape is None:
            return at[n.value]
    if n.op in ("add", "max"):
        return max(map(of, n.args))
    if n.op == "min":
        return min(map(of, n.args))
    if n.op == "mul":
        return sum(map(of, n.args), Fraction(0))
    if n.op == "div":
        return of(n.args[0]) - of(n.args[1])
    if n.op == "order":
        return of(n.args[0])
    if n.op == "func" and n.value == "sqrt":
        return of(n.args[0]) / 2
    power = constant(n.args[1]) if n.op == "pow" else None
    if power is not None:
        return of(n.args[0]) * power
    raise SyntaxFault(f"the growth of {show(n)} cannot be told", n.span)
