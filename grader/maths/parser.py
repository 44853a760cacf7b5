"""Tokens → tree: one grammar for LaTeX, Unicode and infix.

Precedence, loosest first: sums; explicit products, quotients and ``⊙``; implicit products; signs;
powers and transposes. Some rules need saying:

* ``a/2b`` written without a space is a/(2b) when what follows the slash is only numbers and scalar
  names; anything else after a quotient (``1/n X^T a``, ``2/n(…)``) multiplies it;
* ``^`` takes one token as TeX does, but several digits must be braced: ``2^10`` in LaTeX is refused;
* where a reading would be a guess there is none: a number before a fraction of numbers (``2 \\frac12``),
  a number in brackets at the end (``n/2 (2.10)``) or behind a vector (``w(0)``), a scalar's transpose
  (``\\eta^T`` with no T declared), several values without brackets.

What cannot be read raises a ``MathsFault`` with its place; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import EmptyFault, SyntaxFault
from grader.maths.alphabet import GREEK_NAMES, Token
from grader.maths.brackets import angle, bars, environment, list_or_matrix
from grader.maths.conditions import (
    BINOMIALS,
    binomial,
    counted_indicator,
    indicator,
    open_cases,
    says_a_condition,
)
from grader.maths.functions import big_o, function
from grader.maths.groups import group_or_tight
from grader.maths.names import read_name, read_spelled
from grader.maths.operators import big_operator, fraction, nabla, quotient, slashed_derivative
from grader.maths.plain import plain_factor
from grader.maths.powers import postfix
from grader.maths.rounding import is_remainder, rounded, whole_division
from grader.maths.scope import Scope
from grader.maths.stream import Stream
from grader.maths.tree import Node, num
from grader.maths.vocabulary import FUNCTIONS

__all__ = ["Parser", "parse"]

_OUTER = "⊗ has several meanings; write ⊙ for the elementwise product or ab^T for the outer one"
_TWO_VALUES = "± stands for two values; write the one you mean"
_OPERATORS = frozenset(("cdot", "times", "odot", "circ", "div", "otimes", "top", "dagger"))
_CAPITALS = {"Sigma": "sum", "Pi": "prod"}  # Σ_{i=1}^n typed with the letter
_ENDING_TERM = frozenset(["+", "-", "=", ",", ";", ")", "]", "}", "\\}", "&", "|", "||"])
_CLOSE = {"(": ")", "[": "]", "\\{": "\\}", "{": "}"}


def parse(tokens: Sequence[Token], scope: Scope, *, infix: bool, bound: frozenset[str] = frozenset()) -> Node:
    """The tree of one expression.

    Raises:
        MathsFault: with the place in the text.
    """
    p = Parser(list(tokens), scope, infix, bound)
    if not p.tokens:
        raise EmptyFault("there is nothing to read")
    node = p.expression()
    p.skip_remarks()
    if p.pos < len(p.tokens):
        t = p.tokens[p.pos]
        if p.tokens[p.pos - 1].text in (",", ";"):
            raise SyntaxFault(
                "several values are given; put them in brackets, or write a decimal point",
                (p.tokens[p.pos - 1].start, t.end),
            )
        raise SyntaxFault(f"{t.shown} is not expected here", (t.start, t.end))
    return node


class Parser(Stream):
    """The grammar: every method reads one construct and leaves the position behind it."""

    # --- sums and products ----------------------------------------------------------------------

    def expression(self) -> Node:
        self.deeper()
        terms: list[Node] = []
        while True:
            t = self.peek()
            start = t.start if t else None
            negative = unary = False
            while t is not None and t.kind == "op" and t.text in "+-":
                negative ^= t.text == "-"
                unary ^= t.text == "-" and not (terms and t.start == start)
                self.pos += 1
                t = self.peek()
            if t is not None and t.kind == "cmd" and t.text in ("pm", "mp"):
                raise self.fault(_TWO_VALUES)
            term = self.term(not terms, unary)
            terms.append(self.node("neg", (term,), start=start) if negative else term)
            t = self.peek()
            if t is None or t.kind != "op" or t.text not in ("+", "-"):
                if t is not None and t.kind == "cmd" and t.text in ("pm", "mp"):
                    raise self.fault(_TWO_VALUES)
                break
        self.depth -= 1
        return terms[0] if len(terms) == 1 else self.node("add", tuple(terms))

    def term(self, first: bool = True, negative: bool = False) -> Node:
        left = self.product(self.chunk())
        while True:
            t = self.peek()
            if t is None or (t.kind == "op" and t.text in _ENDING_TERM):
                return left
            if t.kind == "word" and self._is_times(t):
                self.pos += 1
                left = self.node("mul", (left, self.signed()), "times")
            elif t.kind == "op" and t.text in ("*", "@"):
                self.pos += 1
                how = "*np" if self.numpy and t.text == "*" else t.text
                left = self.node("mul", (left, self.signed()), how)
            elif t.kind == "cmd" and t.text in ("cdot", "times"):
                self.pos += 1
                left = self.node("mul", (left, self.signed()), t.text)
            elif t.kind == "cmd" and t.text in ("odot", "circ"):
                self.pos += 1
                left = self.node("had", (left, self.signed()))
            elif (t.kind == "op" and t.text == "/") or (t.kind == "cmd" and t.text == "div"):
                self.pos += 1
                left = quotient(self, left)
            elif t.kind == "cmd" and t.text == "otimes":
                raise self.fault(_OUTER)
            elif (made := whole_division(self, left, first, negative)) is not None:
                left = made
            else:
                return left

    def _is_times(self, t: Token) -> bool:
        """An ``x`` between two numbers: ``3 x 3``, ``7.8 x 10^24``."""
        before, after = self.tokens[self.pos - 1] if self.pos else None, self.peek(1)
        return (
            t.text in ("x", "X")
            and t.text not in self.scope.kinds
            and before is not None
            and before.kind == "num"
            and after is not None
            and (after.kind == "num" or (after.text == "(" and after.kind == "op"))
        )

    def signed(self) -> Node:
        """An operand of an explicit product, which may carry a sign: ``2 * -x``."""
        negative, start = False, self.peek()
        while self.at("+", "-"):
            negative ^= self.take().text == "-"
        node = self.product(self.chunk())
        return self.node("neg", (node,), start=start.start if start else None) if negative else node

    def product(self, factors: list[Node]) -> Node:
        out = factors[0]
        for f in factors[1:]:
            out = self.node("mul", (out, f), "")
        return out

    def _number_may_follow(self, factor: Node, t: Token) -> bool:
        """``(a + b) 2`` is a product, and so is ``n 2^n``; ``NF 2`` may have lost a power."""
        if factor.op in ("inv", "fact") and self.tokens[self.pos - 1].text in ("}", "!"):
            return True
        if not t.spaced:
            return False
        if self.tokens[self.pos - 1].text in (")", "]") or factor.op in ("inv", "matrix"):
            return True
        above = self.peek(1)
        return factor.op != "num" and above is not None and above.text == "^"

    def chunk(self) -> list[Node]:
        """Factors written side by side."""
        factors = [self.factor()]
        while self.starts_factor():
            t = self.tokens[self.pos]
            if t.kind == "num" and not self._number_may_follow(factors[-1], t):
                raise SyntaxFault(
                    f"the number {t.text} stands directly behind a factor; "
                    f"write '\\cdot {t.text}' or '^{{{t.text}}}'",
                    (t.start, t.end),
                )
            f = self.factor()
            if (
                t.text == "frac"
                and f.op == "div"
                and factors[-1].op == "num"
                and all(a.op == "num" for a in f.args)
            ):
                raise SyntaxFault(
                    "a number directly before a fraction of numbers may be their sum or their product; "
                    "write '+' or '\\cdot' between them",
                    f.span,
                )
            if f.op == "num" and t.text == "(" and t.spaced and self._at_end():
                raise SyntaxFault(
                    "a number in brackets at the end may be a factor or the number of the equation; "
                    "write '\\cdot' before a factor",
                    (t.start, self.tokens[self.pos - 1].end),
                )
            before = factors[-1]
            if (
                f.op == "num"
                and t.text == "("
                and before.op == "sym"
                and not self.scope.kinds[before.value].scalar
            ):
                raise SyntaxFault(
                    f"a number in brackets behind the vector {before.value} may be a factor or count steps; "
                    "write a factor in front",
                    (t.start, self.tokens[self.pos - 1].end),
                )
            factors.append(f)
        return factors

    def _at_end(self) -> bool:
        return all(t.text in (".", ",", ";", "\\quad") for t in self.tokens[self.pos : self.pos + 3])

    def starts_factor(self) -> bool:
        t = self.peek()
        if t is None:
            return False
        kind, text = t.kind, t.text
        if kind == "op":
            if text in ("(", "[", "\\{", "{"):
                return True
            if text == "||":
                return not (self.open and self.open[-1] in ("||", "|"))
            return text == "|" and not (self.open and self.open[-1] == "|")
        if is_remainder(self, t):
            return False
        if kind == "word":
            return not (text in ("x", "X") and self._is_times(t))
        if kind == "cmd":
            return text in _STARTING_COMMANDS
        if kind == "text":
            return text in self.scope.words or text in FUNCTIONS or text == "T"
        return kind in ("num", "accent-of", "ones")

    # --- factors: primaries with powers, transposes, indices --------------------------------------

    def factor(self) -> Node:
        plain = plain_factor(self)
        if plain is not None:
            return plain
        self.deeper()
        node = postfix(self, self.primary())
        self.depth -= 1
        return node

    def primary(self) -> Node:
        t = self.peek()
        if t is None:
            raise self.missing()
        spelled = read_spelled(self)
        if spelled is not None:
            return spelled
        if (t.kind == "ones" or t.text in ("1", "I")) and t.kind != "op":
            made = counted_indicator(self, t)
            if made is not None:
                return made
        if t.kind == "num":
            self.pos += 1
            if t.text in ("0", "1") and self.at("_"):  # 1_n, \\mathbf{0}_d
                return self.node("ones" if t.text == "1" else "zeros", (), self.size_subscript(), t.start)
            return num(t.text, (t.start, t.end))
        if t.kind in ("word", "accent-of"):
            if t.text in ("sum", "prod") and self.follows("_") and t.text not in self.scope.words:
                return big_operator(self, t)  # sum_{i=1}^n
            if t.text == "d" and self.follows("/", "^"):
                derivative = slashed_derivative(self)
                if derivative is not None:
                    return derivative
            return self.name()
        if t.kind == "text":
            if t.text in ("O", "Theta") and self.opens(1):
                return big_o(self, t)
            known = t.text in FUNCTIONS and t.text not in self.scope.words
            return function(self, FUNCTIONS[t.text]) if known else self.name()
        if t.kind == "ones":
            self.pos += 1
            return self.node("ones", (), self.size_subscript(), t.start)
        if t.kind == "remark":
            raise SyntaxFault(f"the words {t.text!r} stand inside the mathematics", (t.start, t.end))
        if t.kind == "cmd":
            return self.command(t)
        if t.text in ("(", "[", "\\{", "{"):
            return self.bracket(t)
        if t.text in ("||", "|"):
            return bars(self, t)
        if t.text == "<":
            return angle(self, t, ">")
        raise SyntaxFault(f"{t.shown} is not expected here", (t.start, t.end))

    def command(self, t: Token) -> Node:
        name = t.text
        if name in _CAPITALS and name not in self.scope.letters and self.follows("_"):
            return big_operator(self, t._replace(text=_CAPITALS[name]))
        if name in GREEK_NAMES or name in ("ell", "hbar"):
            if name == "Theta" and self.opens(1) and "Theta" not in self.scope.letters:
                return big_o(self, t)
            if name == "pi" and not any(w == "pi" for w in self.scope.letters):
                self.pos += 1
                return self.node("const", (), "pi", t.start)
            return self.name()
        if name == "frac":
            return fraction(self, t)
        if name == "sqrt":
            self.pos += 1
            root = None
            if self.at("["):
                opened = self.take()
                root = self.expression()
                self.expect("]", opened)
            if self.infix and self.peek() is not None:
                arg = self.factor_without_power()
            else:
                arg = group_or_tight(self, t)
            if root is None:
                return self.node("func", (arg,), "sqrt", t.start)
            return self.node("pow", (arg, self.node("div", (num(1), root))), start=t.start)
        if name in ("sum", "prod"):
            return big_operator(self, t)
        if name in BINOMIALS:
            self.pos += 1
            above = group_or_tight(self, t)
            return binomial(self, above, group_or_tight(self, t), t)
        if name in ("lfloor", "lceil"):
            return rounded(self, t)
        if name == "nabla":
            return nabla(self, t)
        if name == "langle":
            return angle(self, t, "rangle")
        if name == "begin":
            return environment(self, t)
        if name == "infty":
            self.pos += 1
            return self.node("const", (), "inf", t.start)
        if name in FUNCTIONS and name not in self.scope.letters:
            return function(self, FUNCTIONS[name])
        if name == "dots":
            raise SyntaxFault(
                "dots stand for something that cannot be evaluated; write the sum out with \\sum",
                (t.start, t.end),
            )
        if name == "partial":
            derivative = slashed_derivative(self)
            if derivative is not None:
                return derivative
            raise SyntaxFault("∂ outside of a derivative \\frac{\\partial}{\\partial x}", (t.start, t.end))
        if name == "arg" or name == "lim":
            raise SyntaxFault(f"\\{name} cannot be evaluated; write the value itself", (t.start, t.end))
        if name in _OPERATORS:
            raise SyntaxFault(f"{t.shown} has nothing before it", (t.start, t.end))
        raise SyntaxFault(f"the command \\{name} is not known here", (t.start, t.end))

    def factor_without_power(self) -> Node:
        self.deeper()
        node = self.primary()
        self.depth -= 1
        return node

    def bracket(self, opened: Token) -> Node:
        if opened.text == "{" and self._braced_name():
            return self.name()
        if opened.text == "\\{" and open_cases(self):
            self.pos += 1
            return environment(self, self.tokens[self.pos], rows_of_cases=True)
        may_hold = opened.text == "[" or (self.infix and opened.text == "(")
        if (
            may_hold
            and (self.numpy or opened.text == "[" or self._beside_a_star())
            and (says_a_condition(self, self.pos))
        ):
            return indicator(self, opened.start, opened)
        self.pos += 1
        close = _CLOSE[opened.text]
        self.deeper()
        self.open.append(close)
        node = list_or_matrix(self, opened, close)
        self.open.pop()
        self.depth -= 1
        return node

    def _beside_a_star(self) -> bool:
        return self.pos > 0 and self.tokens[self.pos - 1].text == "*"

    def bracketed(self) -> Node:
        """An expression in round brackets."""
        opened = self.take()
        node = self.expression()
        self.expect(")", opened)
        return node

    def _braced_name(self) -> bool:
        """``{\\hat w}_1`` is the name ``\\hat w_1``: braces around a bare name say nothing."""
        i = self.pos + 1
        while i < len(self.tokens) and self.tokens[i].kind == "accent-of":
            i += 1
        inner = i > self.pos + 1 and i < len(self.tokens) and self.tokens[i].text == "{"
        i += inner
        end = i + 1 + inner
        if end + 1 >= len(self.tokens) or self.tokens[end + 1].text not in ("_", "^", "'"):
            return False
        t = self.tokens[i]
        one = t.kind == "text" or (t.kind == "word" and (len(t.text) == 1 or t.text in self.scope.words))
        named = one or (t.kind == "cmd" and t.text in GREEK_NAMES)
        if not named or any(x.text != "}" for x in self.tokens[i + 1 : end + 1]):
            return False
        del self.tokens[end], self.tokens[self.pos]
        return True

    def name(self) -> Node:
        """A declared name, an entry or row of one, a function with its argument, or a constant."""
        return read_name(self)

    def size_subscript(self) -> object:
        """The size behind 1, I or 0: ``I_n``, ``\\mathbf{1}_{n}``."""
        if not self.at("_"):
            return None
        save = self.pos
        self.pos += 1
        texts, end = self.group_texts()
        word = "".join(texts)
        size: object = int(word) if word.isdigit() else word
        if len(texts) == 1 and (isinstance(size, int) or word in self.scope.kinds):
            self.leave(end, texts)
            return size
        self.pos = save
        raise self.fault(f"{word!r} is not a declared size")

    def index_node(self, text: str, mark: Token) -> Node:
        if text.isdigit() and len(text) < 5:
            return num(text, (mark.start, mark.end))
        if text in self.bound:
            return Node("var", (), text, (mark.start, mark.end))
        if text in self.scope.define and self.scope.kinds[text].sort == "integer":
            return self.scope.define[text]
        if text == ":":
            return Node("all", (), None, (mark.start, mark.end))
        raise SyntaxFault(f"the index {text!r} is not bound by a sum", (mark.start, mark.end))


_STARTING_COMMANDS = (
    frozenset(
        ["frac", "sqrt", "sum", "prod", "nabla", "langle", "begin", "infty", "lfloor", "lceil", "partial"]
    )
    | {"dots", "ell", "hbar"}
    | BINOMIALS
    | GREEK_NAMES
    | FUNCTIONS.keys()
)
