"""What stands in brackets: a grouped expression, a vector, a matrix, a set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import SyntaxFault
from grader.maths.alphabet import GREEK_NAMES, Token
from grader.maths.conditions import cases
from grader.maths.tree import Node, num
from grader.maths.vocabulary import FUNCTIONS

if TYPE_CHECKING:
    from grader.maths.parser import Parser

__all__ = ["angle", "bars", "environment", "list_or_matrix", "norm_kind"]

_MATRIX_ENVIRONMENTS = frozenset(
    ["bmatrix", "pmatrix", "Bmatrix", "matrix", "smallmatrix", "array", "vmatrix", "Vmatrix"]
)


_DEEPEST = 4  # square brackets around one another in which rows are looked for


def _no_sign_behind_a_factor(p: Parser, opened: Token) -> None:
    """``x{+1}`` shows a sum, and the braces would make it a product."""
    here = p.pos - 1
    t = p.tokens[p.pos] if p.pos < len(p.tokens) else opened
    if here < 1 or t.text not in ("+", "-") or t.kind != "op":
        return
    before = p.tokens[here - 1]
    name = before.kind == "word" or (before.kind == "cmd" and before.text in GREEK_NAMES)
    if before.kind == "num" or before.text in ("}", ")") or (name and before.text not in FUNCTIONS):
        raise SyntaxFault(
            f"a sign in braces behind a factor; write '{t.text}' without them", (t.start, t.end)
        )


def list_or_matrix(p: Parser, opened: Token, close: str) -> Node:
    """Read up to ``close``. A vector whose brackets do not say row or column is *flat*."""
    if p.at(close):
        raise SyntaxFault("there is nothing in these brackets", (opened.start, opened.end))
    if opened.text == "{":
        _no_sign_behind_a_factor(p, opened)
        items = [p.expression()]
        while p.at(","):  # a set in plain text
            p.pos += 1
            items.append(p.expression())
        p.expect(close, opened)
        return items[0] if len(items) == 1 else p.node("list", tuple(items), "set", opened.start)
    if opened.text == "[" and p.at("[") and p.open.count("]") <= _DEEPEST and _is_stacked(p):
        return _stacked(p, opened, close)
    if opened.text == "[":
        numbers = _numbers(p, close)
        if numbers is not None:
            return _matrix(
                p, [[num(v, span) for v, span in row] for row in numbers], opened, semicolons=len(numbers) > 1
            )
    rows: list[list[Node]] = [[p.expression()]]
    semicolons = False
    while True:
        if p.at(",", "\\quad", "&"):
            p.pos += 1
            if p.at(close):  # (1,)
                _ends_with_comma(p, rows, opened)
                break
            while p.at("\\quad"):
                p.pos += 1
            rows[-1].append(p.expression())
        elif p.at(";") or p.at_cmd("\\"):
            p.pos += 1
            if p.at(close):
                _ends_with_comma(p, rows, opened)
                break
            semicolons = True
            rows.append([p.expression()])
        else:
            break
    p.expect(close, opened)
    if len(rows) == 1 and len(rows[0]) == 1:
        only = rows[0][0]
        if opened.text == "[" and only.op == "matrix" and only.value[2]:
            return p.node("matrix", only.args, (1, len(only.args), False), opened.start)
        return only
    if opened.text == "\\{":
        return p.node("list", tuple(e for r in rows for e in r), "set", opened.start)
    return _matrix(p, rows, opened, semicolons)


def _ends_with_comma(p: Parser, rows: list[list[Node]], opened: Token) -> None:
    """A separator behind the last entry; behind the only one in square brackets an entry is missing."""
    if opened.text == "[" and len(rows) == 1 and len(rows[0]) == 1:
        t = p.tokens[p.pos - 1]
        raise SyntaxFault(f"an entry is missing behind {t.shown}", (t.start, t.end))


def _is_stacked(p: Parser) -> bool:
    """Whether rows in brackets follow: ``[1, 2], [3, 4]]``, or ``[1 2] [3 4]]`` as numpy prints."""
    depth, i = 0, p.pos
    row = p.pos
    glued = False  # two rows without a comma between them
    plain = True  # all rows hold several entries, or stand apart
    while i < len(p.tokens):
        t = p.tokens[i]
        if t.kind == "op" and t.text == "[":
            if depth == 0:
                glued |= i > p.pos and p.tokens[i - 1].text == "]"
                row = i
            depth += 1
        elif t.kind == "op" and t.text == "]":
            depth -= 1
            if depth < 0:
                return plain or not glued
            if depth == 0:
                plain &= _row_like(p.tokens[row + 1 : i], p.tokens[row].spaced or row == p.pos)
        elif depth == 0 and not (t.kind == "op" and t.text in (",", ";")):
            return False
        i += 1
    return False


def _row_like(inner: list[Token], apart: bool) -> bool:
    """Whether what stands in a row's brackets is a row of a matrix rather than a factor."""
    numbers = [t for t in inner if t.kind == "num"]
    if len(numbers) + sum(t.text == "-" for t in inner) == len(inner):
        return len(numbers) > 1 or apart
    return any(t.kind == "op" and t.text in (",", "[") for t in inner)


def _stacked(p: Parser, opened: Token, close: str) -> Node:
    rows: list[Node] = []
    while not p.at(close):
        row = p.peek()
        assert row is not None
        if not p.at("["):
            raise SyntaxFault(
                f"{row.shown} is not expected between the rows of a matrix", (row.start, row.end)
            )
        rows.append(p.bracket(row))
        if p.at(",", ";"):
            p.pos += 1
    p.expect(close, opened)
    if all(r.op != "matrix" for r in rows):  # [[1], [2]]
        return p.node("matrix", tuple(rows), (len(rows), 1, False), opened.start)
    if len(rows) == 1 and rows[0].value[2]:
        return p.node("matrix", rows[0].args, (1, len(rows[0].args), False), opened.start)
    return rows[0] if len(rows) == 1 else _matrix(p, [rows], opened, semicolons=False)


def _matrix(p: Parser, rows: list[list[Node]], opened: Token, semicolons: bool) -> Node:
    if semicolons:
        if len({len(r) for r in rows}) != 1:
            raise SyntaxFault("the rows of this matrix have different lengths", (opened.start, opened.end))
        flat = tuple(e for r in rows for e in r)
        return p.node("matrix", flat, (len(rows), len(rows[0]), False), opened.start)
    items = rows[0]
    nested = [i for i in items if i.op == "matrix" and i.value[2]]
    if len(nested) == len(items) and len({len(i.args) for i in nested}) == 1:
        flat = tuple(e for i in nested for e in i.args)
        return p.node("matrix", flat, (len(items), len(nested[0].args), False), opened.start)
    if all(i.op == "matrix" for i in items):
        if opened.text == "(" or any(not i.value[2] for i in items):
            return p.node("list", tuple(items), "list", opened.start)
        raise SyntaxFault("the rows of this matrix have different lengths", (opened.start, opened.end))
    if nested and opened.text == "[":
        raise SyntaxFault("the rows of this matrix have different lengths", (opened.start, opened.end))
    return p.node("matrix", tuple(items), (len(items), 1, True), opened.start)


def _numbers(p: Parser, close: str) -> list[list[tuple[str, tuple[int, int]]]] | None:
    """Numbers with blanks between them, ``[1 -2; 3 4]``: None if it is anything else."""
    rows: list[list[tuple[str, tuple[int, int]]]] = [[]]
    i = p.pos
    blanks = False
    while i < len(p.tokens):
        t = p.tokens[i]
        if t.kind == "op" and t.text == close:
            break
        if t.kind == "op" and t.text == ";" and rows[-1]:
            rows.append([])
            i += 1
            continue
        sign = ""
        if t.kind == "op" and t.text == "-":
            nxt = p.tokens[i + 1] if i + 1 < len(p.tokens) else None
            if nxt is None or nxt.spaced or (rows[-1] and not t.spaced):
                return None
            sign, i, t = "-", i + 1, nxt
        if t.kind != "num" or (rows[-1] and not (t.spaced or sign)):
            return None
        blanks |= bool(rows[-1])
        value, end = t.text, t.end
        if i + 2 < len(p.tokens) and p.tokens[i + 1].text == "/" and p.tokens[i + 2].kind == "num":
            below = p.tokens[i + 2]
            if not (below.text.isdigit() and int(below.text) and t.text.isdigit()):
                return None
            value, end, i = f"{t.text}/{below.text}", below.end, i + 2
        rows[-1].append((sign + value, (t.start, end)))
        i += 1
    if not blanks or i >= len(p.tokens) or not rows[-1]:
        return None
    p.pos = i + 1
    return rows


def bars(p: Parser, opened: Token) -> Node:
    """A norm or an absolute value; ``\\left|\\left| … \\right|\\right|`` is a norm too."""
    p.pos += 1
    double = opened.text == "|" and p.at("|")
    if double:
        p.open.append("|")
        inside = bars(p, p.tokens[p.pos])
        p.expect("|", opened)
        p.open.pop()
        if inside.op != "func" or inside.value != "abs":
            raise SyntaxFault(
                "these bars are neither a norm nor an absolute value", (opened.start, opened.end)
            )
        return p.node("norm", inside.args, norm_kind(p), opened.start)
    p.open.append(opened.text)
    inside = p.expression()
    t = p.peek()
    if t is not None and t.text == "||" and opened.text == "|":  # |x||y|
        p.tokens[p.pos : p.pos + 1] = [
            t._replace(text="|", end=t.start + 1),
            t._replace(text="|", start=t.start + 1, spaced=False),
        ]
    p.expect(opened.text, opened)
    p.open.pop()
    if opened.text == "|":
        if p.at("_"):  # |Xw - t|_2
            return p.node("norm", (inside,), norm_kind(p), opened.start)
        return p.node("func", (inside,), "abs", opened.start)
    kind = norm_kind(p)
    if kind == "2" and p.at("^"):  # \\|a\\|^2_1: the subscript may stand behind the power
        caret = p.pos
        p.pos += 1
        end = p.group_texts()[1]
        p.pos = end
        if p.at("_"):
            kind = norm_kind(p)
            del p.tokens[end : p.pos]
        p.pos = caret
    return p.node("norm", (inside,), kind, opened.start)


def norm_kind(p: Parser) -> str:
    """The subscript behind a norm: 2 (default), 1, ∞, F."""
    if not p.at("_"):
        return "2"
    mark = p.take()
    texts, end = p.group_texts()
    word = "".join(texts)
    kind = {
        "2": "2",
        "F": "F",
        "1": "1",
        "infty": "inf",
        "inf": "inf",
        "fro": "F",
        "Fro": "F",
        "ell2": "2",
    }.get(word.replace("_", ""))
    if kind is None:
        raise SyntaxFault(
            f"the norm with subscript {word!r} is not known; known are 1, 2, F, \\infty",
            (mark.start, mark.end),
        )
    p.leave(end, texts)
    return kind


def angle(p: Parser, opened: Token, close: str) -> Node:
    """⟨a, b⟩."""
    p.pos += 1
    p.open.append(close)
    items = [p.expression()]
    while p.at(",", "|"):
        p.pos += 1
        items.append(p.expression())
    p.expect(close, opened)
    p.open.pop()
    if len(items) < 2:
        raise SyntaxFault("⟨ … ⟩ needs two vectors with a comma between them", (opened.start, opened.end))
    if len(items) > 2 or all(i.op in ("num", "neg", "div") and not i.names() for i in items):
        return p.node("matrix", tuple(items), (len(items), 1, True), opened.start)
    return p.node("inner", tuple(items), start=opened.start)


def environment(p: Parser, t: Token, rows_of_cases: bool = False) -> Node:
    """What stands between ``\\begin`` and ``\\end``; ``rows_of_cases``: behind a brace that is not closed."""
    name = _environment_name(p)
    if name in ("cases", "dcases", "rcases") or (rows_of_cases and name in ("array", "matrix", "aligned")):
        if name == "array" and p.at("{"):
            _, p.pos = p.group_texts()
        return _cases(p, t, name)
    if name not in _MATRIX_ENVIRONMENTS:
        raise SyntaxFault(f"the environment {name!r} cannot stand inside an expression", (t.start, t.end))
    if name == "array" and p.at("{"):
        _, p.pos = p.group_texts()
    p.open.append("\\end")
    rows: list[list[Node]] = [[]]
    filled = False  # since the last separator
    while not p.at_cmd("end"):
        cell = p.peek()
        if cell is None:
            raise SyntaxFault(f"\\begin{{{name}}} is not closed", (t.start, t.end))
        if p.at("&") or (p.at_cmd("\\") and rows[-1]):
            if not filled:
                raise SyntaxFault(
                    "an empty cell in this matrix; write 0 if it is zero", (cell.start, cell.end)
                )
            if p.at_cmd("\\"):
                rows.append([])
            filled = False
            p.pos += 1
        elif p.at_cmd("hline", "\\") or p.at("\\quad"):
            p.pos += 1
        elif filled:
            raise SyntaxFault(f"{cell.shown} is not expected in a cell of a matrix", (cell.start, cell.end))
        else:
            rows[-1].append(p.expression())
            filled = True
            while p.at(",", "\\quad"):
                p.pos += 1
    if rows[-1] and not filled:
        raise SyntaxFault("the last cell of this matrix is empty; write 0 if it is zero", (t.start, t.end))
    if _environment_name(p) != name:
        raise SyntaxFault(f"\\begin{{{name}}} is closed by another \\end", (t.start, t.end))
    p.open.pop()
    if not rows[-1]:
        rows.pop()
    if not rows or not rows[0]:
        raise SyntaxFault("an empty matrix", (t.start, t.end))
    if len({len(r) for r in rows}) != 1:
        counts = ", ".join(str(len(r)) for r in rows)
        raise SyntaxFault(f"the rows of this matrix have different lengths: {counts}", (t.start, t.end))
    m = p.node("matrix", tuple(e for r in rows for e in r), (len(rows), len(rows[0]), False), t.start)
    if name == "vmatrix":
        return p.node("func", (m,), "det", t.start)
    if name == "Vmatrix":
        return p.node("norm", (m,), norm_kind(p), t.start)
    return m


def _cases(p: Parser, t: Token, name: str) -> Node:
    """A case distinction. Where one case is the general one, ``A`` if ``B \\ne 0``, it is A."""
    rest = p.tokens[p.pos :]
    end = next((k for k, x in enumerate(rest) if x.kind == "cmd" and x.text == "end"), len(rest))
    if all(x.text != "ne" for x in rest[:end]):
        made = cases(p, t)
        if _environment_name(p) != name:
            raise SyntaxFault(f"\\begin{{{name}}} is closed by another \\end", (t.start, t.end))
        return made
    general: list[Node] = []
    p.open.append("\\end")
    while not p.at_cmd("end"):
        value = p.expression()
        condition = []
        while not p.at_cmd("end", "\\"):
            c = p.peek()
            if c is None:
                raise SyntaxFault(f"\\begin{{{name}}} is not closed", (t.start, t.end))
            condition.append(c.text)
            p.pos += 1
        if p.at_cmd("\\"):
            p.pos += 1
        if "ne" in condition:
            general.append(value)
        elif not ("=" in condition or any("otherwise" in c or "else" in c for c in condition)):
            general = []
            break
    if len(general) != 1:
        raise SyntaxFault(
            "a case distinction is read only if one case is the general one, '… \\ne 0'", (t.start, t.end)
        )
    if _environment_name(p) != name:
        raise SyntaxFault(f"\\begin{{{name}}} is closed by another \\end", (t.start, t.end))
    p.open.pop()
    return general[0]


def _environment_name(p: Parser) -> str:
    p.pos += 1
    if not p.at("{"):
        raise p.fault("\\begin and \\end need the name of an environment in braces")
    texts, p.pos = p.group_texts()
    return "".join(texts).rstrip("*")
