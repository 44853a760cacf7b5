"""A file → ``Submission``. What cannot be read raises ``UnreadableFile``, and nothing else.

``read`` looks at the suffix, then at the content: a notebook called ``.json`` is read as a notebook.
Readers know a sheet's ``Outline`` (question ids, titles, the rubric's paraphrase), never the rubric.
"""

from __future__ import annotations

import stat
from pathlib import Path

from grader.errors import UnreadableFile
from grader.model import Submission
from grader.readers.discover import (
    SUFFIXES,
    assignment_from_folders,
    discover,
    only_file,
    printable,
    student_from_folders,
)
from grader.readers.files import MAX_BYTES, MAX_TEXT_BYTES, read_bytes
from grader.readers.json_file import read_json
from grader.readers.markdown import read_markdown
from grader.readers.notebook import read_notebook
from grader.readers.outlines import OutlineFor

__all__ = ["SUFFIXES", "OutlineFor", "discover", "read"]

_CURES = {
    ".pdf": "ask for the source, or for its text as Markdown with LaTeX (.md)",
    ".docx": "ask for it as Markdown with LaTeX (.md) or as a notebook",
    ".py": "ask for a notebook that holds the code",
}


def read(
    path: Path, outline_for: OutlineFor, *, student: str | None = None, source: str | None = None
) -> Submission:
    """Read one submission; ``path`` may be a folder that holds one student's only file.

    ``student`` is the id a folder layout gives; what the file itself says goes before it, the file's
    name comes last. ``source`` is the path as reports print it.

    Raises:
        UnreadableFile: it cannot be read, or is no answer to an assignment ``outline_for`` knows.
    """
    if _is_folder(path):
        path = only_file(path)
        source = f"{source}/{printable(Path(path.name))}" if source else None
    source = source or printable(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        read_bytes(path)  # a link, a pipe or a missing file is worth saying first
        raise UnreadableFile(
            f"{suffix or 'a file without a suffix'} is not a format that is read ({', '.join(SUFFIXES)})",
            cure=_CURES.get(suffix, "ask for a notebook, Markdown with LaTeX (.md) or JSON"),
        )
    data = read_bytes(path, MAX_BYTES if suffix in (".ipynb", ".json") else MAX_TEXT_BYTES)
    reader = {".ipynb": read_notebook, ".json": read_json}.get(suffix, read_markdown)
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
    try:
        return reader(
            data,
            outline_for,
            source=source,
            student=student or student_from_folders(path),
            fallback=printable(Path(path.stem)),
            assignment=assignment_from_folders(path),
        )
    except RecursionError as e:
        raise UnreadableFile("is nested too deeply") from e


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (OSError, ValueError):
        return False
