"""One line → what it would be as a heading: number, letter, title, points, and how it is marked up.

Nothing here knows the sheet: whether a candidate is a heading is decided in ``binding.py``, by all
candidates together. The depth of ``#`` is noise; only its presence is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.readers.tree import Path, split_number

__all__ = ["Candidate", "parse_heading", "points_mark"]

MAX_HEAD = 400  # characters of a line that are looked at

_MAY_BEGIN = re.compile(
    r"\s*(?:[0-9#*_(+•‣–>\\§-]|[A-Za-z][.):]|prob|ques|ex|task|sec|part|q|p|ans|sol|resp)", re.IGNORECASE
)
_LATEX_HEADING = re.compile(r"\\(?:chapter|(?:sub){0,2}section|(?:sub)?paragraph)\*?\s?\{")
_ITEM = re.compile(r"\\item\s?(?:\[([^\]]{1,40})\])?\s*")
_HASHES = re.compile(r"#{1,6}\s*(?=\S)")
_DASH = re.compile(r"[-*+•‣–]\s+")
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)")

POINTS = (
    r"[\[(]\s?\**\s?(?:[0-9]{1,3}(?:[.,][0-9]{1,2})?\s?(?:pts?|points?|marks?|p|credits?)\.?"
    r"|(?:pts?|points?):?\s?[0-9]{1,3}(?:\.[0-9]{1,2})?|bonus|optional|extra credit)\s?\**\s?[\])]"
)
_POINTS = re.compile(POINTS, re.IGNORECASE)

_ANSWER_WORD = r"(?P<answer>(?:answers?|ans|solutions?|sol|response)\.?\s+(?:(?:to|for|of)\s+)?(?:the\s+)?)?"
_WORD = r"(?:(?P<word>problem|question|exercise|task|section|part|prob|ques|ex|q|p)\.?\s?#?\s?[-:]?\s?)?"
_NUMBER = re.compile(
    rf"§?\s?{_ANSWER_WORD}{_WORD}"
    r"(?P<number>[0-9]{1,2}(?:\.[0-9]{1,2}){0,4})(?![0-9])"
    r"(?:\s?[.\-]?\s?\((?P<l1>[A-Za-z])\)|[.\-]?(?P<l2>(?-i:[a-z]))(?=[\s.:)\]]|$)|\s(?P<l3>[a-z])(?=\))"
    r"|(?(word)\s?[:,]?\s?(?:part\s?)?\((?P<l4>[A-Za-z])\)|(?!))"  # Problem 5: (a), Exercise 5, part (a)
    r"|(?(word)\s(?P<l5>(?-i:[a-z]))(?=\s?[.:]?\s?$)|(?!)))?"  # Q5 a
    r"(?P<delimiter>[.):\]]{1,2}|\s?[:–—-](?=\s|$))?"
    r"(?=\s|$|[\[(*$])",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2}){0,4}\.?")
_LETTER_NEXT = re.compile(r"\([A-Za-z]\)(?=\s)")
_SPACED_NUMBER = re.compile(r"[0-9]{1,2}(?:\s?\.\s?[0-9]{1,2}){1,4}(?![0-9])")
_LETTER = re.compile(
    rf"{_ANSWER_WORD}(?:part\s+)?"
    r"(?:\((?P<l1>[A-Za-z])\)|(?P<l2>[A-Za-z])\)|(?P<l3>(?-i:[a-z]))[.:](?=\s|$))(?P<delimiter>[.:]?)(?=\s|$|[\[(*$])",
    re.IGNORECASE,
)
_PART = re.compile(r"part\s(?P<l1>[A-Za-z])(?P<delimiter>[.:)]?)(?=\s|$)", re.IGNORECASE)
_BRACKETED = re.compile(r"\((?P<number>[0-9]{1,2})\)(?=\s)")

_BREAKS_OFF = re.compile(
    r"(?:,|\(|\b(?:in|see|from|by|of|to|and|or|the|with|for|as|than|is|are|question|problem|section|part|exercise|eq\.?"
    r"|equation|fig\.?|figure|about|between|under|using))\s*$",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"[=+*/^<>%,;&|~≈×·±≤≥]|-\s?[0-9.\\$]|\$?\s?\\(?:times|cdot|pm|approx|le|ge|to|div|in)\b|\$\s?[=<>]"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that may be a heading. ``path`` is the printed number with its letter; empty for a heading
    that prints none. ``title`` and ``content`` are what follows the number; the title is ``sure`` when
    markup says that it is one."""

    at: int  # index of its piece
    path: Path
    title: str = ""
    content: str = ""
    sure: bool = False
    hashed: bool = False
    bold: bool = False
    points: bool = False
    word: str = ""  # "problem", "question", …
    answer: bool = False  # "Solution to 2.2.3"
    delimiter: str = ""
    listed: bool = False  # a dash or bullet before it
    bracketed: bool = False  # "(1)"
    closed: bool = False  # the letter surely is one: "(a)", "a)", "**1.a** x"
    paragraph: bool = True  # stands at the start of a paragraph
    alone: bool = True  # a paragraph of its own
    continues: bool = False  # the line before it breaks off within a sentence
    indented: bool = False

    @property
    def numbers(self) -> int:
        return sum(step.isdigit() for step in self.path)

    @property
    def letter(self) -> str:
        return self.path[-1] if self.path and self.path[-1].isalpha() else ""

    @property
    def rest(self) -> str:
        return f"{self.title} {self.content}".strip()

    @property
    def style(self) -> tuple[bool, bool, str, bool, bool]:
        """What the items of one list have in common."""
        return (self.hashed, self.bold, self.delimiter, self.bracketed, not self.rest)


def parse_heading(
    line: str, at: int, *, before: str = "", paragraph: bool = True, alone: bool = True
) -> Candidate | None:
    """The candidate on ``line``, or None when it cannot be a heading. ``before`` is the line before it in
    the same paragraph."""
    if not _MAY_BEGIN.match(line):
        return None
    indented = line.startswith(("  ", "\t"))
    tail = line[MAX_HEAD:]
    text = line[:MAX_HEAD].strip().lstrip("> ")
    text, hashed = _bare(text)
    listed = False
    if dash := _DASH.match(text):
        text, listed = text[dash.end() :], True
    if item := _ITEM.match(text):
        text, listed = f"{item[1] or ''} {text[item.end() :]}".strip(), True
    text, second = _bare(text)  # "- ## 2.1"
    hashed = hashed or second
    text = re.sub(r"\\([.\[\]()#])", r"\1", text[:40]) + text[40:]  # 2\. is Markdown for "2."
    text, bold, after = _unwrap(text)
    if bold and _BARE_NUMBER.fullmatch(text) and _LETTER_NEXT.match(after):  # **3.2** (a) content
        text, bold, after = f"{text} {after}", False, ""
    if hashed and (spaced := _SPACED_NUMBER.match(text)):  # OCR: "2.2. 3 Title"
        text = "".join(spaced[0].split()) + text[spaced.end() :]
    match, bracketed = _match(text)
    if match is None:
        if not hashed and not (bold and not after):
            return None
        return Candidate(at, (), title=text, hashed=hashed, bold=bold, paragraph=paragraph, alone=alone)
    groups = match.groupdict()
    letter = next((groups[key] for key in ("l1", "l2", "l3", "l4", "l5") if groups.get(key)), "")
    path = split_number((groups.get("number") or "") + letter.lower())
    rest = text[match.end() :].strip()
    lone = bold and not rest and bool(after)  # only the number is bold
    if lone:
        rest, after, bold = after, "", False
    if rest.startswith((":", ".")):
        rest = rest[1:].strip()
    if rest.startswith(("- ", "– ", "— ")):
        rest = rest[2:].strip()
    if _NO_TITLE.match(rest) and not rest.startswith("**") and groups.get("number") is not None:
        return None
    lettered = groups.get("number") is None
    title, content, points, sure = _split_rest(rest, after, hashed, bold and not lettered)
    return Candidate(
        at,
        path,
        title=title,
        content=content + tail,
        hashed=hashed,
        bold=bold or (sure and not hashed and not points),
        sure=sure,
        points=points,
        word=(groups.get("word") or "").lower(),
        answer=bool(groups.get("answer")),
        delimiter=(groups.get("delimiter") or "").strip(),
        listed=listed,
        bracketed=bracketed,
        closed=letter != "" and (lone or ")" in match[0]),
        paragraph=paragraph,
        alone=alone,
        continues=bool(_BREAKS_OFF.search(before[-40:])),
        indented=indented,
    )


def points_mark(text: str) -> re.Match[str] | None:
    """The first ``[4pt]``, ``(**0.5 pt**)`` and the like."""
    return _POINTS.search(text[:MAX_HEAD])


def _bare(text: str) -> tuple[str, bool]:
    """Without ``#`` or ``\\section*{…}``, and whether there was one."""
    if hashes := _HASHES.match(text):
        return text[hashes.end() :].rstrip("# ").strip(), True
    if latex := _LATEX_HEADING.match(text):
        inside, _, after = text[latex.end() :].rpartition("}")
        return f"{inside} {after}".strip(), True
    return text, False


def _unwrap(text: str) -> tuple[str, bool, str]:
    """Emphasis around the beginning: (text in it, True, what follows) or (text, False, "")."""
    for command in ("\\textbf{", "\\textit{", "\\emph{", "\\underline{"):
        if text.startswith(command) and "}" in text:
            inside, _, after = text[len(command) :].partition("}")
            return inside.strip(), True, after.strip()
    if wrapped := _EMPHASIS.match(text):
        return wrapped[2].strip(), True, text[wrapped.end() :].strip()
    return text, False, ""


def _match(text: str) -> tuple[re.Match[str] | None, bool]:
    if match := _NUMBER.match(text):
        return match, False
    for pattern in (_LETTER, _PART):
        if match := pattern.match(text):
            return match, False
    if match := _BRACKETED.match(text):
        return match, True
    return None, False


def _split_rest(rest: str, after: str, hashed: bool, bold: bool) -> tuple[str, str, bool, bool]:
    """What follows the number: (title, content, points seen, is the title sure)."""
    if bold:  # **2.2.3 Title** content: the markup says where the title ends
        points = points_mark(rest) or _POINTS.match(after)
        return _without_points(rest), _after_points(after), points is not None, True
    if leading := _POINTS.match(rest):  # (a) [4pt] content
        title, content, _, sure = _split_rest(rest[leading.end() :].lstrip(" :.-–—"), "", hashed, False)
        return (title, content, True, True) if sure else ("", f"{title}{content}", True, False)
    if wrapped := _EMPHASIS.match(rest):
        after = rest[wrapped.end() :].strip()
        points = points_mark(wrapped[2]) or _POINTS.match(after)
        return _without_points(wrapped[2]), _after_points(after), points is not None, True
    if (points := points_mark(rest)) and _titlelike(before := rest[: points.start()].strip(" :*-–—")):
        return before, rest[points.end() :].strip(" *:"), True, True
    if hashed:
        return _without_points(rest), "", points is not None, True
    if _titlelike(rest):
        return rest, "", points is not None, False
    return "", rest, points is not None, False


def _after_points(text: str) -> str:
    leading = _POINTS.match(text)
    return text[leading.end() :].strip() if leading else text.lstrip(" :")


def _without_points(text: str) -> str:
    return _POINTS.sub("", text).strip(" :*")


def _titlelike(text: str) -> bool:
    """Few words, no mathematics, no sentence: "Size of ConvNets"."""
    words = text.split()
    text = text.replace("vs. ", "vs ")
    return (
        0 < len(words) <= 12
        and (words[0][0].isupper() or words[0][0].isdigit())
        and not any(c in text for c in "=$\\?^_{}")
        and not text.endswith((".", ",", ";"))
        and ". " not in text
    )
