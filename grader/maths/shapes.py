"""Shapes: every node gets one, every product is resolved, before anything is evaluated.

Two dimension names are never taken to be equal. Identity matrices and vectors of ones whose size is
not written get it from their neighbours. After ``elaborate`` the tree holds only these products:
``mul`` (two scalars), ``scale`` (scalar × matrix), ``dot`` (matrix product), ``had``.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.errors import ShapeFault, SyntaxFault
from grader.maths.elementwise import ELEMENTWISE, is_elementwise, logistic
from grader.maths.exactness import constant, whole_exponent
from grader.maths.products import (
    STRICT,
    Leniency,
    Products,
    Unknown,
    derivative_shape,
    find,
    is_one,
    shape_text,
    unify,
    unknown_both,
)
from grader.maths.scope import Scope
from grader.maths.tree import ANY_SIZE, POWER, Dim, Node, Shape, num

__all__ = ["Leniency", "elaborate", "shape_text"]


def elaborate(node: Node, scope: Scope, leniency: Leniency | None = None, wanted: Shape = None) -> Node:
    """A copy of ``node`` with shapes. ``wanted`` is the shape of an I or 1 whose size nothing else tells.

    Raises:
        ShapeFault: matrices that do not fit, with the place.
        SyntaxFault: a construct that has no meaning here.
    """
    e = _Elaborator(scope, leniency or STRICT)
    try:
        out = e.visit(node)
    except ShapeFault as fault:
        fault.tree = node
        raise
    if e.unknowns:
        if wanted is not None and out.shape is not None:
            for mine, other in zip(out.shape, wanted, strict=True):
                unify(mine, other)
        out = _finish(out)
    return out


def _finish(n: Node) -> Node:
    args = tuple(_finish(a) for a in n.args)
    shape = n.shape
    if shape is not None:
        shape = (find(shape[0]), find(shape[1]))
        if isinstance(shape[0], Unknown) or isinstance(shape[1], Unknown):
            name = {"eye": "the identity", "ones": "the vector of ones"}.get(n.op, "a factor")
            raise ShapeFault(
                f"the size of {name} cannot be told from what stands around it; write it as a subscript",
                n.span,
            )
    return Node(n.op, args, n.value, n.span, shape)


class _Elaborator(Products):
    def __init__(self, scope: Scope, leniency: Leniency) -> None:
        super().__init__(leniency)
        self.scope = scope
        self.unknowns = False

    def visit(self, n: Node) -> Node:
        method = _SHAPED.get(n.op)
        if method is None:
            raise SyntaxFault(f"{n.op} has no meaning here", n.span)
        return method(self, n)

    def _same(self, n: Node, args: tuple[Node, ...], shape: Shape) -> Node:
        return Node(n.op, args, n.value, n.span, shape)

    # --- leaves -----------------------------------------------------------------------------------

    def _num(self, n: Node) -> Node:
        return n

    _const = _var = _num

    def _sym(self, n: Node) -> Node:
        kind = self.scope.kinds[n.value]
        if kind.sort == "function":
            raise SyntaxFault(f"the function {n.value} needs its argument", n.span)
        return Node("sym", (), n.value, n.span, kind.shape)

    def _size(self, value: object) -> Dim:
        if value is None:
            self.unknowns = True
            return Unknown()
        return value

    def _ones(self, n: Node) -> Node:
        return self._same(n, (), (self._size(n.value), 1))

    _zeros = _ones

    def _eye(self, n: Node) -> Node:
        d = self._size(n.value)
        return self._same(n, (), (d, d))

    def _matrix(self, n: Node) -> Node:
        args = tuple(self.visit(a) for a in n.args)
        for a in args:
            if a.shape is not None:
                raise ShapeFault(
                    f"an entry of this matrix is {shape_text(a.shape)}; entries are scalars", a.span
                )
        r, c, _flat = n.value
        return self._same(n, args, (r, c))

    # --- sums ---------------------------------------------------------------------------------------

    def _add(self, n: Node) -> Node:
        args = [self.visit(a) for a in n.args]
        shaped = [a for a in args if a.shape is not None]
        if not shaped:
            return self._same(n, tuple(args), None)
        args = [a for a in args if not (a.op == "num" and a.value == 0)]
        args = self.orient(self._ones_written_1(args))
        first = args[0]
        for a in args[1:]:
            self.fit(first, a, "add")
        if len(args) == 1:
            return args[0]
        return self._same(n, tuple(args), first.shape)

    def _ones_written_1(self, args: list[Node]) -> list[Node]:
        """``1 − σ(z)`` of a vector z: everybody means a vector of ones."""
        if not any(a.op == "num" and a.value == 1 for a in args):
            return args
        first = next(a for a in args if a.shape is not None)
        if not any(x.shape is not None and self._is_elementwise(x) for a in args for x in a.walk()):
            return args
        return [
            Node("ones", (), None, a.span, first.shape) if a.op == "num" and a.value == 1 else a for a in args
        ]

    def _is_elementwise(self, n: Node) -> bool:
        """A function of a vector entry by entry, or a name that is defined as one."""
        if n.op == "sym" and n.value in self.scope.define:
            return any(is_elementwise(x) for x in self.scope.define[n.value].walk())
        return is_elementwise(n)

    def _neg(self, n: Node) -> Node:
        a = self.visit(n.args[0])
        return self._same(n, (a,), a.shape)

    # --- products -------------------------------------------------------------------------------------

    def _mul(self, n: Node) -> Node:
        if n.value not in ("", "cdot", "times"):
            return self.pair(self.visit(n.args[0]), self.visit(n.args[1]), n.value, n.span)
        chain: list[tuple[Node, str]] = []
        node = n
        while node.op == "mul" and node.value in ("", "cdot", "times"):
            chain.append((node.args[1], node.value))
            node = node.args[0]
        chain.append((node, ""))
        chain.reverse()
        parts = [(self.visit(a), how) for a, how in chain]
        out = parts[0][0]
        for k, (b, how) in enumerate(parts[1:], 1):
            try:
                out = self.pair(out, b, how, n.span)
            except ShapeFault:
                regrouped = self.regroup([x for x, _ in parts])
                if regrouped is None:
                    raise
                return regrouped
            del k
        return out

    def _had(self, n: Node) -> Node:
        a, b = self.orient([self.visit(n.args[0]), self.visit(n.args[1])])
        if a.shape is None and b.shape is None:
            return Node("mul", (a, b), None, n.span, None)
        if a.shape is None or b.shape is None:
            made = self.conform(a, b, n.span)
            assert made is not None
            return made
        self.fit(a, b, "multiply elementwise")
        return self._same(n, (a, b), a.shape)

    def _inner(self, n: Node) -> Node:
        a, b = self.orient([self.visit(n.args[0]), self.visit(n.args[1])])
        if a.shape is None and b.shape is None:
            return Node("mul", (a, b), None, n.span, None)
        self.fit(a, b, "take the inner product of")
        assert a.shape is not None
        at = Node("T", (a,), None, a.span, (a.shape[1], a.shape[0]))
        if is_one(a.shape[1]):
            return Node("dot", (at, b), None, n.span, None)
        prod = Node("dot", (at, b), None, n.span, (a.shape[1], b.shape[1] if b.shape else 1))
        return Node("func", (prod,), "tr", n.span, None)

    def _div(self, n: Node) -> Node:
        a, b = self.visit(n.args[0]), self.visit(n.args[1])
        if b.shape is not None:
            square = find(b.shape[0]) == find(b.shape[1])
            hint = "; write its inverse and say on which side" if square else ""
            raise ShapeFault(f"cannot divide by {shape_text(b.shape)}{hint}", b.span)
        return self._same(n, (a, b), a.shape)

    # --- powers, transposes, inverses ------------------------------------------------------------------

    def _pow(self, n: Node) -> Node:
        base = self.visit(n.args[0])
        exponent = self.visit(n.args[1])
        if exponent.shape is not None:
            natural = base.op == "const" and base.value == "e"
            if natural and any(map(is_one, exponent.shape)):  # of a matrix it may be the matrix exponential
                return Node("func", (exponent,), "exp", n.span, exponent.shape)
            raise ShapeFault(
                f"the exponent is {shape_text(exponent.shape)}; it must be a scalar", exponent.span
            )
        if base.shape is None:
            if base.op == "const" and base.value == "e":
                return Node("func", (exponent,), "exp", n.span, None)
            return self._same(n, (base, exponent), None)
        value = constant(exponent)
        r, c = base.shape
        if value is None and whole_exponent(exponent, self.scope) and unify(r, c) and not n.value:
            base.may_stand(2, n.span)
            return Node("prod", (base, num(1), exponent), POWER, n.span, base.shape)
        if value is None or value.denominator != 1:
            raise ShapeFault(f"{shape_text(base.shape)} to a power that is not whole, or too large", n.span)
        k = int(value)
        base.may_stand(min(abs(k), 8), n.span)
        if n.value == "**" and k > 0:
            out = base
            for _ in range(min(k, 8) - 1):
                out = Node("had", (out, base), None, n.span, base.shape)
            return out
        r, c = base.shape
        vector = is_one(c) or is_one(r)
        if vector and not unknown_both(r, c):
            if k == 2 and self.lenient.square:
                self.lenient.notes.append("the square of a vector was read as its squared norm")
                return Node("pow", (Node("norm", (base,), "2", n.span, None), num(2)), None, n.span, None)
            if k == 2:
                raise ShapeFault(
                    f"a vector {shape_text(base.shape)} cannot be squared; "
                    "did you mean its squared norm ‖…‖²?",
                    n.span,
                )
            raise ShapeFault(f"a vector {shape_text(base.shape)} has no power {k}", n.span)
        if not unify(r, c):
            raise ShapeFault(f"a power of {shape_text(base.shape)}, which is not square", n.span)
        if not 1 <= abs(k) <= 8:
            raise SyntaxFault(f"the matrix power {k} is not read; powers from 1 to 8 are", n.span)
        out = base
        for _ in range(abs(k) - 1):
            out = Node("dot", (out, base), None, n.span, base.shape)
        return out if k > 0 else Node("inv", (out,), None, n.span, base.shape)

    def _T(self, n: Node) -> Node:
        a = self.visit(n.args[0])
        if a.shape is None:
            return a
        if a.op == "T":
            return a.args[0]
        return self._same(n, (a,), (a.shape[1], a.shape[0]))

    def _inv(self, n: Node) -> Node:
        a = self.visit(n.args[0])
        if a.shape is None:
            return Node("div", (num(1), a), None, n.span, None)
        before = shape_text(a.shape)
        if not unify(a.shape[0], a.shape[1]):
            raise ShapeFault(f"{before} is not square and has no inverse", n.span)
        return self._same(n, (a,), a.shape)

    def _pinv(self, n: Node) -> Node:
        a = self.visit(n.args[0])
        if a.shape is None:
            return Node("div", (num(1), a), None, n.span, None)
        return self._same(n, (a,), (a.shape[1], a.shape[0]))

    def _norm(self, n: Node) -> Node:
        a = self.visit(n.args[0])
        if a.shape is None:
            return Node("func", (a,), "abs", n.span, None)
        vector = is_one(a.shape[0]) or is_one(a.shape[1])
        if vector or n.value in ("F", "2"):
            # of a matrix ‖·‖ and ‖·‖₂ may be the spectral norm; what that leaves open ``compare`` decides
            value = "2" if vector and n.value in ("F", "2") else {"F": "2", "2": "?"}.get(n.value, n.value)
            return Node("norm", (a,), value, n.span, None)
        raise SyntaxFault(
            f"the norm of the matrix {shape_text(a.shape)} has several meanings; write \\|…\\|_F", n.span
        )

    # --- functions ---------------------------------------------------------------------------------------

    def _func(self, n: Node) -> Node:
        a = self.visit(n.args[0])
        name = n.value
        if name in ("tr", "det"):
            if a.shape is None:
                return a
            if not unify(a.shape[0], a.shape[1]):
                raise ShapeFault(f"{name} of {shape_text(a.shape)}, which is not square", n.span)
            return self._same(n, (a,), None)
        if name == "diag":
            if a.shape is None:
                raise ShapeFault("diag of a scalar", n.span)
            r, c = a.shape
            if is_one(c) or is_one(r):
                d = r if is_one(c) else c
                return self._same(n, (a,), (d, d))
            if not unify(r, c):
                raise ShapeFault(f"diag of {shape_text(a.shape)}, which is not square", n.span)
            return self._same(n, (a,), (r, 1))
        if name in ("sumall", "mean", "max", "min"):
            if a.shape is None and name in ("max", "min"):
                raise SyntaxFault(f"{name} of a single number; it needs two values, or a vector", n.span)
            return a if a.shape is None else self._same(n, (a,), None)
        if name == "abs" and a.shape is not None:
            if is_one(a.shape[0]) or is_one(a.shape[1]):
                return Node("norm", (a,), "2", n.span, None)
            raise ShapeFault(f"|…| of the matrix {shape_text(a.shape)}; write det or \\|…\\|_F", n.span)
        if name in ELEMENTWISE:
            return self._same(n, (a,), a.shape)
        raise SyntaxFault(f"the function {name} has no meaning here", n.span)

    def _apply(self, n: Node) -> Node:
        a = self.visit(n.args[0])
        name, order = n.value
        if name in self.scope.assumptions.logistic:
            return logistic(a, order, n.span)
        known = dict(self.scope.assumptions.functions).get(name)
        if known is not None and order == 0:
            return Node("func", (a,), known, n.span, a.shape)
        return self._same(n, (a,), a.shape)

    def _max(self, n: Node) -> Node:
        args = [self.visit(a) for a in n.args]
        if not args:
            raise SyntaxFault(f"{n.op} of nothing", n.span)
        shape = next((a.shape for a in args if a.shape is not None), None)
        first = next((a for a in args if a.shape is not None), args[0])
        for a in args:
            if a.shape is not None:
                self.fit(first, a, "compare")
        return self._same(n, tuple(args), shape)

    _min = _holds = _cases = _max

    def _mod(self, n: Node) -> Node:
        args = tuple(self.visit(a) for a in n.args)
        for a in args:
            if a.shape is not None:
                raise ShapeFault(f"the remainder of {shape_text(a.shape)}", a.span)
        return self._same(n, args, None)

    def _fact(self, n: Node) -> Node:
        a = self.visit(n.args[0])
        if a.shape is not None:
            raise ShapeFault(f"factorial of {shape_text(a.shape)}", n.span)
        return self._same(n, (a,), None)

    # --- indices, sums, derivatives --------------------------------------------------------------------

    def _idx(self, n: Node) -> Node:
        base = n.args[0]
        if base.op == "eye" and base.value is None:  # its entries do not depend on its size
            return self._same(n, (Node("eye", (), None, base.span, (ANY_SIZE, ANY_SIZE)), *n.args[1:]), None)
        base = self.visit(base)
        if base.shape is None:
            raise ShapeFault("a scalar has no entries", n.span)
        indices, (r, c) = n.args[1:], base.shape
        vector = is_one(c) or is_one(r)
        if n.value == "by" and len(indices) == 1 and not vector:  # of a vector, by one entry
            return self._same(n, (base, Node("all", (), None, n.span), *indices), (r, 1))
        if len(indices) == 1:
            if vector:
                return self._same(n, (base, *indices), None)
            if n.value == "row":
                return self._same(n, (base, *indices), (c, 1))
            return self._same(n, (base, *indices), (1, c))
        i, j = indices
        if i.op == "all" and j.op == "all":
            return base
        return self._same(n, (base, i, j), (r, 1) if i.op == "all" else (1, c) if j.op == "all" else None)

    def _sum(self, n: Node) -> Node:
        body = self.visit(n.args[0])
        if len(n.args) == 3:
            lo, hi = self.visit(n.args[1]), self.visit(n.args[2])
            if lo.shape is not None or hi.shape is not None:
                raise ShapeFault("the limits of a sum are scalars", n.span)
        else:
            d = self._range_of(n.value, body)
            if d is None:
                raise SyntaxFault(
                    f"how far the index {n.value} runs cannot be told; write the limits", n.span
                )
            lo = num(1)
            hi = num(d) if isinstance(d, int) else Node("sym", (), d, n.span, None)
        if n.op == "prod" and body.shape is not None:
            raise ShapeFault(f"a product over an index of {shape_text(body.shape)}", n.span)
        return self._same(n, (body, lo, hi), body.shape)

    _prod = _sum

    def _range_of(self, index: str, body: Node) -> Dim:
        found: set[Dim] = set()
        for node in body.walk():
            if node.op != "idx":
                continue
            base = node.args[0]
            assert base.shape is not None
            for axis, i in enumerate(node.args[1:]):
                if i.op == "var" and i.value == index:
                    if len(node.args) == 2 and is_one(base.shape[0]):
                        axis = 1
                    if base.shape[axis] != ANY_SIZE:
                        found.add(find(base.shape[axis]))
        return found.pop() if len(found) == 1 else None

    def _deriv(self, n: Node) -> Node:
        body = self.visit(n.args[0])
        name, order = n.value
        try:
            shape = derivative_shape(body.shape, self.scope.kinds[name].shape, order)
        except ShapeFault as fault:
            raise ShapeFault(fault.message, n.span) from None
        return self._same(n, (body,), shape)

    # --- containers ----------------------------------------------------------------------------------------

    def _order(self, n: Node) -> Node:
        return self._same(n, tuple(self.visit(a) for a in n.args), None)

    _list = _order
    _eq = _order


_SHAPED: dict[str, Callable[[_Elaborator, Node], Node]] = {
    name.removeprefix("_"): method for name, method in vars(_Elaborator).items() if callable(method)
}
