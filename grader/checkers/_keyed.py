"""Judgements of formulas: the outcome that a share of the points is, and what makes two answers one."""

from __future__ import annotations

from dataclasses import replace

from grader.maths.expected import Expected
from grader.maths.fingerprint import fingerprint
from grader.maths.reading import Reading
from grader.maths.verdict import Comparison
from grader.model import Judgement, Outcome


def keyed(want: Expected, out: Judgement) -> Judgement:
    """The judgement with the key that answers of its value share, unless it has one."""
    if out.same or not isinstance(out.carried, Reading):
        return out
    return replace(out, same=fingerprint(want, out.carried))


def credited(
    credit: float,
    message: str,
    final: Comparison,
    v: Comparison,
    *,
    mistake: str | None = None,
    carried: Reading | None = None,
) -> Judgement:
    """``final``: what was read; ``v``: the verdict whose evidence counts."""
    outcome = Outcome.CORRECT if credit == 1 else Outcome.PARTIAL if credit else Outcome.INCORRECT
    evidence = dict(v.evidence)
    return Judgement(outcome, credit, message, final.read_as, evidence, mistake=mistake, carried=carried)
