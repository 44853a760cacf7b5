"""What benchmarks/graders.py has graded: ten questions of code, students' programs, notebooks with both."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

__all__ = [
    "DATA",
    "SHEET",
    "Asked",
    "Student",
    "expression",
    "notebook",
    "questions",
    "students",
    "write_class",
]

DATA = Path(__file__).resolve().parent
SEED = 6
SHEET = "ten"


@dataclass(frozen=True)
class Asked:
    """One question: its criterion in our rubric, and the text of the test that says the same to the peers."""

    id: str
    criterion: dict[str, Any]
    prompt: str
    test: str
    cases: list[tuple[Any, ...]]
    right: list[str]
    wrong: list[str]


SAME = """\
import numpy as np
def same(value, expected, rel={rel}, tiny={tiny}):
    if isinstance(expected, tuple):
        if not isinstance(value, (tuple, list)) or len(value) != len(expected):
            return False
        return all(map(same, value, expected))
    value = np.asarray(value)
    return value.shape == np.shape(expected) and np.allclose(value, expected, rtol=rel, atol=tiny)
"""


def questions(course: Path) -> list[Asked]:
    from grader.course import find_course, load_reference

    rubric = tomllib.loads((DATA / "rubric.toml").read_text(encoding="utf-8"))
    answers = tomllib.loads((DATA / "answers.toml").read_text(encoding="utf-8"))
    out = []
    for question in rubric["questions"]:
        (criterion,) = question["criteria"]
        module, _, name = criterion["run"].partition(":")
        reference = load_reference(find_course(course), module)
        lines = [SAME.format(rel=1e-6, tiny=1e-8)]
        cases = []
        rng = np.random.default_rng(SEED)
        for case in criterion["groups"][0]["cases"]:
            arguments = getattr(reference, f"inputs_{name}")(rng, case)
            cases.append(arguments)
            expected = getattr(reference, f"numeric_{name}")(*arguments)
            lines.append(f"{', '.join(criterion['parameters'])}, = {', '.join(map(literal, arguments))},")
            lines.append(f"assert same({expression(criterion)}, {literal(expected)}), {case!r}")
        test, texts = "\n".join(lines), answers[question["id"]]
        out.append(Asked(question["id"], criterion, question["prompt"], test, cases, **texts))
    return out


def expression(criterion: dict[str, Any]) -> str:
    """The call, as Python: ``g(dout, f(x)[1])`` for the calls ``f(x)``, ``g(dout, f[1])``."""
    calls = criterion.get("calls") or [f"{criterion['function']}({', '.join(criterion['parameters'])})"]
    text = calls[0]
    for before, call in pairwise(calls):
        text = call.replace(f"{before.partition('(')[0]}[", f"{text}[")
    return text + "".join(f"[{at}]" for at in criterion.get("take", []))


def literal(value: Any) -> str:
    if isinstance(value, tuple):
        return "(" + "".join(f"{literal(v)}, " for v in value) + ")"
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()!r}, dtype={value.dtype.name!r}).reshape({value.shape})"
    return repr(value.item() if isinstance(value, np.generic) else value)


@dataclass(frozen=True)
class Student:
    id: str
    programs: dict[str, str]
    right: dict[str, bool]


def students(asked: Sequence[Asked], count: int) -> Iterator[Student]:
    """Every fourth answer is wrong, every question somewhere, and nobody has the programs of another."""
    rng = np.random.default_rng(SEED)
    for i in range(count):
        name = f"s{i + 1:03d}"
        right = {q.id: (i + j) % 4 != 0 for j, q in enumerate(asked)}
        programs = {}
        for q in asked:
            choice = q.right if right[q.id] else q.wrong
            programs[q.id] = f"# {name}\n" + choice[int(rng.integers(len(choice)))].strip("\n")
        yield Student(name, programs, right)


def notebook(asked: Sequence[Asked], student: Student | None) -> str:
    """As nbgrader releases it and the student hands it in; without a student: the instructor's source."""

    def cell(kind: str, source: str, grade: dict[str, Any] | None = None) -> dict[str, Any]:
        metadata = {"nbgrader": {"schema_version": 3, "task": False, **grade}} if grade else {}
        out = {"cell_type": kind, "id": f"c{len(cells)}", "metadata": metadata, "source": source}
        return out | ({"execution_count": None, "outputs": []} if kind == "code" else {})

    cells: list[dict[str, Any]] = []
    cells.append(cell("markdown", "# Ten code questions"))
    cells.append(cell("code", "import numpy as np"))
    for q in asked:
        cells.append(cell("markdown", f"## Question {q.id}\n\n{q.prompt}"))
        answer = {"grade_id": f"q{q.id}", "grade": False, "solution": True, "locked": False}
        test = {"grade_id": f"test{q.id}", "grade": True, "solution": False, "locked": True, "points": 1}
        solution = f"### BEGIN SOLUTION\n{q.right[0]}\n### END SOLUTION"
        hidden = f"### BEGIN HIDDEN TESTS\n{q.test}\n### END HIDDEN TESTS"
        cells.append(cell("code", student.programs[q.id] if student else solution, answer))
        cells.append(cell("code", "# hidden tests" if student else f"# hidden tests\n{hidden}", test))
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def write_class(folder: Path, asked: Sequence[Asked], members: Sequence[Student]) -> None:
    for student in members:
        place = folder / student.id / SHEET
        place.mkdir(parents=True)
        (place / f"{SHEET}.ipynb").write_text(notebook(asked, student), encoding="utf-8")
