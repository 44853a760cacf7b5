"""Text → tokens: one spelling per meaning, each with its place."""

from __future__ import annotations

import pytest

from grader.errors import EmptyFault, LimitFault, MathsFault, SyntaxFault
from grader.maths.tokens import MAX_LENGTH, looks_like_latex, tokenize


def texts(text: str, *, decimal_comma: bool = False) -> list[str]:
    return [t.text for t in tokenize(text, decimal_comma=decimal_comma)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("52,444,644", "52444644"),
        ("52{,}444{,}644", "52444644"),
        (r"52\,444\,644", "52444644"),
        (r"73,\!856", "73856"),
        ("52 444 644", "52444644"),
        ("52\u202f444\u202f644", "52444644"),
        ("52_444_644", "52444644"),
        ("1,792.5", "1792.5"),
        (".5", ".5"),
        ("5.", "5"),
        ("1e-3", "1e-3"),
        ("2.16E+25", "2.16E+25"),
        ("6.e+03", "6.e+03"),
        ("１２", "12"),
        ("𝟑𝟐", "32"),
    ],
)
def test_one_number(text: str, number: str) -> None:
    assert [(t.kind, t.text) for t in tokenize(text)] == [("num", number)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("52,44,644", ["52", ",", "44644"]),
        ("[1,234]", ["[", "1", ",", "234", "]"]),
        ("(1,234,5)", ["(", "1", ",", "234", ",", "5", ")"]),
        ("1 23", ["1", "23"]),
        ("1000 000", ["1000", "000"]),
        ("52 444.5", ["52", "444.5"]),
        ("[1 234]", ["[", "1", "234", "]"]),
        (r"\begin{bmatrix} 1,234 \end{bmatrix}", ["begin", "{", "bmatrix", "}", "1", ",", "234", "end",
            "{", "bmatrix", "}"]),
    ],
)  # fmt: skip
def test_what_only_looks_like_one_number(text: str, parts: list[str]) -> None:
    assert texts(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("3,25", ["3.25"]),
        ("3{,}25", ["3.25"]),
        ("1.234,5", ["1234.5"]),
        ("1 234,5", ["1234.5"]),
        ("3.250", ["3250"]),
        ("[0,8; 0,4]", ["[", "0.8", ";", "0.4", "]"]),
    ],
)
def test_decimal_commas(text: str, parts: list[str]) -> None:
    assert texts(text, decimal_comma=True) == parts


@pytest.mark.parametrize(
    "spellings",
    [
        (r"\|a\|", r"\lVert a\rVert", r"\Vert a\Vert", "‖a‖", "||a||", r"\left\|a\right\|",
            r"\bigl\| a \bigr\|", r"\parallel a\parallel"),
        (r"X^{\top}", r"X^{\intercal}", r"X^{⊤}"),
        ("X^{T}", r"X^{\mathsf{T}}", r"X^{\mathrm T}", r"X^{\rm T}", "Xᵀ"),
        (r"\frac{1}{2}", r"\tfrac{1}{2}", r"\dfrac{1}{2}", r"\displaystyle\frac{1}{2}"),
        (r"\eta", "η", r"\mathbf{\eta}"),
        ("w_{0}", r"\mathbf{w}_{0}", r"\boldsymbol w_{0}", r"\bm{w}_{0}",
            r"\vec{w}_{0}", "w₀"),
        (r"a \cdot b", "a · b", "a ⋅ b", r"a \bullet b"),
        (r"a \times b", "a × b"),
        ("a - b", "a − b", "a – b"),
        (r"a \le b", r"a \leq b", r"a \leqslant b", "a <= b", "a ≤ b"),
        (r"a \implies b", r"a \Rightarrow b", "a => b", "a ⇒ b", r"a \Longrightarrow b"),
        (r"a \odot b", "a ⊙ b"),
        ("a + b", r"a\,+\;b", r"a ~ + \! b", r"\left. a + b \right.", "a + b{}", r"a + b \nonumber",
            r"a + b \tag{2.10}"),
        (r"\mathbf{1}", r"\mathbb{1}", r"\boldsymbol 1", "𝟏", r"\vec{1}", r"{\bf 1}", r"\mathds{1}"),
        ("1/2", "1∕2"),
        (r"\frac{a}{b}", r"\nicefrac{a}{b}"),
        (r"{\frac{a}{b}}", r"{a \over b}"),
        ("f'", "f′", "f’"),
    ],
)  # fmt: skip
def test_one_meaning_one_spelling(spellings: tuple[str, ...]) -> None:
    first, *others = ([(t.kind, t.text) for t in tokenize(s)] for s in spellings)

    assert all(other == first for other in others)


def test_letters_with_diacritics_are_taken_apart() -> None:
    assert [(t.kind, t.text) for t in tokenize("ŵ λ̃")] == [
        ("word", "w"),
        ("accent", "hat"),
        ("cmd", "lambda"),
        ("accent", "tilde"),
    ]


def test_places_are_those_of_the_original_text() -> None:
    text = "ŵ₀ − ½·X"

    assert [text[t.start : t.end] for t in tokenize(text) if t.text in ("w", "-", "X")] == ["ŵ", "−", "X"]


def test_underbraces_and_words_are_remarks() -> None:
    assert texts(r"\underbrace{2 a}_{\in \mathbb{R}} x") == ["{", "2", "a", "}", "x"]
    assert [t.kind for t in tokenize(r"a \text{ if } b")] == ["word", "remark", "word"]
    assert [(t.kind, t.text) for t in tokenize(r"\text{num\_weights}")] == [("text", "num_weights")]


def test_a_percent_sign_begins_a_comment_in_latex_only() -> None:
    assert texts("\\frac12 % one half\n+ 1") == ["frac", "12", "+", "1"]
    assert texts("41.3%") == ["41.3", "%"]
    assert texts(r"41.3\%") == ["41.3", "%"]


def test_numpy_prefixes_only_say_that_products_act_on_entries() -> None:
    assert texts("np.linalg.inv(X.T @ X)") == ["np", "inv", "(", "X", ".T", "@", "X", ")"]
    assert texts("math.sqrt(2)") == ["sqrt", "(", "2", ")"]


@pytest.mark.parametrize(
    ("text", "kind", "message", "span"),
    [
        (r"\frac{n}{2", SyntaxFault, "an opening brace without a closing one", (8, 9)),
        ("n}", SyntaxFault, "a closing brace without an opening one", (1, 2)),
        ("n € 2", SyntaxFault, "the character '€' (U+20AC) is not known in mathematics here", (2, 3)),
        ("n\x00", SyntaxFault, "an invisible character (U+0000); delete it and type the place again", (1, 2)),
        (
            "1\u202e2",
            SyntaxFault,
            "an invisible character (U+202E); delete it and type the place again",
            (1, 2),
        ),
        ("2½", SyntaxFault, "'2½' may be a sum or a product; write it out", (0, 2)),
        ("2e5n", SyntaxFault, "'2e5' holds a power of ten or the number e; write '10^{…}'", (0, 3)),
        (r"n \over 2", SyntaxFault, r"\over needs braces around what it joins; write \frac{…}{…}", (2, 7)),
        ("9" * 401, LimitFault, "a number with 401 digits; at most 400 are read", (0, 401)),
        ("{" * 200, LimitFault, "braces nested more than 150 deep", (150, 151)),
        (" $ ", EmptyFault, "there is nothing to read", None),
        ("n" * (MAX_LENGTH + 1), LimitFault, "10001 characters; at most 10000 are read", None),
    ],
    ids=lambda x: repr(x)[:20],
)
def test_faults(text: str, kind: type[MathsFault], message: str, span: tuple[int, int] | None) -> None:
    with pytest.raises(kind) as caught:
        tokenize(text)

    assert (caught.value.message, caught.value.span) == (message, span)


def test_several_numbers_under_a_decimal_comma_need_semicolons() -> None:
    with pytest.raises(SyntaxFault) as caught:
        tokenize("[1,2,3]", decimal_comma=True)

    assert caught.value.message == "'1,2,3': with a decimal comma, numbers are separated by semicolons"


def test_what_looks_like_latex() -> None:
    assert looks_like_latex(r"\eta")
    assert looks_like_latex("w_{0}")
    assert not looks_like_latex("2*eta/n * X.T @ a")
