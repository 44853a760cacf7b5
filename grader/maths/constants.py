"""Expressions without symbols → exact numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import flint

from grader.errors import MathsFault
from grader.maths.evaluate import Point, entries_of, evaluate
from grader.maths.parser import parse
from grader.maths.sampling import WORLDS
from grader.maths.scope import Assumptions, Scope
from grader.maths.shapes import elaborate
from grader.maths.tokens import looks_like_latex, tokenize
from grader.maths.tree import Node

__all__ = ["EMPTY_SCOPE", "fraction_of", "number_of", "real_entries", "real_number"]

BITS = 224  # of an irrational number
MAX_BITS = 4000  # of a number that is told or shown; Python does not print longer ones
EMPTY_SCOPE = Scope({}, {}, Assumptions())


def real_number(node: Node) -> Fraction | None:
    """The value of an expression without symbols, to some 60 digits where it is irrational; else None."""
    entries = real_entries(node)
    return entries[0] if entries is not None and node.shape is None else None


def real_entries(node: Node) -> list[Fraction] | None:
    """The entries of an expression without symbols, row by row; None where it has no value."""
    if node.names():
        return None
    for world, bits in (("rationals", BITS), ("balls", BITS)):
        try:
            with flint.ctx.workprec(bits):
                value = evaluate(node, Point(WORLDS[world], EMPTY_SCOPE, {}, {}, {}))
        except MathsFault:
            continue
        entries = [_fraction(v) for v in entries_of(value)]
        if all(v is not None for v in entries):
            return [v for v in entries if v is not None]
    return None


def _fraction(v: Any) -> Fraction | None:
    if isinstance(v, flint.fmpq):
        return Fraction(int(v.p), int(v.q))
    if not isinstance(v, flint.arb) or not v.is_finite() or v.rel_accuracy_bits() < BITS - 32:
        return None
    mantissa, exponent = v.mid().man_exp()
    if abs(int(exponent)) > MAX_BITS:
        return None
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def number_of(text: str, *, decimal_comma: bool = False) -> Fraction | None:
    """The exact value of a text such as ``3*3*3*64``, ``73,\\!856`` or ``(9·3+1)·64``, else None."""
    try:
        node = elaborate(
            parse(tokenize(text, decimal_comma=decimal_comma), EMPTY_SCOPE, infix=not looks_like_latex(text)),
            EMPTY_SCOPE,
        )
    except (MathsFault, RecursionError):
        return None
    return real_number(node)


def fraction_of(value: Any) -> Fraction | None:
    """A number as JSON or TOML has it, as it was written (0.1 is one tenth); None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        return None
    if isinstance(value, float):
        return Fraction(repr(value)) if math.isfinite(value) else None
    return Fraction(value) if isinstance(value, Fraction) or value.bit_length() <= MAX_BITS else None
