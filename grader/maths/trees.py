"""A member of a derivation → its tree, in the reading in which it fits together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from grader.errors import MathsFault, ShapeFault
from grader.maths.alphabet import Token
from grader.maths.parser import parse
from grader.maths.scope import Scope
from grader.maths.shapes import Leniency, elaborate
from grader.maths.tree import Node

__all__ = ["diagonal_parts", "read_tree"]

MAX_READINGS = 2000  # members that are kept with the names under which they were read


def read_tree(tokens: Sequence[Token], scope: Scope, *, infix: bool) -> tuple[Node, tuple[str, ...]]:
    """A member as an elaborated tree. The square of a vector is its squared norm, with a note; a product of
    two columns is a fault.

    Raises:
        MathsFault: it cannot be read or does not fit together.
    """
    key = (tuple(tokens), infix)
    known = scope.readings.get(key)
    if known is None:
        try:
            known = _read(key[0], scope, infix=infix)
        except MathsFault as fault:
            known = fault.bare()
        if len(scope.readings) < MAX_READINGS:
            scope.readings[key] = known
    if isinstance(known, MathsFault):
        raise known.bare()
    return cast("tuple[Node, tuple[str, ...]]", known)


def _read(tokens: tuple[Token, ...], scope: Scope, *, infix: bool) -> tuple[Node, tuple[str, ...]]:
    leniency = Leniency(square=True)
    tree = parse(tokens, scope, infix=infix)
    try:
        node = elaborate(tree, scope, leniency)
    except ShapeFault:
        kept = diagonal_parts(tree, scope)
        if kept is not None:
            return kept, ("diag was read as the matrix with the same diagonal",)
        node = _with_ones(tree, scope)
        return node, ("1 was read as a vector of ones",)
    return node, tuple(dict.fromkeys(leniency.notes))


def diagonal_parts(tree: Node, scope: Scope) -> Node | None:
    """The tree with ``diag(A)`` of square A as A without what is beside its diagonal; None if that is no
    reading of it."""

    def change(n: Node) -> Node | None:
        if n.op != "func" or n.value != "diag":
            return None
        try:
            shape = elaborate(n.args[0], scope, Leniency(square=True)).shape
        except MathsFault:
            return None
        if shape is None or 1 in shape or shape[0] != shape[1]:
            return None
        return Node("had", (n.args[0], Node("eye", (), None, n.span)), None, n.span)

    if not any(n.op == "func" and n.value == "diag" for n in tree.walk()):
        return None
    changed = tree.map(change)
    try:
        return elaborate(changed, scope, Leniency(square=True)) if changed != tree else None
    except MathsFault:
        return None


def _with_ones(tree: Node, scope: Scope) -> Node:
    """``h ⊙ (1 − h)``: a 1 that is added to a vector is a vector of ones."""

    def change(n: Node) -> Node | None:
        if n.op != "add" or not any(a.op == "num" and a.value == 1 for a in n.args):
            return None
        return n.with_args(
            tuple(
                Node("ones", (), None, a.span) if a.op == "num" and a.value == 1 else a.map(change)
                for a in n.args
            )
        )

    changed = tree.map(change)
    if changed is tree or all(n.op != "had" for n in tree.walk()):
        return elaborate(tree, scope, Leniency(square=True))
    try:
        return elaborate(changed, scope, Leniency(square=True))
    except MathsFault:
        return elaborate(tree, scope, Leniency(square=True))
