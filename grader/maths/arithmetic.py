"""Evaluation of sums, products, powers, inverses and norms; ``evaluate`` adds functions and containers.

Work is counted, not timed, so that a verdict is the same on every machine: every operation costs a
step, long ones more, and ``Budget`` ends an evaluation that would take too long.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import flint

from grader.errors import LimitFault, SyntaxFault, UndefinedFault
from grader.maths.exactness import constant, whole, whole_exponent
from grader.maths.printing import show_name
from grader.maths.tree import Node
from grader.maths.worlds import WORLDS, Kept, Point, Value

__all__ = ["Arithmetic", "Budget", "CoarseFault"]

MAX_STEPS = 150_000  # operations of one judgement, sums unrolled
MAX_POWER = 2_000
MAX_BITS = 100_000  # of a fraction's numerator and denominator
MAX_SIZE = 400  # rows of a matrix
SMALL = 512  # multiplications of a matrix product that count as one step
TINY = flint.arb(2) ** -256


class Budget:
    """The operations that one judgement may still take; an operation on long numbers counts more."""

    __slots__ = ("left",)

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.left = steps


class CoarseFault(UndefinedFault):
    """Nothing can be said at this precision: a denominator or a root's argument may be zero."""

    def __init__(self, message: str, node: Node, tight: bool) -> None:
        super().__init__(message, node.span)
        self.node = node
        self.tight = tight  # zero to far more digits than anything sampled here can be by accident


class Arithmetic:
    """One evaluation at one point; ``METHODS`` says which method evaluates which operation."""

    METHODS: ClassVar[Mapping[str, Callable[[Any, Node], Value]]] = {}

    __slots__ = (
        "basis", "below", "budget", "exact", "index", "paid", "point", "used", "values", "weight", "world",
    )  # fmt: skip

    def __init__(self, point: Point, budget: Budget) -> None:
        self.point = point
        self.values = point.values
        self.world = point.world
        self.exact = point.world.exact
        self.budget = budget
        self.weight = 1 if self.exact else 1 + flint.ctx.prec // 512
        self.index: dict[str, int] = {}
        self.basis: dict[str, Value] = {}
        self.paid: set[str] = set()  # abbreviations that this evaluation has used
        self.used: set[str] = set()
        self.below = 0  # steps that abbreviations took

    def value(self, n: Node) -> Value:
        budget = self.budget
        left = budget.left = budget.left - self.weight
        if left < 0:
            raise LimitFault(_TOO_LONG, n.span)
        op = n.op
        if op == "sym":
            drawn = _stored(self.values, n.value)  # most nodes are a name that has its value
            if drawn is not None:
                return drawn
        try:
            method = self.METHODS[op]
        except KeyError:
            raise SyntaxFault(f"{_WORDS.get(op, op)} has no value here", n.span) from None
        return method(self, n)

    def spend(self, steps: int, n: Node) -> None:
        """Count the work of one long operation."""
        self.budget.left -= steps * self.weight
        if self.budget.left < 0:
            raise LimitFault("these matrices are too large", n.span)

    def is_zero(self, v: Value, n: Node) -> bool:
        """Whether a scalar is zero.

        Raises:
            CoarseFault: a ball that contains zero and other numbers.
        """
        if self.exact:
            return bool(v == 0)
        if not v.contains(0):
            if not v.is_finite():
                raise CoarseFault("a denominator may be zero", n, False)
            return False
        if v.is_exact():
            return True
        raise CoarseFault("a denominator is zero", n, bool(v.rad() < TINY))

    def dims(self, n: Node) -> tuple[int, int]:
        if n.shape is None:
            raise SyntaxFault("a scalar has no rows", n.span)
        r, c = self.point.size(n.shape[0]), self.point.size(n.shape[1])
        if r > MAX_SIZE or c > MAX_SIZE:
            raise LimitFault(f"a matrix of {r} by {c}; at most {MAX_SIZE} rows are read", n.span)
        return r, c

    def _num(self, n: Node) -> Value:
        return self.world.scalar(n.value)

    def _const(self, n: Node) -> Value:
        return self.world.constant(n.value)

    def _sym(self, n: Node) -> Value:
        name = n.value
        values = self.values
        if name in values:  # it can be drawn
            return values[name]
        if name not in self.paid:
            left = self.budget.left
            if name in self.point.cache:
                self._pay(name)
                if self.budget.left < 0:
                    raise LimitFault(_TOO_LONG, n.span)
            else:
                self._abbreviated(name, n)
            self.below += left - self.budget.left
        self.used.add(name)
        return self.point.cache[name].value

    def _abbreviated(self, name: str, n: Node) -> None:
        """Compute what an abbreviation stands for, once at this point.

        Raises:
            MathsFault: it has no value, or takes too long.
        """
        inner = self.point.scope.define.get(name)
        if inner is None:
            raise SyntaxFault(f"{show_name(name)} has no value", n.span)
        left = self.budget.left
        part = type(self)(self.point, self.budget)
        part.paid = self.paid
        try:
            value = part.value(inner)
        except LimitFault:
            if self.budget.left < 0:
                raise LimitFault(_TOO_LONG, n.span) from None
            raise
        self.paid.add(name)
        self.point.cache[name] = Kept(value, left - self.budget.left - part.below, frozenset(part.used))

    def _pay(self, name: str) -> None:
        """Count the steps of an abbreviation whose value is known: whether an answer takes too long must
        not depend on what was evaluated at this point before."""
        if name not in self.paid:
            self.paid.add(name)
            kept = self.point.cache[name]
            self.budget.left -= kept.steps
            for other in kept.used:
                self._pay(other)

    def _var(self, n: Node) -> Value:
        if n.value not in self.index:
            raise SyntaxFault(f"the index {n.value} runs over nothing", n.span)
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
        left, right = self.value(a), self.value(b)
        if n.op == "dot":
            work = left.nrows() * left.ncols() * right.ncols()
            if work > SMALL:
                self.spend(work // 16, n)
            out = left * right
            return out[0, 0] if n.shape is None else out
        out = left * right
        if n.op == "mul" and self.world is _RATIONALS:
            self.keep_short(out, n)
        return out

    def keep_short(self, v: Value, n: Node) -> None:
        if isinstance(v, flint.fmpq) and 2 * v.height_bits() > MAX_BITS < v.p.bit_length() + v.q.bit_length():
            raise LimitFault("a number that is too long", n.span)

    def _had(self, n: Node) -> Value:
        a, b = self.value(n.args[0]), self.value(n.args[1])
        r, c = self.dims(n)
        return self.world.matrix(r, c, [x * y for x, y in zip(a.entries(), b.entries(), strict=True)])

    def _div(self, n: Node) -> Value:
        a, b = n.args
        below = self.value(b)
        if self.is_zero(below, b):
            raise UndefinedFault("a denominator is zero", b.span)
        if a.shape is None:
            return self.value(a) / below
        return self.value(a) * (1 / below)

    def _pow(self, n: Node) -> Value:
        base, exponent = n.args
        k = whole(exponent)
        if k is None and exponent.op != "num" and whole_exponent(exponent, self.point.scope):
            k = self.integer(exponent)
        if k is not None:
            return self._whole_power(base, k, n)
        if self.exact:
            raise SyntaxFault("a power that is not a whole number has no exact value", n.span)
        v = self.value(base)
        if v < 0:
            raise UndefinedFault("a negative number to a power that is not whole", n.span)
        ratio = constant(exponent)
        if ratio is not None and abs(ratio) > MAX_POWER:
            raise LimitFault(f"a power larger than {MAX_POWER}", exponent.span)
        if ratio is not None and ratio.denominator == 2:
            root = v.sqrt()
            if ratio < 0 and self.is_zero(root, base):
                raise UndefinedFault("a denominator is zero", base.span)
            return root**ratio.numerator
        e = self.value(exponent)
        if not v > 0:
            if v.is_exact() and v == 0:
                if e > 0:
                    return v
                raise UndefinedFault("zero to a power that is not positive", n.span)
            raise CoarseFault("the base of a power may be zero", base, False)
        if e.abs_lower() > MAX_POWER:
            raise LimitFault(f"a power larger than {MAX_POWER}", exponent.span)
        return v**e

    def _whole_power(self, base: Node, k: int, n: Node) -> Value:
        if abs(k) > MAX_POWER:
            raise LimitFault(f"the power {k} is larger than {MAX_POWER}", n.args[1].span)
        if base.op == "norm" and base.value == "2" and k % 2 == 0:
            v = self._square_norm(base.args[0])
            k //= 2
        else:
            v = self.value(base)
        if k < 0 and self.is_zero(v, base):
            raise UndefinedFault("a denominator is zero", base.span)
        if self.exact:
            if isinstance(v, flint.fmpq) and abs(k) * (v.p.bit_length() + v.q.bit_length()) > MAX_BITS:
                raise LimitFault(f"the power {k} of a long number", n.args[1].span)
        elif k > 0 and v.contains(0):
            return math.prod([v] * k)  # v**k is not a number for a ball around zero
        return v**k

    def integer(self, n: Node) -> int:
        """A whole number: a limit of a sum, an exponent, an index."""
        if n.op == "num":
            if n.value.denominator != 1:
                raise SyntaxFault("a limit that is not a whole number", n.span)
            return int(n.value)
        if n.op == "var" and n.value in self.index:
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
        elif n.op in ("mul", "pow", "div"):
            a, b = self.integer(n.args[0]), self.integer(n.args[1])
            if abs(a) > 10**6 or abs(b) > 10**6 or (n.op == "pow" and b > 20):
                raise LimitFault("a number too large for a limit or an exponent", n.span)
            if n.op == "mul":
                return a * b
            if n.op == "pow" and b >= 0:
                return int(a**b)
            if n.op == "div" and b and a % b == 0:
                return a // b
        elif n.op in ("func", "mod", "max", "min"):
            v = self.value(n)
            if isinstance(v, flint.fmpq) and v.q == 1:
                return int(v.p)
            nearest = v.unique_fmpz() if isinstance(v, flint.arb) and v.is_exact() else None
            if nearest is not None and v == nearest:
                return int(nearest)
        raise SyntaxFault("this limit or index is not a whole number", n.span)

    def _T(self, n: Node) -> Value:
        return self.value(n.args[0]).transpose()

    def _inv(self, n: Node) -> Value:
        a = n.args[0]
        return self._inverse(self.value(a), a, "a singular matrix has no inverse")

    def _inverse(self, v: Value, a: Node, message: str) -> Value:
        size = v.nrows()
        if size > 8:
            self.spend(size**3 // 8, a)
        try:
            return v.inv()
        except ZeroDivisionError:
            if self.exact:
                raise UndefinedFault(message, a.span) from None
            raise CoarseFault(message, a, False) from None

    def _pinv(self, n: Node) -> Value:
        """The Moore-Penrose inverse. Of a matrix of full rank Aᵀ(AAᵀ)⁻¹ or (AᵀA)⁻¹Aᵀ; in exact worlds,
        for any rank, from A = CF with the pivot columns C and the reduced rows F (MacDuffee):
        Fᵀ(FFᵀ)⁻¹(CᵀC)⁻¹Cᵀ."""
        a = self.value(n.args[0])
        at = a.transpose()
        r, c = self.dims(n.args[0])
        if self.world.exact:
            reduced, rank = a.rref()
            if 0 < rank < min(r, c):
                pivots = [next(j for j in range(c) if reduced[i, j] != 0) for i in range(rank)]
                left = self.world.matrix(r, rank, [a[i, j] for i in range(r) for j in pivots])
                right = self.world.matrix(rank, c, [reduced[i, j] for i in range(rank) for j in range(c)])
                lt, rt = left.transpose(), right.transpose()
                why = "this pseudo-inverse does not exist in the field"
                outer = rt * self._inverse(right * rt, n.args[0], why)
                return outer * self._inverse(lt * left, n.args[0], why) * lt
        why = "this pseudo-inverse is of a matrix without full rank"
        if r <= c:
            return at * self._inverse(a * at, n.args[0], why)
        return self._inverse(at * a, n.args[0], why) * at

    def _square_norm(self, a: Node) -> Value:
        v = self.value(a)
        out = self.world.scalar(0)
        for x in v.entries():
            out += x * x
        return out

    def _spectral_norm(self, a: Node) -> Value:
        """The largest singular value, from the smaller of AᵀA and AAᵀ."""
        v = self.value(a)
        gram = v * v.transpose() if v.nrows() < v.ncols() else v.transpose() * v
        self.spend(gram.nrows() ** 3, a)
        try:
            values = [x.real for x in flint.acb_mat(gram).eig()]
        except ValueError:
            raise CoarseFault("the spectral norm cannot be told", a, False) from None
        out = values[0]
        for x in values[1:]:
            out = out.max(x)
        return out.sqrt()

    def _norm(self, n: Node) -> Value:
        (a,) = n.args
        if n.value == "?":
            size = "×".join(map(str, a.shape or ()))
            raise SyntaxFault(
                f"the norm of the matrix ({size}) has several meanings; write \\|…\\|_F", n.span
            )
        if self.exact:
            raise SyntaxFault("a norm has no exact value", n.span)
        if n.value == "2":
            return self._square_norm(a).sqrt()
        if n.value == "spectral":
            return self._spectral_norm(a)
        entries = [abs(x) for x in self.value(a).entries()]
        if n.value == "1":
            return sum(entries[1:], entries[0])
        out = entries[0]
        for x in entries[1:]:
            out = out.max(x)
        return out


_RATIONALS = WORLDS["rationals"]
_stored = dict.get  # of the values drawn so far; ``Point.values`` itself draws
_TOO_LONG = "this takes more than the permitted number of operations"
_WORDS = {"eq": "an equation", "order": "an order of growth", "list": "a list", "all": "a colon"}
