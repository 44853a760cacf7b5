"""Text → tokens: LaTeX, Unicode and infix through one lexer.

Every token knows the half-open range of the original text it came from, so that a fault can point at
its place. Fonts, sizes and spacing are dropped here; what is left has one spelling per meaning
(``‖`` and ``\\lVert`` are ``norm``, ``ᵀ`` is ``^ T``, ``×`` is ``\\times``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import partial

from grader.errors import EmptyFault, LimitFault, SyntaxFault
from grader.maths.alphabet import COMBINING, FRACTIONS, GREEK, INVISIBLE, SUB, SUPER, SYMBOLS, Token
from grader.maths.spelling import simplify

__all__ = ["MAX_DIGITS", "MAX_LENGTH", "Token", "looks_like_latex", "tokenize"]

MAX_LENGTH = 10_000  # characters of one piece of mathematics
MAX_DIGITS = 400  # digits of one number
MAX_BRACES = 150  # inside one another

_SEPARATED = r"[1-9]\d{0,2}(?:(?:%s)\d{3})+(?!\d)(?:\.\d+)?"
_THOUSANDS_ALWAYS = r"\{,\}|,\\!|\\[,;:]|\u2009|\u202f|\{\\,\}"
# thin, no-break and plain spaces between groups of three: 52 444 644
_SPACED = r"[1-9]\d{0,2}(?:[ \u00a0~]\d{3})+(?![ \u00a0~]?\d|\.\w)"
_PLAIN = r"\d+\.(?![\w.])|(?:\d+(?:\.(?:\d+|(?=[eE][+-]?\d)))?|\.\d+)(?:[eE][+-]?\d+(?![A-Za-z0-9.]))?"
_NUMBER_POINT = re.compile(
    "|".join((_SEPARATED % (_THOUSANDS_ALWAYS + "|,"), _SEPARATED % r"_", _SPACED, _PLAIN)), re.ASCII
)
_NUMBER_LIST = re.compile(_SEPARATED % _THOUSANDS_ALWAYS + "|" + _PLAIN, re.ASCII)
_NUMBER_COMMA = re.compile(
    r"[1-9]\d{0,2}(?:[.~ \u00a0\u2009\u202f]\d{3})+(?:(?:,|\{,\})\d+)?(?!\d)"
    r"|\d+(?:,|\{,\})\d+(?:[eE][+-]?\d+)?|\d+(?:[eE][+-]?\d+)?",
    re.ASCII,
)
_MATRIX_NAME = re.compile(r"\s*\{(?:[bpvVB]|small)?(?:matrix|array)\*?\}")
_ANGLE = re.compile(r"<(?=\S)[^<>=,\n]{1,80},[^<>=,\n]{1,80}(?<=\S)>")
_EXPONENT = re.compile(r"[eE][+-]?[0-9]+")
_TUPLE_OF_NUMBERS = re.compile(r"\(\s*-?\d+(?:,\s*-?\d+)+\s*\)")
_PIECE = re.compile(
    r"(?P<space>(?:[\s~\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]|\$)+)"
    r"|(?P<word>[A-Za-z]+)"
    r"|(?P<whole>\d+(?=[-+*/^=&|()\]}A-DF-Za-df-z]|\\[A-Za-z]|$))"  # that nothing behind it can continue
    r"|(?P<num>(?=\.?\d))"
    r"|(?P<cmd>\\(?:[A-Za-z]+\*?|.))"
    r"|(?P<two>=/=|\*\*|//|\.\.\.+|\|\||:=|==|!=|<=|>=|=>|\.T(?![A-Za-z0-9_])|\.[A-Za-z]\w*|\+/-)"
    r"|(?P<one>.)",
    re.DOTALL | re.ASCII,
)
_TWO = {
    "==": ("op", "="),
    "!=": ("cmd", "ne"),
    "=/=": ("cmd", "ne"),
    "<=": ("cmd", "le"),
    ">=": ("cmd", "ge"),
    "=>": ("cmd", "implies"),
}
_SIGNS = "+-*/^_()[]{}|,;:=<>!&'@.%\"`?#"
_PLAIN_SIGNS = frozenset(_SIGNS) - frozenset("{}[]<>(%")  # the others are looked at more closely
_ALONE = frozenset("^_),;&'@-")  # no longer sign begins with them
_token = partial(tuple.__new__, Token)  # as Token(…), three times as fast
_NUMPY = re.compile(r"(?:np|numpy|torch|jnp|math|scipy|sp|LA|linalg)(?:\.linalg|\.special)?\.(?=[A-Za-z])")


_LIBRARIES = frozenset(("np", "numpy", "torch", "jnp", "math", "LA", "linalg", "scipy", "sp"))
_ARRAYS = frozenset(("np", "numpy", "torch", "jnp", "LA", "linalg"))
# behind "2. " something that is no operator: the point ends a sentence
_NEXT_SENTENCE = re.compile(
    r"\s{1,9}(?!\\(?:cdot|times|div|odot|circ|ast|quad|qquad|text|mathrm|tag|right|end|label|,|;|!)(?![A-Za-z]))"
    r"[A-Za-z(\\]"
)
_ENDS = re.compile(r"\\(?:(?:end|right|quad|qquad|text|tag)(?![A-Za-z])|[\\}\])])")
_LONE_E = re.compile(r"[eE](?![\w^{(])")


def looks_like_latex(text: str) -> bool:
    """Whether ``text`` is LaTeX rather than infix: it has a command or a braced group."""
    return "\\" in text or "{" in text


def tokenize(text: str, *, decimal_comma: bool = False) -> list[Token]:
    """Tokens of one piece of mathematics.

    Raises:
        EmptyFault, LimitFault, SyntaxFault: with the place.
    """
    if len(text) > MAX_LENGTH:
        raise LimitFault(f"{len(text)} characters; at most {MAX_LENGTH} are read")
    if not text.isascii():
        text, origin = _plain(text)
    else:
        origin = None
    raw = _scan(text, decimal_comma)
    tokens = simplify(raw, text)
    if not tokens:
        raise EmptyFault("there is nothing to read")
    if origin is not None:
        tokens = [t._replace(start=origin[t.start], end=origin[t.end - 1] + 1) for t in tokens]
    return tokens


def _plain(text: str) -> tuple[str, list[int]]:
    """Letters with diacritics taken apart, mathematical letters made plain; with a map of positions."""
    out: list[str] = []
    origin: list[int] = []
    for i, ch in enumerate(text):
        code = ord(ch)
        if code < 0x80 or ch in SYMBOLS or ch in SUPER or ch in SUB:
            piece = ch
        elif 0x1D400 <= code <= 0x1D7FF or 0x2100 <= code <= 0x214F or 0xFF00 <= code <= 0xFF5E:
            piece = unicodedata.normalize("NFKC", ch)
        elif code < 0x250 or 0x1E00 <= code <= 0x1EFF:
            piece = unicodedata.normalize("NFD", ch)
        else:
            piece = ch
        out.append(piece)
        origin.extend([i] * len(piece))
    origin.append(len(text))
    return "".join(out), origin


def _scan(text: str, decimal_comma: bool) -> list[Token]:
    tokens: list[Token] = []
    add = tokens.append
    pos, size, spaced = 0, len(text), False
    braces = 0
    angles: list[int] = []  # where a '>' closes an inner product
    lists = 0  # depth of brackets in which a comma separates
    tuple_end = -1
    match = _PIECE.match
    while pos < size:
        s = text[pos]
        if s in _ALONE:
            add(_token(("op", s, pos, pos + 1, spaced)))
            pos += 1
            spaced = False
            continue
        if s == " ":
            pos += 1
            spaced = True
            continue
        m = match(text, pos)
        assert m is not None
        kind, s, start = m.lastgroup, m[0], pos
        pos = m.end()
        if kind == "space":
            spaced = spaced or not INVISIBLE.issuperset(s)
            continue
        if kind == "one" and s in _PLAIN_SIGNS:
            add(_token(("op", s, start, pos, spaced)))
        elif kind == "word":
            if s in _LIBRARIES:
                prefix = _NUMPY.match(text, start)
                if prefix:
                    pos = prefix.end()
                    if s in _ARRAYS:  # then * and ** act on entries
                        add(_token(("np", s, start, pos, spaced)))
                    continue
            add(_token(("word", s, start, pos, spaced)))
        elif kind == "whole":
            if pos - start > MAX_DIGITS:
                raise _too_long(s, start, pos)
            add(_token(("num", s, start, pos, spaced)))
        elif kind == "num":
            if decimal_comma:
                m = _NUMBER_COMMA.match(text, start)
            elif lists or start < tuple_end:
                m = _NUMBER_LIST.match(text, start)
            else:
                m = _NUMBER_POINT.match(text, start)
            if m is None:
                raise SyntaxFault(f"{text[start : start + 12]!r} is not a number", (start, start + 1))
            pos = m.end()
            if decimal_comma and "," in m.group() and re.match(r",\d", text[pos : pos + 2]):
                raise SyntaxFault(
                    f"{text[start : pos + 2]!r}: with a decimal comma, numbers are separated by semicolons",
                    (start, pos + 2),
                )
            exponent = _EXPONENT.match(text, pos)
            if exponent:
                end = exponent.end()
                raise SyntaxFault(
                    f"{text[start:end]!r} holds a power of ten or the number e; write '10^{{…}}'",
                    (start, end),
                )
            if (m[0][-1] == "." and text[pos : pos + 1] in ("(", "\\") and not _ENDS.match(text, pos)) or (
                "." in m[0] and _LONE_E.match(text, pos)
            ):
                raise SyntaxFault(f"{text[start : pos + 1]!r} is not a finished number", (start, pos + 1))
            digits = m[0] if m[0].isdigit() else _decimal(m[0], decimal_comma)
            if len(digits) > MAX_DIGITS:
                raise _too_long(digits, start, pos)
            add(_token(("num", digits, start, pos, spaced)))
            if m[0][-1] == "." and _NEXT_SENTENCE.match(text, pos):
                add(_token(("op", ".", pos - 1, pos, False)))
        elif kind == "cmd":
            name = s[1:]
            if name in ("begin", "end") and _MATRIX_NAME.match(text, pos):
                lists = max(0, lists + (1 if name == "begin" else -1))
            add(_token(("cmd", name, start, pos, spaced)))
        elif kind == "two":
            k, t = ("cmd", "dots") if s.startswith("...") else _TWO.get(s, ("op", s))
            add(Token(k, t, start, pos, spaced))
        else:
            if s == "{":
                braces += 1
                if braces > MAX_BRACES:
                    raise LimitFault(f"braces nested more than {MAX_BRACES} deep", (start, pos))
            elif s == "}":
                braces -= 1
            elif s == "[":
                lists += 1
            elif s == "]":
                lists = max(0, lists - 1)
            elif s == "<" and (angle := _ANGLE.match(text, start)):
                add(Token("cmd", "langle", start, pos, spaced))
                angles.append(angle.end() - 1)
                spaced = False
                continue
            elif s == ">" and start in angles:
                add(Token("cmd", "rangle", start, pos, spaced))
                spaced = False
                continue
            elif s == "(" and not lists:
                tup = _TUPLE_OF_NUMBERS.match(text, start)
                if tup:
                    tuple_end = tup.end()
            elif s == "%" and looks_like_latex(text) and (spaced or not tokens or tokens[-1].kind != "num"):
                end = (text + "\n").index("\n", start)  # a comment, as in TeX
                if re.match(r"%\s*[\d(]", text[start:end]):
                    raise SyntaxFault("'%' begins a comment in LaTeX; write '\\bmod'", (start, start + 1))
                pos = end
                continue
            if s in _SIGNS:
                add(_token(("op", s, start, pos, spaced)))
            else:
                pos = _one(text, s, start, pos, spaced, add)
        spaced = False
    return tokens


def _too_long(digits: str, start: int, end: int) -> LimitFault:
    return LimitFault(f"a number with {len(digits)} digits; at most {MAX_DIGITS} are read", (start, end))


def _decimal(s: str, decimal_comma: bool) -> str:
    s = re.sub(r"\{,\}|,\\!|\{\\,\}|\\[,;:]", ",", s)
    if decimal_comma:
        s = re.sub(r"[.~ \u00a0\u2009\u202f]", "", s).replace(",", ".")
    else:
        s = re.sub(r"[,_ ~\u00a0\u2009\u202f]", "", s)
    return s.removesuffix(".")  # "2." ends a sentence, or is 2 all the same


def _one(text: str, s: str, start: int, pos: int, spaced: bool, add: Callable[[Token], None]) -> int:
    """One character that is neither ASCII letter, digit, sign nor command."""
    if s in SYMBOLS:
        kind, t = SYMBOLS[s]
        add(Token(kind, t, start, pos, spaced))
        return pos
    if s in FRACTIONS:
        if start and text[start - 1].isdigit():
            raise SyntaxFault(
                f"{text[start - 1 : pos]!r} may be a sum or a product; write it out", (start - 1, pos)
            )
        for u in ("(", *FRACTIONS[s], ")"):
            add(Token("num" if u.isdigit() else "op", u, start, pos, spaced))
        return pos
    if s in GREEK:
        add(Token("cmd", GREEK[s], start, pos, spaced))
        return pos
    if s in COMBINING:
        if COMBINING[s]:
            add(Token("accent", COMBINING[s], start, pos, False))
        return pos
    table, mark = (SUPER, "^") if s in SUPER else (SUB, "_") if s in SUB else (None, "")
    if table is not None:
        end = start
        while end < len(text) and text[end] in table:
            end += 1
        inner = "".join(table[c] for c in text[start:end])
        add(Token("op", mark, start, end, spaced))
        add(Token("op", "{", start, end, False))
        for t in re.findall(r"\d+|.", inner):
            kind = "num" if t.isdigit() else "word" if t.isalpha() else "op"
            add(Token(kind, t, start, end, False))
        add(Token("op", "}", start, end, False))
        return end
    if unicodedata.category(s)[0] == "C":
        raise SyntaxFault(
            f"an invisible character (U+{ord(s):04X}); delete it and type the place again", (start, pos)
        )
    raise SyntaxFault(f"the character {s!r} (U+{ord(s):04X}) is not known in mathematics here", (start, pos))
