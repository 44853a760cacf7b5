"""Values for named unknowns in several cases, each held against the relations that have to hold.

The values of a case are read from a table, a sentence or list item that names the case, a JSON object, or a
formula in what is given (``p = (k - 1)/2``). Every value earns its share if it is the one of the case's
``solution``, or if all relations hold that speak of it or of an unknown it is bound to; each relation that
fails is told with the numbers. Two values for one unknown, a sentence that may be about either case, or a
value that could not be read go to a person. It does not look at how the values were found.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import msgspec

from grader.checkers import Check
from grader.checkers._verify import Example
from grader.errors import RubricError
from grader.maths.authoring import compiled_pattern, exact_value
from grader.maths.cases import case_mark, divided_text, divided_value
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.parts import part_of
from grader.maths.quantities import Quantity, Stated, quantity, stated_in_object, stated_in_text
from grader.maths.relations import Relation, compiled_relation
from grader.maths.scope import Scope
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MAX_TEXT = 600
MAX_SEARCHED = 20_000
MAX_POINTS = 200  # combinations of `each` in one case
MAX_REMARKS = 12

Number = int | float | str


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One case: its ``name`` in messages, what is ``given`` in it, ``words`` (regular expressions) that name
    it in an answer besides ``k = 4``, and its ``solution``, unknown → value."""

    name: str
    given: dict[str, Number]
    solution: dict[str, Number]
    words: list[str] = []


class Unknown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One unknown of every case; ``weight``: its share; ``whole``: only a whole number will do; ``same_as``:
    another unknown whose value is this one's too, where an answer has one name for both and nothing in it
    matches ``apart`` (a regular expression)."""

    name: str
    labels: list[str] = []
    weight: float = 1.0
    whole: bool = True
    same_as: str = ""
    apart: str = ""


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``requires``: relations in the unknowns, what is given and the names of ``each`` (name → values, all
    of which are put in); ``labels``: given name → other words for it ("kernel size"); ``feedback``: relation
    → remark; ``examples`` and ``reject``: answers that ``grade verify`` must see judged right and not right;
    ``parts``: names in a JSON answer."""

    cases: list[Case]
    unknowns: list[Unknown]
    requires: list[str]
    each: dict[str, list[Number]] = {}
    labels: dict[str, list[str]] = {}
    feedback: dict[str, str] = {}
    examples: list[str] = []
    reject: list[str] = []
    parts: list[str] = []


@dataclass(frozen=True)
class _Asked:
    """One criterion, compiled."""

    options: Options
    scope: Scope  # what is given, for formulas in it
    quantities: tuple[Quantity, ...]
    relations: tuple[Relation, ...]
    marks: Mapping[str, re.Pattern[str]]
    given: Mapping[str, Mapping[str, Fraction]]
    solutions: Mapping[str, Mapping[str, Fraction]]
    points: tuple[Mapping[str, Fraction], ...]
    weights: Mapping[str, Fraction]
    whole: frozenset[str]
    mentions: Mapping[str, re.Pattern[str]]
    comma: bool


MAX_WORDS = 1000  # texts of a structured answer that are looked through
MAX_WORD = 200  # characters of one
Found = Mapping[str, Mapping[str, list[Stated]]]  # case → unknown → what is stated


def build(options: Options, question: Question) -> Check:
    asked = _compile(options, question)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        value = part.value if isinstance(part.value, dict | list) else answer.value
        if isinstance(value, dict | list):
            found = _in_value(asked, value)
            if any(ss for unknowns in found.values() for ss in unknowns.values()):
                return _judge(asked, found, [], part.text)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        text = part.text if part.text.strip() else "\n".join(c.output for c in answer.code if c.output)
        if not text.strip():
            return Judgement(Outcome.MISSING, 0.0, "Nothing was written for this part.")
        return _judge(asked, *_in_text(asked, text), text)

    return check


def _compile(options: Options, question: Question) -> _Asked:
    for key in ("cases", "unknowns", "requires"):
        if not getattr(options, key):
            raise RubricError(f"`{key}` is empty; list at least one")
    unknowns = [u.name for u in options.unknowns]
    given: dict[str, dict[str, Fraction]] = {}
    solutions: dict[str, dict[str, Fraction]] = {}
    marks: dict[str, re.Pattern[str]] = {}
    for i, c in enumerate(options.cases):
        given[c.name] = {n: exact_value(v, f"cases[{i}].given.{n}") for n, v in c.given.items()}
        solutions[c.name] = {n: exact_value(v, f"cases[{i}].solution.{n}") for n, v in c.solution.items()}
        for w in c.words:
            compiled_pattern(w, f"cases[{i}].words")
        marks[c.name] = compiled_pattern(case_mark(c.given, options.labels, c.words), f"cases[{i}]")
        if set(c.solution) != set(unknowns):
            has = ", ".join(c.solution) or "nothing"
            raise RubricError(f"`cases[{i}].solution` has {has}; the unknowns are {', '.join(unknowns)}")
        if set(c.given) != set(options.cases[0].given):
            first = ", ".join(options.cases[0].given)
            raise RubricError(f"`cases[{i}].given` has {', '.join(c.given)}; the first case has {first}")
    if len(given) != len(options.cases):
        raise RubricError("two of the `cases` have one name; give each its own")
    for i, u in enumerate(options.unknowns):
        if u.same_as and (u.same_as == u.name or u.same_as not in unknowns):
            raise RubricError(
                f"`unknowns[{i}].same_as` is {u.same_as!r}; the unknowns are {', '.join(unknowns)}"
            )
        compiled_pattern(u.apart or "-", f"unknowns[{i}].apart")
    names = [*options.cases[0].given, *options.each, *unknowns]
    scope = compile_scope(Declarations.make(dict.fromkeys(names, "scalar"), {}, {}, []))
    relations = tuple(compiled_relation(t, scope, names, "requires") for t in options.requires)
    for t in options.feedback:
        if t not in options.requires:
            raise RubricError(f"`feedback` is about {t!r}, which is not in `requires`")
    each = {n: [exact_value(v, f"each.{n}") for v in vs] for n, vs in options.each.items()}
    points = tuple(
        dict(zip(each, vs, strict=True))
        for vs in itertools.islice(itertools.product(*each.values()), MAX_POINTS)
    )
    weights = {u.name: exact_value(u.weight, f"unknowns[{i}].weight") for i, u in enumerate(options.unknowns)}
    if min(weights.values()) < 0 or not sum(weights.values()):
        raise RubricError("`weight` of an unknown is not negative, and not 0 for all of them")
    own = dict.fromkeys(options.cases[0].given, "scalar")
    return _Asked(
        options,
        compile_scope(Declarations.make(own, {}, {}, [])),
        tuple(
            quantity(u.name, u.labels, "scalar", {}, f"unknowns[{i}]") for i, u in enumerate(options.unknowns)
        ),
        relations,
        marks,
        given,
        solutions,
        points,
        weights,
        frozenset(u.name for u in options.unknowns if u.whole),
        {u.name: _mention(u) for u in options.unknowns},
        question.locale == "decimal-comma",
    )


def _mention(u: Unknown) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<!\w){re.escape(t)}(?!\w)" for t in (u.name, *u.labels)), re.IGNORECASE)


def _in_value(asked: _Asked, value: object) -> Found:
    objects = divided_value(value, asked.marks)
    out: dict[str, dict[str, list[Stated]]] = {}
    for case, found in objects.items():
        stated = [stated_in_object(o, asked.quantities, asked.scope) for o in found]
        own = {q.name: [s for st in stated for s in st[q.name]] for q in asked.quantities}
        out[case] = _with_shared(asked, own, _words_of(value))
    return out


def _words_of(value: object) -> str:
    """The names and texts in a structured answer, however deep it is; its numbers are no names."""
    words: list[str] = []
    left = [value]
    while left and len(words) < MAX_WORDS:
        one = left.pop()
        if isinstance(one, str):
            words.append(one[:MAX_WORD])
        elif isinstance(one, dict):
            left += [x for pair in one.items() for x in pair]
        elif isinstance(one, list):
            left += one
    return " ".join(words)


def _with_shared(asked: _Asked, found: dict[str, list[Stated]], text: str) -> dict[str, list[Stated]]:
    """What is found for each unknown, with the values that one name states for two of them."""
    for u in asked.options.unknowns:
        apart = u.apart and re.search(u.apart, text[:MAX_SEARCHED], re.IGNORECASE)
        if u.same_as and not found[u.name] and not apart:
            found[u.name] = list(found[u.same_as])
    return found


def _in_text(asked: _Asked, text: str) -> tuple[Found, list[str]]:
    def read(piece: str) -> dict[str, list[Stated]]:
        return stated_in_text(piece, asked.quantities, asked.scope, decimal_comma=asked.comma)

    divided = divided_text(text, asked.marks, lambda piece: any(read(piece).values()))
    general = read("\n".join(divided.general))
    if len(asked.marks) > 1 and any(s.formula is None for ss in general.values() for s in ss):
        divided.doubts.append("values before any case is named")
    out: dict[str, dict[str, list[Stated]]] = {}
    for case, texts in divided.texts.items():
        own = [read(t) for t in texts]
        stated = {q.name: [s for o in own for s in o[q.name]] or general[q.name] for q in asked.quantities}
        out[case] = _with_shared(asked, stated, text)
        if not any(out[case].values()) and any(c.isdigit() for t in texts for c in t):
            divided.doubts.append(f"{case}: the numbers could not be told to be for one thing or the other")
        for q in asked.quantities:
            where = "\n".join([*texts, *divided.general])
            if not out[case][q.name] and asked.mentions[q.name].search(where):
                divided.doubts.append(f"{case}: {q.name} is named, but no value could be read")
    return out, divided.doubts


def _judge(asked: _Asked, found: Found, doubts: Sequence[str], text: str) -> Judgement:
    evidence: dict[str, object] = {"text": text[:MAX_TEXT]}
    values: dict[str, dict[str, Fraction]] = {}
    unsure = list(doubts)
    for case, unknowns in found.items():
        values[case] = {}
        for name, stated in unknowns.items():
            numbers = [rows[0][0] for s in stated if (rows := s.at(asked.given[case])) is not None]
            if len(set(numbers)) > 1:
                unsure.append(f"{case}: {name} is {' and '.join(map(str, dict.fromkeys(numbers)))}")
            elif numbers:
                values[case][name] = numbers[0]
    read_as = "; ".join(f"{case}: {_show(v)}" for case, v in values.items() if v)
    if unsure:
        evidence["doubts"] = unsure
        message = "Which values are meant for which case is not clear: a person decides."
        return Judgement(Outcome.REVIEW, 0.0, message, read_as, evidence)
    if not read_as:
        return Judgement(Outcome.REVIEW, 0.0, "No values were found: a person looks.", "", evidence)
    earned = total = Fraction(0)
    right = asked_for = 0
    remarks: list[str] = []
    for case, mine in values.items():
        broken = dict(_broken(asked, case, mine))
        for name, weight in asked.weights.items():
            bound = _bound(asked, name)
            fits = bound <= set(mine) and not any(r.names & bound for r in broken)
            split = name in asked.whole and name in mine and mine[name].denominator > 1
            sure = name in mine and (mine[name] == asked.solutions[case][name] or (fits and not split))
            if split:
                remarks.append(f"{case}: {name} = {mine[name]} is no whole number")
            earned, total = earned + weight * sure, total + weight
            right, asked_for = right + sure, asked_for + 1
            if name not in mine:
                remarks.append(f"{case}: no value for {name}")
        remarks += [f"{case}: {r.text} fails ({why})" for r, why in broken.items()]
    credit = float(earned / total)
    if earned == total:
        message = f"All {asked_for} values are right."
        return Judgement(Outcome.CORRECT, 1.0, message, read_as, {"level": "proved"})
    hints = [h for t, h in asked.options.feedback.items() if any(f": {t} fails" in r for r in remarks)]
    message = " ".join(
        [f"{right} of {asked_for} values are right.", f"{'; '.join(remarks[:MAX_REMARKS])}.", *hints]
    )
    outcome = Outcome.PARTIAL if credit else Outcome.INCORRECT
    evidence = {"level": "refuted", "failed": remarks}
    return Judgement(outcome, credit, message, read_as, evidence, mistake=remarks[0])


def _bound(asked: _Asked, name: str) -> set[str]:
    """The unknowns that relations bind to this one, directly or through others."""
    bound = {name}
    for _ in asked.weights:
        for r in asked.relations:
            if r.names & bound:
                bound |= r.names & set(asked.weights)
    return bound


def _broken(asked: _Asked, case: str, mine: Mapping[str, Fraction]) -> Iterator[tuple[Relation, str]]:
    """The relations that can be tried and fail, with the first numbers that show it."""
    for r in asked.relations:
        if not r.names & set(asked.weights) <= set(mine):
            continue
        for point in asked.points:
            put = {n: v for n, v in {**asked.given[case], **point, **mine}.items() if n in r.names}
            why = r.broken(put)
            if why:
                yield r, f"{why} at {_show(put)}"
                break


def _show(values: Mapping[str, Fraction]) -> str:
    return ", ".join(f"{n} = {v}" for n, v in values.items())


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """The solutions fulfil the relations and are the reference's; listed answers are judged as listed."""
    asked = _compile(options, question)
    out = []
    for case, solution in asked.solutions.items():
        out += [f"the solution of {case} breaks {r.text}: {why}" for r, why in _broken(asked, case, solution)]
    if not options.examples:
        out.append("`examples` is empty; list an answer that has to be accepted")
    for key, texts, right in (("examples", options.examples, True), ("reject", options.reject, False)):
        out += _listed(asked, key, texts, right)
    for value in getattr(oracle, "values", ()):
        found = _in_value(asked, value)
        for case, solution in asked.solutions.items():
            for name, number in solution.items():
                said = [s.rows[0][0] for s in found[case][name] if s.rows is not None]
                if said and said[-1] != number:
                    out.append(
                        f"the solution of {case} has {name} = {number}, the reference gives {said[-1]}"
                    )
    return out


def _listed(asked: _Asked, key: str, texts: Iterable[str], right: bool) -> Iterator[str]:
    for text in texts:
        found = _judge(asked, *_in_text(asked, text), text)
        wanted = (Outcome.CORRECT,) if right else (Outcome.PARTIAL, Outcome.INCORRECT)
        if found.outcome not in wanted:
            yield f"`{key}` holds {text!r}, which is judged {found.outcome.value}: {found.message}"


def examples(options: Options, question: Question) -> Iterator[Example]:
    """The solutions and the listed answers; the solutions with one value off by one, in each case."""

    def said(solutions: Mapping[str, Mapping[str, Number]]) -> str:
        return "\n".join(
            ", ".join(f"{n} = {v}" for n, v in c.given.items())
            + ": "
            + ", ".join(f"{n} = {v}" for n, v in solutions[c.name].items())
            for c in options.cases
        )

    right = {c.name: dict(c.solution) for c in options.cases}
    yield Example("the listed solutions", said(right))
    for text in options.examples:
        yield Example(f"the example {text!r}", text)
    for text in options.reject:
        yield Example(f"the rejected answer {text!r}", text, credit=None)
    for case in options.cases:
        for name, value in case.solution.items():
            for off in (1, -1):
                wrong = right | {case.name: right[case.name] | {name: float(exact_value(value, name)) + off}}
                what = f"{name} = {wrong[case.name][name]:g} for {case.name}"
                yield Example(what, said(wrong).replace(".0", ""), credit=None)
