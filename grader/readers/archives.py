"""A zip archive → the one file in it that can be read. Everything happens in memory; nothing is unpacked.

An archive is a stranger's: the sizes it states are not believed, and one that holds names which lead out
of it, links, or more than a submission needs is refused whole, with the reason.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from pathlib import PurePosixPath

from grader.errors import UnreadableFile
from grader.readers.files import limit_of
from grader.readers.jupytext import looks_like_notebook
from grader.readers.kinds import TEXT_NOTEBOOKS
from grader.readers.names import MAX_NAMES_SHOWN, is_about, is_nobodys, is_readable, listed

__all__ = ["content_of", "only_member", "path_of", "require_safe"]

MAX_MEMBERS = 1_000
MAX_UNPACKED = 200_000_000  # bytes that all files together may say they have

_PACK = "pack the submission again, only the file"
_ASK = "ask for a notebook, Markdown (.md, .mmd, .txt) or JSON file"
_DRIVE = re.compile(r"[A-Za-z]:")
_METHODS = {zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "LZMA", 9: "Deflate64", 93: "Zstandard"}


def only_member(data: bytes) -> tuple[str, bytes]:
    """(name, content) of the one readable file.

    Raises:
        UnreadableFile: there is none, or more than one, or the archive is damaged, locked or unsafe.
    """
    if not data:
        raise UnreadableFile("is empty", cure="hand the file in again")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = [m for m in archive.infolist() if not m.is_dir()]
    except Exception as e:  # whatever zipfile trips over, the archive cannot be read
        raise UnreadableFile(
            "the archive is damaged, or no zip archive", cure="hand the file in again"
        ) from e
    require_safe(members)
    found = [m for m in members if not any(is_nobodys(part) for part in path_of(m).parts)]
    readable = [m for m in found if is_readable(path_of(m).name)]
    chosen = [m for m in readable if not is_about(path_of(m).name)] or readable
    chosen = chosen or [m for m in found if _is_text_notebook(archive, m)]
    if not chosen:
        what = f"nothing that can be read ({_names(found)})" if found else "no files"
        raise UnreadableFile(f"the archive holds {what}", cure=_ASK)
    if len(chosen) > 1:
        raise UnreadableFile(
            f"the archive holds {len(chosen)} files that could be the submission: {_names(chosen)}",
            cure="leave one of them; an archive of a whole class is called submissions.zip",
        )
    return chosen[0].filename, content_of(archive, chosen[0])


def _is_text_notebook(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    suffix = path_of(member).suffix.lower()
    if suffix not in TEXT_NOTEBOOKS:
        return False
    try:
        return looks_like_notebook(content_of(archive, member), suffix)
    except UnreadableFile:
        return False


def require_safe(
    members: list[zipfile.ZipInfo], most: int = MAX_MEMBERS, unpacked: int = MAX_UNPACKED
) -> None:
    """
    Raises:
        UnreadableFile: more than ``most`` files or ``unpacked`` bytes, links, locks, or names that lead out.
    """
    if len(members) > most:
        raise UnreadableFile(f"the archive holds more than {most:,} files", cure=_PACK)
    names: set[str] = set()
    for member in members:
        name, path = member.filename, path_of(member)
        if path.is_absolute() or ".." in path.parts or _DRIVE.match(name):
            raise UnreadableFile(
                f"the archive holds a name that leads out of it: {listed([name])}", cure=_PACK
            )
        if stat.S_ISLNK(member.external_attr >> 16):
            raise UnreadableFile(f"the archive holds a symbolic link: {listed([name])}", cure=_PACK)
        if name in names:
            raise UnreadableFile(f"the archive holds the name {listed([name])} twice", cure=_PACK)
        if member.flag_bits & 1:
            raise UnreadableFile("the archive is locked with a password", cure="pack it without a password")
        names.add(name)
    if sum(m.file_size for m in members) > unpacked:
        raise UnreadableFile(f"the archive would unpack to more than {unpacked:,} bytes", cure=_PACK)


def content_of(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """
    Raises:
        UnreadableFile: it is damaged, packed in an odd way, or larger than files of its kind are.
    """
    name = listed([member.filename])
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        method = _METHODS.get(member.compress_type, f"method {member.compress_type}")
        raise UnreadableFile(
            f"{name} in the archive is packed in a way that is not read ({method})",
            cure="pack it as an ordinary zip archive",
        )
    limit = limit_of(path_of(member).suffix.lower())
    try:
        with archive.open(member) as file:
            content = file.read(limit + 1)
    except Exception as e:
        raise UnreadableFile(
            f"the archive is damaged: {name} cannot be unpacked", cure="hand the file in again"
        ) from e
    if len(content) > limit:
        raise UnreadableFile(
            f"{name} in the archive is larger than {limit:,} bytes, the limit for its kind",
            cure="remove pictures and outputs, then hand it in again",
        )
    return content


def path_of(member: zipfile.ZipInfo) -> PurePosixPath:
    """Where it lies in the archive; some Windows programs write backslashes."""
    return PurePosixPath(member.filename.replace("\\", "/"))


def _names(members: list[zipfile.ZipInfo]) -> str:
    return listed([m.filename for m in members[: MAX_NAMES_SHOWN + 1]], len(members))
