"""Whatever a student wrote: a judgement comes out, soon, with evidence that can be stored."""

from __future__ import annotations

import importlib
import itertools
import json
import pkgutil
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.checkers import Check
from grader.engine.grade import build_check
from grader.model import Answer, CodeCell, Judgement, Outcome, Where
from grader.rubric import Criterion, Question, Rubric, load_rubric
from tests.clock import ends

RUBRICS = Path(__file__).resolve().parents[2] / "rubrics"
LENGTH = 10_000
OF_A_KIND = 1

PIECES = [
    *[
        "a",
        " ",
        "\n",
        "1",
        "$",
        "$$",
        "\\",
        "{",
        "}",
        "[",
        "(",
        ")",
        "|",
        "||",
        "-",
        ":",
        "=",
        "^",
        "_",
        "&",
        "'",
    ],
    *["no ", "not ", "yes ", "[[", "[1]", "\\[", "\\(", "1,", "O(", "O(t) ", "forward ", ". ", "| a | 1 |\n"],
    *[
        "\\begin{align}",
        "\\begin{tabular}",
        "\\begin{bmatrix}",
        "\\boxed{",
        "\\frac",
        "\\frac{",
        "\\hat",
        "\\sqrt",
    ],
    *[
        "\\left(",
        "\\|",
        "\\sum",
        "\\eta=",
        "$\\eta$ ",
        "$w_1=w_0$ ",
        "w=1\n",
        "a = b ",
        "a: 1\n",
        "1\n2\n",
        "e^",
    ],
    *[
        "X^T",
        "X X^T ",
        "X^{-1}",
        "[[1,2],[3,4]] ",
        "K = XX^T\n",
        "Conv3-64 = 1\n",
        "9**9",
        "1/0 ",
        "w}",
        "w_{",
    ],
]


@cache
def rubrics() -> tuple[Rubric, ...]:
    return tuple(load_rubric(p) for p in sorted(RUBRICS.glob("*.toml")))


@cache
def checks() -> tuple[tuple[str, Check], ...]:
    """Of every kind the criterion that has most to look for; all of them would take minutes."""
    found: dict[str, list[tuple[int, str, Question, Criterion]]] = {}
    for r in rubrics():
        for q in r.questions:
            for c in q.criteria:
                row = (len(repr(c.options)), f"{r.id} {q.id} {c.id}", q, c)
                found.setdefault(c.kind, []).append(row)
    most = [row for rows in found.values() for row in sorted(rows, key=lambda row: row[:2])[-OF_A_KIND:]]
    return tuple((name, build_check(q, c)) for _, name, q, c in most)


def judge_all(answer: Answer) -> None:
    earlier: dict[str, Judgement] = {}
    for name, check in checks():
        with ends(name):
            judgement = check(answer, earlier)
        assert isinstance(judgement, Judgement), name
        assert isinstance(judgement.outcome, Outcome), name
        assert judgement.outcome is not Outcome.ERROR, f"{name}: {judgement.message}"
        assert 0 <= judgement.credit <= 1, name
        assert isinstance(judgement.message, str), name
        json.dumps(dict(judgement.evidence), allow_nan=False)
        earlier[name.rsplit(" ", 1)[-1]] = judgement


def answer(text: str = "", value: Any = None, output: str = "") -> Answer:
    code = (CodeCell("run()", Where("x"), output),) if output else ()
    return Answer("1", Where("x"), text=text, value=value, code=code)


texts = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.text("[](){}$\\|^_=1aXT \n"),
)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.integers().map(lambda n: 10 ** min(abs(n), 5000)),
    texts,
)
keys = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["a", "b", "w_1", "L_1", "eta", "derivative", "forward", "backward", "output", "rows", "total"]
    ),
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=12,
)

relaxed = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))


@relaxed
@given(texts)
def test_any_text(text: str) -> None:
    judge_all(answer(text))


@relaxed
@given(values)
def test_any_value(value: Any) -> None:
    judge_all(answer(value=value))


@relaxed
@given(texts)
def test_any_printed_output(text: str) -> None:
    judge_all(answer("see the code", output=text))


def test_a_value_nested_deeply() -> None:
    value: Any = 1
    for _ in range(5000):
        value = [value]
    judge_all(answer(value=value))


@pytest.mark.parametrize("piece", PIECES)
def test_long_answers_take_no_time(piece: str) -> None:
    text = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
    judge_all(answer(text))


# ---- regular expressions: no text makes one of them slow


PACKAGES = ("grader.checkers", "grader.maths")
AUTHORS_ONLY = frozenset({"grader.maths.declared"})  # patterns that no student's text ever meets
LENGTHS = (1000, 4000)  # growing, so that a bad one is caught before it takes minutes


def patterns() -> dict[str, re.Pattern[str]]:
    """Those at the top of a module, and those that rubrics bring."""
    found: dict[str, re.Pattern[str]] = {}
    for package in PACKAGES:
        for info in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            for name, value in vars(importlib.import_module(info.name)).items():
                for k, p in enumerate(_flat(value)):
                    if isinstance(p, re.Pattern) and info.name not in AUTHORS_ONLY:
                        found[f"{info.name}.{name}[{k}]"] = p
    for rubric in rubrics():
        for q in rubric.questions:
            for c in q.criteria:
                for k, text in enumerate(_texts(c.options)):
                    found[f"{c.place}[{k}]"] = re.compile(text, re.IGNORECASE)
    return {name: p for p, name in {p: name for name, p in found.items()}.items()}


def _flat(value: Any) -> list[Any]:
    return [x for v in value for x in _flat(v)] if isinstance(value, tuple | list) else [value]


def _texts(options: Any, key: str = "") -> list[str]:
    """The values of ``words`` and ``choices`` and the like, wherever they stand."""
    if isinstance(options, dict):
        inner = key if key == "choices" else ""
        return [t for k, v in options.items() for t in _texts(v, inner or k)]
    if isinstance(options, list):
        return [t for v in options for t in _texts(v, key)]
    return [options] if key in ("words", "unless", "other_words", "choices") and options else []


STARTS = ("no", "is not", "[", "1", "w", "(", "stored in the", "linear", "x")
RUNS = (
    " ",
    "a",
    "1 ",
    "-",
    "\n",
    "\\[",
    "\\(",
    "[[",
    "(",
    "{",
    "no ",
    "stored in the ",
    "\\begin{align}",
    "1,",
    "O(",
    "$",
)


def test_patterns_take_no_time() -> None:
    found = patterns()
    assert len(found) > 50
    for length in LENGTHS:
        texts = [(run * length)[:length] + "!" for run in RUNS]
        texts += [start + run * length for start in STARTS for run in (" ", "a", "1")]
        for name, p in found.items():
            for text in texts:
                with ends(f"{name} on {length} characters like {text[:20]!r}"):
                    sum(1 for _ in itertools.islice(p.finditer(text), 1000))
