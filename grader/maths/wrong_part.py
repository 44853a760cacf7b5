"""Where in a wrong answer the wrong term stands: the smallest part that only has to be another one.

A part is tried by putting what the expected tree is made of in its place (and 0 for a term, 1 for a factor:
it may be one too many). If the whole is then right at every sample point, that part is where it goes wrong,
and all around it may stay as it is. What was put there is the answer and is told to nobody.
Several parts that would each do name the part around them; where that is everything, there is no place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import flint

from grader.errors import MathsFault
from grader.maths.degree import all_nodes, has_steps
from grader.maths.evaluate import Budget, Evaluation, Point, Value, entries_of, needs_reals
from grader.maths.expected import Expected, Sample
from grader.maths.printing import show
from grader.maths.sampling import binding
from grader.maths.scope import Scope
from grader.maths.tree import Node, Shape, num

__all__ = ["Path", "at", "covering", "marked", "said", "wrong_part"]

PRECISION = 192
MAX_PARTS = 60  # of an answer, else it is not looked through
MAX_OTHERS = 40  # parts of the expected tree that are put into it
MAX_KEPT = 256  # answers to one question whose places are kept
STEPS = 12_000  # operations

GROWN, LEAF, UNLIKE = range(3)  # what mends a part: more or less of the same, another leaf, anything else

Path = tuple[int, ...]  # which argument, from the root down


def wrong_part(want: Expected, node: Node, scope: Scope) -> Path | None:
    """The place of the wrong term in an answer that was found to be different; None where none is certain."""
    if scope is not want.scope:
        return _sought(want, node, scope)
    kept: dict[Node, Path | None] = want.kept.setdefault("places", {})
    if node not in kept:
        if len(kept) >= MAX_KEPT:
            del kept[next(iter(kept))]  # the oldest
        kept[node] = _sought(want, node, scope)
    return kept[node]


def at(node: Node, path: Path) -> Node:
    """The part of a tree at a place."""
    for k in path:
        node = node.args[k]
    return node


def covering(node: Node, span: tuple[int, int]) -> Path | None:
    """The smallest part that was read from all of a piece of text, a product with all its factors; None where
    that is everything."""
    path: Path = ()
    best, length = path, None
    while True:
        own = node.span[1] - node.span[0] if node.span else None
        if own != length:
            best, length = path, own
        below = [
            k for k, a in enumerate(node.args) if a.span and a.span[0] <= span[0] and span[1] <= a.span[1]
        ]
        if not below:
            return best or None
        path, node = (*path, below[0]), node.args[below[0]]


def marked(node: Node, path: Path) -> Node:
    """The tree with the part at a place marked, to be printed."""
    part = at(node, path)
    return _put(node, path, Node("marked", (part,), None, part.span, part.shape))


def said(node: Node, path: Path) -> str:
    """The part at a place as text; with what is around it where the text alone could be another place:
    ``2 in n²``."""
    part = show(at(node, path))
    times = show(node).count(part)
    return part if times == 1 or (times and len(path) == 1) else f"{part} in {show(at(node, path[:-1]))}"


def _put(node: Node, path: Path, part: Node) -> Node:
    if not path:
        return part
    k = path[0]
    return node.with_args((*node.args[:k], _put(node.args[k], path[1:], part), *node.args[k + 1 :]))


def _sought(want: Expected, node: Node, scope: Scope) -> Path | None:
    parts = all_nodes(node, scope)
    if (
        {"list", "order", "eq"} & {node.op, want.node.op}
        or node.shape != want.node.shape
        or len(parts) > MAX_PARTS
        or not want.node.names()  # a number is simply another number
        or want.steps
        or has_steps(node, scope)
    ):
        return None
    real = want.real or needs_reals(node, scope)
    bound = want.bound | binding(node, scope)
    try:
        with flint.ctx.workprec(PRECISION):
            samples = want.ball_samples(bound, PRECISION, False) if real else want.exact_samples(bound)
            near = [s for s in samples if not s.far]
            return _Search(want, node, scope, near).place() if near else None
    except Exception:  # it only helps; the verdict stands without it
        return None


class _Holding(Evaluation):
    """An evaluation that keeps the values of a tree's parts, by their identity."""

    __slots__ = ("held", "parts")

    def __init__(self, point: Point, budget: Budget) -> None:
        super().__init__(point, budget)
        self.held: dict[int, Value] = {}
        self.parts: frozenset[int] = frozenset()

    def value(self, n: Node) -> Value:
        v = self.held.get(id(n))
        if v is None:
            v = super().value(n)
            if id(n) in self.parts and not self.index and not self.basis:
                self.held[id(n)] = v
        return v


@dataclass(slots=True)
class _Other:
    """A part of the expected tree, with its values at the sample points; one within a sum has none."""

    node: Node
    values: list[Value]


class _Search:
    def __init__(self, want: Expected, node: Node, scope: Scope, samples: list[Sample]) -> None:
        self._node = node
        self._samples = samples
        self._budget = Budget(STEPS)
        self._others = _others(want, samples)
        self._runs: list[_Holding] = []
        parts = frozenset(id(n) for n in node.walk())
        for s in samples:
            run = _Holding(s.point.under(scope), self._budget)
            run.parts = parts
            run.value(node)
            self._runs.append(run)

    def place(self) -> Path | None:
        pairs = zip(self._runs, self._samples, strict=True)
        if all(_same(run.held[id(self._node)], s.expected) for run, s in pairs):
            return None  # nothing is wrong with it here
        found = self._within(self._node, ())
        if not found:
            return None
        near = min(far for far, _ in found)
        paths = [p for far, p in found if far == near]
        path = paths[0]
        for other in paths[1:]:  # what is around all of them
            while path != other[: len(path)]:
                path = path[:-1]
        return path or None

    def _within(self, n: Node, path: Path) -> list[tuple[int, Path]]:
        """The smallest places in a part of the tree, each with how far from it lies what mends it."""
        below = [p for k, a in enumerate(n.args) for p in self._within(a, (*path, k))]
        if not path or any(far < UNLIKE for far, _ in below):
            return below
        mends = [far for far, other in self._instead(n, path) if self._mends(path, n, other)]
        if not mends or (below and min(mends) == UNLIKE):
            return below
        return [(min(mends), path)]

    def _instead(self, n: Node, path: Path) -> Iterator[tuple[int, _Other]]:
        around = at(self._node, path[:-1]).op
        if n.shape is None and around in ("add", "mul", "scale"):
            neutral = num(0 if around == "add" else 1)
            yield GROWN, _Other(neutral, [r.world.scalar(neutral.value) for r in self._runs])
        for other in self._others.get(n.shape, ()):
            leaves = not n.args and not other.node.args
            near = GROWN if _inside(n, other.node) or _inside(other.node, n) else UNLIKE
            yield (LEAF if leaves and near == UNLIKE else near), other

    def _mends(self, path: Path, n: Node, other: _Other) -> bool:
        """Whether the whole is right with ``other`` in that place."""
        mine = self._runs[0].held.get(id(n))
        if other.node == n:
            return False
        if mine is not None and (not other.values or _same(mine, other.values[0])):
            return False
        tree = _put(self._node, path, other.node)
        for k, (s, run) in enumerate(zip(self._samples, self._runs, strict=True)):
            if other.values:
                run.held[id(other.node)] = other.values[k]
            try:
                if not _same(run.value(tree), s.expected):
                    return False
            except MathsFault:
                return False
            finally:
                run.held.pop(id(other.node), None)
                run.index.clear()  # a fault leaves them as they were
                run.basis.clear()
        return True


def _others(want: Expected, samples: list[Sample]) -> dict[Shape, list[_Other]]:
    """The parts of the expected tree and of its abbreviations, by their shapes."""
    key = ("parts", *(id(s) for s in samples))  # the samples live as long as the expected side
    if key in want.kept:
        return want.kept[key]  # type: ignore[no-any-return]
    out: dict[Shape, list[_Other]] = {}
    runs = [Evaluation(s.point, Budget()) for s in samples]
    for n in list(dict.fromkeys(all_nodes(want.node, want.scope)))[:MAX_OTHERS]:
        try:
            values = [r.value(n) for r in runs]
        except MathsFault:
            if "var" not in n.ops():
                continue
            values = []
        out.setdefault(n.shape, []).append(_Other(n, values))
    want.kept[key] = out
    return out


def _inside(part: Node, node: Node) -> bool:
    return any(part == n for n in node.walk())


def _same(a: Value, b: Value) -> bool:
    if isinstance(a, flint.nmod | flint.nmod_mat):
        return bool(a == b)
    return all(x.overlaps(y) and x.is_finite() for x, y in zip(entries_of(a), entries_of(b), strict=True))
