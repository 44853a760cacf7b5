"""The confusion tables of a simulated class, and the worst of what was graded wrongly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.engine.measure import FAULTS, Fault, Measured
from grader.engine.simulate import Expected
from grader.model import Outcome
from grader.reports.text import count, number, one_line

__all__ = ["measured_lines"]

MAX_SHOWN = 10  # faults of each sort
MAX_TEXT = 300
OUTCOMES = tuple(str(o) for o in Outcome)
WORDS = {
    "accepted": "wrong accepted",
    "rejected": "right rejected",
    "short": "listed mistake earned less than listed",
    "unread": "file not read",
}


def measured_lines(found: Measured) -> list[str]:
    """A table for each question (truth × outcome), the worst grades, and the verdict."""
    questions = list(dict.fromkeys(q for q, _, _ in found.table))
    lines = [f"{found.rubric}: {count(found.students, 'simulated student', 'simulated students')}", ""]
    lines += list(_table(found, questions))
    for sort in FAULTS:
        for fault in found.worst[sort][:MAX_SHOWN]:
            lines += ["", *_fault(fault)]
        rest = found.faults[sort] - MAX_SHOWN
        lines += ["", f"… and {rest} more: {WORDS[sort]}"] if rest > 0 else []
    waiting = sum(n for (_, truth, o), n in found.table.items() if _waits(o) and truth is not Expected.PERSON)
    said = ", ".join(f"{WORDS[s]}: {found.faults[s]}" for s in FAULTS if s != "unread" or found.faults[s])
    return [*lines, "", f"{said}; left to a person that a machine might judge: {waiting}."]


def _waits(outcome: str) -> bool:
    return Outcome(outcome).waits_for_person


def _table(found: Measured, questions: Sequence[str]) -> Iterator[str]:
    shown = [o for o in OUTCOMES if any(o == out for _, _, out in found.table)]
    cells = [["question", "truth", *shown]]
    for q in [*questions, "all"]:
        for truth in Expected:
            row = [
                sum(
                    n
                    for (at, e, o), n in found.table.items()
                    if (at == q or q == "all") and (e, o) == (truth, out)
                )
                for out in shown
            ]
            if any(row):
                cells.append([q, str(truth), *(str(n or "·") for n in row)])
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    for k, texts in enumerate(cells):
        aligned = enumerate(zip(texts, widths, strict=True))
        text = [c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in aligned]
        yield "  ".join(text).rstrip()
        if k == 0:
            yield "  ".join("-" * w for w in widths)


def _fault(fault: Fault) -> list[str]:
    t = fault.truth
    most = f"{'less than ' if t.below else ''}{number(t.high)}"
    due = number(t.low) if t.low == t.high else f"{number(t.low)} to {most}"
    said = (
        f"{WORDS[fault.sort]}: {t.student}, {t.question}/{t.criterion}: {number(fault.points)} of "
        f"{number(t.max_points)} points ({fault.outcome}), due {due}"
    )
    return [
        said,
        f"    written as {t.variant or t.expected}",
        f"    {one_line(fault.message)[:MAX_TEXT]}",
        f"    {one_line(fault.text)[:MAX_TEXT]}",
    ]
