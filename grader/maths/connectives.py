r"""Alternatives and what holds together: ``$x = y$ or $x = -y$``, ``x = 1 \\lor x = 2``, ``x`` in a set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from grader.maths.alphabet import Token
from grader.maths.chains import Statement
from grader.maths.labels import label_of
from grader.maths.written_out import at_commas

__all__ = ["AND", "BRANCHES", "OR", "connected", "in_a_set"]

OR = re.compile(
    r"[\s,;]*(?:and\s*/\s*)?(?:or|∨|\\lor|\\vee)(?:\s+(?:else|that|possibly|maybe))?[\s,;:]*", re.IGNORECASE
)
AND = re.compile(r"[\s,;]*(?:and|as well as|∧|\\land|\\wedge)(?:\s+also)?[\s,;:]*", re.IGNORECASE)
BRANCHES = re.compile(r"\beither\b[\s,:]*$", re.IGNORECASE)
_SIGNS = {"lor": "or", "vee": "or", "land": "and", "wedge": "and"}
_PLAIN = frozenset(("or", "and", "so", "hence", "thus", "therefore"))
_OPEN = {"(": 1, "[": 1, "{": 1, "\\{": 1, ")": -1, "]": -1, "}": -1, "\\}": -1}
_STATES = frozenset(("=", "<", "<=", ">", ">="))


def connected(found: Sequence[Statement]) -> list[Statement]:
    """The statements, cut where a sign or a word joins two in one; of ``x = 1 or -1`` the second says
    what x is."""
    out: list[Statement] = []
    for s in found:
        for part in _cut(s):
            last = out[-1] if out else None
            bare = len(part.members) == 1 and not part.lead and OR.fullmatch(part.words)
            if bare and part.members[0] and last is not None and _is_value(last):
                place = part.members[0][0].start
                left = tuple(x._replace(start=place, end=place) for x in last.members[0])
                part = replace(part, members=(left, *part.members), relations=("=",))
            out.append(part)
    return out


def _is_value(s: Statement) -> bool:
    """Whether it says what one symbol is."""
    one = s.fault is None and len(s.members) == 2 and tuple(s.relations) == ("=",)
    return one and label_of(s.members[0]) is not None


def _cut(s: Statement) -> list[Statement]:
    if s.fault is not None or not _STATES.intersection(s.relations):
        return [s]
    for k, member in enumerate(s.members):
        depth = 0
        for i, t in enumerate(member):
            depth += _OPEN.get(t.text, 0) if t.kind == "op" else 0
            word = _SIGNS.get(t.text, "") if t.kind == "cmd" else ""
            if not s.latex and t.kind == "word" and t.text in _PLAIN and _is_symbol(member[i + 1 :]):
                word = t.text
            if not word or depth or not i or i == len(member) - 1:
                continue
            first = replace(s, members=(*s.members[:k], member[:i]), relations=s.relations[:k])
            rest = replace(
                s,
                members=(member[i + 1 :], *s.members[k + 1 :]),
                relations=s.relations[k:],
                words=word,
                lead="",
            )
            return [first, *_cut(rest)] if first.relations else [s]
    return [s]


def _is_symbol(tokens: Sequence[Token]) -> bool:
    return label_of(tokens) is not None and all(t.kind != "word" or len(t.text) == 1 for t in tokens)


def in_a_set(s: Statement) -> tuple[tuple[Token, ...], tuple[Token, ...]] | None:
    r"""The symbol and the set or interval of ``x \\in \\{1, -1\\}``, ``x \\in (0, 2)``, if that is all."""
    if s.fault is not None or tuple(s.relations) != ("in",) or len(s.members) != 2 or not all(s.members):
        return None
    symbol, found = s.members
    first, last = found[0].text, found[-1].text
    closed = {"\\{": ("\\}",), "(": (")", "]"), "[": ("]", ")", "["), "]": ("[", "]")}.get(first, ())
    if label_of(symbol) is None or last not in closed or any(t.text in ("dots", ":", "mid") for t in found):
        return None
    return (symbol, found) if first == "\\{" or len(at_commas(found[1:-1])) == 2 else None
