"""What this machine can do for running student code, found out by doing it: for ``grade doctor``."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader import __version__
from grader.sandbox import probe
from grader.sandbox.layout import layout
from grader.sandbox.program import Limits
from grader.sandbox.tiers import (
    BUBBLEWRAP,
    LANDLOCK,
    NONE,
    TIERS,
    Tier,
    bubblewrap_version,
    is_linux,
)

__all__ = ["Fact", "Health", "examine"]

_SWITCHES = {
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "AppArmor keeps them from ordinary users",
    ),
    "/proc/sys/kernel/unprivileged_userns_clone": ("0", "the kernel keeps them from ordinary users"),
    "/proc/sys/user/max_user_namespaces": ("0", "none are allowed"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """``good`` None: worth knowing, neither good nor bad. ``cure``: what to do where it is bad."""

    name: str
    text: str
    good: bool | None = None
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """``tier``: the one that student code would run in."""

    facts: tuple[Fact, ...]
    tier: Tier


def examine(wanted: str | None = None) -> Health:
    """Start every tier that is wanted; the first one that holds is the one in use.

    Raises:
        UsageFault: there is no tier of that name.
    """
    candidates = probe.candidates(wanted)
    facts = [Fact("python", f"{platform.python_version()}, {platform.system()} {platform.machine()}", True)]
    facts.append(Fact("grade", f"{__version__}, in {Path(sys.prefix)}"))
    if is_linux():
        facts += _kernel()
    used = NONE
    inside = ""
    for tier in TIERS.values():
        if tier not in candidates:
            facts.append(Fact(tier.name, "not tried: not asked for"))
            continue
        server, reason = probe.start(tier, Limits())
        if server is None:
            facts.append(Fact(tier.name, "does not work here", False, reason))
            continue
        inside = str(server.about.get("numpy", ""))
        server.close()
        facts.append(Fact(tier.name, f"works: {tier.title}{_version(tier)}", True))
        used = tier if used is NONE else used
    if used is not NONE:
        facts.append(_numpy(inside))
        others = sorted(set(layout().packages) - {"numpy"})
        facts.append(Fact("packages", f"code may also import: {', '.join(others) or 'nothing'}"))
    return Health(tuple(facts), used)


def _version(tier: Tier) -> str:
    if tier is BUBBLEWRAP:
        return f"; bwrap {'.'.join(str(n) for n in bubblewrap_version())}"
    if tier is LANDLOCK:
        from grader.sandbox.worker.confine import landlock_version

        return f"; Landlock version {landlock_version()}"
    return ""


def _numpy(version: str) -> Fact:
    if version:
        return Fact("numpy", f"{version} inside", True)
    return Fact("numpy", "not there inside", False, "install numpy into the environment of grade")


def _kernel() -> Iterator[Fact]:
    yield Fact("kernel", platform.release())
    closed = [
        f"{why} ({file} is {value})"
        for file, (value, why) in _SWITCHES.items()
        if Path(file).exists() and Path(file).read_text("ascii").strip() == value
    ]
    yield Fact("user namespaces", "; ".join(closed) or "nothing speaks against them")
