"""The pieces under one question's number → its ``Answer``: marker, repeated question, code, state."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.model import Answer, AnswerState, CodeCell, QuestionHead, Where
from grader.readers.pieces import Kind, Piece
from grader.readers.prompts import asks_for_drawing, is_students, question_end

__all__ = ["MARKER", "compose", "marker_word"]

MARKER = "Answer."  # what a heading such as "Solution to 2.2.3" leaves behind
MAX_PLACEHOLDER = 200  # characters
MAX_WORKED = 1  # blocks after "Answer: …" up to which it counts as the last line of the work before it

_MARKER = re.compile(
    r"[\s>#*_-]{0,12}(?:\\(?:textbf|textit|emph|underline|paragraph\*?|(?:sub){0,2}section\*?)\{)?"
    r"(?:(?:my|our|student'?s?|your)\s)?"
    r"(?P<word>answers?|ans|solutions?|sol|response)\b(?P<part>\s?\([a-z]\))?"
    r"(?P<end>\s?[.:]?[*_}]{1,3}[.:]?|\s?[.:])?\s*(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_WORKS = re.compile(
    r"\b(?:thus|therefore|hence|it follows|substituting|plugging|we (?:get|have|obtain|find|see that|can))\b",
    re.IGNORECASE,
)
_BEGIN_ANSWER = re.compile(r"\s*\\begin\{(?:solution|answer|sol|proof)\}\s*(?:\[[^\]]*\])?", re.IGNORECASE)
_END_ANSWER = re.compile(r"\s*\\end\{(?:solution|answer|sol|proof)\}\s*", re.IGNORECASE)
_END_MARK = re.compile(
    r"\\(?:blacksquare|square|Box|qed(?:symbol|here)?|hfill|quad|qquad)\b|[■□∎◻◼▪▢]|\bq\.?\s?e\.?\s?d\b\.?|"
    r"\bas (?:required|desired|was to be shown|needed)\b\.?",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"[\s*_#>\[(<-]*(?:your (?:answer|code|solution|response) (?:goes )?here|"
    r"(?:double.?click|click here) to .{0,40}|"
    r"(?:type|write|enter|put) your (?:answer|solution|code) here.{0,60}|"
    r"n/?a|todo|tbd|no answer|not attempted|left blank|skipped|did not attempt|"
    r"\.{3}|…|-{1,3}|—|\?)[\s*_.\])>!-]*",
    re.IGNORECASE,
)
# No part of these may run past where the next one could start: that keeps them linear.
_IMAGE = re.compile(
    r"!\[[^\[\]]*+\]\([^()]*+\)|!\[\[[^\[\]]*+\]\]|<img\b[^<>]*+>|"
    r"\\includegraphics(?:\[[^\[\]]*+\])?\{[^{}]*+\}"
)
_FIGURE_SHELL = re.compile(
    r"\\(?:begin|end)\{(?:figure|center)\*?\}(?:\[[^\[\]]*+\])?|\\centering|"
    r"</?(?:figure|center|p|div)\b[^<>]*+>"
)
_CAPTION = re.compile(r"[\s*_]*(?:figure|fig\.?|plot)\s?[0-9]{1,2}\s?[.:)]|\\caption\{", re.IGNORECASE)
_CODE_PLACEHOLDER = re.compile(r"(?:raise NotImplementedError(?:\(.*\))?|pass|\.\.\.)\s*")


@dataclass(slots=True)
class _Block:
    """Neighbouring pieces of one kind."""

    kind: Kind
    first: int  # index of its first piece
    text: str

    @property
    def prose(self) -> bool:
        return self.kind is Kind.TEXT


def compose(
    head: QuestionHead,
    pieces: Sequence[Piece],
    where: Where,
    *,
    lossy: bool,
    repeats_question: bool = True,
    notes: Sequence[str] = (),
) -> Answer:
    """``lossy``: the text came through OCR, so a blank may be a lost drawing. ``repeats_question``: the
    question's own words may stand before the answer."""
    known = f"{head.title} {head.prompt}"
    said = list(notes)
    sheet = [p for p in pieces if not p.given]
    mine = [p for p in pieces if p.given]
    code = tuple(
        CodeCell(p.text, _place(p, where.source), p.output)
        for p in mine
        if p.kind is Kind.CODE and not _is_code_placeholder(p.text)
    )
    written = [p for p in mine if p.kind is not Kind.CODE]
    cut, rest, marked, note = _after_marker(written, known)
    said += note
    text = _join(rest)
    prompt = [_join(sheet), _join(written[:cut])]
    if not marked and repeats_question and text:
        asked, text, rest = _without_question(rest, known, alone=not code)
        prompt.append(asked)
    prompt_text = "\n\n".join(p for p in prompt if p)
    text = _without_placeholders(text)
    if code and _is_placeholder(text):
        text = ""
    state = _state(text, bool(code), marked, lossy, prompt_text)
    if state is AnswerState.GIVEN and _IMAGE.search(text):
        said.append("holds a figure, which only a person can see")
    if state is AnswerState.MISSING:
        text = ""
    if text:
        where = next((_place(p, where.source) for p in rest if p.text.strip()), where)
    elif code:
        where = code[0].where
    return Answer(head.id, where, text=text, code=code, state=state, prompt=prompt_text, notes=tuple(said))


def _place(piece: Piece, source: str) -> Where:
    return Where(source, piece.line if piece.cell is None else None, piece.cell)


def _state(text: str, has_code: bool, marked: bool, lossy: bool, prompt: str) -> AnswerState:
    if has_code:
        return AnswerState.GIVEN
    if not text:
        if prompt and not marked:
            return AnswerState.FIGURE if lossy and asks_for_drawing(prompt) else AnswerState.MISSING
        return AnswerState.FIGURE if lossy else AnswerState.MISSING
    if not _END_MARK.sub("", text).strip(" \n\t$.,;()*_{}\\") or _is_placeholder(text):
        return AnswerState.MISSING
    if _is_figure(text):
        return AnswerState.FIGURE
    return AnswerState.GIVEN


def _is_placeholder(text: str) -> bool:
    return len(text) <= MAX_PLACEHOLDER and _PLACEHOLDER.fullmatch(text) is not None


def _is_figure(text: str) -> bool:
    """Nothing but pictures and their captions."""
    left = _FIGURE_SHELL.sub("", _IMAGE.sub("", text))
    blocks = [b for b in left.split("\n\n") if b.strip()]
    if not blocks:
        return True
    return all(_CAPTION.match(b.strip()) for b in blocks)


def _is_code_placeholder(code: str) -> bool:
    lines = (line.strip() for line in code.splitlines())
    return all(not line or line.startswith(("#", "%")) or _CODE_PLACEHOLDER.fullmatch(line) for line in lines)


def _without_placeholders(text: str) -> str:
    lines = text.split("\n")
    if len(lines) == 1:
        return text
    kept = [line for line in lines if not ("your" in line.lower() and _is_placeholder(line))]
    return "\n".join(kept).strip()


def _after_marker(pieces: list[Piece], known: str) -> tuple[int, list[Piece], bool, list[str]]:
    """(how many pieces are the question's, the answer's pieces, was there a marker, notes)."""
    for i, piece in enumerate(pieces):
        if piece.kind is not Kind.TEXT:
            continue
        found = _marker(piece.text, starts=i == 0 or pieces[i - 1].kind is not Kind.TEXT)
        if found is None:
            continue
        rest, own_line = found
        after = [Piece(Kind.TEXT, rest, piece.line, piece.cell)] if rest else []
        after += [p for p in pieces[i + 1 :] if not _END_ANSWER.fullmatch(p.text)]
        before = _blocks(pieces[:i])
        asked, _ = question_end([*((b.prose, b.text) for b in before), (False, "")], known)
        if asked < len(before):
            short = len(_blocks(after)) <= MAX_WORKED
            if _works(before[asked:], surely=not short) or (short and not own_line):
                return 0, pieces, False, []  # work first, "Answer: …" last
            note = f"what stands before '{piece.text.strip()[:20]}' was taken for the question's own words"
            return i, after, True, [note]
        return i, after, True, []
    return 0, pieces, False, []


def _works(blocks: list[_Block], *, surely: bool) -> bool:
    """Is the problem being worked here, not posed?"""
    prose = [b.text for b in blocks if b.prose]
    return any(_WORKS.search(text) if surely else is_students(text) for text in prose)


def marker_word(line: str) -> str:
    """ "answer" for a line that begins "Answer." or the like; empty for any other line."""
    match = _MARKER.fullmatch(line)
    if match is None or match["part"] or _marker(line, starts=True) is None:
        return ""
    return match["word"].lower()


def _marker(line: str, *, starts: bool) -> tuple[str, bool] | None:
    """(what follows "Answer." on its line, is the marker a line of its own or set off by markup)."""
    if begin := _BEGIN_ANSWER.match(line):
        return line[begin.end() :].strip(), True
    match = _MARKER.fullmatch(line)
    if match is None:
        return None
    rest, end = match["rest"].strip(), (match["end"] or "").strip()
    part = (match["part"] or "").strip()
    own_line = not rest
    set_off = any(c in end for c in "*_}") or line.lstrip(" >").startswith("#")
    if not own_line and not end:
        return None  # "Solutions of this equation are …"
    if not (starts or own_line or set_off):
        return None
    if not match["word"][0].isupper() and not ((own_line and end) or set_off):
        return None
    return f"{part} {rest}".strip(), own_line or set_off


def _without_question(pieces: list[Piece], known: str, *, alone: bool) -> tuple[str, str, list[Piece]]:
    """(the question's words repeated at the start, the answer, the pieces that hold the answer)."""
    blocks = _blocks(pieces)
    shown = [(b.prose, b.text) for b in blocks]
    if not alone:
        shown.append((False, ""))  # the code is the answer
    index, at = question_end(shown, known)
    if index >= len(blocks):
        return _join(pieces), "", []
    first = blocks[index].first
    asked, rest = _join(pieces[:first]), pieces[first:]
    text = _join(rest)
    if at:
        start = text.find(blocks[index].text) + at
        asked, text = "\n\n".join(p for p in (asked, text[:start].strip()) if p), text[start:].strip()
    return asked, text, rest


def _blocks(pieces: Sequence[Piece]) -> list[_Block]:
    blocks: list[_Block] = []
    last: Kind | None = None
    for i, piece in enumerate(pieces):
        if piece.kind is Kind.BLANK or not piece.text.strip():
            last = None
        elif piece.kind is last:
            blocks[-1].text += "\n" + piece.text
        else:
            blocks.append(_Block(piece.kind, i, piece.text))
            last = piece.kind
    return blocks


def _join(pieces: Sequence[Piece]) -> str:
    lines: list[str] = []
    for piece in pieces:
        if piece.text.strip():
            lines.append(piece.text)
        elif lines and lines[-1]:
            lines.append("")
    return "\n".join(lines).strip("\n").strip()
