"""What the pages of a class need of its results, small enough to be held for a hundred thousand of them.

Results lie on disk (``grader/engine/spool.py``); one walk over them makes this. Of a finding only what can be
said of many answers alike is kept, and each such finding once, however many answers have it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from grader.engine.executors import Graded
from grader.model import Finding, MarkedDerivation, MarkedLine, SubmissionResult
from grader.reports.queue import SEEN, quoted

__all__ = ["Light", "lighten"]

EVIDENCE = ("mistake", "wrong part", "does not fit", "wrong entries")  # that a class's pages look at
_OWN = frozenset(("student", "where", "evidence"))
_SHARED = tuple(f.name for f in fields(Finding) if f.name not in _OWN)
Marks = tuple[str, ...]


@dataclass(slots=True)
class Light:
    """``graded``: the results without answers, places and most evidence; ``quotes``: for each finding in
    them, by its ``id``, the answer of the first submission that has it."""

    graded: list[Graded] = field(default_factory=list)
    quotes: dict[int, str] = field(default_factory=dict)

    @property
    def results(self) -> list[SubmissionResult]:
        return [g.result for g in self.graded]


def lighten(graded: Iterable[Graded]) -> Light:
    out = Light()
    findings: dict[tuple[Any, ...], Finding] = {}
    lines: dict[tuple[str, Marks], MarkedDerivation] = {}
    words: dict[str, str] = {}
    for g in graded:
        mine = []
        quote: dict[str, str] = {}  # one text for all criteria of a question
        for f in g.result.findings:
            kept = {k: f.evidence[k] for k in EVIDENCE if k in f.evidence}
            key = (*(getattr(f, name) for name in _SHARED), *map(str, kept.items()))
            light = findings.get(key)
            if light is None:
                if f.outcome.waits_for_person:  # for whoever decides; of the first who has it
                    kept |= {k: f.evidence[k] for k in SEEN if k in f.evidence}
                light = findings[key] = replace(f, student="", where="", evidence=kept)
                if f.question not in quote:
                    quote[f.question] = quoted(g.result, f.question)
                out.quotes[id(light)] = quote[f.question]
            mine.append(light)
        result = replace(
            g.result,
            rubric=words.setdefault(g.result.rubric, g.result.rubric),
            sandbox=words.setdefault(g.result.sandbox, g.result.sandbox),
            submission=None,
            findings=tuple(mine),
            derivations=tuple(_marks_of(d, lines) for d in g.result.derivations),
        )
        out.graded.append(Graded(result, g.seconds))
    return out


def _marks_of(d: MarkedDerivation, lines: dict[tuple[str, Marks], MarkedDerivation]) -> MarkedDerivation:
    key = d.question, tuple(line.mark for line in d.lines)
    if key not in lines:
        lines[key] = MarkedDerivation(d.question, tuple(MarkedLine("", mark, "") for mark in key[1]))
    return lines[key]
