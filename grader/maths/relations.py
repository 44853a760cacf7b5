"""Relations of a rubric in named numbers: ``op = 2p + 2 - k``, ``0 <= op < 2``, put to the test."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.errors import MathsFault, RubricError
from grader.maths.constants import real_number
from grader.maths.reading import read_member
from grader.maths.scope import Scope
from grader.maths.statements import find_statements
from grader.maths.tree import Node, num

__all__ = ["Relation", "compiled_relation"]

_TESTS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Relation:
    """``members[k] signs[k] members[k + 1]`` for every k; ``names`` are what it speaks of."""

    text: str
    members: tuple[Node, ...]
    signs: tuple[str, ...]
    names: frozenset[str]

    def broken(self, values: Mapping[str, Fraction]) -> str:
        """Why it does not hold at these values, with the numbers; empty where it does."""
        found = [
            real_number(m.map(lambda n: num(values[str(n.value)]) if n.op == "sym" else None))
            for m in self.members
        ]
        for sign, a, b in zip(self.signs, found, found[1:], strict=False):
            if a is None or b is None:
                return "it has no value"
            if not _TESTS[sign](a, b):
                return f"{_show(a)} {'≠' if sign == '=' else f'is not {sign}'} {_show(b)}"
        return ""


def _show(x: Fraction) -> str:
    return str(x) if x.denominator < 1000 and abs(x) < 10**12 else f"{float(x):.6g}"


def compiled_relation(text: str, scope: Scope, names: Sequence[str], key: str) -> Relation:
    """A relation as a rubric writes it.

    Raises:
        RubricError: it cannot be read, is none, or speaks of something else.
    """
    statements = find_statements(text)
    if len(statements) != 1 or statements[0].fault is not None or len(statements[0].members) < 2:
        raise RubricError(
            f"`{key}` holds {text!r}, which is no relation such as 'op = 2p + 2 - k' or '0 <= op < 2'"
        )
    (s,) = statements
    unknown = [sign for sign in s.relations if sign not in _TESTS]
    if unknown:
        raise RubricError(
            f"`{key}` holds {text!r} with the sign {unknown[0]!r}; the signs are {', '.join(_TESTS)}"
        )
    try:
        members = tuple(read_member(m, scope, infix=not s.latex)[0] for m in s.members)
    except MathsFault as fault:
        raise RubricError(f"`{key}` holds {text!r}, which cannot be read: {fault.message}") from fault
    found = frozenset(str(n) for m in members for n in m.names())
    if not found <= set(names) or any(m.shape is not None for m in members):
        raise RubricError(f"`{key}` holds {text!r}; it may only speak of {', '.join(names)}")
    return Relation(text, members, s.relations, found)
