r"""A derivation, line by line: does each member follow from the one before?

``chain``: members of ``A = B = C`` over one or many displays are equal. ``solve``: every equation has the
same solutions for an unknown as the one before. Without a kind, a line is taken as it is written: a chain,
a condition ("set to zero"), what a condition implies. A step that could not be tried is ``unread``, never
``holds``. See docs/derivations.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.errors import RubricError
from grader.maths.conclusions import Solving
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.introduced import (
    final_name,
    with_abbreviations,
    with_indices,
    with_kinds,
    with_optimum,
    with_primes,
)
from grader.maths.lines import lines_of
from grader.maths.record import Derivation, Step
from grader.maths.scope import Scope, canonical_name
from grader.maths.tree import Node
from grader.maths.walk import Walk

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
    scope = compile_scope(Declarations.make(symbols, latex, define, assume))
    if kind is not None and kind not in KINDS:
        raise RubricError(f"kind {kind!r}; expected one of: {', '.join(KINDS)}")
    return derive(text, scope, kind=kind, unknown=unknown, decimal_comma=locale == "decimal-comma")


def derive(
    text: str,
    scope: Scope,
    *,
    kind: str | None = None,
    unknown: str | None = None,
    decimal_comma: bool = False,
    given: Sequence[tuple[Node, Node]] = (),
) -> Derivation:
    """As ``steps``, in a scope that is compiled already; ``given``: equations that hold from the start.

    Raises:
        RubricError: the unknown is not declared.
    """
    wanted = canonical_name(unknown.strip()) if unknown else ""
    wanted = scope.aliases.get(wanted, wanted)
    if wanted and (wanted not in scope.kinds or scope.kinds[wanted].sort == "function"):
        raise RubricError(f"the unknown {unknown!r} is not declared; declare it as a symbol")
    own = with_primes(text, with_indices(text, with_kinds(text, scope)))
    lines = lines_of(text, own, decimal_comma=decimal_comma)
    own = with_optimum(lines, own, wanted)
    own = with_abbreviations(lines, own)
    if kind == "solve" or (kind is None and wanted):
        return Solving(text, own, final_name(wanted, own) if wanted else "").run(lines)
    walk = Walk(text, own, scope, strict=kind == "chain")
    for left, right in given:
        walk.suppose(f"given: {left!r} = {right!r}", left, right)
    return walk.run(lines)
