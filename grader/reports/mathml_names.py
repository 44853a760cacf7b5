"""LaTeX's names for letters, signs and functions, as the Unicode characters that MathML draws."""

from __future__ import annotations

__all__ = ["ACCENTS", "FUNCTIONS", "LETTERS", "OPERATORS", "SPACES", "STYLES", "TALL", "styled"]

_GREEK = """alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa
    κ lambda λ mu μ nu ν xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ
    varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ
    Psi Ψ Omega Ω"""
_OTHER = "ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ infty ∞ emptyset ∅ varnothing ∅ partial ∂ nabla ∇ imath ı jmath ȷ"
_SIGNS = """times × cdot ⋅ div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet ∙ odot ⊙ otimes ⊗ oplus ⊕ wedge ∧ vee ∨
    le ≤ leq ≤ leqslant ⩽ ge ≥ geq ≥ geqslant ⩾ ne ≠ neq ≠ equiv ≡ approx ≈ sim ∼ simeq ≃ cong ≅ propto ∝ ll ≪
    gg ≫ prec ≺ succ ≻ preceq ⪯ succeq ⪰ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup ∪ cap ∩
    setminus ∖ to → rightarrow → longrightarrow ⟶ leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐
    Leftrightarrow ⇔ implies ⟹ impliedby ⟸ iff ⟺ Longrightarrow ⟹ Longleftrightarrow ⟺ mapsto ↦ uparrow ↑
    downarrow ↓ perp ⊥ parallel ∥ mid ∣ forall ∀ exists ∃ neg ¬ lnot ¬ therefore ∴ because ∵ dots … ldots …
    cdots ⋯ vdots ⋮ ddots ⋱ prime ′ top ⊤ intercal ⊺ dagger † angle ∠ triangleq ≜ coloneqq ≔ colon : langle ⟨
    rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lVert ‖ rVert ‖ Vert ‖ lvert | rvert | vert | lbrack [ rbrack ]
    lbrace { rbrace } sum ∑ prod ∏ int ∫ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ square □ Box □
    blacksquare ■ checkmark ✓ backslash \\ degree °"""
_NAMES = """sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth exp log ln lg det dim ker deg hom
    gcd arg Pr min max inf sup lim liminf limsup"""


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


LETTERS = _pairs(_GREEK) | _pairs(_OTHER)
OPERATORS = _pairs(_SIGNS)
FUNCTIONS = {name: name for name in _NAMES.split()} | {
    "liminf": "lim inf",
    "limsup": "lim sup",
    "argmin": "arg min",
    "argmax": "arg max",
}
_TALL = """sum prod bigcup bigcap bigoplus bigotimes min max inf sup lim liminf limsup argmin argmax"""
TALL = frozenset(_TALL.split())
"""What has its indices below and above."""

SPACES = {
    ",": "0.17em",
    ":": "0.22em",
    ";": "0.28em",
    ">": "0.22em",
    "!": "0em",
    " ": "0.3em",
    "quad": "1em",
    "qquad": "2em",
    "hspace": "0em",
    "thinspace": "0.17em",
    "enspace": "0.5em",
}
ACCENTS = {
    "hat": (True, "^"),
    "widehat": (True, "^"),
    "tilde": (True, "~"),
    "widetilde": (True, "~"),
    "bar": (True, "¯"),
    "overline": (True, "¯"),
    "vec": (True, "→"),
    "overrightarrow": (True, "→"),
    "dot": (True, "˙"),
    "ddot": (True, "¨"),
    "check": (True, "ˇ"),
    "breve": (True, "˘"),
    "mathring": (True, "˚"),
    "overbrace": (True, "⏞"),
    "underbrace": (False, "⏟"),
    "underline": (False, "_"),
}
STYLES = {
    "mathbf": "bold",
    "boldsymbol": "bold",
    "bm": "bold",
    "pmb": "bold",
    "mathrm": "upright",
    "mathit": "",
    "mathsf": "upright",
    "mathtt": "upright",
    "rm": "upright",
    "mathbb": "double",
    "mathcal": "script",
    "mathscr": "script",
    "mathfrak": "fraktur",
}

_FIRST = {  # of A, of a, of 0
    "bold": (0x1D400, 0x1D41A, 0x1D7CE),
    "double": (0x1D538, 0x1D552, 0x1D7D8),
    "script": (0x1D49C, 0x1D4B6, None),
    "fraktur": (0x1D504, 0x1D51E, None),
}
_BOLD_GREEK = {"Α": 0x1D6A8, "α": 0x1D6C2}  # the first of each
_ELSEWHERE = {  # letters that Unicode had before it had the alphabet
    "double": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
    "script": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "fraktur": dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True)),
}


def styled(letter: str, style: str) -> str:
    """A letter or number in a style, as the Unicode characters of that style where there are any."""
    if style not in _FIRST:
        return letter
    return "".join(_one(c, style) for c in letter)


def _one(c: str, style: str) -> str:
    elsewhere = _ELSEWHERE.get(style, {})
    upper, lower, zero = _FIRST[style]
    if c in elsewhere:
        return elsewhere[c]
    if "A" <= c <= "Z":
        return chr(upper + ord(c) - ord("A"))
    if "a" <= c <= "z":
        return chr(lower + ord(c) - ord("a"))
    if zero is not None and "0" <= c <= "9":
        return chr(zero + ord(c) - ord("0"))
    if style == "bold":
        for first, at in _BOLD_GREEK.items():
            if ord(first) <= ord(c) <= ord(first) + 24:
                return chr(at + ord(c) - ord(first))
    return c
