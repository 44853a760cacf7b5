"""What an answer calls a formula, where words tell two parts of a question apart: "L2: …; decay: …"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from grader.maths.authoring import optional_pattern
from grader.maths.statements import Statement
from grader.model import Judgement, Outcome

__all__ = ["Called", "called_otherwise", "check_called"]

MAX_WORDS = 200  # characters of prose on either side of a formula


class Called(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Regular expressions: ``by`` is what this formula may be called, ``another`` what the other one is."""

    by: str
    another: str


def check_called(called: Called | None) -> None:
    """Whether both can be used.

    Raises:
        RubricError: one is no regular expression.
    """
    if called is not None:
        optional_pattern(called.by, "called.by")
        optional_pattern(called.another, "called.another")


def called_otherwise(
    called: Called, judgement: Judgement, chosen: Statement, statements: Sequence[Statement]
) -> Judgement:
    """The judgement; a formula that earns something but is called by the other one's name is for a person.

    A name stands before its formula, or behind each of them: the first formula shows which. Nothing is
    concluded from the order of the formulas.
    """
    if not judgement.credit:
        return judgement
    left = "".join(t.text for t in chosen.members[0]) if len(chosen.members) > 1 else ""
    own = _names(called, left)
    if own:
        return judgement if own[-1] else _for_a_person(judgement, left)
    words = _behind(chosen, statements) if _names_stand_behind(called, statements) else chosen.words
    last = _names(called, words)[-1:] if words is chosen.words else _names(called, words)[:1]
    if last != [False] or _named_behind(called, _behind(chosen, statements)):
        return judgement
    return _for_a_person(judgement, words.strip(" \n.,;"))


def _for_a_person(judgement: Judgement, words: str) -> Judgement:
    quote = " ".join(words[-MAX_WORDS:].split())[-80:]
    why = f"A formula for what is asked here stands in the answer, but “{quote}” calls it something else"
    return replace(judgement, outcome=Outcome.REVIEW, credit=0.0, message=f"{why}: a person decides.")


def _names(called: Called, words: str) -> list[bool]:
    """The names in some words, in order: whether each is this formula's own."""
    pattern = re.compile(f"(?P<own>{called.by})|(?:{called.another})", re.IGNORECASE)
    return [m["own"] is not None for m in pattern.finditer(words[-MAX_WORDS:])]


def _names_stand_behind(called: Called, statements: Sequence[Statement]) -> bool:
    for s in statements:
        if len(s.members) > 1:
            if _names(called, s.words):
                return False
            if _SAYS_BEHIND.match(_behind(s, statements)) and _names(called, _behind(s, statements)):
                return True
    return False


_SAYS_BEHIND = re.compile(
    r"[\s,]{0,5}(?:\(|(?:for|with|by|in|under|using|from|is|the case of)\b)", re.IGNORECASE
)


def _named_behind(called: Called, words: str) -> bool:
    """Whether the words directly behind a formula call it by its own name: "$…$ (L2)", "$…$ with L2"."""
    said = _SAYS_BEHIND.match(words)
    return said is not None and _names(called, re.split(r"[:=]", words)[0])[:1] == [True]


def _behind(s: Statement, statements: Sequence[Statement]) -> str:
    """The words between a formula and the next one, up to the end of the sentence."""
    k = next((i for i, other in enumerate(statements) if other is s), len(statements))
    words = statements[k + 1].words if k + 1 < len(statements) else (s.after or s.behind)
    return re.split(r"[.;\n]", words[:MAX_WORDS])[0]
