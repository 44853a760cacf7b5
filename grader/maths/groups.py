"""The argument of a command: a braced group, or what TeX takes without braces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import SyntaxFault
from grader.maths.alphabet import Token
from grader.maths.spelling import unbraced
from grader.maths.tree import Node, num

if TYPE_CHECKING:
    from grader.maths.parser import Parser

__all__ = ["group_or_tight", "tight"]


def tight(p: Parser) -> Node:
    """One TeX token's worth: a digit, a letter, a command with its arguments, a group."""
    t = p.peek()
    if t is None:
        raise p.missing()
    if t.kind == "num":
        if len(t.text) > 1:
            raise SyntaxFault(
                unbraced(t.text),
                (t.start, t.end),
            )
        p.pos += 1
        return num(t.text, (t.start, t.end))
    if t.kind == "word" and len(t.text) > 1 and not (p.infix and t.text in p.scope.words):
        p.tokens[p.pos : p.pos + 1] = t.cut(1)
    return p.primary()


def group_or_tight(p: Parser, what: Token) -> Node:
    t = p.peek()
    if t is None:
        raise SyntaxFault(f"{what.shown} without its argument", (what.start, what.end))
    if t.kind == "op" and t.text == "{":
        p.pos += 1
        node = p.expression()
        p.expect("}", t)
        return node
    if t.kind == "num" and len(t.text) > 1 and not t.text.isdigit():  # \frac1.5
        raise SyntaxFault(unbraced(t.text), (t.start, t.end))
    if t.kind == "num" and len(t.text) > 1:  # \frac12: the first digit
        p.tokens[p.pos : p.pos + 1] = t.cut(1)
    return tight(p)
