"""What a student's page says: only this student, never the reference answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from grader.maths.declare import Declarations
from grader.model import Answer, AnswerState, Finding, Outcome, Status, SubmissionResult
from grader.reports.derivations import DerivationView, derivation_view
from grader.reports.evidence import PRIVATE, SHOWN_APART
from grader.reports.markdown import is_drawn, written_as_code
from grader.reports.mathml import has_maths
from grader.reports.points import answer_outcome, total, waiting
from grader.reports.readings import NOTHING, Read, read
from grader.reports.text import count, number
from grader.rubric import Criterion, Question, Rubric

__all__ = ["StudentPage", "student_page"]

MAX_QUOTE = 2_000
MAX_EVIDENCE = 600
MAX_REPEATED = 60
TABLE = 3  # rows and more: a table; fewer are a line
MAX_ROWS = 60
READ_FIRST = 3  # questions

ERROR_MESSAGE = (
    "This could not be checked because of a fault of ours or of the rubric. "
    "It costs no marks; a person looks."
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A piece of what the student handed in; ``label`` says what it is."""

    label: str
    text: str
    cut: int = 0  # characters left out
    shown: str = ""  # where the text has no dollars: the same with its formulas between them
    drawn: bool = False  # there is mathematics in it, or a table, that a page can draw
    words: bool = False  # sentences, and no program
    folded: bool = False  # of little interest until somebody wonders


@dataclass(frozen=True, slots=True)
class Counterexample:
    values: tuple[tuple[str, str], ...]
    yours: str
    expected: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Evidence of many rows, such as the numbers of a table one by one."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class CriterionView:
    outcome: Outcome
    title: str
    points: str
    message: str
    read: Read
    counterexample: Counterexample | None
    evidence: tuple[tuple[str, str | Table], ...]

    @property
    def details(self) -> bool:
        """There is more than a message."""
        return bool(self.read or self.counterexample or self.evidence)


@dataclass(frozen=True, slots=True)
class QuestionView:
    id: str
    title: str
    bonus: bool
    outcome: Outcome
    points: str
    lost: float  # of the points that are decided
    where: str
    quotes: tuple[Quote, ...]
    derivation: DerivationView | None
    notes: tuple[str, ...]
    read: Read  # when all criteria read the answer the same way
    message: str  # when there is but one thing to say of all criteria
    criteria: tuple[CriterionView, ...]


@dataclass(frozen=True, slots=True)
class StudentPage:
    title: str
    student: str
    source: str
    score: str
    waits: str
    unreadable: str
    cure: str
    notes: tuple[str, ...]
    questions: tuple[QuestionView, ...]

    @property
    def right(self) -> tuple[QuestionView, ...]:
        return tuple(q for q in self.questions if q.outcome is Outcome.CORRECT)

    @property
    def first(self) -> tuple[QuestionView, ...]:
        """Where the most points were lost, as far as they are decided."""
        lost = sorted((q for q in self.questions if q.lost), key=lambda q: -q.lost)
        return tuple(lost[:READ_FIRST])


def as_shown(rubric: Rubric) -> Rubric:
    """A rubric without what judges: all of it that a student's page is made of."""
    return replace(rubric, digest="", questions=tuple(_question_as_shown(q) for q in rubric.questions))


def _question_as_shown(question: Question) -> Question:
    shown = tuple(
        replace(c, reference="", options={}, passage=None, computed={}, public=False)
        for c in question.criteria
    )
    nothing = Declarations()
    return replace(
        question,
        criteria=shown,
        declarations=nothing,
        conventions=(),
        choices=(),
        before={},
        seed="",
        given=None,
    )


def student_page(result: SubmissionResult, rubric: Rubric | None) -> StudentPage:
    rubric = None if rubric is None else as_shown(rubric)  # what is not in it cannot be on the page
    unreadable = result.status is Status.UNREADABLE
    score, waits = "", ""
    if rubric is not None and not unreadable:
        pending = waiting(result.findings)
        points = number(total(f.points for f in result.findings))
        bonus = _bonus(result, rubric)
        score = f"{points} of {number(float(rubric.max_score))} points{' so far' if pending else ''}"
        score += f" ({number(bonus)} of them bonus)" if bonus else ""
        if pending:
            verb = "waits" if pending == 1 else "wait"
            waits = f"{number(pending)} {'point' if pending == 1 else 'points'} {verb} for a person"
    return StudentPage(
        title=rubric.title if rubric else "Homework",
        student=result.student,
        source=result.source,
        score=score,
        waits=waits,
        unreadable=result.message if unreadable else "",
        cure=result.cure,
        notes=result.submission.notes if result.submission else (),
        questions=() if rubric is None or unreadable else _questions(result, rubric),
    )


def _bonus(result: SubmissionResult, rubric: Rubric) -> float:
    extra = {q.id for q in rubric.questions if q.bonus}
    return total(f.points for f in result.findings if f.question in extra)


def _questions(result: SubmissionResult, rubric: Rubric) -> tuple[QuestionView, ...]:
    answers: Mapping[str, Answer] = result.submission.answers if result.submission else {}
    found: dict[str, dict[str, Finding]] = {}
    for f in result.findings:
        found.setdefault(f.question, {})[f.criterion] = f
    lines = {d.question: derivation_view(d) for d in result.derivations}
    return tuple(
        _question(q, answers.get(q.id), found.get(q.id, {}), lines.get(q.id)) for q in rubric.questions
    )


def _question(
    question: Question,
    answer: Answer | None,
    findings: Mapping[str, Finding],
    derivation: DerivationView | None,
) -> QuestionView:
    readings = [found for f in findings.values() if (found := read(f))]
    alike = len(set(readings)) == 1 and (len(readings) > 1 or len(findings) == 1)
    shared = readings[0] if alike else NOTHING
    criteria = tuple(
        _criterion(c, findings[c.id], shared, answer) for c in question.criteria if c.id in findings
    )
    message = ""
    if len({(c.outcome, c.message) for c in criteria}) == 1 and not any(c.details for c in criteria):
        message = criteria[0].message
        criteria = tuple(replace(c, message="") for c in criteria)
    return QuestionView(
        id=question.id,
        title=question.title,
        bonus=question.bonus,
        outcome=answer_outcome(f.outcome for f in findings.values()),
        points=_points(findings.values(), float(question.points)),
        lost=total(f.max_points - f.points for f in findings.values() if not f.outcome.waits_for_person),
        where=str(answer.where) if answer else "",
        quotes=_quotes(answer) if answer else (),
        derivation=derivation,
        notes=answer.notes if answer else (),
        read=shared,
        message=message,
        criteria=criteria,
    )


def _points(findings: Any, points: float) -> str:
    findings = list(findings)
    pending = waiting(findings)
    got = number(total(f.points for f in findings))
    if pending == points:
        return f"– of {number(points)}"
    text = f"{got} of {number(points)}"
    return f"{text}, {number(pending)} open" if pending else text


def _criterion(criterion: Criterion, finding: Finding, shared: Read, answer: Answer | None) -> CriterionView:
    error = finding.outcome is Outcome.ERROR
    evidence = {} if error else finding.evidence
    quoted = _bare(f"{answer.text} {_value_text(answer.value)}") if answer else ""
    return CriterionView(
        outcome=finding.outcome,
        title=criterion.title,
        points=_points([finding], finding.max_points),
        message=ERROR_MESSAGE if error else finding.message,
        read=NOTHING if (found := read(finding)) == shared else found,
        counterexample=_counterexample(evidence.get("counterexample")),
        evidence=tuple(
            (key, _evidence(value))
            for key, value in evidence.items()
            if key not in SHOWN_APART | PRIVATE
            and (key, value) != ("level", "refuted")  # the verdict says so
            and value not in (None, "", [], {})
            and not _repeats(key, value, quoted)
        ),
    )


def _repeats(key: str, value: Any, quoted: str) -> bool:
    """The answer's text, or a long piece of it, which is on the page already."""
    if not isinstance(value, str) or (key != "text" and len(value) <= MAX_REPEATED):
        return False
    if key == "text" and quoted:
        return True  # perhaps as its tokens
    return _bare(value) in quoted


def _bare(text: str) -> str:
    """Its letters and digits: a formula is quoted with other blanks, and without backslashes."""
    return "".join(c for c in text if c.isalnum())


def _counterexample(found: Any) -> Counterexample | None:
    if not isinstance(found, Mapping):
        return None
    values = found.get("values")
    yours, expected, text = (str(found.get(key, "")) for key in ("yours", "expected", "text"))
    if values and all(part and part in text for part in (yours, expected)):
        text = ""  # the same in one line
    return Counterexample(
        values=tuple((str(k), str(v)) for k, v in values.items()) if isinstance(values, Mapping) else (),
        yours=yours,
        expected=expected if values else "",  # else it is the whole answer
        text=text,
    )


def _evidence(value: Any) -> str | Table:
    if isinstance(value, list) and len(value) >= TABLE and all(isinstance(v, Mapping) for v in value):
        head = tuple(value[0])
        if head and all(tuple(v) == head for v in value):
            rows = tuple(tuple(_evidence_text(v[key]) for key in head) for v in value[:MAX_ROWS])
            return Table(tuple(map(str, head)), rows)
    return _evidence_text(value)


def _evidence_text(value: Any) -> str:
    text = _plain(value)
    return text if len(text) <= MAX_EVIDENCE else text[:MAX_EVIDENCE] + "…"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value) if abs(value) >= 1e-3 or value == 0 else f"{value:.3g}"
    if isinstance(value, list):
        return "; ".join(_plain(v) for v in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{k} = {_plain(v)}" for k, v in value.items())
    return str(value)


def _quotes(answer: Answer) -> tuple[Quote, ...]:
    quotes: list[Quote] = []
    if answer.text.strip():
        quote = _quote("Your text", answer.text.strip("\n"))
        drawn = is_drawn(quote.text)
        quotes.append(replace(quote, drawn=drawn, words=not drawn and not written_as_code(quote.text)))
    if answer.value is not None:
        quote = _quote("Your values", _value_text(answer.value))
        shown = "" if quote.cut else _value_formulas(answer.value)
        quotes.append(replace(quote, shown=shown, drawn=True) if has_maths(shown) else quote)
    for cell in answer.code:
        quotes.append(_quote(f"Your code ({cell.where})", cell.source))
        if cell.output.strip():
            quotes.append(_quote("What it printed when it was last run", cell.output))
    if answer.prompt.strip():
        quote = _quote("Taken for the question's own words, not judged", answer.prompt)
        quotes.append(replace(quote, folded=True))
    if not quotes and answer.state is not AnswerState.GIVEN:
        return ()
    return tuple(quotes)


def _quote(label: str, text: str) -> Quote:
    cut = max(0, len(text) - MAX_QUOTE)
    return Quote(label, text[:MAX_QUOTE], cut)


def _value_formulas(value: Any) -> str:
    """The formulas among named values, a line each; empty where there are none."""
    if not isinstance(value, dict):
        return f"${value}$" if isinstance(value, str) and "\\" in value and "$" not in value else ""
    lines = [
        (k, _value_formulas(v) or (v if isinstance(v, str) else _value_text(v))) for k, v in value.items()
    ]
    return "\n".join(f"{k}: {text}" for k, text in lines)


def _value_text(value: Any) -> str:
    """One line a row for tables and matrices, otherwise one line."""
    try:
        if isinstance(value, list) and any(isinstance(v, list | dict) for v in value):
            return "\n".join(json.dumps(v, ensure_ascii=False) for v in value)
        if isinstance(value, dict):
            return "\n".join(f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in value.items())
        return json.dumps(value, ensure_ascii=False)
    except (RecursionError, TypeError, ValueError):
        return f"({count(1, 'value')} that cannot be shown)"
