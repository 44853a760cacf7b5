"""What an author assumes beyond what sample points can be drawn for: equations, which become premises of a
derivation, inequalities, and sentences, whose symbols are not spoken of with certainty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from grader.errors import MathsFault, RubricError
from grader.maths.chains import ORDERS
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.equations import difference_of
from grader.maths.given import fitted
from grader.maths.lines import read_tree
from grader.maths.record import sized
from grader.maths.restricted import Bound, bounds_between
from grader.maths.scope import Scope, canonical_name
from grader.maths.statements import Statement, find_statements
from grader.maths.tree import Node

__all__ = ["Assumed", "assumed"]

_ROWS = re.compile(
    r"\W*+(\w++)\W++(?:is|are|denotes?) (?:the )?(?:\w+-?th |\w+ )?(?:row|column|entry|component|sample)s? .*"
)
_BELOW_ONE = re.compile(r"\s*+(?:(\w++)\s*+<=?\s*1|1\s*+>=?\s*(\w+))\s*")
_WORD = re.compile(r"[A-Za-z]\w*(?:\^\(\w+\))?")


@dataclass(frozen=True, slots=True)
class Assumed:
    """``equations``: both sides; ``bounds``: inequalities; ``doubtful``: symbols that sentences speak of
    which are not used."""

    scope: Scope
    equations: tuple[tuple[Node, Node], ...] = ()
    bounds: tuple[Bound, ...] = ()
    doubtful: frozenset[str] = frozenset()
    unused: tuple[str, ...] = ()


def assumed(declarations: Declarations) -> Assumed:
    """The scope of the assumptions that points can be drawn for, and the rest.

    Raises:
        RubricError: a symbol, a spelling or a definition is not valid.
    """
    try:
        return Assumed(compile_scope(declarations))
    except RubricError:
        scope = compile_scope(replace(declarations, assume=()))
    kept: list[str] = []
    others: list[str] = []
    for text in _joined(declarations):
        try:
            scope = compile_scope(replace(declarations, assume=(*kept, text)))
            kept.append(text)
        except RubricError:
            others.append(text)
    equations: list[tuple[Node, Node]] = []
    bounds: list[Bound] = []
    doubtful: set[str] = set()
    unused: list[str] = []
    for text in others:
        found = _equation(text, scope)
        if found is not None:
            equations.append(found)
        elif bounded := _bounds(text, scope):
            bounds += bounded
        elif not _ROWS.fullmatch(text):
            doubtful.update(n for w in _WORD.findall(text) if (n := canonical_name(w)) in scope.kinds)
            unused.append(text)
    return Assumed(scope, tuple(equations), tuple(bounds), frozenset(doubtful), tuple(unused))


def _joined(declarations: Declarations) -> list[str]:
    """``0 <= a`` and ``a <= 1`` as one; ``a`` may also be declared to be positive."""
    out = list(declarations.assume)
    declared = {canonical_name(name): text for name, text in declarations.symbols}
    for text in declarations.assume:
        m = _BELOW_ONE.fullmatch(text)
        name = m[1] or m[2] if m else ""
        low = m and next(
            (t for t in out if re.fullmatch(rf"\s*(?:0\s*<=?\s*{name}|{name}\s*>=?\s*0)\s*", t)), None
        )
        positive = re.fullmatch(r"\s*scalar\s*>=?\s*0\s*", declared.get(canonical_name(name), ""))
        if m and (low or positive):
            out = [t for t in out if t not in (text, low)] + [f"{name} in (0,1)"]
    return out


def _bounds(text: str, scope: Scope) -> list[Bound]:
    """The inequalities of ``0 < \\eta < 2 / L``; none if it is something else."""
    s = _only_statement(text)
    if s is None or not s.relations or any(sign not in ORDERS for sign in s.relations):
        return []
    try:
        sides = [read_tree(m, scope, infix=not s.latex)[0] for m in s.members]
    except (MathsFault, RecursionError):
        return []
    found = bounds_between(sides, s.relations)
    return found if len(found) == len(s.relations) else []


def _only_statement(text: str) -> Statement | None:
    found = [s for s in find_statements(text) if s.members or s.fault]
    return found[0] if len(found) == 1 and found[0].fault is None else None


def _equation(text: str, scope: Scope) -> tuple[Node, Node] | None:
    s = _only_statement(text)
    if s is None or s.relations != ("=",):
        return None
    sides: list[Node] = []
    for m in s.members:
        for tokens in (m, sized(m, str(sides[0].shape[0])) if sides and sides[0].shape else m):
            try:
                sides.append(read_tree(tokens, scope, infix=not s.latex)[0])
                break
            except (MathsFault, RecursionError):
                continue
        else:
            return None
    left, right = sides
    try:
        difference_of(Node("eq", (left, fitted(left, right))))
    except MathsFault:
        return None
    return left, fitted(left, right)
