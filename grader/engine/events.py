"""What happens during a run, for whoever listens to the logger ``grader`` (``grade run --log-json``).

Nobody listens by default. Events carry ids, paths, numbers and places; never what a student wrote.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

__all__ = ["FIELDS", "LOGGER", "peak_memory", "tell", "warn"]

LOGGER = logging.getLogger("grader")
LOGGER.addHandler(logging.NullHandler())
FIELDS = "grade_fields"  # the attribute of a log record that holds them


def tell(event: str, **fields: Any) -> None:
    """Something that is as it should be."""
    LOGGER.info(event, extra={FIELDS: fields})


def warn(event: str, **fields: Any) -> None:
    """Something that somebody may want to look into."""
    LOGGER.warning(event, extra={FIELDS: fields})


def peak_memory() -> int | None:
    """The most megabytes this process has had; ``None`` where the platform does not say."""
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // (2**20 if sys.platform == "darwin" else 2**10)
