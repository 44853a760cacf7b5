"""Sample points: sizes and values that respect declared kinds and assumptions.

Sizes are unequal and at least 3 where the assumptions allow, because at n = d many transposition slips
cannot be seen; from point to point they change, so that no literal passes for a size. A dimension that
is also used as a number (1/n) is drawn freely, unless a sum, a trace or a power ties it to its size.

In balls, signs follow a two-level orthogonal array: over eight points every pair of scalars without a
declared sign takes all four combinations of signs; four more points are far out, with both signs, so
that √(x²) is told from x and max(x, −100) from x.
"""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import Any

from grader.errors import RubricError
from grader.maths.scope import Scope
from grader.maths.structures import structured
from grader.maths.tree import Node
from grader.maths.worlds import PRIME, WORLDS, FieldWorld, Point, Value, World

__all__ = [
    "NEAR",
    "VARIANTS",
    "WORLDS",
    "allowed",
    "binding",
    "draw",
    "sizes",
    "small_sizes",
]

VARIANTS = 12
NEAR = 8  # the variants before it are of ordinary size, with every combination of two signs
SCALES = (0,) * NEAR + (9, 9, 5, 5)  # powers of two; far out each sign pattern comes with its opposite
FUNCTION_DEGREE = 12  # an unknown function is a random polynomial of this degree
LARGE = range(9, 24)  # sizes of one more point when a sum or a trace depends on them
MAX_EXPONENT = 40

_BINDING_OPS = frozenset(["sum", "prod", "fact"])  # fmt: skip
_SIZED = frozenset(["ones", "eye", "zeros"])  # fmt: skip
_TYING = _BINDING_OPS | _SIZED | {"func", "pow", "idx", "norm"}  # operations that may bind a name


def binding(node: Node, scope: Scope, seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """Names that must be whole numbers, equal to their sizes, when this tree is evaluated.

    ``*`` stands for all dimensions.
    """
    if _TYING.isdisjoint(node.ops()) and node.names().isdisjoint(scope.define):
        return frozenset()
    out: set[str] = set()
    for n in node.walk():
        op = n.op
        if op in _BINDING_OPS or (op == "func" and n.value in ("tr", "mean", "sumall")):
            out.add("*")
            for a in n.args[1:] or n.args:
                out |= _integer_names(a, scope)
        elif op in _SIZED:
            out.add("*")
            out |= {d for d in n.shape or () if isinstance(d, str)}
        elif op == "pow" and n.args[1].op != "num":
            out |= _integer_names(n.args[1], scope)
        elif op == "idx":
            for a in n.args[1:]:
                out |= _integer_names(a, scope)
        elif op == "norm" and n.args[0].op == "eye":
            out.add("*")
        if op == "sym" and n.value in scope.define and n.value not in seen:
            out |= binding(scope.define[n.value], scope, seen | {n.value})
    return frozenset(out)


def _integer_names(n: Node, scope: Scope, seen: frozenset[str] = frozenset()) -> set[str]:
    out = set()
    for x in n.names():
        if x in scope.define and x not in seen:
            out |= _integer_names(scope.define[x], scope, seen | {x})
        elif x in scope.kinds and scope.kinds[x].sort in ("dim", "integer"):
            out.add(x)
    return out


def allowed(scope: Scope, dims: dict[str, int]) -> bool:
    """Whether sizes meet the assumed orderings."""
    for big, small, strict in scope.assumptions.order:
        a = dims.get(big) if isinstance(big, str) else big
        b = dims.get(small) if isinstance(small, str) else small
        if a is None or b is None:
            continue
        if a < b or (strict and a == b):
            return False
    return True


def sizes(scope: Scope, rng: random.Random, count: int, within: range | None = None) -> list[dict[str, int]]:
    """``count`` assignments of sizes: unequal inside an assignment, and each name's change between them.
    Of two sizes each is the larger one somewhere, of three each the largest, if they may be: Xw = t is not
    X^TXw = X^Tt where n > d.

    Raises:
        RubricError: the assumptions leave no sizes.
    """
    names = scope.dims
    if not names:
        return [{} for _ in range(count)]
    high = max(6, 3 + len(names)) + count - 1
    out: list[dict[str, int]] = []
    used: dict[str, set[int]] = {n: set() for n in names}
    for attempt in range(600):
        pool = within or range(3 if attempt < 300 else 1, high + 1 + attempt // 50)
        if len(pool) < len(names):
            pool = range(pool.start, pool.start + len(names))
        dims = dict(zip(names, rng.sample(pool, len(names)), strict=True))
        if out:
            turned = _turned(dims, out[0], len(out))
            dims = turned if allowed(scope, turned) else dims
        if not allowed(scope, dims):
            continue
        if attempt < 200 and any(dims[n] in used[n] for n in names):
            continue
        if dims in out and attempt < 500:
            continue
        out.append(dims)
        for n in names:
            used[n].add(dims[n])
        if len(out) == count:
            return out
    if out:
        return (out * count)[:count]
    raise RubricError(f"no sizes satisfy the assumptions on {', '.join(names)}; check the declared orderings")


def _turned(dims: dict[str, int], first: dict[str, int], turn: int) -> dict[str, int]:
    """The same sizes in another order than in ``first``. Of two the other way round; of three each in turn
    is the smallest, which makes each the largest as well; of more the other way round, then by halves."""
    order = sorted(first, key=first.__getitem__)
    half = len(order) // 2
    if len(order) == 2:
        order = order[::-1] if turn == 1 else []
    elif len(order) == 3:
        order = order[turn:] + order[:turn] if turn < 3 else order[::-1] if turn == 3 else []
    else:
        by_halves = order[half:] + order[:half]
        order = {1: order[::-1], 2: by_halves, 3: by_halves[::-1]}.get(turn, [])
    placed = dict(zip(order, sorted(dims.values()), strict=False))
    return {n: placed.get(n, dims[n]) for n in dims}


def small_sizes(scope: Scope, limit: int = 24) -> list[dict[str, int]]:
    """Assignments from the smallest up, for counterexamples; the last two are of ordinary size."""
    names = scope.dims
    ordinary = sizes(scope, random.Random(1), 2)
    if not names or len(names) > 6:
        return ordinary[:1] if not names else ordinary
    top = {1: 7, 2: 5, 3: 4}.get(len(names), 3)
    found = [
        dict(zip(names, combination, strict=True))
        for combination in itertools.product(range(1, top), repeat=len(names))
    ]
    found = [d for d in found if allowed(scope, d)]
    found.sort(key=lambda d: (sum(d.values()), tuple(d.values())))
    return found[:limit] + ordinary


def draw(
    scope: Scope,
    world: World,
    dims: dict[str, int],
    rng: random.Random,
    bound: frozenset[str],
    *,
    span: int = 0,
    variant: int = 0,
) -> Point:
    """A random point. ``span``: for counterexamples, entries are whole numbers up to it;
    ``variant``: in balls, which combination of signs and scales."""
    values = _Drawn(scope, world, dims, rng.getrandbits(60), span, variant)
    integers: dict[str, int] = {}
    functions: dict[str, list[Value]] = {}
    free = _free_dims(scope, rng) if not span and not world.exact else {}
    for name, kind in scope.drawn_at_once:
        if kind.sort == "function":
            degree = 2 if span else FUNCTION_DEGREE
            functions[name] = [_number(world, rng, "", span and min(span, 3)) for _ in range(degree + 1)]
        elif kind.sort == "dim":
            if "*" in bound or name in bound or span:
                integers[name] = dims[name]
                values[name] = world.scalar(dims[name])
            elif not world.exact:
                values[name] = world.scalar(free[name])
        elif name in bound or span or not world.exact:
            k = _whole(rng, kind.sign, span, variant, name in bound or bool(span))
            integers[name] = k
            values[name] = world.scalar(k)
    return Point(world, scope, dims, values, integers, functions)


class _Stream(random.Random):
    """``random.Random`` for whole seeds only: what it asks about other seeds costs as much as sowing."""

    def seed(self, a: Any = 0, version: int = 2) -> None:
        super(random.Random, self).seed(a)


class _Drawn(dict[str, Value]):
    """Values that are drawn when they are first asked for; which they are, the seed and the name say."""

    def __init__(
        self, scope: Scope, world: World, dims: dict[str, int], seed: int, span: int, variant: int
    ) -> None:
        super().__init__()
        self.scope = scope
        self.world = world
        self.dims = dims
        self.seed = seed
        self.span = span
        self.variant = variant
        self.rng: _Stream | None = None

    def __contains__(self, name: object) -> bool:
        return name in self.scope.kinds and name not in self.scope.define and self._drawable(str(name))

    def _drawable(self, name: str) -> bool:
        return self.scope.kinds[name].sort != "function"

    def get(self, name: str, default: Value = None) -> Value:
        drawable = name in self
        return self[name] if drawable else default

    def copy(self) -> _Drawn:
        new = _Drawn(self.scope, self.world, self.dims, self.seed, self.span, self.variant)
        new.update(self)
        return new

    def __missing__(self, name: str) -> Value:
        kind = self.scope.kinds.get(name)
        if kind is None or name in self.scope.define:
            raise KeyError(name)
        place = list(self.scope.kinds).index(name)
        if self.rng is None:
            self.rng = _Stream(self.seed + place)
        else:
            self.rng.seed(self.seed + place)
        rng = self.rng
        world = self.world
        if kind.shape is None:
            sign = "> 0" if kind.sort in ("dim", "integer") else kind.sign
            value = _scalar(world, rng, sign, self.span, self.variant, place + 1)
        else:
            r, c = (d if isinstance(d, int) else self.dims[d] for d in kind.shape)
            scale = SCALES[self.variant % VARIANTS]
            word = dict(self.scope.assumptions.structure).get(name)
            if word is None and isinstance(world, FieldWorld):
                value = world.matrix(r, c, [_between(rng, 1, PRIME - 1) for _ in range(r * c)])
            else:
                entries = [_number(world, rng, "", self.span, scale) for _ in range(r * c)]
                value = world.matrix(r, c, structured(world, word, r, entries) if word else entries)
        self[name] = value
        return value


def _free_dims(scope: Scope, rng: random.Random) -> dict[str, int]:
    """Dimensions as mere numbers: large, unequal, in the declared order."""
    names = scope.dims
    found: dict[str, int] = {}
    for _ in range(300):
        found = dict(zip(names, rng.sample(range(3, 98 + len(names)), len(names)), strict=True))
        if allowed(scope, found):
            break
    return found


def _whole(rng: random.Random, sign: str, span: int, variant: int, bound: bool) -> int:
    if sign.startswith("<"):
        return -rng.randint(1, span or 9)
    if span:
        return rng.randint(1, max(2, min(span, 4)))
    k = rng.randint(2, 9) if variant % VARIANTS < 2 else rng.randint(2, MAX_EXPONENT)
    # a limit or an exponent counts something; any other integer may be negative
    return -k if not bound and sign in ("", "!= 0") and variant % 2 else k


def _scalar(world: World, rng: random.Random, sign: str, span: int, variant: int, column: int) -> Value:
    if world.exact or span:
        return _number(world, rng, sign, span)
    variant %= VARIANTS
    scale = SCALES[variant]
    if sign in ("", "!= 0"):
        pattern = 1 + (column - 1) % (NEAR - 1)
        if variant < NEAR:
            negative = (variant & pattern).bit_count() % 2
        else:
            negative = (variant + (pattern >> (variant - NEAR) // 2)) % 2
        return _number(world, rng, "< 0" if negative else "> 0", 0, scale)
    return _number(world, rng, sign, 0, scale)


def _number(world: World, rng: random.Random, sign: str, span: int, scale: int = 0) -> Value:
    """``scale``: the number is multiplied by 2 to this power."""
    if isinstance(world, FieldWorld):
        return world.scalar(_between(rng, 1, PRIME - 1))
    if span:
        return world.scalar(_small(rng, sign, span))
    if sign == "in (0,1)":
        return world.scalar(Fraction(rng.randint(5 << 10, 59 << 10), 64 << 10))
    k = _between(rng, 13 << 10, 150 << 10)  # 0.2 to 2.3
    if sign.startswith("<") or (sign in ("", "!= 0") and rng.random() < 0.5):
        k = -k
    return world.dyadic(k, scale - 16)


def _between(rng: random.Random, low: int, high: int) -> int:
    """What ``rng.randint`` gives, in a third of the time: a point takes dozens."""
    width = high - low + 1
    bits = width.bit_length()
    k = rng.getrandbits(bits)
    while k >= width:
        k = rng.getrandbits(bits)
    return low + k


def _small(rng: random.Random, sign: str, span: int) -> Fraction | int:
    v = _between(rng, -span, span) if span > 1 else 1
    if sign == "> 0":
        return abs(v) or 1
    if sign == ">= 0":
        return abs(v)
    if sign == "!= 0":
        return v or 1
    if sign == "< 0":
        return -abs(v) or -1
    if sign == "<= 0":
        return -abs(v)
    return Fraction(1, 1 + (abs(v) or 1)) if sign == "in (0,1)" else v
