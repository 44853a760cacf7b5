"""A computation graph, written down as edges: arrows, pairs, lists of neighbours, DOT, Mermaid or JSON.

Named nodes are compared by name, in any spelling; what stands between them under another name (``+``,
``W1 x``) is passed over, and ``free`` nodes are compared up to isomorphism. ``requires`` asks for a part
only, so that several criteria share a graph. A missing edge costs its share, and so does each that is too
many. A drawing, edges without a direction, a line that can be read as two graphs, a graph turned round as a
whole, or one that would be better if an unknown name were a missing one: a person. It misses edges that are
only said in words, and does not look at what a node computes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import networkx as nx

from grader.checkers import Check
from grader.checkers._verify import Example
from grader.errors import RubricError
from grader.maths.declared import compile_scope
from grader.maths.edges import Drawing, edges_of_text, edges_of_value, has_picture
from grader.maths.graphs import Expected, Requirement, compiled_requirement, direct_edges, same_structure
from grader.maths.nodes import NodeNames
from grader.maths.parts import part_of
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MAX_FREE = 16
MAX_GUESSES = 100  # unknown names that are tried for missing ones
MAX_SHOWN = 40  # edges
FEW = 0.25  # of what is expected: less is no attempt at the whole graph

Edge = tuple[str, str]


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``edges``: the graph, as chains ``a -> b -> c``; ``either``: groups of which one edge is needed;
    ``optional``: edges that may be there (from parameters), or names of nodes to pass over; ``free``: nodes
    whose name is the student's; ``alternatives``: other graphs that are as good, each like ``edges``;
    ``aliases``: node → spellings; ``requires``: what this criterion asks: ``edge a b``, ``path a b``,
    ``node a``, ``acyclic``, ``in-degree a 2``, ``out-degree a 2``, ``paths a b in 2,3``, joined by ``or``;
    ``feedback``: missing edge or failed requirement → remark; ``accept`` and ``reject``: texts that
    ``grade verify`` must see judged right and not right; ``parts``: names in a JSON answer."""

    edges: list[str]
    either: list[list[str]] = []
    optional: list[str] = []
    free: list[str] = []
    alternatives: list[list[str]] = []
    aliases: dict[str, list[str]] = {}
    requires: list[str] = []
    feedback: dict[str, str] = {}
    accept: list[str] = []
    reject: list[str] = []
    parts: list[str] = []


@dataclass(frozen=True)
class _Asked:
    """One criterion, compiled."""

    options: Options
    names: NodeNames
    known: frozenset[str]
    graphs: tuple[Expected, ...]
    requires: tuple[Requirement, ...]
    feedback: Mapping[Edge | str, str]


@dataclass(frozen=True)
class _Result:
    """How a graph compares with one expected graph."""

    asked: int
    faults: tuple[tuple[str, str], ...]  # what is wrong in words, and what the rubric says of it
    spare: tuple[Edge, ...]
    lacking: frozenset[str]  # names at which something is missing

    @property
    def credit(self) -> float:
        return max(0.0, 1 - (len(self.faults) + len(self.spare)) / self.asked)


def build(options: Options, question: Question) -> Check:
    asked = _compile(options, question)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if (
            part.missing
            and isinstance(answer.value, dict)
            and edges_of_value(answer.value, asked.names).edges
        ):
            return _judge(asked, edges_of_value(answer.value, asked.names), "")
        code = [t for c in answer.code for t in (c.source, c.output) if t.strip()]
        if part.missing or not (part.text.strip() or code):
            return Judgement(Outcome.MISSING, 0.0, part.message or "Nothing was written for this part.")
        if part.value is not None and not isinstance(part.value, str):
            return _judge(asked, edges_of_value(part.value, asked.names), part.text)
        return _judge(asked, edges_of_text([part.text, *code], asked.names), "\n".join([part.text, *code]))

    return check


def _compile(options: Options, question: Question) -> _Asked:
    spelled = compile_scope(question.declarations).aliases
    plain = NodeNames((), {})
    edges = _edges(options.edges, "edges", plain)
    if not edges:
        raise RubricError("`edges` is empty; write the expected graph, such as ['w_0 -> L_0 -> g_0']")
    either = tuple(_edges(g, f"either[{i}]", plain) for i, g in enumerate(options.either))
    optional = _edges([t for t in options.optional if "->" in t], "optional", plain)
    free = frozenset(plain.name(t) for t in options.free)
    graphs = tuple(
        Expected(_edges(g, key, plain), either, optional, free)
        for g, key in (
            (options.edges, "edges"),
            *((g, f"alternatives[{i}]") for i, g in enumerate(options.alternatives)),
        )
    )
    nodes = sorted({n for g in graphs for e in g.edges for n in e} | {n for g in graphs for n in g.names})
    for n in sorted(free - {n for g in graphs for e in g.edges for n in e}):
        raise RubricError(f"`free` names the node {n!r}; the nodes are {', '.join(nodes)}")
    if len(free) > MAX_FREE:
        raise RubricError(f"`free` has {len(free)} nodes; at most {MAX_FREE} can be compared")
    for i, g in enumerate(graphs):
        if not nx.is_directed_acyclic_graph(nx.DiGraph(list(g.edges))):
            raise RubricError(
                f"`{f'alternatives[{i - 1}]' if i else 'edges'}` has a cycle; an arrow is turned round"
            )
    known = frozenset().union(*(g.names for g in graphs))
    aliases = {plain.name(n): [*texts] for n, texts in options.aliases.items()}
    for n in aliases:
        if n not in known:
            raise RubricError(f"`aliases` names the node {n!r}; the nodes are {', '.join(sorted(known))}")
    for spelling, name in spelled.items():
        if name in known:
            aliases.setdefault(name, []).append(spelling)
    requires = tuple(compiled_requirement(t, sorted(known), "requires") for t in options.requires)
    feedback: dict[Edge | str, str] = {}
    for text, remark in options.feedback.items():
        found = _edges([text], "feedback", plain) if "->" in text else frozenset()
        if not found and text not in options.requires:
            raise RubricError(
                f"`feedback` is about {text!r}, which is neither an edge 'a -> b' nor in `requires`"
            )
        feedback.update(dict.fromkeys(found, remark) if found else {text: remark})
    return _Asked(options, NodeNames(sorted(known), aliases), known, graphs, requires, feedback)


def _edges(texts: Sequence[str], key: str, names: NodeNames) -> frozenset[Edge]:
    """The edges of an author's chains."""
    out: set[Edge] = set()
    for text in texts:
        found = edges_of_text([text], names)
        if not found.edges or found.doubts:
            raise RubricError(
                f"`{key}` holds {text!r}, which is no chain of edges such as 'w_0 -> L_0 -> g_0'"
            )
        out |= found.edges.keys()
    return frozenset(out)


def _judge(asked: _Asked, drawing: Drawing, text: str) -> Judgement:
    edges = list(drawing.edges)
    direct = direct_edges(edges, asked.known)
    read_as = "; ".join(_show(e) for e in sorted(direct)[:MAX_SHOWN])
    evidence: dict[str, object] = {"edges": [_show(e) for e in sorted(direct)[:MAX_SHOWN]]}
    if drawing.doubts:
        evidence["doubts"] = list(drawing.doubts)
        return _review("This can be read as different graphs: a person decides.", read_as, evidence)
    if not direct:
        evidence["text"] = text[:600]
        return _review("No edges were found in the answer: a person looks at it.", read_as, evidence)
    result = _best(asked, edges)
    if result.credit == 1 and not result.faults:
        return _structure(asked, edges, read_as, evidence)
    why = _why_a_person(asked, edges, direct, result, text)
    if why:
        return _review(why, read_as, evidence)
    evidence["wrong"] = [w for w, _ in result.faults] + [f"too many: {_show(e)}" for e in result.spare]
    parts = []
    if result.faults:
        parts.append(f"What is missing: {', '.join(w for w, _ in result.faults)}.")
    if result.spare:
        parts.append(f"What does not belong there: {', '.join(_show(e) for e in result.spare[:MAX_SHOWN])}.")
    parts += dict.fromkeys(remark for _, remark in result.faults if remark)
    mistake = result.faults[0][0] if result.faults else _show(result.spare[0])
    outcome = Outcome.PARTIAL if result.credit else Outcome.INCORRECT
    return Judgement(outcome, result.credit, " ".join(parts), read_as, evidence, mistake=mistake)


def _review(message: str, read_as: str, evidence: Mapping[str, object]) -> Judgement:
    return Judgement(Outcome.REVIEW, 0.0, message, read_as, evidence)


def _structure(asked: _Asked, edges: list[Edge], read_as: str, evidence: dict[str, object]) -> Judgement:
    """The edges between names are right; nodes without a name have to be arranged alike too."""
    free = any(g.free for g in asked.graphs)
    if free and not asked.requires and not any(same_structure(edges, g) for g in asked.graphs):
        message = (
            "Which named node leads to which is right, but the nodes in between are not arranged as "
            "expected: a person decides."
        )
        return _review(message, read_as, evidence)
    message = "The graph has what is asked for." if asked.requires else "All edges are right."
    return Judgement(Outcome.CORRECT, 1.0, message, read_as, evidence)


def _best(asked: _Asked, edges: Iterable[Edge]) -> _Result:
    direct = direct_edges(edges, asked.known)
    results = [_compare(asked, direct, g.direct()) for g in asked.graphs]
    return max(results, key=lambda r: (r.credit, -len(r.faults) - len(r.spare)))


def _compare(asked: _Asked, direct: set[Edge], want: Expected) -> _Result:
    allowed = want.edges.union(want.optional, *want.either)
    spare = sorted(direct - allowed)
    mine = nx.DiGraph(sorted(direct))
    faults: list[tuple[str, str]] = []
    if asked.requires:
        wanted = len(asked.requires)
        failed = [(k, r) for k, r in enumerate(asked.requires) if not r.holds(mine)]
        for k, r in failed:
            faults.append((r.in_words(mine), asked.feedback.get(asked.options.requires[k], "")))
        touched = frozenset[str]().union(*(r.touched() for r in asked.requires))
        spare = [e for e in spare if touched & set(e)]
        lacking = frozenset(n for _, r in failed for n in r.touched())
    else:
        wanted = len(want.edges) + len(want.either)
        missing = sorted(want.edges - direct)
        for a, b in missing:
            turned = " (yours points the other way)" if (b, a) in spare else ""
            faults.append((f"{_show((a, b))}{turned}", asked.feedback.get((a, b), "")))
        spare = [(a, b) for a, b in spare if (b, a) not in missing]
        for group in want.either:
            if not group & direct:
                remark = next((asked.feedback[e] for e in sorted(group) if e in asked.feedback), "")
                faults.append((" or ".join(_show(e) for e in sorted(group)), remark))
                missing += sorted(group)
        lacking = frozenset(n for e in missing for n in e)
    return _Result(wanted, tuple(faults), tuple(spare), lacking)


def _why_a_person(asked: _Asked, edges: list[Edge], direct: set[Edge], result: _Result, text: str) -> str:
    """Why a graph that is not right may still be meant right; empty where it cannot."""
    if has_picture(text):
        return "There is a drawing besides these edges: a person looks at it."
    if _best(asked, [(b, a) for a, b in edges]).credit == 1:
        return "Every arrow is turned round; what an arrow means here, a person decides."
    if any((b, a) in direct for a, b in direct) and "back" in text.casefold():
        return "Edges are given in both directions, perhaps for the backward pass: a person decides."
    if len(direct) < FEW * max(len(g.direct().edges) for g in asked.graphs):
        return f"Only {len(direct)} of the edges were found in the answer: a person looks at it."
    present, sources, ends = {n for e in edges for n in e}, {a for a, _ in edges}, {b for _, b in edges}
    tried = 0
    for name in sorted(result.lacking):
        # a name that is there has another spelling only where nothing else explains the node
        for other in sorted(present - asked.known - (sources & ends if name in present else set())):
            swap = {other: name}
            guess = [(swap.get(a, a), swap.get(b, b)) for a, b in edges]
            tried += 1
            if tried > MAX_GUESSES:
                return "Many unknown names stand in the graph: a person decides."
            if _best(asked, guess).credit > result.credit:
                return f"Perhaps {other.partition('#')[0]} is {name}: a person decides."
    return ""


def _show(edge: Edge) -> str:
    return f"{edge[0]} → {edge[1]}"


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """The graph fulfils its own requirements and is the reference's; listed texts are judged as listed."""
    asked = _compile(options, question)
    out = []
    for i, g in enumerate(asked.graphs):
        result = _best(asked, g.edges | frozenset(sorted(s)[0] for s in g.either))
        key = f"alternatives[{i - 1}]" if i else "edges"
        out += [f"`{key}` does not fulfil `requires`: {w}" for w, _ in result.faults]
    for key, texts, right in (("accept", options.accept, True), ("reject", options.reject, False)):
        for text in texts:
            found = _judge(asked, edges_of_text([text], asked.names), text)
            if (found.outcome is Outcome.CORRECT) is not right:
                out.append(f"`{key}` holds {text!r}, which is judged {found.outcome.value}: {found.message}")
    for value in getattr(oracle, "values", ()):
        edges = set(edges_of_value(value, asked.names).edges)
        wanted = asked.graphs[0].direct()
        allowed = wanted.edges.union(wanted.optional, *wanted.either)
        direct = direct_edges(edges, asked.known)
        for e in sorted(wanted.edges - direct):
            out.append(f"`edges` has {_show(e)}, the reference does not")
        for e in sorted(direct - allowed):
            out.append(f"the reference has {_show(e)}, `edges` does not")
    return out


def examples(options: Options, question: Question) -> Iterator[Example]:
    """The graph and its alternatives, the listed texts, and the graph without each edge that is asked for."""
    asked = _compile(options, question)
    for i, (g, chains) in enumerate(zip(asked.graphs, [options.edges, *options.alternatives], strict=True)):
        chosen = [f"{a} -> {b}" for a, b in (sorted(s)[0] for s in g.either)]
        name = f"the alternative graph {i}" if i else "the expected graph"
        yield Example(name, "\n".join([*chains, *chosen]))
    for text in options.accept:
        yield Example(f"the accepted text {text!r}", text)
    for text in options.reject:
        yield Example(f"the rejected text {text!r}", text, credit=None)
    edges = asked.graphs[0].edges | {sorted(s)[0] for s in asked.graphs[0].either}
    for gone in sorted(edges):
        left = edges - {gone}
        result = _best(asked, left)
        if result.faults:
            text = "\n".join(f"{a} -> {b}" for a, b in sorted(left))
            yield Example(f"the graph without {_show(gone)}", text, credit=None)
