"""Outlines, and reading a text as if it were a file called ``hw.<suffix>``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader import readers
from grader.model import Outline, QuestionHead, Submission

OUTLINES = {
    "mat101-hw2": Outline(
        "mat101-hw2",
        "Homework 2",
        (
            QuestionHead("1.1.1", "Shortest solution"),
            QuestionHead("2.1", "Memory"),
            QuestionHead("2.2.1", "First step and loss", prompt="w_1, then the loss in terms of the step"),
            QuestionHead("2.2.3", "Derivative and best step", prompt="the derivative, then the best step"),
            QuestionHead("3.1a", "Batches"),
            QuestionHead("3.1b", "Regimes"),
            QuestionHead("3.5", "Fit"),
        ),
    ),
    "mat205-hw2": Outline(
        "mat205-hw2",
        "Lists",
        (
            QuestionHead("1.1", "Graph"),
            QuestionHead("1.2", "Equations"),
            QuestionHead("1.3", "Cost"),
            QuestionHead("2.1a", "Few unknowns"),
            QuestionHead("2.1b", "Exact labels"),
            QuestionHead("2.2", "Line"),
            QuestionHead("3.1", "One sample", aliases=("2.1",)),
            QuestionHead("3.2", "Scaled steps", aliases=("2.2",)),
        ),
    ),
    "mat301-hw1": Outline(
        "mat301-hw1",
        "Problems",
        (
            QuestionHead("1", "Minimiser"),
            QuestionHead("2", "Telescope"),
            QuestionHead("3", "Rate"),
            QuestionHead("4a", "Value"),
            QuestionHead("4b", "Numerical"),
        ),
    ),
}


def outline_for(name: str | None) -> Outline | None:
    return OUTLINES["mat101-hw2"] if name is None else OUTLINES.get(name)


Read = Callable[..., Submission]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """``read(content, suffix, assignment)``: content may be text, bytes, or a value to be dumped as JSON."""

    def _read(
        content: Any, suffix: str = ".md", assignment: str = "mat101-hw2", **options: Any
    ) -> Submission:
        if not isinstance(content, str | bytes):
            content = json.dumps(content)
        path = tmp_path / f"hw{suffix}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return readers.read(path, lambda name: OUTLINES.get(name or assignment), source=path.name, **options)

    return _read
