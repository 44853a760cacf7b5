"""Big-O answers, compared as growth when every symbol goes to infinity, independently.

An expression is brought to a sum of products of powers, logarithms and exponentials of the symbols;
only the terms that no other term dominates count. Two answers agree when these maximal terms do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from grader.errors import LimitFault, MathsFault, SyntaxFault
from grader.maths.exactness import constant
from grader.maths.linear import feasible
from grader.maths.printing import show
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.verdict import Comparison, invalid

__all__ = ["Term", "compare_growth", "growth_of", "show_growth"]

MAX_TERMS = 400
MAX_CORNERS = 12  # terms among which means are looked for
_PLAIN = (Fraction(0), Fraction(0), Fraction(0))


@dataclass(frozen=True, slots=True)
class Term:
    """Powers by symbol: (exponential rate, power, power of the logarithm); compared in this order."""

    powers: tuple[tuple[str, tuple[Fraction, Fraction, Fraction]], ...] = ()

    def times(self, other: Term) -> Term:
        d = dict(self.powers)
        for name, p in other.powers:
            q = d.get(name, _PLAIN)
            d[name] = (p[0] + q[0], p[1] + q[1], p[2] + q[2])
        return _term(d)

    def to(self, k: Fraction) -> Term:
        return _term({n: (p[0] * k, p[1] * k, p[2] * k) for n, p in self.powers})

    def dominates(self, other: Term) -> bool:
        """At least as large as ``other`` in every symbol."""
        a, b = dict(self.powers), dict(other.powers)
        return all(a.get(n, _PLAIN) >= b.get(n, _PLAIN) for n in a.keys() | b.keys())


def _term(d: dict[str, tuple[Fraction, Fraction, Fraction]]) -> Term:
    return Term(tuple(sorted((n, p) for n, p in d.items() if any(p))))


def growth_of(node: Node, scope: Scope, constants: Iterable[str] = ()) -> frozenset[Term]:
    """The maximal terms of an expression; symbols in ``constants`` count as 1.

    Raises:
        SyntaxFault: an expression whose growth cannot be told.
    """
    inner = node.args[0] if node.op == "order" else node
    return corners(_maximal(_terms(inner, scope, frozenset(constants))))


def _maximal(terms: frozenset[Term]) -> frozenset[Term]:
    if len(terms) > MAX_TERMS:
        raise LimitFault(f"more than {MAX_TERMS} terms")
    return frozenset(t for t in terms if not any(o != t and o.dominates(t) for o in terms))


def corners(terms: frozenset[Term]) -> frozenset[Term]:
    """Without the terms that lie under a mean of others: nd ≤ (n² + d²)/2, so O(n² + nd + d²) is
    O(n² + d²). By the weighted inequality of means, ∏ tᵢ^λᵢ ≤ Σ λᵢ tᵢ."""
    if not 3 <= len(terms) <= MAX_CORNERS:
        return terms
    left = set(terms)
    for t in sorted(terms, key=lambda t: t.powers):
        others = [o for o in left if o != t]
        if len(others) > 1 and _under_a_mean(t, others):
            left.discard(t)
    return frozenset(left)


def _under_a_mean(t: Term, others: list[Term]) -> bool:
    """Whether weights λ ≥ 0 with Σλ = 1 exist with Σ λᵢ·(powers of othersᵢ) ≥ powers of t."""
    names = sorted({n for o in (t, *others) for n, _ in o.powers})
    coordinates = [(n, k) for n in names for k in range(3)]

    def point(o: Term) -> list[Fraction]:
        powers = dict(o.powers)
        return [powers.get(n, _PLAIN)[k] for n, k in coordinates]

    target, points = point(t), [point(o) for o in others]
    return feasible([[p[k] - target[k] for p in points] for k in range(len(coordinates))])


def _terms(n: Node, scope: Scope, constants: frozenset[str]) -> frozenset[Term]:
    op = n.op
    if op in ("num", "const"):
        return frozenset([Term()])
    if op == "sym":
        if n.value in constants:
            return frozenset([Term()])
        inner = scope.define.get(n.value)
        if inner is not None:
            return _terms(inner, scope, constants)
        if n.shape is not None:
            raise SyntaxFault(f"{n.value} is not a size", n.span)
        return frozenset([Term(((n.value, (Fraction(0), Fraction(1), Fraction(0))),))])
    parts = [_terms(a, scope, constants) for a in n.args] if op not in ("pow", "func", "div") else []
    if op in ("add", "max"):
        return _maximal(frozenset().union(*parts))
    if op == "neg":
        return parts[0]
    if op == "mul":
        return _maximal(frozenset(a.times(b) for a in parts[0] for b in parts[1]))
    if op == "order":
        return parts[0]
    if op == "div":
        above, below = (_maximal(_terms(a, scope, constants)) for a in n.args)
        if len(below) != 1:
            raise SyntaxFault("the growth of a quotient by a sum cannot be told", n.span)
        inverse = next(iter(below)).to(Fraction(-1))
        return _maximal(frozenset(a.times(inverse) for a in above))
    if op == "pow":
        return _power(n, scope, constants)
    if op == "func" and n.value == "log":
        return frozenset([_log(_maximal(_terms(n.args[0], scope, constants)), n)])
    if op == "func" and n.value == "sqrt":
        return frozenset(t.to(Fraction(1, 2)) for t in _maximal(_terms(n.args[0], scope, constants)))
    if op == "func" and n.value == "exp":
        return frozenset([_exponential(n.args[0], constants, n)])
    raise SyntaxFault(f"the growth of {show(n)} cannot be told", n.span)


def _power(n: Node, scope: Scope, constants: frozenset[str]) -> frozenset[Term]:
    base, exponent = n.args
    k = constant(exponent)
    if k is not None:
        terms = _maximal(_terms(base, scope, constants))
        return _maximal(frozenset(t.to(k) for t in terms))
    if base.op in ("num", "const") and (base.op == "const" or base.value > 1):
        return frozenset([_exponential(exponent, constants, n)])
    raise SyntaxFault(f"the growth of {show(n)} cannot be told", n.span)


def _log(terms: frozenset[Term], n: Node) -> Term:
    if len(terms) != 1:
        raise SyntaxFault("the growth of the logarithm of a sum cannot be told", n.span)
    (t,) = terms
    names = [name for name, p in t.powers if p[1] > 0 and not p[0]]
    if len(names) > 1 or len(names) != len(t.powers):
        raise SyntaxFault("the growth of this logarithm cannot be told", n.span)
    return _term({name: (Fraction(0), Fraction(0), Fraction(1)) for name in names})


def _exponential(exponent: Node, constants: frozenset[str], n: Node) -> Term:
    rate = Fraction(1)
    e = exponent
    if e.op == "mul" and e.args[0].op == "num":
        rate, e = e.args[0].value, e.args[1]
    if e.op == "sym" and e.shape is None:
        return Term() if e.value in constants else _term({e.value: (rate, Fraction(0), Fraction(0))})
    raise SyntaxFault(f"the growth of {show(n)} cannot be told", n.span)


def show_growth(terms: frozenset[Term]) -> str:
    """``O(n²d + t)``."""
    out = []
    for t in sorted(terms, key=lambda t: t.powers):
        piece = ""
        for name, (e, p, lg) in t.powers:
            if e:
                piece += f"exp({'' if e == 1 else e}{name})"
            if p:
                piece += name if p == 1 else f"{name}^{p}"
            if lg:
                piece += f" log({name})" if lg == 1 else f" log({name})^{lg}"
        out.append(piece.strip() or "1")
    return "O(" + " + ".join(out) + ")"


def compare_growth(expected: Node, answer: Node, scope: Scope) -> Comparison:
    """Whether two orders of growth are the same."""
    want = growth_of(expected, scope)
    try:
        have = growth_of(answer, scope)
    except MathsFault as fault:
        return invalid(fault)
    if want == have:
        return Comparison(
            "equivalent",
            f"The same growth as expected, {show_growth(have)}.",
            evidence={"level": "proved", "by": "maximal terms"},
        )
    return Comparison(
        "different",
        f"Yours grows like {show_growth(have)}; that is not the expected growth.",
        evidence={"level": "refuted", "growth": show_growth(have)},
    )
