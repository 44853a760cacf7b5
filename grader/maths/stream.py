"""The stream of tokens a parser reads: looking ahead, taking, closing brackets, making nodes."""

from __future__ import annotations

import re

from grader.errors import LimitFault, SyntaxFault, UnknownSymbolFault
from grader.maths.alphabet import SCALES, Token
from grader.maths.scope import Scope
from grader.maths.tree import MAX_NODES, Node

__all__ = ["MAX_DEPTH", "Stream"]

MAX_DEPTH = 50  # brackets, powers and fractions inside one another


def _of_arrays(t: Token) -> bool:
    """Whether a token is only written in array code: ``@``, ``.T``, ``.mean``, ``sum``."""
    if t.kind == "op":
        return t.text == "@" or (len(t.text) > 1 and t.text[0] == "." and t.text[1].isalpha())
    return t.kind == "word" and t.text == "sum"


class Stream:
    """Tokens with a position, and what the grammar has to remember on the way."""

    def __init__(self, tokens: list[Token], scope: Scope, infix: bool, bound: frozenset[str]) -> None:
        self.tokens = [t for t in tokens if t.kind != "np"]
        self.scope = scope
        self.infix = infix
        # then * is elementwise
        self.numpy = infix and (len(self.tokens) < len(tokens) or any(map(_of_arrays, tokens)))
        self.bound = set(bound)
        self.pos = 0
        self.depth = 0
        self.nodes = 0
        self.open: list[str] = []  # the delimiters that wait to be closed

    def peek(self, k: int = 0) -> Token | None:
        i = self.pos + k
        return self.tokens[i] if i < len(self.tokens) else None

    def at(self, *texts: str) -> bool:
        t = self.peek()
        return t is not None and t.text in texts and t.kind == "op"

    def at_cmd(self, *names: str) -> bool:
        t = self.peek()
        return t is not None and t.kind == "cmd" and t.text in names

    def opens(self, k: int = 0) -> bool:
        """Whether a round bracket stands ``k`` tokens ahead."""
        t = self.peek(k)
        return t is not None and t.text == "(" and t.kind == "op"

    def follows(self, *texts: str) -> bool:
        """Whether one of these stands behind the next token."""
        t = self.peek(1)
        return t is not None and t.kind == "op" and t.text in texts

    def take(self) -> Token:
        t = self.tokens[self.pos]
        self.pos += 1
        return t

    def expect(self, text: str, opened: Token) -> Token:
        t = self.peek()
        if t is None or t.text != text:
            found = t.shown if t else "the end"
            wanted = f"\\{text}" if text.isalpha() else text
            raise SyntaxFault(
                f"{opened.shown} is not closed: expected '{wanted}' and found {found}",
                (opened.start, opened.end),
            )
        return self.take()

    def skip_remarks(self) -> None:
        """Words and punctuation behind an expression say nothing about its value."""
        while self.pos < len(self.tokens):
            t = self.tokens[self.pos]
            if t.kind in ("remark", "text"):
                self._harmless(t)
            elif t.text not in (".", ",", ";", ":", "\\quad", "\\"):
                return
            self.pos += 1

    def _harmless(self, t: Token) -> None:
        """Words may follow a value, but not such as change it (``5 \\text{ million}``) or may be a name."""
        scale = next((w for w in re.findall(r"[A-Za-z]+", t.text) if w in SCALES), None)
        if scale is not None:
            raise SyntaxFault(
                f"the word '{scale}' changes the value; write it with symbols", (t.start, t.end)
            )
        before = self.tokens[self.pos - 1] if self.pos else None
        apart = before is not None and before.text in (",", ".", ";", ":", "\\quad")
        if t.kind == "text" and not apart and not (t.text.islower() and len(t.text) > 2):
            raise UnknownSymbolFault(f"{t.text} is not declared", (t.start, t.end), t.text)

    def fault(self, message: str) -> SyntaxFault:
        t = self.peek() or (self.tokens[-1] if self.tokens else None)
        return SyntaxFault(message, (t.start, t.end) if t else None)

    def missing(self) -> SyntaxFault:
        """The text ends where something has to follow."""
        return self.fault(
            f"something is missing behind {self.tokens[-1].shown}" if self.tokens else "nothing to read"
        )

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            t = self.peek() or self.tokens[-1]
            raise LimitFault(f"nested more than {MAX_DEPTH} deep", (t.start, t.end))

    def node(
        self, op: str, args: tuple[Node, ...] = (), value: object = None, start: int | None = None
    ) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise LimitFault(f"more than {MAX_NODES} operations")
        if start is None:
            start = args[0].span[0] if args and args[0].span else 0
        end = self.tokens[self.pos - 1].end if self.pos else start
        return Node(op, args, value, (start, end if end > start else start))

    def at_word(self) -> bool:
        """Whether a run of letters stands here."""
        t = self.peek()
        return t is not None and t.kind == "word"

    def group_texts(self) -> tuple[list[str], int]:
        """The texts in the group (or the one token) here, and where it ends."""
        i = self.pos
        if i >= len(self.tokens):
            raise self.missing()
        t = self.tokens[i]
        if not (t.kind == "op" and t.text == "{"):
            if t.kind == "word" and len(t.text) > 1:
                whole = self.infix and t.text in self.scope.words
                return ([t.text] if whole else [t.text[0]]), i + 1
            if t.kind == "op" and t.text == "-" and i + 1 < len(self.tokens):
                nxt = self.tokens[i + 1]
                return ["-", nxt.text[:1] if nxt.kind == "word" else nxt.text], i + 2
            return [t.text], i + 1
        depth = 0
        out: list[str] = []
        while i < len(self.tokens):
            t = self.tokens[i]
            if t.kind == "op" and t.text == "{":
                depth += 1
            elif t.kind == "op" and t.text == "}":
                depth -= 1
                if depth == 0:
                    return out, i + 1
            else:
                out.append(t.text)
            i += 1
        return out, i

    def leave(self, end: int, texts: list[str]) -> None:
        """Go behind a group; of an unbraced word only the first letter was used."""
        last = self.tokens[end - 1]
        if last.kind == "word" and len(last.text) > 1 and texts and texts[-1] == last.text[0]:
            self.tokens[end - 1 : end] = last.cut(1)
        self.pos = end
