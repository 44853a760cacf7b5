"""Derivations line by line: right ones hold, and a slip is found where it is made."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from grader.maths.derivation import Derivation, steps

TABLE = tomllib.loads((Path(__file__).parent / "cases" / "derivations.toml").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = TABLE["cases"]
SLIPS = [(c, k) for c in CASES for k in range(len(c["slips"]))]


def check(case: dict[str, Any], text: str) -> Derivation:
    symbols = {**TABLE["sets"][case["symbols"]], **case.get("more", {})}
    options = {k: case[k] for k in ("define", "assume", "latex", "kind", "unknown") if k in case}
    return steps(text, symbols, **options)


def said(d: Derivation) -> str:
    return "\n".join(f"{s.index} {s.status} {s.text} | {s.message}" for s in d.steps)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_right_derivations_hold(case: dict[str, Any]) -> None:
    d = check(case, case["text"])
    assert d.first_wrong is None, said(d)
    if "count" in case:
        assert len(d.steps) == case["count"], said(d)
        assert d.unread == case.get("unread", 0), said(d)
    assert [s.index for s in d.steps] == list(range(len(d.steps)))
    assert "internal" not in said(d)


@pytest.mark.parametrize(("case", "k"), SLIPS, ids=lambda x: x["id"] if isinstance(x, dict) else str(x))
def test_slips_are_found_where_they_are(case: dict[str, Any], k: int) -> None:
    old, new, index = case["slips"][k]
    assert case["text"].count(old) == 1, f"{old!r} stands {case['text'].count(old)} times"
    d = check(case, case["text"].replace(old, new))
    assert d.first_wrong == index, said(d)
    assert "internal" not in said(d)
