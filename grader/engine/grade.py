"""One submission against one rubric: every criterion gets exactly one finding, whatever happens.

A fault of the student's becomes an outcome; a fault of the rubric's found while its checks are built is
raised (``AuthorFault``: nothing is graded); anything that breaks while a check looks at an answer costs
that criterion an ``error`` finding and nobody a mark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from grader import checkers, readers
from grader.checkers import Check, RunsCode
from grader.engine.derivations import marked_answers
from grader.engine.digests import secret_of
from grader.engine.faults import sentence
from grader.engine.groups import answer_group
from grader.engine.known import Asked, Known, answer_key
from grader.engine.places import CODE, FILE, NOTHING, AtPlace, Without, nowhere, question_at
from grader.engine.running import Asks, Runner, Wanted, defining, lasts, variable_asks
from grader.engine.settings import Settings
from grader.engine.values import plain
from grader.engine.watching import Judged
from grader.errors import AuthorFault, RubricError, UnreadableFile
from grader.maths.passages import Passage
from grader.model import (
    Answer,
    AnswerState,
    Finding,
    Job,
    Judgement,
    Outcome,
    Outline,
    Status,
    Submission,
    SubmissionResult,
    Trail,
    Where,
)
from grader.rubric import Criterion, Question, Rubric, load_rubric, read_options

__all__ = ["POINT_DIGITS", "Grader", "Settings", "broken_result", "unreadable_result"]

POINT_DIGITS = 4
OTHER_SHEET = "The file says that it answers {assignment!r}; it was graded as {rubric!r}, as --rubric says."


class Grader:
    """Grades jobs in one process; every rubric's checks are built once.

    ``rubrics`` maps the names a submission may give its assignment to rubric files, for jobs that come
    without a rubric. A name in a submission is never used as a path. Who is done with it calls ``close``.
    """

    def __init__(self, rubrics: Mapping[str, str], settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._runner = Runner(self.settings.tier)
        self._names = {name.casefold(): file for name, file in rubrics.items()}
        self._rubrics: dict[str, Rubric] = {}
        self._checks: dict[str, dict[tuple[str, str], Check]] = {}
        self._code: dict[str, dict[tuple[str, str], RunsCode]] = {}  # those that are; asking each is slow
        self._asked: dict[str, dict[tuple[str, str], Asked]] = {}
        self._known = Known(self.settings.store)

    def rubric(self, file: str) -> Rubric:
        """The rubric in a file, with all of its checks built.

        Raises:
            AuthorFault: the rubric or one of its references is not valid.
        """
        rubric = self._sheet(file)
        if file not in self._checks:
            seeded = [self._seeded(q) for q in rubric.questions]
            asked = {(q.id, c.id): Asked(q, c) for q in seeded for c in q.criteria}
            checks = {place: build_check(a.seen, a.criterion) for place, a in asked.items()}
            self._code[file] = {place: c for place, c in checks.items() if isinstance(c, RunsCode)}
            self._checks[file] = checks
            for a in asked.values():
                a.done()
            self._asked[file] = asked
        return rubric

    def _seeded(self, question: Question) -> Question:
        """Its inputs come from the seed that was given; without one from what the instructor alone has: the
        question's part of the rubric, and its references."""
        return replace(question, seed=self.settings.seed or secret_of(question))

    def close(self) -> None:
        """End the sandbox, if one was started."""
        self._runner.close()
        self._known.close()

    def _sheet(self, file: str) -> Rubric:
        if file not in self._rubrics:
            self._rubrics[file] = load_rubric(Path(file))
        return self._rubrics[file]

    def rubrics(self) -> tuple[Rubric, ...]:
        """The rubrics loaded so far."""
        return tuple(self._rubrics.values())

    def grade(self, job: Job, without: Without = NOTHING, at: AtPlace = nowhere) -> SubmissionResult:
        """Read and grade one submission; ``without`` says what is left out, and why (``places.py``).

        Raises:
            AuthorFault: the rubric it needs is not valid.
        """
        at(FILE)
        file, notes = job.rubric, list[str]()
        if job.fault:
            return unreadable_result(job, job.fault, cure=job.cure)

        def outline_for(assignment: str | None) -> Outline | None:
            nonlocal file
            named = None if assignment is None else self._names.get(assignment.strip().casefold())
            if job.rubric is None:
                file = named
            elif named not in (None, job.rubric):
                notes.append(OTHER_SHEET.format(assignment=assignment, rubric=self._sheet(job.rubric).id))
            return None if file is None else self._sheet(file).outline()

        try:
            submission = readers.read(Path(job.path), outline_for, student=job.student, source=job.source)
            if file is None:
                raise RuntimeError("no assignment was asked for")
        except UnreadableFile as e:
            unread = unreadable_result(job, e.message, place=e.place, cure=e.cure)
            return replace(unread, trail=Trail(lasting=True))
        except AuthorFault:
            raise
        except Exception as e:
            return unreadable_result(
                job,
                f"the reader failed ({sentence(e)}); this is a fault of the toolkit, not of the student",
                cure="grade this one by hand and report the fault",
            )
        if job.sure and job.student is not None:  # else anybody could hand in for somebody else
            submission = replace(submission, student=job.student)
        submission = replace(submission, notes=(*job.notes, *submission.notes, *notes))
        rubric = self.rubric(file)
        answers = {q.id: _answer(submission, q, self._code[file]) for q in rubric.questions}
        at(CODE)
        ran, sandbox = ({}, "") if CODE in without else self._run(submission, rubric, answers)
        before: dict[str, Judged] = {}
        findings: list[Finding] = []
        for q in rubric.questions:
            at(question_at(q.id))
            answer = answers[q.id]
            findings += self._grade_question(submission.student, q, answer, file, before, ran, without)
        waits = any(f.outcome.waits_for_person for f in findings)
        derivations = marked_answers(rubric, submission, without, at, self._known.lines_of)
        # what a fault or a limit left out may come out otherwise the next time
        whole = not without and all(d.lines for d in derivations)
        whole = whole and all(f.outcome is not Outcome.ERROR for f in findings)
        return SubmissionResult(
            student=submission.student,
            source=submission.source,
            status=Status.PARTIAL if waits else Status.GRADED,
            rubric=file,
            submission=submission,
            findings=tuple(findings),
            derivations=derivations,
            sandbox=sandbox,
            trail=Trail(
                whole and all(lasts(r) for asked in ran.values() for r in asked.values()), *self._known.take()
            ),
        )

    def _run(self, submission: Submission, rubric: Rubric, answers: Mapping[str, Answer]) -> tuple[Asks, str]:
        """What came of running the submission's code, where a check has something to ask; and what ran it."""
        code = self._code[rubric.path]
        wanted: list[Wanted] = []
        for q in rubric.questions:
            for c in q.criteria:
                check = code.get((q.id, c.id))
                if check is not None:
                    asks = check.asks(answers[q.id], public=self.settings.public)
                    if asks:
                        wanted.append(Wanted(q.id, c.id, asks, check.setup, check.names, check.seconds))
                elif c.computed and (asks := variable_asks(c.computed, answers[q.id].code)):
                    wanted.append(Wanted(q.id, c.id, asks))
        if not wanted:
            return {}, ""
        return self._known.ran_by(self._runner, submission.cells, wanted)

    def _grade_question(
        self,
        student: str,
        question: Question,
        answer: Answer,
        file: str,
        before: dict[str, Judged],
        ran: Asks,
        without: Without,
    ) -> list[Finding]:
        """``before``: the judgements of earlier questions, to which this one adds its own."""
        earlier = dict(before)
        findings: list[Finding] = []
        key, key_of = None, None
        for criterion in question.criteria:
            found = ran.get((question.id, criterion.id))
            if found is not None:
                answer = replace(answer, ran=found)
            if key_of is not answer:
                key, key_of = answer_key(answer), answer
            place = question.id, criterion.id
            asked, check = self._asked[file][place], self._checks[file][place]
            needs_code = answer.code and (criterion.computed or place in self._code[file])
            why = _left_out(question, without, needs_code=bool(needs_code))
            judged = (
                Judged(Judgement(Outcome.ERROR, 0.0, why), None)
                if why
                else self._known.judged_as(asked, check, answer, key, earlier)
            )
            earlier[criterion.id] = judged
            before[f"{question.id}/{criterion.id}"] = judged
            findings.append(_finding(student, question, criterion, answer, judged.judgement))
        return findings


def _left_out(question: Question, without: Without, *, needs_code: bool) -> str:
    """Why a criterion is not judged; empty: it is. Without its code, text costs nobody marks."""
    return without.get(question_at(question.id), "") or (without.get(CODE, "") if needs_code else "")


def _answer(submission: Submission, question: Question, checks: Mapping[tuple[str, str], RunsCode]) -> Answer:
    """The answer to a question; a function that is asked for belongs to it wherever it stands."""
    answer = submission.answers.get(question.id)
    if answer is None:
        answer = Answer(question.id, Where(submission.source), state=AnswerState.MISSING)
    if answer.code or answer.value is not None:
        return answer
    for criterion in question.criteria:
        check = checks.get((question.id, criterion.id))
        names = check.names if check is not None else ()
        cells = tuple(c for c in submission.cells if any(defining(c, name) for name in names))
        if cells:
            note = f"its code stands outside of the question: {', '.join(str(c.where) for c in cells)}"
            code = tuple(replace(c, question=None) for c in cells)
            return replace(answer, code=code, state=AnswerState.GIVEN, notes=(*answer.notes, note))
    return answer


def build_check(question: Question, criterion: Criterion) -> Check:
    """The check of one criterion.

    Raises:
        RubricError: the kind does not exist or does not like its options.
    """
    try:
        module = checkers.load(criterion.kind)
        check: Check = module.build(read_options(criterion, module.Options), question)
    except RubricError as e:
        if str(e).startswith(criterion.place):
            raise
        raise RubricError(f"{criterion.place}: {e}") from e
    if criterion.passage is None:
        return check
    if isinstance(check, RunsCode):
        raise RubricError(f"{criterion.place}: `passage` is for text; this kind runs code")
    return _within(criterion.passage, check)


def _within(passage: Passage, check: Check) -> Check:
    """A check that sees one passage of a text; the parts of a structured answer are left to the kind."""

    def checked(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        if answer.value is not None or not answer.text.strip():
            return check(answer, earlier)
        text = passage.cut(answer.text)
        if text is None:
            why = "The passage that this is judged by was not found: a person looks."
            return Judgement(Outcome.REVIEW, 0.0, why, evidence={"text": answer.text[:600]})
        judgement = check(replace(answer, text=text), earlier)
        if passage.or_all and judgement.outcome in (Outcome.MISSING, Outcome.REVIEW) and text != answer.text:
            return check(answer, earlier)
        return judgement

    return checked


def unreadable_result(job: Job, message: str, *, place: str = "", cure: str = "") -> SubmissionResult:
    """The row of a submission that cannot be read: no findings, no score."""
    return SubmissionResult(
        student=job.student or readers.bare_name(Path(job.source)),
        source=job.source,
        status=Status.UNREADABLE,
        rubric=job.rubric or "",
        message=f"{place}: {message}" if place else message,
        cure=cure,
    )


def broken_result(job: Job, rubric: Rubric | None, message: str) -> SubmissionResult:
    """The row of a submission that broke or outlasted its process: all of it waits for a person."""
    if rubric is None:
        return unreadable_result(job, message, cure="grade this one by hand and report the fault")
    student = job.student or readers.bare_name(Path(job.source))
    where = Where(job.source)
    return SubmissionResult(
        student=student,
        source=job.source,
        status=Status.PARTIAL,
        rubric=rubric.path,
        message=message,
        findings=tuple(
            _finding(student, q, c, Answer(q.id, where), Judgement(Outcome.ERROR, 0.0, message))
            for q in rubric.questions
            for c in q.criteria
        ),
    )


def _finding(
    student: str, question: Question, criterion: Criterion, answer: Answer, judgement: Judgement
) -> Finding:
    points = Fraction(0)
    if not judgement.outcome.waits_for_person:
        points = round(Fraction(repr(float(judgement.credit))) * criterion.points, POINT_DIGITS)
    evidence: dict[str, Any] = {str(k): plain(v) for k, v in judgement.evidence.items()}
    if judgement.mistake is not None:
        evidence["mistake"] = judgement.mistake
    return Finding(
        student=student,
        question=question.id,
        criterion=criterion.id,
        kind=criterion.kind,
        outcome=judgement.outcome,
        points=float(points),
        max_points=float(criterion.points),
        message=judgement.message,
        read_as=judgement.read_as,
        evidence=evidence,
        where=str(answer.where),
        group=answer_group(question, criterion, answer, judgement),
        drawn=judgement.drawn,
        marked=judgement.marked,
    )
