"""One program played: what its forks say, how each of them ends, and what is still to be asked."""

from __future__ import annotations

import contextlib
import json
import os
import select
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from grader.sandbox import plain, sentences
from grader.sandbox.program import Ask, Cell, Limits, Program, Ran, State
from grader.sandbox.replies import Answer, Asked, Began, Done, Failed, Frames, Refused, Reply, Was
from grader.sandbox.server import Fork, Server, ServerFault

__all__ = ["Play", "once", "play_one"]

MAX_THREADS = 64
WATCH_SECONDS = 0.05  # between two looks at how many threads there are
MAX_SLOW = 2  # calls of one function that may run out of time; the others are not tried
CHUNK = 2**18
STEP = b"\x1e"  # what the worker writes between the steps into the raw output


@dataclass
class Play:
    """A program on its way: what is known so far, from all of its forks."""

    program: Program
    limits: Limits
    done: dict[int, Ran] = field(default_factory=dict)
    failures: dict[int, sentences.Failure] = field(default_factory=dict)
    skip: set[int] = field(default_factory=set)
    printed: dict[int, str] = field(default_factory=dict)
    slow: Counter[str] = field(default_factory=Counter)
    forks: int = 0
    # of the fork that runs
    cell: int = -1
    ask: int = -1
    began: bool = False
    finished: bool = False
    replies: int = 0

    def __post_init__(self) -> None:
        asks = self.program.asks
        if len({a.key for a in asks}) < len(asks):
            raise ValueError("two asks of one program have the same key")
        for ask in asks:
            if not -1 <= ask.after < len(self.program.cells) or bool(ask.calls) == bool(ask.variable):
                raise ValueError(f"ask {ask.key}: no such cell, or not either calls or a variable")
        self.end = time.monotonic() + self.limits.total
        self._asks = [_ask(i, a) for i, a in enumerate(asks)]
        self._cells = json.dumps(
            [{"source": c.source, "place": c.place} for c in self.program.cells], ensure_ascii=True
        )

    def over(self) -> bool:
        return time.monotonic() >= self.end

    def waiting(self) -> list[int]:
        return [i for i in range(len(self._asks)) if i not in self.done]

    def text(self) -> bytes:
        asks = ",".join(self._asks[i] for i in self.waiting())
        limits = f'"reply":{self.limits.reply},"output":{self.limits.output}'
        return f'{{"cells":{self._cells},"asks":[{asks}],"skip":{sorted(self.skip)},{limits}}}'.encode()

    def finish(self, state: State, message: str) -> dict[str, Ran]:
        rest = Ran(state, None, message)
        return {a.key: self.done.get(i, rest) for i, a in enumerate(self.program.asks)}

    # ---- what the fork says

    def take(self, reply: Reply) -> None:
        """
        Raises:
            Nonsense: it is not that reply's turn.
        """
        match reply:
            case Began(i=i) if self.cell < i < len(self.program.cells) and i not in self.skip:
                self.cell, self.ask, self.began = i, -1, True
            case Failed(i=i, fault=fault) if i == self.cell and self.ask < 0:
                place = self.program.cells[i].place
                self.failures[i] = sentences.failed_cell(fault, place, self.limits)
            case Was(i=i, printed=printed) if i == self.cell and self.ask < 0:
                self.printed[i] = printed[-self.limits.output :]
            case Asked(k=k) if k < len(self._asks) and k not in self.done:
                self.ask, self.began = k, True
            case Answer(k=k, value=value, printed=printed) if k == self.ask and k not in self.done:
                plain_value = plain.decode(value)
                self.done[k] = Ran(State.VALUE, plain_value, printed=self._printed(k, printed))
            case Refused(k=k, fault=fault, blame=blame, printed=printed) if (
                k == self.ask and k not in self.done
            ):
                known, ask = self.failures, self.program.asks[k]
                culprit, before = known.get(blame), known[max(known)] if known else None
                self.done[k] = sentences.of_fault(
                    ask, fault, culprit, before, self.program, self.limits, self._printed(k, printed)
                )
            case Done() if not self.waiting():
                self.finished = True
            case _:
                raise plain.Nonsense("out of turn")
        self.replies += 1
        if self.replies > 3 * len(self.program.cells) + 2 * len(self._asks) + 1:
            raise plain.Nonsense("more than there is to say")

    def _printed(self, ask: int, own: str) -> str:
        return (self.printed.get(self.program.asks[ask].after, "") + own)[-self.limits.output :]

    # ---- how the fork ended

    def stopped(self, code: int | None, raw: str, why: str = "") -> None:
        """The fork came to no good end: the step it was at is to blame, and is not taken again."""
        total = code is None and self.over()
        if self.ask >= 0 and self.ask not in self.done:
            ask = self.program.asks[self.ask]
            what = ask.variable or f"{ask.calls[-1].function.lstrip('.')}(…)"
            state, sentence = _ending(what, code, self.limits, total, why)
            self.done[self.ask] = Ran(state, None, sentence + ".", printed=raw)
            if state is State.TIME and ask.calls:
                self._slow(ask)
        elif self.cell >= 0:
            place = sentences.clean(self.program.cells[self.cell].place)
            state, sentence = _ending(place, code, self.limits, total, why)
            self.failures[self.cell] = sentences.Failure(state, sentence, place)
            self.printed[self.cell] = raw
            self.skip.add(self.cell)

    def _slow(self, ask: Ask) -> None:
        """Whoever waited twice for one function in vain does not wait for it again."""
        function = ask.calls[-1].function
        self.slow[function] += 1
        if self.slow[function] < MAX_SLOW:
            return
        for i in self.waiting():
            calls = self.program.asks[i].calls
            if calls and calls[-1].function == function:
                message = f"Not tried: {function}(…) ran out of time {MAX_SLOW} times before."
                self.done[i] = Ran(State.TIME, None, message)


def _ending(what: str, code: int | None, limits: Limits, total: bool, why: str) -> tuple[State, str]:
    if why:
        return State.DIED, f"{what} {why}, and was stopped"
    return sentences.stopped(what, code, limits, total=total)


def _ask(index: int, ask: Ask) -> str:
    calls = [
        {
            "f": c.function,
            "args": [plain.encode(a) for a in c.arguments],
            "take": None if c.take is None else list(c.take),
        }
        for c in ask.calls
    ]
    return json.dumps({"k": index, "after": ask.after, "variable": ask.variable, "calls": calls})


def once(server: Server, play: Play) -> None:
    """One fork, from its start until it is gone for certain.

    Raises:
        ServerFault: the server did not do as it was told; what came before is kept.
    """
    play.forks += 1
    play.cell = play.ask = -1
    play.began = play.finished = False
    play.replies = 0
    fork = server.fork(play.text())
    try:
        watch = _Watch(server, fork, play)
        watch.listen()
        watch.end()
    finally:
        fork.close()
    if play.finished:
        return
    if not play.began:
        raise ServerFault(f"a program did not start (status {watch.code}) {watch.raw()}".strip())
    play.stopped(None if watch.late else watch.code, watch.raw(), watch.why)


class _Watch:
    def __init__(self, server: Server, fork: Fork, play: Play) -> None:
        self._server, self._fork, self._play = server, fork, play
        limits = play.limits
        self._frames = Frames(2 * limits.reply + 6 * limits.output + 2**16)
        self._out = bytearray()
        self._err = bytearray()
        self._poll = select.poll()
        for handle in (fork.result, fork.out, fork.err, server.control):
            self._poll.register(handle, select.POLLIN)
        self.code: int | None = None
        self.late = False
        self.why = ""  # it was stopped, other than by the clock
        self._looked = time.monotonic()

    def listen(self) -> None:
        play = self._play
        step, step_end = play.replies, time.monotonic() + play.limits.seconds
        while self.code is None and not play.finished and not self.why:
            now = time.monotonic()
            left = min(step_end, play.end) - now
            if left <= 0:
                self.late = True
                return
            if now - self._looked >= WATCH_SECONDS:
                self._looked = now
                if self._server.threads() > MAX_THREADS:
                    self.why = f"started more than {MAX_THREADS} threads"
                    return
            for handle, _ in self._poll.poll(min(left, WATCH_SECONDS) * 1000 + 1):
                if handle == self._server.control:
                    self.code = self._server.ended()
                    self._poll.unregister(handle)
                else:
                    self._read(handle)
            if play.replies != step:
                step, step_end = play.replies, time.monotonic() + play.limits.seconds
        if self.code is not None:  # what it said before it ended
            while not play.finished and self._read(self._fork.result):
                pass

    def _read(self, handle: int) -> bool:
        """Whether there was something to read."""
        try:
            data = os.read(handle, CHUNK)
        except BlockingIOError:
            return False
        if not data:
            with contextlib.suppress(KeyError):
                self._poll.unregister(handle)
            return False
        if handle != self._fork.result:
            kept = self._out if handle == self._fork.out else self._err
            kept += data
            del kept[: -self._play.limits.output]
            return True
        try:
            for reply in self._frames.feed(data):
                self._play.take(reply)
        except plain.Nonsense:
            self.why = "wrote into the channel that its values are read from"
        return True

    def end(self) -> None:
        """The process is gone when this returns."""
        if self.code is None:
            self._server.end_child()
            self.code = self._server.ended()
        for handle in (self._fork.out, self._fork.err):
            while self._read(handle):
                pass

    def raw(self) -> str:
        """What was written around Python's own output, or last before the end."""
        last = bytes(self._out).rpartition(STEP)[2] + bytes(self._err)
        return last.decode("utf-8", "replace")[-self._play.limits.output :]


def play_one(server: Server, limits: Limits, source: str, variable: str) -> Any:
    """The value that code of our own gives to a variable.

    Raises:
        ServerFault: it did not.
    """
    program = Program((Cell(source, "probe"),), (Ask("probe", 0, variable=variable),))
    play = Play(program, limits)
    once(server, play)
    ran = play.finish(State.NOT_RUN, "no answer")["probe"]
    if ran.state is not State.VALUE:
        raise ServerFault(ran.message)
    return ran.value
