"""One answer, written as different students would write it: the value stays, the notation changes.

A formula is read with the question's own symbols, rewritten by rules that keep its value, and printed as
LaTeX, Unicode or numpy; what comes out is read again and used only if its value is that of the original.
What is no formula (words, graphs, whole proofs) keeps its text. Values become text here, for formats that
hold text only.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from typing import Any

from grader.errors import MathsFault, RubricError
from grader.maths.authoring import compiled_labels
from grader.maths.compare import Problem
from grader.maths.conventions import declared_under
from grader.maths.labels import label_key
from grader.maths.printing import show
from grader.maths.rewriting import replaced, rewritten
from grader.maths.scope import Scope
from grader.maths.tree import Node, sym
from grader.rubric import Criterion, Question

__all__ = ["FORMULAS", "Notation", "Notations", "as_text", "surface"]

FORMULAS = frozenset(("expression", "contains", "equation"))  # whose answers are formulas
NOTATIONS = 5  # of one answer; the first is its own
STYLES = ("latex", "unicode", "infix")
MAX_LENGTH = 400  # characters of a formula that is still pleasant to read
SCALARS = ("q", "h", "z", "s", "c", "k")
MATRICES = ("K", "M", "G", "S", "H", "Q")
LEADS = ("", "", "", "We get", "Hence", "So", "Therefore", "This gives", "The result is", "Altogether")
_WRAPPED = re.compile(r"\\(?:mathcal|mathbf|text)\{(\w+)\}")
_QUOTIENT = re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}")
CHOICES = ("{}", "{}.", "**{}**", "The answer is {}.", "Answer: {}", "It is {}.")


@dataclass(frozen=True, slots=True)
class Notation:
    """A formula in one notation. ``lead``: the student's own abbreviation, ``u = …``; ``right``: what stands
    right of a label, in up to two forms; ``style``: one of ``STYLES``, or empty for a text as it is."""

    right: tuple[str, ...]
    style: str
    lead: str = ""


class Notations:
    """The notations of the answers to one criterion; each is made once."""

    def __init__(self, question: Question, criterion: Criterion) -> None:
        self._question, self._criterion = question, criterion
        self._made: dict[tuple[str, int, bool], Notation] = {}
        first = tuple((c.symbol, 0) for c in question.choices)
        self._declared = declared_under(question.declarations, question.choices, first)
        given = criterion.options.get("labels", [])
        self.labels = tuple(given) if isinstance(given, list) else ()
        self._taken = _labels_of(question)
        self._keys = compiled_labels(list(self.labels), "labels")

    def of(self, text: str, number: int, *, abbreviate: bool) -> Notation:
        """The notation ``number`` of an answer; ``abbreviate``: it may introduce a name of its own."""
        key = (text, number % NOTATIONS, abbreviate)
        if key not in self._made:
            self._made[key] = self._make(*key)
        return self._made[key]

    def _make(self, text: str, number: int, abbreviate: bool) -> Notation:
        right = self.unlabelled(text)
        own = Notation((right,), _style(right))
        if number == 0 or self._criterion.kind not in FORMULAS or "$" in right or "\n" in right:
            return own
        rng = random.Random(f"{self._question.id}/{self._criterion.id}/{text}/{number}")
        try:
            p = Problem(self._declared, right)
            p.sampled()
            made = self._written(p, rng, abbreviate)
        except (MathsFault, RubricError, RecursionError):
            return own  # an answer that is wrong enough has no value that could be kept
        return made if made is not None else own

    def unlabelled(self, text: str) -> str:
        """An example without the label that it stands under."""
        left, mark, right = text.partition(" = ")
        return right if mark and self._keys and _key(left) in self._keys else text

    def label(self, text: str, style: str) -> str:
        """A label as it is typed in a style; empty: it needs LaTeX."""
        if style == "latex" or "\\" not in text:
            return text
        plain = _WRAPPED.sub(r"\1", text)
        plain = _QUOTIENT.sub(r"\1/\2", plain).replace("\\", "")
        return plain if "{" not in plain and _key(plain) in self._keys else ""

    def _written(self, p: Problem, rng: random.Random, abbreviate: bool) -> Notation | None:
        style = rng.choice(STYLES)
        tree = rewritten(p.node, rng, rng.randrange(3))
        if abbreviate and not p.is_equation and rng.random() < 0.4:
            made = self._abbreviated(p, tree, style, rng)
            if made is not None:
                return made
        text = _bracketed(tree, style) if rng.random() < 0.25 else show(tree, style)
        if len(text) > MAX_LENGTH or not _same(p, text, style):
            return None
        forms = [text]
        if style == "latex" and not p.is_equation and rng.random() < 0.4:
            other = show(rewritten(tree, rng, 1), style)
            if other != text and len(other) <= MAX_LENGTH and _same(p, other, style):
                forms.append(other)
        return Notation(tuple(forms), style)

    def _abbreviated(self, p: Problem, tree: Node, style: str, rng: random.Random) -> Notation | None:
        inner = [n for n in tree.walk()[1:] if n.op in ("add", "dot") and len(n.walk()) > 2]
        if not inner:
            return None
        at = rng.choice(inner)
        ids = [c.id for c in self._question.criteria]
        pool = SCALARS if at.shape is None or 1 in at.shape else MATRICES
        name = pool[ids.index(self._criterion.id) % len(pool)]
        if name in _names(p.scope) or name in self._taken:
            return None
        lead = f"{name} = {show(at, style)}"
        right = show(replaced(tree, at, sym(name, shape=at.shape)), style)
        whole = f"{_inline(lead, style)}\n\n{_inline(right, style)}"
        return Notation((right,), style, lead) if p.judge(whole).equivalent else None


def _key(text: str) -> str:
    try:
        return label_key(text)
    except MathsFault:
        return ""


def _labels_of(question: Question) -> frozenset[str]:
    given = (c.options.get("labels", []) for c in question.criteria)
    texts = [t for labels in given if isinstance(labels, list) for t in labels]
    return compiled_labels(texts, "labels")


def _names(scope: Scope) -> frozenset[str]:
    return frozenset((*scope.kinds, *scope.define, *scope.aliases))


def _same(p: Problem, text: str, style: str) -> bool:
    return p.judge(_inline(text, style)).equivalent


def _bracketed(tree: Node, style: str) -> str:
    """With brackets that change nothing."""
    if tree.op != "add":
        return f"({show(tree, style)})"
    return " + ".join(f"({show(a, style)})" for a in tree.args)


def _style(text: str) -> str:
    if "$" in text or "\n" in text:
        return ""
    if "\\" in text or "^{" in text:
        return "latex"
    return "unicode" if any(ord(c) > 127 for c in text) else "infix"


def _inline(text: str, style: str) -> str:
    return f"${text}$" if style == "latex" else text


def surface(made: Notation, label: str, rng: random.Random) -> str:
    """The notation as a passage of an answer: a sentence around it, inline, displayed or aligned."""
    if made.style == "":
        return made.right[0]
    lead = rng.choice(LEADS)
    said = [f"Let {_inline(made.lead, made.style)}." if made.style == "latex" else f"Let {made.lead}"]
    parts = said if made.lead else []
    head = f"{label} = " if label else ""
    if made.style != "latex" and "\\" not in head:
        return "\n\n".join([*parts, *([f"{lead}:"] if lead else []), head + made.right[0]])
    if len(made.right) > 1 and label:
        rows = r" \\ ".join(f"&= {right}" for right in made.right)
        body = rf"\begin{{aligned}} {label} {rows} \end{{aligned}}"
        return "\n\n".join([*parts, *([f"{lead}:"] if lead else []), f"$${body}$$"])
    body = head + " = ".join(made.right)
    match rng.randrange(4):
        case 0:
            text = f"{lead} ${body}$.".lstrip()
        case 1:
            text = f"{lead}\n\n$$\n{body}\n$$".lstrip()
        case 2:
            text = rf"{lead} \({body}\)".lstrip()
        case _:
            text = rf"{lead} \[{body}\]".lstrip()
    return "\n\n".join([*parts, text])


def as_text(value: Any, labels: tuple[str, ...], rng: random.Random) -> str:
    """A structured value as it is typed into a cell of text."""
    head = f"{labels[0]} = " if labels else ""
    if isinstance(value, dict):
        return "\n\n".join(f"{key}: {_cell(v)}" for key, v in value.items())
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        keys = list(value[0])
        rows = [[_cell(row.get(k, "")) for k in keys] for row in value]
        lines = [keys, ["---"] * len(keys), *rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)
    if (
        isinstance(value, list)
        and value
        and all(isinstance(row, list) for row in value)
        and rng.random() < 0.5
    ):
        rows = [[_power(_cell(v)) for v in row] for row in value]
        body = r" \\ ".join(" & ".join(row) for row in rows)
        return rf"$${head}\begin{{bmatrix}} {body} \end{{bmatrix}}$$"
    if isinstance(value, list):
        return f"${head}{_power(json.dumps(value))}$"
    return f"${head}{_power(_cell(value))}$"


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _power(text: str) -> str:
    """``2.1e+25`` as LaTeX has it."""
    out, _, rest = text.partition("e+")
    while rest:
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        out += rf" \times 10^{{{int(digits)}}}"
        tail, mark, rest = rest[len(digits) :].partition("e+")
        out += tail
        if not mark:
            break
    return out
