"""A member that does not fit together: the one change that makes it equal to the member before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grader.errors import MathsFault, RubricError, ShapeFault
from grader.maths.links import Before, Link
from grader.maths.mistakes import name_shape_mistake
from grader.maths.printing import show
from grader.maths.shapes import Leniency, elaborate
from grader.maths.tree import Node, sym

__all__ = ["explained"]

MAX_TRIES = 200


def explained(link: Link, fault: ShapeFault, before: Before) -> Link:
    """``link`` with the likely slip, if one change repairs the member: a transpose, a swap, a lost matrix."""
    tree = fault.tree
    if not isinstance(tree, Node):
        return link

    def same(node: Node) -> bool:
        try:
            return before.verdict(node, before.scope).equivalent
        except (MathsFault, RubricError, RecursionError):
            return False

    try:
        found = name_shape_mistake(before, fault, lambda node, scope: same(node))
    except (MathsFault, RubricError, RecursionError):
        found = None
    if found is not None:
        return replace(link, message=f"{link.message} Likely mistake: {found.message}.", mistake=found.id)
    for count, (text, other) in enumerate(_with_a_matrix(tree, before)):
        if count >= MAX_TRIES:
            break
        try:
            node = elaborate(other, before.scope, Leniency(square=True))
        except MathsFault:
            continue
        if node.shape == before.node.shape and same(node):
            return replace(
                link, message=f"{link.message} Likely mistake: {text}.", mistake="forgotten-factor"
            )
    return link


def _with_a_matrix(tree: Node, before: Before) -> Iterator[tuple[str, Node]]:
    """The tree with a matrix of the member before, or its transpose, put in front of one of its parts."""
    kinds = before.scope.kinds
    names = [n for n in before.node.names() if n in kinds and kinds[n].sort == "matrix"]
    matrices = []
    for n in sorted(names):
        matrices += [(n, sym(n)), (f"{n}ᵀ", Node("T", (sym(n),)))]

    def everywhere(n: Node) -> Iterator[tuple[str, Node]]:
        for k, a in enumerate(n.args):
            if n.op in ("idx", "sum", "prod") and k:
                break
            for text, other in everywhere(a):
                yield text, n.with_args((*n.args[:k], other, *n.args[k + 1 :]))
        if any(x in kinds and kinds[x].shape is not None for x in n.names()):
            for name, m in matrices:
                yield f"{name} is missing in front of {_shown(n)}", Node("mul", (m, n), "", n.span)

    yield from everywhere(tree)


def _shown(n: Node) -> str:
    try:
        return show(n)
    except (AttributeError, KeyError, TypeError):  # a tree without shapes
        return "one factor"
