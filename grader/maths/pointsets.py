"""Sets of points as an answer to "which equation": parametrised lines, set-builder notation, components.

``(0.8, 0.4) + s(1, -2)``, ``{(s, 2 - 2s) : s ∈ ℝ}`` and ``w_1 = s, w_2 = 2 - 2s`` are read with their
parameter; a line so given is the solution set of one equation in two unknowns if its points solve it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.errors import MathsFault, UnknownSymbolFault
from grader.maths.constants import real_entries
from grader.maths.labels import label_of
from grader.maths.reading import read_member
from grader.maths.scope import Kind, Scope, bases
from grader.maths.statements import Statement
from grader.maths.tokens import Token
from grader.maths.tree import Node

__all__ = ["Line", "coefficients", "lines_in", "pieces_of_sets"]

MAX_TRIED = 60  # members of one answer
PARAMETERS = frozenset("rstkcabuvxyz") | {"lambda", "alpha", "beta", "mu", "tau", "gamma", "theta"}

_SET = re.compile(
    r"\\?\{\s?(?P<left>[^{}|:]{1,120}(?:\{[^{}]{0,40}\}[^{}|:]{0,80}){0,8})(?:\\mid|\\vert|:|\|)(?P<right>[^}]{1,160}"
    r"(?:\{[^{}]{0,40}\}[^{}]{0,80}){0,4})\\?\}"
)
_SIDES = re.compile(r"\\(?:left|right|big|Big|middle)(?![a-zA-Z])")


@dataclass(frozen=True, slots=True)
class Line:
    """The points ``start + s·step`` for all numbers s."""

    start: tuple[Fraction, ...]
    step: tuple[Fraction, ...]
    text: str

    def solves(self, difference: Node, unknowns: Sequence[str]) -> bool | None:
        """Whether every point is a zero of ``difference``; None where it has no value."""
        for s in range(-2, 4):  # more points than an equation of degree 3 can hold by chance
            at = {n: a + s * b for n, a, b in zip(unknowns, self.start, self.step, strict=True)}
            values = real_entries(_put(difference, at))
            if values is None:
                return None
            if any(values):
                return False
        return True


def coefficients(difference: Node, unknowns: Sequence[str]) -> list[Fraction] | None:
    """``[2, 1, 2]`` of ``2 w_1 + w_2 - 2``: the factors of the unknowns and the right side."""
    out: list[Fraction] = []
    for k in range(len(unknowns) + 1):
        at = {name: Fraction(int(i == k)) for i, name in enumerate(unknowns)}
        found = real_entries(_put(difference, at))
        if found is None or len(found) != 1:
            return None
        out += found
    return [*(x - out[-1] for x in out[:-1]), -out[-1]]


def pieces_of_sets(text: str) -> str:
    """``text`` with its sets ``{(s, 2-2s) : s ∈ ℝ}`` taken apart into displays."""
    plain = _SIDES.sub(" ", text)
    out = _SET.sub(lambda m: f" $ \n$${_bare(m['left'])}$$\n$${_bare(m['right'])}$$\n$ ", plain)
    return text if out == plain else re.sub(r"\${1,2}\s*\$(?!\$)", " ", out)


def _bare(text: str) -> str:
    return text.replace("$", " ").strip().rstrip("\\").strip()


def lines_in(statements: Sequence[Statement], scope: Scope, unknowns: Sequence[str]) -> list[Line]:
    """The parametrised lines that statements give, in order."""
    out: list[Line] = []
    components: dict[str, tuple[Statement, tuple[Token, ...]]] = {}
    tried = 0
    for s in statements:
        if s.fault is not None or not s.members or tried >= MAX_TRIED:
            continue
        tried += 1
        line = _line(s.members[-1], scope, s, unknowns)
        if line is not None:
            out.append(line)
        if len(s.members) > 1:
            key = label_of(s.members[0])
            key = scope.aliases.get(key, key) if key is not None else None
            if key in unknowns:
                components[str(key)] = (s, s.members[-1])
    if components.keys() == set(unknowns):
        read = [_with_parameter(components[u][1], scope, components[u][0]) for u in unknowns]
        names = {name for r in read if r is not None for name in r[0].names()}
        scalar = all(r is not None and r[0].shape is None for r in read)
        if scalar and len(names) == 1 and names.isdisjoint(unknowns):
            nodes = [r[0] for r in read if r is not None]
            line = _affine(nodes, names.pop(), "; ".join(components[u][0].text for u in unknowns))
            out += [line] if line is not None else []
    return out


def _line(tokens: tuple[Token, ...], scope: Scope, s: Statement, unknowns: Sequence[str]) -> Line | None:
    found = _with_parameter(tokens, scope, s)
    if found is None:
        return None
    node, names = found
    if not names and len(node.names()) == 1:
        names = set(node.names())  # (w_1, 2 - 2w_1), or a declared parameter
    if len(names) != 1 or node.names() - names or node.shape not in ((len(unknowns), 1), (1, len(unknowns))):
        return None
    return _affine([node], next(iter(names)), s.text)


def _with_parameter(tokens: tuple[Token, ...], scope: Scope, s: Statement) -> tuple[Node, set[str]] | None:
    """A member read with letters that nobody declared as numbers; with their names."""
    names: set[str] = set()
    while True:
        try:
            node, _ = read_member(tokens, scope, infix=not s.latex)
        except UnknownSymbolFault as fault:
            if fault.name not in PARAMETERS or len(names) > 1:
                return None
            names.add(fault.name)
            scope = _declared(scope, fault.name)
        except MathsFault:
            return None
        else:
            return node, names & node.names()


def _declared(scope: Scope, name: str) -> Scope:
    kinds = {**scope.kinds, name: Kind("scalar")}
    return Scope(
        kinds,
        {**scope.original, name: name},
        scope.assumptions,
        scope.define,
        scope.spelled,
        scope.words | {name},
        bases({**kinds, **scope.aliases}),
        scope.aliases,
    )


def _affine(nodes: Sequence[Node], name: str, text: str) -> Line | None:
    """The line, if the entries are affine in the parameter and not all constant."""
    at: list[list[Fraction]] = []
    for value in (0, 1, 2, 5):
        entries: list[Fraction] = []
        for node in nodes:
            found = real_entries(_put(node, {name: Fraction(value)}))
            if found is None:
                return None
            entries += found
        at.append(entries)
    step = [b - a for a, b in zip(at[0], at[1], strict=True)]
    straight = all(
        entry == a + k * b
        for k, row in ((2, at[2]), (5, at[3]))
        for entry, a, b in zip(row, at[0], step, strict=True)
    )
    return Line(tuple(at[0]), tuple(step), text) if straight and any(step) else None


def _put(node: Node, values: Mapping[str, Fraction]) -> Node:
    """``node`` with numbers for names."""

    def change(n: Node) -> Node | None:
        return Node("num", (), values[n.value]) if n.op == "sym" and n.value in values else None

    return node.map(change)
