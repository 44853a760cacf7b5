"""Text → statements: chains with what stands around them."""

from __future__ import annotations

import pytest

from grader.maths.chains import Statement
from grader.maths.statements import find_statements
from tests.clock import ends


def shown(s: Statement) -> str:
    """A chain with its relations, tokens glued: ``x = 1 + y``."""
    out = "".join(t.text for t in s.members[0]) if s.members else "?"
    for rel, m in zip(s.relations, s.members[1:], strict=True):
        out += f" {rel} " + "".join(t.text for t in m)
    return out


CASES: dict[str, list[str]] = {
    "x = 1": ["x = 1"],
    "$x = 1$ and $y = 2$": ["x = 1", "y = 2"],
    "$$x = a$$ $$= b$$ $$= c$$": ["x = a = b = c"],
    "$$x = a$$ hence $$= b$$": ["x = a", "b"],
    "$x$ = $y$": ["x = y"],
    "$x$ = 2": ["x = 2"],
    r"\begin{aligned} x &= a \\ &= b \end{aligned}": ["x = a = b"],
    r"\begin{aligned} x &= a \\ y &= b \end{aligned}": ["x = a", "y = b"],
    r"\begin{aligned} x &= a \\ &+ b \end{aligned}": ["x = a+b"],
    r"\begin{aligned} x &= a + \\ & b \end{aligned}": ["x = a+b"],
    r"\begin{aligned} x &= a \\ & \quad - b \end{aligned}": ["x = a-b"],
    r"\begin{align*} x &= a & y &= b \end{align*}": ["x = a", "y = b"],
    r"\begin{array}{rcl} x & = & a \\ & = & b \end{array}": ["x = a = b"],
    r"\begin{array}{l} x = a \end{array}": ["x = a"],
    r"\begin{eqnarray} x &=& a \end{eqnarray}": ["x = a"],
    r"{\color{red} x = a}": ["x = a"],
    r"x = a \implies y = b": ["x = a", "y = b"],
    r"a = 0 \iff x = 1": ["a = 0", "x = 1"],
    r"x = 1, y = 2": ["x = 1", "y = 2"],
    r"x = 1, \quad a \ne 0": ["x = 1", "a != 0"],
    r"x = (1, 2)": ["x = (1,2)"],
    r"x = 1 \text{ if } a \ne 0": ["x = 1", "a != 0"],
    r"x = a \text{ where } a = 2": ["x = a", "a = 2"],
    "x = a where a = 2": ["x = a", "a = 2"],
    "x = a, where a = 2": ["x = a", "a = 2"],
    r"x = 5 \quad (2.10)": ["x = 5"],
    r"$x = 5$ (2.10)": ["x = 5"],
    r"x = 5 \tag{2.10}": ["x = 5"],
    r"x = \boxed{5}": ["x = 5"],
    r"\boxed{x = 5}": ["x = 5"],
    r"x \le 5": ["x <= 5"],
    "w = [1\n     2]": ["w = [12]"],
    "x = a\n+ b": ["x = a+b"],
    "x = a\n  - b": ["x = a-b"],
    "x = a -\nb": ["x = a-b"],
    "- x = 1\n- y = 2": ["x = 1", "y = 2"],
    "- 5": ["-5"],
    "1. x = 5": ["x = 5"],
    "(a) x = 5": ["x = 5"],
    "**x = 5**": ["x = 5"],
    "`x = 5`": ["x = 5"],
    "~~x = 4~~ x = 5": ["x = 5"],
    "5 parameters": ["5"],
    r"\[ x = 5. \]": ["x = 5"],
    r"\(x = 5\)": ["x = 5"],
    r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}": ["begin{bmatrix}1&2\\3&4end{bmatrix}"],
}


@pytest.mark.parametrize(("text", "chains"), CASES.items(), ids=lambda x: repr(x)[:40])
def test_chains(text: str, chains: list[str]) -> None:
    assert [shown(s) for s in find_statements(text)] == chains


def test_words_say_what_stands_before_and_behind() -> None:
    first, second = find_statements("Let $a = 1$. Then we get $x = a$ for sure.")

    assert first.words == "Let"
    assert second.words == ". Then we get"
    assert second.after == "for sure."


def test_leads_boxes_asides_and_loose_ends() -> None:
    assert find_statements(r"\implies x = 1")[0].lead == "=>"
    assert find_statements("= 1")[0].lead == "="
    assert find_statements(r"x = \boxed{1}")[0].boxed
    assert [s.aside for s in find_statements("$x = 1$ (for $n = 2$)")] == [False, True]
    loose = find_statements("x =")[0].unfinished
    assert loose is not None
    assert loose.text == "="


def test_a_fault_stays_in_its_row() -> None:
    good, bad, last = find_statements("\\begin{aligned} x &= 1 \\\\ y &= € \\\\ z &= 3 \\end{aligned}")

    assert (shown(good), shown(last)) == ("x = 1", "z = 3")
    assert bad.fault is not None
    assert bad.fault.message == "the character '€' (U+20AC) is not known in mathematics here"


@pytest.mark.parametrize(
    "text",
    [
        "<del>" * 20_000 + "$x$",
        "<!--" * 20_000 + "$x$",
        "- $x$\n" * 4000,
        "$x$ - " * 4000,
        " - " * 20_000 + "$x$",
    ],
    ids=["struck", "comment", "bullets", "joined", "dashes"],
)
def test_what_stands_beside_formulas_takes_no_time(text: str) -> None:
    with ends():
        found = find_statements(text)

    assert found


def test_what_is_struck_out_or_hidden_was_not_said() -> None:
    for text in ("~~$x$~~", "<del>$x$</del>", "<s>x</s>", "<!-- $x$ -->"):
        assert find_statements(text) == [], text
    assert [s.text for s in find_statements("~~$x$~~ $y$")] == ["y"]


def test_mathematics_outside_of_the_dollars_belongs_to_the_formula() -> None:
    def read(text: str) -> list[tuple[str, bool]]:
        return [(" ".join(s.text.split()), bool(s.doubt)) for s in find_statements(text)]

    assert read("-$x$") == [("- x", False)]
    assert read("$y$ - $x$") == [("y - x", False)]
    assert read("$x$ / n") == [("x / n", False)]
    assert read("2 $x$") == [("x", True)]
    assert read("step 2: $x$") == [("x", False)]
    assert read("- $x$\n- $y$") == [("x", False), ("y", False)]
