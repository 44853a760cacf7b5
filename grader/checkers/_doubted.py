"""What else stands in the line of a formula, that may make it no answer although it is the right formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.maths.doubts import Doubt, beside
from grader.maths.labels import label_of
from grader.maths.scope import Scope
from grader.maths.select import Candidate
from grader.maths.statements import Statement
from grader.maths.tree import Node


def with_doubts(
    c: Candidate,
    statements: Sequence[Statement],
    scope: Scope,
    wanted: Node,
    labels: frozenset[str],
    foreign: frozenset[str],
) -> Candidate:
    """The candidate with its doubts, which count only where its formula is right.

    ``= 0`` behind a formula is a condition where a derivative is asked for (a label such as ``dL/dη``);
    elsewhere it is the answer.
    """
    s = c.statement
    tokens = next((m for m in s.members if c.text == " ".join(t.text for t in m)), None)
    if c.reading is None or not tokens:
        return c
    doubt = beside(statements, s, tokens, scope, wanted)
    ends = s.members[-1]
    zero = len(ends) == 1 and ends[0].text == "0" and s.relations[-1:] == ("=",)
    if zero and tokens is not ends and not any("/" in key for key in labels):
        doubt = doubt or Doubt("the line ends with '= 0'")
    if len(s.members) > 1 and label_of(s.members[0]) in foreign:
        doubt = doubt or Doubt("it stands under a name that means something else on this sheet")
    if doubt is None:
        return c
    return replace(c, reading=replace(c.reading, doubts=(*c.reading.doubts, doubt)))
