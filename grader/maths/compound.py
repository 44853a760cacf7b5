"""Which lines are one statement, ``$x = y$ or $x = -y$``, and what it says of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.maths.chaining import IMPLIES
from grader.maths.chains import ORDERS
from grader.maths.connectives import AND, OR
from grader.maths.formulas import Atom, Formula, names_of
from grader.maths.hesitation import CLAIMS
from grader.maths.introduced import final_name
from grader.maths.lines import Line
from grader.maths.record import Member
from grader.maths.sets import members_of_set
from grader.maths.walk import Walk

__all__ = ["Compound"]

_MEANS = re.compile(
    r"(?:\b(?:means?|that is|equivalently|amounts to|imply|implies)|\bi\.? ?e\.?)[\s,:]*$", re.IGNORECASE
)
_SORTS = ("scalar", "vector", "matrix")


class Compound(Walk):
    """``groups``: the lines of which each is the first; ``after``: the line behind them."""

    groups: dict[int, list[tuple[Line, str]]]
    after: dict[int, Line | None]

    def group(self, lines: Sequence[Line]) -> None:
        self.groups, self.after = {}, {}
        for k, line in enumerate(lines):
            group = [(line, "")]
            for other in lines[k + 1 :]:
                how = self.joined(group[-1][0], other)
                if not how:
                    break
                group.append((other, how))
            behind = lines[k + len(group)] if k + len(group) < len(lines) else None
            opens = behind is not None and behind.role == "claim" and behind.lead in IMPLIES and not line.lead
            self.groups[id(line)] = _settled(group, opens=opens)
            last = k + len(self.groups[id(line)])
            self.after[id(line)] = lines[last] if last < len(lines) else None

    def joined(self, a: Line, b: Line) -> str:
        """How a line is joined to the one before it: or, and, a comma; empty if it is not."""
        if b.role != "claim" or b.lead or a.role != "claim" or b.statement.fault is not None:
            return ""
        ends = [m[-1].end for m in a.members if m]
        between = self.text[ends[-1] : b.start] if ends else "."
        between = re.sub(r"\\[;,:! ]", " ", between)
        if re.search(r"[.;](?:\s|$)|\\\\|\n\s*\n", between.replace("$", "").rstrip()) or "$$" in between:
            return ""
        if OR.fullmatch(b.words) or (not b.words and a.statement.after.strip() == "or"):
            alike = a.label == b.label and (bool(a.label) or a.relations[1:] != ("=",))
            again = a.given and not alike and not self.goes_on_in(a)  # "if A = B, or x = C" says it again
            return "" if again else "or"
        if AND.fullmatch(b.words) or (not b.words and a.statement.after.strip() == "and"):
            return "and"
        return "," if re.fullmatch(r"[\s,;]*", b.words) and (b.beside or "," in between) else ""

    def read_formula(self, group: Sequence[tuple[Line, str]]) -> tuple[Formula, list[list[Member]]] | None:
        """The lines as one statement about numbers, and their members; None if they are none."""
        branches: list[list[tuple[Atom, ...]]] = []
        read: list[list[Member]] = []
        place = 0
        for line, how in group:
            members = self.read_all(line) if line.relations != ("in",) else []
            found = self.alternatives(line, members, place)
            if found is None:
                return None
            if line.relations == ("in",):
                m = line.members[0]
                text = self.text[m[0].start : m[-1].end]
                members = [Member(text, (m[0].start, m[-1].end), None, self.scope)]
            if how == "and" and len(found) == 1:
                branches[-1] = [(*b, *found[0]) for b in branches[-1]]
            elif how == "and" or (how == "," and not found):
                return None
            else:
                branches.append(found)
            read.append(members)
            place += len(members)
        formula = Formula(tuple(b for some in branches for b in some), self.scope, len(self.steps) - 1)
        kinds = self.scope.kinds
        names = names_of([formula])
        if not names or any(n not in kinds or kinds[n].sort not in _SORTS for n in names):
            return None
        return formula, read

    def alternatives(self, line: Line, read: Sequence[Member], place: int) -> list[tuple[Atom, ...]] | None:
        """What a line says, once for each of the values of ±."""
        if line.relations == ("in",):
            symbol = self.symbol(final_name(line.label, self.scope))
            return members_of_set(symbol, line.members[0], self.scope, place)
        if any(m.node is None or m.node.shape is not None for m in read):
            return None
        relations = line.relations[1:]
        nodes = [m.node for m in read]
        others = [m.other or m.node for m in read]
        places = list(range(place, place + len(nodes)))
        if line.label:
            name = final_name(line.label, self.scope)
            if name not in self.scope.kinds or self.scope.kinds[name].shape is not None:
                return None
            nodes, others = [self.symbol(name), *nodes], [self.symbol(name), *others]
            relations, places = line.relations, [place, *places]
        if others != nodes and len(read) + bool(line.label) > 2:
            return None
        if len(nodes) < 2 or any(r not in (*ORDERS, "=") for r in relations):
            return None
        out = []
        for values in (nodes, others) if others != nodes else (nodes,):
            pairs = zip(values, values[1:], relations, places[1:], strict=False)
            out.append(tuple(Atom(a, b, r, p) for a, b, r, p in pairs if a is not None and b is not None))
        return out

    def goes_on_in(self, line: Line | None) -> bool:
        """Whether words or an arrow say that a line follows from the one before."""
        if line is None or line.role != "claim":
            return False
        return line.lead in IMPLIES or bool(CLAIMS.search(line.words) or _MEANS.search(line.words))

    def is_row(self, line: Line | None, before: Formula) -> bool:
        """Whether bounds are rewritten row by row: ``-1 < 1 - x < 1`` above ``-2 < -x < 0``."""
        if line is None or not line.follows or line.words or line.lead or line.role != "claim":
            return False
        found = self.read_formula(self.groups[id(line)])
        sizes = {len(f.atoms) for f in (before, *(found or ())[:1]) if isinstance(f, Formula)}
        return (
            found is not None and sizes in ({1}, {2}) and set(names_of([before])) == set(names_of([found[0]]))
        )


def _settled(group: list[tuple[Line, str]], *, opens: bool) -> list[tuple[Line, str]]:
    """The lines that are one statement, as far as they are, with commas as what they mean; ``opens``:
    something follows from it."""
    words = {how for _, how in group if how}
    first = group[0][0]
    orders = [any(r in ORDERS for r in line.relations) for line, _ in group]
    same = bool(first.label) and all(line.label == first.label for line, _ in group)
    if "or" in words:
        return [(line, "or" if how == "," else how) for line, how in group]
    if same and len(group) > 1:
        return [(line, "or" if how else how) for line, how in group]
    joint = "and" in words and first.lead in IMPLIES
    if (all(orders) and not (first.lead and words == {","})) or (any(orders) and opens) or joint:
        return [(line, "and" if how else how) for line, how in group]
    return group[:1]
