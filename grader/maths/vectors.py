"""Vectors of numbers in an answer, in any bracket or by their components, and up to what they agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.errors import MathsFault, RubricError
from grader.maths.arrays import array_from_value
from grader.maths.claims import Claim, Value, claims_in
from grader.maths.constants import EMPTY_SCOPE, real_entries
from grader.maths.exactness import needs_reals
from grader.maths.numbers import Amount
from grader.maths.reading import read_text
from grader.maths.scope import Scope
from grader.maths.tree import Node, num
from grader.maths.verdict import Tolerance

__all__ = ["Vector", "author_vector", "components", "stated_vector", "vector_claims", "vector_of_value"]

MAX_ENTRIES = 200
MAX_BARE = 200  # characters of a list without brackets
MAX_BITS = 4_000  # of a whole number in a JSON file
MIN_DIGITS = 2

_COMPONENT = re.compile(r"(?P<base>\S{0,60}?[^\s\d_,])[_,]?(?P<k>\d)")
_INDEXED = re.compile(r"(?P<base>[^\s\[]{1,60})\[(?P<k>\d)\]")


@dataclass(frozen=True, slots=True)
class Vector:
    entries: tuple[Amount, ...]
    node: Node
    text: str = ""

    def __len__(self) -> int:
        return len(self.entries)

    def near(self, other: Vector, tolerance: Tolerance | None = None) -> bool:
        """Whether the entries agree, each within the tolerance."""
        return len(self) == len(other) and not self.wrong(other, tolerance)

    def wrong(self, other: Vector, tolerance: Tolerance | None = None) -> list[int]:
        """The entries of ``other`` that are not right, counted from 1."""
        pairs = zip(self.entries, other.entries, strict=True)
        return [k for k, (a, b) in enumerate(pairs, 1) if not a.near(b, tolerance)]

    def scaled(self, factor: Fraction) -> Vector:
        return Vector(
            tuple(Amount(a.value * factor, a.irrational) for a in self.entries), self.node, self.text
        )

    def factor(self, other: Vector, tolerance: Tolerance | None = None) -> Fraction | None:
        """By what number this vector has to be multiplied to be ``other``; None if there is none but 0."""
        if len(self) != len(other):
            return None
        square = sum(a.value**2 for a in self.entries)
        product = sum(
            (a.value * b.value for a, b in zip(self.entries, other.entries, strict=True)), Fraction(0)
        )
        if not square or not product:
            return None
        k = product / square
        scaled = self.scaled(k)
        inexact = any(a.irrational for a in (*self.entries, *other.entries))
        length = max(abs(a.value) for a in scaled.entries)
        allowed = Fraction(tolerance.rel) * length if tolerance is not None else Fraction(0)
        if tolerance is not None and tolerance.abs:
            allowed = max(allowed, Fraction(tolerance.abs))
        if inexact:
            allowed = max(allowed, length / 10**40)
        pairs = zip(scaled.entries, other.entries, strict=True)
        return k if all(abs(a.value - b.value) <= allowed for a, b in pairs) else None

    def rounded_by(self, other: Vector) -> bool:
        """Whether every entry of ``other`` is this one's, exact or cut off after two or more digits."""
        return len(self) == len(other) and all(
            a.near(b) or _cut_off(b.value, a.value) for a, b in zip(self.entries, other.entries, strict=True)
        )


def _cut_off(decimal: Fraction, exact: Fraction) -> bool:
    for k in range(1, 20):
        if (decimal * 10**k).denominator == 1:
            digits = len(str(abs(int(decimal * 10**k))).lstrip("0"))
            return digits >= MIN_DIGITS and abs(decimal - exact) < Fraction(1, 10**k)
    return False


def _vector(node: Node, text: str) -> Vector | None:
    if node.names() or node.shape is None or 1 not in node.shape:
        return None
    if not all(isinstance(d, int) for d in node.shape) or max(node.shape) > MAX_ENTRIES:
        return None
    entries = real_entries(node)
    if entries is None:
        return None
    irrational = needs_reals(node, EMPTY_SCOPE)
    return Vector(tuple(Amount(e, irrational) for e in entries), node, text)


def author_vector(text: str | Sequence[int | float | str], key: str) -> Vector:
    """An author's vector: "(2, 1)/\\\\sqrt{5}" or a list of numbers.

    Raises:
        RubricError: it is no vector of numbers.
    """
    plain = text if isinstance(text, str) else "[" + ", ".join(str(x) for x in text) + "]"
    try:
        found = _vector(read_text(plain, EMPTY_SCOPE).node, plain)
    except MathsFault as fault:
        raise RubricError(f"`{key}` is {text!r}, which cannot be read: {fault.clause}") from fault
    if found is None or len(found) < 2:
        raise RubricError(
            f"`{key}` is {text!r}; write a vector of two or more numbers, such as '(2, 1)/\\sqrt{{5}}'"
        )
    return found


def vector_of_value(value: Any) -> Vector | None:
    """A JSON value: a list of numbers, or of rows of one number."""
    array = array_from_value(value)
    if array is None or 1 not in array.size:
        return None
    entries = [x for row in array.rows for x in row]
    node = Node("matrix", tuple(num(x) for x in entries), (len(entries), 1, True), None, (len(entries), 1))
    return Vector(tuple(Amount(x) for x in entries), node, str(value)[:80])


def stated_vector(claim: Claim) -> Vector | None:
    """The vector a claim ends with: (2, 1)/√5 of "(2, 1)/√5 ≈ (0.89, 0.45)"; None if it states none."""
    found = [v for value in claim.values if (v := _vector(value.node, value.text)) is not None]
    if not found:
        return None
    last = found.pop()
    while found and found[-1].rounded_by(last):
        last = found.pop()
    return last


def vector_claims(text: str, scope: Scope, size: int, *, decimal_comma: bool = False) -> list[Claim]:
    """What a text states, with vectors put together from their components (``w_1 = 0.8``, ``w_2 = 0.4``)."""
    bare = text.strip().strip("$").strip()
    if len(bare) <= MAX_BARE and not re.search(
        r"[()\[\]=\n⟨{]", re.sub(r"sqrt\(\d+\)|\\sqrt\{\d+\}|\\frac\{\d+\}\{\d+\}", "", bare)
    ):
        found = claims_in(f"[{bare}]", scope, decimal_comma=decimal_comma)
        if len(found) == 1 and stated_vector(found[0]) is not None:
            return found
    claims = claims_in(text, scope, decimal_comma=decimal_comma)
    return [*claims, *_put_together(claims, size)]


def _put_together(claims: Sequence[Claim], size: int) -> Iterator[Claim]:
    bases: dict[tuple[str, int], dict[int, tuple[Claim, Node]]] = {}
    for claim in claims:
        value = next((v for v in reversed(claim.values) if v.node.shape is None and not v.rounded), None)
        if value is None or claim.denial:
            continue
        for label in claim.labels:
            m, first = _INDEXED.fullmatch(label), 0
            if m is None:
                m, first = _COMPONENT.fullmatch(label), 1
            if m is not None:
                bases.setdefault((m["base"], first), {})[int(m["k"])] = (claim, value.node)
    seen: set[tuple[int, ...]] = set()
    for (base, first), parts in bases.items():
        if sorted(parts) != list(range(first, first + size)) or size < 2:
            continue
        members = [parts[k] for k in sorted(parts)]
        key = tuple(id(c) for c, _ in members)
        if key in seen:
            continue
        seen.add(key)
        node = Node("matrix", tuple(n for _, n in members), (size, 1, True), None, (size, 1))
        last = members[-1][0]
        labels = frozenset(b for b, f in bases if f == first and bases[b, f].keys() == parts.keys())
        yield Claim(
            (Value(node, ", ".join(c.text for c, _ in dict.fromkeys(members))),),
            labels | {base},
            True,
            all(c.boxed for c, _ in members),
            last.before,
            last.gap,
            "; ".join(dict.fromkeys(c.text for c, _ in members)),
        )


def components(value: Mapping[str, Any]) -> str:
    """``{"w_1": 0.8, "w_2": 0.4}`` as text; a number of absurd length is no component."""
    plain = {
        k: v
        for k, v in value.items()
        if isinstance(v, float | str) or (isinstance(v, int) and v.bit_length() <= MAX_BITS)
    }
    return "\n".join(f"{k} = {v}" for k, v in plain.items())
