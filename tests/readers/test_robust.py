"""Whatever the bytes: a ``Submission`` or ``UnreadableFile``, soon."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import readers
from grader.errors import UnreadableFile
from grader.model import Submission
from tests.clock import ends
from tests.readers.conftest import OUTLINES

SHEETS = Path(__file__).parent / "sheets"

FRAGMENTS = [
    "1.",
    "2.1",
    "2.2.3",
    "3.1",
    "(a)",
    "b)",
    "#",
    "##",
    "**",
    "$$",
    "$",
    "```",
    "```python",
    "\n",
    "\n\n",
    " ",
    "Answer.",
    "Solution:",
    "|",
    "<!--",
    "-->",
    "\\[",
    "\\]",
    "\\begin{align}",
    "\\end{align}",
    "\\section*{",
    "}",
    "[4pt]",
    "> ",
    "![](",
    "Hint:",
    "Show that x.",
    "Why?",
    "- ",
    "---",
    "student: ",
    "\x0c",
    "\u2028",
    "\\item[(a)]",
]

lenient = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(FRAGMENTS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["2.1", "3.1", "a", "cells", "source", "metadata", "answers"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
cells = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["markdown", "code", "raw", "heading"]) | values,
        "source": st.sampled_from(["## 2.1\nx", "", ["## 3.5\n", "y"]]) | values,
        "input": values,
        "level": values,
        "outputs": st.lists(
            values | st.fixed_dictionaries({"output_type": st.just("stream"), "text": values})
        )
        | values,
        "metadata": values | st.fixed_dictionaries({"tags": values, "nbgrader": values, "question": values}),
    },
)


def read_or_fault(path: Path, content: bytes) -> Submission | None:
    """Read; what comes back can be stored, pickled and printed."""
    path.write_bytes(content)
    try:
        submission = readers.read(path, lambda name: OUTLINES["mat101-hw2"], source="x")
    except UnreadableFile as e:
        f"{e.message}{e.place}{e.cure}".encode()
        return None
    assert pickle.loads(pickle.dumps(submission)).student == submission.student
    repr(submission).encode()
    json.dumps([[a.text, a.prompt, a.notes, [c.output for c in a.code]] for a in submission.answers.values()])
    assert set(submission.answers) <= set(OUTLINES["mat101-hw2"].ids())
    return submission


@pytest.mark.parametrize("suffix", readers.SUFFIXES)
@lenient
@given(content=st.binary(max_size=200))
def test_random_bytes(suffix: str, tmp_path: Path, content: bytes) -> None:
    read_or_fault(tmp_path / f"x{suffix}", content)


@lenient
@given(parts=st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=60))
def test_random_sheets(tmp_path: Path, parts: list[str]) -> None:
    read_or_fault(tmp_path / "x.md", "".join(parts).encode("utf-8", "replace"))


@lenient
@given(value=values)
def test_random_json(tmp_path: Path, value: Any) -> None:
    read_or_fault(tmp_path / "x.json", json.dumps(value).encode())
    read_or_fault(tmp_path / "x.json", json.dumps({"answers": value}).encode())
    read_or_fault(tmp_path / "x.json", json.dumps({"answers": {"2.1": value, "3.1": value}}).encode())


@lenient
@given(inside=st.lists(cells, max_size=4), version=st.sampled_from([2, 3, 4]), metadata=values)
def test_random_notebooks(tmp_path: Path, inside: list[Any], version: int, metadata: Any) -> None:
    book = {"nbformat": version, "metadata": metadata, "cells": inside, "worksheets": [{"cells": inside}]}
    read_or_fault(tmp_path / "x.ipynb", json.dumps(book).encode())


@pytest.mark.parametrize("keep", range(0, 400, 7))
def test_truncated_notebooks(keep: int, tmp_path: Path) -> None:
    cell = {"cell_type": "markdown", "metadata": {"tags": ["q2.1"]}, "source": ["## 2.1\n", "x"]}
    code = {
        "cell_type": "code",
        "metadata": {},
        "source": "x",
        "outputs": [{"output_type": "stream", "text": "1"}],
    }
    whole = json.dumps({"metadata": {}, "nbformat": 4, "nbformat_minor": 5, "cells": [cell, code]}).encode()
    submission = read_or_fault(tmp_path / "x.ipynb", whole[:keep])
    assert (submission is None) == (keep < len(whole))


HEAD = "## 2.1\n"
HOSTILE: dict[str, str | bytes] = {
    "one long line": HEAD + "a" * 3_900_000,
    "many lines": HEAD + "a b\n" * 19_000,
    "headings": HEAD * 19_000,
    "items": "1. a\n2. b\n(a) c\n## 2.2.3 x\n3.1 foo\n3 Foo\n\n" * 330,
    "open displays": HEAD + "\\[ a\n" * 19_000,
    "open environments": HEAD + "\\begin{align} x\n" * 19_000,
    "open fences": HEAD + "```py\n" * 19_000,
    "open comments": HEAD + "<!-- a\n" * 19_000,
    "stars": HEAD + "*" * 1_000_000 + "\n" + "**a" * 100_000,
    "dollars": HEAD + "$" * 999_999 + "\n" + "$ a " * 300_000,
    "open pictures": HEAD + "![a" * 300_000 + "\n\n" + "![](" * 300_000 + "\n\n" + "<img " * 300_000,
    "brackets": HEAD + "(" * 1_000_000 + "[4pt" * 10_000,
    "numbers": HEAD + "1." * 500_000 + "\n" + "2.2." * 300_000,
    "sentences": HEAD + "Is it? Yes. " * 300_000,
    "paragraphs": HEAD + "Show that x.\n\n" * 9_000,
    "markers": HEAD + "Answer: a\n" * 19_000,
    "dashes": HEAD + "-" * 1_000_000 + "a",
    "page numbers": HEAD + "".join(f"\n\n{i}\n\n" for i in range(4_500)),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_no_sheet_takes_long(case: str, tmp_path: Path) -> None:
    text = HOSTILE[case]
    with ends():
        read_or_fault(tmp_path / "x.md", text.encode() if isinstance(text, str) else text)


HOSTILE_JSON: dict[str, str] = {
    "deep": "[" * 3_000_000,
    "numbers": '{"answers": {"2.1": [' + "1," * 1_500_000 + "1]}}",
    "quotes": '{"answers": {"2.1": "' + '\\"' * 1_900_000 + '"}}',
    "keys": '{"answers": {' + ",".join(f'"{i}": 1' for i in range(250_000)) + "}}",
}


@pytest.mark.parametrize("case", HOSTILE_JSON)
def test_no_json_takes_long(case: str, tmp_path: Path) -> None:
    with ends():
        read_or_fault(tmp_path / "x.json", HOSTILE_JSON[case].encode())


def test_a_large_notebook_does_not_take_long(tmp_path: Path) -> None:
    picture = {"output_type": "display_data", "data": {"image/png": "A" * 15_000_000}}
    cell = {"cell_type": "markdown", "source": HEAD + "a " * 1_000_000}
    book = {"nbformat": 4, "cells": [cell, {"cell_type": "code", "source": "x", "outputs": [picture]}]}
    with ends():
        assert read_or_fault(tmp_path / "x.ipynb", json.dumps(book).encode()) is not None
