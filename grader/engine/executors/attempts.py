"""A piece of work that ends its worker: how often it is tried again, without what, and when it is given up.

A place (``grader/engine/places.py``) where a worker ended ``STRIKES`` times, or once did not come to an end
in time, is left out from then on; everything else of the submission is graded. What cannot be left out, and
what ends workers all over the place, is given up as a whole.
"""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import dataclass, field

from grader.engine.places import FILE

__all__ = ["Attempts", "Mishap"]

STRIKES = 2  # how often a worker may end at one place
MAX_LEFT_OUT = 3  # places of one submission that are left out; the next one gives it up
MAX_MISHAPS = 6  # in all, wherever they were

DOING = {"question": "Judging this answer", "lines": "Checking the lines", "code": "Running the code"}
AFTER = {
    "question": "it was not decided. A person looks.",
    "lines": "they have no marks, which costs nothing.",
    "code": "what depends on it was not decided. A person looks.",
}


@dataclass(frozen=True, slots=True)
class Mishap:
    """A worker that ended, or (``how`` is empty) had to be ended, at a place."""

    place: str
    how: str = ""

    @property
    def hung(self) -> bool:
        return not self.how


@dataclass(slots=True)
class Attempts:
    """What one piece of work has done to its workers so far.

    ``without``: what the next attempt leaves out, and why; ``given_up``: why there is no next attempt, as a
    clause that follows "Grading this submission"; ``limit``: the seconds it may take.
    """

    limit: float
    whole: bool = False  # it has no places
    without: dict[str, str] = field(default_factory=dict)
    mishaps: list[Mishap] = field(default_factory=list)
    given_up: str = ""

    def note(self, mishap: Mishap) -> None:
        """Decide what a mishap means for the next attempt."""
        self.mishaps.append(mishap)
        at_place = Counter(m.place for m in self.mishaps if not m.hung)[mishap.place]
        times = len(self.mishaps)
        if mishap.hung:
            said = f"took more than {self.limit:g} seconds and was stopped"
        else:
            said = f"ended its process {at_place} times ({mishap.how})"
        sort = mishap.place.partition(" ")[0]
        if at_place >= STRIKES or mishap.hung:
            if self.whole or sort not in DOING or mishap.place in self.without:
                self.given_up = f"{said} while its file was read" if mishap.place == FILE else said
            elif len(self.without) == MAX_LEFT_OUT:
                self.given_up = f"ended its process or took more than {self.limit:g} seconds {times} times"
            else:
                self.without[mishap.place] = f"{DOING[sort]} {said}; {AFTER[sort]}"
        elif times >= MAX_MISHAPS:
            self.given_up = f"ended its process {times} times ({mishap.how})"


def how_it_ended(exit_code: int | None) -> str:
    """An exit code in words: ``exit code 9``, ``SIGSEGV``."""
    if exit_code is not None and exit_code < 0:
        try:
            return signal.Signals(-exit_code).name
        except ValueError:
            return f"signal {-exit_code}"
    return f"exit code {exit_code}"
