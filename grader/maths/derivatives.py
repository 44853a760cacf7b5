r"""What a label is known to stand for: a definition of the question, a function of the student's own at
some place, or a derivative: ``\frac{dL}{d\eta}``, ``L'(\eta)``, ``\nabla L``, ``∂y_i / ∂z_j``.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace

from grader.errors import MathsFault
from grader.maths.alphabet import Token
from grader.maths.given import Given
from grader.maths.introduced import final_name
from grader.maths.lines import Line, read_tree
from grader.maths.links import Link
from grader.maths.products import derivative_shape
from grader.maths.record import Member
from grader.maths.scope import Scope, depends, underlying
from grader.maths.tree import Node, Shape, sym
from grader.maths.written_out import written_out

__all__ = ["Derivatives"]

_DERIVATIVE = re.compile(r"d(?P<order>[2-4]?) (?P<name>\S+) / (?P<by>\S*)")
_BAR = re.compile(r"(?P<base>[A-Za-z]++)_bar(?P<sub>_\w+)?")
_BACKWARD = re.compile(r"back-?prop|backward|adjoint|upstream|chain rule|reverse", re.IGNORECASE)
_OPERATOR = re.compile(r"frac\{(?:d|partial)\}\{(?:d|partial)(?P<by>\w+)\}")  # by itself
_MEAN = re.compile(r"\b(?:mean|average)", re.IGNORECASE)
_LOSSES = ("L", "l", "ell", "E", "J", "C", "loss", "cost")
_DIFFERENTIATES = re.compile(r"deriv|differenti|slope|minimi|maximi|stationar|gradient", re.IGNORECASE)


class Derivatives(Given):
    """``tracks``: labels → the last member under each, and the last one that was read."""

    def __init__(self, text: str, scope: Scope) -> None:
        super().__init__(text, scope)
        self.tracks: dict[str, tuple[Member | None, Member | None]] = {}
        self.label_start = -1
        self.readable: Member | None = None  # the last one of this chain that was read
        self.undeclared: frozenset[str] = frozenset()  # names whose kinds were found by their use

    def named(self, line: Line, shape: Shape) -> Member | None:
        """What a label is known to stand for: a definition of the question, a function of the student's own
        at some place, or a derivative of either."""
        place = (line.label_tokens[0].start, line.label_tokens[-1].end)
        index, self.label_start = -1, place[0]
        try:
            tokens = self.by_entries(written_out(line.label_tokens, self.functions, self.scope))
            called = [t.text for t in tokens] != [t.text for t in line.label_tokens]
            derivative = None if called else self.derivative_of(line.label, shape)
            if derivative is not None:
                node, index = derivative
            else:
                node, _ = read_tree(tokens, self.scope, infix=line.infix)
        except (MathsFault, RecursionError):
            return None
        whole = node.args[0] if node.op == "idx" and node.args[0].op == "deriv" else node
        if not called and whole.op not in ("sym", "deriv", "apply"):  # dy/dx: a quotient
            return None
        if whole.op == "deriv" and not depends(whole.args[0], whole.value[0], self.scope):
            return None
        if node.op == "sym" and node.value not in self.scope.define:
            return None
        return Member(self.text[place[0] : place[1]], place, node, self.scope, index=index)

    def adjoint(self, label: str) -> Node | None:
        r"""``\bar z`` in a backward pass: the derivative of the loss by z."""
        m = _BAR.fullmatch(label)
        name = m["base"] + (m["sub"] or "") if m is not None else ""
        if name not in self.scope.kinds or not _BACKWARD.search(self.text) or _MEAN.search(self.text):
            return None
        losses = [n for n in self.scope.define if n in _LOSSES and self.scope.kinds[n].shape is None]
        loss = next((n for n in losses if depends(self.scope.define[n], name, self.scope)), "")
        if not loss:
            return None
        by = self.scope.kinds[name].shape
        return Node("deriv", (sym(loss, None, None),), (name, 1), None, derivative_shape(None, by, 1))

    def derivative_of(self, label: str, shape: Shape) -> tuple[Node, int] | None:
        """The derivative a label speaks of, of a lower one or of what the chain of its name ended with, and
        the step that is."""
        m = _DERIVATIVE.fullmatch(label)
        first = (shape[0], 1) if shape is not None and m is not None and m["order"] == "2" else shape
        by = self.only_symbol(m["name"], first) if m is not None and not m["by"] else m and m["by"]
        by = final_name(self.scope.aliases.get(by, by), self.scope) if by else by
        if m is not None and not m["by"] and by and self.primed(label):
            return None
        if m is None or not by or by not in self.scope.kinds:
            return None
        order = int(m["order"] or 1)
        for lower in range(order - 1, -1, -1):
            key = f"d{lower if lower > 1 else ''} {m['name']} / {by}" if lower else m["name"]
            last = next((t for t in (self.tracks.get(key) or ())[::-1] if t is not None), None)
            node = last.node if last is not None else None
            named = self.scope.aliases.get(key, key)
            if node is None and not lower and named in self.scope.define:
                node = sym(named, None, self.scope.kinds[named].shape)
            if node is not None and depends(node, by, self.scope):
                of = derivative_shape(node.shape, self.scope.kinds[by].shape, order - lower)
                derived = Node("deriv", (node,), (by, order - lower), None, of)
                return derived, last.index if last is not None else -1
        return None

    def primed(self, label: str) -> bool:
        """Whether ``e'`` is another e rather than a derivative: nothing was said of derivatives before it."""
        at = self.label_start
        behind = re.match(r"[^=]{0,30}", self.text[at:]) if at >= 0 else None
        if behind is None or not re.search(r"'|\\prime", behind[0]):
            return False
        return label.split(" ")[1] not in self.functions and not _DIFFERENTIATES.search(self.text[:at])

    def only_symbol(self, name: str, shape: Shape) -> str:
        """What ``∇ L`` and ``L'`` are by: the one symbol of that shape that L depends on."""
        track = self.tracks.get(name)
        node = track[1].node if track is not None and track[1] is not None else self.scope.define.get(name)
        if node is None:
            return ""
        kinds = self.scope.kinds
        argument = self.functions[name].argument if name in self.functions else ()
        if len(argument) == 1 and argument[0] in kinds and kinds[argument[0]].shape == shape:
            return argument[0]
        found = [
            n
            for n in underlying(node, self.scope)
            if kinds[n].shape == shape and kinds[n].sort in ("scalar", "vector", "matrix")
        ]
        return found[0] if len(found) == 1 else ""

    def of_undeclared(self, link: Link, before: Member | None, m: Member) -> Link:
        """A member that is false as far as is known, where names stand that were not declared: what they are
        may be said in words. It is, where both sides speak of the same ones."""
        names, others = (
            self.undeclared.intersection(underlying(x.node, x.scope))
            if x is not None and x.node is not None
            else None
            for x in (before, m)
        )
        if names == others or (not names and not others):
            return link
        known = {n for p in self.premises.values() for n in underlying(p.difference, p.scope)}
        if names is not None and others is not None and (names ^ others) <= known:
            return link
        return Link("unread", "What the names in it stand for is not said in a formula; a person looks.")

    def optimum(self, symbol: str, names: Container[str]) -> str:
        r"""``w^*`` is the w that an equation is solved for, where it means nothing else."""
        plain = symbol.removesuffix("_star")
        return plain if plain in names and symbol not in self.scope.kinds else symbol

    def forget(self, label: str) -> None:
        """What a name stood for in another case is not so any more."""
        name = final_name(label, self.scope)
        for key, p in list(self.premises.items()):
            if p.named == {name}:
                del self.premises[key]

    def derivative_above(self, tokens: Sequence[Token], found: Member) -> Member:
        r"""``\\frac{d}{dc} =`` at the beginning of a line: the derivative of what the one above ends with."""
        m = _OPERATOR.fullmatch("".join(t.text for t in tokens))
        by = self.scope.aliases.get(m["by"], m["by"]) if m is not None else ""
        above = self.readable
        if by not in self.scope.kinds or above is None or above.node is None or above.other is not None:
            return found
        if by in self.scope.define or not depends(above.node, by, self.scope):
            return found
        try:
            shape = derivative_shape(above.node.shape, self.scope.kinds[by].shape, 1)
        except MathsFault:
            return found
        return replace(found, node=Node("deriv", (above.node,), (by, 1), None, shape), fault=None)
