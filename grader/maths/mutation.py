"""Does a criterion reject what is nearly right? Slips made on purpose in the expected formula.

Every slip of ``grader.maths.mutants`` at every place of the formula is handed to the criterion, written out
as an answer. One that it accepts although its value is another is a hole in the rubric: a tolerance that is
too wide, an alternative that accepts too much, a factor that was let go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain

from grader.errors import MathsFault
from grader.maths.compare import Problem
from grader.maths.declare import Declarations
from grader.maths.mutants import mutants, times
from grader.maths.reading import Reading
from grader.maths.tree import Node, num

__all__ = ["agrees", "slips"]


def agrees(p: Problem, reading: Reading) -> bool:
    """Whether an answer is right; the bare verdict, without words about what may be wrong with it."""
    return _verdict(p, reading) == "equivalent"


def slips(
    p: Problem, declarations: Declarations, accepted: Callable[[Reading], bool]
) -> Iterator[tuple[str, Node]]:
    """(the slip's name, the expected formula with it) for each slip that makes it wrong and is not
    ``accepted`` on purpose, as under another convention.

    What is really right is decided without tolerance, at other points than those that answers meet.
    """
    exact = Problem(declarations, p.text)
    exact.seed = hashlib.sha256(f"mutation {exact.seed}".encode()).hexdigest()
    whole = exact.node
    factors = (("sign", -1), ("twice", 2), ("half", Fraction(1, 2)))
    scaled = ((name, times(num(k), whole)) for name, k in factors)
    for name, node in chain(mutants(whole), () if exact.is_equation else scaled):
        reading = Reading(node, scope=exact.scope)
        if _verdict(exact, reading) == "different" and not accepted(reading):
            yield name, node


def _verdict(p: Problem, reading: Reading) -> str:
    try:
        return p.verdict(reading.node, reading.scope or p.scope).verdict
    except (MathsFault, RecursionError):
        return "invalid"
