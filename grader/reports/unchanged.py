"""Files that are there already: what they are made of and their own bytes are as the store remembers them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from grader.engine.digests import digest
from grader.engine.executors import Graded
from grader.engine.spool import Spool
from grader.engine.store import Store
from grader.reports.student import as_shown
from grader.rubric import Rubric

__all__ = ["Unchanged"]

Data = bytes | Iterable[bytes]


class Unchanged:
    """``write`` writes a file whole or not at all; a file that need not be written is left as it is."""

    def __init__(
        self,
        graded: Sequence[Graded],
        rubrics: Iterable[Rubric],
        write: Callable[[Path, Data], None],
        store: Store | None = None,
    ) -> None:
        self._graded = graded
        rubrics = tuple(rubrics)
        self._sheets = digest(*(f"{r.path}\n{r.digest}" for r in rubrics))
        self._shown = digest(*(repr(as_shown(r)) for r in rubrics))
        self._write = write
        self._store = store

    def page_key(self, i: int) -> bytes | None:
        """Of all that a student's page is made of; ``None``: not to be told."""
        if self._store is None or not isinstance(self._graded, Spool):
            return None
        packed = self._graded.packed(i)
        return digest("page", self._shown, packed) if packed else None

    def class_key(self, *more: str) -> bytes | None:
        """The same for what is made of all results, and of ``more``."""
        keys = [self.page_key(i) for i in range(len(self._graded))]
        return None if None in keys else digest("class", self._sheets, *(k for k in keys if k), *more)

    def is_there(self, path: Path, key: bytes | None) -> bool:
        if self._store is None or key is None:
            return False
        known = self._store.get("pages", key)
        return known is not None and known == _digest_of(path)

    def write(self, path: Path, key: bytes | None, data: Data) -> None:
        """Write it, and remember that it is there."""
        h = hashlib.sha256()

        def pieces() -> Iterator[bytes]:
            for piece in [data] if isinstance(data, bytes) else data:
                h.update(piece)
                yield piece

        self._write(path, pieces())
        if self._store is not None and key is not None:
            self._store.put("pages", key, h.digest())

    def make(self, path: Path, key: bytes | None, made: Callable[[], Data]) -> None:
        """Write what ``made`` makes, unless it is there."""
        key = None if key is None else digest(path.name, key)
        if not self.is_there(path, key):
            self.write(path, key, made())

    def done(self) -> None:
        if self._store is not None:
            self._store.flush()


def _digest_of(path: Path) -> bytes:
    """Of a file's bytes; empty for what is none. No link is followed and no pipe waited for."""
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return b""
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b""
