"""Small values of a counterexample as mathematics: ``[1 0; 0 1]`` as the matrix it is."""

from __future__ import annotations

import re

from markupsafe import Markup

from grader.reports.mathml import formula
from grader.reports.text import visible

__all__ = ["drawn"]

_ENTRY = r"-?[0-9]+(?:\.[0-9]+)?(?:/[0-9]+)?"
_SCALAR = re.compile(_ENTRY)
_MATRIX = re.compile(rf"\[{_ENTRY}(?:(?: |; ){_ENTRY})*\]")


def drawn(text: str) -> Markup:
    """The value as a formula; in ``code`` if it is anything but numbers."""
    if _SCALAR.fullmatch(text):
        return formula(text)
    if _MATRIX.fullmatch(text):
        rows = [" & ".join(row.split()) for row in text[1:-1].split(";")]
        joined = r" \\ ".join(rows)
        return formula(rf"\begin{{bmatrix}} {joined} \end{{bmatrix}}")
    return Markup("<code>{}</code>").format(visible(text))
