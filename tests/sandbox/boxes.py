"""Sandboxes for tests: a tier that this machine does not have is skipped, with the reason."""

from __future__ import annotations

import os
from functools import cache

import pytest

from grader.sandbox import probe
from grader.sandbox.program import Limits
from grader.sandbox.tiers import TIERS

NAMES = sorted(TIERS)
MUST = os.environ.get("GRADE_TEST_TIERS", "").split()
"""Tiers that must be there, or their tests fail: `.ci/run` knows what it installed."""


@cache
def reason(name: str) -> str:
    """Why this tier is not available here; empty: it is."""
    server, why = probe.start(TIERS[name], Limits())
    if server is not None:
        server.close()
    return why


def need(name: str) -> None:
    why = reason(name)
    if not why:
        return
    if name in MUST:
        pytest.fail(f"the tier {name} must be available here: {why}")
    pytest.skip(f"no {name} here: {why}")
