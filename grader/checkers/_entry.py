"""A number that is given as an entry of a vector: f_1 in ``f(1, 2) = (7.8e24, 2.73)``."""

from __future__ import annotations

import msgspec

from grader.errors import RubricError
from grader.maths.authoring import compiled_keys
from grader.maths.claims import pick
from grader.maths.numbers import Stated
from grader.maths.printing import show
from grader.maths.scope import Scope
from grader.maths.tree import num
from grader.maths.vectors import Vector, stated_vector, vector_claims

__all__ = ["InVector", "check_in_vector", "entry_in_text", "entry_of"]


class InVector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The number may be the ``entry`` (counted from 1) of a vector of so many, under one of these ``labels``;
    a vector without a label is taken only if its entry is right."""

    entry: int
    of: int
    labels: list[str] = []


def check_in_vector(wanted: InVector | None) -> frozenset[str]:
    """The labels of the vector.

    Raises:
        RubricError: one cannot be read, or there is no such entry.
    """
    if wanted is None:
        return frozenset()
    if not 1 <= wanted.entry <= wanted.of:
        raise RubricError(f"`in_vector.entry` is {wanted.entry}, which is none of 1 to {wanted.of}")
    return compiled_keys(wanted.labels, [], "in_vector.labels")[0]


def entry_in_text(
    wanted: InVector, labels: frozenset[str], text: str, scope: Scope, comma: bool
) -> tuple[Stated | None, bool]:
    """The entry of the one vector that a text may mean, and whether it stands under a label."""
    claims = vector_claims(text, scope, wanted.of, decimal_comma=comma)
    found = {id(c): v for c in claims if (v := stated_vector(c)) is not None}
    usable = [c for c in claims if id(c) in found and (c.labels & labels or not c.left)]
    claim = pick(usable, labels, None, lambda a, b: found[id(a)].near(found[id(b)])).claim
    if claim is None:
        return None, False
    return entry_of(wanted, found[id(claim)]), bool(claim.labels & labels)


def entry_of(wanted: InVector | None, vector: Vector | None) -> Stated | None:
    if wanted is None or vector is None or len(vector) != wanted.of:
        return None
    value = vector.entries[wanted.entry - 1]
    text = show(num(value.value)) if value.value.denominator == 1 else f"{float(value.value):.10g}"
    return Stated(value, num(value.value), text)
