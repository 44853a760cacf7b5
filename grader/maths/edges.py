r"""The edges of a graph that a student wrote down: arrows, pairs, lists of neighbours, DOT, Mermaid, JSON.

Nothing is guessed: a line that can be taken for two different graphs, an edge without a direction, or two
drawings that differ are kept as doubts, for a person.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.maths.diagrams import dot_graphs, mermaid_graphs
from grader.maths.nodes import NodeNames
from grader.maths.tables import pipe_tables

__all__ = ["Drawing", "edges_of_text", "edges_of_value", "has_picture"]

MAX_TEXT = 20_000
MAX_LINE = 2000
MAX_EDGES = 1000
MAX_ITEMS = 40  # of a group
MAX_DEPTH = 5  # of a JSON value

Edge = tuple[str, str]


@dataclass(slots=True)
class Drawing:
    """``edges`` between names; ``doubts``: what could be taken for different graphs, as written."""

    edges: dict[Edge, None] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    def add(self, source: str, target: str) -> None:
        if source and target and len(self.edges) < MAX_EDGES:
            self.edges[source, target] = None

    def doubt(self, text: str) -> None:
        if len(self.doubts) < 5:
            self.doubts.append(" ".join(text.split())[:120])


_PICTURE = re.compile(
    r"!\[[^\]\n]{0,200}\]|\\includegraphics|<img\b|\[(?:image|figure|picture|drawing)\b|\bdata:image/"
    r"|\b(?:see|in) (?:the )?(?:attached |figure|drawing|image|picture|sketch)",
    re.IGNORECASE,
)


def has_picture(text: str) -> bool:
    """Whether a text says that there is a drawing besides."""
    return _PICTURE.search(text[:MAX_TEXT]) is not None


# ---- text


def edges_of_text(texts: Sequence[str], names: NodeNames) -> Drawing:
    """The edges that an answer's pieces (its text, its code, what that printed) write down.

    Diagrams first, then arrows, then pairs, then lists of neighbours: the first of these that there is.
    """
    texts = [t[:MAX_TEXT] for t in texts]
    out = Drawing()
    drawn = [d for t in texts for d in (*dot_graphs(t), *mermaid_graphs(t))]
    if drawn:
        sets = [{(names.name(a), names.name(b)) for a, b in d.edges} for d in drawn]
        for d in drawn:
            for a, b in d.edges:
                out.add(names.name(a), names.name(b))
        if any(s != sets[0] for s in sets):
            out.doubt("several diagrams that differ")
        if not all(d.directed for d in drawn):
            out.doubt("edges without a direction")
        return out
    for read in (_calls, _arrows, _tables, _pairs, _neighbours):
        for text in texts:
            read(text, names, out)
        if out.edges or out.doubts:
            break
    return out


_CALL = re.compile(
    r"\.(?:add_)?edge\(\s{0,9}(?:f|r)?(['\"])([^'\"\n]{1,80})\1\s{0,9},\s{0,9}(['\"])([^'\"\n]{1,80})\3"
)
_NODE_CALL = re.compile(
    r"\.node\(\s{0,9}(['\"])([^'\"\n]{1,80})\1\s{0,9},\s{0,9}(?:label\s?=\s?)?(['\"])([^'\"\n]{1,80})\3"
)


def _calls(text: str, names: NodeNames, out: Drawing) -> None:
    """``G.add_edge("w_0", "L_0")`` and ``dot.edge("a", "b")``."""
    labels = {m[2]: m[4] for m in _NODE_CALL.finditer(text)}
    for m in _CALL.finditer(text):
        out.add(names.name(labels.get(m[2], m[2])), names.name(labels.get(m[4], m[4])))


_RIGHT = re.compile(
    r"(?:[-−–—─]{1,3}|={1,2})\\?(?:>|&gt;)|[-−–—─]{0,3}[→⟶⇒⟹➔➜➝↦⟼]"
    r"|\\(?:(?:long)?(?:right|Right|R|r)(?:arrow)|Longrightarrow|longmapsto|to|mapsto|implies)(?![A-Za-z])"
    r"|\\xrightarrow\s?(?:\[[^\]\n]{0,80}\])?\{[^{}\n]{0,80}\}"
)
_LEFT = re.compile(
    r"(?:<|&lt;)[-−–—─]{1,3}(?!\\?>)|[←⟵⇐]|\\(?:long)?(?:left|Left)arrow(?![A-Za-z])|\\gets(?![A-Za-z])"
)
_BOTH = re.compile(
    r"(?:<|&lt;)[-=]{1,3}\\?(?:>|&gt;)|[↔⟷⇔]|\\(?:long)?(?:left|Left)rightarrow(?![A-Za-z])|\\iff(?![A-Za-z])"
)
_NO_ARROW = re.compile(
    r"^\s*(?:def|import|from|return|print|class|for|while|if|lambda)\b.{0,200}[:(]"
    r"|-> *(?:None|int|float|str|bool|np\.)"
)
_DENIED = re.compile(
    r"\b(?:no|not|never|without|missing|cannot|if|would|should|could|instead|remove[ds]?|wrong|\w{2,8}n't)\b",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*•+–]|\d{1,3}[.)]|\(?[a-z]\)|>)\s+(?!\s*[→←])")
_LAYOUT = re.compile(
    r"\\(?:begin|end)\{[a-z]{1,12}\*?\}|\\\[|\\\]|\\\(|\\\)|\\[,;:!]|\\(?:displaystyle|left|right)(?![A-Za-z])|\*\*|[$`]"
)


def _arrows(text: str, names: NodeNames, out: Drawing) -> None:
    plain = _LAYOUT.sub(" ", text)
    plain = re.sub(r"\\q?quad(?![A-Za-z])", " , ", plain)
    plain = _BOTH.sub(" ⇹ ", plain)
    plain = _LEFT.sub(" ← ", _RIGHT.sub(" → ", plain))
    plain = re.sub(r"&\s*([→←])", r" \1 ", plain)
    chains: list[_Chain] = []
    for line in re.split(r"\n|;|\\\\|(?<=[^\s.])\.(?=\s|$)", plain):
        if len(line) > MAX_LINE or not re.search("[→←⇹]", line) or _NO_ARROW.search(line):
            continue
        if "⇹" in line or ("→" in line and "←" in line):
            if any(names.known(w) for w in line.split()):
                out.doubt(line.replace("⇹", "<->"))
            continue
        chains += _chains(_BULLET.sub("", line), names, out)
    at_ends = {n for c in chains for n in (*c[0], *c[-1])}
    for k, chain in enumerate(chains):
        own = [[_own(n, k, names, at_ends) for n in layer] for layer in chain]
        for left, right in itertools.pairwise(own):
            for x in left:
                for y in right:
                    out.add(x, y)
    for sign in {a for a, _ in out.edges if _OPERATION.fullmatch(a) and not names.known(a)}:
        if len({b for a, b in out.edges if a == sign}) > 1:
            out.doubt(f"{sign} stands for several operations")


_ASIDE = re.compile(r",?\s{1,5}(?:where|because|since|which|when|while|so|with|for|is|are|means|then)\b.*$")
_Chain = list[list[str]]  # every node of a layer points at every node of the next
_OPERATION = re.compile(
    r"\W{1,3}|add|sum|plus|sub|minus|mul|mult|times|div|matmul|dot|sigma|sigmoid|relu|tanh|exp|sin|norm|square",
    re.IGNORECASE,
)


def _own(node: str, chain: int, names: NodeNames, shared: set[str]) -> str:
    """An operation that only stands in the middle of chains is another node in each: two ``+`` are two."""
    if node in shared or names.known(node) or not _OPERATION.fullmatch(node):
        return node
    return f"{node}#{chain}"


def _chains(line: str, names: NodeNames, out: Drawing) -> list[_Chain]:
    """``a → b, c → d`` is two chains; braces hold ``a → {b, c} → d`` together."""
    backward = "←" in line
    segments = [s.strip(" ,") for s in re.split("[→←]", line)]
    segments[0] = segments[0].rpartition(":")[2]
    segments[-1] = _ASIDE.sub("", segments[-1].partition(":")[0])
    found: list[_Chain] = [[]]
    for k, segment in enumerate(segments):
        first, last = k == 0, k == len(segments) - 1
        items = _items(segment, names, first=first, last=last)
        if first or last or len(items) < 2:
            found[-1].append([n for item in items for n in item])
        elif len(items) == 2:
            found[-1].append(items[0])
            found.append([items[1]])
        else:
            out.doubt(line)
            return []
    named = any(names.known(n) for c in found for layer in c for n in layer)
    if named and _DENIED.search(segments[0]) and names.known(segments[0]) is None:
        out.doubt(line)
        return []
    return [c[::-1] if backward else c for c in found]


def _items(segment: str, names: NodeNames, *, first: bool, last: bool) -> list[list[str]]:
    """What stands at one end of an arrow, between commas: a node, or several that brackets hold together."""
    text = segment.strip()
    opened = _OPENED.search(text) if first else None
    parts = _split(opened[1] if opened else text)
    found: list[list[str]] = []
    for k, part in enumerate(parts):
        group = _GROUP.fullmatch(part)
        inner = next((g for g in group.groups() if g), "") if group and names.known(part) is None else ""
        sums = [p for p in part.split("+") if p.strip()]
        if inner and _balanced(inner):
            found.append([names.name(p) for p in _split(inner)])
        elif len(sums) > 1 and names.known(part) is None and all(names.known(p) for p in sums):
            found.append([names.name(p) for p in sums])
        else:
            found.append([names.name(part, first=first and k == 0, last=last and k == len(parts) - 1)])
    return [item for item in ([n for n in item if n] for item in found) if item]


_GROUP = re.compile(r"\\?\{(.*?)\\?\}|\(([^()]*,[^()]*)\)|\[(.*)\]")
_OPENED = re.compile(
    r"(?:^|\s)(\\?\{[^{}]{0,500}(?:\{[^{}]{0,50}\}[^{}]{0,50}){0,40}\\?\}|\([^()]{1,500},[^()]{1,500}\)|\[[^\[\]]{1,500}\])$"
)


def _balanced(text: str) -> bool:
    depth = 0
    for c in text:
        depth += {"{": 1, "}": -1}.get(c, 0)
        if depth < 0:
            return False
    return depth == 0


def _split(text: str) -> list[str]:
    """At commas, ``and`` and ``&`` outside of brackets."""
    depth, start = 0, 0
    cuts: list[str] = []
    for m in re.finditer(r"[({\[]|[)}\]]|,|&|\band\b", text):
        if m[0] in "({[":
            depth += 1
        elif m[0] in ")}]":
            depth -= 1
        elif depth == 0:
            cuts.append(text[start : m.start()])
            start = m.end()
    return [c.strip() for c in (*cuts, text[start:]) if c.strip()][:MAX_ITEMS]


_NAME = (
    r"(?:['\"][^'\"\n]{1,60}['\"]|\$[^$\n]{1,60}\$"
    r"|[^\s()\[\],'\"][^()\[\],'\"\n]{0,40}(?:\([^()\n]{0,20}\))?)"
)
_PAIR = re.compile(rf"(?<![\w)\]}}])[(\[<⟨]\s{{0,5}}({_NAME})\s{{0,5}},\s{{0,5}}({_NAME})\s{{0,5}}[)\]>⟩]")


def _pairs(text: str, names: NodeNames, out: Drawing) -> None:
    """``(w_0, L_0), (L_0, g_0)``."""
    found = [
        (names.name(m[1]), names.name(m[2]))
        for m in _PAIR.finditer(text.replace("\\left", "").replace("\\right", ""))
    ]
    if any(names.known(x) for e in found for x in e):
        for a, b in found:
            out.add(a, b)


_PARENTS = re.compile(
    r"\b(?:(?:has|with)\s+)?(?:(?:parents|inputs|predecessors)(?:\s+are)?|depends\s+on|incoming|from)\b:?",
    re.IGNORECASE,
)


def _neighbours(text: str, names: NodeNames, out: Drawing) -> None:
    """``w_0: L_0, w_1``, a node a line; the list is what the node points at unless it says otherwise."""
    found: list[tuple[str, list[str]]] = []
    turned = bool(_PARENTS.search(text))
    for line in _PARENTS.sub(" ", _LAYOUT.sub(" ", text)).splitlines():
        node, colon, listed = _BULLET.sub("", line[:MAX_LINE]).strip().strip(",{}").partition(":")
        source = names.known(node) if colon else None
        inner = listed.strip().strip("[]{}() ")
        targets = [names.known(p) for p in _split(inner)]
        if source is None or (inner not in ("", "-", "–", "none", "None") and None in targets):
            continue
        found.append((source, [t for t in targets if t]))
    if len(found) < 2:
        return
    for source, targets_ in found:
        for t in targets_:
            out.add(*((t, source) if turned else (source, t)))


_FROM = re.compile(r"\b(?:from|source|tail|parent|start)\b", re.IGNORECASE)
_TO = re.compile(r"\b(?:to|target|head|child|end)\b", re.IGNORECASE)


def _tables(text: str, names: NodeNames, out: Drawing) -> None:
    """``| from | to |``, and a node with its inputs or outputs."""
    for table in pipe_tables(text):
        head = list(table.header)
        a = next((i for i, c in enumerate(head) if _FROM.search(c)), None)
        b = next((i for i, c in enumerate(head) if _TO.search(c) and i != a), None)
        node = next(
            (i for i, c in enumerate(head) if re.search(r"\bnode|variable\b", c, re.IGNORECASE)), None
        )
        inputs = next(
            (
                i
                for i, c in enumerate(head)
                if re.search(r"inputs?|parents?|depends|predecessors?", c, re.IGNORECASE)
            ),
            None,
        )
        outputs = next(
            (i for i, c in enumerate(head) if re.search(r"outputs?|children|successors?", c, re.IGNORECASE)),
            None,
        )
        if a is None or b is None:
            a, b = (inputs, node) if inputs is not None else (node, outputs)
        if a is None or b is None:
            continue
        for row in table.body:
            if max(a, b) < len(row):
                for x in _split(row[a]):
                    for y in _split(row[b]):
                        out.add(names.name(x), names.name(y))


# ---- JSON values


_ENDS = (("from", "to"), ("source", "target"), ("tail", "head"), ("parent", "child"), ("src", "dst"))


def edges_of_value(value: Any, names: NodeNames) -> Drawing:
    """The edges of a JSON value: pairs, objects with two ends, texts, or node → neighbours."""
    out = Drawing()
    _value(value, names, out, 0)
    return out


def _value(value: Any, names: NodeNames, out: Drawing, depth: int) -> None:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, str):
        found = edges_of_text([value], names)
        for a, b in found.edges:
            out.add(a, b)
        out.doubts += found.doubts
    elif isinstance(value, list):
        if (
            len(value) == 2
            and all(isinstance(x, str) for x in value)
            and not any(_RIGHT.search(x) for x in value)
        ):
            out.add(names.name(value[0]), names.name(value[1]))
            return
        for item in value[:MAX_EDGES]:
            _value(item, names, out, depth + 1)
    elif isinstance(value, Mapping):
        _object(value, names, out, depth)


def _object(value: Mapping[Any, Any], names: NodeNames, out: Drawing, depth: int) -> None:
    lower = {str(k).casefold(): v for k, v in value.items()}
    written = [v for v in value.values() if isinstance(v, str) and _RIGHT.search(v[:MAX_TEXT])]
    if written:
        for v in written:
            _value(v, names, out, depth + 1)
        return
    for a, b in _ENDS:
        if a in lower and b in lower:
            for x in _texts(lower[a]):
                for y in _texts(lower[b]):
                    out.add(names.name(x), names.name(y))
            return
    for key in ("edges", "links", "graph", "dot", "mermaid"):
        if key in lower:
            _value(lower[key], names, out, depth + 1)
            return
    turned = any(k in lower for k in ("inputs", "parents"))
    inner = next((lower[k] for k in ("inputs", "parents", "adjacency", "children") if k in lower), value)
    if isinstance(inner, Mapping):
        for k, v in list(inner.items())[:MAX_EDGES]:
            for x in _texts(v):
                a, b = names.name(str(k)), names.name(x)
                out.add(*((b, a) if turned else (a, b)))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return _split(value)
    return [v for v in value[:MAX_ITEMS] if isinstance(v, str)] if isinstance(value, list) else []
