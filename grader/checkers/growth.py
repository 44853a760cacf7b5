"""An order of growth, O(…).

Symbols in ``constants`` count as 1 (for a question "as a function of t" the sizes n and d do). An answer
with several parts is taken apart by the words in ``words`` (for this part) and ``other_words`` (for the
others) that stand before each O(…). It misses orders that are only said in words, except the plain
ones ("linear in t", "constant"), which are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from grader.checkers import Check
from grader.errors import MathsFault, RubricError
from grader.maths.compare import problem
from grader.maths.declared import compile_scope
from grader.maths.growth import growth_of, show_growth
from grader.maths.oracle import disagreements
from grader.maths.parts import Part, part_of
from grader.maths.reading import read_text
from grader.maths.tree import Node, sym
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``expected``: ``O(t)``; ``constants``: symbols that count as 1; ``variables``: names for what the
    growth is asked in, all taken for the first (an answer without any is flagged); ``feedback``: growth
    → what to say."""

    expected: str
    constants: list[str] = []
    variables: list[str] = []
    words: list[str] = []
    other_words: list[str] = []
    parts: list[str] = []
    position: int = 0  # which O(…) of the answer this is, when no words tell
    feedback: dict[str, str] = {}


_MARK = re.compile(r"(?:\\(?:mathcal|mathrm|text|mathbb|operatorname)\s*\{\s*O\s*\}|\\(?:Theta|Omega)|[OΘ𝒪Ω])\s*(?:\\left|\\big|\\Big|\\bigl)?\s*\(")
_SPOKEN = (
    (re.compile(r"\b(grows? )?(linear|linearly|proportional)( growth)?\b( (in|with|to) (the number of (iterations|steps)|\$?t\$?))", re.IGNORECASE), "O(t)"),
    (re.compile(r"\b(constant|independent of) (memory|in \$?t\$?|\$?t\$?|the number of (iterations|steps))", re.IGNORECASE), "O(1)"),
)


def build(options: Options, question: Question) -> Check:
    scope = compile_scope(question.declarations)
    try:
        want = growth_of(read_text(options.expected, scope).node, scope, options.constants)
        feedback = {
            growth_of(read_text(k, scope).node, scope, options.constants): v for k, v in options.feedback.items()
        }
    except MathsFault as fault:
        raise RubricError(f"{question.place}: the growth {options.expected!r} cannot be read: {fault.message}") from fault

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        stated = _stated(part, options)
        if stated is None:
            text = part.text.strip()
            if not text:
                return Judgement(Outcome.MISSING, 0.0, "Nothing was written for this part.")
            return Judgement(Outcome.REVIEW, 0.0, "No O(…) was recognised for this part: a person looks.", evidence={"text": text[:600]})
        try:
            node = read_text(_with_order(stated), scope).node
            have = growth_of(_renamed(node, options.variables), scope, options.constants)
        except MathsFault as fault:
            return Judgement(Outcome.UNREADABLE, 0.0, f"The growth {stated} could not be read: {fault.message}.", stated)
        evidence: dict[str, object] = {"read": show_growth(growth_of(node, scope)), "level": "proved" if have == want else "refuted"}
        if options.constants:
            evidence["taken as constants"] = ", ".join(options.constants)
        if have == want:
            message = "The right growth."
            if options.variables and not node.names() & set(options.variables) and have != frozenset():
                named = ", ".join(options.variables)
                message += f" (It is not expressed in {named}; what it names is constant in this question.)" if node.names() else ""
            return Judgement(Outcome.CORRECT, 1.0, message, stated, evidence)
        message = feedback.get(have, f"{stated} is not the right growth here.")
        return Judgement(Outcome.INCORRECT, 0.0, message, stated, evidence)

    return check


def _renamed(node: Node, variables: list[str]) -> Node:
    """T, k and t are one: the number of iterations."""
    if len(variables) < 2:
        return node
    return node.map(lambda n: sym(variables[0], n.span) if n.op == "sym" and n.value in variables else None)


def _with_order(stated: str) -> str:
    return stated if _MARK.match(stated) else f"O({stated})"


def _stated(part: Part, options: Options) -> str | None:
    """The O(…) that is meant for this part."""
    text = part.text
    found = _orders(text)
    if not found:
        for pattern, growth in _SPOKEN:
            m = pattern.search(text)
            if m and (part.named or not options.words):
                return growth
        if part.named and text.strip() and len(text) < 80:
            return text.strip().strip("$")
        return None
    if part.named or not options.words:
        return found[min(options.position, len(found) - 1) if not part.named else -1][1]
    mine: list[str] = []
    unclaimed: list[str] = []
    before = 0
    current = ""
    for start, order in found:
        span = text[before:start]
        at_mine = _last_hit(options.words, span)
        at_other = _last_hit(options.other_words, span)
        if max(at_mine, at_other) >= 0:
            current = "mine" if at_mine > at_other else "other"
        before = start + len(order)
        if current == "mine":
            mine.append(order)
        elif not current:
            unclaimed.append(order)
    if mine:
        return mine[-1]
    if unclaimed and len(unclaimed) == len(found) and options.position < len(found):
        return found[options.position][1]
    return None


def _last_hit(patterns: list[str], text: str) -> int:
    hits = [m.start() for p in patterns for m in re.finditer(p, text, re.IGNORECASE)]
    return max(hits, default=-1)


def _orders(text: str) -> list[tuple[int, str]]:
    """Every ``O(…)`` of a text with its place."""
    out = []
    for m in _MARK.finditer(text):
        depth, i = 1, m.end()
        while i < len(text) and depth and i - m.end() < 300:
            depth += {"(": 1, ")": -1}.get(text[i], 0)
            i += 1
        before = text[m.start() - 1] if m.start() else " "
        if depth == 0 and not before.isalnum():
            out.append((m.start(), text[m.start() : i]))
    return out


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """The reference's power of its argument is the one that ``expected`` names."""
    inner = options.expected.strip().removeprefix("O(").removesuffix(")")
    return disagreements(problem(question.declarations, inner), oracle)
