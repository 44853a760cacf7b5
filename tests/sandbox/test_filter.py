"""The seccomp filter, run by a small interpreter of BPF for both architectures."""

from __future__ import annotations

import platform
import struct

import pytest

from grader.sandbox.filter import ARCHITECTURES, seccomp_filter
from grader.sandbox.program import Ask, Cell, Program
from grader.sandbox.sandbox import Sandbox
from tests.sandbox.boxes import NAMES, need

ALLOW, KILL, EPERM, ENOSYS = "allow", "kill", "EPERM", "ENOSYS"
ACTIONS = {0x7FFF0000: ALLOW, 0x80000000: KILL, 0x00050001: EPERM, 0x00050026: ENOSYS}
X86, ARM = sorted(ARCHITECTURES, reverse=True)


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> str:
    """What the kernel would do: https://www.kernel.org/doc/Documentation/networking/filter.txt."""
    words = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("=IIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *words)
    program = list(struct.iter_unpack("=HBBI", seccomp_filter(machine)))
    at = accumulator = 0
    while True:
        code, then, other, value = program[at]
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == 0x06:
            return ACTIONS[value]
        else:
            hit = {
                0x15: accumulator == value,
                0x35: accumulator >= value,
                0x45: bool(accumulator & value),
            }[code]
            at += then if hit else other


def test_the_architectures_are_these() -> None:
    assert (X86, ARM) == ("x86_64", "aarch64")
    with pytest.raises(KeyError, match="riscv64"):
        seccomp_filter("riscv64")


@pytest.mark.parametrize("machine", [X86, ARM])
def test_another_architecture_is_killed(machine: str) -> None:
    for other in (0x40000003, 0x40000028, ARCHITECTURES[ARM if machine == X86 else X86]):
        assert verdict(machine, 0, architecture=other) == KILL


def test_x32_is_killed() -> None:
    assert {verdict(X86, 0x40000000 + n) for n in range(600)} == {KILL}
    assert verdict(X86, 0xFFFFFFFF) == KILL


# what starts or signals processes, opens sockets, traces, makes namespaces, mounts, shares memory, changes
# files or identity; io_uring, bpf, perf, keys; prctl that makes itself dumpable
REFUSED = {
    X86: [
        *(
            57,
            58,
            59,
            322,
            62,
            200,
            234,
            101,
            310,
            311,
            41,
            42,
            49,
            46,
            112,
            165,
            166,
            161,
            155,
            272,
            308,
            321,
        ),
        *(425, 426, 427, 319, 29, 68, 64, 250, 298, 323, 434, 438, 90, 91, 92, 268, 132, 188, 312, 105, 135),
        *(76, 77, 82, 83, 84, 86, 87, 88, 133, 160, 141, 144, 203, 424, 157),
    ],
    ARM: [
        *(281, 221, 129, 130, 131, 117, 270, 271, 198, 203, 200, 211, 157, 40, 39, 51, 41, 97, 268, 280),
        *(425, 426, 427, 279, 194, 186, 190, 219, 241, 282, 434, 438, 52, 53, 54, 55, 88, 272, 146, 92, 45),
        *(46, 33, 34, 35, 36, 37, 38, 164, 140, 118, 119, 122, 424, 167),
    ],
}


@pytest.mark.parametrize("machine", [X86, ARM])
def test_what_must_be_refused_is(machine: str) -> None:
    assert {n: verdict(machine, n, 4) for n in REFUSED[machine]} == dict.fromkeys(REFUSED[machine], EPERM)


@pytest.mark.parametrize(("machine", "clone"), [(X86, 56), (ARM, 220)])
def test_threads_but_no_processes_and_no_namespaces(machine: str, clone: int) -> None:
    thread = 0x3D0F00  # what the C library asks for
    assert verdict(machine, clone, thread) == ALLOW
    assert verdict(machine, clone, 17) == EPERM  # fork
    assert verdict(machine, clone, 0x4111) == EPERM  # vfork
    for namespace in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert verdict(machine, clone, thread | namespace) == EPERM
    assert verdict(machine, 435) == ENOSYS  # clone3 hides its flags behind a pointer
    assert verdict(machine, 437) == ENOSYS
    assert verdict(machine, 461) == ENOSYS


@pytest.mark.parametrize(("machine", "prlimit"), [(X86, 302), (ARM, 261)])
def test_limits_can_be_read_and_only_ones_own(machine: str, prlimit: int) -> None:
    assert verdict(machine, prlimit, 0, 9, 0, 0x7FFF00001000) == ALLOW
    assert verdict(machine, prlimit, 1, 9, 0, 0x7FFF00001000) == EPERM
    assert verdict(machine, prlimit, 0, 9, 0x7FFF00001000) == EPERM
    assert verdict(machine, prlimit, 0, 9, 0x7FFF00000000) == EPERM  # its low half is zero


@pytest.mark.parametrize(("machine", "fcntl"), [(X86, 72), (ARM, 25)])
def test_no_file_can_be_told_to_signal_somebody(machine: str, fcntl: int) -> None:
    allowed = {c for c in range(2000) if verdict(machine, fcntl, 3, c) == ALLOW}
    assert allowed == {0, 1, 2, 3, 1030, 1032}


@pytest.mark.parametrize("machine", [X86, ARM])
def test_it_is_short_enough_for_the_kernel(machine: str) -> None:
    assert 100 < len(seccomp_filter(machine)) // 8 < 4096


SWEEP = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
seen = []
for number in NUMBERS:
    ctypes.set_errno(0)
    result = libc.syscall(number, -1, -1, -1, -1, -1, -1)
    seen.append([number, result, ctypes.get_errno()])
"""


@pytest.mark.parametrize("tier", NAMES)
def test_the_kernel_refuses_what_the_filter_refuses(tier: str) -> None:
    need(tier)
    machine = platform.machine()
    # uretprobe and uprobe of x86_64 never reach a filter; made from anywhere else they end the process
    numbers = [
        n for n in range(600) if n not in (335, 336) and verdict(machine, n, *[2**64 - 1] * 6) != ALLOW
    ]
    source = SWEEP.replace("NUMBERS", repr(numbers))
    with Sandbox(tier=tier) as box:
        ran = box.run(Program((Cell(source, "cell 1"),), (Ask("seen", 0, variable="seen"),)))["seen"]
    errors = {EPERM: 1, ENOSYS: 38}
    assert ran.message == ""
    assert ran.value == [[n, -1, errors[verdict(machine, n, *[2**64 - 1] * 6)]] for n in numbers]
