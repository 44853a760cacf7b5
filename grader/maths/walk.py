"""A derivation taken as it is written: chains, conditions, and what follows from them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from functools import partial

from grader.errors import MathsFault, ShapeFault
from grader.maths.equations import difference_of
from grader.maths.given import Given, fitted
from grader.maths.hesitation import CLAIMS, TO_ZERO, Doubts, without_place
from grader.maths.introduced import final_name
from grader.maths.lines import EXPLAINS, Line, read_tree
from grader.maths.links import Before, Link, bounded, follows, rounded
from grader.maths.premises import Premise, underlying
from grader.maths.record import Derivation, Member, member, unreadable
from grader.maths.scope import Scope
from grader.maths.slips import explained
from grader.maths.solving import same_solutions
from grader.maths.tree import Node, num

__all__ = ["Walk"]

_IMPLIES = ("=>", "<=>")
_ORDERS = ("<", "<=", ">", ">=")
START = "The derivation starts here."
GIVEN = "Taken as given."


class Walk(Given):
    """``strict``: every ``A = B`` claims that both are equal; nothing is a condition."""

    def __init__(self, text: str, scope: Scope, author: Scope, *, strict: bool) -> None:
        super().__init__(text, scope)
        self.author = author  # the question's names, without the student's own
        self.strict = strict
        self.previous: Member | None = None  # the last member, read or not
        self.readable: Member | None = None  # the last one of this chain that was read
        self.tracks: dict[str, tuple[Member | None, Member | None]] = {}
        self.labelled = ""
        self.doubts = Doubts()
        self.stated_before = False  # the line before is an equation without a label

    def run(self, lines: Sequence[Line]) -> Derivation:
        for line in lines:  # "… = 2, with $\\eta = 1$" is said behind
            if line.role != "claim" and EXPLAINS.search(line.words):
                self.guarded(line, partial(self.said, line))
        for k, line in enumerate(lines):
            if line.statement.fault is not None:
                fault = line.statement.fault
                text = " ".join(line.statement.text.split())
                self.add(text, (line.start, line.start), Link("unread", f"Not read: {fault.clause}"))
                self.previous = self.readable = None
            else:
                following = lines[k + 1] if k + 1 < len(lines) else None
                self.guarded(line, partial(self.line, line, following))
        return self.done()

    def line(self, line: Line, following: Line | None) -> None:
        if line.role != "claim":
            self.said(line)
        else:
            self.claim(line, following)

    # --- what is only said --------------------------------------------------------------------------------

    def said(self, line: Line) -> None:
        """A definition or a condition in the prose."""
        read = [member(self.text, m, line, self.scope) for m in line.members]
        nodes = [m.node for m in read if m.node is not None]
        if line.label:
            if not nodes:
                return
            if nodes[-1] == num(0) and line.label not in self.scope.kinds and " / " in line.label:
                self.derivative_is_zero(line.label)
                return
            name = final_name(line.label, self.scope)
            if name in self.scope.kinds and name not in self.scope.define:
                self.suppose(f"{line.label} {nodes[-1]!r}", self.symbol(name), nodes[-1])
            elif " " not in name:
                self.contradicts(name, nodes[-1])
                self.define(name, nodes[-1])
        elif len(read) == 2 and len(nodes) == 2 and line.relations[1] == "=":
            self.suppose(line.statement.text, *nodes)

    def derivative_is_zero(self, label: str = "") -> None:
        """``Setting the derivative to zero``: the last one that was found."""
        wrt = label.rpartition(" / ")[2]
        for key, (_, last) in reversed(self.tracks.items()):
            if (" / " in key and key.rpartition(" / ")[2] in (wrt, "")) or (not label and " / " in key):
                if last is not None and last.node is not None:
                    self.source = last.index
                    self.equation = self.suppose("equation", last.node, num(0)) or self.equation
                return

    def contradicts(self, name: str, node: Node) -> None:
        """Notice a definition that is another one than the author's."""
        own = self.author.define.get(name)
        if own is None or own == node:
            return
        if follows(own, node, self.author, self.scope, name).status == "fails":
            self.notes.append(f"{name} is defined in another way here than in the question")

    # --- a line -------------------------------------------------------------------------------------------

    def claim(self, line: Line, following: Line | None) -> None:
        if TO_ZERO.search(line.words):
            self.derivative_is_zero()
        read = [member(self.text, m, line, self.scope) for m in line.members]
        symbol = final_name(line.label, self.scope) if line.label else ""
        if self.equation is not None and line.lead in _IMPLIES:
            symbol = self.optimum(symbol, underlying(self.equation.difference, self.equation.scope))
        free = symbol in self.scope.kinds and symbol not in self.scope.define
        if line.label and not free and read[0].node is not None and read[0].node == num(0):
            self.set_to_zero(line, read)
        elif line.label and free and self.concludes(line, symbol):
            self.conclusion(line, symbol, read)
        elif (not line.label and len(read) == 2 and line.relations == ("", "=") and not self.strict) or (
            not line.label and len(read) == 2 and line.relations == ("", "=") and line.lead in _IMPLIES
        ):
            self.stated(line, read, following)
        else:
            self.chain(line, read, symbol, free, following)

    def concludes(self, line: Line, symbol: str) -> bool:
        """Whether ``η = …`` solves the equation before it."""
        if self.equation is None or symbol not in underlying(self.equation.difference, self.equation.scope):
            return False
        return line.lead in _IMPLIES or line.follows or line.beside or not line.anew

    def set_to_zero(self, line: Line, read: list[Member]) -> None:
        r"""``\\nabla L = 0`` and ``\\nabla L = 0 = B``: a condition, that B vanishes."""
        assert read[0].node is not None
        tracked = self.tracks.get(line.label, (None, None))[1] or self.named(line)
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
        link = self.from_premises(left, fitted(left, first.node), "=", unknown=symbol)
        if link.status == "unread":
            link = self.same_solutions(left, first.node, symbol) or link
        link = replace(link, uses=link.uses or (self.equation.source,))
        self.record(first, link, replace(first, node=left, scope=self.scope, index=-1))
        self.suppose(line.label, left, first.node)
        if line.label not in self.scope.kinds and " " not in line.label:
            self.define(line.label, first.node)
        self.rest(line, read)

    def same_solutions(self, left: Node, right: Node, symbol: str) -> Link | None:
        assert self.equation is not None
        try:
            difference = difference_of(Node("eq", (left, fitted(left, right))))
        except MathsFault:
            return None
        return same_solutions(self.equation, Premise(difference, self.scope), symbol, self.scope)

    def stated(self, line: Line, read: list[Member], following: Line | None) -> None:
        """``A = B`` by itself: an identity, a condition, or what a condition implies."""
        left, right = read
        if left.node is None or right.node is None:
            self.chain(line, read, "", free=False)
            return
        goes_on, stated_before = self.goes_on(line), self.stated_before
        link = self.equal(left, right)
        self.stated_before = True
        if link.status == "holds" and not (goes_on and line.lead in _IMPLIES):
            self.record(left, Link("holds", START))
            self.record(right, link)
            return
        if link.mistake == "shape":
            self.record(left, Link("holds", START))
            self.record(right, link)
            return
        if goes_on:
            concluded = self.from_premises(left.node, fitted(left.node, right.node), "=")
            if concluded.status == "holds" and line.lead == "<=>":
                concluded = self.both_ways(left.node, right.node, concluded)
            if link.status == "holds" and concluded.status != "fails":
                concluded = link
            if concluded.status == "holds" or not line.given or line.lead in _IMPLIES:
                self.record(left, Link("holds", "One side of an equation."))
                self.record(right, concluded)
                self.keep(line, left.node, right.node)
                return
        elif self.premises:
            found = self.from_premises(left.node, fitted(left.node, right.node), "=", strict=True)
            claims = (stated_before and line.lead in _IMPLIES) or self.claims(line, left.node, right.node)
            if found.status == "holds" or (found.status == "fails" and claims):
                self.record(left, Link("holds", START))
                self.record(right, found)
                return
        self.record(left, Link("holds", START))
        self.record(right, self.condition(line, left, right, link, following))
        self.keep(line, left.node, right.node)

    def claims(self, line: Line, left: Node, right: Node) -> bool:
        """Whether the words in front say that an equation is true, rather than that it is asked for."""
        if line.given or not CLAIMS.search(line.words):
            return False
        return bool(self.touching(left, right)) and not {left.op, right.op} & {"sym", "num"}

    def goes_on(self, line: Line) -> bool:
        if self.equation is None:
            return False
        if line.lead in _IMPLIES or line.follows:
            return True
        return not line.anew and not line.given

    def keep(self, line: Line, left: Node, right: Node) -> None:
        self.equation = self.suppose("equation", left, right) or self.equation
        if line.given:
            self.suppose(line.statement.text, left, right)

    def condition(self, line: Line, left: Member, right: Member, link: Link, following: Line | None) -> Link:
        """What becomes of an equation that does not hold at all values, and follows from nothing."""
        assert left.node is not None
        assert right.node is not None
        if line.given:
            return Link("holds", GIVEN)
        if following is not None and (following.lead in _IMPLIES or self.solves_next(left, right, following)):
            return Link("holds", GIVEN)
        alone = any(
            m.node is not None
            and (m.node.op == "num" or (m.node.op == "sym" and m.node.value not in other.names()))
            for m, other in ((left, right.node), (right, left.node))
        )
        if not left.node.names() and not right.node.names():
            return link
        if alone or line.lead in _IMPLIES or link.status == "unread":
            return Link(
                "unread", "An equation that only holds for some values; where it comes from is for a person."
            )
        return link

    def solves_next(self, left: Member, right: Member, following: Line) -> bool:
        """Whether the next line is what this equation is solved for, or the equation rewritten."""
        if following.role != "claim":
            return False
        names = {n for m in (left, right) if m.node is not None for n in underlying(m.node, m.scope)}
        if following.label:
            return self.optimum(final_name(following.label, self.scope), names) in names
        return (following.follows or not following.words) and following.relations == ("", "=")

    def optimum(self, symbol: str, names: Container[str]) -> str:
        r"""``w^*`` is the w that an equation is solved for, where it means nothing else."""
        plain = symbol.removesuffix("_star")
        return plain if plain in names and symbol not in self.scope.kinds else symbol

    # --- a chain ------------------------------------------------------------------------------------------

    def chain(
        self, line: Line, read: list[Member], symbol: str, free: bool, following: Line | None = None
    ) -> None:
        first = read[0]
        self.stated_before = False
        if line.label:
            self.start_labelled(line, first, symbol, free=free)
        elif line.relations[0]:
            self.step(first, line.relations[0])
        else:
            self.previous = self.readable = None
            self.labelled = ""
            self.record(
                first, Link("holds", START) if first.fault is None else without_place(unreadable(first))
            )
        self.rest(line, read, following)
        if not line.label and self.labelled:
            line = replace(line, label=self.labelled)
        if line.label:
            self.tracks.pop(line.label, None)
            self.tracks[line.label] = (self.previous, self.readable)
            self.labelled = line.label
            self.bind(line.label, free=free)

    def bind(self, label: str, *, free: bool) -> None:
        """What a label stands for from here on: the value its chain ends with."""
        if self.readable is None or self.readable.node is None or " " in label:
            return
        name = final_name(label, self.scope)
        if free or (name in self.scope.kinds and name not in self.scope.define):
            self.suppose(f"{label} {self.readable.node!r}", self.symbol(name), self.readable.node)
        else:
            self.define(name, self.readable.node)

    def start_labelled(self, line: Line, first: Member, symbol: str, *, free: bool) -> None:
        """The member behind a label: it goes on from the one before under the same label, or starts."""
        tracked = self.tracks.get(line.label)
        if tracked is not None and not self.another(line, first, tracked):
            self.previous, self.readable = tracked
            self.step(first, "=")
            return
        self.previous = self.readable = None
        if first.fault is None and not free and tracked is None:
            known = self.named(line)
            if known is not None:
                self.previous = self.readable = known
                self.step(first, "=")
                return
        self.record(first, Link("holds", START) if first.fault is None else without_place(unreadable(first)))

    def another(self, line: Line, first: Member, tracked: tuple[Member | None, Member | None]) -> bool:
        """Whether the same name is given a second value, for another case, rather than rewritten."""
        if line.follows or self.strict:
            return False
        if line.anew:
            return True
        last = tracked[1]
        if last is None or last.node is None or first.node is None:
            return False
        a, b = set(underlying(last.node, last.scope)), set(underlying(first.node, first.scope))
        return bool(a - b) and bool(b - a)

    def named(self, line: Line) -> Member | None:
        """What a label is known to stand for: a definition of the question, or a derivative of one."""
        try:
            node, _ = read_tree(line.label_tokens, self.scope, infix=line.infix)
        except (MathsFault, RecursionError):
            return None
        if node.op not in ("sym", "deriv", "apply"):  # dy/dx, read as a quotient
            return None
        place = (line.label_tokens[0].start, line.label_tokens[-1].end)
        return Member(self.text[place[0] : place[1]], place, node, self.scope)

    def rest(self, line: Line, read: list[Member], following: Line | None = None) -> None:
        for k, m in enumerate(read[1:], 1):
            last = k == len(read) - 1
            if last and m.node == num(0) and line.relations[k] == "=" and self.vanishing(line, m, following):
                return
            self.step(m, line.relations[k])

    def vanishing(self, line: Line, m: Member, following: Line | None) -> bool:
        """``A = B = 0`` at the end of a chain: if B does not vanish anyway, the condition that it does."""
        before = self.readable
        if self.strict or before is None or before.node is None or self.previous is not before:
            return False
        link = self.equal(before, replace(m, node=fitted(before.node, num(0))))
        if link.status == "holds":
            return False
        wanted = line.label.startswith("d") and " / " in line.label
        wanted = wanted or line.given or (following is not None and following.lead in _IMPLIES)
        if not wanted and (following is None or not self.solves_next(before, before, following)):
            return False
        index = self.add(m.text, m.place, Link("holds", GIVEN, uses=(before.index,)), m.notes, m, before)
        self.previous = self.readable = replace(before, index=index)
        self.equation = self.suppose("equation", before.node, num(0)) or self.equation
        return True

    def step(self, m: Member, relation: str) -> None:
        """The next member of a chain."""
        before = self.readable
        if m.fault is not None:
            self.record(m, self.faulty(m))
            return
        if before is None or before.node is None:
            self.record(
                m, Link("unread", "What stands before this could not be read, so that it was not checked.")
            )
            return
        if relation in _ORDERS:
            link = self.ordered(before, m, relation)
        elif relation in ("=", ":=", "~"):
            link = self.equal(before, m, about=relation == "~")
        else:
            link = Link("unread", "This relation is not checked; a person looks.")
        if self.previous is not before and self.previous is not None:
            link = self.over_a_gap(link)
        self.record(m, link)

    def over_a_gap(self, link: Link) -> Link:
        """The link to an earlier member, because the one just before could not be read."""
        if link.status == "holds":
            return replace(link, message=f"{link.message} (The one between could not be read.)")
        if link.status == "fails" and self.steps and self.steps[-1].status == "fails":
            return Link("unread", "The member before does not fit together, so that this was not checked.")
        if link.status == "fails":
            return replace(
                link, message=f"{link.message} (Compared with the last member that could be read.)"
            )
        return link

    def equal(self, before: Member, m: Member, *, about: bool = False) -> Link:
        assert before.node is not None
        assert m.node is not None
        near = rounded(before.node, m.node, m.shown, m.scope, about=about)
        if near is not None:
            return near
        link = follows(before.node, m.node, before.scope, m.scope, before.text)
        if link.status == "holds":
            return link
        doubt = self.doubts.about(before, m)
        if doubt:
            return Link("unread", doubt)
        if link.mistake == "shape":
            return link
        if self.premises:
            found = self.from_premises(before.node, fitted(before.node, m.node), "=", strict=True)
            if found.status == "holds":
                return found
            if found.status == "unread" and link.status == "fails":
                return link if not self.touching(before.node, m.node) else found
        if link.status == "fails" and self.names_it(before.node, m.node):
            return Link("unread", "This only gives what stands before it a name; a person looks.")
        return link

    def names_it(self, before: Node, node: Node) -> bool:
        """Whether a symbol by itself stands at the end of a chain that does not speak of it."""
        return node.op == "sym" and node.value not in self.scope.define and node.value not in before.names()

    def ordered(self, before: Member, m: Member, relation: str) -> Link:
        assert before.node is not None
        assert m.node is not None
        link = bounded(before.node, m.node, relation, m.scope)
        if link.status == "fails" and self.premises and self.touching(before.node, m.node):
            return self.from_premises(before.node, m.node, relation, strict=True)
        return link

    def faulty(self, m: Member) -> Link:
        """A member with a fault, with the slip that would explain it."""
        link = unreadable(m)
        before = self.readable
        if not isinstance(m.fault, ShapeFault) or before is None or before.node is None:
            return without_place(link)
        return explained(link, m.fault, Before(before.node, before.scope, before.text))

    def record(self, m: Member, link: Link, before: Member | None = None) -> None:
        index = self.add(m.text, m.place, link, m.notes, m, before or self.readable)
        m = replace(m, index=index)
        self.previous = m
        if m.node is not None:
            self.readable = m
