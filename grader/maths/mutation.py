"""Does a criterion reject what is nearly right? Slips made on purpose in the expected formula.

Every slip of ``grader.maths.mutants`` at every place of the formula is handed to the criterion. One
that it accepts although its value is another is a hole in the rubric: a tolerance that is too wide, an
alternative that accepts too much, a factor that was let go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from grader.errors import MathsFault
from grader.maths.compare import Problem
from grader.maths.declare import Declarations
from grader.maths.mutants import mutants
from grader.maths.printing import show
from grader.maths.reading import Reading

__all__ = ["agrees", "survivors"]

MAX_REPORTED = 5


def agrees(p: Problem, reading: Reading) -> bool:
    """Whether an answer is right; the bare verdict, without words about what may be wrong with it."""
    return _verdict(p, reading) == "equivalent"


def survivors(p: Problem, declarations: Declarations, accepts: Callable[[Reading], bool]) -> list[str]:
    """A sentence for each slip in ``p`` that ``accepts`` takes for right.

    What is really right is decided without tolerance, at other points than those that answers meet.
    """
    exact = Problem(declarations, p.text)
    exact.seed = hashlib.sha256(f"mutation {exact.seed}".encode()).hexdigest()
    out: list[str] = []
    for name, node in mutants(exact.node):
        reading = Reading(node, scope=exact.scope)
        if accepts(reading) and _verdict(exact, reading) == "different":
            out.append(f"the wrong answer {show(node)} (slip: {name}) is accepted in full")
        if len(out) == MAX_REPORTED:
            break
    return out


def _verdict(p: Problem, reading: Reading) -> str:
    try:
        return p.verdict(reading.node, reading.scope or p.scope).verdict
    except (MathsFault, RecursionError):
        return "invalid"
