"""Giving up rights, by the system calls themselves: Landlock, seccomp, limits, capabilities.

Every step raises OSError where it fails: a process that could not give its rights up runs nothing.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct

__all__ = [
    "die_with_parent",
    "drop_capabilities",
    "landlock",
    "landlock_version",
    "limit",
    "seccomp",
    "undumpable",
]

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_SECCOMP_MODE_FILTER = 2
_CAPSET = {"x86_64": 126, "aarch64": 91}
_LAST_CAPABILITY = 63

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ_FILE, _READ_DIR, _WRITE_FILE = 1 << 2, 1 << 3, 1 << 1
_FILES_OF_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_FILES_NOW = (1 << 16) - 1  # version 5 on
_NETWORK = 0b11  # version 4: TCP bind, connect
_SCOPES = 0b11  # version 6: abstract sockets, signals to anybody outside

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _prctl(what: str, *arguments: object) -> None:
    padded = [*arguments, 0, 0, 0, 0][:5]
    wide = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in padded]
    _checked(_libc.prctl(*wide), what)


def seccomp(program: bytes) -> None:
    """From here on only what the filter allows; for good, and for every thread to come."""
    _prctl("no new privileges", _PR_SET_NO_NEW_PRIVS, 1)
    filter_ = _Program(len(program) // 8, program)
    _prctl("seccomp", _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filter_))


def undumpable() -> None:
    """Nobody of the same user may look into this process, nor see what it has open."""
    _prctl("dumpable", _PR_SET_DUMPABLE, 0)


def die_with_parent() -> None:
    _prctl("death signal", _PR_SET_PDEATHSIG, signal.SIGKILL)


def drop_capabilities() -> None:
    """What root may do beyond others; the files of its owner stay readable."""
    for capability in range(_LAST_CAPABILITY + 1):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            break  # past the last one, or there was no right to drop any
    _libc.prctl(_PR_CAP_AMBIENT, 4, 0, 0, 0)  # clear all; kernels without them have none
    header = struct.pack("=Ii", 0x20080522, 0)
    none = struct.pack("=6I", 0, 0, 0, 0, 0, 0)
    _checked(_libc.syscall(_CAPSET[os.uname().machine], header, none), "capset")


def limit(memory: int, seconds: int, processes: int) -> None:
    """``processes``: 0 where they cannot be counted (without a user namespace all of the user's count)."""
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_NOFILE: 32,
        resource.RLIMIT_FSIZE: 2**20,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if processes:
        limits[resource.RLIMIT_NPROC] = processes
    for which, value in limits.items():
        resource.setrlimit(which, (value, value))
    # The hard one stays: the stack of the thread that runs already was laid out with what it was.
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    size = 8 * 2**20 if hard == resource.RLIM_INFINITY else min(8 * 2**20, hard)
    resource.setrlimit(resource.RLIMIT_STACK, (size, hard))


def landlock_version() -> int:
    """0: this kernel has none, or it is switched off."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)))


def landlock(readable: list[str], writable: list[str]) -> None:
    """From here on only these files and folders can be opened, and the first ones only to be read."""
    version = landlock_version()
    if not version:
        raise OSError(38, "Landlock: this kernel has none")
    files = _FILES_OF_VERSION.get(version, _FILES_NOW)
    fields = [files]
    if version >= 4:
        fields.append(_NETWORK)
    if version >= 6:
        fields.append(_SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = _checked(
        _libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0), "Landlock"
    )
    for path, rights in [(p, _READ_FILE | _READ_DIR) for p in readable] + [
        (p, _READ_FILE | _WRITE_FILE) for p in writable
    ]:
        try:
            handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        if not os.path.isdir(path):  # noqa: PTH112 - pathlib costs an import here
            rights &= ~_READ_DIR
        rule = struct.pack("=Qi", rights, handle)
        _checked(_libc.syscall(_ADD_RULE, ruleset, 1, rule, 0), f"Landlock rule for {path}")
        os.close(handle)
    _prctl("no new privileges", _PR_SET_NO_NEW_PRIVS, 1)
    _checked(_libc.syscall(_RESTRICT_SELF, ruleset, 0), "Landlock")
    os.close(ruleset)
