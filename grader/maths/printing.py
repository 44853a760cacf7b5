"""A tree → text: what we say when we say how an answer was read.

Three styles of the same tree: ``unicode`` for people, ``latex``, and ``infix``; each reads back to a
tree with the same value.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from grader.maths.alphabet import GREEK_NAMES
from grader.maths.tree import Node

__all__ = ["show", "show_value"]

_GREEK_CHARS = dict(
    zip(
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "pi",
            "rho",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "chi",
            "psi",
            "omega",
            "Gamma",
            "Delta",
            "Theta",
            "Lambda",
            "Xi",
            "Pi",
            "Sigma",
            "Phi",
            "Psi",
            "Omega",
        ],
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ",
        strict=True,
    )
)
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
_LATEX_FUNCTIONS = frozenset(["exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "det", "max", "min"])

# how tightly an operation binds
_SUM, _NEG, _PROD, _POWER, _ATOM = 1, 2, 3, 4, 5


def show(node: Node, style: str = "unicode") -> str:
    """``node`` as text in one of the styles ``unicode``, ``latex``, ``infix``."""
    return _Printer(style).text(node)[0]


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


class _Printer:
    def __init__(self, style: str) -> None:
        self.style = style
        self.latex = style == "latex"
        self.infix = style == "infix"

    def text(self, n: Node) -> tuple[str, int]:
        return getattr(self, "_" + n.op)(n)  # type: ignore[no-any-return]

    def wrap(self, n: Node, level: int) -> str:
        s, own = self.text(n)
        if own >= level:
            return s
        return rf"\left({s}\right)" if self.latex else f"({s})"

    # --- leaves ---------------------------------------------------------------------------------

    def _num(self, n: Node) -> tuple[str, int]:
        v: Fraction = n.value
        if v.denominator == 1:
            return str(v.numerator), _ATOM if v >= 0 else _NEG
        if self.latex:
            return rf"\frac{{{v.numerator}}}{{{v.denominator}}}", _POWER
        return f"{v.numerator}/{v.denominator}", _PROD

    def _const(self, n: Node) -> tuple[str, int]:
        return (
            {"pi": r"\pi", "inf": r"\infty"}
            if self.latex
            else {"pi": "pi" if self.infix else "π", "inf": "∞"}
        ).get(n.value, n.value), _ATOM

    def _sym(self, n: Node) -> tuple[str, int]:
        return self.name(n.value), _ATOM

    def name(self, name: str) -> str:
        if self.infix:
            return name
        head, _, sup = name.partition("^")
        sub = ""
        if sup:
            sup, _, sub = sup.partition("_")
        base, *rest = head.split("_")
        accents = []
        while rest and rest[0] in (*_ACCENT_CHARS, "star", "prime", "ring", "breve"):
            accents.append(rest.pop(0))
        sub = "_".join([*rest, sub] if sub else rest)
        star = "star" in accents
        if self.latex:
            out = "\\" + base if base in GREEK_NAMES else base if len(base) == 1 else rf"\text{{{base}}}"
            for a in accents:
                if a in _ACCENT_CHARS:
                    out = rf"\{a}{{{out}}}"
            out += f"_{{{sub}}}" if sub else ""
            out += "^{*}" if star else f"^{{{sup}}}" if sup else ""
            return out + ("'" if "prime" in accents else "")
        out = _GREEK_CHARS.get(base, base)
        out += "".join(_ACCENT_CHARS.get(a, "") for a in accents)
        if sub:
            plain = sub.translate(_SUB_DIGITS)
            out += plain if all(ord(c) > 127 for c in plain) else "_" + sub
        out += "*" if star else ""
        if sup:
            out += sup.translate(_SUP_DIGITS)
        return out + ("′" if "prime" in accents else "")

    def _var(self, n: Node) -> tuple[str, int]:
        return n.value, _ATOM

    def _all(self, n: Node) -> tuple[str, int]:
        return ":", _ATOM

    def _ones(self, n: Node) -> tuple[str, int]:
        if self.infix:
            return f"ones({n.value if n.value is not None else n.shape[0] if n.shape else 'n'})", _ATOM
        size = f"_{{{n.value}}}" if n.value is not None else ""
        return (r"\mathbf{1}" + size if self.latex else "𝟏" + (f"_{n.value}" if size else "")), _ATOM

    def _zeros(self, n: Node) -> tuple[str, int]:
        return "0", _ATOM

    def _eye(self, n: Node) -> tuple[str, int]:
        if self.infix:
            return f"eye({n.value if n.value is not None else n.shape[0] if n.shape else 'n'})", _ATOM
        return "I" + (f"_{n.value}" if n.value is not None else ""), _ATOM

    def _basis(self, n: Node) -> tuple[str, int]:
        return "d" + self.name(n.value), _ATOM

    def _matrix(self, n: Node) -> tuple[str, int]:
        r, c, _ = n.value
        cells = [self.text(a)[0] for a in n.args]
        rows = [cells[i * c : (i + 1) * c] for i in range(r)]
        if self.latex:
            body = r" \\ ".join(" & ".join(row) for row in rows)
            return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}", _ATOM
        if self.infix:
            return "[" + ", ".join("[" + ", ".join(row) + "]" for row in rows) + "]", _ATOM
        return "[" + "; ".join(", ".join(row) for row in rows) + "]", _ATOM

    # --- sums and products ------------------------------------------------------------------------

    def _add(self, n: Node) -> tuple[str, int]:
        out = self.wrap(n.args[0], _SUM)
        for a in n.args[1:]:
            if a.op == "neg":
                out += " - " + self.wrap(a.args[0], _PROD)
            else:
                out += " + " + self.wrap(a, _NEG + 1 if a.op == "neg" else _NEG)
        return out, _SUM

    def _neg(self, n: Node) -> tuple[str, int]:
        return "-" + self.wrap(n.args[0], _PROD), _NEG

    def _mul(self, n: Node) -> tuple[str, int]:
        a, b = n.args
        left, right = self.wrap(a, _PROD), self.wrap(b, _POWER)
        if self.infix:
            return f"{left}*{right}", _PROD
        if right[:1].isdigit() or (left[-1:].isdigit() and right[:1].isdigit()):
            return left + (r" \cdot " if self.latex else "·") + right, _PROD
        slashed = "/" in left and not self.latex
        gap = " " if self.latex or slashed or (left[-1:].isalnum() and right[:1] in "(") else ""
        if slashed and not left.endswith(")"):
            left = f"({left})"
        return left + gap + right, _PROD

    def _scale(self, n: Node) -> tuple[str, int]:
        return self._mul(n)

    def _dot(self, n: Node) -> tuple[str, int]:
        if self.infix:
            a, b = n.args
            return f"{self.wrap(a, _PROD)} @ {self.wrap(b, _POWER)}", _PROD
        return self._mul(n)

    def _had(self, n: Node) -> tuple[str, int]:
        a, b = n.args
        sign = r" \odot " if self.latex else " ⊙ "
        if self.infix:
            return f"multiply({self.text(a)[0]}, {self.text(b)[0]})", _ATOM
        return self.wrap(a, _POWER) + sign + self.wrap(b, _POWER), _PROD

    def _div(self, n: Node) -> tuple[str, int]:
        a, b = n.args
        if self.latex:
            return rf"\frac{{{self.text(a)[0]}}}{{{self.text(b)[0]}}}", _POWER
        below = self.wrap(b, _POWER)
        return f"{self.wrap(a, _PROD)}{' / ' if len(below) > 3 else '/'}{below}", _PROD

    def _pow(self, n: Node) -> tuple[str, int]:
        base, e = n.args
        b = self.wrap(base, _ATOM)
        inner = self.text(e)[0]
        if self.latex:
            return f"{b}^{{{inner}}}", _POWER
        if self.infix:
            return f"{b}**({inner})", _POWER
        if inner.isdigit():
            return b + inner.translate(_SUP_DIGITS), _POWER
        return f"{b}^({inner})", _POWER

    def _T(self, n: Node) -> tuple[str, int]:
        b = self.wrap(n.args[0], _ATOM)
        return (
            b + "^{T}" if self.latex else b + ".T" if self.infix else b + "ᵀ"
        ), _ATOM if self.infix else _POWER

    def _inv(self, n: Node) -> tuple[str, int]:
        if self.infix:
            return f"inv({self.text(n.args[0])[0]})", _ATOM
        b = self.wrap(n.args[0], _ATOM)
        return (b + "^{-1}" if self.latex else b + "⁻¹"), _POWER

    def _pinv(self, n: Node) -> tuple[str, int]:
        if self.infix:
            return f"pinv({self.text(n.args[0])[0]})", _ATOM
        b = self.wrap(n.args[0], _ATOM)
        return (b + "^{+}" if self.latex else b + "⁺"), _POWER

    def _norm(self, n: Node) -> tuple[str, int]:
        inner = self.text(n.args[0])[0]
        a = n.args[0]
        matrix = a.shape is not None and 1 not in a.shape
        kind = "F" if matrix and n.value == "2" else "" if n.value == "2" else n.value
        if self.infix:
            return (f"norm({inner})" if not kind else f"norm({inner})_{kind}"), _ATOM
        if self.latex:
            kind = r"\infty" if kind == "inf" else kind
            return rf"\left\|{inner}\right\|" + (f"_{{{kind}}}" if kind else ""), _ATOM
        return f"‖{inner}‖" + (f"_{kind}" if kind else ""), _ATOM

    def _func(self, n: Node) -> tuple[str, int]:
        inner = self.text(n.args[0])[0]
        name = {"sumall": "sum"}.get(n.value, n.value)
        if self.latex:
            if name == "sqrt":
                return rf"\sqrt{{{inner}}}", _POWER
            if name == "abs":
                return rf"\left|{inner}\right|", _ATOM
            head = "\\" + name if name in _LATEX_FUNCTIONS else rf"\operatorname{{{name}}}"
            return rf"{head}\left({inner}\right)", _POWER
        if name == "abs" and not self.infix:
            return f"|{inner}|", _ATOM
        if name == "sqrt" and not self.infix:
            return f"√({inner})", _POWER
        return f"{name}({inner})", _POWER

    def _apply(self, n: Node) -> tuple[str, int]:
        name, order = n.value
        mark = "'" if self.latex or self.infix else "′"
        inner = self.text(n.args[0])[0]
        if self.latex:
            return rf"{self.name(name)}{mark * order}\left({inner}\right)", _POWER
        return f"{self.name(name)}{mark * order}({inner})", _POWER

    def _inner(self, n: Node) -> tuple[str, int]:
        a, b = (self.text(x)[0] for x in n.args)
        if self.latex:
            return rf"\langle {a}, {b} \rangle", _ATOM
        return (f"inner({a}, {b})" if self.infix else f"⟨{a}, {b}⟩"), _ATOM

    def _sum(self, n: Node) -> tuple[str, int]:
        big = {"sum": (r"\sum", "Σ"), "prod": (r"\prod", "Π")}[n.op]
        body = self.wrap(n.args[0], _PROD)
        if len(n.args) == 3:
            lo, hi = self.text(n.args[1])[0], self.text(n.args[2])[0]
            if self.latex or self.infix:
                return rf"{big[0]}_{{{n.value}={lo}}}^{{{hi}}} {body}", _SUM + 1
            return f"{big[1]}_{n.value}={lo}..{hi} {body}", _SUM + 1
        if self.latex or self.infix:
            return rf"{big[0]}_{{{n.value}}} {body}", _SUM + 1
        return f"{big[1]}_{n.value} {body}", _SUM + 1

    _prod = _sum

    def _idx(self, n: Node) -> tuple[str, int]:
        base = n.args[0]
        at = ",".join(self.text(i)[0] for i in n.args[1:])
        if n.value == "row" and base.op == "sym":
            return (f"{base.value.lower()}_{{{at}}}" if self.latex else f"{base.value.lower()}_{at}"), _ATOM
        b = self.wrap(base, _ATOM)
        return (f"{b}_{{{at}}}" if self.latex or "," in at or self.infix else f"{b}_{at}"), _ATOM

    def _deriv(self, n: Node) -> tuple[str, int]:
        name, order = n.value
        body = self.wrap(n.args[0], _ATOM)
        if self.latex or self.infix:
            power = f"^{{{order}}}" if order > 1 else ""
            return (
                rf"\frac{{\partial{power}}}{{\partial {_Printer('latex').name(name)}{power}}} {body}",
                _PROD,
            )
        mark = "" if order == 1 else str(order).translate(_SUP_DIGITS)
        return f"∂{mark}/∂{self.name(name)}{mark} {body}", _PROD

    def _max(self, n: Node) -> tuple[str, int]:
        inner = ", ".join(self.text(a)[0] for a in n.args)
        return (rf"\{n.op}\left({inner}\right)" if self.latex else f"{n.op}({inner})"), _POWER

    _min = _max

    def _fact(self, n: Node) -> tuple[str, int]:
        return self.wrap(n.args[0], _ATOM) + "!", _POWER

    def _order(self, n: Node) -> tuple[str, int]:
        return f"O({self.text(n.args[0])[0]})", _ATOM

    def _list(self, n: Node) -> tuple[str, int]:
        return "{" + ", ".join(self.text(a)[0] for a in n.args) + "}", _ATOM

    def _eq(self, n: Node) -> tuple[str, int]:
        return " = ".join(self.text(a)[0] for a in n.args), _SUM
