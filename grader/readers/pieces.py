"""Text cut into pieces: lines that are prose, mathematics, a table row or blank; fenced code whole.

Only prose may be a heading. What is never closed (a fence, a display, a comment) must not swallow the
questions after it, so closing marks are looked for a bounded way ahead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from grader.errors import UnreadableFile

__all__ = ["MAX_LINES", "Kind", "Piece", "cut", "seen"]

MAX_LINES = 20_000
MAX_LINES_OPEN = 400  # how far a display or a comment may reach before it counts as never closed

# What nobody sees and nothing means: copied from a PDF or a web page, it stands even inside numbers. Marks
# that turn the direction of text stay: they change what a person reads.
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_LINE_ENDS = dict.fromkeys(map(ord, "\x85\u2028\u2029"), "\n")

_FENCE = re.compile(r"\s*(?:>\s*)?(`{3,}|~{3,})\s*\{?\.?([A-Za-z0-9_+-]*)")
_MATHS_FENCES = frozenset({"math", "latex", "tex", "katex"})
_TEXT_FENCES = frozenset({"markdown", "md"})
_CODE_BEGIN = re.compile(r"\s*\\begin\{(verbatim|lstlisting|minted|Verbatim)\}")
_DISPLAY_BEGIN = re.compile(
    r"\s*\\begin\{((?:equation|align|aligned|alignat|gather|gathered|multline|eqnarray|split|cases|array|"
    r"[bpvBV]?matrix)\*?)\}"
)
_NUMBERED_HEADING = re.compile(r"#{1,6}\s+\**[0-9]{1,2}(?:\.[0-9]{1,2})+\b")
_TABLE = re.compile(r"\s*(?:>\s*)?\|")
_DATA = re.compile(r"\(data:[^()\n]*+\)")  # a picture's bytes
_PAGE_MARK = re.compile(
    r'<span id="page-[0-9-]{1,20}"></span>|</?(?:br|hr|div|center)\s{0,3}/?>', re.IGNORECASE
)


class Kind(Enum):
    TEXT = "text"
    BLANK = "blank"
    MATHS = "maths"
    TABLE = "table"
    CODE = "code"


@dataclass(slots=True)
class Piece:
    """A line, or a whole block of code. ``line`` counts in the file, or in ``cell`` if that is given.

    ``question`` is set where a cell itself names its question, ``given`` is False for text that the
    sheet, not the student, wrote there.
    """

    kind: Kind
    text: str
    line: int
    cell: int | None = None
    output: str = ""
    question: str | None = None
    given: bool = True


def seen(text: str) -> str:
    """``text`` without characters that are invisible and mean nothing."""
    return text if text.isascii() else text.translate(_UNSEEN)


def cut(text: str, *, cell: int | None = None) -> list[Piece]:
    """The pieces of ``text``, in order.

    Raises:
        UnreadableFile: more than ``MAX_LINES`` lines.
    """
    text = seen(text).translate(_LINE_ENDS)
    if text.count("\n") > MAX_LINES:
        raise UnreadableFile(f"has more than {MAX_LINES:,} lines", cure="hand in the answers only")
    return _Cutter(_DATA.sub("(data:…)", text).split("\n"), cell).run()


class _Cutter:
    def __init__(self, lines: list[str], cell: int | None) -> None:
        self.lines = lines
        self.cell = cell
        self.pieces: list[Piece] = []
        self.searched: dict[str, int] = {}  # mark → the first line not yet looked at in vain

    def run(self) -> list[Piece]:
        at = 0
        while at < len(self.lines):
            at = self._step(at)
        return self.pieces

    def _step(self, at: int) -> int:
        """Take what starts on line ``at``; the line after it."""
        line = self.lines[at]
        if "<" in line:
            line = self._without_marks(at)
            if not line.strip():
                self._add(Kind.BLANK, "", at)
                return at + 1
        if fence := _FENCE.match(line):
            return self._fence(at, fence)
        if begin := _CODE_BEGIN.match(line):
            end = self._closing(at, f"\\end{{{begin[1]}}}")
            if end is not None:
                self._add(Kind.CODE, "\n".join(self.lines[at + 1 : end]), at + 1)
                return end + 1
        end = self._display_end(at, line)
        if end is not None:
            begins = line.lstrip(" \t>").startswith(("$", "\\"))
            self._add(Kind.MATHS if begins else Kind.TEXT, line.rstrip(), at)
            for i in range(at + 1, end + 1):
                self._add(Kind.MATHS, self.lines[i], i)
            return end + 1
        kind = Kind.BLANK if not line.strip() else Kind.TABLE if _TABLE.match(line) else Kind.TEXT
        self._add(kind, line.rstrip() if kind is not Kind.BLANK else "", at)
        return at + 1

    def _add(self, kind: Kind, text: str, at: int) -> None:
        self.pieces.append(Piece(kind, text, at + 1, self.cell))

    def _without_marks(self, at: int) -> str:
        """The line without page marks and comments; a comment of several lines is blanked in place."""
        line = _PAGE_MARK.sub(" ", self.lines[at]) if len(self.lines[at]) < 10_000 else self.lines[at]
        kept: list[str] = []
        start = 0
        while (begin := line.find("<!--", start)) >= 0:
            kept.append(line[start:begin])
            end = line.find("-->", begin)
            if end < 0:
                close = self._closing(at, "-->", "<!--")
                if close is None:
                    start = begin
                    break
                for i in range(at + 1, close):
                    self.lines[i] = ""
                self.lines[close] = self.lines[close].partition("-->")[2]
                return "".join(kept)
            start = end + 3
        return "".join(kept) + line[start:]

    def _fence(self, at: int, fence: re.Match[str]) -> int:
        mark, word = fence[1], fence[2].lower()
        if mark in self.lines[at][fence.end() :]:  # ```inline``` on one line
            self._add(Kind.TEXT, self.lines[at].rstrip(), at)
            return at + 1
        end = at + 1
        closed = False
        while end < len(self.lines):
            bare = self.lines[end].strip().lstrip("> ")
            if bare.startswith(mark) and not bare.strip(mark[0]):
                closed = True
                break
            if _NUMBERED_HEADING.match(self.lines[end]) and not self._closes(end, mark):
                break
            end += 1
        inside = range(at + 1, end)
        if word in _TEXT_FENCES:
            self.lines[at] = ""
            if closed:
                self.lines[end] = ""
            return at
        if word in _MATHS_FENCES:
            self._add(Kind.MATHS, "$$", at)
            for i in inside:
                self._add(Kind.MATHS, self.lines[i], i)
            self._add(Kind.MATHS, "$$", end)
        else:
            self._add(Kind.CODE, "\n".join(self.lines[i] for i in inside), at + 1)
        return end + 1 if closed else end

    def _closes(self, at: int, mark: str) -> bool:
        """Is the heading on line ``at`` a comment in code that a fence closes further down?"""
        for i in range(at + 1, min(len(self.lines), at + MAX_LINES_OPEN)):
            bare = self.lines[i].strip()
            if bare.startswith(mark):
                return not bare.strip(mark[0])  # an opening fence with a word belongs to the next block
        return False

    def _display_end(self, at: int, line: str) -> int | None:
        """The last line of the display that starts on line ``at``, if one does."""
        bare = line.lstrip(" \t>")
        if line.count("$$") % 2:
            return self._closing(at, "$$")
        if bare.startswith("$$") and bare.rstrip(" .,;").endswith("$$"):
            return at
        if bare.startswith("\\["):
            return at if "\\]" in bare else self._closing(at, "\\]")
        if begin := _DISPLAY_BEGIN.match(line):
            end = f"\\end{{{begin[1]}}}"
            return at if end in line else self._closing(at, end)
        return None

    def _closing(self, at: int, mark: str, opening: str = "") -> int | None:
        """The line that holds ``mark`` next, unless it is far away, or behind a numbered heading (behind
        another ``opening`` if that is given)."""
        begin = max(at + 1, self.searched.get(mark, 0))  # never look at a line twice for one mark
        for i in range(begin, min(len(self.lines), at + MAX_LINES_OPEN)):
            line = self.lines[i]
            if mark in line:
                self.searched[mark] = 0
                return i
            ends = opening in line if opening else _NUMBERED_HEADING.match(line) or line.startswith("```")
            self.searched[mark] = i if ends else i + 1
            if ends:
                return None
        return None
