r"""What an operator in front of brackets differentiates: ``\\frac{d}{dx}(x + 1)(x + 2)`` is the derivative of
the product, as people read it, though some mean the first bracket only."""

from __future__ import annotations

from collections.abc import Sequence

from grader.maths.alphabet import Token

__all__ = ["of_products"]

_OPEN = {"(": 1, "[": 1, "{": 1, "\\{": 1, ")": -1, "]": -1, "}": -1, "\\}": -1}
_ENDS = frozenset(("+", "-", ",", ";", "=", "<", ">", "\\quad", "&", "!", "."))


def of_products(tokens: Sequence[Token]) -> list[Token] | None:
    """The tokens with brackets around all that is multiplied behind an operator and a bracket, up to the next
    plus or minus; None where nothing of the kind stands here."""
    out = list(tokens)
    changed = False
    k = 0
    while k < len(out):
        start = _behind_operator(out, k)
        if start and start < len(out) and out[start].kind == "op" and out[start].text in ("(", "[", "\\{"):
            closed = _closes(out, start)
            end = _product_ends(out, closed + 1)
            if any(
                t.text not in ("^", "{", "}", "T", "top") and t.kind != "num" for t in out[closed + 1 : end]
            ):
                first, last = out[start], out[end - 1]
                out.insert(end, Token("op", ")", last.end, last.end, False))
                out.insert(start, Token("op", "(", first.start, first.start, first.spaced))
                changed = True
        k += 1
    return out if changed else None


def _behind_operator(tokens: Sequence[Token], k: int) -> int:
    r"""The place behind ``\\frac{d}{dx}``, ``\\nabla_x``, ``\\partial_x`` ``d/dx``; 0 if none stands here."""
    texts = [t.text for t in tokens[k : k + 3]]
    if texts[:2] == ["frac", "{"] and texts[2:] in (["d"], ["partial"]):
        above = _closes(tokens, k + 1)
        inner = [t.text for t in tokens[k + 3 : above] if t.text not in ("{", "}")]
        if inner and inner[0] != "^":
            return 0
        if len(inner) > 2 or above + 2 >= len(tokens) or tokens[above + 1].text != "{":
            return 0
        mark = tokens[above + 2].text
        same = mark == "partial" if texts[2] == "partial" else mark[:1] == "d"
        return _closes(tokens, above + 1) + 1 if same else 0
    if texts[:1] in (["nabla"], ["partial"]) and texts[1:2] == ["_"]:
        return (_closes(tokens, k + 2) if texts[2:] == ["{"] else k + 2) + 1
    if texts[:2] in (["d", "/"], ["partial", "/"]) and len(texts) > 2:
        if texts[0] == "partial":
            return k + 4 if texts[2] == "partial" else 0
        return k + 3 if len(texts[2]) == 2 and texts[2][0] == "d" else 0
    return 0


def _closes(tokens: Sequence[Token], start: int) -> int:
    """The place of the bracket that closes the one at ``start``."""
    depth = 0
    for k in range(start, len(tokens)):
        depth += _OPEN.get(tokens[k].text, 0) if tokens[k].kind == "op" else 0
        if depth == 0:
            return k
    return len(tokens) - 1


def _product_ends(tokens: Sequence[Token], start: int) -> int:
    depth = 0
    for k in range(start, len(tokens)):
        t = tokens[k]
        depth += _OPEN.get(t.text, 0) if t.kind == "op" else 0
        if depth < 0 or (depth == 0 and t.kind == "op" and t.text in _ENDS):
            return k
    return len(tokens)
