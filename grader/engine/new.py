"""A rubric and its reference to start from: they verify as they are, and say what to change."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from string import Template

from grader.engine.schema import rubric_schema
from grader.errors import UsageFault

__all__ = ["SCHEMA_FILE", "start_rubric"]

SCHEMA_FILE = "rubric.schema.json"

SHEET = Template("""\
#:schema $schema
# A rubric. `grade verify $name` says what is wrong with it, `grade run answers/ --rubric $name` uses it.
# docs/authoring.md explains every key, docs/checkers.md every kind of criterion.
id = "$name"
title = "$title"
points = $points                     # what the questions add up to

[symbols]                      # names that answers may use, with their kinds
X = "matrix n d"
w = "vector d"                 # a column
t = "vector n"
n = "dim"                      # a size that is also used as a number
""")

EXAMPLE = Template("""
# --------------------------------------------------------------------------------------------------
[[questions]]
id = "$id"                       # the number on the sheet
title = "Gradient of the loss"
prompt = "What is asked, in your words: a reader tells it from the answer where a student repeats it."
points = 2
define = { a = 'X w - t' }     # abbreviations that answers may use
conventions = ["The loss is (1/n)‖Xw − t‖²."]

[[questions.criteria]]
id = "gradient"
title = "the gradient"
kind = "expression"            # a formula, compared by its mathematics
points = 1.5
reference = "$module:gradient"
expected = '\\frac{2}{n} X^T (X w - t)'
labels = ['\\nabla_w \\mathcal{L}', '\\frac{\\partial \\mathcal{L}}{\\partial w}']
accept = ['2/n * X.T @ a']     # rewrites that must be accepted; `grade verify` tries them
[[questions.criteria.mistakes]]
answer = '\\frac{1}{n} X^T a'   # a mistake that occurs
feedback = "The 2 from the square is missing."
credit = 0.5                   # the share it earns all the same

[[questions.criteria]]
id = "reason"
title = "says where the factor comes from"
kind = "prose"                 # never judged by machine: a person sees the answer and what was looked for
points = 0.5
why = "An explanation in words."
look = [{ note = "names the chain rule", words = 'chain rule' }]
""")

STUB = Template("""
# --------------------------------------------------------------------------------------------------
[[questions]]
id = "$id"
title = "Question $id"
points = 1

[[questions.criteria]]
id = "answer"
kind = "prose"                 # until you choose another kind, a person grades it
points = 1
""")

REFERENCE = Template('''\
"""References of $name: every quantity derived in sympy and measured in numpy, proved to agree.

Parameters are symbols of the rubric: sympy matrices X (n, d), w (d, 1), t (n, 1) in the first function of
a pair, numpy arrays X (n, d), w (d,), t (n,) in the second. Twins that share a formula share its mistake:
derive in one, measure in the other.
"""

import numpy as np
import sympy as sp

TOLERANCE = 1e-6  # relative: how far a measurement may be off

STEP = 1e-5  # of the finite differences


def symbolic_gradient(X, w, t):
    """The gradient of (1/n) ||Xw - t||^2 by w, (d, 1): each weight's derivative."""
    weights = sp.Matrix([sp.Dummy(f"w{j}") for j in range(X.cols)])
    loss = sum(r**2 for r in X * weights - t) / sp.Integer(X.rows)
    here = dict(zip(weights, w, strict=True))
    return sp.Matrix([sp.diff(loss, v).subs(here) for v in weights])


def numeric_gradient(X, w, t):
    """The same, (d,), by central differences of the loss."""

    def loss(weights):
        return np.mean((X @ weights - t) ** 2)

    steps = STEP * np.eye(len(w))
    return np.array([(loss(w + s) - loss(w - s)) / (2 * STEP) for s in steps])
''')


def start_rubric(name: str, folder: Path, questions: Sequence[str], title: str = "") -> list[Path]:
    """Write ``rubrics/<name>.toml``, its schema for editors and ``reference/<module>.py`` below ``folder``.

    Returns:
        The files written, in the order in which an author should look at them.

    Raises:
        UsageFault: the name or a question's number cannot be used, or a file is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise UsageFault(
            f"{name!r} cannot be the name of a rubric; use small letters, digits and hyphens, such as my-hw1"
        )
    ids = list(questions) or ["1"]
    for id in ids:
        if not re.fullmatch(r"[0-9A-Za-z]+(\.[0-9A-Za-z]+)*", id):
            raise UsageFault(f"{id!r} is not a question number such as 2.2.3 or 5a")
    if len(set(ids)) < len(ids):
        raise UsageFault(f"a question number is given twice: {', '.join(ids)}")
    module = name.replace("-", "_")
    rubric, reference = folder / "rubrics" / f"{name}.toml", folder / "reference" / f"{module}.py"
    schema = folder / "rubrics" / SCHEMA_FILE
    for file in (rubric, reference):
        if os.path.lexists(file):
            raise UsageFault(f"{file}: is there already; choose another name, or move it away first")
    values = {
        "name": name,
        "module": module,
        "schema": f"./{SCHEMA_FILE}",
        "title": title or name,
        "points": str(2 + len(ids) - 1),
    }
    text = SHEET.substitute(values) + EXAMPLE.substitute(values, id=ids[0])
    text += "".join(STUB.substitute(id=id) for id in ids[1:])
    for file, content in (
        (rubric, text),
        (reference, REFERENCE.substitute(values)),
        (schema, json.dumps(rubric_schema(), indent=1, ensure_ascii=False) + "\n"),
    ):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")
        except OSError as e:
            raise UsageFault(f"{file}: cannot be written ({e.strerror}); work in another folder") from e
    return [rubric, reference, schema]
