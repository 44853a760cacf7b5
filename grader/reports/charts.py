"""The geometry of two small charts; the templates draw them as SVG, with their numbers as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.reports.text import count, number

__all__ = ["Bar", "Histogram", "histogram"]

MAX_BINS = 12
STEPS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)

WIDTH, HEIGHT = 640, 150  # of the drawing area, in SVG units
GAP = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One bin: where it is drawn, how many scores fall into it and how many of those may still grow."""

    label: str
    x: float
    width: float
    decided: int
    decided_height: float
    undecided: int
    undecided_height: float

    @property
    def total(self) -> int:
        return self.decided + self.undecided

    @property
    def top(self) -> float:
        return HEIGHT - self.decided_height - self.undecided_height


@dataclass(frozen=True, slots=True)
class Histogram:
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    description: str
    width: int = WIDTH
    height: int = HEIGHT


def histogram(scores: Sequence[tuple[float, bool]], max_score: float) -> Histogram | None:
    """Scores, each with whether it is decided; ``None`` without scores."""
    if not scores:
        return None
    top = max(max_score, max(score for score, _ in scores), STEPS[0])
    step = next((s for s in STEPS if top / s <= MAX_BINS), top / MAX_BINS)
    bins = max(1, math.ceil(round(top / step, 9)))
    decided, undecided = [0] * bins, [0] * bins
    for score, done in scores:
        # The last bin holds its right end too: full marks are not a bin of their own.
        i = min(bins - 1, int(round(score / step, 9)))
        (decided if done else undecided)[i] += 1
    tallest = max(a + b for a, b in zip(decided, undecided, strict=True))
    width, unit = WIDTH / bins, HEIGHT / tallest
    bars = tuple(
        Bar(
            label=f"{number(i * step)} to {number((i + 1) * step)}",
            x=round(i * width + GAP / 2, 1),
            width=round(width - GAP, 1),
            decided=decided[i],
            decided_height=round(decided[i] * unit, 1),
            undecided=undecided[i],
            undecided_height=round(undecided[i] * unit, 1),
        )
        for i in range(bins)
    )
    return Histogram(
        bars,
        tuple((round(i * width, 1), number(i * step)) for i in range(bins + 1)),
        _description(bars),
    )


def _description(bars: Sequence[Bar]) -> str:
    parts = [
        f"{bar.label} points: {count(bar.total, 'submission')}"
        + (f" ({bar.undecided} not fully decided)" if bar.undecided else "")
        for bar in bars
        if bar.total
    ]
    return "; ".join(parts) + "."
