"""Property tests try the same examples on every run, without a clock: a slow machine or a rare find must not
fail a change that has nothing to do with it. `HYPOTHESIS_PROFILE=wide pytest` looks at new ones.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from grader.reports import terminal

CALM = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=CALM)
settings.register_profile("wide", deadline=None, suppress_health_check=CALM)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(scope="session", autouse=True)
def seconds_between_lines() -> Iterator[float]:
    """How often a run says how far it is: never here, for on a slow machine "47 of 227 submissions" stood
    between the lines that a test expects."""
    with pytest.MonkeyPatch.context() as patch:
        seconds = terminal.EVERY
        patch.setattr(terminal, "EVERY", math.inf)
        yield seconds


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    """Each process begins with its own half of the files and takes from the others' in the end.

    So a class that the tests of a file share is graded once, and nobody waits for the last long tests.
    ``--dist`` says otherwise.
    """
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None
