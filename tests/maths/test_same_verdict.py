"""A verdict depends on the question and the answer alone: not on the answers judged before, nor on the
order in which Python's sets happen to give their members."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from grader.maths.compare import Comparison, Problem, Tolerance
from grader.maths.declare import Declarations

HERE = Path(__file__).parent
ROWS = HERE.parents[1] / "benchmarks" / "rows.toml"
MOST = 25  # answers of one question


def said(out: Comparison) -> dict[str, Any]:
    names = ("verdict", "message", "reason", "read_as", "evidence", "mistake", "notes", "place")
    return {name: getattr(out, name) for name in names} | {"node": repr(out.node)}


@cache
def questions() -> list[tuple[str, dict[str, Any], list[str]]]:
    """The expected text, what else ``Problem`` takes, and answers, right and wrong."""
    return [
        *_awkward(),
        *_benchmark(),
        *(q for path in sorted((HERE / "cases").glob("*.toml")) for q in _groups(path)),
    ]


def _awkward() -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """Answers that leave something behind: values drawn, abbreviations computed, a matrix found singular."""
    scalars = dict.fromkeys("abcfghpq", "scalar")
    answers = ["h a", "b + c + f + g + p + q + h", "q a/h", "a/p^2", "|q| a"]
    yield "a", {"declarations": Declarations.make(scalars)}, answers
    yield r"\sqrt{a^2}", {"declarations": Declarations.make(scalars)}, [*answers, r"\sqrt{a^2} h"]

    symbols = {"x": "scalar", "u": "vector d", "Q": "matrix d d", "d": "dim"}
    long = "+".join(f"x^{{{k}}}" for k in range(2, 200))
    define = {"y": long, "z": f"y^2 + {long}", "s": f"z + y + {long}"}
    often = r"\sum_{i=1}^{1999} \sum_{j=1}^{%d} i x"
    declarations = Declarations.make(symbols, define=define, assume=["u is unit", "Q is orthogonal"])
    answers = ["s", "z", "y", "x z", "s - z", *(f"s + {often % k}" for k in (15, 16, 17, 18, 19, 20))]
    yield "s + y", {"declarations": declarations}, [*answers, "y + y", "z + s + y", r"1/(\|u\|^2 - 1)"]
    answers = ["u^T u", r"\|u\|", r"1/(\|u\| - 1)", r"\log(x^2 - x x)", r"\|u\| + 1/(x - x)", "e^{u^T Q u}"]
    yield r"e^{x}", {"declarations": declarations}, [*answers, "e^{x} + 1/(e^{x} - e^{x})", "x e^{x}"]

    gram = {"X": "matrix n d", "Y": "matrix n d", "t": "vector n", "n": "dim", "d": "dim"}
    inverse = "(XX^T)^{-1}(YY^T)^{-1} t"
    answers = ["(X^TX)^{-1}(Y^TY)^{-1} X^TY X^T t", "X (X^TX)^{-1}(Y^TY)^{-1} Y^T t", "n t", "d t"]
    declarations = Declarations.make(gram, assume=["d > n", "X full rank", "Y full rank"])
    yield inverse, {"declarations": declarations}, [*answers, f"d {inverse}", f"n {inverse}"]


def _benchmark() -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    data = tomllib.loads(ROWS.read_text(encoding="utf-8"))
    for row in data["row"]:
        declarations = Declarations.make(data["symbols"], assume=row.get("assume", ()))
        yield row["expected"], {"declarations": declarations}, row["right"] + row["wrong"]


def _groups(path: Path) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    for g in tomllib.loads(path.read_text(encoding="utf-8")).get("group", ()):
        options = {
            "declarations": Declarations.make(
                g.get("symbols", {}), g.get("latex"), g.get("define"), g.get("assume", ())
            ),
            "tolerance": Tolerance(**g["tolerance"]) if "tolerance" in g else None,
            "accept_transpose": g.get("accept_transpose", False),
        }
        answers = g.get("equivalent", []) + g.get("different", []) + [a for a, _ in g.get("invalid", [])]
        # wrong answers of every sort: names nobody else asks for, other shapes, no value
        names = list(g.get("symbols", {}))
        answers += [f"{n} ({g['expected']})" for n in names[:4]] + [f"2 {n}" for n in names[:4]]
        yield g["expected"], options, answers[:: 1 + len(answers) // MOST]


def judged() -> list[list[dict[str, Any]]]:
    out = []
    for expected, options, answers in questions():
        problem = Problem(expected=expected, **options)
        out.append([said(problem.judge(a)) for a in answers])
    return out


def test_the_answers_before_change_nothing() -> None:
    rng = random.Random(20261122)
    for expected, options, answers in questions():
        shared = Problem(expected=expected, **options)
        order = rng.sample(answers, len(answers))
        together = {a: said(shared.judge(a)) for a in order}
        for a in answers:
            alone = said(Problem(expected=expected, **options).judge(a))
            assert together[a] == alone, (expected, a)


def test_the_order_of_sets_changes_nothing() -> None:
    code = "import json; from tests.maths.test_same_verdict import judged; print(json.dumps(judged()))"
    runs = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        environment["PYTHONPATH"] = os.pathsep.join([str(HERE.parents[1]), *sys.path])
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, text=True)
        assert done.returncode == 0, done.stderr
        runs.append(json.loads(done.stdout))
    for (expected, _, answers), first, second in zip(questions(), *runs, strict=True):
        for a, x, y in zip(answers, first, second, strict=True):
            assert x == y, (expected, a)
