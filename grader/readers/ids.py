"""The question a key, tag or ``grade_id`` means: ``q2.2.3``, ``q2_2_3``, ``2.2.3 (a)``, ``cell-2.2.3``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from grader.readers.pieces import seen
from grader.readers.tree import Tree, join_path, split_number

__all__ = ["closest", "question_id"]

MAX_NAME = 80
MIN_COMPACT = 3  # q223 is 2.2.3, but q12 may be question 12

_NAME = re.compile(
    r"(?:(?:cell|question|problem|exercise|homework|hw[0-9]{0,2}|task|part|answer|ans|solution|sol|ex|q|p)[\s_.:#-]{0,3}){0,4}"
    r"(?P<number>[0-9]{1,4}(?:[._\s-][0-9]{1,2}){0,4})[._\s-]?\(?(?P<letter>[a-z])?\)?"
    r"(?:[\s_.:-]{1,3}(?:answers?|ans|solutions?|sol|code|tests?|text|description|desc|prompt|written|manual|[0-9])){0,3}",
    re.IGNORECASE,
)


def question_id(name: str, tree: Tree) -> str | None:
    """The id of the question that ``name`` means, or None when it names none (or not surely one)."""
    ids = tree.outline.ids()
    bare = seen(name).strip()
    if bare in ids:
        return bare
    if len(bare) > MAX_NAME:
        return None
    match = _NAME.fullmatch(bare)
    if match is None:
        return None
    path = split_number(re.sub(r"[_\s-]", ".", match["number"]) + (match["letter"] or ""))
    candidates = [path]
    if match["letter"]:
        candidates.append(path[:-1])  # 2.2.3b where the parts have no numbers of their own
    for path in candidates:
        node = tree.find(path)
        if node and node.question:
            return node.question.id
        named = [n.question.id for n in tree.aliased(path) if n.question]
        if len(named) == 1:
            return named[0]
    digits = match["number"]
    if digits.isdigit() and len(digits) >= MIN_COMPACT and bare[0].lower() == "q":
        compact = [id for id in ids if id.replace(".", "") == digits + (match["letter"] or "")]
        if len(compact) == 1:
            return compact[0]
    return None


def closest(name: str, ids: Iterable[str]) -> str | None:
    """The id that ``name`` may be a slip for."""
    number = join_path(split_number(name[:MAX_NAME]))
    found = difflib.get_close_matches(number or name[:MAX_NAME], list(ids), n=1, cutoff=0.6)
    return found[0] if found else None
