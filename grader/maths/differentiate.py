"""Derivatives of elaborated trees along a direction: d f(x + s·v)/ds at s = 0.

Every rule is the textbook differential of a matrix expression, d(AB) = dA B + A dB,
d(A⁻¹) = −A⁻¹ dA A⁻¹, d‖v‖ = vᵀdv/‖v‖ and so on. ``None`` stands for zero.
"""

from __future__ import annotations

from grader.errors import LimitFault, SyntaxFault
from grader.maths.exactness import whole
from grader.maths.scope import Scope
from grader.maths.tree import Node, Shape, num

__all__ = ["differentiate"]


MAX_NODES = 20_000  # of one derivative


def differentiate(n: Node, name: str, direction: Node, scope: Scope) -> Node | None:
    """The derivative of ``n`` when the symbol ``name`` moves along ``direction`` (of its shape).

    Raises:
        SyntaxFault: something that has no derivative here (``max``, a factorial …).
        LimitFault: a derivative far longer than anybody writes.
    """
    return _Derivative(name, direction, scope).of(n)


class _Derivative:
    def __init__(self, name: str, direction: Node, scope: Scope) -> None:
        self.name = name
        self.direction = direction
        self.scope = scope
        self.known: dict[int, tuple[Node, Node | None]] = {}  # by identity: trees share their parts
        self.count = 0

    def of(self, n: Node) -> Node | None:
        found = self.known.get(id(n))
        if found is not None:
            return found[1]
        self.count += 1
        if self.count > MAX_NODES:
            raise LimitFault("this derivative is too long", n.span)
        out = self._of(n)
        self.known[id(n)] = (n, out)
        return out

    def _of(self, n: Node) -> Node | None:
        d, name, direction, scope = self.of, self.name, self.direction, self.scope
        op, args = n.op, n.args
        if op == "sym":
            if n.value == name:
                return direction
            inner = scope.define.get(n.value)
            return d(inner) if inner is not None else None
        if not args:
            return None
        if op in ("add", "neg", "T", "matrix", "idx"):
            parts = [d(a) for a in (args[:1] if op == "idx" else args)]
            if all(p is None for p in parts):
                return None
            if op == "add":
                terms = tuple(p for p in parts if p is not None)
                return terms[0] if len(terms) == 1 else Node("add", terms, None, n.span, n.shape)
            if op == "matrix":
                return Node(op, tuple(p or num(0) for p in parts), n.value, n.span, n.shape)
            rest = args[1:] if op == "idx" else ()
            assert parts[0] is not None
            return Node(op, (parts[0], *rest), n.value, n.span, n.shape)
        if op in ("mul", "scale", "dot", "had"):
            a, b = args
            da, db = d(a), d(b)
            return _plus(
                Node(op, (da, b), None, n.span, n.shape) if da is not None else None,
                Node(op, (a, db), None, n.span, n.shape) if db is not None else None,
            )
        if op == "div":
            a, b = args
            da, db = d(a), d(b)
            first = Node("div", (da, b), None, n.span, n.shape) if da is not None else None
            second = None
            if db is not None:
                factor = Node("div", (db, _times(b, b)), None, n.span, None)
                second = _neg(_scaled(factor, a))
            return _plus(first, second)
        if op == "pow":
            base, exponent = args
            k = whole(exponent)
            if base.op == "norm" and base.value == "2" and k is not None and k % 2 == 0:
                return _square_norm_power(base, k, d(base.args[0]))
            if base.op == "func" and base.value == "abs" and base.shape is None and k and k % 2 == 0:
                return d(Node("pow", (base.args[0], exponent), None, n.span, None))  # |u|² = u²
            db, de = d(base), d(exponent)
            first = None
            if db is not None:
                lower = Node("add", (exponent, num(-1)), None, n.span, None)
                first = _times(_times(exponent, Node("pow", (base, lower), None, n.span, None)), db)
            second = None
            if de is not None:
                second = _times(_times(n, Node("func", (base,), "log", n.span, None)), de)
            return _plus(first, second)
        if op == "inv":
            da = d(args[0])
            if da is None:
                return None
            left = Node("dot", (n, da), None, n.span, n.shape)
            return _neg(Node("dot", (left, n), None, n.span, n.shape))
        if op == "norm" and n.value == "2":
            (v,) = args
            dv = d(v)
            if dv is None:
                return None
            assert v.shape is not None
            product = Node("had", (v, dv), None, n.span, v.shape)
            return Node("div", (Node("func", (product,), "sumall", n.span, None), n), None, n.span, None)
        if op == "func":
            return _function(n, d(args[0]))
        if op == "apply":
            da = d(args[0])
            if da is None:
                return None
            outer = Node("apply", args, (n.value[0], n.value[1] + 1), n.span, n.shape)
            return _elementwise(outer, da)
        if op == "sum":
            body = d(args[0])
            return None if body is None else Node("sum", (body, *args[1:]), n.value, n.span, n.shape)
        if op == "deriv":
            raise SyntaxFault("a derivative inside a derivative is not read here", n.span)
        if all(d(a) is None for a in args):
            return None
        raise SyntaxFault(f"the derivative of {op} is not known", n.span)


def _square_norm_power(norm: Node, k: int, dv: Node | None) -> Node | None:
    """d‖v‖ᵏ = k ‖v‖ᵏ⁻² vᵀdv for even k: no root is taken, so it stays rational."""
    if dv is None:
        return None
    (v,) = norm.args
    span = norm.span
    product = Node("func", (Node("had", (v, dv), None, span, v.shape),), "sumall", span, None)
    factor = _times(num(k), Node("pow", (norm, num(k - 2)), None, span, None)) if k != 2 else num(k)
    return _times(factor, product)


def _function(n: Node, da: Node | None) -> Node | None:
    if da is None:
        return None
    (a,) = n.args
    name, shape, span = n.value, n.shape, n.span

    def f(fname: str, arg: Node = a) -> Node:
        return Node("func", (arg,), fname, span, arg.shape)

    if name in ("tr", "sumall", "mean", "diag"):
        return Node("func", (da,), name, span, shape)
    if name == "det":
        inverse = Node("inv", (a,), None, span, a.shape)
        return _times(n, Node("func", (Node("dot", (inverse, da), None, span, a.shape),), "tr", span, None))
    if a.shape is not None and name not in ("exp", "sigmoid", "sin", "cos", "tanh"):
        raise SyntaxFault(f"the derivative of {name} of a vector is not known", span)
    if name == "exp":
        outer: Node = n
    elif name == "log":
        outer = Node("div", (num(1), a), None, span, None)
    elif name == "abs":
        outer = Node("div", (a, n), None, span, None)  # the sign, where u is not 0
    elif name == "sin":
        outer = f("cos")
    elif name == "cos":
        outer = _neg(f("sin")) or n
    elif name == "sqrt":
        outer = Node("div", (num(1), _times(num(2), n)), None, span, None)
    elif name in ("sigmoid", "tanh"):
        square = Node("had", (n, n), None, span, shape) if shape is not None else _times(n, n)
        if name == "sigmoid":
            outer = Node("add", (n, _neg(square) or n), None, span, shape)
        else:
            one: Node = (
                num(1)
                if shape is None
                else Node("func", (Node("zeros", (), shape[0], span, shape),), "exp", span, shape)
            )
            outer = Node("add", (one, _neg(square) or n), None, span, shape)
    elif name == "tan":
        outer = Node("div", (num(1), _times(f("cos"), f("cos"))), None, span, None)
    else:
        raise SyntaxFault(f"the derivative of {name} is not known", span)
    return _elementwise(outer, da)


def _elementwise(outer: Node, inner: Node) -> Node:
    if outer.shape is None:
        return _times(outer, inner) if inner.shape is None else _scaled(outer, inner)
    return Node("had", (outer, inner), None, outer.span, outer.shape)


def _times(a: Node, b: Node) -> Node:
    return Node("mul", (a, b), None, a.span, None)


def _scaled(factor: Node, a: Node) -> Node:
    shape: Shape = a.shape
    return Node("mul" if shape is None else "scale", (factor, a), None, a.span, shape)


def _neg(a: Node | None) -> Node | None:
    return None if a is None else Node("neg", (a,), None, a.span, a.shape)


def _plus(a: Node | None, b: Node | None) -> Node | None:
    if a is None or b is None:
        return a or b
    return Node("add", (a, b), None, a.span, a.shape)
