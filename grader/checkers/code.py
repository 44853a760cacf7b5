"""A function that is asked for: whether it is there and can be called as the question says.

The code is parsed, never run. What it computes a person judges, with the function's text and what its cell
printed; code that could not be run costs no marks. Found out by machine: no code at all, a function that is
not filled in, a cell that is no Python, another name, another number of parameters.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from grader.checkers import Check
from grader.errors import RubricError
from grader.maths.parts import part_of
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MAX_SOURCE = 50_000  # characters of one cell that are parsed
MAX_QUOTE = 3000
MAX_OUTPUT = 600
MAX_NAMES = 12

_MAGIC = re.compile(r"^(\s*)(?:[%!?]|\w+\?)[^\n]*", re.MULTILINE)
_ELSEWHERE = re.compile(
    r"\.(?:py|ipynb)\b|https?://|\b(?:attach|github|colab|appendix|separate|notebook)", re.IGNORECASE
)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``function``: its name; ``parameters``: what it is called with, in this order; ``parts``: names of
    this part in a JSON answer; ``why``: what a person should look for."""

    function: str
    parameters: list[str]
    parts: list[str] = []
    why: str = ""


@dataclass(frozen=True)
class _Cell:
    source: str
    place: str
    output: str = ""


def build(options: Options, question: Question) -> Check:
    for key, names in (("function", [options.function]), ("parameters", options.parameters)):
        for name in names:
            if not name.isidentifier():
                raise RubricError(f"`{key}` holds {name!r}, which is no name in Python")

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        cells = [_Cell(c.source, str(c.where), c.output) for c in answer.code if c.source.strip()]
        if not cells and re.search(r"^\s*(?:def|import|from)\s|\blambda\b", part.text, re.MULTILINE):
            cells = [_Cell(part.text, "the answer")]
        if not cells and _ELSEWHERE.search(part.text):
            evidence = {"text": part.text[:MAX_OUTPUT]}
            message = "The code seems to be somewhere else: a person looks."
            return Judgement(Outcome.REVIEW, 0.0, message, evidence=evidence)
        if not cells:
            return Judgement(Outcome.MISSING, 0.0, "No code was handed in for this part.")
        return _judge(options, cells)

    return check


def _judge(options: Options, cells: list[_Cell]) -> Judgement:
    found: list[tuple[_Cell, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda]] = []
    others: list[str] = []
    broken: list[str] = []
    for cell in cells:
        tree, fault = _parsed(cell)
        if tree is None:
            broken.append(fault)
            continue
        for name, node in _functions(tree):
            if name == options.function:
                found.append((cell, node))
            elif name not in others:
                others.append(name)
    evidence: dict[str, object] = {"code cells": len(cells)}
    if broken:
        evidence["unread"] = broken[:MAX_NAMES]
    if options.why:
        evidence["hint"] = options.why
    wanted = f"{options.function}({', '.join(options.parameters)})"
    if not found:
        if broken:
            message = f"The code could not be read: {broken[0]}"
            return Judgement(Outcome.UNREADABLE, 0.0, message, evidence=evidence)
        given = ", ".join(others[:MAX_NAMES]) or "none"
        message = f"No function {options.function} is defined (defined: {given}): a person looks."
        evidence["text"] = cells[-1].source[:MAX_QUOTE]
        return Judgement(Outcome.REVIEW, 0.0, message, evidence=evidence)
    if all(_is_empty(node) for _, node in found):
        message = f"{options.function} is there, but not filled in."
        return Judgement(Outcome.MISSING, 0.0, message, evidence=evidence)
    cell, node = found[-1]
    segment = ast.get_source_segment(_plain(cell.source), node) or cell.source
    evidence |= {"text": segment[:MAX_QUOTE]}
    if cell.output:
        evidence["printed"] = cell.output[:MAX_OUTPUT]
    if not _takes(node, len(options.parameters)):
        message = f"{options.function} takes {_signature(node)}; it is called as {wanted}: a person looks."
        return Judgement(Outcome.REVIEW, 0.0, message, wanted, evidence)
    message = f"{wanted} is defined ({cell.place}); it was not run: a person looks."
    return Judgement(Outcome.REVIEW, 0.0, message, wanted, evidence)


def _plain(source: str) -> str:
    """A cell without the lines that are for the notebook."""
    return _MAGIC.sub(lambda m: m.group(1) + "pass", source)


def _parsed(cell: _Cell) -> tuple[ast.Module | None, str]:
    if len(cell.source) > MAX_SOURCE:
        return None, f"{cell.place}: {len(cell.source)} characters; at most {MAX_SOURCE} are read."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are about the student's code
            return ast.parse(_plain(cell.source)), ""
    except SyntaxError as e:
        line = f", line {e.lineno}" if e.lineno else ""
        return None, f"{cell.place}{line}: {e.msg}."
    except (ValueError, RecursionError, MemoryError):
        return None, f"{cell.place}: it is nested too deeply or holds a null byte."


def _functions(
    tree: ast.Module,
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value


def _is_empty(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    """Nothing but a docstring, ``pass``, ``...`` or ``raise NotImplementedError``."""
    if isinstance(node, ast.Lambda):
        return False
    return all(
        isinstance(x, ast.Pass)
        or (isinstance(x, ast.Expr) and isinstance(x.value, ast.Constant))
        or (isinstance(x, ast.Raise) and x.exc is not None and "NotImplemented" in ast.unparse(x.exc))
        for x in node.body
    )


def _takes(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, count: int) -> bool:
    """Whether it can be called with so many values and no names."""
    a = node.args
    places = len(a.posonlyargs) + len(a.args)
    needed = places - len(a.defaults)
    named = any(d is None for d in a.kw_defaults)
    return needed <= count and (count <= places or a.vararg is not None) and not named


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> str:
    return ast.unparse(node.args)[:200] or "nothing"
