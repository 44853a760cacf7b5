"""JSON submissions: ``{"student": …, "assignment": …, "answers": {"2.2.3": …}}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grader.errors import UnreadableFile
from grader.model import Answer, AnswerState, CodeCell, QuestionHead, Submission, Where
from grader.readers.answers import compose
from grader.readers.files import decode, refuse_conflict
from grader.readers.header import MAX_ID
from grader.readers.ids import closest, question_id
from grader.readers.json_text import parse_json
from grader.readers.outlines import OutlineFor, require_outline
from grader.readers.pieces import Kind, Piece, cut
from grader.readers.tree import Node, Path, Tree, split_number

__all__ = ["read_json"]

MAX_KEYS_SHOWN = 10

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*+)"(\s*+:)?', re.DOTALL)

# What remains of a LaTeX command when JSON read its backslash and first letter as an escape. Only
# remains that are no words of their own are repaired.
_EATEN = re.compile(
    "\b(?=eta|ar|oldsymbol|f|egin|inom|ig|ox|lacksquare|ullet|mod)|"
    "\f(?=rac|orall|lat)|"
    "\n(?=abla|eq\\b|otin\\b|orm\\b|ewline)|"
    "\r(?=ight|ho\\b|angle|m\\b|floor|ceil|[Vv]ert)|"
    "\t(?=heta|ilde|imes|ext|au\\b|op\\b|riangle|anh\\b|frac)"
)
_LETTER = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}
_CODE_START = re.compile(r"(?:(?:import|from)\s+\w|def\s+\w+\s*\(|class\s+\w|@\w)")
_DEF = re.compile(r"^\s*def\s+\w+\s*\(", re.MULTILINE)


def read_json(
    data: bytes,
    outline_for: OutlineFor,
    *,
    source: str,
    student: str | None,
    fallback: str,
    assignment: str | None,
) -> Submission:
    """
    Raises:
        UnreadableFile: no JSON, not this shape, no known assignment, or answers to none of its questions.
    """
    text = decode(data)
    content = parse_json(text)
    if not isinstance(content, dict):
        raise UnreadableFile(
            f'the file holds {_kind(content)}; expected an object with "student" and "answers"',
            cure="one file a student" if isinstance(content, list) else "",
        )
    says = _name(content, "student")
    named = _name(content, "assignment") or assignment
    outline = require_outline(outline_for, named, 'add "assignment" to the file')
    given = content.get("answers")
    if not isinstance(given, dict):
        seen = _kind(given) if "answers" in content else "missing"
        raise UnreadableFile(
            f'"answers" is {seen}; expected an object such as {{"{(outline.ids() or ("1",))[0]}": "…"}}',
            cure="put the answers under the numbers of their questions",
        )
    tree = Tree(outline)
    found, notes = _bind(given, tree)
    if given and not found:
        shown = ", ".join(f'"{k[:40]}"' for k in list(given)[:MAX_KEYS_SHOWN])
        raise UnreadableFile(
            f"none of its answers ({shown}) is to a question of {outline.assignment}",
            cure="is it another assignment?",
        )
    lines = _lines(text)
    answers: dict[str, Answer] = {}
    for head in outline.questions:
        if head.id in found:
            key, value = found[head.id]
            answers[head.id] = _answer(head, value, Where(source, lines.get(key)))
    if says and student and says != student:
        notes.append(f"the file says student {says}, its folder {student}")
    cells = tuple(replace(c, question=id) for id, a in answers.items() for c in (*a.code, *_code_parts(a)))
    return Submission(says or student or fallback, named, source, answers, tuple(notes), cells=cells)


def _code_parts(answer: Answer) -> list[CodeCell]:
    """The parts of an object that are programs."""
    parts = answer.value.values() if isinstance(answer.value, dict) else ()
    return [CodeCell(v.strip("\n"), answer.where) for v in parts if isinstance(v, str) and _is_code(v)]


def _is_code(text: str) -> bool:
    first = text.lstrip()
    return bool(_CODE_START.match(first)) and bool(
        _DEF.search(text) or first.startswith(("import ", "from "))
    )


def _name(content: Mapping[str, Any], key: str) -> str | None:
    value = content.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UnreadableFile(
            f'"{key}" is {_kind(value)}; expected a text', cure='write it as a text in double quotes "…"'
        )
    name = str(value).strip()
    if len(name) > MAX_ID:
        raise UnreadableFile(
            f'"{key}" has {len(name)} characters (at most {MAX_ID})', cure="give the id only"
        )
    return name or None


def _bind(given: Mapping[str, Any], tree: Tree) -> tuple[dict[str, tuple[str, Any]], list[str]]:
    """Question id → (key, value); exact keys win over other spellings of the same question."""
    found: dict[str, tuple[str, Any]] = {}
    notes: list[str] = []
    unknown: list[str] = []
    ids = tree.outline.ids()
    for key in sorted(given, key=lambda k: k.strip() not in ids):
        value = given[key]
        id = question_id(key, tree)
        if id is None and isinstance(value, dict):
            inner = _nested(key, value, tree)
            if inner:
                for id, item in inner.items():
                    found.setdefault(id, item)
                continue
        if id is None:
            unknown.append(key)
        elif id in found:
            notes.append(f'"{key[:40]}" and "{found[id][0][:40]}" are one question; the second was read')
        else:
            found[id] = (key, value)
    for key in unknown[:MAX_KEYS_SHOWN]:
        guess = closest(key, ids)
        hint = f"; did you mean {guess}?" if guess else ""
        notes.append(f'"{key[:40]}" is no question of {tree.outline.assignment}{hint}')
    if len(unknown) > MAX_KEYS_SHOWN:
        notes.append(
            f"{len(unknown) - MAX_KEYS_SHOWN} more keys are no questions of {tree.outline.assignment}"
        )
    return found, notes


def _nested(key: str, value: Mapping[str, Any], tree: Tree) -> dict[str, tuple[str, Any]]:
    """``{"3.1.2": {"a": …, "b": …}}`` where the questions are 3.1.2a and 3.1.2b."""
    node = tree.find(split_number(key)) if re.fullmatch(r"\s*[0-9]+(?:\.[0-9]+)*\s*", key) else None
    if node is None:
        return {}
    inner: dict[str, tuple[str, Any]] = {}
    for name, item in value.items():
        steps = _steps(name)
        below: Node | None = tree.find((*node.path, *steps)) if steps else None
        if below is None or below.question is None:
            return {}
        inner[below.question.id] = (name, item)
    return inner


def _steps(name: str) -> Path:
    return split_number(name) if re.fullmatch(r"\s*\(?(?:[a-z]|[0-9.]{1,12}[a-z]?)\)?\s*", name) else ()


def _answer(head: QuestionHead, value: Any, where: Where) -> Answer:
    if isinstance(value, str):
        return _text_answer(head, value, where)
    if value is None or value == [] or value == {}:
        return Answer(head.id, where, state=AnswerState.MISSING)
    if isinstance(value, dict | list) and all(_blank(v) for v in _leaves(value)):
        return Answer(head.id, where, state=AnswerState.MISSING)
    repaired = _repaired_values(value)
    notes = (_repair_note(),) if repaired != value else ()
    return Answer(head.id, where, value=repaired, notes=notes)


def _text_answer(head: QuestionHead, value: str, where: Where) -> Answer:
    text, eaten = _EATEN.subn(lambda m: "\\" + _LETTER[m[0]], value)
    notes = [_repair_note()] if eaten else []
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    refuse_conflict(text, f'answer "{head.id}"')
    if _is_code(text):
        pieces = [Piece(Kind.CODE, text.strip("\n"), where.line or 1)]
        notes.append("read as code")
    else:
        pieces = cut(text)
        for piece in pieces:
            piece.line = where.line or 1
    return compose(head, pieces, where, lossy=False, repeats_question=False, notes=notes)


def _repair_note() -> str:
    return r'a LaTeX command had lost its backslash; inside JSON it is written twice ("\\theta")'


def _repaired_values(value: Any) -> Any:
    if isinstance(value, str):
        return _EATEN.sub(lambda m: "\\" + _LETTER[m[0]], value)
    if isinstance(value, list):
        return [_repaired_values(v) for v in value]
    if isinstance(value, dict):
        return {k: _repaired_values(v) for k, v in value.items()}
    return value


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for v in value.values() for leaf in _leaves(v)]
    if isinstance(value, list):
        return [leaf for v in value for leaf in _leaves(v)]
    return [value]


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
    return "an object"


def _lines(text: str) -> dict[str, int]:
    """The line on which each key inside "answers" stands first."""
    lines: dict[str, int] = {}
    inside = False
    line, last = 1, 0
    for token in _TOKEN.finditer(text):
        if not token[2]:
            continue
        line += text.count("\n", last, token.start())
        last = token.start()
        if inside:
            lines.setdefault(token[1], line)
        inside = inside or token[1] == "answers"
    return lines
