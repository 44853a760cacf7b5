"""The fork server: started by exec, warmed up once, then one fork for every program.

It never sees a student's text or a reply: every program comes as a file with its own pipes, and the child
reads and writes those itself. All that goes over the control socket is fixed: ``R`` and four descriptors
to run, ``K`` to end the child; back come ``S`` (started) and ``E`` with how it ended.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import json
import os
import random
import select
import signal
import socket
import struct
import sys
from typing import Any

from grader.sandbox.worker import child, confine, standins

__all__ = ["serve"]

CONTROL_WAIT = 5000  # milliseconds between two looks whether the grader is still there


def serve(setup: dict[str, Any]) -> None:
    control = socket.socket(fileno=setup["control"])
    parent = os.getppid()
    sys.meta_path.append(standins.StandIns())
    sys.dont_write_bytecode = True
    for name in [n for n in sys.modules if n.partition(".")[0] == "grader"]:
        del sys.modules[name]  # what runs here has no part of the grader to import
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(0)  # its first use costs some milliseconds
    for name in setup["warm"]:
        with contextlib.suppress(Exception):  # what is wrong with it is said where it is imported again
            importlib.import_module(name)
    random.seed(0)
    os.chdir("/")
    os.environ.pop("PWD", None)
    confine.undumpable()
    if setup["readable"] is not None:
        confine.landlock(setup["readable"], ["/dev/null"])
    gc.collect()
    gc.freeze()
    ready = {"pid": os.getpid(), "numpy": numpy.__version__ if numpy is not None else ""}
    control.sendall(json.dumps(ready).encode())
    while True:
        handles = _next(control, parent)
        if handles is None:
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            _become_child(setup, handles)
        for handle in handles:
            os.close(handle)
        control.sendall(b"S")
        _watch(control, pid, parent)


def _next(control: socket.socket, parent: int) -> list[int] | None:
    """The four descriptors of the next program; None: the grader has gone."""
    waiting = select.poll()
    waiting.register(control, select.POLLIN)
    while not waiting.poll(CONTROL_WAIT):
        if os.getppid() != parent:
            return None
    handles = array.array("i")
    data, extra, _, _ = control.recvmsg(1, socket.CMSG_SPACE(4 * handles.itemsize))
    for level, kind, content in extra:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            handles.frombytes(content[: len(content) - len(content) % handles.itemsize])
    if data == b"K":  # for one that had ended already
        return _next(control, parent)
    return list(handles) if data == b"R" and len(handles) == 4 else None


def _watch(control: socket.socket, pid: int, parent: int) -> None:
    """Until the child has ended, by itself or because it must."""
    ended = os.pidfd_open(pid)
    waiting = select.poll()
    waiting.register(control, select.POLLIN)
    waiting.register(ended, select.POLLIN)
    while True:
        ready = {handle for handle, _ in waiting.poll(CONTROL_WAIT)}
        if ended in ready:
            break
        gone = os.getppid() != parent
        if control.fileno() in ready or gone:
            os.kill(pid, signal.SIGKILL)
            if gone or control.recv(1) != b"K":
                os._exit(0)
            waiting.unregister(control)
    os.close(ended)
    _, status = os.waitpid(pid, 0)
    control.sendall(b"E" + struct.pack("<i", os.waitstatus_to_exitcode(status)))


def _become_child(setup: dict[str, Any], handles: list[int]) -> None:
    try:
        confine.undumpable()  # also after a change of capabilities, which could undo it
        confine.die_with_parent()
        program, result, out, err = handles
        high = [os.dup(h) for h in (program, result, out, err)]  # out of the way of 0 to 4
        while min(high) <= 4:
            high = [os.dup(h) for h in high]
        null = os.open("/dev/null", os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(high[2], 1)
        os.dup2(high[3], 2)
        os.dup2(high[1], 3)
        os.dup2(high[0], 4)
        os.close(setup["control"])
        os.closerange(5, 4096)
        confine.drop_capabilities()
        confine.limit(setup["memory"], setup["seconds"], setup["processes"])
        confine.seccomp(bytes.fromhex(setup["filter"]))
        child.play(4)
    finally:
        os._exit(4)
