"""Students' pages: made by the executor's workers, and only those that are not there already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from grader.engine.digests import digest
from grader.engine.executors import Executor, Failed, Graded
from grader.engine.grade import Grader
from grader.engine.spool import Spool
from grader.engine.store import Store
from grader.errors import UnreadableFile
from grader.model import SubmissionResult
from grader.readers.files import read_bytes
from grader.reports.html import student_markup, with_font
from grader.reports.student import student_page
from grader.reports.text import encode
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
    write: Callable[[Path, bytes], None],
    executor: Executor | None = None,
    store: Store | None = None,
) -> int:
    """Write each result's page where it is not what is there already; how many were written."""
    by_file = {r.path: r for r in rubrics}
    keys: dict[int, bytes | None] = {}

    def wanted() -> Iterator[tuple[int, SubmissionResult]]:
        for i, page in enumerate(pages):
            key = _key(graded, i, by_file) if store is not None and store.path else None
            known = store.get("pages", key) if store is not None and key is not None else None
            if known is None or known != _digest_of(page):
                keys[i] = key
                yield i, graded[i].result

    def here(i: int) -> str:
        result = graded[i].result
        return student_markup(student_page(result, by_file.get(result.rubric)))

    made: Iterable[tuple[int, str | Failed]] = (
        ((i, here(i)) for i, _ in wanted()) if executor is None else executor.call(RENDER, wanted())
    )
    written = 0
    for i, html in made:
        data = encode(with_font(here(i) if isinstance(html, Failed) else html))
        write(pages[i], data)
        written += 1
        key = keys.pop(i)
        if store is not None and key is not None:
            store.put("pages", key, _digest(data))
    if store is not None:
        store.flush()
    return written


def _key(graded: Sequence[Graded], i: int, rubrics: Mapping[str, Rubric]) -> bytes | None:
    """Of all that a page is made of; ``None``: not to be told."""
    packed = graded.packed(i) if isinstance(graded, Spool) else b""
    return digest("page", packed, *(f"{r.path}\n{r.digest}" for r in rubrics.values())) if packed else None


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _digest_of(page: Path) -> bytes:
    try:
        return _digest(read_bytes(page))
    except UnreadableFile:
        return b""
