"""What happens during a run, for whoever listens to the logger ``grader`` (``grade run --log-json``).

Nobody listens by default. Events carry ids, paths, numbers and places; never what a student wrote.
"""

from __future__ import annotations

import logging
from typing import Any

__all__ = ["FIELDS", "LOGGER", "tell", "warn"]

LOGGER = logging.getLogger("grader")
LOGGER.addHandler(logging.NullHandler())
FIELDS = "grade_fields"  # the attribute of a log record that holds them


def tell(event: str, **fields: Any) -> None:
    """Something that is as it should be."""
    LOGGER.info(event, extra={FIELDS: fields})


def warn(event: str, **fields: Any) -> None:
    """Something that somebody may want to look into."""
    LOGGER.warning(event, extra={FIELDS: fields})
