"""Tokens → tree: one grammar for LaTeX, Unicode and infix.

Precedence, loosest first: sums; explicit products, quotients and ``⊙``; implicit products; signs;
powers and transposes. Two rules need saying:

* ``a/2b`` written without a space is a/(2b) when what follows the slash is only numbers and scalar
  names; anything else after a quotient (``1/n X^T a``, ``2/n(…)``) multiplies it;
* ``^`` takes one token as TeX does, but several digits must be braced: ``2^10`` in LaTeX is refused.

What cannot be read raises a ``MathsFault`` with its place; nothing is guessed.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from grader.errors import EmptyFault, LimitFault, SyntaxFault, UnknownSymbolFault
from grader.maths.lists import list_or_matrix
from grader.maths.names import call, read_name
from grader.maths.scope import Scope
from grader.maths.tokens import GREEK_NAMES, Token
from grader.maths.tree import Node, num, sym
from grader.maths.vocabulary import FUNCTIONS, LOOK_ALIKE

__all__ = ["Parser", "parse"]

MAX_DEPTH = 50  # brackets, powers and fractions inside one another
MAX_NODES = 5_000

_PLAIN_ARGUMENT = frozenset(
    "exp log sin cos tan tanh sinh cosh atan asin acos sqrt tr det diag abs max min rank".split()
)
_TRANSPOSE = ("T", "top", "transpose", "trans")
_MATRIX_ENVIRONMENTS = frozenset("bmatrix pmatrix Bmatrix matrix smallmatrix array vmatrix Vmatrix".split())
_CLOSE = {"(": ")", "[": "]", "\\{": "\\}", "{": "}"}
_METHODS = {
    ".dot": "dot",
    ".sum": "sumall",
    ".mean": "mean",
    ".transpose": "transpose",
    ".trace": "tr",
    ".norm": "norm",
    ".max": "max",
}


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
        raise SyntaxFault(f"{_show(t)} is not expected here", (t.start, t.end))
    return node


def _show(t: Token) -> str:
    if t.kind == "cmd":
        return f"'\\{t.text}'"
    return f"'{t.text}'"


class Parser:
    def __init__(self, tokens: list[Token], scope: Scope, infix: bool, bound: frozenset[str]) -> None:
        self.tokens = tokens
        self.scope = scope
        self.infix = infix
        self.numpy = infix and any(t.text in ("@", ".T") for t in tokens)  # then * is elementwise
        self.bound = set(bound)
        self.pos = 0
        self.depth = 0
        self.nodes = 0
        self.open: list[str] = []  # the delimiters that wait to be closed

    # --- the stream -----------------------------------------------------------------------------

    def peek(self, k: int = 0) -> Token | None:
        i = self.pos + k
        return self.tokens[i] if i < len(self.tokens) else None

    def at(self, *texts: str) -> bool:
        t = self.peek()
        return t is not None and t.text in texts and t.kind == "op"

    def at_cmd(self, *names: str) -> bool:
        t = self.peek()
        return t is not None and t.kind == "cmd" and t.text in names

    def take(self) -> Token:
        t = self.tokens[self.pos]
        self.pos += 1
        return t

    def expect(self, text: str, opened: Token) -> Token:
        t = self.peek()
        if t is None or t.text != text:
            found = _show(t) if t else "the end"
            raise SyntaxFault(
                f"{_show(opened)} is not closed: expected '{text}' and found {found}",
                (opened.start, opened.end),
            )
        return self.take()

    def skip_remarks(self) -> None:
        """Words and punctuation behind an expression say nothing about its value."""
        while self.pos < len(self.tokens):
            t = self.tokens[self.pos]
            if t.kind in ("remark", "text") or t.text in (".", ",", ";", ":", "\\quad", "\\\\", "\\"):
                self.pos += 1
            else:
                return

    def fault(self, message: str) -> SyntaxFault:
        t = self.peek() or (self.tokens[-1] if self.tokens else None)
        return SyntaxFault(message, (t.start, t.end) if t else None)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            t = self.peek() or self.tokens[-1]
            raise LimitFault(f"nested more than {MAX_DEPTH} deep", (t.start, t.end))

    def node(
        self, op: str, args: tuple[Node, ...] = (), value: object = None, start: int | None = None
    ) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise LimitFault(f"more than {MAX_NODES} operations")
        if start is None:
            start = args[0].span[0] if args and args[0].span else 0
        end = self.tokens[self.pos - 1].end if self.pos else start
        return Node(op, args, value, (start, max(end, start)))

    # --- sums and products ----------------------------------------------------------------------

    def expression(self) -> Node:
        self.deeper()
        terms: list[Node] = []
        while True:
            t = self.peek()
            start = t.start if t else None
            negative = False
            while t is not None and t.kind == "op" and t.text in "+-":
                negative ^= t.text == "-"
                self.pos += 1
                t = self.peek()
            if t is not None and t.kind == "cmd" and t.text in ("pm", "mp"):
                raise self.fault("± stands for two values; write the one you mean")
            term = self.term()
            terms.append(self.node("neg", (term,), start=start) if negative else term)
            t = self.peek()
            if t is None or t.kind != "op" or t.text not in ("+", "-"):
                break
        self.depth -= 1
        return terms[0] if len(terms) == 1 else self.node("add", tuple(terms))

    def term(self) -> Node:
        left = self.product(self.chunk())
        while True:
            t = self.peek()
            if t is None:
                return left
            if t.kind == "op" and t.text in ("*", "@"):
                self.pos += 1
                how = "*np" if self.numpy and t.text == "*" else t.text
                left = self.node("mul", (left, self.signed()), how)
            elif t.kind == "cmd" and t.text in ("cdot", "times"):
                self.pos += 1
                left = self.node("mul", (left, self.signed()), t.text)
            elif t.kind == "cmd" and t.text in ("odot", "circ"):
                self.pos += 1
                left = self.node("had", (left, self.signed()))
            elif (t.kind == "op" and t.text == "/") or (t.kind == "cmd" and t.text in ("div", "over")):
                self.pos += 1
                left = self.quotient(left, t)
            elif t.kind == "cmd" and t.text == "otimes":
                raise self.fault(
                    "⊗ has several meanings; write ⊙ for the elementwise product or ab^T for the outer one"
                )
            else:
                return left

    def signed(self) -> Node:
        """An operand of an explicit product, which may carry a sign: ``2 * -x``."""
        negative, start = False, self.peek()
        while self.at("+", "-"):
            negative ^= self.take().text == "-"
        node = self.product(self.chunk())
        return self.node("neg", (node,), start=start.start if start else None) if negative else node

    def quotient(self, left: Node, slash: Token) -> Node:
        """What a slash divides by: see the module's docstring for ``a/2b``."""
        negative = False
        while self.at("+", "-"):
            negative ^= self.take().text == "-"
        first = self.pos
        factors = self.chunk()
        if len(factors) == 1:
            below, rest = factors[0], []
        else:
            glued = not any(self._gap(i) for i in range(first + 1, self.pos))
            if glued and all(self._plain_scalar(f) for f in factors):
                below, rest = self.product(factors), []
            else:
                below, rest = factors[0], factors[1:]
        if negative:
            below = self.node("neg", (below,))
        out = self.node("div", (left, below))
        for f in rest:
            out = self.node("mul", (out, f), "")
        return out

    def _gap(self, i: int) -> bool:
        """A space before token i that the writer did not need (one after a command word is needed)."""
        t, before = self.tokens[i], self.tokens[i - 1]
        if not t.spaced:
            return False
        forced = before.kind == "cmd" and t.kind == "word" and t.start - before.end <= 1
        return not forced

    def _plain_scalar(self, n: Node) -> bool:
        if n.op == "num" or n.op == "const":
            return True
        if n.op == "sym":
            return self.scope.kinds[n.value].scalar
        if n.op == "pow":
            return self._plain_scalar(n.args[0]) and n.args[1].op == "num"
        return False

    def product(self, factors: list[Node]) -> Node:
        out = factors[0]
        for f in factors[1:]:
            out = self.node("mul", (out, f), "")
        return out

    def chunk(self) -> list[Node]:
        """Factors written side by side."""
        factors = [self.factor()]
        while self.starts_factor():
            t = self.peek()
            assert t is not None
            if t.kind == "num":
                raise SyntaxFault(
                    f"the number {t.text} stands directly behind a factor; write '\\cdot {t.text}' or '^{{{t.text}}}'",
                    (t.start, t.end),
                )
            factors.append(self.factor())
        return factors

    def starts_factor(self) -> bool:
        t = self.peek()
        if t is None:
            return False
        if t.kind in ("num", "word", "accent-of", "ones"):
            return True
        if t.kind == "text":
            return t.text in self.scope.words or t.text in FUNCTIONS or t.text in _TRANSPOSE[:1]
        if t.kind == "cmd":
            return (
                t.text in _STARTING_COMMANDS
                or t.text in GREEK_NAMES
                or t.text in FUNCTIONS
                or t.text in ("ell", "hbar")
            )
        if t.kind == "op":
            if t.text in ("(", "[", "\\{", "{"):
                return True
            if t.text == "||":
                return not (self.open and self.open[-1] in ("||", "|"))
            if t.text == "|":
                return not (self.open and self.open[-1] == "|")
        return False

    # --- factors: primaries with powers, transposes, indices --------------------------------------

    def factor(self) -> Node:
        self.deeper()
        node = self.postfix(self.primary())
        self.depth -= 1
        return node

    def postfix(self, node: Node) -> Node:
        while True:
            t = self.peek()
            if t is None or t.kind not in ("op", "cmd"):
                return node
            if t.kind == "cmd":
                if t.text in ("dagger",) and not t.spaced:
                    self.pos += 1
                    node = self.node("pinv", (node,))
                    continue
                if t.text == "top" and not t.spaced and self.infix:
                    self.pos += 1
                    node = self.node("T", (node,))
                    continue
                return node
            if t.text in ("^", "**"):
                self.pos += 1
                node = self.power(node, t)
            elif t.text in ("'", "''"):
                self.pos += 1
                for _ in t.text:
                    node = self.node("T", (node,))
            elif t.text == ".T":
                self.pos += 1
                node = self.node("T", (node,))
            elif t.text in (".I",):
                self.pos += 1
                node = self.node("inv", (node,))
            elif t.text in _METHODS and (nxt := self.peek(1)) is not None and nxt.text == "(":
                self.pos += 1
                args = self.arguments()
                node = self.call(_METHODS[t.text], [node, *args], t)
            elif t.text == "!":
                self.pos += 1
                node = self.node("fact", (node,))
            elif t.text == "%" and node.op == "num":
                self.pos += 1
                node = num(node.value / 100, (node.span or (t.start, t.end))[:1] + (t.end,))  # type: ignore[arg-type]
            elif t.text == "_":
                self.pos += 1
                node = self.subscript_of(node, t)
            else:
                return node

    def power(self, base: Node, caret: Token) -> Node:
        t = self.peek()
        if t is None:
            raise SyntaxFault("a power without an exponent", (caret.start, caret.end))
        start = base.span[0] if base.span else caret.start
        if caret.text == "^":
            inner = self._group_texts()
            special = self._special_power(base, inner)
            if special is not None:
                return special
        if t.text == "{" and t.kind == "op":
            self.pos += 1
            exponent = self.expression()
            self.expect("}", t)
        elif t.kind == "op" and t.text in "+-":
            negative = self.take().text == "-"
            exponent = self.factor() if self.infix else self.tight()
            if negative:
                exponent = self.node("neg", (exponent,))
        elif self.infix:
            exponent = self.factor()
        else:
            exponent = self.tight()
        elementwise = "**" if self.numpy and caret.text == "**" else None
        return self.node("pow", (base, exponent), elementwise, start)

    def _group_texts(self) -> tuple[list[str], int]:
        """The texts in the group (or the one token) here, and where it ends."""
        i = self.pos
        t = self.tokens[i]
        if not (t.kind == "op" and t.text == "{"):
            if t.kind == "word" and len(t.text) > 1:
                whole = self.infix and t.text in self.scope.words
                return ([t.text] if whole else [t.text[0]]), i + 1
            if t.kind == "op" and t.text == "-" and i + 1 < len(self.tokens):
                nxt = self.tokens[i + 1]
                return ["-", nxt.text[:1] if nxt.kind == "word" else nxt.text], i + 2
            return [t.text], i + 1
        depth, out = 0, []
        while i < len(self.tokens):
            t = self.tokens[i]
            if t.kind == "op" and t.text == "{":
                depth += 1
            elif t.kind == "op" and t.text == "}":
                depth -= 1
                if depth == 0:
                    return out, i + 1
            else:
                out.append(t.text)
            i += 1
        return out, i

    def _leave(self, end: int, texts: list[str]) -> None:
        """Go behind a group; of an unbraced word only the first letter was used."""
        last = self.tokens[end - 1]
        if last.kind == "word" and len(last.text) > 1 and texts and texts[-1] == last.text[0]:
            self.tokens[end - 1 : end] = [
                last._replace(text=last.text[0], end=last.start + 1),
                last._replace(text=last.text[1:], start=last.start + 1, spaced=False),
            ]
        self.pos = end

    def _special_power(self, base: Node, group: tuple[list[str], int]) -> Node | None:
        texts, end = group
        start = base.span[0] if base.span else None
        made: Node | None = None
        first = texts[0] if texts else ""
        if len(texts) == 1:
            if first in _TRANSPOSE and not (
                first == "T" and "T" in self.scope.kinds and self.rough_scalar(base)
            ):
                self._leave(end, texts)
                return self.node("T", (base,), start=start)
            if first in ("+", "dagger"):
                self._leave(end, texts)
                return self.node("pinv", (base,), start=start)
            if first == "'":
                self._leave(end, texts)
                return self.node("T", (base,), start=start)
            if first in ("*", "star"):
                t = self.tokens[self.pos]
                raise SyntaxFault(
                    "a star is part of a name; it cannot stand behind an expression", (t.start, t.end)
                )
        elif len(texts) == 2:
            if texts == ["-", "1"]:
                self._leave(end, texts)
                return self.node("inv", (base,), start=start)
            if first == "-" and texts[1] in _TRANSPOSE:
                self._leave(end, texts)
                made = self.node("inv", (base,), start=start)
                return self.node("T", (made,), start=start)
            if first in ("odot", "circ") and texts[1].isdigit() and 1 < int(texts[1]) < 9:
                self._leave(end, texts)
                made = base
                for _ in range(int(texts[1]) - 1):
                    made = self.node("had", (made, base), start=start)
                return made
        return None

    def rough_scalar(self, n: Node) -> bool:
        """Whether an expression is a scalar, as far as its names tell before shapes are worked out."""
        if n.op in ("num", "const", "norm", "inner", "var"):
            return True
        if n.op == "sym":
            return self.scope.kinds[n.value].scalar
        if n.op in ("ones", "eye", "matrix", "zeros"):
            return False
        if n.op == "mul" and not any(self.rough_scalar(a) for a in n.args):
            a, b = n.args
            return a.op == "T" and b.op != "T" and not self._matrix_like(a) and not self._matrix_like(b)
        return all(self.rough_scalar(a) for a in n.args) if n.args else False

    def _matrix_like(self, n: Node) -> bool:
        if n.op == "sym":
            shape = self.scope.kinds[n.value].shape
            return shape is not None and shape[1] != 1
        return any(self._matrix_like(a) for a in n.args[:1])

    def tight(self) -> Node:
        """One TeX token's worth: a digit, a letter, a command with its arguments, a group."""
        t = self.peek()
        if t is None:
            raise self.fault("something is missing at the end")
        if t.kind == "num":
            if len(t.text) > 1:
                raise SyntaxFault(
                    f"'{t.text}' needs braces here: in LaTeX only its first digit would be raised or divided",
                    (t.start, t.end),
                )
            self.pos += 1
            return num(t.text, (t.start, t.end))
        if t.kind == "word" and len(t.text) > 1 and not (self.infix and t.text in self.scope.words):
            self.tokens[self.pos : self.pos + 1] = [
                t._replace(text=t.text[0], end=t.start + 1),
                t._replace(text=t.text[1:], start=t.start + 1, spaced=False),
            ]
        return self.primary()

    def group_or_tight(self, what: Token) -> Node:
        t = self.peek()
        if t is None:
            raise SyntaxFault(f"{_show(what)} without its argument", (what.start, what.end))
        if t.kind == "op" and t.text == "{":
            self.pos += 1
            node = self.expression()
            self.expect("}", t)
            return node
        if t.kind == "num" and len(t.text) > 1:  # \frac12: the first digit
            self.tokens[self.pos : self.pos + 1] = [
                t._replace(text=t.text[0], end=t.start + 1),
                t._replace(text=t.text[1:], start=t.start + 1, spaced=False),
            ]
        return self.tight()

    # --- primaries ----------------------------------------------------------------------------------

    def primary(self) -> Node:
        t = self.peek()
        if t is None:
            raise self.fault("something is missing at the end")
        spelled = self._spelled()
        if spelled is not None:
            return spelled
        if t.kind == "num":
            self.pos += 1
            return num(t.text, (t.start, t.end))
        if t.kind in ("word", "accent-of"):
            return self.name()
        if t.kind == "text":
            if t.text in FUNCTIONS and t.text not in self.scope.words:
                return self.function(FUNCTIONS[t.text])
            return self.name()
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
            return self.bars(t)
        if t.text == "<":
            return self.angle(t, ">")
        raise SyntaxFault(f"{_show(t)} is not expected here", (t.start, t.end))

    def _spelled(self) -> Node | None:
        """A declared LaTeX spelling, matched token by token; braces do not count."""
        if not self.scope.spelled:
            return None
        for words, key in self.scope.spelled:
            i, k = self.pos, 0
            depth = 0
            while k < len(words) and i < len(self.tokens):
                t = self.tokens[i]
                if t.kind == "op" and t.text == "{":
                    depth += 1
                elif t.kind == "op" and t.text == "}":
                    depth -= 1
                    if depth < 0:
                        break
                elif t.text == words[k] and t.kind != "remark":
                    k += 1
                else:
                    break
                i += 1
            if k < len(words):
                continue
            while depth > 0 and i < len(self.tokens) and self.tokens[i].text == "}":
                depth -= 1
                i += 1
            if depth:
                continue
            nxt = self.tokens[i] if i < len(self.tokens) else None
            if nxt is not None and nxt.text == "_" and words[-1] != ")":
                continue  # a longer name
            start = self.tokens[self.pos].start
            self.pos = i
            kind = self.scope.kinds[key]
            if kind.sort == "function":
                return self.apply(key, start)
            return sym(key, (start, self.tokens[i - 1].end))
        return None

    def command(self, t: Token) -> Node:
        name = t.text
        if name in GREEK_NAMES or name in ("ell", "hbar"):
            if name == "Theta" and self._order_follows() and "Theta" not in self.scope.letters:
                return self.order(t)
            if name == "pi" and not any(w == "pi" for w in self.scope.letters):
                self.pos += 1
                return self.node("const", (), "pi", t.start)
            return self.name()
        if name == "frac":
            return self.fraction(t)
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
                arg = self.group_or_tight(t)
            if root is None:
                return self.node("func", (arg,), "sqrt", t.start)
            return self.node("pow", (arg, self.node("div", (num(1), root))), start=t.start)
        if name in ("sum", "prod"):
            return self.big_operator(t)
        if name == "nabla":
            return self.nabla(t)
        if name == "langle":
            return self.angle(t, "rangle")
        if name == "begin":
            return self.environment(t)
        if name == "infty":
            self.pos += 1
            return self.node("const", (), "inf", t.start)
        if name in FUNCTIONS and name not in self.scope.letters:
            return self.function(FUNCTIONS[name])
        if name in ("dots",):
            raise SyntaxFault(
                "dots stand for something that cannot be evaluated; write the sum out with \\sum",
                (t.start, t.end),
            )
        if name == "partial":
            raise SyntaxFault("∂ outside of a derivative \\frac{\\partial}{\\partial x}", (t.start, t.end))
        if name == "arg" or name == "lim":
            raise SyntaxFault(f"\\{name} cannot be evaluated; write the value itself", (t.start, t.end))
        raise SyntaxFault(f"the command \\{name} is not known here", (t.start, t.end))

    def factor_without_power(self) -> Node:
        self.deeper()
        node = self.primary()
        self.depth -= 1
        return node

    def bracket(self, opened: Token) -> Node:
        self.pos += 1
        close = _CLOSE[opened.text]
        self.open.append(close)
        node = list_or_matrix(self, opened, close)
        self.open.pop()
        return node

    def bars(self, opened: Token) -> Node:
        """A norm or an absolute value."""
        self.pos += 1
        self.open.append(opened.text)
        inside = self.expression()
        t = self.peek()
        if t is not None and t.text == "||" and opened.text == "|":  # |x||y|
            self.tokens[self.pos : self.pos + 1] = [
                t._replace(text="|", end=t.start + 1),
                t._replace(text="|", start=t.start + 1, spaced=False),
            ]
        self.expect(opened.text, opened)
        self.open.pop()
        if opened.text == "|":
            return self.node("func", (inside,), "abs", opened.start)
        return self.node("norm", (inside,), self.norm_kind(), opened.start)

    def norm_kind(self) -> str:
        """The subscript behind a norm: 2 (default), 1, ∞, F."""
        if not self.at("_"):
            return "2"
        mark = self.take()
        texts, end = self._group_texts()
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
        self._leave(end, texts)
        return kind

    def angle(self, opened: Token, close: str) -> Node:
        """⟨a, b⟩."""
        self.pos += 1
        self.open.append(close)
        a = self.expression()
        if not (self.at(",") or self.at("|")):
            raise SyntaxFault("⟨ … ⟩ needs two vectors with a comma between them", (opened.start, opened.end))
        self.pos += 1
        b = self.expression()
        self.expect(close, opened)
        self.open.pop()
        return self.node("inner", (a, b), start=opened.start)

    def environment(self, t: Token) -> Node:
        name = self._environment_name()
        if name not in _MATRIX_ENVIRONMENTS:
            raise SyntaxFault(f"the environment {name!r} cannot stand inside an expression", (t.start, t.end))
        if name == "array" and self.at("{"):
            _, self.pos = self._group_texts()
        self.open.append("\\end")
        rows: list[list[Node]] = [[]]
        while True:
            if self.peek() is None:
                raise SyntaxFault(f"\\begin{{{name}}} is not closed", (t.start, t.end))
            if self.at_cmd("end"):
                break
            if self.at("&"):
                self.pos += 1
            elif self.at_cmd("\\"):
                self.pos += 1
                rows.append([])
            elif self.at_cmd("hline"):
                self.pos += 1
            else:
                rows[-1].append(self.expression())
                while self.at(","):
                    self.pos += 1
        if self._environment_name() != name:
            raise SyntaxFault(f"\\begin{{{name}}} is closed by another \\end", (t.start, t.end))
        self.open.pop()
        if not rows[-1]:
            rows.pop()
        if not rows or not rows[0]:
            raise SyntaxFault("an empty matrix", (t.start, t.end))
        if len({len(r) for r in rows}) != 1:
            counts = ", ".join(str(len(r)) for r in rows)
            raise SyntaxFault(f"the rows of this matrix have different lengths: {counts}", (t.start, t.end))
        m = self.node("matrix", tuple(e for r in rows for e in r), (len(rows), len(rows[0]), False), t.start)
        if name == "vmatrix":
            return self.node("func", (m,), "det", t.start)
        if name == "Vmatrix":
            return self.node("norm", (m,), self.norm_kind(), t.start)
        return m

    def _environment_name(self) -> str:
        self.pos += 1
        if not self.at("{"):
            raise self.fault("\\begin and \\end need the name of an environment in braces")
        texts, self.pos = self._group_texts()
        return "".join(texts).rstrip("*")

    # --- fractions and derivatives --------------------------------------------------------------------

    def fraction(self, t: Token) -> Node:
        self.pos += 1
        derivative = self._derivative()
        if derivative is not None:
            return derivative
        above = self.group_or_tight(t)
        below = self.group_or_tight(t)
        return self.node("div", (above, below), start=t.start)

    def _derivative(self) -> Node | None:
        """``\\frac{d}{d x}``, ``\\frac{\\partial^2 f}{\\partial x^2}``: None if this is a plain fraction."""
        save = self.pos
        opened = self.peek()
        if opened is None or opened.text != "{":
            return None
        first = self.peek(1)
        if first is None or not (
            (first.kind == "cmd" and first.text == "partial") or (first.kind == "word" and first.text == "d")
        ):
            return None
        start = self.tokens[self.pos - 1].start
        self.pos += 2
        order = self._derivative_order()
        body: Node | None = None
        close = self._group_end(save)
        if order is None:
            self.pos = save
            return None
        mark = first.text
        if close >= len(self.tokens) or not self._below_is_derivative(close, mark):
            self.pos = save
            return None
        if self.pos < close - 1:
            body = self.expression()
        self.pos = close
        below = self.take()
        t = self.take()
        if t.kind == "word" and t.text.startswith("d") and len(t.text) > 1:
            self.pos -= 1
            self.tokens[self.pos] = t._replace(text=t.text[1:], start=t.start + 1)
        wrt = self.name()
        if self.at("^"):
            self.pos += 1
            texts, end = self._group_texts()
            if texts != [str(order)]:
                raise self.fault("the order of the derivative differs above and below")
            self._leave(end, texts)
        elif order != 1:
            raise self.fault("the order of the derivative differs above and below")
        self.expect("}", below)
        if wrt.op != "sym":
            raise SyntaxFault("a derivative needs a declared name below", wrt.span)
        if body is None:
            body = self.operand()
        return self.node("deriv", (body,), (wrt.value, order), start)

    def _derivative_order(self) -> int | None:
        if not self.at("^"):
            return 1
        self.pos += 1
        texts, end = self._group_texts()
        if len(texts) == 1 and texts[0].isdigit() and 1 <= int(texts[0]) <= 4:
            self._leave(end, texts)
            return int(texts[0])
        return None

    def _group_end(self, i: int) -> int:
        depth = 0
        while i < len(self.tokens):
            t = self.tokens[i]
            if t.kind == "op" and t.text in "{}":
                depth += 1 if t.text == "{" else -1
                if depth == 0:
                    return i + 1
            i += 1
        return i

    def _below_is_derivative(self, i: int, mark: str) -> bool:
        if self.tokens[i].text != "{" or i + 2 >= len(self.tokens):
            return False
        t, nxt = self.tokens[i + 1], self.tokens[i + 2]
        if mark == "partial":
            return t.kind == "cmd" and t.text == "partial"
        if t.kind != "word":
            return False
        return (t.text == "d" and nxt.text != "}" and nxt.text not in "^_+-*/") or (
            len(t.text) > 1 and t.text[0] == "d"
        )

    def operand(self) -> Node:
        """What an operator applies to: a bracket, else everything multiplied."""
        if self.at("(", "[", "\\{", "{"):
            return self.factor()
        return self.term()

    def nabla(self, t: Token) -> Node:
        self.pos += 1
        if not self.at("_"):
            raise SyntaxFault("∇ needs to say by what it differentiates: \\nabla_w", (t.start, t.end))
        self.pos += 1
        if self.at("{"):
            opened = self.take()
            wrt = self.name()
            self.expect("}", opened)
        else:
            wrt = self.tight()
        if wrt.op != "sym":
            raise SyntaxFault("∇ needs a declared name", wrt.span)
        return self.node("deriv", (self.operand(),), (wrt.value, 1), t.start)

    # --- sums over an index ---------------------------------------------------------------------------

    def big_operator(self, t: Token) -> Node:
        self.pos += 1
        index, lo, hi = "", None, None
        for _ in range(2):
            if self.at("_"):
                self.pos += 1
                if self.at("{"):
                    opened = self.take()
                    index = self._index_name(t)
                    if self.at("="):
                        self.pos += 1
                        lo = self.expression()
                    elif self.at(","):
                        raise SyntaxFault("a sum over two indices at once; write two sums", (t.start, t.end))
                    elif not self.at("}"):
                        raise SyntaxFault("the range of this sum is not 'i=1'", (t.start, t.end))
                    self.expect("}", opened)
                else:
                    index = self._index_name(t)
            elif self.at("^"):
                self.pos += 1
                hi = self.group_or_tight(t)
        if not index:
            raise SyntaxFault(f"\\{t.text} without an index", (t.start, t.end))
        if lo is not None and hi is None:
            raise SyntaxFault(f"\\{t.text} without an upper limit", (t.start, t.end))
        fresh = index not in self.bound
        self.bound.add(index)
        body = self.term()
        if fresh:
            self.bound.discard(index)
        args = (body,) if lo is None or hi is None else (body, lo, hi)
        if hi is not None and lo is None:
            args = (body, num(1), hi)
        return self.node(t.text, args, index, t.start)

    def _index_name(self, t: Token) -> str:
        w = self.peek()
        if w is None or w.kind not in ("word", "cmd") or (w.kind == "word" and len(w.text) > 1):
            raise SyntaxFault("the index of a sum is one letter", (t.start, t.end))
        self.pos += 1
        return w.text

    # --- names ------------------------------------------------------------------------------------------

    def name(self) -> Node:
        """A declared name, an entry or row of one, a function with its argument, or a constant."""
        return read_name(self)

    def size_subscript(self) -> object:
        """The size behind 1, I or 0: ``I_n``, ``\\mathbf{1}_{n}``."""
        if not self.at("_"):
            return None
        save = self.pos
        self.pos += 1
        texts, end = self._group_texts()
        word = "".join(texts)
        size: object = int(word) if word.isdigit() else word
        if len(texts) == 1 and (isinstance(size, int) or word in self.scope.kinds):
            self._leave(end, texts)
            return size
        self.pos = save
        raise self.fault(f"{word!r} is not a declared size")

    def subscript_of(self, node: Node, mark: Token) -> Node:
        """An entry of a bracketed expression: ``(Xw)_i``."""
        texts, end = self._group_texts()
        indices = [x for x in texts if x != ","]
        if len(indices) == 1 and len(indices[0]) == 2 and all(c in self.bound for c in indices[0]):
            indices = list(indices[0])
        out = [self.index_node(x, mark) for x in indices]
        if not 1 <= len(out) <= 2:
            raise SyntaxFault("this subscript is not an index", (mark.start, mark.end))
        self._leave(end, texts)
        return self.node("idx", (node, *out))

    def index_node(self, text: str, mark: Token) -> Node:
        if text.isdigit() and len(text) < 5:
            return num(text, (mark.start, mark.end))
        if text in self.bound:
            return Node("var", (), text, (mark.start, mark.end))
        if text == ":":
            return Node("all", (), None, (mark.start, mark.end))
        raise SyntaxFault(f"the index {text!r} is not bound by a sum", (mark.start, mark.end))

    def unknown(self, name: str, span: tuple[int, int]) -> UnknownSymbolFault:
        shown = self.scope.original
        names = sorted(set(shown.values()))
        base = name.split("_")[0].split("^")[0].lower()
        alike = {base, LOOK_ALIKE.get(base, base)}
        near = [n for n in names if n.lower().split("_")[0] in alike][:1]
        near = near or difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        hint = (
            f"; did you mean {near[0]}?"
            if near
            else f"; the names here are {', '.join(names[:12])}"
            if names
            else ""
        )
        return UnknownSymbolFault(f"{name} is not declared{hint}", span, name)

    # --- functions ------------------------------------------------------------------------------------

    def arguments(self) -> list[Node]:
        opened = self.take()
        self.open.append(")")
        args: list[Node] = []
        if not self.at(")"):
            while True:
                word, nxt = self.peek(), self.peek(1)
                if word is not None and word.kind == "word" and nxt is not None and nxt.text == "=":
                    raise SyntaxFault(
                        f"the keyword {word.text!r} of a numpy call is not read", (word.start, word.end)
                    )
                args.append(self.expression())
                if not self.at(",", ";"):
                    break
                self.pos += 1
        self.expect(")", opened)
        self.open.pop()
        return args

    def function(self, name: str) -> Node:
        """A well-known function with its argument: ``\\log x``, ``inv(A)``, ``\\sin^2 x``."""
        t = self.take()
        exponent: Node | None = None
        base: str | None = None
        while self.at("^", "_"):
            mark = self.take()
            if mark.text == "_" and name == "log":
                base = "".join(self._group_texts()[0])
                texts, end = self._group_texts()
                self._leave(end, texts)
            elif mark.text == "^":
                texts, end = self._group_texts()
                if texts == ["-", "1"] and name in ("sin", "cos", "tan"):
                    name = "a" + name
                    self._leave(end, texts)
                else:
                    exponent = self.group_or_tight(t)
            else:
                raise SyntaxFault(f"a subscript behind {t.text}", (mark.start, mark.end))
        if self.at("("):
            args = self.arguments()
        elif self.at("[", "\\{", "{"):
            args = [self.factor_without_power()]
        elif name in _PLAIN_ARGUMENT or name in ("sigmoid", "relu"):
            args = [self.product(self._function_chunk())]
        else:
            raise SyntaxFault(f"{t.text} needs its argument in brackets", (t.start, t.end))
        node = self.call(name, args, t)
        if base is not None and base != "e":
            if not base.isdigit():
                raise SyntaxFault(f"the base {base!r} of a logarithm is not a number", (t.start, t.end))
            node = self.node("div", (node, self.node("func", (num(base),), "log")), start=t.start)
        return node if exponent is None else self.node("pow", (node, exponent), start=t.start)

    def _function_chunk(self) -> list[Node]:
        factors = [self.factor()]
        while self.starts_factor() and not self.at("(", "[", "\\{"):
            t = self.peek()
            assert t is not None
            if (
                t.kind == "num"
                or (t.kind == "cmd" and t.text in FUNCTIONS)
                or (t.kind == "word" and t.text in FUNCTIONS)
            ):
                break
            factors.append(self.factor())
        return factors

    def call(self, name: str, args: list[Node], t: Token) -> Node:
        return call(self, name, args, t)

    def apply(self, key: str, start: int) -> Node:
        """A declared function: ``\\sigma(z)``, ``f'(x)``; its argument may stand without brackets."""
        order = 0
        while self.at("'", "''"):
            order += len(self.take().text)
        if self.at("^"):
            save = self.pos
            self.pos += 1
            texts, end = self._group_texts()
            if texts and all(x == "'" for x in texts):
                order += len(texts)
                self._leave(end, texts)
            else:
                self.pos = save
        if self.at("("):
            args = self.arguments()
        elif self.at("[", "\\{", "{"):
            args = [self.factor_without_power()]
        elif self.starts_factor():
            args = [self.factor()]
        else:
            raise SyntaxFault(f"the function {key} needs its argument", (start, start + 1))
        if len(args) != 1:
            raise SyntaxFault(
                f"the function {key} takes one argument and got {len(args)}", (start, start + 1)
            )
        return self.node("apply", (args[0],), (key, order), start)

    def _order_follows(self) -> bool:
        nxt = self.peek(1)
        return nxt is not None and nxt.text == "("

    def order(self, t: Token) -> Node:
        """``O(…)``."""
        self.pos += 1
        args = self.arguments()
        if len(args) != 1:
            raise SyntaxFault("O(…) takes one argument", (t.start, t.end))
        return self.node("order", (args[0],), start=t.start)


_STARTING_COMMANDS = frozenset("frac sqrt sum prod nabla langle begin infty".split()) | {"partial", "dots"}
