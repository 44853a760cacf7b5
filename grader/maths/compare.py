"""Is an answer equal to what is expected? The verdict, with evidence.

Both sides are evaluated at the same random points that respect the declared shapes and assumptions,
for several unequal sizes. Rational expressions are compared exactly in a field of 2⁶¹ − 1 elements:
different at one point is a proof, equal at k points is wrong with a probability of at most
(degree / 2⁶¹)ᵏ (Schwartz-Zippel). Everything else is compared in real balls: disjoint balls prove a
difference, overlapping tight ones support equality to the stated precision.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import flint

from grader.errors import LimitFault, MathsFault, RubricError, UndefinedFault
from grader.maths.counterexample import find_counterexample
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.evaluate import PRIME, Point, Value, evaluate, needs_reals
from grader.maths.printing import show
from grader.maths.reading import Reading, read_text
from grader.maths.sampling import WORLDS, binding, draw, sizes
from grader.maths.scope import Scope
from grader.maths.shapes import shape_text
from grader.maths.tree import Node, Shape

__all__ = ["Comparison", "Problem", "Tolerance", "compare", "problem"]

POINTS = 3
DRAWS = 12  # attempts to find points where the expected side is defined
PRECISIONS = (192, 768, 3072)  # bits
RELATIVE_BITS = 64  # how tight a ball must be to support equality


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may be off: ``rel`` × |expected| or ``abs``."""

    rel: float = 0.0
    abs: float = 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """``verdict``: equivalent, different, invalid, undecided. ``evidence["level"]``: proved, supported,
    refuted. ``reason`` and ``message`` say why in words for the student."""

    verdict: str
    message: str
    reason: str = ""
    read_as: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    mistake: str | None = None
    notes: tuple[str, ...] = ()
    place: tuple[int, int] | None = None
    node: Node | None = None

    @property
    def equivalent(self) -> bool:
        return self.verdict == "equivalent"


class _Sample:
    """The expected value at one point."""

    __slots__ = ("expected", "point")

    def __init__(self, point: Point, expected: Value) -> None:
        self.point = point
        self.expected = expected


class Problem:
    """An expected answer, compiled; judges any number of answers.

    Raises:
        RubricError: the expected side cannot be read or has no value under the assumptions.
    """

    def __init__(
        self,
        declarations: Declarations,
        expected: str,
        *,
        tolerance: Tolerance | None = None,
        accept_transpose: bool = False,
        equation: bool | None = None,
    ) -> None:
        self.scope = compile_scope(declarations)
        self.text = expected
        self.tolerance = tolerance
        self.accept_transpose = accept_transpose
        self.is_equation = _is_equation(expected) if equation is None else equation
        try:
            reading = read_text(expected, self.scope, equation=self.is_equation)
        except MathsFault as fault:
            raise RubricError(f"the expected answer {expected!r} cannot be read: {fault.message}") from fault
        self.node = reading.node
        self.seed = hashlib.sha256(repr((declarations, expected)).encode()).hexdigest()
        self._exact: dict[frozenset[str], list[_Sample]] = {}
        self._balls: dict[tuple[frozenset[str], int], list[_Sample]] = {}
        self.real = needs_reals(self.node, self.scope)
        self.bound = binding(self.node, self.scope)

    # --- points -------------------------------------------------------------------------------------

    def exact_samples(self, bound: frozenset[str]) -> list[_Sample]:
        if bound not in self._exact:
            self._exact[bound] = self._sample("field", bound)
        return self._exact[bound]

    def ball_samples(self, bound: frozenset[str], precision: int) -> list[_Sample]:
        key = (bound, precision)
        if key not in self._balls:
            self._balls[key] = self._sample("balls", bound)
        return self._balls[key]

    def _sample(self, world: str, bound: frozenset[str]) -> list[_Sample]:
        rng = random.Random(f"{self.seed}{world}{sorted(bound)}")
        out: list[_Sample] = []
        last: UndefinedFault | None = None
        for _ in range(DRAWS):
            dims = sizes(self.scope, rng, 1)[0]
            if len(out) and dims in [s.point.dims for s in out] and rng.random() < 0.8:
                dims = sizes(self.scope, rng, 1)[0]
            point = draw(self.scope, WORLDS[world], dims, rng, bound)
            try:
                out.append(_Sample(point, evaluate(self.node, point)))
            except UndefinedFault as e:
                last = e
                continue
            if len(out) == POINTS:
                return out
        if out:
            return out
        why = f": {last.message}" if last else ""
        raise RubricError(f"the expected answer {self.text!r} has no value under the assumptions{why}")

    # --- judging ------------------------------------------------------------------------------------

    def judge(
        self, answer: str, *, infix: bool | None = None, decimal_comma: bool = False, lenient: bool = False
    ) -> Comparison:
        """The verdict on an answer as text."""
        try:
            reading = read_text(
                answer,
                self.scope,
                decimal_comma=decimal_comma,
                lenient=lenient,
                infix=infix,
                equation=self.is_equation,
            )
        except MathsFault as fault:
            return invalid(fault)
        except RecursionError:
            return invalid(LimitFault("nested too deeply"))
        return self.judge_reading(reading)

    def judge_reading(self, reading: Reading) -> Comparison:
        """The verdict on an answer that has been read."""
        node = reading.node
        scope = reading.scope or self.scope
        try:
            if self.is_equation:
                from grader.maths.equations import compare_equations

                out = compare_equations(self, node, scope)
            elif node.op == "order" or self.node.op == "order":
                from grader.maths.growth import compare_growth

                out = compare_growth(self.node, node, scope)
            else:
                out = self._judge(node, scope)
        except LimitFault as fault:
            out = invalid(fault)
        except RecursionError:
            out = invalid(LimitFault("nested too deeply"))
        except MathsFault as fault:
            out = invalid(fault)
        return replace(out, read_as=show(node), notes=reading.notes, node=node)

    def _judge(self, node: Node, scope: Scope) -> Comparison:
        if node.op == "list" or self.node.op == "list":
            return self._judge_list(node, scope)
        fitted = self._fit_shape(node)
        if fitted is None:
            return Comparison(
                "different",
                f"The expected answer is {_shape_words(self.node.shape)}; yours is {_shape_words(node.shape)}.",
                reason="shape",
                evidence={
                    "level": "refuted",
                    "expected_shape": _plain_shape(self.node.shape),
                    "your_shape": _plain_shape(node.shape),
                },
            )
        if self.tolerance is not None:
            return self._within_tolerance(fitted, scope)
        if fitted == self.node and scope.define == self.scope.define:
            return Comparison(
                "equivalent",
                "Equal to the expected answer: it is the same expression.",
                evidence={"level": "proved", "by": "same expression"},
            )
        if self.real or needs_reals(fitted, scope):
            return self._in_balls(fitted, scope)
        return self._in_field(fitted, scope)

    def _fit_shape(self, node: Node) -> Node | None:
        want, have = self.node.shape, node.shape
        if want == have:
            return node
        if want is not None and have is None and node.op == "num" and node.value == 0:
            return Node("zeros", (), None, node.span, want)
        if want is None or have is None:
            if want is not None and want == (1, 1):
                return node
            return None
        if node.op == "matrix" and node.value[2] and want == (have[1], have[0]):
            return Node("matrix", node.args, (have[1], have[0], False), node.span, want)
        if self.node.op == "matrix" and self.node.value[2] and want == (have[1], have[0]):
            return Node("T", (node,), None, node.span, want)
        if self.accept_transpose and want == (have[1], have[0]):
            return Node("T", (node,), None, node.span, want)
        return None

    def _in_field(self, node: Node, scope: Scope) -> Comparison:
        bound = self.bound | binding(node, scope)
        samples = self.exact_samples(bound)
        for s in samples:
            try:
                value = evaluate(node, _under(s.point, scope))
            except UndefinedFault as fault:
                return self._undefined(node, scope, fault, s)
            if value != s.expected:
                return self._different(node, scope)
        return _supported(samples, self._bound(node), scope)

    def _bound(self, node: Node) -> tuple[int, float]:
        degree = degree_of(self.node) + degree_of(node)
        return degree, (degree / PRIME) ** POINTS

    def _in_balls(self, node: Node, scope: Scope) -> Comparison:
        bound = self.bound | binding(node, scope)
        agreed = 0
        for precision in PRECISIONS:
            with flint.ctx.workprec(precision):
                samples = self.ball_samples(bound, precision)
                agreed = 0
                for s in samples:
                    try:
                        value = evaluate(node, _under(s.point, scope))
                    except UndefinedFault as fault:
                        if precision == PRECISIONS[-1]:
                            return self._undefined(node, scope, fault, s)
                        break
                    relation = _balls_relation(s.expected, value)
                    if relation == "apart":
                        return self._different(node, scope)
                    if relation == "close":
                        agreed += 1
                if agreed == len(samples):
                    dims = [dict(s.point.dims) for s in samples]
                    return Comparison(
                        "equivalent",
                        f"Equal to the expected answer at {agreed} random points, to at least {RELATIVE_BITS} binary digits.",
                        evidence={
                            "level": "supported",
                            "points": agreed,
                            "dimensions": dims,
                            "relative_bits": RELATIVE_BITS,
                        },
                    )
        return Comparison(
            "undecided", "Whether this equals the expected answer could not be decided; a person looks at it."
        )

    def _within_tolerance(self, node: Node, scope: Scope) -> Comparison:
        assert self.tolerance is not None
        bound = self.bound | binding(node, scope)
        with flint.ctx.workprec(PRECISIONS[1]):
            for s in self.ball_samples(bound, PRECISIONS[1]):
                try:
                    value = evaluate(node, _under(s.point, scope))
                except UndefinedFault as fault:
                    return self._undefined(node, scope, fault, s)
                for e, v in zip(_entries(s.expected), _entries(value), strict=True):
                    allowed = max(self.tolerance.abs, 0.0)
                    room = flint.arb(allowed) if allowed else abs(e) * flint.arb(self.tolerance.rel)
                    slack = room * flint.arb(1e-9)
                    if not abs(e - v) <= room + slack:
                        return self._different(node, scope)
        words = (
            f"relative {self.tolerance.rel:g}"
            if not self.tolerance.abs
            else f"absolute {self.tolerance.abs:g}"
        )
        return Comparison(
            "equivalent",
            f"Equal to the expected value within the tolerance ({words}).",
            evidence={"level": "supported", "tolerance": words},
        )

    def _undefined(self, node: Node, scope: Scope, fault: UndefinedFault, s: _Sample) -> Comparison:
        part = _part_at(node, fault.span)
        what = f"{show(part)} " if part is not None else ""
        when = _when(s.point.dims, scope, part or node)
        message = fault.message
        if what and message.startswith("a singular matrix"):
            message = f"{what}is singular{when}; it has no inverse"
        elif what and message.startswith("a denominator"):
            message = f"the denominator {what}is zero"
        return Comparison(
            "different",
            f"Your answer has no value here: {message}.",
            reason="undefined",
            evidence={"level": "refuted", "undefined": message, "dimensions": [dict(s.point.dims)]},
        )

    def _different(self, node: Node, scope: Scope) -> Comparison:
        found = find_counterexample(
            self.node, node, self.scope, scope, self.real or needs_reals(node, scope), self.tolerance
        )
        message = "Not equal to the expected answer."
        evidence: dict[str, Any] = {"level": "refuted"}
        if found is not None:
            evidence["counterexample"] = found
            message = f"Not equal to the expected answer: {found['text']}."
        return Comparison("different", message, evidence=evidence)

    def _judge_list(self, node: Node, scope: Scope) -> Comparison:
        want = self.node.args if self.node.op == "list" else (self.node,)
        have = node.args if node.op == "list" else (node,)
        if len(want) != len(have):
            return Comparison(
                "different",
                f"{len(want)} value(s) are expected; you gave {len(have)}.",
                evidence={"level": "refuted"},
            )
        left = list(range(len(have)))
        for w in want:
            part = _part_problem(self, w)
            hit = next((i for i in left if part._judge(have[i], scope).equivalent), None)
            if hit is None:
                return Comparison(
                    "different",
                    f"One of the expected values is missing among yours ({show(node)}).",
                    evidence={"level": "refuted"},
                )
            left.remove(hit)
        return Comparison("equivalent", "The same values as expected.", evidence={"level": "supported"})


def _part_problem(whole: Problem, node: Node) -> Problem:
    part = object.__new__(Problem)
    part.__dict__.update(whole.__dict__)
    part.node = node
    part._exact, part._balls = {}, {}
    part.real, part.bound = needs_reals(node, whole.scope), binding(node, whole.scope)
    return part


def _under(point: Point, scope: Scope) -> Point:
    """The same point under a student's own definitions."""
    if scope is point.scope:
        return point
    return Point(point.world, scope, point.dims, point.values, point.integers, point.functions)


def _entries(v: Value) -> list[Value]:
    return v.entries() if hasattr(v, "entries") else [v]


def _balls_relation(a: Value, b: Value) -> str:
    """``apart`` (proved different), ``close`` (overlap and both tight), ``unclear``."""
    close = True
    for x, y in zip(_entries(a), _entries(b), strict=True):
        if not (x.is_finite() and y.is_finite()):
            close = False
            continue
        if not x.overlaps(y):
            return "apart"
        scale = max(abs(x).mid(), abs(y).mid(), flint.arb(2) ** -RELATIVE_BITS)
        if not (x.rad() + y.rad() <= scale * flint.arb(2) ** -RELATIVE_BITS):
            close = False
    return "close" if close else "unclear"


def _supported(samples: list[_Sample], bound: tuple[int, float], scope: Scope) -> Comparison:
    degree, chance = bound
    dims = [dict(s.point.dims) for s in samples]
    odds = f"{chance:.0e}" if chance > 0 else "1e-300"
    where = f" with {len(dims)} choices of the sizes" if any(dims) else ""
    return Comparison(
        "equivalent",
        f"Equal to the expected answer at {len(samples)} random points{where} (chance of error below {odds}).",
        evidence={
            "level": "supported",
            "points": len(samples),
            "dimensions": dims,
            "degree": degree,
            "bound": odds,
        },
    )


def degree_of(node: Node) -> int:
    """An upper bound for the degree of numerator plus denominator, sizes up to 8."""
    return sum(_degrees(node))


def _degrees(n: Node) -> tuple[int, int]:
    op = n.op
    if op in ("sym", "basis"):
        return 1, 0
    if not n.args:
        return 0, 0
    parts = [_degrees(a) for a in n.args]
    if op in ("mul", "scale", "dot", "had", "inner"):
        return parts[0][0] + parts[1][0], parts[0][1] + parts[1][1]
    if op == "div":
        (a, b), (c, d) = parts
        return a + d, b + c
    if op == "inv":
        a, b = parts[0]
        return 8 * (a + b), 8 * (a + b)
    if op == "pow":
        k = abs(int(n.args[1].value)) if n.args[1].op == "num" else 16
        return parts[0][0] * k + parts[0][1] * k, parts[0][1] * k + parts[0][0] * k
    if op in ("norm",):
        return 2 * parts[0][0], 2 * parts[0][1]
    if op == "apply":
        return 8 * parts[0][0], 8 * parts[0][1]
    total = sum(p[1] for p in parts)
    return max(p[0] for p in parts) + total, total * (8 if op in ("sum", "func") else 1)


def _part_at(node: Node, span: tuple[int, int] | None) -> Node | None:
    if span is None:
        return None
    return next((n for n in node.walk() if n.span == span and n.op not in ("num",)), None)


def _when(dims: Mapping[str, int], scope: Scope, part: Node) -> str:
    """`` when d > n``: how the sizes of the singular matrix compare."""
    names = [d for n in part.walk() if n.shape for d in n.shape if isinstance(d, str)]
    outer = part.shape[0] if part.shape else None
    inner = [d for d in dict.fromkeys(names) if d != outer and d in dims]
    if isinstance(outer, str) and inner:
        small = min(inner, key=lambda d: dims[d])
        if dims[small] < dims[outer]:
            return f" when {outer} > {small}"
    return ""


def _shape_words(shape: Shape) -> str:
    if shape is None:
        return "a scalar"
    r, c = shape
    if c == 1:
        return f"a column vector {shape_text(shape)}"
    if r == 1:
        return f"a row vector {shape_text(shape)}"
    return f"a matrix {shape_text(shape)}"


def _plain_shape(shape: Shape) -> str:
    return "scalar" if shape is None else shape_text(shape)


def invalid(fault: MathsFault) -> Comparison:
    """What a fault in the answer's own mathematics comes to."""
    return Comparison(
        "invalid", f"{fault.message[:1].upper()}{fault.message[1:]}.", reason=fault.reason, place=fault.span
    )


def _is_equation(expected: str) -> bool:
    """Whether the expected side is an equation itself rather than a labelled value."""
    from grader.maths.labels import label_of
    from grader.maths.statements import find_statements

    found = [s for s in find_statements(expected) if s.members]
    if not found or len(found[-1].members) < 2 or found[-1].relations[0] != "=":
        return False
    return label_of(found[-1].members[0]) is None


@lru_cache(maxsize=2048)
def problem(
    declarations: Declarations,
    expected: str,
    tolerance: Tolerance | None = None,
    accept_transpose: bool = False,
) -> Problem:
    """A compiled expected side, shared by everyone who asks for it."""
    return Problem(declarations, expected, tolerance=tolerance, accept_transpose=accept_transpose)


def compare(
    expected: str,
    answer: str,
    symbols: Mapping[str, str],
    *,
    define: Mapping[str, str] | None = None,
    assume: list[str] | tuple[str, ...] = (),
    latex: Mapping[str, str] | None = None,
    tolerance: Mapping[str, float] | None = None,
    accept_transpose: bool = False,
    syntax: str | None = None,
    locale: str = "decimal-point",
) -> Comparison:
    """Compare one answer with the expected one.

    >>> compare("2 a", "a + a", {"a": "scalar"}).verdict
    'equivalent'

    Raises:
        RubricError: a fault on the author's side: a symbol, an assumption, the expected answer.
    """
    declarations = Declarations.make(symbols, latex, define, assume)
    limits = Tolerance(**tolerance) if tolerance else None
    return problem(declarations, expected, limits, accept_transpose).judge(
        answer,
        infix=None if syntax is None else syntax == "infix",
        decimal_comma=locale == "decimal-comma",
    )
