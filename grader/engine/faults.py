"""Faults of ours in a few words that may stand in a report: no traceback, no folder of the machine's."""

from __future__ import annotations

import traceback
from pathlib import Path

__all__ = ["raised_at", "sentence"]

MAX_ERROR_TEXT = 300


def sentence(e: BaseException) -> str:
    """What was raised, on one line."""
    text = " ".join(str(e).split())
    if len(text) > MAX_ERROR_TEXT:
        text = text[:MAX_ERROR_TEXT] + "…"
    return f"{type(e).__name__}: {text}" if text else type(e).__name__


def raised_at(e: BaseException) -> str:
    """The last line of ours on the way to a fault."""
    frames = traceback.extract_tb(e.__traceback__)
    ours = [f for f in frames if f"{Path(__file__).parents[1].name}" in Path(f.filename).parts]
    last = (ours or frames)[-1]
    return f"{Path(last.filename).name}:{last.lineno} in {last.name}"
