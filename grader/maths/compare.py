"""Is an answer equal to what is expected? The verdict, with evidence.

Both sides are evaluated at the same random points that respect the declared shapes and assumptions,
for several unequal sizes. Rational expressions are compared exactly in a field of 2⁶¹ − 1 elements,
where equal at k points is wrong with a probability of at most (degree / 2⁶¹)ᵏ (Schwartz 1980, Zippel
1979), and at one point of the rationals, where no coefficient can vanish. Everything else is compared
in real balls: disjoint balls prove a difference, overlapping tight ones support equality to the stated
precision. Where a normal form shows the two to be the same polynomial, equality is proved.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from weakref import ref

import flint

from grader.errors import (
    LimitFault,
    MathsFault,
    RubricError,
    ShapeFault,
    SyntaxFault,
)
from grader.maths.declare import Declarations
from grader.maths.declared import compile_scope
from grader.maths.equality import PRECISIONS, value_verdict
from grader.maths.equations import compare_equations, is_equation, named_equation
from grader.maths.expected import Expected
from grader.maths.growth import compare_growth
from grader.maths.implied import as_equation, implied
from grader.maths.mistakes import KnownMistake, Mistake, name_mistake, name_shape_mistake
from grader.maths.printing import show
from grader.maths.products import shape_text
from grader.maths.reading import Reading, read_statements, read_text
from grader.maths.scope import Scope
from grader.maths.settle import check_name, settled
from grader.maths.statements import find_statements
from grader.maths.tree import Node
from grader.maths.verdict import Comparison, Said, Tolerance, internal, invalid

__all__ = ["Comparison", "Problem", "Tolerance", "compare", "invalid", "problem"]

KEPT = 256  # different answers to one question whose verdicts are kept
KEPT_IN_ALL = 30_000  # of all questions; each takes some 6 kB
SHORT = 200  # characters of such an answer

# "0.894…" where a tolerance says how many digits count
_GOES_ON = re.compile(r"((?<![\d.])\d{1,20}\.\d{2,20})[ ~]?(?:\\[lc]?dots\b|\.{3}|…)(?=[\s,;&)\]}$\\]|\Z)")
_Key = tuple[str, bool | None, bool, bool]  # the answer and how it is read


_ORDER: deque[tuple[ref[Problem], _Key]] = deque()  # of the verdicts that are kept


class Problem(Expected):
    """An expected answer, compiled; judges any number of answers.

    ``mistakes``: wrong answers the author knows, as (text, id, message).

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
        scope: Scope | None = None,
        mistakes: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        scope = scope or compile_scope(declarations)
        self.tolerance = tolerance
        self.accept_transpose = accept_transpose
        found = find_statements(expected)
        self.is_equation = is_equation(found, scope) if equation is None else equation
        try:
            reading = read_statements(found, scope, equation=self.is_equation)
        except MathsFault as fault:
            raise RubricError(f"the expected answer {expected!r} cannot be read: {fault.message}") from fault
        self.named = None if self.is_equation else named_equation(found, scope)
        super().__init__(reading.node, reading.scope or scope, expected, repr((declarations, expected)))
        self._judged: dict[_Key, Comparison] = {}
        self.known = [self._known(text, name, message) for text, name, message in mistakes]

    def _known(self, text: str, name: str, message: str) -> KnownMistake:
        try:
            reading = read_text(text, self.scope, equation=self.is_equation)
        except MathsFault as fault:
            raise RubricError(f"the listed mistake {text!r} cannot be read: {fault.message}") from fault
        return KnownMistake(reading.node, name, message)

    def sampled(self) -> None:
        """Draw the sample points now.

        Raises:
            RubricError: the expected side has no value under the assumptions.
        """
        if self.steps:
            return
        if self.real:
            with flint.ctx.workprec(PRECISIONS[0]):
                self.ball_samples(self.bound, PRECISIONS[0])
        else:
            self.exact_samples(self.bound)

    # --- judging ------------------------------------------------------------------------------------

    def judge(
        self, answer: str, *, infix: bool | None = None, decimal_comma: bool = False, lenient: bool = False
    ) -> Comparison:
        """The verdict on an answer as text. Those on short answers are kept: a class gives the same ones."""
        key = (answer, infix, decimal_comma, lenient)
        out = self._judged.get(key)
        if out is None:
            out = self._judge(answer, infix, decimal_comma, lenient)
            if len(answer) <= SHORT and out.reason != "internal":
                self._keep(key, out)
        return out

    def _keep(self, key: _Key, out: Comparison) -> None:
        """Keep a verdict; the oldest of this question makes room for it, and the oldest of all."""
        self._judged[key] = out
        if len(self._judged) > KEPT:
            del self._judged[next(iter(self._judged))]
        _ORDER.append((ref(self), key))
        if len(_ORDER) > KEPT_IN_ALL:
            owner, oldest = _ORDER.popleft()
            question = owner()
            if question is not None:
                question._judged.pop(oldest, None)

    def _judge(self, answer: str, infix: bool | None, decimal_comma: bool, lenient: bool) -> Comparison:
        if self.tolerance is not None and ("." in answer or "dots" in answer):
            answer = _GOES_ON.sub(lambda m: m[1] + " " * (len(m[0]) - len(m[1])), answer)
        other = as_equation(self, answer, infix, decimal_comma)
        if other is not None:
            return other
        out = self._as_value(answer, infix, decimal_comma, lenient)
        if out.equivalent or "=" not in answer:
            return out
        return implied(self, answer, infix, decimal_comma, out)

    def _as_value(self, answer: str, infix: bool | None, decimal_comma: bool, lenient: bool) -> Comparison:
        try:
            reading = read_text(
                answer,
                self.scope,
                decimal_comma=decimal_comma,
                lenient=lenient,
                infix=infix,
                equation=self.is_equation,
                wanted=self.node,
                accept_transpose=self.accept_transpose,
            )
            check_name(self, reading)
        except ShapeFault as fault:
            return invalid(fault, partial(self._with_shape_mistake, fault))
        except MathsFault as fault:
            return invalid(fault)
        except RecursionError:
            return invalid(LimitFault("nested too deeply"))
        except Exception as fault:  # what a student wrote must never stop a class from being graded
            return internal(fault)
        return self.judge_reading(reading)

    def judge_reading(self, reading: Reading) -> Comparison:
        """The verdict on an answer that has been read."""
        node = reading.node
        scope = reading.scope or self.scope
        try:
            out = settled(self, self.verdict(node, scope), reading, scope)
            if out.verdict == "different" and not self.is_equation and self.tolerance is None:
                return out.about(node, reading.notes, partial(self._with_mistake, node, scope))
        except RubricError:
            raise
        except MathsFault as fault:
            out = invalid(fault)
        except RecursionError:
            out = invalid(LimitFault("nested too deeply"))
        except Exception as fault:  # what a student wrote must never stop a class from being graded
            out = internal(fault)
        return out.about(node, reading.notes)

    def verdict(self, node: Node, scope: Scope) -> Comparison:
        """The bare verdict on a tree.

        Raises:
            MathsFault: the answer has no value that could be compared.
        """
        if "norm" in node.ops() and any(n.op == "norm" and n.value == "?" for n in node.walk()):
            return self._either_norm(node, scope)
        if self.is_equation:
            return compare_equations(self.node, node, scope, self.seed)
        if node.op == "order" and self.node.op != "order":
            return Comparison(
                "different",
                "A value is expected; yours is only an order of growth.",
                evidence={"level": "refuted"},
            )
        if self.node.op == "order":
            return compare_growth(self.node, node, scope)
        if node.op == "list" or self.node.op == "list":
            return self._list(node, scope)
        return value_verdict(self, node, scope, self.tolerance, self.accept_transpose)

    def _either_norm(self, node: Node, scope: Scope) -> Comparison:
        """The verdict where ‖A‖ of a matrix may be its Frobenius or its spectral norm: theirs, if they agree.

        Raises:
            SyntaxFault: the two readings lead to different verdicts.
        """
        found = []
        for meaning in ("2", "spectral"):
            found.append(self.verdict(node.map(partial(_meant, meaning)), scope))
        if found[0].verdict != found[1].verdict or found[0].verdict not in ("different", "equivalent"):
            part = next(n for n in node.walk() if n.op == "norm" and n.value == "?")
            size = shape_text(part.args[0].shape)
            raise SyntaxFault(
                f"the norm of the matrix {size} has several meanings; write \\|…\\|_F", part.span
            )
        return found[0]

    def _with_mistake(self, node: Node, scope: Scope, said: Said) -> Said:
        return _named(said, name_mistake(self, node, scope))

    def _with_shape_mistake(self, fault: ShapeFault, said: Said) -> Said:
        return _named(said, name_shape_mistake(self, fault, self._same))

    def _same(self, node: Node, scope: Scope) -> bool:
        """Whether a repaired answer is right."""
        try:
            return self.verdict(node, scope).equivalent
        except MathsFault:
            return False

    # --- lists --------------------------------------------------------------------------------------

    def _list(self, node: Node, scope: Scope) -> Comparison:
        """Sets by their members, lists in order."""
        want = self.node.args if self.node.op == "list" else (self.node,)
        have = node.args if node.op == "list" else (node,)
        ordered = self.node.op == "list" and self.node.value == "list"
        if len(want) != len(have) and (ordered or self.node.op != "list"):
            return Comparison(
                "different",
                f"{len(want)} value(s) are expected; you gave {len(have)}.",
                evidence={"level": "refuted", "expected_count": len(want), "your_count": len(have)},
            )

        def same(w: Node, h: Node) -> bool:
            if "list" in (w.op, h.op) or "order" in (w.op, h.op):
                return w == h
            return value_verdict(self.part(w), h, scope, self.tolerance, self.accept_transpose).equivalent

        if ordered:
            wrong = [k for k, (w, h) in enumerate(zip(want, have, strict=True), 1) if not same(w, h)]
            missing = False
        else:
            wrong = [k for k, h in enumerate(have, 1) if not any(same(w, h) for w in want)]
            missing = any(not any(same(w, h) for h in have) for w in want)
        if not wrong and not missing:
            return Comparison("equivalent", "The same values as expected.", evidence={"level": "supported"})
        which = ", ".join(f"number {k} ({show(have[k - 1])})" for k in wrong[:5])
        message = (
            f"Not the expected values: yours {which} is wrong" if wrong else "An expected value is missing"
        )
        return Comparison("different", f"{message}.", evidence={"level": "refuted", "wrong_entries": wrong})


def _meant(meaning: str, n: Node) -> Node | None:
    return Node("norm", n.args, meaning, n.span) if n.op == "norm" and n.value == "?" else None


def _named(said: Said, mistake: Mistake | None) -> Said:
    if mistake is None:
        return said
    return Said(f"{said.message} Likely mistake: {mistake.message}.", said.evidence, mistake.id)


@lru_cache(maxsize=2048)
def problem(
    declarations: Declarations,
    expected: str,
    tolerance: Tolerance | None = None,
    accept_transpose: bool = False,
    mistakes: tuple[tuple[str, str, str], ...] = (),
) -> Problem:
    """A compiled expected side, shared by everyone who asks for it."""
    return Problem(
        declarations, expected, tolerance=tolerance, accept_transpose=accept_transpose, mistakes=mistakes
    )


def compare(
    expected: str,
    answer: str,
    symbols: Mapping[str, str],
    *,
    define: Mapping[str, str] | None = None,
    assume: list[str] | tuple[str, ...] = (),
    latex: Mapping[str, str | Sequence[str]] | None = None,
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
    limits = Tolerance.of(tolerance) if tolerance else None
    return problem(declarations, expected, limits, accept_transpose).judge(
        answer,
        infix=None if syntax is None else syntax == "infix",
        decimal_comma=locale == "decimal-comma",
    )
