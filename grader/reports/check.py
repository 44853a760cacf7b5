"""``grade check``: what a student may hear before handing in.

How each answer was read, what is missing or cannot be read, and the outcome of what the rubric marks as
public; which lines of a derivation hold; what code gives in the public cases, whose inputs and values are no
secret. Never a message of a private check, an expected value or a counterexample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.model import Answer, AnswerState, Finding, Outcome, Status, SubmissionResult
from grader.reports.derivations import told_lines
from grader.reports.text import count, visible
from grader.rubric import Question, Rubric

__all__ = ["check_lines", "check_status", "question_lines", "unreported"]

LIKELY = " Likely mistake:"  # begins the part of a message that hands out what was expected
PUBLIC_WORDS = {
    Outcome.CORRECT: "passed",
    Outcome.PARTIAL: "passed in part",
    Outcome.INCORRECT: "not passed",
    Outcome.REVIEW: "a person decides",
    Outcome.ERROR: "could not be checked (a fault of ours)",
}


def check_status(result: SubmissionResult, rubric: Rubric | None) -> int:
    """0 if everything asked for was found and read, else 1; a bonus question may be left out."""
    if result.status is Status.UNREADABLE or rubric is None:
        return 1
    bonus = {q.id for q in rubric.questions if q.bonus}
    return int(
        any(
            f.outcome is Outcome.UNREADABLE or (f.outcome is Outcome.MISSING and f.question not in bonus)
            for f in result.findings
        )
    )


def check_lines(result: SubmissionResult, rubric: Rubric | None, marks: Mapping[Outcome, str]) -> list[str]:
    if result.status is Status.UNREADABLE or rubric is None or result.submission is None:
        lines = [f"{result.source}: {result.message}"]
        if result.cure:
            lines.append(f"What helps: {result.cure}.")
        return [visible(line) for line in lines]
    lines = [f"{result.source}: {rubric.title}, student {result.student}"]
    lines += [f"  note: {note}" for note in result.submission.notes]
    for question in rubric.questions:
        lines += ["", f"{question.id}  {question.title}".rstrip()]
        lines += [f"  {line}" for line in question_lines(result, question, marks)]
    closing = unreported(result, rubric.questions)
    lines += ["", closing] if closing else []
    return [visible(line) for line in lines]


def unreported(result: SubmissionResult, questions: Sequence[Question]) -> str:
    """How many checks of answers that could be read are not public; empty where there are none."""
    private = {(q.id, c.id) for q in questions for c in q.criteria if not c.public}
    nothing = (Outcome.MISSING, Outcome.UNREADABLE)
    hidden = sum((f.question, f.criterion) in private and f.outcome not in nothing for f in result.findings)
    verb, they = ("is", "it is") if hidden == 1 else ("are", "they are")
    text = f"{count(hidden, 'check')} {verb} not reported here; this does not mean {they} right."
    return text if hidden else ""


def question_lines(result: SubmissionResult, question: Question, marks: Mapping[Outcome, str]) -> list[str]:
    """What may be said of one answer of a submission that could be read."""
    findings = {f.criterion: f for f in result.findings if f.question == question.id}
    answer = result.submission.answers.get(question.id) if result.submission else None
    mine = [d for d in result.derivations if d.question == question.id]
    derivation = [line for d in mine for line in told_lines(d, marks)]
    return _question(question, answer, findings, marks, derivation)


def _misfits(findings: Mapping[str, Finding]) -> list[str]:
    """Matrices that do not fit together: no secret, and what a student can mend alone. What it was likely
    meant to be is not said."""
    found = [f.message for f in findings.values() if f.evidence.get("reason") == "shape"]
    return list(dict.fromkeys(text.partition(LIKELY)[0] for text in found))


def _question(
    question: Question,
    answer: Answer | None,
    findings: Mapping[str, Finding],
    marks: Mapping[Outcome, str],
    derivation: Sequence[str],
) -> list[str]:
    if answer is None or answer.state is AnswerState.MISSING:
        extra = " (a bonus question: you may leave it out)" if question.bonus else ""
        return [f"{marks[Outcome.MISSING]} missing: nothing was found for this question{extra}"]
    if answer.state is AnswerState.FIGURE:
        return [f"{marks[Outcome.REVIEW]} no text here; if there is a figure, a person looks at it"]
    lines = [f"note: {note}" for note in answer.notes]
    lines += [f"read as: {text}" for text in dict.fromkeys(f.read_as for f in findings.values() if f.read_as)]
    misfits = _misfits(findings)
    arrays = any(kind.startswith(("matrix", "vector")) for _, kind in question.declarations.symbols)
    if arrays and not misfits and any(f.drawn for f in findings.values()):
        lines.append("the shapes fit together")
    lines += [f"{marks[Outcome.INCORRECT]} {text}" for text in misfits]
    unreadable = [f.message for f in findings.values() if f.outcome is Outcome.UNREADABLE]
    lines += [
        f"{marks[Outcome.UNREADABLE]} cannot be read: {message}" for message in dict.fromkeys(unreadable)
    ]
    if not lines and any(f.outcome is Outcome.MISSING for f in findings.values()):
        return [
            f"{marks[Outcome.MISSING]} found at {answer.where}, but nothing of what is asked was recognised"
        ]
    missing = sum(f.outcome is Outcome.MISSING for f in findings.values())
    if missing:  # not which: a title may say what is right
        lines.append(
            f"{marks[Outcome.MISSING]} not recognised: {missing} of the {len(findings)} things asked for"
        )
    lines += derivation
    lines += [
        f"{marks[findings[c.id].outcome]} {c.title}: {PUBLIC_WORDS[findings[c.id].outcome]}"
        for c in question.criteria
        if c.public and findings[c.id].outcome in PUBLIC_WORDS
    ]
    for c in question.criteria:
        ran = findings[c.id].evidence.get("public", [])
        lines += [f"{c.title}, {text}" for text in ran]
    return lines or [f"found at {answer.where}"]
