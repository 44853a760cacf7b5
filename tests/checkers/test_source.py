"""The text of a definition as it was written."""

from __future__ import annotations

import ast

import pytest

from grader.checkers._source import _segment


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\n\ndef f(x):\n    return 'é' + x  # ≥\n\ny = 1\n",
        "a = 1; b = 'ö'; c = 3",
        "def f(): return 1\r\ndef g():\r\n    return 2\r\nx = 1",
        "x = '''one\ntwo'''; y = 2",
        "é = 1; ü = [\n  2,\n]; z = 3\x0c\nw = 4",
    ],
)
def test_every_statement_is_cut_as_python_cuts_it(source: str) -> None:
    for node in ast.parse(source).body:
        expected = ast.get_source_segment(source, node)
        assert expected is not None
        assert _segment(source, node) == expected.replace("\r\n", "\n")
