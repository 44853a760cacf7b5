"""Steps with inequalities and alternatives: ``A ⟺ B``, ``so x = y or x = -y``, ``a ≤ b ⟹ ac ≤ bc``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from grader.errors import MathsFault
from grader.maths.chaining import GIVEN, IMPLIES, START
from grader.maths.chains import ORDERS
from grader.maths.compound import Compound
from grader.maths.formulas import Atom, Formula, names_of
from grader.maths.given import fitted
from grader.maths.hesitation import CLAIMS, TO_ZERO, expands
from grader.maths.introduced import final_name
from grader.maths.lines import Line
from grader.maths.links import Link, bounded
from grader.maths.logic import Finding, alternatives_solve, follows_from, loses_a_case
from grader.maths.premises import Premise
from grader.maths.record import Derivation, Member
from grader.maths.tree import Node, num
from grader.maths.walk import JOINED

__all__ = ["Logical"]

SIDE = "One side of it."
CHOSEN = "This is one of several solutions; why it is this one is for a person."
WORDS = "It does not follow at every point; words of the text may exclude these. A person looks."
UNTRIED = "Whether these alternatives follow could not be tried; a person looks."
_FROM = re.compile(r"\b(?:from|if|when|whenever|assume|suppose|since|as|because)[\s,:]*$", re.IGNORECASE)
_PICKS = re.compile(
    r"\b(?:positive|negative|non-?negative|roots?|larger|smaller|largest|smallest|tak\w+|choos\w+|pick\w*"
    r"|reject\w*|discard\w*|feasible|minim\w+|maxim\w+|admissible|valid|exclud\w+|ignor\w+)\b",
    re.IGNORECASE,
)
_CASES = re.compile(
    r"\b(?:since|because|one|solutions?|e\.g\.|example|cases?|other|also|unique|only|respectively|or|non-?zero"
    r"|not zero)\b|[≠>≥∨]|\\(?:neq?|lor|vee)\b",
    re.IGNORECASE,
)
_PERIODIC = re.compile(r"\\(?:sin|cos|tan)\b|\b(?:sin|cos|tan)\(")
_SIGNED = re.compile(
    r"\b(?:positive|negative|non-?negative|non-?zero|strictly|definite|sign)\b|≠|!=|\\neq?\b", re.IGNORECASE
)


class Logical(Compound):
    """A walk that also judges what follows from inequalities and by cases."""

    taken: set[int]
    formula: Formula | None
    earlier: list[Formula]
    conditions: list[Formula]
    unknown_condition: bool
    pending: tuple[Formula, Formula] | None  # equations, the first of which is before the second
    picks: bool  # words choose one of several solutions

    def run(self, lines: Sequence[Line]) -> Derivation:
        self.taken = set()
        self.group(lines)
        self.formula, self.earlier, self.conditions = None, [], []
        self.unknown_condition, self.pending, self.picks = False, None, False
        for line in lines:
            if line.role not in ("claim", "alone") and any(r in ORDERS for r in line.relations):
                found = self.read_formula([(line, "")])
                if found is None:
                    self.unknown_condition = True
                else:
                    self.conditions.append(found[0])
        return super().run(lines)

    # --- a line -------------------------------------------------------------------------------------------

    def line(self, line: Line, following: Line | None) -> None:
        if id(line) in self.taken:
            return
        if line.role != "claim" or self.strict:
            super().line(line, following)
            if line.role == "aside" and not line.beside:
                self.noted(line)
            elif line.role == "definition" and self.formula and line.label in names_of([self.formula]):
                self.formula, self.earlier = None, []  # for x = 1
            return
        steps = len(self.steps)
        try:
            done = self.proposed(line)
        except (MathsFault, RecursionError):
            done = len(self.steps) > steps
        if done:
            self.taken.update(id(x) for x, _ in self.groups[id(line)])
            return
        self.under = line.label
        ends = [m[-1].end for m in line.members if m] or [line.start]
        around = self.text[max(0, line.start - 120) : line.start] + self.text[ends[-1] : ends[-1] + 80]
        self.picks = bool(_PICKS.search(around))
        super().line(replace(line, given=line.given or bool(self.opens_with(line))), following)
        self.pending = None
        self.noted(line)

    def opens_with(self, line: Line) -> bool:
        """``From $A = B$``: a condition, if something goes on from it; so is what is solved next."""
        after = self.after[id(line)]
        if after is None or after.role != "claim":
            return False
        if _FROM.search(line.words):
            return True
        if (
            line.label
            or self.formula is not None
            or CLAIMS.search(line.words)
            or line.lead
            or not after.label
        ):
            return False
        found = self.read_formula([(line, "")])
        goes_on = after.lead in IMPLIES or bool(CLAIMS.search(after.words))
        if found is None or not found[0].plain or not goes_on:
            return False
        atom = found[0].atoms[0]
        return final_name(after.label, self.scope) in names_of([found[0]]) and not expands(
            atom.left, atom.right
        )

    def noted(self, line: Line) -> None:
        """What a line that was judged otherwise says, for the next."""
        last = self.steps[-1] if self.steps else None
        if line.role == "claim" and last is not None and last.message.startswith("Equal to"):
            return
        unnamed = line
        if line.label and line.relations[-1] in ORDERS:  # f'(x) = 2x - 4 > 0
            unnamed = replace(line, label="", label_tokens=(), relations=("", *line.relations[1:]))
        found = self.read_formula([(unnamed, "")]) if line.relations != ("in",) else None
        if found is None or any(m.other is not None for m in found[1][0]):
            self.formula, self.earlier = None, []
            return
        goes_on = line.lead in IMPLIES or bool(CLAIMS.search(line.words))
        goes_on = goes_on or (self.conditional and JOINED.fullmatch(line.words) is not None)
        failed = last is not None and last.status == "fails"
        kept = [self.formula] if self.formula is not None and goes_on and not failed else []
        self.earlier = [*self.earlier, *kept] if goes_on and not failed else []
        self.formula = found[0]

    def proposed(self, line: Line) -> bool:
        """Judge a line, with those that are joined to it, if inequalities or alternatives are involved."""
        group = self.groups[id(line)]
        found = self.read_formula(group)
        if found is None:
            if line.relations == ("in",):
                self.add(line.statement.text, (line.start, line.start), Link("unread", UNTRIED))
                return True
            return False
        formula, read = found
        several, after = len(formula.branches) > 1, self.after[id(line)]
        premise = self.before(line, several=several)
        claims = self.goes_on_in(line) or (premise is not None and self.is_row(line, premise))
        if premise is None or not (claims or several):
            return self.first(line, formula, read, after)
        joint = len(group) > 1 and not several and not formula.ordered
        logical = several or joint or formula.ordered or premise.ordered or len(premise.branches) > 1
        if not logical:
            self.pending = (premise, formula)
            return self.of_equations(line, premise, formula, read)
        equal = any(a.sign == "=" for a in (*premise.atoms, *formula.atoms))
        if equal and not several and not self.scalars(premise, formula):
            return False  # such points are too special
        finding = self.judged(line, premise, formula)
        if finding.status and not self.scalars(premise, formula) and (several or finding.status == "fails"):
            finding = Finding()
        if joint and finding.status == "fails" and len(self.steps) > 2:  # other equations may be given
            finding = replace(finding, status="unread", message=UNTRIED, mistake=None)
        if not finding.status and not several and line.relations != ("in",):
            return False
        self.told_of(group, formula, read, premise, finding)
        return True

    def before(self, line: Line, *, several: bool) -> Formula | None:
        """What a line goes on from: the statement before it; for several cases also a derivative that is set
        to zero."""
        if several and TO_ZERO.search(line.words) and (self.derivative_is_zero() or self.spoken_is_zero()):
            self.formula = None
        if self.formula is not None or not several or self.equation is None or line.anew:
            return self.formula
        p = self.equation
        if p.difference.shape is not None or any(
            p.scope.kinds[n].shape is not None for n in p.difference.names()
        ):
            return None
        return Formula(((Atom(p.difference, num(0), "="),),), p.scope, p.source)

    def first(self, line: Line, formula: Formula, read: list[list[Member]], after: Line | None) -> bool:
        """What nothing goes before: a condition, if something follows from it."""
        group = self.groups[id(line)]
        goes_on = self.goes_on_in(after) or self.is_row(after, formula)
        alone = len(group) == 1 and after is not None and bool(after.lead)
        if len(formula.branches) > 1:
            finding = Finding("given" if goes_on or line.given else "")
        elif not formula.ordered or not goes_on or alone or self.always_true(formula):
            return False
        else:
            finding = Finding("given")
        self.earlier = []
        self.told_of(group, formula, read, None, finding)
        return True

    def scalars(self, *formulas: Formula) -> bool:
        return all(self.scope.kinds[n].shape is None for n in names_of(formulas))

    def always_true(self, formula: Formula) -> bool:
        orders = [a for a in formula.atoms if a.sign != "="]
        return all(bounded(a.left, a.right, a.sign, self.scope).status == "holds" for a in orders)

    def of_equations(self, line: Line, premise: Formula, formula: Formula, read: list[list[Member]]) -> bool:
        """``so x = y`` behind ``(x − y)(x + y) = 0``: one of several cases."""
        if not line.label or not premise.plain or _PERIODIC.search(self.text):
            return False
        if not self.scalars(premise, formula):
            return False
        own = set(names_of([premise, formula]))
        if any(own.intersection(names_of([f])) for f in self.conditions):
            finding = self.judged(line, premise, formula)
            if finding.status:
                self.told_of(self.groups[id(line)], formula, read, premise, finding)
            return bool(finding.status)
        end = read[-1][-1].place[1]
        around = (
            f"{line.words} {self.text[max(0, line.start - 120) : line.start]} {self.text[end : end + 80]}"
        )
        picks = bool(_PICKS.search(around))
        if not picks and (line.lead == "<=>" or _CASES.search(around) or self.said_in_words.assumed):
            return False
        finding = loses_a_case(premise, formula, final_name(line.label, self.scope), self.scope)
        finding = self.unless_words(finding, premise, formula)
        if not finding.status or self.given_beside(premise, formula):
            return False
        if self.earlier and follows_from(premise, formula, self.scope, beside=self.earlier).status != "fails":
            return False
        if picks:
            finding = replace(finding, status="unread", message=CHOSEN, mistake=None)
        self.told_of(self.groups[id(line)], formula, read, premise, finding)
        return True

    def from_premises(
        self, left: Node, right: Node, sign: str, *, unknown: str = "", strict: bool = False
    ) -> Link:
        """Also where no symbol could be solved for: an equation of numbers that follows from another."""
        link = super().from_premises(left, right, sign, unknown=unknown, strict=strict)
        if link.status != "unread" or sign != "=" or strict or self.pending is None:
            return link
        premise, formula = self.pending
        atom = formula.atoms[0]
        if not self.scalars(premise, formula):
            return link
        if (left, right) != (atom.left, atom.right):
            return link
        finding = follows_from(premise, formula, self.scope, given=self.given_beside(premise, formula))
        if finding.status == "fails" and self.earlier:
            finding = follows_from(premise, formula, self.scope, beside=self.earlier)
        finding = self.unless_words(finding, premise, formula)
        if not finding.status:
            return link
        return replace(_link(finding, atom.place), uses=(premise.source,))

    def same_solutions(self, left: Node, right: Node, symbol: str) -> Link | None:
        """A root that words choose is not one that was lost."""
        link = super().same_solutions(left, right, symbol)
        if link is not None and link.mistake == "lost-solution" and self.picks:
            return Link("unread", CHOSEN)
        return link

    def judged(self, line: Line, premise: Formula, formula: Formula) -> Finding:
        chain = [premise, *self.earlier]
        said = {a.difference for f in chain for a in f.atoms}
        beside = [f for f in self.conditions if not said.intersection(a.difference for a in f.atoms)]
        bounds = (Atom(left, right, sign) for left, sign, right in self.said_in_words.assumed)
        beside += [Formula(((a,),), self.scope) for a in bounds]
        beside = [f for f in beside if set(names_of([f])) & set(names_of([premise, formula]))]
        given = self.given_beside(premise, formula)
        both = line.lead == "<=>"
        if (
            len(formula.branches) > 1
            and not premise.ordered
            and len(premise.branches) == 1
            and not formula.ordered
        ):
            wrong = alternatives_solve(premise, formula, self.scope) if not (beside or given) else Finding()
            if wrong.status:
                return self.unless_words(wrong, premise, formula)
        finding = follows_from(premise, formula, self.scope, both=both, beside=beside, given=given)
        if finding.status == "fails" and self.earlier and finding.mistake != "gained-solution":
            finding = follows_from(premise, formula, self.scope, beside=[*beside, *self.earlier], given=given)
        return self.unless_words(finding, premise, formula)

    def unless_words(self, finding: Finding, *formulas: Formula) -> Finding:
        """``finding``, but none where words may exclude the point that refutes it."""
        if finding.status != "fails":
            return finding
        low = any(v.startswith("-") or v == "0" for v in finding.values.values())
        unused = self.said_in_words.unused & set(names_of(formulas))
        if unused or self.unknown_condition or (low and _SIGNED.search(self.text)):
            return replace(finding, status="unread", message=WORDS, mistake=None)
        return finding

    def given_beside(self, *formulas: Formula) -> list[Premise]:
        """Equations that are given, other than those that these say."""
        own = {
            d for f in (*formulas, *self.earlier) for a in f.atoms for d in (a.left, a.right, a.difference)
        }
        nodes = [n for f in formulas for a in f.atoms for n in (a.left, a.right)]
        kept = {p for key, p in self.premises.items() if not key.startswith(("equation", "beside"))}
        return [p for p in self.touching(*nodes) if p in kept and p.difference not in own]

    # --- steps --------------------------------------------------------------------------------------------

    def told_of(
        self,
        group: Sequence[tuple[Line, str]],
        formula: Formula,
        read: list[list[Member]],
        premise: Formula | None,
        finding: Finding,
    ) -> None:
        """Record what was found, member by member."""
        ends = {a.place: a for a in formula.atoms}
        uses = (premise.source,) if premise is not None else ()
        k = 0
        self.apposed = False
        for (line, _), members in zip(group, read, strict=True):
            self.under = line.label
            before: Member | None = None
            for m in members:
                link = Link("holds", START if premise is None and not k else SIDE)
                if k in ends:
                    link = replace(_link(finding, k), uses=uses)
                    self.relation = ends[k].sign
                    if before is not None and k - 1 in ends and ends[k].sign == "=" and m.node is not None:
                        within = self.equal(before, m)  # x = 4/2 = 2
                        link = within if within.status == "fails" or not finding.status else link
                    left = Member(m.text, m.place, ends[k].left, self.scope)
                    self.put(m, link, before or left)
                else:
                    self.put(m, link, before)
                before = self.previous
                k += 1
            if line.label:
                self.tracks.pop(line.label, None)
        self.labelled, self.numeric = "", []
        self.earlier = [*self.earlier, premise] if premise is not None and finding.status == "holds" else []
        self.formula = replace(formula, source=len(self.steps) - 1)
        atoms = formula.atoms
        if len(formula.branches) == 1 and len(atoms) == 1:
            self.kept_for_others(group[0][0], atoms[0])

    def put(self, m: Member, link: Link, before: Member | None) -> None:
        if link.status == "fails" and self.undeclared:
            link = self.of_undeclared(link, before, m)
        index = self.add(m.text, m.place, link, m.notes, m, before)
        self.previous = replace(m, index=index)
        self.readable = self.previous if m.node is not None else self.readable
        self.seen += [frozenset()] * (index - len(self.seen))
        self.seen.append(frozenset(m.node.names() if m.node is not None else ()))

    def kept_for_others(self, line: Line, atom: Atom) -> None:
        """What stands alone is a premise of the lines that are judged otherwise."""
        if atom.sign == "=":
            self.keep(line, atom.left, fitted(atom.left, atom.right))
        else:
            self.inequality = (atom.left, atom.right, atom.sign)


def _link(finding: Finding, place: int) -> Link:
    evidence = {"level": "supported", "points": finding.points}
    if finding.status == "given":
        return Link("holds", GIVEN)
    if finding.status == "holds":
        return Link("holds", finding.message, finding.mistake, "supported", evidence)
    if finding.status == "fails" and finding.place == place:
        shown = {"level": "refuted", "counterexample": {"values": finding.values}}
        return Link("fails", finding.message, finding.mistake, "refuted", shown)
    if finding.status == "unread" and finding.place == place:
        return Link("unread", finding.message)
    return Link("holds", SIDE) if finding.status else Link("unread", UNTRIED)
