"""Scalar expressions without sums or functions as polynomials over the rationals, through flint."""

from __future__ import annotations

import random
from typing import Any

import flint

from grader.maths.exactness import whole
from grader.maths.scope import Scope
from grader.maths.tree import Node

__all__ = ["has_real_zeros", "numerator", "only_one_has", "zero_of"]

MAX_NAMES = 12
MAX_TERMS = 300
MAX_POWER = 12

_TooLarge = OverflowError


def numerator(node: Node, scope: Scope) -> Any | None:
    """The numerator of a rational expression in lowest terms, or None if it is none (or too large).

    All scalars of the scope are the variables, so that two numerators can be compared.
    """
    names = tuple(n for n, k in scope.kinds.items() if k.scalar and n not in scope.define)
    if len(names) > MAX_NAMES:
        return None
    context = flint.fmpq_mpoly_ctx.get(names or ("x",), "degrevlex")
    variables = dict(zip(names, context.gens(), strict=False))

    def fraction(n: Node) -> tuple[Any, Any]:
        p, q = _fraction(n)
        if len(p) > MAX_TERMS or len(q) > MAX_TERMS:
            raise _TooLarge
        return p, q

    def _fraction(n: Node) -> tuple[Any, Any]:
        op, one = n.op, context.constant(1)
        if op == "num":
            return context.constant(flint.fmpq(n.value.numerator, n.value.denominator)), one
        if op == "sym" and n.shape is None:
            inner = scope.define.get(n.value)
            if inner is not None:
                return fraction(inner)
            return variables[n.value], one
        if op == "neg":
            p, q = fraction(n.args[0])
            return -p, q
        if op == "add":
            p, q = fraction(n.args[0])
            for a in n.args[1:]:
                r, s = fraction(a)
                p, q = (p + r, q) if q == s else (p * s + r * q, q * s)
            return p, q
        if op in ("mul", "div"):
            (p, q), (r, s) = fraction(n.args[0]), fraction(n.args[1])
            return (p * r, q * s) if op == "mul" else (p * s, q * r)
        k = whole(n.args[1]) if op == "pow" else None
        if k is None or abs(k) > MAX_POWER:
            raise _TooLarge
        p, q = fraction(n.args[0])
        return (p**k, q**k) if k >= 0 else (q**-k, p**-k)

    try:
        p, q = fraction(node)
        if q == 0:
            return None
        return p / p.gcd(q) if p != 0 else p
    except (_TooLarge, ArithmeticError, KeyError, IndexError, ValueError):
        return None


def only_one_has(p: Any, q: Any) -> tuple[list[Any], list[Any]]:
    """The irreducible factors of p that q has not, and of q that p has not."""
    a, b = _factors(p), _factors(q)
    return [f for k, f in a.items() if k not in b], [f for k, f in b.items() if k not in a]


def _factors(p: Any) -> dict[str, Any]:
    if p == 0:
        return {}
    _, factors = p.factor()
    monic = (f / f.leading_coefficient() for f, _ in factors)
    return {str(f): f for f in monic}


def zero_of(f: Any, other: Any) -> dict[str, Any] | None:
    """A small rational zero of ``f`` that is none of ``other``, where ``f`` is linear in some symbol."""
    names = f.context().names()
    linear = [k for k, degree in enumerate(f.degrees()) if degree == 1]
    rng = random.Random(5)
    for span in (1, 1, 2, 2, 3, 3, 5, 9):
        for k in linear:
            at = [flint.fmpq(rng.randint(-span, span) or 1) for _ in names]
            at[k] = flint.fmpq(0)
            low = f(*at)
            at[k] = flint.fmpq(1)
            slope = f(*at) - low
            if slope == 0:
                continue
            at[k] = -low / slope
            if other(*at) != 0:
                return dict(zip(names, at, strict=True))
    return None


def has_real_zeros(f: Any) -> bool | None:
    """Whether an irreducible polynomial has real zeros of full dimension; None if it cannot be told.

    It has if it changes sign (Bochnak, Coste, Roy, Real Algebraic Geometry, 4.5.1).
    """
    used = [k for k, degree in enumerate(f.degrees()) if degree]
    if not used:
        return False
    rng = random.Random(11)
    signs = set()
    for attempt in range(200):
        span = (2, 5, 30, 1000)[attempt % 4]
        v = f(*[flint.fmpq(rng.randint(-span, span), rng.randint(1, 3)) for _ in f.context().names()])
        signs.add((v > 0) - (v < 0))
        if {1, -1} <= signs:
            return True
    if len(used) == 1:
        k = used[0]
        coefficients = [flint.fmpq(0)] * (f.degrees()[k] + 1)
        for powers, c in f.terms():
            coefficients[powers[k]] = c
        roots: list[Any] = flint.fmpq_poly(coefficients).complex_roots()
        return any(bool(root[0].imag.contains(0)) for root in roots)
    terms = list(f.terms())
    if all(e % 2 == 0 for powers, _ in terms for e in powers) and all(c > 0 for _, c in terms):
        # x² + y² + 1 never vanishes; x² + y² does at one point
        return False if any(not any(powers) for powers, _ in terms) else None
    return None
