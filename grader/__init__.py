"""Grading and verification of mathematical homework.

>>> from grader import compare
>>> compare("2 a", "a + a", {"a": "scalar"}).verdict
'equivalent'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.maths.compare import compare
    from grader.maths.derivation import Derivation, steps
    from grader.maths.verdict import Comparison

__all__ = ["Comparison", "Derivation", "__version__", "compare", "steps"]

__version__ = "0.1.0"


_WHERE = {
    "compare": "grader.maths.compare",
    "Comparison": "grader.maths.verdict",
    "steps": "grader.maths.derivation",
    "Derivation": "grader.maths.derivation",
    "load_ipython_extension": "grader.notebook",  # %load_ext grader looks for it here
}


def __getattr__(name: str) -> Any:
    """The API, imported when it is first asked for: ``import grader`` alone costs nothing."""
    if name in _WHERE:
        import importlib

        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
