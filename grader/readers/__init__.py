"""A file → ``Submission``. What cannot be read raises ``UnreadableFile``, and nothing else.

``read`` looks at the suffix, then at the content: a notebook called ``.json`` is read as a notebook.
Readers know a sheet's ``Outline`` (question ids, titles, the rubric's paraphrase), never the rubric.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grader.errors import UnreadableFile
from grader.model import Submission
from grader.readers.archives import only_member
from grader.readers.discover import assignment_from_folders, discover, only_file, student_from_folders
from grader.readers.files import MAX_TEXT_BYTES, limit_of, read_bytes, require_file
from grader.readers.json_file import read_json
from grader.readers.jupytext import looks_like_notebook
from grader.readers.kinds import ARCHIVE, FORMATS, SUFFIXES, TEXT_NOTEBOOKS, bare_name, cure_for, suffix_of
from grader.readers.markdown import read_markdown
from grader.readers.names import listed, printable
from grader.readers.notebook import read_notebook, read_text_notebook
from grader.readers.outlines import OutlineFor

__all__ = ["SUFFIXES", "OutlineFor", "Said", "bare_name", "discover", "read", "read_source"]


def read(
    path: Path, outline_for: OutlineFor, *, student: str | None = None, source: str | None = None
) -> Submission:
    """Read one submission; ``path`` may be a folder that holds one student's only file.

    ``student`` is the id a folder layout gives; what the file itself says goes before it, the file's
    name comes last. ``source`` is the path as reports print it.

    Raises:
        UnreadableFile: it cannot be read, or is no answer to an assignment ``outline_for`` knows.
    """
    data, said = read_source(path, student=student, source=source)
    source, suffix = said.source, said.suffix
    try:
        if suffix != ARCHIVE:
            return _read(data, suffix, outline_for, source, said)
        name, data = only_member(data)
        try:
            return _read(data, suffix_of(Path(name)), outline_for, f"{source}/{name}", said)
        except UnreadableFile as e:
            place = f"{e.place}: " if e.place else ""
            raise UnreadableFile(f"in {listed([name])}: {place}{e.message}", cure=e.cure) from e
    except RecursionError as e:
        raise UnreadableFile("is nested too deeply", cure="hand in the answers only") from e


@dataclass(frozen=True, slots=True)
class Said:
    """All that a submission's place says: how reports print it, its suffix, what folders and names tell."""

    source: str
    suffix: str
    student: str | None
    fallback: str
    assignment: str | None


def read_source(path: Path, *, student: str | None = None, source: str | None = None) -> tuple[bytes, Said]:
    """The bytes of a submission's file and what its place says. Nothing else decides what is read.

    Raises:
        UnreadableFile: there is no such file, or none of a kind that is read.
    """
    if _is_folder(path):
        path = only_file(path)
        source = f"{source}/{printable(Path(path.name))}" if source else None
    source = source or printable(path)
    suffix = suffix_of(path)
    if suffix not in (*SUFFIXES, *TEXT_NOTEBOOKS, ARCHIVE):
        require_file(path)  # a link, a pipe or a missing file is worth saying first
        raise _not_read(suffix)
    data = read_bytes(path, limit_of(suffix))
    student = student or student_from_folders(path)
    return data, Said(source, suffix, student, bare_name(path), assignment_from_folders(path))


def _read(data: bytes, suffix: str, outline_for: OutlineFor, source: str, said: Said) -> Submission:
    reader = {".ipynb": read_notebook, ".json": read_json}.get(suffix, read_markdown)
    if looks_like_notebook(data, suffix):
        reader = partial(read_text_notebook, suffix=suffix)
    elif suffix in TEXT_NOTEBOOKS:
        raise _not_read(suffix)
    start = data[:4000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        if reader is not read_notebook and (b'"cells"' in data[:400] or b'"nbformat"' in data[-2000:]):
            reader = read_notebook
        elif reader is not read_json and b'"answers"' in data and b'"cells"' not in data:
            reader = read_json
    if reader is read_json and len(data) > MAX_TEXT_BYTES:
        raise UnreadableFile(
            f"is larger than {MAX_TEXT_BYTES:,} bytes, the limit for its kind",
            cure="hand in the answers only",
        )
    return reader(
        data,
        outline_for,
        source=source,
        student=said.student,
        fallback=printable(Path(said.fallback)),
        assignment=said.assignment,
    )


def _not_read(suffix: str) -> UnreadableFile:
    return UnreadableFile(
        f"{suffix or 'a file without a suffix'} is not a format that is read ({FORMATS})",
        cure=cure_for(suffix),
    )


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (OSError, ValueError):
        return False
