"""One step of a derivation: does a member equal, or bound, the one before it?

Equality is judged by the engine of ``compare``: the member before stands for what is expected. An
inequality is tried at many points: one that breaks it refutes it, none at all only supports it.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import flint

from grader.errors import MathsFault, RubricError
from grader.maths.agreement import balls_relation
from grader.maths.compare import Problem
from grader.maths.counterexample import describe, shown_names
from grader.maths.definite import definite
from grader.maths.evaluate import Budget, Point, evaluate, needs_reals
from grader.maths.expected import Expected
from grader.maths.fitting import fit_shape
from grader.maths.reading import Reading
from grader.maths.sampling import VARIANTS, WORLDS, binding, draw, sizes, small_sizes
from grader.maths.scope import Scope, underlying
from grader.maths.smaller import compared_small
from grader.maths.tree import Node, num
from grader.maths.verdict import Comparison, shape_words

__all__ = ["ROUNDED", "SIGNS", "Before", "Link", "admissible", "bounded", "follows", "rounded"]

PRECISION = 256
TRIES = 48  # points at which an inequality is tried
STEPS = 400_000
MAX_DECIMALS = 8
SIGNS = {"=": "=", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
ROUNDED = "The member before, rounded."
HALF = 0.500001
_DECIMAL = re.compile(r"\d*\.\d{1,30}")


@dataclass(frozen=True, slots=True)
class Link:
    """``status``: ``holds``, ``fails`` or ``unread``; ``message`` says why, for the student. ``uses``: the
    steps that its premises come from."""

    status: str
    message: str = ""
    mistake: str | None = None
    level: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    uses: tuple[int, ...] = ()


class Before(Problem):
    """The member before, as what the next one is compared with."""

    def __init__(self, node: Node, scope: Scope, text: str) -> None:
        self.tolerance = None
        self.accept_transpose = False
        self.is_equation = False
        self.named = None
        self._judged = {}
        self.known = []
        Expected.__init__(
            self, node, scope, text, repr(("step", text, sorted(map(str, scope.kinds.items()))))
        )


def follows(before: Node, after: Node, scope: Scope, own: Scope, text: str) -> Link:
    """Whether ``after`` (read in ``own``) equals ``before`` (read in ``scope``)."""
    if "list" in (before.op, after.op) or "order" in (before.op, after.op):
        return Link("unread", "This is no value that could be compared with the member before.")
    try:
        verdict = Before(before, scope, text).judge_reading(Reading(after, scope=own))
    except (RubricError, RecursionError) as fault:
        small = compared_small(before, after, scope, own) if isinstance(fault, RubricError) else None
        if small is not None:
            return _link(small, before, after)
        why = str(fault).rpartition(": ")[2] or "nested too deeply"
        return Link("unread", f"The member before has no value that could be compared: {why}.")
    return _link(verdict, before, after)


def _link(v: Comparison, before: Node, after: Node) -> Link:
    evidence = dict(v.evidence)
    level = str(evidence.get("level", ""))
    if v.verdict == "equivalent":
        how = "proved" if level == "proved" else f"at {evidence.get('points', 'all')} random points"
        if level != "proved" and not before.names() and not after.names():
            how = "the same value, as far as it was computed"
        return Link("holds", f"Equal to the member before ({how}).", level=level, evidence=evidence)
    if v.verdict == "undecided":
        return Link("unread", "Whether this equals the member before could not be decided; a person looks.")
    if v.verdict == "invalid":
        return Link("unread", f"This has no value that could be compared: {v.message}")
    if v.reason == "shape":
        return Link(
            "fails",
            f"The member before is {shape_words(before.shape)}; this is {shape_words(after.shape)}.",
            "shape",
            level,
            evidence,
        )
    if v.reason == "undefined":
        return Link("fails", _about_members(v.message), None, level, evidence)
    found = evidence.get("counterexample")
    message = "Not equal to the member before"
    if found:
        at = ", ".join(f"{k} = {x}" for k, x in found["values"].items())
        values = f"this is {found['yours']}, the member before is {found['expected']}"
        message += f": for {at} {values}" if at else f": {values}"
    message += "."
    if v.mistake:
        named = v.message.rpartition("Likely mistake: ")[2].rstrip(".")
        message += f" Likely mistake: {_about_members(named)}."
    return Link("fails", message, v.mistake, level, evidence)


def _about_members(text: str) -> str:
    for old, new in (
        ("your answer", "this member"),
        ("Your answer", "This member"),
        ("the expected answer", "the member before"),
        ("the expected one", "the member before"),
        ("another function is expected in one place", "there is another function in one place"),
    ):
        text = text.replace(old, new)
    return text


def rounded(
    before: Node, after: Node, shown: str, scope: Scope, *, about: bool, known: str = ""
) -> Link | None:
    """Whether the decimal numbers in a member are values of the member before that were rounded, or one that
    was cut off; None where that is no question.

    ``shown`` and ``known`` are the two members as they were written, ``about`` says that it stands behind ≈.
    """
    if before.shape is not None or after.shape is not None:
        return None
    if underlying(before, scope) or underlying(after, scope):
        return None
    decimals = set(_DECIMAL.findall(shown)) - set(_DECIMAL.findall(known))
    if len(decimals) > MAX_DECIMALS or not (about or decimals):
        return None
    point = Point(WORLDS["balls"], scope, {}, {}, {})
    try:
        with flint.ctx.workprec(PRECISION):
            a, b = evaluate(before, point), evaluate(after, point)
            if not about and _nothing_to_round(before, shown, known, point):
                return None  # 0.8² + 0.4² = 0.64 + 0.2
            spread = [abs(evaluate(_raised(after, d), point) - b) for d in decimals]
            off, room = abs(a - b), sum(spread, flint.arb(0))
            cut = len(spread) == 1 and bool(abs(a) >= abs(b)) and bool(off < room)
            if (spread and (cut or off <= room * HALF)) or (not spread and off <= abs(a) / 100):
                return Link("holds", ROUNDED, level="supported")
            if about and off <= abs(a) / 20:
                return Link("unread", "Whether this is near enough to the member before is for a person.")
    except MathsFault:
        return None
    return None


def _nothing_to_round(before: Node, shown: str, known: str, point: Point) -> bool:
    """Whether a number, and every part of it, has no more decimals than the next member shows. Three and
    more where the number has fewer are those of a rounded factor, ``1 = 3 · 0.333``."""
    written, own = (
        max((len(d.partition(".")[2]) for d in _DECIMAL.findall(x)), default=0) for x in (shown, known)
    )
    if written > max(2, own) or not _ends_within(evaluate(before, point), written):
        return False
    parts = [
        n for n in before.walk() if n.shape is None and n.op in ("div", "pow", "func", "apply", "num", "norm")
    ]
    return all(_ends_within(evaluate(n, point), 12) for n in parts)


def _ends_within(value: Any, digits: int) -> bool:
    """Whether a number has no more decimals than ``digits``."""
    scaled = value * 10**digits
    whole = scaled.unique_fmpz()
    return whole is not None and bool(abs(scaled - whole) < flint.arb(2) ** -(PRECISION // 2))


def _raised(node: Node, decimal: str) -> Node:
    """A tree with one more of the last digit of a decimal number."""
    value, unit = Fraction(decimal), Fraction(1, 10 ** len(decimal.partition(".")[2]))

    def change(n: Node) -> Node | None:
        return Node("num", (), value + unit, n.span) if n.op == "num" and n.value == value else None

    return node.map(change)


def bounded(before: Node, after: Node, sign: str, scope: Scope, points: list[Point] | None = None) -> Link:
    """Whether ``before sign after`` for ``<``, ``<=``, ``>`` or ``>=``; at ``points``, or at random ones."""
    a = fit_shape(Node("num", (), Fraction(0)), before)
    b = fit_shape(Node("num", (), Fraction(0)), after)
    if before.shape is not None and before.shape[0] == before.shape[1] != 1:
        after = Node("zeros", (), None, after.span, before.shape) if after == num(0) else after
    if after.shape is not None and before == num(0):
        before = Node("zeros", (), None, before.span, after.shape)
    if before.shape is not None and before.shape == after.shape and before.shape != (1, 1):
        return _definite(before, after, sign, scope)
    if a is None or b is None:
        shape = shape_words((after if a is not None else before).shape)
        return Link("fails", f"Only numbers can be compared by {sign}; one side is {shape}.", "shape")
    tried = certain = 0
    budget = Budget(STEPS)
    with flint.ctx.workprec(PRECISION):
        for point in points if points is not None else _points(a, b, scope):
            try:
                x, y = evaluate(a, point, budget), evaluate(b, point, budget)
            except MathsFault:
                continue
            low, high = (x, y) if sign in ("<", "<=") else (y, x)
            tried += 1
            if bool(low > high):
                found = describe(shown_names(a, b, scope, scope), point, point, x, y)
                at = ", ".join(f"{k} = {v}" for k, v in found["values"].items())
                where = f"for {at} " if at else ""
                claim = f"{found['expected']} {SIGNS[sign]} {found['yours']}"
                return Link(
                    "fails",
                    f"The inequality is false: {where}it says {claim}.",
                    level="refuted",
                    evidence={"level": "refuted", "counterexample": found},
                )
            certain += bool(low < high) or (sign in ("<=", ">=") and _same(low, high))
    if not tried or certain < max(1, tried // 2):
        return Link("unread", "This inequality could not be tried; a person looks.")
    if sign in ("<", ">") and certain < tried:
        return Link("unread", "Whether this inequality is strict could not be decided; a person looks.")
    message = f"Not refuted at {tried} points" if tried > 1 or a.names() or b.names() else "True"
    return Link("holds", f"{message}.", level="supported", evidence={"level": "supported", "points": tried})


def _definite(before: Node, after: Node, sign: str, scope: Scope) -> Link:
    """Whether the difference of two matrices is positive semidefinite at small points."""
    link = Link("unread", "Whether a matrix is positive semidefinite is for a person.")
    rng = random.Random(f"definite {before!r} {after!r}")
    budget = Budget(STEPS)
    tried = 0
    world = WORLDS["balls" if needs_reals(before, scope) or needs_reals(after, scope) else "rationals"]
    with flint.ctx.workprec(PRECISION):
        small = small_sizes(scope)
        for k, dims in enumerate([small[-1], *small * 2]):  # at the first one nothing is symmetric by chance
            point = draw(scope, world, dims, rng, frozenset("*"), span=1 + k % 6)
            if not admissible(scope, point):
                continue
            try:
                x, y = evaluate(before, point, budget), evaluate(after, point, budget)
            except MathsFault:
                continue
            low, high = (x, y) if sign in ("<", "<=") else (y, x)
            found = definite(low, high, strict=sign in ("<", ">"))
            if found is None:
                return link
            tried += 1
            if not found:
                shown = describe(shown_names(before, after, scope, scope), point, point, x, y)
                at = ", ".join(f"{n} = {v}" for n, v in shown["values"].items())
                return Link(
                    "fails",
                    f"The difference of the two sides has an eigenvalue of the wrong sign: for {at} one side "
                    f"is {shown['expected']}, the other {shown['yours']}.",
                    level="refuted",
                    evidence={"level": "refuted", "counterexample": shown},
                )
    if tried < 6:
        return link
    message = f"Not refuted at {tried} points."
    return Link("holds", message, level="supported", evidence={"level": "supported", "points": tried})


def _same(x: Any, y: Any) -> bool:
    return bool(x == y) if not isinstance(x, flint.arb) else balls_relation(x, y, 64) == "close"


def _points(a: Node, b: Node, scope: Scope) -> list[Point]:
    rng = random.Random(f"inequality {a!r} {b!r}")
    bound = binding(a, scope) | binding(b, scope)
    out = []
    if not (a.names() | b.names()):
        return [Point(WORLDS["balls"], scope, {}, {}, {})]
    small = small_sizes(scope)
    for k in range(TRIES):
        if k % 2:
            dims = small[(k // 2) % len(small)]
            point = draw(scope, WORLDS["balls"], dims, rng, bound | {"*"}, span=1 + k % 6)
        else:
            point = draw(
                scope, WORLDS["balls"], sizes(scope, rng, 1)[0], rng, bound, variant=(k // 2) % VARIANTS
            )
        if admissible(scope, point):
            out.append(point)
    return out


def admissible(scope: Scope, point: Point, names: frozenset[str] | None = None) -> bool:
    """Whether the values drawn or solved for have their declared signs and do not break ``a ≠ 0``."""
    for name, kind in scope.kinds.items():
        if not kind.sign or kind.shape is not None or name not in point.values or name in scope.define:
            continue
        if names is not None and name not in names:
            continue
        v = point.values[name]
        zero = v == 0
        ok = {
            "> 0": v > 0, ">= 0": v >= 0, "< 0": v < 0, "<= 0": v <= 0, "!= 0": not zero,
        }.get(kind.sign, v > 0 and v < 1)  # fmt: skip
        if not ok:
            return False
    for node in scope.assumptions.nonzero:
        try:
            value = evaluate(node, point)
        except MathsFault:
            continue
        if all(x == 0 for x in (value.entries() if hasattr(value, "entries") else [value])):
            return False
    return True
