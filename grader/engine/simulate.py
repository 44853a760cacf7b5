"""A class that never was: submissions whose right grade is known, to measure the grader with.

What a simulated student may write is what the rubric itself knows (every kind's ``examples``: right
answers, rewrites, alternatives, listed mistakes, slips), in notations of many hands. Student ``k``
depends on the rubric, the seed and ``k`` alone. What another part of an answer may earn widens the truth,
never narrows it: where the truth is a range, it says so.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from grader import checkers
from grader.checkers import Check
from grader.checkers._verify import Example
from grader.engine.grade import POINT_DIGITS, build_check
from grader.engine.notation import CHOICES, FORMULAS, Notations, as_text, surface
from grader.engine.template import FORMS, template
from grader.model import Answer, Where
from grader.rubric import Criterion, Question, Rubric, read_options

__all__ = ["Expected", "Simulated", "Simulator", "Truth"]

CARE = (0.05, 0.15, 0.35, 0.6)  # how often students err, one of these each
LEFT_OUT = 0.05  # of the questions
SKIPPED = 0.05  # of the criteria of a question that is there
NAMED = 0.6  # of the errors are mistakes that the rubric lists
OTHER_WAY = 0.1  # of the right answers follow another convention
MAX_KEPT = 50_000  # judgements of passages
WORDS = "My explanation follows the lecture."  # where only a person can judge


class Expected(StrEnum):
    """What is known of one criterion for one student."""

    RIGHT = "right"
    PART = "part"  # a listed mistake, or an alternative that earns a share
    WRONG = "wrong"
    MISSING = "missing"
    PERSON = "person"  # nothing a machine could judge
    OPEN = "open"  # only a range is known


@dataclass(frozen=True, slots=True)
class Truth:
    """What one criterion must earn: from ``low`` to ``high`` points; ``below``: less than ``high``."""

    student: str
    question: str
    criterion: str
    expected: Expected
    low: float
    high: float
    below: bool
    max_points: float
    variant: str


@dataclass(frozen=True, slots=True)
class Simulated:
    """One submission: the file's name, its text and the truth about it."""

    student: str
    file: str
    text: str
    truth: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """What a student writes for one criterion."""

    criterion: Criterion
    example: Example
    text: str
    label: str  # that it stands under


@dataclass(frozen=True, slots=True)
class _Share:
    """A range of credit; see :class:`Truth`."""

    expected: Expected
    low: float
    high: float
    below: bool = False
    variant: str = ""


class _Part:
    """A criterion with its examples, sorted."""

    def __init__(self, question: Question, criterion: Criterion, shared: frozenset[str]) -> None:
        self.criterion = criterion
        self.notations = Notations(question, criterion)
        own = tuple(label for label in self.notations.labels if label not in shared)
        self.labels = own or self.notations.labels
        self.check: Check = build_check(question, replace(criterion, passage=None))
        self.opening = _opening(criterion)
        found = list(_examples(question, criterion)) if self.opening is not None else []
        right = [e for e in found if e.credit == 1]
        self.right = [e for e in right if not e.way]
        self.other = [e for e in found if e.way]
        self.named = [e for e in found if e.credit is not None and e.credit < 1 and not e.way]
        self.slips = [e for e in found if e.credit is None]
        self.simulated = bool(self.right)

    def pick(self, rng: random.Random, err: bool) -> Example:
        wrong = [pool for pool in (self.named, self.slips) if pool]
        if err and wrong:
            named = wrong[0] is self.named and (len(wrong) == 1 or rng.random() < NAMED)
            return rng.choice(wrong[0] if named else wrong[-1])
        return rng.choice(self.other if self.other and rng.random() < OTHER_WAY else self.right)


class Simulator:
    """Makes the students of one rubric.

    Raises:
        AuthorFault: the rubric is not valid.
    """

    def __init__(self, rubric: Rubric, seed: str = "0") -> None:
        self.rubric, self.seed = rubric, seed
        self._parts = {q.id: _parts(q) for q in rubric.questions}
        self._chains = _chains(rubric)
        self._said: dict[tuple[str, str, str], float] = {}

    def students(self, count: int) -> Iterator[Simulated]:
        """The first ``count`` students."""
        return (self.student(k) for k in range(1, count + 1))

    def student(self, k: int) -> Simulated:
        """Student ``k``, counted from 1."""
        rng = random.Random(f"{self.seed}/{k}")
        student, form = f"sim{k:05d}", rng.choice(FORMS)
        care, erred = rng.choice(CARE), dict[str, str]()
        ways = set[str]()
        answers: dict[str, Any] = {}
        truth: list[Truth] = []
        for q in self.rubric.questions:
            pieces = [] if rng.random() < LEFT_OUT else list(self._pieces(q, rng, care, erred))
            shares = self._question(q, pieces, ways, rng, form, answers)
            self._carry(q, shares, erred)
            for c in q.criteria:
                s, points = shares[c.id], float(c.points)
                low, high = round(s.low * points, POINT_DIGITS), round(s.high * points, POINT_DIGITS)
                truth.append(Truth(student, q.id, c.id, s.expected, low, high, s.below, points, s.variant))
        text = template(self.rubric, form, student, answers)
        return Simulated(student, f"{student}.{form}", text, tuple(truth))

    def _carry(self, q: Question, shares: dict[str, _Share], erred: dict[str, str]) -> None:
        """What stands behind an error without building on it directly may inherit it: nothing is known."""
        for c in q.criteria:
            at = erred.get(self._chains[q.id, c.id])
            if at not in (None, f"{q.id}/{c.id}", *_before(q, c)) and shares[c.id].expected is Expected.RIGHT:
                shares[c.id] = replace(shares[c.id], expected=Expected.OPEN, low=0.0)

    def _pieces(
        self, q: Question, rng: random.Random, care: float, erred: dict[str, str]
    ) -> Iterator[_Piece]:
        for part in self._parts[q.id].values():
            if not part.simulated or rng.random() < SKIPPED:
                continue
            chain = self._chains[q.id, part.criterion.id]
            example = part.pick(rng, chain not in erred and rng.random() < care)
            if example.credit != 1:
                erred[chain] = f"{q.id}/{part.criterion.id}"
            label = rng.choice(part.labels) if part.labels else ""
            yield _Piece(part.criterion, example, self._text(part, example, label, rng), label)

    def _text(self, part: _Part, e: Example, label: str, rng: random.Random) -> str:
        if e.value is not None:
            return as_text(e.value, part.labels if label else (), rng)
        if part.criterion.kind == "choice":
            return rng.choice(CHOICES).format(e.text)
        if part.criterion.kind not in FORMULAS:
            bare = "\\" in e.text and "$" not in e.text
            return f"$${e.text}$$" if bare and "\n" not in e.text else e.text
        # the expected result may stand in the formula of a slip, where `contains` must see it
        abbreviate = part.criterion.kind == "expression" or e.credit == 1
        made = part.notations.of(e.text, rng.randrange(1000), abbreviate=abbreviate)
        if part.notations.unlabelled(e.text) == e.text:
            return surface(made, "", rng)
        return surface(made, part.notations.label(label, made.style) or label, rng)

    def _question(
        self,
        q: Question,
        pieces: list[_Piece],
        ways: set[str],
        rng: random.Random,
        form: str,
        answers: dict[str, Any],
    ) -> dict[str, _Share]:
        """What each criterion must earn; the answer itself goes into ``answers``."""
        people = [c for c in q.criteria if not self._parts[q.id][c.id].simulated]
        words = not pieces and len(people) == len(q.criteria) and rng.random() > LEFT_OUT
        if not pieces and not words:
            return {c.id: _Share(Expected.MISSING, 0, 0, variant="left out") for c in q.criteria}
        text = _composed(pieces, self._parts[q.id]) if pieces else WORDS
        values = [p.example.value for p in pieces]
        structured = form == "json" and bool(pieces) and all(v is not None for v in values)
        if structured and len(values) == 1:
            answers[q.id] = values[0]
        elif structured and all(isinstance(v, dict) for v in values):
            answers[q.id] = {k: v for value in values for k, v in value.items()}
        else:
            answers[q.id] = text
        shares = {}
        symbols = {c.symbol for c in q.choices}
        for c in q.criteria:
            share = self._share(q, c, pieces, text)
            own = next((p for p in pieces if p.criterion is c), None)
            other = own is not None and own.example.way
            if other or (symbols & ways and share.expected is not Expected.PERSON):
                share = replace(share, expected=Expected.OPEN, low=0.0, high=1.0, below=False)
            if other:
                ways |= symbols
            shares[c.id] = share
        return shares

    def _share(self, q: Question, c: Criterion, pieces: list[_Piece], text: str) -> _Share:
        part = self._parts[q.id][c.id]
        if not part.simulated:
            return _Share(Expected.PERSON, 0, 1)
        own = next((p for p in pieces if p.criterion is c), None)
        if own is None:
            share, others = _Share(Expected.MISSING, 0, 0, variant="skipped"), pieces
        else:
            share, others = _share_of(own.example), [p for p in pieces if p is not own]
            if c.passage is not None:
                cut = c.passage.cut(text)
                if cut is None or own.text not in cut:
                    return replace(share, expected=Expected.OPEN, low=0.0, high=1.0, below=False)
                others = [p for p in others if p.text in cut]
            if any(self._competes(q, part, own, p) for p in others):
                share = replace(share, expected=Expected.OPEN, low=0.0)
        if share.high < 1 or share.below:
            most = max((self._earns(q, part, p) for p in others), default=0.0)
            if most > 0:
                below = share.below and most < 1
                high = max(share.high, most)
                share = replace(share, expected=Expected.OPEN, high=high, below=below)
        return share

    def _competes(self, q: Question, part: _Part, own: _Piece, other: _Piece) -> bool:
        """Whether what stands for another criterion may be taken for the answer to this one: under a label of
        its own, or a wrong drawing beside the right one."""
        if own.label and other.label in part.notations.labels:
            return True
        twins = own.criterion.kind == other.criterion.kind == "graph"
        return twins and other.example.credit != 1

    def _earns(self, q: Question, part: _Part, piece: _Piece) -> float:
        """What a passage written for another criterion earns here by itself."""
        key = (q.id, part.criterion.id, piece.text)
        if key not in self._said:
            if len(self._said) > MAX_KEPT:
                self._said.clear()
            alone = Answer(q.id, Where("simulated"), piece.text)
            j = part.check(alone, {})
            self._said[key] = 1.0 if j.outcome.waits_for_person else j.credit
        return self._said[key]


def _share_of(e: Example) -> _Share:
    if e.credit is None:
        return _Share(Expected.WRONG, 0, 1, below=True, variant=e.what)
    if e.credit == 1:
        return _Share(Expected.RIGHT, 1, 1, variant=e.what)
    expected = Expected.PART if e.credit > 0 else Expected.WRONG
    return _Share(expected, e.credit, e.credit, variant=e.what)


def _parts(q: Question) -> dict[str, _Part]:
    seen: dict[str, int] = defaultdict(int)
    for c in q.criteria:
        given = c.options.get("labels", [])
        for label in set(given) if isinstance(given, list) else ():
            seen[label] += 1
    shared = frozenset(label for label, times in seen.items() if times > 1)
    return {c.id: _Part(q, c, shared) for c in q.criteria}


def _examples(question: Question, criterion: Criterion) -> Iterator[Example]:
    """What can be handed in; where code has to run, only the code's outcome is known, not a program."""
    module = checkers.load(criterion.kind)
    if hasattr(module, "examples"):
        options = read_options(criterion, module.Options)
        yield from (e for e in module.examples(options, question) if not e.ran and not e.code)


def _opening(criterion: Criterion) -> str | None:
    """Words that open the passage a criterion is judged by; None: none that we know."""
    after = criterion.passage.after if criterion.passage else None
    if after is None:
        return ""
    bare = re.sub(r"\(\?[a-zA-Z-]*:|\\[a-zA-Z]|[?]", "", after.pattern)
    words = re.findall(r"[A-Za-z][A-Za-z-]*", bare)
    return next((word for word in words if after.search(f"{word}:")), None)


def _composed(pieces: list[_Piece], parts: dict[str, _Part]) -> str:
    """The text of an answer: passages without an opening first, each other one behind its words."""
    blocks: dict[str, list[str]] = {"": []}
    for p in pieces:
        blocks.setdefault(parts[p.criterion.id].opening or "", []).append(p.text)
    return "\n\n".join(t for word, lines in blocks.items() for t in ([f"{word}:"] if word else []) + lines)


def _chains(rubric: Rubric) -> dict[tuple[str, str], str]:
    """For each criterion the name of its chain: those whose errors are carried from one to the other."""
    root: dict[str, str] = {}

    def find(name: str) -> str:
        while root.setdefault(name, name) != name:
            name = root[name]
        return name

    for q in rubric.questions:
        for c in q.criteria:
            here = f"{q.id}/{c.id}"
            for before in _before(q, c):
                root[find(here)] = find(before)
            if c.kind == "derivation":
                root[find(here)] = find(f"{q.id}/")
    return {(q.id, c.id): find(f"{q.id}/{c.id}") for q in rubric.questions for c in q.criteria}


def _before(q: Question, c: Criterion) -> list[str]:
    """The criteria that a criterion builds on, with their questions."""
    return [source if "/" in source else f"{q.id}/{source}" for source in _sources(c)]


def _sources(c: Criterion) -> Iterator[str]:
    follow = c.options.get("follow")
    if isinstance(follow, dict) and isinstance(follow.get("criterion"), str):
        yield follow["criterion"]
    after = c.options.get("after")
    if isinstance(after, list):
        yield from (a for a in after if isinstance(a, str))
