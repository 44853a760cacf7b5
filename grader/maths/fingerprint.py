"""A key that answers of equal value share: their values at the points where the expected side was tried.

It groups answers for people ("14 students: half of η*"), whatever way they are written. It decides nothing:
two answers with one key are equal but for the chance that `compare` states for its points.
"""

from __future__ import annotations

import hashlib
from typing import Any

import flint

from grader.errors import GraderError
from grader.maths.evaluate import Budget, entries_of, evaluate, needs_reals
from grader.maths.expected import Expected, Sample
from grader.maths.reading import Reading
from grader.maths.sampling import binding
from grader.maths.scope import Scope
from grader.maths.tree import Node

__all__ = ["fingerprint"]

PRECISION = 192  # bits
DIGITS = 24  # of a real value that count
LENGTH = 16  # hexadecimal digits of the key


def fingerprint(want: Expected, reading: Reading) -> str:
    """The key, or nothing where there is no value: of a list, an equation, an order of growth, or a
    value that cannot be computed."""
    node, scope = reading.node, reading.scope or want.scope
    if node.op in ("list", "order", "eq") or want.node.op in ("list", "order", "eq") or want.steps:
        return ""
    try:
        bound = want.bound | binding(node, scope)
        if want.real or needs_reals(node, scope):
            with flint.ctx.workprec(PRECISION):
                values = _values(want.ball_samples(bound, PRECISION, want.branches), node, scope)
                text = [_rounded(v) for v in values]
        else:
            text = [str(v) for v in _values(want.exact_samples(bound), node, scope)]
    except (GraderError, RecursionError, ArithmeticError, ValueError):
        return ""
    if not text or "" in text:
        return ""
    shape = "x".join(map(str, node.shape)) if node.shape is not None else "scalar"
    return hashlib.sha256(f"{shape}|{'|'.join(text)}".encode()).hexdigest()[:LENGTH]


def _values(samples: list[Sample], node: Node, scope: Scope) -> list[Any]:
    budget = Budget()
    points = [s.point.under(scope) for s in samples if not s.far]
    return [x for point in points for x in entries_of(evaluate(node, point, budget))]


def _rounded(ball: Any) -> str:
    """So many digits of a tight ball; nothing of a wide one."""
    if not ball.is_finite() or not ball.rad() < abs(ball).mid() * flint.arb(2) ** (-4 * DIGITS):
        return "0" if ball.is_zero() else ""
    return str(ball.mid().str(DIGITS, radius=False))
