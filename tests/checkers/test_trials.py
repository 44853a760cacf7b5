"""How an ask that gave no value is told."""

from __future__ import annotations

import pytest

from grader.checkers._trials import sentence_of
from grader.sandbox.program import Ran, State


@pytest.mark.parametrize(
    ("state", "message", "place", "told"),
    [
        (
            State.RAISED,
            "f(…) raised KeyError: 1",
            "cell 3, line 2",
            "f(…) raised KeyError: 1 (cell 3, line 2).",
        ),
        (
            State.RAISED,
            "x is not there: cell 10 raised SyntaxError: invalid syntax (line 1).",
            "cell 10, line 1",
            "x is not there: cell 10 raised SyntaxError: invalid syntax (line 1).",
        ),
        (State.TIME, "cell 1 (2) ran for more than 10 seconds", "cell 1 (2)", None),
        (State.RAISED, "cell 12 raised KeyError", "cell 1", "cell 12 raised KeyError (cell 1)."),
        (State.MEMORY, "", "cell 1", "it needs too much memory (cell 1)."),
        (State.MEMORY, "", "", "it needs too much memory."),
    ],
)
def test_a_place_is_told_once(state: State, message: str, place: str, told: str | None) -> None:
    assert sentence_of(Ran(state, None, message, place)) == (told or f"{message}.")
