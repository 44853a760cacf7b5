"""A member as it is written → its tree: words in it, and what an operator in front of brackets takes."""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import MathsFault, ShapeFault
from grader.maths.alphabet import Token
from grader.maths.lines import Line, read_tree
from grader.maths.operands import of_products
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.written_out import of_everything

__all__ = ["read_both"]

_WORDS = ("word", "text", "remark")
_VERBS = frozenset(("has", "have", "is", "are", "gives", "needs"))


def read_both(tokens: Sequence[Token], line: Line, scope: Scope) -> tuple[Node, tuple[str, ...], Node | None]:
    """A member, and what else it says if an operator takes only the bracket behind it."""
    wide = of_products(tokens)
    if wide is None:
        return (*_read(tokens, line, scope), None)
    try:
        node, notes = _read(wide, line, scope)
    except MathsFault:
        return (*_read(tokens, line, scope), None)
    try:
        narrow = _read(tokens, line, scope)[0]
    except MathsFault:
        return node, notes, None
    return node, notes, narrow if narrow != node else None


def _read(tokens: Sequence[Token], line: Line, scope: Scope) -> tuple[Node, tuple[str, ...]]:
    """A member; without the name before its colon, where it cannot be read with it."""
    try:
        return read_tree(tokens, scope, infix=line.infix)
    except MathsFault as fault:
        bare = _without_words(tokens, scope) if line.infix else None
        if bare is not None:
            return read_tree(bare, scope, infix=True)
        wider = of_everything(tokens) if isinstance(fault, ShapeFault) else None
        if wider is not None:
            return read_tree(wider, scope, infix=line.infix)
        colon = max((k for k, t in enumerate(tokens) if t.kind == "op" and t.text == ":"), default=-1)
        cut = colon + 1 or next((k for k, t in enumerate(tokens) if t.kind not in _WORDS), 0)
        if not cut or cut == len(tokens) or (tokens[cut].kind == "num" and not tokens[cut].spaced):
            raise
        try:
            node, notes = read_tree(tokens[cut:], scope, infix=line.infix)
        except MathsFault:
            node, notes = None, ()
        if node is None or (colon < 0 and node.names()):
            raise
        return node, notes


def _without_words(tokens: Sequence[Token], scope: Scope) -> Sequence[Token] | None:
    """``50176 inputs``, ``14, so FC-10 has``, ``FC-10 has (1024 + 1)*10`` in plain text without the words;
    None where other than a number and words, or words that end in a verb and arithmetic, stand there."""
    said = [
        k for k, t in enumerate(tokens) if t.kind in _WORDS and len(t.text) > 1 and t.text not in scope.words
    ]
    if not said:
        return None
    verb = next((k for k in reversed(said) if tokens[k].text in _VERBS), -1)
    if 0 <= verb < len(tokens) - 1 and all(t.kind in ("num", "op") for t in tokens[verb + 1 :]):
        heads = [t for t in tokens[:verb] if t.kind == "op" and t.text not in "-,"]
        return tokens[verb + 1 :] if not heads and tokens[0].kind in _WORDS else None
    number = next((k for k, t in enumerate(tokens) if t.kind != "num" and t.text not in ("-", "+")), 0)
    if number and tokens[number - 1].kind == "num" and tokens[number].text != "(":
        rest = tokens[number:]
        clause = rest[0].text == "," and len(rest) > 1 and rest[1].text in ("so", "and", "hence", "thus")
        unit = all(t.kind in _WORDS and len(t.text) > 2 for t in rest)
        if (clause or unit) and not any(t.text in scope.words for t in rest):
            return tokens[:number]
    return None
