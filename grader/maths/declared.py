"""Declarations → ``Scope``: kinds, assumptions, spellings and definitions of an author, checked."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from grader.errors import MathsFault, RubricError
from grader.maths.declare import Declarations
from grader.maths.indexed import unrolled
from grader.maths.labels import label_of
from grader.maths.parser import parse
from grader.maths.scope import Assumptions, Kind, Scope, bases, canonical_name, parse_kind
from grader.maths.shapes import elaborate
from grader.maths.tokens import Token, looks_like_latex, tokenize
from grader.maths.tree import Node

__all__ = ["compile_scope"]

MAX_ASSUMPTION = 500  # characters

_ORDERING = re.compile(r"(\w+)\s*(>=|<=|>|<)\s*(\w+)")
_SIGNED = re.compile(r"(.+?)\s*(!=|>=|<=|>|<|\\neq?)\s*0")
_LOGISTIC = re.compile(
    r"(\w+) is (?:the )?(?:logistic )?sigmoid(?: function)?|(\w+) is (?:the )?logistic(?: sigmoid| function)?"
)
_NAMED = re.compile(r"(\w+) is (?:the )?(relu|tanh|exp|exponential|sine|cosine|log|softplus)(?: function)?")
_STRUCTURE = re.compile(
    r"(\w+) (?:is |are )?(?:a |an )?(symmetric|diagonal|orthogonal|positive definite"
    r"|symmetric positive definite|unit)(?: matrix| vector)?"
    r"(?: with (?:positive|non-?zero) (?:entries|diagonal))?"
)
_ORTHONORMAL = re.compile(
    r"(\w+) has orthonormal columns|(\w+)\s*\^\s*\{?\s*(?:T|\\top)\s*\}?\s*(\w+)\s*=\s*I(?:_\{?\w+\}?)?"
)
_FLIPPED = re.compile(r"0\s*(<=|<)\s*([A-Za-z]\w*)")
_UNEQUAL = re.compile(r"(.+?)\s*(?:!=|\\neq?)\s*(.+)")
_SYMMETRIC = re.compile(r"(\w+)\s*=\s*(\w+)\s*\^\s*\{?\s*(?:T|\\top)\s*\}?")
_UNIT_INTERVAL = re.compile(r"0\s*<\s*(\w+)\s*<\s*1|(\w+) in \(0, ?1\)")
_RANK = re.compile(
    r"(.+?) (?:has |is |of )*(?:full|row|column)[- ](?:row |column )?rank"
    r"|(.+?) (?:is |are )?(?:invertible|generic|nonsingular)"
)


def _assumption(text: str, kinds: dict[str, Kind], a: dict[str, list[Any]]) -> None:
    t = " ".join(text.split()).rstrip(".")
    if len(t) > MAX_ASSUMPTION:  # the patterns below take quadratic time
        raise RubricError(f"an assumption of {len(t)} characters; at most {MAX_ASSUMPTION} are read")
    m = _UNIT_INTERVAL.fullmatch(t)
    if m and canonical_name(m.group(1) or m.group(2)) in kinds:
        a["sign"].append((canonical_name(m.group(1) or m.group(2)), "in (0,1)"))
        return
    m = _FLIPPED.fullmatch(t)
    if m and canonical_name(m.group(2)) in kinds:
        t = f"{m.group(2)} {m.group(1).replace('<', '>')} 0"
    m = _ORDERING.fullmatch(t)
    if m and m.group(3) != "0":
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
        else:
            a["nonzero"].append(m.group(1).strip())
        return
    m = _UNEQUAL.fullmatch(t)
    if m:
        a["nonzero"].append(f"({m.group(1).strip()}) - ({m.group(2).strip()})")
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
    m = _RANK.fullmatch(t)
    if m:
        found = canonical_name((m.group(1) or m.group(2)).strip())
        a["full_rank"] += [found] if found in kinds else []
        return
    m = _STRUCTURE.fullmatch(t)
    symmetric = _SYMMETRIC.fullmatch(t)
    if symmetric and symmetric.group(1) == symmetric.group(2):
        m = _STRUCTURE.fullmatch(f"{symmetric.group(1)} is symmetric")
    if m:
        _structure(text, canonical_name(m.group(1)), m.group(2), kinds, a)
        return
    m = _ORTHONORMAL.fullmatch(t)
    if m and (m.group(1) or m.group(2) == m.group(3)):
        _orthonormal(text, canonical_name(m.group(1) or m.group(2)), kinds, a)
        return
    if "=" in t and not re.search(r"[<>!]", t):
        left, _, right = t.partition("=")
        for x, y in ((left, right), (right, left)):
            if canonical_name(x.strip()) in kinds:
                a["equal"].append((canonical_name(x.strip()), y.strip()))
                return
    raise RubricError(
        f"assumption {text!r} is not understood; write for example 'd > n', 'X full rank', 'a != 0', "
        "'eta > 0', 'A is symmetric', 'sigma is the logistic sigmoid', or 't = X w'"
    )


def _structure(text: str, name: str, word: str, kinds: dict[str, Kind], a: dict[str, list[Any]]) -> None:
    kind = kinds.get(name)
    shape = kind.shape if kind is not None else None
    if shape is None or (shape[1] != 1 if word == "unit" else shape[0] != shape[1]):
        what = "vector" if word == "unit" else "square matrix"
        raise RubricError(f"assumption {text!r}: {name!r} is not declared as a {what}")
    a["structure"].append((name, word.removeprefix("symmetric ")))


def _orthonormal(text: str, name: str, kinds: dict[str, Kind], a: dict[str, list[Any]]) -> None:
    shape = kinds[name].shape if name in kinds else None
    if shape is None or shape[1] == 1:
        raise RubricError(f"assumption {text!r}: {name!r} is not declared as a matrix")
    rows, columns = shape
    a["structure"].append((name, "orthogonal" if rows == columns else "orthonormal columns"))
    if rows != columns:
        a["order"].append((rows, columns, False))


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
    words = "order logistic equal sign functions nonzero full_rank structure"
    found: dict[str, list[Any]] = {word: [] for word in words.split()}
    for text in declarations.assume:
        _assumption(text, kinds, found)
    assumptions = Assumptions(
        tuple(found["order"]),
        frozenset(found["logistic"]),
        tuple(found["equal"]),
        tuple(found["sign"]),
        tuple(found["functions"]),
        (),
        tuple(found["full_rank"]),
        tuple(found["structure"]),
    )
    for name, sign in assumptions.sign:
        k = kinds[name]
        if k.sort != "dim":
            kinds[name] = Kind(k.sort, k.shape, sign)
    spelled = []
    aliases: dict[str, str] = {}
    for name in list(kinds):
        m = re.fullmatch(r"([A-Za-z])_(\d+)", name)
        if m and "_" not in original[name]:  # W1 is also written W^{(1)}
            aliases[f"{m.group(1)}^({m.group(2)})"] = name
    for name, latex in declarations.latex:
        key = canonical_name(name)
        if key not in kinds and name not in dict(declarations.define):
            raise RubricError(f"latex spelling for {name!r}, which is not declared")
        try:
            tokens = tokenize(latex)
            spelled.append((_spelling(tokens), key))
            aliases[label_of(tokens) or key] = key
        except MathsFault as e:
            raise RubricError(f"latex spelling {latex!r} of {name!r} cannot be read: {e}") from e
    spelled.sort(key=lambda s: -len(s[0]))
    names = frozenset(kinds) | frozenset(original.values())
    aliases = {k: v for k, v in aliases.items() if k not in kinds}
    letters = bases({**kinds, **aliases})
    scope = Scope(kinds, original, assumptions, {}, tuple(spelled), names, letters, aliases)
    for name, text in declarations.define:
        scope = _define(scope, canonical_name(name), text)
    for name, text in assumptions.equal:
        scope = _define(scope, name, text)
    nonzero = tuple(_tree(scope, text, f"assumption {text!r} != 0") for text in found["nonzero"])
    return replace(scope, assumptions=replace(assumptions, nonzero=nonzero)) if nonzero else scope


def _define(scope: Scope, name: str, text: str) -> Scope:
    """``scope`` with ``name`` standing for the expression ``text``."""
    node = _tree(scope, text, f"the definition {name} = {text}")
    if name in node.names():
        raise RubricError(f"the definition {name} = {text} uses {name} itself")
    kind = Kind("scalar") if node.shape is None else Kind("matrix", node.shape)
    return scope.extended(name, node, kind)


def _tree(scope: Scope, text: str, what: str) -> Node:
    try:
        tokens = unrolled(tokenize(text), scope)
        return elaborate(parse(tokens, scope, infix=not looks_like_latex(text)), scope)
    except MathsFault as fault:
        raise RubricError(f"{what} cannot be read: {fault.message}") from fault


def _spelling(tokens: list[Token]) -> tuple[str, ...]:
    """What is compared when a declared LaTeX spelling is sought: braces do not count."""
    return tuple(t.text for t in tokens if t.text not in "{}")
