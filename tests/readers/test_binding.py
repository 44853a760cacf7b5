"""Lines that are headings, and lines that only look like one. Each case: a sheet → question: text."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from grader.errors import UnreadableFile
from grader.readers import binding
from tests.readers.conftest import Read

DOTTED = "mat101-hw2"  # 1.1.1, 2.1, 2.2.1, 2.2.3, 3.1a, 3.1b, 3.5
LISTED = "mat205-hw2"  # 1.1 1.2 1.3, 2.1a 2.1b 2.2, 3.1 3.2 (printed as a second section 2)
PROBLEMS = "mat301-hw1"  # 1 2 3 4a 4b

CASES: dict[str, tuple[str, str, Mapping[str, str]]] = {
    # ---- forms of one heading
    "hashes": (DOTTED, "## 2.2.3 Best step\n\nx", {"2.2.3": "x"}),
    "depth is noise": (DOTTED, "###### 2.1\na\n# 2.2.3\nb", {"2.1": "a", "2.2.3": "b"}),
    "bold": (DOTTED, "**2.2.3 Anything at all**\n\nx", {"2.2.3": "x"}),
    "bold number": (DOTTED, "**2.2.3** $x$", {"2.2.3": "$x$"}),
    "hashes and bold": (DOTTED, "## **2.2.3** Best step\n\nx", {"2.2.3": "x"}),
    "bare number": (DOTTED, "2.2.3\n\nx", {"2.2.3": "x"}),
    "number and points": (DOTTED, "2.2.3 [4pt]\n\nx", {"2.2.3": "x"}),
    "title and points": (DOTTED, "2.2.3 Some Other Title [4 points]\n\nx", {"2.2.3": "x"}),
    "answer on the line": (DOTTED, "2.2.3 $x = 1$", {"2.2.3": "$x = 1$"}),
    "answer after points": (DOTTED, "2.2.3 [4pt] It grows.", {"2.2.3": "It grows."}),
    "known title is dropped": (DOTTED, "2.2.3 Derivative and best step\nx", {"2.2.3": "x"}),
    "unsure title is kept": (DOTTED, "2.2.3 It Grows\nx", {"2.2.3": "It Grows\nx"}),
    "colon": (DOTTED, "2.2.3: x grows", {"2.2.3": "x grows"}),
    "word": (DOTTED, "Problem 2.2.3\n\nx", {"2.2.3": "x"}),
    "q": (DOTTED, "Q2.2.3. x", {"2.2.3": "x"}),
    "solution to": (DOTTED, "## Solution to Problem 2.2.3\n\nx", {"2.2.3": "x"}),
    "LaTeX section": (DOTTED, "\\subsection*{2.2.3 Best step}\nx", {"2.2.3": "x"}),
    "LaTeX bold": (DOTTED, "\\textbf{2.2.3 Best step} x", {"2.2.3": "x"}),
    "OCR blanks": (DOTTED, "## 2.2. 3 Best step\nx", {"2.2.3": "x"}),
    "escaped dot": (PROBLEMS, "2\\. x grows", {"2": "x grows"}),
    "title without number": (DOTTED, "## Derivative and best step\nx", {"2.2.3": "x"}),
    "leading zero": (LISTED, "01.02 x = 1", {"1.2": "x = 1"}),
    "block quote": (DOTTED, "> ## 2.2.3\n\nx", {"2.2.3": "x"}),
    # ---- letters
    "letter under its number": (DOTTED, "3.1 Batches\n\n(a) x\n\n(b) y", {"3.1a": "x", "3.1b": "y"}),
    "letters in many forms": (DOTTED, "# 3.1\n- (a) x\n- **b)** y", {"3.1a": "x", "3.1b": "y"}),
    "letter with the number": (DOTTED, "3.1a x\n\n3.1 (b) y", {"3.1a": "x", "3.1b": "y"}),
    "letter with a dot": (DOTTED, "### 3.1.b\ny", {"3.1b": "y"}),
    "part": (DOTTED, "### 3.1\n#### Part a\nx\n#### Part (b)\ny", {"3.1a": "x", "3.1b": "y"}),
    "a part that is no question": (DOTTED, "2.2.3\n\n(a) x\n\n(b) y", {"2.2.3": "(a) x\n\n(b) y"}),
    "a numbered part": (DOTTED, "## 2.2.3 (a)\nx\n## 2.2.3 (b)\ny", {"2.2.3": "(a)\nx\n\n(b)\ny"}),
    "a part's part": (
        DOTTED,
        "## 2.1\n### 2.1.1 First\nx\n### 2.1.2 Then\ny",
        {"2.1": "2.1.1 First\nx\n\n2.1.2 Then\ny"},
    ),
    "letters are not shared": (DOTTED, "2.1\n\n(a) x\n\n3.1\n\n(a) y", {"2.1": "(a) x", "3.1a": "y"}),
    "a number with letters": (PROBLEMS, "Problem 4\n\n(a) x\n\n(b) y", {"4a": "x", "4b": "y"}),
    "number and letter": (PROBLEMS, "4(a) x\n\n4b. y", {"4a": "x", "4b": "y"}),
    "letter after a word, in many forms": (
        PROBLEMS,
        "Problem 4: (a) x\n\n### Q4 b\ny",
        {"4a": "x", "4b": "y"},
    ),
    "letter after the word part": (
        PROBLEMS,
        "Exercise 4, part (a)\n\nx\n\nExercise 4, Part (b): y",
        {"4a": "x", "4b": "y"},
    ),
    "a letter of a question that has none": (
        PROBLEMS,
        "1. x\n\n3. (a) By Jensen\n\n3. (b) y\n\n4. (a) z",
        {"1": "x", "3": "(a) By Jensen\n\n3. (b) y", "4a": "z"},
    ),
    "such a letter without a dot": (PROBLEMS, "1a) x\n\n2(a) y", {"1": "(a) x", "2": "(a) y"}),
    "such a letter in bold": (PROBLEMS, "**1.a** x\n\n**2** y", {"1": "(a) x", "2": "y"}),
    "a list inside an answer, like the headings": (
        PROBLEMS,
        "1. $x$\n\n2. $y$\n\n1. Sum it.\n\n2. Cancel.\n\n3. $z$\n\n4. (a) $u$",
        {"1": "$x$", "2": "$y$\n\n1. Sum it.\n\n2. Cancel.", "3": "$z$", "4a": "$u$"},
    ),
    "a list inside an answer that goes on to the next number": (
        PROBLEMS,
        "1. $x$\n\n2. $y$\n\n1. Sum it.\n\n2. Cancel.\n\n3. Drop.\n\n3. $z$",
        {"1": "$x$", "2": "$y$\n\n1. Sum it.\n\n2. Cancel.\n\n3. Drop.", "3": "$z$"},
    ),
    "numbers alone over a list inside an answer": (
        PROBLEMS,
        "1.\n\nx\n\n2.\n\ny\n\n1. Sum it.\n\n2. Cancel.\n\n3.\n\nz",
        {"1": "x", "2": "y\n\n1. Sum it.\n\n2. Cancel.", "3": "z"},
    ),
    "3D is no letter": (
        PROBLEMS,
        "2. x grows\n\n3D pictures do not.",
        {"2": "x grows\n\n3D pictures do not."},
    ),
    # ---- order, gaps, repetitions
    "any order": (DOTTED, "## 3.5\na\n## 2.1\nb\n## 1.1.1\nc", {"1.1.1": "c", "2.1": "b", "3.5": "a"}),
    "twice": (DOTTED, "## 2.1\na\n## 2.2.3\nb\n## 2.1 (continued)\nc", {"2.1": "a\n\nc", "2.2.3": "b"}),
    "contents first": (
        DOTTED,
        "1.1.1 Shortest solution\n2.1 Memory\n\n# 1.1.1\na\n# 2.1\nb",
        {"1.1.1": "a", "2.1": "b"},
    ),
    "one question in a section": (DOTTED, "# 1.1\n\nx", {"1.1.1": "x"}),
    "unknown number ends an answer": (
        DOTTED,
        "## 2.1\nx\n## 2.7 Other\ny\n## 3.5\nz",
        {"2.1": "x", "3.5": "z"},
    ),
    "references end an answer": (DOTTED, "## 2.1\nx\n\n# References\n[1] y", {"2.1": "x"}),
    # ---- items
    "items": (
        LISTED,
        "1 Chains (2pts)\n\n1. x\n2. y\n\n2 Lines\n\n2. z",
        {"1.1": "x", "1.2": "y", "2.2": "z"},
    ),
    "items with dashes": (LISTED, "# 1 Chains\n- 1. (1pt) x\n- 3. (1pt) y", {"1.1": "x", "1.3": "y"}),
    "bold items": (LISTED, "# 1 Chains\n1. **Graph (1pt)** x\n2. **Equations** y", {"1.1": "x", "1.2": "y"}),
    "item with letters": (
        LISTED,
        "# 2 L\n1. Few (1pt)\n- (a) x\n- (b) y\n2. z",
        {"2.1a": "x", "2.1b": "y", "2.2": "z"},
    ),
    "item and letter": (LISTED, "# 2 L\n1. (a) x\n(b) y\n2. z", {"2.1a": "x", "2.1b": "y", "2.2": "z"}),
    "a list in the last item": (
        LISTED,
        "# 1 C\n3. (1pt) x\n1. a\n2. b\n3. c",
        {"1.3": "x\n1. a\n2. b\n3. c"},
    ),
    "a list in an item": (
        LISTED,
        "# 1 C\n1. x\n1. a\n2. b\n\n2. (1pt) y",
        {"1.1": "x\n1. a\n2. b", "1.2": "y"},
    ),
    "items stay items": (
        DOTTED,
        "2.1 Memory\n\n1. x\n2. y\n3. z\n\n3.5\n\nw",
        {"2.1": "1. x\n2. y\n3. z", "3.5": "w"},
    ),
    "steps with hashes": (
        DOTTED,
        "## 2.2.3\n### 1. Set up\nx\n### 2. Solve\ny",
        {"2.2.3": "### 1. Set up\nx\n### 2. Solve\ny"},
    ),
    "steps that look like sections": (
        DOTTED,
        "## 2.2.3\n### Part 1: Set up\nx\n### Part 2: Solve\ny\n### Part 3: Check\nz\n## 3.5\nw",
        {"2.2.3": "### Part 1: Set up\nx\n### Part 2: Solve\ny\n### Part 3: Check\nz", "3.5": "w"},
    ),
    "steps that look like questions": (
        PROBLEMS,
        "## Problem 1\n### 1. Set up\nx\n### 2. Solve\ny\n### 3. Check\nz\n## Problem 2\nv\n## Problem 3\nw",
        {"1": "### 1. Set up\nx\n### 2. Solve\ny\n### 3. Check\nz", "2": "v", "3": "w"},
    ),
    # ---- a section number printed twice
    "second section 2": (
        LISTED,
        "2 Lines (3pts)\n\n2. x\n\n2 Lines and Steps (3pts)\n\n1. y\n2. z",
        {"2.2": "x", "3.1": "y", "3.2": "z"},
    ),
    "second section 2, whole numbers": (
        LISTED,
        "# 2 Lines\n## 2.1\n(a) w\n## 2.2\nx\n# 2 Steps\n## 2.1\ny\n## 2.2\nz",
        {"2.1a": "w", "2.2": "x", "3.1": "y", "3.2": "z"},
    ),
    "rightly numbered": (LISTED, "# 2 L\n2. x\n# 3 S\n1. y\n2. z", {"2.2": "x", "3.1": "y", "3.2": "z"}),
    # ---- what is no heading
    "a sentence": (DOTTED, "## 2.1\n\nx\n\n2.2 is the value of it", {"2.1": "x\n\n2.2 is the value of it"}),
    "an unknown decimal": (DOTTED, "## 2.1\n\n2.5", {"2.1": "2.5"}),
    "an equation number": (DOTTED, "## 2.1\n$$x$$\n (2.2.3)\n\ny", {"2.1": "$$x$$\n (2.2.3)\n\ny"}),
    "arithmetic": (DOTTED, "## 2.1\n3.5 * 2 = 7\n3.5 $\\times$ 2", {"2.1": "3.5 * 2 = 7\n3.5 $\\times$ 2"}),
    "inside a wrapped line": (
        DOTTED,
        "## 2.1\nas we saw in\n2.2.3 the step",
        {"2.1": "as we saw in\n2.2.3 the step"},
    ),
    "a table": (DOTTED, "## 2.1\n| 2.2.3 | x |", {"2.1": "| 2.2.3 | x |"}),
    "a display": (DOTTED, "## 2.1\n$$\n2.2.3\n$$", {"2.1": "$$\n2.2.3\n$$"}),
    "aligned": (
        DOTTED,
        "## 2.1\n\\begin{aligned}\n2.2.3 &= x\n\\end{aligned}",
        {"2.1": "\\begin{aligned}\n2.2.3 &= x\n\\end{aligned}"},
    ),
    "a comment": (DOTTED, "## 2.1\nx <!--\n## 2.2.3\n-->\ny", {"2.1": "x\n\ny"}),
    "a date": (DOTTED, "## 2.1\n2.1.2021\nx", {"2.1": "2.1.2021\nx"}),
    # ---- what is never closed
    "open display": (DOTTED, "## 2.1\n$$ x\n## 2.2.3\ny", {"2.1": "$$ x", "2.2.3": "y"}),
    "open fence": (DOTTED, "## 2.1\nx\n```\n## 2.2.3\ny", {"2.1": "x", "2.2.3": "y"}),
    "open comment": (DOTTED, "## 2.1\n<!-- x\n## 2.2.3\ny", {"2.1": "<!-- x", "2.2.3": "y"}),
}


@pytest.mark.parametrize("case", CASES)
def test_bound(case: str, read: Read) -> None:
    assignment, text, expected = CASES[case]
    answers = read(text, assignment=assignment).answers
    assert {id: a.text for id, a in answers.items()} == expected


def test_a_repeated_section_is_noted(read: Read) -> None:
    submission = read("2 Lines (3pts)\n\n2. x\n\n2 Steps (3pts)\n\n1. y", assignment=LISTED)
    assert submission.notes == ("hw.md:5: the number 2 is printed again; read as 3",)


def test_a_number_that_stands_twice_is_noted(read: Read) -> None:
    answer = read("## 2.1\na\n## 2.2.3\nb\n## 2.1\nc").answers["2.1"]
    assert answer.notes == ("its number stands in 2 places (line 2, line 6); all were read",)


def test_text_that_no_question_gets_is_noted(read: Read) -> None:
    submission = read("## 1.1.1\nx\n## 3.1\n\nC is best, A is noisy.")
    assert submission.notes == ("there is text under 3.1, but none of its questions (3.1a, 3.1b) was found",)


def test_a_number_the_outline_lacks_is_noted(read: Read) -> None:
    assert read("## 2.1\nx\n## 2.7 Other\ny").notes == (
        "hw.md:3: '2.7' is no question of mat101-hw2; not read",
    )


def test_the_only_question_of_a_section_is_noted(read: Read) -> None:
    answer = read("# 1.1\n\nx").answers["1.1.1"]
    assert answer.notes == ("written under 1.1, whose only question this is",)


def test_a_lost_number_is_for_a_person(read: Read) -> None:
    sheet = "## 2.1\nAnswer. O(1)\n\nAnswer. $w_1 = w_0$\n\n## 2.2.3\nAnswer. $x$"
    answers = read(sheet).answers
    assert [(id, str(a.state)) for id, a in answers.items()] == [
        ("2.1", "given"),
        ("2.2.1", "figure"),
        ("2.2.3", "given"),
    ]
    assert answers["2.2.1"].notes == ("its number stands nowhere, but two answers stand under 2.1",)
    assert str(answers["2.2.1"].where) == "hw.md:4"


def test_no_question_at_all(read: Read) -> None:
    with pytest.raises(UnreadableFile) as fault:
        read("I did not do the homework.")
    assert fault.value.message == (
        "no question of mat101-hw2 found in it (looked for 1.1.1, 2.1, 2.2.1, 2.2.3, 3.1a, 3.1b, 3.5)"
    )
    assert fault.value.cure == 'put the question\'s number before each answer, such as "## 1.1.1"'


def test_too_many_headings(read: Read) -> None:
    with pytest.raises(UnreadableFile) as fault:
        read("## 2.1\n" * (binding.MAX_CANDIDATES + 1))
    assert fault.value.message == "2,001 lines look like question headings (at most 2,000 are read)"
