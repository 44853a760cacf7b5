"""Which expressions of an answer are meant for which part of a question.

An answer may hold several results, under labels or not, with the way to them in between. Everything
here returns candidates in the order in which a person would look at them; nothing is judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.errors import MathsFault
from grader.maths.doubts import Doubt
from grader.maths.labels import bare_label_of, label_of, labels_in_words, listed_label_of
from grader.maths.products import STAR
from grader.maths.reading import Reading, final_member, read_member, with_definitions
from grader.maths.scope import Scope
from grader.maths.statements import Statement
from grader.maths.tokens import Token
from grader.maths.tree import Node
from grader.maths.wording import said_otherwise

__all__ = [
    "Candidate",
    "all_members",
    "defined_beside",
    "in_sentences",
    "labelled",
    "labelled_beside",
    "student_scope",
    "under_own_name",
    "unlabelled",
]

MAX_MEMBERS = 400  # of one answer that are read


@dataclass(frozen=True, slots=True)
class Candidate:
    """One result of an answer: what was read, or the fault that kept it from being read.

    ``final`` says that it is the last member of its chain.
    """

    statement: Statement
    reading: Reading | None
    fault: MathsFault | None
    final: bool = True
    text: str = ""


def student_scope(
    statements: Sequence[Statement], scope: Scope, labels: frozenset[str] = frozenset()
) -> Scope:
    """The author's names with the student's own abbreviations on top; ``labels`` are not abbreviations."""
    return with_definitions(statements, scope, keep=labels)


def defined_beside(bare: Sequence[Statement], scope: Scope) -> list[Statement]:
    """Of statements outside of the marks around other formulas those that define a name of the student's own:
    "Let K = XXᵀ" above ``$\\|Ka\\|^2$``. What the author declared means what it meant."""
    own = (bare_label_of(s.members[0]) if len(s.members) > 1 else None for s in bare)
    return [
        s for s, key in zip(bare, own, strict=True) if key and key.isidentifier() and key not in scope.kinds
    ]


def labelled(
    statements: Sequence[Statement], scope: Scope, labels: frozenset[str], *, column: bool = False
) -> list[list[Candidate]]:
    """For every statement that carries one of the labels, last first: its members, last first.

    The label may be said in the prose in front ("the number of weights is $…$"). A condition such as
    ``∇L = 0`` is no result and is left out. ``column``: the result asked for is a vector.
    """
    out: list[list[Candidate]] = []
    for s in reversed(statements):
        keys = [listed_label_of(m, labels) for m in s.members]
        words = f"{s.words} =" if s.lead == "=" else s.words  # \text{number of weights} = … is prose, too
        named = bool(s.members) and s.lead in ("", "=") and not labels.isdisjoint(labels_in_words(words))
        if named and not any(keys):
            out.append(_results(s, scope, labels, column))
            continue
        if len(s.members) < 2 or not any(k in labels for k in keys if k):
            continue
        if not {"=", ":=", "~", "sim"}.intersection(s.relations):
            continue
        members = _results(s, scope, labels, column)
        if members:
            out.append(members)
    return out


def labelled_beside(
    bare: Sequence[Statement], marked: Sequence[Statement], scope: Scope, labels: frozenset[str]
) -> list[list[Candidate]]:
    """What stands under a label, but outside of the marks around other formulas, if it can be read."""
    if not bare:
        return []
    found = labelled(bare, student_scope([*marked, *bare], scope, labels), labels)
    return [chain for chain in found if chain and chain[0].reading is not None]


def unlabelled(
    statements: Sequence[Statement],
    scope: Scope,
    taken: frozenset[str],
    *,
    whole: bool = True,
    column: bool = False,
) -> list[list[Candidate]]:
    """Results of statements that carry no label, or one that nobody asked about; boxed ones first.

    A single name is one only where it is the ``whole`` answer.
    """
    found: list[tuple[bool, list[Candidate]]] = []
    for s in reversed(statements):
        key = listed_label_of(s.members[0], taken) if s.members else None
        if s.fault is not None:
            found.append((s.boxed, [Candidate(s, None, s.fault, True, s.text)]))
            continue
        if len(s.members) > 1 and key is not None and (key in taken or key in scope.kinds):
            continue
        alone = whole and len(statements) == 1 and not s.words and not s.after
        if len(s.members) == 1 and (key is not None or not s.display) and not s.boxed and not alone:
            continue  # a name in a sentence
        if set(s.relations) & {"<", ">", "<=", ">=", "in", "notin", "!=", "perp", "propto"}:
            continue
        members = _results(s, scope, frozenset(), column)
        if members:
            found.append((s.boxed, members))
    return [m for boxed, m in found if boxed] + [m for boxed, m in found if not boxed]


def under_own_name(
    statements: Sequence[Statement],
    scope: Scope,
    declared: Scope,
    taken: frozenset[str],
    *,
    column: bool = False,
) -> list[Candidate]:
    """The last result that stands under a name of the student's own (``grad = …``), if there is one; such a
    name is an abbreviation wherever anything else is the answer. ``declared``: the author's names."""
    for s in reversed(statements):
        key = label_of(s.members[0]) if len(s.members) > 1 else None
        if key is None or key in taken or key in declared.kinds or set(s.relations) - {"=", ":=", "~"}:
            continue
        return _results(s, scope, frozenset({key}), column)[:1]
    return []


def in_sentences(statements: Sequence[Statement], scope: Scope, *, column: bool = False) -> list[Candidate]:
    """Formulas within sentences that state no equation ("the rate is $n/2$"), last first."""
    out: list[Candidate] = []
    for s in reversed(statements):
        if len(s.members) == 1 and not s.display and s.fault is None and label_of(s.members[0]) is None:
            out.append(_candidate(s, s.members[0], scope, final=True, column=column))
    return out


def _results(s: Statement, scope: Scope, labels: frozenset[str], column: bool) -> list[Candidate]:
    if s.fault is not None:
        return [Candidate(s, None, s.fault, True, s.text)]
    final = final_member(s, scope)
    at = next((i for i, m in enumerate(s.members) if m is final), len(s.members) - 1)
    condition = any(key.startswith("d") and "/" in key for key in map(label_of, s.members) if key)
    others = [m for m in s.members[: at + 1] if m and listed_label_of(m, labels) not in labels]
    members = [m for m in others if not (_is_zero(m) and (condition or len(others) > 1))]
    if len(s.members) == 1:
        members = [m for m in s.members if m]
    out = []
    for k, m in enumerate(reversed(members)):
        out.append(_candidate(s, m, scope, final=k == 0 and m is final, column=column))
    return out


def _is_zero(m: Sequence[Token]) -> bool:
    return len(m) == 1 and m[0].text == "0"


def _candidate(
    s: Statement, tokens: Sequence[Token], scope: Scope, *, final: bool, column: bool
) -> Candidate:
    text = " ".join(t.text for t in tokens)
    infix = not s.latex
    doubts: tuple[Doubt, ...] = (Doubt(s.doubt, grave=True),) if s.doubt else ()
    otherwise = said_otherwise(s.words, s.after)
    if otherwise:
        doubts += (Doubt(f"the word “{otherwise}” beside the formula may change or deny it"),)
    try:
        node, notes = read_member(tokens, scope, infix=infix, lenient=True)
        found = Candidate(s, Reading(node, notes, None, text, scope, doubts=doubts), None, final, text)
    except MathsFault as fault:
        found = Candidate(s, None, fault.bare(), final, text)
    loose = found.reading is None or found.reading.node.shape is None or found.reading.notes
    if column and loose and any(t.text == "*" for t in tokens):
        try:
            node, notes = read_member(tokens, scope, infix=infix, lenient=True, elementwise=True)
        except MathsFault:
            return found
        if infix:  # typed text means * as numpy does
            notes = tuple(note for note in notes if note != STAR)
        if node.shape is not None:
            return Candidate(s, Reading(node, notes, None, text, scope, doubts=doubts), None, final, text)
    return found


def all_members(statements: Sequence[Statement], scope: Scope) -> Iterator[tuple[Statement, Node]]:
    """Every member of every statement that can be read, in order; each text once."""
    seen: set[tuple[tuple[tuple[str, bool], ...], bool]] = set()
    for s in statements:
        if s.fault is not None:
            continue
        for m in s.members:
            key = (tuple((t.text, t.spaced) for t in m), s.latex)
            if not m or key in seen or len(seen) >= MAX_MEMBERS:
                continue
            seen.add(key)
            try:
                node, _ = read_member(m, scope, infix=not s.latex, lenient=True)
            except MathsFault:
                continue
            yield s, node
