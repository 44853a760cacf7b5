"""Functions that act on every entry by itself, and the logistic sigmoid among them."""

from __future__ import annotations

from grader.errors import SyntaxFault
from grader.maths.tree import Node, num

__all__ = ["ELEMENTWISE", "is_elementwise", "logistic"]

_FUNCTIONS = (
    "exp log sin cos tan tanh sinh cosh atan asin acos sqrt abs sign sigmoid relu softplus floor ceil trunc"
)
ELEMENTWISE = frozenset(_FUNCTIONS.split())


def is_elementwise(n: Node) -> bool:
    return n.op in ("apply", "holds") or (n.op == "func" and n.value in ELEMENTWISE)


def logistic(a: Node, order: int, span: tuple[int, int] | None) -> Node:
    """σ(a), or σ′(a) = σ(a)(1 − σ(a)).

    Raises:
        SyntaxFault: a higher derivative.
    """
    a.may_stand(1 + order, span)
    s = Node("func", (a,), "sigmoid", span, a.shape)
    if order == 0:
        return s
    if order > 1:
        raise SyntaxFault("second and higher derivatives of the sigmoid are not read", span)
    one_minus: Node
    if a.shape is None:
        one_minus = Node("add", (num(1), Node("neg", (s,), None, span, None)), None, span, None)
        return Node("mul", (s, one_minus), None, span, None)
    sq = Node("had", (s, s), None, span, a.shape)
    return Node("add", (s, Node("neg", (sq,), None, span, a.shape)), None, span, a.shape)
