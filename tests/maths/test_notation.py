"""What students write for the answers of the four sheets: ``cases/*.toml``, one table a topic.

A group is one expected answer with its declarations. ``equivalent`` holds right answers in every way of
writing them, ``different`` wrong ones, ``undecided`` what a person has to read, ``invalid`` pairs of an
answer and the reason it is refused for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grader.maths.compare import compare

CASES = Path(__file__).parent / "cases"
OPTIONS = ("define", "assume", "latex", "tolerance", "accept_transpose", "syntax", "locale")


@cache
def groups() -> list[tuple[str, dict[str, Any]]]:
    return [
        (path.stem, group)
        for path in sorted(CASES.glob("*.toml"))
        for group in tomllib.loads(path.read_text("utf-8")).get("group", ())
    ]


def rows() -> Iterator[Any]:
    for stem, group in groups():
        for kind in ("equivalent", "different", "undecided", "invalid"):
            for k, row in enumerate(group.get(kind, ())):
                answer, reason = row if kind == "invalid" else (row, "")
                yield pytest.param(
                    group, answer, kind, reason, id=f"{stem}-{group['name']}-{kind}-{k}".replace(" ", "_")
                )


@pytest.mark.parametrize(("group", "answer", "verdict", "reason"), list(rows()))
def test_case(group: dict[str, Any], answer: str, verdict: str, reason: str) -> None:
    options = {k: group[k] for k in OPTIONS if k in group}

    found = compare(group["expected"], answer, group["symbols"], **options)

    assert (found.verdict, found.reason if reason else "") == (verdict, reason), (
        f"{answer}\n  {found.message}\n  read as {found.read_as}"
    )


TOPICS = [(stem, group) for stem, group in groups() if not stem.endswith("habits")]


@pytest.mark.parametrize(("stem", "group"), TOPICS, ids=lambda x: x if isinstance(x, str) else x["name"])
def test_every_topic_has_right_and_wrong_answers(stem: str, group: dict[str, Any]) -> None:
    assert len(group["equivalent"]) >= 8
    assert len(group["different"]) >= 3
