r"""Left sides that cannot name what stands behind them: ``X = \\|a\\|^2`` for a matrix X, ``O(n) = a``.

A left side is a label and is not compared. But one that is declared to be something else, or that speaks of
one point where the right side is a formula in symbols, says something that is not so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import MathsFault, ShapeFault, SyntaxFault
from grader.maths.alphabet import Token
from grader.maths.chains import Statement
from grader.maths.fitting import fit_shape
from grader.maths.labels import bare_label_of, label_of
from grader.maths.members import read_member
from grader.maths.printing import show_name
from grader.maths.scope import Kind, Scope
from grader.maths.tree import Node
from grader.maths.verdict import shape_words

__all__ = ["contradiction", "fits_kind", "is_product_of_names", "unlike_a_name", "with_derivatives_named"]

_INDEXED = re.compile(r"_(?:star|\w*\d)")  # \eta^*, L_1: they say already which one is meant
_UNDONE = frozenset(("exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt"))
_DERIVES = frozenset(("nabla", "frac", "partial"))
_SCALARS = frozenset(("||", "det", "tr", "Tr", "trace", "rank"))
_LAYOUT = frozenset(("{", "}", "mathcal", "mathrm", "left", "right"))


def contradiction(
    s: Statement, tokens: Sequence[Token], node: Node, scope: Scope, wanted: Node
) -> MathsFault | None:
    """Why a name before the answer, ``node``, in its chain cannot be what the answer is, if one cannot."""
    for m in _before(s, tokens):
        at = (m[0].start, m[-1].end)
        key = bare_label_of(m)
        key = scope.aliases.get(key, key) if key else key
        kind = scope.kinds.get(key) if key and key not in scope.define else None
        if kind is not None and not fits_kind(kind, node):
            return ShapeFault(
                f"the left side {show_name(str(key))} is {shape_words(kind.shape)}, and what it is said to "
                f"equal is {shape_words(node.shape)}; write another name in front, or none",
                at,
            )
        if wanted.op != "order" and "O" not in scope.kinds and _is_order(m):
            return SyntaxFault("O(…) is an order of growth and equals no single value; leave it out", at)
        if m[0].text in _SCALARS and node.shape not in (None, (1, 1)):
            return ShapeFault(
                f"the left side is a scalar, and what it is said to equal is {shape_words(node.shape)}", at
            )
        place = _value_at(m)
        if place and node.names() and (_INDEXED.search(label_of(m) or "") or _is_derivative(m)):
            symbols = ", ".join(sorted(map(show_name, node.names()))[:3])
            return SyntaxFault(
                f"the left side is a value at {place}, the right side a formula in {symbols}; "
                f"leave ({place}) out or put it in",
                at,
            )
    return None


def unlike_a_name(s: Statement, tokens: Sequence[Token], node: Node, scope: Scope) -> str:
    """What makes a left side more than a name, though it looks like one; empty if nothing does."""
    m = next(iter(_before(s, tokens)), ())
    texts = [t.text for t in m]
    if not texts or m is not s.members[0]:
        return ""
    if (texts[0] in _UNDONE or texts[:2] == ["e", "^"]) and _unreadable(m, scope, infix=not s.latex):
        return "the left side is more than a name"
    bar = next((k for k, text in enumerate(texts) if text == "|"), 0)
    if bar and texts[bar + 1 : bar + 2] == ["_"] and "=" in texts[bar:] and node.names():
        return "the left side is a value at one point"
    key = bare_label_of(m) or ""
    key = scope.aliases.get(key, key)
    if node.op != "sym" and key in node.names() and scope.kinds[key].sort in ("dim", "integer"):
        return f"{show_name(key)} is given, and stands on both sides"
    place = _value_at(m)
    if place and node.names() and node.shape is None:
        return f"the left side is a value at {place}, the right side is a formula"
    return ""


def _unreadable(m: Sequence[Token], scope: Scope, *, infix: bool) -> bool:
    try:
        read_member(m, scope, infix=infix, lenient=True)
    except MathsFault:
        return True
    return False


def _before(s: Statement, tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """The members before the one that is the answer."""
    out: list[Sequence[Token]] = []
    for m in s.members:
        if m is tokens or m == tokens:
            break
        if m:
            out.append(m)
    return out


def fits_kind(kind: Kind, node: Node) -> bool:
    """Whether a declared name of this kind can equal a tree, but for its layout."""
    if kind.sort == "function" or kind.shape == node.shape:
        return True
    return fit_shape(Node("sym", (), "", None, kind.shape), node, True) is not None


def _value_at(m: Sequence[Token]) -> str:
    """``0`` of ``L(0)``, ``1, 2`` of ``f(1, 2)``; empty where it is no name at numbers."""
    if m[-1].text != ")" or label_of(m) is None:
        return ""
    opened = next((k for k, t in enumerate(m) if t.text == "("), 0)
    inside = m[opened + 1 : -1]
    if not opened or m[opened - 1].text in ("{", "^") or not any(t.kind == "num" for t in inside):
        return ""
    if any(t.kind != "num" and t.text not in (",", "-", "+") for t in inside):
        return ""
    return "".join(t.text + (" " if t.text == "," else "") for t in inside)


def _is_order(m: Sequence[Token]) -> bool:
    """``O(…)``, ``\\mathcal{O}(…)``."""
    texts = [t.text for t in m if t.text not in _LAYOUT]
    return texts[:2] == ["O", "("] and texts[-1] == ")"


def is_product_of_names(m: Sequence[Token], scope: Scope) -> bool:
    """Whether what looks like one name, ``Xw``, is several declared ones. ``dw`` is a name."""
    word = m[0].text if len(m) == 1 and m[0].kind == "word" else ""
    if len(word) < 2 or word in scope.kinds or word in scope.words or word[0] in "dD":
        return False
    return all(c in scope.plain for c in word)


def with_derivatives_named(m: Sequence[Token], scope: Scope) -> Sequence[Token]:
    """``-\\nabla_w L``, ``\\frac{1}{2} \\frac{dL}{dw}`` with one undeclared letter for each derivative."""
    letter = next((c for c in "QZYVG" if c not in scope.kinds), "")
    out: list[Token] = []
    k = 0
    while k < len(m) and letter:
        end = 0
        if m[k].text in _DERIVES:
            ends = range(len(m), k + 1, -1)
            end = next((e for e in ends if _is_derivative(m[k:e])), 0)
        out.append(m[k] if not end else Token("word", letter, m[k].start, m[end - 1].end, m[k].spaced))
        k = end or k + 1
    a_sum = any(t.text in ("+", "-") for t in out[1:])  # w - \eta \nabla L may be what is asked for
    return out if 1 < len(out) < len(m) and not a_sum else m


def _is_derivative(m: Sequence[Token]) -> bool:
    return " / " in (label_of(m) or "")
