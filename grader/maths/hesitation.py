"""Reasons not to call a step false although its two members differ: the text may not say what was meant."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import replace

from grader.errors import MathsFault
from grader.maths.labels import label_of
from grader.maths.links import Link
from grader.maths.record import Member
from grader.maths.scope import Scope, canonical, depends, underlying
from grader.maths.tokens import tokenize
from grader.maths.tree import Node

__all__ = [
    "APPOSED",
    "CLAIMS",
    "IS",
    "LATER",
    "RULES",
    "TO_ZERO",
    "VANISHES",
    "WANTS",
    "WHEN",
    "Doubts",
    "expands",
    "said_of_every",
    "without_place",
]

# words in front of an equation: it is asked for, or it is said to be true
TO_ZERO = re.compile(r"\b(?:set|sett|equat|put)\w*\b.{0,80}(?:zero|= ?0\b)", re.IGNORECASE)
# "which vanishes iff": where what was found last is zero
VANISHES = re.compile(
    r"\b(?:vanish(?:es)?|(?:is|are|equals?|becomes?) (?:equal to )?(?:zero|\$?0\$?))\s+(?:iff|if and only if"
    r"|(?:exactly |precisely |only )?(?:when|if|for|at))[\s$]*$",
    re.IGNORECASE,
)
CLAIMS = re.compile(
    r"\b(?:then|hence|thus|so(?: that)?|expand\w*|expansion|(?:we|to) (?:get|find)|obtain\w*|therefore"
    r"|giv\w+|yield\w*|becomes?|impl(?:y|ies)|rearrang\w+|simplif\w+|equals|this is|follows|conclude|leads"
    r"|complet\w+ the square|multiply\w* out|collect\w+ terms|factor\w+ out"
    r"|reduces|consequently)\b[^.]{0,40}$",
    re.IGNORECASE,
)
# "the ratio is": what two formulas in the same symbols then say is no condition
IS = re.compile(
    r"(?<!condition)(?<!constraint)(?<!equation)(?<!requirement)(?<!assumption)(?:\s|^)"
    r"(?:is|are|equals?|we have)(?: (?:then|therefore|thus|now|just|simply|also|again))?[ :,\n]*+$",
    re.IGNORECASE,
)
# what is wanted of the symbols in it, and not only said
WANTS = re.compile(
    r"\b(?:need|want|requir\w+|must|set|setting|solv\w+|equat\w+|vanish\w*|stationar\w+|optimal\w*)\b[^.]{0,60}$",
    re.IGNORECASE,
)

# words in front of a later value of the same name
LATER = re.compile(r"\b(?:after\w*|new|later|becomes?|updated?|grows?|increases?)\b[^.;$]*$", re.IGNORECASE)
# a whole clause in words, and behind a comma the same in a formula: "so that it is a projection, $P^2 = P$"
APPOSED = re.compile(
    r"\b(?:so|thus|hence|then|therefore|conclude|follows|means)\b[^.;$]*\b(?:is|are|be|has|have|lies?|must)\b"
    r"[^.;$,]*[A-Za-z][^.;$,]*,\s*$",
    re.IGNORECASE,
)
# a sentence that begins with when or if, and goes on before its formula
WHEN = re.compile(r"\b(?:when|if)\b(?=(?:\W+\w+){4})[^.$]{0,120}$", re.IGNORECASE)
# words that make an equation a condition whatever else they say
RULES = re.compile(
    r"\b(?:set\w*|suppose|assum\w+|such that|given|let|satisf\w+|requir\w*|want|need|must|equat\w+|condition"
    r"|because|since|provided|solv\w+|(?:when|if|where|for|that)\W*)$|\b(?:set|setting|suppose|assum\w+"
    r"|such that|satisf\w+|requir\w*|must|equat\w+|condition|equality)\b",
    re.IGNORECASE,
)

# "For any $u$ and $v$ we have": the equation is claimed for every value, where nothing restricts which
_EVERY = re.compile(
    r"\b(?:for|given|with)\s+(?:any|every|all|each|arbitrary)\b(?:\s+(?:two|three|fixed|other|possible|choices?"
    r"|values?|of|real|square|symmetric|column|vectors?|matrix|matrices|scalars?|numbers?|points?|weights?)\b)*"
    r"(?P<names>[^.;:]*)\Z",
    re.IGNORECASE,
)
_RESTRICTED = re.compile(
    r"\b(?:such|where|satisf\w*|solution|solving|feasible|optimal|minimi\w*|stationary|critical|orthogonal|unit"
    r"|null|kernel|space|row|eigen\w*|with|if|when|assum\w*|suppose|sample|example|input|index|layer|step)\b"
    r"|[=<>≤≥∈⊥]|\\(?:in|le|ge|perp|leq|geq|neq)\b(?!\s*\\(?:mathbb|R)\b)",
    re.IGNORECASE,
)

# 8², 16², 32² … whose exponents became digits when a sheet became text
_FLAT_SQUARES = re.compile(r"(?<!\d)(?:42|82|162|322|642|1282)(?!\d)")


class Doubts:
    """``numbers``: the symbols that numbers were put in for, somewhere in this text."""

    def __init__(self) -> None:
        self.numbers: set[str] = set()

    def about(self, before: Member, m: Member) -> str:
        """Why two members that differ may yet be meant to be equal; empty if nothing speaks for it."""
        assert before.node is not None
        assert m.node is not None
        for one, other in ((before.node, m.node), (m.node, before.node)):
            if _puts_in_numbers(one, other, before.scope):
                self.numbers |= one.names()
        if self.numbers & (before.node.names() | m.node.names()):
            return "Numbers are put in for symbols here, which is not checked; a person looks."
        for member in (before, m):
            assert member.node is not None
            if _idle(member.node, member.scope):
                return "This differentiates a symbol by another one; how they depend is for a person."
            if len(set(_FLAT_SQUARES.findall(member.shown))) > 1:
                return "Exponents may have been lost in this text (162 for 16²); a person looks."
        return ""


def said_of_every(in_front: str, used: Container[str], scope: Scope) -> bool:
    """Whether a sentence claims an equation for any value of a vector, a matrix or a scalar in it."""
    sentence = re.split(r"\.(?=\s)|\$\$|\n\s*\n", in_front)[-1]
    m = _EVERY.search(sentence)
    if m is None or _RESTRICTED.search(m["names"]):
        return False
    for part in re.split(r"[$,\s]+", m["names"]):
        try:
            key = label_of(tokenize(part)) if part else None
        except MathsFault:
            continue
        name = scope.aliases.get(key, key) if key else ""
        if name.startswith("d ") and name.endswith(" / "):  # w'
            base, _, sub = name[2:-3].partition("_")
            name = canonical(base, ["prime"], sub)
        if name in used and scope.kinds[name].sort in ("scalar", "vector", "matrix"):
            return True
    return False


def expands(left: Node, right: Node) -> bool:
    """Whether a square of a sum stands on the left of a sum of three terms, as where it is multiplied out."""
    inner = left
    while inner.op in ("pow", "norm"):
        inner = inner.args[0]
    if left.op in ("dot", "mul") and len(left.args) == 2:
        a, b = left.args
        inner = b if a.op == "T" and a.args[0] == b else left
    return inner is not left and inner.op == "add" and right.op == "add" and len(_terms(right)) > 2


def _terms(node: Node) -> list[Node]:
    return [t for a in node.args for t in _terms(a)] if node.op == "add" else [node]


def _idle(node: Node, scope: Scope) -> bool:
    """Whether something is differentiated by a symbol that it does not depend on, as far as is known."""
    return any(
        n.op == "deriv" and n.args[0].op == "sym" and not depends(n.args[0], n.value[0], scope)
        for n in node.walk()
    )


def _puts_in_numbers(symbolic: Node, numeric: Node, scope: Scope) -> bool:
    """Whether a formula in vectors and matrices is followed by its numbers: ``XX^T = [2 1][2; 1]``."""
    kinds = scope.kinds
    if symbolic.names() and not underlying(symbolic, scope):
        return False
    if symbolic.names() and not numeric.names() and numeric.shape is None and symbolic.shape is None:
        return numeric.op != "num" or numeric.value.denominator not in (1, 2, 4)
    shaped = symbolic.shape is not None and numeric.shape is not None
    if shaped and symbolic.names() and not numeric.names() and "matrix" in numeric.ops():
        return True
    if numeric.names() or not any(n in kinds and kinds[n].shape is not None for n in symbolic.names()):
        return False
    literal = any(n.op == "matrix" for n in numeric.walk())
    return literal or (symbolic.shape is not None and numeric.shape is None and numeric.op != "num")


def without_place(link: Link) -> Link:
    """A fault at the beginning of a chain; ``t`` for its component ``t_j`` is loose notation there."""
    if link.mistake == "shape" and "cannot add a scalar and" in link.message:
        return replace(
            link, status="unread", message=f"{link.message} (A component may be meant; a person looks.)"
        )
    return link
