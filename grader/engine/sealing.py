"""Sealed packs: students check chosen formulas right or wrong, offline, with a file that holds no answer.

For each sealed criterion a pack holds what is needed to *read* an answer (names, kinds, assumptions,
labels) and a slow salted hash (scrypt, RFC 7914) of the expected formula's exact values at points that follow
from the pack's own seed. An answer is right if its values there have that hash. Whoever wants to know the
answer from the file must guess formulas, one hash each; so what is easily guessed is not sealed: numbers,
choices and formulas so short that all of their size could be tried.
"""

from __future__ import annotations

import hashlib
import hmac
import random
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from grader.checkers import expression
from grader.errors import GraderError, RubricError, UsageFault
from grader.maths.authoring import compiled_formula, compiled_labels
from grader.maths.compare import Problem
from grader.maths.conventions import compiled_under, settle
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.evaluate import Budget, entries_of, evaluate, needs_reals
from grader.maths.parts import part_of
from grader.maths.printing import show
from grader.maths.sampling import WORLDS, draw, sizes
from grader.maths.scope import Scope
from grader.maths.select import labelled, student_scope, unlabelled
from grader.maths.sentences import formulas_apart
from grader.maths.statements import find_statements
from grader.maths.tree import Node
from grader.model import Answer, Outline, QuestionHead
from grader.rubric import Criterion, Question, Rubric, read_options

__all__ = ["COST", "Pack", "Refused", "Tried", "open_pack", "seal", "try_answers"]

FORMAT = "grader-pack-1"
COST = 2**15  # of scrypt: some 0.1 s and 32 MB a guess
BLOCK = 8
POINTS = 5
TRIES = 40
MAX_BYTES = 5_000_000
MAX_CANDIDATES = 4  # formulas of one answer that are tried
ENOUGH = 10**7  # formulas of its size: below, a patient person tries all of them
SIGNS = 12  # operations that a guess may use beside the names


class SealedCriterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: str
    labels: list[str]
    parts: list[str]
    column: bool
    seed: str
    salt: str
    hashes: list[str]


class SealedQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: str
    prompt: str
    aliases: list[str]
    symbols: dict[str, str]
    latex: list[tuple[str, str]]
    define: list[tuple[str, str]]
    assume: list[str]
    criteria: list[SealedCriterion]


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in the file. All questions of the sheet are in it, those without a seal too, so that a
    submission is taken apart as it will be when it is graded."""

    format: str
    sheet: str
    title: str
    cost: int
    questions: list[SealedQuestion]

    def outline(self) -> Outline:
        heads = (QuestionHead(q.id, q.title, tuple(q.aliases), q.prompt) for q in self.questions)
        return Outline(self.sheet, self.title, tuple(heads))


@dataclass(frozen=True, slots=True)
class Refused:
    """A criterion that is not in the pack, and why."""

    question: str
    criterion: str
    why: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What a student hears of one sealed criterion."""

    question: str
    criterion: str
    title: str
    right: bool | None  # None: no formula was found
    read_as: str = ""


# ---- making one


def seal(rubric: Rubric, only: Sequence[str] = (), cost: int | None = None) -> tuple[Pack, list[Refused]]:
    """``only``: criteria as ``2.2.3/eta_star``; by default all that can be sealed.

    Raises:
        UsageFault: ``only`` names a criterion that does not exist.
    """
    places = [f"{q.id}/{c.id}" for q in rubric.questions for c in q.criteria]
    unknown = [name for name in only if name not in places]
    if unknown:
        raise UsageFault(f"{rubric.id} has no criterion {unknown[0]!r}; it has {', '.join(places)}")
    cost = cost or COST
    questions, refused = [], list[Refused]()
    for q in rubric.questions:
        sealed = []
        for c in q.criteria:
            if only and f"{q.id}/{c.id}" not in only:
                continue
            found = _sealed(q, c, cost)
            if isinstance(found, str):
                refused.append(Refused(q.id, c.id, found))
            else:
                sealed.append(found)
        d = q.declarations
        questions.append(
            SealedQuestion(
                q.id,
                q.title,
                q.prompt,
                list(q.aliases),
                dict(d.symbols),
                list(d.latex),
                list(d.define),
                list(d.assume),
                sealed,
            )
        )
    return Pack(FORMAT, rubric.id, rubric.title, cost, questions), refused


_GUESSED = "its answer is one of so few that all can be tried"
_READ = "a person reads this, so there is no value to compare"
_RUN = "it is judged by running code, not by one value"
_WHY = {
    "number": _GUESSED,
    "choice": _GUESSED,
    "growth": _GUESSED,
    "table": _GUESSED,
    "prose": _READ,
    "proof": _READ,
    "plot": _READ,
    "derivation": "its lines are judged, not one value",
    "code": _RUN,
    "witness": "any answer that meets its requirements is right",
    "constraint": "any answer that meets its requirements is right",
    "graph": "its edges are compared, not one value",
}
_OTHERWISE = "this kind is compared in a way of its own"


def _sealed(question: Question, criterion: Criterion, cost: int) -> SealedCriterion | str:
    """The sealed criterion, or why it cannot be."""
    if criterion.kind != "expression":
        return f"kind {criterion.kind}: only formulas can be sealed; {_WHY.get(criterion.kind, _OTHERWISE)}"
    options = read_options(criterion, expression.Options)
    if options.tolerance:
        return "a tolerance: an exact value is needed"
    read = partial(compiled_formula, text=options.expected, key="expected")
    under = compiled_under(question.declarations, question.choices, options.expected, "expected", read)
    problems = [p for s, p in under if settle(question.choices, s, {}).credit == 1]
    problems += [
        p
        for a in options.alternatives
        if a.credit == 1
        for _, p in compiled_under(
            question.declarations,
            question.choices,
            a.expected,
            "alternatives",
            partial(compiled_formula, text=a.expected, key="alternatives"),
        )
    ]
    guesses = min(_guesses(p) for p in problems)
    if guesses < ENOUGH:
        days = guesses * 0.1 / 86_400
        return (
            f"too short: of formulas of its size there are about {guesses:,}, "
            f"which one processor tries in {max(days, 0.1):.1f} days"
        )
    seed, salt = secrets.token_hex(16), secrets.token_hex(16)
    values = {_values(p.node, p.scope, seed) for p in problems} - {None}
    if not values:
        return "no exact value at random points (roots, logarithms, an order of growth or an equation)"
    shape = problems[0].node.shape
    return SealedCriterion(
        criterion.id,
        criterion.title,
        list(options.labels),
        list(options.parts),
        shape is not None,
        seed,
        salt,
        sorted(_hash(str(v), salt, cost) for v in values),
    )


def _guesses(p: Problem) -> int:
    """How many formulas there are of the expected one's size: names and signs, to the power of its length."""
    size = sum(1 for _ in p.node.walk())
    names = len({*p.scope.kinds, *p.scope.define})
    if not p.node.names():
        return 1
    return int((names + SIGNS) ** (size / 2)) if size < 60 else ENOUGH


def _values(node: Node, scope: Scope, seed: str) -> str | None:
    """The exact values at the seed's points as text; None where there is none."""
    if node.op in ("list", "order", "eq") or needs_reals(node, scope):
        return None
    rng = random.Random(seed)
    bound = frozenset({"*", *(n for n, k in scope.kinds.items() if k.sort in ("dim", "integer"))})
    shape = "x".join(map(str, node.shape)) if node.shape is not None else "scalar"
    found: list[str] = [shape]
    try:
        for k, dims in enumerate(sizes(scope, rng, POINTS)):
            point = draw(scope, WORLDS["field"], dims, rng, bound, variant=k)
            found += [str(x) for x in entries_of(evaluate(node, point.under(scope), Budget()))]
    except (GraderError, RecursionError, ArithmeticError, ValueError):
        return None
    return "|".join(found)


def _hash(values: str, salt: str, cost: int) -> str:
    key = hashlib.scrypt(
        values.encode(), salt=bytes.fromhex(salt), n=cost, r=BLOCK, p=1, maxmem=256 * cost * BLOCK, dklen=32
    )
    return key.hex()


# ---- using one


def open_pack(data: bytes) -> Pack:
    """
    Raises:
        UsageFault: this is no pack, or of another version.
    """
    if len(data) > MAX_BYTES:
        raise UsageFault(f"larger than {MAX_BYTES:,} bytes; expected the file that `grade pack` wrote")
    try:
        pack = msgspec.json.decode(data, type=Pack)
    except msgspec.MsgspecError as e:
        raise UsageFault(f"is no sealed pack ({e}); expected the file that `grade pack` wrote") from e
    if pack.format != FORMAT or not 2**10 <= pack.cost <= 2**20 or pack.cost & (pack.cost - 1):
        raise UsageFault(f"a pack of format {pack.format[:40]!r} and cost {pack.cost}; expected {FORMAT}")
    return pack


def try_answers(pack: Pack, answers: dict[str, Answer]) -> Iterator[Tried]:
    """What the seals say of a submission's answers, in the sheet's order.

    Raises:
        UsageFault: the pack's declarations cannot be read: it was changed.
    """
    for q in pack.questions:
        if not q.criteria:
            continue
        try:
            declared = Declarations(
                tuple(q.symbols.items()), tuple(q.latex), tuple(q.define), tuple(q.assume)
            )
            scope = compile_scope(declared)
            labels = [compiled_labels(c.labels, "labels") for c in q.criteria]
        except RubricError as e:
            raise UsageFault(
                f"the pack's question {q.id} cannot be read ({e}); ask for the pack again"
            ) from e
        everyone = frozenset().union(*labels)
        for c, mine in zip(q.criteria, labels, strict=True):
            yield _tried(q, c, scope, mine, everyone, answers.get(q.id), pack.cost)


def _tried(
    q: SealedQuestion,
    c: SealedCriterion,
    scope: Scope,
    mine: frozenset[str],
    everyone: frozenset[str],
    answer: Answer | None,
    cost: int,
) -> Tried:
    said = ""
    for node, own in _candidates(c, scope, mine, everyone, answer):
        said = said or show(node)
        values = _values(node, own, c.seed)
        if values is not None:
            key = _hash(values, c.salt, cost)
            if any(hmac.compare_digest(key, h) for h in c.hashes):
                return Tried(q.id, c.id, c.title, True, show(node))
    return Tried(q.id, c.id, c.title, False if said else None, said)


def _candidates(
    c: SealedCriterion, scope: Scope, mine: frozenset[str], everyone: frozenset[str], answer: Answer | None
) -> Iterator[tuple[Node, Scope]]:
    """The formulas that may be meant, the likeliest first: under the label, else the last ones."""
    if answer is None:
        return
    part = part_of(answer, c.parts or c.labels)
    if part.missing or not part.text:
        return
    statements = find_statements(formulas_apart(part.text))
    own = student_scope(statements, scope, mine)
    chains = labelled(statements, own, mine, column=c.column)
    chains = chains or unlabelled(statements, own, mine if part.named else everyone, column=c.column)
    for chain in chains[:MAX_CANDIDATES]:
        reading = chain[0].reading
        if reading is not None:
            yield reading.node, reading.scope or own
