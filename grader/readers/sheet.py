"""A whole sheet in pieces → the answers of all its questions. Shared by Markdown and notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from grader.model import Answer, AnswerState, Where
from grader.readers.answers import MARKER, compose, marker_word
from grader.readers.binding import SIMILAR, Heading, Marker, bind
from grader.readers.headings import Candidate, parse_heading
from grader.readers.pieces import Kind, Piece
from grader.readers.tree import Node, Tree
from grader.readers.words import similar

__all__ = ["answers_of"]

MAX_IDS_SHOWN = 6


def answers_of(
    pieces: Sequence[Piece], tree: Tree, source: str, *, lossy: bool
) -> tuple[dict[str, Answer], list[str]]:
    """Answers by question id, in the outline's order, and notes for people.

    A question whose number stands nowhere has no entry. ``lossy``: the text came through OCR.
    """
    headings = bind(tree, _events(pieces, tree))
    parts, notes = _parts(pieces, headings, tree, source)
    answers: dict[str, Answer] = {}
    for node in tree.nodes:
        if node.question is None:
            continue
        mine = parts.get(node.index)
        said: list[str] = []
        if mine is None:
            mine, said = _from_section(node, tree, parts)
        if mine is None:
            continue
        said += _repeated(mine)
        where = _where(mine, source)
        inside = [p for part in mine for p in (*part, Piece(Kind.BLANK, "", 0))]
        answers[node.question.id] = compose(node.question, inside, where, lossy=lossy, notes=said)
    if lossy:
        answers |= _swallowed(tree, parts, answers)
    notes += _lost(tree, parts, answers)
    return {q: answers[q] for q in tree.outline.ids() if q in answers}, notes


def _events(pieces: Sequence[Piece], tree: Tree) -> list[Candidate | Marker]:
    events: list[Candidate | Marker] = []
    named: tuple[str | None, int | None] = (None, None)
    after_heading = True
    for i, piece in enumerate(pieces):
        if piece.question is not None:
            if (piece.question, piece.cell) != named:
                events.append(Marker(i, _question_node(tree, piece.question)))
            named = (piece.question, piece.cell)
            continue
        named = (None, None)
        if piece.kind is not Kind.TEXT:
            continue
        before = i == 0 or pieces[i - 1].kind is not Kind.TEXT or pieces[i - 1].cell != piece.cell
        line = "" if before or after_heading else pieces[i - 1].text
        after = (
            i + 1 == len(pieces) or pieces[i + 1].kind is not Kind.TEXT or pieces[i + 1].cell != piece.cell
        )
        found = parse_heading(
            piece.text, i, before=line, paragraph=before or after_heading, alone=before and after
        )
        if found:
            events.append(found)
        after_heading = found is not None and bool(found.path or found.hashed)
    return events


def _question_node(tree: Tree, id: str) -> Node | None:
    return next((n for n in tree.nodes if n.question and n.question.id == id), None)


def _parts(
    pieces: Sequence[Piece], headings: Sequence[Heading], tree: Tree, source: str
) -> tuple[dict[int, list[list[Piece]]], list[str]]:
    """The pieces under each node, one list for each of its headings."""
    parts: dict[int, list[list[Piece]]] = {}
    notes: list[str] = []
    for heading, following in zip_longest(headings, headings[1:]):
        at, end = heading.at, following.at if following else len(pieces)
        candidate, line = heading.candidate, pieces[at]
        if heading.restarted and candidate:
            number = ".".join(candidate.path)
            notes.append(
                f"{_at(line, source)}: the number {number} is printed again; read as {heading.node.number}"
            )
        if heading.foreign:
            name = tree.outline.assignment
            notes.append(f"{_at(line, source)}: '{heading.foreign}' is no question of {name}; not read")
            continue
        if candidate is None:
            body = [_without_own_heading(p, heading.node) for p in pieces[at:end]]
        else:
            start = Piece(Kind.BLANK, "", line.line, line.cell)
            body = [start, *_heading_text(heading, line), *pieces[at + 1 : end]]
        parts.setdefault(heading.node.index, []).append(body)
    for node, lists in parts.items():
        parts[node] = [body for body in lists if _has_text(body)] or lists[:1]
    return parts, notes


def _heading_text(heading: Heading, line: Piece) -> list[Piece]:
    """What of a heading's line belongs to the answer: "(a) [4pt] The best option is …"."""
    c = heading.candidate
    assert c is not None
    out: list[Piece] = []
    if c.answer:
        out.append(Piece(Kind.TEXT, MARKER, line.line, line.cell))
    if heading.part:
        mark = f"({c.letter})" if c.letter else ".".join(c.path)
        text = f"{mark} {c.rest}".strip()
    elif heading.node.question and c.title and not c.sure and not _is_title(c.title, heading.node):
        text = c.rest
    else:
        text = c.content
    if text:
        out.append(Piece(Kind.TEXT, text, line.line, line.cell, given=line.given))
    return out


def _is_title(text: str, node: Node) -> bool:
    return node.question is not None and similar(text, node.question.title) >= SIMILAR


def _without_own_heading(piece: Piece, node: Node) -> Piece:
    """In a cell that names its question, the question's heading is not part of the answer."""
    if piece.kind is not Kind.TEXT or not piece.text.lstrip().startswith(("#", "**")):
        return piece
    c = parse_heading(piece.text, 0)
    if c is None or not (c.path == node.path or (not c.path and _is_title(c.title, node))):
        return piece
    return Piece(Kind.TEXT if c.content else Kind.BLANK, c.content, piece.line, piece.cell, given=piece.given)


def _from_section(
    node: Node, tree: Tree, parts: dict[int, list[list[Piece]]]
) -> tuple[list[list[Piece]] | None, list[str]]:
    """The text of the section above, when ``node`` is the only question in it: 3.2 for 3.2a."""
    for above in tree.above(node)[1:-1]:
        if above.question or len(tree.questions_under(above)) != 1:
            break
        if above.index in parts:
            return parts.pop(above.index), [f"written under {above.number}, whose only question this is"]
    return None, []


def _repeated(mine: list[list[Piece]]) -> list[str]:
    places = [f"cell {b.cell}" if b.cell else f"line {b.line}" for part in mine if (b := _first(part))]
    if len(places) < 2 or any(p.question for part in mine for p in part):
        return []
    return [f"its number stands in {len(places)} places ({', '.join(places[:MAX_IDS_SHOWN])}); all were read"]


def _swallowed(
    tree: Tree, parts: dict[int, list[list[Piece]]], answers: dict[str, Answer]
) -> dict[str, Answer]:
    """Questions whose printed number seems lost, for a person: the one before holds two answers."""
    found: dict[str, Answer] = {}
    before: Answer | None = None
    second: Piece | None = None
    for node in tree.nodes:
        if node.question is None:
            continue
        if node.question.id in answers:
            before = answers[node.question.id]
            second = _second_marker(parts.get(node.index, []))
        elif before is not None and second is not None:
            note = f"its number stands nowhere, but two answers stand under {before.question}"
            where = Where(before.where.source, second.line)
            found[node.question.id] = Answer(node.question.id, where, state=AnswerState.FIGURE, notes=(note,))
    return found


def _second_marker(mine: list[list[Piece]]) -> Piece | None:
    words: set[str] = set()
    for piece in (p for part in mine for p in part if p.kind is Kind.TEXT and p.given):
        word = marker_word(piece.text)
        if word and word in words:
            return piece
        words.add(word)
    return None


def _lost(tree: Tree, parts: dict[int, list[list[Piece]]], answers: dict[str, Answer]) -> list[str]:
    """Sections with text under them none of whose questions was found."""
    notes: list[str] = []
    for index in parts:
        node = tree.nodes[index]
        if node.question or not any(_has_text(body) for body in parts[index]):
            continue
        ids = [n.question.id for n in tree.questions_under(node) if n.question]
        direct = [tree.nodes[i] for i in node.children.values()]
        if ids and all(n.question for n in direct) and not any(id in answers for id in ids):
            shown = ", ".join(ids[:MAX_IDS_SHOWN])
            notes.append(f"there is text under {node.number}, but none of its questions ({shown}) was found")
    return notes


def _has_text(body: Sequence[Piece]) -> bool:
    return any(p.text.strip() for p in body)


def _first(body: Sequence[Piece]) -> Piece | None:
    return next((p for p in body if p.text.strip() and p.given), None)


def _where(mine: list[list[Piece]], source: str) -> Where:
    first = next((p for part in mine if (p := _first(part))), None)
    first = first or next((p for part in mine for p in part), None)
    if first is None:
        return Where(source)
    return Where(source, None if first.cell else first.line, first.cell)


def _at(piece: Piece, source: str) -> str:
    return str(Where(source, None if piece.cell else piece.line, piece.cell))
