"""A proof: its steps are looked for by their mathematics, anywhere in the answer and in any order.

A step is a formula (``up_to_factor``: or a multiple of it) or a relation: an equation or inequality in any
arrangement, multiplied by whatever cannot be zero; a strict inequality also states the weak one. All steps of
one of the ``routes`` found, and nothing known to be wrong: full credit. Else a person gets what was found,
where, what was not, and the points the found shares would come to. It does not see whether one step follows
from another, nor steps that are only said in words: those a person adds. ``decides``: what is not found
costs its share.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from grader.checkers import Check
from grader.checkers._verify import Example
from grader.errors import RubricError
from grader.maths.assertions import Relation, Stated, is_relation, relation, stated_relations
from grader.maths.authoring import check_credit, compiled_formula, compiled_labels, compiled_mistake
from grader.maths.compare import Problem
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.labels import label_of
from grader.maths.mutation import agrees, slips
from grader.maths.parts import part_of
from grader.maths.printing import show
from grader.maths.ratio import constant_ratio
from grader.maths.reading import Reading
from grader.maths.scope import Scope
from grader.maths.select import all_members, student_scope
from grader.maths.sentences import formulas_apart
from grader.maths.statements import find_statements
from grader.maths.tree import Node
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MIN_WORDS = 3  # without a formula, fewer are no argument
MAX_QUOTE = 600
MAX_LINE = 200
_UNSTATED = re.compile(  # what is still to be shown, or denied
    r"\b(?:to|we|must|should|will|shall|can|us)\s+(?:now\s+)?(?:show|prove)\b[^.]*$|\b(?:claim|goal|want)\b[^.]*$"
    r"|\b(?:not|never|instead of|rather than|unlike)\s*$",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"[\d$\\=<>≤≥]")
MAX_SLIPS = 12  # of one step that verify tries


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``what``: the step in words; ``expected``: any one of these formulas or relations; ``share`` of the
    criterion's points, in proportion; ``hint``: for the person who looks; ``up_to_factor``: a formula may
    be multiplied by a nonzero scalar; ``in_sums``: a term of a sum will do, as in w − η∇L."""

    what: str
    expected: list[str]
    share: float = 1.0
    hint: str = ""
    up_to_factor: bool = False
    in_sums: bool = False


class Wrong(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrong step that occurs: what to say, and the share of all points that it costs."""

    expected: str
    feedback: str
    cost: float = 0.0


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``steps``: the usual way; ``routes``: other ways, each a list of steps; ``wrong``: known wrong steps;
    ``not_labels``: left sides of what is only recalled, such as the result that is to be shown;
    ``decides``: shares are earned without a person; ``parts``: its names in a JSON object."""

    steps: list[Step]
    routes: list[list[Step]] = []
    wrong: list[Wrong] = []
    not_labels: list[str] = []
    decides: bool = False
    parts: list[str] = []


@dataclass(frozen=True)
class _Step:
    step: Step
    wanted: tuple[Problem | Relation, ...]


@dataclass(frozen=True)
class _Asked:
    """One criterion, compiled."""

    options: Options
    scope: Scope
    routes: tuple[tuple[_Step, ...], ...]
    wrong: tuple[tuple[Wrong, Problem | Relation], ...]
    quoted: frozenset[str]


@dataclass(frozen=True)
class _Text:
    """All that an answer states."""

    members: Sequence[tuple[str, Reading]]
    terms: Sequence[tuple[str, Reading]]
    relations: Sequence[Stated]
    unread: bool


def build(options: Options, question: Question) -> Check:
    asked = _compile(options, question)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        text = part.text.strip()
        if not text and not answer.code:
            return Judgement(Outcome.MISSING, 0.0, "Nothing was written for this part.")
        read = _read(asked, text, part.decimal_comma(question.locale))
        if not (answer.code or _FORMULA.search(text)) and _is_short(text):
            return Judgement(Outcome.MISSING, 0.0, "The answer gives no argument.", evidence={"text": text})
        return _judge(asked, read, text)

    return check


def _compile(options: Options, question: Question) -> _Asked:
    if not options.steps:
        raise RubricError("`steps` is empty; list at least one step")
    declarations = question.declarations
    routes = [_route(declarations, options.steps, "steps")]
    for i, steps in enumerate(options.routes):
        if not steps:
            raise RubricError(f"`routes[{i}]` is empty; list at least one step")
        routes.append(_route(declarations, steps, f"routes[{i}]"))
    wrong = []
    for i, w in enumerate(options.wrong):
        check_credit(w.cost, f"wrong[{i}].cost")
        wrong.append((w, _target(declarations, w.expected, f"wrong[{i}].expected", wrong=True)))
    quoted = compiled_labels(options.not_labels, "not_labels")
    return _Asked(options, compile_scope(declarations), tuple(routes), tuple(wrong), quoted)


def _route(declarations: Declarations, steps: Sequence[Step], key: str) -> tuple[_Step, ...]:
    out = []
    for i, step in enumerate(steps):
        if not step.expected:
            raise RubricError(f"`{key}[{i}].expected` is empty; list at least one formula or relation")
        if step.share < 0:
            raise RubricError(f"`{key}[{i}].share` is {step.share:g}; a share is not negative")
        wanted = [
            _target(declarations, text, f"{key}[{i}].expected[{k}]") for k, text in enumerate(step.expected)
        ]
        out.append(_Step(step, tuple(wanted)))
    if not any(s.step.share for s in out):
        raise RubricError(f"`{key}`: all shares are 0; give at least one step a `share`")
    return tuple(out)


def _target(declarations: Declarations, text: str, key: str, *, wrong: bool = False) -> Problem | Relation:
    if is_relation(text):
        return relation(declarations, text, key, wrong=wrong)
    p = (compiled_mistake if wrong else compiled_formula)(declarations, text, key)
    if not _is_result(p.node):
        raise RubricError(f"`{key}` is {text!r}, which proves nothing by itself; write what it is equal to")
    return p


def _is_result(node: Node) -> bool:
    """A number, a name or a derivative that is only written down is not a result."""
    return node.op not in ("num", "sym", "order", "list") and all(n.op != "deriv" for n in node.walk())


def _is_short(text: str) -> bool:
    return len(re.findall(r"[^\W\d_]+", text)) < MIN_WORDS


def _read(asked: _Asked, text: str, comma: bool) -> _Text:
    statements = [
        s
        for s in find_statements(formulas_apart(text), decimal_comma=comma)
        if not (asked.quoted and s.members and label_of(s.members[0]) in asked.quoted)
        and not _UNSTATED.search(s.words)
    ]
    scope = student_scope(statements, asked.scope)
    unread = any(s.fault is not None for s in statements)
    members = [(s.text[:MAX_LINE], Reading(node, scope=scope)) for s, node in all_members(statements, scope)]
    members = [(line, r) for line, r in members if _is_result(r.node)]
    terms = [
        (line, Reading(term, scope=scope))
        for line, r in members
        if r.node.op == "add"
        for term in r.node.args
    ]
    return _Text(members, terms, list(stated_relations(statements, scope)), unread)


def _lines(wanted: Problem | Relation, step: Step | None, text: _Text) -> Iterator[tuple[int, str]]:
    """Where what is wanted stands: its place among all that is stated, and the line."""
    if isinstance(wanted, Relation):
        first = len(text.members) + len(text.terms)
        for k, s in enumerate(text.relations):
            if wanted.stated_by(s):
                yield first + k, s.line[:MAX_LINE]
        return
    places = [*text.members, *(text.terms if step is not None and step.in_sums else ())]
    factor = step is not None and step.up_to_factor
    for k, (line, reading) in enumerate(places):
        if agrees(wanted, reading) or (factor and constant_ratio(wanted, reading)):
            yield k, line


def _found(route: Sequence[_Step], text: _Text) -> dict[int, str]:
    """The steps that stand in the answer, each at a place of its own: Pythagoras is orthogonality written
    out, and one line is not both."""
    places = [[p for w in s.wanted for p in _lines(w, s.step, text)] for s in route]
    taken: dict[int, int] = {}  # place → step
    lines = {place: line for found in places for place, line in found}

    def settle(step: int, tried: set[int]) -> bool:
        for place, _ in places[step]:
            if place not in tried:
                tried.add(place)
                if place not in taken or settle(taken[place], tried):
                    taken[place] = step
                    return True
        return False

    for k in range(len(route)):
        settle(k, set())
    return {k: lines[place] for place, k in sorted(taken.items(), key=lambda item: item[1])}


def _judge(asked: _Asked, read: _Text, text: str) -> Judgement:
    options = asked.options
    found = [_found(route, read) for route in asked.routes]
    shares = [_share(route, lines) for route, lines in zip(asked.routes, found, strict=True)]
    best = max(range(len(shares)), key=lambda k: (shares[k], -k))
    route, lines = asked.routes[best], found[best]
    wrong = [
        (w, place[1]) for w, p in asked.wrong if (place := next(_lines(p, None, read), None)) is not None
    ]
    evidence: dict[str, object] = {
        "level": "supported",
        "found": [f"{route[k].step.what}: {line}" for k, line in lines.items()],
    }
    said = "".join(f" {w.feedback}" for w, _ in wrong)
    names = "; ".join(route[k].step.what for k in lines)
    if len(lines) == len(route) and not wrong:
        return Judgement(Outcome.CORRECT, 1.0, f"Every step was found: {names}.", evidence=evidence)
    missing = [s.step for k, s in enumerate(route) if k not in lines]
    if missing:
        evidence["not found"] = [s.what for s in missing]
        hints = [s.hint for s in missing if s.hint]
        if hints:
            evidence["hint"] = "; ".join(hints)
    if wrong:
        evidence["wrong"] = [line for _, line in wrong]
    suggested = max(0.0, round(shares[best] - sum(w.cost for w, _ in wrong), 4))
    counted = f"{len(lines)} of {len(route)} steps were found by machine"
    if options.decides and not (missing and read.unread):
        outcome = Outcome.CORRECT if suggested == 1 else Outcome.PARTIAL if suggested else Outcome.INCORRECT
        mistake = "known wrong step" if wrong else None
        return Judgement(outcome, suggested, f"{counted}.{said}", "", evidence, mistake=mistake)
    evidence["suggested"] = suggested
    evidence["text"] = text[:MAX_QUOTE]
    return Judgement(Outcome.REVIEW, 0.0, f"{counted}: a person looks.{said}", evidence=evidence)


def _share(route: Sequence[_Step], lines: Mapping[int, str]) -> float:
    total = sum(s.step.share for s in route)
    return sum(route[k].step.share for k in lines) / total


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """Every step is found where it stands as it is written; no known wrong step is taken for a right one."""
    asked = _compile(options, question)
    out: list[str] = []
    steps = [s for route in asked.routes for s in route]
    for w, p in asked.wrong:
        text = _read(asked, _written(w.expected), False)
        if not any(_lines(p, None, text)):
            out.append(f"the wrong step {w.expected!r} is not recognised where it stands as it is written")
        for s in steps:
            if _found([s], text) and not s.step.in_sums:  # a term of a wrong sum may be right
                out.append(f"the wrong step {w.expected!r} is accepted for {s.step.what!r}")
    for s in steps:
        for wanted, expected in zip(s.wanted, s.step.expected, strict=True):
            if not any(_lines(wanted, s.step, _read(asked, _written(expected), False))):
                out.append(f"the step {expected!r} is not found where it stands as it is written")
    return list(dict.fromkeys(out))


def examples(options: Options, question: Question) -> Iterator[Example]:
    """Each route as it is written, without one of its steps, and with a slip in one of them."""
    asked = _compile(options, question)
    for number, route in enumerate(asked.routes):
        name = f"route {number + 1}" if number else "the proof"
        texts = [s.step.expected[0] for s in route]
        yield Example(f"{name} as it is written", _all(texts))
        others = [r for k, r in enumerate(asked.routes) if k != number]
        for k, s in enumerate(route):
            rest = [*texts[:k], *texts[k + 1 :]]
            read = _read(asked, _all(rest), False)
            if len(_found(route, read)) < len(route) and not any(
                len(_found(r, read)) == len(r) for r in others
            ):
                yield Example(f"{name} without {s.step.what!r}", _all(rest), credit=None)
                for slip, text in _slips(s, question.declarations):
                    what = f"{name} with {text} (slip: {slip})"
                    yield Example(what, _all([*texts[:k], text, *texts[k + 1 :]]), credit=None)


def _all(texts: Sequence[str]) -> str:
    return "\n\n".join(_written(t) for t in texts) or "It is so."


def _written(text: str) -> str:
    return text if "$" in text else f"$${text}$$"


def _slips(s: _Step, declarations: Declarations) -> Iterator[tuple[str, str]]:
    """Wrong versions of a step's first formula or relation."""
    wanted = s.wanted[0]
    if isinstance(wanted, Relation):
        p, behind = wanted.difference, f" {wanted.sign} 0"
        if p.node.op != "add":
            return  # a factor of the whole does not matter
    else:
        p, behind = wanted, ""
    formulas = [q for q in s.wanted if isinstance(q, Problem)]

    def accepted(reading: Reading) -> bool:
        # another expected formula, or the same up to a factor, is meant to be accepted
        places = [reading]
        if s.step.in_sums and reading.node.op == "add":
            places += [Reading(term, scope=reading.scope) for term in reading.node.args]
        factor = s.step.up_to_factor or bool(behind)
        return any(agrees(q, r) for q in formulas for r in places) or (
            factor and any(constant_ratio(p, r) for r in places)
        )

    for name, node in itertools.islice(slips(p, declarations, accepted), MAX_SLIPS):
        yield name, show(node) + behind
