"""Functions with their arguments: ``\\log x``, ``np.linalg.inv(A)``, ``\\sigma'(z)``, ``O(n)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import SyntaxFault
from grader.maths.alphabet import Token
from grader.maths.brackets import norm_kind
from grader.maths.conditions import condition_or_value
from grader.maths.groups import group_or_tight
from grader.maths.printing import show_name
from grader.maths.tree import Node, num
from grader.maths.vocabulary import FUNCTIONS

if TYPE_CHECKING:
    from grader.maths.parser import Parser

__all__ = ["apply", "arguments", "big_o", "call", "function", "size_of"]

# functions of one argument; it may stand without brackets
_ONE = frozenset({
    "exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "atan", "asin", "acos", "sqrt",
    "abs", "sign", "sigmoid", "relu", "softplus", "tr", "det", "diag", "floor", "ceil", "trunc",
})  # fmt: skip


_RECIPROCALS = {"sec": "cos", "csc": "sin", "cot": "tan", "sech": "cosh", "csch": "sinh", "coth": "tanh"}
# their exponent −1 may be an inverse function or a reciprocal
_TWO_INVERSES = frozenset(_RECIPROCALS) | {"sinh", "cosh", "tanh", "exp", "log", "sigmoid", "softplus"}


def arguments(p: Parser) -> list[Node]:
    opened = p.take()
    p.open.append(")")
    args: list[Node] = []
    if not p.at(")"):
        while True:
            word, nxt = p.peek(), p.peek(1)
            if word is not None and word.kind == "word" and nxt is not None and nxt.text == "=":
                raise SyntaxFault(
                    f"the keyword {word.text!r} of a numpy call is not read", (word.start, word.end)
                )
            args.append(condition_or_value(p))
            if not p.at(",", ";"):
                break
            p.pos += 1
    p.expect(")", opened)
    p.open.pop()
    return args


def function(p: Parser, name: str) -> Node:
    """A well-known function with its argument: ``\\log x``, ``inv(A)``, ``\\sin^2 x``."""
    t = p.take()
    exponent: Node | None = None
    base: str | None = None
    if name == "log" and t.kind == "word" and _glued_base(p):
        base = p.take().text  # np.log10(x)
    while p.at("^", "_"):
        mark = p.take()
        if mark.text == "_" and name == "log":
            base = "".join(p.group_texts()[0])
            texts, end = p.group_texts()
            p.leave(end, texts)
        elif mark.text == "^":
            texts, end = p.group_texts()
            if texts == ["-", "1"] and name in ("sin", "cos", "tan"):
                name = "a" + name
                p.leave(end, texts)
            elif texts == ["-", "1"] and name in _TWO_INVERSES:
                raise SyntaxFault(
                    f"{t.text}^(-1) may be the inverse function or 1/{t.text}; write it out",
                    (t.start, p.tokens[end - 1].end),
                )
            else:
                exponent = group_or_tight(p, t)
        else:
            raise SyntaxFault(f"a subscript behind {t.text}", (mark.start, mark.end))
    primed = name in _PRIMES and exponent is None and p.at("'")
    if primed:
        p.pos += 1
    if p.at("("):
        args = arguments(p)
    elif p.at("[", "\\{", "{"):
        args = [p.factor_without_power()]
        if name in ("max", "min") and args[0].op == "list":
            args = list(args[0].args)
        elif name in ("inner", "outer", "dot") and p.at("{"):  # \\inner{a}{b}
            args.append(p.factor_without_power())
    elif name in _ONE or name in _RECIPROCALS or name in ("max", "min", "rank"):
        args = [p.product(_function_chunk(p))]
    else:
        raise SyntaxFault(f"{t.text} needs its argument in brackets", (t.start, t.end))
    node = call(p, name, args, t)
    if primed:
        return _derived(p, name, node, t.start)
    if base is not None and base != "e":
        if not base.isdigit():
            raise SyntaxFault(f"the base {base!r} of a logarithm is not a number", (t.start, t.end))
        node = p.node("div", (node, p.node("func", (num(base),), "log")), start=t.start)
    return node if exponent is None else p.node("pow", (node, exponent), start=t.start)


_PRIMES = frozenset(("exp", "sin", "cos", "tanh", "sigmoid", "softplus"))


def _derived(p: Parser, name: str, node: Node, start: int) -> Node:
    """``\\tanh'(x)`` from ``\\tanh(x)``, entry by entry."""
    inner = node.args[0]
    if name == "exp":
        return node
    if name in ("sin", "softplus"):
        return p.node("func", (inner,), "cos" if name == "sin" else "sigmoid", start)
    if name == "cos":
        return p.node("neg", (p.node("func", (inner,), "sin", start),), start=start)
    if name == "tanh":
        square = p.node("had", (node, node), start=start)
        return p.node("add", (num(1), p.node("neg", (square,), start=start)), start=start)
    rest = p.node("add", (num(1), p.node("neg", (node,), start=start)), start=start)
    return p.node("had", (node, rest), start=start)


def _glued_base(p: Parser) -> bool:
    """Whether ``2(`` or ``10(`` stands right behind a name."""
    number, opened = p.peek(), p.peek(1)
    return (
        number is not None
        and number.text in ("2", "10")
        and not number.spaced
        and opened is not None
        and opened.text == "("
        and not opened.spaced
    )


def _function_chunk(p: Parser) -> list[Node]:
    factors = [p.factor()]
    while p.starts_factor() and not p.at("(", "[", "\\{"):
        t = p.peek()
        assert t is not None
        if (
            t.kind == "num"
            or (t.kind == "cmd" and t.text in FUNCTIONS)
            or (t.kind == "word" and t.text in FUNCTIONS)
        ):
            break
        factors.append(p.factor())
    return factors


def apply(p: Parser, key: str, start: int) -> Node:
    """A declared function: ``\\sigma(z)``, ``f'(x)``; its argument may stand without brackets."""
    name, said = (start, p.tokens[p.pos - 1].end), show_name(key)
    order = 0
    power: Node | None = None
    while p.at("'", "''"):
        order += len(p.take().text)
    if p.at("^"):
        mark = p.take()
        texts, end = p.group_texts()
        if texts and all(x == "'" for x in texts):
            order += len(texts)
        elif texts == ["(", "1", ")"]:
            order += 1
        elif len(texts) == 1 and texts[0].isdigit() and 1 < int(texts[0][:3]) < 10:
            power = num(texts[0], (mark.start, p.tokens[end - 1].end))  # as in \\sin^2(x)
        else:
            raise SyntaxFault(
                f"the exponent of the function {said} stands behind its argument: {said}(…)^…",
                (mark.start, p.tokens[end - 1].end),
            )
        p.leave(end, texts)
    if p.at("("):
        args = arguments(p)
    elif p.at("[", "\\{", "{"):
        args = [p.factor_without_power()]
    elif p.starts_factor():
        args = [p.factor()]
    else:
        raise SyntaxFault(f"the function {said} needs its argument, {said}(…)", name)
    if len(args) != 1:
        raise SyntaxFault(f"the function {said} takes one argument and got {len(args)}", (start, start + 1))
    made = p.node("apply", (args[0],), (key, order), start)
    return made if power is None else p.node("pow", (made, power), start=start)


def big_o(p: Parser, t: Token) -> Node:
    """``O(…)``."""
    p.pos += 1
    args = arguments(p)
    if len(args) != 1:
        raise SyntaxFault("O(…) takes one argument", (t.start, t.end))
    return p.node("order", (args[0],), start=t.start)


def size_of(p: Parser, node: Node, axis: int, t: Token) -> Node:
    """``len(X)``, ``X.shape[1]``: the declared size; a one-dimensional array has only one."""
    turned = node.op == "T"
    inner = node.args[0] if turned else node
    shape = p.scope.kinds[inner.value].shape if inner.op == "sym" else None
    if shape is None:
        raise SyntaxFault("only a declared vector or matrix has a size", (t.start, t.end))
    if shape[1] == 1 and (axis not in (0, -1) or (turned and t.text != ".shape")):
        raise SyntaxFault("a vector has one size, .shape[0]", (t.start, t.end))
    size = shape[0] if shape[1] == 1 else (shape[::-1] if turned else shape)[axis]
    return num(size, (t.start, t.end)) if isinstance(size, int) else Node("sym", (), size, (t.start, t.end))


def call(p: Parser, name: str, args: list[Node], t: Token) -> Node:
    """A well-known function applied to arguments, as the tree writes it."""
    start = t.start
    count = len(args)

    def want(*numbers: int) -> None:
        if count not in numbers:
            expected = " or ".join(map(str, numbers))
            raise SyntaxFault(
                f"{t.text} takes {expected} argument{'s' * (numbers != (1,))} and got {count}",
                (t.start, t.end),
            )

    if name == "diag" and count > 1:
        args, count = [p.node("matrix", tuple(args), (count, 1, True), start)], 1
    if name in _RECIPROCALS:
        want(1)
        return p.node("div", (num(1), p.node("func", (args[0],), _RECIPROCALS[name], start)), start=start)
    if name in _ONE:
        want(1)
        return p.node("func", (args[0],), name, start)
    if name in ("inv", "pinv"):
        want(1)
        return p.node(name, (args[0],), start=start)
    if name == "len":
        want(1)
        return size_of(p, args[0], 0, t)
    if name == "transpose":
        want(1)
        return p.node("T", (args[0],), start=start)
    if name == "norm":
        want(1, 2)
        kind = norm_kind(p)
        if count == 2:
            if args[1].op != "num" or args[1].value not in (1, 2):
                raise SyntaxFault("the second argument of norm is 1 or 2", (t.start, t.end))
            kind = str(args[1].value)
        return p.node("norm", (args[0],), kind, start)
    if name == "dot":
        want(2)
        return p.node("mul", (args[0], args[1]), "dot", start)
    if name == "solve":  # np.linalg.solve(A, b)
        want(2)
        return p.node("mul", (p.node("inv", (args[0],)), args[1]), "", start)
    if name == "outer":
        want(2)
        return p.node("mul", (args[0], p.node("T", (args[1],))), "outer", start)
    if name in ("mod", "floordiv"):
        want(2)
        if name == "mod":
            return p.node("mod", (args[0], args[1]), start=start)
        return p.node("func", (p.node("div", (args[0], args[1])),), "floor", start)
    if name == "inner":
        want(2)
        return p.node("inner", (args[0], args[1]), start=start)
    if name == "had":
        want(2)
        return p.node("had", (args[0], args[1]), start=start)
    if name == "square":
        want(1)
        args[0].may_stand(2, args[0].span)
        return p.node("had", (args[0], args[0]), start=start)
    if name in ("sumall", "mean"):
        want(1)
        return p.node("func", (args[0],), name, start)
    if name == "where":
        want(3)
        if args[0].op != "holds":
            raise SyntaxFault(f"{t.text} needs a condition first, as in z > 0", (t.start, t.end))
        return p.node("cases", (args[1], args[0], args[2]), start=start)
    if name in ("softmax", "logsumexp"):
        want(1)
        args[0].may_stand(2, args[0].span)
        each = p.node("func", (args[0],), "exp", start)
        total = p.node("func", (each,), "sumall", start)
        if name == "softmax":
            return p.node("div", (each, total), start=start)
        return p.node("func", (total,), "log", start)
    if name in ("max", "min"):
        if count == 1:
            return p.node("func", (args[0],), name, start)
        return p.node(name, tuple(args), start=start)
    if name == "array":
        want(1)
        return args[0]
    if name in ("eye", "ones", "zeros"):
        want(1)
        a = args[0]
        if a.op == "num" and a.value.denominator == 1 and 0 < a.value < 1000:
            return p.node(name, (), int(a.value), start)
        if a.op == "sym" and p.scope.kinds[a.value].sort in ("dim", "integer"):
            return p.node(name, (), a.value, start)
        raise SyntaxFault(f"the size in {t.text}(…) is not a declared size", (t.start, t.end))
    if name in ("power", "divide", "subtract", "plus"):
        want(2)
        if name == "subtract":
            return p.node("add", (args[0], p.node("neg", (args[1],))), start=start)
        how = "**" if name == "power" else None  # on entries
        return p.node({"power": "pow", "divide": "div", "plus": "add"}[name], (args[0], args[1]), how, start)
    raise SyntaxFault(f"the function {t.text} is not known here", (t.start, t.end))
