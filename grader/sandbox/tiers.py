"""The kinds of isolation this machine may offer, and how the fork server is started in each.

A tier counts as available only after a program that tried to get out has really run in it (``probe``).
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.sandbox.filter import seccomp_filter
from grader.sandbox.layout import layout
from grader.sandbox.program import Limits

__all__ = ["BUBBLEWRAP", "LANDLOCK", "NONE", "TIERS", "Tier", "bubblewrap_version", "command", "environment"]

WORKER = Path(__file__).parent / "worker"
CPU_SLACK = 5  # seconds of processor time beyond the wall clock that the supervisor keeps


@dataclass(frozen=True, slots=True)
class Tier:
    """``holds``: what code in it cannot do; ``lacks``: what it still can, or what is not limited;
    ``forks_below``: how many processes stand between what is started and the fork that runs code."""

    name: str
    title: str
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    forks_below: int = 0


_BOTH = (
    "no network, no other process: no fork, exec, signals or ptrace",
    "nothing of the grader, its references, other students or the environment can be read",
    "nothing can be written, not even a file of its own",
    "time, memory and output are limited, and the limits stop it",
)
BUBBLEWRAP = Tier(
    "bubblewrap",
    "bubblewrap (own namespaces) + seccomp + limits",
    (*_BOTH, "other files cannot even be seen, and no process beside it either"),
    (
        "a fault in the kernel itself",
        "what the processor leaks between processes",
        "memory is limited by address space for each process, not for all of them together",
    ),
    forks_below=1,
)
LANDLOCK = Tier(
    "landlock",
    "Landlock + seccomp + limits",
    _BOTH,
    (
        *BUBBLEWRAP.lacks,
        "code can ask whether a path exists, how large it is and when it was changed (not what is in it)",
        "it sees the machine's name and the numbers of its own process and its parent",
    ),
)
NONE = Tier("none", "no sandbox: student code is not run")
TIERS = {t.name: t for t in (BUBBLEWRAP, LANDLOCK)}


def environment() -> dict[str, str]:
    """All that is in it; nothing of ours."""
    threads = ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "BLIS", "VECLIB_MAXIMUM")
    return {
        "HOME": "/",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "PATH": "",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        **{f"{name}_NUM_THREADS": "1" for name in threads},
    }


def command(tier: Tier, limits: Limits, control: int, warm: tuple[str, ...] = ()) -> list[str]:
    """How to start the fork server."""
    house = layout()
    bubblewrap = tier is BUBBLEWRAP
    setup = {
        "control": control,
        "worker": "/worker" if bubblewrap else str(WORKER),
        "path": list(house.path),
        "packages": house.packages,
        "warm": list(warm),
        "readable": None if bubblewrap else [*house.expanded(), "/dev/zero", "/dev/urandom"],
        "memory": limits.memory,
        "seconds": int(limits.total) + CPU_SLACK,
        "processes": 64 if bubblewrap else 0,
        "filter": seccomp_filter(platform.machine()).hex(),
    }
    start = [house.python, "-s", "-S", "-P", "-B", f"{setup['worker']}/start.py", json.dumps(setup)]
    return [*_bubblewrap(), "--", *start] if bubblewrap else start


def _bubblewrap() -> list[str]:
    house = layout()
    line = [shutil.which("bwrap") or "bwrap"]
    for space in ("user", "pid", "net", "ipc", "uts", "cgroup-try"):
        line.append(f"--unshare-{space}")
    if bubblewrap_version() >= (0, 8):
        line.append("--disable-userns")
    line += ["--uid", "65534", "--gid", "65534", "--hostname", "sandbox"]
    line += ["--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL"]
    for name, target in house.links.items():
        line += ["--symlink", target, name]
    for path in house.readable:
        line += ["--ro-bind", path, path]
    for path in house.hidden:
        line += ["--tmpfs", path]
    for path in house.extra():
        line += ["--ro-bind", path, path]
    for path in house.hidden:
        line += ["--remount-ro", path]
    line += ["--ro-bind", str(WORKER), "/worker", "--dir", "/dev"]
    for device in ("null", "zero", "urandom"):
        line += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    return [*line, "--remount-ro", "/", "--chdir", "/"]


@cache
def bubblewrap_version() -> tuple[int, ...]:
    """(): it is not there, or does not say."""
    program = shutil.which("bwrap")
    if program is None:
        return ()
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False, env={}
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", said)
    return tuple(int(n) for n in found.groups() if n) if found else ()


def is_linux() -> bool:
    return os.uname().sysname == "Linux" if hasattr(os, "uname") else False
