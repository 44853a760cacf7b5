"""The course against itself: references against their twins, rubrics against references.

A student's mark rests on the rubric, so every sentence here names the file, the place and the cure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader import checkers
from grader.course import Course, course_of, find_course, find_rubric
from grader.engine.grade import build_check
from grader.engine.twins import Twins, meet
from grader.errors import AuthorFault, UsageFault
from grader.maths.declare import Declarations
from grader.rubric import Criterion, Question, Rubric, load_rubric, read_options

__all__ = ["Row", "rubric_files", "verify_files"]


@dataclass(frozen=True, slots=True)
class Row:
    """What was found out about one criterion (``question`` is empty: about the whole file).

    ``points``: where symbolic and numeric agreed (0: they were not compared); ``difference``: the largest
    relative one; ``agrees``: the rubric with its reference (``None``: nothing of it can be compared).
    """

    rubric: str
    question: str
    criterion: str
    kind: str
    reference: str
    points: int
    difference: float | None
    agrees: bool | None
    problems: tuple[str, ...]

    @property
    def checked(self) -> bool:
        return bool(self.reference or self.problems or self.agrees is not None)


def rubric_files(names: Iterable[str], start: Path | None = None) -> list[Path]:
    """The rubric files that the command line means; without names, all of the course's own.

    Raises:
        UsageFault: a name that does not exist, or a course without rubrics.
    """
    files = [find_rubric(name, start) for name in names]
    if not files:
        course = find_course(start)
        files = sorted(course.rubrics.glob("*.toml"))
        if not files:
            raise UsageFault(f"{course.rubrics}: there is no rubric to verify")
    return files


def verify_files(files: Iterable[Path], start: Path | None = None) -> list[Row]:
    """One row a criterion; faults in rubrics and references become problems, never exceptions."""
    return [row for file in files for row in _verify(file, course_of(file, start))]


def _verify(file: Path, course: Course) -> Iterator[Row]:
    try:
        rubric = load_rubric(file)
    except AuthorFault as e:
        yield Row(file.stem, "", "", "", "", 0, None, None, (str(e),))
        return
    met: dict[tuple[str, Declarations], Twins | AuthorFault] = {}
    for question in rubric.questions:
        for criterion in question.criteria:
            twins = None
            if criterion.reference:
                key = (criterion.reference, question.declarations)
                if key not in met:
                    met[key] = _meet(criterion.reference, question, course)
                twins = met[key]
            yield _row(rubric, question, criterion, twins)


def _meet(reference: str, question: Question, course: Course) -> Twins | AuthorFault:
    try:
        return meet(reference, question, course)
    except AuthorFault as e:
        return e


def _row(rubric: Rubric, question: Question, criterion: Criterion, twins: Twins | AuthorFault | None) -> Row:
    problems: list[str] = []
    oracle = None
    if isinstance(twins, AuthorFault):
        problems.append(f"{criterion.place}: {twins}")
    elif twins is not None:
        oracle = twins.oracle
    agrees = None
    try:
        build_check(question, criterion)
        module = checkers.load(criterion.kind)
        # A reference that disagrees with itself proves nothing about the rubric.
        if hasattr(module, "verify") and not isinstance(twins, AuthorFault):
            found = list(module.verify(read_options(criterion, module.Options), question, oracle))
            problems += [f"{criterion.place}: {sentence}" for sentence in found]
            agrees = not found
    except AuthorFault as e:
        problems.append(str(e) if str(e).startswith(criterion.place) else f"{criterion.place}: {e}")
        agrees = False
    except Exception as e:
        problems.append(
            f"{criterion.place}: the kind {criterion.kind!r} failed ({type(e).__name__}: {e}); "
            "this is a fault of the toolkit"
        )
        agrees = False
    return Row(
        rubric=rubric.id,
        question=question.id,
        criterion=criterion.id,
        kind=criterion.kind,
        reference=criterion.reference,
        points=twins.points if isinstance(twins, Twins) else 0,
        difference=twins.difference if isinstance(twins, Twins) else None,
        agrees=agrees,
        problems=tuple(problems),
    )
