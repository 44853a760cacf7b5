"""Derivations in answers that are graded, and ``grade steps --jsonl``: one a line in, its steps a line out.

A line that is not valid is the caller's fault: it has no steps, and the reason ``author``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import msgspec

from grader.engine.faults import sentence
from grader.engine.lines import marked_line
from grader.engine.pairs import answer_lines
from grader.engine.places import AtPlace, Without, lines_at, question_at
from grader.maths.derivation import Derivation, steps
from grader.maths.marked import trace
from grader.model import Answer, AnswerState, MarkedDerivation, Submission
from grader.rubric import Question, Rubric

__all__ = ["Task", "check_lines", "check_task", "derivation_row", "marked_answer", "marked_answers"]

FORMULAS = frozenset(("derivation", "expression", "equation", "contains", "proof"))  # kinds
MarkedAnswer = Callable[[Question, Answer], MarkedDerivation | None]
LinesOf = Callable[[Question, Answer, MarkedAnswer], MarkedDerivation | None]

LINES_FAULT = "The lines could not be checked because of a fault of ours ({}); it costs no marks."


class Task(msgspec.Struct, frozen=True):
    """One line of input; fields that are not known are ignored."""

    text: str
    symbols: dict[str, str] = {}
    id: Any = None
    latex: dict[str, str | list[str]] = {}
    define: dict[str, str] = {}
    assume: list[str] = []
    kind: Literal["chain", "solve"] | None = None
    unknown: str | None = None
    locale: Literal["decimal-point", "decimal-comma"] = "decimal-point"


def check_task(task: Task) -> Derivation:
    """The steps of one derivation.

    Raises:
        RubricError: a fault on the author's side.
    """
    return steps(
        task.text,
        task.symbols,
        define=task.define,
        assume=task.assume,
        latex=task.latex,
        kind=task.kind,
        unknown=task.unknown,
        locale=task.locale,
    )


def derivation_row(identity: Any, d: Derivation) -> dict[str, Any]:
    """What is written for one derivation."""
    found = []
    for s in d.steps:
        step: dict[str, Any] = {"index": s.index, "text": s.text, "status": s.status, "message": s.message}
        if s.mistake:
            step["mistake"] = s.mistake
        found.append(step)
    row: dict[str, Any] = {"id": identity, "steps": found, "first_wrong": d.first_wrong, "unread": d.unread}
    if d.notes:
        row["notes"] = list(d.notes)
    return row


def check_lines(lines: Iterable[str]) -> Iterator[tuple[dict[str, Any], bool]]:
    """For every line that is not blank: the row to write, and whether the input was in order."""
    return answer_lines(
        lines,
        Task,
        lambda identity, task: derivation_row(identity, check_task(task)),
        lambda identity, why: derivation_row(identity, Derivation(())) | {"reason": "author", "message": why},
    )


def marked_answers(
    rubric: Rubric, submission: Submission, without: Without, at: AtPlace, known: LinesOf
) -> tuple[MarkedDerivation, ...]:
    """The derivations in the answers, as ``known`` has or finds them; a fault of ours here costs the marks
    beside the lines, nothing else."""
    found = []
    for question in rubric.questions:
        answer = submission.answers.get(question.id)
        if answer is None or question_at(question.id) in without or not _may_have_lines(question, answer):
            continue
        place = lines_at(question.id)
        if place in without:
            found.append(MarkedDerivation(question.id, (), (without[place],)))
            continue
        at(place)
        try:
            marked = known(question, answer, marked_answer)
        except Exception as e:
            marked = MarkedDerivation(question.id, (), (LINES_FAULT.format(sentence(e)),))
        if marked is not None:
            found.append(marked)
    return tuple(found)


def _may_have_lines(question: Question, answer: Answer) -> bool:
    if question.given is None and not any(c.kind in FORMULAS for c in question.criteria):
        return False
    if answer.state is not AnswerState.GIVEN or not isinstance(answer.value, str | dict | None):
        return False
    return bool(_text(answer).strip())


def marked_answer(question: Question, answer: Answer) -> MarkedDerivation | None:
    """The lines of an answer with their marks, if it holds a derivation.

    That is at least two lines of which one was, or would have been, held against another. Tables, numbers and
    words hold none that are worth a mark, unless the question says what is ``given``.
    """
    if not _may_have_lines(question, answer):
        return None
    text = _text(answer)
    comma = question.locale == "decimal-comma"
    found = trace(text, question.declarations, question.given or (), decimal_comma=comma)
    unread = any(s.status == "unread" and s.before is not None for s in found.steps)
    if len(found.steps) < 2 or not (found.tried or unread):
        return None
    sure = question.given is not None
    lines = [
        marked_line(text, s, m, above, sure=sure)
        for s, m, above in zip(found.steps, found.marks, (None, *found.steps), strict=False)
    ]
    return MarkedDerivation(question.id, tuple(lines), found.derivation.notes)


def _text(answer: Answer) -> str:
    """What was written; of an object the parts, without their names: "a" names a part, and no vector."""
    if not isinstance(answer.value, dict):
        return str(answer.value) if isinstance(answer.value, str) else answer.text
    return "\n\n".join(x for x in answer.value.values() if isinstance(x, str))
