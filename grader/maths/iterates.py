"""Names that a text uses without saying what they are: iterates ``w_t``, ``w^{(k+1)}``, ``x_0``.

What kind of thing they are, the lines say that they stand in: of all kinds that the declared sizes allow, the
one under which the fewest lines are at fault. Members of a family (``w_t``, ``w_{t+1}``, ``w^*``) are of one
kind. A line that compares two members with different such names says too little to be called false.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from grader.errors import MathsFault, ShapeFault, UnknownSymbolFault
from grader.maths.alphabet import Token
from grader.maths.labels import label_of
from grader.maths.lines import Line, read_tree
from grader.maths.printing import show_name
from grader.maths.scope import Assumptions, Kind, Scope, base_of
from grader.maths.tokens import tokenize
from grader.maths.vocabulary import FUNCTIONS

__all__ = ["with_atoms", "with_iterates"]

MAX_NAMES = 24
MAX_FAMILIES = 6
MAX_TRIES = 400
MAX_READ = 3000  # members that are read to find the kinds
_INDEX = r"(?:[a-z]|\d{1,3}|[a-z][-+]\d{1,2}|[a-z][-+][a-z]|\d{1,2}[a-z]|[A-Z]|opt|new|old|next|prev)"
_SOME = re.compile(
    r"\b(?:(?:for|with|by) (?:some|suitable|any|a suitable|an appropriate)"
    r"|there (?:is|exists|are|exist) (?:some|an?)|some|an? (?:unknown|new)|another)"
    r"(?: (?:vectors?|scalars?|numbers?|constants?|coefficients?|unique))*\s+\$(?P<names>[^$=]{1,24})\$"
)
# "where $q$ is the output padding"
_CALLED = re.compile(
    r"\b(?:where|with|let|and|here)\s+\$(?P<name>[^$=]{1,12})\$\s+"
    r"(?:is|be|denotes|stands for|counts)\s+(?:the|an?)\b"
)
_ITERATE = re.compile(
    r"(?P<base>[A-Za-z]|alpha|beta|gamma|delta|epsilon|theta|mu|xi|phi)"
    rf"(?P<accents>(?:_(?:hat|tilde|bar))*)(?P<star>_star)?(?:\^\({_INDEX}\))?(?:_{_INDEX})?"
)


def with_atoms(lines: Sequence[Line], scope: Scope) -> tuple[list[Line], dict[str, bool]]:
    r"""The lines with one name for ``\nabla f(w_t)`` and for ``f(w_t)``, where nothing says what f is; the
    names, and whether they are gradients."""
    said = {part for line in lines if line.label for part in re.split(r"[ /]+", line.label)}
    names: dict[str, bool] = {}
    out = []
    for line in lines:
        members = tuple(_with_atoms(m, scope, said, names) for m in line.members)
        out.append(replace(line, members=members) if members != line.members else line)
    return (out, names) if names else (list(lines), {})


def _with_atoms(
    m: tuple[Token, ...], scope: Scope, said: set[str], names: dict[str, bool]
) -> tuple[Token, ...]:
    if not any(t.text == "(" for t in m):
        return m
    out: list[Token] = []
    k = 0
    while k < len(m):
        end, name, gradient = _atom_at(m, k, scope, said)
        if not end or len(names) >= MAX_NAMES:
            out.append(m[k])
            k += 1
            continue
        names[name] = gradient
        out.append(Token("word", name, m[k].start, m[end - 1].end, m[k].spaced))
        k = end
    return tuple(out) if len(out) != len(m) else m


def _atom_at(m: Sequence[Token], k: int, scope: Scope, said: set[str]) -> tuple[int, str, bool]:
    """Where ``∇f(w)`` or ``f(w)`` ends, its name here, and whether it is a gradient; 0 if neither is here."""
    gradient = m[k].text == "nabla"
    at = k + 1 if gradient else k
    if gradient and at < len(m) and m[at].text in ("_", "^"):
        return 0, "", False
    opened = next((i for i in range(at, min(len(m), at + 8)) if m[i].text == "(" and m[i].kind == "op"), 0)
    if (
        opened <= at
        or m[opened].spaced
        or (k and (m[k - 1].text in ("_", "^", "nabla", "partial") or m[k - 1].kind == "accent-of"))
    ):
        return 0, "", False
    name = label_of(m[at:opened])
    first = m[at].text
    single = len(first) == 1 or m[at].kind == "cmd"
    texts = [t.text for t in m[at:opened]]
    if (
        name is None
        or " " in name
        or name in said
        or texts.count("{") != texts.count("}")
        or not single
        or first in FUNCTIONS
        or first in ("e", "I", "O", "E", "P")
    ):
        return 0, "", False
    if scope.aliases.get(name, name) in scope.kinds or base_of(name) in scope.kinds or name in scope.words:
        return 0, "", False
    depth, end = 0, 0
    for i in range(opened, len(m)):
        depth += (m[i].text == "(") - (m[i].text == ")")
        if not depth:
            end = i + 1
            break
    inner = label_of(m[opened + 1 : end - 1]) if end else None
    if inner is None or " " in inner or _ITERATE.fullmatch(inner) is None:
        return 0, "", False
    return end, f"{'∇' if gradient else ''}{show_name(name)}({show_name(inner)})", gradient


def with_iterates(
    text: str, lines: Sequence[Line], scope: Scope, atoms: Mapping[str, bool]
) -> tuple[Scope, frozenset[str]]:
    """The scope with the iterates that the lines use undeclared, and their names; ``atoms``: names that stand
    for values and gradients of functions that nobody described. What the text takes anew, ``for some $u$``,
    is looked at too: it may be of another kind than the question's."""
    known = {n: scope.kinds[n] for n in _anew(text) & scope.kinds.keys() - scope.define.keys()}
    known = {n: k for n, k in known.items() if k.sort in ("scalar", "vector")}
    labels = {line.label for line in lines if line.label}
    members = [(line, m) for line in lines for m in line.members]
    names, inside = _unknown(members, scope, {*atoms, *_anew(text), *_called(text)})
    for line, m in members if known else []:
        letters = {c for t in m if t.kind == "word" for c in t.text}
        stand = known.keys() & {*_names_in(m, scope), *letters}
        names |= stand
        inside |= {(line.start, m)} if stand else set()
    names -= {n for n in names if n in labels and not _used_before(n, lines)}
    by_entries = {_family(n) for n in labels if n.rpartition("_")[2] in scope.define}
    names -= {n for n in names if _family(n) in by_entries and n not in atoms}
    families: dict[str, list[str]] = {}
    for name in sorted(names):
        families.setdefault(_family(name), []).append(name)
    if not names or len(names) > MAX_NAMES or not 0 < len(families) <= MAX_FAMILIES:
        return scope, frozenset()
    touched = [line for line in lines if any((line.start, m) in inside for m in line.members)]
    choices = [
        list(
            dict.fromkeys(
                [
                    *([known[ns[0]]] if ns[0] in known else []),
                    *_candidates(f, scope, atoms.get(ns[0]), anew=ns[0] in known),
                ]
            )
        )
        for f, ns in families.items()
    ]
    best: tuple[float, Scope] | None = None
    budget = [MAX_READ]
    for choice in itertools.islice(itertools.product(*choices), MAX_TRIES):
        kinds = {n: kind for kind, ns in zip(choice, families.values(), strict=True) for n in ns}
        own = scope.declared(kinds)
        cost = _cost(touched, own, budget)
        if best is None or cost < best[0]:
            best = (cost, own)
        if cost == 0 or budget[0] <= 0:
            break
    if best is None:
        return scope, frozenset()
    same = {n for n, k in known.items() if best[1].kinds[n] == k}
    return best[1], frozenset(names - same)


def _anew(text: str) -> set[str]:
    """The names that a text takes of its own: ``for some $u$``, ``a vector $v$``."""
    return {key for m in _SOME.finditer(text) for part in m["names"].split(",") if (key := _key(part))}


def _called(text: str) -> set[str]:
    """The names that a text says in words what they are."""
    return {key for m in _CALLED.finditer(text) if (key := _key(m["name"]))}


def _key(text: str) -> str:
    try:
        return label_of(tokenize(text)) or "" if text.strip() else ""
    except MathsFault:
        return ""


def _family(name: str) -> str:
    if "(" in name and "^" not in name:
        return name.partition("(")[0]
    m = _ITERATE.fullmatch(name)
    return m["base"] + (m["accents"] or "") if m is not None else name


def _unknown(
    members: Sequence[tuple[Line, tuple[Token, ...]]], scope: Scope, atoms: Container[str]
) -> tuple[set[str], set[tuple[int, tuple[Token, ...]]]]:
    """The undeclared names that look like iterates, and the members they stand in."""
    names: set[str] = set()
    inside: set[tuple[int, tuple[Token, ...]]] = set()
    own = scope
    for line, m in members:
        derived = any(t.text in ("nabla", "partial") for t in m)  # L_0 may be a function there
        for _ in range(MAX_NAMES):
            try:
                read_tree(m, own, infix=line.infix)
            except UnknownSymbolFault as fault:
                name = fault.name
                found = _ITERATE.fullmatch(name)
                plain = found is None or derived or name == found["base"] + found["accents"]
                if name in own.kinds or (plain and name not in atoms):
                    break
                names.add(name)
                own = own.declared({name: Kind("scalar")})
            except (MathsFault, RecursionError):
                break
            else:
                break
        if any(n in names for n in _names_in(m, own)):
            inside.add((line.start, m))
    return names, inside


def _names_in(m: Sequence[Token], scope: Scope) -> Iterable[str]:
    """The keys of names that stand in a member, as far as they can be told from its tokens."""
    for k, t in enumerate(m):
        if t.kind not in ("word", "cmd", "accent-of"):
            continue
        for end in range(min(len(m), k + 12), k, -1):
            key = label_of(m[k:end])
            if key is not None:
                yield scope.aliases.get(key, key)


def _used_before(name: str, lines: Sequence[Line]) -> bool:
    """Whether a label is used before it is given its value, or declared by no other line."""
    for line in lines:
        if line.label == name:
            return False
        if any(name in _names_in(m, _NOWHERE) for m in line.members):
            return True
    return True


_NOWHERE = Scope({}, {}, Assumptions())


def _candidates(family: str, scope: Scope, gradient: bool | None, *, anew: bool) -> list[Kind]:
    """The kinds that names of a family may have, the likeliest first."""
    if gradient is False:
        return [Kind("scalar")]
    own = scope.kinds.get(family)
    if own is not None and own.sort in ("scalar", "vector", "matrix") and not anew:
        return [Kind(own.sort, own.shape)]
    siblings = {
        k: v
        for k, v in scope.kinds.items()
        if k != family and base_of(k) == base_of(family) and v.sort in ("scalar", "vector")
    }
    if siblings:
        return list(dict.fromkeys(Kind(v.sort, v.shape) for v in siblings.values()))
    sizes = list(
        dict.fromkeys(s for v in scope.kinds.values() if v.sort == "vector" and v.shape for s in v.shape[:1])
    )
    sizes += [
        s
        for v in scope.kinds.values()
        if v.sort == "matrix" and v.shape
        for s in v.shape[::-1]
        if s not in sizes
    ]
    vectors = [Kind("vector", (s, 1)) for s in dict.fromkeys(sizes)]
    scalar = Kind("scalar")
    fresh = Kind("vector", ("m" if "m" not in scope.kinds else "q", 1))
    if family.isupper():
        square = [Kind("matrix", (s, s)) for s in dict.fromkeys(sizes)]
        return [*square, *vectors, scalar]
    if not vectors or family in ("alpha", "beta", "gamma", "epsilon", "mu"):
        return [scalar, *vectors, *([] if vectors else [fresh])]
    return [*vectors, scalar]


def _cost(lines: Sequence[Line], scope: Scope, budget: list[int]) -> float:
    """How badly the lines fit together under a choice of kinds."""
    cost = 0.0
    for line in lines:
        shapes = set()
        if line.label in scope.kinds and line.label not in scope.define:
            shapes.add(scope.kinds[line.label].shape)
        for m in line.members:
            budget[0] -= 1
            try:
                node, notes = read_tree(m, scope, infix=line.infix)
            except ShapeFault:
                cost += 1
                continue
            except (MathsFault, RecursionError):
                cost += 0.25
                continue
            cost += 0.1 * len(notes)
            if not (node.op == "num" and node.value == 0):
                shapes.add(node.shape)
        cost += max(0, len(shapes) - 1)
    return cost
