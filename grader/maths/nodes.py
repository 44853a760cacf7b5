"""Names of nodes in a graph that a student draws with text: one key for every spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from grader.errors import MathsFault
from grader.maths.labels import label_of
from grader.maths.tokens import tokenize

__all__ = ["NodeNames", "node_key"]

MAX_NAME = 80
_LONG = 3  # letters from which a word is the same in capitals
_WORDS = 4  # a name that nobody declared has no more; the rest is prose


@lru_cache(maxsize=4096)
def node_key(text: str) -> str:
    r"""``\mathcal{L}_0``, ``L0`` and ``L_0`` are ``L_0``; a call such as ``L(w_0)`` keeps its arguments."""
    plain = text[:MAX_NAME].strip().strip("$`\"'").strip().rstrip(".,;:").strip()
    plain = re.split(r"(?<![<>!:=])=(?![=>])", plain)[0].strip() or plain  # a node with its formula in it
    try:
        tokens = [t for t in tokenize(plain) if t.text != "\\quad"]
        called = any(t.text in ("(", "[") for t in tokens)
        return (None if called else label_of(tokens)) or "".join(t.text for t in tokens if t.text not in "{}")
    except (MathsFault, RecursionError, IndexError):
        return " ".join(plain.casefold().split())


class NodeNames:
    """The names that a rubric knows, with their aliases; whatever else is written is a name of its own."""

    def __init__(self, names: Iterable[str], aliases: Mapping[str, Sequence[str]]) -> None:
        self._known: dict[str, str] = {}
        for name in names:
            for text in (name, *aliases.get(name, ())):
                key = node_key(text)
                self._known.setdefault(key, name)
                if len(key) >= _LONG and key.isalpha():
                    self._known.setdefault(key.casefold(), name)

    def known(self, text: str) -> str | None:
        """The rubric's name for what is written, if it has one."""
        key = node_key(text)
        return self._known.get(key) or (self._known.get(key.casefold()) if len(key) >= _LONG else None)

    def name(self, text: str, *, first: bool = False, last: bool = False) -> str:
        """The rubric's name, or the student's; empty where no name stands.

        ``first``: prose may stand before it; ``last``: prose may stand behind it.
        """
        text = text.strip().rstrip(".,;:").strip()
        found = self.known(text)
        if found is not None:
            return found
        bare = re.sub(r"\s+\([^()]{0,200}\)$", "", text)  # "L_2 (the loss)"
        if bare != text and bare:
            return self.name(bare, first=first, last=last)
        words = text.split()[:60]
        cuts: list[str] = []
        if first:
            cuts = [" ".join(words[k:]) for k in range(1, len(words))]
        elif last:
            cuts = [" ".join(words[:k]) for k in range(len(words) - 1, 0, -1)]
        for cut in cuts:
            found = self.known(cut)
            if found is not None:
                return found
        if len(words) > _WORDS and (first or last):
            words = words[-1:] if first else words[:1]
        key = node_key(" ".join(words))
        return "" if re.fullmatch(r"[-+]?[\d.]*|∞|infty", key) and key not in ("+", "-") else key[:MAX_NAME]
