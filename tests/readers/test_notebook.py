"""Notebooks: which cell answers what, copies, outputs, and notebooks that lack what they should have."""

from __future__ import annotations

from typing import Any

import pytest

from grader.errors import UnreadableFile
from grader.model import AnswerState, Submission
from tests.readers.conftest import Read


def md(source: Any, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": metadata, "source": source}


def py(source: Any, *outputs: Any, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": list(outputs)}


def nbgrader(grade_id: str, *, locked: bool = False) -> dict[str, Any]:
    return {"nbgrader": {"schema_version": 3, "grade_id": grade_id, "locked": locked, "solution": not locked}}


def book(*cells: Any, version: int = 4, **metadata: Any) -> dict[str, Any]:
    return {"nbformat": version, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)}


def texts(submission: Submission) -> dict[str, str]:
    return {id: a.text for id, a in submission.answers.items()}


# ---- headings


def test_cells_under_a_heading(read: Read) -> None:
    submission = read(
        book(
            md("# Homework"),
            md("## 2.2.1 The first step\nWrite down the step. Hint: use a."),
            md("$w_1 = w_0$"),
            py("print(1)", {"output_type": "stream", "name": "stdout", "text": ["1\n"]}),
            md(["$L_1 = 0$\n", "and so on"]),
            md("## 2.2.3 Something\n\n$\\eta = 1$\n\n## 2.1\nO(1)"),
        ),
        ".ipynb",
    )
    assert texts(submission) == {
        "2.1": "O(1)",
        "2.2.1": "$w_1 = w_0$\n\n$L_1 = 0$\nand so on",
        "2.2.3": "$\\eta = 1$",
    }
    first = submission.answers["2.2.1"]
    assert (first.prompt, str(first.where)) == ("Write down the step. Hint: use a.", "hw.ipynb, cell 3")
    assert [(c.source, c.output, str(c.where)) for c in first.code] == [("print(1)", "1", "hw.ipynb, cell 4")]


@pytest.mark.parametrize("source", ["", "YOUR ANSWER HERE", "*Double-click to edit*", "$\\square$", " \n"])
def test_an_untouched_cell_is_missing(source: str, read: Read) -> None:
    answer = read(book(md("## 2.1 Memory"), md(source)), ".ipynb").answers["2.1"]
    assert answer.state is AnswerState.MISSING


def test_untouched_code_is_missing(read: Read) -> None:
    answer = read(book(md("## 3.5"), py("# YOUR CODE HERE\nraise NotImplementedError()")), ".ipynb").answers[
        "3.5"
    ]
    assert (answer.state, answer.code) == (AnswerState.MISSING, ())


@pytest.mark.parametrize("version", [None, 1, 2, 3])
def test_every_version_of_nbgraders_metadata(version: int | None, read: Read) -> None:
    """An answer is a solution; a test is graded and no solution, although version 1 does not lock it."""

    def cell(grade_id: str, **said: Any) -> dict[str, Any]:
        common = {"schema_version": version} if version else {}
        extra = {"cell_type": "code"} if version == 2 else {"task": False} if version == 3 else {}
        return {"nbgrader": {**common, "grade_id": grade_id, **extra, **said}}

    written = {"grade": True, "solution": True, "locked": False, "points": 2}
    tests = {"grade": True, "solution": False, "locked": False, "points": 1, "checksum": "1f"}
    words = {"grade": False, "solution": False, "locked": True}
    submission = read(
        book(
            md("Name the cost.", **cell("q2_1_desc", **words)),
            md("O(1)", **cell("q2_1", **written)),
            py("def f(): return 1", **cell("q3_5", grade=False, solution=True, locked=False)),
            py("assert f() == 1", **cell("q3_5_test", **tests)),
        ),
        ".ipynb",
    )
    assert texts(submission) == {"2.1": "O(1)", "3.5": ""}
    assert [c.source for c in submission.answers["3.5"].code] == ["def f(): return 1"]
    assert submission.answers["2.1"].prompt == "Name the cost."


def test_a_placeholder_left_above_the_answer(read: Read) -> None:
    assert texts(read(book(md("## 2.1"), md("YOUR ANSWER HERE\n\nO(1)")), ".ipynb")) == {"2.1": "O(1)"}


def test_pictures(read: Read) -> None:
    shown = {"output_type": "display_data", "data": {"image/png": "iVBO", "text/plain": ["<Figure>"]}}
    answers = read(
        book(md("## 2.1"), md("![](attachment:a.png)"), md("## 3.5"), py("plot()", shown)), ".ipynb"
    ).answers
    assert answers["2.1"].state is AnswerState.FIGURE
    assert answers["3.5"].state is AnswerState.GIVEN
    assert answers["3.5"].notes == ("cell 4 shows a figure, which only a person can see",)


# ---- names


@pytest.mark.parametrize(
    "metadata",
    [
        {"question": "2.2.3"},
        {"grader": {"question": "2.2.3"}},
        {"tags": ["hide", "q2.2.3"]},
        {"tags": ["question:2.2.3"]},
        {"tags": ["2.2.3"]},
        nbgrader("q2.2.3"),
        nbgrader("q2_2_3"),
        nbgrader("2.2.3"),
        nbgrader("cell-2.2.3"),
        nbgrader("q2-2-3-solution"),
        nbgrader("q223"),
    ],
)
def test_a_cell_names_its_question(metadata: dict[str, Any], read: Read) -> None:
    assert texts(read(book(md("## 2.1"), md("x", **metadata), md("y")), ".ipynb"))["2.2.3"] == "x\n\ny"


@pytest.mark.parametrize("grade_id", ["cell-1a2b3c4d5e6f7a8b", "q12", "part", "", "2.2", "q" * 5000])
def test_a_name_that_is_no_question(grade_id: str, read: Read) -> None:
    assert texts(read(book(md("## 2.1"), md("x", **nbgrader(grade_id))), ".ipynb")) == {"2.1": "x"}


def test_an_unknown_question_is_noted(read: Read) -> None:
    submission = read(book(md("## 2.1"), md("x", question="9.9")), ".ipynb")
    assert submission.notes == ("cell 2 names '9.9', which is no question of mat101-hw2",)


def test_locked_cells_are_the_question_and_tests_are_nobodys(read: Read) -> None:
    submission = read(
        book(
            md("Name the cost.", **nbgrader("q2.1-desc", locked=True)),
            md("O(1)", **nbgrader("q2.1")),
            py("assert x", **nbgrader("test_q2_1", locked=True)),
        ),
        ".ipynb",
    )
    answer = submission.answers["2.1"]
    assert (answer.prompt, answer.text, answer.code) == ("Name the cost.", "O(1)", ())


def test_a_named_cell_keeps_its_own_heading_out(read: Read) -> None:
    cell = md("### 2.1 Memory\nO(1)\n### 2.2.3 is another", question="2.1")
    assert texts(read(book(cell), ".ipynb")) == {"2.1": "O(1)\n### 2.2.3 is another"}


# ---- copies


def test_an_identical_copy_counts_once(read: Read) -> None:
    answer = read(book(md("x", **nbgrader("q2.1")), md("x ", **nbgrader("q2.1"))), ".ipynb").answers["2.1"]
    assert (answer.text, answer.notes) == ("x", ("cells 1 and 2 are copies; read once",))


def test_an_edited_copy_replaces(read: Read) -> None:
    cells = [md("x", **nbgrader("q2.1")), md("x and more", **nbgrader("q2.1"))]
    answer = read(book(*cells), ".ipynb").answers["2.1"]
    note = "cell 2 is an edited copy of cell 1; cell 2 was read"
    assert (answer.text, answer.notes) == ("x and more", (note,))


def test_an_empty_copy_does_not(read: Read) -> None:
    assert texts(read(book(md("x", **nbgrader("q2.1")), md("", **nbgrader("q2.1"))), ".ipynb")) == {
        "2.1": "x"
    }


def test_an_untouched_original_is_not_read(read: Read) -> None:
    cells = [md("YOUR ANSWER HERE", **nbgrader("q2.1")), md("x", **nbgrader("q2.1"))]
    assert texts(read(book(*cells), ".ipynb")) == {"2.1": "x"}


def test_a_split_cell_is_read_in_order(read: Read) -> None:
    cells = [md("first $a$", **nbgrader("q2.1")), md("second $b$", **nbgrader("q2.1"))]
    answer = read(book(*cells), ".ipynb").answers["2.1"]
    note = "cells 1 and 2 have the same grade_id; both were read"
    assert (answer.text, answer.notes) == ("first $a$\n\nsecond $b$", (note,))


def test_a_copy_pasted_under_another_heading_belongs_there(read: Read) -> None:
    cells = [md("## 2.1"), md("x", **nbgrader("q2.1")), md("## 2.2.3"), md("y", **nbgrader("q2.1"))]
    submission = read(book(*cells), ".ipynb")
    assert texts(submission) == {"2.1": "x", "2.2.3": "y"}
    assert submission.notes == (
        "cell 4 carries the name of question 2.1, but stands under 2.2.3; read there",
    )


def test_several_tagged_cells_are_one_answer(read: Read) -> None:
    cells = [md("a", tags=["q2.1"]), py("b", tags=["q2.1"]), md("c", tags=["q2.1"])]
    answer = read(book(*cells), ".ipynb").answers["2.1"]
    assert (answer.text, [c.source for c in answer.code]) == ("a\n\nc", ["b"])


def test_all_code_of_a_copied_cell_is_kept(read: Read) -> None:
    cells = [py("x = 1", **nbgrader("q3.5")), py("x = 1\ny = 2", **nbgrader("q3.5"))]
    assert [c.source for c in read(book(*cells), ".ipynb").answers["3.5"].code] == ["x = 1", "x = 1\ny = 2"]


# ---- whose


def test_student_and_assignment(read: Read) -> None:
    cell = md("## 2.1\nx")
    assert read(book(cell), ".ipynb").student == "hw"
    assert read(book(cell), ".ipynb", student="s9").student == "s9"
    assert read(book(cell, student="s1"), ".ipynb").student == "s1"
    assert (
        read(book(cell, grader={"student": 7, "assignment": "mat101-hw2"}), ".ipynb").assignment
        == "mat101-hw2"
    )
    assert read(book(md("# HW\n**Student:** s5"), cell), ".ipynb").student == "s5"
    both = read(book(cell, student="s1"), ".ipynb", student="s9")
    assert (both.student, both.notes) == ("s1", ("the notebook says student s1, its folder s9",))


# ---- outputs


def test_outputs_are_plain_text(read: Read) -> None:
    code = py(
        "f()",
        {"output_type": "stream", "name": "stderr", "text": "RuntimeWarning"},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "\x1b[31m3\x1b[0m", "text/html": "<b>3</b>"},
        },
        {"output_type": "error", "ename": "ValueError", "evalue": "no"},
        "nonsense",
    )
    assert read(book(md("## 3.5"), code), ".ipynb").answers["3.5"].code[0].output == "3\nValueError: no"


def test_long_outputs_are_cut(read: Read) -> None:
    code = py("f()", {"output_type": "stream", "text": "x" * 10_005})
    output = read(book(md("## 3.5"), code), ".ipynb").answers["3.5"].code[0].output
    assert output == "x" * 10_000 + "\n… (5 more characters)"


# ---- versions, and what is missing


def test_version_3(read: Read) -> None:
    old = {
        "nbformat": 3,
        "metadata": {"name": "x"},
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 2, "source": ["2.1 Memory"]},
                    {"cell_type": "markdown", "source": "O(1)"},
                    {
                        "cell_type": "code",
                        "input": ["x = 1"],
                        "outputs": [{"output_type": "pyout", "text": ["1"]}],
                    },
                    {"cell_type": "code"},
                    {"cell_type": "heading", "level": "two"},
                ]
            }
        ],
    }
    answer = read(old, ".ipynb").answers["2.1"]
    assert (answer.text, [(c.source, c.output) for c in answer.code]) == ("O(1)", [("x = 1", "1")])


@pytest.mark.parametrize(
    "cell",
    [
        {},
        {"cell_type": "markdown"},
        {"cell_type": None, "source": None},
        {"cell_type": "code", "source": [1, None]},
        None,
        3,
    ],
)
def test_a_cell_that_lacks_something(cell: Any, read: Read) -> None:
    assert texts(read(book(md("## 2.1\nx"), cell), ".ipynb")) == {"2.1": "x"}


def test_a_notebook_without_version_or_metadata(read: Read) -> None:
    assert texts(read({"cells": [{"cell_type": "markdown", "source": "## 2.1\nx"}]}, ".ipynb")) == {
        "2.1": "x"
    }


def test_nan_in_an_output(read: Read) -> None:
    raw = '{"nbformat": 4, "cells": [{"source": "## 2.1\\nx", "a": NaN, "a": 1}]}'
    assert texts(read(raw, ".ipynb")) == {"2.1": "x"}


def test_a_notebook_by_any_other_name(read: Read) -> None:
    assert texts(read(book(md("## 2.1\nx")), ".json")) == {"2.1": "x"}
    assert texts(read(book(md("## 2.1\nx")), ".txt")) == {"2.1": "x"}


FAULTS: dict[str, tuple[Any, str]] = {
    "truncated": ('{"nbformat": 4, "cells": [', "not valid JSON: expecting value"),
    "a list": ([], "the file is JSON, but no notebook"),
    "other JSON": ({"a": 1}, 'the file is JSON, but no notebook: it has no "cells"'),
    "cells": ({"nbformat": 4, "cells": 3}, 'the notebook\'s "cells" are no list'),
    "version": ({"nbformat": 5, "cells": []}, "notebook version 5 is unknown (2, 3 and 4 are read)"),
    "empty": (
        book(),
        "no question of mat101-hw2 found in it (looked for 1.1.1, 2.1, 2.2.1, 2.2.3, 3.1a, 3.1b, 3.5)",
    ),
    "long id": (
        book(md("## 2.1"), student="x" * 201),
        'the notebook\'s "student" has 201 characters (at most 200)',
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_fault(case: str, read: Read) -> None:
    content, message = FAULTS[case]
    with pytest.raises(UnreadableFile) as fault:
        read(content, ".ipynb")
    assert fault.value.message == message


def test_more_lines_than_anybody_writes(read: Read) -> None:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": "## 2.1\n" + "a\n" * 15_000}] * 2
    with pytest.raises(UnreadableFile) as fault:
        read({"nbformat": 4, "metadata": {}, "cells": cells}, ".ipynb")
    assert (fault.value.message, fault.value.cure) == (
        "has more than 20,000 lines",
        "hand in the answers only",
    )
