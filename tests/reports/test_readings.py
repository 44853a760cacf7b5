"""What was read is drawn, the wrong part marked in it and said in words; a student's text marks nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.model import Finding, Outcome
from grader.reports.classroom import class_page
from grader.reports.evidence import LABELS, PRIVATE, SHOWN_APART, label
from grader.reports.html import class_html, review_html, student_html
from grader.reports.mathml import formula, reading
from grader.reports.readings import Read, read
from grader.reports.review import review_page
from grader.reports.student import student_page
from grader.reports.values import drawn, drawn_line, drawn_name, said
from tests.checkers.case_files import rows
from tests.reports.browser import words
from tests.reports.conftest import Class, grade_folder

SHEET = "csc413-2020-hw2"
WRONG = r"$w_1 = w_0 + \frac{2\eta}{n} X^T(Xw_0 - t)$ and $L_1 = \frac{1}{n}\|a - \frac{2\eta}{n}X^TXa\|^2$"
RIGHT = r"$w_1 = w_0 - \frac{2\eta}{n} X^T(Xw_0 - t)$ and $L_1 = \frac{1}{n}\|a - \frac{2\eta}{n}XX^Ta\|^2$"
MARK = '<mrow class="wrong">'


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Class:
    folder = tmp_path_factory.mktemp("pair")
    for name, text in (("s001", WRONG), ("s002", RIGHT)):
        (folder / f"{name}.md").write_text(
            f"---\nstudent: {name}\nassignment: {SHEET}\n---\n# 2.2.1\n{text}\n", "utf-8"
        )
    return grade_folder(folder, SHEET)


def page_of(pair: Class, i: int) -> str:
    return student_html(student_page(pair.results[i], pair.rubrics[0]))


def test_the_wrong_part_is_marked_on_the_page_of_its_student(pair: Class) -> None:
    html, text = page_of(pair, 0), words(page_of(pair, 0))
    assert html.count(MARK) == 2
    assert "Marked: (2η/n) Xᵀ(Xw₀ - t). Mending this part alone would make the formula right." in text
    assert "Marked: (2η/n) XᵀXa. The shapes in this part do not fit together." in text
    assert "As text: w₀ + (2η/n) Xᵀ(Xw₀ - t)" in text


def test_nothing_right_is_marked(pair: Class) -> None:
    html = page_of(pair, 1)
    assert MARK not in html
    assert "Marked:" not in words(html)
    assert '<div class="read"><math' in html


def test_the_class_and_the_review_page_draw_it_too(pair: Class) -> None:
    html = class_html(class_page(pair.results, pair.rubrics, ["a.html", "b.html"]))
    assert html.count(MARK) == 2
    assert words(html).count("Marked:") == 2
    assert MARK in review_html(review_page(pair.results, pair.rubrics))


def test_what_is_right_stands_nowhere_on_a_wrong_answers_page(pair: Class) -> None:
    """The mark names a part of the student's own formula; what belongs there is on no page."""
    (finding,) = (f for f in pair.results[0].findings if f.criterion == "w_1")
    assert finding.evidence["wrong part"] in finding.read_as
    assert finding.marked.replace(r"\wrong{", "").count("-") == finding.drawn.count("-")


@pytest.mark.parametrize("source", [r"\wrong{x}", r"a + \wrong{b}"])
def test_a_students_text_marks_nothing(source: str) -> None:
    assert str(formula(source)) == f"<code>{source}</code>"
    assert MARK in str(reading(source))


def test_what_cannot_be_drawn_stands_as_text() -> None:
    assert str(reading("x" * 5000)) == ""
    assert str(reading(r"\unknown{x}")) == ""


def finding(**changes: object) -> Finding:
    given = {
        "read_as": "x",
        "drawn": "x",
        "marked": "",
        "evidence": {},
        "outcome": Outcome.INCORRECT,
    } | changes
    return Finding("s", "1", "c", "expression", points=0, max_points=1, message="", where="", **given)  # type: ignore[arg-type]


def test_readings_of_findings() -> None:
    assert read(finding()) == Read("x", "x")
    part = {"wrong part": "x"}
    assert read(finding(marked=r"\wrong{x}", evidence=part)) == Read("x", r"\wrong{x}", "x")
    assert read(finding(marked=r"\wrong{x}", evidence={"does not fit": "x"}, read_as="")) == Read(
        "", r"\wrong{x}", "", "x"
    )
    assert read(finding(marked=r"\wrong{x}", evidence=part, outcome=Outcome.ERROR)) == Read("x", "x")
    assert not read(finding(read_as="", drawn=""))
    entries = {"wrong entries": [[2, 1]]}
    matrix = read(finding(read_as="[1 0; -3 1]", drawn="", evidence=entries))
    assert matrix.drawn == r"\begin{bmatrix} 1 & 0 \\ \wrong{-3} & 1 \end{bmatrix}"
    assert not read(finding(read_as="diag(1)", drawn="", evidence=entries)).drawn


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1/2", "<math><mrow><mn>1</mn><mo>/</mo><mn>2</mn></mrow></math>"),
        ("-3", "<math><mrow><mo>−</mo><mn>3</mn></mrow></math>"),
        ("1.5e-07", "<math><mrow><mn>1.5</mn><mo>⋅</mo><msup><mn>10</mn>"),
        ("[1 0; 0 1]", '<math><mrow><mo stretchy="true" fence="true">[</mo><mtable class="grid">'),
        ("no <value>", "<code>no &lt;value&gt;</code>"),
        (r"\mathcal{O}(n)", "<math><mrow><mi>𝒪</mi>"),
    ],
)
def test_values_are_drawn(text: str, shown: str) -> None:
    assert str(drawn(text)).startswith(shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"\frac{a}{2}", "<math><mfrac>"),
        ("x^2 = 4", "<math><mrow><msup>"),
        ("X.T @ a", "<code>X.T @ a</code>"),
        ("2*eta/n", "<code>2*eta/n</code>"),
        ("where <b> holds", "<code>where &lt;b&gt; holds</code>"),
    ],
)
def test_lines_are_drawn_unless_they_are_programs(text: str, shown: str) -> None:
    assert str(drawn_line(text)).startswith(shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"None for \eta, or <x>", "None for <math><mi>η</mi></math>, or &lt;x&gt;"),
        (r"Found (“\ge”).", "Found (<math><mo>≥</mo></math>)."),
        (r"a “b” \unknown.", r"a “b” <code>\unknown</code>."),
    ],
)
def test_latex_in_a_message_is_drawn(text: str, shown: str) -> None:
    assert str(said(text)) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("X", "<math><mi>X</mi></math>"),
        ("w₀", "<math><msub><mi>w</mi><mn>0</mn></msub></math>"),
        ("λ̃", '<math><mover accent="true"><mi>λ</mi><mo>~</mo></mover></math>'),
        ("ŵ", '<math><mover accent="true"><mi>w</mi><mo>^</mo></mover></math>'),
        ("s_k", "<math><msub><mi>s</mi><mi>k</mi></msub></math>"),
        ("η^*", "<math><msup><mi>η</mi><mo>∗</mo></msup></math>"),
        ("NIC", "<math><mtext>NIC</mtext></math>"),
        ("f(x)", "<code>f(x)</code>"),
        ("<b>", "<code>&lt;b&gt;</code>"),
    ],
)
def test_names_are_drawn(name: str, shown: str) -> None:
    assert str(drawn_name(name)) == shown


# ---- evidence in words

SOURCES = Path(__file__).parents[2] / "grader"


def _keys_in_cases() -> set[str]:
    """Every key that a checker gave in its table of cases, and those of rows in it."""
    found: set[str] = set()
    for file in (Path(__file__).parents[1] / "checkers" / "cases").glob("*.toml"):
        for row in rows(file.stem):
            for key, value in row.judge().evidence.items():
                found.add(key)
                if key != "dimensions" and isinstance(value, list) and value and isinstance(value[0], dict):
                    found.update(value[0])
    return found


def _keys_in_sources() -> set[str]:
    """What is put into evidence by its name in the sources."""
    found: set[str] = set()
    for place in ("checkers", "engine", "maths"):
        for file in (SOURCES / place).glob("*.py"):
            text = file.read_text("utf-8")
            found.update(re.findall(r'evidence\["([^"]+)"\]', text))
            for literal in re.findall(r"evidence(?:: [^=\n]+)? ?\|?= ?\{([^{}]*)\}", text):
                found.update(re.findall(r'"([^"]+)":', literal))
    return found


def test_every_key_of_evidence_has_its_words() -> None:
    keys = _keys_in_cases() | _keys_in_sources()
    assert len(keys) > 40
    assert sorted(keys - set(LABELS)) == []
    assert set(LABELS) >= PRIVATE | SHOWN_APART
    assert all(
        text == text.strip() and not text.endswith(".") and "_" not in text for text in LABELS.values()
    )


def test_a_key_of_a_rubrics_own_is_its_own_label() -> None:
    assert label("relative_bits") == "bits of precision"
    assert label("my_key") == "my key"
