r"""What a text tells of its symbols in words or signs that are no equation: ``a \perp b``, "a is orthogonal
to b", "the upstream gradient $g = \partial L / \partial y$", "if all $g_t = g$".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import MathsFault
from grader.maths.alphabet import Token
from grader.maths.labels import label_of
from grader.maths.lines import Line, read_tree
from grader.maths.scope import Kind, Scope
from grader.maths.statements import find_statements
from grader.maths.tokens import tokenize
from grader.maths.tree import Node, num, sym

__all__ = ["alike", "perpendicular", "with_alike", "with_upstream"]

MAX_TOLD = 8
_CONCLUDED = re.compile(
    r"\b(?:so|hence|thus|then|therefore|show\w*|prove\w*|claim\w*|conclude\w*|implies|whether|iff"
    r"|if and only if|not|means)\b[^.;$]{0,60}\Z",
    re.IGNORECASE,
)
_SIDE = r"\$(?P<{0}>[^$]{{1,30}})\$"
_IN_WORDS = (
    re.compile(
        _SIDE.format("a") + r"\s+(?:is|being)\s+(?:orthogonal|perpendicular)\s+to\s+" + _SIDE.format("b")
    ),
    re.compile(
        _SIDE.format("a")
        + r"\s+and\s+"
        + _SIDE.format("b")
        + r"\s+(?:are|be|being)\s+(?:mutually\s+)?(?:orthogonal|perpendicular)\b"
    ),
    re.compile(
        r"\b(?:orthogonal|perpendicular)\s+(?:vectors\s+)?"
        + _SIDE.format("a")
        + r"\s+and\s+"
        + _SIDE.format("b")
    ),
)
_ALIKE = re.compile(
    r"\b(?:if|when|where|suppose|assum\w+|for)\b[^.$]{0,30}\b(?:all|every|each)\b[^.$]{0,20}\$(?P<said>[^$]{3,40})\$",
    re.IGNORECASE,
)


def perpendicular(text: str, scope: Scope) -> list[tuple[Node, Node]]:
    r"""Conditions ``a^T b = 0`` for what is said to be orthogonal, and not concluded."""
    pairs: list[tuple[Sequence[Token], Sequence[Token]]] = []
    if "\\perp" in text or "⊥" in text:
        for s in find_statements(text):
            if s.fault is None and s.relations == ("perp",) and not s.lead and not _CONCLUDED.search(s.words):
                pairs.append((s.members[0], s.members[1]))
    for pattern in _IN_WORDS if "orthogonal" in text or "perpendicular" in text else ():
        for m in pattern.finditer(text):
            if _CONCLUDED.search(text[max(0, m.start() - 60) : m.start()].rpartition("$")[2]):
                continue
            try:
                pairs.append((tokenize(m["a"]), tokenize(m["b"])))
            except MathsFault:
                continue
    out: list[tuple[Node, Node]] = []
    for one, other in pairs[:MAX_TOLD]:
        try:
            a, b = (read_tree(x, scope, infix=False)[0] for x in (one, other))
        except (MathsFault, RecursionError):
            continue
        if a.shape is not None and a.shape == b.shape and a.shape[1] == 1 and a != b:
            row = Node("T", (a,), None, None, (1, a.shape[0]))
            out.append((Node("dot", (row, b), None, None, None), num(0)))
    return list(dict.fromkeys(out))


def with_upstream(text: str, lines: Sequence[Line], scope: Scope) -> Scope:
    r"""The scope with a loss for the derivatives that are only told: where ``g = \partial L / \partial y``
    and nothing says what L is, every derivative of L through y is that of ``g^T y`` with a fixed g."""
    if "partial" not in text and "∂" not in text and "nabla" not in text:
        return scope
    said = {line.label for line in lines}
    for s in find_statements(text):
        if s.fault is not None or len(s.members) != 2 or s.relations[0] not in ("=", ":="):
            continue
        keys = [label_of(m) or "" for m in s.members]
        for name, derivative in (keys, keys[::-1]):
            m = re.fullmatch(r"d (?P<loss>\S+) / (?P<by>\S+)", derivative)
            g = _whole(name, scope)
            y = _whole(m["by"], scope) if m is not None else ""
            if m is None or not g or not y or m["loss"] in scope.kinds or m["loss"] in said:
                continue
            kind, other = scope.kinds[g], scope.kinds[y]
            if g in scope.define or y not in scope.define or kind.shape != other.shape:
                continue
            return scope.extended(m["loss"], _paired(g, y, kind.shape), Kind("scalar"))
    return scope


def _whole(key: str, scope: Scope) -> str:
    """The declared name of a key, or of the vector that it is an entry of."""
    key = scope.aliases.get(key, key)
    base, _, sub = key.rpartition("_")
    if key not in scope.kinds and base and sub in scope.define and scope.kinds[sub].sort == "integer":
        key = scope.aliases.get(base, base)
    return key if key in scope.kinds and scope.kinds[key].sort in ("scalar", "vector", "matrix") else ""


def _paired(g: str, y: str, shape: tuple[str | int, str | int] | None) -> Node:
    a, b = sym(g, None, shape), sym(y, None, shape)
    if shape is None:
        return Node("mul", (a, b), "", None, None)
    row = Node("T", (a,), None, None, (shape[1], shape[0]))
    if shape[1] == 1:
        return Node("dot", (row, b), None, None, None)
    return Node("func", (Node("dot", (row, b), None, None, (shape[1], shape[1])),), "tr", None, None)


def alike(text: str, scope: Scope) -> list[tuple[str, tuple[str, ...], int]]:
    """For "if all $g_t = g$": the g, which need not be declared, the declared ``g_1``, ``g_2`` …, and where
    it is said."""
    out = []
    for m in _ALIKE.finditer(text):
        sides = [x.replace(" ", "") for x in m["said"].split("=")]
        entry = re.fullmatch(r"(?P<base>\\?[A-Za-z]+)_\{?[a-z]\}?", sides[0])
        if len(sides) != 2 or entry is None or sides[1] != entry["base"]:
            continue
        name = sides[1].removeprefix("\\")
        numbered = tuple(n for n in scope.kinds if re.fullmatch(rf"{re.escape(name)}_\d+", n))
        if numbered and len({scope.kinds[n].shape for n in numbered}) == 1 and name not in scope.define:
            out.append((name, numbered[:MAX_TOLD], m.end()))
    return out


def with_alike(text: str, scope: Scope) -> Scope:
    """The scope with those names declared."""
    for name, numbered, _ in alike(text, scope):
        if name not in scope.kinds:
            scope = scope.declared({name: scope.kinds[numbered[0]]})
    return scope
