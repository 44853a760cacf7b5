"""Every attack of ``attacks.toml`` in both tiers: nothing leaked or harmed, honest cells at full value."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.sandbox import Sandbox
from tests.sandbox.attacks import FAST, ROOT, SLOW, attacks, faults
from tests.sandbox.boxes import NAMES, need

ATTACKS = {a["name"]: a for a in attacks()}


@pytest.fixture(scope="module", params=NAMES)
def boxes(request: pytest.FixtureRequest) -> Iterator[tuple[Sandbox, Sandbox]]:
    need(request.param)
    with Sandbox(FAST, request.param) as fast, Sandbox(SLOW, request.param) as slow:
        assert {fast.tier.name, slow.tier.name} == {request.param}
        yield fast, slow


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(boxes: tuple[Sandbox, Sandbox], name: str) -> None:
    attack: dict[str, Any] = ATTACKS[name]
    assert faults(boxes[bool(attack.get("slow"))], attack) == []


@pytest.mark.parametrize("tier", NAMES)
def test_attacks_as_an_ordinary_user(tier: str) -> None:
    need(tier)
    if os.geteuid() != 0:
        pytest.skip("the tests run as an ordinary user already")
    line = _ordinary_python()
    done = subprocess.run(
        [*line, str(Path(__file__).with_name("attacks.py")), tier],
        capture_output=True,
        text=True,
        check=False,
        **_ordinary(),
    )
    assert done.stderr == ""
    said, *wrong = [json.loads(x) for x in done.stdout.splitlines()]
    if said["tier"] == "none" and tier not in os.environ.get("GRADE_TEST_TIERS", "").split():
        pytest.skip(f"not for an ordinary user: {said['reasons'][tier]}")
    assert said == {"tier": tier, "reasons": {}, "user": 65534}
    assert wrong == []


def _ordinary() -> dict[str, Any]:
    """How a subprocess runs as nobody in particular, with nothing of our environment but the modules."""
    import msgspec
    import numpy

    places = [str(ROOT), *(str(Path(str(m.__file__)).parents[1]) for m in (msgspec, numpy))]
    return {
        "user": 65534,
        "group": 65534,
        "extra_groups": [],
        "cwd": "/",
        "env": {
            "PYTHONPATH": os.pathsep.join(dict.fromkeys(places)),
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    }


def _ordinary_python() -> list[str]:
    """An interpreter of our version that such a user may run (ours may lie in root's own folder)."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/python{version}", f"/usr/local/bin/python{version}"):
        try:
            done = subprocess.run(
                [python, "-c", "import msgspec, numpy, grader"],
                capture_output=True,
                check=False,
                **_ordinary(),
            )
        except OSError:
            continue
        if done.returncode == 0:
            return [python]
    pytest.skip(f"no Python {version} with our packages that an ordinary user may run")
