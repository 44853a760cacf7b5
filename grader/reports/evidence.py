"""What the evidence of a finding is called on the pages, and what of it students do not see."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["LABELS", "PRIVATE", "SHOWN_APART", "label"]

LABELS: Mapping[str, str] = {
    # the verdict
    "level": "how sure it is",
    "by": "how it was shown",
    "points": "random points compared at",
    "dimensions": "sizes tried",
    "degree": "degree of the difference, at most",
    "bound": "chance that unequal answers agree there, at most",
    "relative_bits": "bits of precision",
    "tolerance": "tolerance",
    "swept": "values gone through",
    "undefined": "why it has no value",
    "counterexample": "where the two differ",
    "wrong part": "the part that is wrong",
    "does not fit": "the part that does not fit together",
    "expected_shape": "shape that is expected",
    "your_shape": "shape of yours",
    "expected_count": "values that are expected",
    "your_count": "values in yours",
    "wrong_entries": "entries that are wrong",
    "wrong entries": "entries that are wrong (row, column)",
    "entries found": "entries that were found",
    "conventions": "conventions it follows",
    "growth": "how yours grows",
    "rates": "how fast yours grows in one direction",
    "directions": "directions tried",
    "read": "read as growing like",
    "taken as constants": "taken as constants",
    # what was read
    "text": "your words",
    "line": "the line",
    "first false line": "the first line that is wrong",
    "reason": "why it could not be used",
    "read from": "read from",
    "the code computes": "what the code computes",
    "code": "the code",
    "code cells": "code cells",
    "printed": "what it printed",
    "unread": "lines that were not read",
    "numbers": "numbers that were found",
    "vectors": "vectors that were found",
    "caption": "the caption",
    "figures": "figures that were found",
    "edges": "edges that were read",
    "doubts": "what could be read in two ways",
    # requirements
    "found": "what was found",
    "not found": "what was not found",
    "remarks": "remarks",
    "requirements": "requirements",
    "requirement": "requirement",
    "failed": "what fails",
    "met": "met",
    "seen": "what was seen",
    "rows": "row by row",
    "wrong": "what is wrong",
    "variant": "known variant",
    "groups": "groups of tests",
    "public": "public tests",
    "not run": "why it was not run",
    # parts of tables
    "name": "name",
    "row": "row",
    "yours": "yours",
    "right": "right",
    "cases": "cases",
    "credit": "share of the points",
    "values": "values",
    "solves": "solves",
    # of a person
    "decided by": "decided by",
    # for the instructor alone
    "expected": "expected",
    "hint": "hint for whoever marks",
    "machine": "what the machine said",
    "mistake": "mistake",
    "raised at": "raised at",
    "reference": "reference",
    "suggested": "suggested share",
}
"""By the key that a checker gives it; a key that is a rubric's or a student's own is its own label."""

PRIVATE = frozenset(
    {"expected", "hint", "machine", "mistake", "not found", "raised at", "reference", "suggested"}
)
"""For the instructor's eyes: what would hand out the answer, and names of mistakes."""

SHOWN_APART = frozenset({"counterexample", "wrong part", "does not fit", "reason"})
"""What a page has a place of its own for, or says in the message."""


def label(key: str) -> str:
    return LABELS.get(key, key.replace("_", " "))
