"""Notebooks of otter: the student's copies, which carry only a tag, and masters with their raw cells."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model import AnswerState
from tests.readers.conftest import Read
from tests.readers.test_notebook import book, md, nbgrader, py, texts

HERE = "_Type your answer here, replacing this text._"
INIT = '# Initialize Otter\nimport otter\ngrader = otter.Notebook("hw2.ipynb")'


def raw(source: str) -> dict[str, Any]:
    return {"cell_type": "raw", "metadata": {}, "source": source}


def mine(make: Any, source: str) -> dict[str, Any]:
    cell: dict[str, Any] = make(source, tags=["otter_answer_cell"])
    return cell


def check(name: str) -> dict[str, Any]:
    return py(f'grader.check("{name}")', editable=False, deletable=False)


# ---- the student's copy


def test_a_students_copy(read: Read) -> None:
    submission = read(
        book(
            py(INIT),
            md("# Homework 2"),
            md("<!-- BEGIN QUESTION -->\n\n## 2.1 Memory\nHow much memory does the inverse take?"),
            mine(md, "$O(d^2)$"),
            md("<!-- END QUESTION -->\n\n## 3.5 Fit\nImplement `fit` with a loop."),
            mine(py, "def fit(x):\n    return x"),
            check("q3_5"),
            py("grader.check_all()"),
            py("# Save your notebook first, then run this cell\ngrader.export(run_tests=True)"),
        ),
        ".ipynb",
    )
    assert texts(submission) == {"2.1": "$O(d^2)$", "3.5": ""}
    assert [c.source for c in submission.answers["3.5"].code] == ["def fit(x):\n    return x"]
    assert [(c.source, c.question) for c in submission.cells] == [("def fit(x):\n    return x", "3.5")]
    assert submission.answers["2.1"].prompt == "How much memory does the inverse take?"
    assert str(submission.answers["2.1"].where) == "hw.ipynb, cell 4"


def test_what_otter_assign_makes(read: Read) -> None:
    """The cells of a student's copy as otter-grader 7 wrote them, the answers filled in."""
    fixed = {"deletable": False, "editable": False}
    export = "# Save your notebook first, then run this cell to export it.\ngrader.export(run_tests=True)"
    submission = read(
        book(
            py(INIT, **fixed),
            md("# Homework 2"),
            md("<!-- BEGIN QUESTION -->\n\n**Question 2.2.3** What is the best step size?", **fixed),
            mine(md, "$\\eta^* = 1$"),
            md("<!-- END QUESTION -->\n\n## 3.5 Fit\nImplement `fit`.", **fixed),
            mine(py, "def fit(x):\n    return x\n"),
            py('grader.check("q3_5")', **fixed),
            md("---\n\nTo double-check your work, the cell below will rerun all of the tests.", **fixed),
            py("grader.check_all()", **fixed),
            md("## Submission\n\nMake sure you have run all cells in your notebook.", **fixed),
            py(export, **fixed),
            md(" "),
        ),
        ".ipynb",
    )
    assert texts(submission) == {"2.2.3": "$\\eta^* = 1$", "3.5": ""}
    assert [(c.source, c.question) for c in submission.cells] == [("def fit(x):\n    return x\n", "3.5")]
    assert submission.notes == ()


@pytest.mark.parametrize("name", ["q2_2_3", "q2.2.3", "2.2.3", "q223"])
def test_the_check_below_says_whose_code_it_is(name: str, read: Read) -> None:
    """Where headings carry no numbers: "Question 1" of the sheet may be anything."""
    submission = read(
        book(
            py(INIT),
            md("### The best step"),
            mine(py, "eta = 1"),
            check(name),
            md("### More"),
            mine(py, "unrelated = 2"),
        ),
        ".ipynb",
    )
    assert [c.source for c in submission.answers["2.2.3"].code] == ["eta = 1", "unrelated = 2"]
    assert list(submission.answers) == ["2.2.3"]


def test_each_check_names_one_answer(read: Read) -> None:
    cells = [
        mine(py, "a = 1"),
        check("q2_1"),
        mine(py, "b = 2"),
        py("more = 3"),
        check("q3_5"),
        check("q9_9"),
    ]
    answers = read(book(py(INIT), *cells), ".ipynb").answers
    assert {q: [c.source for c in a.code] for q, a in answers.items()} == {
        "2.1": ["a = 1"],
        "3.5": ["b = 2", "more = 3"],
    }


def test_a_check_does_not_reach_over_a_heading(read: Read) -> None:
    cells = [md("## 2.1 Memory"), mine(py, "a = 1"), md("## 3.5 Fit"), check("q3_5")]
    answers = read(book(py(INIT), *cells), ".ipynb").answers
    assert [c.source for c in answers["2.1"].code] == ["a = 1"]
    assert answers["3.5"].state is AnswerState.MISSING


def test_a_check_in_the_students_own_cell(read: Read) -> None:
    cell = mine(py, 'def fit(x):\n    return x\n\ngrader.check("q3_5")')
    (code,) = read(book(py(INIT), cell), ".ipynb").answers["3.5"].code
    assert code.source == 'def fit(x):\n    return x\n\ngrader.check("q3_5")'


def test_an_untouched_copy_is_missing(read: Read) -> None:
    cells = [md("## 2.1 Memory"), mine(md, HERE), md("## 3.5 Fit"), mine(py, "..."), check("q3_5")]
    answers = read(book(py(INIT), *cells), ".ipynb").answers
    assert {q: a.state for q, a in answers.items()} == {
        "2.1": AnswerState.MISSING,
        "3.5": AnswerState.MISSING,
    }


def test_an_answer_beside_its_cell_is_still_read(read: Read) -> None:
    """Below it, above it, or in the heading's cell when the cell that was meant is untouched."""
    below = book(py(INIT), md("## 2.1 Memory"), mine(md, "$O(d)$"), md("and $O(1)$ more"))
    assert texts(read(below, ".ipynb")) == {"2.1": "$O(d)$\n\nand $O(1)$ more"}
    above = book(py(INIT), md("## 2.1 Memory"), md("$O(d)$ since it is sparse"), mine(md, HERE))
    assert read(above, ".ipynb").answers["2.1"].text == "$O(d)$ since it is sparse"
    heading = book(py(INIT), md("## 2.1 Memory\n\n$O(d)$"), mine(md, HERE))
    assert "$O(d)$" in read(heading, ".ipynb").answers["2.1"].text


def test_what_nobody_can_edit_is_the_sheets(read: Read) -> None:
    cells = [md("## 2.1 Memory", editable=False), md("We wonder.", editable=False), mine(md, "$O(d)$")]
    answer = read(book(py(INIT), *cells), ".ipynb").answers["2.1"]
    assert (answer.text, answer.prompt) == ("$O(d)$", "We wonder.")


def test_other_notebooks_are_left_alone(read: Read) -> None:
    cells = [md("## 3.5 Fit"), md("We wonder.", editable=False), py("grader.fit(1)"), raw("# BEGIN here")]
    answer = read(book(*cells), ".ipynb").answers["3.5"]
    assert (answer.text, [c.source for c in answer.code]) == ("We wonder.", ["grader.fit(1)"])
    named = book(py("grader.check('q2_1')", **nbgrader("q3_5")), md("## 2.1\nx"))
    assert texts(read(named, ".ipynb")) == {"2.1": "x"}


# ---- the master


def test_a_master_with_raw_cells(read: Read) -> None:
    submission = read(
        book(
            raw("# ASSIGNMENT CONFIG\ninit_cell: true"),
            md("Some words."),
            raw("# BEGIN QUESTION\nname: q2.2.3\npoints: 2\nmanual: true"),
            md("**Question.** Find the best step."),
            raw("# BEGIN PROMPT"),
            md("Write it with a fraction."),
            raw("# END PROMPT"),
            raw("# BEGIN SOLUTION"),
            md("$\\eta = 1$"),
            raw("# END SOLUTION"),
            raw("# END QUESTION"),
            md("Between the questions."),
            raw('# begin question\nname: "q3_5" # the last\nmanual: false'),
            raw("# BEGIN SOLUTION"),
            py("def fit(x): return x"),
            raw("# END SOLUTION"),
            raw("# BEGIN TESTS"),
            py("fit(1) == 1"),
            raw("# END TESTS"),
            raw("# END QUESTION"),
        ),
        ".ipynb",
    )
    assert texts(submission)["2.2.3"].startswith("$\\eta = 1$")
    assert (
        submission.answers["2.2.3"].prompt == "**Question.** Find the best step.\n\nWrite it with a fraction."
    )
    assert [c.source for c in submission.answers["3.5"].code] == ["def fit(x): return x"]


@pytest.mark.parametrize(
    "mark",
    [
        "# BEGIN QUESTION",
        "# BEGIN QUESTION\nname: [1, 2",
        "# BEGIN QUESTION\nname: !!python/object:x {}",
        "# BEGIN TESTS",
    ],
)
def test_marks_that_say_nothing(mark: str, read: Read) -> None:
    cells = [raw(mark), raw("# END TESTS"), md("## 2.1\nx"), raw("# END QUESTION")]
    assert read(book(*cells), ".ipynb").answers["2.1"].question == "2.1"
