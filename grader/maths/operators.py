"""Operators over an expression: fractions, derivatives, gradients, sums over an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import SyntaxFault
from grader.maths.alphabet import Token
from grader.maths.groups import group_or_tight, tight
from grader.maths.names import read_name
from grader.maths.tree import Node, num

if TYPE_CHECKING:
    from grader.maths.parser import Parser

__all__ = ["big_operator", "fraction", "nabla", "quotient", "slashed_derivative"]


def fraction(p: Parser, t: Token) -> Node:
    p.pos += 1
    derivative = _derivative(p)
    if derivative is not None:
        return derivative
    above = group_or_tight(p, t)
    below = group_or_tight(p, t)
    return p.node("div", (above, below), start=t.start)


def quotient(p: Parser, left: Node) -> Node:
    """What a slash divides by; ``parser`` says how ``a/2b`` is read."""
    negative = False
    while p.at("+", "-"):
        negative ^= p.take().text == "-"
    first = p.pos
    factors = p.chunk()
    below, rest = factors[0], factors[1:]
    glued = not any(_gap(p, i) or p.tokens[i].text in ("(", "[", "\\{") for i in range(first + 1, p.pos))
    if rest and glued and all(_plain_scalar(p, f) for f in factors):
        below, rest = p.product(factors), []
    if negative:
        below = p.node("neg", (below,))
    out = p.node("div", (left, below))
    for f in rest:
        out = p.node("mul", (out, f), "")
    return out


def _gap(p: Parser, i: int) -> bool:
    """A space before token i that the writer did not need (one after a command word is needed)."""
    t, before = p.tokens[i], p.tokens[i - 1]
    if not t.spaced:
        return False
    forced = before.kind == "cmd" and t.kind == "word" and t.start - before.end <= 1
    return not forced


def _plain_scalar(p: Parser, n: Node) -> bool:
    if n.op == "num" or n.op == "const":
        return True
    if n.op == "sym":
        return p.scope.kinds[n.value].scalar
    if n.op == "pow":
        return _plain_scalar(p, n.args[0]) and n.args[1].op == "num"
    return False


def _derivative(p: Parser) -> Node | None:
    """``\\frac{d}{d x}``, ``\\frac{\\partial^2 f}{\\partial x^2}``: None if this is a plain fraction."""
    save = p.pos
    opened = p.peek()
    if opened is None or opened.text != "{":
        return None
    first = p.peek(1)
    if first is None or not (
        (first.kind == "cmd" and first.text == "partial") or (first.kind == "word" and first.text == "d")
    ):
        return None
    start = p.tokens[p.pos - 1].start
    p.pos += 2
    order = _derivative_order(p)
    body: Node | None = None
    close = _group_end(p, save)
    if order is None:
        p.pos = save
        return None
    mark = first.text
    if close >= len(p.tokens) or not _below_is_derivative(p, close, mark):
        p.pos = save
        return None
    if p.pos < close - 1:
        body = p.expression()  # it may have cut up words
    p.expect("}", opened)
    below = p.take()
    t = p.take()
    if t.kind == "word" and t.text.startswith("d") and len(t.text) > 1:
        p.pos -= 1
        p.tokens[p.pos] = t._replace(text=t.text[1:], start=t.start + 1)
    wrt = read_name(p)
    indices: tuple[Node, ...] = ()
    if wrt.op == "idx" and wrt.args[0].op == "sym" and wrt.value != "row":
        wrt, indices = wrt.args[0], wrt.args[1:]
    if p.at("^"):
        p.pos += 1
        texts, end = p.group_texts()
        if texts != [str(order)]:
            raise p.fault("the order of the derivative differs above and below")
        p.leave(end, texts)
    elif order != 1:
        raise p.fault("the order of the derivative differs above and below")
    p.expect("}", below)
    if wrt.op != "sym" or (indices and order != 1):
        raise SyntaxFault("a derivative needs a declared name below", wrt.span)
    if body is None:
        body = _operand(p)
    out = p.node("deriv", (body,), (wrt.value, order), start)
    return p.node("idx", (out, *indices), "by", start) if indices else out


def _derivative_order(p: Parser) -> int | None:
    if not p.at("^"):
        return 1
    p.pos += 1
    texts, end = p.group_texts()
    if len(texts) == 1 and texts[0].isdigit() and 1 <= int(texts[0][:3]) <= 4:
        p.leave(end, texts)
        return int(texts[0])
    behind = p.tokens[end : end + 3]
    if (
        [t.text for t in behind[:2]] in (["}", "{"], ["/", "d"], ["/", "partial"])
        and len(texts) == 1
        and texts[0].isdigit()
        and behind[-1].text[:1] in ("d", "p")
        and sum(t.text == texts[0] for t in p.tokens[end : end + 8])
    ):
        raise SyntaxFault(
            f"a derivative of order {texts[0]} is not read; orders 1 to 4 are",
            (behind[0].start, behind[0].end),
        )
    return None


def _group_end(p: Parser, i: int) -> int:
    depth = 0
    while i < len(p.tokens):
        t = p.tokens[i]
        if t.kind == "op" and t.text in "{}":
            depth += 1 if t.text == "{" else -1
            if depth == 0:
                return i + 1
        i += 1
    return i


def _below_is_derivative(p: Parser, i: int, mark: str) -> bool:
    if p.tokens[i].text != "{" or i + 2 >= len(p.tokens):
        return False
    t, nxt = p.tokens[i + 1], p.tokens[i + 2]
    if mark == "partial":
        return t.kind == "cmd" and t.text == "partial"
    if t.kind != "word":
        return False
    return (t.text == "d" and nxt.text != "}" and nxt.text not in "^_+-*/") or (
        len(t.text) > 1 and t.text[0] == "d"
    )


def _operand(p: Parser) -> Node:
    """What an operator applies to: a bracket, else everything multiplied."""
    if p.at("(", "[", "\\{", "{"):
        return p.factor()
    return p.term()


def slashed_derivative(p: Parser) -> Node | None:
    """``∂/∂w f``, ``d/dη (…)``, ``∂²/∂η² f``: None if no such operator stands here."""
    save = p.pos
    t = p.take()
    order = _derivative_order(p)
    slash, below = p.peek(), p.peek(1)
    if order is None or slash is None or below is None or slash.text != "/" or below.text[:1] != t.text[:1]:
        p.pos = save
        return None
    if t.text == "d":
        if below.kind != "word" or (len(below.text) == 1 and _apart(p.peek(2))):
            p.pos = save
            return None
        if "d" in p.scope.kinds:
            raise SyntaxFault(
                "d is declared, so 'd/d' may be a quotient; write \\frac{\\partial}{\\partial …} or ∂/∂…",
                (t.start, below.end),
            )
    p.pos += 2
    if below.kind == "word" and len(below.text) > 1:
        p.pos -= 1
        p.tokens[p.pos] = below._replace(text=below.text[1:], start=below.start + 1)
    wrt = read_name(p)
    if order != 1:
        if not p.at("^"):
            raise SyntaxFault("the order of the derivative differs above and below", (t.start, below.end))
        p.pos += 1
        texts, end = p.group_texts()
        if texts != [str(order)]:
            raise SyntaxFault("the order of the derivative differs above and below", (t.start, below.end))
        p.leave(end, texts)
    if wrt.op != "sym":
        raise SyntaxFault("a derivative needs a declared name below", wrt.span)
    return p.node("deriv", (_operand(p),), (wrt.value, order), t.start)


def _apart(t: Token | None) -> bool:
    return t is None or t.spaced


def nabla(p: Parser, t: Token) -> Node:
    p.pos += 1
    if not p.at("_"):
        raise SyntaxFault("∇ needs to say by what it differentiates: \\nabla_w", (t.start, t.end))
    p.pos += 1
    if p.at("{"):
        opened = p.take()
        wrt = read_name(p)
        p.expect("}", opened)
    else:
        wrt = tight(p)
    if wrt.op != "sym":
        raise SyntaxFault("∇ needs a declared name", wrt.span)
    return p.node("deriv", (_operand(p),), (wrt.value, 1), t.start)


def big_operator(p: Parser, t: Token) -> Node:
    p.pos += 1
    index, lo, hi = "", None, None
    others: list[str] = []  # of \\sum_{i,j}
    for _ in range(2):
        if p.at("_"):
            p.pos += 1
            opened = p.take() if p.at("{", "(") else None
            _one_letter_each(p, opened)
            index = _index_name(p, t)
            if opened is None:
                continue
            while p.at(",") or (p.at_word() and not others):
                p.pos += p.at(",")
                others.append(_index_name(p, t))
            if p.at("="):
                p.pos += 1
                lo = p.expression()
            elif not p.at("}", ")"):
                raise SyntaxFault("the range of this sum is not 'i=1'", (t.start, t.end))
            p.expect("}" if opened.text == "{" else ")", opened)
        elif p.at("^"):
            p.pos += 1
            hi = p.bracketed() if p.at("(") else group_or_tight(p, t) if index else _upper(p, t)
    if not index:
        raise SyntaxFault(f"\\{t.text} without an index", (t.start, t.end))
    if lo is not None and hi is None:
        raise SyntaxFault(f"\\{t.text} without an upper limit", (t.start, t.end))
    indices = [index, *others]
    if len(set(indices)) < len(indices):
        raise SyntaxFault("one index of this sum stands there twice", (t.start, t.end))
    fresh = [i for i in indices if i not in p.bound]
    p.bound.update(indices)
    body = p.term()
    p.bound.difference_update(fresh)
    limits = () if hi is None else (lo if lo is not None else num(1), hi)
    for i in reversed(indices):
        body = p.node(t.text, (body, *limits), i, t.start)
    return body


def _upper(p: Parser, t: Token) -> Node:
    """The upper limit; in ``\\sum^n_{i=1}`` the subscript is the sum's, not n's."""
    limit, nxt = p.peek(), p.peek(1)
    if limit is not None and limit.kind in ("word", "cmd", "num") and nxt is not None and nxt.text == "_":
        braces = (limit._replace(kind="op", text=b, spaced=False) for b in "{}")
        p.tokens[p.pos : p.pos + 1] = [next(braces), limit, next(braces)]
    return group_or_tight(p, t)


def _one_letter_each(p: Parser, opened: Token | None) -> None:
    r"""``\\sum_ix_i`` runs over i; ``\\sum_{ij}`` over i and j."""
    w = p.peek()
    if w is None or w.kind != "word" or len(w.text) < 2 or (opened is None and p.infix):
        return
    behind = p.peek(1)
    if opened is not None and (len(w.text) > 2 or behind is None or behind.text not in ("}", ")")):
        return
    cut = w.start + 1
    p.tokens[p.pos : p.pos + 1] = [
        w._replace(text=w.text[0], end=cut),
        w._replace(text=w.text[1:], start=cut, spaced=False),
    ]


def _index_name(p: Parser, t: Token) -> str:
    w = p.peek()
    if w is None or w.kind not in ("word", "cmd") or (w.kind == "word" and len(w.text) > 1):
        raise SyntaxFault("the index of a sum is one letter", (t.start, t.end))
    p.pos += 1
    return w.text
