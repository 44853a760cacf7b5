"""The histogram: every score in one bin, in numbers too."""

from __future__ import annotations

import pytest

from grader.reports.charts import HEIGHT, WIDTH, histogram


def test_no_scores_no_chart() -> None:
    assert histogram([], 10) is None


def test_bins_are_round_numbers_and_hold_everyone() -> None:
    chart = histogram([(0, True), (1, True), (9.99, False), (10, True), (10, False)], 10)
    assert chart is not None
    assert [bar.label for bar in chart.bars] == [f"{i} to {i + 1}" for i in range(10)]
    assert [(bar.decided, bar.undecided) for bar in chart.bars if bar.total] == [(1, 0), (1, 0), (1, 2)]
    assert chart.description == (
        "0 to 1 points: 1 submission; 1 to 2 points: 1 submission; "
        "9 to 10 points: 3 submissions (2 not fully decided)."
    )
    assert chart.ticks[0] == (0.0, "0")
    assert chart.ticks[-1] == (float(WIDTH), "10")


@pytest.mark.parametrize(
    ("max_score", "best", "bins"),
    [(13, 13, 7), (13, 14, 7), (100, 80, 10), (1, 1, 10), (0, 0, 1), (80, 81, 9)],
)
def test_at_most_twelve_bins(max_score: float, best: float, bins: int) -> None:
    chart = histogram([(best, True), (0, True)], max_score)
    assert chart is not None
    assert len(chart.bars) == bins
    assert sum(bar.total for bar in chart.bars) == 2
    assert max(bar.decided_height + bar.undecided_height for bar in chart.bars) == HEIGHT
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in chart.bars)
