"""``%%grade``: what a student sees in a notebook, and what never."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import grader
from grader.notebook import CLOSING, USAGE, Shown

SHEET = "csc413-2020-hw2"


class Shell:
    """The part of a notebook's shell that an extension may use."""

    def __init__(self) -> None:
        self.magics: dict[str, Any] = {}

    def register_magic_function(self, function: Any, magic_kind: str, magic_name: str) -> None:
        self.magics[f"{magic_kind} {magic_name}"] = function


@pytest.fixture
def magic() -> Any:
    shell = Shell()
    grader.load_ipython_extension(shell)
    return shell.magics["cell grade"]


def test_an_answer_is_read_where_it_is_written(magic: Any) -> None:
    shown = magic(f"2.2.3 --rubric {SHEET}", r"$\eta^* = \frac{n\|X^Ta\|^2}{4\|XX^Ta\|^2}$")

    assert isinstance(shown, Shown)
    assert repr(shown).splitlines() == [
        "2.2.3 Derivative and optimal learning rate",
        "read as: n ‖Xᵀa‖² / (4 ‖XXᵀa‖²)",
        "the shapes fit together",
        "– not recognised: 1 of the 2 things asked for",
        "1 check is not reported here; this does not mean it is right.",
    ]
    html = shown._repr_html_()
    assert "<mfrac><mrow><mi>n</mi>" in html
    assert "<li>read as: n ‖Xᵀa‖² / (4 ‖XXᵀa‖²)</li>" in html


def test_matrices_that_do_not_fit_are_said_without_the_cure(magic: Any) -> None:
    shown = magic(f"2.2.1 --rubric {SHEET}", r"$w_1 = w_0 - \frac{2\eta}{n} X (X w_0 - t)$")
    assert shown.lines == (
        "✗ The shapes do not fit: cannot multiply (n×d) by (n×1); is a transpose missing on the left?",
        "– not recognised: 1 of the 2 things asked for",
    )


def test_what_is_wrong_is_not_said_unless_it_is_public(magic: Any) -> None:
    right = magic(f"2.2.3 --rubric {SHEET}", r"$\eta^* = \frac{n\|X^Ta\|^2}{2\|XX^Ta\|^2}$")
    wrong = magic("2.2.3", r"$\eta^* = \frac{n\|X^Ta\|^2}{4\|XX^Ta\|^2}$")
    assert "<p>Read as:</p><math" in right._repr_html_()
    assert right._repr_html_().replace("<mn>2</mn><m", "<mn>4</mn><m").replace("(2 ", "(4 ") == (
        wrong._repr_html_()
    )
    assert [line for line in right.lines if "read as" not in line] == [
        line for line in wrong.lines if "read as" not in line
    ]


def test_what_cannot_be_read_has_its_place(magic: Any) -> None:
    shown = magic(f"2.2.3 --rubric {SHEET}", r"$\eta^* = \frac{n}{2$")
    assert any("cannot be read" in line for line in shown.lines)
    assert repr(shown).splitlines()[-1] == shown.closing == CLOSING


def test_the_rubric_is_remembered(magic: Any) -> None:
    assert repr(magic("2.2.3", "$1$")) == f"grade: which rubric? {USAGE}"
    magic(f"2.2.3 --rubric={SHEET}", "$1$")
    assert repr(magic("2.2.1", "$w_1 = w_0$")).startswith("2.2.1 ")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", f"expected one question's number, found nothing. {USAGE}"),
        ("1 2", f"expected one question's number, found 1 2. {USAGE}"),
        ("2.2.3 --rubric", f"--rubric names no rubric. {USAGE}"),
        ("'2.2.3", f'"\'2.2.3" cannot be read (No closing quotation). {USAGE}'),
    ],
)
def test_a_wrong_line_says_how_it_goes(magic: Any, line: str, message: str) -> None:
    assert repr(magic(line, "x")) == f"grade: {message}"


def test_an_unknown_question_names_those_there_are(magic: Any) -> None:
    said = repr(magic(f"9.9 --rubric {SHEET}", "x"))
    assert said.startswith(f"grade: {SHEET} has no question '9.9'; it has 1.1.1, 1.1.2, ")


def test_nothing_of_a_cell_becomes_markup(magic: Any) -> None:
    html = magic(f"2.2.2 --rubric {SHEET}", "<script>alert(1)</script> $\\text{</math><img>}$")._repr_html_()
    assert "<script" not in html
    assert "<img" not in html


def test_nothing_is_left_behind(magic: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    magic(f"2.2.1 --rubric {SHEET}", "$w_1 = w_0$")
    assert list(tmp_path.iterdir()) == []
