"""Equations: two are the same when they have the same solutions.

``A = B`` and ``C = D`` are compared through their differences, in this order:

* differences whose ratio is a nonzero constant at every point: the same solutions;
* both affine in the same symbol (a scalar, a vector, a matrix): at random values of the other symbols
  both solution sets are found by elimination and compared; unequal sets are a proof;
* polynomials: equal up to powers of their factors, which have the same zeros; else points that solve
  one and not the other are sought.

What none of these settles is undecided.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import flint

from grader.errors import LimitFault, MathsFault, ShapeFault, SyntaxFault, UndefinedFault
from grader.maths.counterexample import show_exact
from grader.maths.evaluate import Budget, Point, Value, entries_of, evaluate, needs_reals
from grader.maths.labels import label_of
from grader.maths.peeled import peeled
from grader.maths.polynomials import has_real_zeros, numerator, only_one_has, zero_of
from grader.maths.printing import show
from grader.maths.products import shape_text
from grader.maths.reading import read_member, read_statements
from grader.maths.sampling import WORLDS, binding, draw, sizes, small_sizes
from grader.maths.scope import Scope
from grader.maths.statements import Statement
from grader.maths.tree import Node
from grader.maths.verdict import Comparison, undecided

__all__ = ["compare_equations", "difference_of", "is_equation", "named_equation", "solve_affine"]

POINTS = 4
BALLS = 128  # bits
MAX_UNKNOWNS = 40  # entries of a matrix that an equation is solved for
SPANS = (1, 2, 2, 3, 3, 3)
_POSITIVE = frozenset(("> 0", "in (0,1)"))
_NEVER_ZERO = ("> 0", "< 0", "!= 0", "in (0,1)")


def difference_of(equation: Node) -> Node:
    """``A − B`` of ``A = B``.

    Raises:
        ShapeFault: the two sides have different shapes.
        SyntaxFault: this is not an equation.
    """
    if equation.op != "eq":
        raise SyntaxFault("an equation is expected here, with an equals sign", equation.span)
    a, b = equation.args
    if b.op == "num" and b.value == 0:
        return a
    if a.op == "num" and a.value == 0:
        return b
    if a.shape != b.shape:
        raise ShapeFault(
            f"the sides of this equation are {shape_text(a.shape)} and {shape_text(b.shape)}", a.span
        )
    return Node("add", (a, Node("neg", (b,), None, b.span, b.shape)), None, a.span, a.shape)


def is_equation(statements: Sequence[Statement], scope: Scope) -> bool:
    """Whether the expected side is an equation itself rather than a labelled value."""
    found = [s for s in statements if s.members]
    if not found or len(found[-1].members) < 2 or found[-1].relations[0] != "=":
        return False
    left = found[-1].members[0]
    if label_of(left) is None:
        return True
    if any(t.text in "([" for t in left):
        return False
    try:  # "xy = 1", "X^TXw = X^Tt": a product of declared names is no label
        node, _ = read_member(left, scope, infix=not found[-1].latex)
    except MathsFault:
        return False
    products = ("mul", "scale", "dot")
    return node.op in products and all(n.op in (*products, "sym", "T") for n in node.walk())


def named_equation(statements: Sequence[Statement], scope: Scope) -> Node | None:
    """``η = 1/λ`` as an equation, where η is a declared symbol and no abbreviation."""
    found = [s for s in statements if s.members]
    if not found or len(found[-1].members) < 2 or found[-1].relations[0] != "=":
        return None
    name = label_of(found[-1].members[0])
    name = scope.aliases.get(name, name) if name else None
    if name not in scope.kinds or name in scope.define:
        return None
    try:
        node = read_statements(statements, scope, equation=True).node
    except MathsFault:
        return None
    return node if node.args[0].op == "sym" and node.args[0].value not in node.args[1].names() else None


def solve_affine(difference: Node, name: str, point: Point) -> Value | None:
    """The value of the scalar ``name`` at which ``difference`` vanishes, the rest as in ``point``;
    None if it is not affine in it there or has no solution."""
    if difference.shape is not None or name not in point.values or hasattr(point.values[name], "entries"):
        return None
    world = point.world
    f0, f1, f2 = (evaluate(difference, point.moved({name: world.scalar(k)})) for k in (0, 1, 2))
    slope = f1 - f0
    if f2 - f1 != slope or slope == 0:
        return None
    return -f0 / slope


def compare_equations(expected: Node, answer: Node, scope: Scope, seed: str) -> Comparison:
    """The verdict on an equation.

    Raises:
        MathsFault: the answer is no equation that has a meaning.
    """
    want, have = difference_of(expected), difference_of(answer)
    if needs_reals(want, scope) or needs_reals(have, scope):
        if want == have:
            return _same("it is the same equation")
        bare = peeled(expected, scope), peeled(answer, scope)
        if bare != (expected, answer):
            return compare_equations(*bare, scope, seed)
        return _tried_in_balls(want, have, scope)
    rng = random.Random(seed)
    bound = binding(want, scope) | binding(have, scope)
    points = [draw(scope, WORLDS["field"], dims, rng, bound) for dims in sizes(scope, rng, POINTS)]
    if _proportional(want, have, points):
        return _same(f"up to a constant factor, at {POINTS} points", POINTS)
    names = [
        n
        for n in scope.kinds
        if n in want.names() | have.names() and n not in scope.define and scope.kinds[n].sort != "function"
    ]
    budget = Budget()
    if want.shape is None and have.shape is None:
        p, q = numerator(want, scope), numerator(have, scope)
        if p is not None and q is not None:
            loses = _loses_solutions(expected, scope) != _loses_solutions(answer, scope)
            return _polynomials(want, have, p, q, scope, loses)
    settled, open_questions = False, False
    for name in names:
        found = _solution_sets(want, have, name, points, budget)
        if found == "different":
            return _refuted(want, have, name, scope)
        settled |= found == "same"
        # a factor that only vanishes for special values of this symbol would not have been seen
        open_questions |= found == "unknown" and scope.kinds[name].sort not in ("matrix", "dim")
    if settled and not open_questions:
        return _same(f"solved at {POINTS} points", POINTS)
    return _tried(want, have, names, points, scope)


def _tried_in_balls(want: Node, have: Node, scope: Scope) -> Comparison:
    """Solutions of the one that is affine in something, put into the other."""
    with flint.ctx.workprec(BALLS):
        for first, second, whose in ((want, have, "expected"), (have, want, "yours")):
            for name in scope.kinds if not needs_reals(first, scope) else ():
                apart = _separating(first, second, name, scope) if name in first.names() else None
                if apart is not None:
                    return _other_solutions(apart, whose)
    return undecided()


def _polynomials(want: Node, have: Node, p: Any, q: Any, scope: Scope, loses: bool) -> Comparison:
    """Polynomials have the same zeros if they have the same irreducible factors with real zeros."""
    first, second = ([f for f in fs if _can_vanish(f, scope)] for fs in only_one_has(p, q))
    if not first and not second and (p == 0) == (q == 0):
        if loses:
            return undecided("it has no value where its denominator is zero")
        return Comparison(
            "equivalent",
            "The same solutions as the expected equation: the same factors.",
            evidence={"level": "proved", "by": "factors"},
        )
    names = [n for n in scope.kinds if n in want.names() | have.names()]
    for factors, others, whose in ((first, q, "expected"), (second, p, "yours")):
        for f in factors:
            found = zero_of(f, others)
            if found is not None and _admissible(found, scope):
                values = {show(Node("sym", (), n)): show_exact(found[n]) for n in names if n in found}
                return _other_solutions(values, whose)
    known = [has_real_zeros(f) for f in (*first, *second)]
    if _limited(names, scope):
        for a, b, whose in ((want, have, "expected"), (have, want, "yours")):
            for name in names:
                apart = _separating(a, b, name, scope)
                if apart is not None:
                    return _other_solutions(apart, whose)
        return undecided("no solution with the declared signs was found that tells them apart")
    if any(known) or p == 0 or q == 0:
        return Comparison(
            "different", "Other solutions than the expected equation.", evidence={"level": "refuted"}
        )
    if None in known:
        return undecided("its factors are not those of the expected equation")
    return _same("the other factors have no real zeros")


def _limited(names: list[str], scope: Scope) -> bool:
    """Whether a declared sign limits any of these."""
    return any(scope.kinds[n].sign for n in names)


def _admissible(values: Mapping[str, Any], scope: Scope) -> bool:
    """Whether scalar values have their declared signs."""
    for name, v in values.items():
        sign = scope.kinds[name].sign if name in scope.kinds else ""
        if sign.startswith("in"):
            ok = 0 < v < 1
        else:
            ok = {"": True, "> 0": v > 0, ">= 0": v >= 0, "< 0": v < 0, "<= 0": v <= 0, "!= 0": v != 0}[sign]
        if not ok:
            return False
    return True


def _can_vanish(factor: Any, scope: Scope) -> bool:
    """Not a declared nonzero symbol by itself, nor a sum of positive terms, such as ηλ + 1."""
    names = factor.context().names()
    used = [names[k] for k, degree in enumerate(factor.degrees()) if degree]
    positive = all(scope.kinds[n].sort == "dim" or scope.kinds[n].sign in _POSITIVE for n in used)
    if positive and len({c > 0 for c in factor.coeffs()}) == 1:
        return False
    return not (len(used) == 1 and len(factor) == 1 and scope.kinds[used[0]].sign in _NEVER_ZERO)


def _loses_solutions(equation: Node, scope: Scope) -> frozenset[Node]:
    """Denominators that may vanish; one that an equation was solved with, ``y = u/x``, is meant."""
    if any(side.op == "sym" for side in equation.args):
        return frozenset()
    return frozenset(
        n.args[1]
        for n in equation.walk()
        if n.op == "div"
        and not all(
            x.op in ("num", "mul", "pow", "const")
            or (x.op == "sym" and scope.kinds[x.value].sign in _NEVER_ZERO)
            for x in n.args[1].walk()
        )
    )


def _same(how: str, points: int = 0) -> Comparison:
    evidence: dict[str, Any] = {"level": "supported", "points": points} if points else {"level": "proved"}
    return Comparison(
        "equivalent", f"The same solutions as the expected equation ({how}).", evidence=evidence
    )


def _proportional(want: Node, have: Node, points: list[Point]) -> bool:
    if want.shape != have.shape:
        return False
    ratio: Value | None = None
    seen = 0
    for point in points:
        try:
            a, b = entries_of(evaluate(want, point)), entries_of(evaluate(have, point))
        except UndefinedFault:
            continue
        for x, y in zip(a, b, strict=True):
            if x == 0 and y == 0:
                continue
            if x == 0 or y == 0:
                return False
            if ratio is None:
                ratio = y / x
            elif y != ratio * x:
                return False
        seen += 1
    return ratio is not None and seen > 1


def _solution_sets(want: Node, have: Node, name: str, points: list[Point], budget: Budget) -> str:
    """``same``, ``different`` or ``unknown``: both solved for one symbol, the others held."""
    out = "unknown"
    for point in points:
        try:
            a, b = _reduced(want, name, point, budget), _reduced(have, name, point, budget)
        except UndefinedFault:
            continue
        if a is None or b is None:
            return "unknown"
        if a != b:
            return "different"
        out = "same"
    return out


def _reduced(difference: Node, name: str, point: Point, budget: Budget) -> Value | None:
    """The reduced system [A | b] of A·x + b = 0 for the entries x of ``name``; None if it is not affine."""
    world = point.world
    if name not in point.values:
        return None
    value = point.values[name]
    scalar = not hasattr(value, "entries")
    count = 1 if scalar else len(value.entries())
    if count > MAX_UNKNOWNS:
        return None

    def at(x: list[Value]) -> list[Value]:
        moved = x[0] if scalar else world.matrix(value.nrows(), value.ncols(), x)
        return entries_of(evaluate(difference, point.moved({name: moved}), budget))

    zero, one = world.scalar(0), world.scalar(1)
    base = at([zero] * count)
    columns = []
    for k in range(count):
        step = at([one if i == k else zero for i in range(count)])
        columns.append([s - b for s, b in zip(step, base, strict=True)])
    x = [world.scalar(7 * k + 3) for k in range(count)]
    for probe in (x, [v * v for v in x]):
        predicted = [
            b + sum((c[i] * v for c, v in zip(columns, probe, strict=True)), zero) for i, b in enumerate(base)
        ]
        if at(probe) != predicted:
            return None
    rows = len(base)
    matrix = world.matrix(
        rows,
        count + 1,
        [columns[k][i] if k < count else base[i] for i in range(rows) for k in range(count + 1)],
    )
    reduced, rank = matrix.rref()
    kept = [tuple(int(reduced[i, k]) for k in range(count + 1)) for i in range(rank)]
    return "none" if kept and not any(kept[-1][:-1]) else tuple(kept)


def _refuted(want: Node, have: Node, name: str, scope: Scope) -> Comparison:
    """A small solution of one equation that the other does not have."""
    for first, second, whose in ((want, have, "expected"), (have, want, "yours")):
        found = _separating(first, second, name, scope)
        if found is not None:
            return _other_solutions(found, whose)
    if _limited([n for n in scope.kinds if n in want.names() | have.names()], scope):
        return undecided("no solution with the declared signs was found that tells them apart")
    return Comparison(
        "different", "Other solutions than the expected equation.", evidence={"level": "refuted"}
    )


def _other_solutions(values: dict[str, str], whose: str) -> Comparison:
    one, other = ("the expected equation", "yours") if whose == "expected" else ("yours", "the expected one")
    at = ", ".join(f"{k} = {x}" for k, x in values.items())
    text = f"{at} solves {one} and not {other}"
    return Comparison(
        "different",
        f"Other solutions than expected: {text}.",
        evidence={"level": "refuted", "counterexample": {"values": values, "text": text, "solves": whose}},
    )


def _separating(first: Node, second: Node, name: str, scope: Scope) -> dict[str, str] | None:
    rng = random.Random(7)
    for dims in small_sizes(scope):
        for span in SPANS:
            point = draw(scope, WORLDS["rationals"], dims, rng, frozenset("*"), span=span)
            try:
                v = _a_solution(first, name, point)
                if v is None:
                    continue
                point = point.moved({name: v})
                if not _certainly_not_zero(second, point, scope):
                    continue
                used = [n for n in scope.kinds if n in first.names() | second.names() and n in point.values]
                if not _admissible({n: point.values[n] for n in used if scope.kinds[n].scalar}, scope):
                    continue
                return {show(Node("sym", (), n)): show_exact(point.values[n]) for n in used}
            except (MathsFault, ZeroDivisionError):
                continue
    return None


def _certainly_not_zero(difference: Node, point: Point, scope: Scope) -> bool:
    if not needs_reals(difference, scope):
        return any(x != 0 for x in entries_of(evaluate(difference, point)))
    values = {k: _in_balls(point.values[k]) for k in scope.kinds if k in point.values}
    functions = {k: [flint.arb(c) for c in v] for k, v in point.functions.items()}
    at = Point(WORLDS["balls"], point.scope, point.dims, values, point.integers, functions)
    return any(not x.contains(0) for x in entries_of(evaluate(difference, at)))


def _in_balls(v: Value) -> Value:
    """A rational value as one in real balls."""
    if not hasattr(v, "entries"):
        return flint.arb(v)
    return WORLDS["balls"].matrix(v.nrows(), v.ncols(), [flint.arb(x) for x in v.entries()])


def _a_solution(difference: Node, name: str, point: Point) -> Value | None:
    value = point.values.get(name)
    if not hasattr(value, "entries"):
        return solve_affine(difference, name, point)
    if evaluate(difference, point) is None or value is None or value.ncols() != 1:
        return None
    world, count = point.world, value.nrows()
    zero, one = world.scalar(0), world.scalar(1)

    def at(x: list[Value]) -> list[Value]:
        return entries_of(evaluate(difference, point.moved({name: world.matrix(count, 1, x)})))

    base = at([zero] * count)
    columns = [at([one if i == k else zero for i in range(count)]) for k in range(count)]
    rows = len(base)
    entries = [
        columns[k][i] - base[i] if k < count else -base[i] for i in range(rows) for k in range(count + 1)
    ]
    reduced, rank = flint.fmpq_mat(rows, count + 1, entries).rref()
    x = list(value.entries())
    for i in range(rank - 1, -1, -1):
        pivot = next(k for k in range(count + 1) if reduced[i, k] != 0)
        if pivot == count:
            return None
        x[pivot] = reduced[i, count] - sum((reduced[i, k] * x[k] for k in range(pivot + 1, count)), zero)
    return world.matrix(count, 1, x)


def _tried(want: Node, have: Node, names: list[str], points: list[Point], scope: Scope) -> Comparison:
    """Look for solutions of one that the other lacks; finding none proves nothing."""
    for first, second in ((want, have), (have, want)):
        for name in names:
            for point in points:
                try:
                    v = solve_affine(first, name, point)
                    if v is None:
                        break
                    other = evaluate(second, point.moved({name: v}))
                except LimitFault:
                    raise
                except MathsFault:
                    continue
                if any(x != 0 for x in entries_of(other)):
                    return _refuted(first, second, name, scope)
    return undecided("it has the expected solutions where that could be tried")
