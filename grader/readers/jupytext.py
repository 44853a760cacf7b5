"""Notebooks as text, as jupytext and MyST keep them → the same cells as those of an ``.ipynb`` file.

- Markdown (``.md``) whose header speaks of jupytext, or that has a ``{code-cell}``: MyST's directives and its
  ``+++`` with metadata, or fences in the notebook's language and ``<!-- #region -->``;
- R Markdown and Quarto (``.Rmd``, ``.qmd``): fences such as ``{python}``;
- Python (``.py``) in the percent format: ``# %% [markdown] tags=["2.2.3"]``.

Metadata is JSON, ``key=JSON``, or the one list that counts here, ``tags``, as YAML; nothing else of YAML is
read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from grader.errors import UnreadableFile
from grader.readers.header import read_header

__all__ = ["looks_like_notebook", "text_notebook"]

MAX_HEADER = 200  # lines
MAX_METADATA = 4_000  # characters of one cell's
MAX_OPTIONS = 40  # lines of one cell's

_PERCENT = re.compile(r"# ?%%%*(?=\s|$)(.*)")
_PERCENT_LINE = re.compile(rb"^# ?%%%*(?=\s|$)", re.MULTILINE)
_HEADER_LINE = re.compile(rb"^(?:# )?(?:jupytext|kernelspec|jupyter):", re.MULTILINE)
_DIRECTIVE_LINE = re.compile(rb"^(?:`{3,}|~{3,}|:{3,})\{code-cell\}", re.MULTILINE)
_KIND = re.compile(r"\[(markdown|md|raw)\]")
_FENCE = re.compile(r"(`{3,}|~{3,}|:{3,})(.*)")
_DIRECTIVE = re.compile(r"\{(code-cell|raw-cell)\}(.*)")
_CHUNK = re.compile(r"\{\.?([A-Za-z][A-Za-z0-9_]*)([\s,].*)?\}\s*")
_LANGUAGE = re.compile(r"(?:python3?|ipython3?)(?:\s+(.*))?", re.IGNORECASE)
_REGION = re.compile(r"<!-- #(region|md|markdown|raw)\b(.*?)-->\s*")
_REGION_END = re.compile(r"<!-- #end(?:region|md|markdown|raw)\s*-->\s*")
_KEY = re.compile(r"[,\s]*([A-Za-z_.][\w.-]*)\s*=\s*")
_QUOTED = re.compile(r"\"([^\"\n]{0,100})\"|'([^'\n]{0,100})'")
_VALUE = re.compile(r"c\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|'[^']*'|[^\s,]*")
_ITEM = re.compile(r"'([a-z_]{1,40})':\s*('[^'\n]{0,100}'|True|False|[0-9.]{1,20})")
_OPTION = re.compile(r"(?:#\|\s*|:)?([A-Za-z_][\w-]*):\s*(.*)")
_STRING = re.compile(r"[rR]?(\"\"\"|''')")

_Cells = list[dict[str, Any]]


def looks_like_notebook(data: bytes, suffix: str) -> bool:
    """Is a text file with this suffix a notebook, not a sheet or a program?"""
    if suffix == ".py":
        return _PERCENT_LINE.search(data.replace(b"\r\n", b"\n")) is not None
    if suffix == ".md":
        text = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").lstrip()
        head = text.split(b"\n---\n", 1)[0] if text.startswith(b"---\n") else b""
        return _HEADER_LINE.search(head) is not None or _DIRECTIVE_LINE.search(text) is not None
    return suffix in (".rmd", ".qmd")


def text_notebook(text: str, suffix: str) -> dict[str, Any]:
    """The notebook as its JSON would be.

    Raises:
        UnreadableFile: a cell that is never closed.
    """
    lines = text.split("\n")
    comment = "# " if suffix == ".py" else ""
    header, start = _header(lines, comment)
    cells = _percent(lines, start) if suffix == ".py" else _markdown(lines, start)
    who = read_header("\n".join(header))
    said = {"student": who.student, "assignment": who.assignment}
    return {"nbformat": 4, "metadata": {k: v for k, v in said.items() if v}, "cells": cells}


def _header(lines: Sequence[str], comment: str) -> tuple[list[str], int]:
    """(the front matter, the line after it)."""
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[first].strip() != f"{comment}---":
        return [], 0
    for end in range(first + 1, min(len(lines), first + MAX_HEADER)):
        if lines[end].strip() == f"{comment}---":
            return [line.removeprefix(comment) for line in lines[first : end + 1]], end + 1
    return [], 0


# ---- Markdown


def _markdown(lines: Sequence[str], start: int) -> _Cells:
    cells: _Cells = []
    words: list[str] = []
    metadata: dict[str, Any] = {}

    def flush(following: dict[str, Any] | None = None) -> None:
        nonlocal words, metadata
        if any(line.strip() for line in words):
            cells.append(_cell("markdown", words, metadata))
        words, metadata = [], following or {}

    at = start
    while at < len(lines):
        line = lines[at]
        fence = _FENCE.match(line)
        if fence:
            end = _closing(lines, at, fence[1])
            found = _code(fence[2].strip(), lines[at + 1 : end])
            if end == len(lines) and found:
                raise UnreadableFile(
                    f"the cell that begins here is never closed ({line.strip()[:40]})",
                    place=str(at + 1),
                    cure=f"close it with {fence[1][:10]} on a line of its own",
                )
            if found:
                flush()
                cells.append(found)
                at = end + 1
                continue
            if end < len(lines):
                words += lines[at : end + 1]
                at = end + 1
                continue
        elif line.startswith("+++") and not line[3:].strip().strip("+{").isalnum():
            flush(_metadata(line[3:].strip()))
            at += 1
            continue
        elif region := _REGION.fullmatch(line):
            flush(_metadata(region[2].strip()))
            if region[1] == "raw":
                end = next((i for i in range(at, len(lines)) if _REGION_END.fullmatch(lines[i])), len(lines))
                cells.append(_cell("raw", lines[at + 1 : end], metadata))
                metadata, at = {}, end
            at += 1
            continue
        elif _REGION_END.fullmatch(line):
            flush()
            at += 1
            continue
        words.append(line)
        at += 1
    flush()
    return cells


def _closing(lines: Sequence[str], at: int, mark: str) -> int:
    for i in range(at + 1, len(lines)):
        bare = lines[i].strip()
        if bare.startswith(mark) and not bare.strip(mark[0]):
            return i
    return len(lines)


def _code(info: str, body: Sequence[str]) -> dict[str, Any] | None:
    """The cell that a fence is; None: it is part of the text around it."""
    if directive := _DIRECTIVE.fullmatch(info):
        options, rest = _options(body)
        return _cell("code" if directive[1] == "code-cell" else "raw", rest, options)
    if chunk := _CHUNK.fullmatch(info):
        options, rest = _options(body)
        return _cell("code", rest, {**_metadata((chunk[2] or "").strip(" ,")), **options})
    if (language := _LANGUAGE.fullmatch(info)) and ".noeval" not in info:
        return _cell("code", body, _metadata(language[1] or ""))
    return None


def _options(body: Sequence[str]) -> tuple[dict[str, Any], Sequence[str]]:
    """What a cell's first lines say of it: ``:tags: [a]``, ``#| tags: [a]``, or YAML between two ``---``."""
    end, inner = 0, list[str]()
    if body and body[0].strip() == "---":
        stop = next((i for i in range(1, min(len(body), MAX_OPTIONS)) if body[i].strip() == "---"), 0)
        end, inner = (stop + 1, list(body[1:stop])) if stop else (0, [])
    else:
        marks = (":", "#|")
        while end < min(len(body), MAX_OPTIONS) and body[end].startswith(marks):
            end += 1
        inner = [line.removeprefix("#|") if line.startswith("#|") else line for line in body[:end]]
    return _tags(inner), body[end:]


def _tags(lines: Sequence[str]) -> dict[str, Any]:
    """``tags``, ``question`` and nbgrader's of a little YAML: a list on one line, or an item a line."""
    found: dict[str, Any] = {}
    key = ""
    for line in lines:
        bare = line.strip()
        if key == "nbgrader" and line.startswith(" ") and (inner := _OPTION.fullmatch(bare)):
            found.setdefault(key, {})[inner[1]] = _plain(inner[2])
            continue
        if bare.startswith("- ") and key == "tags":
            found.setdefault("tags", []).append(bare[2:].strip().strip("\"'"))
            continue
        match = _OPTION.fullmatch(bare)
        key = match[1] if match else ""
        value = match[2].strip() if match else ""
        if key == "question" and value:
            found[key] = value.strip("\"'")
        elif key == "tags" and value:
            found[key] = [
                name for part in value.strip("[]").split(",") if (name := part.strip().strip("\"'"))
            ]
    return found


def _plain(text: str) -> Any:
    return {"true": True, "false": False}.get(text.lower(), text.strip("\"'"))


# ---- Python


def _percent(lines: Sequence[str], start: int) -> _Cells:
    cells: _Cells = []
    kind, metadata, body = "code", dict[str, Any](), list[str]()

    def flush() -> None:
        inner = _commented(body) if kind != "code" else body
        if any(line.strip() for line in inner):
            cells.append(_cell(kind, inner, metadata))

    for line in lines[start:]:
        match = _PERCENT.fullmatch(line.rstrip())
        if match is None:
            body.append(line)
            continue
        flush()
        said = match[1][:MAX_METADATA]
        kind, body = "code", []
        if found := _KIND.search(said):
            kind = "raw" if found[1] == "raw" else "markdown"
            said = f"{said[: found.start()]} {said[found.end() :]}"
        metadata = _metadata(said.strip())
    flush()
    return cells


def _commented(body: Sequence[str]) -> list[str]:
    """Text that stands in comments, or in one string."""
    text = "\n".join(body).strip()
    if (quote := _STRING.match(text)) and text.endswith(quote[1]) and len(text) >= quote.end() + 3:
        return text[quote.end() : -3].strip("\n").split("\n")
    return [line[2:] if line.startswith("# ") else line.removeprefix("#") for line in body]


# ---- metadata


def _metadata(text: str) -> dict[str, Any]:
    """``{"tags": ["2.2.3"]}`` or ``a title tags=["2.2.3"]``; what cannot be read says nothing.

    A title may name a question as a tag does.
    """
    text = text[:MAX_METADATA].strip()
    brace = text.find("{")
    if brace >= 0 and "=" not in text[:brace]:
        value = _json(text[brace:])
        found = value[0] if value and isinstance(value[0], dict) else {}
        return _titled(found, text[:brace])
    first = _KEY.search(text)
    if first is None:
        return _titled({}, text)
    return _titled(dict(_pairs(text[first.start() :])), text[: first.start()])


def _titled(found: dict[str, Any], title: str) -> dict[str, Any]:
    if not (title := title.strip(" ,")):
        return found
    tags = found.get("tags")
    return {**found, "tags": [*(tags if isinstance(tags, list) else []), title]}


def _pairs(text: str) -> Iterator[tuple[str, Any]]:
    at = 0
    while match := _KEY.match(text, at):
        at = match.end()
        if value := _json(text[at:]):
            yield match[1], value[0]
            at += value[1]
            continue
        end = _VALUE.match(text, at)
        assert end is not None
        if end[0].startswith("{"):  # as Python writes it, in R Markdown
            yield match[1], {pair[1]: _plain(pair[2]) for pair in _ITEM.finditer(end[0])}
        elif end[0].startswith(("c(", "[")):
            yield match[1], [a or b for a, b in _QUOTED.findall(end[0])]
        else:
            yield match[1], end[0].strip("'")
        at = end.end()


def _json(text: str) -> tuple[Any, int] | None:
    """(the value that stands at the start, its length)."""
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return value, end


def _cell(kind: str, lines: Sequence[str], metadata: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": kind, "metadata": metadata, "source": "\n".join(lines).strip("\n")}
