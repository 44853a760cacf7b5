"""``grade doctor`` as lines of text: what works here, what is missing, and how to get it."""

from __future__ import annotations

from collections.abc import Iterator

from grader.sandbox.facts import Health
from grader.sandbox.tiers import NONE

__all__ = ["doctor_lines"]

_WORDS = {True: "ok", False: "missing", None: ""}


def doctor_lines(health: Health) -> Iterator[str]:
    for fact in health.facts:
        yield f"{_WORDS[fact.good]:8}{fact.name:16}{fact.text}"
        if fact.cure:
            yield f"{'':8}{'':16}{fact.cure}"
    yield ""
    if health.tier is NONE:
        yield "No sandbox works here, so student code is not run: what needs running goes to a person."
        yield "Everything else is graded as usual."
        return
    yield f"Student code runs in: {health.tier.title}"
    yield from (f"  holds: {line}" for line in health.tier.holds)
    yield from (f"  does not hold: {line}" for line in health.tier.lacks)
