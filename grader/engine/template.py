"""What students start from: the sheet's questions in place, room for an answer below each.

Handed in as it is, every answer of it is missing; nothing that stands in it is taken for a student's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from grader.rubric import Question, Rubric

__all__ = ["FORMS", "template"]

FORMS = ("ipynb", "md", "json")
HERE = "*Type your answer here.*"


def template(rubric: Rubric, form: str, student: str = "", answers: Mapping[str, Any] | None = None) -> str:
    """The text of a file for one of ``FORMS``; ``student``: whose it is, where that is known already.

    ``answers``: what stands in the room for an answer already, by question; text, or for JSON any value.
    """
    answers = answers or {}
    match form:
        case "ipynb":
            return json.dumps(_notebook(rubric, student, answers), indent=1, ensure_ascii=False) + "\n"
        case "md":
            return _markdown(rubric, student, answers)
        case "json":
            return json.dumps(_object(rubric, student, answers), indent=2, ensure_ascii=False) + "\n"
    raise ValueError(form)


def _object(rubric: Rubric, student: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "student": student,
        "assignment": rubric.id,
        "answers": {q.id: answers.get(q.id, "") for q in rubric.questions},
    }


def _markdown(rubric: Rubric, student: str, answers: Mapping[str, str]) -> str:
    lines = [
        "---",
        f"student: {student}".rstrip(),
        f"assignment: {rubric.id}",
        "---",
        "",
        f"# {rubric.title}",
        "",
    ]
    for q in rubric.questions:
        lines += [f"## {_head(q)}", ""]
        lines += [q.prompt, ""] if q.prompt else []
        lines += ["**Answer:**", "", answers.get(q.id, HERE), ""]
        for stub in _stubs(q):
            lines += ["```python", stub, "```", ""]
    return "\n".join(lines)


def _notebook(rubric: Rubric, student: str, answers: Mapping[str, str]) -> dict[str, Any]:
    cells = [_cell("title", f"# {rubric.title}", {"nbgrader": _locked("title")})]
    for q in rubric.questions:
        name = re.sub(r"\W", "-", q.id)
        text = f"## {_head(q)}\n\n{q.prompt}".rstrip()
        cells.append(_cell(f"q-{name}", text, {"nbgrader": _locked(f"q-{name}")}))
        cells.append(_cell(f"a-{name}", answers.get(q.id, HERE), {"grader": {"question": q.id}}))
        for i, stub in enumerate(_stubs(q)):
            code = _cell(f"c-{name}-{i}", stub, {"grader": {"question": q.id}})
            cells.append({**code, "cell_type": "code", "execution_count": None, "outputs": []})
    whose = {"assignment": rubric.id, **({"student": student} if student else {})}
    return {
        "cells": cells,
        "metadata": {
            "grader": whose,
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(name: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "markdown",
        "id": name,
        "metadata": metadata,
        "source": source.splitlines(keepends=True),
    }


def _locked(name: str) -> dict[str, Any]:
    """nbgrader's mark of a cell that belongs to the sheet (version 3 of its schema)."""
    return {
        "schema_version": 3,
        "grade_id": f"sheet-{name}",
        "grade": False,
        "solution": False,
        "locked": True,
        "task": False,
    }


def _head(q: Question) -> str:
    points = float(q.points)
    worth = f"{points:g} {'point' if points == 1 else 'points'}" + (", bonus" if q.bonus else "")
    return f"{q.id} {q.title} ({worth})" if q.title else f"{q.id} ({worth})"


def _stubs(q: Question) -> Iterator[str]:
    """A function to fill in for every one that is asked for."""
    seen = set()
    for c in q.criteria:
        name, parameters = c.options.get("function"), c.options.get("parameters")
        if c.kind == "code" and isinstance(name, str) and isinstance(parameters, list) and name not in seen:
            seen.add(name)
            yield f"def {name}({', '.join(map(str, parameters))}):\n    raise NotImplementedError"
