r"""What a derivation introduces itself: sizes (``r \in \mathbb{R}^n``), abbreviations (``where a = …``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from grader.errors import MathsFault
from grader.maths.alphabet import Token
from grader.maths.labels import label_of
from grader.maths.lines import Line, read_tree
from grader.maths.scope import Kind, Scope, base_of, canonical
from grader.maths.statements import find_statements
from grader.maths.tree import Dim, Node, num, sym

__all__ = [
    "bound",
    "final_name",
    "index_values",
    "with_abbreviations",
    "with_indices",
    "with_kinds",
    "with_optimum",
    "with_orders",
    "with_primes",
    "with_structures",
]

MAX_KINDS = 40
MAX_INDICES = 3  # that stand for one value each
_ORTHONORMAL = re.compile(
    r"\$\s*(?P<one>[A-Z])\^\{?\s*(?:T|\\top)\s*\}?\s*(?P=one)\s*=\s*"
    r"(?:(?P<two>[A-Z])\^\{?\s*(?:T|\\top)\s*\}?\s*(?P=two)\s*=\s*)?I(?:_\{?\w+\}?)?\s*\$"
)
_DERIVATIVES = frozenset(("nabla", "partial"))


def with_kinds(text: str, scope: Scope) -> Scope:
    """The scope with the kinds of names that the text says to be in ℝ, ℝⁿ or ℝⁿˣᵈ."""
    if "\\in" not in text and "∈" not in text:
        return scope
    kinds: dict[str, Kind] = {}
    for s in find_statements(text):
        if s.fault is not None or "in" not in s.relations or len(kinds) >= MAX_KINDS:
            continue
        k = s.relations.index("in")
        kind = _kind(s.members[k + 1], scope)
        if kind is None:
            continue
        for part in _parts(s.members[k]):
            key = label_of(part)
            key = scope.aliases.get(key, key) if key else None
            if key and " " not in key and key not in scope.kinds:
                kinds.setdefault(key, kind)
    if not kinds:
        return scope
    return scope.declared(kinds)


def index_values(text: str, letters: Sequence[str]) -> list[tuple[int, ...]]:
    """The values at which what is said for every i and j is tried: one of each; where Kronecker's delta
    stands, also equal ones."""
    count = min(len(letters), MAX_INDICES)
    unequal = tuple(range(1, count + 1))
    if (
        count < 2
        or not re.search(r"\\delta_|δ", text)
        or re.search(r"\\ne\b|\\neq\b|≠|[i-l]\s*=\s*[i-l]", text)
    ):
        return [unequal]
    return [unequal, (1, 1)] if count == 2 else [unequal, (1, 1, 2), (1, 2, 1), (1, 2, 2)]


def with_indices(letters: Sequence[str], values: Sequence[int], scope: Scope) -> Scope:
    """The scope with the letters that count rows and columns: what is said for every i is tried for one."""
    for letter, value in zip(letters, values, strict=False):
        scope = scope.extended(letter, num(value), Kind("integer"))
    return scope


def with_primes(text: str, scope: Scope) -> Scope:
    """The scope with ``w'`` as a name of its own where the text says what it is: ``w' = w - \\eta g``. The
    primes of functions are derivatives, and a row on the other side makes it a transpose."""
    if "'" not in text and "\\prime" not in text:
        return scope
    for letter, own in list(scope.kinds.items()):
        single = own.sort == "vector" and letter.isalpha() and len(letter) == 1
        primed = canonical(letter, ["prime"], "")
        if single and letter not in scope.define and primed not in scope.kinds and _is_another(letter, text):
            scope = scope.declared({primed: own})
    for s in find_statements(text):
        if s.fault is not None or len(s.members) < 2 or s.relations[0] not in ("=", ":="):
            continue
        first = [t for t in s.members[0] if t.text not in ("{", "}", "^")]
        key = label_of(first[:-1]) if len(first) > 1 and first[-1].text in ("'", "prime") else None
        key = scope.aliases.get(key, key) if key else None
        kind = scope.kinds.get(key) if key else None
        if kind is None or key is None or key in scope.define or kind.sort not in ("scalar", "vector"):
            continue
        base, _, sub = key.partition("_")
        name = canonical(base, ["prime"], sub)
        if name in scope.kinds or re.search(rf"\b{re.escape(base)}'*\s*\(", text):
            continue
        try:
            row = read_tree(s.members[1], scope, infix=not s.latex)[0].shape
        except MathsFault:
            row = None
        if kind.shape is None or row is None or row == kind.shape:
            scope = scope.declared({name: kind})
    return scope


def _is_another(base: str, text: str) -> bool:
    """Whether ``w'`` is a vector beside w: the words say so, or transposes are written as ``^T`` and no
    factor stands behind the prime."""
    prime = rf"(?<![A-Za-z\\]){base}(?:'|\^\{{?\\prime\}}?)"
    if not re.search(rf"{prime}|[A-Z]{base}'", text) or re.search(rf"{prime}\s*\(", text):
        return False
    if re.search(rf"\b(?:other|another|any|second|new|every|all|some)\b[^.$]{{0,40}}\$\s*{prime}", text):
        return True
    if re.search(rf"{prime}\s*\$[^.$]{{0,20}}\b(?:is|be|was)\s+(?:an|a|another|any|the)\b", text):
        return True
    factor = re.search(rf"{base}'\s*(?:[A-Za-z(]|\\(?:hat|tilde|bar|left\(|mathbf))", text)
    return bool(re.search(r"\^\{?\s*(?:T|\\top)", text)) and not factor


def _parts(tokens: Sequence[Token]) -> list[list[Token]]:
    out: list[list[Token]] = [[]]
    for t in tokens:
        if t.kind == "op" and t.text == ",":
            out.append([])
        else:
            out[-1].append(t)
    return out


def _kind(tokens: Sequence[Token], scope: Scope) -> Kind | None:
    """``\\mathbb{R}^{n \\times d}`` → a matrix; None for any other set."""
    texts = [t.text for t in tokens if t.text not in "{}"]
    if texts[1:-1] == ["0", ",", "1"] and texts[0] in "([" and texts[-1] in ")]":
        return Kind("scalar", None, "in (0,1)")
    if not texts or texts[0] not in ("R", "ℝ"):
        return None
    if len(texts) == 1:
        return Kind("scalar")
    if texts[1] != "^":
        return None
    sizes = [int(x) if x.isdigit() else x for x in texts[2:] if x not in ("times", "*")]
    known = [x for x in sizes if isinstance(x, int) or x.isalpha()]
    if len(sizes) != len(known) or len(sizes) > 2 or not sizes:
        return None
    if len(sizes) == 1:
        return Kind("vector", (sizes[0], 1))
    return Kind("matrix", (sizes[0], sizes[1]))


def with_optimum(lines: Sequence[Line], scope: Scope, unknown: str) -> Scope:
    r"""The scope in which ``\eta^*`` is η where one of them is solved for."""
    names = [line.label for line in lines if line.label.endswith("_star")]
    names += [unknown] if unknown.endswith("_star") else []
    if unknown and not unknown.endswith("_star"):
        names.append(unknown + "_star")
    for name in names:
        plain = name.removesuffix("_star")
        asked = unknown in (name, plain)
        known, own = scope.kinds.get(plain), scope.kinds.get(name)
        if name in scope.define or plain in scope.define:
            continue
        if known is None and own is not None and asked:
            scope = scope.extended(plain, sym(name, None, own.shape), own)
        elif known is not None and known.sort != "function" and (asked or (known.scalar and own is None)):
            scope = scope.extended(name, sym(plain, None, known.shape), known)
    return scope


def with_structures(text: str, scope: Scope) -> Scope:
    """The scope in which ``$U^TU = I$`` gives a declared matrix orthonormal columns."""
    known = {name for name, _ in scope.assumptions.structure}
    structure, order = list(scope.assumptions.structure), list(scope.assumptions.order)
    for m in _ORTHONORMAL.finditer(text):
        for name in filter(None, (m["one"], m["two"])):
            kind = scope.kinds.get(name)
            shape = kind.shape if kind is not None and kind.sort == "matrix" else None
            if shape is None or name in known or name in scope.define:
                continue
            known.add(name)
            square = shape[0] == shape[1]
            structure.append((name, "orthogonal" if square else "orthonormal columns"))
            order += [] if square else [(shape[0], shape[1], False)]
    if len(structure) == len(scope.assumptions.structure):
        return scope
    assumptions = replace(scope.assumptions, structure=tuple(structure), order=tuple(dict.fromkeys(order)))
    return replace(scope, assumptions=assumptions)


def with_orders(lines: Sequence[Line], scope: Scope) -> Scope:
    """The scope in which what the lines invert has an inverse: where only ``(XX^T)^{-1}`` stands in them, X
    has no more rows than columns."""
    if scope.assumptions.order:
        return scope
    found: set[tuple[Dim, Dim]] = set()
    for line in lines:
        for m in line.members:
            if not any(t.text == "1" for t in m):
                continue
            try:
                node, _ = read_tree(m, scope, infix=line.infix)
            except (MathsFault, RecursionError):
                continue
            for n in node.walk():
                inner = n.args[0] if n.op == "inv" else None
                if inner is None or inner.op not in ("mul", "dot") or len(inner.args) != 2 or not inner.shape:
                    continue
                a, b = inner.args
                other = a.shape[1] if a.shape else 1
                if (a.op == "T" and a.args[0] == b) or (b.op == "T" and b.args[0] == a):
                    found.add((other, inner.shape[0]))
    pairs = [(big, small) for big, small in found if big != small and (small, big) not in found]
    order = tuple((big, small, False) for big, small in sorted(pairs, key=str))
    return replace(scope, assumptions=replace(scope.assumptions, order=order)) if order else scope


def final_name(name: str, scope: Scope) -> str:
    """The symbol that a name is only another name for; ``p_i``, for any i, is ``p_1`` if that is declared."""
    base, _, sub = name.rpartition("_")
    if _index_of(name, scope) and scope.define[sub].op == "num":
        numbered = f"{base}_{scope.define[sub].value}"
        name = numbered if numbered in scope.kinds else name
    for _ in range(3):
        node = scope.define.get(name)
        if node is None or node.op != "sym":
            break
        name = str(node.value)
    return name


def bound(name: str, node: Node, scope: Scope) -> Scope:
    """The scope with a student's abbreviation, unless it would speak of itself."""
    pending = [node]
    seen: set[str] = set()
    while pending:
        for other in pending.pop().names() - seen:
            if other == name:
                return scope
            seen.add(other)
            if other in scope.define:
                pending.append(scope.define[other])
    kind = Kind("scalar") if node.shape is None else Kind("matrix", node.shape)
    return scope.extended(name, node, kind)


# "zero iff $q = p$" says where, and does not say what q is
_PLACE = re.compile(
    r"\b(?:iff?|when|at|only|zero|vanish\w*|minim\w+|maxim\w+|optim\w+|smallest|largest|equality)\b[^.]{0,30}$",
    re.IGNORECASE,
)


def with_abbreviations(lines: Iterable[Line], scope: Scope) -> Scope:
    """The scope with what lines that only define say, wherever in the text they stand.

    A declared symbol keeps its meaning, unless something is differentiated through it: ``let u = Xw - t``,
    then ``d/dw u^T u``.
    """
    lines, author = list(lines), scope.define
    claimed = {line.label for line in lines if line.role == "claim"}
    tokens_used = [t.text for line in lines for m in (line.label_tokens, *line.members) for t in m]
    moving = {line.label for line in lines} - claimed if _DERIVATIVES.intersection(tokens_used) else set()
    for line in lines:
        if line.role != "definition" or not line.label or " " in line.label or not line.members:
            continue
        if _index_of(line.label, scope):
            continue
        declared = line.label in scope.kinds and line.label not in scope.define
        if declared and (line.label not in moving or _PLACE.search(line.words)):
            continue
        for tokens in reversed(line.members):
            try:
                node, _ = read_tree(tokens, scope, infix=line.infix)
            except MathsFault:
                continue
            if line.label in author and node.op in ("num", "zeros") and node.value in (0, None):
                break  # "smallest for v = 0" is no definition of v
            if base_of(line.label) and line.label not in node.names() and (node.names() or not declared):
                scope = bound(line.label, node, scope)
            break
    return scope


def _index_of(label: str, scope: Scope) -> bool:
    """Whether a label is one entry of many: ``y_i``."""
    base, _, sub = label.rpartition("_")
    letter = bool(base) and sub in scope.define and scope.kinds[sub].sort == "integer"
    return letter and label not in scope.kinds
