"""Where a question permits code, the student's program is run for the values that its text does not state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.engine.grade import Grader, Settings
from grader.engine.running import values_of, variable_asks
from grader.model import CodeCell, Finding, Job, Where
from grader.sandbox.program import Ran, State
from tests.sandbox.boxes import need

ROOT = Path(__file__).parents[1]

RMSPROP = """\
import numpy as np
X, t = np.array([[2.0, 1.0]]), np.array([2.0])
w, v = np.zeros(2), np.zeros(2)
for _ in range(500):
    g = 2 * X.T @ (X @ w - t)
    v = 0.9 * v + 0.1 * g**2
    w = w - 0.01 * g / (np.sqrt(v) + 1e-8)
"""
DESCENT = RMSPROP.replace("(np.sqrt(v) + 1e-8)", "2")
JACOBIAN = """\
import numpy as np

def f(w):
    d = np.exp(w[0]) + np.exp(2 * w[1])
    return np.array([np.exp(d) + np.sin(d), w[0] * w[1] + 1 / (1 + np.exp(-w[0]))])

w = np.array([1.0, 2.0])
J = np.stack([(f(w + 0.01 * e) - f(w)) / 0.01 for e in np.eye(2)], axis=1)
"""


def graded(tmp_path: Path, sheet: str, question: str, source: str, tier: str | None = None) -> list[Finding]:
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "metadata": {}, "source": f"## Question {question}"},
        {"cell_type": "code", "metadata": {"tags": [question]}, "source": source, "outputs": []},
    ]
    file = tmp_path / "s1.ipynb"
    file.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}), "utf-8")
    rubric = str(ROOT / "rubrics" / f"{sheet}.toml")
    grader = Grader({}, Settings(tier=tier))
    try:
        result = grader.grade(Job(str(file), file.name, None, rubric))
    finally:
        grader.close()
    return [f for f in result.findings if f.question == question]


def test_the_loop_is_run_and_its_limit_tried(tmp_path: Path) -> None:
    need("landlock")
    found = {f.criterion: f for f in graded(tmp_path, "csc413-hw2", "1.2.1", RMSPROP)}["limit"]
    assert (found.outcome.value, found.points) == ("correct", 1.5)
    assert found.evidence["read from"] == "running the code"
    assert found.read_as.startswith("X = [2, 1]; t = 2; w_R = [0.66666")


def test_a_loop_that_ends_elsewhere_is_shown_to_a_person(tmp_path: Path) -> None:
    """Its values may be of something else: running code makes no answer wrong here."""
    need("landlock")
    found = {f.criterion: f for f in graded(tmp_path, "csc413-hw2", "1.2.1", DESCENT)}["limit"]
    assert found.outcome.value == "review"
    assert [round(x, 3) for x in found.evidence["the code computes"]["w_R"]] == [0.8, 0.4]


def test_a_numerical_jacobian_is_run(tmp_path: Path) -> None:
    need("landlock")
    (found,) = graded(tmp_path, "cs7643-hw1", "5b", JACOBIAN)
    assert (found.outcome.value, found.points) == ("correct", 1)
    assert found.evidence["read from"] == "running the code"


def test_without_a_sandbox_all_is_as_it_was(tmp_path: Path) -> None:
    (found,) = graded(tmp_path, "cs7643-hw1", "5b", JACOBIAN, tier="none")
    assert found.outcome.value == "review"
    assert "the code computes" not in found.evidence


VARIABLES = {"J": ("J", "jac"), "x": ("x",)}


@pytest.mark.parametrize(
    ("source", "keys"),
    [
        ("J = 1", ["J/J"]),
        ("    J, x = f()", ["J/J", "x/x"]),
        ("x += 1", ["x/x"]),
        ("if x == 1: pass", []),
        ("print(x=1)", []),
        ("# nothing", []),
        (" " * 100_000 + "\n" * 100_000, []),
    ],
)
def test_only_what_the_answer_sets_is_asked_for(source: str, keys: list[str]) -> None:
    asks = variable_asks(VARIABLES, [CodeCell(source, Where("s1"))])
    assert [a.key for a in asks] == keys
    assert all(a.variable == a.key.partition("/")[2] for a in asks)


def test_the_first_variable_that_holds_numbers_counts() -> None:
    ran = {
        "J/J": Ran(State.VALUE, "text"),
        "J/jac": Ran(State.VALUE, [[1.0]]),
        "x/x": Ran(State.RAISED, message="…"),
    }
    assert values_of(VARIABLES, ran) == {"J": [[1.0]]}


@pytest.mark.parametrize(
    "value", [None, True, "1", [[1], [2, 3]], float("nan"), [1.0, float("inf")], [0] * 1000, [], {}, 1j]
)
def test_what_is_no_answer_is_left_out(value: object) -> None:
    assert values_of({"x": ("x",)}, {"x/x": Ran(State.VALUE, value)}) == {}
