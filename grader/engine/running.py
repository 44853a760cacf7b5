"""A submission's code, run once: what all of its checks ask goes into one program, values come back.

The sandbox is started when the first submission has something to run and is kept warm; whoever owns a
:class:`Runner` closes it. What cannot be run is ``NOT_RUN``, which costs nobody a mark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from grader.checkers._numbers import numbers
from grader.model import CodeCell
from grader.sandbox.program import Ask, Cell, Program, Ran, State

if TYPE_CHECKING:
    from grader.sandbox.sandbox import Sandbox

__all__ = ["Asks", "Runner", "Wanted", "defining", "lasts", "make_program", "values_of", "variable_asks"]

MAX_LINE = 1000  # characters in which the left side of an assignment is looked for
MAX_ENTRIES = 400  # of a value that is read from a variable
SETUP = "the sheet's setup"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one criterion asks; ``setup``: the sheet's code for it, ``names``: functions it calls;
    ``seconds``: what a cell or a call may take."""

    question: str
    criterion: str
    asks: tuple[Ask, ...]
    setup: str = ""
    names: tuple[str, ...] = ()
    seconds: float | None = None


Asks = Mapping[tuple[str, str], Mapping[str, Ran]]
"""What became of the asks: (question, criterion) → key → its end."""


class Runner:
    """A sandbox for one process, started when it is first needed.

    ``tier``: which one; None: the best there is. ``used``: for a report, what ran code or why nothing did;
    empty: nothing was to be run.
    """

    def __init__(self, tier: str | None = None) -> None:
        self.tier = tier
        self.used = ""
        self._sandbox: Sandbox | None = None

    def run(self, cells: Sequence[CodeCell], wanted: Sequence[Wanted]) -> Asks:
        """What became of everything that is wanted of one submission."""
        program = make_program(cells, wanted)
        ran: Mapping[str, Ran] = {}
        broke = Ran(State.NOT_RUN, message="The sandbox gave no answer.")
        try:
            ran = self._started().run(program)
        except BaseException as e:
            self.close()  # whatever it was doing, the next submission starts afresh
            if not isinstance(e, Exception):
                raise
            broke = Ran(State.NOT_RUN, message=f"The sandbox failed ({type(e).__name__}: {e}).")
        return {
            (w.question, w.criterion): {
                a.key: _imported(ran.get(_key(w, a), broke), program.cells) for a in w.asks
            }
            for w in wanted
        }

    def _started(self) -> Sandbox:
        if self._sandbox is None:
            # only where there is code to run
            from grader.sandbox.probe import refusal
            from grader.sandbox.sandbox import Sandbox
            from grader.sandbox.tiers import NONE

            self._sandbox = Sandbox(tier=self.tier)
            tier, reasons = self._sandbox.tier, self._sandbox.reasons
            self.used = refusal(reasons) if tier is NONE else f"Student code ran in {tier.title}."
        return self._sandbox

    def close(self) -> None:
        """End the sandbox; running something again starts another."""
        sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            sandbox.close()


def lasts(ran: Ran) -> bool:
    """Whether the same would come out on another day: not what a limit ended, nor what is not installed."""
    return ran.state in (State.VALUE, State.RAISED, State.ABSENT, State.NOT_PLAIN) and not ran.missing_module


def make_program(cells: Sequence[CodeCell], wanted: Sequence[Wanted]) -> Program:
    """The sheets' setups and then all cells; each ask stands behind the last cell of its question."""
    setups = list(dict.fromkeys(w.setup for w in wanted if w.setup.strip()))
    before = [Cell(text, SETUP) for text in setups]
    program = [*before, *(Cell(c.source, place) for c, place in zip(cells, _places(cells), strict=True))]
    asks: list[Ask] = []
    for w in wanted:
        after = len(before) + _after(cells, w)
        asks += [replace(ask, key=_key(w, ask), after=after) for ask in w.asks]
    seconds = [w.seconds for w in wanted if w.seconds is not None]
    return Program(tuple(program), tuple(asks), max(seconds, default=None))


def _imported(ran: Ran, cells: Sequence[Cell]) -> Ran:
    """A package that is not there costs nobody a mark where the code asks for it in an import; raising its
    absence by hand is the student's own error."""
    if not ran.missing_module:
        return ran
    root = ran.missing_module.partition(".")[0]
    asked = re.compile(rf"^[ \t]*(?:import|from)[ \t][\w., \t]*\b{re.escape(root)}\b", re.MULTILINE)
    if root.isidentifier() and any(asked.search(c.source) for c in cells):
        return ran
    said = "ModuleNotFoundError was raised for a package that no import of the code asks for."
    return replace(ran, state=State.RAISED, message=said, missing_module="")


def _key(wanted: Wanted, ask: Ask) -> str:
    return f"{wanted.question}/{wanted.criterion}/{ask.key}"


def _after(cells: Sequence[CodeCell], wanted: Wanted) -> int:
    """The index of the question's last cell; of the last cell that defines its functions, where none of the
    question's own does; else of the last cell there is."""

    def defines(cell: CodeCell) -> bool:
        return any(defining(cell, name) for name in wanted.names)

    own = [i for i, c in enumerate(cells) if c.question == wanted.question]
    if own and (not wanted.names or any(defines(cells[i]) for i in own)):
        return own[-1]
    defining_them = [i for i, c in enumerate(cells) if defines(c)]
    return max([*own[-1:], *defining_them[-1:]], default=len(cells) - 1)


def defining(cell: CodeCell, name: str) -> bool:
    """Whether a cell looks as if it defined a function of that name."""
    pattern = rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{name}[ \t]*\(|^{name}[ \t]*="
    return re.search(pattern, cell.source, re.MULTILINE) is not None


def variable_asks(variables: Mapping[str, Sequence[str]], code: Sequence[CodeCell]) -> tuple[Ask, ...]:
    """The variables that may hold a part of an answer, those that its own code sets: a ``w`` that is left
    from the question before says nothing."""
    return tuple(
        Ask(f"{part}/{name}", -1, variable=name)
        for part, names in variables.items()
        for name in names
        if any(_sets(cell, name) for cell in code)
    )


def _sets(cell: CodeCell, name: str) -> bool:
    """Whether a line of a cell looks as if it set a variable."""
    for line in cell.source.split("\n"):
        left, equals, right = line[:MAX_LINE].partition("=")
        if equals and not right.startswith("=") and "(" not in left and name in re.findall(r"\w+", left):
            return True
    return False


def values_of(variables: Mapping[str, Sequence[str]], ran: Mapping[str, Ran]) -> dict[str, Any]:
    """Part → the number, or the lists of numbers, that the first of its variables holds."""
    out: dict[str, Any] = {}
    for part, names in variables.items():
        for name in names:
            one = ran.get(f"{part}/{name}")
            value = None if one is None or one.state is not State.VALUE else _real(one.value)
            if value is not None:
                out.setdefault(part, value)
    return out


def _real(value: Any) -> Any:
    """A number or lists of numbers, few and finite; ``None`` for anything else."""
    import numpy as np

    array = numbers(value)
    if array is None or array.dtype.kind not in "iuf" or not 0 < array.size <= MAX_ENTRIES:
        return None
    return array.tolist() if bool(np.isfinite(array).all()) else None


def _places(cells: Sequence[CodeCell]) -> list[str]:
    """What messages call each cell; no two have one name."""
    out: list[str] = []
    for cell in cells:
        where = cell.where
        place = f"cell {where.cell}" if where.cell is not None else f"line {where.line}"
        if where.cell is None and cell.question is not None:
            place = f"the code of {cell.question}"
        same = sum(p == place or p.startswith(f"{place} (") for p in out)
        out.append(f"{place} ({same + 1})" if same else place)
    return out
