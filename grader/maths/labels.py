r"""What a left side names: ``\eta^*``, ``\mathcal{L}_1(\eta)``, ``\nabla_\eta \mathcal{L}_1``.

A label is compared by its key only; nothing has to be declared. A derivative has the key
``d L_1 / eta`` (``d2 L_1 / eta`` for the second), however it is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from grader.errors import MathsFault
from grader.maths.alphabet import GREEK_NAMES, Token
from grader.maths.scope import ACCENT_NAMES, canonical
from grader.maths.tokens import tokenize

__all__ = ["bare_label_of", "label_key", "label_of", "labels_in_words", "listed_keys", "listed_label_of"]

_MOST_WORDS = 6  # of a label in prose
_SIGNS = frozenset(("=", ":=", ":", "→"))
_VERBS = frozenset(
    ["is", "are", "equals", "become", "becomes", "gives", "given", "by", "equal", "to", "will", "be"]
)
_PREPOSITIONS = ("of", "by", "for", "in", "to", "from", "with", "at", "on", "over", "per", "than")

_MINIMISERS = ("arg", "argmin", "argmax", "arg\\,min", "arg\\,max", "arg\\min", "arg min", "arg max")
_MOST_ARGUMENTS = 20  # tokens in the brackets of f(w_1, w_2)


@lru_cache(maxsize=2048)
def label_key(text: str) -> str:
    """The key of a label an author wrote, e.g. ``'\\eta^*'`` or ``'dL_1/d\\eta'``."""
    return label_of(tokenize(text)) or "".join(text.split())


def listed_keys(text: str) -> frozenset[str]:
    """The keys of a label an author wrote; of one that is more than a name also what its tokens say."""
    tokens = tokenize(text)
    key = label_of(tokens)
    return frozenset((label_key(text), _written(tokens))) if key is None else frozenset((key,))


def label_of(tokens: Sequence[Token]) -> str | None:
    """The key of the left side, or None if it is more than a name."""
    try:
        return _Labels(list(tokens)).read()
    except (MathsFault, IndexError, RecursionError):
        return None


def listed_label_of(tokens: Sequence[Token], labels: frozenset[str]) -> str | None:
    """As ``label_of``; also one of the author's ``labels`` that is more than a name, as ``v v^T``."""
    key = label_of(tokens)
    if key is None and (written := _written(tokens)) in labels:
        return written
    return key


def _written(tokens: Sequence[Token]) -> str:
    return "".join("".join(t.text.split()) for t in tokens)


def labels_in_words(words: str) -> frozenset[str]:
    """What the prose in front of a formula may name it: the keys of ``weights`` and ``number of weights`` in
    "The number of weights is", of ``\\eta^*`` in "η* =". A letter after a preposition is no label ("the
    gradient of L is"), and without a verb or sign at the end only the whole prose is one (a table's cell)."""
    parts = re.sub(r"([=:→])", r" \1 ", words).replace(": =", ":=").split()[-2 * _MOST_WORDS :]
    named = len(parts)
    while named and (parts[named - 1] in _SIGNS or parts[named - 1].lower() in _VERBS):
        named -= 1
    said, whole = parts[:named], named == len(parts)
    starts = [k + 1 for k, word in enumerate(said) if word[-1] in ".;,!?" or word in _SIGNS]
    said = said[starts[-1] :] if starts else said
    if whole and (starts or len(said) > _MOST_WORDS):
        return frozenset()
    out: set[str] = set()
    for k in range(1, min(_MOST_WORDS, len(said)) + 1) if not whole else [len(said)]:
        tail = said[len(said) - k :]
        letters = not any(sum(map(str.isalpha, w)) >= 3 for w in tail)
        if letters and k < len(said) and said[-k - 1].lower() in _PREPOSITIONS:
            continue
        text = " ".join(tail)
        out |= {_key(text)} if letters else {_key(text), _key(text.lower())}
    return frozenset(out - {""})


def _key(text: str) -> str:
    try:
        return label_key(text)
    except MathsFault:
        return ""


def bare_label_of(tokens: Sequence[Token]) -> str | None:
    """As ``label_of``, but not for a name with arguments: ``a (n - 1)`` may be a product."""
    called = any(
        t.text == "(" and t.kind == "op" and k and tokens[k - 1].text not in ("{", "^")
        for k, t in enumerate(tokens)
    )
    return None if called else label_of(tokens)


class _Labels:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.pos = 0

    def text(self, k: int = 0) -> str:
        i = self.pos + k
        return self.tokens[i].text if i < len(self.tokens) else ""

    def read(self) -> str | None:
        if not self.tokens:
            return None
        key = self.derivative() or self.name()
        if key is None:
            return None
        while self.text() in (".", ",", ":"):
            self.pos += 1
        return key if self.pos == len(self.tokens) else None

    def group(self) -> list[Token]:
        """The tokens of the group or the one token here; goes behind it."""
        if self.text() != "{":
            self.pos += 1
            return [self.tokens[self.pos - 1]]
        depth, start = 0, self.pos
        while True:
            t = self.tokens[self.pos]
            if t.kind == "op" and t.text == "{":
                depth += 1
            elif t.kind == "op" and t.text == "}":
                depth -= 1
            self.pos += 1
            if depth == 0:
                return self.tokens[start + 1 : self.pos - 1]

    def derivative(self) -> str | None:
        start = self.pos
        t = self.tokens[self.pos]
        out: str | None = None
        if t.kind == "cmd" and t.text == "nabla":
            out = self.nabla()
        elif t.kind == "cmd" and t.text == "frac":
            out = self.fraction()
        elif ((t.kind == "cmd" and t.text == "partial") or t.text == "D") and self.text(1) == "_":
            out = self.nabla()  # \\partial_\\eta L
        elif t.text in _MINIMISERS:
            out = self.minimiser()
        elif t.kind in ("word", "cmd") and t.text[0] in "dp":
            out = self.slashed()
        if out is None:
            self.pos = start
        return out

    def minimiser(self) -> str | None:
        """``\\operatorname*{arg\\,min}_\\eta L_1``."""
        while self.text() in _MINIMISERS or self.text() in ("min", "max"):
            self.pos += 1
        wrt = ""
        if self.text() == "_":
            self.pos += 1
            wrt = _Labels(self.group()).read() or ""
        name = self.name()
        return None if name is None else f"argmin {name} / {wrt}"

    def nabla(self) -> str | None:
        self.pos += 1
        wrt, order = "", ""
        while self.text() in ("_", "^"):
            mark = self.text()
            self.pos += 1
            t = self.tokens[self.pos]
            if t.kind == "word" and 1 < len(t.text) < 4 and t.text not in GREEK_NAMES:  # \\nabla_wL
                cut = t.start + 1
                rest = t._replace(text=t.text[1:], start=cut, spaced=False)
                self.tokens[self.pos : self.pos + 1] = [t._replace(text=t.text[0], end=cut), rest]
            inner = self.group()
            if mark == "_":
                wrt = _Labels(inner).read() or ""
            else:
                order = "".join(t.text for t in inner)
        name = self.name()
        return None if name is None else f"d{'' if order in ('', '1') else order} {name} / {wrt}"

    def fraction(self) -> str | None:
        self.pos += 1
        above, below = self.group(), self.group()
        a, b = _differential(above), _differential(below)
        if a is None or b is None:
            return None
        order, name_tokens = a
        _, wrt_tokens = b
        wrt = _Labels(_without_power(wrt_tokens)).read()
        if not name_tokens and self.text() == "(" and self.tokens[-1].text == ")":  # d/dη (L_1)
            name_tokens, self.pos = self.tokens[self.pos + 1 : -1], len(self.tokens)
        name = _Labels(name_tokens).read() if name_tokens else self.name()
        if wrt is None or name is None:
            return None
        return f"d{order} {name} / {wrt}"

    def slashed(self) -> str | None:
        """``dL_1/dη``, ``∂L/∂x``."""
        rest = self.tokens[self.pos :]
        cut = next((i for i, t in enumerate(rest) if t.text == "/" and t.kind == "op"), None)
        if cut is None:
            return None
        a, b = _differential(rest[:cut]), _differential(rest[cut + 1 :])
        if a is None or b is None or not a[1]:
            return None
        name, wrt = _Labels(a[1]).read(), _Labels(_without_power(b[1])).read()
        if name is None or wrt is None:
            return None
        self.pos = len(self.tokens)
        return f"d{a[0]} {name} / {wrt}"

    def name(self) -> str | None:
        if self.pos >= len(self.tokens):
            return None
        t = self.tokens[self.pos]
        accents: list[str] = []
        sub = sup = ""
        if t.kind == "op" and t.text == "{":
            inner = _Labels(self.group()).read()
            if inner is None:
                return None
            base, *parts = inner.split("_")
            accents = [p for p in parts if p in ACCENT_NAMES]
            sub = "_".join(p for p in parts if p not in ACCENT_NAMES)
        elif t.kind == "accent-of":
            self.pos += 1
            inner = _Labels(self.group()).read()
            if inner is None:
                return None
            base, *parts = inner.split("_")
            accents = [t.text, *(p for p in parts if p in ACCENT_NAMES)]
            sub = "_".join(p for p in parts if p not in ACCENT_NAMES)
        elif t.kind in ("word", "text") or (t.kind == "cmd" and t.text.isalpha()):
            if t.kind == "cmd" and t.text in ("frac", "sum", "sqrt", "nabla", "begin", "partial"):
                return None
            self.pos += 1
            base = t.text
            m = re.fullmatch(r"([A-Za-z]+)_([A-Za-z0-9_]+)", base) if t.kind == "text" else None
            if m:
                base, sub = m.group(1), m.group(2)
        else:
            return None
        order = 0
        while self.pos < len(self.tokens):
            t = self.tokens[self.pos]
            if t.kind == "accent":
                accents.append(t.text)
                self.pos += 1
            elif t.kind == "num" and not t.spaced and not sub and t.text.isdigit() and len(base) == 1:
                sub = t.text
                self.pos += 1
            elif t.text == "_" and t.kind == "op":
                self.pos += 1
                piece = "".join(x.text for x in self.group())
                if piece in ("*", "star"):
                    accents.append("star")
                elif piece in ACCENT_NAMES:
                    accents.append(piece)
                else:
                    sub = f"{sub}_{piece}" if sub else piece
            elif t.text == "^" and t.kind == "op":
                self.pos += 1
                braced = self.text() == "{"  # without braces ^Tr is a transpose, and r
                texts = [x.text for x in self.group()]
                if texts in (["*"], ["star"]):
                    accents.append("star")
                elif texts and texts[0] in ("(", "["):
                    sup = "(" + "".join(texts[1:-1]) + ")"
                elif braced and len(texts) == 1 and len(texts[0]) > 1 and texts[0].isalpha() and not sub:
                    sub = texts[0]  # \\eta^{\\text{opt}}
                elif texts and all(x == "'" for x in texts):
                    order += len(texts)
                else:
                    return None
            elif t.text in ("*", "star") and self.pos == len(self.tokens) - 1:
                accents.append("star")
                self.pos += 1
            elif t.text in ("'", "''") and t.kind == "op":
                order += len(t.text)
                self.pos += 1
            elif t.text == "(" and t.kind == "op":
                if self.pos and self.tokens[self.pos - 1].text == ")":
                    return None  # f(1) (1 - f(1)) is a product
                depth = 0
                for i in range(self.pos, len(self.tokens)):
                    depth += {"(": 1, ")": -1}.get(self.tokens[i].text, 0)
                    if depth == 0:
                        break
                inside = [x.text for x in self.tokens[self.pos + 1 : i]]
                if depth or len(inside) > _MOST_ARGUMENTS:
                    return None
                self.pos = i + 1
                if order:
                    wrt = _Labels(self.tokens[i - len(inside) : i]).read() or ""
                    return f"d{'' if order == 1 else order} {canonical(base, accents, sub, sup)} / {wrt}"
            else:
                break
        key = canonical(base, accents, sub, sup)
        return f"d{'' if order == 1 else order} {key} / " if order else key


def _differential(tokens: list[Token]) -> tuple[str, list[Token]] | None:
    """``d^2 f`` → ("2", f's tokens)."""
    if not tokens:
        return None
    t = tokens[0]
    rest = list(tokens[1:])
    if t.kind == "cmd" and t.text == "partial":
        pass
    elif t.kind == "word" and t.text[0] == "d":
        if len(t.text) > 1:
            rest = [t._replace(text=t.text[1:], start=t.start + 1), *rest]
    else:
        return None
    order = ""
    if rest and rest[0].text == "^":
        inner = rest[1:]
        if inner and inner[0].text == "{":
            end = next((i for i, x in enumerate(inner) if x.text == "}"), len(inner) - 1)
            order, rest = "".join(x.text for x in inner[1:end]), inner[end + 1 :]
        elif inner:
            order, rest = inner[0].text, inner[1:]
    return order if order != "1" else "", rest


def _without_power(tokens: list[Token]) -> list[Token]:
    cut = next((i for i, t in enumerate(tokens) if t.text == "^"), None)
    if cut is None:
        return tokens
    after = [t.text for t in tokens[cut + 1 :] if t.text not in "{}"]
    return tokens[:cut] if len(after) == 1 and after[0].isdigit() else tokens
