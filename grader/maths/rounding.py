"""Whole parts and remainders: ``\\lfloor k/2 \\rfloor``, ``k // 2``, ``k \\bmod 2``, ``k % 2``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import SyntaxFault
from grader.maths.alphabet import Token
from grader.maths.tree import Node

if TYPE_CHECKING:
    from grader.maths.parser import Parser

__all__ = ["is_remainder", "rounded", "whole_division"]

_CLOSING = {"lfloor": ("rfloor", "floor"), "lceil": ("rceil", "ceil")}


def rounded(p: Parser, opened: Token) -> Node:
    """``\\lfloor … \\rfloor``."""
    close, name = _CLOSING[opened.text]
    p.pos += 1
    p.deeper()
    p.open.append(close)
    inner = p.expression()
    if not p.at_cmd(close):
        t = p.peek()
        found = t.shown if t else "the end"
        raise SyntaxFault(
            f"{opened.shown} is not closed: expected '\\{close}' and found {found}",
            (opened.start, opened.end),
        )
    p.pos += 1
    p.open.pop()
    p.depth -= 1
    return p.node("func", (inner,), name, opened.start)


def is_remainder(p: Parser, t: Token) -> bool:
    """Whether the word ``mod`` stands between two operands."""
    if t.kind == "cmd":
        return t.text in ("bmod", "mod", "pmod")
    return t.kind in ("word", "text") and t.text == "mod" and "mod" not in p.scope.words


def whole_division(p: Parser, left: Node, first: bool, negative: bool) -> Node | None:
    """``left // b``, ``left % b``, ``left \\bmod b``; None if none of them stands here.

    ``first``: no term stands before this one; only then can the word ``mod`` be read in one way.
    ``negative``: a sign of its own stands before it, which in ``-k // 2`` belongs to k.
    """
    t = p.peek()
    assert t is not None
    if t.kind == "op" and t.text in ("//", "%"):
        p.pos += 1
        right = _operand(p, t)
        if negative:
            left = p.node("neg", (left,))
        if t.text == "%":
            made = p.node("mod", (left, right))
        else:
            made = p.node("func", (p.node("div", (left, right)),), "floor")
        return p.node("neg", (made,)) if negative else made
    if not is_remainder(p, t):
        return None
    if t.text == "pmod":
        raise SyntaxFault("\\pmod states a congruence, not a value; write '\\bmod'", (t.start, t.end))
    p.pos += 1
    right = _operand(p, t)
    if not first or negative or p.at("+", "-"):
        raise SyntaxFault(
            "what 'mod' belongs to in a sum can be read in two ways; put brackets around it", (t.start, t.end)
        )
    return p.node("mod", (left, right))


def _operand(p: Parser, t: Token) -> Node:
    factors = p.chunk()
    if len(factors) > 1:
        raise SyntaxFault(f"put brackets around what stands behind {t.shown}", (t.start, t.end))
    return factors[0]
