"""The attacks of ``attacks.toml``, run between two honest cells; as a program, for another user:

    python tests/sandbox/attacks.py bubblewrap

prints a line of JSON for each attack whose outcome is not what it should be.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tomllib
from pathlib import Path
from typing import Any

import grader
from grader.sandbox.program import Ask, Call, Cell, Limits, Program, Ran, State
from grader.sandbox.sandbox import Sandbox

TABLE = Path(__file__).with_name("attacks.toml")
FAST = Limits()
SLOW = Limits(seconds=1.0)
ROOT = Path(__file__).resolve().parents[2]
SECRETS = [
    str(p)
    for p in (
        Path(str(grader.__file__)),
        *sorted(Path(str(grader.__file__)).parent.glob("_builtin/*/*"))[:5],
        *sorted((ROOT / "reference").glob("*.py"))[:2],
        *sorted((ROOT / "rubrics").glob("*.toml"))[:2],
        "/etc/passwd",
        "/etc/hostname",
        Path.home() / ".bashrc",
        "/proc/cpuinfo",
        "/sys/kernel/mm/transparent_hugepage/enabled",
    )
]


def attacks() -> list[dict[str, Any]]:
    found = tomllib.loads(TABLE.read_text(encoding="utf-8"))["attack"]
    return [a for a in found if a.get("machine") in (None, platform.machine())]


def honest(name: str, factor: int) -> str:
    return f"def {name}(x):\n    return {factor} * x"


def program(attack: dict[str, Any]) -> Program:
    if "repeat" in attack:
        head, middle, count = attack["repeat"]
        source = head + middle * count
    else:
        source = attack["code"].replace("[SECRETS]", repr(SECRETS))
    cells = (Cell(honest("double", 2), "cell 1"), Cell(source, "cell 2"), Cell(honest("triple", 3), "cell 3"))
    asks = (
        Ask("double", 0, (Call("double", (1.5,)),)),
        *(() if attack.get("alone") else (Ask("loot", 1, variable="loot"),)),
        Ask("triple", 2, (Call("triple", (1.5,)),)),
        Ask("triple again", 2, (Call("triple", (2,)),)),
    )
    return Program(cells, asks)


NEXT = Program(
    (Cell(honest("double", 2), "cell 1"),),
    (Ask("double", 0, (Call("double", (4,)),)), Ask("loot", 0, variable="loot")),
)


def faults(box: Sandbox, attack: dict[str, Any]) -> list[str]:
    """What is not as it should be after this attack."""
    found: list[str] = []

    def expect(what: str, seen: object, wanted: object) -> None:
        if seen != wanted:
            found.append(f"{what}: {seen!r}, not {wanted!r}")

    ran = box.run(program(attack))
    kept = () if attack.get("spoils") else (("double", 3.0), ("triple", 4.5), ("triple again", 6))
    for key, value in kept:
        expect(key, (ran[key].state, ran[key].value, ran[key].message), (State.VALUE, value, ""))
    if "loot" in ran:
        _expect_outcome(attack, ran["loot"], expect)
    after = box.run(NEXT)
    expect("the next student", (after["double"].state, after["double"].value), (State.VALUE, 8))
    expect("the next student's loot", after["loot"].message, "No loot is defined up to cell 1.")
    return found


def _expect_outcome(attack: dict[str, Any], loot: Ran, expect: Any) -> None:
    expect("state", loot.state, attack["state"])
    if loot.state is State.VALUE:
        expect("value", loot.value, attack.get("value"))
        return
    wanted = attack["message"]
    if wanted.endswith("…"):
        expect("message", loot.message[: len(wanted) - 1] + "…", wanted)
    else:
        expect("message", loot.message, wanted)


def main() -> None:
    with Sandbox(FAST, sys.argv[1]) as box:
        said = {"tier": box.tier.name, "reasons": box.reasons, "user": os.geteuid()}
        sys.stdout.write(json.dumps(said) + "\n")
        for attack in attacks():
            wrong = [] if attack.get("slow") else faults(box, attack)
            if wrong:
                sys.stdout.write(json.dumps({"attack": attack["name"], "wrong": wrong}) + "\n")


if __name__ == "__main__":
    main()
