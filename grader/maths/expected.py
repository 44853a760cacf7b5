"""The expected side, compiled: its tree and its values at the sample points every answer is tried at.

The points depend on the declarations and on the expected text, so that they are the same on every run
and cannot be foreseen by somebody who does not know the expected answer.
"""

from __future__ import annotations

import hashlib
import random
from functools import cached_property
from typing import Any

import flint

from grader.errors import LimitFault, MathsFault, RubricError, UndefinedFault
from grader.maths.degree import degree_of, has_branches, has_steps, number_bits
from grader.maths.evaluate import CoarseFault, Point, Value, evaluate, needs_reals
from grader.maths.normal import Normal, normal_form
from grader.maths.sampling import LARGE, NEAR, VARIANTS, WORLDS, binding, draw, sizes
from grader.maths.scope import Scope
from grader.maths.tree import Node

__all__ = ["Expected", "Sample"]

POINTS = 3
DRAWS = 40  # attempts to find points where the expected side is defined
RATIONAL_SPAN = 9


class Sample:
    """The expected value at one point. ``far``: a point far out, which only says what is apart."""

    __slots__ = ("expected", "far", "point")

    def __init__(self, point: Point, expected: Value, far: bool = False) -> None:
        self.point = point
        self.expected = expected
        self.far = far


class Expected:
    """A tree, the scope it was read in, and its values, each computed once."""

    def __init__(self, node: Node, scope: Scope, text: str, seed: str) -> None:
        self.node = node
        self.scope = scope
        self.text = text
        self.seed = hashlib.sha256(seed.encode()).hexdigest()
        self.real = needs_reals(node, scope)
        self.bound = binding(node, scope)
        self.branches = self.real and has_branches(node, scope)
        self.bits = number_bits(node)
        self.steps = has_steps(node, scope)
        self._exact: dict[frozenset[str], list[Sample]] = {}
        self._rational: dict[frozenset[str], Sample | None] = {}
        self._balls: dict[tuple[frozenset[str], int, bool], list[Sample]] = {}
        self._parts: dict[Node, Expected] = {}
        self._normal: tuple[Normal | None] | None = None
        self.kept: dict[Any, Any] = {}  # what ``mistakes`` and ``counterexample`` use for every answer

    def exact_samples(self, bound: frozenset[str]) -> list[Sample]:
        """Points of the prime field; a large one more where sizes count terms."""
        if bound not in self._exact:
            self._exact[bound] = self._field_points(bound)
        return self._exact[bound]

    def ball_samples(
        self, bound: frozenset[str], precision: int, branches: bool | None = None
    ) -> list[Sample]:
        """Real points; with ``branches`` all combinations of signs and several scales."""
        branches = self.branches if branches is None else branches
        key = (bound, precision, branches)
        if key not in self._balls:
            with flint.ctx.workprec(precision):
                self._balls[key] = self._ball_points(bound, VARIANTS if branches else POINTS)
        return self._balls[key]

    def rational_sample(self, bound: frozenset[str]) -> Sample | None:
        """One exact point of small whole numbers, against coefficients that vanish modulo the prime."""
        if bound not in self._rational:
            rng = random.Random(f"{self.seed}rational{sorted(bound)}")
            self._rational[bound] = None
            for dims in sizes(self.scope, rng, 4):
                point = draw(self.scope, WORLDS["rationals"], dims, rng, bound, span=RATIONAL_SPAN)
                try:
                    self._rational[bound] = Sample(point, evaluate(self.node, point))
                    break
                except MathsFault:
                    continue
        return self._rational[bound]

    @cached_property
    def degree(self) -> int:
        return degree_of(self.node, self.scope)

    def normal(self) -> Normal | None:
        """The normal form, if it has a short one."""
        if self._normal is None:
            self._normal = (normal_form(self.node, self.scope),)
        return self._normal[0]

    def part(self, node: Node) -> Expected:
        """One item of an expected list."""
        if node not in self._parts:
            self._parts[node] = Expected(node, self.scope, self.text, self.seed)
        return self._parts[node]

    def _field_points(self, bound: frozenset[str]) -> list[Sample]:
        rng = random.Random(f"{self.seed}field{sorted(bound)}")
        chosen = sizes(self.scope, rng, POINTS)
        if "*" in bound and chosen[0]:
            chosen = chosen + sizes(self.scope, rng, 1, LARGE)
        out: list[Sample] = []
        last: MathsFault | None = None
        for attempt in range(len(chosen) + DRAWS):
            if attempt < len(chosen):
                dims = chosen[attempt]
            elif len(out) >= POINTS:
                break
            else:
                dims = sizes(self.scope, rng, 1)[0]
            point = draw(self.scope, WORLDS["field"], dims, rng, bound, variant=attempt)
            try:
                out.append(Sample(point, self._value(point)))
            except UndefinedFault as fault:
                last = fault
        return self._checked(out, last)

    def _ball_points(self, bound: frozenset[str], wanted: int) -> list[Sample]:
        rng = random.Random(f"{self.seed}balls{sorted(bound)}")
        chosen = sizes(self.scope, rng, POINTS + 1)
        out: list[Sample] = []
        last: MathsFault | None = None
        for attempt in range(wanted + DRAWS):
            dims = chosen[attempt % len(chosen)]
            point = draw(self.scope, WORLDS["balls"], dims, rng, bound, variant=attempt)
            try:
                value = self._value(point)
            except UndefinedFault as fault:
                last = fault
                continue
            out.append(Sample(point, value, attempt % VARIANTS >= NEAR))
            if len(out) >= wanted and any(not s.far for s in out):
                break
        return self._checked(out, last)

    def _value(self, point: Point) -> Value:
        try:
            return evaluate(self.node, point)
        except UndefinedFault:
            raise
        except LimitFault as fault:
            raise RubricError(f"the expected answer {self.text!r} is too long: {fault.message}") from fault
        except MathsFault as fault:
            raise RubricError(f"the expected answer {self.text!r} has no value: {fault.message}") from fault

    def _checked(self, samples: list[Sample], last: MathsFault | None) -> list[Sample]:
        if any(not s.far for s in samples):
            return samples
        if isinstance(last, CoarseFault):
            return []
        why = f": {last.message}" if last else ""
        raise RubricError(f"the expected answer {self.text!r} has no value under the assumptions{why}")
