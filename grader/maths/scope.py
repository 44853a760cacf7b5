"""What names mean: the author's declarations, compiled once, and the student's own on top."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from grader.errors import RubricError
from grader.maths.alphabet import ACCENTS, GREEK_NAMES
from grader.maths.tree import Dim, Node, Shape

__all__ = [
    "Assumptions",
    "Kind",
    "Scope",
    "base_of",
    "bases",
    "canonical",
    "canonical_name",
    "depends",
    "parse_kind",
    "underlying",
]

ACCENT_NAMES = frozenset(ACCENTS.values()) | {"star", "prime", "vec", "dag"}
_ORDER = {
    "hat": 0,
    "tilde": 0,
    "bar": 0,
    "dot": 0,
    "ddot": 0,
    "check": 0,
    "breve": 0,
    "ring": 0,
    "star": 1,
    "prime": 2,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """``sort``: scalar, integer, dim, vector, matrix or function. ``sign`` limits a scalar: ``> 0`` …"""

    sort: str
    shape: Shape = None
    sign: str = ""

    @property
    def scalar(self) -> bool:
        return self.shape is None and self.sort != "function"

    def __str__(self) -> str:
        if self.sort == "vector":
            return f"vector {self.shape[0]}" if self.shape else "vector"
        if self.sort == "matrix" and self.shape:
            return f"matrix {self.shape[0]} {self.shape[1]}"
        return f"{self.sort} {self.sign}".strip()


@dataclass(frozen=True, slots=True)
class Assumptions:
    """``order``: pairs of dimensions (larger, smaller, strict); ``logistic``: functions that are the
    logistic sigmoid; ``equal``: (symbol, text) pairs that act as definitions; ``sign``: symbol → sign;
    ``nonzero``: trees; ``full_rank``: matrices; ``structure``: symbol → symmetric, diagonal …"""

    order: tuple[tuple[Dim, Dim, bool], ...] = ()
    logistic: frozenset[str] = frozenset()
    equal: tuple[tuple[str, str], ...] = ()
    sign: tuple[tuple[str, str], ...] = ()
    functions: tuple[tuple[str, str], ...] = ()
    nonzero: tuple[Node, ...] = ()
    full_rank: tuple[str, ...] = ()
    structure: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Scope:
    """Names and their kinds. ``define`` holds trees (built in order); ``spelled`` token spellings;
    ``aliases`` other names that a spelling or custom gives to a declared one."""

    kinds: dict[str, Kind]
    original: dict[str, str]  # canonical → as declared
    assumptions: Assumptions
    define: dict[str, Node] = field(default_factory=dict)
    spelled: tuple[tuple[tuple[str, ...], str], ...] = ()
    words: frozenset[str] = frozenset()
    letters: tuple[str, ...] = ()  # bases of declared names, longest first
    aliases: dict[str, str] = field(default_factory=dict)

    @cached_property
    def readings(self) -> dict[object, object]:
        """What was read under these names, for whoever reads it again."""
        return {}

    @cached_property
    def rows(self) -> frozenset[str]:
        """Lower-case letters that can stand for a row of a declared matrix."""
        return frozenset(
            k.lower() for k, v in self.kinds.items() if v.sort == "matrix" and len(k) == 1 and k.isupper()
        )

    @cached_property
    def dims(self) -> tuple[str, ...]:
        """The dimensions, those of shapes first, in the order of declaration."""
        shaped = (d for kind in self.kinds.values() for d in kind.shape or () if isinstance(d, str))
        return tuple(dict.fromkeys([*shaped, *(n for n, k in self.kinds.items() if k.sort == "dim")]))

    @cached_property
    def drawn_at_once(self) -> tuple[tuple[str, Kind], ...]:
        """The names that a point settles when it is made: functions, sizes, whole numbers."""
        return tuple(
            (name, kind)
            for name, kind in self.kinds.items()
            if kind.sort in ("function", "dim", "integer") and name not in self.define
        )

    @cached_property
    def starts(self) -> frozenset[str]:
        """What a run of letters can be made of."""
        return self.rows.union(self.letters)

    @cached_property
    def segmented(self) -> dict[str, list[str] | None]:
        """Runs of letters with the pieces they were found to be made of (``names`` fills it)."""
        return {}

    @cached_property
    def spelling_starts(self) -> frozenset[str]:
        """What a declared spelling begins with."""
        return frozenset(words[0] for words, _ in self.spelled if words)

    @cached_property
    def plain(self) -> frozenset[str]:
        """Declared letters, Latin or Greek, that mean themselves wherever they stand alone."""
        return frozenset(
            k
            for k, v in self.kinds.items()
            if (k in GREEK_NAMES or (len(k) == 1 and k.isalpha() and k != "d"))
            and v.sort != "function"
            and k + "_star" not in self.kinds
            and k not in self.spelling_starts
        )

    def extended(self, name: str, node: Node, kind: Kind) -> Scope:
        """A scope with one more definition (a student's own), which hides an older one."""
        kinds = {**self.kinds, name: kind}
        return Scope(
            kinds,
            {**self.original, name: self.original.get(name, name)},
            self.assumptions,
            {**self.define, name: node},
            self.spelled,
            self.words | {name},
            bases({**kinds, **self.aliases}),
            {k: v for k, v in self.aliases.items() if k != name},
        )

    def declared(self, new: Mapping[str, Kind]) -> Scope:
        """A scope with more symbols, and the sizes in their kinds."""
        kinds = {**self.kinds, **new}
        for kind in new.values():
            for d in kind.shape or ():
                if isinstance(d, str) and d not in kinds:
                    kinds[d] = Kind("dim")
        return Scope(
            kinds,
            {**self.original, **{k: k for k in kinds if k not in self.original}},
            self.assumptions,
            self.define,
            self.spelled,
            self.words | set(kinds),
            bases({**kinds, **self.aliases}),
            {k: v for k, v in self.aliases.items() if k not in new},
        )


_KIND = re.compile(r"(scalar|integer|dim|vector|matrix|function)\b\s*(.*)", re.DOTALL)
_SIGNS = {"> 0", ">= 0", "!= 0", "< 0", "<= 0"}


def parse_kind(text: str, name: str) -> Kind:
    """A kind as rubrics and ``--symbol`` write it.

    Raises:
        RubricError: not a kind.
    """
    m = _KIND.fullmatch(text.strip())
    if m:
        sort, rest = m.group(1), " ".join(m.group(2).split())
        sizes = tuple(int(s) if s.isdigit() else s for s in rest.split())
        if sort in ("scalar", "integer"):
            sign = re.sub(r"\s*(>=|<=|!=|>|<)\s*0", r"\1 0", rest)
            if not sign or sign in _SIGNS:
                return Kind(sort, None, sign)
            if rest in ("in (0, 1)", "in (0,1)"):
                return Kind(sort, None, "in (0,1)")
        elif sort == "dim" and not rest:
            return Kind("dim")
        elif sort == "vector" and len(sizes) == 1:
            return Kind("vector", (sizes[0], 1))
        elif sort == "matrix" and len(sizes) == 2:
            return Kind("matrix", (sizes[0], sizes[1]))
        elif sort == "function":
            return Kind("function")
    raise RubricError(
        f"symbol {name!r} has the kind {text!r}; expected one of: scalar, scalar > 0, scalar != 0, integer, "
        "integer > 0, dim, vector n, matrix n d, function scalar->scalar"
    )


def canonical(base: str, accents: list[str], sub: str = "", sup: str = "") -> str:
    """One spelling per name: base, accents (then star, then prime), ``^index``, ``_sub``."""
    out = base
    if accents:
        for a in sorted(accents, key=lambda a: _ORDER.get(a, 0)):
            out += "_" + a
    if sup:
        out += "^" + sup
    if sub:
        out += "_" + sub
    return out


def canonical_name(name: str) -> str:
    """The canonical spelling of a declared name (``w_hat_0``, ``w_0_hat`` and ``w_0`` are parsed)."""
    sup = ""
    m = re.match(r"(.*?)\^(\([^)]*\))(.*)", name)
    if m:
        name, sup = m.group(1) + m.group(3), m.group(2)
    parts = name.split("_")
    base, accents, subs = parts[0], [], []
    for p in parts[1:]:
        if p in ACCENT_NAMES and p:
            accents.append(p)
        elif p:
            subs.append(p)
    for suffix in ("tilde", "hat", "bar", "star"):
        if not accents and base.endswith(suffix) and base[: -len(suffix)] in GREEK_NAMES:
            accents, base = [suffix], base[: -len(suffix)]
    while base.endswith("'"):
        base, accents = base[:-1], [*accents, "prime"]
    m = re.fullmatch(r"([A-Za-z]+)(\d+)", base)
    if m and (len(m[1]) == 1 or m[1] in GREEK_NAMES) and not subs and not accents and not sup:
        base, subs = m.group(1), [m.group(2)]
    return canonical(base, accents, "_".join(subs), sup)


def base_of(name: str) -> str:
    return re.split(r"[_^]", name, maxsplit=1)[0]


def bases(kinds: Iterable[str]) -> tuple[str, ...]:
    bases = {base_of(k) for k in kinds}
    bases |= {k for k in kinds if "_" in k and "^" not in k}
    return tuple(sorted(bases, key=lambda b: (-len(b), b)))


def depends(node: Node, name: str, scope: Scope) -> bool:
    """Whether a name stands in a tree or in the definitions that it uses."""
    pending, seen = [node], {name}
    while pending:
        names = pending.pop().names()
        if name in names:
            return True
        pending += [scope.define[n] for n in names - seen if n in scope.define]
        seen |= names
    return False


def underlying(node: Node, scope: Scope) -> list[str]:
    """The declared symbols a tree depends on through definitions, in the order of declaration."""
    found: set[str] = set()
    pending = [node]
    seen: set[str] = set()
    while pending:
        for name in pending.pop().names() - seen:
            seen.add(name)
            if name in scope.define:
                pending.append(scope.define[name])
            else:
                found.add(name)
    return [n for n in scope.kinds if n in found]
