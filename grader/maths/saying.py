"""What a derivation only says: definitions and conditions in the prose, and equations that are neither."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from grader.errors import ShapeFault
from grader.maths.assumed import Assumed
from grader.maths.chaining import START, Chaining
from grader.maths.chains import ORDERS
from grader.maths.given import fitted
from grader.maths.hesitation import VANISHES, WANTS, WHEN
from grader.maths.introduced import final_name
from grader.maths.lines import EXPLAINS, Line
from grader.maths.links import Link, follows
from grader.maths.premises import zero_like
from grader.maths.record import Member, unreadable
from grader.maths.scope import underlying
from grader.maths.tree import Node, num

__all__ = ["Saying"]


class Saying(Chaining):
    """Lines that are no claims."""

    def assumes(self, beside: Assumed) -> None:
        """What an author assumes of symbols beyond what points are drawn for."""
        unused = self.said_in_words.unused | beside.doubtful
        bounds = beside.bounds
        self.said_in_words = replace(self.said_in_words, unused=unused, bounds=bounds, assumed=bounds)

    def told_until(self, place: int) -> None:
        """``If all $g_t = g$``: from there on."""
        for name, numbered, at in self.told:
            if at <= place:
                for other in numbered:
                    self.suppose(f"told: {other}", self.symbol(other), self.symbol(name))
        self.told = [x for x in self.told if x[2] > place]

    def said(self, line: Line, *, early: bool = False) -> None:
        """A definition or a condition in the prose; ``early``: it may stand behind what it explains."""
        read = self.read_all(line)
        nodes = [m.node for m in read if m.node is not None]
        if any(m.other is not None for m in read):
            return
        if line.label:
            if not nodes:
                return
            if nodes[-1] == num(0) and line.label not in self.scope.kinds and " / " in line.label:
                self.elsewhere = not self.derivative_is_zero(line.label)
                return
            self.stated_gradient(line, nodes[-1])
            name, value = final_name(line.label, self.scope), nodes[-1]
            known = name in self.scope.kinds
            if known and VANISHES.search(line.words) and (early or self.vanishes_elsewhere(name, read[-1])):
                return
            if name in self.author.define and value in (num(0), zero_like(value)):
                return  # "smallest for v = 0" is no definition of v
            if known:
                value = fitted(self.symbol(name), value)
            if known and name not in self.scope.define and (early or self.is_used(name)):
                self.suppose(f"{line.label} {value!r}", self.symbol(name), value)
            elif " " not in name:
                self.contradicts(name, value)
                self.define(name, value)
        elif len(nodes) == len(read) > 1 and line.relations[-1] in ORDERS:
            self.bounded_by(nodes, line.relations[1:])
            if len(nodes) == 2 and not early:
                self.restricted = self.restricted or line.given
                self.inequality = (nodes[0], nodes[1], line.relations[-1])
        elif len(read) == 2 and line.relations[1] == "=" and not early and self.said_falsely(line, *read):
            return
        elif len(read) == 2 and len(nodes) == 2 and line.relations[1] == "=" and not self.same(*read):
            premise = self.suppose(line.statement.text, *nodes)
            if WANTS.search(line.words):
                self.equation = premise or self.equation

    def vanishes_elsewhere(self, name: str, m: Member) -> bool:
        """``It vanishes iff $w = B$``, where what was found last does not: a false step."""
        last, before = self.readable, self.equation
        if last is None or last.node is None or name not in underlying(last.node, last.scope):
            return False
        assert m.node is not None
        self.equation = self.suppose("equation", last.node, zero_like(last.node)) or before
        left = self.symbol(name)
        link = self.from_premises(left, fitted(left, m.node), "=", unknown=name)
        self.premises.pop("equation", None)
        self.equation = before
        if link.status != "fails":
            return False
        with self.beside_the_chain():
            self.record(m, link, replace(m, node=left, scope=self.scope, index=-1))
        return True

    def said_falsely(self, line: Line, left: Member, right: Member) -> bool:
        """An equation in a sentence that can be no condition, if it is false: a step like those displayed."""
        if line.given or line.beside or line.label or WHEN.search(line.words) or EXPLAINS.search(line.words):
            return False
        if left.node is None or left.node.op in ("sym", "num") or right.node == num(0):
            return False
        names = set(underlying(left.node, self.scope))
        derived = any(n.op == "deriv" and n.args[0].op not in ("sym", "apply") for n in left.node.walk())
        if right.node is None:
            if not derived or not isinstance(right.fault, ShapeFault):
                return False
            link = unreadable(right)
        else:
            if not derived and (left.node.shape or names != set(underlying(right.node, self.scope))):
                return False
            if right.node.op == "sym":
                return False
            link = self.equal(left, replace(right, node=fitted(left.node, right.node)))
        if link.status != "fails":
            return False
        with self.beside_the_chain():
            self.record(left, Link("holds", START))
            self.record(right, link)
        return True

    @contextlib.contextmanager
    def beside_the_chain(self) -> Iterator[None]:
        """What is recorded here is nothing that a later line goes on from."""
        kept = self.previous, self.readable
        yield
        self.previous, self.readable = kept

    def same(self, left: Member, right: Member) -> bool:
        """Whether an equation is an identity, which says nothing of its symbols."""
        assert left.node is not None
        assert right.node is not None
        if not set(right.node.names()) & set(left.node.names()):
            return False
        return follows(left.node, right.node, left.scope, right.scope, left.text).status == "holds"

    def derivative_is_zero(self, label: str = "") -> bool:
        """``Setting the derivative to zero``: the last one that was found, if one was."""
        wrt = label.rpartition(" / ")[2]
        for key, (_, last) in reversed(self.tracks.items()):
            if (" / " in key and key.rpartition(" / ")[2] in (wrt, "")) or (not label and " / " in key):
                if last is not None and last.node is not None:
                    self.source = last.index
                    self.equation = self.suppose("equation", last.node, num(0)) or self.equation
                    return True
                return False
        return False

    def spoken_is_zero(self) -> bool:
        """``The derivative is $A$. Setting this to zero``: what a sentence named last, in no equation."""
        if self.spoken is None or self.spoken.node is None or not self.spoken.node.names():
            return False
        self.equation = self.suppose("equation", self.spoken.node, num(0)) or self.equation
        return True

    def contradicts(self, name: str, node: Node) -> None:
        """Notice a definition that is another one than the author's."""
        own = self.author.define.get(name)
        if own is None or own == node:
            return
        if follows(own, node, self.author, self.scope, name).status == "fails":
            self.notes.append(f"{name} is defined in another way here than in the question")
