"""A step of the answer's derivation: a result, reached by lines of which each follows from the one before.

Every line is checked against the one before it (docs/derivations.md). The step is earned where a line
equals one of ``reaches`` and no false line leads to it. The first false line costs its points once: a step
before it is earned, and one after it that follows from the wrong line is carried forward where an earlier
criterion of this kind was charged. A right result after a false line, or with no line that leads to it,
goes to a person unless the rubric says what it earns; so does a step that was not found, and whatever could
not be read: that is never counted against anybody. It misses steps in words, and what stands after the
step. The question has to say what is ``given`` between its names: only then can a line be called false.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from grader.checkers import Check
from grader.checkers._listed import KnownMistake, check_listed
from grader.checkers._placed import placed
from grader.checkers._reaches import Solved, Target, behind_order, compiled_target, formulas, reached
from grader.checkers._verify import Example
from grader.errors import RubricError
from grader.maths.assertions import Relation
from grader.maths.authoring import check_credit, compiled_labels, compiled_mistake
from grader.maths.compare import Problem
from grader.maths.declared import compile_scope
from grader.maths.derivation import Step
from grader.maths.marked import Mark, is_condition, trace
from grader.maths.mutation import agrees, slips
from grader.maths.oracle import disagreements
from grader.maths.parts import part_of
from grader.maths.printing import show
from grader.maths.reading import Reading
from grader.maths.select import all_members, student_scope
from grader.maths.sentences import formulas_apart
from grader.maths.statements import find_statements
from grader.maths.tree import num
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MIN_WORDS = 4  # without a formula, fewer are a verdict ("Yes."), and no step on the way to it
MAX_QUOTE = 600
MAX_LINE = 200
MAX_WHY = 400  # of what is wrong with a line: a point at which it fails may be large

NO_FIT = "This does not fit together: "
NOT_READ = " Lines that could not be read are not counted against you."
NOT_FOUND = "The step that this part asks for was not found"
NOT_REACHED = "The lines that were checked hold, but they do not lead to what this part asks for"
ELSEWHERE = " An error before it was charged where it was made."
CARRIED = "Carried forward: it follows from a line before, where the error was charged."
PERSON = " A person looks."


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``reaches``: any one of these: a formula; ``η = 2``, a value under a name; any other equation, in any
    arrangement and up to a nonzero factor (``A = 0``: a derivative set to zero); ``what``: the step in words,
    told once it is found; ``labels``: left sides that its line may stand under, by which a wrong result is
    known, and one that is carried forward. Shares: ``carried`` of a step that follows from an error charged
    before; ``recovered`` of a right result after a false line of its own, ``stated`` of one that no line
    leads to (without them a person looks); ``slip_credit`` of a step that a false line spoils.
    ``otherwise``: what becomes of a step that is not there although every line was read; ``after``: criteria
    of this question, of other kinds, that stand for earlier steps: where they lost points, false lines were
    charged; ``mistakes``: wrong
    results that occur; ``examples`` and ``reject``: derivations that ``grade verify`` must see earn full
    points, and not; ``hint``: for the person who looks; ``parts``: its names in a JSON object."""

    reaches: list[str]
    what: str
    examples: list[str]
    labels: list[str] = []
    carried: float = 1.0
    recovered: float | None = None
    stated: float | None = None
    slip_credit: float = 0.0
    otherwise: Literal["review", "incorrect"] = "review"
    after: list[str] = []
    mistakes: list[KnownMistake] = []
    reject: list[str] = []
    hint: str = ""
    parts: list[str] = []


@dataclass(frozen=True, slots=True)
class Charged:
    """The false lines of an answer that a criterion of this kind lost points for, or before it."""

    lines: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Asked:
    """One criterion, compiled."""

    options: Options
    question: Question
    wanted: tuple[Target, ...]
    labels: frozenset[str]
    mistakes: tuple[tuple[KnownMistake, Problem], ...]


@dataclass(frozen=True)
class _Seen:
    """One answer: its steps with their marks, and what was charged before."""

    steps: Sequence[Step]
    marks: Sequence[Mark]
    charged: frozenset[str]
    named: bool  # the whole text is about this step
    text: str

    def own(self, i: int) -> list[int]:
        """The false lines that lead to a line, or are it, and were not charged before."""
        false = {*self.marks[i].passed, *self.marks[i].wrong}
        if self.steps[i].status == "fails" and self.marks[i].word != "unread":
            false.add(i)
        return sorted(f for f in false if self.steps[f].text not in self.charged)

    def after(self, i: int) -> list[int]:
        """The lines that were held against this one."""
        return [s.index for s in self.steps if s.before is not None and s.before.index == i and i in s.uses]

    def begins(self, i: int) -> bool:
        """Whether a line is what a chain without a label begins with: nothing that was come to."""
        s = self.steps[i]
        begins = s.status == "holds" and not s.checked and not is_condition(s)
        return (
            begins and not s.label and not all(behind_order(self.steps[j], self.text) for j in self.after(i))
        )

    def spoils(self, i: int) -> list[int]:
        """The false lines that go on from one that was only written down."""
        if self.steps[i].checked or is_condition(self.steps[i]):
            return []
        return [j for j in self.after(i) if j in self.own(j)]

    def unread(self, end: int) -> bool:
        return any(m.word == "unread" for m in self.marks[:end])


def build(options: Options, question: Question) -> Check:
    asked = _compile(options, question)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        text = part.text.strip()
        if not text:
            return Judgement(Outcome.MISSING, 0.0, "Nothing was written for this part.")
        comma = part.decimal_comma(question.locale)
        found = trace(text, question.declarations, question.given or (), decimal_comma=comma)
        if not found.read and len(re.findall(r"\w+", text)) < MIN_WORDS:
            return Judgement(Outcome.MISSING, 0.0, "The answer gives no derivation.")
        charged = _charged(options, earlier, found.steps)
        return _judge(asked, _Seen(found.steps, found.marks, charged, part.named, text))

    return check


def _charged(options: Options, earlier: Mapping[str, Judgement], steps: Sequence[Step]) -> frozenset[str]:
    lines = [j.carried.lines for k, j in earlier.items() if "/" not in k and isinstance(j.carried, Charged)]
    lost = (Outcome.INCORRECT, Outcome.PARTIAL)
    if any(k in earlier and earlier[k].outcome in lost for k in options.after):
        lines.append(frozenset(s.text for s in steps if s.status == "fails"))
    return frozenset().union(*lines)


def _compile(options: Options, question: Question) -> _Asked:
    if question.given is None:
        raise RubricError(
            "the question does not say what is `given` between its names, so that no line can be called "
            "false; write `given = []` in the question if nothing is, or the equations that hold"
        )
    if not options.reaches:
        raise RubricError("`reaches` is empty; list at least one formula or equation")
    for key in ("carried", "recovered", "stated", "slip_credit"):
        value = getattr(options, key)
        if value is not None:
            check_credit(value, key)
    ids = [c.id for c in question.criteria]
    for k in options.after:
        if k not in ids:
            raise RubricError(f"`after` holds {k!r}; the criteria of this question are {', '.join(ids)}")
    wanted = tuple(
        compiled_target(question.declarations, text, f"reaches[{i}]")
        for i, text in enumerate(options.reaches)
    )
    aliases = compile_scope(question.declarations).aliases
    labels = compiled_labels(options.labels, "labels")
    labels |= {w.label for w in wanted if isinstance(w, Solved)}
    check_listed((), options.mistakes)
    mistakes = tuple(
        (m, compiled_mistake(question.declarations, m.answer, f"mistakes[{i}].answer"))
        for i, m in enumerate(options.mistakes)
    )
    return _Asked(options, question, wanted, labels | {aliases.get(k, k) for k in labels}, mistakes)


# ---- one answer


def _judge(asked: _Asked, seen: _Seen) -> Judgement:
    right = [
        i
        for i, s in enumerate(seen.steps)
        if not seen.begins(i) and any(reached(w, s, seen.text) for w in asked.wanted)
    ]
    sound = [i for i in right if not seen.own(i) and not seen.spoils(i)]
    led_to = [i for i in sound if _led_to(asked, seen, i)]
    if led_to:
        return _reached(asked, seen, led_to[0])
    if sound:
        said = f"Stated, without a line that leads to it: {asked.options.what}."
        return _shared(asked, seen, sound[0], asked.options.stated, said)
    if right:
        said = f"Right: {asked.options.what}. But a line does not hold: {_false(seen, right[0])}"
        return _shared(asked, seen, right[0], asked.options.recovered, said, charge=True)
    stated = _said(asked, seen)
    if stated is not None:
        return stated
    end = _place(asked, seen)
    own = end is not None and bool(seen.own(end))
    if end is not None and not own and (seen.marks[end].wrong or seen.marks[end].passed):
        share = asked.options.carried
        return _judgement(asked, seen, end, _outcome(share), share, CARRIED)
    known = _known(asked, seen)
    if known is not None:
        return known
    if end is None:
        return _absent(asked, seen)
    s = seen.steps[end]
    if not own and s.status == "fails" and s.before is None:  # its label says which shapes are meant
        misfit = f"The shapes do not fit: {s.message.removeprefix(NO_FIT)}"
        found = _judgement(asked, seen, end, Outcome.INCORRECT, 0.0, misfit)
        return replace(found, mistake="shape", carried=Charged(seen.charged | {s.text}))
    return _spoiled(asked, seen, end) if own else _open(asked, seen, NOT_REACHED, end)


def _known(asked: _Asked, seen: _Seen) -> Judgement | None:
    """A wrong result that the rubric knows, and says what it earns."""
    for mistake, p in asked.mistakes:
        for i, s in enumerate(seen.steps):
            if not seen.begins(i) and reached(p, s, seen.text):
                outcome = Outcome.PARTIAL if mistake.credit else Outcome.INCORRECT
                found = _judgement(asked, seen, i, outcome, mistake.credit, mistake.feedback, charge=True)
                found = replace(found, mistake=mistake.id or "known mistake")
                if s.reading is None or s.reading.node is None:
                    return found
                right = [w for w in asked.wanted if isinstance(w, Problem)]
                return placed(right, found, Reading(s.reading.node, scope=s.reading.scope))
    return None


def _said(asked: _Asked, seen: _Seen) -> Judgement | None:
    """A result that stands in a sentence by itself; where a line is false, a person sees to it."""
    plain = [w for w in asked.wanted if isinstance(w, Problem)]
    if not plain or any(s.status == "fails" and s.text not in seen.charged for s in seen.steps):
        return None
    statements = find_statements(formulas_apart(seen.text))
    scope = student_scope(statements, compile_scope(asked.question.declarations))
    for s, node in all_members(statements, scope):
        if len(s.members) == 1 and any(agrees(w, Reading(node, scope=scope)) for w in plain):
            message = f"Stated, without a line that leads to it: {asked.options.what}."
            share = asked.options.stated
            outcome = Outcome.REVIEW if share is None else _outcome(share)
            message += PERSON if share is None else ""
            evidence = {"line": _cut(s.text)} | ({"hint": asked.options.hint} if share is None else {})
            return Judgement(
                outcome, share or 0.0, message, show(node), evidence, carried=Charged(seen.charged)
            )
    return None


def _led_to(asked: _Asked, seen: _Seen, i: int) -> bool:
    """Whether lines lead to a line: it was held against one; of a condition, one side goes on from others."""
    s = seen.steps[i]
    return s.checked or (
        is_condition(s) and any(seen.steps[j].checked or seen.steps[j].label for j in seen.marks[i].on)
    )


def _place(asked: _Asked, seen: _Seen) -> int | None:
    """The line that stands where the step should: the last under its label; an equation set to zero."""
    under = [s.index for s in seen.steps if s.label and s.label in asked.labels]
    if under and not any(isinstance(w, Relation) for w in asked.wanted):
        return under[-1]
    if any(isinstance(w, Relation) for w in asked.wanted):
        zero = [s.index for s in seen.steps if s.reading and s.reading.node == num(0)]
        zero = [i for i in zero if is_condition(seen.steps[i]) and seen.marks[i].on]
        return zero[-1] if zero else None
    return len(seen.steps) - 1 if seen.named and seen.steps else None


def _reached(asked: _Asked, seen: _Seen, i: int) -> Judgement:
    message = f"Reached by lines that hold: {asked.options.what}."
    if seen.marks[i].passed or seen.marks[i].wrong:
        message = f"Reached: {asked.options.what}.{ELSEWHERE}"
    if seen.unread(i):
        message += NOT_READ
    return _judgement(asked, seen, i, Outcome.CORRECT, 1.0, message)


def _shared(
    asked: _Asked, seen: _Seen, i: int, share: float | None, said: str, *, charge: bool = False
) -> Judgement:
    """A right result that the rubric may give a share to; without one a person looks."""
    if share is None:
        return _judgement(asked, seen, i, Outcome.REVIEW, 0.0, said + PERSON, charge=charge)
    return _judgement(asked, seen, i, _outcome(share), share, said, charge=charge)


def _spoiled(asked: _Asked, seen: _Seen, i: int) -> Judgement:
    share = asked.options.slip_credit
    message = f"The first line that does not hold: {_false(seen, i)}"
    outcome = Outcome.PARTIAL if share else Outcome.INCORRECT
    return _judgement(asked, seen, i, outcome, share, message, charge=True)


def _absent(asked: _Asked, seen: _Seen) -> Judgement:
    """No line stands where the step should. Without labels the whole derivation is asked for."""
    false = [
        s.index
        for s, m in zip(seen.steps, seen.marks, strict=True)
        if m.word == "fails" and s.text not in seen.charged
    ]
    if false and not asked.labels and not seen.unread(len(seen.steps)):
        return _spoiled(asked, seen, false[0])
    return _open(asked, seen, NOT_FOUND, len(seen.steps))


def _open(asked: _Asked, seen: _Seen, message: str, end: int) -> Judgement:
    """Nothing false, and not what is asked for."""
    options = asked.options
    charged = Charged(seen.charged)
    if options.otherwise == "incorrect" and not seen.unread(end) and not seen.charged:
        return Judgement(Outcome.INCORRECT, 0.0, f"{message}.", carried=charged)
    evidence = {"text": seen.text[:MAX_QUOTE], "reference": options.what}
    if options.hint:
        evidence["hint"] = options.hint
    return Judgement(Outcome.REVIEW, 0.0, f"{message}: a person looks.", evidence=evidence, carried=charged)


def _false(seen: _Seen, i: int) -> str:
    s = seen.steps[[*seen.own(i), *seen.spoils(i)][0]]
    return f"“{_cut(s.text)}”. {_cut(s.message.replace('member', 'line'), MAX_WHY)}"


def _judgement(
    asked: _Asked,
    seen: _Seen,
    i: int,
    outcome: Outcome,
    share: float,
    message: str,
    *,
    charge: bool = False,
) -> Judgement:
    s = seen.steps[i]
    own = [*seen.own(i), *seen.spoils(i)]
    evidence: dict[str, object] = {"line": _cut(s.text)}
    mistake = None
    if charge and own:
        false = seen.steps[own[0]]
        evidence |= {"level": "refuted", "first false line": _cut(false.text)}
        if false.evidence and "counterexample" in false.evidence:
            evidence["counterexample"] = dict(false.evidence["counterexample"])
        mistake = false.mistake
    if outcome is Outcome.REVIEW and asked.options.hint:
        evidence["hint"] = asked.options.hint
    lines = seen.charged | ({seen.steps[f].text for f in own} if charge else set())
    node = s.reading.node if s.reading is not None else None
    read_as, drawn = (show(node), show(node, "latex")) if node is not None else ("", "")
    return Judgement(outcome, share, message, read_as, evidence, mistake, carried=Charged(lines), drawn=drawn)


def _outcome(share: float) -> Outcome:
    return Outcome.CORRECT if share == 1 else Outcome.PARTIAL if share else Outcome.INCORRECT


def _cut(text: str, most: int = MAX_LINE) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


# ---- for grade verify


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """The first formula has the reference's value; there is an example."""
    asked = _compile(options, question)
    out = [] if options.examples else ["`examples` is empty; list a derivation that has to be accepted"]
    for m, p in asked.mistakes:
        reading = Reading(p.node, scope=p.scope)
        if any(agrees(w, reading) for w in formulas(asked.wanted)):
            out.append(f"the listed mistake {m.answer!r} is accepted as right")
    first = next(iter(formulas(asked.wanted)), None)
    return out + (disagreements(first, oracle) if first is not None and oracle is not None else [])


def examples(options: Options, question: Question) -> Iterator[Example]:
    """The author's derivations; every formula in two spellings; lines that hold but lead elsewhere."""
    asked = _compile(options, question)
    for text in options.examples:
        yield Example(f"the example {text!r}", text)
    for text in options.reject:
        yield Example(f"the derivation {text!r} under `reject`", text, credit=None)
    label = f"{options.labels[0]} = " if options.labels else ""
    if isinstance(asked.wanted[0], Solved):
        label = options.reaches[0].partition("=")[0] + "= "
    for m in options.mistakes:
        text = f"{label}{m.answer} = {m.answer}"
        yield Example(f"the listed mistake {m.answer!r}", text, None, m.credit, m.feedback)
    wanted = formulas(asked.wanted)

    def accepted(reading: Reading) -> bool:
        return any(agrees(w, reading) for w in wanted)

    for p in wanted:
        yield Example(f"{p.text!r}, rewritten", f"{label}{show(p.node)} = {p.text}")
        for name, node in slips(p, question.declarations, accepted):
            text = show(node)
            yield Example(
                f"lines that hold and lead to {text} (slip: {name})", f"{label}{text} = {text}", credit=None
            )
