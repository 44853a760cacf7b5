"""Conventions an answer may follow: named parameters with listed values, the sheet's own first.

A formula of the author's may use a convention's symbol; it then stands for one formula per value (per
combination of values, if it uses several conventions). What one answer settles, later ones must keep up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import TypeVar

from grader.errors import MathsFault, RubricError
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.reading import read_text
from grader.maths.scope import canonical_name
from grader.model import Judgement

__all__ = [
    "MAX_SETTINGS",
    "Convention",
    "Setting",
    "Settlement",
    "Way",
    "check_conventions",
    "compiled_under",
    "declared_under",
    "kept_up",
    "settle",
    "settled_before",
]

MAX_SETTINGS = 64  # combinations of one formula

Setting = tuple[tuple[str, int], ...]
"""For each convention that a formula uses, by its symbol, the number of the way it is settled."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to settle a convention: what its symbol then stands for, and what following it earns."""

    value: str
    title: str
    credit: float = 1.0


@dataclass(frozen=True, slots=True)
class Convention:
    """``mixed``: the share an answer earns that settles it otherwise than an earlier answer of the same
    student; ``sheet``: one settlement for all questions of the sheet."""

    symbol: str
    title: str
    ways: tuple[Way, ...]
    mixed: float = 0.5
    sheet: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """What comes of a right answer under a setting: its credit, the sentences that say so (none under the
    sheet's own conventions), and what is settled from now on (symbol → the way's title)."""

    credit: float
    sentences: tuple[str, ...]
    settled: Mapping[str, str]
    mixed: bool


def check_conventions(declarations: Declarations, conventions: Sequence[Convention]) -> None:
    """Whether the conventions of a question can be used with its symbols.

    Raises:
        RubricError: a symbol that means something else already, too few or equal ways, a way that cannot
            be read, a credit that is no share.
    """
    taken = {canonical_name(name) for name, _ in (*declarations.symbols, *declarations.define)}
    for c in conventions:
        if canonical_name(c.symbol) in taken:
            raise RubricError(f"the convention {c.symbol!r} has the name of a declared symbol; rename it")
        taken.add(canonical_name(c.symbol))
        if len(c.ways) < 2 or len({w.title for w in c.ways}) < len(c.ways):
            raise RubricError(
                f"the convention {c.symbol!r} has {len(c.ways)} ways; "
                "it needs two or more, each with its own `title`"
            )
        for key, credit in (("mixed", c.mixed), *((f"credit of {w.title!r}", w.credit) for w in c.ways)):
            if not 0 <= credit <= 1:
                raise RubricError(
                    f"the convention {c.symbol!r}: `{key}` is {credit:g}; a credit is a share from 0 to 1"
                )
        scope = compile_scope(declarations)
        for w in c.ways:
            try:
                read_text(w.value, scope)
            except MathsFault as fault:
                raise RubricError(
                    f"the convention {c.symbol!r}: the way {w.value!r} cannot be read: {fault.clause}"
                ) from fault


def declared_under(
    declarations: Declarations, conventions: Iterable[Convention], setting: Setting
) -> Declarations:
    """The declarations with every convention of the setting put in."""
    by_symbol = {c.symbol: c for c in conventions}
    ways = tuple((symbol, by_symbol[symbol].ways[i].value) for symbol, i in setting)
    return replace(declarations, define=(*declarations.define, *ways)) if ways else declarations


def compiled_under(
    declarations: Declarations,
    conventions: Sequence[Convention],
    text: str,
    key: str,
    compiled: Callable[[Declarations], T],
) -> tuple[tuple[Setting, T], ...]:
    """An author's formula under every setting of the conventions it uses, the sheet's own first.

    Raises:
        RubricError: it cannot be read, or uses so many conventions that the settings pass the limit.
    """
    settings = _settings(declarations, conventions, text, key) if conventions else [()]
    return tuple((s, compiled(declared_under(declarations, conventions, s))) for s in settings)


def _settings(
    declarations: Declarations, conventions: Sequence[Convention], text: str, key: str
) -> list[Setting]:
    every = replace(
        declarations, symbols=(*declarations.symbols, *((c.symbol, "scalar") for c in conventions))
    )
    try:
        names = read_text(text, compile_scope(every)).node.names()
    except MathsFault:
        return [()]  # whoever compiles it says what is wrong
    used = [c for c in conventions if canonical_name(c.symbol) in names]
    many = prod(len(c.ways) for c in used)
    if many > MAX_SETTINGS:
        raise RubricError(
            f"`{key}` uses {len(used)} conventions with {many} combinations; at most {MAX_SETTINGS} are tried"
        )
    return [
        tuple((c.symbol, i) for c, i in zip(used, numbers, strict=True))
        for numbers in product(*(range(len(c.ways)) for c in used))
    ]


def settled_before(conventions: Iterable[Convention], earlier: Mapping[str, Judgement]) -> dict[str, str]:
    """What earlier answers have settled; the first one counts. Those of other questions have a slash in
    their name and settle only what holds for the whole sheet."""
    out: dict[str, str] = {}
    for c in conventions:
        for name, judgement in earlier.items():
            if c.symbol in judgement.settled and (c.sheet or "/" not in name):
                out[c.symbol] = judgement.settled[c.symbol]
                break
    return out


def kept_up(conventions: Iterable[Convention], setting: Setting, before: Mapping[str, str]) -> bool:
    """Whether a setting has nothing that was settled otherwise ``before``."""
    ways = {c.symbol: c.ways for c in conventions}
    return all(before.get(symbol, ways[symbol][i].title) == ways[symbol][i].title for symbol, i in setting)


def settle(conventions: Iterable[Convention], setting: Setting, before: Mapping[str, str]) -> Settlement:
    """What an answer earns that is right under ``setting``, after what was settled ``before``.

    A way's own credit is charged where it is first taken, not again where it is kept up.
    """
    by_symbol = {c.symbol: c for c in conventions}
    credit, sentences, settled, mixed = 1.0, list[str](), dict[str, str](), False
    for symbol, i in setting:
        c, way = by_symbol[symbol], by_symbol[symbol].ways[i]
        settled[symbol] = way.title
        if before.get(symbol, way.title) != way.title:
            # back to the sheet's own way from one that was charged: there is nothing left to charge
            paid = i == 0 and any(w.title == before[symbol] and w.credit < 1 for w in c.ways)
            mixed = mixed or (c.mixed < 1 and not paid)
            credit *= 1.0 if paid else c.mixed
            sentences.append(
                f"Convention ({c.title}): {way.title} here, but {before[symbol]} in your earlier answer."
            )
        elif i:
            if symbol not in before:
                credit *= way.credit
            sentences.append(f"Convention ({c.title}): {way.title}.")
    return Settlement(credit, tuple(sentences), settled, mixed)
