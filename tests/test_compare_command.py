"""``grade compare``: one pair for a person, many for a pipeline."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader import compare
from grader.cli import main


def grade(*args: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["compare", *args], input=text)


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_an_equivalent_pair_exits_with_0() -> None:
    result = grade("2 a", "a + a", "--symbol", "a: scalar")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "✓ equivalent"
    assert "  read as: a + a" in result.stdout.splitlines()


def test_a_different_pair_shows_a_counterexample_and_exits_with_1() -> None:
    result = grade(
        "(AB)^{-1}", "A^{-1}B^{-1}", "--symbol", "A: matrix n n", "--symbol", "B: matrix n n", "--json"
    )
    assert result.exit_code == 1
    verdict = json.loads(result.stdout)
    assert verdict["verdict"] == "different"
    assert verdict["evidence"]["level"] == "refuted"
    example = verdict["evidence"]["counterexample"]
    assert set(example["values"]) == {"A", "B"}
    assert example["yours"] != example["expected"]


def test_a_fault_has_a_caret_under_its_place() -> None:
    result = grade("x", "2 + q", "--symbol", "x: scalar")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "¿ invalid (unknown-symbol)",
        "  q is not declared; the names here are x.",
        "  2 + q",
        "      ^",
    ]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "grade: give EXPECTED and ANSWER, or --jsonl FILE; `grade compare --help` has examples\n"),
        (("x", "x", "--symbol", "x"), "grade: --symbol 'x': expected NAME:TEXT, such as 'X: matrix n d'\n"),
        (
            ("x", "x", "--symbol", "x: number"),
            (
                "grade: symbol 'x' has the kind 'number'; expected one of: scalar, scalar > 0, scalar != 0, "
                "integer, integer > 0, dim, vector n, matrix n d, function scalar->scalar\n"
            ),
        ),
        (
            ("--jsonl", "no-such-file.jsonl"),
            "grade: no-such-file.jsonl: no such file; give a file of JSON lines, or - for standard input\n",
        ),
    ],
)
def test_a_wrong_call_exits_with_2(args: tuple[str, ...], message: str) -> None:
    result = grade(*args)
    assert result.exit_code == 2
    assert result.stderr == message


def test_lines_come_out_in_order_one_for_one(tmp_path: Path) -> None:
    lines = [
        {"id": "a", "symbols": {"x": "scalar"}, "expected": "2x", "answer": "x+x"},
        {"id": "b", "symbols": {"x": "scalar"}, "expected": "2x", "answer": "x^2"},
        {"id": "c", "symbols": {"x": "scalar"}, "expected": "2x", "answer": ""},
        {"id": "d", "symbols": {"x": "scalar"}, "expected": "2x", "answer": "x +* 2"},
        {"id": 5, "symbols": {}, "expected": "0.5", "answer": "0.5000001", "tolerance": {"rel": 1e-3}},
        {"id": 6, "symbols": {}, "expected": "3.25", "answer": "3,25", "locale": "decimal-comma"},
    ]
    file = tmp_path / "pairs.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    result = grade("--jsonl", str(file))
    assert result.exit_code == 0
    out = rows(result)
    assert [r["id"] for r in out] == ["a", "b", "c", "d", 5, 6]
    assert [r["verdict"] for r in out] == [
        "equivalent", "different", "invalid", "invalid", "equivalent", "equivalent",
    ]  # fmt: skip
    assert [r["reason"] for r in out[2:4]] == ["empty", "syntax"]


def test_a_bad_line_costs_only_itself() -> None:
    good = json.dumps({"id": 1, "symbols": {"x": "scalar"}, "expected": "x", "answer": "x"})
    unknown = json.dumps({"id": 2, "symbols": {"x": "scaler"}, "expected": "x", "answer": "x"})
    unread = json.dumps({"id": 3, "symbols": {}, "expected": "((", "answer": "1"})
    result = grade("--jsonl", "-", text=f"{good}\n{{broken\n{unknown}\n{unread}\n\n{good}\n")
    assert result.exit_code == 1
    out = rows(result)
    assert [r["verdict"] for r in out] == ["equivalent", "undecided", "undecided", "undecided", "equivalent"]
    assert [r["reason"] for r in out] == [None, "author", "author", "author", None]
    assert out[2]["message"].startswith("line 3: symbol 'x' has the kind 'scaler'; expected one of: scalar,")


def test_the_python_api_is_the_same() -> None:
    verdict = compare(
        r"\frac{2}{n} X^T a", "2/n * X.T @ (X @ w - t)",
        {"X": "matrix n d", "w": "vector d", "t": "vector n", "n": "dim"},
        define={"a": "X w - t"},
    )  # fmt: skip
    assert verdict.verdict == "equivalent"
    assert verdict.equivalent


def test_importing_the_package_alone_loads_nothing_heavy() -> None:
    code = (
        "import sys, grader; heavy = {'numpy', 'sympy', 'pandas', 'flint', 'nbformat', 'click'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_half_a_letter_costs_its_answer_not_its_line() -> None:
    begins = '{"id": 7, "expected": "2", '
    ends = ('"answer": "2\\ud800", "symbols": {}}', '"symbols": {}, "answer": "\\uD800"}')
    found = rows(grade("--jsonl", "-", text="\n".join(begins + end for end in ends)))
    assert [(row["id"], row["verdict"]) for row in found] == [(7, "invalid"), (7, "invalid")]


def test_bytes_that_are_no_text_cost_their_line(tmp_path: Path) -> None:
    lines = [
        b'{"id": 1, "expected": "2", "answer": "\xff2"}',
        b"\xff\xfe",
        b'{"id": 3, "expected": "2", "answer": "2"}',
    ]
    done = CliRunner().invoke(main, ["compare", "--jsonl", "-"], input=b"\n".join(lines))
    found = rows(done)
    assert done.exit_code == 1
    assert [(row["id"], row["verdict"], row["reason"]) for row in found] == [
        (1, "invalid", "syntax"),
        (None, "undecided", "author"),
        (3, "equivalent", None),
    ]


def test_what_is_printed_does_nothing_to_a_terminal() -> None:
    evil = "2 \x1b[2J\u202e\x9b"
    for arguments in (("3", evil), ("3", evil, "--json"), ("--jsonl", "-")):
        text = json.dumps({"id": evil, "expected": "3", "answer": evil})
        done = grade(*arguments, text=text)
        assert not [c for c in done.stdout if c in "\x1b\u202e\x9b"], arguments
