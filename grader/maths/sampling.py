"""Sample points: sizes and values that respect declared kinds and assumptions.

Sizes are unequal and at least 2 (3 where the assumptions allow), because at n = d many transposition
slips cannot be seen. A dimension that is also used as a number (1/n) is drawn freely unless a sum,
a trace or a factorial ties it to the size: then several sizes are used, so that no literal passes.
"""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

from grader.maths.evaluate import PRIME, BallWorld, FieldWorld, Point, RationalWorld, World
from grader.maths.scope import Scope
from grader.maths.tree import Node

__all__ = ["binding", "dims_in_order", "draw", "sizes", "small_sizes"]

_BINDING_OPS = frozenset("sum prod fact".split())
FUNCTION_DEGREE = 6  # an unknown function is a random polynomial of this degree


def binding(node: Node, scope: Scope, seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """Names that must be whole numbers equal to their sizes when this tree is evaluated.

    ``*`` stands for all dimensions.
    """
    out: set[str] = set()
    for n in node.walk():
        op = n.op
        if op in _BINDING_OPS or (op == "func" and n.value in ("tr", "mean", "sumall")):
            out.add("*")
            for a in n.args[1:] or n.args:
                out |= _integer_names(a, scope)
        elif op in ("ones", "eye"):
            out.add("*")
        elif op == "pow" and n.args[1].op != "num":
            out |= _integer_names(n.args[1], scope)
        elif op == "idx":
            for a in n.args[1:]:
                out |= _integer_names(a, scope)
        elif op == "sym" and n.value in scope.define and n.value not in seen:
            out |= binding(scope.define[n.value], scope, seen | {n.value})
    return frozenset(out)


def _integer_names(n: Node, scope: Scope) -> set[str]:
    return {x for x in n.names() if x in scope.kinds and scope.kinds[x].sort in ("dim", "integer")}


def dims_in_order(scope: Scope) -> list[str]:
    """The dimensions that occur in shapes, in the order of declaration."""
    out: list[str] = []
    for kind in scope.kinds.values():
        for d in kind.shape or ():
            if isinstance(d, str) and d not in out:
                out.append(d)
    return out


def _allowed(scope: Scope, dims: dict[str, int]) -> bool:
    for big, small, strict in scope.assumptions.order:
        a = dims.get(big) if isinstance(big, str) else big
        b = dims.get(small) if isinstance(small, str) else small
        if a is None or b is None:
            continue
        if a < b or (strict and a == b):
            return False
    return True


def sizes(scope: Scope, rng: random.Random, count: int) -> list[dict[str, int]]:
    """``count`` assignments of sizes, all different from one another inside an assignment."""
    names = [*dims_in_order(scope), *(n for n, k in scope.kinds.items() if k.sort == "dim")]
    names = list(dict.fromkeys(names))
    if not names:
        return [{}] * count
    high = max(6, 3 + len(names))
    out: list[dict[str, int]] = []
    for attempt in range(400):
        low = 3 if attempt < 200 else 2
        values = rng.sample(range(low, high + attempt // 40 + 1), len(names))
        dims = dict(zip(names, values, strict=True))
        if _allowed(scope, dims) and (dims not in out or attempt > 100):
            out.append(dims)
            if len(out) == count:
                return out
    from grader.errors import RubricError

    if out:
        return (out * count)[:count]
    raise RubricError(f"no sizes satisfy the assumptions on {', '.join(names)}; check the declared orderings")


def small_sizes(scope: Scope, limit: int = 24) -> list[dict[str, int]]:
    """Assignments from the smallest up, for counterexamples."""
    names = [*dims_in_order(scope), *(n for n, k in scope.kinds.items() if k.sort == "dim")]
    names = list(dict.fromkeys(names))
    if len(names) > 5:
        base = sizes(scope, random.Random(1), 4)
        return base
    found = [
        dict(zip(names, combo, strict=True))
        for combo in itertools.product(range(1, 5 if len(names) < 4 else 3), repeat=len(names))
    ]
    found = [d for d in found if _allowed(scope, d)]
    found.sort(key=lambda d: (sum(d.values()), tuple(d.values())))
    return found[:limit] or sizes(scope, random.Random(1), 4)


def draw(
    scope: Scope,
    world: World,
    dims: dict[str, int],
    rng: random.Random,
    bound: frozenset[str],
    *,
    span: int = 0,
) -> Point:
    """A random point. ``span``: for small rationals, entries are whole numbers up to it."""
    values: dict[str, object] = {}
    integers: dict[str, int] = {}
    functions: dict[str, list[object]] = {}
    for name, kind in scope.kinds.items():
        if name in scope.define:
            continue
        if kind.sort == "function":
            functions[name] = [_number(world, rng, "", span) for _ in range(FUNCTION_DEGREE + 1)]
        elif kind.sort == "dim":
            size = dims[name]
            if "*" in bound or name in bound or span:
                integers[name] = size
                values[name] = world.scalar(size)
            else:
                values[name] = _number(world, rng, "> 0", 0)
        elif kind.sort == "integer":
            if name in bound or span:
                k = _whole(rng, kind.sign, span)
                integers[name] = k
                values[name] = world.scalar(k)
            else:
                values[name] = _number(world, rng, kind.sign or "> 0", 0)
        elif kind.shape is None:
            values[name] = _number(world, rng, kind.sign, span)
        else:
            r, c = (d if isinstance(d, int) else dims[d] for d in kind.shape)
            values[name] = world.matrix(r, c, [_number(world, rng, "", span) for _ in range(r * c)])
    return Point(world, scope, dims, values, integers, functions)


def _whole(rng: random.Random, sign: str, span: int) -> int:
    high = max(2, min(span, 4)) if span else 6
    return rng.randint(1 if sign in ("> 0", "!= 0", "") else 0, high)


def _number(world: World, rng: random.Random, sign: str, span: int) -> object:
    if isinstance(world, FieldWorld):
        return world.scalar(rng.randrange(1, PRIME))
    if span:
        v = rng.randint(-span, span) if span > 1 else 1
        if sign == "> 0":
            v = abs(v) or 1
        elif sign == ">= 0":
            v = abs(v)
        elif sign == "!= 0":
            v = v or 1
        elif sign in ("< 0", "<= 0"):
            v = -abs(v) or -1
        elif sign == "in (0,1)":
            return world.scalar(Fraction(1, 1 + (abs(v) or 1)))
        return world.scalar(v)
    k = Fraction(rng.randint(13, 150), 64)
    if sign == "in (0,1)":
        return world.scalar(Fraction(rng.randint(5, 59), 64))
    if sign in ("< 0", "<= 0"):
        k = -k
    elif sign in ("", "!= 0") and rng.random() < 0.5:
        k = -k
    return world.scalar(k)


WORLDS = {"field": FieldWorld(), "rationals": RationalWorld(), "balls": BallWorld()}
