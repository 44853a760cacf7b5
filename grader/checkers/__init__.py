"""Checker kinds: one file each, found by file name; there is no registry to keep.

A checker file ``<kind>.py`` has

* a docstring: what is checked, what that catches, what it misses;
* ``Options``: a frozen ``msgspec.Struct`` with the kind's own keys in a rubric;
* ``build(options, question) -> Check``: everything the author can get wrong is raised here, as
  ``RubricError``; the ``Check`` it returns sees one answer at a time and never raises for what a
  student wrote.

Its cases are in ``tests/checkers/cases/<kind>.toml``. No checker imports another.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Protocol, runtime_checkable

from grader.errors import RubricError
from grader.model import Answer, Judgement
from grader.sandbox.program import Ask

__all__ = ["Check", "RunsCode", "kinds", "load"]

Check = Callable[[Answer, Mapping[str, Judgement]], Judgement]
"""Judges one answer; the second argument holds the judgements of the question's earlier criteria by their
ids, and those of earlier questions as ``2.1.1/w_1``."""


@runtime_checkable
class RunsCode(Protocol):
    """A :data:`Check` that wants values of the student's program: it is called with ``Answer.ran`` filled.

    ``setup``: the sheet's own code, which runs before the student's; ``names``: functions that are called;
    ``seconds``: what a cell or a call may take.
    """

    setup: str
    names: tuple[str, ...]
    seconds: float

    def __call__(self, answer: Answer, earlier: Mapping[str, Judgement], /) -> Judgement: ...

    def asks(self, answer: Answer, *, public: bool = False) -> tuple[Ask, ...]:
        """What has to be found out; ``public``: only what the student may know."""


def kinds() -> tuple[str, ...]:
    """The kinds that exist, sorted."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")))


def load(kind: str) -> ModuleType:
    """The module of a kind.

    Raises:
        RubricError: there is no such kind.
    """
    if kind not in kinds():
        raise RubricError(f"unknown checker kind {kind!r}; the kinds are {', '.join(kinds())}")
    return importlib.import_module(f"{__name__}.{kind}")
