"""Strangers' text made safe to look at, numbers, page names."""

from __future__ import annotations

import json
import re

import pytest

from grader.model import Outcome
from grader.reports.text import (
    ASCII_MARKS,
    MARKS,
    count,
    csv_name,
    csv_text,
    cut,
    json_line,
    number,
    one_line,
    page_names,
    visible,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("η* = ‖Xᵀa‖² 你好 é", "η* = ‖Xᵀa‖² 你好 é"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("a\u202eb\u2066c", "a⟨U+202E⟩b⟨U+2066⟩c"),
        ("zero\u200bwidth\ufeff", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
        ("bell\x07 \x1b[31m \x7f \x85", "bell⟨U+0007⟩ ⟨U+001B⟩[31m ⟨U+007F⟩ ⟨U+0085⟩"),
        ("half \ud800", "half ⟨U+D800⟩"),
        ("return\r", "return⟨U+000D⟩"),
        ("\u2028", "⟨U+2028⟩"),
        ("filler \u3164 \u2800 \u034f", "filler ⟨U+3164⟩ ⟨U+2800⟩ ⟨U+034F⟩"),
        ("a" + "\u0301" * 6 + "e\u0301", "a" + "\u0301" * 4 + "⟨U+0301⟩" * 2 + "e\u0301"),
        ("tag \U000e0041", "tag ⟨U+E0041⟩"),
        (
            "no \ufffe \uffff \ufdd0 \ufdef \U0001fffe \U0010ffff",
            "no ⟨U+FFFE⟩ ⟨U+FFFF⟩ ⟨U+FDD0⟩ ⟨U+FDEF⟩ ⟨U+1FFFE⟩ ⟨U+10FFFF⟩",
        ),
        ("near \ufffd \ufdcf \ufdf0 \u0378", "near \ufffd \ufdcf \ufdf0 \u0378"),
    ],
)
def test_visible(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_cut() -> None:
    assert cut("x" * 20, 20) == "x" * 20
    assert cut("a " + "x" * 2000, 2) == "a… (2,000 more characters)"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠"])
def test_a_formula_is_text(start: str) -> None:
    assert csv_text(f"{start}1+1") == f"'{start}1+1"
    assert csv_text(f" {start}1+1") == f"' {start}1+1"


def test_a_return_is_no_start_of_a_formula() -> None:
    assert csv_text("-") == "-"
    assert csv_text("\r=1+1") == "'⟨U+000D⟩=1+1"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("s1;=1+1", "s1;'=1+1"),
        ("s1; @SUM(1)", "s1; '@SUM(1)"),
        ("s1,-2|+3", "s1,'-2|'+3"),
        ("a\nb\tc", "a⟨U+000A⟩b⟨U+0009⟩c"),
        ("=a;=b", "'=a;'=b"),
        ("a;b-c", "a;b-c"),
        ("nul\x00", "nul⟨U+0000⟩"),
    ],
)
def test_a_name_in_a_table(name: str, expected: str) -> None:
    assert csv_name(name) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"η": "ŵ é 你\u00a0"}, '{"η": "ŵ é 你\u00a0"}'),
        ("\x1b[2J \x7f \x9b", r'"\u001b[2J \u007f \u009b"'),
        ("\u202e\u2028\ufeff\U000e0041", r'"\u202e\u2028\ufeff\udb40\udc41"'),
        ("\ud800\n", r'"\ud800\n"'),
    ],
)
def test_json_is_safe_to_print_and_means_the_same(value: object, expected: str) -> None:
    assert json_line(value) == expected
    assert json.loads(json_line(value)) == value


def test_indented_json_is_safe_too() -> None:
    assert json_line({"a": ["\u202eé"]}, indent=1) == '{\n "a": [\n  "\\u202eé"\n ]\n}'


def test_one_line() -> None:
    assert one_line("s1\nReport: x\tη") == "s1⟨U+000A⟩Report: x⟨U+0009⟩η"


@pytest.mark.parametrize("text", ["s001", "a=b", "", "hw/s-1.json"])
def test_other_text_is_left_alone(text: str) -> None:
    assert csv_text(text) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (3.0, "3"),
        (1.5, "1.5"),
        (0.8333, "0.8333"),
        (1e6, "1000000"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.3333"),
    ],
)
def test_number(value: float, expected: str) -> None:
    assert number(value) == expected


def test_count() -> None:
    assert [count(n, "answer") for n in (0, 1, 2)] == ["0 answers", "1 answer", "2 answers"]
    assert count(2, "criterion", "criteria") == "2 criteria"


def test_every_outcome_has_its_own_mark() -> None:
    for marks in (MARKS, ASCII_MARKS):
        assert set(marks) == set(Outcome)
        assert len(set(marks.values())) == len(Outcome)
    assert all(mark.isascii() for mark in ASCII_MARKS.values())


# ---- page names


def names(*students: str) -> list[str]:
    return page_names([(student, f"in/{i}.md") for i, student in enumerate(students)])


@pytest.mark.parametrize("student", ["s001", "S001", "ada.lovelace", "a_b-c", "1004567"])
def test_a_plain_id_is_its_own_name(student: str) -> None:
    assert names(student) == [student]


@pytest.mark.parametrize(
    ("student", "slug"),
    [
        ("Zoë Ångström", "zoe-angstrom"),
        ("../../etc/passwd", "etc-passwd"),
        ("con", "con"),
        ("NUL.txt", "nul-txt"),
        (".hidden", "hidden"),
        ("dot.", "dot"),
        ("", "student"),
        ("学生", "student"),
        ("a" * 61, "a" * 60),
        ("-rf", "rf"),
        ("<script>", "script"),
    ],
)
def test_any_other_id_gets_a_digest(student: str, slug: str) -> None:
    (name,) = names(student)
    assert re.fullmatch(f"{slug}-[0-9a-f]{{10}}", name)
    assert names(student) == [name]


def test_case_and_unicode_never_merge_two_students() -> None:
    found = names("s001", "S001", "é", "e\u0301", "Ａ", "A", "ß", "ss", "SS", "con", "CON")
    assert len({name.casefold() for name in found}) == len(found)
    assert all(name.isascii() for name in found)


def test_a_second_submission_of_a_student_has_its_own_page() -> None:
    first, second, third = page_names([("s001", "a.md"), ("s001", "b.md"), ("s001", "b.md")])
    assert first == "s001"
    assert second.startswith("s001-")
    assert third.startswith("s001-")
    assert len({first, second, third}) == 3


def test_an_id_that_looks_like_anothers_page() -> None:
    (taken,) = names("Zoë")
    found = names(taken, "Zoë")
    assert len(set(found)) == 2
    assert found == names(taken, "Zoë")


def test_whose_file_has_the_name_has_the_page() -> None:
    liar, honest, folder = page_names(
        [("s001", "in/a.md"), ("s001", "in/s001.md"), ("s002", "in/s002/hw.md")]
    )
    assert (honest, folder) == ("s001", "s002")
    assert re.fullmatch("s001-[0-9a-f]{10}", liar)
