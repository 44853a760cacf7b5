"""For a course's own CI: ``pytest rubrics/`` verifies every criterion as a test of its own.

pytest finds this plugin by its entry point. It collects ``.toml`` files that lie in a folder called
``rubrics`` (or are named on the command line) and hold ``[[questions]]``; ``-p no:homework-grader``
switches it off. Nothing heavy is imported before such a file is collected.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.engine.verify import Verifier
    from grader.rubric import Criterion, Question

__all__ = ["CriterionItem", "RubricFile", "pytest_collect_file"]

HEAD_BYTES = 200_000  # in which the first [[questions]] must stand


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> RubricFile | None:
    """A rubric, if that is what the file is."""
    named = parent.session.isinitpath(file_path)
    if file_path.suffix != ".toml" or not (named or file_path.parent.name == "rubrics"):
        return None
    with file_path.open("rb") as file:
        if b"[[questions]]" not in file.read(HEAD_BYTES):
            return None
    return RubricFile.from_parent(parent, path=file_path)


class RubricFile(pytest.File):
    """One item that loads the rubric (points add up, every key is known), one for each criterion."""

    def collect(self) -> Iterator[pytest.Item]:
        from grader.engine.verify import Verifier

        verifier = Verifier(self.path)
        yield RubricItem.from_parent(self, name="rubric", verifier=verifier)
        for question, criterion in verifier.criteria():
            yield CriterionItem.from_parent(
                self,
                name=f"{question.id}/{criterion.id}",
                verifier=verifier,
                question=question,
                criterion=criterion,
            )


class Problems(Exception):
    """What is wrong with a rubric or a reference, a sentence each."""


class _Item(pytest.Item):
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any) -> Any:
        """The sentences alone: where they were raised is of no use to an author."""
        if isinstance(excinfo.value, Problems):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args, **kwargs)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.path.stem}: {self.name}"


class RubricItem(_Item):
    """The rubric as a whole."""

    def __init__(self, *, verifier: Verifier, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.verifier = verifier

    def runtest(self) -> None:
        from grader.errors import AuthorFault

        try:
            self.verifier.rubric  # noqa: B018
        except AuthorFault as e:
            raise Problems(str(e)) from e


class CriterionItem(_Item):
    """One criterion with its reference."""

    def __init__(
        self, *, verifier: Verifier, question: Question, criterion: Criterion, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.verifier, self.question, self.criterion = verifier, question, criterion

    def runtest(self) -> None:
        row = self.verifier.row(self.question, self.criterion)
        if row.problems:
            raise Problems("\n".join(row.problems))
        if not row.checked:
            pytest.skip("a person grades this: there is nothing to verify")
