r"""What else an equation is said to satisfy: ``2x + y = 2, x = y`` is a point and ``2x + y = 2, x > 0`` half
a line, whichever of the two stands last.

Where an equation is the answer, a person has to look if another one stands in the same line that has not the
same solutions, if a member between the first and the last is something else, or if a symbol is limited to
values that the sheet does not limit it to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from grader.errors import MathsFault
from grader.maths.alphabet import Token
from grader.maths.chains import RELATIONS, Statement
from grader.maths.doubts import NEAR, Doubt, doubts_in_words
from grader.maths.labels import bare_label_of
from grader.maths.members import read_member
from grader.maths.polynomials import numerator
from grader.maths.scope import Scope
from grader.maths.tree import Node

__all__ = ["beside_an_equation", "out_of_set"]

_ORDERS = frozenset(("<", ">", "<=", ">=", "!=", "in"))
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!=", "in": ""}
_LINKS = re.compile(
    r"\b(?:and|with|where|for|when|if|such that|or|but|no|only|unless|except|while|provided|at|wait)\b",
    re.IGNORECASE,
)
_ALL = frozenset(("R", "ℝ"))


def beside_an_equation(
    chosen: Statement, statements: Sequence[Statement], node: Node, scope: Scope
) -> tuple[Doubt, ...]:
    """The doubts about an answer that is an equation, ``node``."""
    found = [d for d in doubts_in_words(chosen, statements, chosen.members[-1], scope) if d]
    others = [e for e in _between(chosen, scope) if e != node and not _always(e, scope)]
    place = next((k for k, s in enumerate(statements) if s is chosen), 0)
    for s in statements[max(0, place - NEAR) : place + NEAR]:
        if s is chosen or not _same_place(s, chosen):
            continue
        limit = _limit(s, scope)
        if limit:
            found.append(Doubt(limit))
        if len(s.members) > 1 and not set(s.relations) - {"=", ":="} and chosen.lead not in ("=>", "<=>"):
            others += [e for e in _between(s, scope) if not _always(e, scope)]
    if others:
        found.append(Doubt("it is not the only equation that is stated", others=tuple(others[:NEAR])))
    return tuple(found)


def _same_place(s: Statement, chosen: Statement) -> bool:
    if s.fault is not None or s.lead in ("=>", "<=>"):
        return False
    return not s.words.strip(" .,;:") or _LINKS.search(s.words) is not None


def _between(s: Statement, scope: Scope) -> list[Node]:
    """The equations that neighbours in a chain make, as far as they can be read."""
    read: list[Node] = []
    for m in s.members:
        try:
            read.append(read_member(m, scope, infix=not s.latex)[0])
        except MathsFault:
            continue
    return [Node("eq", pair) for pair in pairwise(read) if pair[0].shape == pair[1].shape]


def _always(equation: Node, scope: Scope) -> bool:
    """Whether both sides are the same expression."""
    a, b = equation.args
    if a == b or (a.op == "sym" and scope.define.get(a.value) == b):
        return True
    if a.shape is not None:
        return False
    difference = numerator(Node("add", (a, Node("neg", (b,)))), scope)
    return difference is not None and bool(difference == 0)


def _limit(s: Statement, scope: Scope) -> str:
    """What limits a symbol to values that its declaration does not."""
    for k, relation in enumerate(s.relations):
        if relation not in _ORDERS:
            continue
        for m, other, sign in (
            (s.members[k], s.members[k + 1], relation),
            (s.members[k + 1], s.members[k], _TURNED[relation]),
        ):
            key = bare_label_of(m) if m else None
            kind = scope.kinds.get(scope.aliases.get(key, key)) if key else None
            if kind is None or not sign:
                continue
            said = "".join(t.text for t in other if t.text not in ("{", "}"))
            known = (
                kind.sort in ("dim", "integer") or kind.sign[:1] == sign[:1] or (sign == "!=" and kind.sign)
            )
            if (sign == "in" and said in _ALL) or (said == "0" and known):
                continue
            return f"it is only said for some values of {key}"
    return ""


def out_of_set(s: Statement) -> Statement:
    """``\\{w : 2x + y = 2\\}`` states the equation behind its colon."""
    tokens = s.members[0] if len(s.members) == 1 else ()
    if len(tokens) < 5 or (tokens[0].text, tokens[-1].text) not in (("\\{", "\\}"), ("{", "}")):
        return s
    at = next((k for k, t in enumerate(tokens) if t.text in (":", "mid", "|") and k > 1), 0)
    inner = tokens[at + 1 : -1]
    if not at or any(t.text in ("\\{", ",", ";", ":") or t.kind == "remark" for t in inner):
        return s
    members: list[list[Token]] = [[]]
    relations: list[str] = []
    for t in inner:
        if t.kind in ("op", "cmd") and t.text in RELATIONS:
            relations.append(RELATIONS[t.text])
            members.append([])
        else:
            members[-1].append(t)
    if relations != ["="] or not all(members):
        return s
    return replace(s, members=tuple(map(tuple, members)), relations=("=",))
