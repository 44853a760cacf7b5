"""Runs programs, one after the other, and says of every ask what became of it.

A program is played by one fork. When a cell or a call hangs or dies, that costs one more fork: the same
program without that cell, or without the asks that have their answer already. ``run`` never raises for
what a student's code does, and nothing that comes out of one program can reach another: every fork has pipes
of its own, and they are read here and nowhere else.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from types import TracebackType

from grader.sandbox import probe
from grader.sandbox.layout import layout
from grader.sandbox.play import Play, once
from grader.sandbox.program import Limits, Program, Ran, State
from grader.sandbox.server import Server, ServerFault
from grader.sandbox.tiers import NONE, Tier

__all__ = ["Sandbox"]

MAX_FORKS = 9  # for one program: eight cells or calls that hang or die
SERVER_LIVES = 3  # for one program
OFTEN = 2  # a package that so many programs import is imported once, before the forks

_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+(\w+)", re.MULTILINE)


class Sandbox:
    """Where student code runs; a context manager. ``tier``: the name of the one to use, else the best one.

    ``.tier`` is the one in use (``NONE``: nothing runs, every answer is ``NOT_RUN``), ``.reasons`` says why
    others were not taken.
    """

    def __init__(self, limits: Limits | None = None, tier: str | None = None) -> None:
        self.limits = limits or Limits()
        self.reasons: dict[str, str] = {}
        self._server: Server | None = None
        self._imports: Counter[str] = Counter()
        self._warm: tuple[str, ...] = ()
        self.tier: Tier = NONE
        for candidate in probe.candidates(tier):
            server, reason = probe.start(candidate, self.limits)
            if server is not None:
                self._server, self.tier = server, candidate
                break
            self.reasons[candidate.name] = reason

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def run(self, program: Program) -> dict[str, Ran]:
        """What became of every ask, by its key.

        Raises:
            TypeError, ValueError: an ask that could not be put to anybody; the caller's fault.
        """
        limits = self.limits
        if program.seconds is not None:
            limits = replace(limits, seconds=program.seconds)
        play = Play(program, limits)
        if self.tier is NONE:
            return play.finish(State.NOT_RUN, probe.refusal(self.reasons))
        self._warm_up(program)
        lives = SERVER_LIVES
        while play.waiting() and play.forks < MAX_FORKS and not play.over():
            try:
                if self._server is None:
                    self._server = self._started()
                once(self._server, play)
            except ServerFault as e:
                self.close()
                lives -= 1
                if not lives:
                    return play.finish(State.NOT_RUN, f"The sandbox broke while this ran: {e}.")
            except BaseException:  # Ctrl-C, a time-out of the caller's: what runs inside ends too
                self.close()
                raise
        if play.over():
            return play.finish(
                State.TIME, f"Not tried: the whole submission ran for {self.limits.total:g} seconds."
            )
        return play.finish(
            State.DIED, f"Not tried: this submission's code hung or crashed {play.forks} times before."
        )

    def _warm_up(self, program: Program) -> None:
        """Importing pandas or sympy takes half a second: where a class does, only the server does it."""
        named = {name for cell in program.cells for name in _IMPORT.findall(cell.source)}
        self._imports.update(named & layout().packages.keys() - {"numpy"})
        often = tuple(sorted(name for name, count in self._imports.items() if count >= OFTEN))
        if often != self._warm:
            self._warm = often
            self.close()

    def _started(self) -> Server:
        try:
            return Server(self.tier, self.limits, self._warm)
        except ServerFault:
            if not self._warm:
                raise
        self._imports = Counter(dict.fromkeys(self._warm, -(10**9)))  # not again
        self._warm = ()
        return Server(self.tier, self.limits)
