"""How an answer was read: what stands under "we read" on every page."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model import Finding, Outcome
from grader.reports.values import is_matrix, matrix

__all__ = ["NOTHING", "Read", "read"]


@dataclass(frozen=True, slots=True)
class Read:
    """As text and as LaTeX, and which part of it is marked there."""

    text: str
    drawn: str = ""
    wrong: str = ""  # with another term there alone it would be right
    misfit: str = ""  # its shapes do not fit together

    def __bool__(self) -> bool:
        return bool(self.text or self.drawn)


NOTHING = Read("")


def read(finding: Finding) -> Read:
    """How an answer was read for a criterion."""
    if finding.outcome is Outcome.ERROR:
        return Read(finding.read_as, finding.drawn)
    if not finding.marked:
        return Read(finding.read_as, finding.drawn or _entries(finding))
    wrong, misfit = (str(finding.evidence.get(key, "")) for key in ("wrong part", "does not fit"))
    return Read(finding.read_as, finding.marked, wrong, misfit)


def _entries(finding: Finding) -> str:
    """A matrix of numbers with the entries marked that are wrong; the message says which they are."""
    wrong = finding.evidence.get("wrong entries")
    if not isinstance(wrong, list) or not is_matrix(finding.read_as):
        return ""
    return matrix(finding.read_as, {(p[0], p[1]) for p in wrong if isinstance(p, list) and len(p) == 2})
