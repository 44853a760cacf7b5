"""A vector of numbers, in any bracket and layout, or by its components.

Reads columns, rows, tuples, lists, printed arrays and ``w_1 = 0.8, w_2 = 0.4``; entries may be formulas
without symbols, and a factor may stand in front: ``-\\frac{1}{\\sqrt5}(2, 1)``. ``up_to`` lets the sign or
the length differ; with ``unit`` the length has to be 1, and a right direction of another length earns
``unit_credit``. Which vector is meant is told as for a number: label, box, the words ``near``, the only
one, a conclusion; else a person looks. Single entries earn nothing (``matrix`` does that).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import msgspec

from grader.checkers import Check
from grader.checkers._verify import Example
from grader.errors import RubricError
from grader.maths.authoring import check_credit, compiled_keys, compiled_tolerance, optional_pattern
from grader.maths.claims import Choice, Claim, pick
from grader.maths.declared import compile_scope
from grader.maths.numbers import Amount
from grader.maths.parts import Part, part_of
from grader.maths.printing import show
from grader.maths.reading import Reading
from grader.maths.scope import Scope
from grader.maths.sentences import is_sentence
from grader.maths.vectors import (
    Vector,
    author_vector,
    components,
    stated_vector,
    vector_claims,
    vector_of_value,
)
from grader.maths.verdict import Tolerance
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MAX_QUOTE = 600
MAX_SHOWN = 12  # vectors that evidence lists
_SUBJECT_CUT = re.compile(r"\W*(?:is|was|are|gives?)?\W*", re.IGNORECASE)
UNEXPLAINED = frozenset((None, "sign", "entries", "size"))


class Alternative(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another vector that counts, under a convention that the message states."""

    expected: str | list[int | float | str]
    convention: str
    credit: float = 1.0


class KnownMistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrong vector that occurs (up to what the right one may differ): what to say, what it still earns."""

    answer: str | list[int | float | str]
    feedback: str
    credit: float = 0.0
    id: str = ""


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``expected``: a list of numbers or text such as '(2, 1)/\\\\sqrt{5}'; ``up_to``: what may differ;
    ``unit``: the length has to be 1; ``tolerance``: ``{rel = 1e-3}`` or ``{abs = 0.01}``, for each entry;
    ``labels``: left sides it may stand under; ``given``: left sides of vectors that are data; ``parts``: its
    names in a JSON object; ``near``: words (a regular expression) of its sentence; ``rounded_credit``: for
    the right entries rounded too far."""

    expected: str | list[int | float | str]
    up_to: Literal["", "sign", "scale", "positive scale"] = ""
    unit: bool = False
    unit_credit: float = 0.5
    tolerance: dict[str, float] = {}
    labels: list[str] = []
    given: list[str] = []
    parts: list[str] = []
    near: str = ""
    alternatives: list[Alternative] = []
    mistakes: list[KnownMistake] = []
    rounded_credit: float = 0.5


@dataclass(frozen=True)
class _Asked:
    """One criterion, compiled."""

    options: Options
    scope: Scope
    want: Vector
    tolerance: Tolerance | None
    labels: frozenset[str]
    others: frozenset[str]  # labels of the question's other criteria, and of what is given
    shared: frozenset[str]  # own labels that the values of another criterion may have too
    near: re.Pattern[str] | None
    alternatives: tuple[tuple[Alternative, Vector], ...]
    mistakes: tuple[tuple[KnownMistake, Vector], ...]
    locale: str


def build(options: Options, question: Question) -> Check:
    asked = _compile(options, question)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts or options.labels)
        if part.missing and isinstance(answer.value, dict):
            text = components(answer.value)
            if len([c for c in vector_claims(text, asked.scope, len(asked.want)) if stated_vector(c)]) == 1:
                part = Part(text)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        if isinstance(part.value, dict) and part.named:
            part = Part(components(part.value), named=True)
        elif part.value is not None and not isinstance(part.value, str | dict):
            found = vector_of_value(part.value)
            return _not_a_vector(part) if found is None else _judge(asked, found)
        text = (
            part.text if part.text.strip() else "\n".join(cell.output for cell in answer.code if cell.output)
        )
        if not text.strip():
            return Judgement(Outcome.MISSING, 0.0, "Nothing was written for this part.")
        return _find(asked, text, part)

    return check


def _compile(options: Options, question: Question) -> _Asked:
    for key in ("unit_credit", "rounded_credit"):
        check_credit(getattr(options, key), key)
    want = author_vector(options.expected, "expected")
    if options.unit and not _is_unit(want, Tolerance(abs=1e-6)):
        raise RubricError(f"`expected` is {options.expected!r}; with `unit` its length has to be 1")
    if options.unit and "scale" in options.up_to:
        raise RubricError(f"`up_to` is {options.up_to!r}; with `unit` only the sign can differ")
    alternatives, mistakes = [], []
    for i, a in enumerate(options.alternatives):
        check_credit(a.credit, f"alternatives[{i}].credit")
        alternatives.append((a, author_vector(a.expected, f"alternatives[{i}].expected")))
    for i, m in enumerate(options.mistakes):
        check_credit(m.credit, f"mistakes[{i}].credit")
        mistakes.append((m, author_vector(m.answer, f"mistakes[{i}].answer")))
    labels, others = compiled_keys(options.labels, [c.options for c in question.criteria])
    given, _ = compiled_keys(options.given, [], "given")
    values = [v for c in question.criteria for v in c.options.get("values", []) if isinstance(v, dict)]
    _, foreign = compiled_keys([], values)
    return _Asked(
        options,
        compile_scope(question.declarations),
        want,
        compiled_tolerance(options.tolerance),
        labels,
        others | given,
        labels & foreign,
        optional_pattern(options.near, "near"),
        tuple(alternatives),
        tuple(mistakes),
        question.locale,
    )


def _find(asked: _Asked, text: str, part: Part) -> Judgement:
    comma = part.decimal_comma(asked.locale)
    claims = vector_claims(text, asked.scope, len(asked.want), decimal_comma=comma)
    stated = {id(c): v for c in claims if (v := stated_vector(c)) is not None}
    usable = [c for c in claims if _may_be_meant(asked, c, id(c) in stated)]

    def same(a: Claim, b: Claim) -> bool:
        x, y = stated.get(id(a)), stated.get(id(b))
        return x is not None and y is not None and (x.near(y) or x.rounded_by(y) or y.rounded_by(x))

    choice = pick(usable, asked.labels, asked.near, same)
    if choice.why == "label" and choice.claim is not None and choice.claim.labels & asked.shared:
        choice = _beside_words(asked, usable, choice, same)
    evidence: dict[str, object] = {"text": text[:MAX_QUOTE], "reference": str(asked.options.expected)}
    unread = [c for c in claims if not c.values and c.fault is not None and any(d.isdigit() for d in c.text)]
    if choice.claim is None:
        found = [stated[id(c)] for c in usable if id(c) in stated]
        return _open(asked, [show(v.node) for v in found], unread, claims, text, evidence)
    vector = stated.get(id(choice.claim))
    if vector is None:
        return _unread(choice.claim)
    if choice.claim.fault is not None:
        message = "The last step of this vector could not be read: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, show(vector.node), evidence)
    out = _judge(asked, vector)
    sure = choice.why in ("label", "boxed") or part.named
    if sure or out.outcome is Outcome.CORRECT or out.mistake not in UNEXPLAINED:
        return out
    foreign = bool(asked.labels) and choice.claim.left and choice.why == "only"
    elsewhere = any(_relation(asked, asked.want, v) == "right" for v in stated.values() if v is not vector)
    if unread or foreign or elsewhere:
        message = f"{show(vector.node)} stands here and is not right, but may not be meant: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, show(vector.node), evidence)
    return out


def _beside_words(
    asked: _Asked, usable: list[Claim], choice: Choice, same: Callable[[Claim, Claim], bool]
) -> Choice:
    """The vector beside the words ``near``, where the labelled one has a name that it shares with another
    thing and does not stand beside them: "w = (2/3, 2/3); the least one is (0.8, 0.4)"."""
    claim, near = choice.claim, asked.near
    if (
        claim is None
        or near is None
        or near.search(claim.before)
        or not claim.labels & asked.labels <= asked.shared
    ):
        return choice
    if claim.before and _SUBJECT_CUT.fullmatch(claim.before):
        return Choice(None)  # a passage may begin behind the words that it is about
    free = [c for c in usable if near.search(c.before) and not c.labels & asked.labels]
    return choice if not free or same(free[-1], claim) else pick(free, asked.labels, near, same)


def _may_be_meant(asked: _Asked, claim: Claim, is_vector: bool) -> bool:
    """A vector that is not given, nor another criterion's answer; under the label also what is unread."""
    if claim.labels & asked.labels:
        return is_vector or not any(v.node.shape is None for v in claim.values)
    given = claim.labels & asked.others or any(label in asked.scope.kinds for label in claim.labels)
    return is_vector and not given


def _open(
    asked: _Asked,
    found: list[str],
    unread: list[Claim],
    claims: list[Claim],
    text: str,
    evidence: Mapping[str, object],
) -> Judgement:
    """No vector that is surely meant."""
    if found:
        vectors = list(dict.fromkeys(found))[:MAX_SHOWN]
        message = "Several vectors stand here and none is marked as the answer: a person looks."
        if len(vectors) == 1:
            message = (
                "A vector stands here, but whether it is meant as the answer is not clear: a person looks."
            )
        return Judgement(Outcome.REVIEW, 0.0, message, evidence={**evidence, "vectors": vectors})
    if unread:
        return _unread(unread[-1])
    if is_sentence(text) or any(c.values for c in claims):
        message = "No vector of numbers was found: a person reads this part."
        return Judgement(Outcome.REVIEW, 0.0, message, evidence=evidence)
    wanted = f" for {asked.options.labels[0]}" if asked.options.labels else ""
    return Judgement(Outcome.MISSING, 0.0, f"No vector{wanted} was found in the answer.")


def _unread(claim: Claim) -> Judgement:
    if claim.fault is None:
        message = "The answer is no vector of numbers: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, claim.quote)
    evidence = {"reason": claim.fault.reason, "text": claim.quote}
    message = f"The vector could not be read: {claim.fault.clause}"
    return Judgement(Outcome.UNREADABLE, 0.0, message, "", evidence)


def _not_a_vector(part: Part) -> Judgement:
    message = "The vector could not be read: a list of numbers is expected here."
    return Judgement(Outcome.UNREADABLE, 0.0, message, evidence={"text": part.text[:MAX_QUOTE]})


def _judge(asked: _Asked, found: Vector) -> Judgement:
    options = asked.options
    carried = Reading(found.node, text=found.text)

    def say(credit: float, message: str, level: str, mistake: str | None = None) -> Judgement:
        outcome = Outcome.CORRECT if credit == 1 else Outcome.PARTIAL if credit else Outcome.INCORRECT
        evidence = {"level": level}
        return Judgement(
            outcome, credit, message, show(found.node), evidence, mistake=mistake, carried=carried
        )

    relation = _relation(asked, asked.want, found)
    if relation == "right":
        if asked.tolerance is None:
            return say(1.0, "The vector is right.", "proved")
        return say(1.0, f"The vector is right within the tolerance ({asked.tolerance.words}).", "supported")
    for a, vector in asked.alternatives:
        if _relation(asked, vector, found) == "right":
            return say(a.credit, f"Right with this convention: {a.convention}.", "supported", "alternative")
    if relation == "length":
        message = "The direction is right; the length is not 1."
        return say(options.unit_credit, message, "refuted", "not normalised")
    if relation == "rounded":
        return say(
            options.rounded_credit, "The right entries with too few digits.", "refuted", "rounded too far"
        )
    for m, vector in asked.mistakes:
        if _relation(asked, vector, found) in ("right", "length", "rounded"):
            return say(m.credit, m.feedback, "refuted", m.id or "known mistake")
    if relation == "sign":
        return say(0.0, "The vector points the other way: every sign is wrong.", "refuted", "sign")
    if len(found) != len(asked.want):
        message = f"The vector has {len(asked.want)} entries; yours has {len(found)}."
        return say(0.0, message, "refuted", "size")
    if options.up_to or options.unit:
        return say(0.0, f"{show(found.node)} is not the right direction.", "refuted")
    wrong = asked.want.wrong(found, asked.tolerance)
    which = f"entry {wrong[0]} is" if len(wrong) == 1 else f"entries {', '.join(map(str, wrong))} are"
    return say(0.0, f"The vector is not right: {which} wrong.", "refuted", "entries")


def _relation(asked: _Asked, want: Vector, have: Vector) -> str:
    """``right``; or right but for its ``length``, its ``sign``, or ``rounded`` too far; else empty."""
    tolerance, up_to = asked.tolerance, asked.options.up_to
    if len(want) != len(have):
        return ""
    turned = want.scaled(Fraction(-1))
    either = up_to in ("sign", "scale")
    rounded = want.rounded_by(have) or (either and turned.rounded_by(have))
    if asked.options.unit or "scale" in up_to:
        k = want.factor(have, tolerance)
        if k is not None:
            if k < 0 and not either:
                return "sign"
            if not asked.options.unit or _is_unit(have, tolerance):
                return "right"
            return "rounded" if rounded else "length"
    elif want.near(have, tolerance) or (either and turned.near(have, tolerance)):
        return "right"
    elif turned.near(have, tolerance):
        return "sign"
    return "rounded" if rounded else ""


def _is_unit(v: Vector, tolerance: Tolerance | None) -> bool:
    square = sum((a.value**2 for a in v.entries), Fraction(0))
    inexact = any(a.irrational for a in v.entries)
    twice = None if tolerance is None else Tolerance(rel=2 * tolerance.rel, abs=2 * tolerance.abs)
    return Amount(Fraction(1), inexact).near(Amount(square, inexact), twice)


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """``expected`` is the reference's vector; the listed mistakes and alternatives are others; no entry
    can be changed unnoticed."""
    asked = _compile(options, question)
    out = []
    for v in getattr(oracle, "values", ()):
        value = vector_of_value(v) if isinstance(v, list) else None
        limit = asked.tolerance or Tolerance(rel=1e-9, abs=1e-12)
        exact = _with(asked, limit)
        if value is None or _relation(exact, asked.want, value) != "right":
            out.append(f"`expected` is {options.expected}, the reference gives {v}")
    out += [
        f"the listed mistake {m.answer} is accepted as right"
        for m, v in asked.mistakes
        if _relation(asked, asked.want, v) == "right"
    ]
    out += [
        f"the alternative {a.expected} is accepted as right already"
        for a, v in asked.alternatives
        if _relation(asked, asked.want, v) == "right"
    ]
    return out + _slips(asked)


def examples(options: Options, question: Question) -> Iterator[Example]:
    """The expected vector, the listed ones, and the vector with one entry changed."""
    asked = _compile(options, question)

    def said(text: str | list[int | float | str]) -> str:
        plain = text if isinstance(text, str) else "[" + ", ".join(str(x) for x in text) + "]"
        return f"$${options.labels[0]} = {plain}$$" if options.labels else f"$${plain}$$"

    yield Example(f"the expected {options.expected}", said(options.expected))
    for a in options.alternatives:
        yield Example(f"the alternative {a.expected}", said(a.expected), None, a.credit, a.convention)
    for m in options.mistakes:
        yield Example(f"the listed mistake {m.answer}", said(m.answer), None, m.credit, m.feedback)
    for k in range(len(asked.want)):
        entries = [a.value + 2 * (i == k) for i, a in enumerate(asked.want.entries)]
        text = "[" + ", ".join(f"\\frac{{{x.numerator}}}{{{x.denominator}}}" for x in entries) + "]"
        yield Example(f"the vector with 2 added to entry {k + 1}", said(text), credit=None)


def _with(asked: _Asked, tolerance: Tolerance) -> _Asked:
    return replace(asked, tolerance=tolerance)


def _slips(asked: _Asked) -> list[str]:
    """One entry with another sign, doubled, or exchanged with its neighbour."""
    entries, out = asked.want.entries, []
    for k, a in enumerate(entries):
        nxt = entries[(k + 1) % len(entries)]
        changed = {
            f"entry {k + 1} with the other sign": {k: Amount(-a.value, a.irrational)},
            f"twice entry {k + 1}": {k: Amount(2 * a.value, a.irrational)},
            f"entries {k + 1} and {(k + 1) % len(entries) + 1} exchanged": {
                k: nxt,
                (k + 1) % len(entries): a,
            },
        }
        for name, new in changed.items():
            slip = Vector(tuple(new.get(i, x) for i, x in enumerate(entries)), asked.want.node)
            if _truly_other(asked, slip) and _relation(asked, asked.want, slip) == "right":
                out.append(f"the wrong answer with {name} is accepted in full")
    return out


def _truly_other(asked: _Asked, slip: Vector) -> bool:
    """Whether a slip is wrong when nothing is rounded."""
    return _relation(_with(asked, Tolerance(rel=1e-12)), asked.want, slip) != "right"
