"""Declarations → ``Scope``: kinds, assumptions, spellings and definitions of an author, checked."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from grader.errors import MathsFault, RubricError
from grader.maths.declare import Declarations
from grader.maths.parser import parse
from grader.maths.scope import Assumptions, Kind, Scope, bases, canonical_name, parse_kind
from grader.maths.shapes import elaborate
from grader.maths.tokens import Token, looks_like_latex, tokenize

__all__ = ["compile_scope"]

_ORDERING = re.compile(r"(\w+)\s*(>=|<=|>|<)\s*(\w+)")
_SIGNED = re.compile(r"(.+?)\s*(!=|>=|<=|>|<|\\neq?)\s*0")
_LOGISTIC = re.compile(
    r"(\w+) is (?:the )?(?:logistic )?sigmoid(?: function)?|(\w+) is (?:the )?logistic(?: sigmoid| function)?"
)
_NAMED = re.compile(r"(\w+) is (?:the )?(relu|tanh|exp|exponential|sine|cosine|log|softplus)(?: function)?")
_RANK = re.compile(
    r".+? (?:has |is |of )*(?:full|row|column)[- ](?:row |column )?rank|.+ (?:is |are )?(?:invertible|generic|nonsingular)"
)


def _assumption(text: str, kinds: dict[str, Kind], a: dict[str, list[Any]]) -> None:
    t = " ".join(text.split()).rstrip(".")
    m = _ORDERING.fullmatch(t)
    if m and not (m.group(3) == "0"):
        left, rel, right = m.groups()
        dims = {str(d) for k in kinds.values() if k.shape for d in k.shape} | {
            n for n, k in kinds.items() if k.sort in ("dim", "integer")
        }
        sides = [int(s) if s.isdigit() else canonical_name(s) for s in (left, right)]
        if all(isinstance(s, int) or s in dims for s in sides):
            if rel in ("<", "<="):
                sides.reverse()
            a["order"].append((sides[0], sides[1], "=" not in rel))
            return
        raise RubricError(
            f"assumption {text!r}: {left!r} and {right!r} must be declared dimensions or whole numbers"
        )
    m = _SIGNED.fullmatch(t)
    if m:
        name = canonical_name(m.group(1).strip())
        sign = ("!=" if m.group(2).startswith("\\") else m.group(2)) + " 0"
        if name in kinds and kinds[name].scalar:
            a["sign"].append((name, sign))
        elif sign != "!= 0":
            raise RubricError(
                f"assumption {text!r}: only a declared scalar can be compared with 0 by {m.group(2)}"
            )
        return
    m = _LOGISTIC.fullmatch(t)
    if m:
        a["logistic"].append(canonical_name(m.group(1) or m.group(2)))
        return
    m = _NAMED.fullmatch(t)
    if m:
        a["functions"].append(
            (
                canonical_name(m.group(1)),
                {"exponential": "exp", "sine": "sin", "cosine": "cos"}.get(m.group(2), m.group(2)),
            )
        )
        return
    if _RANK.fullmatch(t):
        return
    if "=" in t and not re.search(r"[<>!]", t):
        left, _, right = t.partition("=")
        for x, y in ((left, right), (right, left)):
            if canonical_name(x.strip()) in kinds:
                a["equal"].append((canonical_name(x.strip()), y.strip()))
                return
    raise RubricError(
        f"assumption {text!r} is not understood; write for example 'd > n', 'X full rank', 'a != 0', 'eta > 0', "
        "'sigma is the logistic sigmoid', or 't = X w'"
    )


@lru_cache(maxsize=4096)
def compile_scope(declarations: Declarations) -> Scope:
    """The scope of an author's declarations; cached, because every answer to a question shares it.

    Raises:
        RubricError: a kind, an assumption, a spelling or a definition is not valid.
    """
    kinds: dict[str, Kind] = {}
    original: dict[str, str] = {}
    for name, text in declarations.symbols:
        key = canonical_name(name.strip())
        if not re.fullmatch(r"[A-Za-z][\w^()'+\-,*]*", name.strip()):
            raise RubricError(
                f"symbol {name!r}: a name starts with a letter and holds letters, digits and _ only"
            )
        if key in kinds:
            raise RubricError(f"symbol {name!r} is declared twice ({original[key]!r} is the same name)")
        kinds[key] = parse_kind(text, name)
        original[key] = name
    for kind in list(kinds.values()):
        for d in kind.shape or ():
            if isinstance(d, str) and d not in kinds:
                kinds[d] = Kind("dim")
                original[d] = d
    found: dict[str, list[Any]] = {"order": [], "logistic": [], "equal": [], "sign": [], "functions": []}
    for text in declarations.assume:
        _assumption(text, kinds, found)
    assumptions = Assumptions(
        tuple(found["order"]),
        frozenset(found["logistic"]),
        tuple(found["equal"]),
        tuple(found["sign"]),
        tuple(found["functions"]),
    )
    for name, sign in assumptions.sign:
        k = kinds[name]
        if k.sort != "dim":
            kinds[name] = Kind(k.sort, k.shape, sign)
    spelled = []
    for name, latex in declarations.latex:
        key = canonical_name(name)
        if key not in kinds and name not in dict(declarations.define):
            raise RubricError(f"latex spelling for {name!r}, which is not declared")
        try:
            spelled.append((_spelling(tokenize(latex)), key))
        except MathsFault as e:
            raise RubricError(f"latex spelling {latex!r} of {name!r} cannot be read: {e}") from e
    spelled.sort(key=lambda s: -len(s[0]))
    words = frozenset(kinds) | frozenset(original.values())
    scope = Scope(kinds, original, assumptions, {}, tuple(spelled), words, bases(kinds))
    for name, text in declarations.define:
        scope = _define(scope, canonical_name(name), text)
    for name, text in assumptions.equal:
        scope = _define(scope, name, text)
    return scope


def _define(scope: Scope, name: str, text: str) -> Scope:
    """``scope`` with ``name`` standing for the expression ``text``."""
    try:
        node = elaborate(parse(tokenize(text), scope, infix=not looks_like_latex(text)), scope)
    except MathsFault as fault:
        raise RubricError(f"the definition {name} = {text} cannot be read: {fault.message}") from fault
    kind = Kind("scalar") if node.shape is None else Kind("matrix", node.shape)
    return scope.extended(name, node, kind)


def _spelling(tokens: list[Token]) -> tuple[str, ...]:
    """What is compared when a declared LaTeX spelling is sought: braces do not count."""
    return tuple(t.text for t in tokens if t.text not in "{}")
