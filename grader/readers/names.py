"""What the names of files say: whose they are, and whether they can be read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.readers.kinds import SUFFIXES

__all__ = [
    "CLASS_FOLDERS",
    "MAX_NAMES_SHOWN",
    "NBGRADER",
    "PACKAGES",
    "is_about",
    "is_beside_work",
    "is_generic",
    "is_never_work",
    "is_nobodys",
    "is_readable",
    "is_the_courses",
    "is_unsaid",
    "listed",
    "names_a_class",
    "of_nbgrader",
    "printable",
    "without_spare",
]

MAX_NAMES_SHOWN = 6
MAX_NAME_SHOWN = 60

# The course's own, beside the submissions. Everything else gets its row, so that nothing is lost unsaid.
COURSES_OWN = frozenset((".csv", ".tsv", ".xlsx", ".xls", ".ods", ".toml", ".yml", ".yaml", ".log", ".sh"))
NBGRADER = "submitted"
CLASS_FOLDERS = frozenset({NBGRADER, "submissions"})

# What nbgrader keeps beside ``submitted/``: the sheet with and without its answers, and what it made itself.
_OF_NBGRADER = frozenset(
    (
        "source",
        "release",
        "autograded",
        "feedback",
        "downloaded",
        "exchange",
        "gradebook.db",
        "nbgrader_config.py",
    )
)

# What systems and editors leave in folders; that the last one is left out is worth a word.
_SYSTEMS = frozenset(("__pycache__", "__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"))
PACKAGES = "node_modules"
NOTEBOOK = ".ipynb"  # whatever its name says, it is not about the others
_SPARE = ("~", ".bak", ".orig", ".tmp", ".swp")  # an editor's copy, where the file itself stands beside it
_NEVER = re.compile(r"timestamp|requirements|licen[sc]e|notice|authors|changelog|contributing", re.IGNORECASE)
_ABOUT = re.compile(r"readme|instructions", re.IGNORECASE)  # a submission only where nothing else is
_CLASS = re.compile(r"(?:.*[-_ ])?(?:submissions|submitted|class|students)(?:[-_ (].*)?", re.IGNORECASE)
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


def is_readable(name: str) -> bool:
    """Does a file of this name hold a submission that can be read?"""
    path = Path(name)
    return path.suffix.lower() in SUFFIXES and not is_never_work(name)


def is_about(name: str) -> bool:
    """Is a file of this name a submission only where nothing else is?"""
    return bool(_ABOUT.fullmatch(Path(name).stem))


def is_never_work(name: str) -> bool:
    """Is a file of this name what systems put beside the work, such as a time stamp?"""
    path = Path(name)
    return path.suffix.lower() != NOTEBOOK and bool(_NEVER.fullmatch(path.stem))


def is_beside_work(name: str) -> bool:
    """Is a file of this name, where the files are the students', none of theirs?"""
    about = is_about(name) and Path(name).suffix.lower() != NOTEBOOK
    return about or is_the_courses(name) or is_never_work(name)


def is_the_courses(name: str) -> bool:
    """Is it a list of the course's own, such as grades?"""
    path = Path(name)
    return path.suffix.lower() in COURSES_OWN and bool(_LISTS.fullmatch(path.stem))


def is_generic(name: str) -> bool:
    """Would half a class call its file so: ``hw2.ipynb``, ``solutions.md``?"""
    return bool(_GENERIC.fullmatch(Path(name).stem))


def of_nbgrader(name: str) -> bool:
    """Is it nbgrader's or the instructor's, where it stands beside ``submitted/``?"""
    return name.lower() in _OF_NBGRADER


def names_a_class(stem: str) -> bool:
    """Does a folder or archive of this name say that it holds a class, not one student?"""
    return bool(_CLASS.fullmatch(stem))


def is_nobodys(name: str) -> bool:
    """Did a system or an editor leave a file of this name?"""
    return name.startswith((".", "~$", "#")) or name.lower() in _SYSTEMS | {PACKAGES}


def is_unsaid(name: str) -> bool:
    """Of what is nobody's: does nobody want to hear that it was left out?"""
    hidden = name.startswith((".", "#")) and not (is_readable(name) and not name.startswith("._"))
    return hidden or name.startswith("~$") or name.lower() in _SYSTEMS


def without_spare(name: str) -> Iterator[str]:
    """The names of which a file called ``name`` may be an editor's copy."""
    return (name.removesuffix(ending) for ending in _SPARE if name.endswith(ending))


def printable(path: Path) -> str:
    """The path as reports print it; a name that is no valid text is made one."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def listed(names: Sequence[str], total: int = 0) -> str:
    """A few of the names, none of them long; there are ``total`` in all."""
    shown = [n if len(n) <= MAX_NAME_SHOWN else n[:MAX_NAME_SHOWN] + "…" for n in names[:MAX_NAMES_SHOWN]]
    left = max(total, len(names)) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left else "")
