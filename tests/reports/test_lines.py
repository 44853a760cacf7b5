"""The lines of a derivation on the pages of a class, and what a student hears of them before handing in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.engine import derivations
from grader.engine.lines import MAX_LINE
from grader.model import Outcome
from grader.reports.check import check_lines
from grader.reports.classroom import class_page
from grader.reports.derivations import counted, derivation_view
from grader.reports.html import class_html, student_html
from grader.reports.student import student_page
from grader.reports.text import MARKS
from tests.reports.browser import words
from tests.reports.conftest import Class, grade_folder

SHEET = """\
id = "lines"
title = "Lines"
points = 3

[symbols]
x = "scalar"
y = "scalar"
A = "matrix n m"
n = "dim"
m = "dim"

[[questions]]
id = "1"
title = "Square"
points = 1
given = []
  [[questions.criteria]]
  id = "square"
  kind = "expression"
  points = 1
  expected = "(x - y)^2"

[[questions]]
id = "2"
title = "Square, under conditions in words"
points = 1
  [[questions.criteria]]
  id = "square"
  kind = "expression"
  points = 1
  expected = "(x - y)^2"

[[questions]]
id = "3"
title = "A number"
points = 1
  [[questions.criteria]]
  id = "number"
  kind = "number"
  points = 1
  expected = 4
"""
WRONG = "$$(x - y)^2 = x^2 - y^2 = (x + y)(x - y) = x^2 - 2xy + y^2$$"
WHY = (
    "Not equal to the line before: for x = 2, y = -1 this is 3, the line before is 9. "
    "Likely mistake: a square was taken term by term."
)
MENDED = "Mending this part alone would make the line follow"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "rubrics").mkdir()
    (tmp_path / "reference").mkdir()
    (tmp_path / "rubrics" / "lines.toml").write_text(SHEET, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def graded(course: Path, **answers: object) -> Class:
    folder = course / "in"
    folder.mkdir(exist_ok=True)
    data = {"student": "s001", "assignment": "lines", "answers": {k[1:]: v for k, v in answers.items()}}
    (folder / "s001.json").write_text(json.dumps(data), encoding="utf-8")
    return grade_folder(folder, "lines")


def test_every_line_has_its_mark(course: Path) -> None:
    class_ = graded(course, q1=WRONG)
    (found,) = class_.results[0].derivations
    assert [(line.mark, line.wrong) for line in found.lines] == [
        ("given", None),
        ("fails", None),
        ("follows", 2),
        ("back", 2),
    ]
    view = derivation_view(found)
    assert view.summary == (
        "4 lines: 4 read; 2 checked and hold (1 follows from a false one), 1 false, "
        "1 given or started from (not checked), 0 not read"
    )
    assert [(line.sign, line.word) for line in view.lines] == [
        ("·", "starts here or is given: not checked"),
        ("✗", "first error"),
        ("↳", "follows from line 2, which is false"),
        ("✓", "right again after line 2"),
    ]
    assert view.lines[1].message.startswith("Not equal to the line before: for ")
    page = words(student_html(student_page(class_.results[0], class_.rubrics[0])))
    assert f"Your derivation, line by line {view.summary}." in page
    assert "✗ first error =x2−y2 Not equal to the line before: for " in page


@pytest.mark.parametrize(
    ("answer", "leads", "parts"),
    [
        (
            r"$$\begin{aligned} L(x) &= (x + y)^2 \\ &= x^2 + 3xy + y^2 \end{aligned}$$",
            ["L(x) =", "="],
            ["", "3"],
        ),
        (r"so $x \cdot x = 3x^2 \le 4x^2$", ["", "=", r"\le"], ["", "3", ""]),
        ("so we get x**2 = x**3 <= 4*x**4", ["", "=", "<="], ["", "3 in x³", ""]),
        ("$A A^T = 2 (A A + A A^T)$", ["", "="], ["", "AA in AA + AAᵀ"]),
    ],
)
def test_a_line_has_what_stands_before_it_and_its_wrong_part(
    course: Path, answer: str, leads: list[str], parts: list[str]
) -> None:
    class_ = graded(course, q1=answer)
    (found,) = class_.results[0].derivations
    assert [line.lead for line in found.lines] == leads
    assert [line.part for line in found.lines] == parts
    page = student_html(student_page(class_.results[0], class_.rubrics[0]))
    cause = "The shapes in this part do not fit together" if "AA" in parts[1] else MENDED
    assert f"Marked: {max(parts)}. {cause}." in words(page)
    assert page.count('<mrow class="wrong">') >= 1


def test_without_what_is_given_a_line_is_not_called_false(course: Path) -> None:
    """‖w‖² = ‖ŵ‖² + ‖w − ŵ‖² is right where the words say that they are orthogonal."""
    class_ = graded(course, q2=WRONG)
    (found,) = class_.results[0].derivations
    assert [line.mark for line in found.lines] == ["given", "doubt", "holds", "doubt"]
    view = derivation_view(found)
    assert view.lines[1].word == "not so by itself: for a person, not counted against you"
    assert "0 false, 2 not so by themselves" in view.summary


def test_marks_change_no_points(course: Path) -> None:
    (square, _, _) = graded(course, q1=WRONG).results[0].findings
    assert (square.outcome, square.points) == (Outcome.CORRECT, 1.0)


@pytest.mark.parametrize("answer", ["", "x", "$x$", [1, 2], 7, {"a": "x + y", "b": "x"}, "no formula here"])
def test_an_answer_without_a_derivation_has_no_marks(course: Path, answer: object) -> None:
    assert graded(course, q1=answer).results[0].derivations == ()


def test_tables_and_numbers_hold_no_derivations(course: Path) -> None:
    assert graded(course, q3="FC-4 = 2 + 2 = 4").results[0].derivations == ()


def test_parts_of_an_object_are_no_chain_with_their_names(course: Path) -> None:
    (found,) = graded(course, q1={"x": "$$(x + y)^2 = x^2 + 2xy + y^2$$", "y": "x"}).results[0].derivations
    assert [line.mark for line in found.lines] == ["given", "holds"]


def test_what_was_not_read_is_not_counted_against_anybody(course: Path) -> None:
    class_ = graded(course, q1="$$x + y = q = y + x$$")
    (found,) = class_.results[0].derivations
    assert [line.mark for line in found.lines] == ["given", "unread", "holds"]
    assert "? not read: not counted against you =q" in words(
        student_html(student_page(class_.results[0], class_.rubrics[0]))
    )


def test_the_class_sees_one_row_a_question(course: Path) -> None:
    class_ = graded(course, q1=WRONG, q2="$$x + y = y + x$$")
    page = class_page(class_.results, class_.rubrics, ["students/s001.html"])
    assert [q.lines for q in page.sheets[0].questions] == [
        (
            "1 derivation, 4 lines: 4 read; 2 checked and hold (1 follows from a false one), 1 false, "
            "1 given or started from (not checked), 0 not read"
        ),
        (
            "1 derivation, 2 lines: 2 read; 1 checked and holds, 0 false, "
            "1 given or started from (not checked), 0 not read"
        ),
        "",
    ]
    assert page.sheets[0].questions[0].lines + "." in words(class_html(page))


def test_a_student_hears_which_line_but_not_why(course: Path) -> None:
    class_ = graded(course, q1=WRONG, q2="", q3="4")
    found = check_lines(class_.results[0], class_.rubrics[0], MARKS)
    start = found.index("1  Square")
    assert found[start + 2 : start + 7] == [
        "  the shapes fit together",
        (
            "  derivation: 4 lines: 4 read; 2 checked and hold (1 follows from a false one), 1 false, "
            "1 given or started from (not checked), 0 not read"
        ),
        "    ✗ line 2, first error: = x^2 - y^2",
        "    ◐ line 3, follows from line 2, which is false: = (x + y)(x - y)",
        "    ✓ line 4, right again after line 2: = x^2 - 2xy + y^2",
    ]
    assert not any("Not equal" in line for line in found)


def test_a_fault_of_ours_costs_the_marks_and_nothing_else(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(derivations, "trace", broken)
    class_ = graded(course, q1=WRONG)
    (found,) = class_.results[0].derivations
    assert found.lines == ()
    assert found.notes == (
        (
            "The lines could not be checked because of a fault of ours (ZeroDivisionError: oops); "
            "it costs no marks."
        ),
    )
    assert class_.results[0].findings[0].outcome is Outcome.CORRECT
    assert found.notes[0] in words(student_html(student_page(class_.results[0], class_.rubrics[0])))
    assert class_page(class_.results, class_.rubrics, ["a"]).sheets[0].questions[0].lines == ""


def test_what_a_student_wrote_is_text(course: Path) -> None:
    class_ = graded(course, q1="$$x + y = y + x \\text{</code><script>alert(1)</script>}$$ $$x = <b>$$")
    html = student_html(student_page(class_.results[0], class_.rubrics[0]))
    assert "<script>" not in html
    assert "<b>" not in html


def test_long_lines_are_cut(course: Path) -> None:
    (found,) = graded(course, q1=f"$${'x + ' * 200} y = y {'+ x' * 200}$$").results[0].derivations
    assert max(len(line.text) for line in found.lines) == MAX_LINE


@pytest.mark.parametrize(
    ("marks", "text"),
    [
        (
            {},
            "0 lines: 0 read; 0 checked and hold, 0 false, 0 given or started from (not checked), 0 not read",
        ),
        (
            {"holds": 2, "back": 1, "follows": 2, "fails": 1, "doubt": 1, "given": 3, "unread": 4},
            (
                "14 lines: 10 read; 5 checked and hold (2 follow from a false one), 1 false, "
                "1 not so by itself, 3 given or started from (not checked), 4 not read"
            ),
        ),
    ],
)
def test_counts(marks: Mapping[str, int], text: str) -> None:
    assert counted(word for word, n in marks.items() for _ in range(n)) == text


def test_a_question_says_what_is_given_in_equations(course: Path) -> None:
    from grader.errors import RubricError
    from grader.rubric import load_rubric

    file = course / "rubrics" / "lines.toml"
    file.write_text(SHEET.replace("given = []", "given = ['x + y']"), encoding="utf-8")
    message = "lines.toml: questions[0] (1): `given[0]` is 'x + y'; write one equation, A = B"
    with pytest.raises(RubricError, match=re.escape(message)):
        load_rubric(file)
