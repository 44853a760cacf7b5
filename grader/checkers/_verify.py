"""What ``grade verify`` hands to a kind's own ``verify`` hook.

A checker module may define ``verify(options, question, oracle) -> Iterable[str]``: it yields one
sentence for each thing the rubric has wrong (its ``expected`` is not the reference's value, a listed
rewrite is not accepted, a listed mistake is not recognised). ``oracle`` is ``None`` where the criterion
names no reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Oracle"]


@dataclass(frozen=True, slots=True)
class Oracle:
    """The reference's exact values at a few random points.

    ``sample_points``: for every symbol of the question (functions have none) a ``Fraction``, an ``int``
    (sizes and integers) or rows of ``Fraction`` (a vector has one column). ``values``, one a point: a
    ``Fraction``, a ``float`` where the value is irrational, a ``bool``, a ``str``, ``None``, nested lists
    of these, or objects (``dict``) of them. A reference without parameters has one point.
    """

    sample_points: tuple[Mapping[str, object], ...]
    values: tuple[object, ...]
