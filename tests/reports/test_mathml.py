"""Formulas of students as MathML: what stands there is shown, whole and harmless, whatever stands there."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports.mathml import MAX_FORMULA, display, excerpt, formula, has_maths
from tests.clock import ends

_ELEMENTS = """math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover
    mtable mtr mtd code"""
ELEMENTS = frozenset(_ELEMENTS.split())
ATTRIBUTES = {
    "display": {"block"},
    "class": {"boxed", "aligned", "grid", "cases"},
    "stretchy": {"true", "false"},
    "fence": {"true"},
    "accent": {"true"},
    "accentunder": {"true"},
    "displaystyle": {"true"},
    "linethickness": {"0"},
    "mathvariant": {"normal"},
    "width": None,
}


def body(source: str) -> str:
    html = str(formula(source))
    assert html.startswith("<math>")
    return html.removeprefix("<math>").removesuffix("</math>")


@pytest.mark.parametrize(
    ("source", "drawn"),
    [
        ("x", "<mi>x</mi>"),
        (r"\frac12", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        ("x^10", "<mrow><msup><mi>x</mi><mn>1</mn></msup><mn>0</mn></mrow>"),
        ("x_{10}", "<msub><mi>x</mi><mn>10</mn></msub>"),
        ("x_i^2", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        ("x^2_i", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        ("f''(x)", ("<mrow><msup><mi>f</mi><mo>′′</mo></msup><mo stretchy=\"false\">(</mo><mi>x</mi>"
         '<mo stretchy="false">)</mo></mrow>')),
        (r"\mathbf{w}", "<mi>𝐰</mi>"),
        (r"\mathcal L", "<mi>ℒ</mi>"),
        (r"\mathbb{R}^d", "<msup><mi>ℝ</mi><mi>d</mi></msup>"),
        (r"\boldsymbol\theta", "<mi>𝛉</mi>"),
        (r"\hat w", '<mover accent="true"><mi>w</mi><mo>^</mo></mover>'),
        (r"\sum_i x", "<mrow><munder><mo>∑</mo><mi>i</mi></munder><mi>x</mi></mrow>"),
        (r"\sqrt[3]{2}", "<mroot><mn>2</mn><mn>3</mn></mroot>"),
        (r"\text{if } x<0", "<mrow><mtext>if </mtext><mi>x</mi><mo>&lt;</mo><mn>0</mn></mrow>"),
        (r"a\\b", ('<mtable class="aligned" displaystyle="true"><mtr><mtd><mi>a</mi></mtd></mtr>'
         "<mtr><mtd><mi>b</mi></mtd></mtr></mtable>")),
        (r"\left.\frac{a}{b}\right|_0", ("<msub><mrow><mfrac><mi>a</mi><mi>b</mi></mfrac>"
         '<mo stretchy="true" fence="true">|</mo></mrow><mn>0</mn></msub>')),
        (r"\boxed{1}", '<mrow class="boxed"><mn>1</mn></mrow>'),
        ("52,444,644", "<mn>52,444,644</mn>"),
        ("-1", "<mrow><mo>−</mo><mn>1</mn></mrow>"),
        (r"\operatorname{NIC}", "<mi>NIC</mi>"),
        (r"\argmin_w", "<munder><mi>arg min</mi><mi>w</mi></munder>"),
    ],
)  # fmt: skip
def test_what_is_drawn(source: str, drawn: str) -> None:
    assert body(source) == drawn


def test_a_matrix_and_cases() -> None:
    assert body(r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}") == (
        '<mrow><mo stretchy="true" fence="true">[</mo><mtable class="grid">'
        "<mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr>"
        "<mtr><mtd><mn>3</mn></mtd><mtd><mn>4</mn></mtd></mtr></mtable>"
        '<mo stretchy="true" fence="true">]</mo></mrow>'
    )
    assert 'class="cases"' in body(r"\begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}")


@pytest.mark.parametrize(
    "source",
    [r"\unknown{x}", "{x", "x}", r"\frac{1}", r"\left(x", r"\begin{foo}x\end{foo}", r"x \end{a}", "&&\\end"],
)
def test_what_is_not_known_is_shown_as_it_stands(source: str) -> None:
    assert str(formula(source)) == f"<code>{source.replace('&', '&amp;')}</code>"


def test_text_around_formulas_is_kept() -> None:
    assert str(display("so $x<1$, or\n\n$$y$$\n\n & \\(z\\); it costs \\$5 or $6")) == (
        "so <math><mrow><mi>x</mi><mo>&lt;</mo><mn>1</mn></mrow></math>, or"
        '<math display="block"><mi>y</mi></math> &amp; <math><mi>z</mi></math>; it costs \\$5 or $6'
    )
    assert has_maths(r"\[x\]")
    assert has_maths(r"\begin{align*} x &= 1 \end{align*}")
    assert not has_maths("no formula, only $5")


ATTACKS = (
    r"\text{</math><script>alert(1)</script>}",
    r"\operatorname{<img src=x onerror=alert(1)>}",
    "<svg onload=alert(1)>",
    r"\left<script\right>",
    r"\mathbf{</mi></math><iframe>}",
    r"\tag{</math><style>*{}}",
    r"\href{javascript:alert(1)}{x}",
    r"\begin{</math>}x\end{</math>}",
    r'\hspace{"onload=alert(1)}',
    "\u202e$\x07",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_gets_out_of_a_formula(attack: str) -> None:
    for html in (str(formula(attack)), str(display(f"a ${attack}$ b {attack}"))):
        harmless(html)


def harmless(html: str) -> None:
    """Well-formed, of our elements and attributes only."""
    root = ElementTree.fromstring(f"<root>{html}</root>")
    for element in root.iter():
        assert element.tag in ELEMENTS | {"root"}
        for name, value in element.attrib.items():
            allowed = ATTRIBUTES[name]
            assert value in allowed if allowed else re.fullmatch(r"[0-9.]+em", value)


PIECES = st.sampled_from(
    [*"xyXa123{}^_&$()[]|<>\"'=+-/\\ ", r"\frac", r"\left(", r"\right)", r"\begin{aligned}", r"\end{aligned}",
     r"\text{", r"\mathbf", r"\sqrt", r"\\", r"\hat", r"\sum", "</math>", "<script>", "$$", r"\[", r"\]"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_text_is_harmless(text: str) -> None:
    harmless(str(display(text)))
    harmless(str(formula(text)))


@given(st.text(alphabet="abcxyzXYZ0123456789+-=()", min_size=1, max_size=30))
def test_no_sign_of_a_plain_formula_is_lost(text: str) -> None:
    shown = re.sub("<[^>]*>", "", str(formula(text)))
    assert shown.replace("−", "-") == text


@pytest.mark.parametrize(
    "text",
    [
        "{" * 3000,
        r"\frac{" * 600,
        "$" * 20_000,
        r"\begin{aligned}" * 200,
        "x^" * 2000,
        r"\left(" * 600,
        "$a" * 9000,
    ],
    ids=lambda t: repr(t[:16]),
)
def test_hostile_formulas_end(text: str) -> None:
    with ends():
        harmless(str(display(text)))
        harmless(str(formula(text[:MAX_FORMULA])))


def test_an_excerpt_does_not_cut_through_a_formula() -> None:
    text = r"So it is $\frac{a}{b}$, and then $$x^2 + y^2 + z^2 + w^2$$ ends it."
    assert excerpt(text, 500) == text
    assert excerpt(text, 14) == r"So it is $\frac{a}{b}$…"
    assert excerpt(text, 4) == "So i…"
    long = "We see $$" + "x + " * 100 + "y$$ at once"
    assert excerpt(long, 20) == "We see…"
    assert excerpt("a $1 note and no formula at all", 10) == "a $1 note…"


def test_names_are_upright_and_spaces_in_them_are_spaces() -> None:
    assert str(formula(r"\mathrm{tr}A")) == (
        '<math><mrow><mrow><mi mathvariant="normal">t</mi><mi mathvariant="normal">r</mi></mrow>'
        "<mi>A</mi></mrow></math>"
    )
    assert "<mi>arg\u2009min</mi>" in formula(r"\operatorname*{arg\,min}_w L")
