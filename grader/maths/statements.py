r"""A piece of an answer → its statements: chains ``A = B = C`` with what stands around them.

Here the mathematics is found in the prose, displays and rows are taken apart, and displays that
begin with ``=`` are joined to the chain they continue. Nothing is evaluated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from grader.errors import MathsFault
from grader.maths.alphabet import Token
from grader.maths.tokens import tokenize

__all__ = ["RELATIONS", "Statement", "find_statements"]

MAX_STATEMENTS = 400

RELATIONS = {"=": "=", ":=": ":=", "<": "<", ">": ">", "le": "<=", "ge": ">=", "ne": "!=", "approx": "~", "equiv": "=",
             "sim": "~", "propto": "propto", "implies": "=>", "iff": "<=>", "to": "->", "in": "in", "cong": "=",
             "mapsto": "->", "gets": ":=", "leftarrow": ":=", "therefore": "=>", "because": "=>", "subset": "in",
             "subseteq": "in", "notin": "in", "perp": "perp", "ll": "<", "gg": ">", "succ": ">", "prec": "<",
             "succeq": ">=", "preceq": "<=", "forall": "forall", "exists": "forall", "mid": "forall", "Longrightarrow": "=>"}  # fmt: skip
_BREAKS = frozenset(("=>", "<=>", "->"))
_LAYOUT = frozenset(
    [
        "aligned",
        "align",
        "alignat",
        "split",
        "gather",
        "gathered",
        "multline",
        "eqnarray",
        "equation",
        "displaymath",
        "cases",
        "flalign",
        "dcases",
        "math",
    ]
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One chain. ``relations[k]`` stands between ``members[k]`` and ``members[k + 1]``.

    ``words`` is the prose just before it, ``after`` the words that follow in the same display;
    ``lead`` an implication it begins with; ``fault`` why it could not even be taken apart.
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
    notes: tuple[str, ...] = ()
    joined: tuple[str, ...] = field(default=())


_SPANS = re.compile(
    r"\$\$(?P<dd>.+?)\$\$"
    r"|\\\[(?P<br>.+?)\\\]"
    r"|\\\((?P<pa>.+?)\\\)"
    r"|\\begin\{(?P<env>align|aligned|equation|gather|gathered|multline|eqnarray|split|alignat|flalign|displaymath|math)(?P<st>\*?)\}"
    r"(?P<body>.+?)\\end\{(?P=env)(?P=st)\}"
    r"|(?<!\\)\$(?P<d>(?:\\.|[^$\\])+?)\$",
    re.DOTALL,
)
_NOISE = re.compile(r"\\begin\{alignat\*?\}\{\d+\}")


def find_statements(text: str, *, decimal_comma: bool = False) -> list[Statement]:
    """The statements of a text, in order. Text without any ``$`` or display is read line by line."""
    out: list[Statement] = []
    pos = 0
    spans = list(_SPANS.finditer(text)) if ("$" in text or "\\" in text) else []
    if not spans:
        return _plain_lines(text, decimal_comma)
    for m in spans[:MAX_STATEMENTS]:
        group = next(g for g in ("dd", "br", "pa", "body", "d") if m.group(g) is not None)
        words = _words(text[pos : m.start()])
        pos = m.end()
        inner, start = m.group(group), m.start(group)
        found = _span(inner, start, words, group != "d" and group != "pa", decimal_comma)
        _join(out, found)
    if out:
        out[-1] = replace(out[-1], after=(out[-1].after + " " + _words(text[pos:])).strip()[:200])
    return out[:MAX_STATEMENTS]


def _words(prose: str) -> str:
    prose = re.sub(r"\(\d+(?:\.\d+)*\)", " ", prose)  # equation numbers
    return " ".join(re.sub(r"[*_`#>|]+", " ", prose).split())[-200:]


def _plain_lines(text: str, decimal_comma: bool) -> list[Statement]:
    out: list[Statement] = []
    offset = 0
    has_layout = "\\begin" in text or "\\\\" in text
    lines = [text] if has_layout or "\n" not in text.strip() else text.split("\n")
    for line in lines:
        if line.strip():
            body = re.sub(r"^\s*(?:[-*•]\s+|>\s*|#+\s+|\([a-z]\)\s+)", lambda m: " " * len(m.group()), line)
            body = re.sub(r"\*\*([^*\n]+?)\*\*(?=\s|[:.,]|$)", lambda m: "  " + m.group(1) + "  ", body)
            _join(out, _span(body, offset, "", True, decimal_comma))
        offset += len(line) + 1
    return out[:MAX_STATEMENTS]


def _join(out: list[Statement], found: list[Statement]) -> None:
    """Append; a statement that begins with ``=`` continues the one before."""
    for s in found:
        if out and _goes_on(out[-1], s):
            last = out[-1]
            members = (*last.members[:-1], last.members[-1] + s.members[0], *s.members[1:])
            out[-1] = replace(
                last, members=members, relations=last.relations + s.relations, text=last.text + " " + s.text
            )
        elif (
            s.fault is None
            and s.lead == "="
            and out
            and out[-1].fault is None
            and out[-1].members
            and not s.words
        ):
            last = out[-1]
            out[-1] = replace(
                last,
                members=last.members + s.members,
                relations=(*last.relations, "=", *s.relations),
                text=last.text + " " + s.text,
                after=s.after,
                boxed=s.boxed or last.boxed,
            )
        else:
            out.append(s)


def _goes_on(last: Statement, s: Statement) -> bool:
    """Whether a row continues the sum or product of the row before it."""
    if (
        s.fault
        or last.fault
        or s.lead
        or s.words
        or not s.display
        or not (s.members and s.members[0] and last.members)
    ):
        return False
    first = s.members[0][0]
    operator = first.text in ("+", "-") if first.kind == "op" else first.text in ("cdot", "times")
    return operator and bool(last.members[-1]) and s.start == last.start


def _span(inner: str, start: int, words: str, display: bool, decimal_comma: bool) -> list[Statement]:
    boxes = _boxes(inner)
    if boxes:
        out: list[Statement] = []
        pos = 0
        for a, b in boxes:
            before = inner[pos : a[0]]
            if before.strip(" \t\r\n\\&"):
                out += _rows(before, start + pos, words if not out else "", display, decimal_comma)
            box = _rows(inner[b[0] : b[1]], start + b[0], "", display, decimal_comma)
            lead_in = out[-1] if out and out[-1].members and out[-1].fault is None else None
            if lead_in is not None and len(box) == 1 and len(box[0].members) == 1 and _open_ended(before):
                # "x = \boxed{5}": the box is the last member
                joined = replace(
                    lead_in,
                    members=lead_in.members[:-1] + box[0].members
                    if not lead_in.members[-1]
                    else lead_in.members + box[0].members,
                )
                if len(joined.members) != len(joined.relations) + 1:
                    joined = replace(joined, relations=(*joined.relations, "=")[: len(joined.members) - 1])
                out[-1] = replace(joined, boxed=True)
            else:
                out += [replace(s, boxed=True) for s in box]
            pos = a[1]
        rest = inner[pos:]
        if rest.strip(" \t\r\n\\&.,;"):
            out += _rows(rest, start + pos, "", display, decimal_comma)
        return out
    return _rows(inner, start, words, display, decimal_comma)


def _open_ended(before: str) -> bool:
    return bool(re.search(r"(=|\\approx|:=)\s*&?\s*$", before))


def _boxes(inner: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    out = []
    for m in re.finditer(r"\\(?:boxed|fbox)\s*\{", inner):
        depth, i = 1, m.end()
        while i < len(inner) and depth:
            if inner[i] == "\\":
                i += 2
                continue
            depth += {"{": 1, "}": -1}.get(inner[i], 0)
            i += 1
        if depth == 0 and (not out or m.start() >= out[-1][0][1]):
            out.append(((m.start(), i), (m.end(), i - 1)))
    return out


def _rows(inner: str, start: int, words: str, display: bool, decimal_comma: bool) -> list[Statement]:
    inner = _NOISE.sub(lambda m: " " * len(m.group()), inner)
    latex = "\\" in inner or "{" in inner
    try:
        tokens = tokenize(inner, decimal_comma=decimal_comma)
    except MathsFault as fault:
        pieces = re.split(r"\\\\", inner)
        if len(pieces) > 1 and fault.reason == "syntax":
            out: list[Statement] = []
            at = start
            for piece in pieces:
                clean = re.sub(r"\\(begin|end)\{[a-z]+\*?\}", lambda m: " " * len(m.group()), piece)
                if clean.strip():
                    _join(out, _rows(clean, at, words if not out else "", display, decimal_comma))
                at += len(piece) + 2
            return out
        if fault.reason == "empty":
            return []
        return [Statement(inner, start, words=words, display=display, latex=latex, fault=fault)]
    out = []
    for row in _split_rows(tokens):
        for part in _split_row(row):
            s = _chain(part, inner, start, words if not out else "", display, latex)
            if s is not None:
                _join(out, [s])
    return out


def _split_rows(tokens: list[Token]) -> list[list[Token]]:
    """Rows of layout environments; matrices stay whole."""
    rows: list[list[Token]] = [[]]
    depth = 0  # of braces and matrices
    i = 0
    while i < len(tokens):
        t = tokens[i]
        if t.kind == "cmd" and t.text in ("begin", "end") and i + 3 < len(tokens) + 1:
            j = i + 1
            name = ""
            while j < len(tokens) and tokens[j].text != "}":
                name += tokens[j].text if tokens[j].text != "{" else ""
                j += 1
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
    return [r for r in rows if r]


_BRACKETS = {"(": 1, "[": 1, "{": 1, "\\{": 1, ")": -1, "]": -1, "}": -1, "\\}": -1}


def _split_row(row: list[Token]) -> list[list[Token]]:
    """A row holds several statements when something at its top level separates them."""
    parts: list[list[Token]] = [[]]
    depth = matrix = 0
    for k, t in enumerate(row):
        if t.kind == "cmd" and t.text == "begin":
            matrix += 1
        elif t.kind == "cmd" and t.text == "end":
            matrix -= 1
        elif t.kind == "op":
            depth += _BRACKETS.get(t.text, 0)
        if depth <= 0 and matrix <= 0:
            if t.kind == "op" and t.text == "\\quad":
                parts.append([])
                continue
            if t.kind == "op" and t.text == "&":
                if (
                    _has_relation(parts[-1])
                    and _has_relation(row[k + 1 :])
                    and not _starts_with_relation(row[k + 1 :])
                ):
                    parts.append([])
                continue
            if (
                t.kind == "op"
                and t.text in (",", ";")
                and _has_relation(parts[-1])
                and _new_statement(row[k + 1 :])
            ):
                parts.append([])
                continue
            if t.kind == "remark" and parts[-1]:
                parts.append([t])
                continue
        parts[-1].append(t)
    return [p for p in parts if p]


def _relation(t: Token) -> str | None:
    if t.kind == "op" and t.text in ("=", ":=", "<", ">"):
        return RELATIONS[t.text]
    if t.kind == "cmd":
        return RELATIONS.get(t.text)
    return None


def _has_relation(tokens: list[Token]) -> bool:
    return any(_relation(t) for t in tokens)


def _starts_with_relation(tokens: list[Token]) -> bool:
    return bool(tokens) and _relation(tokens[0]) is not None


def _new_statement(rest: list[Token]) -> bool:
    """Whether what follows a comma is an equation of its own."""
    depth = 0
    for t in rest:
        if t.kind == "op":
            depth += _BRACKETS.get(t.text, 0)
            if depth < 0:
                return False
            if depth == 0 and t.text in (",", ";"):
                return False
        if depth == 0 and t.kind in ("remark",):
            return True
        if depth == 0 and _relation(t):
            return True
    return False


def _chain(
    tokens: list[Token], inner: str, start: int, words: str, display: bool, latex: bool
) -> Statement | None:
    members: list[list[Token]] = [[]]
    relations: list[str] = []
    remarks: list[str] = []
    lead = ""
    depth = matrix = 0
    for t in tokens:
        if t.kind == "cmd" and t.text in ("begin", "end"):
            matrix += 1 if t.text == "begin" else -1
        elif t.kind == "op":
            depth += _BRACKETS.get(t.text, 0)
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
            if rel == "=>":
                lead = "=>"
        elif rel in _BREAKS:
            # an implication inside a row: what follows is a statement of its own; keep the last one
            members, relations, lead = [[]], [], rel
        else:
            members.append([])
            relations.append(rel)
    if members and not members[-1] and len(members) > 1:
        members.pop()
        relations.pop()
    members = [_trim(m) for m in members]
    if not any(members):
        return None
    if not lead and not relations and not any(m for m in members):
        return None
    first, last = tokens[0].start, tokens[-1].end
    return Statement(
        text=inner[first:last].strip(),
        start=start,
        members=tuple(tuple(m) for m in members),
        relations=tuple(relations),
        words=words,
        after=" ".join(remarks)[:200],
        lead=lead,
        display=display,
        latex=latex,
    )


def _trim(tokens: list[Token]) -> list[Token]:
    """Punctuation behind a member says nothing."""
    while tokens and tokens[-1].kind == "op" and tokens[-1].text in (".", ",", ";", ":", "?"):
        tokens.pop()
    while tokens and tokens[0].kind == "op" and tokens[0].text in (".", ",", ";", ":"):
        tokens.pop(0)
    return tokens
