"""The seccomp filter of a student's process: what of the kernel it may ask for, as a BPF program.

Everything not listed is refused with EPERM, so that Python raises a PermissionError where the code asked;
a call of another architecture or of the x32 ABI ends the process. Refused in this way, among others: fork,
exec, sockets, signals to anybody, ptrace, namespaces, mounts, shared memory and keys, changing files'
owners, modes and times. Arguments are looked at where a call can do both: ``clone`` makes threads only,
``fcntl`` may not choose who gets a signal, ``prlimit64`` only asks.

Our own assembler and not libseccomp: some 20 instructions are needed, and a wheel of Python alone runs
everywhere without a compiler or another system package.
"""

from __future__ import annotations

import struct

__all__ = ["ARCHITECTURES", "seccomp_filter"]

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# name: (number on x86_64, number on aarch64); the ones a busy program calls most often come first
_PLAIN: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "futex": (202, 98),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "brk": (12, 214),
    "madvise": (28, 233),
    "mremap": (25, 216),
    "mprotect": (10, 226),
    "newfstatat": (262, 79),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "openat": (257, 56),
    "close": (3, 57),
    "getdents64": (217, 61),
    "clock_gettime": (228, 113),
    "rt_sigprocmask": (14, 135),
    "rt_sigaction": (13, 134),
    "getrandom": (318, 278),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "preadv": (295, 69),
    "pwritev": (296, 70),
    "close_range": (436, 436),
    "stat": (4, None),
    "lstat": (6, None),
    "statx": (332, 291),
    "statfs": (137, 43),
    "fstatfs": (138, 44),
    "open": (2, None),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getcwd": (79, 17),
    "chdir": (80, 49),
    "fchdir": (81, 50),
    "umask": (95, 166),
    "fadvise64": (221, 223),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "pipe": (22, None),
    "pipe2": (293, 59),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "epoll_create1": (291, 20),
    "epoll_ctl": (233, 21),
    "epoll_wait": (232, None),
    "epoll_pwait": (281, 22),
    "eventfd2": (290, 19),
    "msync": (26, 227),
    "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136),
    "rt_sigtimedwait": (128, 137),
    "rt_sigsuspend": (130, 133),
    "sigaltstack": (131, 132),
    "pause": (34, None),
    "alarm": (37, None),
    "getitimer": (36, 102),
    "setitimer": (38, 103),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrusage": (98, 165),
    "getrlimit": (97, 163),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getppid": (110, 173),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getresuid": (118, 148),
    "getresgid": (120, 150),
    "getgroups": (115, 158),
    "getpgrp": (111, None),
    "getpgid": (121, 155),
    "getsid": (124, 156),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "getcpu": (309, 168),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "set_tid_address": (218, 96),
    "arch_prctl": (158, None),
    "membarrier": (324, 283),
    "restart_syscall": (219, 128),
    "wait4": (61, 260),
    "waitid": (247, 95),
    "exit": (60, 93),
    "exit_group": (231, 94),
}

# name: (numbers, which argument, its values that are allowed)
_BY_VALUE: tuple[tuple[tuple[int, int], int, tuple[int, ...]], ...] = (
    # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC, F_GETPIPE_SZ. Not F_SETFL with O_ASYNC,
    # F_SETOWN and F_SETSIG: together they make the kernel send any signal to any process of the same user.
    ((72, 25), 1, (0, 1, 2, 3, 1030, 1032)),
    # TCGETS, FIONREAD, TIOCGWINSZ, FIONCLEX, FIOCLEX
    ((16, 29), 1, (0x5401, 0x541B, 0x5413, 0x5450, 0x5451)),
    # PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_GET_SECCOMP, PR_SET_VMA (names of memory areas)
    ((157, 167), 0, (3, 15, 16, 21, 0x53564D41)),
)
_CLONE = (56, 220)
_PRLIMIT = (302, 261)
_MISSING = ((435, 435), (437, 437))  # clone3, openat2: "no such call" makes libc use the older one
_HIGHEST_KNOWN = 450  # calls newer than this are "no such call" too, for the same reason

_CLONE_THREAD = 0x00010000
_NEW_NAMESPACES = 0x7E020000 | 0x00000080  # CLONE_NEW* of all kinds
_X32 = 0x40000000

_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_EPERM = 0x00050000 | 1
_ENOSYS = 0x00050000 | 38

_NR, _ARCH = 0, 4


def _argument(index: int) -> int:
    """Where the low half of an argument stands; the kernel looks at 32 bits of all that we compare."""
    return 16 + 8 * index


def _load(offset: int) -> bytes:
    return struct.pack("=HBBI", 0x20, 0, 0, offset)  # BPF_LD | BPF_W | BPF_ABS


def _jump(test: int, value: int, then: int, other: int) -> bytes:
    return struct.pack("=HBBI", 0x05 | test, then, other, value)  # BPF_JMP | … | BPF_K


def _end(action: int) -> bytes:
    return struct.pack("=HBBI", 0x06, 0, 0, action)  # BPF_RET | BPF_K


_EQUAL, _AT_LEAST, _ANY_BIT = 0x10, 0x30, 0x40


def seccomp_filter(machine: str) -> bytes:
    """The filter as an array of ``struct sock_filter``, for ``platform.machine()``.

    Raises:
        KeyError: an architecture for which there is none.
    """
    which = list(ARCHITECTURES).index(machine) if machine in ARCHITECTURES else -1
    if which < 0:
        raise KeyError(machine)
    code = [_load(_ARCH), _jump(_EQUAL, ARCHITECTURES[machine], 1, 0), _end(_KILL), _load(_NR)]
    if machine == "x86_64":
        code += [_jump(_AT_LEAST, _X32, 0, 1), _end(_KILL)]
    for numbers in _PLAIN.values():
        number = numbers[which]
        if number is not None:
            code += [_jump(_EQUAL, number, 0, 1), _end(_ALLOW)]
    for numbers, index, values in _BY_VALUE:
        body = [_load(_argument(index))]
        for value in values:
            body += [_jump(_EQUAL, value, 0, 1), _end(_ALLOW)]
        code += _case(numbers[which], body, _EPERM)
    # a thread, not a process, and in no new namespace
    code += _case(
        _CLONE[which],
        [
            _load(_argument(0)),
            _jump(_ANY_BIT, _NEW_NAMESPACES, 2, 0),
            _jump(_ANY_BIT, _CLONE_THREAD, 0, 1),
            _end(_ALLOW),
        ],
        _EPERM,
    )
    # prlimit64(0, resource, NULL, old): asking for one's own limits; both halves of the pointer are zero
    code += _case(
        _PRLIMIT[which],
        [
            _load(_argument(0)),
            _jump(_EQUAL, 0, 0, 5),
            _load(_argument(2)),
            _jump(_EQUAL, 0, 0, 3),
            _load(_argument(2) + 4),
            _jump(_EQUAL, 0, 0, 1),
            _end(_ALLOW),
        ],
        _EPERM,
    )
    for numbers in _MISSING:
        code += [_jump(_EQUAL, numbers[which], 0, 1), _end(_ENOSYS)]
    code += [_jump(_AT_LEAST, _HIGHEST_KNOWN + 1, 0, 1), _end(_ENOSYS), _end(_EPERM)]
    return b"".join(code)


def _case(number: int, body: list[bytes], otherwise: int) -> list[bytes]:
    """If the call has this number: ``body``, and when that comes to no end, ``otherwise``."""
    inner = [*body, _end(otherwise)]
    return [_jump(_EQUAL, number, 0, len(inner)), *inner]
