"""A student's text as it was meant to look: tables, bold words, formulas; everything else as it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports.markdown import is_drawn, markdown, written_as_code
from tests.reports.browser import words

END = "</tr></tbody></table>"
HEAD = '<table class="own"><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead><tbody><tr>'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("so\n| a | b |\n|---|:-:|\n| 1 | 2 |\nend", f"so{HEAD}<td>1</td><td>2</td>{END}end"),
        ("a | b\n--- | ---\n<i> | 3\\*4\n5", f"{HEAD}<td>&lt;i&gt;</td><td>3*4</td>{END}5"),
        ("|a|b|\n|-|-|\n|$x$|", f"{HEAD}<td><math><mi>x</mi></math></td><td></td>{END}"),
        ("**yes**, n**2 and x ** y", "<strong>yes</strong>, n**2 and x ** y"),
        ("2**(3)*norm(X)**(2)", "2**(3)*norm(X)**(2)"),
        ("no | table\n-----\n1 | 2", "no | table\n-----\n1 | 2"),
        ("|x|\n---", "|x|\n---"),
    ],
)
def test_what_is_drawn(text: str, shown: str) -> None:
    assert str(markdown(text)) == shown
    assert is_drawn(text) == ("<table" in shown)


@given(st.text("ab|-*$\\<&\n :", max_size=60))
def test_nothing_is_lost_and_the_page_stays_whole(text: str) -> None:
    shown = words(str(markdown(text)))  # which fails on a tag that is not ours
    if "$" not in text and "\\" not in text:
        assert [shown.count(c) for c in "ab"] == [text.count(c) for c in "ab"]


def test_a_sentence_and_a_program() -> None:
    assert not written_as_code("**no**, since it is slow (see 2.1)")
    assert written_as_code("w_1 = w_0 - 2*eta*X.T @ a")
    assert written_as_code("[[1, 2], [3, 4]]")
