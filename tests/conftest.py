"""Property tests try the same examples on every run, without a clock: a slow machine or a rare find must not
fail a change that has nothing to do with it. `HYPOTHESIS_PROFILE=wide pytest` looks at new ones.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

CALM = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=CALM)
settings.register_profile("wide", deadline=None, suppress_health_check=CALM)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
