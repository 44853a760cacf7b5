"""A student's cell: the notebook's own lines taken out, compiled, run; and what of it failed where."""

from __future__ import annotations

import ast
import linecache
import re
import sys
from functools import lru_cache
from types import CodeType, TracebackType
from typing import Any, NamedTuple

__all__ = ["Fault", "fault_of", "names_set", "prepare", "run", "seems_to_set"]

MAX_TEXT = 300
MAX_LINE = 1_000_000
AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # notebooks allow it
COROUTINE = 0x80  # of a code object that awaits something
MAX_MAGIC = 60  # lines of a cell that are for the notebook

_LANGUAGE = re.compile(r"\s*%%(\w+)")
_KEPT = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun"})  # cell magics around Python
_MAGIC = re.compile(
    r"(\s*)(?:%(?:time|timeit|prun)\s+(?:-\w+\s*\d*\s+)*(?P<code>.+)|[%!?].*|.*\S\?{1,2}\s*$)"
)
_ASSIGNED = re.compile(r"(\s*)([\w.]+)\s*=\s*[%!]")


class Fault(NamedTuple):
    """What went wrong: the exception's name and text, the place and line in the student's cells."""

    kind: str
    name: str = ""
    text: str = ""
    place: str = ""
    line: int = 0
    module: str = ""


class OtherLanguage(ValueError):
    pass


def prepare(source: str, place: str) -> list[tuple[CodeType, ast.Import | ast.ImportFrom | None]]:
    """The cell as pieces to run one after the other; an import stands alone, so that one that fails does
    not take the rest of the cell with it.

    Raises:
        OtherLanguage: a cell in bash, HTML, …
        SyntaxError and whatever else Python's compiler raises.
    """
    source = _without_magic(source)
    tree, source = _parsed(source, place)
    linecache.cache[place] = (len(source), None, source.splitlines(keepends=True), place)
    if any(isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in tree.body):
        return [(compile(tree, place, "exec", AWAIT, dont_inherit=True), None)]
    pieces: list[tuple[CodeType, ast.Import | ast.ImportFrom | None]] = []
    together: list[ast.stmt] = []

    def close() -> None:
        if together:
            module = ast.Module(list(together), [])
            pieces.append((compile(module, place, "exec", AWAIT, dont_inherit=True), None))
            together.clear()

    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            close()
            module = ast.Module([node], [])
            pieces.append((compile(module, place, "exec", AWAIT, dont_inherit=True), node))
        else:
            together.append(node)
    close()
    return pieces


def _without_magic(source: str) -> str:
    """Without a first line like ``%%time``.

    Raises:
        OtherLanguage: it says that what follows is no Python.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    first = _LANGUAGE.match(source)
    if first:
        if first[1] not in _KEPT:
            raise OtherLanguage(first[1])
        _, newline, rest = source[first.end() :].partition("\n")
        source = source[: first.start(1) - 2] + "pass" + newline + rest
    return source


@lru_cache(maxsize=1)  # what a cell sets is looked for first, then it is compiled
def _parsed(source: str, place: str) -> tuple[ast.Module, str]:
    """Lines for the notebook are taken out only where Python itself stumbles over them: a line that begins
    with % inside brackets or a text is Python."""
    for _ in range(MAX_MAGIC):
        try:
            return ast.parse(source, place), source
        except SyntaxError as e:
            lines = source.split("\n")
            at = (e.lineno or 0) - 1
            if not 0 <= at < len(lines):
                raise
            assigned, magic = _ASSIGNED.match(lines[at]), _MAGIC.fullmatch(lines[at])
            if assigned:
                lines[at] = f"{assigned[1]}{assigned[2]} = None"
            elif magic:
                lines[at] = magic[1] + (magic["code"] or "pass")
            else:
                raise
            source = "\n".join(lines)
    return ast.parse(source, place), source


def run(source: str, place: str, names: dict[str, Any], absent: dict[str, str]) -> Fault | None:
    """Run a cell in ``names``. ``absent``: names that an import could not bind, and the missing module."""
    try:
        pieces = prepare(source, place)
    except OtherLanguage as e:
        return Fault("language", text=str(e)[:40], place=place)
    except SyntaxError as e:
        return Fault("raised", type(e).__name__, str(e.msg)[:MAX_TEXT], place, _line(e.lineno))
    except (ValueError, RecursionError, MemoryError, OverflowError) as e:
        return Fault("raised", type(e).__name__, "it is nested too deeply or no text", place)
    missing: Fault | None = None
    for code, node in pieces:
        try:
            _execute(code, names)
        except BaseException as e:  # SystemExit and KeyboardInterrupt are the student's too
            fault = fault_of(e, {place}, absent)
            if not fault.module:
                return fault
            missing = missing or fault
            if node is None:
                absent.update((n, fault.module) for n in _stored(source, place) - names.keys())
                return missing
            for alias in node.names:
                absent[alias.asname or alias.name.partition(".")[0]] = fault.module
    return missing


def _execute(code: CodeType, names: dict[str, Any]) -> None:
    """Run a piece; one that awaits is driven by hand, since there is no loop of events in here."""
    if not code.co_flags & COROUTINE:
        exec(code, names)
        return
    waiting = eval(code, names)
    try:
        while True:
            waiting.send(None)
    except StopIteration:
        pass


def _stored(source: str, place: str) -> set[str]:
    """Every name that the cell gives a value anywhere."""
    found: set[str] = set()
    source = _without_magic(source)
    waiting: list[ast.AST] = [_parsed(source, place)[0]]
    while waiting:  # not ast.walk: it imports, and a cell may have left no way to
        node = waiting.pop()
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
    return found


def fault_of(error: BaseException, places: set[str], absent: dict[str, str]) -> Fault:
    """What an exception says, whatever its class does when it is asked."""
    try:
        return _fault_of(error, places, absent)
    except BaseException:
        return Fault("raised", "an exception", "nothing could be learned from it")


def _fault_of(error: BaseException, places: set[str], absent: dict[str, str]) -> Fault:
    name = type.__getattribute__(type(error), "__name__")
    name = name if type(name) is str else "?"
    try:
        text = str(error)
        text = text[:MAX_TEXT] if type(text) is str else ""
    except BaseException:
        text = ""
    place, line = _where(error.__traceback__, places)
    if isinstance(error, SyntaxError) and error.filename in places:
        place, line = str(error.filename), _line(error.lineno)
    if isinstance(error, MemoryError):
        return Fault("memory", name, text, place, line)
    module = ""
    if isinstance(error, ModuleNotFoundError) and type(error.name) is str:
        top = error.name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in sys.modules:
            module = top[:80]
    elif isinstance(error, NameError) and type(error.name) is str:
        module = absent.get(error.name, absent.get("*", ""))
    return Fault("raised", name[:80], text, place, line, module)


def _line(number: object) -> int:
    """0 where there is none, or none that anybody would count to."""
    return number if type(number) is int and 0 <= number < MAX_LINE else 0


def _where(trace: TracebackType | None, places: set[str]) -> tuple[str, int]:
    place, line = "", 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in places:
            place, line = trace.tb_frame.f_code.co_filename, _line(trace.tb_lineno)
        trace = trace.tb_next
    return place, line


def names_set(source: str, place: str, wanted: set[str]) -> set[str]:
    """Which of these names a cell gives a value to, somewhere."""
    try:
        return _stored(source, place) & wanted
    except Exception:  # no Python, too deep, or a cell before it broke what this stands on
        return {n for n in wanted if seems_to_set(source, n)}


def seems_to_set(source: str, name: str) -> bool:
    """Whether a text looks as if it gave this name a value; it may be no Python, or too deep to parse."""
    n = re.escape(name)
    return bool(
        re.search(
            rf"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+{n}\b"
            rf"|^[^#\n=(]*(?<![\w.]){n}(?![\w.])[^#\n=(]*[-+*/@|&^%]?=(?!=)"
            rf"|^[^#\n]*\b(?:import\b[^#\n]*|for|as)\s(?<![\w.]){n}(?!\w)",
            source,
            re.MULTILINE,
        )
    )
