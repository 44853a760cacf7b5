"""For tests of texts made to take for ever: that they end. How fast things are, benchmarks/ measure."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

ENDS_WITHIN = (
    30.0  # seconds of this process's own time: far above what a slow machine needs, far below for ever
)


@contextmanager
def ends(what: str = "this") -> Iterator[None]:
    """What stands in the block comes to an end of itself.

    The time is this process's own, so that a busy machine changes nothing, and the limit is some
    hundred times what is needed: only a backtracking pattern, a tower of powers or the like meets it.
    """
    begun = time.process_time()
    yield
    took = time.process_time() - begun
    assert took < ENDS_WITHIN, f"{what} took {took:.0f} s of processor time"
