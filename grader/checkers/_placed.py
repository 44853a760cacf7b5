"""Where a wrong formula goes wrong: its drawing with the place marked, and that part in words. What is right
there is in neither."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from grader.errors import ShapeFault
from grader.maths.compare import Problem
from grader.maths.printing import show
from grader.maths.reading import Reading
from grader.maths.tree import Node
from grader.maths.wrong_part import covering, marked, said, wrong_part
from grader.model import Judgement

__all__ = ["MISFIT", "WRONG_PART", "misfit", "placed"]

WRONG_PART, MISFIT = "wrong part", "does not fit"  # keys of evidence
MAX_PROBLEMS = 3  # conventions that are looked through


def placed(problems: Iterable[Problem], out: Judgement, reading: Reading) -> Judgement:
    """The judgement with the place, where one is certain: with another term there alone, the formula would be
    right."""
    for p, _ in zip(problems, range(MAX_PROBLEMS), strict=False):
        path = wrong_part(p, reading.node, reading.scope or p.scope)
        if path is not None:
            return _with(out, WRONG_PART, reading.node, path)
    return out


def misfit(out: Judgement, fault: ShapeFault) -> Judgement:
    """The judgement with the part whose shapes do not fit together."""
    tree = fault.tree
    if not isinstance(tree, Node) or fault.span is None:
        return out
    path = covering(tree, fault.span)
    return out if path is None else _with(out, MISFIT, tree, path)


def _with(out: Judgement, key: str, node: Node, path: tuple[int, ...]) -> Judgement:
    try:
        part, drawn = said(node, path), show(marked(node, path), "latex")
    except (AttributeError, KeyError, TypeError):  # a tree without shapes
        return out
    return replace(out, marked=drawn, evidence={**out.evidence, key: part})
