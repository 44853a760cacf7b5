"""What stands behind a factor: powers, transposes, primes, ``.T``, indices; and TeX's single tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import SyntaxFault, UnknownSymbolFault
from grader.maths.alphabet import Token
from grader.maths.brackets import norm_kind
from grader.maths.functions import arguments, call, size_of
from grader.maths.groups import tight
from grader.maths.tree import Node, num

if TYPE_CHECKING:
    from grader.maths.parser import Parser

__all__ = ["postfix"]

_TRANSPOSE = ("T", "top", "transpose", "trans")
_METHODS = {
    ".dot": "dot",
    ".sum": "sumall",
    ".mean": "mean",
    ".transpose": "transpose",
    ".trace": "tr",
    ".norm": "norm",
    ".max": "max",
    ".min": "min",
    ".pow": "power",
    ".square": "square",
    ".t": "transpose",
    ".inverse": "inv",
    ".pinverse": "pinv",
    ".matmul": "dot",
    ".exp": "exp",
    ".log": "log",
    ".sqrt": "sqrt",
    ".abs": "abs",
    ".outer": "outer",
    ".multiply": "had",
}


def postfix(p: Parser, node: Node) -> Node:
    while True:
        t = p.peek()
        if t is None or t.kind not in ("op", "cmd"):
            return node
        if t.kind == "cmd":
            if t.text in ("dagger",) and not t.spaced:
                p.pos += 1
                node = p.node("pinv", (node,))
                continue
            if t.text == "top" and not t.spaced and p.infix:
                p.pos += 1
                node = p.node("T", (node,))
                continue
            return node
        if t.text in ("^", "**"):
            p.pos += 1
            node = power(p, node, t)
        elif t.text in ("'", "''"):
            p.pos += 1
            for _ in t.text:
                node = _transposed(p, node, "'", None)
        elif t.text == ".shape" and p.numpy:
            p.pos += 1
            node = shape_entry(p, node, t)
        elif t.text in (".T", ".mT"):
            p.pos += 1
            node = p.node("T", (node,))
        elif t.text in (".I",):
            p.pos += 1
            node = p.node("inv", (node,))
        elif t.text in _METHODS and (nxt := p.peek(1)) is not None and nxt.text == "(":
            p.pos += 1
            args = arguments(p)
            node = call(p, _METHODS[t.text], [node, *args], t)
        elif t.text == "[" and node.op == "sym" and not rough_scalar(p, node) and _is_index(p):
            raise SyntaxFault(
                "square brackets behind a vector may hold an index, counted from 0 or from 1, or a factor; "
                "write an index as a subscript, x_1",
                (t.start, t.end),
            )
        elif t.text == "!":
            p.pos += 1
            node = p.node("fact", (node,))
        elif t.text == "%" and node.op == "num":
            p.pos += 1
            if p.starts_factor():
                raise SyntaxFault("a percentage or a remainder? Write it with a fraction", (t.start, t.end))
            node = num(node.value / 100, (node.span[0] if node.span else t.start, t.end))
        elif t.text == "_":
            if node.op == "norm" and node.value == "2" and p.tokens[p.pos - 1].text == "}":
                node = p.node("norm", node.args, norm_kind(p))  # {\\|a\\|}_1
                continue
            p.pos += 1
            node = subscript_of(p, node, t)
        else:
            return node


def _is_index(p: Parser) -> bool:
    """Whether the square brackets here hold numbers, bound indices and colons only."""
    for k in range(1, 9):
        t = p.peek(k)
        if t is None or t.text == "]":
            return t is not None and k > 1
        if not (t.kind == "num" or t.text in p.bound or t.text in (",", ":", "-")):
            return False
    return False


def shape_entry(p: Parser, node: Node, t: Token) -> Node:
    """``X.shape[0]``."""
    inner = [x.text for x in p.tokens[p.pos : p.pos + 4]]
    if inner[:1] != ["["] or "]" not in inner:
        raise SyntaxFault("write which size is meant: .shape[0] or .shape[1]", (t.start, t.end))
    p.pos += inner.index("]") + 1
    axis = {"0": 0, "1": 1, "-1": -1, "-2": -2}.get("".join(inner[1 : inner.index("]")]))
    if axis is None:
        raise SyntaxFault("write which size is meant: .shape[0] or .shape[1]", (t.start, t.end))
    return size_of(p, node, axis, t)


def power(p: Parser, base: Node, caret: Token) -> Node:
    t = p.peek()
    if t is None:
        raise SyntaxFault("a power without an exponent", (caret.start, caret.end))
    start = base.span[0] if base.span else caret.start
    if caret.text == "^":
        inner = p.group_texts()
        special = special_power(p, base, inner)
        if special is not None:
            return special
    if t.text == "{" and t.kind == "op":
        p.pos += 1
        exponent = p.expression()
        p.expect("}", t)
    elif t.kind == "op" and t.text in "+-":
        negative = p.take().text == "-"
        exponent = p.factor() if p.infix else tight(p)
        if negative:
            exponent = p.node("neg", (exponent,))
    elif p.infix:
        exponent = p.factor()
    else:
        exponent = tight(p)
    elementwise = "**" if p.numpy and caret.text == "**" else None
    return p.node("pow", (base, exponent), elementwise, start)


def special_power(p: Parser, base: Node, group: tuple[list[str], int]) -> Node | None:
    texts, end = group
    start = base.span[0] if base.span else None
    made: Node | None = None
    first = texts[0] if texts else ""
    if len(texts) == 1:
        if first in _TRANSPOSE and not (first == "T" and "T" in p.scope.kinds and rough_scalar(p, base)):
            p.leave(end, texts)
            return _transposed(p, base, first, start)
        if first in ("+", "dagger"):
            if first == "+" and _only_scalars(p, base):
                t = p.tokens[p.pos]
                raise SyntaxFault(
                    "of a number '+' may be its positive part; write max(0, …)", (t.start, t.end)
                )
            p.leave(end, texts)
            return p.node("pinv", (base,), start=start)
        if first == "'":
            p.leave(end, texts)
            return _transposed(p, base, first, start)
        if first in ("*", "star"):
            t = p.tokens[p.pos]
            raise SyntaxFault(
                "a star is part of a name; it cannot stand behind an expression", (t.start, t.end)
            )
    elif len(texts) == 2:
        if texts == ["-", "1"]:
            p.leave(end, texts)
            return p.node("inv", (base,), start=start)
        if first == "-" and texts[1] in _TRANSPOSE:
            p.leave(end, texts)
            made = p.node("inv", (base,), start=start)
            return p.node("T", (made,), start=start)
        if first in ("odot", "circ") and texts[1].isdigit() and 1 < int(texts[1]) < 9:
            p.leave(end, texts)
            made = base
            base.may_stand(int(texts[1]), base.span)
            for _ in range(int(texts[1]) - 1):
                made = p.node("had", (made, base), start=start)
            return made
    return None


def _transposed(p: Parser, base: Node, mark: str, start: int | None) -> Node:
    """The transpose; of plain scalars it says nothing, so that something else was meant."""
    if base.op == "list":
        raise SyntaxFault("a set has no transpose; write a vector in round or square brackets", base.span)
    if _only_scalars(p, base):
        if base.op == "num" and base.value == 0:
            return base
        last = p.tokens[p.pos - 1]
        span = (base.span[0] if base.span else last.start, last.end)
        if base.op == "num" and base.value == 1:
            raise SyntaxFault("the vector of ones is written \\mathbf{1}", span)
        if mark == "T":
            raise UnknownSymbolFault("a scalar to the power T: T is not declared", span, "T")
        raise SyntaxFault("a scalar has no transpose and no derivative here", span)
    return p.node("T", (base,), start=start)


def _only_scalars(p: Parser, n: Node) -> bool:
    if n.op in ("num", "const", "var"):
        return True
    if n.op in ("sym", "idx"):
        return rough_scalar(p, n)
    return bool(n.args) and n.op not in ("matrix", "apply") and all(_only_scalars(p, a) for a in n.args)


def rough_scalar(p: Parser, n: Node) -> bool:
    """Whether an expression is a scalar, as far as its names tell before shapes are worked out."""
    if n.op in ("num", "const", "norm", "inner", "var"):
        return True
    if n.op == "sym":
        return p.scope.kinds[n.value].scalar
    if n.op in ("ones", "eye", "matrix", "zeros"):
        return False
    if n.op == "idx":
        if any(i.op == "all" for i in n.args[1:]):
            return False
        return len(n.args) == 3 or (n.value != "row" and not _matrix_like(p, n.args[0]))
    if n.op == "mul" and not any(rough_scalar(p, a) for a in n.args):
        a, b = n.args
        return a.op == "T" and b.op != "T" and not _matrix_like(p, a) and not _matrix_like(p, b)
    return all(rough_scalar(p, a) for a in n.args) if n.args else False


def _matrix_like(p: Parser, n: Node) -> bool:
    if n.op == "sym":
        shape = p.scope.kinds[n.value].shape
        return shape is not None and shape[1] != 1
    return any(_matrix_like(p, a) for a in n.args[:1])


def subscript_of(p: Parser, node: Node, mark: Token) -> Node:
    """An entry of a bracketed expression: ``(Xw)_i``."""
    texts, end = p.group_texts()
    if texts == ["+"]:  # (z)_+
        p.leave(end, texts)
        return p.node("func", (node,), "relu")
    indices = [x for x in texts if x != ","]
    if len(indices) == 1 and len(indices[0]) == 2 and all(c in p.bound for c in indices[0]):
        indices = list(indices[0])
    out = [p.index_node(x, mark) for x in indices]
    if not 1 <= len(out) <= 2:
        raise SyntaxFault("this subscript is not an index", (mark.start, mark.end))
    p.leave(end, texts)
    return p.node("idx", (node, *out))
