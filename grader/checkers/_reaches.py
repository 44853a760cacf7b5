"""What a step of a derivation is asked to reach: a formula, a value under a name, an equation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.errors import MathsFault, RubricError
from grader.maths.assertions import Relation, Stated, is_relation, relation
from grader.maths.authoring import compiled_formula
from grader.maths.compare import Problem
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.derivation import Step
from grader.maths.equations import difference_of
from grader.maths.given import fitted
from grader.maths.labels import bare_label_of
from grader.maths.marked import is_condition
from grader.maths.mutation import agrees
from grader.maths.reading import Reading
from grader.maths.statements import find_statements
from grader.maths.tree import Node

__all__ = ["Solved", "Target", "behind_order", "compiled_target", "formulas", "reached"]

_ORDER = re.compile(r"[<>≤≥]|\\(?:le|ge|leq|geq|leqslant|geqslant|lt|gt)(?![A-Za-z])")


@dataclass(frozen=True)
class Solved:
    """A value that has to stand under one name, as in η = 2."""

    value: Problem
    label: str


Target = Solved | Problem | Relation


def compiled_target(declarations: Declarations, text: str, key: str) -> Target:
    """What an author wrote under ``reaches``.

    Raises:
        RubricError: it cannot be read, or shows nothing.
    """
    solved = _solved(text)
    if solved is not None:
        label, value = solved
        aliases = compile_scope(declarations).aliases
        return Solved(compiled_formula(declarations, value, key), aliases.get(label, label))
    if is_relation(text):
        return relation(declarations, text, key)
    p = compiled_formula(declarations, text, key)
    if p.node.op in ("num", "sym", "order", "list"):
        raise RubricError(f"`{key}` is {text!r}, which shows nothing by itself; write an equation")
    return p


def _solved(text: str) -> tuple[str, str] | None:
    """The label and the value, where an equation says what one name is."""
    found = [s for s in find_statements(text) if s.members]
    if len(found) != 1 or found[0].relations != ("=",):
        return None
    left, right = found[0].members
    label = bare_label_of(left)
    if label is None or (" " in label and [t.text for t in right] == ["0"]):  # a derivative set to zero
        return None
    return label, text[right[0].start : right[-1].end]


def reached(wanted: Target, s: Step, text: str) -> bool:
    """Whether a step of a derivation in ``text`` says what is wanted."""
    here, before = s.reading, s.before
    if here is None or here.node is None:
        return False
    if isinstance(wanted, Solved):
        return s.label == wanted.label and agrees(wanted.value, Reading(here.node, scope=here.scope))
    if isinstance(wanted, Problem):
        return agrees(wanted, Reading(here.node, scope=here.scope))
    if before is None or before.node is None or not (s.checked or is_condition(s)):
        return False
    if behind_order(s, text):
        return False
    try:
        difference = difference_of(Node("eq", (before.node, fitted(before.node, here.node))))
    except MathsFault:
        return False
    return wanted.stated_by(Stated(difference, "=", here.scope, s.text))


def behind_order(s: Step, text: str) -> bool:
    """Whether a line stands behind a sign of order, as in A ≤ B."""
    before = s.before
    between = "" if before is None or before.index < 0 else text[before.place[1] : s.place[0]]
    return bool(_ORDER.search(between))


def formulas(wanted: Sequence[Target]) -> list[Problem]:
    """The formulas and values among what is wanted."""
    solved = (w.value if isinstance(w, Solved) else w for w in wanted)
    return [p for p in solved if isinstance(p, Problem)]
