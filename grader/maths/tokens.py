"""Text → tokens: LaTeX, Unicode and infix through one lexer.

Every token knows the half-open range of the original text it came from, so that a fault can point at
its place. Fonts, sizes and spacing are dropped here; what is left has one spelling per meaning
(``‖`` and ``\\lVert`` are ``norm``, ``ᵀ`` is ``^ T``, ``×`` is ``\\times``).
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from grader.errors import EmptyFault, LimitFault, SyntaxFault

__all__ = ["MAX_DIGITS", "MAX_LENGTH", "Token", "looks_like_latex", "tokenize"]

MAX_LENGTH = 10_000  # characters of one piece of mathematics
MAX_DIGITS = 400  # digits of one number


class Token(NamedTuple):
    """``kind``: ``num`` (text is a plain decimal), ``word`` (letters), ``cmd`` (a LaTeX command without
    its backslash), ``text`` (words of ``\\text``), ``accent``, ``ones``, ``op`` (everything else)."""

    kind: str
    text: str
    start: int
    end: int
    spaced: bool  # white space stood before it

    @property
    def shown(self) -> str:
        """The token as a message quotes it."""
        return f"'\\{self.text}'" if self.kind == "cmd" else f"'{self.text}'"


_GREEK = {
    ch: name
    for name, chars in {
        "alpha": "αΑ", "beta": "βϐ", "gamma": "γ", "delta": "δ", "epsilon": "εϵ", "zeta": "ζ", "eta": "η",
        "theta": "θϑ", "iota": "ι", "kappa": "κϰ", "lambda": "λ", "mu": "μµ", "nu": "ν", "xi": "ξ",
        "pi": "π", "rho": "ρϱ", "sigma": "σς", "tau": "τ", "upsilon": "υ", "phi": "φϕ", "chi": "χ",
        "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ∆", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ",
        "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
    }.items()
    for ch in chars
}  # fmt: skip
GREEK_NAMES = frozenset(_GREEK.values())
_GREEK_VARIANTS = {
    "varepsilon": "epsilon", "vartheta": "theta", "varkappa": "kappa", "varrho": "rho",
    "varsigma": "sigma", "varphi": "phi", "varpi": "pi",
}  # fmt: skip

# one Unicode character → (kind, text)
_SYMBOLS: dict[str, tuple[str, str]] = {
    "·": ("cmd", "cdot"), "⋅": ("cmd", "cdot"), "∙": ("cmd", "cdot"), "•": ("cmd", "cdot"),
    "×": ("cmd", "times"), "∗": ("op", "*"), "÷": ("op", "/"), "⁄": ("op", "/"), "∕": ("op", "/"),
    "−": ("op", "-"), "–": ("op", "-"), "‐": ("op", "-"), "‑": ("op", "-"), "﹣": ("op", "-"), "－": ("op", "-"),
    "＋": ("op", "+"), "＝": ("op", "="), "（": ("op", "("), "）": ("op", ")"),
    "‖": ("op", "||"), "∥": ("op", "||"), "∣": ("op", "|"),
    "⊙": ("cmd", "odot"), "∘": ("cmd", "circ"), "⊗": ("cmd", "otimes"),
    "⟨": ("cmd", "langle"), "⟩": ("cmd", "rangle"), "〈": ("cmd", "langle"), "〉": ("cmd", "rangle"),
    "√": ("cmd", "sqrt"), "∑": ("cmd", "sum"), "∏": ("cmd", "prod"), "∇": ("cmd", "nabla"),
    "∂": ("cmd", "partial"), "∞": ("cmd", "infty"), "ℓ": ("cmd", "ell"),
    "≤": ("cmd", "le"), "≥": ("cmd", "ge"), "≠": ("cmd", "ne"), "≈": ("cmd", "approx"), "≡": ("cmd", "equiv"),
    "⇒": ("cmd", "implies"), "⟹": ("cmd", "implies"), "⇔": ("cmd", "iff"), "⟺": ("cmd", "iff"),
    "→": ("cmd", "to"), "∈": ("cmd", "in"), "⊤": ("cmd", "top"), "⊺": ("cmd", "top"), "†": ("cmd", "dagger"),
    "′": ("op", "'"), "’": ("op", "'"), "″": ("op", "''"), "≔": ("op", ":="), "ℒ": ("word", "L"), "ℝ": ("word", "R"),
    "…": ("cmd", "dots"), "⋯": ("cmd", "dots"), "½": ("op", "½"), "∝": ("cmd", "propto"), "∀": ("cmd", "forall"),
    "⋆": ("cmd", "star"), "★": ("cmd", "star"), "𝟙": ("ones", "1"), "𝟏": ("ones", "1"),
}  # fmt: skip

_SUPER = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵗᵏᵈᵃᵇᵐʲˡ⃰*", "0123456789+-=()niTtkdabmjl**", strict=True))
del _SUPER["*"]
_SUB = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-=()aeijklmnoprstuvx", strict=True))

_COMBINING = {
    "\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u0307": "dot", "\u0308": "ddot",
    "\u030c": "check", "\u20d7": "", "\u0332": "",
}  # fmt: skip

FONTS = frozenset(
    "mathbf boldsymbol bm pmb mathrm mathit mathsf mathtt mathcal mathscr mathfrak mathbb mathnormal "
    "textbf textit textrm textsf texttt rm bf it sf tt cal bold vec overrightarrow underline mathop mathbin mathord "
    "ensuremath symbf symup mathbfit bfseries itshape".split()
)
_BOLD = frozenset("mathbf boldsymbol bm pmb mathbb textbf bf bold symbf mathbfit vec".split())
ACCENTS = {
    "hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar", "overline": "bar",
    "dot": "dot", "ddot": "ddot", "check": "check", "breve": "breve", "mathring": "ring", "acute": "acute",
    "grave": "grave",
}  # fmt: skip
_SKIPPED = frozenset(
    "left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm displaystyle "
    "textstyle scriptstyle limits nolimits nonumber notag hfill noindent allowbreak relax strut quad qquad "
    "enspace thinspace negthinspace medspace thickspace blacksquare qed square Box".split()
)
_SKIPPED_CHARS = frozenset(",;:!> \n\t\r/-")
_SKIPPED_WITH_GROUP = frozenset(
    "tag label hspace vspace phantom hphantom vphantom color footnote ref eqref cite mspace kern".split()
)
_TEXT = frozenset("text mbox hbox operatorname textnormal textup".split())
_STOP_WORDS = frozenset(
    "for where and if so with when let then since thus hence or is as but the because otherwise therefore "
    "again which gives we get have also similarly only iff given subject such that by from using".split()
)
_SAME = {
    "lVert": "||", "rVert": "||", "Vert": "||", "|": "||", "lvert": "|", "rvert": "|", "vert": "|", "mid": "|",
    "lbrace": "\\{", "rbrace": "\\}", "{": "\\{", "}": "\\}", "lbrack": "[", "rbrack": "]", "ast": "*",
    "colon": ":", "coloneqq": ":=", "lparen": "(", "rparen": ")", "%": "%", "prime": "'", "slash": "/",
}  # fmt: skip
_RENAMED = {
    "tfrac": "frac", "dfrac": "frac", "cfrac": "frac", "nicefrac": "frac", "sfrac": "frac", "leq": "le", "geq": "ge",
    "leqslant": "le", "geqslant": "ge", "neq": "ne", "intercal": "top", "lang": "langle", "rang": "rangle",
    "Rightarrow": "implies", "Longrightarrow": "implies", "Leftrightarrow": "iff", "Longleftrightarrow": "iff",
    "rightarrow": "to", "longrightarrow": "to", "ldots": "dots", "cdots": "dots", "vdots": "dots", "ddots": "dots",
    "dotsc": "dots", "dotsb": "dots", "divsymbol": "div", "thickapprox": "approx", "simeq": "approx",
    "triangleq": "equiv", "doteq": "equiv", "bigodot": "odot", "bullet": "cdot", "centerdot": "cdot",
    "dag": "dagger", "tr": "trace", "Tr": "trace", "argmin": "arg", "argmax": "arg", "dd": "d", "lim": "lim",
}  # fmt: skip

_SEPARATED = r"\d{1,3}(?:(?:%s)\d{3})+(?!\d)(?:\.\d+)?"
_THOUSANDS_ALWAYS = r"\{,\}|,\\!|\\,|\u2009|\u202f|\{\\,\}"
_PLAIN = r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+(?![A-Za-z0-9.]))?|\d+\.(?![\w.])"
_NUMBER_POINT = re.compile(_SEPARATED % (_THOUSANDS_ALWAYS + "|,") + "|" + _SEPARATED % r"_" + "|" + _PLAIN)
_NUMBER_LIST = re.compile(_SEPARATED % _THOUSANDS_ALWAYS + "|" + _PLAIN)
_NUMBER_COMMA = re.compile(
    r"\d{1,3}(?:\.\d{3})+(?:(?:,|\{,\})\d+)?(?![\d])|\d+(?:,|\{,\})\d+(?:[eE][+-]?\d+)?|\d+(?:[eE][+-]?\d+)?"
)
_MATRIX_NAME = re.compile(r"\s*\{(?:[bpvVB]|small)?(?:matrix|array)\*?\}")
_TUPLE_OF_NUMBERS = re.compile(r"\(\s*-?\d+(?:,\s*-?\d+)+\s*\)")
_PIECE = re.compile(
    r"(?P<space>(?:[\s~\u00a0\u2000-\u200b\u2060\ufeff]|\$)+)"
    r"|(?P<word>[A-Za-z]+)"
    r"|(?P<num>(?=\.?\d))"
    r"|(?P<cmd>\\(?:[A-Za-z]+\*?|.))"
    r"|(?P<two>\*\*|\|\||:=|==|!=|<=|>=|=>|\.T(?![A-Za-z0-9_])|\.[A-Za-z]\w*|\+/-)"
    r"|(?P<one>.)",
    re.DOTALL,
)
_TWO = {
    "==": ("op", "="),
    "!=": ("cmd", "ne"),
    "<=": ("cmd", "le"),
    ">=": ("cmd", "ge"),
    "=>": ("cmd", "implies"),
}
_NUMPY = re.compile(r"(?:np|numpy|torch|jnp|math|scipy|sp|LA|linalg)(?:\.linalg|\.special)?\.(?=[A-Za-z])")


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
    tokens = _simplify(raw, text)
    if not tokens:
        raise EmptyFault("there is nothing to read")
    if origin is not None:
        tokens = [t._replace(start=origin[t.start], end=origin[t.end]) for t in tokens]
    return tokens


def _plain(text: str) -> tuple[str, list[int]]:
    """Letters with diacritics taken apart, mathematical letters made plain; with a map of positions."""
    out: list[str] = []
    origin: list[int] = []
    for i, ch in enumerate(text):
        code = ord(ch)
        if code < 0x80 or ch in _SYMBOLS or ch in _SUPER or ch in _SUB:
            piece = ch
        elif 0x1D400 <= code <= 0x1D7FF or 0x2100 <= code <= 0x214F:
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
    lists = 0  # depth of brackets in which a comma separates
    tuple_end = -1
    while pos < size:
        m = _PIECE.match(text, pos)
        assert m is not None
        kind, s, start = m.lastgroup, m.group(), pos
        pos = m.end()
        if kind == "space":
            spaced = True
            continue
        if kind == "word":
            if s in ("np", "numpy", "torch", "jnp", "math", "LA", "linalg", "scipy", "sp"):
                prefix = _NUMPY.match(text, start)
                if prefix:
                    pos = prefix.end()
                    continue
            add(Token("word", s, start, pos, spaced))
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
            add(Token("num", _decimal(m.group(), decimal_comma, (start, pos)), start, pos, spaced))
        elif kind == "cmd":
            name = s[1:]
            if name in ("begin", "end") and _MATRIX_NAME.match(text, pos):
                lists = max(0, lists + (1 if name == "begin" else -1))
            add(Token("cmd", name, start, pos, spaced))
        elif kind == "two":
            k, t = _TWO.get(s, ("op", s))
            add(Token(k, t, start, pos, spaced))
        else:
            if s == "[":
                lists += 1
            elif s == "]":
                lists = max(0, lists - 1)
            elif s == "(" and not lists:
                tup = _TUPLE_OF_NUMBERS.match(text, start)
                if tup:
                    tuple_end = tup.end()
            pos = _one(text, s, start, pos, spaced, add)
        spaced = False
    return tokens


def _decimal(s: str, decimal_comma: bool, span: tuple[int, int]) -> str:
    s = re.sub(r"\{,\}|,\\!|\{\\,\}|\\,", ",", s)
    if decimal_comma:
        s = s.replace(".", "").replace(",", ".")
    else:
        s = re.sub(r"[,_\u2009\u202f]", "", s)
    if len(s) > MAX_DIGITS:
        raise LimitFault(f"a number with {len(s)} digits; at most {MAX_DIGITS} are read", span)
    return s


def _one(text: str, s: str, start: int, pos: int, spaced: bool, add) -> int:  # type: ignore[no-untyped-def]
    """One character that is neither ASCII letter, digit nor command."""
    if s in _SYMBOLS:
        kind, t = _SYMBOLS[s]
        if t == "½":
            for k, u in (("op", "("), ("num", "1"), ("op", "/"), ("num", "2"), ("op", ")")):
                add(Token(k, u, start, pos, spaced))
            return pos
        add(Token(kind, t, start, pos, spaced))
        return pos
    if s in _GREEK:
        add(Token("cmd", _GREEK[s], start, pos, spaced))
        return pos
    if s in _COMBINING:
        if _COMBINING[s]:
            add(Token("accent", _COMBINING[s], start, pos, False))
        return pos
    table, mark = (_SUPER, "^") if s in _SUPER else (_SUB, "_") if s in _SUB else (None, "")
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
    if s in "+-*/^_()[]{}|,;:=<>!&'@.%\"`?#":
        add(Token("op", s, start, pos, spaced))
        return pos
    if unicodedata.category(s)[0] == "C":
        raise SyntaxFault(f"control character U+{ord(s):04X}", (start, pos))
    raise SyntaxFault(f"the character {s!r} (U+{ord(s):04X}) is not known in mathematics here", (start, pos))


def _simplify(raw: list[Token], text: str) -> list[Token]:
    """Drop fonts, sizes, labels; rename to one spelling per meaning."""
    out: list[Token] = []
    i, n = 0, len(raw)
    closers: list[bool] = []  # for every open brace: was it a font's, to be dropped?
    while i < n:
        t = raw[i]
        if t.kind == "cmd":
            name = t.text[:-1] if t.text.endswith("*") and len(t.text) > 1 else t.text
            name = _RENAMED.get(name, name)
            if name in FONTS:
                i = _font(raw, i, name, out, closers)
                continue
            if name in _TEXT or (name == "mathrm"):
                i = _text_group(raw, i, name, text, out)
                continue
            if name in _SKIPPED_WITH_GROUP:
                i = _after_group(raw, i + 1)
                continue
            if name in ("underbrace", "overbrace"):
                i = _braced_remark(raw, i, out, text)
                continue
            if name in ("overset", "underset", "stackrel"):
                i = _after_group(raw, i + 1)
                continue
            if name in ("boxed", "fbox", "textcolor"):
                i = _after_group(raw, i + 1) if name == "textcolor" else i + 1
                continue
            if name in ("quad", "qquad"):
                out.append(Token("op", "\\quad", t.start, t.end, True))
                i += 1
                continue
            if name in _SKIPPED or (len(name) == 1 and name in _SKIPPED_CHARS):
                if name in ("left", "right") and i + 1 < n and raw[i + 1].text == ".":
                    i += 1
                i += 1
                if i < n and name not in ("left", "right"):
                    raw[i] = raw[i]._replace(spaced=True)
                continue
            if name in _SAME:
                out.append(Token("op", _SAME[name], t.start, t.end, t.spaced))
            elif (
                name == "dot"
                and i + 1 < n
                and raw[i + 1].text not in "{"
                and raw[i + 1].kind not in ("word", "cmd")
            ):
                raise SyntaxFault("\\dot needs a letter", (t.start, t.end))
            elif name in ACCENTS:
                out.append(Token("accent-of", ACCENTS[name], t.start, t.end, t.spaced))
            else:
                out.append(Token("cmd", _GREEK_VARIANTS.get(name, name), t.start, t.end, t.spaced))
            i += 1
            continue
        if t.kind == "op" and t.text == "{":
            if (
                i + 1 < n
                and raw[i + 1].kind == "cmd"
                and raw[i + 1].text in ("rm", "bf", "it", "sf", "tt", "cal")
            ):
                inner_end = _after_group(raw, i) - 1
                if raw[i + 1].text == "bf" and inner_end == i + 3 and raw[i + 2].text in ("0", "1"):
                    out.append(_bold_digit(raw[i + 2]))
                    i = inner_end + 1
                    continue
                raw[i + 1] = Token("op", "", t.start, t.end, False)
            closers.append(False)
            out.append(t)
        elif t.kind == "op" and t.text == "}":
            if not closers:
                raise SyntaxFault("a closing brace without an opening one", (t.start, t.end))
            if not closers.pop():
                out.append(t)
        elif t.kind == "op" and t.text == "":
            pass
        else:
            out.append(t)
        i += 1
    if closers:
        opened = next((t for t in reversed(out) if t.text == "{"), raw[-1])
        raise SyntaxFault("an opening brace without a closing one", (opened.start, opened.end))
    return out


def _bold_digit(t: Token) -> Token:
    return t._replace(kind="ones") if t.text == "1" else t


def _font(raw: list[Token], i: int, name: str, out: list[Token], closers: list[bool]) -> int:
    """A font command: its argument without the font; a bold 1 is the vector of ones."""
    j = i + 1
    spaced = raw[i].spaced
    if j >= len(raw):
        raise SyntaxFault(f"\\{name} without its argument", (raw[i].start, raw[i].end))
    if raw[j].text == "{" and raw[j].kind == "op":
        if j + 2 < len(raw) and raw[j + 2].text == "}" and raw[j + 2].kind == "op":
            inner = raw[j + 1]
            if inner.kind == "num" and name in _BOLD:
                inner = _bold_digit(inner)
            if inner.kind != "cmd":
                out.append(inner._replace(spaced=spaced))
                return j + 3
            raw[j + 2] = Token("op", "", inner.end, inner.end, False)
            raw[j + 1] = inner._replace(spaced=spaced)
            return j + 1
        closers.append(False)
        out.append(raw[j]._replace(spaced=spaced))
        return j + 1
    if raw[j].kind == "num" and name in _BOLD:
        out.append(_bold_digit(raw[j])._replace(spaced=spaced))
        return j + 1
    raw[j] = raw[j]._replace(spaced=spaced)
    return j


def _text_group(raw: list[Token], i: int, name: str, text: str, out: list[Token]) -> int:
    """``\\text{…}``: a name if it is one word, else a remark."""
    j = i + 1
    if j >= len(raw) or raw[j].text != "{":
        return j
    end = _after_group(raw, j)
    words = text[raw[j].end : raw[end - 1].start].strip()
    span = (raw[i].start, raw[end - 1].end)
    plain = words.replace("\\_", "_").replace("\\", "")
    if plain.lower() in _STOP_WORDS:
        out.append(Token("remark", plain, *span, raw[i].spaced))
    elif re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", plain):
        out.append(Token("text" if name not in ("operatorname",) else "word", plain, *span, raw[i].spaced))
    elif plain in ("=", "+", "-", "/"):
        out.append(Token("op", plain, *span, raw[i].spaced))
    elif plain:
        out.append(Token("remark", words, *span, raw[i].spaced))
    return end


def _after_group(raw: list[Token], i: int) -> int:
    """The index behind the group (or the single token) that starts at ``i``."""
    if i >= len(raw):
        return i
    if raw[i].kind == "op" and raw[i].text == "[":
        while i < len(raw) and raw[i].text != "]":
            i += 1
        return _after_group(raw, i + 1)
    if raw[i].text != "{" or raw[i].kind != "op":
        return i + 1
    depth = 0
    start = raw[i]
    while i < len(raw):
        if raw[i].kind == "op":
            if raw[i].text == "{":
                depth += 1
            elif raw[i].text == "}":
                depth -= 1
                if depth == 0:
                    return i + 1
        i += 1
    raise SyntaxFault("an opening brace without a closing one", (start.start, start.end))


def _braced_remark(raw: list[Token], i: int, out: list[Token], text: str) -> int:
    """``\\underbrace{A}_{remark}`` is A."""
    end = _after_group(raw, i + 1)
    inner = raw[i + 1 : end]
    out.extend(_simplify(list(inner), text))
    if end < len(raw) and raw[end].text in ("_", "^"):
        end = _after_group(raw, end + 1)
    return end
