"""The results of a run on disk, in the order of its jobs: whoever walks over them holds one at a time."""

from __future__ import annotations

import contextlib
import os
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Self, overload

from grader.engine.executors import Graded
from grader.engine.packing import pack, unpack
from grader.errors import UsageFault
from grader.model import SubmissionResult

__all__ = ["Results", "Spool"]

ABSENT = -1


class Spool(Sequence[Graded]):
    """Filled in any order, then read again and again. What lies in it has no name and is gone with it.

    A result that cannot be packed exactly (half a surrogate pair, a number of thirty digits) stays in memory.
    """

    def __init__(self, size: int, folder: Path | None = None) -> None:
        self._folder = folder
        with self._writing():
            self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed in `close`
        self._at = array("q", [ABSENT]) * size
        self._length = array("l", [0]) * size
        self._seconds = array("d", [0.0]) * size
        self._odd: dict[int, SubmissionResult] = {}
        self._end = 0

    def put(self, index: int, graded: Graded, packed: bytes | None = None) -> None:
        """``packed``: the result as ``pack`` made it, where that is at hand."""
        self._seconds[index] = graded.seconds
        self._odd.pop(index, None)
        data = packed or pack(graded.result)
        self._at[index] = self._end
        if data is None:
            self._odd[index] = graded.result
            data = b""
        self._length[index] = len(data)
        with self._writing():
            self._file.seek(0, os.SEEK_END)
            self._file.write(data)
            self._file.flush()  # what does not fit is said now, not when it is read
        self._end += len(data)

    def packed(self, index: int) -> bytes:
        """The bytes of a result; empty where it could not be packed."""
        self._file.seek(self._at[index])
        return self._file.read(self._length[index])

    def __len__(self) -> int:
        return len(self._at)

    @overload
    def __getitem__(self, index: int) -> Graded: ...
    @overload
    def __getitem__(self, index: slice) -> list[Graded]: ...
    def __getitem__(self, index: int | slice) -> Graded | list[Graded]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        index = range(len(self))[index]
        if self._at[index] == ABSENT:
            raise LookupError(f"submission {index} has no result yet")
        result = self._odd.get(index) or unpack(self.packed(index), SubmissionResult)
        assert result is not None
        return Graded(result, self._seconds[index])

    def __iter__(self) -> Iterator[Graded]:
        return (self[i] for i in range(len(self)))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """
        Raises:
            UsageFault: in place of an OSError, such as a full disk.
        """
        try:
            yield
        except OSError as e:
            place = "the folder for temporary files" if self._folder is None else f"--out {self._folder}"
            raise UsageFault(f"{place}: cannot be written ({e.strerror}); give another folder") from e

    def close(self) -> None:
        with contextlib.suppress(OSError):  # what could not be written was said
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class Results(Sequence[SubmissionResult]):
    """The results alone, one at a time."""

    def __init__(self, graded: Sequence[Graded]) -> None:
        self._graded = graded

    def __len__(self) -> int:
        return len(self._graded)

    @overload
    def __getitem__(self, index: int) -> SubmissionResult: ...
    @overload
    def __getitem__(self, index: slice) -> list[SubmissionResult]: ...
    def __getitem__(self, index: int | slice) -> SubmissionResult | list[SubmissionResult]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._graded[index].result

    def __iter__(self) -> Iterator[SubmissionResult]:
        return (g.result for g in self._graded)
