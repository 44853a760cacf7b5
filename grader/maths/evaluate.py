"""The value of an elaborated tree at a point, in one of three worlds.

* ``Field``: integers modulo the prime 2⁶¹ − 1. Exact, microseconds; for rational expressions.
* ``Rationals``: exact fractions; for counterexamples a person can check.
* ``Balls``: real balls (midpoint ± radius) at a chosen precision; for roots, exponentials, |·|, max.

Scalars are flint numbers, everything else flint matrices; which of the two a node is, its shape says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import flint

from grader.errors import LimitFault, SyntaxFault, UndefinedFault
from grader.maths.differentiate import differentiate
from grader.maths.scope import Scope
from grader.maths.tree import Dim, Node, num

__all__ = ["PRIME", "BallWorld", "FieldWorld", "Point", "RationalWorld", "World", "evaluate", "needs_reals"]

PRIME = 2**61 - 1
MAX_STEPS = 200_000  # operations of one evaluation, sums unrolled
MAX_POWER = 2_000
MAX_FACTORIAL = 500
MAX_TERMS = 2_000

Value = Any


class World:
    """Where values live."""

    name = ""
    exact = True

    def scalar(self, v: Fraction | int) -> Value:
        raise AssertionError

    def matrix(self, rows: int, columns: int, entries: list[Value]) -> Value:
        raise AssertionError

    def function(self, name: str, v: Value) -> Value:
        raise SyntaxFault(f"{name} has no exact value")

    def constant(self, name: str) -> Value:
        raise SyntaxFault(f"{name} has no exact value")


class FieldWorld(World):
    name = "field"

    def scalar(self, v: Fraction | int) -> Value:
        if isinstance(v, int):
            return flint.nmod(v % PRIME, PRIME)
        return flint.nmod(v.numerator % PRIME, PRIME) / flint.nmod(v.denominator % PRIME, PRIME)

    def matrix(self, rows: int, columns: int, entries: list[Value]) -> Value:
        return flint.nmod_mat(rows, columns, entries, PRIME)


class RationalWorld(World):
    name = "rationals"

    def scalar(self, v: Fraction | int) -> Value:
        if isinstance(v, int):
            return flint.fmpq(v)
        return flint.fmpq(v.numerator, v.denominator)

    def matrix(self, rows: int, columns: int, entries: list[Value]) -> Value:
        return flint.fmpq_mat(rows, columns, entries)


class BallWorld(World):
    """Real balls; the caller sets ``flint.ctx.prec``."""

    name = "balls"
    exact = False

    def scalar(self, v: Fraction | int) -> Value:
        if isinstance(v, int):
            return flint.arb(v)
        return flint.arb(flint.fmpq(v.numerator, v.denominator))

    def matrix(self, rows: int, columns: int, entries: list[Value]) -> Value:
        return flint.arb_mat(rows, columns, entries)

    def constant(self, name: str) -> Value:
        if name == "pi":
            return flint.arb.pi()
        if name == "e":
            return flint.arb.const_e()
        raise UndefinedFault("infinity is not a number")

    def function(self, name: str, v: Value) -> Value:
        if name == "sigmoid":
            return 1 / (1 + (-v).exp())
        if name == "relu":
            return (v + abs(v)) / 2
        if name == "softplus":
            return (1 + v.exp()).log()
        if name == "abs":
            return abs(v)
        if name == "sign":
            return v.sgn()
        if name == "sqrt" and v < 0:
            raise UndefinedFault("the square root of a negative number")
        if name == "log" and v <= 0:
            raise UndefinedFault("the logarithm of a number that is not positive")
        return getattr(v, name)()


@dataclass
class Point:
    """Sizes and values for every declared symbol; ``integers`` are those used as whole numbers."""

    world: World
    scope: Scope
    dims: Mapping[str, int]
    values: dict[str, Value]
    integers: Mapping[str, int]
    functions: Mapping[str, list[Value]] = field(default_factory=dict)
    cache: dict[str, Value] = field(default_factory=dict)

    def size(self, d: Dim) -> int:
        return d if isinstance(d, int) else self.dims[d]


def evaluate(node: Node, point: Point) -> Value:
    """The value of an elaborated node.

    Raises:
        UndefinedFault: no value here (a zero denominator, a singular matrix).
        LimitFault: too much work.
        SyntaxFault: no value in this world at all.
    """
    return _Evaluation(point).value(node)


_EXACT_FUNCTIONS = frozenset("tr det diag sumall mean".split())
_REAL_OPS = frozenset("max min".split())


def needs_reals(node: Node, scope: Scope) -> bool:
    """Whether the value of ``node`` is outside the rational numbers."""
    op = node.op
    if op == "norm":
        return True
    if op == "pow":
        base, exponent = node.args
        k = whole(exponent)
        if k is None:
            names = exponent.names()
            kinds = scope.kinds
            if (
                exponent.op == "num"
                or not names
                or not all(kinds[x].sort in ("dim", "integer") for x in names)
            ):
                return True
            return needs_reals(base, scope) or any(x.op in ("div", "func") for x in exponent.walk())
        if base.op == "norm" and base.value == "2" and k % 2 == 0:
            return needs_reals(base.args[0], scope)
        return needs_reals(base, scope)
    if op == "const" or op in _REAL_OPS or op == "pinv":
        return True
    if op == "func" and node.value not in _EXACT_FUNCTIONS:
        return True
    if op == "sym":
        inner = scope.define.get(node.value)
        return inner is not None and needs_reals(inner, scope)
    if op == "deriv":
        return _derivative_needs_reals(node, scope)
    return any(needs_reals(a, scope) for a in node.args)


def _derivative_needs_reals(node: Node, scope: Scope) -> bool:
    return needs_reals(node.args[0], scope)


def whole(n: Node) -> int | None:
    """A literal whole number."""
    if n.op == "num" and n.value.denominator == 1:
        return int(n.value)
    if n.op == "neg":
        k = whole(n.args[0])
        return None if k is None else -k
    if n.op == "add":
        parts = [whole(a) for a in n.args]
        return None if None in parts else sum(p for p in parts if p is not None)
    if n.op in ("mul", "div"):
        a, b = (whole(x) for x in n.args)
        if a is None or b is None:
            return None
        if n.op == "mul":
            return a * b if abs(a) < 10**6 and abs(b) < 10**6 else None
        return a // b if b and a % b == 0 else None
    return None


class _Evaluation:
    def __init__(self, point: Point) -> None:
        self.point = point
        self.world = point.world
        self.index: dict[str, int] = {}
        self.basis: dict[str, Value] = {}
        self.steps = 0

    def value(self, n: Node) -> Value:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise LimitFault("this takes more than the permitted number of operations", n.span)
        return _METHODS[n.op](self, n)

    def dims(self, n: Node) -> tuple[int, int]:
        assert n.shape is not None
        return self.point.size(n.shape[0]), self.point.size(n.shape[1])

    def _num(self, n: Node) -> Value:
        return self.world.scalar(n.value)

    def _const(self, n: Node) -> Value:
        return self.world.constant(n.value)

    def _sym(self, n: Node) -> Value:
        name = n.value
        values = self.point.values
        if name in values:
            return values[name]
        cache = self.point.cache
        if name not in cache:
            inner = self.point.scope.define.get(name)
            if inner is None:
                raise AssertionError(f"{name} has no value")
            cache[name] = evaluate(inner, self.point)
        return cache[name]

    def _var(self, n: Node) -> Value:
        return self.world.scalar(self.index[n.value])

    def _basis(self, n: Node) -> Value:
        return self.basis[n.value]

    def _add(self, n: Node) -> Value:
        args = n.args
        out = self.value(args[0])
        for a in args[1:]:
            out = out - self.value(a.args[0]) if a.op == "neg" else out + self.value(a)
        return out

    def _neg(self, n: Node) -> Value:
        return -self.value(n.args[0])

    def _product(self, n: Node) -> Value:
        a, b = n.args
        out = self.value(a) * self.value(b)
        if n.op == "dot" and n.shape is None:
            return out[0, 0]
        return out

    def _had(self, n: Node) -> Value:
        a, b = self.value(n.args[0]), self.value(n.args[1])
        r, c = self.dims(n)
        return self.world.matrix(r, c, [x * y for x, y in zip(a.entries(), b.entries(), strict=True)])

    def _div(self, n: Node) -> Value:
        a, b = n.args
        below = self.value(b)
        if self.world.exact:
            if below == 0:
                raise UndefinedFault("a denominator is zero", b.span)
        elif below.contains(0):
            raise UndefinedFault("a denominator is zero", b.span)
        if a.shape is None:
            return self.value(a) / below
        return self.value(a) * (1 / below)

    def _pow(self, n: Node) -> Value:
        base, exponent = n.args
        k = whole(exponent)
        if k is None and exponent.op != "num" and self._is_whole(exponent):
            k = self.integer(exponent)
        if k is not None:
            if abs(k) > MAX_POWER:
                raise LimitFault(f"the power {k} is larger than {MAX_POWER}", exponent.span)
            if base.op == "norm" and base.value == "2" and k % 2 == 0:
                v = self._square_norm(base.args[0])
                k //= 2
            else:
                v = self.value(base)
            if k < 0 and ((v == 0) if self.world.exact else v.contains(0)):
                raise UndefinedFault("a denominator is zero", base.span)
            if isinstance(v, flint.fmpq) and abs(k) > 64 and v.p.bit_length() + v.q.bit_length() > 64:
                raise LimitFault(f"the power {k} of a long number", exponent.span)
            return v**k
        if self.world.exact:
            raise SyntaxFault("a power that is not a whole number has no exact value", n.span)
        v, e = self.value(base), self.value(exponent)
        half = exponent.op == "num" and exponent.value.denominator == 2
        if v < 0:
            raise UndefinedFault("a negative number to a power that is not whole", n.span)
        if half and exponent.value.numerator == 1:
            return v.sqrt()
        if not v > 0 and not (v == 0 and e > 0):
            raise UndefinedFault("a number that is not positive to a power that is not whole", n.span)
        if e.abs_lower() > MAX_POWER:
            raise LimitFault(f"a power larger than {MAX_POWER}", exponent.span)
        return v**e

    def _is_whole(self, n: Node) -> bool:
        return all(
            x.op in ("num", "neg", "add", "mul", "var") or (x.op == "sym" and x.value in self.point.integers)
            for x in n.walk()
        ) and all(x.value.denominator == 1 for x in n.walk() if x.op == "num")

    def integer(self, n: Node) -> int:
        """A whole number: a limit of a sum, an exponent, an index."""
        if n.op == "num":
            if n.value.denominator != 1:
                raise SyntaxFault("a limit that is not a whole number", n.span)
            return int(n.value)
        if n.op == "var":
            return self.index[n.value]
        if n.op == "sym":
            name = n.value
            if name in self.point.integers:
                return self.point.integers[name]
            inner = self.point.scope.define.get(name)
            if inner is not None:
                return self.integer(inner)
        elif n.op == "neg":
            return -self.integer(n.args[0])
        elif n.op == "add":
            return sum(self.integer(a) for a in n.args)
        elif n.op == "mul":
            a, b = self.integer(n.args[0]), self.integer(n.args[1])
            if abs(a) > 10**6 or abs(b) > 10**6:
                raise LimitFault("a number too large for a limit or an exponent", n.span)
            return a * b
        elif n.op == "pow":
            a, b = self.integer(n.args[0]), self.integer(n.args[1])
            if abs(a) > 10**6 or not 0 <= b <= 20:
                raise LimitFault("a number too large for a limit or an exponent", n.span)
            return int(a**b)
        elif n.op == "div":
            a, b = self.integer(n.args[0]), self.integer(n.args[1])
            if b and a % b == 0:
                return a // b
        raise SyntaxFault("this limit or index is not a whole number", n.span)

    def _T(self, n: Node) -> Value:
        return self.value(n.args[0]).transpose()

    def _inv(self, n: Node) -> Value:
        a = n.args[0]
        v = self.value(a)
        try:
            return v.inv()
        except ZeroDivisionError:
            raise UndefinedFault("a singular matrix has no inverse", a.span) from None

    def _pinv(self, n: Node) -> Value:
        """The Moore-Penrose inverse of a matrix of full rank."""
        a = self.value(n.args[0])
        at = a.transpose()
        r, c = self.dims(n.args[0])
        try:
            return at * (a * at).inv() if r <= c else (at * a).inv() * at
        except ZeroDivisionError:
            raise UndefinedFault("this pseudo-inverse is of a matrix without full rank", n.span) from None

    def _square_norm(self, a: Node) -> Value:
        v = self.value(a)
        out = self.world.scalar(0)
        for x in v.entries():
            out += x * x
        return out

    def _norm(self, n: Node) -> Value:
        (a,) = n.args
        if n.value == "2":
            if self.world.exact:
                raise SyntaxFault("a norm has no exact value")
            return self._square_norm(a).sqrt()
        if self.world.exact:
            raise SyntaxFault("a norm has no exact value")
        entries = [abs(x) for x in self.value(a).entries()]
        if n.value == "1":
            return sum(entries[1:], entries[0])
        out = entries[0]
        for x in entries[1:]:
            out = out.max(x)
        return out

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
            if self.world.exact:
                raise SyntaxFault("max has no value in a prime field")
            entries = v.entries()
            out = entries[0]
            for x in entries[1:]:
                out = out.max(x) if name == "max" else out.min(x)
            return out
        if a.shape is None:
            return self.world.function(name, v)
        r, c = self.dims(a)
        return self.world.matrix(r, c, [self.world.function(name, x) for x in v.entries()])

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
        coefficients = list(self.point.functions[name])
        for _ in range(order):
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

    def _extreme(self, n: Node) -> Value:
        if self.world.exact:
            raise SyntaxFault(f"{n.op} has no value in a prime field")
        values = [self.value(a) for a in n.args]
        pick: Callable[[Value, Value], Value] = (
            (lambda x, y: x.max(y)) if n.op == "max" else (lambda x, y: x.min(y))
        )
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

    def _fact(self, n: Node) -> Value:
        k = self.integer(n.args[0])
        if not 0 <= k <= MAX_FACTORIAL:
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
                assert base.shape is not None
                return v[at(indices[0], r), 0] if base.shape[1] == 1 else v[0, at(indices[0], c)]
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
        if last - first >= MAX_TERMS:
            raise LimitFault(f"a sum of {last - first + 1} terms; at most {MAX_TERMS} are read", n.span)
        before = self.index.get(n.value)
        total: Value = None
        for k in range(first, last + 1):
            self.index[n.value] = k
            v = self.value(body)
            if total is None:
                total = v
            else:
                total = total + v if n.op == "sum" else total * v
        if before is None:
            self.index.pop(n.value, None)
        else:
            self.index[n.value] = before
        if total is None:
            if n.shape is None:
                return self.world.scalar(0 if n.op == "sum" else 1)
            r, c = self.dims(n)
            return self.world.matrix(r, c, [self.world.scalar(0)] * (r * c))
        return total

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

    def _unit(self, r: int, c: int, k: int) -> Value:
        return self.world.matrix(r, c, [self.world.scalar(int(i == k)) for i in range(r * c)])

    def _zero(self, n: Node) -> Value:
        if n.shape is None:
            return self.world.scalar(0)
        r, c = self.dims(n)
        return self.world.matrix(r, c, [self.world.scalar(0)] * (r * c))


_METHODS: dict[str, Callable[[_Evaluation, Node], Value]] = {
    "num": _Evaluation._num, "const": _Evaluation._const, "sym": _Evaluation._sym, "var": _Evaluation._var,
    "basis": _Evaluation._basis, "add": _Evaluation._add, "neg": _Evaluation._neg, "mul": _Evaluation._product,
    "scale": _Evaluation._product, "dot": _Evaluation._product, "had": _Evaluation._had, "div": _Evaluation._div,
    "pow": _Evaluation._pow, "T": _Evaluation._T, "inv": _Evaluation._inv, "pinv": _Evaluation._pinv,
    "norm": _Evaluation._norm, "func": _Evaluation._func, "apply": _Evaluation._apply, "max": _Evaluation._extreme,
    "min": _Evaluation._extreme, "fact": _Evaluation._fact, "ones": _Evaluation._ones, "zeros": _Evaluation._zeros,
    "eye": _Evaluation._eye, "matrix": _Evaluation._matrix, "idx": _Evaluation._idx, "sum": _Evaluation._sum,
    "prod": _Evaluation._sum, "deriv": _Evaluation._deriv,
}  # fmt: skip
