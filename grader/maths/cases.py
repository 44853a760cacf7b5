"""An answer that treats several cases ("for k = 4 … for k = 5 …"): which of its text is about which case."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.maths.tables import Table, pipe_tables

__all__ = ["Divided", "case_mark", "divided_text", "divided_value"]

MAX_TEXT = 20_000
MAX_UNITS = 400
MAX_DEPTH = 4


@dataclass(slots=True)
class Divided:
    """Texts for each case, texts about no case in particular, and sentences that may be about either."""

    texts: dict[str, list[str]]
    general: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def divided_text(text: str, marks: Mapping[str, re.Pattern[str]], says: Callable[[str], bool]) -> Divided:
    """The text cut up at the marks of the cases; ``says`` tells whether a piece states any value.

    A sentence without a mark goes on with the case before it. Within a sentence a case reaches from its
    mark to the next one; where the values stand in front, from the mark before.
    """
    out = Divided({case: [] for case in marks})
    text = text[:MAX_TEXT]
    rest = "\n".join(line for line in text.splitlines() if line.count("|") < 2)
    for table in pipe_tables(text):
        _table(table, marks, out)
    current = ""
    for unit in re.split(r"\n|;|(?<=[^\s.])\.(?=\s|$)", rest)[:MAX_UNITS]:
        found = sorted((m.start(), m.end(), case) for case, p in marks.items() for m in p.finditer(unit))
        cases = list(dict.fromkeys(case for _, _, case in found))
        if len(cases) == 1:
            current = cases[0]
        if len(cases) < 2:
            for p in marks.values():
                unit = p.sub(" ", unit)
            (out.texts[current] if current else out.general).append(unit.lstrip(" :,)-*"))
            continue
        starts = [s for s, _, _ in found]
        ends = [e for _, e, _ in found]
        behind = [unit[s:e].lstrip(" :,)") for s, e in zip(ends, [*starts[1:], len(unit)], strict=True)]
        before = [unit[s:e].strip(" :,") for s, e in zip([0, *ends[:-1]], starts, strict=True)]
        pieces = behind if says(unit[found[-1][1] :]) else before
        if not all(says(p) for p in pieces) and any(says(p) for p in pieces):
            out.doubts.append(" ".join(unit.split())[:120])
            continue
        for (_, _, case), piece in zip(found, pieces, strict=True):
            out.texts[case].append(piece)
        current = found[-1][2] if pieces is behind else ""
    return out


def _table(table: Table, marks: Mapping[str, re.Pattern[str]], out: Divided) -> None:
    """Cases in the rows, or in the head; every cell becomes ``head = cell``."""
    across = [(i, case) for i, cell in enumerate(table.header) for case in _cases(cell, marks)]
    if len({case for _, case in across}) > 1:
        for i, case in across:
            out.texts[case] += [f"{row[0]} = {row[i]}" for row in table.body if len(row) > i]
        return
    for row in table.body:
        cells = [f"{head} = {cell}" for head, cell in zip(table.header, row, strict=False)] or list(row)
        cases = list(dict.fromkeys(c for cell in (*cells, *row) for c in _cases(cell, marks)))
        if len(cases) == 1:
            out.texts[cases[0]] += [c for c in cells if not _cases(c, marks)]


def _cases(text: str, marks: Mapping[str, re.Pattern[str]]) -> list[str]:
    return [case for case, p in marks.items() if p.search(text)]


def divided_value(value: Any, marks: Mapping[str, re.Pattern[str]]) -> dict[str, list[Mapping[Any, Any]]]:
    """The objects of a JSON value for each case: under a key that names it, or with an entry that does."""
    out: dict[str, list[Mapping[Any, Any]]] = {case: [] for case in marks}
    _objects(value, marks, out, "", 0)
    return out


def _objects(
    value: Any,
    marks: Mapping[str, re.Pattern[str]],
    out: dict[str, list[Mapping[Any, Any]]],
    case: str,
    depth: int,
) -> None:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value[:MAX_UNITS]:
            _objects(item, marks, out, case, depth + 1)
    if not isinstance(value, Mapping):
        return
    said = [(k, v) for k, v in value.items() if isinstance(v, str) or (isinstance(v, int) and abs(v) < 2**63)]
    own = [c for k, v in said for c in _cases(f"{k} = {v}", marks)]
    case = own[0] if len(set(own)) == 1 else case
    if case:
        out[case].append(value)
    for k, v in list(value.items())[:MAX_UNITS]:
        inside = _cases(str(k), marks)
        if isinstance(v, Mapping):
            under = {str(x): y for x, y in v.items()}
            named = {x: c for x in under for c in _cases(x, marks)}
            if len(named) > 1 and not any(isinstance(y, Mapping | list) for y in under.values()):
                for x, c in named.items():  # {"padding": {"k=4": 1, "k=5": 2}}
                    out[c].append({k: under[x]})
                continue
        if isinstance(v, Mapping | list):
            _objects(v, marks, out, inside[0] if len(inside) == 1 else case, depth + 1)


def case_mark(given: Mapping[str, object], labels: Mapping[str, Sequence[str]], words: Sequence[str]) -> str:
    """A pattern that finds a case by what is given in it: ``k = 4``, "kernel size of 4", or by its words."""
    found = list(words)
    for name, value in given.items():
        names = "|".join(re.escape(n).replace(r"\ ", r"[\s_-]{1,3}") for n in (name, *labels.get(name, ())))
        found.append(
            rf"(?<![\w])(?:{names})[\s_]{{0,3}}(?:(?:=|:|is|of)[\s_]{{0,3}})?\$?{re.escape(str(value))}(?![\w]|\.\d)"
        )
    return "|".join(f"(?:{p})" for p in found)
