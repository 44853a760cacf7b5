r"""A derivation, line by line: does each member follow from the one before?

``chain``: members of ``A = B = C`` over one or many displays are equal. ``solve``: every equation has the
same solutions for an unknown as the one before. Without a kind, a line is taken as it is written: a chain,
a condition ("set to zero"), what a condition implies. A step that could not be tried is ``unread``, never
``holds``. See docs/derivations.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.errors import RubricError
from grader.maths.assumed import Assumed, assumed
from grader.maths.conclusions import Solving
from grader.maths.declare import Declarations
from grader.maths.indexed import free_indices
from grader.maths.introduced import (
    final_name,
    index_values,
    with_abbreviations,
    with_indices,
    with_kinds,
    with_optimum,
    with_orders,
    with_primes,
    with_structures,
)
from grader.maths.iterates import with_atoms, with_iterates
from grader.maths.lines import lines_of
from grader.maths.propositions import Logical
from grader.maths.record import Derivation, Member, Step
from grader.maths.scope import Scope, canonical_name
from grader.maths.told import alike, perpendicular, with_alike, with_upstream
from grader.maths.tree import Node
from grader.maths.unmarked import place_before, with_dollars

__all__ = ["Derivation", "Step", "derive", "steps"]

KINDS = ("chain", "solve")


def steps(
    text: str,
    symbols: Mapping[str, str],
    *,
    define: Mapping[str, str] | None = None,
    assume: Sequence[str] = (),
    latex: Mapping[str, str | Sequence[str]] | None = None,
    kind: str | None = None,
    unknown: str | None = None,
    locale: str = "decimal-point",
) -> Derivation:
    """Check a derivation line by line.

    >>> steps("(a + b)^2 = a^2 + 2 a b + b^2", {"a": "scalar", "b": "scalar"}).first_wrong is None
    True

    Raises:
        RubricError: a fault on the author's side: a symbol, an assumption, the kind, the unknown.
    """
    found = assumed(Declarations.make(symbols, latex, define, assume))
    if kind is not None and kind not in KINDS:
        raise RubricError(f"kind {kind!r}; expected one of: {', '.join(KINDS)}")
    comma = locale == "decimal-comma"
    return derive(
        text,
        found.scope,
        kind=kind,
        unknown=unknown,
        decimal_comma=comma,
        given=found.equations,
        beside=found,
    )


def derive(
    text: str,
    scope: Scope,
    *,
    kind: str | None = None,
    unknown: str | None = None,
    decimal_comma: bool = False,
    given: Sequence[tuple[Node, Node]] = (),
    beside: Assumed | None = None,
) -> Derivation:
    """As ``steps``, in a scope that is compiled already; ``given``: equations that hold from the start;
    ``beside``: what is assumed in sentences.

    Raises:
        RubricError: the unknown is not declared.
    """
    plain = with_dollars(text, scope)
    if plain is not None:
        text, dollars = plain
        found = derive(
            text, scope, kind=kind, unknown=unknown, decimal_comma=decimal_comma, given=given, beside=beside
        )
        return _without_dollars(found, dollars)
    wanted = canonical_name(unknown.strip()) if unknown else ""
    wanted = scope.aliases.get(wanted, wanted)
    if wanted and (wanted not in scope.kinds or scope.kinds[wanted].sort == "function"):
        raise RubricError(f"the unknown {unknown!r} is not declared; declare it as a symbol")
    known = with_alike(text, with_structures(text, with_kinds(text, scope)))
    letters = free_indices(text, known)
    strict = kind == "chain"
    first = None
    for values in index_values(text, letters):
        own = with_primes(text, with_indices(letters, values, known))
        lines = lines_of(text, own, decimal_comma=decimal_comma, strict=strict)
        own = with_optimum(lines, own, wanted)
        own = with_upstream(text, lines, with_abbreviations(lines, own))
        lines, atoms = with_atoms(lines, own)
        own, undeclared = with_iterates(text, lines, own, atoms)
        if undeclared:
            lines, _ = with_atoms(lines_of(text, own, decimal_comma=decimal_comma, strict=strict), own)
        own = with_orders(lines, own)
        if kind == "solve" or (kind is None and wanted):
            lines = [line for line in lines if line.relations != ("in",)]
            return Solving(text, own, final_name(wanted, own) if wanted else "").run(lines)
        walk = Logical(text, own, scope, strict=strict)
        walk.undeclared = undeclared
        if beside is not None:
            walk.assumes(beside)
        for left, right in given:
            walk.suppose(f"given: {left!r} = {right!r}", left, right)
        for left, right in perpendicular(text, own):
            walk.suppose(f"told: {left!r}", left, right)
        walk.told = alike(text, own)
        found = walk.run(lines)
        first = found if first is None else _worse(first, found)
    assert first is not None
    return first


def _without_dollars(found: Derivation, dollars: Sequence[int]) -> Derivation:
    """The same with the places that everything has in the text as it was."""

    def moved(m: Member | None) -> Member | None:
        return None if m is None else replace(m, place=place_before(m.place, dollars))

    steps = [
        replace(s, place=place_before(s.place, dollars), reading=moved(s.reading), before=moved(s.before))
        for s in found.steps
    ]
    return replace(found, steps=tuple(steps))


def _worse(one: Derivation, other: Derivation) -> Derivation:
    """The steps of two readings; what fails in one of them fails."""
    if len(one.steps) != len(other.steps):
        return one
    pairs = zip(one.steps, other.steps, strict=True)
    return Derivation(tuple(b if b.status == "fails" and a.checked else a for a, b in pairs), one.notes)
