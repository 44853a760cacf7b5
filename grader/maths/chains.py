"""A display or a line → its rows and chains ``A = B = C``; nothing is evaluated."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

from grader.errors import MathsFault, SyntaxFault
from grader.maths.alphabet import Token
from grader.maths.labels import label_of
from grader.maths.records import record
from grader.maths.spelling import unbraced
from grader.maths.tokens import tokenize

__all__ = ["ORDERS", "RELATIONS", "Statement", "ends_with_operator", "read_rows", "starts_with_operator"]

_NOISE = re.compile(r"\\begin\{alignat\*?\}\{\d+\}")

RELATIONS = {
    "=": "=", ":=": ":=", "<": "<", ">": ">", "le": "<=", "ge": ">=", "ne": "!=", "approx": "~", "equiv": "=",
    "sim": "sim", "propto": "propto", "implies": "=>", "iff": "<=>", "to": "->", "in": "in", "cong": "=",
    "mapsto": "->", "gets": ":=", "leftarrow": ":=", "therefore": "=>", "because": "=>", "subset": "in",
    "subseteq": "in", "notin": "notin", "perp": "perp", "ll": "<", "gg": ">", "succ": ">", "prec": "<",
    "succeq": ">=", "preceq": "<=", "forall": "forall", "exists": "forall", "mid": "forall",
}  # fmt: skip
ORDERS = ("<", "<=", ">", ">=")  # as they are called in RELATIONS
# what may make more than one member of the tokens of a text
_SEPARATES = frozenset(RELATIONS) | {"begin", "\\", "\\quad", "&", ",", ";"}
_BREAKS = frozenset(("=>", "<=>", "->"))
_LAYOUT = frozenset((
    "aligned", "align", "alignat", "split", "gather", "gathered", "multline", "eqnarray", "equation",
    "displaymath", "flalign", "math",
))  # fmt: skip
# they begin an aside of a plain sentence
_ASIDES = frozenset((
    "where", "when", "with", "since", "because", "given", "let", "for", "if", "and", "then", "which",
    "provided",
    "assuming", "while", "hence", "thus", "therefore", "that", "unless", "using",
))  # fmt: skip
# what is counted, behind a number in a plain sentence
_UNITS = frozenset((
    "parameters", "params", "weights", "biases", "connections", "outputs", "units", "values", "entries",
    "neurons",
    "trainable", "learnable", "total", "in",
))  # fmt: skip


@record
class Statement:
    """One chain. ``relations[k]`` stands between ``members[k]`` and ``members[k + 1]``.

    ``words`` is the prose just before it, ``after`` the words that follow in the same display;
    ``lead`` the relation it begins with, ``unfinished`` the sign it ends with; ``aside``: it stands in
    brackets of the prose; ``fault`` why it could not even be taken apart. ``before`` and ``behind`` are
    all the prose up to the neighbouring displays; ``doubt`` what stands beside it and may belong to it.
    """

    text: str
    start: int
    members: tuple[tuple[Token, ...], ...] = ()
    relations: tuple[str, ...] = ()
    words: str = ""
    after: str = ""
    lead: str = ""
    boxed: bool = False
    display: bool = False
    latex: bool = True
    fault: MathsFault | None = None
    unfinished: Token | None = None
    aside: bool = False
    before: str = ""
    behind: str = ""
    doubt: str = ""


def read_rows(
    inner: str, start: int, words: str, display: bool, decimal_comma: bool, plain: bool = False
) -> list[Statement]:
    """The chains of one display, row by row, before they are joined. In ``plain`` text words need no
    ``\\text`` around them."""
    if "alignat" in inner:
        inner = _NOISE.sub(lambda m: " " * len(m.group()), inner)
    latex = "\\" in inner or "{" in inner
    try:
        tokens = _tokens(inner, start, decimal_comma, plain or latex)
    except MathsFault as fault:
        pieces = re.split(r"\\\\", inner)
        if len(pieces) > 1 and fault.reason == "syntax":
            return _row_by_row(pieces, start, words, display, decimal_comma)
        if fault.reason == "empty":
            return []
        return [Statement(inner, start, words=words, display=display, latex=latex, fault=fault.bare())]
    if plain:
        tokens = _remarked(tokens)
    out: list[Statement] = []
    bare = tokens[0].text != "{" and _SEPARATES.isdisjoint([t.text for t in tokens])
    if bare and "remark" not in [t.kind for t in tokens]:
        text = inner[tokens[0].start - start : tokens[-1].end - start].strip()
        whole = tuple(_trim(tokens))
        return [Statement(text, start, (whole,), words=words, display=display, latex=latex)] if whole else []
    for row in _split_rows(tokens):
        for k, part in enumerate(_split_row(row)):
            s = _chain(part, inner, start, words if not out else "", display, latex)
            if s is not None:
                opens = inner[: part[0].start - start].rstrip()[-1:] in ("(", "[") or _WHY.search(s.words)
                out.append(replace(s, aside=True) if k and opens and s.relations and not s.lead else s)
            elif out:  # nothing but words
                said = " ".join(t.text for t in part if t.kind == "remark")
                out[-1] = replace(out[-1], after=f"{out[-1].after} {said}".strip()[:200])
    return out


def _tokens(inner: str, start: int, decimal_comma: bool, exponents: bool) -> list[Token]:
    """The tokens of ``inner`` with their places in the whole text. Between dollars ``2^10`` is LaTeX even
    where nothing else looks like it, and then it is 2¹ 0.

    Raises:
        MathsFault: with its place in the whole text.
    """
    try:
        tokens = tokenize(inner, decimal_comma=decimal_comma)
    except MathsFault as fault:
        if fault.span is not None:
            fault.span = (fault.span[0] + start, fault.span[1] + start)
        raise
    if start:
        tokens = [Token(t.kind, t.text, t.start + start, t.end + start, t.spaced) for t in tokens]
    if not exponents:
        for caret, t in itertools.pairwise(tokens):
            if caret.text == "^" and t.kind == "num" and len(t.text) > 1 and t.text.isdigit():
                raise SyntaxFault(unbraced(t.text), (t.start, t.end))
    return tokens


def _row_by_row(
    pieces: list[str], start: int, words: str, display: bool, decimal_comma: bool
) -> list[Statement]:
    """Rows one at a time, where the whole cannot be taken apart: a fault stays in its row."""
    out: list[Statement] = []
    for piece in pieces:
        clean = re.sub(r"\\(begin|end)\{[a-z]+\*?\}", lambda m: " " * len(m.group()), piece)
        if clean.strip():
            out += read_rows(clean, start, words if not out else "", display, decimal_comma)
        start += len(piece) + 2
    return out


def _remarked(tokens: list[Token]) -> list[Token]:
    """Words of a plain sentence that cannot be mathematics as remarks: ``… where K = …``, ``5 weights``."""
    for t in tokens:
        if t.kind == "word" and len(t.text) > 1:
            break
    else:
        return tokens
    out: list[Token] = []
    for k, t in enumerate(tokens):
        if t.kind == "word" and len(t.text) > 1 and (t.spaced or k == 0):
            nxt = tokens[k + 1] if k + 1 < len(tokens) else None
            apart = nxt is None or nxt.spaced or nxt.text in (",", ".", ":", ";")
            counted = t.text in _UNITS and bool(out) and out[-1].kind in ("num", "remark")
            if apart and (counted or t.text.lower() in _ASIDES):
                t = t._replace(kind="remark")
        out.append(t)
    return out


def starts_with_operator(tokens: tuple[Token, ...]) -> bool:
    """Whether a row can only continue the sum or product before it."""
    return _is_operator(tokens[0])


def ends_with_operator(tokens: tuple[Token, ...]) -> bool:
    """Whether a row is continued by the next."""
    return _is_operator(tokens[-1]) and not (len(tokens) > 1 and tokens[-2].text == "^")


def _is_operator(t: Token) -> bool:
    if t.kind == "op":
        return t.text in ("+", "-", "*", "/")
    return t.kind == "cmd" and t.text in ("cdot", "times", "odot")


def _split_rows(tokens: list[Token]) -> list[list[Token]]:
    """Rows of layout environments; matrices stay whole."""
    rows: list[list[Token]] = [[]]
    depth = 0  # of braces and matrices
    arrays = 0  # that only lay out rows
    i = 0
    while i < len(tokens):
        t = tokens[i]
        if t.kind == "cmd" and t.text in ("begin", "end") and i + 3 < len(tokens) + 1:
            j = i + 1
            name = ""
            while j < len(tokens) and tokens[j].text != "}":
                name += tokens[j].text if tokens[j].text != "{" else ""
                j += 1
            if name == "array" and t.text == "begin" and depth <= 0 and _is_layout(tokens, j + 1):
                arrays += 1
                rows.append([])
                i = _behind_group(tokens, j + 1)
                continue
            if name == "array" and t.text == "end" and depth <= 0 and arrays:
                arrays -= 1
                i = j + 1
                continue
            if name.rstrip("*") in _LAYOUT:
                if t.text == "begin":
                    rows.append([])
                i = j + 1
                continue
            depth += 1 if t.text == "begin" else -1
        elif t.kind == "op" and t.text == "{":
            depth += 1
        elif t.kind == "op" and t.text == "}":
            depth -= 1
        elif t.kind == "cmd" and t.text == "\\" and depth <= 0:
            rows.append([])
            i += 1
            if i < len(tokens) and tokens[i].text == "[":  # \\[2pt]
                j = i
                while j < len(tokens) and tokens[j].text != "]":
                    j += 1
                if j - i <= 4:
                    i = j + 1
            continue
        rows[-1].append(t)
        i += 1
    return [_unwrapped(r) for r in rows if r]


def _is_layout(tokens: list[Token], start: int) -> bool:
    """Whether an array holds equations rather than entries."""
    depth = 0
    for k in range(_behind_group(tokens, start), len(tokens)):
        t = tokens[k]
        if t.kind == "cmd" and t.text in ("begin", "end"):
            depth += 1 if t.text == "begin" else -1
            if depth < 0:
                return False
        elif depth == 0 and _relation(t) == "=":
            return True
    return False


def _behind_group(tokens: list[Token], i: int) -> int:
    """The index behind the braced group that starts at ``i``, if one does."""
    if i >= len(tokens) or tokens[i].text != "{":
        return i
    depth = 0
    for k in range(i, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[k].text, 0) if tokens[k].kind == "op" else 0
        if depth == 0:
            return k + 1
    return len(tokens)


def _unwrapped(row: list[Token]) -> list[Token]:
    """A row without braces around the whole of it, as colours and sizes need them."""
    while len(row) > 2 and row[0].kind == "op" and row[0].text == "{" and _behind_group(row, 0) == len(row):
        row = row[1:-1]
    return row


_BRACKETS = {"(": 1, "[": 1, "{": 1, "\\{": 1, ")": -1, "]": -1, "}": -1, "\\}": -1}
_ANGLES = {"langle": 1, "rangle": -1}


def _nesting(t: Token) -> int:
    """How much deeper in brackets what follows is."""
    return _BRACKETS.get(t.text, 0) if t.kind == "op" else _ANGLES.get(t.text, 0)


def _names_next(before: list[Token], row: list[Token], comma: int) -> bool:
    """Whether a formula stands before a comma and ``name =`` behind it: ``X^T r, r := Xw - t``."""
    end = next((k for k in range(comma + 1, len(row)) if _relation(row[k])), len(row))
    return label_of(row[comma + 1 : end]) is not None and label_of(before) is None


def _without_aside(row: list[Token]) -> list[Token]:
    """A definition in brackets behind a formula, ``X^T r (r = Xw - t)``, set off as one of its own."""
    end = len(row)
    while end and row[end - 1].kind == "op" and row[end - 1].text in (".", ",", ";"):
        end -= 1
    if not end or row[end - 1].text != ")":
        return row
    depth, opened = 0, end - 1
    while opened >= 0:
        depth -= _nesting(row[opened])
        if depth == 0:
            break
        opened -= 1
    stated = ("=", ":=", "<", ">", "<=", ">=", "!=")
    sign = next((k for k in range(opened + 1, end) if _relation(row[k]) in stated), 0)
    apart = opened > 0 and (row[opened].spaced or row[opened - 1].text in ("\\quad", ",", ";"))
    if not sign or not apart or row[opened].text != "(" or label_of(row[opened + 1 : sign]) is None:
        return row
    quad = row[opened]._replace(kind="op", text="\\quad")
    return [*row[:opened], quad, *row[opened + 1 : end - 1]]


def _split_row(row: list[Token]) -> list[list[Token]]:
    """A row holds several statements when something at its top level separates them."""
    row = _without_aside(row)
    parts: list[list[Token]] = [[]]
    depth = matrix = 0
    related = False  # the last part has a relation
    last = max((k for k, t in _outside(row) if _relation(t)), default=-1)
    for k, t in enumerate(row):
        if t.kind == "cmd" and t.text == "begin":
            matrix += 1
        elif t.kind == "cmd" and t.text == "end":
            matrix -= 1
        else:
            depth += _nesting(t)
        if depth <= 0 and matrix <= 0:
            cut = False
            if t.kind == "op" and t.text == "\\quad":
                cut = not (len(parts[-1]) == 1 and RELATIONS.get(parts[-1][0].text) in _BREAKS)
                if not cut:
                    continue  # \\implies \\quad
            elif t.kind == "op" and t.text == "&":
                beside = related and 0 < k < len(row) - 1 and row[k + 1].text == "&"
                led = len(parts[-1]) == 1 and RELATIONS.get(parts[-1][0].text) in _BREAKS  # \\implies & A
                if led or (not beside and not (related and last > k and not _relation(row[k + 1]))):
                    continue
                cut = True
            elif t.kind == "op" and t.text in (",", ";"):
                cut = last > k and _new_statement(row, k + 1) and (related or _names_next(parts[-1], row, k))
            if cut:
                parts.append([])
                related = False
                continue
            if (t.kind == "remark" or RELATIONS.get(t.text) in _BREAKS) and parts[-1]:
                parts.append([])  # words and implications begin a statement of their own
                related = False
            related = related or _relation(t) is not None
        parts[-1].append(t)
    parts = [p for k, p in enumerate(parts) if p and not (k and _is_number_of_equation(p))]
    return [_unbracketed(p) if k else p for k, p in enumerate(parts)]


# words in front of an equation that stands beside another: it says why, and is not gone on from
_WHY = re.compile(r"^\W*(?:with|where|since|because|if|as|for|using|when|by|let|recall)\b", re.IGNORECASE)


def _outside(tokens: list[Token]) -> list[tuple[int, Token]]:
    """The tokens that are in no bracket, with their places; of a bracket its closing one."""
    depth, out = 0, []
    for k, t in enumerate(tokens):
        depth += _nesting(t)
        if depth <= 0:
            out.append((k, t))
    return out


def _unbracketed(part: list[Token]) -> list[Token]:
    """``(a = b)`` beside a formula, without its brackets."""
    if len(part) < 4 or part[0].text != "(" or part[-1].text != ")" or _outside(part)[0][0] < len(part) - 1:
        return part
    return part[1:-1] if any(_relation(t) for _, t in _outside(part[1:-1])) else part


def _is_number_of_equation(part: list[Token]) -> bool:
    return [t.text if t.kind == "op" else t.kind for t in part] == ["(", "num", ")"]


def _relation(t: Token) -> str | None:
    if t.kind == "op" and t.text in ("=", ":=", "<", ">"):
        return RELATIONS[t.text]
    if t.kind == "cmd":
        return RELATIONS.get(t.text)
    return None


def _new_statement(row: list[Token], start: int) -> bool:
    """Whether what follows a comma is an equation of its own."""
    depth = 0
    for k in range(start, len(row)):
        t = row[k]
        depth += _nesting(t)
        if depth < 0 or (depth == 0 and t.kind == "op" and t.text in (",", ";")):
            return False
        if depth == 0 and (t.kind == "remark" or _relation(t)):
            return True
    return False


def _chain(
    tokens: list[Token], inner: str, start: int, words: str, display: bool, latex: bool
) -> Statement | None:
    members: list[list[Token]] = [[]]
    relations: list[str] = []
    remarks: list[str] = []
    lead = ""
    last_relation: Token | None = None
    depth = matrix = 0
    for t in tokens:
        if t.kind == "cmd" and t.text in ("begin", "end"):
            matrix += 1 if t.text == "begin" else -1
        else:
            depth += _nesting(t)
        rel = _relation(t) if depth <= 0 and matrix <= 0 else None
        if rel == "forall" and t.text == "mid":
            rel = None
        if t.kind == "remark" and depth <= 0 and matrix <= 0:
            remarks.append(t.text)
            if not any(members):
                words = (words + " " + t.text).strip()
            continue
        if t.kind == "op" and t.text == "&" and matrix <= 0:
            continue
        if rel is None:
            members[-1].append(t)
        elif not members[-1] and not relations:
            lead = rel if rel in _BREAKS or rel == "=" else lead or rel
        else:
            members.append([])
            relations.append(rel)
            last_relation = t
    unfinished = None
    if not members[-1] and len(members) > 1:
        members.pop()
        relations.pop()
        unfinished = last_relation
    members = [_trim(m) for m in members]
    if not any(members):
        return None
    first, last = tokens[0].start, tokens[-1].end
    return Statement(
        text=inner[first - start : last - start].strip(),
        start=start,
        members=tuple(tuple(m) for m in members),
        relations=tuple(relations),
        words=words,
        after=" ".join(remarks)[:200],
        lead=lead,
        display=display,
        latex=latex,
        unfinished=unfinished,
    )


def _trim(tokens: list[Token]) -> list[Token]:
    """Punctuation behind a member says nothing."""
    while tokens and tokens[-1].kind == "op" and tokens[-1].text in (".", ",", ";", ":", "?"):
        tokens.pop()
    while tokens and tokens[0].kind == "op" and tokens[0].text in (".", ",", ";", ":"):
        tokens.pop(0)
    return tokens
