"""Small pieces of mathematics, drawn: ``[1 0; 0 1]`` as a matrix, ``w₀`` as a name, LaTeX in a message."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set

from markupsafe import Markup, escape

from grader.reports.mathml import formula
from grader.reports.text import visible

__all__ = ["drawn", "drawn_line", "drawn_name", "said"]

_ENTRY = r"-?[0-9]+(?:\.[0-9]+)?(?:/[0-9]+|e[+-]?[0-9]+)?"
_SCALAR = re.compile(_ENTRY)
_MATRIX = re.compile(rf"\[{_ENTRY}(?:(?: |; ){_ENTRY})*\]")
_NAME = re.compile(
    r"(?P<base>[^\W\d_₀-₉⁰¹²³⁴-⁹]+)(?P<accents>[\u0300-\u036f]*)(?P<sub>[₀-₉]*|_[A-Za-z0-9]+)(?P<sup>[⁰¹²³⁴-⁹]*)(?P<star>(?:\^\*)?)"
)
_PROGRAM = re.compile(r"[@*]|[A-Za-z]{2}|\.T\b")
_LATEX = re.compile(
    r"“(?P<quoted>[^“”]*\\[A-Za-z][^“”]*)”|(?<!\S)(?P<word>[^\s“”]*\\[A-Za-z][^\s“”]*?)(?=[.,;:]*(?:\s|$))"
)
_ACCENTS = {
    "\u0302": "hat",
    "\u0303": "tilde",
    "\u0304": "bar",
    "\u0307": "dot",
    "\u0308": "ddot",
    "\u030c": "check",
}


def drawn(text: str) -> Markup:
    """The value as a formula; in ``code`` if it is anything but numbers."""
    if _SCALAR.fullmatch(text):
        return formula(_number(text))
    if is_matrix(text):
        return formula(matrix(text))
    if "\\" in text:
        return formula(text)
    return Markup("<code>{}</code>").format(visible(text))


def is_matrix(text: str) -> bool:
    """Whether it is written as ``show_rows`` writes numbers."""
    return _MATRIX.fullmatch(text) is not None


def matrix(text: str, wrong: Set[tuple[int, int]] = frozenset()) -> str:
    """``[1 0; 0 1]`` as LaTeX; ``wrong``: entries to mark, counted from 1."""
    rows = [
        " & ".join(
            rf"\wrong{{{_number(x)}}}" if (i, j) in wrong else _number(x)
            for j, x in enumerate(row.split(), 1)
        )
        for i, row in enumerate(text[1:-1].split(";"), 1)
    ]
    joined = r" \\ ".join(rows)
    return rf"\begin{{bmatrix}} {joined} \end{{bmatrix}}"


def said(text: str) -> Markup:
    """A message with the LaTeX that it quotes drawn."""
    parts: list[Markup] = []
    at = 0
    for m in _LATEX.finditer(text):
        quoted = m["quoted"] is not None
        parts += [escape(visible(text[at : m.start()])), formula(m["quoted"] if quoted else m["word"])]
        at = m.end()
    return Markup("").join([*parts, escape(visible(text[at:]))])


def drawn_line(text: str) -> Markup:
    """A line of a derivation as a formula, as ``code`` where it is written as a program or in words."""
    if "\\" in text or not _PROGRAM.search(text):
        return formula(text)
    return Markup("<code>{}</code>").format(visible(text))


def drawn_name(text: str) -> Markup:
    """A name as ``show_name`` says it, drawn; in ``code`` if it is anything else."""
    m = _NAME.fullmatch(unicodedata.normalize("NFD", text))
    if m is None or any(a not in _ACCENTS for a in m["accents"]):
        return Markup("<code>{}</code>").format(visible(text))
    base = m["base"] if len(m["base"]) == 1 else rf"\text{{{m['base']}}}"
    for a in m["accents"]:
        base = rf"\{_ACCENTS[a]}{{{base}}}"
    below, above = (unicodedata.normalize("NFKC", m[k]).lstrip("_") for k in ("sub", "sup"))
    below = below if len(below) < 2 or below.isdigit() else rf"\text{{{below}}}"
    source = base + (f"_{{{below}}}" if below else "")
    return formula(source + ("^{*}" if m["star"] else f"^{{{above}}}" if above else ""))


def _number(text: str) -> str:
    """``1.5e-07`` as a power of ten."""
    digits, _, power = text.partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits
