"""A submission as one program: the order of cells, where asks stand, a function in the wrong place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from grader import readers
from grader.engine.running import Runner, Wanted, make_program
from grader.model import CodeCell, Outline, QuestionHead, Submission, Where
from grader.sandbox.program import Ask, Call, Program, Ran, State

CALL = (Call("f", (1,)),)


def cells(*questions: str | None, sources: Sequence[str] = ()) -> list[CodeCell]:
    texts = [*sources, *[""] * len(questions)]
    return [
        CodeCell(texts[i] or f"x = {i}", Where("s1.ipynb", cell=i + 1), question=q)
        for i, q in enumerate(questions)
    ]


def wanted(question: str, *keys: str, **more: Any) -> Wanted:
    return Wanted(question, "c", tuple(Ask(k, -1, CALL) for k in keys), **more)


def asked_after(program: Program) -> dict[str, int]:
    return {a.key: a.after for a in program.asks}


def test_asks_stand_behind_the_last_cell_of_their_question() -> None:
    program = make_program(cells(None, "1", "1", "2", None), [wanted("1", "a", "b"), wanted("2", "a")])
    assert asked_after(program) == {"1/c/a": 2, "1/c/b": 2, "2/c/a": 3}
    assert [c.place for c in program.cells] == ["cell 1", "cell 2", "cell 3", "cell 4", "cell 5"]


def test_the_sheets_setup_runs_first_and_once() -> None:
    both = [wanted("1", "a", setup="import numpy as np"), wanted("2", "a", setup="import numpy as np")]
    program = make_program(cells("1", "2"), both)
    assert [(c.source, c.place) for c in program.cells] == [
        ("import numpy as np", "the sheet's setup"),
        ("x = 0", "cell 1"),
        ("x = 1", "cell 2"),
    ]
    assert asked_after(program) == {"1/c/a": 1, "2/c/a": 2}


@pytest.mark.parametrize(
    ("questions", "sources", "after"),
    [
        (("1", "2"), ["def f(x): pass"], 0),  # its own cell defines it
        ((None, "1", "2"), ["def f(x): pass"], 1),  # a helper above: when its question's cells have run
        (("1", "2"), ["", "def f(x): pass"], 1),  # in another question's cell
        (("2", None), ["", "f = lambda x: x"], 1),
        (("2", "2"), [], 1),  # nowhere: when everything has run
        ((), [], -1),
    ],
)
def test_a_function_is_asked_for_where_it_stands(
    questions: tuple[str | None, ...], sources: list[str], after: int
) -> None:
    program = make_program(cells(*questions, sources=sources), [wanted("1", "a", names=("f",))])
    assert asked_after(program) == {"1/c/a": after}


def test_the_longest_time_that_a_criterion_gives_counts() -> None:
    assert make_program([], [wanted("1", "a")]).seconds is None
    assert make_program([], [wanted("1", "a", seconds=2.0), wanted("2", "a", seconds=5.0)]).seconds == 5.0


def test_places_of_text_have_names_of_their_own() -> None:
    text = [
        CodeCell("a = 1", Where("s.json", 3), question="1"),
        CodeCell("b = 1", Where("s.json", 3), question="1"),
        CodeCell("c = 1", Where("s.md", 7)),
    ]
    places = [c.place for c in make_program(text, []).cells]
    assert places == ["the code of 1", "the code of 1 (2)", "line 7"]


class Broken:
    """A sandbox with a fault."""

    def __init__(self) -> None:
        self.closed = False

    def run(self, program: Program) -> dict[str, Ran]:
        raise RuntimeError("no more pipes")

    def close(self) -> None:
        self.closed = True


def test_a_fault_of_the_sandbox_is_nobodys_mistake() -> None:
    runner, broken = Runner(), Broken()
    runner._sandbox = broken  # type: ignore[assignment]
    ran = runner.run(cells("1"), [wanted("1", "a")])
    message = "The sandbox failed (RuntimeError: no more pipes)."
    assert ran == {("1", "c"): {"a": Ran(State.NOT_RUN, message=message)}}
    assert broken.closed
    assert runner._sandbox is None


class Without:
    """A sandbox in which a package is not there."""

    def __init__(self, module: str) -> None:
        self.module = module

    def run(self, program: Program) -> dict[str, Ran]:
        return {a.key: Ran(State.NOT_RUN, message="x", missing_module=self.module) for a in program.asks}


@pytest.mark.parametrize(
    ("source", "module", "state"),
    [
        ("import torch", "torch", State.NOT_RUN),
        ("def f():\n    from torch.nn import Linear", "torch.nn", State.NOT_RUN),
        ("import numpy as np, torch as t", "torch", State.NOT_RUN),
        ("def f():\n    raise ModuleNotFoundError(name='torch')", "torch", State.RAISED),
        ("# import torch\nx = 'import torch'", "torch", State.RAISED),
        ("import numpy", "<script>", State.RAISED),
    ],
)
def test_a_missing_package_counts_where_it_is_imported(source: str, module: str, state: State) -> None:
    runner = Runner()
    runner._sandbox = Without(module)  # type: ignore[assignment]
    ran = runner.run(cells("1", sources=[source]), [wanted("1", "a")])["1", "c"]["a"]
    assert ran.state is state
    assert ran.missing_module == (module if state is State.NOT_RUN else "")


# ---- what readers make of a file


OUTLINE = Outline("hw", "Homework", (QuestionHead("1", "First"), QuestionHead("2", "Second")))


def read(path: Path, text: str) -> Submission:
    path.write_text(text, "utf-8")
    return readers.read(path, lambda name: OUTLINE, student=None, source=path.name)


def code_cell(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": []}


def heading(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": text, "metadata": {}}


def test_cells_of_a_notebook_are_all_there_in_order(tmp_path: Path) -> None:
    inside = [
        code_cell("import numpy as np"),
        heading("## Question 1"),
        code_cell("a = 1"),
        code_cell(""),
        code_cell("data = 3", nbgrader={"grade_id": "data", "locked": True, "solution": False}),
        heading("## Question 2"),
        code_cell("b = 2"),
    ]
    notebook = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": inside})
    found = read(tmp_path / "s1.ipynb", notebook).cells
    assert [(c.source, c.where.cell, c.question) for c in found] == [
        ("import numpy as np", 1, None),
        ("a = 1", 3, "1"),
        ("data = 3", 5, None),  # the sheet's own cell: run, and nobody's answer
        ("b = 2", 7, "2"),
    ]


def test_fenced_code_of_markdown(tmp_path: Path) -> None:
    text = "Intro\n\n```python\nimport numpy\n```\n\n## Question 1\n\n```\na = 1\n```\n\n"
    text += "## Question 2\n\nwords\n"
    found = read(tmp_path / "s1.md", text).cells
    assert [(c.source, c.question) for c in found] == [("import numpy", None), ("a = 1", "1")]


def test_code_in_the_parts_of_a_json_answer(tmp_path: Path) -> None:
    text = (
        '{"student": "s1", "answers": {"2": {"code": "def f(x):\\n    return x", "answer": "no"}, '
        '"1": "import math\\nr = math.pi"}}'
    )
    found = read(tmp_path / "s1.json", text).cells
    assert [(c.source, c.question) for c in found] == [
        ("import math\nr = math.pi", "1"),
        ("def f(x):\n    return x", "2"),
    ]
