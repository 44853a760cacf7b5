"""Opening a file a stranger wrote: regular files only, of a bounded size, as text.

Whoever calls knows the file's name; messages here state the bare fact.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from grader.errors import UnreadableFile
from grader.readers.kinds import kind_of_content

__all__ = [
    "MAX_BYTES",
    "MAX_TEXT_BYTES",
    "decode",
    "limit_of",
    "read_bytes",
    "refuse_conflict",
    "require_file",
    "safe_text",
]

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

_CURE = "hand in Markdown, JSON or a notebook as a plain file"
_UTF8 = "save the file as UTF-8"

_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>")
# As e-mail programs write it: an equals sign or a letter in hexadecimal, and a line broken by "=".
_QUOTED = re.compile(r"=3D|=[CE][0-9A-F]=[89AB][0-9A-F]")
_SOFT_BREAK = re.compile(r"^.{60,75}=$", re.MULTILINE)


def limit_of(suffix: str) -> int:
    """How many bytes a file of this kind may have."""
    return MAX_BYTES if suffix in (".ipynb", ".json", ".zip") else MAX_TEXT_BYTES


def require_file(path: Path) -> None:
    """
    Raises:
        UnreadableFile: it is missing or no regular file.
    """
    try:
        _require_regular(os.lstat(path).st_mode)
    except OSError as e:
        raise UnreadableFile(f"cannot be opened: {_reason(e)}", cure=_cure_of(e)) from e
    except ValueError as e:  # a NUL in the name
        raise UnreadableFile("cannot be opened: its name is not valid") from e


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
        raise UnreadableFile(f"cannot be opened: {_reason(e)}", cure=_cure_of(e)) from e
    except ValueError as e:  # a NUL in the name
        raise UnreadableFile("cannot be opened: its name is not valid") from e
    _require_size(len(data), limit)
    return data


def decode(data: bytes) -> str:
    """Text of UTF-8 (or of UTF-16 that says so), with line ends as ``\\n``.

    Raises:
        UnreadableFile: another kind of file, another encoding, NUL characters, or nothing at all.
    """
    if kind := kind_of_content(data):
        raise UnreadableFile(f"the content is {kind[0]}, whatever the file is called", cure=kind[1])
    text = _decoded(data)
    if "\0" in text:
        if text.count("\0") * 3 > len(text):
            raise UnreadableFile("looks like UTF-16 text without the mark that says so", cure=_UTF8)
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableFile("holds NUL characters, so it is not a text file", place=str(line), cure=_CURE)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n")
    if not text.strip():
        raise UnreadableFile(
            "is empty" if not data else "holds nothing but blanks", cure="hand the file in again"
        )
    refuse_conflict(text)
    if (quoted := _QUOTED.search(text)) and _SOFT_BREAK.search(text):
        raise UnreadableFile(
            f"holds quoted-printable text, as e-mail programs write it ({quoted[0]})",
            place=str(text.count("\n", 0, quoted.start()) + 1),
            cure="ask for the file itself, not for the text of an e-mail",
        )
    return text


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        raise UnreadableFile("is UTF-32 text, which is not read", cure=_UTF8)
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        if e.encoding.startswith("utf-16"):
            message = f"not UTF-16 text: byte {e.start} cannot be decoded"
            raise UnreadableFile(message, cure=_UTF8) from e
        seen = e.object[e.start]  # a mark at the start does not count in e.start
        latin = f" ({chr(seen)!r} in Latin-1)" if seen >= 0xA1 else ""
        raise UnreadableFile(
            f"not UTF-8 text: the byte 0x{seen:02X} cannot be decoded{latin}",
            place=str(len(re.findall(rb"\r\n?|\n", e.object[: e.start])) + 1),
            cure=_UTF8,
        ) from e


def refuse_conflict(text: str, within: str = "") -> None:
    """
    Raises:
        UnreadableFile: both versions of a merge conflict stand in the text: nobody knows which one counts.
    """
    if "<<<<<<<" not in text or ">>>>>>>" not in text:
        return
    begin, marks = 0, iter(_CONFLICT)
    mark = next(marks)
    for number, line in enumerate(text.split("\n"), start=1):
        if not (line == mark or line.startswith(f"{mark} ")):
            continue
        if mark == _CONFLICT[0]:
            begin = number
        mark = next(marks, "")
        if not mark:
            raise UnreadableFile(
                "holds a merge conflict of Git that was never settled",
                place=f"{within}, line {begin}" if within else str(begin),
                cure="keep one of the two versions and remove the lines <<<<<<<, ======= and >>>>>>>",
            )


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


def _cure_of(e: OSError) -> str:
    if isinstance(e, FileNotFoundError):
        return "it was there when the run began; look for it and run again"
    if isinstance(e, PermissionError):
        return "make it readable for whoever grades"
    return ""
