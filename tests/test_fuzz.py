"""Mutated submissions and answers: nothing but the readers' own fault comes out, once for each, and it ends.

The same few examples in every run; ``GRADE_FUZZ=20000 pytest tests/test_fuzz.py`` looks for new ones.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import readers
from grader.course import named_rubric
from grader.engine.grade import Grader
from grader.engine.pairs import compare_lines
from grader.errors import UnreadableFile
from grader.model import Job, Outcome
from grader.rubric import load_rubric
from tests.clock import ends
from tests.hostile_files import answers, notebook, old_notebook

ROOT = Path(__file__).parents[1]
SHEET = "csc413-2020-hw2"
FUZZ = int(os.environ.get("GRADE_FUZZ", "0"))


def some(examples: int) -> settings:
    return settings(
        max_examples=FUZZ or examples,
        derandomize=not FUZZ,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


# ---- bytes

FILES = {path.name: path.read_bytes() for path in sorted((ROOT / "submissions_example").glob("s0*"))} | {
    "small.ipynb": notebook().encode(),
    "old3.ipynb": old_notebook(3).encode(),
    "old2.ipynb": old_notebook(2).encode(),
    "small.json": answers("s1").encode(),
}
SPLINTERS = [
    *(bytes([b]) for b in (0, 7, 9, 10, 12, 13, 27, 34, 39, 44, 58, 91, 92, 93, 123, 125, 127, 128, 255)),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xe2\x80\xa8", b"\xe2\x80\x8b"),
    *(b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"9" * 500, b'""', b"[]", b"{}", b"[[[[", b"}}}}"),
    *(b'"cells"', b'"source"', b'"metadata"', b'"nbformat"', b'"outputs"', b'"worksheets"', b'"answers"'),
    *(b"\\ud800", b"\\u0000", b"\\u202e", b"\\n\\n## 2.2.3\\n", b"\n## 2.1.1\n", b"\n```\n", b"$$", b"<!--"),
    *(
        b"\n<<<<<<< a\n",
        b"\n=======\n",
        b"\n>>>>>>> b\n",
        b"=3D",
        b"---\nstudent: x\n---\n",
        b"\n\\[\n",
        b"|",
    ),
]


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file of the example class, broken in a few places."""
    name = draw(st.sampled_from(sorted(FILES)))
    data = FILES[name]
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 40) | st.integers(0, len(data)))
        match draw(st.sampled_from(["cut", "drop", "repeat", "move", "splinter", "swap"])):
            case "cut":
                data = data[:at]
            case "drop":
                data = data[:at] + data[at + length :]
            case "repeat":
                data = data[: at + length] + data[at:]
            case "move":
                to = draw(st.integers(0, len(data)))
                rest = data[:at] + data[at + length :]
                data = rest[:to] + data[at : at + length] + rest[to:]
            case "swap":
                other = FILES[draw(st.sampled_from(sorted(FILES)))]
                data = data[:at] + other[at : at + length] + data[at + length :]
            case _:
                data = data[:at] + draw(st.sampled_from(SPLINTERS)) + data[at + length % 8 :]
        data = data[:200_000]
    if draw(st.integers(0, 9)) == 0:
        data = data.decode("utf-8", "replace").encode("utf-16")
    return draw(st.sampled_from([name, Path(name).stem + draw(st.sampled_from(readers.SUFFIXES))])), data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@some(400)
@given(found=mutated())
def test_mutated_files_are_read_or_refused(folder: Path, found: tuple[str, bytes]) -> None:
    outline = load_rubric(named_rubric(SHEET, ROOT)).outline()
    path = folder / found[0]
    path.write_bytes(found[1])
    with ends():
        try:
            submission = readers.read(path, lambda name: outline, source=path.name)
        except UnreadableFile as e:
            fault = e
        else:
            assert set(submission.answers) <= set(outline.ids())
            json.dumps([a.text for a in submission.answers.values()]).encode()
            repr(submission).encode()
            return
    assert 0 < len(fault.message) <= 600


@pytest.fixture(scope="module")
def grader() -> Grader:
    made = Grader({})
    made.rubric(str(named_rubric(SHEET, ROOT)))
    return made


@some(25)
@given(found=mutated())
def test_mutated_files_have_one_row_and_no_fault_of_ours(
    folder: Path, grader: Grader, found: tuple[str, bytes]
) -> None:
    path = folder / found[0]
    path.write_bytes(found[1])
    with ends():
        result = grader.grade(Job(str(path), path.name, None, str(named_rubric(SHEET, ROOT))))
    assert "toolkit" not in result.message
    assert [f for f in result.findings if f.outcome is Outcome.ERROR] == []
    rubric = grader.rubric(str(named_rubric(SHEET, ROOT)))
    assert sum(f.points for f in result.findings) <= rubric.max_score + rubric.bonus
    assert result.findings or result.message


# ---- answers

SYMBOLS = {"X": "matrix n d", "a": "vector n", "eta": "scalar > 0", "n": "dim"}
RIGHT = r"\frac{2}{n} X^T a"
WORDS = (
    r"\frac { } ( ) [ ] ^ _ T X a n \eta 2 -1 0 + - \cdot / = & \\ \begin{bmatrix} \end{bmatrix} \sum_{i} ' !"
)
PIECES = [
    *WORDS.split(" "),
    *("\u200b", "\u202e", "\x00", "\x1b[2J", "\ud800", "ᵀ", "²", "Х", "－", "۲", "½", "\n", " ", "\\ud800"),
    *(r"\left(", r"\right)", r"\text{", "%", "$", "$$", "<script>", "__import__('os')", "9^{9^9}", "e" * 50),
]


@st.composite
def mutated_answer(draw: st.DrawFn) -> str:
    text = RIGHT
    for _ in range(draw(st.integers(1, 8))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 4))
        text = text[:at] + draw(st.sampled_from(PIECES)) + text[at + length :]
    return text


@some(300)
@given(texts=st.lists(mutated_answer() | st.text(max_size=30), min_size=1, max_size=3))
def test_mutated_answers_have_one_verdict_each(texts: list[str]) -> None:
    lines = [pair(i, text) for i, text in enumerate([*texts, RIGHT])]
    with ends():
        rows = [row for row, _ in compare_lines(lines)]
    assert [row["id"] for row in rows] == list(range(len(lines)))
    assert {row["verdict"] for row in rows} <= {"equivalent", "different", "invalid", "undecided"}
    assert [row["message"] for row in rows if row["reason"] == "author"] == []
    assert rows[-1]["verdict"] == "equivalent"
    json.dumps(rows).encode()


def pair(identity: int, answer: Any) -> str:
    return json.dumps({"id": identity, "expected": RIGHT, "answer": answer, "symbols": SYMBOLS})


@some(200)
@given(
    values=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=6,
    ),
    cut=st.integers(0, 120),
    splinter=st.sampled_from(['"', "\\", "{", "]", "\x00", "\x1b", "NaN", ",", "[" * 2000, "\ud800"]),
)
def test_broken_lines_have_one_row_each(values: Any, cut: int, splinter: str) -> None:
    whole = pair(1, values)
    lines = [whole, whole[:cut] + splinter + whole[cut:], pair(3, RIGHT)]
    with ends():
        rows = [row for row, _ in compare_lines(lines)]
    assert len(rows) == 3
    assert rows[-1]["verdict"] == "equivalent"
    json.dumps(rows).encode()
