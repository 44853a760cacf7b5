"""``grade steps``: one derivation for a person, many for a pipeline."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from grader import Derivation, steps
from grader.cli import main

SYMBOLS = ["--symbol", "x: scalar", "--symbol", "y: scalar"]
RIGHT = "$$(x + y)^2 = x^2 + 2xy + y^2$$"
WHY = (
    "Not equal to the member before: for x = 1, y = 1 this is 2, the member before is 0. "
    "Likely mistake: the sign of one term is wrong."
)
WRONG = "$$x^2 - y^2 = x^2 + y^2 = x^2 + y^2 + 0$$"


def grade(*args: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["steps", *args], input=text)


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_member_has_a_mark(tmp_path: Path) -> None:
    file = tmp_path / "hw.md"
    file.write_text(RIGHT, encoding="utf-8")
    result = grade(str(file), *SYMBOLS)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "· 0  (x + y)^2",
        "✓ 1  x^2 + 2xy + y^2",
        "2 members: 2 read; 1 checked and holds, 0 false, 1 given or started from (not checked), 0 not read",
    ]


def test_a_false_step_is_shown_with_its_counterexample() -> None:
    result = grade("-", *SYMBOLS, text=WRONG)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "· 0  x^2 - y^2",
        "✗ 1  x^2 + y^2",
        f"     {WHY}",
        "↳ 2  x^2 + y^2 + 0",
        "     Follows from member 1, which is false.",
        (
            "3 members: 3 read; 1 checked and holds (1 follows from a false one), 1 false, "
            "1 given or started from (not checked), 0 not read"
        ),
        "first false step: member 1",
    ]


def test_unread_members_are_for_a_person() -> None:
    result = grade("-", *SYMBOLS, text="$$x = q = y$$")
    assert result.exit_code == 1
    assert "? 0  q" in result.stdout.splitlines()


def test_one_as_json() -> None:
    row = json.loads(grade("-", "--json", *SYMBOLS, text=WRONG).stdout)
    assert row["first_wrong"] == 1
    assert [s["status"] for s in row["steps"]] == ["holds", "fails", "holds"]


def test_solving_for_an_unknown() -> None:
    result = grade("-", "--kind", "solve", "--unknown", "x", *SYMBOLS, text="$$2x = y$$ $$x = 2y$$")
    assert result.exit_code == 1
    assert "first false step: member 1" in result.stdout.splitlines()


def test_definitions_assumptions_and_spellings() -> None:
    options = ["--symbol", "A: matrix n n", "--symbol", "l: scalar", "--define", "G = A^T A"]
    options += ["--assume", "A is symmetric", "--latex", r"l: \tilde{\lambda}"]
    result = grade("-", *options, text=r"$$\tilde{\lambda} G = \tilde{\lambda} A^2$$")
    assert result.exit_code == 0, result.stdout


def test_many_lines_in_order_and_bad_ones_keep_their_place() -> None:
    lines = [
        json.dumps({"id": 1, "symbols": {"x": "scalar", "y": "scalar"}, "text": WRONG}),
        "not json",
        "",
        json.dumps({"id": 2, "symbols": {"x": "tensor"}, "text": "x = 1"}),
        json.dumps({"id": "c", "symbols": {"x": "scalar"}, "text": "2x = 4 \\\\ x = 3", "kind": "solve"}),
        json.dumps({"id": 4, "symbols": {"x": "scalar"}, "text": "x = 1", "kind": "proof"}),
        json.dumps({"id": 5, "symbols": {"x": "scalar"}}),
    ]
    result = grade("--jsonl", "-", text="\n".join(lines))
    assert result.exit_code == 1
    found = rows(result)
    assert [r["id"] for r in found] == [1, None, 2, "c", 4, 5]
    assert [r["first_wrong"] for r in found] == [1, None, None, 1, None, None]
    assert found[0]["unread"] == 0
    assert found[0]["steps"][1]["index"] == 1
    assert found[0]["steps"][1]["text"] == "x^2 + y^2"
    assert found[0]["steps"][1]["mistake"] == "sign-of-term"
    assert [r.get("reason") for r in found] == [None, "author", "author", None, "author", "author"]
    assert found[2]["message"].startswith("line 4: symbol 'x' has the kind 'tensor'; expected one of: scalar")
    assert found[5]["message"] == "line 7: Object missing required field `text`"


def test_usage_faults_exit_with_2(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.md")
    for args, message in (
        ([], "grade: give FILE (- for standard input) or --jsonl FILE; `grade steps --help` has examples"),
        (
            [missing],
            f"grade: {missing}: no such file; give a text with a derivation, or - for standard input",
        ),
        (
            ["--jsonl", missing],
            f"grade: {missing}: no such file; give a file of JSON lines, or - for standard input",
        ),
        (["-", "--symbol", "x"], "grade: --symbol 'x': expected NAME:TEXT, such as 'X: matrix n d'"),
        (["-", *SYMBOLS, "--unknown", "q"], "grade: the unknown 'q' is not declared; declare it as a symbol"),
    ):
        result = grade(*args, text="x = 1")
        assert (result.exit_code, result.stderr.strip()) == (2, message)


def test_the_python_interface_is_there_and_costs_nothing_at_import() -> None:
    found = steps(RIGHT, {"x": "scalar", "y": "scalar"})
    assert isinstance(found, Derivation)
    assert (found.first_wrong, found.unread) == (None, 0)
    code = "import sys, grader; assert 'flint' not in sys.modules; from grader import steps; steps('', {})"
    subprocess.run([sys.executable, "-c", code], check=True)
