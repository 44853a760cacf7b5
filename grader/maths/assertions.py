"""Relations that an answer states: is one of them the expected equation or inequality, in any arrangement?

``A ≤ B`` and ``2ηA − 2ηB ≤ 0`` say the same where η > 0: their differences have a ratio that is a number
times powers of scalars whose sign is declared. A chain ``A = B ≤ C`` also states ``A ≤ C``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.errors import MathsFault, RubricError
from grader.maths.authoring import compiled_formula, compiled_mistake
from grader.maths.compare import Problem
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.equations import difference_of
from grader.maths.evaluate import entries_of, evaluate, needs_reals
from grader.maths.mutation import agrees
from grader.maths.reading import Reading, read_member
from grader.maths.sampling import binding
from grader.maths.scope import Scope
from grader.maths.statements import Statement, find_statements
from grader.maths.tree import Node, num

__all__ = ["Relation", "Stated", "is_relation", "relation", "stated_relations"]

MAX_MEMBERS = 12  # of one chain that are paired
MAX_STATED = 300  # relations of one answer
MAX_PART = 24  # of the numerator and the denominator of a factor
MAX_POWER = 2
MAX_SCALARS = 4

_TURNED = {"=": "=", "<=": ">=", ">=": "<=", "<": ">", ">": "<"}
_POSITIVE = ("> 0", "in (0,1)")


@dataclass(frozen=True, slots=True)
class Stated:
    """``difference`` stands in ``sign`` to 0."""

    difference: Node
    sign: str
    scope: Scope
    line: str


class Relation:
    """An expected equation or inequality, compiled."""

    def __init__(self, difference: Problem, sign: str, text: str) -> None:
        self.difference = difference
        self.sign = sign
        self.text = text

    def stated_by(self, s: Stated) -> bool:
        """Whether ``s`` says the same, or the same strictly."""
        p, reading = self.difference, Reading(s.difference, scope=s.scope)
        for sign, minus in ((s.sign, False), (_TURNED[s.sign], True)):
            if _implies(sign, self.sign) and agrees(p, _negated(reading) if minus else reading):
                return True
        factor = self._factor(s)
        if factor is None:
            return False
        value, scalars = factor
        sign = s.sign if value > 0 else _TURNED[s.sign]
        if not _implies(sign, self.sign):
            return False
        return self.sign == "=" or all(_is_positive(n, s.scope) for n in scalars)

    def _factor(self, s: Stated) -> tuple[Fraction, list[str]] | None:
        """By what number and which scalars the expected difference has to be multiplied."""
        p, node = self.difference, s.difference
        if node.shape != p.node.shape or p.real or needs_reals(node, s.scope):
            return None
        names = [
            n
            for n in sorted(p.node.names() | node.names())
            if n in s.scope.kinds
            and s.scope.kinds[n].scalar
            and n not in s.scope.define
            and _is_nonzero(n, s.scope)
        ][:MAX_SCALARS]
        ratios: list[tuple[Any, Any]] = []
        try:
            for sample in p.exact_samples(p.bound | binding(node, s.scope)):
                point = sample.point.under(s.scope)
                ratio = _ratio(entries_of(sample.expected), entries_of(evaluate(node, point)))
                if ratio is None:
                    return None
                ratios.append((ratio, point))
        except (MathsFault, RecursionError):
            return None
        for powers in itertools.product(range(-MAX_POWER, MAX_POWER + 1), repeat=len(names)):
            values = []
            for ratio, point in ratios:
                for name, power in zip(names, powers, strict=True):
                    ratio = ratio / point.values[name] ** power if power else ratio
                values.append(ratio)
            if len(values) > 1 and all(v == values[0] for v in values):
                found = _small(values[0])
                if found is not None:
                    return found, [n for n, k in zip(names, powers, strict=True) if k % 2]
        return None


def is_relation(text: str) -> bool:
    """Whether an author's text is an equation or an inequality rather than a formula."""
    found = [s for s in find_statements(text) if s.members]
    return bool(found) and any(r in _TURNED for r in found[-1].relations)


def relation(declarations: Declarations, text: str, key: str, *, wrong: bool = False) -> Relation:
    """An author's relation; one that is ``wrong`` needs no value under the assumptions.

    Raises:
        RubricError: it cannot be read, or says nothing.
    """
    scope = compile_scope(declarations)
    s = next((s for s in find_statements(text) if s.members or s.fault), None)
    if s is None or s.fault is not None or len(s.members) != 2 or s.relations[0] not in _TURNED:
        raise RubricError(f"`{key}` is {text!r}; write one relation, A = B or A \\le B")
    left, right = (text[m[0].start : m[-1].end] for m in s.members)
    sign = s.relations[0]
    if _is_zero(left):
        left, right, sign = right, left, _TURNED[sign]
    compiled = compiled_mistake if wrong else compiled_formula
    difference = compiled(declarations, left if _is_zero(right) else f"{left} - ({right})", key)
    if difference.verdict(num(0), scope).equivalent:
        fact = "which holds for all values; leave a name free in it, or write one side only"
        raise RubricError(f"`{key}` is {text!r}, {fact}")
    return Relation(difference, sign, text)


def _is_zero(text: str) -> bool:
    return text.strip() in ("0", r"\mathbf{0}", r"\mathbf 0")


def stated_relations(statements: Sequence[Statement], scope: Scope) -> Iterator[Stated]:
    """The relations between any two members of every chain, neighbours first."""
    count = 0
    seen: set[Node] = set()
    for s in statements:
        if s.fault is not None or len(s.members) < 2:
            continue
        nodes: list[Node | None] = []
        for m in s.members[:MAX_MEMBERS]:
            try:
                nodes.append(read_member(m, scope, infix=not s.latex, lenient=True)[0] if m else None)
            except MathsFault:
                nodes.append(None)
        for width in range(1, len(nodes)):
            for i in range(len(nodes) - width):
                left, right = nodes[i], nodes[i + width]
                sign = _together(s.relations[i : i + width])
                if left is None or right is None or not sign or count >= MAX_STATED:
                    continue
                try:
                    difference = difference_of(Node("eq", (left, right)))
                except MathsFault:
                    continue
                if difference in seen:
                    continue
                seen.add(difference)
                count += 1
                turned = difference is right  # 0 ≤ B is kept as B
                yield Stated(difference, _TURNED[sign] if turned else sign, scope, s.text)


def _together(relations: Sequence[str]) -> str:
    """What a chain of relations comes to; empty where they point in both directions."""
    kinds = {":=": "="}
    seen = {kinds.get(r, r) for r in relations}
    if not seen <= _TURNED.keys():
        return ""
    orders = seen - {"="}
    if not orders:
        return "="
    if orders <= {"<", "<="}:
        return "<" if "<" in orders else "<="
    if orders <= {">", ">="}:
        return ">" if ">" in orders else ">="
    return ""


def _implies(sign: str, wanted: str) -> bool:
    return sign == wanted or (sign, wanted) in (("<", "<="), (">", ">="))


def _negated(reading: Reading) -> Reading:
    node = reading.node
    return Reading(Node("neg", (node,), None, node.span, node.shape), scope=reading.scope)


def _ratio(expected: Sequence[Any], value: Sequence[Any]) -> Any:
    """value / expected, if it is the same nonzero number for all entries."""
    out = None
    for e, v in zip(expected, value, strict=True):
        if (e == 0) != (v == 0):
            return None
        if e == 0:
            continue
        if out is None:
            out = v / e
        elif e * out != v:
            return None
    return out


def _small(x: Any) -> Fraction | None:
    """The fraction of small whole numbers that an element of the prime field is."""
    for b in range(1, MAX_PART + 1):
        for a in range(1, MAX_PART + 1):
            if x * b == a:
                return Fraction(a, b)
            if x * b == -a:
                return Fraction(-a, b)
    return None


def _is_nonzero(name: str, scope: Scope) -> bool:
    return scope.kinds[name].sort in ("dim", "integer") or scope.kinds[name].sign in (
        *_POSITIVE,
        "< 0",
        "!= 0",
    )


def _is_positive(name: str, scope: Scope) -> bool:
    return scope.kinds[name].sort in ("dim", "integer") or scope.kinds[name].sign in _POSITIVE
