"""What a wrong answer most likely got wrong, named without giving the right answer away.

First the ratio of both sides at the sample points: a constant, or a product of powers of the declared
scalars and sizes (½, −1, n, −n/2, η²). Then relations (answer × expected = 1, c·answer² = expected).
Then the expected tree's mutants and the author's own list, looked up by their values at the points.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import flint

from grader.errors import LimitFault, MathsFault, ShapeFault
from grader.maths.degree import all_nodes, has_steps
from grader.maths.equality import value_verdict
from grader.maths.evaluate import Budget, Point, Value, entries_of, evaluate, needs_reals
from grader.maths.expected import Expected, Sample
from grader.maths.marks import Marks, Monomials
from grader.maths.mutants import MESSAGES, mutants
from grader.maths.printing import show
from grader.maths.sampling import binding
from grader.maths.scope import Scope
from grader.maths.shapes import elaborate
from grader.maths.tree import Node, Shape
from grader.maths.worlds import PRIME

__all__ = ["KnownMistake", "Mistake", "mutants", "name_mistake", "name_shape_mistake"]

PRECISION = 192
LARGEST = 144  # numerator and denominator of a ratio worth naming
MAX_SYMBOLS = 5  # scalars and sizes that a ratio is sought in
MAX_REPAIRS = 120
_TABLE_STEPS = 60_000


@dataclass(frozen=True, slots=True)
class KnownMistake:
    """A wrong answer the author listed."""

    node: Node
    id: str
    message: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """``id`` for statistics, ``message`` for the student (a clause without a full stop)."""

    id: str
    message: str


def name_mistake(problem: Expected, node: Node, scope: Scope) -> Mistake | None:
    """The likely slip in an answer that differs from the expected one."""
    known: list[KnownMistake] = getattr(problem, "known", [])
    for k in known:
        if k.node == node:
            return Mistake(k.id, k.message)
    gram = _wrong_gram(problem.node, node)
    if gram is not None:
        return gram
    if {"list", "order", "eq"} & {node.op, problem.node.op} or node.op == "zeros":
        return None
    if node.op == "num" and node.value == 0:
        return None  # any slip may have led there
    if problem.node.shape != node.shape:
        return _transposed(problem, node, scope)
    if problem.steps or has_steps(node, scope):
        return None
    real = problem.real or needs_reals(node, scope)
    bound = problem.bound | binding(node, scope)
    with flint.ctx.workprec(PRECISION):
        samples = problem.ball_samples(bound, PRECISION, False) if real else problem.exact_samples(bound)
        budget = Budget()
        pairs = []
        try:
            for s in samples:
                if not s.far:
                    pairs.append((s, evaluate(node, s.point.under(scope), budget)))
        except MathsFault:
            return None
        if not pairs:
            return None
        names = _scalars(problem, node, scope)
        return (
            _from_table(problem, bound, real, pairs, known, only_known=True)
            or _ratio(problem, pairs, names)
            or _relations(problem, pairs, names)
            or _from_table(problem, bound, real, pairs, known)
        )


# --- ratios -----------------------------------------------------------------------------------------------


def _scalars(problem: Expected, node: Node, scope: Scope) -> list[str]:
    """The scalars and sizes that the two sides depend on: only they can stand in their ratio."""
    own = problem.scope.kinds
    if "uses" not in problem.kept:
        problem.kept["uses"] = _uses(problem.node, problem.scope)
    names, shapes = (a | b for a, b in zip(problem.kept["uses"], _uses(node, scope), strict=True))
    named = {n for n in names if n in own and n not in problem.scope.define}
    sizes = {d for shape in shapes for d in shape or () if isinstance(d, str) and d in own} - named
    return [n for names in (named, sizes) for n in own if n in names and own[n].scalar]


def _uses(tree: Node, scope: Scope) -> tuple[set[str], set[Shape]]:
    """The names and the shapes of a tree."""
    nodes = all_nodes(tree, scope)
    return {n.value for n in nodes if n.op == "sym"}, {n.shape for n in nodes}


def _ratio(problem: Expected, pairs: list[tuple[Sample, Value]], names: list[str]) -> Mistake | None:
    ratios = [_parallel(v, s.expected) for s, v in pairs]
    if problem.node.op in ("num", "matrix") or not problem.node.names():
        # a number is simply another number, but a lost sign is one
        opposite = all(r is not None and _equal(r, -(r / r)) for r in ratios)
        return Mistake("sign", "your answer has the wrong sign") if opposite else None
    found = _monomial(problem, [s.point for s, _ in pairs], ratios, names)
    if found is None or found == "1":
        return None
    if found == "-1":
        return Mistake("sign", "your answer has the wrong sign")
    return Mistake("factor", f"your answer is {found} times the expected one")


def _parallel(a: Value, b: Value) -> Value | None:
    """The scalar c with a = c·b."""
    c: Value | None = None
    if isinstance(a, flint.nmod_mat):
        pairs: Iterator[tuple[Value, Value]] = zip(a.entries(), b.entries(), strict=True)
        c = next((x / y for x, y in pairs if x and y), None)
        return c if c is None or b * c == a else None
    for x, y in zip(entries_of(a), entries_of(b), strict=True):
        if _zero(y) or _zero(x):
            if _zero(x) and _zero(y):
                continue
            return None
        if c is None:
            c = x / y
        elif not _equal(c * y, x):
            return None
    return c


def _zero(x: Value) -> bool:
    return bool(x.contains(0)) if isinstance(x, flint.arb) else bool(x == 0)


def _equal(x: Value, y: Value) -> bool:
    return bool(x.overlaps(y)) if isinstance(x, flint.arb) else bool(x == y)


def _monomial(
    problem: Expected, points: list[Point], ratios: list[Value | None], names: list[str]
) -> str | None:
    """The ratios as one small number times powers of the named scalars and sizes, in words."""
    if any(r is None for r in ratios) or len(points) < 2:
        return None
    constant = _small(ratios)
    if constant is not None:
        return _words(constant, ())
    for powers in _monomials(problem, points, names[:MAX_SYMBOLS]).like(ratios):
        rest = []
        for r, p in zip(ratios, points, strict=True):
            c = r
            for name, e in powers:
                v = p.values[name]
                c = c / v**e if e > 0 else c * v**-e
            rest.append(c)
            if len(rest) > 1 and not _equal(rest[0], c):
                break
        else:
            number = _small(rest)
            if number is not None:
                return _words(number, powers)
    return None


def _monomials(problem: Expected, points: list[Point], names: list[str]) -> Monomials:
    key = ("monomials", id(points[0]), id(points[1]), *names)  # the points live as long as the problem
    if key not in problem.kept:
        problem.kept[key] = Monomials(points[0], points[1], names)
    return problem.kept[key]  # type: ignore[no-any-return]


def _small(values: list[Value | None]) -> Fraction | None:
    """The one small fraction that all the values are."""
    first = values[0]
    if first is None or any(v is None or not _equal(first, v) for v in values[1:]):
        return None
    if isinstance(first, flint.arb):
        if not abs(first.mid()) <= 2 * LARGEST:
            return None
        guess = Fraction(float(first.mid())).limit_denominator(LARGEST)
        exact = flint.fmpq(guess.numerator, guess.denominator)
        good = guess != 0 and all(v is not None and v.contains(exact) for v in values)
        return guess if good and abs(guess.numerator) <= LARGEST else None
    v = int(first)
    for below in range(1, LARGEST + 1):
        above = v * below % PRIME
        above = above - PRIME if above > PRIME // 2 else above
        if 0 < abs(above) <= LARGEST:
            return Fraction(above, below)
    return None


def _words(c: Fraction, powers: tuple[tuple[str, int], ...]) -> str:
    def side(sign: int) -> list[str]:
        out = []
        for name, e in powers:
            if e * sign > 0:
                shown = show(Node("sym", (), name))
                out.append(shown + ("" if abs(e) == 1 else "²" if abs(e) == 2 else "³"))
        return out

    above, below = side(1), side(-1)
    number = abs(c.numerator)
    if number != 1 or not above:
        above.insert(0, str(number))
    if c.denominator != 1:
        below.insert(0, str(c.denominator))
    top = " ".join(above)
    bottom = " ".join(below)
    text = top if not below else f"{top}/{bottom}" if len(below) == 1 else f"{top}/({bottom})"
    return f"-{text}" if c < 0 else text


def _relations(problem: Expected, pairs: list[tuple[Sample, Value]], names: list[str]) -> Mistake | None:
    if any(hasattr(v, "entries") for _, v in pairs) or any(_zero(v) or _zero(s.expected) for s, v in pairs):
        return None
    points = [s.point for s, _ in pairs]
    if all(_equal(v * s.expected, s.expected / s.expected) for s, v in pairs):
        return Mistake("inverted-fraction", "the fraction is upside down")
    if not problem.node.names():
        return None  # any two numbers have a ratio
    sizes = [n for n in names if problem.scope.kinds[n].sort in ("dim", "integer")]
    if _monomial(problem, points, [s.expected * v for s, v in pairs], sizes) is not None:
        return Mistake("inverted-fraction", "a fraction is upside down (and a factor differs)")
    unsquared = _monomial(problem, points, [s.expected / (v * v) for s, v in pairs], sizes)
    if unsquared is not None:
        factor = "" if unsquared == "1" else ", and a factor differs"
        return Mistake("norm-not-squared", f"something that should be squared is not (a norm?){factor}")
    squared = _monomial(problem, points, [v / (s.expected * s.expected) for s, v in pairs], sizes)
    if squared is not None:
        factor = "" if squared == "1" else ", and a factor differs"
        return Mistake("extra-square", f"something is squared that should not be{factor}")
    return None


# --- mutants ------------------------------------------------------------------------------------------------


def _from_table(
    problem: Expected,
    bound: frozenset[str],
    real: bool,
    pairs: list[tuple[Sample, Value]],
    known: list[KnownMistake],
    *,
    only_known: bool = False,
) -> Mistake | None:
    if only_known and not known:
        return None
    rows = _table(problem, bound, real, pairs[0][0], known)
    (first, value), rest = pairs[0], pairs[1:]
    del first
    if not real:
        candidates = rows.by_value.get(_key(value), [])
    else:
        near = [rows.balls[k] for k in rows.marks.near(entries_of(value)[0])]
        candidates = [m for v, m in near if _same_balls(v, value)]
    for mistake, tree in candidates:
        if only_known and not any(mistake.id == k.id for k in known):
            continue
        if all(_agrees(tree, s, v) for s, v in rest):
            return mistake
    return None


@dataclass
class _Table:
    by_value: dict[tuple[int, ...], list[tuple[Mistake, Node]]] = field(default_factory=dict)
    balls: list[tuple[Value, tuple[Mistake, Node]]] = field(default_factory=list)
    marks: Marks = field(default_factory=Marks)  # of the first entries of ``balls``


def _table(
    problem: Expected, bound: frozenset[str], real: bool, sample: Sample, known: list[KnownMistake]
) -> _Table:
    """The mutants' values at the first point, computed when the first wrong answer comes."""
    key = ("mutants", bound, real)
    if key in problem.kept:
        return problem.kept[key]  # type: ignore[no-any-return]
    table = _Table()
    budget = Budget(_TABLE_STEPS)
    listed = [(Mistake(k.id, k.message), k.node) for k in known]
    made = ((Mistake(name, MESSAGES[name]), tree) for name, tree in _and_sizes(problem.node, problem.scope))
    for mistake, tree in itertools.chain(listed, made):
        try:
            value = evaluate(tree, sample.point, budget)
        except LimitFault:
            break
        except MathsFault:
            continue
        if real:
            table.marks.add(entries_of(value)[0], len(table.balls))
            table.balls.append((value, (mistake, tree)))
        else:
            table.by_value.setdefault(_key(value), []).append((mistake, tree))
    problem.kept[key] = table
    return table


def _and_sizes(node: Node, scope: Scope) -> Iterator[tuple[str, Node]]:
    """The mutants, and every size or count once off by one."""
    yield from mutants(node)
    for name in sorted(node.names()):
        kind = scope.kinds.get(name)
        if kind is None or kind.sort not in ("dim", "integer"):
            continue
        for step in (-1, 1):
            off = Node("add", (Node("sym", (), name), Node("num", (), Fraction(step))))

            def change(n: Node, name: str = name, off: Node = off) -> Node | None:
                return off if n.op == "sym" and n.value == name else None

            yield "off-by-one", node.map(change)


def _key(v: Value) -> tuple[int, ...]:
    return tuple(int(x) for x in entries_of(v))


def _same_balls(a: Value, b: Value) -> bool:
    return all(
        x.is_finite() and y.is_finite() and x.overlaps(y)
        for x, y in zip(entries_of(a), entries_of(b), strict=True)
    )


def _agrees(tree: Node, s: Sample, value: Value) -> bool:
    try:
        v = evaluate(tree, s.point)
    except MathsFault:
        return False
    return _same_balls(v, value) if isinstance(entries_of(v)[0], flint.arb) else bool(v == value)


# --- shapes -------------------------------------------------------------------------------------------------


def _wrong_gram(expected: Node, answer: Node) -> Mistake | None:
    """(XᵀX)⁻¹ where (XXᵀ)⁻¹ is expected."""

    def products(tree: Node) -> list[tuple[Node, Node]]:
        inside = (n.args[0] for n in tree.walk() if n.op == "inv" and n.args[0].op == "dot")
        return [(x.args[0], x.args[1]) for x in inside]

    mine = products(answer) if "inv" in answer.ops() else []
    if not mine:
        return None
    wanted = products(expected)
    for p, q in mine:
        if (p, q) not in wanted and (q, p) in wanted and (p.op == "T" or q.op == "T"):
            return Mistake(
                "wrong-gram", f"the inverse of {show(p)}{show(q)} is not the one that is needed here"
            )
    return None


def _transposed(problem: Expected, node: Node, scope: Scope) -> Mistake | None:
    """A row for a column: named alone where nothing else is wrong, or where either layout is accepted not
    at all."""
    have, want = node.shape, problem.node.shape
    if have is None or want is None or want != (have[1], have[0]):
        return None
    turned = Node("T", (node,), None, node.span, want)
    try:
        right = value_verdict(problem, turned, scope, None, False).equivalent
    except MathsFault:
        right = False
    layout = "your answer is transposed: a row stands for a column or the other way round"
    if right:
        return Mistake("layout", layout)
    return name_mistake(problem, turned, scope)


def name_shape_mistake(
    problem: Expected, fault: ShapeFault, same: Callable[[Node, Scope], bool]
) -> Mistake | None:
    """The one transpose or swap that would make an answer fit together and be right.

    ``same`` says whether a repaired tree is right.
    """
    tree = fault.tree
    scope = problem.scope
    if not isinstance(tree, Node) or not tree.names() <= scope.kinds.keys():
        return None
    for count, (mistake, repaired) in enumerate(_repairs(tree)):
        if count >= MAX_REPAIRS:
            return None
        try:
            node = elaborate(repaired, scope)
        except MathsFault:
            continue
        if node.shape == problem.node.shape and same(node, scope):
            return mistake
    return None


def _repairs(n: Node) -> Iterator[tuple[Mistake, Node]]:
    def place(x: Node) -> str:
        try:
            return show(x)
        except (AttributeError, KeyError, TypeError):  # a tree without shapes
            return "one factor"

    if n.op == "T":
        yield Mistake("extra-transpose", f"there is a transpose too many at {place(n)}"), n.args[0]
    if n.op not in ("num", "const", "var", "eq", "list", "T", "neg"):
        yield (
            Mistake("lost-transpose", f"a transpose is missing at {place(n)}"),
            Node("T", (n,), None, n.span),
        )
    if n.op == "mul":
        a, b = n.args
        yield (
            Mistake("swapped-factors", f"the factors {place(a)} and {place(b)} are swapped"),
            n.with_args((b, a)),
        )
        if a.op == "mul":
            x, y = a.args
            swapped = n.with_args((a.with_args((x, b)), y))
            yield Mistake("swapped-factors", f"the factors {place(y)} and {place(b)} are swapped"), swapped
    for k, a in enumerate(n.args):
        if n.op in ("idx", "sum", "prod") and k:
            break
        for mistake, other in _repairs(a):
            yield mistake, n.with_args((*n.args[:k], other, *n.args[k + 1 :]))
