"""What goes into the sandbox and what comes out: plain values, never a verdict.

A :class:`Program` is one student's cells in their order and what is asked of them. Every :class:`Ask` is
answered when the cells up to ``after`` have run, so a name used again further down changes nothing. What
is expected of an answer is not part of a program: it is computed outside, from the same inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["Ask", "Call", "Cell", "Limits", "Program", "Ran", "Ref", "State"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A notebook cell or a fenced block: its text and the place that messages name ("cell 7")."""

    source: str
    place: str


@dataclass(frozen=True, slots=True)
class Ref:
    """As an argument: what an earlier call of the same ask returned, or one item of the tuple it returned.

    It stays inside: a cache that a forward pass hands to its backward pass may be any object at all.
    """

    call: int
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """``function(*arguments)``. Arguments are numbers, text, booleans, None, arrays, lists, tuples and
    dictionaries (with text as keys) of these, and :class:`Ref`. ``function`` may have dots (``Layer.make``);
    with a dot in front it is a method of the first argument (``.forward``, a Ref to what a class returned).
    ``take``: the items of the returned tuple that come out, as a tuple; None: all of it."""

    function: str
    arguments: tuple[Any, ...]
    take: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing to find out: calls, one after the other, of which the last one's value comes out; or the
    value of a variable. ``after``: the index of the last cell that runs before it; -1: none."""

    key: str
    after: int
    calls: tuple[Call, ...] = ()
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a student's code may use. ``seconds``: of wall clock, for one cell or one ask; ``total``: for a
    whole submission, the cells that had to run again included; ``memory``: bytes of address space;
    ``output``: bytes printed that are kept; ``reply``: bytes of one value."""

    seconds: float = 10.0
    total: float = 60.0
    memory: int = 2**30
    output: int = 64 * 1024
    reply: int = 2**20


@dataclass(frozen=True, slots=True)
class Program:
    """``seconds``: what each cell and each ask may take, where a rubric says so; None: ``Limits.seconds``."""

    cells: tuple[Cell, ...]
    asks: tuple[Ask, ...]
    seconds: float | None = None


class State(StrEnum):
    """How an ask ended. All but the last are the student's; ``NOT_RUN`` costs nobody a mark."""

    VALUE = "value"
    RAISED = "raised"  # the call, or a cell that should have defined the name, raised
    ABSENT = "absent"  # no such name, or it is no function
    TIME = "time"
    MEMORY = "memory"
    DIED = "died"  # the process was ended by a signal or ended itself
    NOT_PLAIN = "not plain"  # what came back is no number, text or array, or too large
    NOT_RUN = "not run"  # no sandbox here, or it broke: our fault or the machine's


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one ask. ``value``: None, truth values, numbers, text, arrays, and lists, tuples and
    dictionaries of these, of exact types (a numpy number comes out as Python's own); ``message``: a sentence
    for the student; ``place``: the cell and line it speaks of; ``printed``: the end of what the cells and the
    call wrote; ``missing_module``: a package the code wanted that is not there."""

    state: State
    value: Any = None
    message: str = ""
    place: str = ""
    printed: str = ""
    missing_module: str = ""
