"""One member of a chain → an elaborated tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.errors import LimitFault, MathsFault, ShapeFault
from grader.maths.alphabet import Token
from grader.maths.parser import parse
from grader.maths.scope import Scope
from grader.maths.shapes import Leniency, elaborate
from grader.maths.tree import Node, Shape

__all__ = ["read_member"]


def read_member(
    tokens: Sequence[Token],
    scope: Scope,
    *,
    infix: bool,
    lenient: bool = False,
    elementwise: bool = False,
    fits: Callable[[Node], bool] | None = None,
    wanted: Shape = None,
) -> tuple[Node, tuple[str, ...]]:
    """One member of a chain as an elaborated tree, with notes on loose notation. ``fits`` tells whether a
    reading of the x_i as rows gives what is wanted; otherwise they are columns, with their faults.

    ``elementwise``: ``*`` between two columns is the elementwise product. ``wanted``: see ``elaborate``.

    Raises:
        MathsFault: it cannot be read or does not fit together.
    """
    try:
        return _read_member(tokens, scope, infix, Leniency(lenient, lenient, elementwise), fits, wanted)
    except RecursionError:
        raise LimitFault("nested too deeply") from None


def _read_member(
    tokens: Sequence[Token],
    scope: Scope,
    infix: bool,
    leniency: Leniency,
    fits: Callable[[Node], bool] | None,
    wanted: Shape,
) -> tuple[Node, tuple[str, ...]]:
    tree = parse(tokens, scope, infix=infix)
    try:
        node = elaborate(tree, scope, leniency, wanted)
    except ShapeFault:
        as_rows = tree.map(
            lambda n: Node("T", (n,), None, n.span) if n.op == "idx" and n.value == "row" else None
        )
        if as_rows is tree:
            raise
        try:
            made = elaborate(as_rows, scope)
        except MathsFault:
            made = None
        if made is None or not (fits is None or fits(made)):
            raise
        return made, ("the x_i were read as rows",)
    return node, tuple(dict.fromkeys(leniency.notes))
