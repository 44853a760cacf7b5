"""Whether an expression has rational values at rational points, and which exponents are whole numbers."""

from __future__ import annotations

from fractions import Fraction

from grader.maths.scope import Scope
from grader.maths.tree import Node

__all__ = ["constant", "needs_reals", "whole", "whole_exponent"]

_EXACT_FUNCTIONS = frozenset(["tr", "det", "diag", "sumall", "mean"])
_REAL_OPS = frozenset(["const", "max", "min", "norm", "mod", "holds", "cases"])
_REAL = _REAL_OPS | {"func", "pow"}  # without them every value is rational
_LARGEST = 10**12  # in the arithmetic of exponents


def needs_reals(node: Node, scope: Scope) -> bool:
    """Whether the value of ``node`` is outside the rational numbers."""
    if _REAL.isdisjoint(node.ops()) and node.names().isdisjoint(scope.define):
        return False
    return _is_real(node, scope)


def _is_real(node: Node, scope: Scope) -> bool:
    op = node.op
    if op == "pow":
        base, exponent = node.args
        k = constant(exponent)
        if k is None:
            return not whole_exponent(exponent, scope) or _is_real(base, scope)
        if k.denominator != 1:
            return True
        if base.op == "norm" and base.value == "2" and k.numerator % 2 == 0:
            return _is_real(base.args[0], scope)
        return _is_real(base, scope)
    if op in _REAL_OPS or (op == "func" and node.value not in _EXACT_FUNCTIONS):
        return True
    if op == "sym":
        inner = scope.define.get(node.value)
        return inner is not None and _is_real(inner, scope)
    return any(_is_real(a, scope) for a in node.args)


def whole_exponent(n: Node, scope: Scope) -> bool:
    """Whether ``n`` is a whole number by its structure: sizes, integers, indices, their sums and products."""
    if n.op == "num":
        return bool(n.value.denominator == 1)
    if n.op == "var":
        return True
    if n.op == "sym":
        inner = scope.define.get(n.value)
        if inner is not None:
            return whole_exponent(inner, scope)
        kind = scope.kinds.get(n.value)
        return kind is not None and kind.sort in ("dim", "integer")
    if n.op == "func" and n.value in ("floor", "ceil", "trunc"):
        return True
    return n.op in ("neg", "add", "mul", "mod", "max", "min") and all(
        whole_exponent(a, scope) for a in n.args
    )


def constant(n: Node) -> Fraction | None:
    """The value of a tree of literal numbers; None for anything else, and for what is far too large."""
    if n.op == "num":
        return n.value  # type: ignore[no-any-return]
    if n.op not in ("neg", "add", "mul", "div", "pow"):
        return None
    parts = []
    for a in n.args:
        v = constant(a)
        if v is None:
            return None
        parts.append(v)
    out: Fraction | None
    if n.op == "neg":
        out = -parts[0]
    elif n.op == "add":
        out = sum(parts, Fraction(0))
    elif n.op == "mul":
        out = parts[0] * parts[1]
    elif n.op == "div":
        out = parts[0] / parts[1] if parts[1] else None
    else:
        small = parts[1].denominator == 1 and 0 <= parts[1] <= 12 and abs(parts[0]) <= 1000
        out = parts[0] ** int(parts[1]) if small else None
    if out is None or abs(out.numerator) > _LARGEST or out.denominator > _LARGEST:
        return None
    return out


def whole(n: Node) -> int | None:
    """The value of a tree of literal numbers if it is whole."""
    if n.op == "num":
        v = n.value
    else:
        v = constant(n)
    return v.numerator if v is not None and v.denominator == 1 else None
