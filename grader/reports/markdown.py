"""What a student wrote, as it was meant to look: its formulas drawn, its tables as tables, words between two
stars bold. Nothing else of Markdown is interpreted, and nothing here decides anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup

from grader.reports.mathml import MAX_TEXT, display, has_maths

__all__ = ["is_drawn", "markdown", "written_as_code"]

MAX_COLUMNS = 30

_RULE = re.compile(r"\|?:?-+:?(?:\|:?-+:?)*\|?")  # without its blanks
_CELLS = re.compile(r"(?:\\.|[^|\\]|\\$)*")
_BOLD = re.compile(r"(?<![\w)\]*])\*\*(\w[^*\n$]{0,200}?)\*\*(?![\w(*])")
_CODE = re.compile(r"[=@*^_\\|{}<>]|\]\s*[,\[]")


def is_drawn(text: str) -> bool:
    """Whether the text has to be drawn: it has formulas, or a table."""
    return has_maths(text) or any(isinstance(block, list) for block in _blocks(text[:MAX_TEXT]))


def written_as_code(text: str) -> bool:
    """Whether a text without formulas is rather a program's than a sentence."""
    return _CODE.search(_BOLD.sub("", text)) is not None


def markdown(text: str) -> Markup:
    """The text, drawn."""
    return Markup("").join(
        _table(block) if isinstance(block, list) else _words(block) for block in _blocks(text[:MAX_TEXT])
    )


def _words(text: str) -> Markup:
    parts: list[Markup] = []
    at = 0
    for m in _BOLD.finditer(text):
        parts += [display(text[at : m.start()]), Markup("<strong>{}</strong>").format(display(m[1]))]
        at = m.end()
    return Markup("").join([*parts, display(text[at:])])


def _blocks(text: str) -> Iterator[str | list[list[str]]]:
    """Pieces of text, and tables as rows of cells."""
    lines = text.split("\n")
    start = k = 0
    while k < len(lines):
        end = _end_of_table(lines, k)
        if end == k:
            k += 1
            continue
        if start < k:
            yield "\n".join(lines[start:k]).rstrip("\n")
        yield [_cells(line) for i, line in enumerate(lines[k:end]) if i != 1]
        while end < len(lines) and not lines[end].strip():
            end += 1
        start = k = end
    if start < len(lines):
        yield "\n".join(lines[start:])


def _end_of_table(lines: list[str], k: int) -> int:
    """Where the table that begins in a line ends; that line, where none does."""
    rule = "".join(lines[k + 1].split()) if k + 1 < len(lines) and "|" in lines[k] else ""
    if "|" not in rule or not _RULE.fullmatch(rule):
        return k
    end = k + 2
    while end < len(lines) and "|" in lines[end]:
        end += 1
    return end


def _cells(line: str) -> list[str]:
    bare = line.strip().removeprefix("|")
    bare = bare[:-1] if bare.endswith("|") and not bare.endswith("\\|") else bare
    return [m.strip().replace("\\|", "|").replace("\\*", "*") for m in _split(bare)][:MAX_COLUMNS]


def _split(line: str) -> Iterator[str]:
    at = 0
    while at <= len(line):
        m = _CELLS.match(line, at)
        end = m.end() if m else len(line)
        yield line[at:end]
        at = end + 1


def _table(rows: list[list[str]]) -> Markup:
    head, *body = rows
    width = len(head)

    def row(tag: str, cells: list[str]) -> Markup:
        padded = [*cells, *[""] * (width - len(cells))]
        opening = Markup('<th scope="col">') if tag == "th" else Markup("<td>")
        inner = Markup("").join(opening + _words(c) + Markup(f"</{tag}>") for c in padded)
        return Markup("<tr>{}</tr>").format(inner)

    return Markup('<table class="own"><thead>{}</thead><tbody>{}</tbody></table>').format(
        row("th", head), Markup("").join(row("td", r) for r in body)
    )
