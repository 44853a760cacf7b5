r"""A chain: every member follows from the one before, over all the lines that go on from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from grader.errors import ShapeFault
from grader.maths.alphabet import Token
from grader.maths.appeal import appealed, said_in_words, with_values
from grader.maths.chains import ORDERS
from grader.maths.derivatives import Derivatives
from grader.maths.given import UNTRIED, fitted
from grader.maths.hesitation import CLAIMS, LATER, Doubts, without_place
from grader.maths.introduced import final_name
from grader.maths.lines import Line
from grader.maths.links import ROUNDED, Before, Link, bounded, follows, rounded
from grader.maths.occasions import another_case
from grader.maths.plusminus import TWO, in_any_reading, of_two, one_sign, two_signs
from grader.maths.record import Member, unreadable
from grader.maths.restricted import bounds_between
from grader.maths.scope import Scope, underlying
from grader.maths.slips import explained
from grader.maths.tree import Node, num

__all__ = ["GIVEN", "IMPLIES", "START", "Chaining"]

IMPLIES = ("=>", "<=>")
START = "The derivation starts here."
GIVEN = "Taken as given."


class Chaining(Derivatives):
    """``strict``: every ``A = B`` claims that both are equal; nothing is a condition."""

    def __init__(self, text: str, scope: Scope, author: Scope, *, strict: bool) -> None:
        super().__init__(text, scope)
        self.author = author  # the question's names, without the student's own
        self.strict = strict
        self.previous: Member | None = None  # the last member, read or not
        self.labelled = ""
        self.labels: dict[str, int] = {}  # where each label was given its value
        self.restricted = False  # an inequality was said to be a condition
        self.doubts = Doubts()
        self.numeric: list[Member] = []  # the numbers of this chain, as far as it is numbers
        self.stated_before = False  # the line before is an equation without a label
        self.always: frozenset[str] = frozenset()  # the names of the identity before, if it is one
        self.identical = True  # what was compared last is equal whatever is given
        self.first_step = 0  # of this chain
        self.seen: list[frozenset[str]] = []  # the names in every member
        self.elsewhere = False  # what was set to zero is not in this text
        self.spoken: Member | None = None  # what a sentence named last, without an equation
        self.adjoints = False  # what a bar over a name means was seen
        self.goes_on_from = False  # what is said follows from it
        self.opens = False  # what is said next follows from this
        self.skipped = "="  # the relation in front of members that could not be read
        self.relation = "="  # before the member that is judged
        self.said_in_words = said_in_words(text, scope)
        self.told: list[tuple[str, tuple[str, ...], int]] = []  # names that stand for several from a place on
        self.apposed = False  # an equation says in a formula what words conclude

    def read(self, tokens: Sequence[Token], line: Line) -> Member:
        if not two_signs(tokens):
            found = super().read(tokens, line)
            return found if found.fault is None else self.derivative_above(tokens, found)
        upper, lower = (super(Chaining, self).read(one_sign(tokens, s), line) for s in (True, False))
        if upper.node is None or lower.node is None:
            return super().read(tokens, line)
        return replace(upper, other=lower.node)

    def bounded_by(self, nodes: Sequence[Node], relations: Sequence[str]) -> None:
        """Inequalities of scalars hold from here on."""
        if len(nodes) == len(relations) + 1 and all(r in ORDERS for r in relations):
            known = self.said_in_words.bounds
            found = [b for b in bounds_between(nodes, relations) if b not in known]
            self.said_in_words = replace(self.said_in_words, bounds=(*known, *found))

    def chain(
        self, line: Line, read: list[Member], symbol: str, free: bool, following: Line | None = None
    ) -> None:
        first = read[0]
        if len(read) > 1 and line.given and not line.label and all(r in ORDERS for r in line.relations[1:]):
            self.restricted = True
            self.record(first, Link("holds", START) if first.fault is None else unreadable(first))
            for m in read[1:]:
                self.record(m, Link("holds", GIVEN) if m.fault is None else unreadable(m))
            self.bounded_by([m.node for m in read if m.node is not None], line.relations[1:])
            return
        claimed = line.lead in IMPLIES or line.follows or bool(CLAIMS.search(line.words))
        self.goes_on_from = len(read) == 2 and not line.label and claimed
        self.opens = following is not None and following.lead in IMPLIES and not self.goes_on_from
        self.stated_before = False
        self.identical, self.first_step = True, len(self.steps)
        if line.label:
            self.start_labelled(line, first, symbol, free=free)
        elif line.relations[0]:
            self.step(first, line.relations[0])
        else:
            self.previous = self.readable = None
            self.labelled = ""
            self.numeric = []
            self.record(
                first, Link("holds", START) if first.fault is None else without_place(unreadable(first))
            )
        self.rest(line, read, following)
        self.established(line, read, following)
        left, right = read[0].node, read[-1].node
        single = len(read) == 2 and not line.label and line.relations[1] in ORDERS
        if single and left is not None and right is not None and self.steps[-1].status != "fails":
            self.inequality = (left, right, line.relations[1])
        elif not single:
            self.inequality = None
        if not line.label:
            self.differentiated(first)
        if not line.label and self.labelled:
            line = replace(line, label=self.labelled)
        if line.label:
            self.tracks.pop(line.label, None)
            self.tracks[line.label] = (self.previous, self.readable)
            self.labelled = line.label
            if line.label_tokens:
                self.labels[line.label] = line.label_tokens[0].start
            self.bind(line.label, free=free)
            if self.readable is not None and self.readable.node is not None:
                self.stated_gradient(line, self.readable.node)

    def differentiated(self, first: Member) -> None:
        """Remember what a chain that begins with a derivative ends with."""
        if first.node is not None and first.node.op == "deriv":
            self.tracks[f"d : / {first.node.value[0]}"] = (self.previous, self.readable)

    def established(self, line: Line, read: list[Member], following: Line | None) -> None:
        """What a chain shows that is no identity is known from there on, and may be what a next line follows
        from."""
        first, last = read[0], read[-1]
        if line.label or self.identical or first.node is None or last.node is None or len(read) < 2:
            return
        if any(m.other is not None for m in read):
            return
        if any(r != "=" for r in line.relations[1:]) or any(s.status == "fails" for s in self.steps):
            return
        premise = self.suppose(line.statement.text, first.node, last.node, shown=True)
        if following is not None and following.lead in IMPLIES:
            self.equation = premise or self.equation

    def is_used(self, name: str, before: int | None = None) -> bool:
        """Whether a declared symbol stands in a member (before some step), or in what is given."""
        if any(name in names for names in self.seen[:before]):
            return True
        return any(name in underlying(p.difference, p.scope) for p in self.premises.values())

    def bind(self, label: str, *, free: bool) -> None:
        """What a label stands for from here on: the value its chain ends with."""
        if self.readable is None or self.readable.node is None or " " in label:
            return
        if self.readable.other is not None:
            return
        name = final_name(label, self.scope)
        declared = name in self.scope.kinds and name not in self.scope.define
        value = fitted(self.symbol(name), self.readable.node) if declared else self.readable.node
        if (free or declared) and self.is_used(name, self.first_step):
            self.suppose(f"{label} {value!r}", self.symbol(name), value)
        else:
            self.define(name, value)

    def start_labelled(self, line: Line, first: Member, symbol: str, *, free: bool) -> None:
        """The member behind a label: it goes on from the one before under the same label, or starts."""
        tracked = self.tracks.get(line.label)
        if tracked is not None and not self.another(line, first, tracked):
            self.previous, self.readable = tracked
            self.step(first, "=")
            return
        if tracked is not None and self.again_under_told(line, first, tracked[1]):
            return
        self.previous = self.readable = None
        self.numeric = []
        if tracked is not None:
            self.forget(line.label)
        if first.fault is None and not free and tracked is None:
            known = self.named(line, first.node.shape if first.node is not None else None)
            if known is None and self.is_adjoint(line, first):
                return
            if known is not None and not self.updated(line, first, known):
                self.previous = self.readable = known
                self.step(first, "=")
                return
        link = Link("holds", START) if first.fault is None else without_place(unreadable(first))
        if (
            free
            and first.node is not None
            and first.other is None
            and (line.follows or CLAIMS.search(line.words))
        ):
            link = self.determined(symbol, first.node) or link
        self.record(first, link)

    def again_under_told(self, line: Line, first: Member, last: Member | None) -> bool:
        """``If all $g_t = g$: m_3 = …``, where m_3 was given a value for any of them."""
        told = any(key.startswith("told: ") and p.named for key, p in self.premises.items())
        if not told or last is None or last.node is None or first.node is None:
            return False
        link = self.from_premises(last.node, fitted(last.node, first.node), "=", strict=True)
        if link.status != "holds":
            link = Link("unread", f"This is not what {line.label} was said to be before; a person looks.")
        self.record(first, link, last)
        return True

    def updated(self, line: Line, first: Member, known: Member) -> bool:
        """``r = 5 + 1`` after ``r = 5``: a new value that is made of the old one, or a later one."""
        if first.node is None or known.node is None or first.node.names() or self.strict:
            return False
        old = self.scope.define.get(str(known.node.value)) if known.node.op == "sym" else known.node
        if old is None or old.op != "num" or first.node.op == "num" or line.statement.display:
            return False
        return bool(LATER.search(line.words)) or any(n == old for n in first.node.walk())

    def is_adjoint(self, line: Line, first: Member) -> bool:
        """A member behind ``\\bar z =``, held against a derivative; what such a name means is taken as known
        once one of them is right."""
        node = self.adjoint(line.label)
        if node is None or not line.label_tokens or first.node is None:
            return False
        place = (line.label_tokens[0].start, line.label_tokens[-1].end)
        known = Member(self.text[place[0] : place[1]], place, node, self.scope)
        link = self.equal(known, first)
        if link.status != "holds" and not self.adjoints:
            return False
        self.adjoints = self.adjoints or link.status == "holds"
        self.record(first, link, known)
        return True

    def determined(self, symbol: str, value: Node) -> Link | None:
        """Whether a symbol that an equation before names has this value; None where that is open."""
        if not any(symbol in p.alone for p in self.premises.values()):
            return None
        left = self.symbol(symbol)
        found = self.from_premises(left, fitted(left, value), "=", strict=True)
        known = {n for p in self.premises.values() for n in underlying(p.difference, p.scope)}
        if found.status == "holds" or (
            found.status == "fails" and known.issuperset(underlying(value, self.scope))
        ):
            return found
        return None

    def another(self, line: Line, first: Member, tracked: tuple[Member | None, Member | None]) -> bool:
        """Whether the same name is given a second value, for another case, rather than rewritten."""
        if self.strict:
            return False
        last = tracked[1]
        at = self.labels.get(line.label)
        if at is not None and (tracked[0] or last) is not None:
            end = max(m.place[1] for m in tracked if m is not None)
            nodes = [m.node for m in (last, first) if m is not None and m.node is not None]
            label = line.label_tokens[0].start if line.label_tokens else line.start
            if another_case(self.text, at, end, label, numbers=not any(n.names() for n in nodes)):
                return True
        if line.follows:
            return False
        if line.anew or last is None or last.node is None or first.node is None:
            return line.anew
        if CLAIMS.search(line.words) and line.statement.display:
            return False
        a, b = set(underlying(last.node, last.scope)), set(underlying(first.node, first.scope))
        return bool(a - b) and bool(b - a)

    def rest(self, line: Line, read: list[Member], following: Line | None = None) -> None:
        for k, m in enumerate(read[1:], 1):
            if line.relations[k] == "=" and self.demanded(m):
                continue
            last = k == len(read) - 1
            if last and m.node == num(0) and line.relations[k] == "=" and self.vanishing(line, m, following):
                return
            self.step(m, line.relations[k])

    def demanded(self, m: Member) -> bool:
        r"""``A \stackrel{!}{=} B``: a condition that is set up."""
        before = self.readable
        if before is None or before.node is None or m.node is None or self.previous is not before:
            return False
        if "!}" not in self.text[before.place[1] : m.place[0]]:
            return False
        index = self.add(m.text, m.place, Link("holds", GIVEN, uses=(before.index,)), m.notes, m, before)
        self.equation = self.suppose("equation", before.node, fitted(before.node, m.node)) or self.equation
        self.previous = self.readable = replace(m, index=index)
        return True

    def vanishing(self, line: Line, m: Member, following: Line | None) -> bool:
        """``A = B = 0`` at the end of a chain: if B does not vanish anyway, the condition that it does."""
        before = self.readable
        if self.strict or before is None or before.node is None or self.previous is not before:
            return False
        link = self.equal(before, replace(m, node=fitted(before.node, num(0))))
        if link.status == "holds":
            return False
        wanted = line.label.startswith("d") and " / " in line.label
        wanted = wanted or line.given or (following is not None and following.lead in IMPLIES)
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
            if relation != "=":
                self.skipped = relation if self.skipped in ("=", relation) else "?"
            self.record(m, self.faulty(m))
            return
        if self.previous is before or before is None:
            self.skipped = "="
        elif self.skipped != "=":  # A ≤ (unread) = C says that A ≤ C
            relation = self.skipped if relation in ("=", self.skipped) else "?"
        if before is None or before.node is None:
            self.record(
                m, Link("unread", "What stands before this could not be read, so that it was not checked.")
            )
            return
        self.relation = relation if relation in ORDERS else "="
        if relation in ORDERS:
            link = self.ordered(before, m, relation)
        elif relation in ("=", ":=", "~"):
            link = self.equal(before, m, about=relation == "~")
        else:
            link = Link("unread", "This relation is not checked; a person looks.")
        if self.previous is not before and self.previous is not None:
            link = self.over_a_gap(link)
        self.record(m, link)
        if link.status != "unread":
            self.skipped = "="

    def equal(self, before: Member, m: Member, *, about: bool = False) -> Link:
        if before.other is not None or m.other is not None:
            return of_two(before, m, partial(self.equal, about=about))
        return in_any_reading(before, m, partial(self.equal_as_read, about=about))

    def equal_as_read(self, before: Member, m: Member, *, about: bool = False) -> Link:
        assert before.node is not None
        assert m.node is not None
        near = rounded(before.node, m.node, m.shown, m.scope, about=about, known=before.shown)
        if near is not None:
            return near
        link = follows(before.node, m.node, before.scope, m.scope, before.text)
        if link.status == "holds":
            return link
        if link.status == "fails" and not m.node.names():
            for earlier in self.numeric:  # 0.667 · 2 = 1.333, after 2/3 · 2
                assert earlier.node is not None
                near = rounded(earlier.node, m.node, m.shown, m.scope, about=about, known=earlier.shown)
                if near is not None and near.status == "holds":
                    return near
                if self.steps[-1].message.startswith(ROUNDED):  # 1/3 · 3 = 0.333 · 3 = 1
                    exact = follows(earlier.node, m.node, earlier.scope, m.scope, earlier.text)
                    if exact.status == "holds":
                        return exact
        if link.mistake == "shape" and before.node.op == "deriv" and before.node.shape is not None:
            rows, columns = before.node.shape
            turned = Node("T", (before.node,), None, None, (columns, rows))
            row = follows(turned, m.node, before.scope, m.scope, before.text + "^T")
            if row.status == "holds":
                return Link("unread", "The other layout, rows for columns, may be meant; a person looks.")
        doubt = self.doubts.about(before, m)
        if doubt:
            known = with_values(before, m, self.scope, list(self.premises.values()))
            return known or Link("unread", doubt)
        if link.mistake == "shape":
            return link
        if self.premises:
            found = self.from_premises(before.node, fitted(before.node, m.node), "=", strict=True)
            if found.status == "holds":
                self.identical = False
                return found
            if found.status == link.status == "fails" and not link.mistake:
                return found  # its counterexample satisfies what is given
            if found.status == "unread" and link.status == "fails":
                return link if not self.touching(before.node, m.node) else found
        if link.status == "fails" and self.names_it(before.node, m.node):
            return Link("unread", "This only gives what stands before it a name; a person looks.")
        return link

    def ordered(self, before: Member, m: Member, relation: str) -> Link:
        assert before.node is not None
        assert m.node is not None
        if before.other is not None or m.other is not None:
            return Link("unread", TWO)
        link = bounded(before.node, m.node, relation, m.scope)
        if link.status == "fails" and self.inequality is not None and self.goes_on_from:
            found = self.from_inequality(before.node, m.node, relation)
            if found.status != "unread":
                return found
        if link.status == "fails" and self.opens and not self.strict:
            return Link("holds", GIVEN)
        if link.status == "fails" and self.restricted and not self.said_in_words.bounds:
            return Link("unread", "This follows from a condition that is an inequality; a person looks.")
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
        before = before or self.readable
        single = m.other is None and (before is None or before.other is None)
        if (link.status == "fails" or link.message == UNTRIED) and before is not None and single:
            premises = list(dict.fromkeys(self.premises.values()))
            link = appealed(link, before, m, self.relation, self.scope, premises, self.said_in_words)
        if link.status == "fails" and self.apposed and link.mistake != "shape":
            link = Link("unread", "This says in a formula what the words conclude; a person looks.")
        if link.status == "fails" and self.undeclared:
            link = self.of_undeclared(link, before, m)
        index = self.add(m.text, m.place, link, m.notes, m, before)
        m = replace(m, index=index)
        self.previous = m
        self.seen += [frozenset()] * (index - len(self.seen))
        self.seen.append(frozenset(underlying(m.node, m.scope) if m.node is not None else ()))
        if m.node is not None:
            self.readable = m
            self.numeric = [] if m.node.names() or m.node.shape is not None else [*self.numeric, m][-8:]

    def solves_next(self, left: Member, right: Member, following: Line) -> bool:
        """Whether the next line is what this equation is solved for, or the equation rewritten."""
        if following.role != "claim":
            return False
        names = {n for m in (left, right) if m.node is not None for n in underlying(m.node, m.scope)}
        if following.label:
            return self.optimum(final_name(following.label, self.scope), names) in names
        return (following.follows or not following.words) and following.relations == ("", "=")
