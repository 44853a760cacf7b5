"""One formula written in other ways: rewrites of a tree that leave its value.

A sum or a product the other way round, a bracket multiplied out, a norm as a product: what makes the
answers of a class differ although they are equal. Tests and simulated classes are made with it; nothing
that judges uses it.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from grader.maths.tree import Node, num

__all__ = ["REWRITES", "replaced", "rewritten"]


def _commuted(n: Node, rng: random.Random) -> Node | None:
    if n.op == "add":
        args = list(n.args)
        rng.shuffle(args)
        return n.with_args(tuple(args))
    return n.with_args(n.args[::-1]) if n.op in ("mul", "had") else None


def _distributed(n: Node, rng: random.Random) -> Node | None:
    if n.op not in ("mul", "scale", "dot", "had"):
        return None
    a, b = n.args
    for k, (one, other) in enumerate(((a, b), (b, a))):
        if one.op == "add":
            parts = tuple(n.with_args((x, other) if k == 0 else (other, x)) for x in one.args)
            return Node("add", parts, None, n.span, n.shape)
    return None


def _transposed_twice(n: Node, rng: random.Random) -> Node | None:
    if n.shape is None:
        return None
    inner = Node("T", (n,), None, n.span, (n.shape[1], n.shape[0]))
    return Node("T", (inner,), None, n.span, n.shape)


def _norm_expanded(n: Node, rng: random.Random) -> Node | None:
    if n.op == "pow" and n.args[0].op == "norm" and n.args[1] == num(2):
        (v,) = n.args[0].args
        assert v.shape is not None
        flipped = Node("T", (v,), None, v.span, (v.shape[1], v.shape[0]))
        return Node("dot", (flipped, v), None, n.span, None)
    return None


def _n_over_n(n: Node, rng: random.Random) -> Node | None:
    size = num(rng.choice([2, 3, 7]))
    return Node("mul" if n.shape is None else "scale", (Node("div", (size, size)), n), None, n.span, n.shape)


def _minus_minus(n: Node, rng: random.Random) -> Node | None:
    return Node("neg", (Node("neg", (n,), None, n.span, n.shape),), None, n.span, n.shape)


def _half_and_half(n: Node, rng: random.Random) -> Node | None:
    half = Node("mul" if n.shape is None else "scale", (num("0.5"), n), None, n.span, n.shape)
    return Node("add", (half, half), None, n.span, n.shape)


def _reassociated(n: Node, rng: random.Random) -> Node | None:
    if n.op != "dot" or n.args[0].op != "dot":
        return None
    (ab, c) = n.args
    a, b = ab.args
    if None in (a.shape, b.shape, c.shape) or ab.shape is None:
        return None
    assert b.shape is not None
    assert c.shape is not None
    shape = (b.shape[0], c.shape[1])
    if shape == (1, 1):
        return None
    return n.with_args((a, Node("dot", (b, c), None, n.span, shape)))


REWRITES: list[Callable[[Node, random.Random], Node | None]] = [
    _commuted, _distributed, _transposed_twice, _norm_expanded, _n_over_n, _minus_minus, _half_and_half,
    _reassociated,
]  # fmt: skip


def rewritten(tree: Node, rng: random.Random, times: int) -> Node:
    """The tree after so many rewrites at random places."""
    for _ in range(times):
        nodes = [n for n in tree.walk() if n.op not in ("all", "num")]
        if not nodes:
            return tree
        at, rewrite = rng.choice(nodes), rng.choice(REWRITES)
        new = rewrite(at, rng)
        if new is not None:
            tree = replaced(tree, at, new)
    return tree


def replaced(tree: Node, at: Node, new: Node) -> Node:
    """The tree with ``new`` where ``at`` stood (that very node)."""
    if tree is at:
        return new
    if not tree.args or tree.op == "pow":  # an exponent or a norm's square is left as it stands
        return tree if not tree.args else tree.with_args((replaced(tree.args[0], at, new), *tree.args[1:]))
    return tree.with_args(tuple(replaced(a, at, new) for a in tree.args))
