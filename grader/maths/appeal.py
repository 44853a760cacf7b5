r"""A member that seems false, heard once more: everything the text says that may still speak for it.

A step is first judged by itself and under the conditions of its neighbourhood. Before a member is accused,
what symbols stand for is put in ("where $\bar z = D\bar h$ and $\bar h = …$"), names keep the values they
were given since, and what is said in words is used ("since $A$ is symmetric"). A member that no such fact
saves stays false; one that depends on a fact that could not be used is for a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from grader.errors import MathsFault
from grader.maths.given import UNTRIED, fitted
from grader.maths.introduced import bound
from grader.maths.labels import label_of
from grader.maths.links import Link, bounded, follows, rounded
from grader.maths.premises import Premise, implied
from grader.maths.record import Member
from grader.maths.restricted import Bound, where_they_hold
from grader.maths.scope import Scope, underlying
from grader.maths.tokens import tokenize
from grader.maths.tree import Node

__all__ = ["Said", "appealed", "said_in_words", "with_values"]

MAX_FACTS = 12
UNMET = "Whether this fails where what is assumed holds could not be tried; a person looks."
FROM_TEXT = "It follows from what the text says of its symbols."
_STRUCTURES = {
    "symmetric": "symmetric", "diagonal": "diagonal", "orthogonal": "orthogonal", "unit": "unit",
    "normalized": "unit", "normalised": "unit", "positive definite": "positive definite",
    "one hot": "one-hot",
}  # fmt: skip
_PROPERTY = (
    r"(?P<{0}>symmetric positive[- ]definite|positive[- ]definite|positive[- ]semi-?definite|p\.?s\.?d"
    r"|symmetric|diagonal|orthogonal|orthonormal"
    r"|unit(?= vector| norm| length)|normali[sz]ed|idempotent|projection|projector|eigenvectors?|one-hot"
    r"|skew[- ]symmetric|permutation|binary|commut\w+{1})"
)
_NAME = r"\$(?P<{0}>[^$]{{1,30}})\$"
_WORDS = (
    re.compile(
        _NAME.format("name")
        + r"(?P<between>[^.;$]{0,40}?\b)"
        + _PROPERTY.format("what", "|null ?space|kernel")
    ),
    re.compile(_PROPERTY.format("what", "") + r"(?P<between>(?: [a-z]+){0,2} )" + _NAME.format("name")),
)
_NOT = re.compile(r"\b(?:not|no|need|whether|neither|unless|without|otherwise)\b|n't")


@dataclass(frozen=True, slots=True)
class Said:
    """What a text says in words about symbols: structures, which can be used, and what cannot; and the
    inequalities that hold, ``assumed`` by the author or said in the text."""

    structures: tuple[tuple[str, str], ...] = ()
    unused: frozenset[str] = frozenset()
    bounds: tuple[Bound, ...] = ()
    assumed: tuple[Bound, ...] = ()


def said_in_words(text: str, scope: Scope) -> Said:
    """The properties of declared symbols that a text names."""
    structures: dict[str, str] = {}
    unused: set[str] = set()
    for pattern in _WORDS:
        for m in pattern.finditer(text):
            if _NOT.search(m["between"]):
                continue
            word = re.sub(r"[- ]+", " ", m["what"])
            word = "positive definite" if word.endswith("positive definite") else word
            for name in _names(m["name"], scope):
                kind = scope.kinds[name]
                square = kind.shape is not None and kind.shape[0] == kind.shape[1]
                structure = _STRUCTURES.get(word, "")
                if kind.shape is None and word not in ("binary", "unit"):
                    continue  # the kernel of a convolution
                fits = (structure in ("unit", "one-hot")) != square and kind.shape is not None
                if structure and fits and name not in scope.define:
                    structures.setdefault(name, structure)
                else:
                    unused.add(name)
    return Said(tuple(structures.items()), frozenset(unused))


def _names(text: str, scope: Scope) -> list[str]:
    out = []
    for part in text.split(","):
        try:
            key = label_of(tokenize(part))
        except MathsFault:
            continue
        key = scope.aliases.get(key, key) if key else None
        if key in scope.kinds:
            out.append(str(key))
    return out


def appealed(
    link: Link,
    before: Member,
    m: Member,
    relation: str,
    scope: Scope,
    premises: Sequence[Premise],
    said: Said,
) -> Link:
    """``link``, or a better one where a fact of the text speaks for the member; where it could not be tried
    under what is given, also one that speaks against it, if all that is given was used."""
    untried = link.message == UNTRIED
    if before.node is None or m.node is None or not (link.status == "fails" or untried):
        return link
    right = fitted(before.node, m.node)
    if right.shape != before.node.shape:
        return _unsized(link, before.node, right)
    goal = set(underlying(before.node, before.scope)) | set(underlying(m.node, m.scope))
    for names in _readings(premises, scope):
        own = _extended(scope, names)
        found = _tried(replace(before, scope=_extended(before.scope, names)), right, own, relation)
        if found.status == "holds":
            return replace(found, message=FROM_TEXT)
        rest = [p for p in premises if not _used(p, names)]
        if (
            untried
            and found.status == "fails"
            and not any(goal & set(underlying(p.difference, own)) for p in rest)
        ):
            return found
        found = _from(rest, before.node, right, own) if rest and relation == "=" else found
        if found.status == "holds":
            return found
    structured = [(n, word) for n, word in said.structures if n in goal]
    if structured:
        assumptions = replace(scope.assumptions, structure=(*scope.assumptions.structure, *structured))
        own = replace(scope, assumptions=assumptions)
        found = _tried(replace(before, scope=own), right, own, relation)
        if found.status == "holds":
            return replace(found, message=FROM_TEXT)
        if found.status == "unread" and "one-hot" in dict(structured).values() and link.status == "fails":
            return found
        if premises and relation == "=":
            here = [replace(p, scope=own) for p in premises[-4:]]
            found = implied(here, before.node, right, "=", own, strict=True)
            if found.status == "holds" or (untried and found.status == "fails"):
                return found
    bounds = [b for b in said.bounds if goal & {*underlying(b[0], scope), *underlying(b[2], scope)}]
    if bounds and link.status == "fails" and link.mistake != "shape":
        apart = not any(goal & set(underlying(p.difference, p.scope)) for p in premises)
        there = where_they_hold(bounds, before.node, right, relation, scope, link) if apart else None
        if there is None and set(bounds) & set(said.assumed):
            there = Link("unread", UNMET)
        link = there or link
    unused = (said.unused & goal).difference(*(underlying(p.difference, p.scope) for p in premises))
    if unused and link.status == "fails" and link.mistake != "not-implied":
        which = ", ".join(sorted(unused))
        return Link("unread", f"What is said of {which} in words was not used here; a person looks.")
    return link


def _unsized(link: Link, before: Node, right: Node) -> Link:
    """Numbers of a size that the text may have chosen: ``v = [1, 2, 3]^T`` for a vector of length n."""
    a, b = before.shape, right.shape
    if link.status != "fails" or a is None or b is None:
        return link
    chosen = [isinstance(x, str) != isinstance(y, str) for x, y in zip(a, b, strict=True)]
    same = [x == y for x, y in zip(a, b, strict=True)]
    if any(chosen) and all(c or s for c, s in zip(chosen, same, strict=True)):
        return Link("unread", "Whether the sizes that numbers have here are meant is for a person.")
    return link


def with_values(before: Member, m: Member, scope: Scope, premises: Sequence[Premise]) -> Link | None:
    """How a member compares that puts numbers in for symbols; None if the text does not say which."""
    assert before.node is not None
    assert m.node is not None
    values = {}
    for p in premises:
        found = _meaning(p)
        if found is not None and found[0] in scope.kinds and not found[1].names():
            values[found[0]] = found[1]
    wanted = set(underlying(before.node, before.scope)) | set(underlying(m.node, m.scope))
    if not wanted or any(scope.kinds[n].sort != "dim" for n in wanted - values.keys() if n in scope.kinds):
        return None
    right = fitted(before.node, m.node)
    old, own = _extended(before.scope, values), _extended(m.scope, values)
    if right.shape != before.node.shape:
        return None

    def put(n: Node) -> Node | None:
        return values.get(str(n.value)) if n.op == "sym" else None

    near = rounded(before.node.map(put), right.map(put), m.shown, own, about=False, known=before.shown)
    return near or follows(before.node, right, old, own, before.text)


def _tried(before: Member, right: Node, own: Scope, relation: str) -> Link:
    """Whether it holds with these meanings of the names."""
    assert before.node is not None
    if relation in ("<", "<=", ">", ">="):
        return bounded(before.node, right, relation, own)
    return follows(before.node, right, before.scope, own, before.text)


def _from(premises: Sequence[Premise], left: Node, right: Node, own: Scope) -> Link:
    """Whether it holds where the conditions do that are no meanings of names: all of them, or one."""
    here = [replace(p, scope=own) for p in premises[-4:]]
    for some in ([here] if len(here) > 1 else []) + [[p] for p in here]:
        found = implied(some, left, right, "=", own, strict=True)
        if found.status == "holds" and not found.mistake:
            return found
    return Link("unread")


def _meaning(p: Premise) -> tuple[str, Node] | None:
    """What a condition says that a symbol is: ``h = W y + r``."""
    d = p.difference
    if d.op == "sym":
        return str(d.value), Node("zeros", (), None, None, d.shape) if d.shape else Node(
            "num", (), Fraction(0)
        )
    if d.op != "add" or len(d.args) != 2 or d.args[1].op != "neg":
        return None
    left, right = d.args[0], d.args[1].args[0]
    for side, other in ((left, right), (right, left)):
        if side.op == "sym" and side.value in p.alone:
            return str(side.value), other
    return None


def _readings(premises: Sequence[Premise], scope: Scope) -> Iterable[Mapping[str, Node]]:
    """The meanings of symbols, by the last or by the first thing said of each; first none but those that
    names were given since."""
    yield {}
    last: dict[str, Node] = {}
    first: dict[str, Node] = {}
    for p in premises[-MAX_FACTS:]:
        found = _meaning(p)
        if found is not None and found[0] in scope.kinds and scope.kinds[found[0]].shape == found[1].shape:
            last[found[0]] = found[1]
            first.setdefault(*found)
    if last:
        yield last
    if first != last:
        yield first


def _extended(scope: Scope, names: Mapping[str, Node]) -> Scope:
    for name, node in names.items():
        if name not in scope.define:
            scope = bound(name, node, scope)
    return scope


def _used(p: Premise, names: Mapping[str, Node]) -> bool:
    found = _meaning(p)
    return found is not None and names.get(found[0]) == found[1]
