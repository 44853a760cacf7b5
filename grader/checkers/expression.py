"""A formula: scalar, vector or matrix, compared with the expected one by its mathematics.

Which of the answer's formulas is meant: the one under one of the ``labels`` (the last, if there are
several), else a boxed one, else the last. Catches every answer of another value or shape, with a
counterexample. A right line followed by a wrong last line earns ``slip_credit``. Vectors squared and
missing transposes between columns are read as what they stand for and cost ``1 − notation_credit``. It
misses a right formula under a label that the rubric does not list: that is shown to the student.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from grader.checkers import Check
from grader.errors import MathsFault, RubricError
from grader.maths.compare import Comparison, Problem, Tolerance, problem
from grader.maths.declared import compile_scope
from grader.maths.known import known_mistake
from grader.maths.labels import label_key
from grader.maths.parts import part_of
from grader.maths.printing import show
from grader.maths.reading import Reading
from grader.maths.scope import Kind, Scope
from grader.maths.select import Candidate, in_sentences, labelled, student_scope, unlabelled
from grader.maths.sentences import formulas_apart, is_sentence
from grader.maths.statements import Statement, find_statements
from grader.maths.tree import Node
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MAX_QUOTE = 600


class Alternative(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another form that counts, under a convention that the message states."""

    expected: str
    convention: str
    credit: float = 1.0


class KnownMistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrong answer that occurs: what to say, and what it still earns."""

    answer: str
    feedback: str
    credit: float = 0.0
    id: str = ""


class Follow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Error carried forward from the student's own result of ``criterion``. Either that result is put for
    ``symbol`` and the expected answer is ``expected``; or, with ``root``, the answer is right if the
    result vanishes where the answer is put for the symbol ``root``."""

    criterion: str
    symbol: str = ""
    expected: str = ""
    root: str = ""
    credit: float = 1.0


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``expected``: the formula, possibly with its label; ``labels``: left sides it may stand under;
    ``accept``: rewrites that ``grade verify`` must see accepted; ``parts``: its names in a JSON object;
    ``not_using``: names that may not be left in the result; ``tolerance``: ``{rel = 1e-3}``."""

    expected: str
    labels: list[str] = []
    accept: list[str] = []
    alternatives: list[Alternative] = []
    mistakes: list[KnownMistake] = []
    follow: Follow | None = None
    parts: list[str] = []
    not_using: list[str] = []
    accept_transpose: bool = False
    tolerance: dict[str, float] = {}
    notation_credit: float = 0.9
    slip_credit: float = 0.5


@dataclass(frozen=True)
class _Judge:
    """One criterion, compiled."""

    options: Options
    question: Question
    scope: Scope
    main: Problem
    labels: frozenset[str]
    others: frozenset[str]  # labels of the question's other formulas
    alternatives: tuple[tuple[Alternative, Problem], ...]
    mistakes: tuple[tuple[KnownMistake, Problem], ...]


def build(options: Options, question: Question) -> Check:
    judge = _compile(options, question)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts or options.labels)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        comma = question.locale == "decimal-comma"
        statements = find_statements(formulas_apart(part.text), decimal_comma=comma)
        scope = student_scope(statements, judge.scope, judge.labels)
        chains = _candidates(judge, statements, scope, named=part.named)
        if not chains:
            said = _said_in_words(judge, in_sentences(statements, scope), part.text)
            return said or _nothing(judge, statements)
        return _judge(judge, chains, scope, earlier)

    return check


def _compile(options: Options, question: Question) -> _Judge:
    follow = options.follow
    if follow is not None and bool(follow.root) == bool(follow.symbol and follow.expected):
        raise RubricError(f"{question.place}: `follow` needs either `root`, or `symbol` and `expected`")

    def compiled(text: str, what: str) -> Problem:
        try:
            return problem(question.declarations, text, tolerance, options.accept_transpose)
        except RubricError as e:
            raise RubricError(f"{question.place}: {what}: {e}") from e

    def sampled(p: Problem) -> Problem:
        try:
            p.sampled()
        except RubricError as e:
            raise RubricError(f"{question.place}: {e}") from e
        return p

    tolerance = Tolerance(**options.tolerance) if options.tolerance else None
    labels = frozenset(label_key(text) for text in options.labels)
    others: set[str] = set()
    for c in question.criteria:
        others |= {label_key(t) for t in c.options.get("labels", []) if isinstance(t, str)}
    return _Judge(
        options,
        question,
        compile_scope(question.declarations),
        sampled(compiled(options.expected, "`expected`")),
        labels,
        frozenset(others - labels),
        tuple((a, compiled(a.expected, "`alternatives`")) for a in options.alternatives),
        tuple((m, known_mistake(question.declarations, m.answer, tolerance)) for m in options.mistakes),
    )


def _candidates(
    judge: _Judge, statements: Sequence[Statement], scope: Scope, *, named: bool
) -> list[list[Candidate]]:
    """The chains that may hold the answer, the most likely first."""
    found = labelled(statements, scope, judge.labels)
    if found:
        return found
    free = unlabelled(statements, scope, frozenset() if named else judge.others)
    if named or not judge.others or len(free) <= 1:
        return free

    # several formulas without labels for several parts: order says nothing, the mathematics does
    def right(chain: list[Candidate]) -> bool:
        return any(c.reading is not None and judge.main.judge_reading(c.reading).equivalent for c in chain)

    def fits(chain: list[Candidate]) -> bool:
        return any(c.reading is not None and c.reading.node.shape == judge.main.node.shape for c in chain)

    return sorted(free, key=lambda chain: (not right(chain), not fits(chain)))


def _said_in_words(judge: _Judge, inline: Sequence[Candidate], text: str) -> Judgement | None:
    """An answer without an equation: a formula inside a sentence counts if it is the right one or a known
    mistake; otherwise a sentence is for a person."""
    for c in inline:
        if c.reading is None:
            continue
        v = judge.main.judge_reading(c.reading)
        if v.equivalent:
            return _right(judge, c, v)
        known = _known(judge, c.reading, v)
        if known is not None:
            return known
    if is_sentence(text) and (inline or not any(ch in text for ch in "=\\")):
        evidence = {"text": text[:MAX_QUOTE]}
        return Judgement(
            Outcome.REVIEW, 0.0, "This part is answered in words: a person reads it.", evidence=evidence
        )
    return None


def _nothing(judge: _Judge, statements: Sequence[Statement]) -> Judgement:
    wanted = judge.options.labels[0] if judge.options.labels else "this part"
    broken = next((s for s in statements if s.fault is not None), None)
    if broken is not None and broken.fault is not None:
        return Judgement(
            Outcome.UNREADABLE,
            0.0,
            f"The mathematics could not be read: {broken.fault.message}.",
            broken.text[:200],
        )
    return Judgement(Outcome.MISSING, 0.0, f"No formula for {wanted} was found in the answer.")


def _judge(
    judge: _Judge, chains: list[list[Candidate]], scope: Scope, earlier: Mapping[str, Judgement]
) -> Judgement:
    chain = chains[0]
    last = chain[0]
    verdicts = [
        (c, judge.main.judge_reading(c.reading)) for ch in chains for c in ch if c.reading is not None
    ]
    final = next((v for c, v in verdicts if c is last), None)
    if final is not None and final.equivalent:
        assert last.reading is not None
        if _unevaluated(last):
            message = "The derivative is written down but not carried out."
            return Judgement(
                Outcome.INCORRECT,
                0.0,
                message,
                final.read_as,
                {"level": "refuted"},
                mistake="not carried out",
            )
        return _right(judge, last, final)
    right = next(((c, v) for c, v in verdicts if v.equivalent and not _unevaluated(c)), None)
    if last.reading is None:
        if right is not None and _same_label(chains, right[0]):
            out = _right(judge, *right)
            note = f"a later line could not be read ({last.fault.message if last.fault else ''})"
            return replace(out, message=f"{out.message} {note[:1].upper()}{note[1:]}.")
        return _faulty(judge, last)
    assert final is not None
    if final.verdict == "undecided":
        return Judgement(Outcome.REVIEW, 0.0, final.message, final.read_as, dict(final.evidence))
    for alternative, p in judge.alternatives:
        v = p.judge_reading(last.reading)
        if v.equivalent:
            return _credited(
                alternative.credit,
                f"Right under this convention: {alternative.convention}.",
                final,
                v,
                carried=last.reading,
            )
    follow = _followed(judge, last.reading, earlier)
    if follow is not None:
        return follow
    if right is not None and _same_label(chains, right[0]):
        c, v = right
        line = show(c.reading.node) if c.reading else ""
        message = f"A line of yours is right ({line}), the last one is not. {final.message}"
        return _credited(
            judge.options.slip_credit,
            message,
            final,
            final,
            mistake="slip after the right line",
            carried=c.reading,
        )
    known = _known(judge, last.reading, final)
    if known is not None:
        return known
    if final.verdict == "invalid":
        return Judgement(
            Outcome.UNREADABLE, 0.0, f"Your answer could not be judged: {final.message}", final.read_as
        )
    return _credited(0.0, final.message, final, final, mistake=final.mistake, carried=last.reading)


def _unevaluated(c: Candidate) -> bool:
    """A derivative that is only written down says what is asked for; it is no answer."""
    return c.reading is not None and any(n.op == "deriv" for n in c.reading.node.walk())


def _known(judge: _Judge, reading: Reading, final: Comparison) -> Judgement | None:
    for mistake, p in judge.mistakes:
        if p.judge_reading(reading).equivalent:
            name = mistake.id or "known mistake"
            return _credited(mistake.credit, mistake.feedback, final, final, mistake=name, carried=reading)
    return None


def _same_label(chains: list[list[Candidate]], c: Candidate) -> bool:
    """Whether a right formula stands in a chain that states this result."""
    return any(c in chain for chain in chains)


def _right(judge: _Judge, c: Candidate, v: Comparison) -> Judgement:
    assert c.reading is not None
    forbidden = sorted(c.reading.node.names() & set(judge.options.not_using))
    notes = list(c.reading.notes)
    if forbidden:
        return Judgement(
            Outcome.PARTIAL,
            judge.options.slip_credit,
            f"Right, but {', '.join(forbidden)} should be replaced by what it stands for.",
            v.read_as,
            dict(v.evidence),
            mistake="not substituted",
            carried=c.reading,
        )
    if notes:
        credit = judge.options.notation_credit
        message = f"{v.message} Notation: {'; '.join(notes)}."
        outcome = Outcome.CORRECT if credit == 1 else Outcome.PARTIAL
        return Judgement(
            outcome, credit, message, v.read_as, dict(v.evidence), mistake="notation", carried=c.reading
        )
    return Judgement(Outcome.CORRECT, 1.0, v.message, v.read_as, dict(v.evidence), carried=c.reading)


def _faulty(judge: _Judge, c: Candidate) -> Judgement:
    """A formula that cannot be read, or whose matrices do not fit."""
    fault = c.fault
    assert fault is not None
    message = fault.sentence
    evidence: dict[str, Any] = {"reason": fault.reason, "text": c.text[:200]}
    if fault.reason == "shape":
        evidence["level"] = "refuted"
        return Judgement(
            Outcome.INCORRECT, 0.0, f"The shapes do not fit: {message}", "", evidence, mistake="shape"
        )
    if fault.reason == "empty":
        return Judgement(Outcome.MISSING, 0.0, message)
    return Judgement(Outcome.UNREADABLE, 0.0, f"Your formula could not be read: {message}", "", evidence)


def _followed(judge: _Judge, reading: Reading, earlier: Mapping[str, Judgement]) -> Judgement | None:
    """Right with the student's own earlier result put in: the error was charged there."""
    follow = judge.options.follow
    if follow is None:
        return None
    before = earlier.get(follow.criterion)
    if before is None or not isinstance(before.carried, Reading) or before.outcome is Outcome.CORRECT:
        return None
    own = before.carried
    base = own.scope or judge.scope
    try:
        if follow.root:
            v = _at_root(judge, follow.root, own, reading, base)
        else:
            p = Problem(
                judge.question.declarations,
                follow.expected,
                scope=base.extended(follow.symbol, own.node, _kind(own.node)),
            )
            v = p.judge_reading(reading)
    except (MathsFault, RubricError):
        return None
    if v is None or not v.equivalent:
        return None
    what = f"your {follow.criterion}" if follow.root else f"your result for {follow.symbol}"
    message = f"Follows correctly from {what}; the error there is charged only once."
    return _credited(follow.credit, message, v, v, mistake="error carried forward", carried=reading)


def _at_root(judge: _Judge, root: str, own: Reading, answer: Reading, base: Scope) -> Comparison | None:
    """How the student's own result, with the answer put for ``root``, compares with 0."""
    if answer.node.shape is not None or own.node.shape is not None:
        return None
    if root not in own.node.names() or root in answer.node.names():
        return None
    if _vanishes(judge, own, base).equivalent:
        return None  # then every answer would be a root
    scope = (answer.scope or base).extended(root, answer.node, _kind(answer.node))
    return _vanishes(judge, own, scope)


def _vanishes(judge: _Judge, own: Reading, scope: Scope) -> Comparison:
    return Problem(judge.question.declarations, "0", scope=scope).judge_reading(replace(own, scope=scope))


def _kind(node: Node) -> Kind:
    return Kind("scalar") if node.shape is None else Kind("matrix", node.shape)


def _credited(
    credit: float,
    message: str,
    final: Comparison,
    v: Comparison,
    *,
    mistake: str | None = None,
    carried: Reading | None = None,
) -> Judgement:
    outcome = Outcome.CORRECT if credit == 1 else Outcome.PARTIAL if credit else Outcome.INCORRECT
    return Judgement(
        outcome, credit, message, final.read_as, dict(v.evidence), mistake=mistake, carried=carried
    )


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """``expected`` has the reference's value; rewrites are accepted; mistakes are not."""
    from grader.maths.oracle import disagreements

    judge = _compile(options, question)
    out = disagreements(judge.main, oracle)
    for text in options.accept:
        v = judge.main.judge(text, lenient=True)
        if not v.equivalent:
            out.append(f"the listed rewrite {text!r} is not accepted: {v.message}")
    for m, p in judge.mistakes:
        if judge.main.judge_reading(Reading(p.node, scope=p.scope)).equivalent:
            out.append(f"the listed mistake {m.answer!r} is accepted as right")
    for a, p in judge.alternatives:
        if judge.main.judge_reading(Reading(p.node, scope=p.scope)).equivalent:
            out.append(f"the alternative {a.expected!r} is equal to `expected`; list it under `accept`")
    return out
