"""An answer brought to the expected shape, where that changes nothing."""

from __future__ import annotations

from grader.maths.products import says_no_layout
from grader.maths.tree import Node, num

__all__ = ["fit_shape"]


def fit_shape(expected: Node, node: Node, accept_transpose: bool = False) -> Node | None:
    """An answer in the shape of what is expected, or None where it has another: a matrix of one entry is
    its entry, brackets that do not say row or column are either, 0 is the zero vector."""
    want, have = expected.shape, node.shape
    if want == have:
        return node
    if want is None:
        if have != (1, 1):
            return None
        return node.args[0] if node.op == "matrix" else Node("idx", (node, num(1), num(1)), None, node.span)
    if have is None:
        if node.op == "num" and node.value == 0:
            return Node("zeros", (), None, node.span, want)
        return Node("matrix", (node,), (1, 1, False), node.span, want) if want == (1, 1) else None
    if want != (have[1], have[0]):
        return None
    if node.op == "matrix" and node.value[2]:
        return Node("matrix", node.args, (have[1], have[0], False), node.span, want)
    if says_no_layout(node):
        return Node("T", (node,), None, node.span, want)
    if (accept_transpose and 1 in want) or says_no_layout(expected):
        return Node("T", (node,), None, node.span, want)
    return None
