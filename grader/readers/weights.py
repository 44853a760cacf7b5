"""What speaks for and against a line's being a heading, in points.

A candidate becomes a heading when its points are positive on the best path through the sheet
(``binding.py``). The numbers were set by hand on real sheets; only their order of size matters.
"""

from __future__ import annotations

from grader.readers.headings import Candidate
from grader.readers.tree import Node

__all__ = ["evidence", "kind_score", "order_score"]

BASE_BY_NUMBERS = {1: 1.5, 2: 5.0, 3: 8.0}
SECTION = -1.0  # a lone number for a section that is no question
LETTER = 3.0
HASHED, HASHED_ITEM = 3.0, 1.0
POINTS, TITLE, BOLD, BARE = 3.0, 3.0, 1.5, 1.0
WORD, WORD_IN_SECTION = 4.0, 1.0
HEADLINE = 3.0  # a line of its own that looks like a title, number without "." or ")"
LOWERCASE, MID_SENTENCE = -3.0, -6.0  # "3.1 edges", "2.2 is the value of"
IN_PARAGRAPH, IN_SENTENCE = -1.5, -8.0  # the line before is prose, or ends in "as we saw in"
INDENTED = -0.5
AGAIN, BACKWARD, BACK_TO_SECTION = -4.0, -4.0, -12.0
MAX_RETURN = 1.0  # a number that stands twice must not count twice
GAP, MAX_GAP = -0.1, -1.0  # for each question skipped
NO_ITEM = -2.5  # an item has "1." or "1)", a section "1"
INNER_LIST = -6.0  # continues a list whose earlier items were no headings
INNER_ALIKE = -0.03  # the same, where headings look like items: more than a skip costs, to prefer a later one
SKIPPED, SKIPPED_FIRST = -0.02, -0.5  # of two equal candidates the first is taken
FOREIGN = 0.5  # a heading the outline does not know

_WORDS = """
is are was were be means gives times percent million thousand billion of and or to as we which where in from
by with gb mb s ms sec seconds minutes hours epochs iterations points pts on at for if the
"""
_MID_SENTENCE = frozenset(_WORDS.split())


def evidence(c: Candidate) -> float:
    """What the markup of a line says for (and against) its being a heading."""
    score = HASHED * c.hashed + POINTS * c.points + BOLD * (c.bold and not c.hashed)
    if not c.rest:
        score += BARE
    elif c.rest[0].islower() and c.numbers and not (c.hashed or c.points or c.bold):
        score += LOWERCASE if c.numbers > 1 else LOWERCASE / 3
    item = c.listed or (c.delimiter and c.numbers <= 1)
    if not c.paragraph and not (c.hashed or item):
        score += IN_PARAGRAPH
    if c.continues and not c.hashed:
        score += IN_SENTENCE
    return score + INDENTED * c.indented


def kind_score(c: Candidate, node: Node, relative: bool) -> float:
    """What the form of the number is worth for ``node``."""
    if not c.numbers:
        return LETTER
    if c.bracketed:
        return BASE_BY_NUMBERS[1] - 1.0
    word = (WORD_IN_SECTION if relative else WORD) if c.word else 0.0
    if c.answer and node.question:
        word = WORD
    elif c.word == "part":  # parts of an answer are numbered, too
        word = 0.0
    if relative and c.hashed:
        word -= HASHED - HASHED_ITEM
    if relative and not (c.delimiter or c.letter or c.word or c.listed):
        word += NO_ITEM
    if c.numbers > 1:
        first = c.rest.split(None, 1)[0] if c.rest else ""
        if first.islower() and not (node.question and first not in _MID_SENTENCE):
            word += MID_SENTENCE - LOWERCASE
        bare_section = not (node.question or c.hashed or c.points or c.word)
        return BASE_BY_NUMBERS[min(c.numbers, 3)] + word - 1.0 * bare_section
    if c.letter:
        return BASE_BY_NUMBERS[1] + 1.0 + word
    has_letters = any(step.isalpha() for step in node.children)
    if node.question or (relative and has_letters):
        return BASE_BY_NUMBERS[1] + 0.5 * bool(c.delimiter) - 1.0 * (not c.rest and not c.delimiter) + word
    headline = c.title and not c.delimiter and c.alone and not c.hashed and not c.listed
    if has_letters:  # "Problem 5", its parts have the letters
        return BASE_BY_NUMBERS[1] + word
    return SECTION + (HEADLINE if headline else 0.0) + word


def order_score(here: Node, node: Node, relative: bool, c: Candidate) -> float:
    """What going from ``here`` to ``node`` costs."""
    if node.index == here.index:
        return AGAIN if c.numbers > 1 or c.points or c.word or c.answer else 2 * AGAIN
    if node.index > here.index:
        return max(MAX_GAP, GAP * max(0, node.order - here.order - 1))
    if (relative and not (c.hashed or c.points)) or (c.numbers == 1 and not node.question):
        return BACK_TO_SECTION
    return BACKWARD - (1.0 if c.numbers <= 1 else 0.0)
