"""Errors carried forward: is a result right, given a wrong one before it?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import islice

from grader.errors import MathsFault, RubricError
from grader.maths.compare import Comparison, Problem
from grader.maths.declare import Declarations
from grader.maths.reading import Reading
from grader.maths.scope import Kind, Scope, canonical_name
from grader.maths.tree import Node

__all__ = ["at_root", "inlined", "put_in", "with_own"]

MAX_NODES = 2000  # of a result that is carried on


def put_in(
    declarations: Declarations,
    expected: str,
    symbol: str,
    own: Reading,
    scope: Scope,
    *,
    equation: bool = False,
) -> Problem:
    """What is expected when ``symbol`` stands for the student's own result, which may come from another
    question with other symbols and definitions of the student's.

    Raises:
        RubricError: ``expected`` cannot be read, or has no value with it.
    """
    scope = with_own(scope, symbol, own)
    p = Problem(declarations, expected, scope=scope, equation=equation)
    if not equation:
        p.sampled()
    return p


def with_own(scope: Scope, symbol: str, own: Reading) -> Scope:
    """The scope in which ``symbol`` stands for the student's own result."""
    node = inlined(own.node, own.scope) if own.scope else own.node
    return scope.extended(symbol, node, _kind(node))


def at_root(
    declarations: Declarations, root: str, own: Reading, answer: Reading, scope: Scope
) -> Comparison | None:
    """How the student's own result, with the answer put for ``root``, compares with 0.

    Both are scalars, or columns as ``root`` is (a gradient and where it vanishes)."""
    kind = scope.kinds.get(canonical_name(root))
    if kind is None or answer.node.shape != kind.shape or own.node.shape != kind.shape:
        return None
    if root not in own.node.names() or root in answer.node.names():
        return None
    base = own.scope or scope
    try:
        zero = "0" if kind.shape is None else f"0*{root}"
        if _vanishes(declarations, own, base, zero).equivalent:
            return None  # then every answer would be a root
        inner = (answer.scope or base).extended(root, answer.node, _kind(answer.node))
        return _vanishes(declarations, own, inner, zero)
    except (MathsFault, RubricError):
        return None


def inlined(node: Node, scope: Scope, names: Collection[str] | None = None) -> Node:
    """The tree with the definitions of its scope (of these ``names`` only) put in.

    Raises:
        RubricError: it grows too large.
    """
    wanted = (
        scope.define.keys() if names is None else scope.define.keys() & {canonical_name(n) for n in names}
    )
    done: dict[str, Node] = {}

    def put(n: Node) -> Node:
        out = n.map(definition)
        if sum(1 for _ in islice(out.walk(), MAX_NODES + 1)) > MAX_NODES:
            raise RubricError(f"the student's own result has more than {MAX_NODES} parts")
        return out

    def definition(n: Node) -> Node | None:
        if n.op != "sym" or n.value not in wanted:
            return None
        if n.value not in done:
            done[n.value] = put(scope.define[n.value])
        return done[n.value]

    return put(node)


def _vanishes(declarations: Declarations, own: Reading, scope: Scope, zero: str) -> Comparison:
    return Problem(declarations, zero, scope=scope).judge_reading(replace(own, scope=scope))


def _kind(node: Node) -> Kind:
    return Kind("scalar") if node.shape is None else Kind("matrix", node.shape)
