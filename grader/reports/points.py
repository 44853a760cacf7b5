"""Sums, counts and one word for an answer, without data frames: a student's check must start at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache

from grader.model import Finding, Outcome, Status, SubmissionResult

__all__ = ["answer_outcome", "counts", "sandboxes", "total", "waiting"]


def total(points: Iterable[float]) -> float:
    """A sum without rounding: ten times 0.1 is 1."""
    return _total(tuple(points))


@lru_cache(maxsize=8192)  # criteria have few different points
def _total(points: tuple[float, ...]) -> float:
    return float(sum((Fraction(repr(float(p))) for p in points), Fraction(0)))


def waiting(findings: Iterable[Finding]) -> float:
    """The points that wait for a person."""
    return total(f.max_points for f in findings if f.outcome.waits_for_person)


def answer_outcome(outcomes: Iterable[Outcome]) -> Outcome:
    """One word for a whole answer, from its criteria: what waits for a person shows first."""
    found = set(outcomes)
    for word in (Outcome.ERROR, Outcome.UNREADABLE, Outcome.REVIEW):
        if word in found:
            return word
    if Outcome.INCORRECT in found and found <= {Outcome.INCORRECT, Outcome.MISSING}:
        return Outcome.INCORRECT  # nothing of it is right
    return found.pop() if len(found) == 1 else Outcome.PARTIAL


def counts(results: Sequence[SubmissionResult]) -> dict[str, int]:
    """How many submissions have each status."""
    return {
        "submissions": len(results),
        **{status.value: sum(r.status is status for r in results) for status in Status},
    }


def sandboxes(results: Sequence[SubmissionResult]) -> list[str]:
    """What student code ran in, or why none was run; empty: there was none to run."""
    return sorted({r.sandbox for r in results} - {""})
