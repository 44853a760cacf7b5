"""Files and folders on the command line → one job a submission, in a fixed order.

A folder may hold one file a student, or one folder a student, or be nbgrader's
``submitted/<student>/<assignment>/<notebook>``, an export of Gradescope, or what Canvas or Moodle unpacks
to. A zip archive of any of these counts as the folder if it is named on the command line. Links below a
folder are never followed.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from grader.errors import UnreadableFile, UsageFault
from grader.model import Job
from grader.readers.class_zip import unpacked_class
from grader.readers.files import limit_of, read_bytes
from grader.readers.gradescope import METADATA, Handed, read_metadata
from grader.readers.jupytext import looks_like_notebook
from grader.readers.kinds import ARCHIVE, TEXT_NOTEBOOKS, bare_name
from grader.readers.names import (
    CLASS_FOLDERS,
    NBGRADER,
    PACKAGES,
    is_about,
    is_beside_work,
    is_generic,
    is_never_work,
    is_nobodys,
    is_readable,
    is_unsaid,
    listed,
    names_a_class,
    of_nbgrader,
    printable,
    without_spare,
)
from grader.readers.platforms import is_typed, students_by_name

__all__ = ["assignment_from_folders", "discover", "only_file", "student_from_folders"]

MAX_DEPTH = 6  # folders below one student's folder
MAX_ENTRIES = 100_000  # of one folder
MAX_FILES = 5_000  # files and folders of one student
REPORT = (
    "run.json",
    "report.html",
    "findings.jsonl",
    "scores.csv",
    "students",
)  # what every report of ours has


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
    def text_notebook(self) -> bool:
        suffix = self.path.suffix.lower()
        if self.folder or suffix not in TEXT_NOTEBOOKS:
            return False
        try:
            return looks_like_notebook(read_bytes(self.path, limit_of(suffix)), suffix)
        except UnreadableFile:
            return False

    @property
    def about(self) -> bool:
        return is_about(self.path.name)

    @property
    def submission(self) -> bool:
        """Something a student handed in, whether it can be read or not."""
        return not is_beside_work(self.path.name)

    @property
    def report(self) -> bool:
        """A folder that an earlier run of ours wrote."""
        return self.folder and all(os.path.lexists(self.path / name) for name in REPORT)

    @property
    def packed_work(self) -> bool:
        """A folder with the name of one full of packages, and a submission in it, where none has files."""
        if not self.folder or self.path.name.lower() != PACKAGES:
            return False
        try:
            return any(e.readable and e.submission for e in _entries(self.path, self.source))
        except OSError:
            return False


def discover(
    paths: Sequence[Path], rubric: str | None = None, left_out: list[tuple[Path, str]] | None = None
) -> list[Job]:
    """One job for each submission under ``paths``, sorted by student and place. What lies beside them and by
    its name is none is put into ``left_out``: the path, and as a report calls it.

    Raises:
        UsageFault: a path does not exist or a folder cannot be listed.
    """
    jobs: dict[str, Job] = {}
    for path in paths:
        source = printable(path)
        if not os.path.lexists(path):
            raise UsageFault(f"{source}: there is no such file or folder")
        real = path.resolve() if path.is_symlink() else path  # named by the instructor: may be a link
        for job in _named(real, source, rubric, [] if left_out is None else left_out):
            place = Path(job.path)
            who = job.student if job.sure else ""  # a group's file is each member's
            jobs.setdefault(f"{os.path.realpath(place.parent)}/{place.name}\0{who}", job)
    if left_out:
        graded = {job.path for job in jobs.values()}
        left_out[:] = [(place, name) for place, name in left_out if str(place) not in graded]
    return sorted(jobs.values(), key=lambda j: (j.student or bare_name(Path(j.source)), j.source))


def _named(path: Path, source: str, rubric: str | None, left_out: list[tuple[Path, str]]) -> list[Job]:
    """Jobs of a file, a folder, or a class's archive on the command line."""
    if path.is_dir():
        return _folder(path, source, rubric, left_out)
    opened = unpacked_class(path, source) if path.suffix.lower() == ARCHIVE and path.is_file() else None
    if opened is None:
        return [_file_job(path, source, rubric)]
    jobs = _folder(opened.folder, source, rubric, left_out)
    faults = {str(place): fault for place, fault in opened.faults.items()}
    return [
        replace(job, fault=fault.message, cure=fault.cure) if (fault := faults.get(job.path)) else job
        for job in jobs
    ]


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
    chosen = chosen or [e for e in files if e.text_notebook]
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


def _folder(folder: Path, source: str, rubric: str | None, left_out: list[tuple[Path, str]]) -> list[Job]:
    """Jobs of a folder named on the command line."""
    below = _below_submitted(folder)
    try:
        entries, aside = _sorted_out(folder, source)
    except OSError as e:
        raise UsageFault(
            f"{source}: the folder cannot be listed ({(e.strerror or 'unknown fault').lower()})"
        ) from e
    if jobs := _exported(folder, source, entries, rubric):
        left_out += aside
        return jobs
    files = [e for e in entries if e.readable and not e.about]
    if len(below) > 1 or (below and len(files) < 2):
        return _student(folder, source, below[0], rubric)
    lone = len(files) == 1 and all(e is files[0] or is_never_work(e.path.name) for e in entries)
    lone = lone and folder.name.lower() not in CLASS_FOLDERS
    if lone and is_generic(files[0].path.name):
        return [Job(str(files[0].path), files[0].source, printable(Path(folder.name)), rubric)]
    left_out += aside
    jobs = []
    nbgrader = any(e.folder and e.path.name == NBGRADER for e in entries)
    for entry in entries:
        if nbgrader and of_nbgrader(entry.path.name):
            continue
        if entry.folder and entry.path.name.lower() in CLASS_FOLDERS and _can_be_listed(entry.path):
            jobs += _folder(entry.path, entry.source, rubric, left_out)
        elif entry.folder:
            name = bare_name(entry.path) if is_readable(entry.path.name) else entry.path.name
            jobs += _student(entry.path, entry.source, printable(Path(name)), rubric)
        elif entry.submission:
            jobs.append(_file_job(entry.path, entry.source, rubric))
    return jobs


def _sorted_out(folder: Path, source: str) -> tuple[list[_Entry], list[tuple[Path, str]]]:
    """What lies in a class's folder: what may be the students', and of the rest what is worth a word."""
    entries: list[_Entry] = []
    aside: list[tuple[Path, str]] = []
    every = list(_every(folder, source))
    names = {e.path.name for e in every}
    for entry in every:
        name = entry.path.name
        spare = _is_spare(name, names)
        theirs = not (is_nobodys(name) or spare or entry.report) or entry.packed_work
        if theirs:
            entries.append(entry)
        unsaid = spare or is_unsaid(name) or name == METADATA
        if not unsaid and not (theirs and (entry.folder or entry.submission)):
            aside.append((entry.path, entry.source))
    return entries, aside


def _exported(folder: Path, source: str, entries: Sequence[_Entry], rubric: str | None) -> list[Job]:
    """Jobs of what Gradescope, Moodle or Canvas gave an instructor; none: it is no such folder."""
    if any(e.path.name == METADATA and not e.folder for e in entries):
        handed = read_metadata(folder / METADATA, _below(source, METADATA))
        if handed is not None:
            return _gradescope(folder, source, entries, handed, rubric)
    work = [e for e in entries if e.folder or e.submission]
    who = students_by_name((e.path.name for e in work), a_class=names_a_class(folder.name))
    if not who:
        return []
    jobs: list[Job] = []
    for student in sorted(set(who.values())):
        mine = [e for e in work if who.get(e.path.name) == student]
        jobs.append(_from_platform(folder, mine, student, rubric))
    strangers = [e for e in work if e.path.name not in who]
    return jobs + [
        _student(e.path, e.source, e.path.name, rubric)[0]
        if e.folder
        else _file_job(e.path, e.source, rubric)
        for e in strangers
    ]


def _from_platform(folder: Path, mine: Sequence[_Entry], student: str, rubric: str | None) -> Job:
    """The one job of a student with everything that Canvas or Moodle names as theirs."""
    notes: tuple[str, ...] = ()
    files = [e for e in mine if not is_typed(e.path.name)]
    if files and len(files) < len(mine):
        notes = ("what was typed into Moodle's own box was not read, since there is a file",)
    mine = files or mine
    chosen = [e for e in mine if e.readable or e.folder] or [e for e in mine if e.archive or e.text_notebook]
    first = (chosen or mine)[0]
    job = Job(str(first.path), first.source, student, rubric, sure=True, notes=notes)
    if len(chosen) > 1:
        what = f"handed in {len(chosen)} files that could be the submission: {_names(chosen, folder)}"
        return replace(job, fault=what, cure="leave one of them")
    if first.folder:
        (inner,) = _student(first.path, first.source, student, rubric, assignments=False)
        return replace(inner, sure=True, notes=notes)
    return job


def _gradescope(
    folder: Path, source: str, entries: Sequence[_Entry], handed: Sequence[Handed], rubric: str | None
) -> list[Job]:
    """One job a member of a group: the same file is graded for each of them."""
    there = {e.path.name: e for e in entries}
    jobs: list[Job] = []
    for one in handed:
        entry = there.pop(one.name, None)
        for member in one.members or [""]:
            notes: tuple[str, ...] = ()
            if not member:
                notes = (f"{METADATA} names neither SID nor email; the row is called as its folder is",)
            elif len(one.members) > 1:
                notes = (f"handed in by a group of {len(one.members)}; each member has this row",)
            job = Job(str(folder / one.name), _below(source, one.name), member or one.name, rubric)
            if entry is None:
                what = f"{METADATA} lists {one.name}, and it is not there"
                job = replace(job, fault=what, cure="export the submissions from Gradescope again")
            elif entry.folder:
                (job,) = _student(entry.path, entry.source, member or one.name, rubric, assignments=False)
            jobs.append(replace(job, sure=True, notes=notes))
    note = (f"{METADATA} does not list it; the row is called as its folder is",)
    for entry in there.values():
        if entry.folder:
            (job,) = _student(
                entry.path, entry.source, printable(Path(entry.path.name)), rubric, assignments=False
            )
            jobs.append(replace(job, notes=note))
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


def _student(
    folder: Path, source: str, student: str, rubric: str | None, *, assignments: bool = True
) -> list[Job]:
    """Jobs of one student's folder: one, but for nbgrader's one folder an assignment."""
    try:
        entries = list(_entries(folder, source))
        inner = [e for e in entries if e.folder]
        if (
            assignments
            and len(inner) > 1
            and len(inner) == len(entries)
            and len(_below_submitted(folder)) == 1
        ):
            return [job for e in inner for job in _student(e.path, e.source, student, rubric)]
        file = only_file(folder)
    except (OSError, UnreadableFile):  # reading the folder will say it
        return [Job(str(folder), source, student, rubric)]
    return [Job(str(file), _below(source, printable(file.relative_to(folder))), student, rubric)]


def _entries(folder: Path, source: str) -> Iterator[_Entry]:
    """What a folder holds, sorted, without what is nobody's work."""
    every = list(_every(folder, source))
    names = {e.path.name for e in every}
    return (e for e in every if not (is_nobodys(e.path.name) or _is_spare(e.path.name, names)))


def _is_spare(name: str, names: Container[str]) -> bool:
    return any(other in names for other in without_spare(name))


def _every(folder: Path, source: str) -> Iterator[_Entry]:
    with os.scandir(folder) as scan:
        found = sorted(islice(scan, MAX_ENTRIES + 1), key=lambda e: e.name)
    if len(found) > MAX_ENTRIES:
        raise OSError(errno.E2BIG, f"it holds more than {MAX_ENTRIES:,} files")
    for entry in found:
        yield _Entry(
            Path(entry.path),
            _below(source, printable(Path(entry.name))),
            entry.is_dir(follow_symlinks=False),
            entry.is_symlink(),
        )


def _below(source: str, name: str) -> str:
    return name if source == "." else f"{source.rstrip('/')}/{name}"


def _walk(folder: Path, source: str, depth: int = 0) -> Iterator[tuple[int, _Entry]]:
    for entry in _entries(folder, source):
        yield depth, entry
        if entry.folder and depth < MAX_DEPTH:
            yield from _walk(entry.path, entry.source, depth + 1)


def _names(entries: list[_Entry], folder: Path) -> str:
    return listed([printable(e.path.relative_to(folder)) for e in entries])
