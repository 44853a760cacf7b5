"""One answer and one criterion: whatever the check does, there is a judgement."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from grader.checkers import Check
from grader.engine.drawn import with_drawing
from grader.engine.faults import raised_at, sentence
from grader.engine.running import values_of
from grader.model import Answer, AnswerState, Judgement, Outcome
from grader.rubric import Criterion

__all__ = ["judge"]

MAX_REFERENCE = 80  # characters of an answer that only says where the answer is
_ELSEWHERE = re.compile(
    r"\(?\W?(?:please |pls )?see (?:the |my |our )?(?:attached|attachment|appendix|scan|photo|picture|image"
    r"|pdf|paper|handwritten|next page|last page|other file|file|notes)(?: [a-z]+){0,4}\W{0,3}",
    re.IGNORECASE,
)
ELSEWHERE_MESSAGE = "The answer refers to something that is not in this file: a person looks for it."
READS_CODE = frozenset(
    ("code", "graph", "plot", "prose", "witness", "choice")
)  # kinds that see to it themselves
MAX_CODE = 600  # of code that a person sees in the evidence

MISSING_MESSAGE = "Nothing was handed in for this question."
CODE_MESSAGE = "Only code stands here, and nothing it printed was recognised: a person looks."
RAN_MESSAGE = "Only code stands here; it was run, and a person looks at what it computes."
FIGURE_MESSAGE = "A figure may have been lost when this sheet became text: a person looks at the original."


def judge(answer: Answer, criterion: Criterion, check: Check, earlier: Mapping[str, Judgement]) -> Judgement:
    if answer.state is AnswerState.MISSING:
        return Judgement(Outcome.MISSING, 0.0, MISSING_MESSAGE)
    if answer.state is AnswerState.FIGURE:
        return Judgement(Outcome.REVIEW, 0.0, FIGURE_MESSAGE)
    if answer.value is None and not answer.code and _ELSEWHERE.fullmatch(answer.text.strip()[:MAX_REFERENCE]):
        return Judgement(Outcome.REVIEW, 0.0, ELSEWHERE_MESSAGE)
    try:
        judgement = check(answer, earlier)
        if answer.code and criterion.kind not in READS_CODE:
            judgement = _in_code(judgement, answer, check, earlier)
        if not (math.isfinite(judgement.credit) and 0 <= judgement.credit <= 1):
            raise ValueError(f"credit is {judgement.credit!r}; expected a share between 0 and 1")
        if criterion.computed and answer.ran:
            judgement = _by_running(judgement, answer, criterion, check, earlier)
        only_code = bool(answer.code) and not answer.text.strip() and criterion.kind not in READS_CODE
        if judgement.outcome is Outcome.MISSING and only_code:
            evidence = {"code": "\n\n".join(c.source for c in answer.code)[:MAX_CODE]}
            return Judgement(Outcome.REVIEW, 0.0, CODE_MESSAGE, evidence=evidence)
    except Exception as e:
        return Judgement(
            Outcome.ERROR,
            0.0,
            f"The criterion {criterion.id!r} could not be run ({sentence(e)}). "
            "This is a fault of the grader or of the rubric and costs no marks.",
            evidence={"raised at": raised_at(e)},
        )
    return with_drawing(judgement)


def _in_code(
    judgement: Judgement, answer: Answer, check: Check, earlier: Mapping[str, Judgement]
) -> Judgement:
    """What the answer's code says where its text says nothing: ``w_1 = w_0 - eta * g`` in a fenced block or
    a code cell is an answer. It is read, never run."""
    if judgement.outcome not in (Outcome.MISSING, Outcome.REVIEW):
        return judgement
    source = "\n".join(cell.source for cell in answer.code)
    again = check(replace(answer, text=source, value=None, code=()), earlier)
    taken = {Outcome.CORRECT, Outcome.PARTIAL}
    if judgement.outcome is Outcome.MISSING:
        taken.add(Outcome.INCORRECT)
    if again.outcome not in taken:
        return judgement
    return replace(again, evidence={**again.evidence, "read from": "code"})


def _by_running(
    judgement: Judgement,
    answer: Answer,
    criterion: Criterion,
    check: Check,
    earlier: Mapping[str, Judgement],
) -> Judgement:
    """What the student's own program computes where the text says too little: its values are right, or a
    person sees them. They never make an answer wrong, since they may be of something else."""
    values = values_of(criterion.computed, answer.ran)
    if not values or judgement.outcome not in (Outcome.MISSING, Outcome.REVIEW):
        return judgement
    again = check(replace(answer, text="", value=values), earlier)
    if again.outcome is Outcome.CORRECT:
        return replace(again, evidence={**again.evidence, "read from": "running the code"})
    if judgement.outcome is Outcome.MISSING:
        judgement = Judgement(Outcome.REVIEW, 0.0, RAN_MESSAGE)
    return replace(judgement, evidence={**judgement.evidence, "the code computes": values})
