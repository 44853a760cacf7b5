"""The value of an elaborated tree at a point of one of the worlds."""

from __future__ import annotations

import math

import flint

from grader.errors import LimitFault, SyntaxFault, UndefinedFault
from grader.maths.arithmetic import Arithmetic, Budget, CoarseFault
from grader.maths.differentiate import differentiate
from grader.maths.exactness import needs_reals
from grader.maths.printing import show_name
from grader.maths.tree import POWER, Node, num
from grader.maths.worlds import WORLDS, Point, Value, entries_of

__all__ = [
    "WORLDS",
    "Budget",
    "CoarseFault",
    "Evaluation",
    "Point",
    "Value",
    "entries_of",
    "evaluate",
    "needs_reals",
]

MAX_FACTORIAL = 500
MAX_TERMS = 2_000  # of a sum


def evaluate(node: Node, point: Point, budget: Budget | None = None) -> Value:
    """The value of an elaborated node.

    Raises:
        UndefinedFault: no value here (a zero denominator, a singular matrix).
        CoarseFault: the balls are too wide to tell whether there is a value.
        LimitFault: too much work.
        SyntaxFault: no value in this world at all.
    """
    return Evaluation(point, budget or Budget()).value(node)


class Evaluation(Arithmetic):
    __slots__ = ()

    def _func(self, n: Node) -> Value:
        (a,) = n.args
        v = self.value(a)
        name = n.value
        if name == "tr":
            r, _ = self.dims(a)
            out = self.world.scalar(0)
            for i in range(r):
                out += v[i, i]
            return out
        if name == "det":
            if v.nrows() > 8:
                self.spend(v.nrows() ** 3 // 8, n)
            return v.det()
        if name == "diag":
            return self._diag(a, v, n)
        if name in ("sumall", "mean"):
            out = self.world.scalar(0)
            for x in v.entries():
                out += x
            r, c = self.dims(a)
            return out if name == "sumall" else out / self.world.scalar(r * c)
        if name in ("max", "min"):
            entries = v.entries()
            out = entries[0]
            for x in entries[1:]:
                out = self._larger(out, x, n) if name == "max" else -self._larger(-out, -x, n)
            return out
        if a.shape is None:
            return self._settled(self.world.function(name, v), n)
        r, c = self.dims(a)
        return self.world.matrix(r, c, [self._settled(self.world.function(name, x), n) for x in v.entries()])

    def _settled(self, v: Value, n: Node) -> Value:
        """A rounded number.

        Raises:
            CoarseFault: the ball holds a step.
        """
        if n.value in ("floor", "ceil", "trunc") and not self.exact and not v.is_exact():
            raise CoarseFault("it cannot be told where this is rounded to", n, False)
        return v

    def _mod(self, n: Node) -> Value:
        a, b = n.args
        below = self.value(b)
        if self.is_zero(below, b):
            raise UndefinedFault("a remainder of a division by zero", b.span)
        above = self.value(a)
        whole = self._settled(
            self.world.function("floor", above / below), Node("func", (n,), "floor", n.span, None)
        )
        return above - below * whole

    def _diag(self, a: Node, v: Value, n: Node) -> Value:
        r, c = self.dims(n)
        if c == 1 and n.shape is not None and n.shape[1] == 1:
            return self.world.matrix(r, 1, [v[i, i] for i in range(r)])
        entries = v.entries()
        zero = self.world.scalar(0)
        return self.world.matrix(r, r, [entries[i] if i == j else zero for i in range(r) for j in range(r)])

    def _apply(self, n: Node) -> Value:
        (a,) = n.args
        name, order = n.value
        if name not in self.point.functions:
            raise SyntaxFault(f"{show_name(name)} is not a function here", n.span)
        coefficients = list(self.point.functions[name])
        for _ in range(min(order, len(coefficients))):
            coefficients = [c * k for k, c in enumerate(coefficients)][1:] or [self.world.scalar(0)]

        def f(x: Value) -> Value:
            out = self.world.scalar(0)
            for c in reversed(coefficients):
                out = out * x + c
            return out

        v = self.value(a)
        if a.shape is None:
            return f(v)
        r, c = self.dims(a)
        return self.world.matrix(r, c, [f(x) for x in v.entries()])

    def _larger(self, x: Value, y: Value, n: Node) -> Value:
        if not self.exact:
            return x.max(y)
        if isinstance(x, flint.fmpq):
            return max(x, y)
        raise SyntaxFault("max has no value in a prime field", n.span)

    def _extreme(self, n: Node) -> Value:
        values = [self.value(a) for a in n.args]

        def pick(x: Value, y: Value) -> Value:
            return self._larger(x, y, n) if n.op == "max" else -self._larger(-x, -y, n)

        if n.shape is None:
            out = values[0]
            for v in values[1:]:
                out = pick(out, v)
            return out
        r, c = self.dims(n)
        lists = [
            v.entries() if a.shape is not None else [v] * (r * c) for a, v in zip(n.args, values, strict=True)
        ]
        entries = lists[0]
        for other in lists[1:]:
            entries = [pick(x, y) for x, y in zip(entries, other, strict=True)]
        return self.world.matrix(r, c, entries)

    def _holds(self, n: Node) -> Value:
        """1 where a condition is true, 0 where it is not."""
        a, b = (self.value(x) for x in n.args)
        if n.shape is None:
            return self.world.scalar(int(self._true(a - b, n)))
        r, c = self.dims(n)
        x, y = (v.entries() if hasattr(v, "entries") else [v] * (r * c) for v in (a, b))
        true = [self._true(i - j, n) for i, j in zip(x, y, strict=True)]
        return self.world.matrix(r, c, [self.world.scalar(int(k)) for k in true])

    def _true(self, left: Value, n: Node) -> bool:
        """Whether a difference has the sign that a condition asks for.

        Raises:
            CoarseFault: the ball holds numbers on both sides.
        """
        if self.world is WORLDS["field"]:
            raise SyntaxFault("there is no larger and smaller in a prime field", n.span)
        above, below = left > 0, left < 0
        if not (above or below or self.exact or (left.is_exact() and left == 0)):
            raise CoarseFault("it cannot be told whether a condition is true", n, False)
        return bool(above if ">" in n.value else below if "<" in n.value else False) or bool(
            not above and not below
            if "=" in n.value and n.value != "!="
            else n.value == "!=" and (above or below)
        )

    def _cases(self, n: Node) -> Value:
        """Entry by entry the value whose condition is true; the last, if it has none, for everything else."""
        if n.shape is None:
            return self._case(n, [self.value(c) for c in n.args[1::2]], list(n.args[::2]))
        r, c = self.dims(n)
        values = [self._spread(a, r * c) for a in n.args]
        pairs = range(1, len(n.args), 2)
        chosen = []
        for k in range(r * c):
            found = [values[i - 1][k] for i in pairs if values[i][k] == 1]
            if not found and len(n.args) % 2:
                found = [values[-1][k]]
            chosen.append(self._one_of(found, n))
        return self.world.matrix(r, c, chosen)

    def _spread(self, a: Node, size: int) -> list[Value]:
        v = self.value(a)
        return list(v.entries()) if a.shape is not None else [v] * size

    def _case(self, n: Node, true: list[Value], values: list[Node]) -> Value:
        found = [self.value(v) for v, yes in zip(values, true, strict=False) if yes == 1]
        if not found and len(values) > len(true):
            found = [self.value(values[-1])]
        return self._one_of(found, n)

    def _one_of(self, found: list[Value], n: Node) -> Value:
        if not found:
            raise UndefinedFault("none of the cases is met", n.span)
        for v in found[1:]:
            if v != found[0] if self.exact else not v.overlaps(found[0]):
                raise UndefinedFault("two cases that are met give different values", n.span)
        return found[0]

    def _fact(self, n: Node) -> Value:
        k = self.integer(n.args[0])
        if k < 0:
            raise UndefinedFault(f"the factorial of {k}", n.span)
        if k > MAX_FACTORIAL:
            raise LimitFault(f"the factorial of {k}; at most {MAX_FACTORIAL} is read", n.span)
        return self.world.scalar(math.factorial(k))

    def _ones(self, n: Node) -> Value:
        r, c = self.dims(n)
        return self.world.matrix(r, c, [self.world.scalar(1)] * (r * c))

    def _zeros(self, n: Node) -> Value:
        r, c = self.dims(n)
        return self.world.matrix(r, c, [self.world.scalar(0)] * (r * c))

    def _eye(self, n: Node) -> Value:
        r, _ = self.dims(n)
        one, zero = self.world.scalar(1), self.world.scalar(0)
        return self.world.matrix(r, r, [one if i == j else zero for i in range(r) for j in range(r)])

    def _matrix(self, n: Node) -> Value:
        r, c = self.dims(n)
        return self.world.matrix(r, c, [self.value(a) for a in n.args])

    def _idx(self, n: Node) -> Value:
        base = n.args[0]
        if base.op == "eye" and len(n.args) == 3 and all(i.op != "all" for i in n.args[1:]):
            first, second = (self.integer(i) for i in n.args[1:])
            return self.world.scalar(int(first == second))
        if n.value == "by" and base.op == "deriv":
            return self._partial(n)
        v = self.value(base)
        r, c = self.dims(base)

        def at(node: Node, size: int) -> int:
            k = self.integer(node)
            if not 1 <= k <= size:
                raise UndefinedFault(f"index {k} is outside 1 to {size}", n.span)
            return k - 1

        indices = n.args[1:]
        if len(indices) == 1:
            if n.shape is None:
                return v[at(indices[0], r), 0] if c == 1 else v[0, at(indices[0], c)]
            k = at(indices[0], r)
            row = [v[k, j] for j in range(c)]
            return self.world.matrix(*self.dims(n), row)
        i, j = indices
        if i.op == "all":
            k = at(j, c)
            return self.world.matrix(r, 1, [v[m, k] for m in range(r)])
        if j.op == "all":
            k = at(i, r)
            return self.world.matrix(1, c, [v[k, m] for m in range(c)])
        return v[at(i, r), at(j, c)]

    def _sum(self, n: Node) -> Value:
        body, lo, hi = n.args
        first, last = self.integer(lo), self.integer(hi)
        if n.value == POWER:
            return self._matrix_power(self.value(body), last, n)
        outer = self.index.get(n.value)  # a sum in a sum over the same letter counts by itself
        if last - first >= MAX_TERMS:
            what = "product" if n.op == "prod" else "sum"
            raise LimitFault(f"a {what} of {last - first + 1} terms; at most {MAX_TERMS} are read", n.span)
        total: Value = None
        for k in range(first, last + 1):
            self.index[n.value] = k
            v = self.value(body)
            if total is None:
                total = v
            else:
                total = total + v if n.op == "sum" else total * v
                if n.op == "prod":
                    self.keep_short(total, n)
        self.index.pop(n.value, None)
        if outer is not None:
            self.index[n.value] = outer
        if total is None:
            if n.shape is None:
                return self.world.scalar(0 if n.op == "sum" else 1)
            return self._zeros(n)
        return total

    def _matrix_power(self, v: Value, power: int, n: Node) -> Value:
        if not 0 <= power <= MAX_TERMS:
            raise UndefinedFault(f"the power {power} of a matrix is not computed", n.span)
        out = self._eye(n)
        while power:
            out, v, power = (out * v if power % 2 else out), v * v if power > 1 else v, power // 2
        return out

    def _deriv(self, n: Node) -> Value:
        name, order = n.value
        (body,) = n.args
        scope = self.point.scope
        kind = scope.kinds[name]
        if kind.shape is None:
            d: Node | None = body
            for _ in range(order):
                d = differentiate(d, name, num(1), scope) if d is not None else None
            return self.value(d) if d is not None else self._zero(n)
        rows, columns = self.point.size(kind.shape[0]), self.point.size(kind.shape[1])
        first = differentiate(body, name, Node("basis", (), name, None, kind.shape), scope)
        if order == 2 and first is not None:
            first = differentiate(first, name, Node("basis", (), name + "#2", None, kind.shape), scope)
        if first is None:
            return self._zero(n)
        size = rows * columns
        columns_of: list[Value] = []
        for k in range(size):
            self.basis[name] = self._unit(rows, columns, k)
            if order == 2:
                for m in range(size):
                    self.basis[name + "#2"] = self._unit(rows, columns, m)
                    columns_of.append(self.value(first))
            else:
                columns_of.append(self.value(first))
        r, c = self.dims(n)
        if body.shape is None:
            return self.world.matrix(r, c, columns_of)
        return self.world.matrix(r, c, [columns_of[j][i, 0] for i in range(r) for j in range(c)])

    def _partial(self, n: Node) -> Value:
        """A derivative by one entry of a vector or a matrix."""
        name = n.args[0].value[0]
        (body,) = n.args[0].args
        shape = self.point.scope.kinds[name].shape
        assert shape is not None
        rows, columns = self.point.size(shape[0]), self.point.size(shape[1])
        at = [self.integer(i) for i in n.args[1:] if i.op != "all"]
        row, column = at if len(at) == 2 else (at[0], 1) if columns == 1 else (1, at[0])
        if not (1 <= row <= rows and 1 <= column <= columns):
            raise UndefinedFault(f"an index is outside 1 to {rows if row > rows else columns}", n.span)
        first = differentiate(body, name, Node("basis", (), name, None, shape), self.point.scope)
        if first is None:
            return self._zero(n)
        self.basis[name] = self._unit(rows, columns, (row - 1) * columns + column - 1)
        return self.value(first)

    def _unit(self, r: int, c: int, k: int) -> Value:
        return self.world.matrix(r, c, [self.world.scalar(int(i == k)) for i in range(r * c)])

    def _zero(self, n: Node) -> Value:
        if n.shape is None:
            return self.world.scalar(0)
        return self._zeros(n)


_ITSELF = """num const sym var basis add neg had div pow T inv pinv norm func apply fact ones zeros eye matrix
             idx sum deriv mod holds cases"""
Evaluation.METHODS = {
    **{name: getattr(Evaluation, "_" + name) for name in _ITSELF.split()},
    **dict.fromkeys(("mul", "scale", "dot"), Evaluation._product),
    **dict.fromkeys(("max", "min"), Evaluation._extreme),
    "prod": Evaluation._sum,
}
