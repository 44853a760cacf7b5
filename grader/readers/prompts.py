"""Where the sheet's own words end and the student's begin, when no "Answer." says so.

Many sheets repeat the question before the answer, as plain paragraphs. Sentences that ask or order
("… ?", "Write down …", "Hint: …") are the question's, with what sets the scene before them; the
rubric's paraphrase of the question helps where that is not enough. The split must never take the
answer: in doubt text stays an answer, and in the last paragraph only what surely asks is split off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from itertools import pairwise

from grader.readers.words import overlap, words

__all__ = ["asks_for_drawing", "is_students", "question_end"]

MAX_SANDWICH = 7  # paragraphs and displays between the first and the last words of one question
MAX_PARAGRAPH = 6_000  # characters; a longer paragraph is nobody's question
ALIKE = 0.35  # share of words that stand in the rubric's paraphrase
MIN_VERBATIM = 4  # words; fewer of them may be an answer
ALMOST_THE_SAME = 0.6
MIN_WORDS = 3

_MATHS = re.compile(r"\$\$[^$]*\$\$|\$[^$]*\$|\\\([^()]*+\\\)")
_SENTENCE = re.compile(r"(?<=[.?!])[)\]*_\"”]{0,3}\s+(?=[(*_\"“\[]{0,3}[A-Z$\\])")
_ABBREVIATIONS = ("i.e.", "e.g.", "cf.", "eq.", "fig.", "vs.", "etc.", "w.r.t.")
_ITEM_NUMBER = re.compile(r"(?:^|\s)[0-9]{1,2}\.$")
_LEAD = re.compile(
    r"(?:[-*+•>]\s+|\(?[a-h0-9]{1,2}[.)]\s+|[*_(\[\"“]+|"
    r"(?:then|now|first|next|also|finally|please|and|second|in particular|in this case)\b,?\s+){0,4}",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"(?:write (?:down|out|your|an?)|show (?:that|your|how|all|why)|derive|compute|calculate|describe|"
    r"draw|sketch|provide|(?:briefly |shortly )?(?:explain|justify|discuss|argue)|"
    r"give (?:an?|the|your|one|two|three)|find (?:an?|the|all|out)|prove|determine|evaluate|report|run|train|"
    r"plot|implement|visuali[sz]e|state|compare|include|list|name|identify|fill|complete|"
    r"express|verify|choose|specify|indicate|generate|fit|"
    r"repeat|use (?:this|that|these|it|your|the)\b[^.]{0,60}\bto (?:show|prove|find|derive))\b",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"(?:recall|consider|suppose|assume|let|given|note|in this (?:problem|question|part)|we (?:will|now)|"
    r"now we|(?:first|now) consider|imagine|you are|for (?:the|a|an|simplicity)|in the)\b",
    re.IGNORECASE,
)
_HINT = re.compile(r"[(*_\[]{0,3}hints?\b[*_]{0,2}\s?[0-9]?[.:]", re.IGNORECASE)
_NOTE = re.compile(r"[(*_\[]{0,3}(?:notes?|remark|clarification)\b[*_]{0,2}\s?[0-9]?[.:]", re.IGNORECASE)
_LABEL = re.compile(
    r"[\s*_#>]{0,6}(?:question|problem(?: statement)?|task|prompt)[*_]{0,3}[.:]", re.IGNORECASE
)
_SURELY = re.compile(
    r"show (?:your|all) (?:work|steps)|show that|write down|write-up|briefly (?:explain|justify|describe)|"
    r"provide an?\b|describe how|prove (?:that|or)|draw (?:the|an?)\b|sketch (?:the|an?)\b",
    re.IGNORECASE,
)
_TO_YOU = re.compile(r"\byou(?:r|rself)?\b", re.IGNORECASE)
_NOT_MINE = re.compile(r"\bwe (?:will|now|wish|want|would like|saw|have seen|explore|know)\b", re.IGNORECASE)
_MINE = re.compile(
    r"\b(?:[Ww]e|[Oo]ur|[Mm]y|us|[Tt]hus|[Tt]herefore|[Hh]ence|[Ss]ince|[Bb]ecause)\b|\bI [a-z]|"
    r"^\W{0,3}(?:[Yy]es|[Nn]o|[Ss]o|[Tt]rue|[Ff]alse|[Nn]ot|[Ii]t(?! will))\b"
)
_DRAWING = re.compile(
    r"\b(?:draw|sketch|plot|graph|figure|diagram|picture|visuali[sz]e|curve)", re.IGNORECASE
)


class _Says(Enum):
    """What one sentence does."""

    ASKS = "asks"
    HINTS = "hints"
    NOTES = "notes"  # of the question after a question, else the student's
    ORDERS = "orders"
    MAY_ORDER = "may order"  # "Compute …": the question's, or the student's own next step
    TELLS_YOU = "tells you"
    MINE = "mine"
    OTHER = "other"


_ASKING = (_Says.ASKS, _Says.ORDERS, _Says.HINTS)
MANY_ASK = 3  # sentences; no answer asks that much


def question_end(blocks: Sequence[tuple[bool, str]], known: str) -> tuple[int, int]:
    """Where the answer begins: (index of its block, character in that block).

    A block is (is it prose, its text); ``known`` is the rubric's title and paraphrase. The index is
    ``len(blocks)`` when all of it is the question's own words.
    """
    block, character = _read_on(blocks, 0, known)
    if character == 0 and (later := _beyond_scene(blocks, known, block)) > block:
        block, character = _read_on(blocks, later, known)
    return block, character


def _read_on(blocks: Sequence[tuple[bool, str]], start: int, known: str) -> tuple[int, int]:
    for i in range(start, len(blocks)):
        prose, text = blocks[i]
        last = i == len(blocks) - 1
        if not prose:
            return i, 0
        if not last and (_quoted(text) or _verbatim(text, known)):
            continue
        if i == 0 or last:
            asked = _asked(text, known, surely=last)
        else:
            asked = len(text) if _goes_on(text) else 0
        if asked < len(text.rstrip()):
            return i, asked
    return len(blocks), 0


def _verbatim(text: str, known: str) -> bool:
    """The paraphrase as the rubric has it: a template of ours puts it on the sheet."""
    words = text.split()
    return len(words) >= MIN_VERBATIM and " ".join(words) in " ".join(known.split())


def asks_for_drawing(text: str) -> bool:
    return bool(_DRAWING.search(text))


def _beyond_scene(blocks: Sequence[tuple[bool, str]], known: str, length: int) -> int:
    """Further, when the question sets a scene first and asks some paragraphs later."""
    if length == len(blocks):
        return length
    first = blocks[0][1]
    scene = _SETTING.match(_bare(first)) and not is_students(first)
    if not (length or scene):
        return length
    for i in range(min(len(blocks) - 2, length + MAX_SANDWICH), length - 1, -1):
        prose, text = blocks[i]
        if prose and overlap(text, known) >= ALIKE and not is_students(text) and _all_asked(text, known):
            while i + 1 < len(blocks) - 1 and blocks[i + 1][0] and _goes_on(blocks[i + 1][1]):
                i += 1
            return i + 1
    return length


def _all_asked(text: str, known: str) -> bool:
    return _asked(text, known, surely=False) >= len(text.rstrip())


def _asked(text: str, known: str, *, surely: bool) -> int:
    """How many characters of a paragraph are the question's. ``surely``: nothing else follows it."""
    if len(text) > MAX_PARAGRAPH:
        return 0
    spans = _sentences(text)
    says = [_says(text[a:b], known, surely=surely) for a, b in spans]
    first = next((i for i, s in enumerate(says) if s in _ASKING), None)
    if first is None or not _is_scene(text, spans, says, first, known, surely=surely):
        return 0
    last = first
    for i in range(first, len(says)):
        if says[i] in (
            _Says.HINTS,
            _Says.NOTES,
        ):  # a hint ends with its paragraph, or where a sentence ends a line
            breaks = (b for a, b in spans[i:-1] if "\n" in text[a:b][-3:])
            return next(breaks, len(text))
        if says[i] in (_Says.ASKS, _Says.ORDERS, _Says.MAY_ORDER, _Says.TELLS_YOU):
            last = i
        elif says[i] is _Says.MINE:
            break
    if last + 1 == len(spans):
        if text.rstrip("*_ \n").endswith(":") and not _SURELY.search(text):
            return 0  # "Compute the gradient:" introduces the student's own lines
        return len(text)
    tail = text[spans[last + 1][0] :]
    if not surely and says[last] is _Says.ORDERS and "=" not in tail and _Says.MINE not in says[last + 1 :]:
        return len(text)  # "Write down two expressions. The first one with …, the second with …."
    return spans[last + 1][0]


def _is_scene(
    text: str, spans: list[tuple[int, int]], says: list[_Says], first: int, known: str, *, surely: bool
) -> bool:
    """May the sentences before the first one that asks belong to the question?"""
    before = says[:first]
    asks = sum(s in _ASKING for s in says)
    if not before or asks >= MANY_ASK:
        return True
    if _Says.MINE in before:
        return False
    if says[-1] in _ASKING and _Says.MINE not in says and says[first] is not _Says.HINTS:
        return True
    start, end = spans[0][0], spans[first][1]
    if overlap(text[start:end], known) >= ALIKE:
        return True
    sets = bool(_SETTING.match(_bare(text[start : spans[0][1]]))) or before[0] is _Says.TELLS_YOU
    return sets and (not surely or bool(_SURELY.search(text[spans[first][0] : end])))


def _says(sentence: str, known: str, *, surely: bool) -> _Says:
    bare = _bare(sentence)
    if _HINT.match(bare) or _HINT.match(sentence.strip()):
        return _Says.HINTS
    mine = bool(_MINE.search(_NOT_MINE.sub("", bare)))
    if not mine and (_NOTE.match(bare) or _NOTE.match(sentence.strip())):
        return _Says.NOTES
    if bare.rstrip(' *_)]"”').endswith("?"):
        return _Says.ASKS
    if _orders(bare) and not (surely and mine):
        if not surely or _SURELY.search(bare) or _TO_YOU.search(bare):
            return _Says.ORDERS
        if len(words(sentence)) >= MIN_WORDS and overlap(sentence, known) >= ALMOST_THE_SAME:
            return _Says.ORDERS
        return _Says.MAY_ORDER
    if _TO_YOU.search(bare):
        return _Says.TELLS_YOU
    return _Says.MINE if mine else _Says.OTHER


def _goes_on(text: str) -> bool:
    """Does a paragraph after the question's first still belong to the question?"""
    if _quoted(text):
        return True
    if len(text) > MAX_PARAGRAPH:
        return False
    says = [_says(text[a:b], "", surely=True) for a, b in _sentences(text)]
    if says and says[0] in (_Says.HINTS, _Says.NOTES):
        return True
    return bool(says) and all(s in (_Says.ASKS, _Says.ORDERS, _Says.TELLS_YOU, _Says.HINTS) for s in says)


def is_students(text: str) -> bool:
    """Does someone speak here who works the problem ("we get", "thus")?"""
    return any(_says(text[a:b], "", surely=False) is _Says.MINE for a, b in _sentences(text[:MAX_PARAGRAPH]))


def _quoted(text: str) -> bool:
    """A block quote, or "**Question:** …"."""
    return bool(_LABEL.match(text)) or all(line.lstrip().startswith(">") for line in text.splitlines())


def _orders(bare: str) -> bool:
    if _ORDERS.match(bare):
        return True
    # "For the three points, explain …", "If it does, show that …", "Benefit of depth: visualize …"
    cuts = [at for mark in ",:" if 0 < (at := bare.find(mark)) < 120]
    return any(_ORDERS.match(_bare(bare[at + 1 :])) for at in cuts)


def _bare(sentence: str) -> str:
    """Without mathematics and without "(a)", "Then" and the like at the start."""
    text = _MATHS.sub("M", sentence[:MAX_PARAGRAPH]).strip()
    lead = _LEAD.match(text)
    return text[lead.end() :] if lead else text


def _sentences(text: str) -> list[tuple[int, int]]:
    """(start, stop) of each sentence; a dot inside mathematics ends none."""
    masked = _MATHS.sub(lambda m: "M" * len(m[0]), text)
    bounds = [0]
    for end in _SENTENCE.finditer(masked):
        before = masked[max(0, end.start() - 7) : end.start()]
        if not (before.lower().endswith(_ABBREVIATIONS) or _ITEM_NUMBER.search(before)):
            bounds.append(end.end())
    bounds.append(len(text))
    return [(a, b) for a, b in pairwise(bounds) if text[a:b].strip()]
