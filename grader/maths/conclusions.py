"""``solve``: every equation has the same solutions for the unknown as the one before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from grader.errors import MathsFault, ShapeFault
from grader.maths.chaining import GIVEN
from grader.maths.equations import difference_of
from grader.maths.given import fitted
from grader.maths.introduced import bound, final_name
from grader.maths.lines import Line
from grader.maths.links import Link
from grader.maths.premises import Premise
from grader.maths.record import Derivation, Member, Record, unreadable
from grader.maths.scope import Scope
from grader.maths.solving import same_solutions
from grader.maths.tree import Node, sym

__all__ = ["Solving"]


_OR = re.compile(r"(?:and |, ?)?or", re.IGNORECASE)


_ORDERS = ("<", "<=", ">", ">=", "!=")
_SINCE = re.compile(r"\b(?:since|because|as|using|with|where|by|given)\b[^.$]{0,40}$", re.IGNORECASE)


class Solving(Record):
    """``unknown`` may be empty: then it is what the last line gives a value for."""

    def __init__(self, text: str, scope: Scope, unknown: str) -> None:
        super().__init__(text, scope)
        self.unknown = unknown
        self.before: Premise | None = None  # the line before
        self.values: dict[str, Node] = {}  # of symbols, said in front of an equation
        self.open = False  # a relation was said that could not be used
        self.last: tuple[Premise | None, Premise] | None = None  # what it was compared with, and it
        self.other: tuple[Premise | None, Premise] | None = None  # what this line is an alternative to

    def run(self, lines: Sequence[Line]) -> Derivation:
        counted = [line for line in lines if line.role == "claim"]
        if not self.unknown:
            labels = [final_name(line.label, self.scope) for line in counted if line.label]
            known = [n for n in labels if n in self.scope.kinds and n not in self.scope.define]
            self.unknown = known[-1] if known else ""
        for line in lines:
            if line.role == "definition" and line.beside:
                self.guarded(line, partial(self.beside, line))
        for line in lines:
            if line.role != "claim":
                self.guarded(line, partial(self.value, line))
                ordered = any(r in _ORDERS for r in line.relations)
                if (
                    line.role != "alone"
                    and not line.beside
                    and not ordered
                    and _SINCE.search(line.words)
                    and line.statement.fault is None
                ):
                    self.guarded(line, partial(self.since, line))
                continue
            if line.statement.fault is not None:
                text = " ".join(line.statement.text.split())
                link = Link("unread", f"Not read: {line.statement.fault.clause}")
                self.add(text, (line.start, line.start), link)
                continue
            self.guarded(line, partial(self.line, line))
        return self.done()

    def beside(self, line: Line) -> None:
        """``w = u - \\eta g, \\quad \\text{with } \\eta = 1 / \\lambda``."""
        read = [self.read(m, line) for m in line.members]
        name = final_name(line.label, self.scope)
        if read[-1].node is not None and name != self.unknown and " " not in name:
            self.define(name, read[-1].node)

    def value(self, line: Line) -> None:
        """``For $k = 5$``: a number for a symbol, in what follows."""
        name = final_name(line.label, self.scope) if line.label else ""
        if (
            line.role == "alone"
            or name not in self.scope.kinds
            or name in self.scope.define
            or name == self.unknown
        ):
            return
        read = self.read(line.members[-1], line)
        if read.node is not None and not read.node.names():
            self.values[name] = read.node

    def line(self, line: Line) -> None:
        if any(r in _ORDERS for r in line.relations):
            for tokens in line.members[1:]:  # divide by λ > 0
                text = "".join(t.text for t in tokens)
                self.add(
                    text, (line.start, line.start), Link("unread", "This is no equation; a person looks.")
                )
            return
        self.other = self.last if _OR.fullmatch(line.words.strip()) else None
        read = [self.read(m, line) for m in line.members]
        label = self.read(line.label_tokens, line) if line.label else None
        if label is not None and not self.relates(line, [label, *read]):
            for m in read:
                self.equation(label, m)
        elif label is not None or (len(read) > 1 and self.relates(line, read)):
            first, *others = read if label is None else [label, *read]
            for m in others:
                self.add(f"{first.text} = {m.text}", (first.place[0], m.place[1]), Link("holds", GIVEN))
        elif len(read) > 1:
            solved = read[0].node is not None and read[0].node.op == "sym"
            for k in range(1, len(read)):
                self.equation(read[0] if solved else read[k - 1], read[k])
        else:
            self.add(read[0].text, read[0].place, Link("unread", "This is no equation; a person looks."))

    def since(self, line: Line) -> None:
        """A relation that the prose gives for the next equation; one that is not put in leaves it open."""
        read = [self.read(m, line) for m in ((line.label_tokens,) if line.label else ()) + line.members]
        self.open = not self.relates(line, read)

    def relates(self, line: Line, read: Sequence[Member]) -> bool:
        """``since $w_1 = w_2$`` says how symbols are related; it is put into the equations."""
        names = [str(m.node.value) for m in read if m.node is not None and m.node.op == "sym"]
        if len(names) < len(read) or line.statement.display or any(n in self.scope.define for n in names):
            return False
        if self.before is not None and not _SINCE.search(line.words):
            return False
        kept = self.unknown if self.unknown in names else names[-1]
        for n in names:
            if n != kept:
                self.scope = bound(n, sym(kept, None, self.scope.kinds[kept].shape), self.scope)
        if self.before is not None:
            self.before = replace(self.before, scope=self.scope)
        return True

    def equation(self, left: Member, right: Member) -> None:
        place = (min(left.place[0], right.place[0]), max(left.place[1], right.place[1]))
        text = f"{left.text} = {right.text}"
        notes = (*left.notes, *right.notes)
        for m in (left, right):
            if m.node is None:
                self.add(text, place, unreadable(m), notes)
                return
        assert left.node is not None
        assert right.node is not None
        try:
            difference = difference_of(Node("eq", (left.node, fitted(left.node, right.node))))
        except ShapeFault as fault:
            self.add(text, place, Link("fails", fault.sentence, "shape", "refuted"), notes)
            return
        except MathsFault as fault:
            self.add(text, place, Link("unread", f"Not read: {fault.clause}"), notes)
            return
        here = Premise(difference, self.scope)
        if self.other is not None and difference.shape is None:  # x = 0 or x = 2
            before, first = self.other
            both = Node("mul", (first.difference, difference), "", difference.span)
            self.before, here = before, Premise(both, self.scope)
            link = self.judged(here)
            if self.steps and self.steps[-1].mistake == "lost-solution":
                self.steps[-1] = replace(
                    self.steps[-1], status=link.status, message=link.message, mistake=link.mistake
                )
        else:
            link = self.judged(here)
        if self.open and link.status == "fails":
            link = Link("unread", "What is said in front of this was not put in; a person looks.")
        self.open = False
        self.last = (self.before, here)
        self.add(text, place, link, notes)
        self.before = here

    def judged(self, here: Premise) -> Link:
        if self.before is None:
            return Link("holds", GIVEN)
        if not self.unknown:
            return Link("unread", "What is solved for is not said; give the unknown.")
        link = same_solutions(self.before, here, self.unknown, self.scope)
        if link.status == "fails" and self.values:
            before, own = self.before.scope, here.scope
            for name, node in self.values.items():
                before, own = bound(name, node, before), bound(name, node, own)
            there = replace(self.before, scope=before)
            link = same_solutions(there, replace(here, scope=own), self.unknown, own)
        return link
