"""A notebook's JSON → its cells, tolerating what real notebooks lack.

Version 4 is read as it stands: ``nbformat.read`` validates against a schema, takes ten times as long and
refuses notebooks that are perfectly legible. Older versions are upgraded by ``nbformat``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.errors import UnreadableFile

__all__ = ["Cell", "Notebook", "read_cells"]

MAX_CELLS = 5_000
MAX_OUTPUT = 10_000  # characters of a cell's printed output that are kept
MAX_NAMES = 100  # tags of a cell

_ESCAPES = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Cell:
    """``number`` counts from 1. ``question`` is what the cell's metadata says it answers, ``names`` are its
    tags, which may say so too. ``grade_id`` is nbgrader's; a copy of the cell carries it as well.
    ``locked``: the sheet's own cell. ``fixed``: Jupyter lets nobody edit it."""

    number: int
    kind: str  # "markdown", "code", "raw"
    source: str
    output: str = ""
    pictures: bool = False
    question: str = ""
    names: tuple[str, ...] = ()
    grade_id: str = ""
    locked: bool = False
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Notebook:
    metadata: Mapping[str, Any] = field(default_factory=dict)
    cells: tuple[Cell, ...] = ()


def read_cells(content: Any) -> Notebook:
    """
    Raises:
        UnreadableFile: this is no notebook, or of an unknown version.
    """
    if not isinstance(content, dict):
        raise UnreadableFile("the file is JSON, but no notebook", cure="save the notebook again in Jupyter")
    version = content.get("nbformat")
    if isinstance(version, str) and version in ("2", "3", "4"):
        version = int(version)
        content = {**content, "nbformat": version}
    if version not in (2, 3, 4):
        if "cells" not in content:
            raise UnreadableFile(
                'the file is JSON, but no notebook: it has no "cells"',
                cure="save the notebook again in Jupyter",
            )
        if version is not None:
            raise UnreadableFile(
                f"notebook version {str(version)[:20]} is unknown (2, 3 and 4 are read)",
                cure="save it as version 4",
            )
    elif version != 4:
        content = _upgraded(content)
    cells = content.get("cells")
    if not isinstance(cells, list):
        raise UnreadableFile('the notebook\'s "cells" are no list', cure="save the notebook again in Jupyter")
    if len(cells) > MAX_CELLS:
        raise UnreadableFile(
            f"the notebook has {len(cells):,} cells (at most {MAX_CELLS:,} are read)",
            cure="hand in the answers only",
        )
    return Notebook(
        _object(content.get("metadata")),
        tuple(_cell(cell, i) for i, cell in enumerate(cells, start=1) if isinstance(cell, dict)),
    )


def _upgraded(content: dict[str, Any]) -> dict[str, Any]:
    """Version 2 or 3 as version 4, mended first where the upgrade would stumble."""
    import contextlib
    import io
    import logging

    import nbformat

    sheets = content.get("worksheets")
    worksheets = []
    for sheet in sheets if isinstance(sheets, list) else []:
        cells = _object(sheet).get("cells")
        worksheets.append(
            {"cells": [_mended(c) for c in cells if isinstance(c, dict)] if isinstance(cells, list) else []}
        )
    old = {
        "nbformat": content["nbformat"],
        "nbformat_minor": 0,
        "metadata": dict(_object(content.get("metadata"))),
        "worksheets": worksheets,
    }
    logger = logging.getLogger("traitlets")
    disabled, logger.disabled = logger.disabled, True  # it logs every schema fault
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            new = nbformat.convert(nbformat.from_dict(old), 4)  # type: ignore[no-untyped-call]
    except Exception as e:  # whatever the upgrade trips over, the file cannot be read
        raise UnreadableFile(
            f"a notebook of version {content['nbformat']} that cannot be upgraded",
            cure="open and save it in Jupyter",
        ) from e
    finally:
        logger.disabled = disabled
    return dict(new)


def _mended(cell: dict[str, Any]) -> dict[str, Any]:
    kind = cell.get("cell_type")
    metadata = dict(_object(cell.get("metadata")))
    if kind == "code":
        outputs = [
            o
            for o in _list(cell.get("outputs"))
            if isinstance(o, dict) and isinstance(o.get("output_type"), str)
        ]
        return {
            "cell_type": "code",
            "metadata": metadata,
            "input": _text(cell.get("input")),
            "outputs": [_mended_output(o) for o in outputs],
            "language": "python",
        }
    source = _text(cell.get("source"))
    if kind == "heading" and source.strip():
        level = cell.get("level")
        return {
            "cell_type": "heading",
            "metadata": metadata,
            "source": source,
            "level": level if type(level) is int and 1 <= level <= 6 else 1,
        }
    return {"cell_type": "raw" if kind == "raw" else "markdown", "metadata": metadata, "source": source}


def _mended_output(output: dict[str, Any]) -> dict[str, Any]:
    """Only the text: nothing else of an output is read."""
    return {"output_type": "stream", "stream": "stdout", "text": _text(output.get("text"))}


def _cell(cell: dict[str, Any], number: int) -> Cell:
    metadata = _object(cell.get("metadata"))
    kind = cell.get("cell_type")
    nbgrader = _object(metadata.get("nbgrader"))
    grade_id = nbgrader.get("grade_id")
    said = (metadata.get("question"), _object(metadata.get("grader")).get("question"))
    tags = _list(metadata.get("tags"))[:MAX_NAMES]
    outputs = [_object(o) for o in _list(cell.get("outputs"))]
    return Cell(
        number,
        kind if kind in ("code", "raw") else "markdown",
        _text(cell.get("source"))
        .lstrip("\ufeff")  # the mark that some editors begin a file with
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\0", "\ufffd"),
        output=_output(outputs),
        pictures=any(key.startswith("image/") for o in outputs for key in _object(o.get("data"))),
        question=next((str(n) for n in said if isinstance(n, str | int) and not isinstance(n, bool)), ""),
        names=tuple(tag for tag in tags if isinstance(tag, str)),
        grade_id=grade_id if isinstance(grade_id, str) else "",
        locked=_is_locked(nbgrader),
        fixed=metadata.get("editable") is False,
    )


def _is_locked(nbgrader: Mapping[str, Any]) -> bool:
    """As nbgrader decides it, in all versions of its metadata: tests are the sheet's, locked or not."""
    solution, grade, locked = (nbgrader.get(key) is True for key in ("solution", "grade", "locked"))
    return not solution and (grade or locked)


def _output(outputs: list[Mapping[str, Any]]) -> str:
    """What the cell printed, as plain text; warnings on stderr are left out."""
    texts: list[str] = []
    for output in outputs:
        kind = output.get("output_type")
        if kind == "stream" and output.get("name") != "stderr":
            texts.append(_text(output.get("text")))
        elif kind in ("execute_result", "display_data"):
            texts.append(_text(_object(output.get("data")).get("text/plain")))
        elif kind == "error":
            texts.append(f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}")
    text = "\n".join(t.rstrip("\n") for t in texts if t)
    if len(text) > MAX_OUTPUT:
        text = f"{text[:MAX_OUTPUT]}\n… ({len(text) - MAX_OUTPUT} more characters)"
    return _ESCAPES.sub("", text)


def _text(value: Any) -> str:
    """Notebooks store text as one string or as a list of lines."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(v for v in value if isinstance(v, str))
    return ""


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
