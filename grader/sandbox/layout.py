"""What can be read inside: the interpreter, its standard library, the packages a course offers. Nothing else.

Neither tier shows a whole ``site-packages`` or home folder: the toolkit itself may be installed there, with
the built-in references inside it.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Layout", "layout"]

OFFERED = (
    *("numpy", "scipy", "sympy", "mpmath", "networkx"),
    *("pandas", "dateutil", "pytz", "six", "tzdata"),
    *("sklearn", "joblib", "threadpoolctl"),
    *("autograd", "einops"),
)
"""Packages that a student's code may import where they are installed, with what they need themselves."""

LIBRARIES = ("/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/usr/lib32", "/usr/libx32")
SITES = ("site-packages", "dist-packages")


@dataclass(frozen=True)
class Layout:
    """``python``: the interpreter to start. ``path``: its ``sys.path`` inside. ``readable``: files and
    folders, by their real names. ``hidden``: what lies in one of those and must not be seen all the same.
    ``packages``: name → file or folder, all readable too. ``links``: links of the system, name → target."""

    python: str
    path: tuple[str, ...]
    readable: tuple[str, ...]
    hidden: tuple[str, ...]
    packages: dict[str, str]
    links: dict[str, str]

    def expanded(self) -> tuple[str, ...]:
        """``readable`` without what is hidden: where a folder holds something hidden, its entries instead."""
        found: list[str] = []
        for path in self.readable:
            found += _without(path, self.hidden)
        return (*found, *self.packages.values(), *_beside(self.packages))

    def extra(self) -> tuple[str, ...]:
        """The packages and the shared libraries that wheels put beside them."""
        return (*self.packages.values(), *_beside(self.packages))


def _without(path: str, hidden: tuple[str, ...]) -> list[str]:
    if path in hidden:
        return []
    if not any(h.startswith(path + "/") for h in hidden):
        return [path]
    found: list[str] = []
    with os.scandir(path) as entries:
        for entry in sorted(entries, key=lambda e: e.name):
            if not entry.is_symlink() or not Path(entry.path).is_dir():
                found += _without(entry.path, hidden)
    return found


def _beside(packages: dict[str, str]) -> list[str]:
    """``numpy.libs`` beside ``numpy``."""
    return [p + ".libs" for p in packages.values() if Path(p + ".libs").is_dir()]


@cache
def layout() -> Layout:
    base = os.path.realpath(sys.base_prefix)
    executable = os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
    standard = os.path.realpath(sysconfig.get_path("stdlib"))
    platform = os.path.realpath(sysconfig.get_path("platstdlib"))
    if not Path(platform, "lib-dynload").is_dir():
        platform = standard  # in a virtual environment it may name the environment's own folder
    readable = [executable, standard]
    if platform != standard:
        readable.append(platform)
    links: dict[str, str] = {}
    for library in LIBRARIES:
        if Path(library).is_symlink():
            links[library] = str(Path(library).readlink())
        elif Path(library).is_dir():
            readable.append(library)
    if Path(base, "conda-meta").is_dir():
        readable.append(f"{base}/lib")  # numpy's own libraries lie there
    else:
        readable += [str(p) for p in sorted(Path(base, "lib").glob("libpython*"))]
    if base.startswith("/nix/store/"):
        readable.append("/nix/store")
    readable += [
        f for f in ("/etc/ld.so.cache", "/etc/alternatives", "/usr/share/zoneinfo") if Path(f).exists()
    ]
    readable = sorted({os.path.realpath(p) if p != executable else p for p in readable})
    readable = [p for p in readable if not any(p.startswith(q + "/") for q in readable)]
    hidden = {
        os.path.realpath(folder)
        for root in {standard, f"{base}/lib/python3", "/usr/lib/python3"}
        for folder in (f"{root}/{site}" for site in SITES)
        if Path(folder).is_dir()
    }
    ours = str(Path(__file__).resolve().parents[1])
    if any(ours.startswith(p + "/") for p in readable) and not any(ours.startswith(h + "/") for h in hidden):
        hidden.add(ours)
    return Layout(
        python=executable,
        path=(standard, f"{platform}/lib-dynload"),
        readable=tuple(readable),
        hidden=tuple(sorted(hidden)),
        packages=_packages(),
        links=links,
    )


def _packages() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in OFFERED:
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError):
            continue
        if spec is None or spec.origin is None:
            continue
        origin = os.path.realpath(spec.origin)
        found[name] = str(Path(origin).parent) if spec.submodule_search_locations else origin
    return found
