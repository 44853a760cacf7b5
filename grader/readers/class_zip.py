"""The zip archive of a whole class, named on the command line → a private folder that holds the same.

An archive is one student's unless it says otherwise: Gradescope's ``submission_metadata.yml``, nbgrader's
``submitted/``, names as Moodle or Canvas gives them, or the name itself (``submissions.zip``, or a folder
``class/`` around everything). What cannot be read later is not unpacked, only its name is kept. The folder is
readable for its owner alone and goes when the process ends.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.errors import UnreadableFile, UsageFault
from grader.readers.archives import content_of, path_of, require_safe
from grader.readers.gradescope import MAX_BYTES as MAX_METADATA
from grader.readers.gradescope import METADATA
from grader.readers.kinds import ARCHIVE, TEXT_NOTEBOOKS
from grader.readers.names import NBGRADER, is_never_work, is_nobodys, is_readable, names_a_class
from grader.readers.platforms import students_by_name

__all__ = ["Unpacked", "unpacked_class"]

MAX_MEMBERS = 50_000
MAX_UNPACKED = 20_000_000_000  # bytes that all files together say they have; most are never unpacked
MAX_WRITTEN = 4_000_000_000  # bytes really unpacked

_CURE = "unpack it yourself and give the folder"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """``faults``: files that could not be unpacked; they are in the folder, and empty."""

    folder: Path
    faults: Mapping[Path, UnreadableFile]


def unpacked_class(path: Path, source: str) -> Unpacked | None:
    """The folder; None: no archive of a class, or no archive at all.

    Raises:
        UsageFault: it is a class's, and unsafe or too large.
    """
    try:
        with path.open("rb") as file:
            try:
                archive = zipfile.ZipFile(file)
                members = [m for m in archive.infolist() if not m.is_dir()]
            except Exception:  # whatever zipfile trips over: reading it as a file says what is wrong
                return None
            work = [m for m in members if not any(is_nobodys(part) for part in path_of(m).parts)]
            above = _above(path.stem, work)
            if above is None:
                return None
            require_safe(members, MAX_MEMBERS, MAX_UNPACKED)
            return _unpack(archive, work, above, path.stem)
    except UnreadableFile as e:
        raise UsageFault(f"{source}: {e.message}; {_CURE}") from e
    except UsageFault as e:
        raise UsageFault(f"{source}: {e}") from e
    except OSError:
        return None


def _above(stem: str, members: list[zipfile.ZipInfo]) -> int | None:
    """How many folders there are around the class; None: it is one student's archive."""
    paths = [path_of(m) for m in members]
    if any(p.is_absolute() or ".." in p.parts for p in paths):
        return None
    named = names_a_class(stem)
    for depth in range(max((len(p.parts) for p in paths), default=0)):
        tops = {p.parts[depth] for p in paths if len(p.parts) > depth}
        folders = {p.parts[depth] for p in paths if len(p.parts) > depth + 1}
        if METADATA in tops or NBGRADER in folders or _by_name(tops, folders, named):
            return depth
        if len(tops) == 1 and tops == folders:
            named = named or names_a_class(next(iter(tops)))
            continue
        return depth if named and len(tops) > 1 else None
    return None


def _by_name(tops: set[str], folders: set[str], named: bool) -> bool:
    work = [t for t in tops if t in folders or not is_never_work(t)]
    return bool(students_by_name(work, a_class=named))


def _unpack(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], above: int, stem: str) -> Unpacked:
    private = Path(tempfile.mkdtemp(prefix="grade-class-"))
    atexit.register(_remove, private, os.getpid())
    root = private / (stem or "class")
    written = 0
    faults: dict[Path, UnreadableFile] = {}
    try:
        for member in members:
            inner = PurePosixPath(*path_of(member).parts[above:])
            place, data = root / inner, b""
            try:
                data = _content(archive, member, inner)
            except UnreadableFile as e:  # of one student: it costs nobody else anything
                faults[place] = e
            written += len(data)
            if written > MAX_WRITTEN:
                raise UsageFault(f"the archive unpacks to more than {MAX_WRITTEN:,} bytes; {_CURE}")
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                file.write(data)
    except OSError as e:
        raise UsageFault(f"the archive cannot be unpacked ({e.strerror}); {_CURE}") from e
    return Unpacked(root, faults)


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, inner: PurePosixPath) -> bytes:
    if inner.as_posix() == METADATA:
        try:
            with archive.open(member) as file:
                return file.read(MAX_METADATA + 1)
        except Exception as e:  # whatever zipfile trips over; without the map nobody knows whose is what
            raise UsageFault(f"{METADATA} in the archive cannot be unpacked; download it again") from e
    suffix = inner.suffix.lower()
    if not (is_readable(inner.name) or suffix == ARCHIVE or suffix in TEXT_NOTEBOOKS):
        return b""
    return content_of(archive, member)


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # not when a process that was forked from it ends
        shutil.rmtree(folder, ignore_errors=True)
