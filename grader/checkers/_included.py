"""A result that is not written down by itself, but stands inside a right later one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.errors import RubricError
from grader.maths.authoring import compiled_formula, compiled_labels
from grader.maths.compare import Problem
from grader.maths.mutation import agrees
from grader.maths.scope import Scope
from grader.maths.select import labelled, unlabelled
from grader.maths.statements import Statement
from grader.model import Judgement, Outcome
from grader.rubric import Question

__all__ = ["Whole", "compiled_whole", "included"]


@dataclass(frozen=True)
class Whole:
    """The later result."""

    criterion: str
    problem: Problem
    labels: frozenset[str]


def compiled_whole(criterion: str, question: Question) -> Whole | None:
    """The formula of the criterion that ``included_in`` names.

    Raises:
        RubricError: there is no such formula in this question.
    """
    if not criterion:
        return None
    formulas = {c.id: c.options for c in question.criteria if c.kind == "expression"}
    if criterion not in formulas:
        raise RubricError(
            f"`included_in` is {criterion!r}; the formulas of this question are {', '.join(formulas)}"
        )
    options = formulas[criterion]
    row = bool(options.get("accept_transpose", False))
    problem = compiled_formula(question.declarations, options["expected"], "included_in", None, row)
    return Whole(criterion, problem, compiled_labels(options.get("labels", []), "labels"))


def included(
    whole: Whole | None, statements: Sequence[Statement], scope: Scope, own: frozenset[str]
) -> Judgement | None:
    """Full credit where nothing stands under the part's own labels and the later result is right."""
    if whole is None or labelled(statements, scope, own):
        return None
    chains = labelled(statements, scope, whole.labels) or unlabelled(statements, scope, frozenset())
    reading = chains[0][0].reading if chains else None
    if reading is None or not agrees(whole.problem, reading):
        return None
    message = "Not written down by itself, but contained in your right final result."
    return Judgement(Outcome.CORRECT, 1.0, message, evidence={"level": "supported"}, carried=None)
