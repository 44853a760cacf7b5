"""A choice among named options: yes or no, A or B, which feature.

Each option has patterns (regular expressions, case ignored). An option counts when one of its patterns
stands in the answer and is not denied ("not convex", "does not blur"). Exactly one option: judged. None,
or several: a person, with what was found. It misses irony and sentences that deny from far away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from grader.checkers import Check
from grader.errors import RubricError
from grader.maths.parts import part_of
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to tell the student (and a person) when ``words`` occur without ``unless``."""

    words: str
    feedback: str
    unless: str = ""
    credit: float = 1.0


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``choices``: option → patterns; ``expected``: the right one; ``feedback``: option → what to say
    of a wrong one; ``parts``: names of this part in a JSON answer; ``notes``: remarks that may cost."""

    choices: dict[str, list[str]]
    expected: str
    feedback: dict[str, str] = {}
    parts: list[str] = []
    notes: list[Note] = []
    wrong_credit: dict[str, float] = {}


_DENIAL = re.compile(r"\b(not|no|never|isn't|doesn't|don't|aren't|cannot|can't|neither|nor|without|non|rather than|instead of)\b[\s-]*(\w+[\s-]+){0,2}$", re.IGNORECASE)


def build(options: Options, question: Question) -> Check:
    if options.expected not in options.choices:
        raise RubricError(f"{question.place}: `expected` is {options.expected!r}; the choices are {', '.join(options.choices)}")
    patterns: dict[str, list[re.Pattern[str]]] = {}
    for name, texts in options.choices.items():
        try:
            patterns[name] = [re.compile(t, re.IGNORECASE) for t in texts]
        except re.error as e:
            raise RubricError(f"{question.place}: a pattern of the choice {name!r} is not valid: {e}") from e

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        text = _plain(part.text)
        if not text.strip():
            return Judgement(Outcome.MISSING, 0.0, "Nothing was written for this part.")
        hits = {name: _first(ps, text) for name, ps in patterns.items()}
        found = {name: hit for name, hit in hits.items() if hit}
        evidence: dict[str, object] = {"found": {k: f"“{v}”" for k, v in found.items()}}
        if len(found) != 1:
            why = "No option could be recognised" if not found else "Several options are mentioned"
            evidence["text"] = text[:600]
            return Judgement(Outcome.REVIEW, 0.0, f"{why}: a person decides.", evidence=evidence)
        (name,) = found
        read_as = f"your choice: {name}"
        if name != options.expected:
            credit = options.wrong_credit.get(name, 0.0)
            message = options.feedback.get(name, f"“{name}” is not the right choice.")
            return Judgement(Outcome.PARTIAL if credit else Outcome.INCORRECT, credit, message, read_as, evidence, mistake=name)
        credit, remarks = 1.0, []
        for note in options.notes:
            if re.search(note.words, text, re.IGNORECASE) and not (note.unless and re.search(note.unless, text, re.IGNORECASE)):
                remarks.append(note.feedback)
                credit = min(credit, note.credit)
        if remarks:
            evidence["remarks"] = remarks
        message = " ".join(["The right choice.", *remarks])
        return Judgement(Outcome.CORRECT if credit == 1 else Outcome.PARTIAL, credit, message, read_as, evidence)

    return check


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """The reference says which choice is right."""
    values = getattr(oracle, "values", ())
    return [
        f"`expected` is {options.expected!r}, the reference says {v!r}"
        for v in values
        if isinstance(v, str) and v.casefold() != options.expected.casefold()
    ]


def _plain(text: str) -> str:
    return re.sub(r"[*_`$]+", " ", text)


def _first(patterns: list[re.Pattern[str]], text: str) -> str:
    for p in patterns:
        for m in p.finditer(text):
            before = re.split(r"[.;!?]", text[: m.start()])[-1]
            if not _DENIAL.search(before):
                return m.group().strip()
    return ""
