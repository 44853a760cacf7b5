"""Case files: small questions as a rubric would have them, with answers and what becomes of them.

::

    [[questions]]                # the keys of a question in a rubric; id and points may be left out
    [[questions.criteria]]       # kind is the file's name unless given; id and points may be left out
    [[questions.cases]]
    text = "…"                   # or json = "…" (a value of a JSON file); code = [{ source, output }]
    outcome = "correct"
    credit = 1.0
    message = "…"                # the whole of it, or
    begins = "…"                 # its beginning, where grader.maths goes on with points and chances

``ran`` plays the sandbox for kinds that run code: key of an ask (``*``: any) → ``numeric_name`` (of the
reference ``programs``, called with the ask's arguments), ``= [1, 2]`` (a value), or ``raised: sentence``.

A case is about the question's last criterion, unless ``criterion`` names another; those before it judge
the same answer first, as in a class. ``read_as``, ``mistake`` and ``evidence`` (a part of it) are
compared where they are given.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from grader.checkers import RunsCode
from grader.course import course_of, load_reference
from grader.engine.grade import build_check
from grader.maths.declare import Declarations
from grader.model import Answer, CodeCell, Judgement, Where
from grader.rubric import ConventionData, Criterion, PassageData, Question
from grader.sandbox.program import Ask, Ran, State

CASES = Path(__file__).parent / "cases"
COURSE = Path(__file__).parent / "course"  # whose references the cases may run


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str = ""
    output: str = ""


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    outcome: str
    credit: float = 0.0
    text: str = ""
    json: str | None = None
    code: list[Code] = []
    ran: dict[str, str] = {}
    criterion: str = ""
    message: str | None = None
    begins: str | None = None
    read_as: str | None = None
    mistake: str | None = None
    evidence: dict[str, Any] = {}
    why: str = ""  # what is being tested, where the answer does not show it


class QuestionData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    criteria: list[dict[str, Any]]
    cases: list[Case]
    id: str = "1"
    locale: str = "decimal-point"
    symbols: dict[str, str] = {}
    latex: dict[str, str | list[str]] = {}
    define: dict[str, str] = {}
    assume: list[str] = []
    given: list[str] | None = None
    conventions: list[ConventionData] = []


class CaseFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    questions: list[QuestionData]


@dataclass(frozen=True)
class Row:
    """One case, with its question built."""

    name: str
    question: Question
    case: Case

    def judge(self) -> Judgement:
        """What the case's criterion says, after those before it."""
        case = self.case
        answer = Answer(
            self.question.id,
            Where("case"),
            text=case.text,
            value=None if case.json is None else json.loads(case.json),
            code=tuple(CodeCell(c.source, Where("case"), c.output) for c in case.code),
        )
        wanted = case.criterion or self.question.criteria[-1].id
        earlier: dict[str, Judgement] = {}
        for criterion in self.question.criteria:
            check = build_check(self.question, criterion)
            if case.ran and isinstance(check, RunsCode):
                answer = replace(answer, ran=played(check.asks(answer), case.ran))
            earlier[criterion.id] = check(answer, earlier)
            if criterion.id == wanted:
                return earlier[criterion.id]
        raise AssertionError(f"{self.name}: no criterion {wanted!r}")


def played(asks: Iterable[Ask], how: Mapping[str, str]) -> dict[str, Ran]:
    """What the sandbox would have said."""
    out: dict[str, Ran] = {}
    for ask in asks:
        said = how.get(ask.key, how.get("*", ""))
        state, colon, message = said.partition(": ")
        if said.startswith("="):
            out[ask.key] = Ran(State.VALUE, _arrays(json.loads(said[1:])))
        elif colon:
            out[ask.key] = Ran(State(state), message=message)
        else:
            module = load_reference(course_of(COURSE / "rubrics" / "cases.toml"), "programs")
            out[ask.key] = Ran(State.VALUE, getattr(module, said)(*ask.calls[-1].arguments))
    return out


def _arrays(value: Any) -> Any:
    """Lists of numbers as arrays, lists of lists as tuples of values come out."""
    if isinstance(value, list) and all(isinstance(v, int | float) for v in value):
        return np.array(value, dtype=float)
    return [_arrays(v) for v in value] if isinstance(value, list) else value


def make_question(data: dict[str, Any], kind: str, place: str = "cases.toml: questions[0] (1)") -> Question:
    """A question as the rubric loader makes it; ``data`` may leave out what a test does not need."""
    q = msgspec.convert({"cases": [], **data}, QuestionData)
    heads = ("id", "kind", "points", "title", "reference", "public", "passage")
    criteria = tuple(
        Criterion(
            id=c.get("id", f"c{i}"),
            kind=c.get("kind", kind),
            points=Fraction(1),
            title="",
            reference="",
            public=False,
            options={k: v for k, v in c.items() if k not in heads},
            place=f"{place}.criteria[{i}] ({c.get('id', f'c{i}')})",
            passage=msgspec.convert(c["passage"], PassageData).compiled() if "passage" in c else None,
        )
        for i, c in enumerate(q.criteria)
    )
    return Question(
        id=q.id,
        title="",
        prompt="",
        points=Fraction(len(criteria)),
        bonus=False,
        aliases=(),
        conventions=(),
        declarations=Declarations.make(q.symbols, q.latex, q.define, q.assume),
        locale=q.locale,
        criteria=criteria,
        place=place,
        choices=tuple(c.built(sheet=False) for c in q.conventions),
        file=str(COURSE / "rubrics" / "cases.toml"),
        given=None if q.given is None else tuple(q.given),
    )


def rows(kind: str) -> list[Row]:
    """The cases of one kind, in the order of its file."""
    with (CASES / f"{kind}.toml").open("rb") as file:
        data = tomllib.load(file)
    found = msgspec.convert(data, CaseFile)
    out = []
    for k, (q, raw) in enumerate(zip(found.questions, data["questions"], strict=True)):
        raw.pop("cases")
        question = make_question(raw, kind, f"{kind}.toml: questions[{k}] ({q.id})")
        out += [Row(f"{kind}-{q.id}-{i}", question, case) for i, case in enumerate(q.cases)]
    return out
