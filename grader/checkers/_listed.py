"""What an author lists beside the expected formula: other forms that count, and wrong ones that occur."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from grader.maths.authoring import check_credit, compiled_labels
from grader.rubric import Criterion, Question

__all__ = ["Alternative", "KnownMistake", "all_labels", "check_listed", "foreign_labels"]


class Alternative(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another form that counts, under a convention that the message states."""

    expected: str
    convention: str
    credit: float = 1.0


class KnownMistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrong answer that occurs: what to say, and what it still earns."""

    answer: str
    feedback: str
    credit: float = 0.0
    id: str = ""


def check_listed(alternatives: Sequence[Alternative], mistakes: Sequence[KnownMistake]) -> None:
    """Their credits are shares.

    Raises:
        RubricError: one is not between 0 and 1.
    """
    for i, a in enumerate(alternatives):
        check_credit(a.credit, f"alternatives[{i}].credit")
    for i, m in enumerate(mistakes):
        check_credit(m.credit, f"mistakes[{i}].credit")


def all_labels(question: Question) -> frozenset[str]:
    """The labels of all formulas of a question.

    Raises:
        RubricError: one cannot be read.
    """
    return _labels({c.id: c for c in question.criteria})


def foreign_labels(question: Question) -> frozenset[str]:
    """Labels of the sheet's earlier questions that are no label in this one.

    Raises:
        RubricError: one cannot be read.
    """
    return _labels(question.before) - all_labels(question)


def _labels(criteria: Mapping[str, Criterion]) -> frozenset[str]:
    out: frozenset[str] = frozenset()
    for place, c in criteria.items():
        given = c.options.get("labels", [])
        texts = [t for t in given if isinstance(t, str)] if isinstance(given, list) else []
        out |= compiled_labels(texts, f"labels (of {place})")
    return out
