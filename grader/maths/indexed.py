r"""Indices of a student's own notation: letters that stand for any row, the limits of sums that are written
only once, quantities that are given entry by entry (``y_i = e^{z_i} / S``), sums over numbered names.

All of it is done with tokens, before anything is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from grader.maths.alphabet import Token
from grader.maths.labels import label_of
from grader.maths.scope import Scope
from grader.maths.written_out import behind, name_ends

__all__ = ["Indexed", "free_indices", "indexed_by", "limits_in", "unrolled", "with_entries", "with_limits"]

MAX_TOKENS = 1500
MAX_TERMS = 12  # of a sum over numbered names
_SUMMED = re.compile(r"\\(?:sum|prod)(?:\\limits)?_\{?\s*([a-z])\b|[Σ∑]_?\{?\s*([a-z])\b")
_TWICE = re.compile(
    r"(?<![A-Za-z\\])\\?(?:mathbf|boldsymbol|bm)?\{?([A-Z]|delta)\}?_\{?([a-z])\s*,?\s*([a-z])\}"
)
_ENTRY = re.compile(r"(?<![A-Za-z])([A-Za-z]|(?<=\\)[a-z]{2,7})_(?:\{([i-mp-r])\}|([i-mp-r]))")
_STEPPED = re.compile(r"_\{\s*([a-z])\s*[-+]|\^\{\(\s*([a-z])\s*[-+]")


def free_indices(text: str, scope: Scope) -> list[str]:
    """Letters that stand for an index wherever they are not summed over: ``(Xw)_i = \\sum_j X_{ij} w_j``."""
    letters: list[str] = []
    for m in _TWICE.finditer(text):
        if (m[1] in scope.kinds and scope.kinds[m[1]].sort == "matrix") or m[1] == "delta":
            letters += [m[2], m[3]]
    for m in _ENTRY.finditer(text):
        kind = scope.kinds.get(scope.aliases.get(m[1], m[1]))
        column = kind is not None and kind.shape is not None and 1 in kind.shape
        letter = m[2] or m[3]
        if (column or letter in "ij") and f"{m[1]}_{letter}" not in scope.kinds:
            letters.append(letter)
    letters += [m[1] or m[2] for m in _SUMMED.finditer(text)]
    stepped = {m[1] or m[2] for m in _STEPPED.finditer(text)}
    return [x for x in dict.fromkeys(letters) if x not in scope.kinds and x not in stepped]


def limits_in(tokens: Sequence[Token]) -> dict[str, tuple[Token, ...]]:
    r"""The limits of the sums in a member, ``_{i=1}^n``, by their indices."""
    out: dict[str, tuple[Token, ...]] = {}
    for k, t in enumerate(tokens):
        if t.text != "sum" or k + 4 >= len(tokens) or [x.text for x in tokens[k + 1 : k + 3]] != ["_", "{"]:
            continue
        end = behind(tokens, k + 2)
        if tokens[k + 4].text == "=" and end and end + 1 < len(tokens) and tokens[end].text == "^":
            top = behind(tokens, end + 1) if tokens[end + 1].text == "{" else end + 2
            out.setdefault(tokens[k + 3].text, tuple(tokens[k + 1 : top]))
    return out


def with_limits(tokens: Sequence[Token], limits: Mapping[str, tuple[Token, ...]]) -> list[Token]:
    r"""The tokens with ``\\sum_i`` as it was written with its limits elsewhere."""
    out: list[Token] = []
    k = 0
    while k < len(tokens):
        t = tokens[k]
        out.append(t)
        k += 1
        if t.text != "sum" or k + 1 >= len(tokens) or tokens[k].text != "_":
            continue
        braced = tokens[k + 1].text == "{"
        end = behind(tokens, k + 1) if braced else k + 2
        inner = tokens[k + 2 : end - 1] if braced else tokens[k + 1 : end]
        index = inner[0].text[:1] if inner and inner[0].kind == "word" else ""
        rest = inner[0].text[1:] if inner else ""
        if (
            len(inner) != 1
            or index not in limits
            or (braced and rest)
            or [x.text for x in tokens[end : end + 1]] == ["^"]
        ):
            continue
        out += limits[index]
        if rest:  # \\sum_ix_i
            out.append(inner[0]._replace(text=rest, start=inner[0].start + 1, spaced=False))
        k = end
    return out


# --- quantities given entry by entry ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Indexed:
    """``name_{index} = body``, as tokens."""

    name: tuple[str, ...]
    index: str
    body: tuple[Token, ...]


def indexed_by(label: Sequence[Token], body: Sequence[Token], letters: Container[str]) -> Indexed | None:
    """What ``y_i = …`` says of every y_i; None where it says nothing of others."""
    texts = [t.text for t in label]
    mark = texts.index("_") if "_" in texts else 0
    rest = [x for x in texts[mark + 1 :] if x not in ("{", "}")]
    if not mark or len(rest) != 1 or rest[0] not in letters or "(" in texts or "frac" in texts:
        return None
    apart = _subscripts_apart(body)
    if not any(t.text == rest[0] or (len(t.text) == 2 and rest[0] in t.text) for t in apart):
        return None
    return Indexed(tuple(x for x in texts[:mark] if x not in ("{", "}")), rest[0], tuple(apart))


def _subscripts_apart(tokens: Sequence[Token]) -> list[Token]:
    """``x_ix_j`` with one letter below each."""
    out: list[Token] = []
    for k, t in enumerate(tokens):
        if t.kind == "word" and len(t.text) > 1 and k and tokens[k - 1].text == "_":
            cut = t.start + 1
            out += [t._replace(text=t.text[0], end=cut), t._replace(text=t.text[1:], start=cut, spaced=False)]
        else:
            out.append(t)
    return out


def with_entries(tokens: Sequence[Token], known: Mapping[str, Indexed], scope: Scope) -> Sequence[Token]:
    """The tokens with every ``y_k`` written out."""
    if not known:
        return tokens
    tokens = _subscripts_apart(tokens)
    for entry in known.values():
        out: list[Token] = []
        k = 0
        while k < len(tokens):
            end = name_ends(tokens, k, entry.name)
            after = 0
            if end and end + 1 < len(tokens) and tokens[end].text == "_":
                after = behind(tokens, end + 1) if tokens[end + 1].text == "{" else end + 2
            inner = [t for t in tokens[end + 1 : after] if t.text not in ("{", "}")] if after else []
            if len(inner) != 1 or (k and tokens[k - 1].text in ("_", "^")):
                out.append(tokens[k])
                k += 1
                continue
            like = tokens[k]
            out += [_op("(", like), *_at(entry, inner[0], tokens, scope), _op(")", like)]
            k = after
            if len(out) > MAX_TOKENS:
                return tokens
        tokens = out
    return tokens


def _op(text: str, like: Token) -> Token:
    return Token("op", text, like.start, like.end, False)


def _at(entry: Indexed, index: Token, around: Sequence[Token], scope: Scope) -> list[Token]:
    """The body at another index; a sum in it that runs over a letter of this one gets a letter of its own."""
    summed = {
        entry.body[k + 2 + (entry.body[k + 2].text == "{")].text
        for k, t in enumerate(entry.body[:-3])
        if t.text == "sum" and entry.body[k + 1].text == "_"
    }
    used = {c for t in (*around, *entry.body) for c in t.text}
    free = (
        c
        for c in "abcghlmopqrsuvwyz"
        if c not in used and c not in scope.kinds and c.upper() not in scope.kinds
    )
    renamed = {old: next(free, old) for old in sorted(summed - {entry.index})}
    out = []
    for t in entry.body:
        text = index.text if t.text == entry.index else renamed.get(t.text, t.text)
        if t.kind == "word" and len(t.text) == 2:  # X_{ij}
            text = "".join(index.text if c == entry.index else renamed.get(c, c) for c in t.text)
        out.append(t._replace(text=text, kind=index.kind if t.text == entry.index else t.kind))
    return out


# --- sums over numbered names -------------------------------------------------------------------------------


def unrolled(tokens: Sequence[Token], scope: Scope) -> Sequence[Token]:
    r"""``\\sum_{t=0}^2 w_t`` as ``w_0 + w_1 + w_2`` where these are names."""
    for k, t in enumerate(tokens):
        if t.text != "sum":
            continue
        found = _limits_at(tokens, k)
        if found is None:
            continue
        letter, low, high, at = found
        end = _term_end(tokens, at)
        body = _subscripts_apart(tokens[at:end])
        if not (0 <= high - low < MAX_TERMS) or not _numbered(body, letter, low, high, scope):
            continue
        out: list[Token] = [*tokens[:k], _op("(", t)]
        for value in range(low, high + 1):
            out += [*([_op("+", t)] if value > low else []), _op("(", t)]
            out += [*_at_number(body, letter, value), _op(")", t)]
        rest = unrolled([*out, _op(")", t), *tokens[end:]], scope)
        return rest if len(rest) <= MAX_TOKENS else tokens
    return tokens


def _limits_at(tokens: Sequence[Token], k: int) -> tuple[str, int, int, int] | None:
    """The letter, the limits and where the summand of a sum between numbers begins."""
    if k + 6 >= len(tokens) or [x.text for x in tokens[k + 1 : k + 3]] != ["_", "{"]:
        return None
    end = behind(tokens, k + 2)
    inner = [t.text for t in tokens[k + 3 : end - 1]]
    if len(inner) != 3 or inner[1] != "=" or not inner[2].isdigit() or tokens[end].text != "^":
        return None
    top = behind(tokens, end + 1) if tokens[end + 1].text == "{" else end + 2
    above = [t.text for t in tokens[end + 1 : top] if t.text not in ("{", "}")]
    if len(above) != 1 or not above[0].isdigit():
        return None
    return inner[0], int(inner[2]), int(above[0]), top


def _term_end(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for k in range(at, len(tokens)):
        text = tokens[k].text
        if text in ("(", "[", "{", "\\{", "langle") or (text == "left" and tokens[k].kind == "cmd"):
            depth += 1
        elif text in (")", "]", "}", "\\}", "rangle"):
            depth -= 1
            if depth < 0:
                return k
        elif depth == 0 and text in ("+", "-") and k > at:
            return k
    return len(tokens)


def _numbered(body: Sequence[Token], letter: str, low: int, high: int, scope: Scope) -> bool:
    """Whether a name in the summand has the index, is declared with numbers only, and with all of these."""
    some = False
    for k in range(1, len(body) - 1):
        if body[k].text != "_":
            continue
        end = behind(body, k + 1) if body[k + 1].text == "{" else k + 2
        if not any(t.text == letter for t in body[k + 1 : end]):
            continue
        keys = [label_of(_at_number([body[k - 1], *body[k:end]], letter, v)) for v in range(low, high + 1)]
        if not all(key is not None and scope.aliases.get(key, key) in scope.kinds for key in keys):
            return False
        some = True
    return some


def _at_number(body: Sequence[Token], letter: str, value: int) -> list[Token]:
    """The summand with a number for its index; ``t+1`` is counted."""
    out: list[Token] = []
    k = 0
    while k < len(body):
        t = body[k]
        if t.text != letter or t.kind != "word":
            out.append(t)
            k += 1
            continue
        number, step = value, 1
        texts = [x.text for x in body[k + 1 : k + 3]]
        inside = len(out) > 1 and out[-1].text == "{" and out[-2].text == "_"
        if inside and len(texts) == 2 and texts[0] in "+-" and texts[1].isdigit():
            number, step = value + int(texts[0] + texts[1]), 3
        out.append(t._replace(text=str(number), kind="num"))
        k += step
    return out
