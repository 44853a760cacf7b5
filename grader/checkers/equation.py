"""An equation that describes a set of points: any form with the same solutions, or the points themselves.

``2w_1 + w_2 = 2``, ``w_2 = 2 - 2w_1`` and ``w^T x_1 = 2`` say the same; so do ``(0.8, 0.4) + s(1, -2)``,
``{(s, 2-2s)}`` and ``w_1 = s, w_2 = 2 - 2s`` with a parameter of one letter (two unknowns, one linear
equation). The last equation that holds all the unknowns is the answer, a boxed one before it; a right one
before a wrong last one goes to a person, as does a set with conditions on its parameter. It misses
equations in letters that are neither declared nor listed under ``names``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from grader.checkers import Check
from grader.checkers._follow import Follow, followed
from grader.checkers._listed import Alternative, KnownMistake
from grader.checkers._otherwise import or_taken_back
from grader.checkers._verify import Example
from grader.errors import MathsFault, RubricError, ShapeFault
from grader.maths.authoring import check_credit, check_source
from grader.maths.compare import Comparison, Problem
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.equations import difference_of
from grader.maths.labels import label_of
from grader.maths.mutants import mutants
from grader.maths.parts import part_of
from grader.maths.pointsets import Line, coefficients, lines_in, pieces_of_sets
from grader.maths.printing import show
from grader.maths.reading import Reading, read_member
from grader.maths.scope import Scope
from grader.maths.select import student_scope
from grader.maths.sentences import formulas_apart, is_sentence
from grader.maths.statements import Statement, find_statements
from grader.maths.tree import Node, num
from grader.maths.vectors import vector_of_value
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MAX_QUOTE = 600
MAX_EQUATIONS = 40  # of one answer that are compared
MAX_REPORTED = 5
MAX_SLIPS = 40  # that verify tries

_LIMITED = re.compile(r"(?<![A-Za-z])[a-z]\s?(?:\\geq?|\\leq?|≥|≤|[<>])|\\in\s?\[|∈\s?\[")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``expected``: the equation; ``unknowns``: the declared scalars it is about (default: all that occur),
    in the order of the entries of a point; ``names``: other names for them, ``{ w_1 = ['x'] }``;
    ``accept``: rewrites that ``grade verify`` must see accepted; ``parts``: its names in a JSON object;
    ``follow``: the equation with the student's own earlier result in it."""

    expected: str
    unknowns: list[str] = []
    names: dict[str, list[str]] = {}
    accept: list[str] = []
    parts: list[str] = []
    alternatives: list[Alternative] = []
    mistakes: list[KnownMistake] = []
    follow: Follow | None = None


@dataclass(frozen=True)
class _Asked:
    """One criterion, compiled."""

    options: Options
    scope: Scope
    main: Problem
    unknowns: tuple[str, ...]
    alternatives: tuple[tuple[Alternative, Problem], ...]
    mistakes: tuple[tuple[KnownMistake, Problem], ...]


@dataclass(frozen=True)
class _Found:
    """An equation of the answer, or a line."""

    reading: Reading | None
    line: Line | None
    boxed: bool
    text: str


def build(options: Options, question: Question) -> Check:
    asked = _compile(options, question)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        if not part.text.strip():
            return Judgement(Outcome.MISSING, 0.0, "Nothing was written for this part.")
        text = part.text
        statements = _statements(text, part.decimal_comma(question.locale))
        found = _equations(asked, statements)
        if not found:
            return _nothing(statements, text)
        out = _drawn(_judge(asked, found, statements, text), found)
        if out.outcome in (Outcome.INCORRECT, Outcome.PARTIAL):
            carried = _carried_on(asked, found, question, earlier)
            return out if carried is None else _drawn(carried, found)
        return or_taken_back(out, text)

    return check


def _compile(options: Options, question: Question) -> _Asked:
    declared = dict(question.declarations.symbols)
    for name in [*options.names, *options.unknowns]:
        if name not in declared:
            key = "names" if name in options.names else "unknowns"
            raise RubricError(f"`{key}` names {name!r}; the symbols are {', '.join(declared)}")
    spelled = tuple((name, text) for name, texts in options.names.items() for text in texts)
    declarations = replace(question.declarations, latex=question.declarations.latex + spelled)
    main = _equation(declarations, options.expected, "expected")
    occurring = main.node.names()
    unknowns = tuple(options.unknowns or [n for n in main.scope.kinds if n in occurring])
    alternatives, mistakes = [], []
    for i, a in enumerate(options.alternatives):
        check_credit(a.credit, f"alternatives[{i}].credit")
        alternatives.append((a, _equation(declarations, a.expected, f"alternatives[{i}].expected")))
    for i, m in enumerate(options.mistakes):
        check_credit(m.credit, f"mistakes[{i}].credit")
        mistakes.append((m, _equation(declarations, m.answer, f"mistakes[{i}].answer")))
    if options.follow is not None:
        check_credit(options.follow.credit, "follow.credit")
        check_source(options.follow.criterion, [c.id for c in question.criteria])
        if not (options.follow.symbol and options.follow.expected):
            raise RubricError("`follow` of an equation needs `symbol` and `expected`")
    scope = compile_scope(declarations)
    return _Asked(options, scope, main, unknowns, tuple(alternatives), tuple(mistakes))


def _equation(declarations: Declarations, text: str, key: str) -> Problem:
    try:
        p = Problem(declarations, text, equation=True)
        difference_of(p.node)
    except RubricError as e:
        raise RubricError(f"`{key}`: {e}") from e
    except MathsFault as fault:
        raise RubricError(f"`{key}` is {text!r}: {fault.message}") from fault
    return p


def _statements(text: str, comma: bool) -> list[Statement]:
    return find_statements(formulas_apart(pieces_of_sets(text)), decimal_comma=comma)


def _equations(asked: _Asked, statements: Sequence[Statement]) -> list[_Found]:
    """The equations that hold all the unknowns, and the lines, in order."""
    scope = student_scope(statements, asked.scope)
    out: list[_Found] = []
    for s in statements[:MAX_EQUATIONS]:
        node = _as_equation(s, scope, asked.scope)
        if node is not None and set(asked.unknowns) <= _names(node, scope):
            out.append(_Found(Reading(node, text=s.text, scope=scope), None, s.boxed, s.text))
        lines = lines_in([s], scope, asked.unknowns)
        out += [_Found(None, line, s.boxed, line.text) for line in lines]
    if not out:
        lines = lines_in(statements[:MAX_EQUATIONS], scope, asked.unknowns)
        out += [_Found(None, line, False, line.text) for line in lines]
    return out


def _names(node: Node, scope: Scope) -> set[str]:
    """The declared symbols that occur, also in what an abbreviation stands for."""
    out, todo = set(), list(node.names())
    while todo:
        name = todo.pop()
        if name not in out:
            out.add(name)
            todo += scope.define[name].names() if name in scope.define else ()
    return out


def _as_equation(s: Statement, scope: Scope, declared: Scope) -> Node | None:
    """``A = B`` of a chain ``A = … = B``; A is the first member that can be read and is not B."""
    if s.fault is not None or len(s.members) < 2 or s.unfinished or set(s.relations) - {"=", ":="}:
        return None
    read: list[Node] = []
    for k, m in enumerate(s.members):
        try:
            read.append(read_member(m, scope, infix=not s.latex)[0])
        except MathsFault:
            if k == len(s.members) - 1 and label_of(m) is None:
                return None
    for left in read[:-1]:
        if left.op == "sym" and left.value not in declared.kinds:
            continue  # a name for the whole
        node = Node("eq", (left, read[-1]))
        try:
            difference_of(node)
        except ShapeFault:
            continue
        if left != read[-1]:
            return node
    return None


def _judge(asked: _Asked, found: Sequence[_Found], statements: Sequence[Statement], text: str) -> Judgement:
    boxed = [f for f in found if f.boxed]
    last = (boxed or found)[-1]
    evidence: dict[str, object] = {"text": text[:MAX_QUOTE], "reference": asked.options.expected}
    verdict = _verdict(asked.main, last, asked)
    read_as = show(last.reading.node) if last.reading is not None else last.text
    if last.line is not None and _LIMITED.search(text):
        message = "The parameter of this set seems to be limited: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, read_as, evidence)
    if verdict.equivalent:
        return Judgement(Outcome.CORRECT, 1.0, verdict.message, read_as, dict(verdict.evidence))
    if verdict.verdict in ("undecided", "invalid"):
        message = "Whether this is the expected equation could not be decided by machine: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, read_as, evidence)
    for a, p in asked.alternatives:
        if _verdict(p, last, asked).equivalent:
            message = f"Right with this convention: {a.convention}."
            return _credited(a.credit, message, read_as, {"level": "supported"}, "alternative")
    if any(_verdict(asked.main, f, asked).equivalent for f in found):
        message = "One equation here is right, but the last one is not: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, read_as, evidence)
    for m, p in asked.mistakes:
        if _verdict(p, last, asked).equivalent:
            return _credited(m.credit, m.feedback, read_as, {"level": "refuted"}, m.id or "known mistake")
    if any(s.fault is not None for s in statements):
        message = (
            "The last equation that could be read is not right; others could not be read: a person looks."
        )
        return Judgement(Outcome.REVIEW, 0.0, message, read_as, evidence)
    return Judgement(Outcome.INCORRECT, 0.0, verdict.message, read_as, dict(verdict.evidence))


def _drawn(out: Judgement, found: Sequence[_Found]) -> Judgement:
    """The judgement with the equation that was judged, as LaTeX."""
    node = next((f.reading.node for f in found if f.reading and show(f.reading.node) == out.read_as), None)
    return out if node is None else replace(out, drawn=show(node, "latex"))


def _carried_on(
    asked: _Asked, found: Sequence[_Found], question: Question, earlier: Mapping[str, Judgement]
) -> Judgement | None:
    """What follows correctly from the student's own wrong result."""
    last = ([f for f in found if f.boxed] or found)[-1]
    follow = asked.options.follow
    if follow is None or last.reading is None:
        return None
    verdict = followed(follow, question, asked.scope, [()], last.reading, earlier, equation=True)
    if verdict is None:
        return None
    evidence = {"level": "supported"}
    return _credited(follow.credit, verdict[1], show(last.reading.node), evidence, "error carried forward")


def _credited(
    credit: float, message: str, read_as: str, evidence: Mapping[str, object], mistake: str
) -> Judgement:
    outcome = Outcome.CORRECT if credit == 1 else Outcome.PARTIAL if credit else Outcome.INCORRECT
    return Judgement(outcome, credit, message, read_as, evidence, mistake=mistake)


def _verdict(p: Problem, found: _Found, asked: _Asked) -> Comparison:
    if found.reading is not None:
        return p.judge_reading(found.reading)
    assert found.line is not None
    if len(asked.unknowns) != 2 or not _is_linear(p):
        return Comparison("undecided", "A line for an equation that is not linear.")
    solves = found.line.solves(difference_of(p.node), asked.unknowns)
    if solves is None:
        return Comparison("undecided", "The equation has no value on the line.")
    if solves:
        evidence = {"level": "proved"}
        return Comparison("equivalent", "The line is that of the expected equation.", evidence=evidence)
    evidence = {"level": "refuted"}
    return Comparison(
        "different", "Not every point of the line solves the expected equation.", evidence=evidence
    )


def _is_linear(p: Problem) -> bool:
    """Whether the equation has a line of solutions: one scalar equation of sums and multiples."""
    difference = difference_of(p.node)
    plain = all(n.op in ("add", "neg", "mul", "num", "sym", "div") for n in difference.walk())
    products = all(
        sum(bool(a.names()) for a in n.args) < 2 for n in difference.walk() if n.op in ("mul", "div")
    )
    below = all(not n.args[1].names() for n in difference.walk() if n.op == "div")
    return difference.shape is None and plain and products and below


def _nothing(statements: Sequence[Statement], text: str) -> Judgement:
    broken = next((s for s in statements if s.fault is not None), None)
    if broken is not None and broken.fault is not None:
        message = f"The equation could not be read: {broken.fault.clause}"
        return Judgement(Outcome.UNREADABLE, 0.0, message, broken.text[:200])
    if is_sentence(text) or re.search(r"[\d=]", text):
        message = "No equation in the unknowns was recognised: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, evidence={"text": text[:MAX_QUOTE]})
    return Judgement(Outcome.MISSING, 0.0, "No equation was found in the answer.")


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """Rewrites are accepted; mistakes, alternatives and slips made on purpose are not."""
    asked = _compile(options, question)
    out = _against(asked, oracle)
    for text in options.accept:
        found = _equations(asked, _statements(text, False))
        verdict = _verdict(asked.main, found[-1], asked) if found else None
        if verdict is None or not verdict.equivalent:
            why = verdict.message if verdict is not None else "No equation was found in it."
            out.append(f"the listed rewrite {text!r} is not accepted: {why}")
    for name, listed in (
        ("mistake", [(m.answer, p) for m, p in asked.mistakes]),
        ("alternative", [(a.expected, p) for a, p in asked.alternatives]),
    ):
        for text, p in listed:
            if asked.main.judge_reading(Reading(p.node, scope=p.scope)).equivalent:
                out.append(f"the listed {name} {text!r} is accepted as right")
    return out + _slips(asked)


def examples(options: Options, question: Question) -> Iterator[Example]:
    """The expected equation, its rewrites, the listed ones, and slips in one side."""
    asked = _compile(options, question)
    yield Example(f"the expected {options.expected!r}", f"$${options.expected}$$")
    for text in options.accept:
        yield Example(f"the listed rewrite {text!r}", text)
    for a in options.alternatives:
        yield Example(f"the alternative {a.expected!r}", f"$${a.expected}$$", None, a.credit, a.convention)
    for m in options.mistakes:
        yield Example(f"the listed mistake {m.answer!r}", f"$${m.answer}$$", None, m.credit, m.feedback)
    left, right = asked.main.node.args
    moved = Node("eq", (left, Node("add", (right, num(1)), None, None, right.shape)))
    others = [("one more", moved)] if right.shape is None else []
    for name, node in itertools.chain(others, itertools.islice(mutants(asked.main.node), MAX_SLIPS)):
        if not asked.main.judge_reading(Reading(node, scope=asked.main.scope)).equivalent:
            yield Example(f"the wrong answer {show(node)} (slip: {name})", show(node), credit=None)


def _against(asked: _Asked, oracle: object) -> list[str]:
    """A reference gives a linear equation as its factors and right side: [2, 1, 2] is 2 w_1 + w_2 = 2."""
    have = coefficients(difference_of(asked.main.node), asked.unknowns) if _is_linear(asked.main) else None
    out = []
    for value in getattr(oracle, "values", ()):
        vector = vector_of_value(value)
        want = [a.value for a in vector.entries] if vector is not None else []
        if have is None or len(want) != len(have):
            out.append(
                f"the reference gives {value}; {len(asked.unknowns) + 1} numbers are expected for a line"
            )
            continue
        if any(
            a * d != b * c for a, b in zip(have, want, strict=True) for c, d in zip(have, want, strict=True)
        ):
            out.append(f"`expected` is {asked.options.expected}, the reference gives {value}")
    return out


def _slips(asked: _Asked) -> list[str]:
    """Slips of one side that are accepted although the line's points do not solve them."""
    out: list[str] = []
    for name, node in mutants(asked.main.node):
        reading = Reading(node, scope=asked.main.scope)
        if not asked.main.judge_reading(reading).equivalent:
            continue
        for k in (1, 2, 3):  # at values chosen apart from the comparison's
            if _separated(asked, node, k):
                out.append(f"the wrong answer {show(node)} (slip: {name}) is accepted in full")
                break
        if len(out) == MAX_REPORTED:
            break
    return out


def _separated(asked: _Asked, node: Node, k: int) -> bool:
    """Whether the point of the expected equation at one more value does not solve ``node``."""
    line = next(iter(lines_in(find_statements(asked.options.expected), asked.scope, asked.unknowns)), None)
    return line is not None and line.solves(difference_of(node), asked.unknowns) is False
