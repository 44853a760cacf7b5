"""Students' pages: made by the executor's workers, and only those that are not there already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader.engine.executors import Executor, Failed, Graded
from grader.engine.grade import Grader
from grader.model import SubmissionResult
from grader.reports.html import student_markup, with_font
from grader.reports.student import student_page
from grader.reports.text import encode
from grader.reports.unchanged import Unchanged
from grader.rubric import Rubric

__all__ = ["rendered", "write_pages"]

RENDER = f"{__name__}:rendered"


def rendered(grader: Grader, result: SubmissionResult) -> str:
    """A student's page, called by name in a worker; the font, which is most of it, is put in later."""
    return student_markup(student_page(result, grader.rubric(result.rubric) if result.rubric else None))


def write_pages(
    pages: Sequence[Path],
    graded: Sequence[Graded],
    rubrics: Iterable[Rubric],
    files: Unchanged,
    executor: Executor | None = None,
) -> int:
    """Write each result's page where it is not what is there already; how many were written."""
    by_file = {r.path: r for r in rubrics}
    keys: dict[int, bytes | None] = {}

    def wanted() -> Iterator[tuple[int, SubmissionResult]]:
        for i, page in enumerate(pages):
            key = files.page_key(i)
            if not files.is_there(page, key):
                keys[i] = key
                yield i, graded[i].result

    def here(result: SubmissionResult) -> str:
        return student_markup(student_page(result, by_file.get(result.rubric)))

    made: Iterable[tuple[int, str | Failed]] = (
        ((i, here(result)) for i, result in wanted()) if executor is None else executor.call(RENDER, wanted())
    )
    written = 0
    for i, html in made:
        data = encode(with_font(here(graded[i].result) if isinstance(html, Failed) else html))
        files.write(pages[i], keys.pop(i), data)
        written += 1
    return written
