"""Whose a file is by the name that Canvas or Moodle gave it when an instructor downloaded a class.

- Moodle: ``Ada Lovelace_1234567_assignsubmission_file_``, a folder or the beginning of a file's name: the
  number is the participant's, "Participant 1234567" in the grading worksheet's column Identifier.
- Canvas: ``lovelaceada_12345_67890_hw2.ipynb``, late work ``lovelaceada_LATE_12345_67890_hw2.ipynb``: the
  first number is the user's, the gradebook's column ID; the second one is the file's.

Moodle's names are like nothing else. Canvas's are not (``hw_2020_11_final.md``), so they count only where all
of a folder follows them and names and numbers belong together one to one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

__all__ = ["is_typed", "students_by_name"]

MIN_ALONE = 5  # digits of the file's number where there is one student only: no year, no exercise

_MOODLE = re.compile(r".{1,200}?_([0-9]{1,12})_assignsubmission_(file|onlinetext)(?:_.*)?", re.DOTALL)
_CANVAS = re.compile(r"([^\W_]+(?:-[^\W_]+)*)(?:_LATE)?_([0-9]{1,12})_([0-9]{1,12})_.+", re.DOTALL)


def students_by_name(names: Iterable[str], *, a_class: bool = False) -> Mapping[str, str]:
    """The names that say whose file it is → the student's number. ``a_class``: even of one student."""
    names = list(names)
    moodle = {name: match for name in names if (match := _MOODLE.fullmatch(name))}
    if moodle:
        return {name: match[1] for name, match in moodle.items()}
    canvas = {name: match for name in names if (match := _CANVAS.fullmatch(name))}
    if len(canvas) < len(names):
        return {}
    pairs = {(match[1], match[2]) for match in canvas.values()}
    people, numbers = {who for who, _ in pairs}, {number for _, number in pairs}
    files = {match[3] for match in canvas.values()}
    one_to_one = len(numbers) == len(pairs) and len(people) <= len(pairs) and len(files) == len(names)
    alone = len(pairs) < 2
    if not one_to_one or (alone and not (a_class and all(len(n) >= MIN_ALONE for n in files))):
        return {}
    return {name: match[2] for name, match in canvas.items()}


def is_typed(name: str) -> bool:
    """Is it what a student typed into Moodle's own box, not a file?"""
    match = _MOODLE.fullmatch(name)
    return match is not None and match[2] == "onlinetext"
