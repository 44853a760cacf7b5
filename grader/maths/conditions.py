r"""Values that depend on a condition: ``\begin{cases} z & z > 0 \\ 0 & z \le 0 \end{cases}``, ``[z > 0]``.

A condition is ``holds``, 1 where it is true and 0 where it is not, entry by entry; conditions that are
joined are multiplied. ``cases`` has a value, its condition, the next value …, and last the value for
everything else, if one is given. Binomial coefficients are written out.
"""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING

from grader.errors import SyntaxFault
from grader.maths.alphabet import Token
from grader.maths.tree import Node, num

if TYPE_CHECKING:
    from grader.maths.parser import Parser

__all__ = [
    "BINOMIALS",
    "binomial",
    "cases",
    "condition_or_value",
    "counted_indicator",
    "indicator",
    "open_cases",
    "says_a_condition",
]

BINOMIALS = frozenset(("binom", "dbinom", "tbinom"))
MOST_CASES = 12

_RELATIONS = {"<": "<", ">": ">", "le": "<=", "ge": ">=", "=": "=", "ne": "!="}
_LEADING = frozenset(("if", "for", "when", "where", "for all", "falls", "wenn"))
_OTHERWISE = frozenset(("otherwise", "else", "elsewhere", "ow", "o.w", "oth", "sonst", "or else"))
_JOINS = frozenset(("and", "land", "wedge", "und", ","))
_PAIRS = {"[": "]", "(": ")", "\\{": "\\}", "{": "}"}
_PUNCTUATION = (",", ".", ";", ":", "\\quad", "&")


def _is_relation(t: Token) -> bool:
    return t.text in _RELATIONS and t.kind in ("op", "cmd")


def says_a_condition(p: Parser, at: int) -> bool:
    """Whether the bracket at this token holds a relation that is in no other bracket."""
    opened = p.tokens[at] if at < len(p.tokens) else None
    if opened is None or opened.kind != "op" or opened.text not in _PAIRS:
        return False
    depth = 0
    for t in p.tokens[at:]:
        if t.kind == "op" and t.text in _PAIRS:
            depth += 1
        elif t.kind == "op" and t.text in _PAIRS.values():
            depth -= 1
            if not depth:
                return False
        elif depth <= 1 + (opened.text == "{") and _is_relation(t):
            return True
    return False


def indicator(p: Parser, start: int, opened: Token) -> Node:
    """The condition in the brackets here."""
    p.pos += 1
    p.deeper()
    p.open.append(_PAIRS[opened.text])
    made = (
        indicator(p, start, p.tokens[p.pos])
        if opened.text == "{" and p.at("\\{")
        else _condition(p, start, opened)
    )
    p.expect(_PAIRS[opened.text], opened)
    p.open.pop()
    p.depth -= 1
    return made


def _condition(p: Parser, start: int, t: Token) -> Node:
    """``z > 0``, ``0 < z \\le 1``, ``x > 0 \\text{ and } y > 0``."""
    made: Node | None = None
    while True:
        if p.at("(") and says_a_condition(p, p.pos):
            part = indicator(p, start, p.tokens[p.pos])
            return part if made is None else p.node("had", (made, part), start=start)
        left = p.expression()
        found = p.peek()
        if found is None or not _is_relation(found):
            raise SyntaxFault("a condition needs a relation, as in z > 0", (t.start, t.end))
        while (sign := p.peek()) is not None and _is_relation(sign):
            p.pos += 1
            right = p.expression()
            part = p.node("holds", (left, right), _RELATIONS[sign.text], start)
            made = part if made is None else p.node("had", (made, part), start=start)
            left = right
        nxt = p.peek()
        if nxt is None or nxt.text.strip().lower() not in _JOINS or (nxt.text == "," and not _goes_on(p)):
            assert made is not None
            return made
        p.pos += 1


def condition_or_value(p: Parser) -> Node:
    """An argument of a function; only in array code it may be a condition."""
    first = p.expression()
    sign = p.peek()
    if not p.numpy or sign is None or not _is_relation(sign) or sign.text == "=":
        return first
    p.pos += 1
    return p.node("holds", (first, p.expression()), _RELATIONS[sign.text])


def _goes_on(p: Parser) -> bool:
    """Whether another condition, and no words, stands behind the comma here."""
    for t in p.tokens[p.pos + 1 :]:
        if t.kind in ("remark", "text") or t.text in ("\\", "end", "&", "]", "\\}"):
            return False
        if _is_relation(t):
            return True
    return False


def open_cases(p: Parser) -> bool:
    """Whether ``\\{`` stands before rows that no ``\\}`` closes: ``\\left\\{ \\begin{array} … \\right.``"""
    if [t.text for t in p.tokens[p.pos + 1 : p.pos + 3]] != ["begin", "{"]:
        return False
    depth = 0
    for k, t in enumerate(p.tokens[p.pos + 1 :], p.pos + 1):
        if t.kind == "cmd":
            depth += (t.text == "begin") - (t.text == "end")
        if depth == 0:
            behind = [x.text for x in p.tokens[k + 1 :]]
            close = behind.index("}") + 1 if "}" in behind else 0
            return behind[close : close + 1] != ["\\}"]
    return False


def cases(p: Parser, t: Token) -> Node:
    """The rows up to ``\\end``, each a value and its condition."""
    parts: list[Node] = []
    other: Node | None = None
    p.open.append("\\end")
    while not p.at_cmd("end"):
        if len(parts) > 2 * MOST_CASES:
            raise SyntaxFault(f"more than {MOST_CASES} cases", (t.start, t.end))
        value = p.expression()
        words = _lead(p)
        if words in _OTHERWISE:
            if other is not None:
                raise SyntaxFault("two cases are for everything else", (t.start, t.end))
            other = value
        else:
            parts += [value, _condition(p, value.span[0] if value.span else t.start, t)]
        while p.at(*_PUNCTUATION):
            p.pos += 1
        if p.at_cmd("\\"):
            p.pos += 1
        elif not p.at_cmd("end"):
            found = p.peek()
            at = found or t
            shown = found.shown if found else "the end"
            raise SyntaxFault(f"{shown} is not expected in a case distinction", (at.start, at.end))
    p.open.pop()
    if not parts:
        raise SyntaxFault("a case distinction needs a condition", (t.start, t.end))
    if other is not None:
        parts.append(other)
    return p.node("cases", tuple(parts), start=t.start)


def _lead(p: Parser) -> str:
    """The words between a value and its condition: ``if``, or ``otherwise``.

    Raises:
        SyntaxFault: other words, or nothing.
    """
    said = ""
    apart = False
    while (t := p.peek()) is not None:
        if t.kind in ("remark", "text", "word") and t.text.strip(" .,:").lower() in _LEADING | _OTHERWISE:
            said = t.text.strip(" .,:").lower()
        elif t.kind == "op" and t.text in _PUNCTUATION:
            apart = True
        else:
            break
        p.pos += 1
    if not (said or apart):
        raise p.fault("a case needs its condition behind '&'")
    return said


def counted_indicator(p: Parser, t: Token) -> Node | None:
    """``1[z > 0]``, ``\\mathbf{1}_{z > 0}``, ``I(z > 0)``; None if it is something else."""
    at = p.pos + 1
    if at < len(p.tokens) and p.tokens[at].text == "_" and p.tokens[at].kind == "op":
        at += 1
    if not says_a_condition(p, at) or "I" in p.scope.kinds:
        return None
    opened = p.tokens[at]
    if at == p.pos + 1 and opened.text == "{":
        return None
    p.pos = at
    return indicator(p, t.start, opened)


def binomial(p: Parser, above: Node, below: Node, t: Token) -> Node:
    """``\\binom{n}{k}`` by its definition; for a small literal k it is a polynomial in n."""
    k = int(below.value) if below.op == "num" and below.value.denominator == 1 else None
    above.may_stand(8, above.span)
    below.may_stand(2, below.span)
    if k is not None and 0 <= k <= 8:
        made: Node = above if k else num(1)
        for i in range(1, k):
            made = p.node("mul", (made, p.node("add", (above, num(-i)), start=t.start)), "cdot", t.start)
        return made if k < 2 else p.node("div", (made, num(factorial(k))), start=t.start)
    rest = p.node("add", (above, p.node("neg", (below,), start=t.start)), start=t.start)
    bottom = p.node(
        "mul",
        (p.node("fact", (below,), start=t.start), p.node("fact", (rest,), start=t.start)),
        "cdot",
        t.start,
    )
    return p.node("div", (p.node("fact", (above,), start=t.start), bottom), start=t.start)
