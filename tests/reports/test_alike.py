"""Ids that a person would take for one another."""

from __future__ import annotations

import pytest

from grader.reports.alike import alike, shown


@pytest.mark.parametrize(
    "group",
    [
        ["S1", "s1"],
        ["0012", "12"],
        ["s01", "s1"],
        ["e\u0301", "é"],
        ["ae", "\u0430\u0435"],
        ["s1", "s1\u200b"],
        ["s1", "ｓ１"],
        ["s 1", "s1"],
        ["s1", "s1\u3164"],
    ],
)
def test_alike(group: list[str]) -> None:
    assert alike([group[1], "other", group[0], group[1]]) == [sorted(group)]


@pytest.mark.parametrize("pair", [("s1", "s10"), ("s10", "s100"), ("é", "e"), ("a-b", "ab"), ("0", "00a")])
def test_not_alike(pair: tuple[str, str]) -> None:
    assert alike(pair) == []


def test_foreign_letters_are_named() -> None:
    assert shown("\u0430b") == "\u0430b (U+0430)"
    assert shown("s001") == "s001"
