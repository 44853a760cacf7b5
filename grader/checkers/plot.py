"""A figure that is asked for: whether there is one, and what stands beside it.

A person looks at it. Found by machine: pictures in the text, figures among a notebook's outputs, code that
draws, a caption, and the words (axes, curves, settings) that the rubric asks to look for. An answer that has
none of the first four is missing. It never looks into a picture.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from grader.checkers import Check
from grader.maths.authoring import compiled_pattern
from grader.maths.parts import part_of
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MAX_TEXT = 20_000  # characters that are searched
MAX_QUOTE = 600
MAX_HIT = 80
MAX_PICTURES = 12

_PICTURE = re.compile(
    r"!\[[^\]\n]{0,300}\]\([^)\n]{1,300}\)|!\[[^\]\n]{0,300}\]\[|<img\b[^>\n]{0,500}>"
    r"|\\includegraphics[^\n}]{0,200}\}"
    r"|data:image/\w{2,9}|(?<![\w./-])[\w./-]{1,120}\.(?:png|jpe?g|svg|gif|pdf)\b",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"^\W{0,9}(?:fig(?:ure)?|plot|caption)\b[^\n]{0,200}", re.IGNORECASE | re.MULTILINE)
_DRAWS = re.compile(
    r"\b(?:plt|ax|axes|axs|sns|px|fig|df|pyplot)\b[\w\[\], ]{0,20}\.\s?"
    r"(?:\w{0,20}plot\w{0,9}|scatter|line|show|savefig|errorbar|hist)\b"
)
_SHOWS = re.compile(r"shows a figure")


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words (a regular expression) to look for in the text and in the code, and what finding them means."""

    note: str
    words: str
    absent: str = ""  # what to tell the person when they are not there


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``why``: why a person is needed; ``look``: evidence to collect; ``parts``: its names in a JSON
    object."""

    why: str = "A person looks at the figure."
    look: list[Look] = []
    parts: list[str] = []


def build(options: Options, question: Question) -> Check:
    wanted = [(look, compiled_pattern(look.words, f"look[{i}].words")) for i, look in enumerate(options.look)]

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        text = part.text[:MAX_TEXT]
        code = "\n".join(c.source for c in answer.code)[:MAX_TEXT]
        pictures = [m.group()[:MAX_HIT] for m in _PICTURE.finditer(text)][:MAX_PICTURES]
        pictures += [n for n in answer.notes if _SHOWS.search(n)][: MAX_PICTURES - len(pictures)]
        caption = _CAPTION.search(text)
        draws = bool(_DRAWS.search(code))
        evidence: dict[str, object] = {"text": text[:MAX_QUOTE]}
        if pictures:
            evidence["figures"] = pictures
        if caption:
            evidence["caption"] = " ".join(caption.group().split())
        if answer.code:
            evidence["code cells"] = len(answer.code)
        if not (pictures or caption or draws):
            return Judgement(Outcome.MISSING, 0.0, "No figure was found in this answer.", evidence=evidence)
        found, absent = [], []
        for look, pattern in wanted:
            m = pattern.search(text) or pattern.search(code)
            if m:
                found.append(f"{look.note} (“{m.group()[:MAX_HIT]}”)")
            elif look.absent:
                absent.append(look.absent)
        if found:
            evidence["found"] = found
        if absent:
            evidence["not found"] = absent
        message = options.why
        if not pictures:
            what = "A caption stands here without a figure"
            if draws:
                what = "The code draws a figure that was not kept"
            message = f"{what}; it may have been lost. {options.why}"
        return Judgement(Outcome.REVIEW, 0.0, message, evidence=evidence)

    return check
