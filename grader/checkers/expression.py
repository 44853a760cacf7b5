"""A formula: scalar, vector or matrix, compared with the expected one by its mathematics.

Which of the answer's formulas is meant: the one under one of the ``labels`` (the last, if there are
several), else a boxed one, else the last. Catches every answer of another value or shape, with a
counterexample. A right line followed by a wrong last line earns ``slip_credit``. Vectors squared and
missing transposes between columns are read as what they stand for and cost ``1 − notation_credit``. It
misses a right formula under a label that the rubric does not list: that is shown to the student.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from grader.checkers import Check
from grader.checkers._called import Called, called_otherwise, check_called
from grader.checkers._doubted import with_doubts
from grader.checkers._follow import CARRIED, Follow, check_follow, followed, follows
from grader.checkers._included import Whole, compiled_whole, included
from grader.checkers._keyed import credited, keyed
from grader.checkers._listed import Alternative, KnownMistake, all_labels, check_listed, foreign_labels
from grader.checkers._otherwise import no_formula, no_formula_with, or_offered, or_unsolved, unread
from grader.checkers._placed import placed
from grader.checkers._verify import Example
from grader.errors import RubricError
from grader.maths.authoring import (
    check_credit,
    compiled_formula,
    compiled_labels,
    compiled_mistake,
    compiled_tolerance,
)
from grader.maths.carried import inlined
from grader.maths.compare import Comparison, Problem
from grader.maths.conventions import Setting, compiled_under, declared_under, kept_up, settle, settled_before
from grader.maths.declared import compile_scope
from grader.maths.mutation import agrees, slips
from grader.maths.oracle import disagreements
from grader.maths.parts import part_of
from grader.maths.printing import show
from grader.maths.reading import Reading
from grader.maths.scope import Scope
from grader.maths.select import (
    Candidate,
    defined_beside,
    in_sentences,
    labelled,
    labelled_beside,
    student_scope,
    under_own_name,
    unlabelled,
)
from grader.maths.sentences import formulas_apart, is_sentence
from grader.maths.statements import Statement, find_statements, outside_dollars
from grader.maths.tree import Node
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MAX_QUOTE = 600
MAX_CANDIDATES = 40  # formulas of one answer that are compared


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``expected``: the formula, possibly with its label; ``labels``: left sides it may stand under;
    ``accept``: rewrites that ``grade verify`` must see accepted; ``parts``: its names in a JSON object;
    ``not_using``: names that may not be left in the result; ``using``: names by which its formula is told
    from others under the same label; ``included_in``: a later formula that contains this one, and earns its
    points where only that is given; ``called``: the words it and another part of the question are told apart
    by; ``tolerance``: ``{rel = 1e-3}``."""

    expected: str
    labels: list[str] = []
    accept: list[str] = []
    alternatives: list[Alternative] = []
    mistakes: list[KnownMistake] = []
    follow: Follow | None = None
    parts: list[str] = []
    called: Called | None = None
    not_using: list[str] = []
    using: list[str] = []
    included_in: str = ""
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
    under: tuple[tuple[Setting, Problem], ...]  # the expected formula under every convention
    labels: frozenset[str]
    others: frozenset[str]  # labels of the question's other formulas
    foreign: frozenset[str]  # labels of earlier questions that are none here
    alternatives: tuple[tuple[Alternative, Problem], ...]
    mistakes: tuple[tuple[KnownMistake, Problem], ...]
    whole: Whole | None

    @property
    def main(self) -> Problem:
        """The expected formula under the sheet's own conventions."""
        return self.under[0][1]

    @property
    def around(self) -> tuple[Node, frozenset[str], frozenset[str]]:
        return self.main.node, self.labels, self.foreign

    @property
    def vector(self) -> bool:
        return self.main.node.shape is not None


def build(options: Options, question: Question) -> Check:
    judge = _compile(options, question)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts or options.labels)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        comma = part.decimal_comma(question.locale)
        statements = find_statements(formulas := formulas_apart(part.text), decimal_comma=comma)
        beside = [s for text in part.beside for s in find_statements(text, decimal_comma=comma)]
        bare = outside_dollars(part.text, comma)
        beside = [*defined_beside(bare, judge.scope), *beside]
        scope = student_scope([*beside, *statements], judge.scope, judge.labels)
        if not part.named and (inside := included(judge.whole, statements, scope, judge.labels)):
            return inside
        chains = _candidates(judge, statements, scope, part.named, formulas == part.text)
        if not labelled(statements, scope, judge.labels):
            chains = labelled_beside(bare, [*beside, *statements], judge.scope, judge.labels) or chains
        if options.using and chains and not part.named:
            chains = [c for c in chains if _uses(c, options.using)]
            if not chains:
                return no_formula_with(options.using, part.text)
        if not chains:
            inline = in_sentences(statements, scope, column=judge.vector)
            inline += under_own_name(statements, scope, judge.scope, judge.others, column=judge.vector)
            inline = [with_doubts(c, statements, scope, *judge.around) for c in inline]
            out = _said_in_words(judge, inline, part.text, earlier) or no_formula(
                judge.options.labels, statements
            )
        else:
            out = or_offered(_judge(judge, chains, statements, scope, earlier), part.text, chains)
            if options.called and not part.named:
                out = called_otherwise(options.called, out, chains[0][0].statement, statements)
        return keyed(judge.main, or_unsolved(out, judge.main, statements, scope, options.slip_credit))

    return check


def _compile(options: Options, question: Question) -> _Judge:
    declarations = question.declarations
    tolerance = compiled_tolerance(options.tolerance)
    for key in ("notation_credit", "slip_credit"):
        check_credit(getattr(options, key), key)
    check_listed(options.alternatives, options.mistakes)
    check_called(options.called)
    labels, choices = compiled_labels(options.labels, "labels"), question.choices

    def formula(text: str, key: str) -> tuple[tuple[Setting, Problem], ...]:
        row = options.accept_transpose
        read = partial(compiled_formula, text=text, key=key, tolerance=tolerance, accept_transpose=row)
        return compiled_under(declarations, choices, text, key, read)

    under = formula(options.expected, "expected")
    alternatives = tuple(
        (a, p)
        for i, a in enumerate(options.alternatives)
        for _, p in formula(a.expected, f"alternatives[{i}].expected")
    )
    mistakes = tuple(
        (m, p)
        for i, m in enumerate(options.mistakes)
        for _, p in compiled_under(
            declarations,
            choices,
            m.answer,
            f"mistakes[{i}].answer",
            partial(compiled_mistake, text=m.answer, key=f"mistakes[{i}].answer", tolerance=tolerance),
        )
    )
    scope = compile_scope(declarations)
    names = [*scope.kinds, *([options.follow.symbol] if options.follow and options.follow.symbol else [])]
    for key, given in (("not_using", options.not_using), ("using", options.using)):
        for name in given:
            if name not in names:
                raise RubricError(f"`{key}` names {name!r}; the names are {', '.join(names)}")
    check_follow(options.follow, question, under[0][1], scope, under[0][0])
    others, whole = all_labels(question) - labels, compiled_whole(options.included_in, question)
    foreign = foreign_labels(question)
    return _Judge(options, question, scope, under, labels, others, foreign, alternatives, mistakes, whole)


def _candidates(
    judge: _Judge, statements: Sequence[Statement], scope: Scope, named: bool, whole: bool
) -> list[list[Candidate]]:
    """The chains that may hold the answer, the most likely first; ``whole``: only formulas were said."""
    found = labelled(statements, scope, judge.labels, column=judge.vector)
    if found:
        return found
    taken = judge.labels if named else judge.labels | judge.others
    free = unlabelled(statements, scope, taken, whole=whole, column=judge.vector)
    if named or not judge.others or len(free) <= 1:
        return free

    # several formulas without labels for several parts: order says nothing, the mathematics does
    def right(chain: list[Candidate]) -> bool:
        return any(_agrees(judge, c) for c in chain)

    def fits(chain: list[Candidate]) -> bool:
        return any(c.reading is not None and c.reading.node.shape == judge.main.node.shape for c in chain)

    return sorted(free, key=lambda chain: (not right(chain), not fits(chain)))


def _uses(chain: Sequence[Candidate], names: Sequence[str]) -> bool:
    return any(c.reading is not None and c.reading.node.names() >= set(names) for c in chain)


def _said_in_words(
    judge: _Judge, inline: Sequence[Candidate], text: str, earlier: Mapping[str, Judgement]
) -> Judgement | None:
    """An answer without an equation, or with one for a name of the student's own (``grad = …``): a formula
    counts if it is the right one or a known mistake; otherwise a person looks at it."""
    for c in inline:
        if c.reading is None:
            continue
        setting, v = _compared(judge, c.reading, earlier)
        if v.equivalent:
            return _right(judge, c, v, setting, earlier)
        if v.verdict == "undecided":
            return Judgement(Outcome.REVIEW, 0.0, v.message, v.read_as)
        known = _known(judge, c.reading, v, earlier)
        if known is not None:
            return known
    named = [c.reading.node for c in inline if c.reading is not None and len(c.statement.members) > 1]
    own = [show(node)[:80] for node in named if node.shape == judge.main.node.shape]
    if own or (is_sentence(text) and (inline or not any(ch in text for ch in "=\\"))):
        message = "This part is answered in words: a person reads it."
        message = f"{own[0]} stands under a name that was not asked for: a person looks." if own else message
        return Judgement(Outcome.REVIEW, 0.0, message, evidence={"text": text[:MAX_QUOTE]})
    return None


def _judge(
    judge: _Judge,
    chains: list[list[Candidate]],
    statements: Sequence[Statement],
    scope: Scope,
    earlier: Mapping[str, Judgement],
) -> Judgement:
    last = with_doubts(chains[0][0], statements, scope, *judge.around)
    setting: Setting = ()
    final = None
    if last.reading is not None:
        setting, final = _compared(judge, last.reading, earlier)
    if final is not None and final.equivalent:
        assert last.reading is not None
        if _unevaluated(last):
            message = "The derivative is written down but not carried out."
            refuted = Comparison("different", message, evidence={"level": "refuted"})
            return credited(0.0, message, final, refuted, mistake="not carried out")
        return _right(judge, last, final, setting, earlier)
    right = _earlier_right(judge, chains, last)
    if last.reading is None:
        if right is not None and last.fault is not None:
            setting, verdict = _compared(judge, _read(right), earlier)
            if last.fault.reason == "shape":  # read, and wrong
                return _slip(judge, right, verdict, last.fault.sentence)
            out = _right(judge, right, verdict, setting, earlier)
            return replace(out, message=f"{out.message} A later line could not be read: {last.fault.clause}")
        return unread(judge.main, last)
    assert final is not None
    if final.reason == "internal":
        raise RuntimeError(final.message)  # ours: the engine reports an error that costs nobody marks
    if final.verdict == "undecided":
        return Judgement(Outcome.REVIEW, 0.0, final.message, final.read_as, dict(final.evidence))
    for alternative, p in judge.alternatives:
        v = p.judge_reading(last.reading)
        if v.equivalent:
            return credited(
                alternative.credit,
                f"Right under this convention: {alternative.convention}.",
                final,
                v,
                carried=last.reading,
            )
    settings = [s for s, _ in judge.under]
    given = (judge.question, judge.scope, settings, last.reading, earlier)
    follow = followed(judge.options.follow, *given, accept_transpose=judge.options.accept_transpose)
    if follow is not None and judge.options.follow is not None:
        v, message = follow
        return credited(judge.options.follow.credit, message, final, v, mistake=CARRIED, carried=last.reading)
    if right is not None:
        return _slip(judge, right, final, final.message)
    known = _known(judge, last.reading, final, earlier)
    if known is not None:
        return known
    if final.verdict == "invalid":
        return Judgement(
            Outcome.UNREADABLE, 0.0, f"Your answer could not be judged: {final.message}", final.read_as
        )
    out = credited(0.0, final.message, final, final, mistake=final.mistake, carried=last.reading)
    return placed((p for _, p in judge.under), out, last.reading)


def _slip(judge: _Judge, right: Candidate, v: Comparison, why: str) -> Judgement:
    """A right line, and a wrong one after it."""
    message = f"A line of yours is right ({show(_read(right).node)}), the last one is not. {why}"
    name = "slip after the right line"
    return credited(judge.options.slip_credit, message, v, v, mistake=name, carried=right.reading)


def _unevaluated(c: Candidate) -> bool:
    """A derivative that is only written down says what is asked for; it is no answer."""
    return c.reading is not None and any(n.op == "deriv" for n in c.reading.node.walk())


def _known(
    judge: _Judge, reading: Reading, final: Comparison, earlier: Mapping[str, Judgement]
) -> Judgement | None:
    """A mistake the rubric lists, made with the right results before it or with the student's own."""
    follow, question = judge.options.follow, judge.question
    for mistake, p in judge.mistakes:
        if agrees(p, reading) or follows(follow, question, judge.scope, mistake.answer, reading, earlier):
            name = mistake.id or "known mistake"
            out = credited(mistake.credit, mistake.feedback, final, final, mistake=name, carried=reading)
            return placed((p for _, p in judge.under), out, reading)
    return None


def _earlier_right(judge: _Judge, chains: list[list[Candidate]], last: Candidate) -> Candidate | None:
    """A right formula that stands before the last one."""
    candidates = [c for chain in chains for c in chain if c is not last][:MAX_CANDIDATES]
    return next((c for c in candidates if not _unevaluated(c) and _agrees(judge, c)), None)


def _agrees(judge: _Judge, c: Candidate) -> bool:
    """Whether it is right, under whatever convention."""
    return c.reading is not None and any(agrees(p, c.reading) for _, p in judge.under)


def _compared(
    judge: _Judge, reading: Reading, earlier: Mapping[str, Judgement]
) -> tuple[Setting, Comparison]:
    """The verdict under the convention that the answer follows: the sheet's own or one of the others, first
    those that the student settled before; without a match the verdict under the sheet's own."""
    settled = settled_before(judge.question.choices, earlier)
    own, first = judge.under[0][0], judge.main.judge_reading(reading)
    if len(judge.under) == 1 or (first.equivalent and kept_up(judge.question.choices, own, settled)):
        return own, first
    rest = sorted(judge.under[1:], key=lambda u: not kept_up(judge.question.choices, u[0], settled))
    for setting, p in rest:
        if first.equivalent and not kept_up(judge.question.choices, setting, settled):
            break
        if agrees(p, reading):
            return setting, p.judge_reading(reading)
    return own, first


def _read(c: Candidate) -> Reading:
    assert c.reading is not None
    return c.reading


def _right(
    judge: _Judge, c: Candidate, v: Comparison, setting: Setting, earlier: Mapping[str, Judgement]
) -> Judgement:
    """Right, possibly with a convention to name, a notation to mend or a name left in it."""
    reading, choices = _read(c), judge.question.choices
    forbidden = sorted(reading.node.names() & set(judge.options.not_using))
    convention = settle(choices, setting, settled_before(choices, earlier))
    credit, mistake = convention.credit, "mixed conventions" if convention.mixed else None
    said = [v.message, *convention.sentences]
    if credit < 1:  # first what is charged
        said = [*convention.sentences, "With that, the formula is right."]
    message = " ".join(said)
    evidence = dict(v.evidence)
    if convention.settled:
        evidence["conventions"] = dict(convention.settled)
    if forbidden:
        credit *= judge.options.slip_credit
        mistake = "not substituted"
        message = f"Right, but {', '.join(forbidden)} should be replaced by what it stands for."
    elif reading.notes:
        credit *= judge.options.notation_credit
        mistake = "notation"
        message = f"{message} Notation: {'; '.join(reading.notes)}."
    outcome = Outcome.CORRECT if credit == 1 else Outcome.PARTIAL if credit else Outcome.INCORRECT
    return Judgement(
        outcome,
        credit,
        message,
        v.read_as,
        evidence,
        mistake=mistake,
        carried=reading,
        settled=convention.settled,
        same=f"as expected {setting}",
    )


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """``expected`` has the reference's value; what is listed as another answer is another one."""
    judge = _compile(options, question)
    out = disagreements(judge.main, oracle)
    for m, p in judge.mistakes:
        if agrees(judge.main, Reading(p.node, scope=p.scope)):
            out.append(f"the listed mistake {m.answer!r} is accepted as right")
    for a, p in judge.alternatives:
        if agrees(judge.main, Reading(p.node, scope=p.scope)):
            out.append(f"the alternative {a.expected!r} is equal to `expected`; list it under `accept`")
    return out


def examples(options: Options, question: Question) -> Iterator[Example]:
    """The expected formula in two spellings, its rewrites, alternatives, mistakes and slips."""
    judge = _compile(options, question)
    names = [c.symbol for c in question.choices]

    def said(p: Problem, text: str = "") -> str:
        text = text or show(inlined(p.node, p.scope, names))
        return text if "=" in text or not options.labels else f"{options.labels[0]} = {text}"

    if not judge.under[0][0]:  # with a convention's symbol in it, it is no answer
        yield Example("the expected answer", said(judge.main, options.expected))
    yield Example("the expected answer as it is read back", said(judge.main))
    for text in options.accept:
        yield Example(f"the listed rewrite {text!r}", said(judge.main, text))
    for setting, p in judge.under[1:]:
        s = settle(question.choices, setting, {})
        if not agrees(judge.main, Reading(p.node, scope=p.scope)):
            yield Example(f"the answer under {dict(s.settled)}", said(p), credit=s.credit, way=True)
    for a, p in judge.alternatives:
        yield Example(f"the alternative {a.expected!r}", said(p), credit=a.credit, says=a.convention)
    for m, p in judge.mistakes:
        yield Example(f"the listed mistake {m.answer!r}", said(p), credit=m.credit, says=m.feedback)
    others = [p for _, p in judge.under[1:]] + [p for a, p in judge.alternatives if a.credit == 1]
    own = declared_under(question.declarations, question.choices, judge.under[0][0])
    for name, node in slips(judge.main, own, lambda r: any(agrees(p, r) for p in others)):
        text = show(inlined(node, judge.main.scope, names))
        yield Example(f"the wrong answer {text} (slip: {name})", said(judge.main, text), credit=None)
