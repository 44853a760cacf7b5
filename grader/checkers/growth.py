"""An order of growth, O(…).

Symbols in ``constants`` count as 1 (for a question "as a function of t" the sizes n and d do). An answer
with several parts is taken apart by the words in ``words`` (for this part) and ``other_words`` (for the
others) that stand beside each O(…); different orders for one part go to a person. Plain words
("linear in t", "constant") are read where no O(…) stands. It misses orders that are described in other
words, and does not look at why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from grader.checkers import Check
from grader.checkers._verify import Example
from grader.errors import MathsFault, RubricError
from grader.maths.authoring import compiled_pattern
from grader.maths.compare import problem
from grader.maths.declared import compile_scope
from grader.maths.growth import Term, growth_of, show_growth
from grader.maths.oracle import disagreements
from grader.maths.orders import Claim, claims, orders_in, plain_order, spoken_orders
from grader.maths.parts import Part, part_of
from grader.maths.reading import read_text
from grader.maths.scope import Scope
from grader.maths.tree import Node, sym
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MAX_BARE = 80  # characters of a named part that is read without its O(…)

Growth = frozenset[Term]


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``expected``: ``O(t)``; ``constants``: symbols that count as 1; ``variables``: names for what the
    growth is asked in, all taken for the first (an answer without any is flagged); ``position``: which
    O(…) of an answer this is where no words tell; ``feedback``: growth → what to say."""

    expected: str
    constants: list[str] = []
    variables: list[str] = []
    words: list[str] = []
    other_words: list[str] = []
    parts: list[str] = []
    position: int = 0
    feedback: dict[str, str] = {}


@dataclass(frozen=True)
class _Asked:
    """One criterion, compiled."""

    options: Options
    scope: Scope
    want: Growth
    feedback: Mapping[Growth, str]
    mine: Sequence[re.Pattern[str]]
    other: Sequence[re.Pattern[str]]

    def node(self, text: str) -> Node:
        """
        Raises:
            MathsFault: the text cannot be read.
        """
        return read_text(plain_order(text), self.scope).node

    def growth(self, node: Node) -> Growth:
        """
        Raises:
            MathsFault: how it grows cannot be told.
        """
        return growth_of(_renamed(node, self.options.variables), self.scope, self.options.constants)


def build(options: Options, question: Question) -> Check:
    asked = _compile(options, question)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        if not part.text.strip():
            return Judgement(Outcome.MISSING, 0.0, "Nothing was written for this part.")
        stated = _stated(part, asked)
        quoted = {"text": part.text.strip()[:600]}
        if not stated:
            message = "No O(…) was recognised for this part: a person looks."
            return Judgement(Outcome.REVIEW, 0.0, message, evidence=quoted)
        found: list[Growth] = []
        for claim in stated:
            try:
                found.append(asked.growth(asked.node(claim.text)))
            except MathsFault as fault:
                message = f"The growth {claim.text} could not be read: {fault.clause}"
                return Judgement(Outcome.UNREADABLE, 0.0, message, claim.text, quoted)
        if len(set(found)) > 1 and not stated[-1].concludes:
            given = ", ".join(dict.fromkeys(c.text for c in stated))
            message = f"Several growths are stated for this part ({given}): a person looks."
            return Judgement(Outcome.REVIEW, 0.0, message, evidence=quoted)
        return _judged(asked, stated[-1].text, found[-1])

    return check


def _compile(options: Options, question: Question) -> _Asked:
    scope = compile_scope(question.declarations)
    for key in ("constants", "variables"):
        for name in getattr(options, key):
            if name not in scope.original.values():
                declared = ", ".join(scope.original.values())
                raise RubricError(
                    f"`{key}` names {name!r}, which is not a symbol; the symbols are {declared}"
                )
    if options.position < 0:
        raise RubricError(f"`position` is {options.position}; the first O(…) has position 0")
    asked = _Asked(
        options,
        scope,
        frozenset(),
        {},
        [compiled_pattern(w, "words") for w in options.words],
        [compiled_pattern(w, "other_words") for w in options.other_words],
    )

    def growth(text: str, key: str) -> Growth:
        try:
            return asked.growth(asked.node(text))
        except MathsFault as fault:
            raise RubricError(
                f"`{key}` holds {text!r}, which is no order of growth: {fault.clause}"
            ) from fault

    feedback = {growth(k, "feedback"): v for k, v in options.feedback.items()}
    want = growth(options.expected, "expected")
    if want in feedback:
        raise RubricError("`feedback` has a remark for the right growth; it is never shown")
    return _Asked(options, scope, want, feedback, asked.mine, asked.other)


def _judged(asked: _Asked, stated: str, have: Growth) -> Judgement:
    options = asked.options
    right = have == asked.want
    evidence: dict[str, object] = {"read": show_growth(have), "level": "proved" if right else "refuted"}
    if options.constants:
        evidence["taken as constants"] = ", ".join(options.constants)
    if not right:
        message = asked.feedback.get(have, f"{stated} is not the right growth here.")
        return Judgement(Outcome.INCORRECT, 0.0, message, stated, evidence)
    message = "The right growth."
    names = asked.node(stated).names()
    if options.variables and names and not names & set(options.variables):
        message += (
            f" ({', '.join(sorted(names))} {'does' if len(names) == 1 else 'do'} not grow in this question.)"
        )
    return Judgement(Outcome.CORRECT, 1.0, message, stated, evidence)


def _renamed(node: Node, variables: list[str]) -> Node:
    """T, k and t are one: the number of iterations."""
    if len(variables) < 2:
        return node
    return node.map(lambda n: sym(variables[0], n.span) if n.op == "sym" and n.value in variables else None)


_BOTH = re.compile(r"\b(?:both|each of (?:them|the two))\b", re.IGNORECASE)
_OR = re.compile(r"\)[\s$]{0,3}(?:or|\?)(?!\w)")
_NEITHER = re.compile(
    r"\b(?:not|never|neither|cannot|no longer|unlike|only|but|except|or|if|unless|whereas|while|than)\b"
    r"|n't\b",
    re.IGNORECASE,
)


def _stated(part: Part, asked: _Asked) -> list[Claim]:
    """What is stated for this part; the last one counts."""
    text, variables = part.text, asked.options.variables
    if part.named:
        said = [order for _, order in orders_in(text)] or [o for _, _, o in spoken_orders(text, variables)]
        bare = text.strip().strip("$").strip()
        if not said and len(bare) < MAX_BARE:
            said = [bare]
        return [Claim(order, False) for order in said[-1:]]
    found, worded = claims(text, asked.mine, asked.other)
    if not found:
        found, worded = claims(text, asked.mine, asked.other, spoken_orders(text, variables))
    orders = orders_in(text)
    if not found and _BOTH.search(text) and not _NEITHER.search(text):
        alike = {o for _, o in orders} or {o for _, _, o in spoken_orders(text, variables)}
        if len(alike) == 1:
            return [Claim(alike.pop(), True)]
    known = found or worded or _OR.search(text)
    if not known and len(orders) > max(1, asked.options.position):
        return [Claim(orders[asked.options.position][1], True)]
    return found


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """The reference's power of its argument is the one that ``expected`` names."""
    inner = options.expected.strip().removeprefix("O(").removesuffix(")")
    found = disagreements(problem(question.declarations, inner), oracle)
    cure = "a reference of a growth counts the terms of `expected` alone: leave lower orders and factors out"
    return [f"{sentence}; {cure}" for sentence in found]


def examples(options: Options, question: Question) -> Iterator[Example]:
    """The expected growth, the ones with their own remark, and other powers of what it is asked in."""
    asked = _compile(options, question)
    part = options.parts[0] if options.parts else ""

    def said(growth: str) -> dict[str, Any]:
        return {"value": {part: growth}} if part else {"text": growth}

    yield Example(f"the expected {options.expected!r}", **said(options.expected))
    for growth, remark in options.feedback.items():
        yield Example(f"the growth {growth!r}", credit=0.0, says=remark, **said(growth))
    for x in options.variables[:1] or sorted(asked.node(options.expected).names()):
        for growth in (
            f"O({x})",
            f"O({x}^2)",
            f"O({x}^3)",
            f"O(log({x}))",
            f"O({x} log({x}))",
            "O(1)",
            f"O(2^{x})",
        ):
            if asked.growth(asked.node(growth)) != asked.want:
                yield Example(f"the wrong growth {growth}", credit=None, **said(growth))
