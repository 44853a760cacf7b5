"""What is left to say of an answer without the formula asked for: nothing there, nothing that could be read,
or ``2 η λ̃ = λ`` where ``λ̃ = …`` is wanted, with the same solutions but not solved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.checkers._placed import misfit
from grader.errors import MathsFault, ShapeFault
from grader.maths.carried import inlined
from grader.maths.compare import Problem
from grader.maths.equations import compare_equations
from grader.maths.labels import label_of
from grader.maths.mistakes import name_shape_mistake
from grader.maths.mutation import agrees
from grader.maths.reading import Reading, read_member
from grader.maths.scope import Scope
from grader.maths.select import Candidate
from grader.maths.statements import Statement
from grader.maths.tree import Node
from grader.maths.wording import offered, taken_back
from grader.model import Judgement, Outcome

__all__ = ["no_formula", "no_formula_with", "or_offered", "or_taken_back", "or_unsolved", "unread"]

MAX_EQUATIONS = 20
MAX_QUOTE = 600
MAX_TEXT = 20_000


def or_unsolved(
    judgement: Judgement, main: Problem, statements: Sequence[Statement], scope: Scope, credit: float
) -> Judgement:
    """The judgement, or a better one where the answer has an equation for the declared name on the expected
    answer's left side that has the same solutions."""
    if main.named is None or judgement.credit >= credit or judgement.outcome is Outcome.REVIEW:
        return judgement
    name, wanted = main.named.args[0], inlined(main.named, main.scope)
    equations = [s for s in statements if len(s.members) == 2 and s.relations == ("=",) and s.fault is None]
    for s in equations[:MAX_EQUATIONS]:
        try:
            left, right = (read_member(m, scope, infix=not s.latex)[0] for m in s.members)
            if name == left and label_of(s.members[0]) is not None:
                continue  # solved, whatever the value
            v = compare_equations(wanted, Node("eq", (left, right)), scope, main.seed)
        except (MathsFault, RecursionError):
            continue
        if v.equivalent:
            message = f"The equation {s.text.strip()} is right, but it is not solved for what is asked."
            outcome = Outcome.PARTIAL if credit < 1 else Outcome.CORRECT
            return Judgement(outcome, credit, message, s.text.strip(), dict(v.evidence), mistake="not solved")
    return judgement


def no_formula_with(names: Sequence[str], text: str) -> Judgement:
    why = f"No formula with {', '.join(names)} was found: a person looks."
    return Judgement(Outcome.REVIEW, 0.0, why, evidence={"text": text[:MAX_QUOTE]})


def no_formula(labels: Sequence[str], statements: Sequence[Statement]) -> Judgement:
    wanted = labels[0] if labels else "this part"
    broken = next((s for s in statements if s.fault is not None), None)
    if broken is not None and broken.fault is not None:
        return Judgement(
            Outcome.UNREADABLE,
            0.0,
            f"The mathematics could not be read: {broken.fault.clause}",
            broken.text[:200],
        )
    return Judgement(Outcome.MISSING, 0.0, f"No formula for {wanted} was found in the answer.")


def unread(main: Problem, c: Candidate) -> Judgement:
    """A formula that cannot be read, or whose matrices do not fit."""
    fault = c.fault
    assert fault is not None
    evidence: dict[str, Any] = {"reason": fault.reason, "text": c.text[:200]}
    if isinstance(fault, ShapeFault):
        evidence["level"] = "refuted"
        message = f"The shapes do not fit: {fault.clause}"
        slip = name_shape_mistake(main, fault, lambda node, scope: agrees(main, Reading(node, scope=scope)))
        if slip is not None:
            message += f" Likely mistake: {slip.message}."
        name = slip.id if slip else "shape"
        return misfit(Judgement(Outcome.INCORRECT, 0.0, message, "", evidence, mistake=name), fault)
    if fault.reason == "empty":
        return Judgement(Outcome.MISSING, 0.0, fault.sentence)
    return Judgement(Outcome.UNREADABLE, 0.0, f"Your formula could not be read: {fault.clause}", "", evidence)


def or_taken_back(judgement: Judgement, text: str) -> Judgement:
    """The judgement; an answer that earns something but whose own words deny it is for a person."""
    words = taken_back(text[:MAX_TEXT]) if judgement.outcome in (Outcome.CORRECT, Outcome.PARTIAL) else ""
    if not words:
        return judgement
    why = f"What is asked for stands here, but the words “{words}” beside it deny it: a person decides."
    return Judgement(Outcome.REVIEW, 0.0, why, judgement.read_as, {"text": text[:MAX_QUOTE]})


def or_offered(judgement: Judgement, text: str, chains: Sequence[Sequence[Candidate]]) -> Judgement:
    """The judgement; where the words offer several formulas ("Option 2") and more than one is given, a person
    says which one is meant."""
    if (
        judgement.outcome not in (Outcome.CORRECT, Outcome.PARTIAL)
        or len({c[0].text for c in chains if c}) < 2
    ):
        return judgement
    words = offered(text[:MAX_TEXT])
    if not words:
        return judgement
    why = f"Several formulas are given, and “{words}” leaves open which one is meant: a person decides."
    return Judgement(Outcome.REVIEW, 0.0, why, judgement.read_as, {"text": text[:MAX_QUOTE]})
