"""Which answers are one answer: what a person decides about one of them holds for the others.

Answers that were judged are one if they were judged alike and have the same value (or, where the kind
compares no values, were read as the same). Answers that wait for a person are one only if their text is
the same but for white space: what the machine made out of them is no reason to take two for one.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import Any

from grader.model import Answer, Judgement, Outcome
from grader.rubric import Criterion, Question

__all__ = ["answer_group"]

LENGTH = 12  # hexadecimal digits


def answer_group(question: Question, criterion: Criterion, answer: Answer, judgement: Judgement) -> str:
    """A key of hexadecimal digits, the same on every run over the same rubric."""
    if judgement.outcome is Outcome.MISSING:
        said = ""
    elif judgement.outcome.waits_for_person:
        said = _text(answer)
    else:
        said = judgement.same or _plain(judgement.read_as) or _text(answer)
    parts = (
        question.id,
        criterion.id,
        judgement.outcome.value,
        repr(float(judgement.credit)),
        judgement.mistake or "",
        said,
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:LENGTH]


def _text(answer: Answer) -> str:
    code = "\n".join(cell.source for cell in answer.code)
    return "\0".join((_plain(answer.text), _value(answer.value), _plain(code)))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _value(value: Any) -> str:
    try:
        return "" if value is None else json.dumps(value, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return repr(type(value))
