"""Reading one name: which letters belong together, accents, subscripts, stars, indices."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from grader.errors import LimitFault, SyntaxFault, UnknownSymbolFault
from grader.maths.alphabet import GREEK_NAMES, Token
from grader.maths.functions import apply, big_o, function
from grader.maths.indices import indices as read_indices
from grader.maths.printing import show_name
from grader.maths.scope import ACCENT_NAMES, base_of, canonical, canonical_name
from grader.maths.tree import Node, sym
from grader.maths.vocabulary import FUNCTIONS, LOOK_ALIKE

if TYPE_CHECKING:
    from grader.maths.parser import Parser

__all__ = ["read_name", "read_spelled"]

MAX_WORD = 120  # letters side by side; longer runs take quadratic time to tell apart

KEPT = 512  # runs of letters of a scope
_CONSTANTS = frozenset("eI")
# functions that may stand without a blank beside their argument: sinx
_GLUED = frozenset(("sin", "cos", "tan", "exp", "log", "sqrt", "tanh"))


def read_spelled(p: Parser) -> Node | None:
    """A declared LaTeX spelling, matched token by token; braces do not count."""
    if not p.scope.spelled:
        return None
    for words, key in p.scope.spelled:
        i, k = p.pos, 0
        depth = 0
        while k < len(words) and i < len(p.tokens):
            t = p.tokens[i]
            if t.kind == "op" and t.text == "{":
                depth += 1
            elif t.kind == "op" and t.text == "}":
                depth -= 1
                if depth < 0:
                    break
            elif t.text == words[k] and t.kind != "remark":
                k += 1
            else:
                break
            i += 1
        if k < len(words):
            continue
        while depth > 0 and i < len(p.tokens) and p.tokens[i].text == "}":
            depth -= 1
            i += 1
        transposed = depth == 1 and [t.text for t in p.tokens[i : i + 2]] in (["T", "}"], ["top", "}"])
        if depth and not transposed:
            continue
        i += 2 * transposed  # W^{(1)T}
        nxt = p.tokens[i] if i < len(p.tokens) else None
        if nxt is not None and (nxt.kind == "accent" or (nxt.text == "_" and words[-1] != ")")):
            continue  # a longer name
        start = p.tokens[p.pos].start
        p.pos = i
        kind = p.scope.kinds[key]
        if kind.sort == "function":
            return apply(p, key, start)
        found = sym(key, (start, p.tokens[i - 1].end))
        return p.node("T", (found,), start=start) if transposed else found
    return None


def read_name(p: Parser) -> Node:
    """A declared symbol, an entry or row of one, a bound index, a function call, or a constant.

    Raises:
        UnknownSymbolFault: with a guess at what was meant.
    """
    first = p.peek()
    assert first is not None
    start = first.start
    joined = _joined(p)
    if joined is not None:
        if p.scope.kinds[joined].sort == "function":
            return apply(p, joined, start)
        starred = _starred(p, joined)
        return sym(starred or joined, (start, p.tokens[p.pos - 1].end))
    base, accents, sub = _base(p)
    if isinstance(base, Node):
        return base
    base, accents, sub, sup, transposed = _tail(p, base, accents, sub)
    span = (start, p.tokens[p.pos - 1].end)
    node = _look_up(p, base, accents, sub, sup, span)
    return p.node("T", (node,), start=start) if transposed else node


def _joined(p: Parser) -> str | None:
    """An identifier with underscores, as declared or as infix writes it: ``lambda_tilde``, ``w_0``."""
    best: tuple[int, str] | None = None
    text = ""
    i = p.pos
    first, follows = p.tokens[i], p.tokens[i + 1] if i + 1 < len(p.tokens) else None
    greek = first.text in GREEK_NAMES and follows is not None and follows.kind == "num"  # λ1
    if first.kind not in ("word", "text") and not (first.kind == "cmd" and greek):
        return None
    if len(first.text) == 1 and (follows is None or not (follows.kind == "num" or follows.text == "_")):
        return None
    for k in range(8):
        t = p.tokens[i + k] if i + k < len(p.tokens) else None
        if t is None or (k and (t.spaced or t.kind not in ("word", "num", "text", "op"))):
            break
        if t.kind == "op" and t.text != "_":
            break
        text += t.text
        if t.kind != "op":
            nxt = p.tokens[i + k + 1] if i + k + 1 < len(p.tokens) else None
            glued_number = nxt is not None and nxt.kind == "num" and not nxt.spaced and t.kind != "num"
            if (k and text in p.scope.words and not glued_number) or (
                k and canonical_name(text) in p.scope.kinds and ("_" in text or t.kind == "num")
            ):
                best = (i + k + 1, text)
            elif not k and len(text) > 1 and text in p.scope.words:
                best = (i + 1, text)
    if best is None:
        return None
    end, word = best
    key = canonical_name(word)
    if key not in p.scope.kinds:
        return None
    p.pos = end
    return key


def _starred(p: Parser, key: str) -> str | None:
    if not p.at("^") or p.peek(1) is None:
        return None
    p.pos += 1
    texts, end = p.group_texts()
    base, _, sub = key.partition("_")
    name = canonical(base, ["star"], sub)
    if texts in (["*"], ["star"]) and name in p.scope.kinds:
        p.leave(end, texts)
        return name
    p.pos -= 1
    return None


def _base(p: Parser) -> tuple[str | Node, list[str], str]:
    """The letters of a name, with the accents over them."""
    t = p.take()
    if t.kind == "accent-of":
        opened = p.peek()
        if opened is None:
            raise SyntaxFault(f"the accent {t.text} stands over nothing", (t.start, t.end))
        if opened.kind == "op" and opened.text == "{":
            p.pos += 1
            base, accents, sub = _base(p)
            if isinstance(base, Node):
                raise SyntaxFault(f"the accent {t.text} stands over more than a name", (t.start, t.end))
            base, accents, sub, sup, transposed = _tail(p, base, accents, sub)
            if sup or transposed or not p.at("}"):
                raise SyntaxFault(f"the accent {t.text} stands over more than a name", (t.start, t.end))
            p.pos += 1
        else:
            _first_letter(p)
            base, accents, sub = _base(p)
            if isinstance(base, Node):
                raise SyntaxFault(f"the accent {t.text} stands over more than a name", (t.start, t.end))
        return base, [*accents, t.text], sub
    if t.kind == "cmd":
        return t.text, _marks(p), ""
    if t.kind == "text":
        return t.text, [], ""
    if t.kind != "word":
        raise SyntaxFault(f"'{t.text}' is not a name", (t.start, t.end))
    return _word(p, t)


def _first_letter(p: Parser) -> None:
    t = p.peek()
    if t is not None and t.kind == "word" and len(t.text) > 1:
        p.tokens[p.pos : p.pos + 1] = t.cut(1)


def _marks(p: Parser) -> list[str]:
    """Combining accents that follow a letter."""
    out = []
    while (t := p.peek()) is not None and t.kind == "accent":
        out.append(t.text)
        p.pos += 1
    return out


def _word(p: Parser, t: Token) -> tuple[str | Node, list[str], str]:
    """A run of letters: one declared name, or several side by side (``XXw``), or a function."""
    s = t.text
    declared = p.scope.letters
    if s in declared or s in p.bound:
        return s, _marks(p), ""
    if s in ("O", "Theta") and (nxt := p.peek()) is not None and nxt.text == "(":
        p.pos -= 1
        return big_o(p, t), [], ""
    if s in FUNCTIONS:
        p.pos -= 1
        return function(p, FUNCTIONS[s]), [], ""
    if len(s) == 1:
        return s, _marks(p), ""
    if s == "pi" and not declared_pieces(p, s):
        return s, [], ""
    if len(s) > MAX_WORD:
        raise LimitFault(f"a word of {len(s)} letters; at most {MAX_WORD} are read", (t.start, t.end))
    pieces = _pieces(p, s)
    if pieces is None:
        known = p.scope.starts | p.bound
        single = len(s) < 3 and not s.isupper()
        bad = next((c for c in s if c not in known), s) if single else s
        at = t.start + (s.index(bad) if len(bad) == 1 else 0)
        raise _unknown(p, bad, (at, at + len(bad)))
    head = pieces[0]
    p.pos -= 1
    p.tokens[p.pos : p.pos + 1] = t.cut(len(head))
    p.pos += 1
    if head in FUNCTIONS and head not in declared:
        p.pos -= 1
        return function(p, FUNCTIONS[head]), [], ""
    return head, [], ""


def declared_pieces(p: Parser, s: str) -> bool:
    """Whether a word is made up of declared letters: with p and i declared, ``pi`` is their product."""
    return all(c in p.scope.starts or c in p.bound for c in s)


def _pieces(p: Parser, s: str) -> list[str] | None:
    """The pieces of a run of letters; kept with the scope where no index is bound, for a class writes the
    same products again and again."""
    if p.bound:
        return _segment(s, p.scope.starts | p.bound | _CONSTANTS | _GLUED)
    kept = p.scope.segmented
    if s not in kept:
        if len(kept) >= KEPT:
            kept.clear()
        kept[s] = _segment(s, p.scope.starts | _CONSTANTS | _GLUED)
    return kept[s]


def _segment(s: str, pieces: frozenset[str]) -> list[str] | None:
    """The fewest pieces that make up ``s``."""
    best: list[list[str] | None] = [None] * (len(s) + 1)
    best[len(s)] = []
    longest = max(map(len, pieces), default=1)
    for i in range(len(s) - 1, -1, -1):
        for k in range(min(max(longest, 4), len(s) - i), 0, -1):
            rest = best[i + k]
            w = s[i : i + k]
            if rest is None or w not in pieces:
                continue
            current = best[i]
            if current is None or len(rest) + 1 < len(current):
                best[i] = [w, *rest]
    return best[0]


def _tail(p: Parser, base: str, accents: list[str], sub: str) -> tuple[str, list[str], str, str, bool]:
    """Subscript, star, prime and index in the exponent, in any order."""
    sup, transposed = "", False
    while True:
        t = p.peek()
        if t is None or t.kind != "op":
            break
        if t.text == "_" and not sub:
            p.pos += 1
            if p.peek() is None:
                raise SyntaxFault("a subscript is missing", (t.start, t.end))
            texts, end = p.group_texts()
            nxt = p.peek()
            assert nxt is not None
            if nxt.kind == "word" and len(nxt.text) > 1 and (p.infix or nxt.text in ACCENT_NAMES):
                glued = nxt.text not in ACCENT_NAMES and _ends_after_letter(p, base, accents, nxt.text)
                texts = [nxt.text[0] if glued else nxt.text]
            if len(texts) == 1 and texts[0] in ACCENT_NAMES and nxt.text != "{":
                p.leave(end, texts)
                accents = [*accents, texts[0]]
                continue
            full = nxt.text if nxt.kind == "word" else ""
            if len(full) > 1 and canonical(base, accents, full) in p.scope.kinds:
                texts = [full]
            sub = "".join(texts).replace(" ", "")
            if sub == "*":
                sub, accents = "", [*accents, "star"]
            p.leave(end, texts)
            continue
        if t.text == "^":
            if p.peek(1) is None:
                raise SyntaxFault("a power without an exponent", (t.start, t.end))
            p.pos += 1
            texts, end = p.group_texts()
            if texts == ["("] and not sup:  # W^(1), a name only if it is declared
                inner = [x.text for x in p.tokens[p.pos : p.pos + 3]]
                if inner[-1] == ")" and canonical(base, accents, sub, "".join(inner)) in p.scope.kinds:
                    sup = "".join(inner)
                    p.pos += 3
                    continue
            if texts and texts[0] in ("*", "star") and "star" not in accents:
                if len(texts) == 1:
                    p.leave(end, texts)
                    accents = [*accents, "star"]
                    continue
                if len(texts) == 2 and texts[1] in ("T", "top"):
                    p.leave(end, texts)
                    accents, transposed = [*accents, "star"], True
                    break
            if (
                len(texts) == 3
                and texts[0] == "("
                and texts[1] in p.bound
                and _is_scalar(p, base, accents, sub)
            ):
                raise SyntaxFault(
                    f"{base}^({texts[1]}) may be a power or an index; write a power without brackets",
                    (t.start, p.tokens[end - 1].end),
                )
            if len(texts) > 2 and texts[0] == "[":  # W^{[1]}
                texts = [{"[": "(", "]": ")"}.get(x, x) for x in texts]
            if not sup and len(texts) > 2 and texts[0] == "(" and not _is_scalar(p, base, accents, sub):
                if texts[-1] == ")":
                    sup = "".join(texts)
                    p.leave(end, texts)
                    continue
                if texts[-2] == ")" and texts[-1] in ("T", "top"):
                    sup, transposed = "".join(texts[:-1]), True
                    p.leave(end, texts)
                    break
            if (
                texts
                and all(x == "'" for x in texts)
                and canonical(base, [*accents, "prime"], sub) in p.scope.kinds
            ):
                accents = [*accents, "prime"]
                p.leave(end, texts)
                continue
            p.pos -= 1
            break
        starred = [*accents, "star"]
        if t.text == "*" and _ends(p.peek(1)) and canonical(base, starred, sub) in p.scope.kinds:  # (η* + 1)
            accents = starred
            p.pos += 1
            continue
        if t.text == "'" and canonical(base, [*accents, "prime"], sub) in p.scope.kinds:
            accents = [*accents, "prime"]
            p.pos += 1
            continue
        break
    return base, accents, sub, sup, transposed


def _ends(t: Token | None) -> bool:
    return t is None or (t.kind == "op" and t.text in (")", "]", "}", "+", "-", "/", ",", ";", "."))


def _ends_after_letter(p: Parser, base: str, accents: list[str], word: str) -> bool:
    """``x_ix_i``: the subscript is the one letter with which the name is declared, the other goes on.
    A longer word (``w_next``) is a name of its own."""
    known = (p.scope.kinds, p.scope.aliases)
    whole, first = (canonical(base, accents, sub) for sub in (word, word[0]))
    return len(word) == 2 and any(first in k for k in known) and not any(whole in k for k in known)


def _is_scalar(p: Parser, base: str, accents: list[str], sub: str) -> bool:
    kind = p.scope.kinds.get(canonical(base, accents, sub))
    return kind is not None and kind.scalar


def _look_up(p: Parser, base: str, accents: list[str], sub: str, sup: str, span: tuple[int, int]) -> Node:
    kinds = p.scope.kinds
    full = canonical(base, accents, sub, sup)
    full = p.scope.aliases.get(full, full)
    if base in p.bound and full == base:
        return Node("var", (), base, span)
    if full in kinds:
        if kinds[full].sort == "function":
            return apply(p, full, span[0])
        return sym(full, span)
    plain = not accents and not sup
    if plain and not sub:
        if base == "e":
            return Node("const", (), "e", span)
        if base == "pi":
            return Node("const", (), "pi", span)
    if plain and base == "I":
        rows, _, columns = sub.partition("times")
        sub = rows if rows == columns else sub
        size = None if not sub else int(sub) if sub.isdigit() else sub
        if size is None or isinstance(size, int) or size in kinds:
            return Node("eye", (), size, span)
    if sup and not sub and sup[1:-1] in p.bound:  # x^{(i)}, t^{(i)}: the row, the entry
        sub, sup = sup[1:-1], ""
    if sub and base == "delta" and plain and base not in kinds:
        indices = read_indices(sub, p.bound, p.scope, span, 2)
        if indices is not None and len(indices) == 2:  # Kronecker's
            return Node("idx", (Node("eye", (), None, span), *indices), None, span)
    fixed = p.scope.define.get(sub) if sub and len(sub) == 1 else None
    if fixed is not None and fixed.op == "num":  # p_i for any i, where p_1, p_2 are declared
        numbered = canonical(base, accents, str(fixed.value), sup)
        if numbered in kinds and canonical(base, accents, "", sup) not in kinds:
            return sym(numbered, span)
    if sub:
        entry = _entry(p, base, accents, sub, sup, span)
        if entry is not None:
            return entry
    raise _unknown(p, full, span)


def _entry(
    p: Parser, base: str, accents: list[str], sub: str, sup: str, span: tuple[int, int]
) -> Node | None:
    """``t_i``, ``X_{ij}``, ``x_i`` (row i of X, as a column)."""
    kinds = p.scope.kinds
    whole = canonical(base, accents, "", sup)
    vector = whole in kinds and kinds[whole].sort == "vector"
    indices = read_indices(sub, p.bound, p.scope, span, 1 if vector else 2)
    if indices is None:
        return None
    if whole in kinds and kinds[whole].shape is not None:
        constant = any(i.op == "num" for i in indices)
        siblings = any(k != whole and base_of(k) == base and k.rsplit("_", 1)[-1].isdigit() for k in kinds)
        if not (constant and siblings):
            return Node("idx", (sym(whole, span), *indices), None, span)
        return None
    matrix = canonical(base.upper(), accents, "", sup)
    if len(base) == 1 and base.islower() and matrix in kinds and kinds[matrix].sort == "matrix":
        value = "row" if len(indices) == 1 else None
        return Node("idx", (sym(matrix, span), *indices), value, span)
    return None


def _unknown(p: Parser, name: str, span: tuple[int, int]) -> UnknownSymbolFault:
    shown = p.scope.original
    names = sorted(set(shown.values()))
    base = name.split("_")[0].split("^")[0].lower()
    alike = {base, LOOK_ALIKE.get(base, base)}
    near = [n for n in names if n.lower() == base] or [n for n in names if n.lower().split("_")[0] in alike][
        :1
    ]
    near = near[:1] or difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    listed = ", ".join(show_name(canonical_name(n)) for n in (near or names)[:12])
    hint = f"; did you mean {listed}?" if near else f"; the names here are {listed}" if names else ""
    return UnknownSymbolFault(f"{show_name(name):.60} is not declared{hint}", span, name)
