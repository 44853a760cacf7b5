"""The words before the mathematics in a text without dollars are not mathematics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.maths.alphabet import GREEK_NAMES, Token
from grader.maths.chains import Statement
from grader.maths.labels import label_of
from grader.maths.scope import Scope
from grader.maths.vocabulary import FUNCTIONS
from grader.maths.wording import denies

__all__ = ["only_words", "without_prose"]

_MOST = 20  # words before the mathematics
# a value may follow these: what stands before them describes it
_LINKS = frozenset((
    "is", "are", "was", "be", "being", "equals", "equal", "get", "gets", "got", "give", "gives", "obtain",
    "obtains",
    "have", "has", "yields", "becomes", "so", "hence", "thus", "therefore", "then", "that", "by", "to",
    "as", "total",
))  # fmt: skip


def without_prose(s: Statement, scope: Scope) -> Statement:
    """``s`` without the words it begins with. Before a bare value they must lead up to it ("… is 5"):
    an unknown word directly before a factor may be a name."""
    if s.fault is not None or not s.members or not s.members[0]:
        return s
    first = s.members[0]
    named = _label_before_colon(first, scope)
    if named and len(s.members) == 1:
        return replace(s, members=(first[named:],))
    if first[0].kind not in ("word", "text"):
        return s
    cut = _words_before(first, scope)
    if cut == 0 or cut >= len(first):
        return s
    if len(s.members) == 1:
        last = first[cut - 1]
        if not (last.text == ":" or last.text.lower() in _LINKS):
            return s
    words = " ".join(t.text for t in first[:cut])
    return replace(s, members=(first[cut:], *s.members[1:]), words=(s.words + " " + words).strip())


def _label_before_colon(first: Sequence[Token], scope: Scope) -> int:
    """Where the value of ``eta: n/2`` begins; 0 if nothing of the kind stands here."""
    colon = 0
    for k, t in enumerate(first[:12]):
        if t.text == ":" and t.kind == "op":
            colon = k
            break
    if colon == 1 and first[0].text == "lambda" and first[0].kind == "word" and "lambda" not in scope.kinds:
        return 0  # a function of Python
    if colon == 1 and denies(first[0].text):
        return 0  # "wrong: …"
    return colon + 1 if colon and colon + 1 < len(first) and label_of(first[:colon]) is not None else 0


def only_words(tokens: Sequence[Token], scope: Scope) -> bool:
    """Whether an answer is a sentence without any mathematics."""
    words = [t for t in tokens if t.kind in ("word", "remark")]
    return len(words) > 1 and len(words) == len(tokens) and all(_is_word(t.text, scope) for t in words)


def _words_before(first: Sequence[Token], scope: Scope) -> int:
    """How many tokens at the beginning are words and their punctuation."""
    cut = 0
    for k, t in enumerate(first[:-1]):
        nxt = first[k + 1]
        if t.kind == "op" and t.text in (":", ",") and k < _MOST and cut == k and k:
            cut = k + 1
            continue
        if t.kind not in ("word", "text", "remark") or k >= _MOST:
            break
        if t.kind != "remark":
            if len(t.text) == 1:
                if not (t.text in "aAI" and nxt.spaced and nxt.kind == "word" and _is_word(nxt.text, scope)):
                    break
            elif nxt.text in ("_", "^", "(") or not (_is_word(t.text, scope) or _describes(t, nxt)):
                break
            if not nxt.spaced and nxt.text not in (",", ":"):
                break
        cut = k + 1
    return cut


def _describes(t: Token, behind: Token) -> bool:
    """``norm`` of "The norm is 2"."""
    return t.text in FUNCTIONS and behind.kind == "word" and behind.spaced and behind.text.lower() in _LINKS


def _is_word(word: str, scope: Scope) -> bool:
    if word in scope.words or word in FUNCTIONS or word in GREEK_NAMES:
        return False
    return not all(c in scope.starts for c in word)
