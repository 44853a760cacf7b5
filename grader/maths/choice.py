"""Which statement of a text is the answer, and which member of its chain.

What is asked for may itself be declared (``\\eta = …`` answers a question about η*), and a chain may end in
the name of the result instead of beginning with it. Where ``asked`` is given, the names in the expected
answer, a declared name outside it cannot be the answer's value and is read as such a label.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from grader.errors import EmptyFault, MathsFault, SyntaxFault, UnknownSymbolFault
from grader.maths.alphabet import Token
from grader.maths.chains import Statement
from grader.maths.labels import bare_label_of, label_of
from grader.maths.leftsides import fits_kind, is_product_of_names
from grader.maths.members import read_member
from grader.maths.parser import parse
from grader.maths.scope import Kind, Scope
from grader.maths.tree import num

__all__ = ["answer_tokens", "choose", "final_member", "is_definition"]

_INTRODUCES = re.compile(
    r"\b(where|let|with|define|denote|denoting|writing|write|put|set|call|for|given|using|recall|since|because"
    r"|hint|note that)\b[^.]{0,40}$",
    re.IGNORECASE,
)
_CONCLUDES = re.compile(
    r"\b(so|thus|hence|therefore|solv\w+|obtain|get|gives?|yields?|answer|finally|final)\b[^.]{0,30}$",
    re.IGNORECASE,
)
_EXPLAINS = re.compile(
    r"\b(where|with|since|because|as|if|for|when|unless|assuming|provided)\s*$", re.IGNORECASE
)
_DENIES = re.compile(
    r"\b(or|not|n't|never|neither|nor|either|instead of|rather than|unlike|no longer)"
    r"(\s+(equal to|be|is|to|the))?\s*$",
    re.IGNORECASE,
)
_REASON = re.compile(r"\b(?:since|because|as|recall(?: that)?|noting(?: that)?)\s*$", re.IGNORECASE)
_SIGNS = {
    "<=": "≤",
    ">=": "≥",
    "~": "≈",
    "!=": "≠",
    "propto": "∝",
    "perp": "⊥",
    "sim": "∼",
    "in": "∈",
    "notin": "∉",
}
_LOOK_BACK = 6  # statements
_REMARKS = frozenset(("in", "notin", "!=", "propto", "forall", "perp"))
_ORDERS = frozenset(("<", ">", "<=", ">="))
_STATES = frozenset(("=", ":=", "~"))
_NO_VALUE = _ORDERS | {"!=", "notin", "propto", "perp", "sim"}


def choose(
    statements: Sequence[Statement], scope: Scope, asked: Collection[str] | None, equation: bool
) -> Statement:
    """The statement that gives the answer: a boxed one first, else the last that is no aside.

    Raises:
        SyntaxFault: the words before it say that it is not, or not alone.
    """
    boxed = [s for s in statements if s.boxed]
    chosen = boxed[-1] if boxed else _unboxed(statements, scope, asked, equation)
    if _DENIES.search(chosen.words):
        raise SyntaxFault(
            f"'{_tail(chosen.words)}' stands before it, so that it is no single answer; give just one"
        )
    return chosen


def _tail(words: str) -> str:
    return " ".join(words.split()[-3:])


def _unboxed(
    statements: Sequence[Statement], scope: Scope, asked: Collection[str] | None, equation: bool
) -> Statement:
    if len(statements) == 1:
        return statements[0]
    usable = [s for s in statements if not s.aside and not _is_condition(s, scope)] or list(statements)
    if equation:
        stated = [s for s in usable if "=" in s.relations and not _INTRODUCES.search(s.words)]
        return (stated or usable)[-1]
    candidates = [s for s in usable if not is_definition(s, scope)]
    candidates = [s for s in candidates if len(s.members) != 1 or not _EXPLAINS.search(s.words)]
    candidates = [s for s in candidates if not _is_reason(s)] or candidates
    if asked is not None and _solves(usable[-1], candidates, scope, asked):
        return usable[-1]
    candidates = _not_introductory(candidates, usable, scope)
    related = [s for s in candidates if s.fault is not None or len(s.members) > 1]
    values = [s for s in candidates if not (s.members and label_of(s.members[-1]) in scope.kinds)]
    solved = [s for s in usable if asked is not None and _solves(s, (), scope, asked)]
    return (related or values or solved or candidates or usable)[-1]


def is_definition(s: Statement, scope: Scope, wanted: Iterable[str] = ()) -> bool:
    """Whether a statement introduces an abbreviation rather than stating the answer."""
    if len(s.members) < 2 or s.lead == "=>":
        return False
    key = label_of(s.members[0])
    if key is None or key in set(wanted):
        return False
    if key in scope.kinds:
        return True
    return bool(_INTRODUCES.search(s.words)) or ":=" in s.relations


def _is_reason(s: Statement) -> bool:
    """``since $\\nabla \\|w\\|^2 = 2w$``: an equation of which more than a name stands on the left."""
    return len(s.members) > 1 and _REASON.search(s.words) is not None and label_of(s.members[0]) is None


def _is_condition(s: Statement, scope: Scope) -> bool:
    """``X^T a \\ne 0``, ``\\eta > 0``, ``d > n``: an aside, not an answer."""
    if s.lead in _REMARKS:
        return True
    if not s.relations or _STATES.intersection(s.relations):
        return False
    if _REMARKS.intersection(s.relations):
        return True
    return _is_zero(s.members[-1]) or any(label_of(m) in scope.kinds for m in s.members)


def _solves(s: Statement, earlier: Sequence[Statement], scope: Scope, asked: Collection[str]) -> bool:
    """Whether a last ``x = …`` solves the equations before it for a declared name that was asked for."""
    if len(s.members) < 2 or s.fault is not None or _INTRODUCES.search(s.words):
        return False
    key = label_of(s.members[0])
    if key not in scope.kinds or key in scope.define or key in asked:
        return False
    labels = [label_of(e.members[0]) if len(e.members) > 1 and "=" in e.relations else "" for e in earlier]
    return all(label is None or " " in label for label in labels)


def _not_introductory(
    candidates: list[Statement], usable: Sequence[Statement], scope: Scope
) -> list[Statement]:
    """Without the statements that only say what an undeclared name in another one stands for:
    ``…, K = XX^T``, or a line ``r = X @ w - t`` of a program before the line that uses r."""
    near = candidates[-2 * _LOOK_BACK :]
    keys = {}
    for s in near:
        if len(s.members) > 1 and _is_zero(s.members[-1]):
            break  # what follows solves it
        key = label_of(s.members[0]) if len(s.members) > 1 and s.lead != "=>" else None
        if key is not None and key not in scope.kinds and not _CONCLUDES.search(s.words):
            keys[id(s)] = key
    if not keys or len(near) == 1:
        return candidates
    used: dict[str, set[int]] = {}
    for e in usable[-2 * _LOOK_BACK :]:
        solved = len(e.members) > 1 and label_of(e.members[0]) is None  # an equation, to be solved for it
        for name in set() if solved else _unknowns(e, scope):
            used.setdefault(name, set()).add(id(e))
    introduced = {k for k, key in keys.items() if used.get(key, set()) - {k}}
    left = [s for s in candidates if id(s) not in introduced]
    return left or candidates


def _unknowns(s: Statement, scope: Scope) -> set[str]:
    """The undeclared names in the last member of a chain."""
    found: set[str] = set()
    for _ in range(_LOOK_BACK if s.fault is None and s.members else 0):
        try:
            parse(s.members[-1], scope, infix=not s.latex)
        except UnknownSymbolFault as fault:
            if fault.name in found or not fault.name:
                break
            found.add(fault.name)
            shape = Kind("matrix", (f"{fault.name} rows", f"{fault.name} columns"))
            scope = scope.extended(fault.name, num(1), shape)
        except MathsFault:
            break
        else:
            break
    return found


def final_member(s: Statement, scope: Scope, asked: Collection[str] | None = None) -> tuple[Token, ...]:
    """The member of a chain that is the answer: the last, but not one that merely names it.

    ``… = w^*`` at the end identifies; ``… ≥ 0`` remarks; ``1/3 ≈ 0.33`` rounds.
    """
    members, relations = _without_remarks(s)
    while len(members) > 2 and relations[-1] in ("~", "sim"):
        members.pop()
        relations.pop()
    while len(members) > 1:
        key = bare_label_of(members[-1])
        named = key is not None and key not in ("e", "pi", "I")
        if named and key in scope.kinds:
            defined = key in scope.define and len(members) > 2
            named = defined or (asked is not None and key not in asked)
            named = named and _may_equal(members[-2], scope.kinds[str(key)], s, scope)
        elif named and is_product_of_names(members[-1], scope):
            named = False
        if not named or all(label_of(m) is not None for m in members[:-1]):
            break
        members.pop()
        relations.pop()
    return members[-1]


def _may_equal(tokens: Sequence[Token], kind: Kind, s: Statement, scope: Scope) -> bool:
    """Whether a declared name of this kind can stand for what is written before it; sizes are given."""
    if kind.sort in ("dim", "integer"):
        return False
    try:
        node, _ = read_member(tokens, scope, infix=not s.latex, lenient=True)
    except MathsFault:
        return True
    return fits_kind(kind, node)


def _without_remarks(s: Statement) -> tuple[list[tuple[Token, ...]], list[str]]:
    members, relations = list(s.members), list(s.relations)
    for k, rel in enumerate(relations):
        if rel in _REMARKS:
            members, relations = members[: k + 1], relations[:k]
            break
    while len(members) > 1 and relations[-1] in _ORDERS and _is_zero(members[-1]):
        members.pop()
        relations.pop()
    return members, relations


def answer_tokens(s: Statement, scope: Scope, asked: Collection[str] | None) -> tuple[Token, ...]:
    """The member of the chosen statement that is the answer, if it states a value at all.

    Raises:
        EmptyFault: nothing stands behind its last relation.
        SyntaxFault: it only says that something is smaller or larger.
    """
    if s.unfinished:
        t = s.unfinished
        raise EmptyFault(f"there is nothing behind the last {t.shown}", (t.start, t.end))
    if len(s.members) == 1 and not s.lead and s.members[0]:
        return s.members[0]
    members, relations = _without_remarks(s)
    stated = len(members)
    loose = [(r, m) for r, m in zip(s.relations[stated - 1 :], s.members[stated:], strict=False)]
    unequal = next((r for r, m in loose if r in _NO_VALUE and not _is_zero(m)), "")
    unequal = s.lead if s.lead in _NO_VALUE or s.lead == "in" else unequal
    if not unequal and relations and relations[-1] == "sim" and members[-1][0].kind != "num":
        unequal = "sim"
    if unequal:
        first = next(m for m in s.members if m)
        sign = _SIGNS.get(unequal, unequal)
        raise SyntaxFault(f"'{sign}' states no value; write '='", (first[0].start, first[-1].end))
    found = _ORDERS.intersection(relations)
    if found:
        k = next(i for i, r in enumerate(relations) if r in _ORDERS)
        strict = found & {"<", ">"}
        if strict or (k == 0 and not _names_a_bound(members[0], scope, infix=not s.latex)):
            rel = min(strict or found)
            at = next(m for m in members[::-1] if m)[-1]
            raise SyntaxFault(
                f"an inequality with '{_SIGNS.get(rel, rel)}' states no value; write '='", (at.start, at.end)
            )
        return members[k] if k else members[-1]  # x = 5 ≤ 10
    tokens = final_member(s, scope, asked)
    if not tokens:
        raise EmptyFault("there is nothing to read behind the equals sign")
    return tokens


def _names_a_bound(tokens: Sequence[Token], scope: Scope, *, infix: bool) -> bool:
    """Whether a left side is no name, and of other things than the answer: ``f(w) - f(w^*) \\le \\rho``."""
    if label_of(tokens) is not None:
        return False
    try:
        parse(tokens, scope, infix=infix)
    except UnknownSymbolFault:
        return True
    except MathsFault:
        pass
    return False


def _is_zero(tokens: Sequence[Token]) -> bool:
    return len(tokens) == 1 and tokens[0].kind == "num" and tokens[0].text == "0"
