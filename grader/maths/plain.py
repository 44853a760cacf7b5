"""The factors most answers are made of: one declared letter or a number, read without the whole grammar.

Everything here is also read by ``parser``, ``names`` and ``powers``, to the same tree; where anything
more may be meant than a letter and its power, it is left to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.maths.conditions import says_a_condition
from grader.maths.powers import postfix
from grader.maths.stream import MAX_DEPTH
from grader.maths.tree import Node, num

if TYPE_CHECKING:
    from grader.maths.alphabet import Token
    from grader.maths.parser import Parser

__all__ = ["plain_factor"]

# behind a name or a number these belong to what comes next
_APART = frozenset(["+", "-", "*", "/", "=", ",", ";", ".", ":", "&", "\\quad"]) | frozenset(
    ["(", ")", "]", "{", "}", "\\{", "\\}", "|", "||", "@"]
)
_ATTACHED = frozenset(["dagger", "top"])  # commands that belong to what stands before them


def plain_factor(p: Parser) -> Node | None:
    """The factor that begins here, if it is plain; None, with nothing read, if it may be more."""
    tokens, i = p.tokens, p.pos
    if i >= len(tokens) or p.depth >= MAX_DEPTH:
        return None
    t = tokens[i]
    kind, text = t.kind, t.text
    if kind == "num":
        if text in p.scope.spelling_starts or not _stands_alone(tokens, i + 1):
            return None
        if text == "1" and says_a_condition(p, i + 1):  # 1(z > 0)
            return None
        p.pos = i + 1
        return num(text, (t.start, t.end))
    if kind not in ("word", "cmd") or text not in p.scope.plain or text in p.bound:
        return None
    if kind == "word" and len(text) > 1:
        return None
    alone = _stands_alone(tokens, i + 1)
    if not (alone or _power_follows(tokens, i + 1)):
        return None
    node = Node("sym", (), text, (t.start, t.end))
    if alone:
        p.pos = i + 1
        return node
    return _plain_power(p, node, i + 2) or postfix(p, node)


def _plain_power(p: Parser, base: Node, i: int) -> Node | None:
    """A letter to the power of one digit, or transposed, where nothing else follows; ``i`` is the exponent's
    place. Otherwise the position is left behind the letter."""
    p.pos = i - 1
    if not _stands_alone(p.tokens, i + 1):
        return None
    e = p.tokens[i]
    if e.kind == "num" and len(e.text) == 1 and e.text not in p.scope.spelling_starts:
        p.pos = i + 1
        return p.node("pow", (base, num(e.text, (e.start, e.end))))
    if e.text in ("T", "top") and not p.scope.kinds[base.value].scalar:
        p.pos = i + 1
        return p.node("T", (base,))
    return None


def _stands_alone(tokens: list[Token], i: int) -> bool:
    """Whether what comes next says nothing about what stands before it."""
    if i >= len(tokens):
        return True
    nxt = tokens[i]
    kind = nxt.kind
    if kind == "op":
        return nxt.text in _APART
    return kind == "word" or (kind == "cmd" and nxt.text not in _ATTACHED)


def _power_follows(tokens: list[Token], i: int) -> bool:
    """Whether a power follows, whose exponent cannot be part of a name: ``^2``, ``^T``, ``^{-1}``."""
    if tokens[i].text != "^" or tokens[i].kind != "op":
        return False
    i += 1
    if i < len(tokens) and tokens[i].text == "{":
        i += 1
    if i >= len(tokens):
        return False
    kind, text = tokens[i].kind, tokens[i].text
    return kind == "num" or text in ("T", "top", "-") or (kind == "word" and len(text) == 1)
