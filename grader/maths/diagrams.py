"""Edges of graphs in the two languages that tools draw: DOT and Mermaid; only what says who points at whom.

A tiny reader of its own, because student text is hostile: every length is bounded, nothing is laid out,
and what it does not know it skips. Styles, ports and ranks say nothing about the graph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Drawn", "dot_graphs", "mermaid_graphs"]

MAX_TOKENS = 4000
MAX_EDGES = 2000
MAX_DEPTH = 10  # of subgraphs
MAX_GRAPHS = 5


@dataclass(frozen=True, slots=True)
class Drawn:
    """One graph: edges between labels, and whether every one of them has a direction."""

    edges: tuple[tuple[str, str], ...]
    directed: bool = True


_DOT = re.compile(r"\b(?:strict[ \t]{1,9})?(di)?graph\b[ \t]{0,9}(?:\"[^\"\n]{0,80}\"|\w{0,80})\s{0,9}\{")
_DOT_TOKEN = re.compile(
    r'"((?:[^"\\]|\\.){0,200})"|(->|--|[{}\[\];,=:])|<([^<>]{0,200})>|([\w.$\\^+*/()⊙σηÀ-￿]{1,100})'
)


def dot_graphs(text: str) -> list[Drawn]:
    """Every ``graph { … }`` and ``digraph { … }`` of a text."""
    plain = re.sub(r"//[^\n]*|/\*.{0,2000}?\*/|^\s*#[^\n]*", " ", text, flags=re.DOTALL | re.MULTILINE)
    out = []
    for m in list(_DOT.finditer(plain))[:MAX_GRAPHS]:
        reader = _Dot(plain[m.end() :])
        reader.statements(0)
        directed = bool(m[1]) and not reader.undirected
        out.append(Drawn(tuple((reader.label(a), reader.label(b)) for a, b in reader.edges), directed))
    return [d for d in out if d.edges]


class _Dot:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, bool]] = []  # with: whether it is a sign of the language
        depth = 1
        for m in _DOT_TOKEN.finditer(text):
            sign = m[2] is not None
            self.tokens.append((m[2] or m[1] or m[3] or m[4] or "", sign))
            depth += {"{": 1, "}": -1}.get(m[2] or "", 0)
            if depth == 0 or len(self.tokens) >= MAX_TOKENS:
                break
        self.pos = 0
        self.labels: dict[str, str] = {}
        self.edges: list[tuple[str, str]] = []
        self.undirected = False

    def label(self, name: str) -> str:
        return self.labels.get(name, name)

    def peek(self) -> str:
        """The sign here; empty for a name, ``}`` at the end."""
        if self.pos >= len(self.tokens):
            return "}"
        text, sign = self.tokens[self.pos]
        return text if sign else ""

    def statements(self, depth: int) -> list[str]:
        """The statements up to the closing brace; returns the nodes they speak of."""
        seen: list[str] = []
        while self.peek() != "}":
            if self.peek() in (";", ",", "->", "--", "=", ":", "]"):
                self.pos += 1
                continue
            if self.peek() == "[":
                self.attributes()
                continue
            left = self.operand(depth)
            seen += left
            while self.peek() in ("->", "--"):
                self.undirected = self.undirected or self.peek() == "--"
                self.pos += 1
                right = self.operand(depth)
                self.edges += [(a, b) for a in left for b in right][: MAX_EDGES - len(self.edges)]
                seen += right
                left = right
            if self.peek() == "=":  # rankdir=LR
                self.pos += 2
            elif self.peek() == "[":
                label = self.attributes()
                if label and len(left) == 1 and not (self.edges and self.edges[-1][1] == left[0]):
                    self.labels[left[0]] = label
        self.pos += 1
        return seen

    def operand(self, depth: int) -> list[str]:
        if self.peek() == "{":
            self.pos += 1
            if depth >= MAX_DEPTH:
                self.pos = len(self.tokens)
                return []
            return list(dict.fromkeys(self.statements(depth + 1)))
        if self.peek():
            return []
        name = self.tokens[self.pos][0]
        self.pos += 1
        if name == "subgraph":
            if not self.peek():
                self.pos += 1
            return self.operand(depth) if self.peek() == "{" else []
        if self.peek() == ":":  # a port
            self.pos += 2
        return [] if name in ("node", "edge", "graph") and self.peek() == "[" else [name]

    def attributes(self) -> str:
        """Behind ``[label="w_0", …]``; the label, if it says one."""
        label = ""
        words: list[str] = []
        self.pos += 1
        while self.peek() not in ("]", "}"):
            words.append(self.tokens[self.pos][0])
            if words[-3:-1] == ["label", "="]:
                label = words[-1]
            self.pos += 1
        self.pos += self.peek() == "]"
        return label


_MERMAID = re.compile(r"^[ \t]*(?:graph|flowchart)[ \t]+(?:LR|RL|TD|TB|BT)\b[ \t]*;?(.*)", re.MULTILINE)
_SHAPE = re.compile(
    r"(?<![\w.])([A-Za-z][\w.]{0,80})(?:@\{[^{}\n]{0,200}\}|"
    + "|".join(
        rf"{re.escape(a)}[ \t]?\"?([^\"\n]{{1,120}}?)\"?[ \t]?{re.escape(b)}"
        for a, b in (
            ("(((", ")))"), ("((", "))"), ("([", "])"), ("[(", ")]"), ("[[", "]]"), ("{{", "}}"),
            ("[/", "/]"), ("[", "]"), ("(", ")"), ("{", "}"),
        )
    )
    + r")(?=\s|$|[-=&;.:<])"
)  # fmt: skip
_LINK = re.compile(
    r"(?P<back><)?(?:--(?P<h>-*>)|==(?P<t>=*>)|-\.+-(?P<d>>)|-->|---+|===+|-\.+-"
    r"|--[ \t][^-|>\n]{1,60}[ \t]--+(?P<w>>)|--[^-|>\n]{1,60}--+(?P<w2>>)|==[^=|>\n]{1,60}==+(?P<w3>>)"
    r"|-\.[^.|>\n]{1,60}\.-+(?P<w4>>))(?:[ox](?=\s))?(?:\|[^|\n]{0,80}\|)?\s*"
)
_NO_EDGE = re.compile(
    r"\s{0,20}(?:%%|subgraph\b|end\b|classDef\b|class\b|style\b|linkStyle\b|click\b|direction\b)"
)


def mermaid_graphs(text: str) -> list[Drawn]:
    """Every ``graph LR`` or ``flowchart TD`` of a text, up to the next empty line."""
    out = []
    for m in list(_MERMAID.finditer(text))[:MAX_GRAPHS]:
        rest = re.split(r"\n\s*\n|```|~~~", m[1] + text[m.end() :], maxsplit=1)[0]
        out.append(_mermaid(re.split(r"[;\n]", rest)[:MAX_TOKENS]))
    return [d for d in out if d.edges]


def _mermaid(statements: Sequence[str]) -> Drawn:
    labels: dict[str, str] = {}
    edges: list[tuple[str, str]] = []
    directed = True

    def shape(m: re.Match[str]) -> str:
        label = next((g for g in m.groups()[1:] if g), None)
        if label is not None:
            labels[m[1]] = label.strip()
        return m[1]

    for statement in statements:
        if _NO_EDGE.match(statement):
            continue
        plain = re.sub(r":::\w{1,40}", "", _SHAPE.sub(shape, statement[:500]))
        links = list(_LINK.finditer(plain))
        ends = [0, *(m.end() for m in links)]
        starts = [*(m.start() for m in links), len(plain)]
        groups = [list(_names(plain[a:b])) for a, b in zip(ends, starts, strict=True)]
        for k, m in enumerate(links):
            forward = any(m[g] for g in ("h", "t", "d", "w", "w2", "w3", "w4"))
            directed = directed and (forward is not bool(m["back"]))
            pairs = [(a, b) for a in groups[k] for b in groups[k + 1]]
            edges += pairs if not m["back"] or forward else [(b, a) for a, b in pairs]
        if len(edges) > MAX_EDGES:
            break
    named = tuple((labels.get(a, a), labels.get(b, b)) for a, b in edges)
    return Drawn(named, directed)


def _names(text: str) -> Iterator[str]:
    return (n.strip() for n in text.split("&") if n.strip())
