"""Evidence must survive JSON, whatever a checker put into it."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from grader.engine.values import MAX_DEPTH, MAX_ITEMS, MAX_TEXT, plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (2**60, str(2**60)),
        (0.5, 0.5),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        (Fraction(1, 3), "1/3"),
        ((1, "a"), [1, "a"]),
        ({"b", "a"}, ["a", "b"]),
        ({1: {"x": Fraction(1)}}, {"1": {"x": "1"}}),
        (1j, "1j"),
        ("x" * (MAX_TEXT + 1), "x" * MAX_TEXT + "…"),
        ([0] * (MAX_ITEMS + 1), [0] * MAX_ITEMS),
    ],
)
def test_plain(value: Any, expected: Any) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)
    json.dumps(plain(value), allow_nan=False)


def test_depth_is_bounded() -> None:
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    assert plain(deep) == json.loads("[" * MAX_DEPTH + '"…"' + "]" * MAX_DEPTH)
