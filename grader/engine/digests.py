"""What a result hangs on, as digests: two equal ones mean equal results.

Everything is hashed by its content: the toolkit's own files and the libraries that decide values, the rubric
and the references it names, a submission's bytes with what folders and file names say.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import re
import tomllib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from grader.course import course_of, reference_files
from grader.engine.settings import Settings
from grader.errors import GraderError
from grader.model import Job
from grader.readers import read_source
from grader.rubric import Question
from grader.sandbox.tiers import bubblewrap_version

__all__ = ["Keys", "digest", "digest_of", "machine", "references_in", "secret_of", "toolkit", "written"]

LIBRARIES = (
    "jinja2",
    "markupsafe",
    "msgspec",
    "nbformat",
    "networkx",
    "numpy",
    "pandas",
    "python-flint",
    "sympy",
)
SIZE = 16  # bytes of a digest
MAX_DEPTH = 60


def digest(*parts: bytes | str) -> bytes:
    """Of several texts; where one ends and the next begins counts."""
    h = hashlib.blake2b(digest_size=SIZE)
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        h.update(len(data).to_bytes(8, "little"))
        h.update(data)
    return h.digest()


def digest_of(value: Any) -> bytes:
    """
    Raises:
        TypeError: it holds something whose content cannot be written down.
    """
    return digest(written(value))


def written(value: Any, depth: int = 0) -> str:
    """A value's whole content as text, the same in every process.

    Raises:
        TypeError: it holds something of another kind than data.
    """
    if depth > MAX_DEPTH:
        raise TypeError("nested too deeply")
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if value is None or isinstance(value, bool | int | float | str | bytes | Fraction):
        return repr(value) if type(value) in _BASIC else f"{type(value).__name__}({value!r})"
    if isinstance(value, tuple | list):
        inner = ",".join(written(v, depth + 1) for v in value)
        return f"{type(value).__name__}[{inner}]"
    if isinstance(value, Mapping):
        inner = ",".join(f"{written(k, depth + 1)}:{written(v, depth + 1)}" for k, v in value.items())
        return f"{{{inner}}}"
    if isinstance(value, Set):
        return f"set{sorted(written(v, depth + 1) for v in value)}"
    if isinstance(value, re.Pattern):
        return f"re({value.pattern!r},{value.flags})"
    if is_dataclass(value) and not isinstance(value, type):
        inner = ",".join(f"{f.name}={written(getattr(value, f.name), depth + 1)}" for f in fields(value))
        return f"{type(value).__name__}({inner})"
    if type(value).__module__ == "numpy" and hasattr(value, "tobytes") and value.dtype.kind in "biufcUS":
        return f"array({value.dtype.str},{value.shape},{hashlib.sha256(value.tobytes()).hexdigest()})"
    raise TypeError(f"a {type(value).__name__} has no digest")


_BASIC = frozenset((type(None), bool, int, float, str, bytes, Fraction))


# ---- what is the same for a whole run


@cache
def toolkit() -> bytes:
    """Of the package's own files and of the versions that decide values: some 15 ms, once a process."""
    package = Path(__file__).resolve().parents[1]
    files = []
    for folder, folders, names in os.walk(package):
        folders[:] = sorted(f for f in folders if f not in ("__pycache__", "_builtin"))
        files += [Path(folder, name) for name in sorted(names) if not name.endswith((".pyc", ".pyo"))]
    parts: list[bytes | str] = [platform.python_version(), platform.machine(), platform.system()]
    parts += [f"{name} {_version(name)}" for name in LIBRARIES]
    for file in files:
        parts += [file.relative_to(package).as_posix(), file.read_bytes()]
    return digest(*parts)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


@cache
def machine() -> bytes:
    """What decides which sandbox works here; only results for which code was run hang on it."""
    said = (os.environ.get("GRADE_SANDBOX", ""), platform.release(), platform.version(), bubblewrap_version())
    return digest(*(str(part) for part in said))


def references_in(text: str, rubric: Path) -> bytes:
    """Of the reference modules that a text may name (``module:…``): their places and their bytes."""
    return digest(*(part for file in _named(text, rubric) for part in (os.fsencode(file), file.read_bytes())))


def secret_of(question: Question) -> str:
    """What nobody knows who has not the question's part of the rubric and the references it names."""
    named = _named(repr([c.options for c in question.criteria]), Path(question.file))
    return digest("seed", question.seed, *(file.read_bytes() for file in named)).hex()


def _named(text: str, rubric: Path) -> list[Path]:
    files = reference_files(course_of(rubric))
    return [files[name] for name in sorted(files) if f"{name}:" in text]


# ---- submissions


class Keys:
    """The keys of submissions in one run. Whatever cannot be read has none: it is graded each time."""

    def __init__(self, settings: Settings, rubrics: Mapping[str, str]) -> None:
        self._settings = digest(settings.seed, settings.tier or "", str(settings.public))
        self._rubrics = dict(rubrics)
        self._names = digest_of(sorted((name, file) for name, file in self._rubrics.items()))
        self._sheets: dict[str | None, _Sheet | None] = {}

    def of(self, job: Job) -> bytes | None:
        sheet = self._sheet(job.rubric)
        if job.fault or sheet is None:
            return None
        try:
            data, said = read_source(Path(job.path), student=job.student, source=job.source)
        except (GraderError, OSError, RecursionError):
            return None
        hangs_on = (job.student, job.sure, job.notes, job.rubric, job.source, said)
        return digest(self._settings, self._names, sheet, written(hangs_on), data)

    def _sheet(self, rubric: str | None) -> bytes | None:
        """Of the rubric and its references; where submissions name their own, of all rubrics there are. None
        once one of the files has been written to: some workers may have read it before, and some after."""
        if rubric not in self._sheets:
            self._sheets[rubric] = _Sheet.read([rubric] if rubric is not None else self._rubrics.values())
        sheet = self._sheets[rubric]
        return (
            sheet.digest if sheet is not None and sheet.files == _seen(f for f, *_ in sheet.files) else None
        )


@dataclass(frozen=True, slots=True)
class _Sheet:
    digest: bytes
    files: list[tuple[Path, int, int]]

    @classmethod
    def read(cls, rubrics: Iterable[str]) -> _Sheet | None:
        try:
            files = []
            for rubric in sorted(map(Path, set(rubrics))):
                said = repr(tomllib.loads(rubric.read_text("utf-8")))  # no name hides in an escape
                files += [rubric, *_named(said, rubric)]
            seen = _seen(files)
            parts = (part for file in files for part in (os.fsencode(file), file.read_bytes()))
            return cls(digest(*parts), seen)
        except (OSError, ValueError, GraderError):
            return None


def _seen(files: Iterable[Path]) -> list[tuple[Path, int, int]]:
    found = []
    for file in files:
        try:
            status = file.stat()
        except OSError:
            return []
        found.append((file, status.st_mtime_ns, status.st_size))
    return found
