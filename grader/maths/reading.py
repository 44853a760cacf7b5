"""Statements → trees, under the author's names and those the student introduces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from grader.errors import EmptyFault, MathsFault, SyntaxFault
from grader.maths.alphabet import GREEK_NAMES, Token
from grader.maths.labels import label_of
from grader.maths.parser import parse
from grader.maths.scope import Kind, Scope
from grader.maths.shapes import Leniency, elaborate
from grader.maths.statements import Statement, find_statements
from grader.maths.tree import Node
from grader.maths.vocabulary import FUNCTIONS

__all__ = ["Reading", "final_member", "is_definition", "read_member", "read_text", "with_definitions"]

_INTRODUCES = re.compile(
    r"\b(where|let|with|define|denote|denoting|writing|write|put|set|call|for|given|using|recall|since|because|hint|note that)\b[^.]{0,40}$",
    re.IGNORECASE,
)
_APPROXIMATE = "~"


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer that could be read: its elaborated tree and how loosely it had to be read."""

    node: Node
    notes: tuple[str, ...] = ()
    label: str | None = None
    text: str = ""
    scope: Scope | None = None


def read_member(
    tokens: Sequence[Token], scope: Scope, *, infix: bool, lenient: bool = False
) -> tuple[Node, tuple[str, ...]]:
    """One member of a chain as an elaborated tree, with notes on loose notation.

    Raises:
        MathsFault: it cannot be read or does not fit together.
    """
    leniency = Leniency(square=lenient, inner=lenient)
    node = elaborate(parse(tokens, scope, infix=infix), scope, leniency)
    return node, tuple(dict.fromkeys(leniency.notes))


def final_member(s: Statement, scope: Scope) -> tuple[Token, ...]:
    """The member of a chain that is the answer: the last, but not one that merely names it.

    ``… = w^*`` at the end identifies; ``1/3 ≈ 0.33`` rounds. A condition ``A = 0`` has no answer.
    """
    members, relations = list(s.members), list(s.relations)
    for k, rel in enumerate(relations):
        if rel in ("in", "!=", "propto", "forall", "perp"):
            members, relations = members[: k + 1], relations[:k]
            break
    while len(members) > 1 and relations and relations[-1] == _APPROXIMATE and len(members) > 2:
        members.pop()
        relations.pop()
    while len(members) > 1:
        key = label_of(members[-1])
        bare = key is not None and (key not in scope.kinds or (key in scope.define and len(members) > 2))
        if not bare or key in ("e", "pi", "I"):
            break
        others = [m for m in members[:-1] if label_of(m) is None]
        if not others:
            break
        members.pop()
        relations.pop()
    return members[-1]


def is_definition(s: Statement, scope: Scope, wanted: Iterable[str] = ()) -> bool:
    """Whether a statement introduces an abbreviation rather than stating the answer."""
    if len(s.members) < 2:
        return False
    key = label_of(s.members[0])
    if key is None or key in set(wanted):
        return False
    if key in scope.kinds:
        return True
    return bool(_INTRODUCES.search(s.words)) or ":=" in s.relations


def with_definitions(
    statements: Sequence[Statement], scope: Scope, *, keep: frozenset[str] = frozenset()
) -> Scope:
    """``scope`` with the student's own abbreviations: ``K = XX^T``, ``let g = …``.

    A declared symbol keeps its meaning; an abbreviation of the rubric's may be redefined. Names in
    ``keep`` are left alone.
    """
    for s in statements:
        if s.fault is not None or len(s.members) < 2 or not s.relations or s.relations[0] not in ("=", ":="):
            continue
        key = label_of(s.members[0])
        if key is None or key in keep or " " in key:
            continue
        if key in scope.kinds and key not in scope.define:
            continue
        last = final_member(s, scope)
        if not last or last is s.members[0]:
            continue
        try:
            node, _ = read_member(last, scope, infix=not s.latex)
        except MathsFault:
            continue
        if key in node.names():
            continue
        kind = Kind("scalar") if node.shape is None else Kind("matrix", node.shape)
        scope = scope.extended(key, node, kind)
    return scope


def read_text(
    text: str,
    scope: Scope,
    *,
    decimal_comma: bool = False,
    lenient: bool = False,
    infix: bool | None = None,
    equation: bool = False,
) -> Reading:
    """The answer that a short text states, as ``grade compare`` reads it.

    The last statement that is not a definition counts, a boxed one first; of a chain its last member.

    Raises:
        MathsFault: nothing to read, or it cannot be read.
    """
    statements = [s for s in find_statements(text, decimal_comma=decimal_comma) if s.members or s.fault]
    if not statements:
        raise EmptyFault("there is nothing to read")
    if infix is not None:
        statements = [replace(s, latex=not infix) for s in statements]
    statements = [_without_prose(s, scope) for s in statements]
    statements = [s for s in statements if s.fault is not None or any(s.members)] or statements
    boxed = [s for s in statements if s.boxed]
    chosen = boxed[-1] if boxed else _last(statements, scope)
    if chosen.fault is not None:
        raise chosen.fault
    inner = with_definitions([s for s in statements if s is not chosen], scope)
    if equation:
        return _read_equation(chosen, inner, lenient)
    tokens = final_member(chosen, inner)
    if not tokens:
        raise EmptyFault("there is nothing to read behind the equals sign")
    node, notes = read_member(tokens, inner, infix=not chosen.latex, lenient=lenient)
    label = label_of(chosen.members[0]) if len(chosen.members) > 1 else None
    return Reading(node, notes, label, chosen.text, inner)


def _last(statements: list[Statement], scope: Scope) -> Statement:
    candidates = [s for s in statements if not is_definition(s, scope)]
    related = [s for s in candidates if len(s.members) > 1]
    return (related or candidates or statements)[-1]


def _read_equation(s: Statement, scope: Scope, lenient: bool) -> Reading:
    if len(s.members) < 2 or set(s.relations) - {"=", ":="}:
        raise SyntaxFault("an equation is expected here, with an equals sign")
    left, notes1 = read_member(s.members[0], scope, infix=not s.latex, lenient=lenient)
    right, notes2 = read_member(s.members[-1], scope, infix=not s.latex, lenient=lenient)
    return Reading(Node("eq", (left, right)), notes1 + notes2, None, s.text, scope)


def _without_prose(s: Statement, scope: Scope) -> Statement:
    """In a text without dollars, the words before the mathematics are not mathematics."""
    if s.fault is not None or not s.members or not s.members[0]:
        return s
    first = list(s.members[0])
    known = set(scope.letters) | set(scope.words)
    cut = 0
    for k, t in enumerate(first):
        if t.kind == "op" and t.text == ":" and k < len(first) - 1 and k < 14:
            cut = k + 1
            continue
        if t.kind not in ("word", "text") or len(t.text) < 2:
            single = (
                t.kind == "word" and t.text in ("a", "I", "A") and k + 1 < len(first) and first[k + 1].spaced
            )
            if (
                single
                and first[k + 1].kind == "word"
                and len(first[k + 1].text) > 2
                and not _mathematical(first[k + 1].text, known)
            ):
                cut = k + 1
                continue
            break
        if _mathematical(t.text, known) or (k + 1 < len(first) and first[k + 1].text in ("_", "^", "(")):
            break
        if k + 1 < len(first) and not first[k + 1].spaced and first[k + 1].text not in (",", ":"):
            break
        cut = k + 1
    if cut == 0 or (cut >= len(first) and len(s.members) == 1):
        return s
    if cut >= len(first):
        return s
    words = " ".join(t.text for t in first[:cut])
    return replace(s, members=(tuple(first[cut:]), *s.members[1:]), words=(s.words + " " + words).strip())


def _mathematical(word: str, known: set[str]) -> bool:
    if word in known or word in FUNCTIONS or word in GREEK_NAMES:
        return True
    letters = {k for k in known if len(k) == 1}
    return all(c in letters for c in word)
