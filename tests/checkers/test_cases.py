"""Every kind's table of cases, in ``cases/<kind>.toml`` (``case_files.py`` says how to read one)."""

from __future__ import annotations

import importlib
import json
import re

import pytest

from grader.checkers import kinds
from tests.checkers.case_files import CASES, Row, rows

MANY = 25  # cases of a kind that judges; a kind that only collects needs fewer
COLLECTS = frozenset({"prose", "plot"})


@pytest.mark.parametrize("row", [pytest.param(r, id=r.name) for k in kinds() for r in rows(k)])
def test_case(row: Row) -> None:
    case = row.case
    judgement = row.judge()
    found: dict[str, object] = {"outcome": judgement.outcome.value, "credit": round(judgement.credit, 4)}
    wanted: dict[str, object] = {"outcome": case.outcome, "credit": case.credit}
    assert (case.message is None) is not (case.begins is None), "give either `message` or `begins`"
    found["message"] = judgement.message
    wanted["message"] = case.message if case.begins is None else judgement.message
    for key in ("read_as", "mistake"):
        if getattr(case, key) is not None:
            found[key], wanted[key] = getattr(judgement, key), getattr(case, key)
    for key, value in case.evidence.items():
        found[key], wanted[key] = judgement.evidence.get(key), value
    assert found == wanted
    assert judgement.message.startswith(case.begins or "")
    assert not re.search(r"[.?!:;,][.;,]|[a-z] {2}", judgement.message.replace(" …", "")), judgement.message
    json.dumps(dict(judgement.evidence), allow_nan=False)


@pytest.mark.parametrize("kind", kinds())
def test_a_kind_explains_itself(kind: str) -> None:
    module = importlib.import_module(f"grader.checkers.{kind}")
    first, *rest = (module.__doc__ or "").strip().splitlines()
    assert first.endswith("."), f"{kind}: the docstring's first line says what is checked"
    assert len(" ".join(rest)) > 100, f"{kind}: the docstring says what is caught and what is missed"


@pytest.mark.parametrize("kind", kinds())
def test_a_kind_has_cases_of_every_sort(kind: str) -> None:
    assert (CASES / f"{kind}.toml").is_file(), f"{kind}: no table of cases"
    outcomes = {r.case.outcome for r in rows(kind)}
    if kind in COLLECTS:
        assert "review" in outcomes
        assert not outcomes & {"correct", "partial", "incorrect"}
        return
    assert outcomes >= {"correct", "incorrect"}, f"{kind}: a right and a wrong answer"
    assert outcomes & {"unreadable", "missing"}, f"{kind}: an answer that is not there or cannot be read"
    assert len(rows(kind)) >= MANY
