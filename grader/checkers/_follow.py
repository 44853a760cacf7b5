"""Errors carried forward: an answer that is right, given the student's own wrong one before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from grader.errors import RubricError
from grader.maths.authoring import check_credit, compiled_formula
from grader.maths.carried import at_root, put_in, with_own
from grader.maths.compare import Comparison, Problem
from grader.maths.conventions import Setting, declared_under
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.mutation import agrees
from grader.maths.reading import Reading
from grader.maths.scope import Scope
from grader.model import Judgement, Outcome
from grader.rubric import Criterion, Question

__all__ = ["CARRIED", "Follow", "check_follow", "followed", "follows"]

CARRIED = "error carried forward"  # the mistake of what is right in itself, but follows from an error


class Follow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Error carried forward from the student's own result of ``criterion`` (``w_1``; of an earlier question
    ``2.1.1/w_1``). Either that result is put for ``symbol`` and the expected answer is ``expected``; or, with
    ``root``, the answer is right if the result vanishes where the answer is put for the symbol ``root``."""

    criterion: str
    symbol: str = ""
    expected: str = ""
    root: str = ""
    credit: float = 1.0


def check_follow(
    follow: Follow | None, question: Question, main: Problem, scope: Scope, first: Setting
) -> None:
    """An error carried forward has to come from somewhere, and the right result has to carry on to the right
    answer; ``first`` is the setting of the sheet's own conventions.

    Raises:
        RubricError: with the key, the value and the cure.
    """
    if follow is None:
        return
    check_credit(follow.credit, "follow.credit")
    if bool(follow.root) == bool(follow.symbol and follow.expected):
        raise RubricError("`follow` needs either `root`, or `symbol` and `expected`")
    source = _source(follow, question)
    right = source.options.get("expected")
    if follow.root and isinstance(right, str) and not _vanishes(follow.root, right, question, main):
        raise RubricError(
            f"`follow.root` is {follow.root!r}; the right result of {follow.criterion!r} with "
            "`expected` put for it should vanish; it does not, or is of another shape"
        )
    if follow.symbol and isinstance(source.options.get("expected"), str):
        declarations = declared_under(question.declarations, question.choices, first)
        before = compiled_formula(declarations, source.options["expected"], "follow.criterion")
        try:
            own = Reading(before.node, scope=before.scope)
            p = put_in(declarations, follow.expected, follow.symbol, own, _scope(declarations, first, scope))
        except RubricError as e:
            raise RubricError(f"`follow.expected`: {e}") from e
        if not agrees(main, Reading(p.node, scope=p.scope)):
            raise RubricError(
                f"`follow.expected` is {follow.expected!r}; with the right {follow.symbol} "
                "it is not `expected`"
            )


def _vanishes(root: str, before: str, question: Question, main: Problem) -> bool:
    """Whether the right result before has the right answer for its root; one in names of another question
    only is not looked at."""
    first = tuple((c.symbol, 0) for c in question.choices)
    declarations = declared_under(question.declarations, question.choices, first)
    try:
        p = compiled_formula(declarations, before, "follow.criterion")
    except RubricError:
        return True
    v = at_root(declarations, root, Reading(p.node, scope=p.scope), Reading(main.node), p.scope)
    return v is not None and v.equivalent


def _scope(declarations: Declarations, setting: Setting, scope: Scope) -> Scope:
    """The scope that knows the conventions, which ``follow.expected`` may use."""
    return compile_scope(declarations) if setting else scope


def _source(follow: Follow, question: Question) -> Criterion:
    here = {c.id: c for c in question.criteria if c.kind == "expression"}
    there = {name: c for name, c in question.before.items() if c.kind == "expression"}
    found = here.get(follow.criterion) or there.get(follow.criterion)
    if found is None:
        ids = ", ".join([*here, *there])
        raise RubricError(
            f"`follow.criterion` is {follow.criterion!r}; the formulas of this question and of those "
            f"before it are {ids or 'none'}"
        )
    return found


def followed(
    follow: Follow | None,
    question: Question,
    scope: Scope,
    settings: Iterable[Setting],
    reading: Reading,
    earlier: Mapping[str, Judgement],
    *,
    equation: bool = False,
    accept_transpose: bool = False,
) -> tuple[Comparison, str] | None:
    """The verdict on an answer that is right with the student's own earlier result put in, and the sentence
    that says so; ``None`` where it is not, or where there is no earlier error."""
    own = _own(follow, earlier)
    if follow is None or own is None:
        return None
    v: Comparison | None = None
    for setting in settings:
        declarations = declared_under(question.declarations, question.choices, setting)
        try:
            if follow.root:
                v = at_root(declarations, follow.root, own, reading, scope)
            else:
                under = _scope(declarations, setting, scope)
                p = put_in(declarations, follow.expected, follow.symbol, own, under, equation=equation)
                p.accept_transpose = accept_transpose
                if equation:  # its two sides are compared in the scope of the answer
                    mine = with_own(reading.scope or under, follow.symbol, own)
                    reading = replace(reading, scope=mine)
                v = p.judge_reading(reading)
        except RubricError:
            continue
        if v is not None and v.equivalent:
            what = f"your {follow.criterion}" if follow.root else f"your result for {follow.symbol}"
            return v, f"Follows correctly from {what}; the error there is charged only once."
    return None


def follows(
    follow: Follow | None,
    question: Question,
    scope: Scope,
    formula: str,
    reading: Reading,
    earlier: Mapping[str, Judgement],
) -> bool:
    """Whether the answer is this formula (a known mistake) with the student's own earlier result put in."""
    own = _own(follow, earlier)
    if follow is None or own is None or not follow.symbol:
        return False
    try:
        return agrees(put_in(question.declarations, formula, follow.symbol, own, scope), reading)
    except RubricError:
        return False


def _own(follow: Follow | None, earlier: Mapping[str, Judgement]) -> Reading | None:
    """The student's own earlier result, if there is an error in it or in what it follows from."""
    before = earlier.get(follow.criterion) if follow else None
    if before is None or (before.outcome is Outcome.CORRECT and before.mistake != CARRIED):
        return None
    return before.carried if isinstance(before.carried, Reading) else None
