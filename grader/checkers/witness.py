"""Values that the student chooses, such as a counterexample, tried by a trusted function.

The function belongs to a reference module: ``run = "module:name"`` calls ``witness_<name>`` with the values
by name (numbers and numpy arrays; ``None`` for what is not stated and not required). It returns requirement
in words → (met, value seen); whatever meets all of them is right. Values are read from formulas, sentences,
what code prints or assigns, and JSON. Of several values for one name the last counts; if only another one
would do, a person decides, and also where a required value was not found. It misses values that are only
described, and does not look at the words around them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from grader.checkers import Check
from grader.checkers._verify import Example
from grader.course import course_of, reference_function
from grader.errors import ReferenceFault, RubricError
from grader.maths.arrays import Rows
from grader.maths.authoring import check_credit
from grader.maths.declared import compile_scope
from grader.maths.parts import part_of
from grader.maths.quantities import (
    Quantity,
    Stated,
    fits,
    merged,
    quantity,
    rows_of_author,
    show_rows,
    stated_in_code,
    stated_in_object,
    stated_in_text,
)
from grader.maths.scope import Scope
from grader.maths.trials import Met, check_parameters, plain_value, try_values
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MAX_TRIALS = 12  # other combinations of the values stated that are tried
MAX_TEXT = 600
CURE = "a function that tries a student's values is called witness_…"


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value: its ``name`` (a parameter of the function, and a label), more ``labels``, its ``kind``;
    ``default``: the sheet's own data, for who does not repeat them; ``words``: value → patterns that say it
    (``1 = ["first term"]``)."""

    name: str
    kind: Literal["scalar", "vector", "matrix"] = "scalar"
    labels: list[str] = []
    default: int | float | str | list[Any] | None = None
    required: bool = True
    words: dict[str, list[str]] = {}


class Mistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values that occur and do not do, as a student writes them: what to say, and what they still earn."""

    answer: str
    feedback: str
    credit: float = 0.0


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``run``: the function; ``values``: what it gets; ``feedback``: requirement → remark when it fails;
    ``credits``: requirement → what an answer earns that fails in nothing else; ``examples``: answers that
    ``grade verify`` must see accepted; ``parts``: names in a JSON answer; ``every``: all that is stated for a
    name has to do, where a value to start from cannot be told from what comes of it."""

    run: str
    values: list[Value]
    feedback: dict[str, str] = {}
    credits: dict[str, float] = {}
    examples: list[str] = []
    mistakes: list[Mistake] = []
    parts: list[str] = []
    every: bool = False


@dataclass(frozen=True)
class _Asked:
    """One criterion, compiled."""

    options: Options
    function: Callable[..., Any]
    scope: Scope
    quantities: tuple[Quantity, ...]
    defaults: Mapping[str, Rows]
    comma: bool

    def trial(self, chosen: Mapping[str, Rows]) -> list[Met]:
        """What the function says; ``ValueError`` where the values cannot be tried."""
        try:
            values = {
                v.name: plain_value(chosen[v.name], v.kind) if v.name in chosen else None
                for v in self.options.values
            }
        except OverflowError:
            raise ValueError("a number is too large to be tried") from None
        return try_values(self.function, values, self.options.run)


def build(options: Options, question: Question) -> Check:
    asked = _compile(options, question)
    mistakes = [(m, _chosen(asked, _in_text(asked, m.answer))) for m in options.mistakes]

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        whole = answer.value if isinstance(answer.value, dict) else None
        inner = part.value if isinstance(part.value, dict) else whole
        if isinstance(part.value, list) and len(asked.quantities) == 1:
            inner = {asked.quantities[0].name: part.value}  # a list by itself is the one value asked for
        stated = {} if inner is None else stated_in_object(inner, asked.quantities, asked.scope)
        if part.missing and not any(stated.values()):
            return Judgement(Outcome.MISSING, 0.0, part.message)
        code = [c.source for c in answer.code if c.source.strip()]
        printed = "\n".join(c.output for c in answer.code if c.output.strip())
        if inner is None and not (part.text.strip() or code or printed):
            return Judgement(Outcome.MISSING, 0.0, "Nothing was written for this part.")
        sources = [stated] if any(stated.values()) else []
        for text in (part.text, printed):
            sources.append(stated_in_text(text, asked.quantities, asked.scope, decimal_comma=asked.comma))
        sources += [stated_in_code(source, asked.quantities) for source in reversed(code)]
        found = merged(sources, [q.name for q in asked.quantities])
        return _judge(asked, found, mistakes, part.text)

    return check


def _compile(options: Options, question: Question) -> _Asked:
    if not options.values:
        raise RubricError("`values` is empty; list at least one value that the student chooses")
    quantities, defaults = [], {}
    for i, v in enumerate(options.values):
        quantities.append(quantity(v.name, v.labels, v.kind, v.words, f"values[{i}]"))
        if v.default is not None:
            rows = rows_of_author(v.default, f"values[{i}].default")
            if not fits(rows, v.kind):
                raise RubricError(f"`values[{i}].default` is {v.default!r}, which is no {v.kind}")
            defaults[v.name] = rows
    for key, credit in options.credits.items():
        check_credit(credit, f"credits.{key}")
    for i, m in enumerate(options.mistakes):
        check_credit(m.credit, f"mistakes[{i}].credit")
    try:
        course = course_of(Path(question.file))
        function = reference_function(course, options.run, "witness", CURE)
    except ReferenceFault as e:
        raise RubricError(f"`run`: {e}") from e
    check_parameters(function, [v.name for v in options.values], options.run)
    scope = compile_scope(question.declarations)
    return _Asked(options, function, scope, tuple(quantities), defaults, question.locale == "decimal-comma")


def _in_text(asked: _Asked, text: str) -> dict[str, list[Stated]]:
    return stated_in_text(text, asked.quantities, asked.scope, decimal_comma=asked.comma)


def _chosen(asked: _Asked, found: Mapping[str, Sequence[Stated]]) -> dict[str, Rows]:
    """The last value for every name, and the sheet's where none is stated."""
    numbers = {n: [s.rows for s in ss if s.rows is not None] for n, ss in found.items()}
    return {**asked.defaults, **{n: rows[-1] for n, rows in numbers.items() if rows}}


def _judge(
    asked: _Asked,
    found: Mapping[str, Sequence[Stated]],
    mistakes: Sequence[tuple[Mistake, Mapping[str, Rows]]],
    text: str,
) -> Judgement:
    options = asked.options
    chosen = _chosen(asked, found)
    own = {n for n, ss in found.items() if any(s.rows is not None for s in ss)}
    read_as = "; ".join(
        f"{v.name} = {show_rows(chosen[v.name])}{'' if v.name in own else ' (the sheet’s)'}"
        for v in options.values
        if v.name in chosen
    )
    lacking = [v.name for v in options.values if v.required and v.name not in chosen]
    evidence: dict[str, object] = {"text": text[:MAX_TEXT]}
    unread = [n for n, ss in found.items() if ss and all(s.rows is None and s.formula is None for s in ss)]
    if unread:
        message = f"The value of {', '.join(unread)} could not be read: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, read_as, evidence)
    if lacking or not own:
        what = f"No value for {', '.join(lacking)} was found" if own else "No values were found"
        return Judgement(Outcome.REVIEW, 0.0, f"{what}: a person looks.", read_as, evidence)
    try:
        met = asked.trial(chosen)
    except ValueError as e:
        message = f"These values cannot be tried ({' '.join(str(e).split())[:200]}): a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, read_as, evidence)
    evidence = {"requirements": [{"requirement": m.requirement, "met": m.met, "seen": m.seen} for m in met]}
    failed = [m for m in met if not m.met]
    if not failed and options.every and not all(_works(asked, c) for c in _others(asked, found, chosen)):
        message = "Several values are stated, and not all of them do: a person decides."
        return Judgement(Outcome.REVIEW, 0.0, message, read_as, {**evidence, "text": text[:MAX_TEXT]})
    if not failed:
        evidence["level"] = "supported"
        message = f"Your values meet every requirement: {'; '.join(m.in_words for m in met)}."
        return Judgement(Outcome.CORRECT, 1.0, message, read_as, evidence)
    if any(_works(asked, c) for c in _others(asked, found, chosen)):
        message = "Several values are stated; some of them do, the last ones do not: a person decides."
        return Judgement(Outcome.REVIEW, 0.0, message, read_as, {**evidence, "text": text[:MAX_TEXT]})
    evidence["level"] = "refuted"
    credit = min((options.credits.get(m.requirement, 0.0) for m in failed), default=0.0)
    remarks = [options.feedback[m.requirement] for m in failed if m.requirement in options.feedback]
    for mistake, values in mistakes:
        if all(chosen.get(n) == rows for n, rows in values.items()):
            credit, remarks = max(credit, mistake.credit), [mistake.feedback, *remarks]
            break
    unmet = "; ".join(m.in_words for m in failed)
    message = " ".join([f"Your values do not do. Not met: {unmet}.", *dict.fromkeys(remarks)])
    outcome = Outcome.PARTIAL if credit else Outcome.INCORRECT
    return Judgement(outcome, credit, message, read_as, evidence, mistake=failed[0].requirement)


def _others(
    asked: _Asked, found: Mapping[str, Sequence[Stated]], chosen: Mapping[str, Rows]
) -> Iterator[dict[str, Rows]]:
    """The other combinations of what is stated."""
    names = [v.name for v in asked.options.values if v.name in chosen]
    several = [
        list(dict.fromkeys([s.rows for s in found.get(n, ()) if s.rows is not None])) or [chosen[n]]
        for n in names
    ]
    for rows in itertools.islice(itertools.product(*several), MAX_TRIALS):
        values = dict(zip(names, rows, strict=True))
        if values != chosen:
            yield values


def _works(asked: _Asked, values: Mapping[str, Rows]) -> bool:
    try:
        return all(m.met for m in asked.trial(values))
    except ValueError:
        return False


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """The examples are accepted, the listed mistakes are not, and every remark is about a requirement."""
    asked = _compile(options, question)
    out: list[str] = []
    known: set[str] = set()
    if not options.examples:
        out.append("`examples` is empty; list an answer that has to be accepted")
    listed = [("examples", t, True) for t in options.examples]
    listed += [("mistakes", m.answer, False) for m in options.mistakes]
    for key, text, right in listed:
        try:
            found = _judge(asked, _in_text(asked, text), [], text)
        except ReferenceFault as e:
            out.append(str(e))
            continue
        known |= {r["requirement"] for r in found.evidence.get("requirements", ())}
        wanted = (Outcome.CORRECT,) if right else (Outcome.INCORRECT, Outcome.PARTIAL)
        if found.outcome not in wanted:
            out.append(f"`{key}` holds {text!r}, which is judged {found.outcome.value}: {found.message}")
    for key in ("feedback", "credits"):
        for requirement in getattr(options, key):
            if known and requirement not in known:
                names = "; ".join(sorted(known))
                out.append(f"`{key}` is about {requirement!r}, no example comes to it; there are {names}")
    return out


def examples(options: Options, question: Question) -> Iterator[Example]:
    """The listed examples and mistakes: what may go wrong is the trusted function's to say."""
    for text in options.examples:
        yield Example(f"the example {text!r}", text)
    for m in options.mistakes:
        yield Example(f"the listed mistake {m.answer!r}", m.answer, credit=None, says=m.feedback)
