"""What only a person can judge: a drawing, a proof in words, a judgement.

Nothing is scored here. The person gets what the machine could find: the words and the mathematics the
rubric asks to look for, and what is missing of them. Keywords never earn or cost a point, because a
right word can stand in a wrong sentence. It misses what is only drawn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from grader.checkers import Check
from grader.errors import RubricError
from grader.maths.authoring import compiled_formula, compiled_pattern
from grader.maths.compare import Problem
from grader.maths.declared import compile_scope
from grader.maths.mutation import agrees
from grader.maths.parts import part_of
from grader.maths.reading import Reading
from grader.maths.select import all_members, student_scope
from grader.maths.statements import find_statements
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MAX_TEXT = 20_000  # characters that are searched
MAX_QUOTE = 600
MAX_HIT = 80


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words (a regular expression) or mathematics to look for, and what finding it means."""

    note: str
    words: str = ""
    expected: str = ""
    absent: str = ""  # what to tell the person when it is not there


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``why``: why a person is needed; ``look``: evidence to collect; ``at_least``: an answer without
    mathematics and with fewer words than this ("Yes.") says nothing to judge."""

    why: str = "A person judges this."
    look: list[Look] = []
    at_least: int = 0


def build(options: Options, question: Question) -> Check:
    scope = compile_scope(question.declarations)
    wanted = [(look, _compiled(look, i, question)) for i, look in enumerate(options.look)]

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, [])
        text = part.text[:MAX_TEXT]
        words = re.findall(r"[^\W\d_]+", text)
        if len(words) < options.at_least and not answer.code and not re.search(r"[\d$\\=<>≤≥]", text):
            return Judgement(Outcome.MISSING, 0.0, "The answer gives no reason.", evidence={"text": text})
        statements = find_statements(text, decimal_comma=part.decimal_comma(question.locale))
        own = student_scope(statements, scope)
        readings = [Reading(n, scope=own) for _, n in all_members(statements, own)]
        found, absent = [], []
        for look, what in wanted:
            if isinstance(what, re.Pattern):
                m = what.search(text)
                hit = f"“{m.group()[:MAX_HIT]}”" if m else ""
            else:
                hit = "in the mathematics" if any(agrees(what, r) for r in readings) else ""
            if hit:
                found.append(f"{look.note} ({hit})")
            elif look.absent:
                absent.append(look.absent)
        evidence: dict[str, object] = {"text": text[:MAX_QUOTE]}
        if found:
            evidence["found"] = found
        if absent:
            evidence["not found"] = absent
        if answer.code:
            evidence["code cells"] = len(answer.code)
        return Judgement(Outcome.REVIEW, 0.0, options.why, evidence=evidence)

    return check


def _compiled(look: Look, i: int, question: Question) -> re.Pattern[str] | Problem:
    if bool(look.words) == bool(look.expected):
        both = "both" if look.words else "neither"
        raise RubricError(f"`look[{i}]` has {both} of `words` and `expected`; it needs one of them")
    if look.words:
        return compiled_pattern(look.words, f"look[{i}].words")
    return compiled_formula(question.declarations, look.expected, f"look[{i}].expected")
