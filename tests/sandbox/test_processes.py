"""What becomes of the processes: none outlives its sandbox, or a grader that is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.sandbox.program import Ask, Cell, Limits, Program, Ran, State
from grader.sandbox.sandbox import Sandbox
from tests.sandbox.boxes import NAMES, need

PATIENCE = 60.0  # seconds; what is waited for takes some milliseconds

HANGS = """
import sys
from grader.sandbox.program import Ask, Cell, Limits, Program
from grader.sandbox.sandbox import Sandbox

with Sandbox(Limits(seconds=300, total=300), sys.argv[1]) as box:
    print("up", flush=True)
    box.run(Program((Cell("while True: pass", "cell 1"),), (Ask("x", 0, variable="x"),)))
"""


def descendants(pid: int) -> set[int]:
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        try:
            children = Path(f"/proc/{(p := waiting.pop())}/task/{p}/children").read_text("ascii")
        except OSError:
            continue
        waiting += (new := [int(c) for c in children.split()])
        found.update(new)
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def ends(pids: set[int]) -> bool:
    end = time.monotonic() + PATIENCE
    while any(map(alive, pids)):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize("tier", NAMES)
def test_nothing_outlives_a_killed_grader(tier: str) -> None:
    need(tier)
    levels = 3 if tier == "bubblewrap" else 2  # bwrap, the server, its fork
    with subprocess.Popen([sys.executable, "-c", HANGS, tier], stdout=subprocess.PIPE) as grader:
        assert grader.stdout is not None
        assert grader.stdout.readline() == b"up\n"
        end = time.monotonic() + PATIENCE
        while len(inside := descendants(grader.pid)) < levels and time.monotonic() < end:
            time.sleep(0.01)
        assert len(inside) >= levels
        grader.kill()
    assert ends(inside)


# threads as small as they come: address space alone would allow tens of thousands
BOMB = """
import ctypes, time
libc = ctypes.CDLL(None)
attributes = ctypes.create_string_buffer(64)
libc.pthread_attr_init(attributes)
libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(16384))
thread, started = ctypes.c_ulong(), 0
while started < 500 and libc.pthread_create(ctypes.byref(thread), attributes, libc.pause, None) == 0:
    started += 1
if started > 100:
    time.sleep(300)
"""


@pytest.mark.parametrize("tier", NAMES)
def test_threads_are_counted(tier: str) -> None:
    need(tier)
    with Sandbox(Limits(seconds=60, total=120), tier) as box:
        cells = (Cell(BOMB, "cell 1"), Cell("x = 1", "cell 2"))
        asks = (Ask("started", 0, variable="started"), Ask("x", 1, variable="x"))
        ran = box.run(Program(cells, asks))
    assert ran["x"].value == 1
    if ran["started"].state is State.VALUE:  # the kernel's own limit, for ordinary users
        assert ran["started"].value <= 64
    else:
        message = "started is not there: cell 1 started more than 64 threads, and was stopped."
        assert ran["started"] == Ran(State.DIED, None, message, "cell 1")


@pytest.mark.parametrize("tier", NAMES)
def test_nothing_outlives_a_closed_sandbox(tier: str) -> None:
    need(tier)
    with Sandbox(Limits(seconds=0.3), tier) as box:
        assert box._server is not None
        server = box._server._process.pid
        box.run(Program((Cell("while True: pass", "cell 1"),), (Ask("x", 0, variable="x"),)))
        inside = {server} | descendants(server)
    assert ends(inside)
