"""Expressions without symbols → exact numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import flint

from grader.errors import MathsFault
from grader.maths.evaluate import Point, evaluate
from grader.maths.parser import parse
from grader.maths.sampling import WORLDS
from grader.maths.scope import Assumptions, Scope
from grader.maths.shapes import elaborate
from grader.maths.tokens import looks_like_latex, tokenize
from grader.maths.tree import Node

__all__ = ["EMPTY_SCOPE", "exact_number", "fraction_of", "number_of"]

EMPTY_SCOPE = Scope({}, {}, Assumptions())


def exact_number(node: Node) -> Fraction | None:
    """The value of a rational expression without symbols, else None."""
    if node.names() or node.shape is not None:
        return None
    try:
        v = evaluate(node, Point(WORLDS["rationals"], EMPTY_SCOPE, {}, {}, {}))
    except MathsFault:
        return None
    return Fraction(int(v.p), int(v.q)) if isinstance(v, flint.fmpq) else None


def number_of(text: str, *, decimal_comma: bool = False) -> Fraction | None:
    """The exact value of a text such as ``3*3*3*64``, ``73,\\!856`` or ``(9·3+1)·64``, else None."""
    try:
        node = elaborate(
            parse(tokenize(text, decimal_comma=decimal_comma), EMPTY_SCOPE, infix=not looks_like_latex(text)),
            EMPTY_SCOPE,
        )
    except (MathsFault, RecursionError):
        return None
    return exact_number(node)


def fraction_of(value: Any) -> Fraction | None:
    """A number as JSON or TOML has it, as it was written (0.1 is one tenth); None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        return None
    if isinstance(value, float):
        return Fraction(repr(value)) if math.isfinite(value) else None
    return Fraction(value)
