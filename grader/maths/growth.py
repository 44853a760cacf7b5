"""Big-O answers, compared as growth when every symbol goes to infinity, independently.

An expression is brought to a sum of products of powers, logarithms and exponentials of the symbols;
only the terms that no other term dominates count. Two answers agree when these maximal terms do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import flint

from grader.errors import LimitFault, MathsFault, RubricError, SyntaxFault
from grader.maths.exactness import constant
from grader.maths.linear import feasible
from grader.maths.printing import show, show_name
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.tropical import compare_orders, has_smallest
from grader.maths.verdict import Comparison, invalid, undecided

__all__ = ["Term", "compare_growth", "growth_of", "show_growth"]

MAX_TERMS = 400
MAX_EXPANDED = 8  # powers up to this are multiplied out
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
    terms = _Expansion(scope, frozenset(constants)).of(inner).terms
    if not terms:
        raise SyntaxFault("this is zero; an order of growth begins with the letter O", node.span)
    return corners(_maximal(frozenset(terms)))


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


@dataclass(frozen=True, slots=True)
class _Sum:
    """Terms with their coefficients; ``lossy``: smaller terms were left out (of a root, say)."""

    terms: dict[Term, Fraction]
    lossy: bool = False

    def plus(self, other: _Sum, n: Node) -> _Sum:
        """The sum.

        Raises:
            SyntaxFault: terms cancel and what is left below them is not known.
        """
        lossy = self.lossy or other.lossy
        out = dict(self.terms)
        for t, c in other.terms.items():
            total = out.get(t, Fraction(0)) + c
            if total == 0 or (lossy and t in out and (out[t] > 0) != (c > 0)):
                if lossy:
                    raise _untold(n)
                del out[t]
            else:
                out[t] = total
        return _Sum(out, lossy)

    def times(self, other: _Sum) -> _Sum:
        out: dict[Term, Fraction] = {}
        if len(self.terms) * len(other.terms) > MAX_TERMS**2:
            raise LimitFault(f"more than {MAX_TERMS} terms")
        for a, x in self.terms.items():
            for b, y in other.terms.items():
                t = a.times(b)
                out[t] = out.get(t, Fraction(0)) + x * y
        if len(out) > MAX_TERMS:
            raise LimitFault(f"more than {MAX_TERMS} terms")
        return _Sum({t: c for t, c in out.items() if c}, self.lossy or other.lossy)

    def leading(self) -> frozenset[Term]:
        return _maximal(frozenset(self.terms))


def _untold(n: Node) -> SyntaxFault:
    return SyntaxFault(f"the growth of {show(n)} cannot be told", n.span)


class _Expansion:
    """An expression as a sum of terms; nothing is left out of sums and products, so that what cancels
    in ``(n+1)^2 - n^2`` does cancel."""

    def __init__(self, scope: Scope, constants: frozenset[str]) -> None:
        self.scope = scope
        self.constants = constants

    def of(self, n: Node) -> _Sum:
        """Raises SyntaxFault where the growth cannot be told."""
        op = n.op
        if op == "num":
            return _Sum({Term(): n.value} if n.value else {})
        if op == "const":
            return _Sum({Term(): Fraction(1)})
        if op == "sym":
            return self.symbol(n)
        if op == "add":
            out = self.of(n.args[0])
            for a in n.args[1:]:
                out = out.plus(self.of(a), n)
            return out
        if op == "neg":
            inner = self.of(n.args[0])
            return _Sum({t: -c for t, c in inner.terms.items()}, inner.lossy)
        if op == "mul":
            return self.of(n.args[0]).times(self.of(n.args[1]))
        if op == "order":
            return _Sum({t: Fraction(1) for t in self.of(n.args[0]).leading()}, True)
        if op == "max":
            terms = _maximal(frozenset().union(*(self.of(a).leading() for a in n.args)))
            return _Sum({t: Fraction(1) for t in terms}, True)
        if op == "div":
            return self.quotient(n)
        if op == "pow":
            return self.power(n)
        if op == "func" and n.value == "log":
            return _Sum({_log(self.of(n.args[0]).leading(), n): Fraction(1)}, True)
        if op == "func" and n.value == "sqrt":
            return self.root(self.of(n.args[0]), Fraction(1, 2))
        if op == "func" and n.value == "exp":
            return _Sum({self.exponential(Fraction(1), n.args[0], n): Fraction(1)})
        raise _untold(n)

    def symbol(self, n: Node) -> _Sum:
        if n.value in self.constants:
            return _Sum({Term(): Fraction(1)})
        inner = self.scope.define.get(n.value)
        if inner is not None:
            return self.of(inner)
        if n.shape is not None:
            raise SyntaxFault(f"{show_name(n.value)} is not a size", n.span)
        return _Sum({Term(((n.value, (Fraction(0), Fraction(1), Fraction(0))),)): Fraction(1)})

    def quotient(self, n: Node) -> _Sum:
        above, below = (self.of(a) for a in n.args)
        leading = below.leading()
        if len(leading) != 1:
            raise SyntaxFault("the growth of a quotient by a sum cannot be told", n.span)
        (t,) = leading
        out = above.times(_Sum({t.to(Fraction(-1)): 1 / below.terms[t]}))
        return _Sum(out.terms, out.lossy or below.lossy or len(below.terms) > 1)

    def power(self, n: Node) -> _Sum:
        base, exponent = n.args
        k = constant(exponent)
        if k is None:
            b = constant(base)
            if base.op == "const" and base.value == "e":
                return _Sum({self.exponential(Fraction(1), exponent, n): Fraction(1)})
            if b is None and base.op != "const":
                return self.tower(n)
            if b is None or b <= 1:
                raise _untold(n)
            return _Sum({self.exponential(_logarithm(b), exponent, n): Fraction(1)})
        inner = self.of(base)
        if k.denominator == 1 and 0 < k <= MAX_EXPANDED:
            out = inner
            for _ in range(int(k) - 1):
                out = out.times(inner)
            return out
        return self.root(inner, k)

    def tower(self, n: Node) -> _Sum:
        """``d^t``, which outgrows every power of its symbols: a symbol of its own."""
        for a in n.args:
            if any(
                c <= 0 or not t.powers or min(p for _, p in t.powers) < _PLAIN
                for t, c in self.of(a).terms.items()
            ):
                raise _untold(n)
        return _Sum({Term(((show(n), (Fraction(0), Fraction(1), Fraction(0))),)): Fraction(1)}, True)

    def root(self, inner: _Sum, k: Fraction) -> _Sum:
        """A power that is not expanded: its leading terms."""
        leading = inner.leading()
        if len(leading) > 1 and k < 0:
            raise SyntaxFault("the growth of a quotient by a sum cannot be told")
        lossy = inner.lossy or len(inner.terms) > 1 or k.denominator != 1
        return _Sum({t.to(k): Fraction(1) for t in leading}, lossy)

    def exponential(self, rate: Fraction, exponent: Node, n: Node) -> Term:
        """``b^(c n + d)``: the rate c·log b by n; constants in the exponent are factors."""
        out: dict[str, tuple[Fraction, Fraction, Fraction]] = {}
        for t, c in self.of(exponent).terms.items():
            if not t.powers:
                continue
            ((name, powers), *others) = t.powers
            if others or powers != (Fraction(0), Fraction(1), Fraction(0)):
                raise _untold(n)
            rounded = Fraction(round(rate * c * 2**150), 2**150)
            out[name] = (rounded, Fraction(0), Fraction(0))
        return _term(out)


def _logarithm(b: Fraction) -> Fraction:
    """log b to some 2⁻²⁰⁰: rates are rounded to 2⁻¹⁵⁰, so 2·log 2 and log 4 become the same number."""
    with flint.ctx.workprec(320):
        scaled = flint.arb(flint.fmpq(b.numerator, b.denominator)).log() * flint.arb(2) ** 200
        whole = scaled.floor().unique_fmpz()
    if whole is None:
        raise LimitFault("the base of this power is too long")
    return Fraction(int(whole), 2**200)


def _log(terms: frozenset[Term], n: Node) -> Term:
    if len(terms) != 1:
        raise SyntaxFault("the growth of the logarithm of a sum cannot be told", n.span)
    (t,) = terms
    names = [name for name, p in t.powers if p[1] > 0 and not p[0]]
    if len(names) > 1 or len(names) != len(t.powers):
        raise SyntaxFault("the growth of this logarithm cannot be told", n.span)
    return _term({name: (Fraction(0), Fraction(0), Fraction(1)) for name in names})


def show_growth(terms: frozenset[Term]) -> str:
    """``O(n²d + t)``."""
    out = []
    for t in sorted(terms, key=lambda t: t.powers):
        piece = ""
        for name, (e, p, lg) in t.powers:
            shown = show_name(name) if name.isidentifier() else name  # a tower is said already
            if e:
                piece += _exponential_text(shown, e)
            if p:
                piece += shown if p == 1 else f"{shown}^{_exponent(p)}"
            if lg:
                piece += f" log({shown})" if lg == 1 else f" log({shown})^{_exponent(lg)}"
        out.append(piece.strip() or "1")
    return "O(" + " + ".join(out) + ")"


def _exponent(p: Fraction) -> str:
    return str(p) if p.denominator == 1 and p > 0 else f"({p})"


def _exponential_text(name: str, rate: Fraction) -> str:
    """``2^n`` where the base is a whole number, else a power of e."""
    if rate.denominator < 1000:
        return f"e^({'' if rate == 1 else '-' if rate == -1 else rate}{name})"
    base = math.exp(abs(float(rate)))
    sign = "-" if rate < 0 else ""
    if abs(base - round(base)) < 1e-9 * base:
        return f"{round(base)}^({sign}{name})" if sign else f"{round(base)}^{name}"
    return f"e^({float(rate):.4g}{name})"


def _is_name(name: str, scope: Scope) -> bool:
    return name in scope.kinds


def compare_growth(expected: Node, answer: Node, scope: Scope) -> Comparison:
    """Whether two orders of growth are the same."""
    if has_smallest(expected, scope) or has_smallest(answer, scope):
        return compare_orders(expected, answer, scope)
    try:
        want = growth_of(expected, scope)
    except MathsFault as fault:
        raise RubricError(f"the growth of the expected answer cannot be told: {fault.message}") from fault
    try:
        have = growth_of(answer, scope)
    except LimitFault as fault:
        return invalid(fault)
    except MathsFault as fault:
        return undecided(fault.message)
    towers = [{p for t in terms for p in t.powers if not _is_name(p[0], scope)} for terms in (want, have)]
    if towers[0] or any(p[1] <= _PLAIN for p in towers[1]):
        return undecided("powers with symbols in base and exponent are compared only with other growth")
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
