"""How an answer was read: what stands under "we read" on every page."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model import Finding, Outcome

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
    if finding.outcome is Outcome.ERROR or not finding.marked:
        return Read(finding.read_as, finding.drawn)
    wrong, misfit = (str(finding.evidence.get(key, "")) for key in ("wrong part", "does not fit"))
    return Read(finding.read_as, finding.marked, wrong, misfit)
