"""A derivation taken as it is written: chains, conditions, and what follows from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from grader.maths.chaining import GIVEN, IMPLIES, START
from grader.maths.given import fitted, vanishing
from grader.maths.hesitation import (
    APPOSED,
    CLAIMS,
    IS,
    RULES,
    TO_ZERO,
    VANISHES,
    WANTS,
    WHEN,
    expands,
    said_of_every,
    without_place,
)
from grader.maths.introduced import final_name
from grader.maths.lines import Line, explains_before
from grader.maths.links import Link, bounded
from grader.maths.record import Derivation, Member, unreadable
from grader.maths.saying import Saying
from grader.maths.scope import underlying
from grader.maths.tree import Node, num

__all__ = ["JOINED", "Walk"]

UNUSED = "Nothing here needs this equation, which holds for some values only; a person looks."


# "From $A$ and $B$ we get": two conditions
JOINED = re.compile(r"[\s,;]*(?:and|as well as)?[\s,;]*", re.IGNORECASE)
_CONDITIONAL = re.compile(
    r"\b(?:from|if|given|suppose|assum\w+|since|because|solv\w+|system|conditions?|constraints?)\b[^.$]{0,30}$",
    re.IGNORECASE,
)


class Walk(Saying):
    """Lines in their order."""

    conditional = False  # the words before the last equation make a condition of it

    def run(self, lines: Sequence[Line]) -> Derivation:
        self.look_at(lines)
        for line in lines:
            if line.role == "definition":
                self.called(line)
        for line in lines:  # "… = 2, with $\\eta = 1$" is said behind
            if line.role in ("definition", "aside") and (line.beside or explains_before(line.words)):
                self.guarded(line, partial(self.said, line, early=True))
        for k, line in enumerate(lines):
            if line.statement.fault is not None:
                fault = line.statement.fault
                text = " ".join(line.statement.text.split())
                self.add(text, (line.start, line.start), Link("unread", f"Not read: {fault.clause}"))
                self.previous = self.readable = None
            else:
                self.told_until(line.start)
                following = next((n for n in lines[k + 1 :] if n.role != "alone"), None)
                self.guarded(line, partial(self.line, line, following))
        return self.done()

    def line(self, line: Line, following: Line | None) -> None:
        if line.role == "alone":
            self.spoken = self.read_all(line)[0]
        elif line.role != "claim":
            self.said(line)
        else:
            self.always = self.always if line.lead in IMPLIES else frozenset()
            self.claim(line, following)

    # --- a line -------------------------------------------------------------------------------------------

    def claim(self, line: Line, following: Line | None) -> None:
        self.apposed = False
        zeroed = bool(TO_ZERO.search(line.words) or VANISHES.search(line.words))
        zeroed = zeroed and (self.derivative_is_zero() or self.spoken_is_zero())
        self.spoken = None
        if line.follows and line.label.endswith("_star") and self.equation is None:
            self.optimal(line.label.removesuffix("_star"))
        line = self.called(line)
        line, self.elsewhere = replace(line, given=line.given or self.elsewhere), False
        read = self.read_all(line, self.readable if line.relations[:1] == ("=",) and not line.label else None)
        symbol = final_name(line.label, self.scope) if line.label else ""
        if self.equation is not None and not line.anew:
            symbol = self.optimum(symbol, underlying(self.equation.difference, self.equation.scope))
        free = symbol in self.scope.kinds and symbol not in self.scope.define
        if free and read[0].node is not None:
            read[0] = replace(read[0], node=fitted(self.symbol(symbol), read[0].node))
        if any(m.other is not None for m in read):
            if line.label and free and read[0].other is not None and self.concludes(line, symbol):
                self.conclusion(line, symbol, read)
            else:
                self.chain(line, read, symbol, free, following)
            return
        if self.assigned(line, read, free=free) or self.all_given(line, read):
            return
        if line.label and not free and read[0].node is not None and read[0].node == num(0):
            self.set_to_zero(line, read)
        elif line.label and free and self.concludes(line, symbol):
            self.conclusion(line, symbol, read)
        elif (not line.label and len(read) == 2 and line.relations == ("", "=") and not self.strict) or (
            not line.label and len(read) == 2 and line.relations == ("", "=") and line.lead in IMPLIES
        ):
            self.stated(line, read, following, zeroed=zeroed)
        else:
            self.chain(line, read, symbol, free, following)

    def optimal(self, symbol: str) -> None:
        """``c^* = …`` in the row behind a derivative by c: where that is zero, if nothing restricts c."""
        derived = next((k for k in reversed(self.tracks) if " / " in k), "")
        last = self.tracks[derived][0] if derived else None
        if derived.rpartition(" / ")[2] != symbol or last is None or last.index != len(self.steps) - 1:
            return
        if not re.search(r"constrain|subject|\\text\{ ?s\.t|feasib|project|clip", self.text):
            self.derivative_is_zero(derived)

    def assigned(self, line: Line, read: list[Member], *, free: bool) -> bool:
        """``a = w = \\sigma = 1``: values of symbols."""
        value = read[-1].node
        symbols = [m.node for m in read[:-1]]
        if not free or not symbols or value is None or value.op != "num":
            return False
        names = [str(n.value) for n in symbols if n is not None and n.op == "sym"]
        if len(names) < len(symbols) or any(n in self.scope.define for n in names):
            return False
        for m in read:
            self.record(m, Link("holds", GIVEN))
        for name in [final_name(line.label, self.scope), *names]:
            self.suppose(f"{name} {value!r}", self.symbol(name), value)
        return True

    def all_given(self, line: Line, read: list[Member]) -> bool:
        """``Xw' = t = X\\hat w``: two conditions; the symbol in the middle stands in no other."""
        nodes = [m.node for m in read if m.node is not None]
        if line.label or self.strict or len(nodes) != 3 or len(read) != 3 or line.relations != ("", "=", "="):
            return False
        first, middle, last = nodes
        name = str(middle.value) if middle.op == "sym" else ""
        if not name or name in self.scope.define or name in first.names() | last.names() or not middle.shape:
            return False
        if first.shape != middle.shape or last.shape != middle.shape or self.touching(first, middle):
            return False
        if not first.names() or not last.names() or {first.op, last.op} & {"num", "zeros", "sym"}:
            return False
        self.begins(read[0], START)
        for m in read[1:]:
            self.record(m, Link("holds", GIVEN))
        for other in (first, last):
            self.suppose(f"{other!r} {name}", other, middle)
        return True

    def concludes(self, line: Line, symbol: str) -> bool:
        """Whether ``η = …`` solves the equation before it."""
        if self.equation is None or symbol not in underlying(self.equation.difference, self.equation.scope):
            return False
        return line.lead in IMPLIES or line.follows or line.beside or not line.anew

    def set_to_zero(self, line: Line, read: list[Member]) -> None:
        r"""``\\nabla L = 0`` and ``\\nabla L = 0 = B``: a condition, that B vanishes."""
        assert read[0].node is not None
        tracked = self.tracks.get(line.label, (None, None))[1] or self.named(line, None)
        link = Link("holds", GIVEN, uses=(tracked.index,) if tracked is not None else ())
        if tracked is not None and tracked.node is not None and not line.given and not self.strict:
            found = self.equal(tracked, replace(read[0], node=fitted(tracked.node, read[0].node)))
            link = found if found.status == "holds" else link
        self.record(read[0], link, tracked)
        value = tracked
        for k, m in enumerate(read[1:], 1):
            self.previous = self.readable = value
            if value is not None:
                self.step(m, line.relations[k])
            else:
                self.record(m, Link("holds", START) if m.fault is None else without_place(unreadable(m)))
            value = self.readable if m.node is not None else value
        if value is not None and value.node is not None:
            self.equation = self.suppose("equation", value.node, num(0)) or self.equation

    def conclusion(self, line: Line, symbol: str, read: list[Member]) -> None:
        assert self.equation is not None
        first = read[0]
        if first.node is None:
            self.chain(line, read, symbol, free=True)
            return
        left = self.symbol(symbol)
        if first.other is not None:
            link = self.both_solve(symbol, left, (first.node, first.other))
            self.record(first, replace(link, uses=(self.equation.source,)))
            self.rest(line, read)
            return
        link = self.from_premises(left, fitted(left, first.node), "=", unknown=symbol)
        if link.status == "unread" and all(p is self.equation for p in self.touching(left, first.node)):
            link = self.same_solutions(left, first.node, symbol) or link
        elif link.status == "fails" and left.shape is not None and self.solves(symbol, left, first.node):
            link = Link("unread", "This is one of several solutions; why it is this one is for a person.")
        link = replace(link, uses=link.uses or (self.equation.source,))
        self.relation = "="
        self.record(first, link, replace(first, node=left, scope=self.scope, index=-1))
        self.suppose(line.label, left, first.node)
        if line.label not in self.scope.kinds and " " not in line.label:
            self.define(line.label, first.node)
        self.rest(line, read)

    def stated(self, line: Line, read: list[Member], following: Line | None, *, zeroed: bool = False) -> None:
        """``A = B`` by itself: an identity, a condition, or what a condition implies. ``zeroed``: it follows
        the words that a derivative is set to zero, and the derivative is known."""
        left, right = read
        if left.node is None or right.node is None:
            self.chain(line, read, "", free=False)
            return
        left = replace(left, node=fitted(right.node, left.node))
        assert left.node is not None
        self.apposed = bool(APPOSED.search(line.words)) and not line.statement.display
        goes_on, stated_before = self.goes_on(line) or zeroed, self.stated_before
        joined = self.conditional and JOINED.fullmatch(line.words) is not None
        self.conditional = joined or _CONDITIONAL.search(line.words) is not None
        always, self.always = self.always, frozenset()
        self.identical = True
        link = self.equal(left, right)
        self.stated_before = True
        if link.status == "holds" and not (goes_on and line.lead in IMPLIES):
            self.begins(left, START)
            self.record(right, link)
            self.differentiated(left)
            if self.identical:
                self.always = frozenset(
                    underlying(left.node, self.scope) + underlying(right.node, self.scope)
                )
            else:
                self.keep(line, left.node, right.node)
            return
        if link.mistake == "shape":
            self.begins(left, START)
            self.record(right, link)
            return
        if goes_on:
            concluded = self.from_premises(left.node, fitted(left.node, right.node), "=")
            if concluded.status == "holds" and line.lead == "<=>":
                concluded = self.both_ways(left.node, right.node, concluded)
            if link.status == "holds" and concluded.status != "fails":
                concluded = link
            settled = line.lead in IMPLIES
            beside = not settled and concluded.status != "holds"
            beside = beside and self.beside_another(left.node, right.node, joined=joined)
            if not settled and not beside and (zeroed or not line.given):
                settled = self.within(left.node, right.node)
            if beside:
                self.begins(left, START)
                self.record(right, Link("holds", GIVEN))
                self.keep(line, left.node, right.node)
                return
            if concluded.status == "holds" or settled:
                self.begins(left, "One side of an equation.")
                self.record(right, concluded)
                self.keep(line, left.node, right.node)
                return
        elif self.premises:
            found = self.from_premises(left.node, fitted(left.node, right.node), "=", strict=True)
            claims = (stated_before and line.lead in IMPLIES) or self.claims(line, left.node, right.node)
            claims = claims or self.universal(line, left.node, right.node)
            if found.status == "holds" or (found.status == "fails" and claims):
                self.begins(left, START)
                self.record(right, found)
                self.keep(line, left.node, right.node)
                return
        if link.status == "fails" and line.lead in IMPLIES and self.vanished(left.node, right.node):
            self.begins(left, "One side of an equation.")
            self.record(right, self.from_premises(left.node, fitted(left.node, right.node), "="))
            self.keep(line, left.node, right.node)
            return
        self.begins(left, START)
        names = set(underlying(left.node, self.scope) + underlying(right.node, self.scope))
        plain = {left.node.op, right.node.op} & {"sym", "num", "zeros", "deriv"} or line.given
        if not (line.lead in IMPLIES and link.status == "fails" and names and names <= always) or plain:
            link = self.condition(line, left, right, link, following)
        self.record(right, link)
        self.differentiated(left)
        self.keep(line, left.node, right.node)

    def vanished(self, left: Node, right: Node) -> bool:
        """Whether an equation behind a derivative is that derivative set to zero, without a word of it."""
        before = self.equation
        derived = next((t[1] for k, t in reversed(self.tracks.items()) if " / " in k), None)
        if derived is None or derived.index != len(self.steps) - 1 or not self.derivative_is_zero():
            return False
        if self.from_premises(left, fitted(left, right), "=").status == "holds":
            return True
        self.equation = before
        return False

    def begins(self, m: Member, message: str) -> None:
        self.record(m, Link("holds", message))

    def claims(self, line: Line, left: Node, right: Node) -> bool:
        """Whether the words in front say that an equation is true, rather than that it is asked for."""
        if line.given or not CLAIMS.search(line.words):
            return False
        return bool(self.touching(left, right)) and not {left.op, right.op} & {"sym", "num"}

    def universal(self, line: Line, left: Node, right: Node) -> bool:
        """Whether the words in front claim an equation for any values of its symbols."""
        used = {*underlying(left, self.scope), *underlying(right, self.scope)}
        return said_of_every(
            self.text[max(0, line.start - 200) : line.start].rstrip("$ \n\\["), used, self.scope
        )

    def goes_on(self, line: Line) -> bool:
        if self.equation is None:
            return False
        if line.lead in IMPLIES or line.follows:
            return True
        return not line.anew and not line.given

    def keep(self, line: Line, left: Node, right: Node) -> None:
        beside = any(p is self.equation for key, p in self.premises.items() if key.startswith("beside"))
        premise = self.suppose("equation", left, right)
        if beside and premise is not None:
            self.premises[f"beside {premise.source}"] = premise
        self.equation = premise or self.equation
        if premise is not None and (line.given or line.mentioned):
            self.premises[line.statement.text] = premise

    def announced(self, line: Line, left: Node, right: Node, link: Link) -> bool:
        """Whether ``When we expand the square we get`` says that an equation is true, so that it is no
        condition; one that no numbers satisfy is none either."""
        if link.status != "fails" or not (WHEN.search(line.words) or line.mentioned) or line.follows:
            return False
        names, others = (set(underlying(n, self.scope)) for n in (left, right))
        if names != others or not names or {left.op, right.op} & {"sym", "num"} or RULES.search(line.words):
            return False
        if WHEN.search(line.words) and CLAIMS.search(line.words):
            return True
        return any(bounded(left, right, sign, self.scope).status == "holds" for sign in ("<", ">"))

    def idle(self, left: Node, right: Node, following: Line) -> bool:
        """Whether nothing needs an equation of the same symbols on both sides: the line behind it is an
        identity by itself, or all that the equation can say is that something vanishes."""
        if following.lead in IMPLIES:
            return False
        if following.label or len(following.members) != 2:
            return False
        read = self.read_all(following)
        return all(m.node is not None for m in read) and self.same(read[0], read[1])

    def condition(self, line: Line, left: Member, right: Member, link: Link, following: Line | None) -> Link:
        """What becomes of an equation that does not hold at all values, and follows from nothing."""
        assert left.node is not None
        assert right.node is not None
        derived = num(0) not in (left.node, right.node) and any(
            n.op == "deriv" and n.args[0].op not in ("sym", "apply") for n in left.node.walk()
        )
        if not left.node.names() and not right.node.names():
            return link
        if self.announced(line, left.node, right.node, link):
            return link
        if link.status == "fails" and self.universal(line, left.node, right.node):
            return link
        if line.given and not (derived and link.mistake):
            return Link("holds", GIVEN)
        if derived:
            return link
        names, others = (set(underlying(m.node, m.scope)) for m in (left, right) if m.node is not None)
        plain = any(m.node is not None and m.node.op in ("sym", "T", "num") for m in (left, right))
        alike = link.status == "fails" and names == others and not plain
        said_to_be = alike and IS.search(line.words)
        if line.mentioned and not (link.mistake or said_to_be or CLAIMS.search(line.words)):
            return Link("holds", GIVEN)
        if alike and (link.mistake or said_to_be or expands(left.node, right.node)):
            return link
        in_front = self.text[max(0, line.start - 200) : line.start].rstrip("$ \n\\[").split("$$")[-1]
        wanted = WANTS.search(in_front)
        claimed = CLAIMS.search(line.words) and not wanted
        if claimed and names and others and (names <= others or others <= names):
            return link
        if following is not None and (following.lead in IMPLIES or self.solves_next(left, right, following)):
            if alike and not wanted and self.idle(left.node, right.node, following):
                return link if vanishing(left.node, right.node, self.scope) else Link("unread", UNUSED)
            return Link("holds", GIVEN)
        alone = any(
            m.node is not None
            and (m.node.op == "num" or (m.node.op == "sym" and m.node.value not in other.names()))
            for m, other in ((left, right.node), (right, left.node))
        )
        if alone or line.lead in IMPLIES or link.status == "unread":
            return Link(
                "unread", "An equation that only holds for some values; where it comes from is for a person."
            )
        return link
