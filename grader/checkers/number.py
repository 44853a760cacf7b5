"""A number, wherever it stands: under a label, in a box, in a sentence, in a JSON object.

Expressions without symbols (``2\\sqrt2/3``, ``9*64``, ``7.8\\times10^{24}``, ``94.3\\%``) are worked out. A
decimal behind an exact value (``2/3 ≈ 0.667``) is its rounding. Of several numbers the one under one of
the ``labels`` is the answer, else a boxed one, else the one whose sentence holds one of the words ``near``,
else the only one, else the last if a conclusion ("so", "in total") introduces it; otherwise a person looks.
It never searches many numbers for the right one, and does not look at how the number was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import msgspec

from grader.checkers import Check
from grader.checkers._entry import InVector, check_in_vector, entry_in_text, entry_of
from grader.checkers._verify import Example
from grader.errors import RubricError
from grader.maths.authoring import (
    check_credit,
    check_source,
    compiled_keys,
    compiled_tolerance,
    optional_pattern,
)
from grader.maths.claims import Claim, claims_in, pick
from grader.maths.constants import fraction_of
from grader.maths.declared import compile_scope
from grader.maths.numbers import Amount, Stated, amount, is_rounding, put_numbers, stated_number
from grader.maths.parts import Part, part_of
from grader.maths.printing import show
from grader.maths.reading import Reading
from grader.maths.scope import Scope
from grader.maths.sentences import is_sentence
from grader.maths.tree import num
from grader.maths.vectors import vector_of_value
from grader.maths.verdict import Tolerance
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MAX_QUOTE = 600
_NUMBER_WORDS = re.compile(
    r"\b(zero|one|two|three|four|five|six|seven|eight|nine|ten|half|thirds?|quarters?|hundred|thousand|million|unity"
    r"|infinit\w*)\b",
    re.IGNORECASE,
)
_COMMA = re.compile(r"\d\s?(?:\{,\}|,)\s?\d")
UNEXPLAINED = frozenset((None, "sign", "power of ten"))
MAX_SHOWN = 12  # numbers that evidence lists


class Alternative(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another number that counts, under a convention that the message states."""

    expected: int | float | str
    convention: str
    credit: float = 1.0


class KnownMistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrong number that occurs: what to say, and what it still earns."""

    answer: int | float | str
    feedback: str
    credit: float = 0.0
    id: str = ""


class Follow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Error carried forward: with the student's own result of ``criterion`` for ``symbol``, ``expected`` is
    what the answer should be."""

    criterion: str
    symbol: str
    expected: str
    credit: float = 1.0


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``expected``: the number, or text such as "2\\sqrt{2}/3" or "41.3%"; ``tolerance``: ``{rel = 1e-3}``
    or ``{abs = 0.01}``, without it the number is exact; ``labels``: left sides it may stand under;
    ``parts``: its names in a JSON object; ``near``: words (a regular expression) of its sentence;
    ``rounded_credit``: for the right value rounded too far; ``slip_credit``: for a right number that is
    worked out wrongly in its last step; ``in_vector``: a vector that it may be an entry of."""

    expected: int | float | str
    tolerance: dict[str, float] = {}
    labels: list[str] = []
    parts: list[str] = []
    near: str = ""
    alternatives: list[Alternative] = []
    mistakes: list[KnownMistake] = []
    follow: Follow | None = None
    in_vector: InVector | None = None
    rounded_credit: float = 0.5
    slip_credit: float = 0.5


@dataclass(frozen=True)
class _Asked:
    """One criterion, compiled."""

    options: Options
    scope: Scope
    want: Amount
    tolerance: Tolerance | None
    labels: frozenset[str]
    others: frozenset[str]  # labels of the question's other criteria
    near: re.Pattern[str] | None
    alternatives: tuple[tuple[Alternative, Amount], ...]
    mistakes: tuple[tuple[KnownMistake, Amount], ...]
    locale: str
    vector: frozenset[str] = frozenset()  # labels of the vector that it may be an entry of

    @property
    def percent(self) -> bool:
        return isinstance(self.options.expected, str) and "%" in self.options.expected


def build(options: Options, question: Question) -> Check:
    asked = _compile(options, question)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts or options.labels)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        plain = fraction_of(part.value)
        if plain is not None:
            return _judge(asked, Stated(Amount(plain), num(plain), str(part.value)), earlier)
        if part.value is not None and not isinstance(part.value, str | dict):
            found = entry_of(options.in_vector, vector_of_value(part.value))
            return _not_a_number(part) if found is None else _judge(asked, found, earlier)
        text = part.text if part.text.strip() else _printed(answer)
        if not text.strip():
            return Judgement(Outcome.MISSING, 0.0, "Nothing was written for this part.")
        return _find(asked, text, part, earlier)

    return check


def _compile(options: Options, question: Question) -> _Asked:
    for key in ("rounded_credit", "slip_credit"):
        check_credit(getattr(options, key), key)
    alternatives, mistakes = [], []
    for i, a in enumerate(options.alternatives):
        check_credit(a.credit, f"alternatives[{i}].credit")
        alternatives.append((a, amount(a.expected, f"alternatives[{i}].expected")))
    for i, m in enumerate(options.mistakes):
        check_credit(m.credit, f"mistakes[{i}].credit")
        mistakes.append((m, amount(m.answer, f"mistakes[{i}].answer")))
    if options.follow is not None:
        check_credit(options.follow.credit, "follow.credit")
        check_source(options.follow.criterion, [c.id for c in question.criteria])
    labels, others = compiled_keys(options.labels, [c.options for c in question.criteria])
    return _Asked(
        options,
        compile_scope(question.declarations),
        amount(options.expected, "expected"),
        compiled_tolerance(options.tolerance),
        labels,
        others,
        optional_pattern(options.near, "near"),
        tuple(alternatives),
        tuple(mistakes),
        question.locale,
        check_in_vector(options.in_vector),
    )


def _find(asked: _Asked, text: str, part: Part, earlier: Mapping[str, Judgement]) -> Judgement:
    comma = part.decimal_comma(asked.locale)
    out = _find_with(asked, text, part, earlier, comma=comma)
    if comma or out.outcome is Outcome.CORRECT or not _COMMA.search(text):
        return out
    if _find_with(asked, text, part, earlier, comma=True).outcome is not Outcome.CORRECT:
        return out
    message = (
        "With decimal commas this would be right, but the sheet writes decimal points: a person decides."
    )
    return Judgement(Outcome.REVIEW, 0.0, message, out.read_as, {"text": text[:MAX_QUOTE]})


def _find_with(
    asked: _Asked, text: str, part: Part, earlier: Mapping[str, Judgement], *, comma: bool
) -> Judgement:
    claims = claims_in(text, asked.scope, decimal_comma=comma)
    stated = {id(c): s for c in claims if (s := stated_number(c)) is not None}
    usable = [c for c in claims if _may_be_meant(asked, c, stated.get(id(c)))]

    def same(a: Claim, b: Claim) -> bool:
        x, y = stated.get(id(a)), stated.get(id(b))
        return x is not None and y is not None and _same(x, y)

    choice = pick(usable, asked.labels, asked.near, same)
    evidence: dict[str, object] = {"text": text[:MAX_QUOTE], "reference": str(asked.options.expected)}
    if asked.options.in_vector is not None and choice.why not in ("label", "boxed"):
        entry, sure = entry_in_text(asked.options.in_vector, asked.vector, text, asked.scope, comma)
        if entry is not None and (sure or _right(asked, entry)):
            return _judge(asked, entry, earlier)
    if choice.claim is None:
        rest = [c for c in claims if not _is_given(asked, c)]
        return _open(asked, [stated[id(c)] for c in usable if id(c) in stated], rest, text, evidence)
    found = stated.get(id(choice.claim))
    if found is None:
        return _unread(choice.claim)
    if choice.claim.fault is not None:
        message = "The last step of this number could not be read: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, found.text, evidence)
    out = _judge(asked, found, earlier)
    sure = choice.why in ("label", "boxed") or part.named
    pointed = comma and re.search(r"\d\.\d", choice.claim.text)  # computers print 0.5 everywhere
    if (sure and not pointed) or out.outcome is Outcome.CORRECT or out.mistake not in UNEXPLAINED:
        return out
    # wrong, but perhaps not meant
    foreign = bool(asked.labels) and choice.claim.left and choice.why == "only"
    elsewhere = any(_right(asked, s) for c, s in stated.items() if s is not found)
    if pointed or foreign or elsewhere or any(_is_unread(c) for c in claims):
        message = f"{found.shown} stands here and is not right, but may not be meant: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, found.text, evidence)
    return out


def _may_be_meant(asked: _Asked, claim: Claim, stated: Stated | None) -> bool:
    """Not what is given, what another criterion asks for, or a condition such as ∇L = 0."""
    if claim.labels & asked.labels:
        return True
    if stated is None:
        return claim.boxed and not claim.values
    if not claim.left and not claim.boxed and stated.text in ("e", "pi") and not asked.want.irrational:
        return False  # a node of a graph, or a letter in a sentence
    return not _is_given(asked, claim) and not (claim.left and stated.amount.value == 0 != asked.want.value)


def _is_given(asked: _Asked, claim: Claim) -> bool:
    """Whether it gives a declared symbol its value, or another criterion's answer."""
    return bool(claim.labels & asked.others) or any(label in asked.scope.kinds for label in claim.labels)


def _is_unread(claim: Claim) -> bool:
    return not claim.values and claim.fault is not None and any(d.isdigit() for d in claim.text)


def _same(x: Stated, y: Stated) -> bool:
    return x.amount.near(y.amount) or is_rounding(x.text, y.amount) or is_rounding(y.text, x.amount)


def _open(
    asked: _Asked, found: Sequence[Stated], rest: Sequence[Claim], text: str, evidence: Mapping[str, object]
) -> Judgement:
    """No number that is surely meant; ``rest``: what else stands there."""
    unread = [c for c in rest if _is_unread(c)]
    if found:
        numbers = list(dict.fromkeys(s.text for s in found))[:MAX_SHOWN]
        message = "Several numbers stand here and none is marked as the answer: a person looks."
        if len(numbers) == 1:
            message = (
                "A number stands here, but whether it is meant as the answer is not clear: a person looks."
            )
        return Judgement(Outcome.REVIEW, 0.0, message, evidence={**evidence, "numbers": numbers})
    if unread:
        return _unread(unread[-1])
    if is_sentence(text) or _NUMBER_WORDS.search(text):
        message = "No number was found; this part is answered in words: a person reads it."
        return Judgement(Outcome.REVIEW, 0.0, message, evidence=evidence)
    if any(d.isdigit() for c in rest for d in c.text):
        message = "No number stands here by itself: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, evidence=evidence)
    wanted = f" for {asked.options.labels[0]}" if asked.options.labels else ""
    return Judgement(Outcome.MISSING, 0.0, f"No number{wanted} was found in the answer.")


def _unread(claim: Claim) -> Judgement:
    if claim.fault is None:
        message = "The answer is no number: symbols are left in it."
        return Judgement(Outcome.REVIEW, 0.0, message, claim.quote)
    evidence = {"reason": claim.fault.reason, "text": claim.quote}
    return Judgement(
        Outcome.UNREADABLE, 0.0, f"The number could not be read: {claim.fault.clause}", "", evidence
    )


def _not_a_number(part: Part) -> Judgement:
    evidence = {"text": part.text[:MAX_QUOTE]}
    message = "The number could not be read: one number is expected here, not a list or a truth value."
    return Judgement(Outcome.UNREADABLE, 0.0, message, evidence=evidence)


def _printed(answer: Answer) -> str:
    """What the code printed, where nothing else was written."""
    return "\n".join(cell.output for cell in answer.code if cell.output)


def _right(asked: _Asked, found: Stated) -> bool:
    return _near(asked, asked.want, found.amount) or (
        asked.percent and _near(asked, asked.want, Amount(found.amount.value / 100, found.amount.irrational))
    )


def _near(asked: _Asked, want: Amount, have: Amount) -> bool:
    return want.near(have, asked.tolerance)


def _judge(asked: _Asked, found: Stated, earlier: Mapping[str, Judgement]) -> Judgement:
    carried = Reading(found.node, text=found.text)
    read_as = show(found.node)
    options = asked.options

    def say(credit: float, message: str, level: str, mistake: str | None = None) -> Judgement:
        outcome = Outcome.CORRECT if credit == 1 else Outcome.PARTIAL if credit else Outcome.INCORRECT
        return Judgement(
            outcome, credit, message, read_as, {"level": level}, mistake=mistake, carried=carried
        )

    if _right(asked, found):
        if asked.tolerance is None:
            return say(1.0, "The number is right.", "proved")
        return say(1.0, f"The number is right within the tolerance ({asked.tolerance.words}).", "supported")
    for a, value in asked.alternatives:
        if _near(asked, value, found.amount):
            return say(a.credit, f"Right with this convention: {a.convention}.", "supported", "alternative")
    for m, value in asked.mistakes:
        if _near(asked, value, found.amount):
            return say(m.credit, m.feedback, "refuted", m.id or "known mistake")
    followed = _followed(asked, found, earlier)
    if followed is not None and options.follow is not None:
        message = f"Follows correctly from your result for {options.follow.symbol}"
        message += "; the error there is charged only once."
        return say(options.follow.credit, message, "supported", "error carried forward")
    shown = found.shown
    if found.earlier and all(_near(asked, asked.want, a) for a in found.earlier):
        message = f"A number before the last one is right; the last one, {shown}, is not equal to it."
        return say(options.slip_credit, message, "refuted", "slip after the right number")
    if is_rounding(found.text, asked.want):
        message = f"{shown} is the right value with too few digits."
        return say(options.rounded_credit, message, "refuted", "rounded too far")
    hint, mistake = _hint(asked, found.amount)
    return say(0.0, f"{shown} is not the right number.{hint}", "refuted", mistake)


def _hint(asked: _Asked, have: Amount) -> tuple[str, str | None]:
    if _near(asked, asked.want, replace(have, value=-have.value)):
        return " Its sign is the wrong way round.", "sign"
    for k in range(1, 31):
        for power in (k, -k):
            if _near(asked, asked.want, replace(have, value=have.value * Fraction(10) ** power)):
                return " Its digits are right; the decimal point or the power of ten is not.", "power of ten"
    return "", None


def _followed(asked: _Asked, found: Stated, earlier: Mapping[str, Judgement]) -> bool | None:
    """Right with the student's own earlier result put in: the error was charged there."""
    follow = asked.options.follow
    before = earlier.get(follow.criterion) if follow is not None else None
    if follow is None or before is None or before.outcome is Outcome.CORRECT:
        return None
    if not isinstance(before.carried, Reading):
        return None
    try:
        value = put_numbers(follow.expected, follow.symbol, before.carried, asked.scope)
    except RubricError:
        return None
    return True if value is not None and _near(asked, value, found.amount) else None


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """``expected`` is the reference's number; the listed mistakes and alternatives are other numbers."""
    asked = _compile(options, question)
    out = []
    for v in getattr(oracle, "values", ()):
        value = fraction_of(v)
        limit = asked.tolerance or Tolerance(rel=1e-9)
        if value is None or not (Amount(value).near(asked.want, limit)):
            out.append(f"`expected` is {options.expected}, the reference gives {v}")
    for name, texts in (
        ("mistake", [(m.answer, v) for m, v in asked.mistakes]),
        ("alternative", [(a.expected, v) for a, v in asked.alternatives]),
    ):
        out += [
            f"the listed {name} {t} is accepted as right" for t, v in texts if _near(asked, asked.want, v)
        ]
    for m, wrong in asked.mistakes:
        out += [
            f"the listed mistake {m.answer} is the alternative {a.expected}"
            for a, other in asked.alternatives
            if _near(asked, other, wrong)
        ]
    return out + _slips(asked)


def examples(options: Options, question: Question) -> Iterator[Example]:
    """The expected number, the listed ones, and the number with another sign, doubled, in another place."""
    asked = _compile(options, question)

    def said(number: object) -> str:
        text = str(number).replace(".", "{,}") if asked.locale == "decimal-comma" else str(number)
        return f"$${options.labels[0]} = {text}$$" if options.labels else f"$${text}$$"

    yield Example(f"the expected {options.expected}", said(_latex(options.expected)))
    for a in options.alternatives:
        yield Example(f"the alternative {a.expected}", said(_latex(a.expected)), None, a.credit, a.convention)
    for m in options.mistakes:
        yield Example(f"the listed mistake {m.answer}", said(_latex(m.answer)), None, m.credit, m.feedback)
    x = asked.want.value
    for name, v in (
        ("the other sign", -x),
        ("twice it", 2 * x),
        ("ten times it", 10 * x),
        ("one more", x + 1),
    ):
        if not _near(asked, asked.want, Amount(v, asked.want.irrational)):
            text = f"\\frac{{{v.numerator}}}{{{v.denominator}}}"
            yield Example(f"{name} ({v.numerator / v.denominator:.6g})", said(text), credit=None)


def _latex(number: int | float | str) -> str:
    return str(number).replace("%", r"\%") if isinstance(number, str) else repr(number)


def _slips(asked: _Asked) -> list[str]:
    """The commonest slips must lie outside of the tolerance."""
    x = asked.want.value
    slips = {"the sign": -x, "a factor 2": 2 * x, "a factor 1/2": x / 2, "a factor 10": 10 * x}
    close = [name for name, v in slips.items() if v != x and _near(asked, asked.want, Amount(v))]
    words = asked.tolerance.words if asked.tolerance else "none"
    return [f"the tolerance ({words}) accepts {name} too much" for name in close]
