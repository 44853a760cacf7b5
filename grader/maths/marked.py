"""The lines of a derivation as a person marks them: what was tried, where it goes wrong, what follows.

Of every step it is known what it goes on from. A line that holds but rests on a false one *follows* from it;
one that is false to the line before but equal to the last one before the error is *back*. Lines that only
start something or are taken as given were not tried, and are told apart from those that hold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from grader.errors import MathsFault, RubricError
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.derivation import Derivation, Step, derive
from grader.maths.equations import difference_of
from grader.maths.given import fitted
from grader.maths.lines import read_tree
from grader.maths.links import follows
from grader.maths.statements import find_statements
from grader.maths.tree import Node

__all__ = ["WORDS", "Mark", "Trace", "given_equations", "is_condition", "marks", "trace"]

WORDS = ("holds", "follows", "back", "fails", "given", "unread")
_GIVEN = "Taken as given."  # of a step that is a condition
_NOT_IMPLIED = "This does not follow"
_SUM = re.compile(r"(?:\\sum|∑|Σ)\s*_\s*\{?\s*([a-z])\b")
MAX_TEXT = 10_000  # characters of an answer whose lines are looked at


@dataclass(frozen=True, slots=True)
class Mark:
    """What becomes of one step. ``word``: one of ``WORDS``. ``wrong``: the false steps that it rests on;
    ``passed``: all false steps on the way to it, also those that were put right. ``on``: every step on the
    way."""

    word: str
    wrong: frozenset[int] = frozenset()
    passed: frozenset[int] = frozenset()
    on: frozenset[int] = frozenset()
    message: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """A derivation with its marks."""

    derivation: Derivation
    marks: tuple[Mark, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.derivation.steps

    @property
    def read(self) -> bool:
        """Whether any line could be read."""
        return any(m.word != "unread" for m in self.marks)

    @property
    def tried(self) -> bool:
        """Whether any line was held against another."""
        return any(m.word in ("holds", "follows", "back", "fails") for m in self.marks)


@lru_cache(maxsize=256)
def trace(
    text: str, declarations: Declarations, given: tuple[str, ...] = (), *, decimal_comma: bool = False
) -> Trace:
    """The derivation in an answer, marked; cached, because several criteria and the report ask for it.
    ``given``: the question's equations between its names.

    Raises:
        RubricError: the declarations or the equations are not valid.
    """
    scope = compile_scope(declarations)
    premises = given_equations(declarations, given)
    found = derive(text[:MAX_TEXT], scope, decimal_comma=decimal_comma, given=premises)
    if len(text.rstrip()) > MAX_TEXT:
        told = f"Only the first {MAX_TEXT} characters are looked at; what comes after them was not checked."
        beyond = Step(len(found.steps), "…", "unread", told, (MAX_TEXT, MAX_TEXT))
        found = replace(found, steps=(*found.steps, beyond))
    return Trace(found, marks(found.steps))


@lru_cache(maxsize=512)
def given_equations(
    declarations: Declarations, texts: tuple[str, ...], key: str = "given"
) -> tuple[tuple[Node, Node], ...]:
    """An author's equations, both sides read.

    Raises:
        RubricError: one cannot be read, or is no equation.
    """
    scope = compile_scope(declarations)
    out: list[tuple[Node, Node]] = []
    for k, text in enumerate(texts):
        found = [s for s in find_statements(text) if s.members or s.fault]
        if len(found) != 1 or found[0].fault is not None or found[0].relations != ("=",):
            raise RubricError(f"`{key}[{k}]` is {text!r}; write one equation, A = B")
        try:
            left, right = (read_tree(m, scope, infix=not found[0].latex)[0] for m in found[0].members)
            difference_of(Node("eq", (left, fitted(left, right))))
        except MathsFault as fault:
            raise RubricError(f"`{key}[{k}]` is {text!r}: {fault.message}") from fault
        out.append((left, fitted(left, right)))
    return tuple(out)


def is_condition(s: Step) -> bool:
    """Whether a step is an equation that is taken as given, such as a derivative set to zero."""
    return s.status == "holds" and not s.checked and s.message.startswith(_GIVEN)


def marks(steps: Sequence[Step]) -> tuple[Mark, ...]:
    """The mark of every step, in order."""
    out: list[Mark] = []
    seen: dict[Node, int] = {}  # what was last written down where
    for s in steps:
        before = [*s.uses]
        node = _hashable(s)
        if not before and s.before is not None and is_condition(s):
            before = [s.before.index] * (s.before.index == s.index - 1)  # the other side of the equation
        if not before and s.status == "holds" and node is not None and node in seen:
            before = [seen[node]]  # a line that is written down again
        out.append(_mark(s, before, steps, out))
        if node is not None and node.op not in ("num", "sym"):
            seen[node] = s.index
    return tuple(out)


def _hashable(s: Step) -> Node | None:
    """What was read, unless it is nested too deeply to be looked up."""
    node = s.reading.node if s.reading is not None else None
    try:
        hash(node)
    except RecursionError:
        return None
    return node


def _mark(s: Step, before: Sequence[int], steps: Sequence[Step], done: Sequence[Mark]) -> Mark:
    false = {j for j in before if done[j].word == "fails"}
    wrong = frozenset(false.union(*(done[j].wrong for j in before)))
    on = frozenset(before).union(*(done[j].on for j in before))
    passed = wrong.union(*(done[j].passed for j in before))
    if s.status == "unread":
        return Mark("unread", wrong, passed, on, s.message)
    doubt = _doubt(s, steps)
    if doubt:
        return Mark("unread", wrong, passed, on, f"{s.message} {doubt}")
    if s.status == "fails":
        again = done[-1] if done and done[-1].word in ("fails", "follows") else None
        if again is not None and _shape_fault(s) and _shape_fault(s) == _shape_fault(steps[s.index - 1]):
            return Mark("follows", again.wrong or frozenset((s.index - 1,)), passed, on, s.message)
        first = min(wrong, default=None)
        if first is not None and _equal(steps[first], s):
            message = f"{s.message} But it is equal to the line before the error."
            return Mark("back", done[first].wrong, passed, on, message)
        return Mark("fails", wrong, passed, on, s.message)
    if not s.checked:
        return Mark("given", wrong, passed, on, s.message)
    if wrong:
        return Mark("follows", wrong, passed, on, s.message)
    between = _stepped_over(s, steps, done)
    if between:
        return Mark("back", wrong, passed | between, on, s.message)
    return Mark("holds", wrong, passed, on, s.message)


def _shape_fault(s: Step) -> str:
    """What does not fit together in a line, without what may be meant."""
    unread = s.reading is not None and s.reading.node is None
    return s.message.partition(" Likely mistake:")[0] if unread and s.status == "fails" else ""


def _doubt(s: Step, steps: Sequence[Step]) -> str:
    """Why a line that looks false may be right all the same; empty where nothing speaks for it."""
    before, here = s.before, s.reading
    if s.status != "fails" or here is None:
        return ""
    if before is None:
        return "No line before it says which shapes are meant; a person looks."
    if here.node is None and ("'" in s.text or "\\prime" in s.text):
        return "The prime may be a transpose or belong to a name; a person looks."
    if s.message.startswith(_NOT_IMPLIED) and any(t.status == "unread" for t in steps[: s.index]):
        return "Lines before it could not be read; a person looks."
    if before.node is None or here.node is None:
        return ""
    if s.mistake == "shape" and here.node.shape == _turned(before.node.shape):
        return "The other layout, rows for columns, may be meant; a person looks."
    chain = s.label and 0 <= before.index < s.index - 1 and steps[before.index].label == s.label
    if chain and steps[s.index - 1].label != s.label:
        return "The same name stood for something else before; a person says which one is meant."
    left = before.node.args[0] if before.node.op == "T" else before.node
    stated = before.node.op == "T" and before.index == s.index - 1 and not steps[before.index].label
    if stated and left.op == "sym" and left.value not in here.node.names():
        return "This may only say what the left side is; a person looks."
    names = before.node.names() | here.node.names()
    for index in _SUM.findall(before.text + here.text):
        if any(n.endswith(f"_{index}") for n in names):
            return "A name with the index of a sum stands for one thing here; a person looks."
    return ""


def _turned(shape: Any) -> Any:
    return None if shape is None else tuple(reversed(shape))


def _stepped_over(s: Step, steps: Sequence[Step], done: Sequence[Mark]) -> frozenset[int]:
    """The false lines that could not be read as a value, between this one and what it was held against."""
    if s.before is None or s.before.index < 0:
        return frozenset()
    skipped = steps[s.before.index + 1 : s.index]
    if any(t.status == "holds" for t in skipped):
        return frozenset()
    return frozenset(t.index for t in skipped if done[t.index].word == "fails")


def _equal(false: Step, s: Step) -> bool:
    """Whether a line is what stood before the first false one."""
    a, b = false.before, s.reading
    if a is None or b is None or a.node is None or b.node is None:
        return False
    try:
        return follows(a.node, b.node, a.scope, b.scope, a.text).status == "holds"
    except (MathsFault, RecursionError):
        return False
