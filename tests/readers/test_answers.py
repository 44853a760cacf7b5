"""What is under one number: marker, repeated question, code, and whether anything is there at all."""

from __future__ import annotations

import pytest

from grader.model import AnswerState
from grader.readers.prompts import question_end
from tests.readers.conftest import Read

GIVEN, MISSING, FIGURE = AnswerState.GIVEN, AnswerState.MISSING, AnswerState.FIGURE

STATES: dict[str, tuple[str, AnswerState]] = {
    "text": ("yes", GIVEN),
    "a number": ("0", GIVEN),
    "a word that also means nothing": ("None.", GIVEN),
    "nothing": ("", FIGURE),
    "one blank": (" \n \n", FIGURE),
    "marker and nothing": ("Answer.\n\n", FIGURE),
    "marker and end mark": ("Answer.  $\\blacksquare$ ", MISSING),
    "end mark": ("$\\square$", MISSING),
    "unicode end mark": ("■", MISSING),
    "qed": ("Q.E.D.", MISSING),
    "as required": ("As required.", MISSING),
    "proof of nothing": ("Solution:\n\n\\qed", MISSING),
    "an end mark after work": ("$x$ \\blacksquare", GIVEN),
    "placeholder": ("*YOUR ANSWER HERE*", MISSING),
    "todo": ("TODO", MISSING),
    "dots": ("...", MISSING),
    "question mark": ("?", MISSING),
    "picture": ("![a graph](g.png)", FIGURE),
    "picture and caption": ("![](g.png)\n\nFigure 2: the graph", FIGURE),
    "caption alone": ("Figure 1: Loss after 25 epochs with $k=3$.", FIGURE),
    "LaTeX picture": (
        "\\begin{figure}[h]\n\\centering\n\\includegraphics[width=3cm]{g}\n\\end{figure}",
        FIGURE,
    ),
    "picture and words": ("![](g.png)\n\nIt falls.", GIVEN),
    "code": ("```python\nx = 1\n```", GIVEN),
    "code to be written": ("```python\n# YOUR CODE HERE\nraise NotImplementedError()\n```", FIGURE),
    "a note after the answer": ("The matrix is $[1, 2]$. Note: the padding is zero.", GIVEN),
    "question alone": ("Show that the loss is convex. Show your work.", MISSING),
    "question for a drawing": ("Draw the graph of the loss.", FIGURE),
    "page number left": ("\n\nPage 3 of 7\n", FIGURE),
}


@pytest.mark.parametrize("case", STATES)
def test_state(case: str, read: Read) -> None:
    text, state = STATES[case]
    answer = read(f"## 2.1\n\n{text}\n\n## 3.5\nx").answers["2.1"]
    assert answer.state is state
    assert (answer.text == "") or state is not MISSING


MARKERS: dict[str, tuple[str, str, str]] = {
    # what stands under the number: (text, prompt, answer)
    "line": ("Show it.\n\nAnswer.\n\nx", "Show it.", "x"),
    "inline": ("Show it.\n\nAnswer. x\n\ny", "Show it.", "x\n\ny"),
    "bold": ("Show it.\n\n**Solution:** x", "Show it.", "x"),
    "italic": ("Show it.\n\n*Solution.* x", "Show it.", "x"),
    "heading": ("Show it.\n\n### Solution\n\nx", "Show it.", "x"),
    "LaTeX": ("Show it.\n\n\\textbf{Answer:} x", "Show it.", "x"),
    "environment": ("Show it.\n\n\\begin{solution}\nx\n\\end{solution}", "Show it.", "x"),
    "lower case": ("Show it.\n\nanswer:\n\nx", "Show it.", "x"),
    "question without a verb": ("The loss of a step.\n\nSolution.\n\nx", "The loss of a step.", "x"),
    "not a marker": ("Solutions of $x = 1$ are few.", "", "Solutions of $x = 1$ are few."),
    "not a marker either": ("The answer is 5.", "", "The answer is 5."),
    "work first": ("We get $x = 1$.\n\nAnswer: 1", "", "We get $x = 1$.\n\nAnswer: 1"),
    "work first, bold": (
        "$x = y$\n\nThus $y = 1$.\n\n**Answer:** 1",
        "",
        "$x = y$\n\nThus $y = 1$.\n\n**Answer:** 1",
    ),
    "question, work, answer": (
        "Find the step.\n\nWe get $x = 1$.\n\n**Answer:** 1",
        "Find the step.",
        "We get $x = 1$.\n\n**Answer:** 1",
    ),
    "two parts": ("(a) Answer: x\n\n(b) Answer: y", "", "(a) Answer: x\n\n(b) Answer: y"),
}


@pytest.mark.parametrize("case", MARKERS)
def test_marker(case: str, read: Read) -> None:
    text, prompt, expected = MARKERS[case]
    answer = read(f"## 2.1\n\n{text}\n").answers["2.1"]
    assert (answer.prompt, answer.text) == (prompt, expected)


def test_a_doubtful_question_is_noted(read: Read) -> None:
    answer = read("## 2.1\n\nThe loss of a step.\n\nSolution.\n\nx").answers["2.1"]
    assert answer.notes == ("what stands before 'Solution.' was taken for the question's own words",)


def test_a_picture_among_words_is_noted(read: Read) -> None:
    answer = read("## 2.1\n\n![](g.png)\n\nIt falls.").answers["2.1"]
    assert answer.notes == ("holds a figure, which only a person can see",)


def test_the_bytes_of_a_picture_are_not_text(read: Read) -> None:
    answer = read(f"## 2.1\n\nIt falls.\n\n![](data:image/png;base64,{'A' * 1000})").answers["2.1"]
    assert answer.text == "It falls.\n\n![](data:…)"


def test_code_and_mathematics_are_kept_apart(read: Read) -> None:
    answer = read("## 2.1\n\nx\n\n```python\na @ b\n```\n\n```math\nc = d\n```\n").answers["2.1"]
    assert answer.text == "x\n\n$$\nc = d\n$$"
    assert [(c.source, str(c.where)) for c in answer.code] == [("a @ b", "hw.md:6")]


PROMPTS: dict[str, tuple[str, str]] = {
    # (paragraphs, how the answer begins)
    "asks": ("Is it convex?\n\nYes.", "Yes."),
    "orders": ("Write down the derivative.\n\n$$x$$", "$$x$$"),
    "sets a scene": ("Consider d > n. Assume it converges. Does it find it?\n\nYes.", "Yes."),
    "hint of its own": ("Show that it falls.\n\nHint: think.\n\nWe see it.", "We see it."),
    "note of its own": ("How large is it?\n\nNote: not too large.\n\nSmall.", "Small."),
    "fragment after an order": ("Give two values. The first for x, the second for y.\n\n1, 2", "1, 2"),
    "block quote": ("> Whatever it says\n\nYes.", "Yes."),
    "label": ("**Question:** the loss\n\nIt falls.", "It falls."),
    "answered at once": ("Is it convex? Yes, since it is a square.", "Yes, since it is a square."),
    "answered at once, more follows": ("Is it convex? Yes, it is.\n\n$$x$$", "Yes, it is.\n\n$$x$$"),
    "hint, then an answer on the next line": (
        "Does it? Hint: think.\nYes, since it does.",
        "Yes, since it does.",
    ),
    # the answer's own words
    "statement": ("The gradient is zero.\n\n$$x$$", "The gradient is zero."),
    "own plan": ("Compute the gradient:\n\n$$x$$", "Compute the gradient:"),
    "own setting": ("Consider $w = Xa$. Then $w = 1$.\n\nThus x.", "Consider $w = Xa$."),
    "own list": ("1. Compute $a$\n2. Solve for $b$", "1. Compute $a$"),
    "own question": ("It falls.\n\nWhy? Because it is convex.", "It falls."),
    "form": ("Point A:\n\n- Regime: noise", "Point A:"),
    "yes": ("Yes.", "Yes."),
    "only an order": ("Compute $v^T y$ first, then scale $v$.", "Compute $v^T y$"),
    "recalls": ("Recall that w = Xa.\n\n$$x$$\n\nSo it is.", "Recall that"),
}


@pytest.mark.parametrize("case", PROMPTS)
def test_where_the_answer_begins(case: str, read: Read) -> None:
    text, begins = PROMPTS[case]
    answer = read(f"## 2.1\n\n{text}\n").answers["2.1"]
    assert answer.text.startswith(begins)
    assert (answer.prompt + " " + answer.text).split() == text.split()


def test_a_scene_between_the_words_of_one_question() -> None:
    blocks = [
        (True, "We will now consider scaled steps. The update is as follows:"),
        (False, "$$w = w - g$$"),
        (True, "Provide a proof or a counterexample that scaled steps are shortest."),
        (True, "Does this hold in general?"),
        (True, "No."),
    ]
    assert question_end(blocks, "Scaled steps: proof or counterexample that they are shortest") == (4, 0)
    assert question_end(blocks, "Something else") == (0, 0)
