"""The wrong answers that lie next to a right one: its tree with one slip in it.

Each mutant is an elaborated tree of the same shape. Not every one is wrong (x − 0 with another sign);
whoever uses them compares values first.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.maths.exactness import whole
from grader.maths.tree import Node, num

__all__ = ["MESSAGES", "mutants", "times"]

MAX_MUTANTS = 400

MESSAGES = {
    "sign-of-term": "the sign of one term is wrong",
    "forgotten-term": "a term is missing",
    "forgotten-factor": "a factor is missing",
    "factor-of-term": "the factor in front of one term is wrong",
    "lost-transpose": "a transpose is missing",
    "extra-transpose": "there is a transpose too many",
    "swapped-factors": "two factors are in the wrong order; matrices do not commute",
    "wrong-gram": "the product of the matrix with its transpose is taken the wrong way round",
    "elementwise": "an elementwise product stands for a matrix product, or the other way round",
    "product-for-sum": "a product stands where a sum belongs, or the other way round",
    "off-by-one": "a size or a limit is off by one",
    "inverted-fraction": "a fraction is upside down",
    "norm-not-squared": "a norm or a factor is not squared",
    "lost-root": "a square root is missing",
    "wrong-power": "a power is off by one",
    "forgotten-inverse": "an inverse is missing",
    "forgotten-derivative": "an inner derivative is missing, or a derivative stands for the function itself",
    "wrong-function": "another function is expected in one place",
}


def mutants(node: Node) -> Iterator[tuple[str, Node]]:
    """(id of the slip, the tree with it), every slip at every place."""
    count = 0
    seen = {node}
    for name, other in _everywhere(node):
        if other in seen:
            continue
        seen.add(other)
        yield name, other
        count += 1
        if count >= MAX_MUTANTS:
            return


def _everywhere(n: Node) -> Iterator[tuple[str, Node]]:
    yield from _here(n)
    for k, a in enumerate(n.args):
        if n.op in ("idx", "sum", "prod") and k and n.op == "idx":
            continue
        for name, other in _everywhere(a):
            if other.shape == a.shape:
                yield name, n.with_args((*n.args[:k], other, *n.args[k + 1 :]))


def _here(n: Node) -> Iterator[tuple[str, Node]]:
    yield from _SLIPS.get(n.op, _none)(n)


def _none(n: Node) -> Iterator[tuple[str, Node]]:
    return iter(())


def _sum(n: Node) -> Iterator[tuple[str, Node]]:
    for k, a in enumerate(n.args):
        others = (*n.args[:k], *n.args[k + 1 :])
        yield "sign-of-term", n.with_args((*n.args[:k], _minus(a), *n.args[k + 1 :]))
        yield "forgotten-term", others[0] if len(others) == 1 else n.with_args(others)
        for factor in (num(2), Node("div", (num(1), num(2)))):
            yield "factor-of-term", n.with_args((*n.args[:k], times(factor, a), *n.args[k + 1 :]))
    if n.shape is None and len(n.args) == 2:
        yield "product-for-sum", Node("mul", n.args, None, n.span)


def _scalar_product(n: Node) -> Iterator[tuple[str, Node]]:
    a, b = n.args
    for kept, gone in ((a, b), (b, a)):
        if gone.op not in ("num", "neg"):
            yield "forgotten-factor", kept
    if "num" not in (a.op, b.op):
        yield "product-for-sum", Node("add", (a, b), None, n.span)


def _scaled(n: Node) -> Iterator[tuple[str, Node]]:
    if n.args[0].op != "num":
        yield "forgotten-factor", n.args[1]


def _dot(n: Node) -> Iterator[tuple[str, Node]]:
    a, b = n.args
    if b.shape == n.shape:
        yield "forgotten-factor", b
    if a.shape == n.shape:
        yield "forgotten-factor", a
    if a.shape is None or b.shape is None:
        return
    if a.shape == b.shape == n.shape:
        yield ("wrong-gram" if _transposed(a) == b else "swapped-factors"), n.with_args((b, a))
        yield "elementwise", Node("had", (a, b), None, n.span, n.shape)
    yield from _push_through(n)
    # the chain a·(b·c) with b and c the other way round
    if b.op == "dot" and b.args[0].shape == b.args[1].shape == (a.shape[1], a.shape[1]):
        return
    if a.op == "dot" and a.args[1].shape == b.shape and b.shape[0] == b.shape[1]:
        yield "swapped-factors", n.with_args((Node("dot", (a.args[0], b), None, a.span, a.shape), a.args[1]))


def _push_through(n: Node) -> Iterator[tuple[str, Node]]:
    """Xᵀ(XXᵀ)⁻¹ ↔ (XᵀX)⁻¹Xᵀ: one of the two is singular unless X is square."""
    for first, second in (n.args, n.args[::-1]):
        if second.op != "inv" or second.args[0].op != "dot":
            continue
        p, q = second.args[0].args
        if first not in (p, q) or p.shape is None or q.shape is None:
            continue
        gram = Node("dot", (q, p), None, second.span, (q.shape[0], p.shape[1]))
        other = Node("inv", (gram,), None, second.span, gram.shape)
        pair = (other, first) if n.args[0] is first else (first, other)
        if pair[0].shape and pair[1].shape and pair[0].shape[1] == pair[1].shape[0]:
            yield "wrong-gram", n.with_args(pair)


def _hadamard(n: Node) -> Iterator[tuple[str, Node]]:
    a, b = n.args
    for kept, gone in ((a, b), (b, a)):
        derivative = gone.op == "apply" and gone.value[1] > 0
        yield "forgotten-derivative" if derivative else "forgotten-factor", kept
    if n.shape is not None and n.shape[0] == n.shape[1]:
        yield "elementwise", Node("dot", (a, b), None, n.span, n.shape)


def _quotient(n: Node) -> Iterator[tuple[str, Node]]:
    a, b = n.args
    if a.shape is None:
        yield "inverted-fraction", n.with_args((b, a))
    if b.op != "num":
        yield "forgotten-factor", a
        yield "factor-of-term", Node("mul" if a.shape is None else "scale", (b, a), None, n.span, n.shape)


def _power(n: Node) -> Iterator[tuple[str, Node]]:
    base, exponent = n.args
    k = whole(exponent)
    if k == 2:
        yield "norm-not-squared", base
    if k is None:
        for step in (1, -1):
            yield "off-by-one", n.with_args((base, Node("add", (exponent, num(step)))))
    elif base.op != "norm":
        for step in (1, -1):
            yield "wrong-power", n.with_args((base, num(k + step)))


def _transpose(n: Node) -> Iterator[tuple[str, Node]]:
    if n.shape is not None and n.shape[0] == n.shape[1]:
        yield "lost-transpose", n.args[0]


def _inverse(n: Node) -> Iterator[tuple[str, Node]]:
    yield "forgotten-inverse", n.args[0]


def _symbol(n: Node) -> Iterator[tuple[str, Node]]:
    if n.shape is None:
        return
    if n.shape[0] == n.shape[1]:
        yield "extra-transpose", Node("T", (n,), None, n.span, n.shape)


def _function(n: Node) -> Iterator[tuple[str, Node]]:
    other = {"sin": "cos", "cos": "sin", "log": "exp", "exp": "log", "sigmoid": "tanh", "tanh": "sigmoid"}
    if n.value in other:
        yield "wrong-function", Node("func", n.args, other[n.value], n.span, n.shape)
    if n.value == "sqrt":
        yield "lost-root", n.args[0]


def _applied(n: Node) -> Iterator[tuple[str, Node]]:
    name, order = n.value
    yield "forgotten-derivative", Node("apply", n.args, (name, order - 1 if order else 1), n.span, n.shape)


def _limits(n: Node) -> Iterator[tuple[str, Node]]:
    body, lo, hi = n.args
    for step in (1, -1):
        yield "off-by-one", n.with_args((body, lo, Node("add", (hi, num(step)))))
    yield "off-by-one", n.with_args((body, Node("add", (lo, num(1))), hi))


def _transposed(n: Node) -> Node:
    if n.op == "T":
        return n.args[0]
    assert n.shape is not None
    return Node("T", (n,), None, n.span, (n.shape[1], n.shape[0]))


def _minus(a: Node) -> Node:
    return a.args[0] if a.op == "neg" else Node("neg", (a,), None, a.span, a.shape)


def times(factor: Node, a: Node) -> Node:
    """The product of a scalar with anything."""
    return Node("mul" if a.shape is None else "scale", (factor, a), None, a.span, a.shape)


_SLIPS = {
    "add": _sum, "mul": _scalar_product, "scale": _scaled, "dot": _dot, "had": _hadamard, "div": _quotient,
    "pow": _power, "T": _transpose, "inv": _inverse, "sym": _symbol, "func": _function, "apply": _applied,
    "sum": _limits, "prod": _limits,
}  # fmt: skip
