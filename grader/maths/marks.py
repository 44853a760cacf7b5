"""Which of many numbers may be a given one: found by a dictionary or by bisection, not one by one."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterator

import flint

from grader.maths.worlds import Point, Value

__all__ = ["Marks", "Monomials"]

_TIGHT = flint.arb(2) ** -40  # a ball wider than this, for its size, may be anything
_APART = 1e-9  # tight balls that overlap are nearer than this
_SMALLEST, _LARGEST = 1e-280, 1e280

_Powers = tuple[tuple[str, int], ...]  # of symbols


class Marks:
    """Places under numbers of one world. What is found may be equal; nothing else is."""

    def __init__(self) -> None:
        self.places: list[int] = []
        self.exact: dict[int, list[int]] = {}
        self.rough: list[tuple[float, int]] = []  # in order
        self.anywhere: list[int] = []

    def add(self, v: Value, place: int) -> None:
        self.places.append(place)
        if not isinstance(v, flint.arb):
            self.exact.setdefault(int(v), []).append(place)
            return
        mark = _mark(v)
        if mark is None:
            self.anywhere.append(place)
        else:
            bisect.insort(self.rough, (mark, place))

    def near(self, v: Value) -> list[int]:
        """The places, in order, of the numbers that ``v`` may be equal to."""
        if not isinstance(v, flint.arb):
            return self.exact.get(int(v), [])
        mark = _mark(v)
        if mark is None:
            return self.places
        room = abs(mark) * _APART
        low = bisect.bisect_left(self.rough, (mark - room, -1))
        high = bisect.bisect_right(self.rough, (mark + room, len(self.places)))
        return sorted([place for _, place in self.rough[low:high]] + self.anywhere)


def _mark(v: flint.arb) -> float | None:
    """The number to a dozen digits; None if it is not known so well, or too small or large to say."""
    if not v.is_finite():
        return None
    mid = float(v.mid())
    sayable = _SMALLEST < abs(mid) < _LARGEST and v.rad() <= abs(v.mid()) * _TIGHT
    return mid if sayable else None


class Monomials:
    """Products of powers of some names, looked up by how they change from one point to the next."""

    def __init__(self, first: Point, second: Point, names: list[str]) -> None:
        self.rows: list[_Powers] = []
        self.marks = Marks()
        change = {}
        for n in names:
            if first.values[n] == 0 or second.values[n] == 0:
                return
            change[n] = first.values[n] / second.values[n]
        for powers in _powers(names):
            c = 1
            for name, e in powers:
                c = c * change[name] ** e
            self.marks.add(c, len(self.rows))
            self.rows.append(powers)

    def like(self, ratios: list[Value]) -> Iterator[_Powers]:
        """Those that may stand in the ratios, in order."""
        if self.rows:
            for k in self.marks.near(ratios[0] / ratios[1]):
                yield self.rows[k]


def _powers(names: list[str]) -> Iterator[_Powers]:
    for name in names:
        for e in (1, -1, 2, -2, 3, -3):
            yield ((name, e),)
    for a, b in itertools.combinations(names, 2):
        for e, f in itertools.product((1, -1, 2, -2), repeat=2):
            yield (a, e), (b, f)
