"""The three worlds values live in, and the points at which expressions are evaluated.

* ``FieldWorld``: integers modulo the prime 2⁶¹ − 1. Exact, microseconds; for rational expressions.
* ``RationalWorld``: exact fractions; for counterexamples a person can check.
* ``BallWorld``: real balls (midpoint ± radius) at ``flint.ctx.prec`` bits; for roots, exponentials, |·|.

Scalars are flint numbers, everything else flint matrices; which of the two a node is, its shape says.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import flint

from grader.errors import SyntaxFault, UndefinedFault
from grader.maths.printing import show_name
from grader.maths.scope import Scope
from grader.maths.tree import Dim

__all__ = [
    "PRIME",
    "WORLDS",
    "BallWorld",
    "FieldWorld",
    "Kept",
    "Point",
    "RationalWorld",
    "Value",
    "World",
    "entries_of",
]

PRIME = 2**61 - 1
_SHORT = 2**32  # whole numbers below it are exact at any precision used here

Value = Any


class World(ABC):
    """Where values live."""

    name = ""
    exact = True

    @abstractmethod
    def scalar(self, v: Fraction | int) -> Value:
        """The value of a rational number in this world."""

    def dyadic(self, k: int, power: int) -> Value:
        """k · 2^power, exactly."""
        return self.scalar(Fraction(k) * Fraction(2) ** power)

    @abstractmethod
    def matrix(self, rows: int, columns: int, entries: list[Value]) -> Value:
        """The matrix with these entries, row by row."""

    def function(self, name: str, v: Value) -> Value:
        raise SyntaxFault(f"{name} has no exact value")

    def constant(self, name: str) -> Value:
        raise SyntaxFault(f"{name} has no exact value")


class FieldWorld(World):
    name = "field"

    def scalar(self, v: Fraction | int) -> Value:
        if isinstance(v, int):
            return flint.nmod(v % PRIME, PRIME)
        above, below = v.as_integer_ratio()
        if below == 1:
            return flint.nmod(above % PRIME, PRIME)
        if not below % PRIME:
            raise UndefinedFault("a denominator is zero")
        return flint.nmod(above % PRIME, PRIME) / flint.nmod(below % PRIME, PRIME)

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

    def function(self, name: str, v: Value) -> Value:
        if name == "abs":
            return abs(v)
        if name == "sign":
            return flint.fmpq((v > 0) - (v < 0))
        if name == "relu":
            return max(v, flint.fmpq(0))
        if name in ("floor", "ceil", "trunc"):
            down = name == "floor" or (name == "trunc" and v >= 0)
            return flint.fmpq(v.floor() if down else v.ceil())
        return super().function(name, v)


class BallWorld(World):
    name = "balls"
    exact = False

    def scalar(self, v: Fraction | int) -> Value:
        if isinstance(v, int):
            return flint.arb(v)
        above, below = v.as_integer_ratio()
        if below == 1 and -_SHORT < above < _SHORT:
            return flint.arb(above)
        return flint.arb(flint.fmpq(above, below))

    def dyadic(self, k: int, power: int) -> Value:
        return flint.arb((k, power))

    def matrix(self, rows: int, columns: int, entries: list[Value]) -> Value:
        return flint.arb_mat(rows, columns, entries)

    def constant(self, name: str) -> Value:
        if name == "pi":
            return flint.arb.pi()
        if name == "e":
            return flint.arb.const_e()
        raise UndefinedFault("infinity is not a number")

    def function(self, name: str, v: Value) -> Value:
        if name == "exp":
            return v.exp()
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
        if name == "trunc":
            return v.floor() if v >= 0 else v.ceil()
        if name == "sqrt" and v < 0:
            raise UndefinedFault("the square root of a negative number")
        if name == "log" and v <= 0:
            raise UndefinedFault("the logarithm of a number that is not positive")
        if name in ("asin", "acos") and abs(v) > 1:
            raise UndefinedFault(f"{name} of a number outside −1 to 1")
        return getattr(v, name)()


class Kept(NamedTuple):
    """The value of an abbreviation at a point, and what it took, without the abbreviations in it."""

    value: Value
    steps: int
    used: frozenset[str]


@dataclass
class Point:
    """Sizes and values for every declared symbol; ``integers`` are those used as whole numbers."""

    world: World
    scope: Scope
    dims: Mapping[str, int]
    values: dict[str, Value]
    integers: Mapping[str, int]
    functions: Mapping[str, list[Value]] = field(default_factory=dict)
    cache: dict[str, Kept] = field(default_factory=dict)

    def size(self, d: Dim) -> int:
        """The size a dimension's name stands for.

        Raises:
            SyntaxFault: a size nobody declared.
        """
        if isinstance(d, int):
            return d
        found = self.dims.get(d, self.integers.get(d))
        if found is None or found < 0:
            raise SyntaxFault(f"{show_name(str(d))} is not a size")
        return found

    def under(self, scope: Scope) -> Point:
        """The same point under a student's own definitions."""
        if scope is self.scope:
            return self
        return Point(self.world, scope, self.dims, self.values, self.integers, self.functions)

    def moved(self, values: Mapping[str, Value]) -> Point:
        """The same point with other values for some symbols."""
        moved = self.values.copy()
        moved.update(values)
        return Point(self.world, self.scope, self.dims, moved, self.integers, self.functions)


def entries_of(v: Value) -> list[Value]:
    """The entries of a matrix, or the scalar alone."""
    return v.entries() if hasattr(v, "entries") else [v]


WORLDS: dict[str, World] = {"field": FieldWorld(), "rationals": RationalWorld(), "balls": BallWorld()}
