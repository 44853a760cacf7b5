"""What became of an ask, as a state and a sentence for the student. Quotes of code are made harmless."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from grader.sandbox.program import Ask, Limits, Program, Ran, State
from grader.sandbox.replies import Fault

__all__ = ["Failure", "clean", "failed_cell", "of_fault", "stopped"]

MAX_QUOTE = 300
DISTURBED = 70  # the worker's exit status when a student's code made it fail
_CURES = {
    "FileNotFoundError": "Files beside the notebook are not there when it is graded.",
    "PermissionError": "While grading, code can reach no files, network or other programs.",
    "OSError": "While grading, code can reach no files, network or other programs.",
    "BlockingIOError": "While grading, code can start no other processes.",
    "URLError": "While grading, code can reach no files, network or other programs.",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """How a cell failed. ``sentence`` begins with the cell and has no full stop."""

    state: State
    sentence: str
    place: str
    module: str = ""
    cure: str = ""

    def __str__(self) -> str:
        return f"{self.sentence}." + (f" {self.cure}" if self.cure else "")


def clean(text: str, most: int = MAX_QUOTE) -> str:
    """On one line, with whatever could steer a terminal or turn the reading direction made visible."""
    line = " ".join(text[: 2 * most].split())
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _name(ask: Ask) -> str:
    return ask.variable or f"{ask.calls[-1].function.lstrip('.')}(…)"


def _error(fault: Fault) -> str:
    text = clean(fault.text)
    return f"{clean(fault.name)}: {text}" if text else clean(fault.name)


def _where(fault: Fault) -> str:
    if not fault.place:
        return ""
    return clean(fault.place) + (f", line {fault.line}" if fault.line else "")


def _memory(limits: Limits) -> str:
    return f"{limits.memory // 2**20} MiB of memory"


def _uninstalled(module: str, place: str) -> str:
    return f"{place} needs the package {clean(module)}, which is not installed where code is graded"


def failed_cell(fault: Fault, place: str, limits: Limits) -> Failure:
    where = clean(place)
    at = _where(fault) if fault.place == place else where
    if fault.kind == "memory":
        return Failure(State.MEMORY, f"{where} needed more than {_memory(limits)}", at)
    if fault.kind == "language":
        return Failure(State.ABSENT, f"{where} is not Python (%%{clean(fault.text)}) and was left out", at)
    if fault.module:
        return Failure(State.NOT_RUN, _uninstalled(fault.module, where), at, clean(fault.module))
    line = f" (line {fault.line})" if fault.line and fault.place == place else ""
    cure = _CURES.get(fault.name, "")
    return Failure(State.RAISED, f"{where} raised {_error(fault)}{line}", at, cure=cure)


def of_fault(
    ask: Ask,
    fault: Fault,
    blame: Failure | None,
    before: Failure | None,
    program: Program,
    limits: Limits,
    printed: str,
) -> Ran:
    """``blame``: the cell that should have set the name; ``before``: the last cell that failed at all."""
    what, at = _name(ask), _where(fault)
    hint = f" Before that, {before}" if before is not None else ""
    if fault.kind == "absent":
        name = ask.variable or what.removesuffix("(…)")
        if blame is not None:
            message = f"{name} is not there: {blame}"
            return Ran(blame.state, None, message, blame.place, printed, blame.module)
        place = clean(program.cells[ask.after].place) if ask.after >= 0 else "the start"
        return Ran(State.ABSENT, None, f"No {name} is defined up to {place}.{hint}", "", printed)
    if fault.kind == "no function":
        message = f"{what.removesuffix('(…)')} is {clean(fault.text)}, no function."
        return Ran(State.ABSENT, None, message, "", printed)
    if fault.kind == "not plain":
        subject = ask.variable or f"What {what} returned"
        return Ran(State.NOT_PLAIN, None, f"{subject} {clean(fault.text)}.", "", printed)
    if fault.kind == "memory":
        return Ran(State.MEMORY, None, f"{what} needed more than {_memory(limits)}.", at, printed)
    if fault.module:
        message = f"{_uninstalled(fault.module, what)}; it was not run."
        return Ran(State.NOT_RUN, None, message, at, printed, clean(fault.module))
    message = f"{what} raised {_error(fault)}" + (f" ({at})." if at else ".")
    if fault.name == "NameError":
        message += hint
    if fault.name in _CURES:
        message += f" {_CURES[fault.name]}"
    return Ran(State.RAISED, None, message, at, printed)


def stopped(what: str, code: int | None, limits: Limits, *, total: bool = False) -> tuple[State, str]:
    """Of a cell or a call whose process was stopped or ended; ``code`` None: it ran out of time."""
    if code is None or code == -signal.SIGXCPU:
        if total:
            return State.TIME, f"{what} was stopped: the whole submission ran for {limits.total:g} seconds"
        return State.TIME, f"{what} ran for more than {limits.seconds:g} seconds and was stopped"
    if code == DISTURBED:
        return State.DIED, f"{what} disturbed the program that runs it, which had to end"
    if code >= 0:
        return State.DIED, f"{what} ended the process with exit status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    if code == -signal.SIGSYS:
        return (
            State.DIED,
            f"{what} asked the system for something that is not allowed, and was ended ({name})",
        )
    if code == -signal.SIGKILL:
        return State.DIED, f"{what} was ended by the system, perhaps for want of memory ({name})"
    if code == -signal.SIGSEGV:
        return (
            State.DIED,
            f"{what} crashed the interpreter, by an abort, a wrong address or endless recursion ({name})",
        )
    if -code in (signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL):
        return State.DIED, f"{what} crashed the interpreter ({name})"
    return State.DIED, f"{what} was ended by a signal ({name})"
