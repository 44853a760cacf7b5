"""The fork server from outside: started, asked for a fork with its own pipes, ended."""

from __future__ import annotations

import array
import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from grader.sandbox.program import Limits
from grader.sandbox.tiers import Tier, command, environment

__all__ = ["Fork", "Server", "ServerFault"]

START_SECONDS = 60.0  # a cold disk and a busy machine; warm it takes a fifth of a second
ANSWER_SECONDS = 10.0  # to a request that is a fork or a kill


class ServerFault(Exception):
    """The server could not be started, or it stopped answering: our fault or the machine's."""


@dataclass
class Fork:
    """One program that runs: where its replies, its output and its errors can be read."""

    result: int
    out: int
    err: int

    def close(self) -> None:
        for handle in (self.result, self.out, self.err):
            with contextlib.suppress(OSError):
                os.close(handle)


class Server:
    """``warm``: packages it imports before the first fork."""

    def __init__(self, tier: Tier, limits: Limits, warm: tuple[str, ...] = ()) -> None:
        self.about: dict[str, Any] = {}
        self._tier = tier
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with it
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        try:
            self._process = subprocess.Popen(
                command(tier, limits, theirs.fileno(), warm),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                env=environment(),
                cwd="/",
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        except OSError as e:
            ours.close()
            self._errors.close()
            raise ServerFault(f"{e.strerror}: {e.filename}") from None
        finally:
            theirs.close()
        try:
            self.about = json.loads(self._answer(START_SECONDS))
        except (ServerFault, ValueError) as e:
            said = self._said()
            self.close()
            raise ServerFault(said or str(e)) from None

    @property
    def control(self) -> int:
        return self._control.fileno()

    def _said(self) -> str:
        """The last line of what it wrote before it ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        self._errors.seek(0)
        lines = self._errors.read()[-4000:].decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else ""

    def _answer(self, seconds: float) -> bytes:
        waiting = select.poll()
        waiting.register(self._control, select.POLLIN)
        if not waiting.poll(int(seconds * 1000)):
            raise ServerFault(f"no answer within {seconds:g} seconds")
        try:
            data = self._control.recv(4096)
        except OSError as e:
            raise ServerFault(str(e.strerror)) from None
        if not data:
            raise ServerFault("it ended without a word")
        return data

    def fork(self, program: bytes) -> Fork:
        """
        Raises:
            ServerFault: the server is gone.
        """
        inside: list[int] = []
        outside: list[int] = []
        try:
            inside.append(os.memfd_create("program", os.MFD_CLOEXEC))
            view = memoryview(program)
            while view:
                view = view[os.write(inside[0], view) :]
            for _ in range(3):
                read, write = os.pipe2(os.O_CLOEXEC)
                outside.append(read)
                inside.append(write)
                os.set_blocking(read, False)
            handles = array.array("i", inside).tobytes()
            self._control.sendmsg([b"R"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, handles)])
            if self._answer(ANSWER_SECONDS) != b"S":
                raise ServerFault("it answered out of turn")
        except (OSError, ServerFault) as e:
            for handle in outside:
                os.close(handle)
            raise e if isinstance(e, ServerFault) else ServerFault(str(e.strerror)) from None
        finally:
            for handle in inside:
                os.close(handle)
        return Fork(*outside)

    def ended(self) -> int:
        """How the child ended, as ``os.waitstatus_to_exitcode`` says it; once ``control`` is readable."""
        data = self._answer(ANSWER_SECONDS)
        if len(data) != 5 or data[:1] != b"E":
            raise ServerFault("it answered out of turn")
        return int(struct.unpack("<i", data[1:])[0])

    def threads(self) -> int:
        """Of the child that runs; 0: there is none, or this system does not say. No limit of the kernel's
        counts them for root, or without counting everything else the user runs."""
        pid, below = self._process.pid, -1
        while True:
            try:
                children = Path(f"/proc/{pid}/task/{pid}/children").read_bytes().split()
            except OSError:
                return 0
            if not children:
                break
            pid, below = int(children[0]), below + 1
        if below < self._tier.forks_below:
            return 0
        try:
            fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            return 0
        return int(fields[17])

    def end_child(self) -> None:
        try:
            self._control.send(b"K")
        except OSError as e:
            raise ServerFault(str(e.strerror)) from None

    def close(self) -> None:
        """End it and everything in it."""
        self._control.close()
        try:
            self._process.wait(0.2)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5.0)
        self._errors.close()
