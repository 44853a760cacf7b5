"""Lines as a person marks them: what was tried, the first error, what follows, what is right again."""

from __future__ import annotations

import gc
import re

import pytest

from grader.errors import MathsFault, RubricError
from grader.maths.declare import Declarations
from grader.maths.marked import Trace, given_equations, trace
from tests.maths.homework import DEFINE, SYMBOLS

SCALARS = Declarations.make({"x": "scalar", "y": "scalar", "z": "scalar"})
HOMEWORK = Declarations.make(SYMBOLS, define=DEFINE)


def words(found: Trace) -> list[str]:
    return [m.word for m in found.marks]


def test_a_start_is_told_apart_from_a_line_that_holds() -> None:
    assert words(trace("$$(x + y)^2 = x^2 + 2xy + y^2 = x^2 + y(2x + y)$$", SCALARS)) == [
        "given",
        "holds",
        "holds",
    ]


def test_what_rests_on_a_false_line_follows_from_it() -> None:
    found = trace("$$(x - y)^2 = x^2 - y^2 = (x - y)(x + y) = (x + y)(x - y)$$", SCALARS)
    assert words(found) == ["given", "fails", "follows", "follows"]
    assert [sorted(m.wrong) for m in found.marks] == [[], [], [1], [1]]
    assert [sorted(m.on) for m in found.marks] == [[], [0], [0, 1], [0, 1, 2]]


def test_a_line_that_is_right_again_is_no_second_error() -> None:
    found = trace("$$(x - y)^2 = x^2 - y^2 = x^2 - 2xy + y^2 = (y - x)^2$$", SCALARS)
    assert words(found) == ["given", "fails", "back", "holds"]
    assert [sorted(m.wrong) for m in found.marks] == [[], [], [], []]
    assert [sorted(m.passed) for m in found.marks] == [[], [], [1], [1]]
    assert found.marks[2].message.endswith("But it is equal to the line before the error.")


def test_a_second_error_is_an_error_of_its_own() -> None:
    found = trace("$$(x - y)^2 = x^2 - y^2 = x - y$$", SCALARS)
    assert words(found) == ["given", "fails", "fails"]


def test_an_error_reaches_what_is_concluded_from_it() -> None:
    text = r"$$\frac{d}{dx} (x - y)^2 = 2x - y = 0$$ $$\implies x = \frac{y}{2}$$"
    found = trace(text, SCALARS)
    assert words(found) == ["given", "fails", "given", "follows"]


def test_an_error_reaches_a_line_that_is_written_down_again() -> None:
    text = r"$$(x - y)^2 = x^2 - y^2$$ Now $$x^2 - y^2 = (x + y)(x - y)$$"
    assert words(trace(text, SCALARS)) == ["given", "fails", "given", "follows"]


def test_two_derivations_have_their_own_errors() -> None:
    text = r"$$(x - y)^2 = x^2 - y^2$$ For the other case $$(x + y)^2 = x^2 + 2xy + y^2$$"
    assert words(trace(text, SCALARS)) == ["given", "fails", "given", "holds"]


def test_one_fault_of_shapes_is_one_error() -> None:
    text = r"$$\|a\|^2 = \|X w_0 - t\|^2 = \|X w_0 - X^T t\|^2 = \|-X^T t + X w_0\|^2$$"
    found = trace(text, HOMEWORK)
    assert words(found)[:3] == ["given", "holds", "fails"]
    text = r"$$\|a\|^2 = a^T a = a a = a a$$"
    assert words(trace(text, HOMEWORK)) == ["given", "holds", "fails", "follows"]


# ---- a right line is never accused


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (  # no line before says which shapes are meant: samples may be rows
            r"$$2 (w_0 X - t) = 2 w_0 X - 2 t$$",
            "No line before it says which shapes are meant; a person looks.",
        ),
        (
            r"$$\|w_0\|^2 = \|w_0'\|^2 + \|w_0' - w_0\|^2$$",
            "The prime may be a transpose or belong to a name; a person looks.",
        ),
        (
            r"$$\frac{\partial}{\partial w_0} \|X w_0 - t\|^2 = 2 (X w_0 - t)^T X$$",
            "The other layout, rows for columns, may be meant; a person looks.",
        ),
        (r"$$w_0^T = t^T X (X^T X)^{-1}$$", "This may only say what the left side is; a person looks."),
    ],
)
def test_a_line_that_may_be_right_is_for_a_person(text: str, why: str) -> None:
    marks = trace(text, HOMEWORK).marks
    assert "fails" not in {m.word for m in marks}
    assert any(m.message.endswith(why) for m in marks), [m.message for m in marks]


def test_what_does_not_follow_may_follow_from_what_was_not_read() -> None:
    text = r"$$y = q z$$ Suppose $x = 2 z$. $$x + y = z$$ $$\implies x = 5$$"
    assert "fails" not in words(trace(text, SCALARS))


def test_a_name_that_stands_for_something_else_later() -> None:
    text = r"$$z = x + y$$ $$y = 3$$ Correction: $$z = x - y$$"
    assert "fails" not in words(trace(text, SCALARS))


def test_a_line_that_is_nested_too_deeply_stops_nothing() -> None:
    found = trace("$w_1=w_0$ " * 1000, HOMEWORK)
    assert len(found.marks) == len(found.steps)
    assert len(trace("O(t) " * 2000, HOMEWORK).marks) == len(trace("O(t) " * 2000, HOMEWORK).steps)


# ---- what a question says is given


def test_what_is_given_makes_a_line_hold() -> None:
    text = r"$$x^2 + y^2 = x^2 + 4 z^2$$"
    assert words(trace(text, SCALARS)) == ["given", "fails"]
    assert words(trace(text, SCALARS, ("y = 2 z",))) == ["given", "holds"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x + y", "`given[0]` is 'x + y'; write one equation, A = B"),
        ("x = y = z", "`given[0]` is 'x = y = z'; write one equation, A = B"),
        ("x = q", "`given[0]` is 'x = q': q is not declared"),
    ],
)
def test_what_is_given_must_be_an_equation(text: str, message: str) -> None:
    with pytest.raises(RubricError, match=re.escape(message)):
        given_equations(SCALARS, (text,))


def test_what_is_remembered_of_a_fault_holds_on_to_no_frames() -> None:
    """Frames lead to the whole submission: a worker would grow with its class."""
    frames = [e for e in gc.get_objects() if isinstance(e, MathsFault) and e.__traceback__ is not None]
    before = {id(e) for e in frames}
    found = trace(r"$$A_9 x = B_8 + x = \foo x$$ so $$3 x^ = 2$$ and $$C_7 = x$$", SCALARS)
    assert words(found).count("unread") == 4
    gc.collect()
    left = [e for e in gc.get_objects() if isinstance(e, MathsFault) and e.__traceback__ is not None]
    assert [e for e in left if id(e) not in before] == []


def test_a_text_that_is_cut_is_not_read_to_its_end() -> None:
    declarations = Declarations.make({"x": "scalar"})
    whole = trace("$$y = x = x$$" + " " * 20_000, declarations)
    cut = trace("$$y = x = x$$" + " word" * 3_000 + "$$y = x = 2x$$", declarations)

    assert [m.word for m in whole.marks] == ["given", "holds"]
    assert [m.word for m in cut.marks] == ["given", "holds", "unread"]
