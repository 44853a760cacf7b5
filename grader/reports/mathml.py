"""A student's LaTeX as MathML Core: what is inside dollars, for the pages.

Display only: nothing here decides anything. A formula is taken apart by a grammar of its own (the reader's
grammar wants mathematics that makes sense; a page must show what stands there). What is not known is shown as
its source. Every character of the text is escaped where it is put into an element.

Chromium draws neither bold nor calligraphic variants of ``mi``, so such letters are written as the Unicode
letters they are (𝐚, ℒ, ℝ).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from grader.reports.mathml_names import ACCENTS, FUNCTIONS, LETTERS, OPERATORS, SPACES, STYLES, TALL, styled
from grader.reports.text import visible

__all__ = ["MAX_FORMULA", "display", "excerpt", "formula", "has_maths", "reading"]

MAX_FORMULA = 4_000  # characters of one formula
MAX_TEXT = 20_000
MAX_DEPTH = 40

_MATHS = re.compile(
    r"\$\$(?P<a>.+?)\$\$|\\\[(?P<b>.+?)\\\]|\\\((?P<c>.+?)\\\)|(?<![\\$])\$(?P<d>[^$\n]+?)\$"
    r"|(?P<e>\\begin\{(?P<env>align\*?|equation\*?|gather\*?|eqnarray\*?|multline\*?)\}.+?\\end\{(?P=env)\})",
    re.DOTALL,
)
_TEXT = r"\\(?:text|textrm|textbf|textit|mbox|textnormal|intertext)\s*\{[^{}]*\}"
_TOKEN = re.compile(
    rf"{_TEXT}|\\(?:[A-Za-z]+\*?|.)|[0-9]+(?:[.,][0-9]+)*|[{{}}^_&~]|'+|[A-Za-z]|\s+|.", re.DOTALL
)
_GRIDS = {
    "matrix": ("", ""),
    "smallmatrix": ("", ""),
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "Bmatrix": ("{", "}"),
    "vmatrix": ("|", "|"),
    "Vmatrix": ("‖", "‖"),
    "array": ("", ""),
    "cases": ("{", ""),
}
_ROWS = frozenset(
    ("align", "aligned", "split", "gather", "gathered", "equation", "eqnarray", "multline", "alignat")
)
_SIZES = frozenset(f"{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m"))
_IGNORED = frozenset(
    ("displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "nonumber", "notag", "hline")
)
_GROWING = ("<mfrac", "<mtable", "<munder", "<mroot", "<msqrt", 'stretchy="true"')  # what brackets grow with
_BARS = frozenset("|‖()[]{}⟨⟩")  # as tall as a letter, unless left and right say more
_FENCES = {"\\{": "{", "\\}": "}", "\\|": "‖", ".": "", "\\lbrace": "{", "\\rbrace": "}"}


class _Unknown(Exception):
    """Something that is not drawn: its formula is shown as source."""


def display(text: str) -> Markup:
    """Text with the mathematics in it drawn; the rest as it is written."""
    text = text[:MAX_TEXT]
    parts: list[Markup] = []
    at = 0
    for m in _MATHS.finditer(text):
        inline = m["c"] is not None or m["d"] is not None
        between = text[at : m.start()]
        parts.append(escape(visible(between if inline else between.rstrip())))
        parts.append(
            formula(next(g for g in (m["a"], m["b"], m["c"], m["d"], m["e"]) if g is not None), inline)
        )
        at = m.end()
        if not inline:  # it stands on a line of its own
            while text.startswith("\n", at):
                at += 1
    parts.append(escape(visible(text[at:])))
    return Markup("").join(parts)


def has_maths(text: str) -> bool:
    """Whether ``display`` would draw anything."""
    return _MATHS.search(text[:MAX_TEXT]) is not None


def excerpt(text: str, length: int) -> str:
    """How a text begins, in about so many characters: a formula is there whole or not at all."""
    if len(text) <= length:
        return text
    for m in _MATHS.finditer(text[:MAX_TEXT]):
        if m.start() < length < m.end():
            length = m.end() if m.end() <= 3 * length else m.start()
            break
    return text[:length].rstrip() + ("…" if length < len(text) else "")


@lru_cache(maxsize=4096)  # equal answers have equal formulas
def formula(source: str, inline: bool = True) -> Markup:
    """One formula; its source in ``code`` where it cannot be drawn."""
    if len(source) > MAX_FORMULA:
        return _source(source)
    try:
        body = _Reader(source).all()
    except (_Unknown, RecursionError):
        return _source(source)
    how = Markup("") if inline else Markup(' display="block"')
    return Markup("<math{}>{}</math>").format(how, body)


def reading(source: str) -> Markup:
    """A formula of ours, in which ``grader.maths.printing`` may have marked a part; empty where it cannot be
    drawn: its text stands beside it."""
    try:
        body = _Reader(source, marks=True).all() if len(source) <= MAX_FORMULA else None
    except (_Unknown, RecursionError):
        body = None
    return Markup("") if not body else Markup('<math display="block">{}</math>').format(body)


def _source(source: str) -> Markup:
    return Markup("<code>{}</code>").format(visible(source))


@dataclass(slots=True)
class _Atom:
    """One element; ``kind`` as TeX has it: what stands below and above it is a matter of ``big``."""

    markup: Markup
    big: bool = False


class _Reader:
    def __init__(self, source: str, *, marks: bool = False) -> None:
        self._marks = marks  # a student's text marks nothing
        self._tokens = [t for t in _TOKEN.findall(source) if not t.isspace()]
        self._at = 0
        self._depth = 0
        self._style = ""

    def all(self) -> Markup:
        rows = self._grid(lambda: self._at >= len(self._tokens))
        return _row(rows[0][0]) if len(rows) == 1 and len(rows[0]) == 1 else _table(rows, "aligned")

    # ---- tokens

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise _Unknown
        self._at += 1
        return token

    def _take(self, token: str) -> bool:
        found = self._peek() == token
        self._at += found
        return found

    def _word(self) -> str:
        """The text between braces, as a name of an environment or a colour."""
        if not self._take("{"):
            return self._next()
        parts = []
        while not self._take("}"):
            parts.append(self._next())
        return "".join(parts)

    def _option(self) -> None:
        if self._take("["):
            while not self._take("]"):
                self._next()

    # ---- grammar

    def _grid(self, ended: object) -> list[list[list[Markup]]]:
        """Rows of cells of elements, up to where ``ended`` says."""
        assert callable(ended)
        rows: list[list[list[Markup]]] = [[[]]]
        while not ended():
            token = self._peek()
            if token == "\\\\":
                self._at += 1
                self._option()
                rows.append([[]])
            elif token == "&":
                self._at += 1
                rows[-1].append([])
            elif token in ("}", "\\end", "\\right"):
                raise _Unknown
            else:
                rows[-1][-1].append(self._scripted())
        while len(rows) > 1 and rows[-1] == [[]]:
            rows.pop()
        return rows

    def _sequence(self, end: str) -> Markup:
        """Elements up to a token, which is taken."""
        self._deeper()
        found: list[Markup] = []
        while not self._take(end):
            if self._peek() in ("", "&", "\\\\", "\\end"):
                raise _Unknown
            found.append(self._scripted())
        self._depth -= 1
        return _row(found)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Unknown

    def _scripted(self) -> Markup:
        atom = self._atom()
        below = above = None
        while True:
            token = self._peek()
            if token == "_" and below is None:
                self._at += 1
                below = self._argument()
            elif token == "^" and above is None:
                self._at += 1
                above = self._argument()
            elif token.startswith("'") and above is None:
                self._at += 1
                above = _element("mo", "′" * len(token))
            elif token in ("\\limits", "\\nolimits"):
                self._at += 1
                atom.big = token == "\\limits"
            else:
                break
        return _scripts(atom, below, above)

    def _argument(self) -> Markup:
        """What stands behind a command or ^: a group, or one sign, of a number its first digit."""
        token = self._peek()
        if token[:1].isdigit() and len(token) > 1:
            self._tokens[self._at : self._at + 1] = [token[0], token[1:]]
        self._deeper()
        found = self._sequence("}") if self._take("{") else self._atom().markup
        self._depth -= 1
        return found

    def _atom(self) -> _Atom:
        token = self._next()
        if token == "{":
            return _Atom(self._sequence("}"))
        if token.startswith("\\") and token.endswith("}") and len(token) > 2:
            return _Atom(_element("mtext", token[token.index("{") + 1 : -1].replace("~", " ")))
        if token.startswith("\\"):
            return self._command(token[1:])
        if token in "^_":
            self._at -= 1
            return _Atom(Markup("<mrow></mrow>"))
        if token[0].isdigit():
            return _Atom(_element("mn", token))
        if token.isalpha():
            return _Atom(self._letter(token))
        if token == "~":
            return _Atom(Markup('<mspace width="0.3em"></mspace>'))
        return _Atom(_element("mo", {"-": "−", "*": "∗"}.get(token, token)))

    def _letter(self, letter: str) -> Markup:
        if self._style == "upright":  # a letter alone is slanted unless this is said
            return Markup('<mi mathvariant="normal">{}</mi>').format(letter)
        return _element("mi", styled(letter, self._style))

    def _command(self, name: str) -> _Atom:
        self._deeper()
        try:
            return self._known(name)
        finally:
            self._depth -= 1

    def _known(self, name: str) -> _Atom:
        if name in LETTERS:
            return _Atom(self._letter(LETTERS[name]))
        if name in OPERATORS:
            return _Atom(_element("mo", OPERATORS[name]), big=name in TALL)
        if name in FUNCTIONS:
            return _Atom(_element("mi", FUNCTIONS[name]), big=name in TALL)
        if name in SPACES:
            return _Atom(Markup('<mspace width="{}"></mspace>').format(SPACES[name]))
        if name in ACCENTS:
            over, mark = ACCENTS[name]
            body = self._argument()
            tag = "mover" if over else "munder"
            kind = Markup(' accent="true"') if over else Markup(' accentunder="true"')
            return _Atom(
                Markup("<{0}{1}>{2}<mo>{3}</mo></{0}>").format(Markup(tag), kind, body, mark),
                big=name in ("underbrace", "overbrace"),
            )
        if name in STYLES:
            return _Atom(self._in_style(STYLES[name]))
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            return _Atom(Markup("<mfrac>{}{}</mfrac>").format(self._argument(), self._argument()))
        if name in ("binom", "dbinom", "tbinom"):
            inside = Markup('<mfrac linethickness="0">{}{}</mfrac>').format(
                self._argument(), self._argument()
            )
            return _Atom(_fenced("(", inside, ")"))
        if name == "sqrt":
            return _Atom(self._root())
        if name in ("operatorname", "operatorname*"):
            said = re.sub(r"\\[,:; ]", "\u2009", self._word()).replace("\\!", "")
            return _Atom(_element("mi", said), big=name.endswith("*"))
        if name == "left":
            return _Atom(self._left())
        if name in _SIZES:
            return _Atom(_element("mo", self._fence()))
        if name in ("boxed", "fbox"):
            return _Atom(Markup('<mrow class="boxed">{}</mrow>').format(self._argument()))
        if name == "wrong" and self._marks:
            return _Atom(Markup('<mrow class="wrong">{}</mrow>').format(self._argument()))
        if name in ("overset", "stackrel", "underset"):
            mark, body = self._argument(), self._argument()
            tag = Markup("munder" if name == "underset" else "mover")
            return _Atom(Markup("<{0}>{1}{2}</{0}>").format(tag, body, mark))
        if name == "begin":
            return _Atom(self._environment())
        if name in ("tag", "label", "tag*"):
            self._word()
            return _Atom(Markup("<mrow></mrow>"))
        if name in ("pmod", "bmod", "mod"):
            return _Atom(_element("mi", "mod"))
        if name in _IGNORED:
            return _Atom(Markup("<mrow></mrow>"))
        if name in ("{", "}", "|"):
            return _Atom(_element("mo", _FENCES["\\" + name]))
        if name in ("%", "$", "#", "&", "_"):
            return _Atom(_element("mo", name))
        if name in ("not",):
            return _Atom(_element("mo", self._atom().markup.striptags() + "\u0338"))
        raise _Unknown

    def _in_style(self, style: str) -> Markup:
        before, self._style = self._style, style
        try:
            return self._argument()
        finally:
            self._style = before

    def _root(self) -> Markup:
        if self._take("["):
            index = self._sequence("]")
            return Markup("<mroot>{}{}</mroot>").format(self._argument(), index)
        return Markup("<msqrt>{}</msqrt>").format(self._argument())

    def _fence(self) -> str:
        token = self._next()
        if token in _FENCES:
            return _FENCES[token]
        if token.startswith("\\"):
            name = token[1:]
            if name in OPERATORS:
                return OPERATORS[name]
            raise _Unknown
        return token

    def _left(self) -> Markup:
        opening = self._fence()
        self._deeper()
        found: list[Markup] = []
        while self._peek() != "\\right":
            if self._peek() == "\\middle":
                self._at += 1
                found.append(_element("mo", self._fence()))
            elif self._peek() in ("", "&", "\\\\", "\\end", "}"):
                raise _Unknown
            else:
                found.append(self._scripted())
        self._at += 1
        self._depth -= 1
        return _fenced(opening, _row(found), self._fence())

    def _environment(self) -> Markup:
        name = self._word().rstrip("*")
        if name in ("array", "alignat"):
            self._option()
            self._word()
        if name not in _GRIDS and name not in _ROWS:
            raise _Unknown
        rows = self._grid(lambda: self._peek() == "\\end")
        self._at += 1
        if self._word().rstrip("*") != name:
            raise _Unknown
        if name in _ROWS:
            return _table(rows, "aligned")
        opening, closing = _GRIDS[name]
        return _fenced(opening, _table(rows, "cases" if name == "cases" else "grid"), closing)


# ---- elements


def _element(tag: str, text: str) -> Markup:
    if tag == "mo" and text in _BARS:
        return Markup('<mo stretchy="false">{}</mo>').format(text)
    return Markup("<{0}>{1}</{0}>").format(Markup(tag), visible(text))


def _row(elements: Sequence[Markup]) -> Markup:
    if len(elements) == 1:
        return elements[0]
    return Markup("<mrow>{}</mrow>").format(Markup("").join(elements))


def _fenced(opening: str, inside: Markup, closing: str) -> Markup:
    grows = "true" if any(tag in inside for tag in _GROWING) else "false"
    one = Markup(f'<mo stretchy="{grows}" fence="true">{{}}</mo>')
    return Markup("<mrow>{}{}{}</mrow>").format(
        one.format(opening) if opening else Markup(""), inside, one.format(closing) if closing else Markup("")
    )


def _table(rows: Sequence[Sequence[Sequence[Markup]]], kind: str) -> Markup:
    body = Markup("").join(
        Markup("<mtr>{}</mtr>").format(
            Markup("").join(Markup("<mtd>{}</mtd>").format(_row(cell)) for cell in row)
        )
        for row in rows
    )
    large = Markup(' displaystyle="true"') if kind == "aligned" else Markup("")
    return Markup('<mtable class="{}"{}>{}</mtable>').format(kind, large, body)


def _scripts(atom: _Atom, below: Markup | None, above: Markup | None) -> Markup:
    if below is None and above is None:
        return atom.markup
    parts = [p for p in (below, above) if p is not None]
    names = ("munder", "mover", "munderover") if atom.big else ("msub", "msup", "msubsup")
    tag = names[2] if len(parts) == 2 else names[above is not None]
    return Markup("<{0}>{1}{2}</{0}>").format(Markup(tag), atom.markup, Markup("").join(parts))
