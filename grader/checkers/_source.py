"""A program's text, parsed and never run: which functions it defines, and what is wrong with it."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from grader.maths.parts import part_of
from grader.model import Answer, Judgement, Outcome, Where

__all__ = ["MAX_OUTPUT", "Asked", "Source", "SourceCell", "absent", "code_of", "from_text", "read_source"]

OUR_LIMIT = "A person looks."  # ends the sentence about what is longer or deeper than we read
MAX_SOURCE = 200_000  # characters of one cell that are parsed
MAX_TREES = 32  # of cells that several criteria look at
MAX_QUOTE = 3000
MAX_OUTPUT = 600
MAX_NAMES = 12

_ELSEWHERE = re.compile(
    r"\.(?:py|ipynb)\b|https?://|\b(?:attach|github|colab|appendix|separate|notebook)", re.IGNORECASE
)

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_MAGIC = re.compile(r"^([ \t]*)(?:[%!?]|\w+\?)[^\n]*", re.MULTILINE)
_CODE = re.compile(r"^[ \t]*(?:def|import|from)[ \t]|\blambda\b", re.MULTILINE)


@dataclass(frozen=True)
class SourceCell:
    source: str
    place: str
    output: str = ""
    typed: bool = False  # in a notebook: what is wrong with it is the student's, not a scanner's


@dataclass
class Source:
    """``found``: the definitions of the function asked for, ``others``: names of other functions,
    ``broken``: a sentence for every cell that is no Python, and the first such cell."""

    cells: Sequence[SourceCell]
    found: list[tuple[SourceCell, Function]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    broken_cell: SourceCell | None = None
    limit: bool = False  # a cell is longer or deeper than we read, which says nothing against it

    @property
    def last_cell(self) -> SourceCell:
        return self.cells[-1]

    def evidence(self, asked: Asked) -> dict[str, object]:
        """What a person should see: the last definition as it was written, and what its cell printed."""
        evidence: dict[str, object] = {"code cells": len(self.cells)}
        if self.broken:
            evidence["unread"] = self.broken[:MAX_NAMES]
        if asked.why:
            evidence["hint"] = asked.why
        if self.found:
            cell, node = self.found[-1]
            text = _segment(_plain(cell.source), node) or cell.source
            evidence["text"] = text[:MAX_QUOTE]
            if cell.output:
                evidence["printed"] = cell.output[:MAX_OUTPUT]
        return evidence


def read_source(cells: Sequence[SourceCell], function: str) -> Source:
    out = Source(cells)
    for cell in cells:
        tree, fault = _parsed(cell)
        if tree is None:
            out.broken.append(fault)
            out.broken_cell = out.broken_cell or cell
            out.limit |= fault.endswith(OUR_LIMIT)
            continue
        for name, node in _functions(tree):
            if name == function:
                out.found.append((cell, node))
            elif name not in out.others:
                out.others.append(name)
    return out


def _segment(source: str, node: ast.stmt | ast.expr) -> str:
    """What ast.get_source_segment gives, which looks at every character of the cell one by one."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows = [line.encode("utf-8", "replace") for line in lines[node.lineno - 1 : node.end_lineno]]
    if not rows or node.end_lineno is None:
        return ""
    rows[-1] = rows[-1][: node.end_col_offset]  # first: it may be the only one
    rows[0] = rows[0][node.col_offset :]
    return b"\n".join(rows).decode("utf-8", "replace")


def _plain(source: str) -> str:
    """A cell without the lines that are for the notebook."""
    return _MAGIC.sub(lambda m: m.group(1) + "pass", source)


def _parsed(cell: SourceCell) -> tuple[ast.Module | None, str]:
    tree, fault = _tree(cell.source)
    return tree, f"{cell.place}{fault}" if tree is None else ""


@lru_cache(maxsize=MAX_TREES)
def _tree(source: str) -> tuple[ast.Module | None, str]:
    """The tree, which nobody changes, or what is wrong, to follow the place."""
    if len(source) > MAX_SOURCE:
        return None, f": {len(source)} characters; at most {MAX_SOURCE} are read. {OUR_LIMIT}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are about the student's code
            try:
                return ast.parse(source), ""
            except SyntaxError:  # a line such as %matplotlib; inside brackets one is Python
                return ast.parse(_plain(source)), ""
    except SyntaxError as e:
        line = f", line {e.lineno}" if e.lineno else ""
        return None, f"{line}: {e.msg}."
    except (ValueError, RecursionError, MemoryError):
        return None, f": it is nested more deeply than is read, or holds a null byte. {OUR_LIMIT}"


def _functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value


def _is_empty(node: Function) -> bool:
    """Nothing but a docstring, ``pass``, ``...`` or ``raise NotImplementedError``."""
    if isinstance(node, ast.Lambda):
        return False
    return all(
        isinstance(x, ast.Pass)
        or (isinstance(x, ast.Expr) and isinstance(x.value, ast.Constant))
        or (isinstance(x, ast.Raise) and x.exc is not None and "NotImplemented" in ast.unparse(x.exc))
        for x in node.body
    )


def _takes(node: Function, count: int) -> bool:
    """Whether it can be called with so many values and no names."""
    a = node.args
    places = len(a.posonlyargs) + len(a.args)
    needed = places - len(a.defaults)
    named = any(d is None for d in a.kw_defaults)
    return needed <= count and (count <= places or a.vararg is not None) and not named


def _signature(node: Function) -> str:
    return ast.unparse(node.args)[:200] or "nothing"


# ---- what the text of an answer says


@dataclass(frozen=True)
class Asked:
    """A ``function`` to be called with ``count`` values, or a ``variable``; ``wanted``: in words."""

    function: str
    variable: str
    wanted: str
    count: int
    parts: tuple[str, ...] = ()
    why: str = ""


def code_of(asked: Asked, answer: Answer) -> tuple[list[SourceCell], Judgement | None]:
    """The code of an answer, or what is to be said of an answer without any."""
    part = part_of(answer, asked.parts)
    if part.missing:
        return [], Judgement(Outcome.MISSING, 0.0, part.message)
    cells = [
        SourceCell(c.source, _place(c.where), c.output, typed=c.where.cell is not None)
        for c in answer.code
        if c.source.strip()
    ]
    if not cells and _CODE.search(part.text):
        cells = [SourceCell(part.text, "the answer")]
    if not cells and _ELSEWHERE.search(part.text):
        evidence = {"text": part.text[:MAX_OUTPUT]}
        message = "The code seems to be somewhere else: a person looks."
        return [], Judgement(Outcome.REVIEW, 0.0, message, evidence=evidence)
    if not cells:
        return [], Judgement(Outcome.MISSING, 0.0, "No code was handed in for this part.")
    return cells, None


def _place(where: Where) -> str:
    """As the sandbox calls it: which notebook it is, whoever reads the message knows."""
    return str(where) if where.cell is None else f"cell {where.cell}"


def from_text(asked: Asked, source: Source) -> Judgement | None:
    """What the text alone decides."""
    if asked.variable:
        return None
    if not source.found and source.broken_cell is not None:
        message = f"The code could not be read: {source.broken[0]}"
        typed = source.broken_cell.typed and not source.limit
        outcome = Outcome.INCORRECT if typed else Outcome.UNREADABLE
        return Judgement(outcome, 0.0, message, evidence=source.evidence(asked))
    if source.found and all(_is_empty(node) for _, node in source.found):
        message = f"{asked.function} is there, but not filled in."
        return Judgement(Outcome.MISSING, 0.0, message, evidence=source.evidence(asked))
    if source.found and not _takes(source.found[-1][1], asked.count):
        given = _signature(source.found[-1][1])
        message = f"{asked.function} takes {given}; it is called as {asked.wanted}: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, asked.wanted, source.evidence(asked))
    return None


def absent(asked: Asked, source: Source, why: str = "") -> Judgement:
    """No such name: ``why`` is what the sandbox says where the text has one."""
    given = ", ".join(source.others[:MAX_NAMES]) or "none"
    message = f"No function {asked.function} is defined (defined: {given}): a person looks."
    if asked.variable:
        message = f"No variable {asked.variable} is set: a person looks."
    if source.found and why:
        message = f"{why} A person looks."
    evidence = {**source.evidence(asked), "text": source.last_cell.source[:MAX_QUOTE]}
    return Judgement(Outcome.REVIEW, 0.0, message, evidence=evidence)
