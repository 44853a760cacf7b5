"""One program: its cells in order, what is asked after each of them, values out as soon as they are there.

What is sent is data about this student's own code and nothing else; code that forges it forges its own
answers, and could have computed them just as well.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import json
import os
import random
import struct
import sys
from types import ModuleType
from typing import Any

from grader.sandbox.worker import cells, values
from grader.sandbox.worker.standins import inert

try:
    import numpy
except ImportError:  # a course without numpy
    numpy = None  # type: ignore[assignment]

__all__ = ["play"]

RESULT = 3  # the descriptor that replies go to
TEE = 2000  # bytes of each step's output that are written out at once, for when nothing else is left of it
STEP = b"\x1e"  # what separates the steps there
DISTURBED = 70  # exit status: something that the student's code did made our own code fail
MISSING = object()

_write, _exit = os.write, os._exit  # whoever replaces them in `os` replaces them for himself


class _Tail(io.RawIOBase):
    """Keeps the end of what is printed; an output flood costs nothing more."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        self._shown = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        view = bytes(data)
        if self._shown < TEE:
            shown = view[: TEE - self._shown]
            self._shown += len(shown)
            _raw(shown)
        self._kept += view[-self._limit :]
        if len(self._kept) > 2 * self._limit:
            del self._kept[: -self._limit]
        return len(view)

    def take(self) -> str:
        text = bytes(self._kept[-self._limit :]).decode("utf-8", "replace")
        _raw(STEP)
        return text


def _raw(data: bytes) -> None:
    with contextlib.suppress(OSError):
        _write(1, data)


class _Wrong(Exception):
    """An ask that cannot be answered, and how it ended."""

    def __init__(self, fault: cells.Fault, blame: int = -1) -> None:
        super().__init__()
        self.fault = fault
        self.blame = blame


class _Player:
    def __init__(self, program: dict[str, Any], pipe: int) -> None:
        self.cells: list[dict[str, str]] = program["cells"]
        self.asks: list[dict[str, Any]] = program["asks"]
        self.skip = set(program["skip"])
        self.limit: int = program["reply"]
        self.pipe = pipe
        self.dumps = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
        self.output: int = program["output"]
        main = ModuleType("__main__")
        sys.modules["__main__"] = main
        self.names = main.__dict__
        self._listen()
        self.places = {c["place"] for c in self.cells}
        self.absent: dict[str, str] = {}
        self.failed: list[int] = []
        self.stale: dict[str, int] = {}
        self.wanted = {_top(n) for a in self.asks for n in [a["variable"], *(c["f"] for c in a["calls"])]}

    def send(self, message: dict[str, Any]) -> None:
        data = self.dumps(message).encode("utf-8", "replace")
        data = struct.pack("<I", len(data)) + data
        while data:
            data = data[_write(self.pipe, data) :]

    def _listen(self) -> None:
        """What is printed next belongs to the next step, whatever became of ``sys.stdout``. And the next
        step has builtins, whatever the last one called so."""
        self.names["__builtins__"] = builtins
        raw: Any = _Tail(self.output)
        self.tail: _Tail = raw
        text = io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", write_through=True)
        sys.stdout = sys.stderr = text

    def _printed(self) -> str:
        text = self.tail.take()
        self._listen()
        return text

    def play(self) -> None:
        waiting = sorted(self.asks, key=lambda a: a["after"])
        last = max((a["after"] for a in waiting), default=-1)
        for i in range(-1, last + 1):
            if i >= 0:
                self.cell(i)
            while waiting and waiting[0]["after"] <= i:
                self.answer(waiting.pop(0))
        self.send({"e": "done"})

    def cell(self, index: int) -> None:
        source, place = self.cells[index]["source"], self.cells[index]["place"]
        if index in self.skip:
            self._mark(index, {n for n in self.wanted if cells.seems_to_set(source, n)}, {})
            return
        self.send({"e": "cell", "i": index})
        before = {n: self._now(n) for n in self.wanted}
        sets = cells.names_set(source, place, self.wanted)  # before: afterwards anything may be broken
        fault = cells.run(source, place, self.names, self.absent)
        for name in list(self.stale):
            if self._now(name) is not before[name] or (fault is None and name in sets):
                del self.stale[name]
        if fault is not None:
            self._mark(index, sets, before)
            self.send({"e": "failed", "i": index, "fault": fault._asdict()})
        self.send({"e": "ran", "i": index, "printed": self._printed()})

    def _now(self, name: str) -> Any:
        return self.names.get(name, MISSING)

    def _mark(self, index: int, sets: set[str], before: dict[str, Any]) -> None:
        """This cell failed: names that it should have set and did not are no longer what they should be."""
        self.failed.append(index)
        for name in sets:
            if self._now(name) is before.get(name, self._now(name)):
                self.stale[name] = index

    def answer(self, ask: dict[str, Any]) -> None:
        self.send({"e": "ask", "k": ask["k"]})
        message: dict[str, Any]
        try:
            value = values.encode(self._value(ask), self.limit)
            message = {"e": "answer", "k": ask["k"], "value": value}
        except _Wrong as e:
            message = {"e": "fault", "k": ask["k"], "fault": e.fault._asdict(), "blame": e.blame}
        except values.NotPlain as e:
            fault = cells.Fault("not plain", text=str(e))
            message = {"e": "fault", "k": ask["k"], "fault": fault._asdict(), "blame": -1}
        except BaseException as e:
            fault = cells.fault_of(e, self.places, self.absent)
            message = {"e": "fault", "k": ask["k"], "fault": fault._asdict(), "blame": -1}
        message["printed"] = self._printed()
        self.send(message)

    def _value(self, ask: dict[str, Any]) -> Any:
        if ask["variable"]:
            return self._named(ask["variable"])
        results: list[Any] = []
        last: dict[str, Any] = {}
        for last in ask["calls"]:
            arguments = [self._argument(a, results) for a in last["args"]]
            if last["f"].startswith("."):  # a method of what an earlier call returned
                function = getattr(arguments.pop(0), last["f"][1:])
            else:
                function = self._named(last["f"])
            if not callable(function):
                raise _Wrong(cells.Fault("no function", text=values.article(type(function))))
            results.append(function(*arguments))
        value = results[-1]
        if last["take"] is None:
            return value
        return tuple(_item(value, i) for i in last["take"])

    def _argument(self, node: Any, results: list[Any]) -> Any:
        if type(node) is dict and "r" in node:
            call, item = node["r"]
            return results[call] if item is None else _item(results[call], item)
        return values.decode(node)

    def _named(self, name: str) -> Any:
        top, *rest = name.split(".")
        if top in self.stale:
            raise _Wrong(cells.Fault("absent"), self.stale[top])
        if top in self.names:
            value = self.names[top]
        else:
            starred = [i for i in self.failed if "import *" in self.cells[i]["source"]]
            raise _Wrong(cells.Fault("absent"), starred[-1] if starred else -1)
        for attribute in rest:
            value = getattr(value, attribute)
        return value


def _item(value: Any, index: int) -> Any:
    if type(value) not in (tuple, list) and not isinstance(value, tuple):
        raise values.NotPlain(f"is {values.article(type(value))}; a tuple was expected")
    if not -len(value) <= index < len(value):
        raise values.NotPlain(f"is a tuple of {len(value)}; item {index + 1} of it was expected")
    return value[index]


def _top(name: str) -> str:
    return name.partition(".")[0]


def play(handle: int) -> None:
    """Run the program that stands in the file ``handle`` and end. It never returns."""
    try:
        size = os.fstat(handle).st_size
        data = b""
        while len(data) < size and (more := os.pread(handle, size - len(data), len(data))):
            data += more
        os.close(handle)
        random.seed(0)
        if numpy is not None:
            numpy.random.seed(0)
        builtins.get_ipython = lambda: inert  # type: ignore[attr-defined]
        builtins.display = _display  # type: ignore[attr-defined]
        builtins.input = _input
        player = _Player(json.loads(data), RESULT)
    except BaseException as e:
        _raw(f"{type(e).__name__}: {e}".encode())
        _exit(3)
    status = DISTURBED
    try:
        player.play()
        status = 0
    finally:
        _exit(status)


def _display(*objects: Any, **named: Any) -> None:
    for thing in objects:
        sys.stdout.write(f"{thing}\n")


def _input(prompt: object = "") -> str:
    raise RuntimeError("input() was called, and nobody is there to answer")
