"""The course against itself: references against their twins, rubrics against references.

A student's mark rests on the rubric, so every sentence here names the file, the place and the cure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from grader import checkers
from grader.checkers import Check
from grader.checkers._verify import Example
from grader.course import Course, course_of, find_course, find_rubric
from grader.engine.grade import build_check
from grader.engine.twins import Twins, meet
from grader.errors import AuthorFault, UsageFault
from grader.maths.declare import Declarations
from grader.model import Answer, CodeCell, Outcome, Where
from grader.rubric import Criterion, Question, Rubric, load_rubric, read_options

__all__ = ["Row", "Verifier", "rubric_files", "try_examples", "verify_files"]

MAX_SURVIVORS = 5  # that are listed
SAME_CREDIT = 1e-9


@dataclass(frozen=True, slots=True)
class Row:
    """What was found out about one criterion (``question`` is empty: about the whole file).

    ``points``: where symbolic and numeric agreed (0: they were not compared); ``difference``: the largest
    relative one; ``agrees``: the rubric with its reference (``None``: nothing of it can be compared);
    ``earned``: answers that earned what they should (right ones, alternatives, listed mistakes); ``lost``:
    slips made on purpose that were told from the right answer.
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
    earned: int = 0
    lost: int = 0

    @property
    def checked(self) -> bool:
        return bool(self.reference or self.problems or self.agrees is not None or self.earned)


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
    return [row for file in files for row in Verifier(file, start).rows()]


class Verifier:
    """Verifies one rubric, criterion by criterion; each reference is run once."""

    def __init__(self, file: Path, start: Path | None = None) -> None:
        self.file = file
        self._course = course_of(file, start)
        self._met: dict[tuple[str, Declarations], Twins | AuthorFault] = {}

    @cached_property
    def rubric(self) -> Rubric:
        """
        Raises:
            AuthorFault: it is not valid.
        """
        return load_rubric(self.file)

    def criteria(self) -> list[tuple[Question, Criterion]]:
        """What there is to verify; nothing of a rubric that cannot be loaded."""
        try:
            return [(q, c) for q in self.rubric.questions for c in q.criteria]
        except AuthorFault:
            return []

    def rows(self) -> Iterator[Row]:
        """A row for each criterion, or one for a rubric that cannot be loaded."""
        try:
            self.rubric  # noqa: B018
        except AuthorFault as e:
            yield Row(self.file.stem, "", "", "", "", 0, None, None, (str(e),))
            return
        for question, criterion in self.criteria():
            yield self.row(question, criterion)

    def row(self, question: Question, criterion: Criterion) -> Row:
        """What is found out about one criterion."""
        twins = None
        if criterion.reference:
            key = (criterion.reference, question.declarations)
            if key not in self._met:
                self._met[key] = _meet(criterion.reference, question, self._course)
            twins = self._met[key]
        return _row(self.rubric, question, criterion, twins)


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
    earned = lost = 0
    try:
        check = build_check(question, replace(criterion, passage=None))  # examples are that passage
        module = checkers.load(criterion.kind)
        # A reference that disagrees with itself proves nothing about the rubric.
        if hasattr(module, "verify") and not isinstance(twins, AuthorFault):
            found = list(module.verify(read_options(criterion, module.Options), question, oracle))
            problems += [f"{criterion.place}: {sentence}" for sentence in found]
            agrees = not found
        if hasattr(module, "examples"):
            answers = list(module.examples(read_options(criterion, module.Options), question))
            earned, lost, wrong = try_examples(check, question, answers)
            problems += [f"{criterion.place}: {sentence}" for sentence in wrong]
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
        earned=earned,
        lost=lost,
    )


def try_examples(check: Check, question: Question, answers: Iterable[Example]) -> tuple[int, int, list[str]]:
    """How many answers earned what they should, how many slips were caught, and what went wrong."""
    earned = lost = 0
    right, wrong, problems = False, False, list[str]()
    survivors = 0
    for e in answers:
        where = Where("verify")
        code = (CodeCell(e.code, where),) if e.code else ()
        judgement = check(Answer(question.id, where, e.text, e.value, code, ran=e.ran), {})
        full = judgement.outcome is Outcome.CORRECT
        right, wrong = right or full, wrong or not full
        if e.credit is None:
            survivors += full
            lost += not full
            if full and survivors <= MAX_SURVIVORS:
                problems.append(f"{e.what} is accepted in full")
            elif e.says not in judgement.message:
                problems.append(f"{e.what} is answered by {judgement.message!r}, not by {e.says!r}")
        elif abs(judgement.credit - e.credit) > SAME_CREDIT or judgement.outcome.waits_for_person:
            problems.append(
                f"{e.what} earns {judgement.credit:g} ({judgement.outcome}), not {e.credit:g}: "
                f"{judgement.message}"
            )
        elif e.says not in judgement.message:
            problems.append(f"{e.what} is answered by {judgement.message!r}, not by {e.says!r}")
        else:
            earned += 1
    if survivors > MAX_SURVIVORS:
        problems.append(f"{survivors - MAX_SURVIVORS} more slips are accepted in full")
    if not right:
        problems.append("no answer earns full points: the criterion cannot be earned")
    if not wrong:
        problems.append("every answer that was tried earns full points: the criterion cannot be lost")
    return earned, lost, problems
