"""Whole processes measured from outside: wall and processor seconds, and memory of everything they start."""

from __future__ import annotations

import compileall
import contextlib
import ctypes
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Took", "adopt_orphans", "as_installed", "timed"]

SAMPLE_SECONDS = 0.5


@dataclass(frozen=True)
class Took:
    """``memory``: the most that all processes held together, in MB, shared pages once; 0: nobody looked."""

    wall: float
    cpu: float
    memory: float = 0.0
    status: int = 0


def adopt_orphans() -> bool:
    """Processes whose parents are gone become ours, so that their processor time is counted."""
    with contextlib.suppress(OSError, AttributeError):
        return ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER
    return False


def as_installed(package: Path) -> None:
    """Compile a package's modules as pip does; else every process compiles them anew where the environment
    forbids it to keep them, which costs each more than half a second."""
    compileall.compile_dir(package, quiet=2)


def timed(
    command: Sequence[str | Path],
    cwd: Path,
    env: dict[str, str],
    log: Path,
    ok: Sequence[int] = (0,),
    *,
    memory: bool = False,
) -> Took:
    """Run it to its end and reap whatever it left behind; its output goes to the end of ``log``."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=out, stderr=out)
        sampler = _Sampler() if memory else None
        status = process.wait()
    wall = time.perf_counter() - start
    most = sampler.end() if sampler else 0.0
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if status not in ok:
        tail = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        sys.exit(f"{tail}\n\nstopped with {status}: {' '.join(map(str, command))}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(wall, cpu, most, status)


class _Sampler:
    """Looks at all descendants of this process twice a second."""

    def __init__(self) -> None:
        self._most = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> float:
        self._over.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self._most = max(self._most, sum(map(_proportional, _descendants())))


def _descendants() -> list[int]:
    parents: dict[int, int] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            with contextlib.suppress(OSError, IndexError, ValueError):
                stat = Path(entry.path, "stat").read_text()
                parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found, ours = [], {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours and pid not in ours}:
        found += more
        ours |= more
    return found


def _proportional(pid: int) -> float:
    """Its share of memory in MB: a page that three processes use counts a third for each."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1000
    return 0.0
