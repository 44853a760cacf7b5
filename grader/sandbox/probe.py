"""Which tiers work here: each one is started once, and code that tries to get out is run in it."""

from __future__ import annotations

import os
import platform
import re
import tempfile
from pathlib import Path

from grader.errors import UsageFault
from grader.sandbox.filter import ARCHITECTURES
from grader.sandbox.play import play_one
from grader.sandbox.program import Limits
from grader.sandbox.server import Server, ServerFault
from grader.sandbox.tiers import BUBBLEWRAP, LANDLOCK, TIERS, Tier, bubblewrap_version, is_linux

__all__ = ["candidates", "refusal", "start"]

_NOTE = (
    "On Ubuntu 24.04 and later AppArmor forbids it the namespaces it needs: "
    "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap"
)
_UNREADABLE = (
    "Inside, nobody has more rights than everybody has: interpreter and packages must be readable for all "
    "(chmod -R a+rX, and a+x on the folders above), or others be used"
)

# bubblewrap without the namespaces it needs: which one it missed first differs between systems
_NAMESPACES = re.compile(r"namespace|[ug]id map|rtm_newaddr|unshare|clone", re.IGNORECASE)
_NO_INTERPRETER = re.compile(r"permission denied|no module named .?encodings|init_fs_encoding", re.IGNORECASE)

# What must fail inside; the names of what did not are the value.
_BREAK_OUT = """
import os, socket
found = []
def tried(name, action):
    try:
        action()
    except OSError:
        return
    found.append(name)
tried("a file of the grader", lambda: open({ours!r}).read())
tried("a temporary file", lambda: open({temporary!r}).read())
tried("/etc/passwd", lambda: open("/etc/passwd").read())
tried("writing", lambda: open("/tmp/grader-probe", "x"))
tried("a socket", socket.socket)
tried("fork", lambda: os.fork() or os._exit(0))
tried("a signal", lambda: os.kill(os.getppid(), 0))
if "GRADER_PROBE" in os.environ or "USER" in os.environ:
    found.append("the environment")
"""


def candidates(tier: str | None) -> list[Tier]:
    """Those to try, in order. None: what GRADE_SANDBOX says, else all; it can only choose, not switch off
    any protection.

    Raises:
        UsageFault: there is no tier of that name.
    """
    tier = tier or os.environ.get("GRADE_SANDBOX") or "auto"
    if tier == "auto":
        return list(TIERS.values())
    if tier == "none":
        return []
    if tier not in TIERS:
        raise UsageFault(f"no sandbox is called {tier!r}; there are auto, {', '.join(TIERS)} and none")
    return [TIERS[tier]]


def start(tier: Tier, limits: Limits) -> tuple[Server | None, str]:
    """A server that has been tried, or why there is none."""
    missing = _missing(tier)
    if missing:
        return None, missing
    try:
        server = Server(tier, limits)
    except ServerFault as e:
        return None, _cure(tier, str(e))
    try:
        open_ways = _tried(server, limits)
    except (ServerFault, OSError, ValueError) as e:
        server.close()
        return None, _cure(tier, str(e))
    if open_ways:
        server.close()
        return None, f"it does not hold here: code inside reached {', '.join(open_ways)}"
    return server, ""


def _missing(tier: Tier) -> str:
    if not is_linux():
        return (
            f"it needs Linux, and this is {platform.system()}; run the grader in a Linux container or machine"
        )
    if platform.machine() not in ARCHITECTURES:
        return f"there is no seccomp filter for {platform.machine()} (only {', '.join(ARCHITECTURES)})"
    if tier is BUBBLEWRAP and not bubblewrap_version():
        return "bwrap is not installed: sudo apt-get install bubblewrap (or dnf, pacman, zypper, apk)"
    return ""


def _cure(tier: Tier, said: str) -> str:
    if tier is BUBBLEWRAP and _NAMESPACES.search(said):
        return f"{said}. {_NOTE}"
    if tier is LANDLOCK and "landlock" in said.lower():
        return f"{said}; it needs Linux 5.13 or later with landlock in the kernel's lsm= list"
    if _NO_INTERPRETER.search(said):
        return f"{said}. {_UNREADABLE}"
    return said


def _tried(server: Server, limits: Limits) -> list[str]:
    with tempfile.NamedTemporaryFile() as file:
        code = _BREAK_OUT.format(ours=str(Path(__file__)), temporary=file.name)
        found = play_one(server, limits, code, "found")
    return [str(x) for x in found]


def refusal(reasons: dict[str, str]) -> str:
    """For a report: why code was not run, and what to do."""
    if not reasons:
        return "Code was not run: the sandbox is switched off."
    why = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
    return f"Code was not run, since no sandbox works here. {why}."
