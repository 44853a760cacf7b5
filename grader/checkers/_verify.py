"""What ``grade verify`` and a kind have to say to each other: two hooks, both optional.

``verify(options, question, oracle) -> Iterable[str]`` yields one sentence for each thing the rubric has
wrong (its ``expected`` is not the reference's value, a mistake is the right answer). ``oracle`` is ``None``
where the criterion names no reference.

``examples(options, question) -> Iterable[Example]`` yields answers as a student would write them: the right
one, its listed rewrites and alternatives, the listed mistakes and slips made on purpose. Each of them goes
through the whole check. A kind that has this hook can be earned and lost by machine, and has to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Example", "Oracle"]


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


@dataclass(frozen=True, slots=True)
class Example:
    """An answer and what must become of it.

    ``what`` names it in a message, such as "the listed rewrite 'a + b'". ``credit`` is the share it must
    earn; ``None`` for a slip, of which it is only known that it must not be right. ``says`` must stand in
    what the student is told, also of a slip. ``code`` is a program, ``ran`` what became of what a criterion
    asks of it: nothing is run. ``way``: it follows other conventions than the sheet's, so that what it earns
    depends on the answers before it.
    """

    what: str
    text: str = ""
    value: Any = None
    credit: float | None = 1.0
    says: str = ""
    code: str = ""
    ran: Mapping[str, Any] = field(default_factory=dict)
    way: bool = False
