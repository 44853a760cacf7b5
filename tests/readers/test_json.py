"""JSON submissions."""

from __future__ import annotations

from typing import Any

import pytest

from grader.errors import UnreadableFile
from grader.model import AnswerState
from tests.readers.conftest import Read


def submit(answers: Any, **more: Any) -> dict[str, Any]:
    return {"student": "s001", "assignment": "mat101-hw2", "answers": answers} | more


def test_texts_and_values(read: Read) -> None:
    table = [{"layer": "conv", "total": 1792}]
    submission = read(
        submit({"2.2.3": "\\eta^* = 1", "2.1": 7, "1.1.1": [[1, 2], [3, 4]], "3.1b": table}), ".json"
    )
    assert (submission.student, submission.assignment, submission.notes) == ("s001", "mat101-hw2", ())
    assert [(id, a.text, a.value) for id, a in submission.answers.items()] == [
        ("1.1.1", "", [[1, 2], [3, 4]]),
        ("2.1", "", 7),
        ("2.2.3", "\\eta^* = 1", None),
        ("3.1b", "", table),
    ]


def test_places(read: Read) -> None:
    text = '{"2.1": 1,\n"answers": {"2.1": "a\\"2.2.3\\":",\n\n  "2.2.3": 2}}'
    answers = read(text, ".json").answers
    assert [str(a.where) for a in answers.values()] == ["hw.json:2", "hw.json:4"]


@pytest.mark.parametrize(
    "value", [None, "", "  ", [], {}, {"a": "", "b": None}, [""], "$\\blacksquare$", "N/A"]
)
def test_nothing_given(value: Any, read: Read) -> None:
    answer = read(submit({"2.1": value}), ".json").answers["2.1"]
    assert (answer.state, answer.text, answer.value) == (AnswerState.MISSING, "", None)


@pytest.mark.parametrize("value", [0, False, 0.0, "0", [0], {"a": 0}])
def test_a_zero_is_given(value: Any, read: Read) -> None:
    assert read(submit({"2.1": value}), ".json").answers["2.1"].state is AnswerState.GIVEN


def test_code(read: Read) -> None:
    fenced = "so\n```python\nx = 1\n```"
    bare = "import numpy as np\n\ndef fit(X, d, t):\n    return X\n"
    answers = read(submit({"3.5": bare, "2.1": fenced}), ".json").answers
    assert [c.source for c in answers["3.5"].code] == [bare.strip()]
    assert (answers["3.5"].text, answers["3.5"].notes) == ("", ("read as code",))
    assert [c.source for c in answers["2.1"].code] == ["x = 1"]
    assert answers["2.1"].text == "so"


def test_a_text_is_never_split_or_bound_by_numbers(read: Read) -> None:
    text = "Is it? Show that.\n\n## 2.2.3\n\nx"
    answers = read(submit({"2.1": text}), ".json").answers
    assert {id: a.text for id, a in answers.items()} == {"2.1": text}


@pytest.mark.parametrize("key", ["2.2.3", " 2.2.3 ", "q2.2.3", "Question 2.2.3", "2_2_3", "Q223", "2.2.3(a)"])
def test_spellings_of_a_number(key: str, read: Read) -> None:
    assert list(read(submit({key: "x"}), ".json").answers) == ["2.2.3"]


def test_parts_in_objects(read: Read) -> None:
    answers = read(submit({"3.1": {"a": "x", "(b)": "y"}, "2.1": {"a": 1, "b": 2}}), ".json").answers
    assert {id: a.text or a.value for id, a in answers.items()} == {
        "2.1": {"a": 1, "b": 2},
        "3.1a": "x",
        "3.1b": "y",
    }


def test_unknown_and_repeated_keys_are_noted(read: Read) -> None:
    submission = read(submit({"q2.1": "old", "2.1": "new", "2.2.4": 1, "essay": 2}), ".json")
    assert submission.answers["2.1"].text == "new"
    assert submission.notes == (
        '"q2.1" and "2.1" are one question; the second was read',
        '"2.2.4" is no question of mat101-hw2; did you mean 2.2.3?',
        '"essay" is no question of mat101-hw2',
    )


def test_a_lost_backslash_is_put_back_and_noted(read: Read) -> None:
    raw = r'{"answers": {"2.1": "\frac{1}{2} \theta \nabla \right) \beta", "2.2.3": {"a": "\frac1n"}}}'
    answers = read(raw, ".json").answers
    note = r'a LaTeX command had lost its backslash; inside JSON it is written twice ("\\theta")'
    assert (answers["2.1"].text, answers["2.1"].notes) == (
        r"\frac{1}{2} \theta \nabla \right) \beta",
        (note,),
    )
    assert (answers["2.2.3"].value, answers["2.2.3"].notes) == ({"a": r"\frac1n"}, (note,))


def test_a_line_end_stays_a_line_end(read: Read) -> None:
    answer = read(submit({"2.1": "a = b\nu = c\n\tand so on"}), ".json").answers["2.1"]
    assert (answer.text, answer.notes) == ("a = b\nu = c\n\tand so on", ())


def test_the_student_and_the_assignment(read: Read) -> None:
    assert read({"answers": {"2.1": 1}}, ".json").student == "hw"
    assert read({"answers": {"2.1": 1}}, ".json").assignment is None
    assert read({"answers": {"2.1": 1}}, ".json", student="s9").student == "s9"
    assert read({"student": 12, "answers": {"2.1": 1}}, ".json").student == "12"
    copied = read(submit({"2.1": 1}), ".json", student="s9")
    assert (copied.student, copied.notes) == ("s001", ("the file says student s001, its folder s9",))


def test_lone_surrogates_are_replaced(read: Read) -> None:
    raw = '{"student": "a\\ud800b", "answers": {"2.1": "\\ud83d\\ude00 \\udc00"}}'
    submission = read(raw, ".json")
    assert (submission.student, submission.answers["2.1"].text) == ("a\ufffdb", "😀 \ufffd")


FAULTS: dict[str, tuple[str, str, str, str]] = {
    # text: (message, place, cure)
    "comma": (
        '{\n"a" 1}',
        "not valid JSON: expecting ':' delimiter",
        "2:5",
        "save the file again with a program that writes JSON",
    ),
    "last comma": (
        '{"answers": {"2.1": 1,}}',
        "not valid JSON: a comma before the closing bracket",
        "1:23",
        "remove the comma before the closing bracket",
    ),
    "single quotes": (
        "{'a': 1}",
        "not valid JSON: expecting property name enclosed in double quotes",
        "1:2",
        'JSON puts texts and keys in double quotes "…"',
    ),
    "truncated": (
        '{"answers": {"2.1": ',
        "not valid JSON: expecting value",
        "1:21",
        "the file stops too early; hand in the whole file",
    ),
    "backslash": (
        r'{"answers": {"2.1": "\eta"}}',
        "not valid JSON: invalid \\escape",
        "1:22",
        r'inside JSON every backslash of LaTeX is written twice: "\\eta"',
    ),
    "line end in a text": (
        '{"a": "b\nc"}',
        "not valid JSON: invalid control character at",
        "1:9",
        r"inside JSON a line end in a text is written \n",
    ),
    "twice": (
        '{"answers": {"2.1": 1, "2.1": 2}}',
        'not acceptable JSON: the key "2.1" stands twice in one object',
        "",
        "keep one of the two",
    ),
    "NaN": (
        '{"answers": {"2.1": NaN}}',
        "not acceptable JSON: NaN is not a JSON number",
        "",
        'write a number, or a text in double quotes "…"',
    ),
    "infinite": (
        '{"answers": {"2.1": 1e999}}',
        "not acceptable JSON: the number 1e999 is too large",
        "",
        'write it as a text in double quotes "…"',
    ),
    "digits": (
        '{"answers": {"2.1": %s}}' % ("1" * 5000),
        "not acceptable JSON: a number of 5000 digits (at most 400)",
        "",
        'write it as a text in double quotes "…"',
    ),
    "deep": (
        "[" * 100_000,
        "nested more than 40 deep",
        "",
        "write it flatter; of a notebook clear all outputs",
    ),
    "deep, closed": (
        '{"answers": {"2.1": %s}}' % ("[" * 50 + "]" * 50),
        "nested more than 40 deep",
        "",
        "write it flatter; of a notebook clear all outputs",
    ),
    "a list": (
        '[{"student": "s1"}]',
        'the file holds a list; expected an object with "student" and "answers"',
        "",
        "one file a student",
    ),
    "a number": ("5", 'the file holds a number; expected an object with "student" and "answers"', "", ""),
    "no answers": (
        '{"student": "s1"}',
        '"answers" is missing; expected an object such as {"1.1.1": "…"}',
        "",
        "put the answers under the numbers of their questions",
    ),
    "answers are a list": (
        '{"answers": []}',
        '"answers" is a list; expected an object such as {"1.1.1": "…"}',
        "",
        "put the answers under the numbers of their questions",
    ),
    "student is a list": (
        '{"student": [], "answers": {}}',
        '"student" is a list; expected a text',
        "",
        'write it as a text in double quotes "…"',
    ),
    "student is true": (
        '{"student": true, "answers": {}}',
        '"student" is true or false; expected a text',
        "",
        'write it as a text in double quotes "…"',
    ),
    "a long student": (
        '{"student": "%s", "answers": {}}' % ("x" * 201),
        '"student" has 201 characters (at most 200)',
        "",
        "give the id only",
    ),
    "another sheet": (
        '{"answers": {"9.1": 1, "x": 2}}',
        'none of its answers ("9.1", "x") is to a question of mat101-hw2',
        "",
        "is it another assignment?",
    ),
    "unknown sheet": (
        '{"assignment": "mat999", "answers": {}}',
        "there is no rubric for its assignment 'mat999'",
        "",
        "pass --rubric, or correct the name",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_fault(case: str, read: Read) -> None:
    text, *expected = FAULTS[case]
    with pytest.raises(UnreadableFile) as fault:
        read(text, ".json")
    assert [fault.value.message, fault.value.place, fault.value.cure] == expected


def test_an_empty_sheet_is_read(read: Read) -> None:
    assert read(submit({}), ".json").answers == {}
