"""A tree → text: what we say when we say how an answer was read.

Three styles of the same tree: ``unicode`` for people, ``latex``, and ``infix``; each reads back to a
tree with the same value. A product of matrices is printed without the brackets that do not matter.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from grader.maths.alphabet import GREEK, GREEK_NAMES
from grader.maths.tree import POWER, Node
from grader.maths.vocabulary import FUNCTIONS

__all__ = ["MARK", "show", "show_name", "show_value"]

MARK = r"\wrong{"  # in LaTeX, before a part that is marked; no answer is read with it

_MARKED_MINUS = MARK + "-"
_GREEK_CHARS = {name: ch for ch, name in reversed(GREEK.items())}
_SUB_DIGITS = str.maketrans("0123456789+-()ijklmnt", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖₗₘₙₜ")
_SUP_DIGITS = str.maketrans("0123456789+-()nti", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿᵗⁱ")
_ACCENT_CHARS = {
    "hat": "\u0302",
    "tilde": "\u0303",
    "bar": "\u0304",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
}
_LATEX_FUNCTIONS = frozenset(("exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "det", "max", "min"))
_NAMES = {"sumall": "sum"}
_LETTERS = frozenset(string.ascii_letters)
_NUMBER_IN_BRACKETS = re.compile(r"\([\d.]+\)$")

# how tightly an operation binds: sums; signs; ⊙ and quotients; factors side by side; powers; atoms
_SUM, _NEG, _QUOTIENT, _PROD, _POWER, _ATOM = range(1, 7)
# products whose right factor needs no brackets when it is such a product, since only the value counts
_FLAT = {"mul": ("mul",), "scale": ("mul", "scale", "dot"), "dot": ("dot",)}


def show(node: Node, style: str = "unicode") -> str:
    """``node`` as text in one of the styles ``unicode``, ``latex``, ``infix``."""
    return _PRINTERS[style].text(node)[0]


def show_name(name: str) -> str:
    """A canonical name as people write it: ``lambda_tilde`` is λ̃. A word keeps its letters."""
    return _name(name, "unicode")


def show_value(v: Any) -> str:
    """A flint value as a person writes it: ``1/2``, ``[1 1]``, ``[1 2; 3 4]``."""
    if hasattr(v, "nrows"):
        rows = []
        for i in range(v.nrows()):
            rows.append(" ".join(show_value(v[i, j]) for j in range(v.ncols())))
        return "[" + "; ".join(rows) + "]"
    if hasattr(v, "mid"):
        return f"{float(v.mid()):.6g}"
    return str(v)


@lru_cache(maxsize=4096)
def _name(name: str, style: str) -> str:
    if style == "infix":
        return name
    head, _, sup = name.partition("^")
    sub = ""
    if sup:
        sup, _, sub = sup.partition("_")
    base, *rest = head.split("_")
    accents = []
    while rest and rest[0] in (*_ACCENT_CHARS, "star", "prime", "ring", "breve"):
        accents.append(rest.pop(0))
    if len(base) > 1 and base not in GREEK_NAMES and style == "unicode" and accents:
        return name  # val_hat: no accent stands over a word
    sub = "_".join([*rest, sub] if sub else rest)
    star = "star" in accents
    if style == "latex":
        out = "\\" + base if base in GREEK_NAMES else base if len(base) == 1 else rf"\text{{{base}}}"
        for a in accents:
            if a not in ("star", "prime"):
                out = rf"\{'mathring' if a == 'ring' else a}{{{out}}}"
        out += f"_{{{sub}}}" if sub else ""
        out += "^{*}" if star else f"^{{{sup}}}" if sup else ""
        return out + ("'" if "prime" in accents else "")
    out = _GREEK_CHARS.get(base, base)
    out += "".join(_ACCENT_CHARS.get(a, "") for a in accents)
    if sub:
        plain = sub.translate(_SUB_DIGITS)
        out += plain if all(ord(c) > 127 for c in plain) else "_" + sub
    out += "^*" if star else ""
    if sup:
        out += sup.translate(_SUP_DIGITS)
    return out + ("′" if "prime" in accents else "")


class _Printer:
    def __init__(self, style: str) -> None:
        self.style = style
        self.latex = style == "latex"
        self.infix = style == "infix"

    def text(self, n: Node) -> tuple[str, int]:
        return _SAID[n.op](self, n)

    def wrap(self, n: Node, level: int) -> str:
        s, own = self.text(n)
        return s if own >= level else self.brackets(s)

    def brackets(self, s: str) -> str:
        return rf"\left({s}\right)" if self.latex else f"({s})"

    def base(self, n: Node) -> str:
        """What a power is written behind."""
        s = self.wrap(n, _ATOM)
        return f"{{{s}}}" if self.latex and n.op == "sym" and "^" in s else s

    # --- leaves ---------------------------------------------------------------------------------

    def _num(self, n: Node) -> tuple[str, int]:
        v: Fraction = n.value
        sign, size = ("-" if v < 0 else ""), abs(v)
        if v.denominator == 1:
            return str(v.numerator), _ATOM if v >= 0 else _NEG
        if self.latex:
            return rf"{sign}\frac{{{size.numerator}}}{{{size.denominator}}}", _NEG if sign else _POWER
        return f"{sign}{size.numerator}/{size.denominator}", _NEG if sign else _QUOTIENT

    def _const(self, n: Node) -> tuple[str, int]:
        if self.latex:
            return {"pi": r"\pi", "inf": r"\infty"}.get(n.value, n.value), _ATOM
        return {"pi": "pi" if self.infix else "π", "inf": "∞"}.get(n.value, n.value), _ATOM

    def _sym(self, n: Node) -> tuple[str, int]:
        return self.name(n.value), _ATOM

    def name(self, name: str) -> str:
        return _name(name, self.style)

    def _var(self, n: Node) -> tuple[str, int]:
        known = n.value in GREEK_NAMES
        return "\\" + n.value if known and self.latex else n.value, _ATOM

    def _all(self, n: Node) -> tuple[str, int]:
        return ":", _ATOM

    def _sized(self, n: Node, latex: str, plain: str, call: str) -> tuple[str, int]:
        """1, 0 and I, with their size where it was written."""
        if self.infix:
            size = n.value if n.value is not None else n.shape[0] if n.shape else "n"
            return f"{call}({size})", _ATOM
        mark = f"_{{{n.value}}}" if self.latex else f"_{n.value}"
        return (latex if self.latex else plain) + ("" if n.value is None else mark), _ATOM

    def _ones(self, n: Node) -> tuple[str, int]:
        return self._sized(n, r"\mathbf{1}", "𝟏", "ones")

    def _zeros(self, n: Node) -> tuple[str, int]:
        return self._sized(n, "0", "0", "zeros")

    def _eye(self, n: Node) -> tuple[str, int]:
        return self._sized(n, "I", "I", "eye")

    def _basis(self, n: Node) -> tuple[str, int]:
        return "d" + self.name(n.value), _ATOM

    def _matrix(self, n: Node) -> tuple[str, int]:
        r, c, flat = n.value
        cells = [self.text(a)[0] for a in n.args]
        rows = [cells[i * c : (i + 1) * c] for i in range(r)]
        if flat:  # brackets that do not say row or column
            return ("(" if len(cells) > 1 else "[") + ", ".join(cells) + (
                ")" if len(cells) > 1 else "]"
            ), _ATOM
        if self.latex:
            body = r" \\ ".join(" & ".join(row) for row in rows)
            return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}", _ATOM
        if self.infix or r == 1 or c == 1 == r:
            return "[" + ", ".join("[" + ", ".join(row) + "]" for row in rows) + "]", _ATOM
        return "[" + "; ".join(", ".join(row) for row in rows) + "]", _ATOM

    # --- sums and products ------------------------------------------------------------------------

    def _add(self, n: Node) -> tuple[str, int]:
        out = ""
        for k, a in enumerate(n.args):
            s = self.wrap(a, _SUM if k == 0 else _NEG)
            if k == 0:
                out = s
            elif a.op == "add":
                out += " + " + self.brackets(s) if s.startswith("-") else " + " + s
            elif s.startswith("-"):
                out += " - " + s[1:]
            elif s.startswith(_MARKED_MINUS):
                out += " " + s
            else:
                out += " + " + s
        return out, _SUM

    def _neg(self, n: Node) -> tuple[str, int]:
        return "-" + self.wrap(n.args[0], _QUOTIENT), _NEG

    def _mul(self, n: Node) -> tuple[str, int]:
        a, b = n.args
        if self.infix:
            return f"{self.wrap(a, _QUOTIENT)}*{self.wrap(b, _POWER)}", _QUOTIENT
        left = self.wrap(a, _PROD)
        right = self.wrap(b, _PROD if b.op in _FLAT[n.op] else _POWER)
        bare = right.removeprefix(MARK)
        fraction = left[-1:].isdigit() and bare.startswith(r"\frac")
        if bare[:1].isdigit() or fraction or (right[:1] == "(" and _NUMBER_IN_BRACKETS.match(right)):
            return left + (r" \cdot " if self.latex else "·") + right, _QUOTIENT
        return left + self.gap(left, right) + right, _PROD

    def gap(self, left: str, right: str) -> str:
        """A blank between factors, unless they cannot be taken for anything else without one."""
        if self.latex:
            return " "
        if left[-1] in _LETTERS and right[0] in _LETTERS:
            single = left[-2:-1] not in _LETTERS and right[1:2] not in _LETTERS
            return "" if single and left[-1].isupper() and left[-1] + right[0] not in FUNCTIONS else " "
        spaced = left[-1] in "*′'" or right[0] in "|‖∑∏∂√" or left[-1] in "|‖"
        return " " if spaced or (right[0] == "(" and left[-1] not in ")ᵀ⁻¹²³") or left[-1] == ")" else ""

    _scale = _mul

    def _dot(self, n: Node) -> tuple[str, int]:
        if not self.infix:
            return self._mul(n)
        a, b = n.args
        return f"{self.wrap(a, _QUOTIENT)} @ {self.wrap(b, _POWER)}", _QUOTIENT

    def _had(self, n: Node) -> tuple[str, int]:
        a, b = n.args
        if self.infix:
            return f"multiply({self.text(a)[0]}, {self.text(b)[0]})", _ATOM
        sign = r" \odot " if self.latex else " ⊙ "
        return self.wrap(a, _QUOTIENT) + sign + self.wrap(b, _PROD), _QUOTIENT

    def _div(self, n: Node) -> tuple[str, int]:
        a, b = n.args
        if self.latex:
            return rf"\frac{{{self.text(a)[0]}}}{{{self.text(b)[0]}}}", _POWER
        below = self.wrap(b, _POWER)
        return f"{self.wrap(a, _QUOTIENT)}{' / ' if len(below) > 3 else '/'}{below}", _QUOTIENT

    # --- powers and the like ------------------------------------------------------------------------

    def _pow(self, n: Node) -> tuple[str, int]:
        base, e = n.args
        inner = self.text(e)[0]
        if self.latex:
            return f"{self.base(base)}^{{{inner}}}", _POWER
        if self.infix:
            return f"{self.base(base)}**({inner})", _POWER
        if inner.isdigit():
            return self.base(base) + inner.translate(_SUP_DIGITS), _POWER
        return f"{self.base(base)}^({inner})", _POWER

    def _T(self, n: Node) -> tuple[str, int]:
        b = self.base(n.args[0])
        if self.infix:
            return b + ".T", _ATOM
        return b + ("^{T}" if self.latex else "ᵀ"), _POWER

    def _inv(self, n: Node) -> tuple[str, int]:
        if self.infix:
            return f"inv({self.text(n.args[0])[0]})", _ATOM
        return self.base(n.args[0]) + ("^{-1}" if self.latex else "⁻¹"), _POWER

    def _pinv(self, n: Node) -> tuple[str, int]:
        if self.infix:
            return f"pinv({self.text(n.args[0])[0]})", _ATOM
        return self.base(n.args[0]) + ("^{+}" if self.latex else "⁺"), _POWER

    def _fact(self, n: Node) -> tuple[str, int]:
        return self.wrap(n.args[0], _ATOM) + "!", _POWER

    # --- functions ----------------------------------------------------------------------------------

    def _norm(self, n: Node) -> tuple[str, int]:
        a = n.args[0]
        inner = self.text(a)[0]
        matrix = a.shape is not None and 1 not in a.shape
        kind = "F" if matrix and n.value == "2" else "" if n.value in ("2", "?") else n.value
        if self.infix:
            return f"norm({inner})" + (f"_{kind}" if kind else ""), _ATOM
        if self.latex:
            kind = r"\infty" if kind == "inf" else kind
            return rf"\left\|{inner}\right\|" + (f"_{{{kind}}}" if kind else ""), _ATOM
        return f"‖{inner}‖" + (f"_{kind}" if kind else ""), _ATOM

    def _func(self, n: Node) -> tuple[str, int]:
        inner = self.text(n.args[0])[0]
        name = _NAMES.get(n.value, n.value)
        if name in ("floor", "ceil") and not self.infix:
            if self.latex:
                return rf"\left\l{name} {inner} \right\r{name}", _ATOM
            return (f"⌊{inner}⌋" if name == "floor" else f"⌈{inner}⌉"), _ATOM
        if name == "trunc":
            name = "int"
        if self.latex:
            if name == "sqrt":
                return rf"\sqrt{{{inner}}}", _POWER
            if name == "abs" and "|" not in inner:  # bars within bars are not told apart
                return rf"\left|{inner}\right|", _ATOM
            head = "\\" + name if name in _LATEX_FUNCTIONS else rf"\operatorname{{{name}}}"
            return rf"{head}\left({inner}\right)", _POWER
        if name == "abs" and not self.infix and not set("|‖") & set(inner):
            return f"|{inner}|", _ATOM
        if name == "sqrt" and not self.infix:
            return f"√({inner})", _POWER
        return f"{name}({inner})", _POWER

    def _mod(self, n: Node) -> tuple[str, int]:
        a, b = (self.text(x)[0] for x in n.args)
        if self.infix:
            return f"mod({a}, {b})", _ATOM
        a, b = (self.wrap(x, _PROD) for x in n.args)
        return f"{a} {chr(92) + 'bmod' if self.latex else 'mod'} {b}", _NEG

    def _holds(self, n: Node) -> tuple[str, int]:
        a, b = (self.text(x)[0] for x in n.args)
        sign = n.value
        if not self.infix:
            known = (
                {"<=": r"\le", ">=": r"\ge", "!=": r"\ne"}
                if self.latex
                else {"<=": "≤", ">=": "≥", "!=": "≠"}
            )
            sign = known.get(sign, sign)
        return f"[{a} {sign} {b}]", _ATOM

    def _cases(self, n: Node) -> tuple[str, int]:
        parts = [self.text(a)[0] for a in n.args]
        rows = list(zip(parts[::2], parts[1::2], strict=False))
        if self.latex:
            said = [rf"{v} & {c}" for v, c in rows] + [rf"{parts[-1]} & \text{{otherwise}}"] * (
                len(parts) % 2
            )
            return r"\begin{cases} " + r" \\ ".join(said) + r" \end{cases}", _ATOM
        said = [f"{v} if {c}" for v, c in rows] + [f"{parts[-1]} otherwise"] * (len(parts) % 2)
        return "{" + "; ".join(said) + "}", _ATOM

    def _apply(self, n: Node) -> tuple[str, int]:
        name, order = n.value
        mark = "'" if self.latex or self.infix else "′"
        return self.name(name) + mark * order + self.brackets(self.text(n.args[0])[0]), _POWER

    def _inner(self, n: Node) -> tuple[str, int]:
        a, b = (self.text(x)[0] for x in n.args)
        if self.latex:
            return rf"\langle {a}, {b} \rangle", _ATOM
        return (f"inner({a}, {b})" if self.infix else f"⟨{a}, {b}⟩"), _ATOM

    def _max(self, n: Node) -> tuple[str, int]:
        inner = ", ".join(self.text(a)[0] for a in n.args)
        return ("\\" if self.latex else "") + n.op + self.brackets(inner), _POWER

    _min = _max

    # --- indices, sums, derivatives -------------------------------------------------------------------

    def _sum(self, n: Node) -> tuple[str, int]:
        if n.value == POWER:
            base, power = self.wrap(n.args[0], _ATOM), self.text(n.args[2])[0]
            return (f"{base}^{{{power}}}" if self.latex else f"{base}^({power})"), _ATOM
        body = self.wrap(n.args[0], _PROD)
        sign = rf"\{n.op}" if self.latex else {"sum": "∑", "prod": "∏"}[n.op]
        index = self._var(n)[0]
        if len(n.args) < 3:
            return f"{sign}_{index} {body}", _NEG
        lo, hi = self.text(n.args[1])[0], self.text(n.args[2])[0]
        if self.latex:
            return rf"{sign}_{{{index}={lo}}}^{{{hi}}} {body}", _NEG
        return f"{sign}_({index}={lo})^({hi}) {body}", _NEG

    _prod = _sum

    def _idx(self, n: Node) -> tuple[str, int]:
        base = n.args[0]
        at = ",".join(self.text(i)[0] for i in n.args[1:])
        row = n.value == "row" and base.op == "sym" and base.value[:1].isupper()
        b = self.name(base.value[0].lower() + base.value[1:]) if row else self.wrap(base, _ATOM)
        b = self.brackets(b) if b.endswith(".T") else b
        return f"{b}_{{{at}}}" if self.latex or "," in at else f"{b}_{at}", _ATOM

    def _deriv(self, n: Node) -> tuple[str, int]:
        name, order = n.value
        body = self.brackets(self.text(n.args[0])[0])
        if self.latex:
            power = f"^{{{order}}}" if order > 1 else ""
            return rf"\frac{{\partial{power}}}{{\partial {self.name(name)}{power}}} {body}", _PROD
        mark = "" if order == 1 else f"^{order}" if self.infix else str(order).translate(_SUP_DIGITS)
        return f"∂{mark}/∂{self.name(name)}{mark} {body}", _PROD

    def _marked(self, n: Node) -> tuple[str, int]:
        s, level = self.text(n.args[0])
        return (rf"{MARK}{s}}}" if self.latex else s), level

    # --- answers that are no single value ---------------------------------------------------------------

    def _order(self, n: Node) -> tuple[str, int]:
        return "O" + self.brackets(self.text(n.args[0])[0]), _ATOM

    def _list(self, n: Node) -> tuple[str, int]:
        inner = ", ".join(self.text(a)[0] for a in n.args)
        if n.value != "set":
            return f"({inner})", _ATOM
        return (rf"\left\{{{inner}\right\}}" if self.latex else "{" + inner + "}"), _ATOM

    def _eq(self, n: Node) -> tuple[str, int]:
        return " = ".join(self.text(a)[0] for a in n.args), _SUM


_SAID: dict[str, Callable[[_Printer, Node], tuple[str, int]]] = {
    name.removeprefix("_"): method for name, method in vars(_Printer).items() if callable(method)
}
_PRINTERS = {style: _Printer(style) for style in ("unicode", "latex", "infix")}
