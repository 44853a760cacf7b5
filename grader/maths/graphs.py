"""A student's graph against the expected one: by name where names matter, up to isomorphism where not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx
from networkx.algorithms.isomorphism import DiGraphMatcher

from grader.errors import RubricError
from grader.maths.nodes import node_key

__all__ = ["Expected", "Requirement", "compiled_requirement", "direct_edges", "same_structure"]

Edge = tuple[str, str]
MAX_PATHS = 10**6


def direct_edges(edges: Iterable[Edge], names: frozenset[str]) -> set[Edge]:
    """Which named node leads to which, through nodes without a name that matters."""
    graph = nx.DiGraph(list(edges))
    found: set[Edge] = set()
    for name in names:
        if name not in graph:
            continue
        seen: set[str] = set()
        stack = list(graph.successors(name))
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            if node in names:
                found.add((name, node))
            else:
                stack += graph.successors(node)
    return found


@dataclass(frozen=True)
class Expected:
    """``either``: of each group one edge is needed at least; ``optional`` edges may be there;
    ``free`` nodes are called as the student likes."""

    edges: frozenset[Edge]
    either: tuple[frozenset[Edge], ...] = ()
    optional: frozenset[Edge] = frozenset()
    free: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """The nodes that are told apart by name."""
        groups = (self.edges, self.optional, *self.either)
        return frozenset(n for g in groups for e in g for n in e) - self.free

    def direct(self) -> Expected:
        """Between named nodes only."""
        return Expected(frozenset(direct_edges(self.edges, self.names)), self.either, self.optional)


def same_structure(edges: Iterable[Edge], expected: Expected) -> bool:
    """Whether there is an isomorphism that keeps the names that matter.

    A result that is used once only to make the next is no difference: ``a → sum → b`` is ``a → b``.
    """
    mine = _simplified(set(edges) - expected.optional, expected.names)
    want = _simplified(expected.edges, expected.names)
    if sorted(d for _, d in mine.degree()) != sorted(d for _, d in want.degree()):
        return False
    matcher = DiGraphMatcher(mine, want, node_match=lambda a, b: a["name"] == b["name"])
    return bool(matcher.is_isomorphic())


def _simplified(edges: Iterable[Edge], names: frozenset[str]) -> nx.DiGraph:
    graph = nx.DiGraph(sorted(edges))
    changed = True
    while changed:
        changed = False
        for node in [n for n in graph if n not in names]:
            before, behind = list(graph.predecessors(node)), list(graph.successors(node))
            if not before or not behind:  # a constant, or a result that nobody asks for
                graph.remove_node(node)
                changed = True
            elif len(before) == len(behind) == 1 and not graph.has_edge(before[0], behind[0]):
                graph.remove_node(node)
                graph.add_edge(before[0], behind[0])
                changed = True
    nx.set_node_attributes(graph, {n: n if n in names else "" for n in graph}, "name")
    return graph


# ---- requirements


@dataclass(frozen=True)
class Requirement:
    """One thing asked of a graph; ``others`` are as good."""

    sort: str
    nodes: tuple[str, ...] = ()
    counts: frozenset[int] = frozenset()
    others: tuple[Requirement, ...] = field(default=())

    def holds(self, graph: nx.DiGraph) -> bool:
        return self._holds(graph) or any(o.holds(graph) for o in self.others)

    def _holds(self, graph: nx.DiGraph) -> bool:
        if self.sort == "acyclic":
            return bool(nx.is_directed_acyclic_graph(graph))
        if any(n not in graph for n in self.nodes):
            return False
        match self.sort:
            case "node":
                return True
            case "edge":
                return bool(graph.has_edge(*self.nodes))
            case "path":
                return bool(nx.has_path(graph, *self.nodes))
            case _:
                return self.count(graph) in self.counts

    def count(self, graph: nx.DiGraph) -> int | None:
        """What is counted; None where it cannot be."""
        if any(n not in graph for n in self.nodes):
            return 0
        if self.sort == "paths":
            return _paths(graph, *self.nodes)
        ends = graph.out_edges if self.sort == "out-degree" else graph.in_edges
        return len(ends(self.nodes[0]))

    def in_words(self, graph: nx.DiGraph) -> str:
        """What is asked, with what is there instead."""
        words = self._words(graph)
        return " or ".join([words, *(o._words(graph) for o in self.others)])

    def _words(self, graph: nx.DiGraph) -> str:
        match self.sort:
            case "acyclic":
                try:
                    cycle = [a for a, *_ in nx.find_cycle(graph)]
                    return f"no cycle (yours has {' → '.join([*cycle, cycle[0]][:12])})"
                except nx.NetworkXNoCycle:
                    return "no cycle"
            case "node":
                return f"a node {self.nodes[0]}"
            case "edge":
                return f"an edge {self.nodes[0]} → {self.nodes[1]}"
            case "path":
                return f"a path from {self.nodes[0]} to {self.nodes[1]}"
        seen = self.count(graph)
        yours = "there is a cycle" if seen is None else f"yours has {seen}"
        wanted = " or ".join(str(c) for c in sorted(self.counts))
        one = self.counts == {1}
        if self.sort == "paths":
            return f"{wanted} path{'' if one else 's'} from {self.nodes[0]} to {self.nodes[1]} ({yours})"
        where = "out of" if self.sort == "out-degree" else "into"
        return f"{wanted} edge{'' if one else 's'} {where} {self.nodes[0]} ({yours})"

    def touched(self) -> frozenset[str]:
        """The nodes that are spoken of."""
        return frozenset(self.nodes).union(*(o.touched() for o in self.others))


def _paths(graph: nx.DiGraph, source: str, target: str) -> int | None:
    """How many paths there are; None in a graph with a cycle."""
    try:
        order = list(nx.topological_sort(graph))
    except nx.NetworkXUnfeasible:
        return None
    ways: dict[str, int] = {source: 1}
    for node in order:
        for following in graph.successors(node) if node in ways else ():
            ways[following] = min(ways.get(following, 0) + ways[node], MAX_PATHS)
    return ways.get(target, 0)


_FORMS: Mapping[str, tuple[int, bool]] = {
    "acyclic": (0, False),
    "node": (1, False),
    "edge": (2, False),
    "path": (2, False),
    "paths": (2, True),
    "out-degree": (1, True),
    "in-degree": (1, True),
}
_FORMS_IN_WORDS = (
    "'edge a b', 'path a b', 'node a', 'acyclic', 'in-degree a 2', 'out-degree a 2', 'paths a b in 2,3'"
)


def compiled_requirement(text: str, names: Sequence[str], key: str) -> Requirement:
    """A requirement as a rubric writes it, such as ``edge w_0 g_0 or edge L_0 g_0``.

    Raises:
        RubricError: it is not one, or names a node that there is not.
    """
    first, *others = [_requirement(p, names, key) for p in re.split(r"\s+or\s+", text.strip())]
    return Requirement(first.sort, first.nodes, first.counts, tuple(others))


def _requirement(text: str, names: Sequence[str], key: str) -> Requirement:
    words = text.split()
    sort = words[0] if words else ""
    size, counted = _FORMS.get(sort, (0, False))
    nodes, rest = tuple(map(node_key, words[1 : 1 + size])), "".join(words[1 + size :]).removeprefix("in")
    fits = len(nodes) == size and re.fullmatch(r"\d{1,6}(,\d{1,6})*" if counted else "", rest)
    if sort not in _FORMS or not fits:
        raise RubricError(f"`{key}` holds {text!r}, which asks nothing known; write {_FORMS_IN_WORDS}")
    for n in nodes:
        if names and n not in names:
            raise RubricError(f"`{key}` names the node {n!r}; the nodes are {', '.join(names)}")
    return Requirement(sort, nodes, frozenset(int(c) for c in rest.split(",")) if counted else frozenset())
