r"""A derivation → its lines: what is claimed, what is only said, and what each line goes on from.

A line is one chain of the text. Its members are counted as they stand over all lines; a label on the left
(``\mathcal{L}_1 =``) is not, nor is a definition set beside a formula (``where a = …``). Nothing is judged.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Container, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial

from grader.errors import LimitFault, MathsFault, ShapeFault, UnknownSymbolFault
from grader.maths.alphabet import Token
from grader.maths.arrows import ARROWS, spelled, with_arrows
from grader.maths.chains import ORDERS, Statement
from grader.maths.connectives import BRANCHES, OR, connected, in_a_set
from grader.maths.grouping import (
    DELIMITER,
    arithmetic_in_prose,
    behind_asides,
    by_rows,
    in_words,
    with_labels_of_two_words,
    without_dollars,
)
from grader.maths.labels import bare_label_of, label_of
from grader.maths.prose import only_words, without_prose
from grader.maths.scope import Scope, base_of
from grader.maths.statements import find_statements
from grader.maths.trees import read_tree
from grader.maths.vocabulary import FUNCTIONS
from grader.maths.written_out import called_with, written_out

__all__ = ["EXPLAINS", "Line", "explains_before", "lines_of", "read_tree"]

MAX_LINES = 200
_DEFINES = re.compile(
    r"\b(where|let|with|define[ds]?|denot\w+|abbreviat\w+|put|call|writ(?:e|ing)"
    r"|using the notation)\b[^.;:$]{0,40}$",
    re.IGNORECASE,
)
_WHERE = re.compile(r"\bwhere\b[^.;$]{0,20}$", re.IGNORECASE)
_GIVES = re.compile(
    r"\b(set|setting|sets|suppose|assum\w+|such that|given(?! by)|where|let|satisf\w+|when|iff?|require\w*"
    r"|recall|know\w*|solv\w+|want|need|must|equat\w+|condition|provided|put\w*|stationar\w*|optimal\w*"
    r"|minimi\w+|constraint\w*|insert\w*|substitut\w+|plug\w*)\b[^.$]{0,80}$",
    re.IGNORECASE,
)
_MENTIONS = re.compile(r"\b(because|since|we have|so that|with|for|is|from)\b[^.$]{0,80}$", re.IGNORECASE)
_ALSO = re.compile(r"[\s,;]*+(?:and|also)\b[^.$]{0,80}$", re.IGNORECASE)
_ANEW = re.compile(
    r"\b(for|case|second|first|other|instead|alternativ\w+|regulari\w+|decay|whereas|now|next|similarly"
    r"|version|update|method|with L2|in contrast|while|when)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\b(and|or|so|hence|thus|therefore|then|giv\w+|yield\w*|impl\w+|follows|obtain\w*"
    r"|we (?:get|have|find|obtain))\b",
    re.IGNORECASE,
)
_CARRIES_ON = re.compile(
    r"\b(insert\w*|substitut\w+|plug\w*|simplif\w+|expand\w*|rearrang\w+|hence|therefore|thus)\b[^.]*$",
    re.IGNORECASE,
)
EXPLAINS = re.compile(
    r"\b(as|with|for|where|when|since|because|if|let|given|set|suppose|assuming|using)\b[^.]{0,20}$",
    re.IGNORECASE,
)
# an inline equation that is said to be true, and not only mentioned
_CLAIMED = re.compile(
    r"\b(?:then|hence|thus|so|therefore|giv(?:es|ing)|yield\w*|rearrang\w+"
    r"|we (?:get|find|obtain|conclude)|obtain\w*|becomes?|simplif\w+|equals|this is|follows|conclude|it is"
    r"|impl(?:y|ies))\b[^.;$]{0,40}$|\b(?:subtract|multipl|divid|add)\w*\b[^.;$]{0,30}[:,]\s*$",
    re.IGNORECASE,
)
_MEANS = re.compile(r"(?:\bi\. ?e\.|\bthat is|\bmeans?)[\s,:]*$", re.IGNORECASE)
_AND = re.compile(r"[\s,;]*+(?:and|and (?:also|so|then|hence))?[\s,]*+")
_LISTED = re.compile(r"[\s$]*(?:,|;|and|, and|&)?[\s$]*", re.IGNORECASE)
_REMARKS = frozenset(("in", "notin", "forall", "perp", "propto", "->", "!="))
_EQUAL = frozenset(("=", ":=", "~"))
_CASE_COLON = re.compile(r"(=\s*\d+(?:\.\d+)?):(?=\s+[A-Za-z])")  # k = 4: padding = 1
_ROW_HEAD = re.compile(
    r"^[ \t]*(?:[-*•] )?[A-Za-z]{3,20}[ -]?\d{1,4}:(?=\s+[A-Za-z])", re.MULTILINE
)  # Layer 1: W = 4


@dataclass(frozen=True, slots=True)
class Line:
    """``members`` without the label; ``relations[k]`` stands before ``members[k]``: for the first it is the
    label's, or the one the line begins with, or empty. ``role``: ``claim``, ``definition`` (not counted),
    ``aside`` (a condition in the prose, not counted) or ``alone`` (no equation; not counted)."""

    statement: Statement
    members: tuple[tuple[Token, ...], ...]
    relations: tuple[str, ...]
    label: str = ""
    label_tokens: tuple[Token, ...] = ()
    role: str = "claim"
    lead: str = ""
    words: str = ""
    given: bool = False  # the words in front say that it is a condition
    mentioned: bool = False  # they may say so
    anew: bool = False  # the words in front begin something else
    beside: bool = False  # it stands in the row of the one before
    follows: bool = False  # in the same display as the one before, in its own row
    start: int = 0

    @property
    def infix(self) -> bool:
        return not self.statement.latex


def explains_before(words: str) -> bool:
    """Whether what follows the words is said of what stands before them too: ``…, with $k = 5$``; a sentence
    that begins so, ``For $k = 5$``, speaks of what comes."""
    m = EXPLAINS.search(words)
    return m is not None and not (
        m[1] in ("For", "With", "When", "Using") and not words[: m.start()].strip(" .\n$")
    )


def lines_of(text: str, scope: Scope, *, decimal_comma: bool = False, strict: bool = False) -> list[Line]:
    """The lines of a text, in order; ``strict``: it is said to be one chain."""
    text = spelled(text)
    marked = "$" in text or "\\[" in text or "\\(" in text or "\\begin" in text
    if not marked:
        text = _CASE_COLON.sub(lambda m: m[1] + "\n", _ROW_HEAD.sub(lambda m: " " * len(m[0]), text))
        text = with_labels_of_two_words(text)
    found = [s for s in find_statements(text, decimal_comma=decimal_comma) if s.members or s.fault]
    found = sorted([*found, *without_dollars(text, decimal_comma)], key=_begins)
    found = [
        part for k, s in enumerate(found) for part in behind_asides(text, s, found[k - 1] if k else None)
    ]
    found = [without_prose(part, scope) for s in found for part in by_rows(text, s)]
    found = with_arrows(connected(in_words(found, text) if marked else found), text)
    shown = any(s.display and (s.relations or s.lead) for s in found)
    out: list[Line] = []
    end = 0
    used = _used(found)
    bare = {bare_label_of(s.members[0]) or "" for s in found if len(s.members) > 1}
    given = {_given_by(s.members[0]) for s in found if len(s.members) > 1}
    said, said_from = "", 0  # words of a sentence in which only names stood so far
    if len(found) > MAX_LINES:
        beyond = LimitFault(f"more than {MAX_LINES} lines; what comes after them was not checked")
        found = [*found[:MAX_LINES], Statement("", _begins(found[MAX_LINES]), fault=beyond)]
    for s in found:
        tokens = [t for m in s.members for t in m]
        start = tokens[0].start if tokens else s.start
        between = text[end:start] if start >= end else ""
        if (
            said
            and marked
            and not s.lead
            and not re.search(r"\.\s|\n\s*\n|\$\$", text[said_from:start].rstrip("$ \n"))
        ):
            s = replace(s, words=f"{said} {s.words}"[-200:])
        said = ""
        named = partial(_of_nothing_known, s, scope, given, found) if strict or _is_change(s) else str
        line = _line(s, scope, between, shown, marked, used, out[-1] if out else None, text, bare, named)
        end = max(end, tokens[-1].end if tokens else start)
        if line is not None:
            out.append(replace(line, start=start))
        if (line is None or line.role == "alone") and tokens and marked:
            said, said_from = f"{s.words} {s.text}".strip(), tokens[-1].end
    sums = arithmetic_in_prose(text, decimal_comma) if marked else []
    out += [Line(s, s.members, ("", *s.relations), start=s.start) for s in sums]
    return _premises_claimed(sorted(out, key=lambda line: line.start))


def _premises_claimed(lines: list[Line]) -> list[Line]:
    """What an arrow in a sentence goes on from is a line too, ``We have $A = B$ ⇒ $C = D$``; so is every
    alternative to what is claimed."""
    out: list[Line] = []
    for a, b in itertools.zip_longest(lines, lines[1:]):
        if a.role == "aside" and b is not None and b.role == "claim" and b.lead in ARROWS and not b.beside:
            a = replace(a, role="claim", given=True)
        either = b is not None and OR.fullmatch(b.words) and BRANCHES.search(a.words)
        if either or (OR.fullmatch(a.words) and out and out[-1].role == "claim"):
            a = replace(a, role="claim")
        out.append(a)
    return out


def _begins(s: Statement) -> int:
    return s.members[0][0].start if s.members and s.members[0] else s.start


def _used(found: Sequence[Statement]) -> list[set[str]]:
    return [{t.text for m in s.members for t in m} for s in found]


def _line(
    s: Statement,
    scope: Scope,
    between: str,
    shown: bool,
    marked: bool,
    used: list[set[str]],
    before: Line | None,
    whole: str,
    bare: Container[str],
    named: Callable[[], str],
) -> Line | None:
    """``named``: asked for a name of the left side if it is no label by itself."""
    words = s.words
    apart = bool(DELIMITER.search(between)) or (not marked and "\n\n" in between)
    same_display = before is not None and not apart
    new_row = "\\\\" in between or (not marked and "\n" in between)
    in_row = same_display and not new_row
    members, relations = _without_remarks(s)
    if s.fault is not None:
        return Line(s, (), (), lead=s.lead, words=words)
    if not members or not any(members):
        return None
    if (len(members) == 1 or not marked) and only_words(tuple(t for m in members for t in m), scope):
        return None
    label = ""
    label_tokens: tuple[Token, ...] = ()
    if len(members) > 1 and relations[0] in _EQUAL and s.lead != "=":
        label = _label(s, scope, bare) or named()
    lead = s.lead
    if label:
        label_tokens, members = members[0], members[1:]
    else:
        relations = [lead if lead in _EQUAL or lead in ORDERS else "", *relations]
    if label and _is_index(label_tokens, scope) and len(members) == 1 and _is_index(members[0], scope):
        return None  # for i = j
    placed = in_a_set(s)
    if placed is not None and (lead in ARROWS or _CLAIMED.search(words) or _MEANS.search(words)):
        key = label_of(placed[0]) or ""
        key = scope.aliases.get(key, key)
        if key in scope.kinds and scope.kinds[key].sort == "scalar" and key not in scope.define:
            return Line(s, placed[1:], ("in",), key, placed[0], lead=lead, words=words)
    alone = len(members) == 1 and not label and relations[0] == ""
    if alone and (not s.display or lead or s.relations or (in_row and s.after)):
        if lead or s.relations or s.display or not marked or len(members[0]) < 3:
            return None  # a name in a sentence, or something said to be in a set
        return Line(s, tuple(members), ("",), role="alone", words=words)
    if alone and not marked and sum(t.kind in ("word", "remark") and len(t.text) > 2 for t in members[0]) > 2:
        return None  # a sentence
    listed = _LISTED.fullmatch(words) if words else (between.strip() and _LISTED.fullmatch(between))
    if listed and before is not None and before.role not in ("claim", "alone"):
        words = before.words  # "with $k = 5$, $p = 2$"
    explains = bool(EXPLAINS.search(words))
    also = before if _ALSO.search(words) else None  # it is said like the one before
    role = "claim"
    defines = ":=" in s.relations or bool(_DEFINES.search(words)) or s.aside
    bracketed = in_row and _opens(
        whole, (label_tokens or members[0] or (Token("op", "", 0, 0, False),))[0].start
    )
    counted = len(members) if not label else len(members) + 1
    if in_row and not lead and (bracketed or s.aside or (words and not _GOES_ON.search(words))):
        role = "definition" if label else "aside"
    elif label and len(members) == 1 and (label not in scope.kinds or label in scope.define):
        name_used = sum(1 for names in used if base_of(label) in names or label in names) > 1
        if len(label) == 1 and label.isupper():  # X^TSX
            name_used = name_used or any(
                label in t and t.isalpha() and len(t) < 5 for names in used for t in names
            )
        apart_from_it = s.display and marked and not in_row and not _WHERE.search(words)
        if ((defines and not apart_from_it) or (in_row and not lead)) and (
            name_used or label in scope.define
        ):
            role = "definition"
    conditional = bool(explains or _GIVES.search(words)) and not s.display and marked and not lead
    if role == "claim" and conditional and not label and set(relations[1:]) <= set(ORDERS):
        role = "aside"  # for 0 < a < 1
    claimed = bool(_CLAIMED.search(words)) or (not label and bool(re.search(r"\b(?:is|are)\s*$", words)))
    claimed = claimed and not (
        not label and len(members) == 2 and any(_is_vector_name(m, scope) for m in members)
    )
    if (
        _AND.fullmatch(words)
        and before is not None
        and not before.statement.display
        and before.role == "claim"
    ):
        goes_on = bool(before.words) and not before.given and "." not in between.replace("$", "")
        scalars = not any(_holds_vectors(m, scope) for m in members)
        claimed = claimed or (goes_on and scalars and (not label or label in scope.kinds))
    why, claim = EXPLAINS.search(words), _CLAIMED.search(words)
    claimed = claimed and (why is None or (claim is not None and claim.start() > why.start()))
    claimed = claimed or lead in ARROWS
    if role == "claim" and marked and not s.display and not claimed:
        if label and len(members) == 1 and (shown or explains):
            role = "definition"
        elif shown and counted < 3 and not (lead == "=" and not s.words and before is not None):
            role = "aside"
    return Line(
        s,
        tuple(members),
        tuple(relations),
        label,
        label_tokens,
        role,
        lead,
        words,
        given=bool(_GIVES.search(words)),
        mentioned=bool(_MENTIONS.search(words)) or (also is not None and (also.given or also.mentioned)),
        anew=bool(words) and bool(_ANEW.search(words)) and not _CARRIES_ON.search(words),
        beside=in_row,
        follows=same_display and new_row,
    )


def _is_vector_name(tokens: Sequence[Token], scope: Scope) -> bool:
    """Whether it is the name of a vector by itself, as on one side of ``Xw = t``."""
    key = label_of(tokens)
    kind = scope.kinds.get(scope.aliases.get(key, key)) if key else None
    return kind is not None and kind.shape is not None


def _holds_vectors(tokens: Sequence[Token], scope: Scope) -> bool:
    try:
        names = read_tree(tokens, scope, infix=False)[0].names()
    except (MathsFault, RecursionError):
        return True
    return any(n in scope.kinds and scope.kinds[n].shape is not None for n in names)


def _is_index(tokens: Sequence[Token], scope: Scope) -> bool:
    """Whether it is a letter that counts rows or columns, for which one value is tried."""
    name = tokens[0].text if len(tokens) == 1 else ""
    return len(name) == 1 and name in scope.define and scope.kinds[name].sort == "integer"


def _opens(text: str, start: int) -> bool:
    """Whether what starts here stands in a bracket of its own: ``\\qquad (a = b)``."""
    return bool(re.search(r"(?:\\q?quad|&|\\[,;!]|\s)\s*(?:\\left)?\s*[(\[]\s*$", text[:start][-40:]))


def _label(s: Statement, scope: Scope, bare: Container[str]) -> str:
    """The key of a label on the left; empty where a member stands there: ``Xw`` and ``a (n − 1)`` are
    products of declared names."""
    first = s.members[0]
    key = label_of(first)
    numbered = [t.kind for t in first] == ["word", "num"] and not first[1].spaced  # Conv1
    if numbered and len(first[0].text) > 1 and first[0].text not in scope.words:
        return first[0].text + first[1].text
    if key is None:
        return _expected_value(first, scope)
    call = called_with(first)
    kind = scope.kinds.get(scope.aliases.get(key, key))
    product = key in bare or (kind is not None and kind.scalar and key not in scope.define)
    if call is not None and product and any(t.text in ("+", "-") for t in call[1]):
        return ""  # p_1 (1 - p_1), \lambda (w - u)
    name, derivative, by = key.partition(" / ")
    if derivative and name.partition(" ")[2] in FUNCTIONS:  # the derivative of a logarithm
        return ""
    try:
        node, _ = read_tree(first, scope, infix=not s.latex)
    except (MathsFault, RecursionError):
        pass
    else:
        if node.op == "sym" and str(node.value).endswith("_prime"):
            return str(node.value)
        named = node.op in ("sym", "deriv", "apply") or (bool(derivative) and bool(by))
        named = named or (call is not None and _is_place(key, call[1], scope))
        named = named or (node.op == "const" and any(t.kind == "word" for t in s.members[1]))  # e = t - Xw
        vector = node.op == "idx" and (
            any(_is_vector(m, scope, s) for m in s.members[1:]) or _is_step(first, s.members[1])
        )
        if not named and not vector:
            return ""
    return scope.aliases.get(key, key)


def _expected_value(first: Sequence[Token], scope: Scope) -> str:
    r"""``\\mathbb{E}[L] =`` names a result, where it is no mean over what is declared."""
    texts = [t.text for t in first if t.text not in ("{", "}")]
    if texts[:1] != ["E"] or "E" in scope.kinds or texts[-1] not in ("]", ")") or first[0].kind == "op":
        return ""
    try:
        read_tree(written_out(first, {}, scope), scope, infix=False)
    except (MathsFault, RecursionError):
        return "mean of " + " ".join(texts[1:])
    return ""


def _is_change(s: Statement) -> bool:
    r"""``\\Delta f =``."""
    texts = [t.text for t in s.members[0][:3]] if s.members else []
    return len(s.members) > 1 and len(s.members[0]) < 6 and texts[:1] == ["Delta"] and texts[1:2] != ["="]


def _given_by(left: Sequence[Token]) -> str:
    """The name that a left side gives a value: also ``v^T =``."""
    turned = left and [t.text for t in left[1:] if t.text not in ("{", "}")] in (["^", "T"], ["^", "top"])
    return left[0].text if turned else label_of(left) or ""


def _of_nothing_known(s: Statement, scope: Scope, given: Set[str], found: Sequence[Statement]) -> str:
    r"""``\\|w_R\\| =`` and ``P^2 =`` say what is worked out, where nobody says what w_R and P are and all
    the rest is written without them; ``given``: what the text itself says something of."""
    first = s.members[0] if len(s.members) > 1 else ()
    if not first or any(t.text in ("sum", "prod") for t in first):
        return ""
    unknown = _unknown_in(first, scope, infix=not s.latex)
    if not unknown or {unknown, unknown[:1]} & given or _unknown_in(s.members[1], scope, infix=not s.latex):
        return ""
    for other in found:
        for m in other.members[len(other.members) > 1 and not other.lead :]:
            if _unknown_in(m, scope, infix=not other.latex) == unknown:
                return ""
    return "value of " + " ".join(t.text for t in first)


def _unknown_in(tokens: Sequence[Token], scope: Scope, *, infix: bool) -> str:
    """A name in a member that is not declared."""
    try:
        read_tree(tokens, scope, infix=infix)
    except UnknownSymbolFault as fault:
        return fault.name
    except (MathsFault, RecursionError):
        pass
    return ""


def _is_vector(tokens: Sequence[Token], scope: Scope, s: Statement) -> bool:
    """``w_1 = w - …`` names a vector, though w_1 could be an entry of w."""
    try:
        return read_tree(tokens, scope, infix=not s.latex)[0].shape is not None
    except ShapeFault:  # w_2 = w_1 - X^T (X w_1 - t)
        return True
    except (MathsFault, RecursionError):
        return False


def _is_step(first: Sequence[Token], second: Sequence[Token]) -> bool:
    """``w_1 = w - \\eta g`` begins with the whole of w, so that it names a vector."""
    texts = [t.text for t in second[:4]]
    base = first[0].text
    return texts[:1] == [base] and texts[1:2] != ["_"] and (len(texts) == 1 or texts[1] in ("+", "-"))


def _is_place(key: str, argument: Sequence[Token], scope: Scope) -> bool:
    """Whether ``L(\\eta) = …`` says where a declared scalar L is taken; a product is not written that way."""
    kind, at = scope.kinds.get(scope.aliases.get(key, key)), label_of(argument)
    return kind is not None and kind.scalar and at is not None and scope.aliases.get(at, at) in scope.kinds


def _without_remarks(s: Statement) -> tuple[list[tuple[Token, ...]], list[str]]:
    members, relations = list(s.members), list(s.relations)
    for k, rel in enumerate(relations):
        if rel in _REMARKS:
            return members[: k + 1], relations[:k]
    return members, relations
