"""The frozen values that one part of the toolkit hands to the next.

``path → reader → Submission → plan → Job → checker → Judgement → Finding → reports``.
All of them can be pickled, so a process pool and a cluster run the same jobs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = [
    "Answer",
    "AnswerState",
    "CodeCell",
    "Finding",
    "Job",
    "Judgement",
    "MarkedDerivation",
    "MarkedLine",
    "Outcome",
    "Outline",
    "QuestionHead",
    "Status",
    "Submission",
    "SubmissionResult",
    "Trail",
    "Where",
]


class Outcome(StrEnum):
    """What became of one criterion for one student."""

    CORRECT = "correct"
    PARTIAL = "partial"
    INCORRECT = "incorrect"
    UNREADABLE = "unreadable"  # the student's text could not be read: a person looks
    MISSING = "missing"  # nothing was handed in: no points
    REVIEW = "review"  # a machine cannot judge it: a person decides
    ERROR = "error"  # our fault or the rubric's: costs no marks

    @property
    def waits_for_person(self) -> bool:
        return self in (Outcome.UNREADABLE, Outcome.REVIEW, Outcome.ERROR)


class Status(StrEnum):
    """What became of one submission."""

    GRADED = "graded"
    PARTIAL = "partial"
    UNREADABLE = "unreadable"


class AnswerState(StrEnum):
    GIVEN = "given"
    MISSING = "missing"  # nothing, or only an end-of-proof mark
    FIGURE = "figure"  # blank where a drawing may have been lost: a person looks


@dataclass(frozen=True, slots=True)
class Where:
    """A place a person can go to: a file, and a line or a notebook cell (both count from 1)."""

    source: str
    line: int | None = None
    cell: int | None = None

    def __str__(self) -> str:
        if self.cell is not None:
            return f"{self.source}, cell {self.cell}"
        if self.line is not None:
            return f"{self.source}:{self.line}"
        return self.source


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A notebook code cell (or a fenced block) and the plain text it printed when last run.

    ``question``: whose answer it is, in :attr:`Submission.cells`; ``None``: nobody's, such as imports.
    """

    source: str
    where: Where
    output: str = ""
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """All that a student handed in for one question.

    ``text`` is Markdown with LaTeX, or infix, without fenced code. ``value`` is set instead where a
    JSON file gave structured data: a number, a (nested) list, or an object of named parts.
    ``prompt`` is text a reader took for the question's own words repeated on the sheet; it is shown
    to people, never judged. ``notes`` say what a reader had to decide. ``ran``: what became of a
    criterion's asks, by their keys (``grader.sandbox.program.Ran``); empty where no code was run.
    """

    question: str
    where: Where
    text: str = ""
    value: Any = None
    code: tuple[CodeCell, ...] = ()
    state: AnswerState = AnswerState.GIVEN
    prompt: str = ""
    notes: tuple[str, ...] = ()
    ran: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's work, bound to the questions of a sheet.

    ``cells``: all of its code in the order in which it runs, that of no question too.
    """

    student: str
    assignment: str | None
    source: str
    answers: Mapping[str, Answer]
    notes: tuple[str, ...] = ()
    cells: tuple[CodeCell, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionHead:
    """What a reader must know of a question to find it on a sheet.

    ``aliases`` are other numbers the sheet prints for it, read in the place that ``section`` names.
    """

    id: str
    title: str = ""
    aliases: tuple[str, ...] = ()
    prompt: str = ""  # the rubric's paraphrase of what is asked


@dataclass(frozen=True, slots=True)
class Outline:
    """The questions of one sheet, in its order, as readers see them."""

    assignment: str
    title: str = ""
    questions: tuple[QuestionHead, ...] = ()

    def ids(self) -> tuple[str, ...]:
        return tuple(q.id for q in self.questions)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a checker says of one criterion; ``credit`` is the share of its points, 0 to 1.

    ``evidence`` holds JSON values only. ``carried`` is what a later criterion may build on when an
    error is carried forward, ``settled`` the conventions this answer follows (symbol → title), ``same`` a key
    that answers of equal value share, ``drawn`` what was read as LaTeX, ``marked`` the same
    with the part that is wrong marked (``grader.maths.wrong_part``); none of these is written to a file.
    """

    outcome: Outcome
    credit: float
    message: str
    read_as: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    mistake: str | None = None
    carried: Any = None
    settled: Mapping[str, str] = field(default_factory=dict)
    same: str = ""
    drawn: str = ""
    marked: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of ``findings.jsonl``: one submission, one criterion.

    ``points`` is 0 while ``outcome`` waits for a person. ``group``: answers that have it in common are one
    answer to this criterion, judged alike: by their value where they have one, else by their text.
    ``drawn``: ``read_as`` as LaTeX, ``marked``: the same with the part that is wrong marked; for pages only.
    """

    student: str
    question: str
    criterion: str
    kind: str
    outcome: Outcome
    points: float
    max_points: float
    message: str
    read_as: str
    evidence: Mapping[str, Any]
    where: str
    group: str = ""
    drawn: str = ""
    marked: str = ""


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """One line of an answer's derivation. ``mark``: ``holds``; ``follows`` (from the wrong line number
    ``wrong``); ``back`` (right again after it); ``fails``; ``doubt`` (not so at all values;
    whether the words make it true is for a person); ``given`` (it starts something or is taken as given: not
    checked); ``unread``. Lines count from 1. ``lead``: what stands before it, its relation or its left side;
    ``marked``: what was read as LaTeX with the part that is wrong (``misfit``: does not fit together) marked,
    ``part``: that part as text."""

    text: str
    mark: str
    message: str
    wrong: int | None = None
    lead: str = ""
    marked: str = ""
    part: str = ""
    misfit: bool = False


@dataclass(frozen=True, slots=True)
class MarkedDerivation:
    """The lines of one answer, as far as they could be checked; it changes no points."""

    question: str
    lines: tuple[MarkedLine, ...]
    notes: tuple[str, ...] = ()

    def count(self, *marks: str) -> int:
        return sum(line.mark in marks for line in self.lines)


@dataclass(frozen=True, slots=True)
class Job:
    """One file (or one student's folder) to be graded against one rubric.

    ``sure``: a gradebook's own export names the student, whatever the file itself says. ``fault`` (and what
    to do about it): why there is nothing to read. ``notes`` say what was decided when it was found.
    """

    path: str
    source: str  # the path as reports print it
    student: str | None  # when a folder layout names the student
    rubric: str | None  # a file; None: the submission names its own assignment
    sure: bool = False
    notes: tuple[str, ...] = ()
    fault: str = ""
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Trail:
    """What grading a submission left for the next run, in no report. ``lasting``: the same would come out
    again, on any day; ``judged``: criteria that were judged, not known; ``learned``: rows for the store
    (key, mark, value)."""

    lasting: bool = False
    judged: int = 0
    learned: tuple[tuple[bytes, bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class SubmissionResult:
    """Everything the reports need of one submission. ``sandbox``: what ran its code; empty: nothing did."""

    student: str
    source: str
    status: Status
    rubric: str = ""
    message: str = ""  # why it is unreadable
    cure: str = ""
    submission: Submission | None = None
    findings: tuple[Finding, ...] = ()
    derivations: tuple[MarkedDerivation, ...] = ()
    sandbox: str = ""
    trail: Trail = field(default=Trail(), compare=False)
