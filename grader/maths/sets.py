r"""What ``x \\in \\{1, -1\\}`` and ``x \\in (0, 2]`` say of x."""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import MathsFault
from grader.maths.alphabet import Token
from grader.maths.formulas import Atom
from grader.maths.scope import Scope
from grader.maths.tree import Node, num
from grader.maths.trees import read_tree
from grader.maths.written_out import at_commas

__all__ = ["members_of_set"]

MAX_ELEMENTS = 8


def members_of_set(
    symbol: Node, tokens: Sequence[Token], scope: Scope, place: int
) -> list[tuple[Atom, ...]] | None:
    """The alternatives that a set leaves, or the bounds of an interval; None if it cannot be read."""
    parts = [part for part in at_commas(tokens[1:-1]) if part]
    endless = [any(t.text == "infty" for t in part) for part in parts]
    try:
        nodes = [
            num(0) if far else read_tree(part, scope, infix=False)[0]
            for part, far in zip(parts, endless, strict=True)
        ]
    except (MathsFault, RecursionError):
        return None
    if not nodes or len(nodes) > MAX_ELEMENTS or any(n.shape is not None for n in nodes):
        return None
    if tokens[0].text == "\\{" and not any(endless):
        return [(Atom(symbol, n, "=", place),) for n in nodes]
    if len(nodes) != 2:
        return None
    low = "<=" if tokens[0].text == "[" else "<"
    high = "<=" if tokens[-1].text == "]" else "<"
    bounds = (Atom(nodes[0], symbol, low, place), Atom(symbol, nodes[1], high, place))
    kept = tuple(a for a, far in zip(bounds, endless, strict=True) if not far)
    return [kept] if kept else None
