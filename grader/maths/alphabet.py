"""Characters, commands and tokens: what each is called, whatever it is written with."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ACCENTS", "BOLD", "COMBINING", "FONTS", "FRACTIONS", "GREEK", "GREEK_NAMES", "GREEK_VARIANTS",
    "INVISIBLE",
    "RENAMED", "SAME", "SCALES", "SKIPPED", "SKIPPED_CHARS", "SKIPPED_WITH_GROUP", "STOP_WORDS", "SUB",
    "SUPER",
    "SYMBOLS", "TEXT", "Token",
]  # fmt: skip


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

    def cut(self, k: int) -> tuple[Token, Token]:
        """Its first ``k`` characters, and the rest."""
        kind, text, start, end, spaced = self
        middle = start + k
        return Token(kind, text[:k], start, middle, spaced), Token(kind, text[k:], middle, end, False)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GREEK = {
    ch: name
    for name, chars in {
        "alpha": "α", "beta": "βϐ", "gamma": "γ", "delta": "δ", "epsilon": "εϵ", "zeta": "ζ", "eta": "η",
        "theta": "θϑ", "iota": "ι", "kappa": "κϰ", "lambda": "λ", "mu": "μµ", "nu": "ν", "xi": "ξ",
        "pi": "π", "rho": "ρϱ", "sigma": "σς", "tau": "τ", "upsilon": "υ", "phi": "φϕ", "chi": "χ",
        "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ∆", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ",
        "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
    }.items()
    for ch in chars
}  # fmt: skip
GREEK_NAMES = frozenset(GREEK.values())
GREEK_VARIANTS = {
    "varepsilon": "epsilon", "vartheta": "theta", "varkappa": "kappa", "varrho": "rho",
    "varsigma": "sigma", "varphi": "phi", "varpi": "pi",
}  # fmt: skip

# one Unicode character → (kind, text)
SYMBOLS: dict[str, tuple[str, str]] = {
    "·": ("cmd", "cdot"), "⋅": ("cmd", "cdot"), "∙": ("cmd", "cdot"), "•": ("cmd", "cdot"),
    "×": ("cmd", "times"), "∗": ("op", "*"), "÷": ("op", "/"), "⁄": ("op", "/"), "∕": ("op", "/"),
    "−": ("op", "-"), "–": ("op", "-"), "‐": ("op", "-"), "‑": ("op", "-"), "﹣": ("op", "-"),
    "－": ("op", "-"),
    "＋": ("op", "+"), "＝": ("op", "="), "（": ("op", "("), "）": ("op", ")"),
    "‖": ("op", "||"), "∥": ("op", "||"), "∣": ("op", "|"),
    "⊙": ("cmd", "odot"), "∘": ("cmd", "circ"), "⊗": ("cmd", "otimes"),
    "⟨": ("cmd", "langle"), "⟩": ("cmd", "rangle"), "〈": ("cmd", "langle"), "〉": ("cmd", "rangle"),
    "±": ("cmd", "pm"), "∓": ("cmd", "mp"), "↦": ("cmd", "mapsto"), "←": ("cmd", "leftarrow"),
    "∴": ("cmd", "therefore"),
    "⊥": ("cmd", "perp"), "∉": ("cmd", "notin"), "≃": ("cmd", "approx"), "≅": ("cmd", "cong"),
    "∼": ("cmd", "sim"),
    "⌊": ("cmd", "lfloor"), "⌈": ("cmd", "lceil"), "⌋": ("cmd", "rfloor"), "⌉": ("cmd", "rceil"),
    "∎": ("cmd", "qed"), "■": ("cmd", "qed"), "□": ("cmd", "qed"), "▪": ("cmd", "qed"),
    "√": ("cmd", "sqrt"), "∑": ("cmd", "sum"), "∏": ("cmd", "prod"), "∇": ("cmd", "nabla"),
    "∂": ("cmd", "partial"), "∞": ("cmd", "infty"), "ℓ": ("cmd", "ell"),
    "≤": ("cmd", "le"), "≥": ("cmd", "ge"), "≠": ("cmd", "ne"), "≈": ("cmd", "approx"), "≡": ("cmd", "equiv"),
    "⇒": ("cmd", "implies"), "⟹": ("cmd", "implies"), "⇔": ("cmd", "iff"), "⟺": ("cmd", "iff"),
    "→": ("cmd", "to"), "∈": ("cmd", "in"), "⊤": ("cmd", "top"), "⊺": ("cmd", "top"), "†": ("cmd", "dagger"),
    "′": ("op", "'"), "’": ("op", "'"), "″": ("op", "''"), "≔": ("op", ":="),
    "ℒ": ("word", "L"), "ℝ": ("word", "R"), "…": ("cmd", "dots"), "⋯": ("cmd", "dots"),
    "∝": ("cmd", "propto"), "∀": ("cmd", "forall"), "∨": ("cmd", "vee"), "∧": ("cmd", "wedge"),
    "⋆": ("cmd", "star"), "★": ("cmd", "star"), "𝟙": ("ones", "1"), "𝟏": ("ones", "1"),
}  # fmt: skip

FRACTIONS = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅛": "1/8"}
INVISIBLE = frozenset("\u200b\u2060\ufeff")

SUPER = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵗᵏᵈᵃᵇᵐʲˡ⃰*", "0123456789+-=()niTtkdabmjl**", strict=True))
del SUPER["*"]
SUB = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-=()aeijklmnoprstuvx", strict=True))

COMBINING = {
    "\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u0307": "dot", "\u0308": "ddot",
    "\u030c": "check", "\u20d7": "", "\u0332": "",
}  # fmt: skip

FONTS = _words(
    "mathbf boldsymbol bm pmb mathrm mathit mathsf mathtt mathcal mathscr mathfrak mathbb mathnormal "
    "textbf textit textrm textsf texttt rm bf it sf tt cal bold vec overrightarrow underline mathop "
    "mathbin mathord ensuremath mathbbm mathds symbf symup mathbfit bfseries itshape"
)
BOLD = _words("mathbf boldsymbol bm pmb mathbb mathbbm mathds textbf bf bold symbf mathbfit vec")
ACCENTS = {
    "hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar", "overline": "bar",
    "dot": "dot", "ddot": "ddot", "check": "check", "breve": "breve", "mathring": "ring", "acute": "acute",
    "grave": "grave",
}  # fmt: skip
SKIPPED = _words(
    "left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm "
    "displaystyle textstyle scriptstyle limits nolimits nonumber notag hfill noindent allowbreak "
    "relax strut quad qquad enspace thinspace negthinspace medspace thickspace blacksquare qed square "
    "Box tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge centering"
)
SKIPPED_CHARS = frozenset(",;:!> \n\t\r/-")
SKIPPED_WITH_GROUP = _words(
    "tag label hspace vspace phantom hphantom vphantom color footnote ref eqref cite mspace kern"
)
TEXT = _words("text mbox hbox operatorname textnormal textup")
STOP_WORDS = _words(
    "for where and if so with when let then since thus hence or is as but the because otherwise "
    "therefore again which gives we get have also similarly only iff given subject such that by from "
    "using"
)
# words that change the value of the number before them
SCALES = _words(
    "percent hundred hundreds thousand thousands million millions billion billions trillion dozen times "
    "squared cubed half halves third quarter twice double negative minus plus over per k K M B degrees"
)
SAME = {
    "lVert": "||", "rVert": "||", "Vert": "||", "|": "||", "lvert": "|", "rvert": "|", "vert": "|",
    "mid": "|",
    "lbrace": "\\{", "rbrace": "\\}", "{": "\\{", "}": "\\}", "lbrack": "[", "rbrack": "]", "ast": "*",
    "colon": ":", "coloneqq": ":=", "lparen": "(", "rparen": ")", "%": "%",
    "prime": "'", "slash": "/", "parallel": "||",
}  # fmt: skip
RENAMED = {
    "tfrac": "frac", "dfrac": "frac", "cfrac": "frac", "nicefrac": "frac", "sfrac": "frac", "leq": "le",
    "geq": "ge",    "leqslant": "le", "geqslant": "ge", "neq": "ne", "intercal": "top", "lang": "langle",
    "rang": "rangle",    "Rightarrow": "implies", "Longrightarrow": "implies", "Leftrightarrow": "iff",
    "Longleftrightarrow": "iff",
    "rightarrow": "to", "longrightarrow": "to", "ldots": "dots", "cdots": "dots", "vdots": "dots",
    "ddots": "dots",    "dotsc": "dots", "dotsb": "dots", "divsymbol": "div", "thickapprox": "approx",
    "simeq": "approx",
    "triangleq": "equiv", "doteq": "equiv", "bigodot": "odot", "bullet": "cdot", "centerdot": "cdot",
    "cdotp": "cdot",
    "dag": "dagger", "tr": "trace", "Tr": "trace", "argmin": "arg", "argmax": "arg", "dd": "d", "lim": "lim",
}  # fmt: skip
