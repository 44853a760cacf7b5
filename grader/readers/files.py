"""Opening a file a stranger wrote: regular files only, of a bounded size, as text.

Whoever calls knows the file's name; messages here state the bare fact.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from grader.errors import UnreadableFile

__all__ = ["MAX_BYTES", "MAX_TEXT_BYTES", "decode", "read_bytes", "safe_text"]

MAX_BYTES = 20_000_000  # a notebook carries its pictures
MAX_TEXT_BYTES = 4_000_000  # Markdown and JSON carry none; a sheet has some 20 kB

_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive (Word files are such archives)"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"{\\rtf", "a rich-text document"),
    (b"\xd0\xcf\x11\xe0", "an old Word document"),
    (b"\x1f\x8b", "a gzip archive"),
)

_CURE = "hand in Markdown, JSON or a notebook as a plain file"


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The file's bytes; never follows a link at ``path``, never waits for a pipe.

    Raises:
        UnreadableFile: it is missing, no regular file, too large, or may not be read.
    """
    try:
        status = os.lstat(path)
        _require_regular(status.st_mode)
        _require_size(status.st_size, limit)
        flags = os.O_RDONLY
        for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
            flags |= getattr(os, name, 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            _require_regular(os.fstat(file.fileno()).st_mode)  # it may have been replaced since
            data = file.read(limit + 1)
    except OSError as e:
        raise UnreadableFile(f"cannot be opened: {_reason(e)}") from e
    except ValueError as e:  # a NUL in the name
        raise UnreadableFile("cannot be opened: its name is not valid") from e
    _require_size(len(data), limit)
    return data


def decode(data: bytes) -> str:
    """Text of UTF-8 (or of UTF-16 that says so), with line ends as ``\\n``.

    Raises:
        UnreadableFile: another kind of file, another encoding, NUL characters, or nothing at all.
    """
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            raise UnreadableFile(f"the content is {kind}, whatever the file is called", cure=_CURE)
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        name = "UTF-16" if e.encoding.startswith("utf-16") else "UTF-8"
        raise UnreadableFile(
            f"not {name} text: byte {e.start} cannot be decoded",
            place=f"byte {e.start}",
            cure="save the file as UTF-8",
        ) from e
    if "\0" in text:
        at = text.index("\0")
        line = text.count("\n", 0, at) + 1
        raise UnreadableFile("holds NUL characters, so it is not a text file", place=str(line), cure=_CURE)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n")
    if not text.strip():
        raise UnreadableFile(
            "is empty" if not data else "holds nothing but blanks", cure="hand the file in again"
        )
    return text


def safe_text(text: str) -> str:
    """``text`` without lone surrogates, so that every later file and page can hold it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _require_regular(mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    kind = next((name for test, name in _KINDS if test(mode)), "no regular file")
    raise UnreadableFile(f"is {kind}, not a file", cure=_CURE)


def _require_size(size: int, limit: int) -> None:
    if size > limit:
        raise UnreadableFile(
            f"is larger than {limit:,} bytes, the limit for its kind",
            cure="remove pictures and outputs, then hand it in again",
        )


def _reason(e: OSError) -> str:
    return (e.strerror or type(e).__name__).lower()
