"""Indices: ``t_i``, ``X_{ij}``, ``u_{t+1}``, ``u_m`` for the last entry, ``g_{t-i}``."""

from __future__ import annotations

import re
from collections.abc import Collection

from grader.maths.scope import Scope
from grader.maths.tree import Node, num, sym

__all__ = ["indices"]

_SUM = re.compile(r"[-+]?\w+(?:[-+]\w+)*")
_TERM = re.compile(r"([-+]?)(\w+)")


def indices(
    sub: str, bound: Collection[str], scope: Scope, span: tuple[int, int], most: int
) -> list[Node] | None:
    """The indices that a subscript says, at most ``most``; None if it says something else."""
    parts = sub.split(",")
    if len(parts) == 1 and len(sub) == most == 2 and all(_stands(c, bound, scope) for c in sub):
        parts = list(sub)
    out: list[Node] = []
    for part in parts:
        node = Node("all", (), None, span) if part == ":" else _index(part, bound, scope, span)
        if node is None:
            return None
        out.append(node)
    return out if 1 <= len(out) <= most else None


def _stands(c: str, bound: Collection[str], scope: Scope) -> bool:
    return c in bound or c.isdigit() or (c in scope.define and scope.kinds[c].sort == "integer")


def _index(part: str, bound: Collection[str], scope: Scope, span: tuple[int, int]) -> Node | None:
    """A whole number, an index of a sum, a size, or a sum of such."""
    if not _SUM.fullmatch(part):
        return None
    terms: list[Node] = []
    for sign, word in _TERM.findall(part):
        if word.isdigit() and len(word) < 5:
            term = num(int(word), span)
        elif word in bound:
            term = Node("var", (), word, span)
        elif word in scope.kinds and scope.kinds[word].sort in ("dim", "integer"):
            term = sym(word, span)
        else:
            return None
        terms.append(Node("neg", (term,), None, span) if sign == "-" else term)
    return terms[0] if len(terms) == 1 else Node("add", tuple(terms), None, span)
