"""Files and folders on the command line → one job a submission, in a fixed order.

A folder may hold one file a student, or one folder a student, or be nbgrader's
``submitted/<student>/<assignment>/<notebook>``. Links below a folder are never followed.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from grader.errors import UnreadableFile, UsageFault
from grader.model import Job
from grader.readers.kinds import ARCHIVE, SUFFIXES, bare_name

__all__ = [
    "MAX_NAMES_SHOWN",
    "assignment_from_folders",
    "discover",
    "is_about",
    "is_nobodys",
    "is_readable",
    "listed",
    "only_file",
    "printable",
    "student_from_folders",
]

MAX_DEPTH = 6  # folders below one student's folder
MAX_ENTRIES = 100_000  # of one folder
MAX_FILES = 5_000  # files and folders of one student
MAX_NAMES_SHOWN = 6
MAX_NAME_SHOWN = 60

# The course's own, beside the submissions. Everything else gets its row, so that nothing is lost unsaid.
COURSES_OWN = frozenset((".csv", ".tsv", ".xlsx", ".xls", ".ods", ".toml", ".yml", ".yaml", ".log", ".sh"))
NBGRADER = "submitted"
CLASS_FOLDERS = frozenset({NBGRADER, "submissions"})

# What systems and editors leave in folders.
_NOBODYS = frozenset(
    ("__pycache__", "__macosx", "node_modules", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r")
)
_SPARE = ("~", ".bak", ".orig", ".tmp", ".swp")  # an editor's copy, where the file itself stands beside it
_NEVER = re.compile(r"timestamp|requirements|licen[sc]e|notice|authors|changelog|contributing", re.IGNORECASE)
_ABOUT = re.compile(r"readme|instructions", re.IGNORECASE)  # a submission only where nothing else is
_LISTS = re.compile(
    r"(?:.*[-_ ])?(?:grades?|gradebook|roster|scores?|students?|participants|enrol?lments?|metadata|config|"
    r"settings|class|classlist|queue|decisions)(?:[-_ ].*)?",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"(?:[a-z]{2,5}[-_ ]?[0-9]{3,4}[-_ ]?(?:20[0-9]{2}[-_ ]?)?)?(?:hw|homework|assignment|sheet|ps)"
    r"[-_ ]?[0-9]{0,2}|"
    r"submission|answers?|solutions?|notebook|main|index|report|untitled[0-9]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    source: str
    folder: bool
    link: bool

    @property
    def readable(self) -> bool:
        return not self.folder and is_readable(self.path.name)

    @property
    def archive(self) -> bool:
        return not self.folder and self.path.suffix.lower() == ARCHIVE

    @property
    def about(self) -> bool:
        return is_about(self.path.name)

    @property
    def submission(self) -> bool:
        """Something a student handed in, whether it can be read or not."""
        name = self.path.stem
        courses = self.path.suffix.lower() in COURSES_OWN and _LISTS.fullmatch(name)
        return not (self.about or courses or _NEVER.fullmatch(name))


def is_readable(name: str) -> bool:
    """Does a file of this name hold a submission that can be read?"""
    path = Path(name)
    return path.suffix.lower() in SUFFIXES and not _NEVER.fullmatch(path.stem)


def is_about(name: str) -> bool:
    """Is a file of this name a submission only where nothing else is?"""
    return bool(_ABOUT.fullmatch(Path(name).stem))


def is_nobodys(name: str) -> bool:
    """Did a system or an editor leave a file of this name?"""
    return name.startswith((".", "~$", "#")) or name.lower() in _NOBODYS


def discover(paths: Sequence[Path], rubric: str | None = None) -> list[Job]:
    """One job for each submission under ``paths``, sorted by student and place.

    Raises:
        UsageFault: a path does not exist or a folder cannot be listed.
    """
    jobs: dict[str, Job] = {}
    for path in paths:
        source = printable(path)
        if not os.path.lexists(path):
            raise UsageFault(f"{source}: there is no such file or folder")
        real = path.resolve() if path.is_symlink() else path  # named by the instructor: may be a link
        found = _folder(real, source, rubric) if real.is_dir() else [_file_job(real, source, rubric)]
        for job in found:
            place = Path(job.path)
            jobs.setdefault(f"{os.path.realpath(place.parent)}/{place.name}", job)
    return sorted(jobs.values(), key=lambda j: (j.student or bare_name(Path(j.source)), j.source))


def only_file(folder: Path) -> Path:
    """The one readable file in a student's folder.

    Raises:
        UnreadableFile: there is none, or more than one.
    """
    files: list[_Entry] = []
    deepest = 0
    try:
        for count, (depth, entry) in enumerate(_walk(folder, folder.name)):
            if count >= MAX_FILES:
                raise UnreadableFile(
                    f"the folder holds more than {MAX_FILES:,} files and folders",
                    cure="leave only the submission",
                )
            deepest = max(deepest, depth)
            if not entry.folder:
                files.append(entry)
    except OSError as e:
        raise UnreadableFile(
            f"the folder cannot be listed: {(e.strerror or 'unknown fault').lower()}",
            cure="make it readable for whoever grades" if isinstance(e, PermissionError) else "",
        ) from e
    readable = [e for e in files if e.readable]
    chosen = [e for e in readable if not e.about] or readable or [e for e in files if e.archive]
    if len(chosen) == 1:
        return chosen[0].path
    if chosen:
        raise UnreadableFile(
            f"the folder holds {len(chosen)} files that could be the submission: {_names(chosen, folder)}",
            cure="leave one of them",
        )
    what = f"nothing that can be read ({_names(files, folder)})" if files else "no files"
    if not files and deepest == MAX_DEPTH:
        what = f"{MAX_DEPTH} folders one in the other and no file; further down nothing is looked at"
    raise UnreadableFile(
        f"the folder holds {what}", cure="ask for a notebook, Markdown (.md, .mmd, .txt) or JSON file"
    )


def printable(path: Path) -> str:
    """The path as reports print it; a name that is no valid text is made one."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def student_from_folders(path: Path) -> str | None:
    """The student in nbgrader's ``submitted/<student>/<assignment>/…``."""
    parts = _below_submitted(path)
    return parts[0] if len(parts) >= 3 else None


def assignment_from_folders(path: Path) -> str | None:
    """The assignment in nbgrader's ``submitted/<student>/<assignment>/…``."""
    parts = _below_submitted(path)
    return parts[1] if len(parts) >= 3 else None


def _below_submitted(path: Path) -> tuple[str, ...]:
    parts = tuple(printable(Path(p)) for p in Path(os.path.abspath(path)).parts)  # noqa: PTH100 - follows no link
    at = max((i for i, part in enumerate(parts) if part == NBGRADER), default=len(parts))
    return parts[at + 1 :]


def _file_job(path: Path, source: str, rubric: str | None) -> Job:
    return Job(str(path), source, student_from_folders(path), rubric)


def _folder(folder: Path, source: str, rubric: str | None) -> list[Job]:
    """Jobs of a folder named on the command line."""
    below = _below_submitted(folder)
    try:
        entries = list(_entries(folder, source))
    except OSError as e:
        raise UsageFault(
            f"{source}: the folder cannot be listed ({(e.strerror or 'unknown fault').lower()})"
        ) from e
    files = [e for e in entries if e.readable and not e.about]
    if len(below) > 1 or (below and len(files) < 2):
        return _student(folder, source, below[0], rubric)
    lone = len(files) == 1 and all(e is files[0] or _NEVER.fullmatch(e.path.stem) for e in entries)
    lone = lone and folder.name.lower() not in CLASS_FOLDERS
    if lone and _GENERIC.fullmatch(files[0].path.stem):
        return [Job(str(files[0].path), files[0].source, printable(Path(folder.name)), rubric)]
    jobs: list[Job] = []
    for entry in entries:
        if entry.folder and entry.path.name.lower() in CLASS_FOLDERS and _can_be_listed(entry.path):
            jobs += _folder(entry.path, entry.source, rubric)
        elif entry.folder:
            name = bare_name(entry.path) if is_readable(entry.path.name) else entry.path.name
            jobs += _student(entry.path, entry.source, printable(Path(name)), rubric)
        elif entry.submission:
            jobs.append(_file_job(entry.path, entry.source, rubric))
    return jobs


def _can_be_listed(folder: Path) -> bool:
    """One inner folder that cannot must not end the run: it has its row as a student's folder."""
    try:
        next(_entries(folder, ""), None)
    except OSError:
        return False
    return True


def _student(folder: Path, source: str, student: str, rubric: str | None) -> list[Job]:
    """Jobs of one student's folder: one, but for nbgrader's one folder an assignment."""
    try:
        entries = list(_entries(folder, source))
        inner = [e for e in entries if e.folder]
        if len(inner) > 1 and len(inner) == len(entries) and len(_below_submitted(folder)) == 1:
            return [job for e in inner for job in _student(e.path, e.source, student, rubric)]
        file = only_file(folder)
    except (OSError, UnreadableFile):  # reading the folder will say it
        return [Job(str(folder), source, student, rubric)]
    return [Job(str(file), _below(source, printable(file.relative_to(folder))), student, rubric)]


def _entries(folder: Path, source: str) -> Iterator[_Entry]:
    """What a folder holds, sorted, without what is nobody's work."""
    with os.scandir(folder) as scan:
        found = sorted(islice(scan, MAX_ENTRIES + 1), key=lambda e: e.name)
    if len(found) > MAX_ENTRIES:
        raise OSError(errno.E2BIG, f"it holds more than {MAX_ENTRIES:,} files")
    names = {entry.name for entry in found}
    for entry in found:
        if is_nobodys(entry.name) or any(entry.name.removesuffix(s) in names for s in _spare(entry.name)):
            continue
        yield _Entry(
            Path(entry.path),
            _below(source, printable(Path(entry.name))),
            entry.is_dir(follow_symlinks=False),
            entry.is_symlink(),
        )


def _spare(name: str) -> Iterator[str]:
    return (ending for ending in _SPARE if name.endswith(ending))


def _below(source: str, name: str) -> str:
    return name if source == "." else f"{source.rstrip('/')}/{name}"


def _walk(folder: Path, source: str, depth: int = 0) -> Iterator[tuple[int, _Entry]]:
    for entry in _entries(folder, source):
        yield depth, entry
        if entry.folder and depth < MAX_DEPTH:
            yield from _walk(entry.path, entry.source, depth + 1)


def _names(entries: list[_Entry], folder: Path) -> str:
    return listed([printable(e.path.relative_to(folder)) for e in entries])


def listed(names: Sequence[str], total: int = 0) -> str:
    """A few of the names, none of them long; there are ``total`` in all."""
    shown = [n if len(n) <= MAX_NAME_SHOWN else n[:MAX_NAME_SHOWN] + "…" for n in names[:MAX_NAMES_SHOWN]]
    left = max(total, len(names)) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left else "")
