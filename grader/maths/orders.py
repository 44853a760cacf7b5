"""Which O(…) of an answer is meant for which of its parts.

An answer such as "forward: O(1), backward: O(t)" states several orders of growth. Words that stand for
this part and for the others are set in order beside the orders, sentence by sentence, and each order is
given to the word it belongs to. Nothing is judged; where the words do not tell, nothing is claimed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.maths.tables import pipe_tables

__all__ = ["Claim", "claims", "orders_in", "plain_order", "spoken_orders"]

MAX_TEXT = 20_000
MAX_ORDER = 120  # characters of one O(…)
MAX_ORDERS = 200

_MARK = re.compile(
    r"(?:\\(?:mathcal|mathrm|text|mathbb|mathbf|operatorname|mathscr)\s{0,3}\{\s{0,3}O\s{0,3}\}|\\(?:Theta|Omega)|[OΘ𝒪Ω])"
    r"\s{0,3}(?:\\(?:left|right|bigl?|Bigl?|biggl?|Biggl?)\s{0,3})?\("
)
_NOT = re.compile(
    r"\b(?:not|no longer|rather than|instead of|unlike|than)\s{1,3}(?:just |only |simply )?[$\\(\s]{0,4}$",
    re.IGNORECASE,
)
_CONTRAST = re.compile(
    r"\b(?:unlike|contrary to|in contrast (?:to|with)|compared (?:to|with)|as opposed to|rather than"
    r"|instead of|than)"
    r"\W{1,4}(?:\w{1,20}\W{1,4}){0,2}$"
    r"|\b(?:values?|activations?|results?|intermediates?|iterates?|weights|states?|quantities|computed|stored"
    r"|saved|kept|produced|generated)\s{1,3}(?:of|from|during|in|by)\s{1,3}(?:the\s{1,3})?(?:standard\s{1,3})?$",
    re.IGNORECASE,
)
_STRONG = re.compile(r"[:=→|—]|->| - ")
_JOINT = re.compile(
    r"(?:[\w-]{0,12}\s{0,3})(?:(?:propagation|pass|prop|memory|cost|mode|phase|step|passes|standard|the|for|in|both|memory's)\W{1,3}){0,4}"
    r"(?:and|or|as well as|/|,|&|\+)\s{0,3}(?:(?:the|for|in|standard|also)\s{1,3}){0,3}",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"[\w-]{0,20}\W{0,3}(?:\(|which|that)", re.IGNORECASE
)  # "unlike backward, which is O(t), …"
_CONCLUDES = re.compile(
    r"\b(?:so|thus|therefore|hence|total|overall|altogether|finally|in all|conclu\w{0,8}|answer)\b"
    r"|⇒|\\(?:implies|Rightarrow)",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.;!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Claim:
    """The last order that one sentence states for the part; ``concludes``: it says so ("so", "in total")."""

    text: str
    concludes: bool


@dataclass(frozen=True, slots=True)
class _Event:
    start: int
    end: int
    sort: str  # "mine", "other" or "order"
    text: str = ""


def plain_order(text: str) -> str:
    """``Ω(t)``, and a bare ``t``, as the parser reads them: ``O(t)``."""
    if _MARK.match(text) is None:
        return f"O({text})"
    return re.sub(r"^(?:\\Omega|Ω|𝒪)", "O", text)


def orders_in(text: str) -> list[tuple[int, str]]:
    """Every ``O(…)`` of a text with its place; those that are denied ("not O(t²)") are left out."""
    out = []
    for m in itertools.islice(_MARK.finditer(text[:MAX_TEXT]), MAX_ORDERS):
        depth, i = 1, m.end()
        while i < len(text) and depth and i - m.end() < MAX_ORDER:
            depth += {"(": 1, ")": -1}.get(text[i], 0)
            i += 1
        before = text[m.start() - 1] if m.start() else " "
        if depth == 0 and not before.isalnum() and not _NOT.search(text[max(0, m.start() - 40) : m.start()]):
            out.append((m.start(), text[m.start() : i]))
    return out


_CONSTANT = re.compile(
    r"\bconstant\b(?! (?:factor|multiple|size|step|number|of|c\b))"
    r"|\bindependent of (?:\$?[A-Za-z]\$?(?!\w)|the (?:number|length|depth|amount))"
    r"|\b(?:does|do|did)(?: not|n't) (?:depend on|grow|increase|scale|change)",
    re.IGNORECASE,
)
_POWER = re.compile(
    r"\b(?P<power>linear(?:ly)?|proportional(?:ly)?|quadratic(?:ally)?)\b"
    r"(?! (?:regression|model|layer|map|function|algebra|system))"
    r"(?: (?:growth |memory |space |time ){0,2}(?:in|with|to|on) (?:the )?\$?(?P<name>[A-Za-z]\b)?)?",
    re.IGNORECASE,
)


def spoken_orders(text: str, variables: Sequence[str]) -> list[tuple[int, int, str]]:
    """Orders said in plain words, as (start, end, O(…)); ``variables[0]`` where no symbol is named."""
    text = text[:MAX_TEXT].replace("’", "'")
    out: list[tuple[int, int, str]] = []
    for m in _CONSTANT.finditer(text):
        out.append((m.start(), m.end(), "O(1)"))
    for m in _POWER.finditer(text):
        name = m["name"] or next(iter(variables), "")
        if name:
            power = "^2" if m["power"].casefold().startswith("quad") else ""
            out.append((m.start(), m.end(), f"O({name}{power})"))
    denied = re.compile(
        r"(?:\b(?:not|no longer|never|than|instead of)|n't)\s{1,3}(?:\w{1,12}\s{1,3})?$", re.IGNORECASE
    )
    return sorted(o for o in out if not denied.search(text[max(0, o[0] - 30) : o[0]]))


def claims(
    text: str,
    mine: Sequence[re.Pattern[str]],
    other: Sequence[re.Pattern[str]],
    extra: Iterable[tuple[int, int, str]] = (),
) -> tuple[list[Claim], bool]:
    """What the answer states for the part of the words ``mine``, sentence by sentence; and whether any of
    the words stands in it at all. ``extra``: orders said in words, as (start, end, O(…)). Without any words
    to go by, all orders are meant.
    """
    text = text[:MAX_TEXT]
    column = _column(text, mine, other)
    if column:
        return column, True
    events = [_Event(at, at + len(o), "order", o) for at, o in orders_in(text)]
    events += [_Event(a, b, "order", o) for a, b, o in extra]
    words = _words(text, mine, "mine") + _words(text, other, "other")
    events = sorted(events + words, key=lambda e: (e.start, -e.end))
    out: list[Claim] = []
    topic = "" if mine else "mine"
    for start, end in _sentences(text):
        here = [e for e in events if start <= e.start < end]
        given, topic = _assign(_cleaned(here, text, start), text, topic)
        own = [order.text for word, order in given if word == "mine"]
        if own:
            out.append(Claim(own[-1], _CONCLUDES.search(text[start:end]) is not None))
    return out, bool(words)


def _column(text: str, mine: Sequence[re.Pattern[str]], other: Sequence[re.Pattern[str]]) -> list[Claim]:
    """The orders below a head of a table that names this part."""
    out = []
    for table in pipe_tables(text):
        heads = [_hit(mine, cell) and not _hit(other, cell) for cell in table.header]
        for i in (i for i, head in enumerate(heads) if head):
            cells = [orders_in(row[i]) for row in table.body if i < len(row)]
            out += [Claim(found[-1][1], False) for found in cells if found]
    return out


def _hit(patterns: Sequence[re.Pattern[str]], text: str) -> bool:
    return any(p.search(text) for p in patterns)


def _words(text: str, patterns: Sequence[re.Pattern[str]], sort: str) -> list[_Event]:
    """Where the words stand; of several that overlap the longest."""
    hits = sorted((m.start(), -m.end()) for p in patterns for m in p.finditer(text) if m.end() > m.start())
    out: list[_Event] = []
    for start, end in hits:
        if not out or start >= out[-1].end:
            out.append(_Event(start, -end, sort))
    return out


def _sentences(text: str) -> list[tuple[int, int]]:
    cuts = [0, *(m.end() for m in _SENTENCES.finditer(text)), len(text)]
    return [(a, b) for a, b in itertools.pairwise(cuts) if b > a]


def _cleaned(events: list[_Event], text: str, start: int) -> list[_Event]:
    """Without words that are only compared with, and without those between "backward:" and its order."""
    kept: list[_Event] = []
    strong = False
    for k, e in enumerate(events):
        if e.sort == "order":
            strong = False
            kept.append(e)
            continue
        compared = _CONTRAST.search(text[max(start, e.start - 80) : e.start])
        if strong or (compared and not _RELATIVE.match(text[e.end : e.end + 40])):
            continue
        kept.append(e)
        next_start = events[k + 1].start if k + 1 < len(events) else e.end + 60
        strong = _STRONG.search(text[e.end : min(next_start, e.end + 60)]) is not None
    return kept


def _assign(events: list[_Event], text: str, topic: str) -> tuple[list[tuple[str, _Event]], str]:
    """(word, order) pairs of one sentence, and the word that a sentence without words belongs to."""
    words = [e for e in events if e.sort != "order"]
    orders = [e for e in events if e.sort == "order"]
    if not words:
        return [(topic, o) for o in orders], topic
    if not orders:
        return [], words[-1].sort if len({w.sort for w in words}) == 1 else topic
    if events[0].sort == "order":
        return _words_after(events), ""
    out: list[tuple[str, _Event]] = []
    for group, found in _groups(events, text):
        sorts = [w.sort for w in group]
        if len(set(sorts)) == 2 and len(found) >= 2:  # "forward and backward: O(1) and O(t)"
            out += list(zip(dict.fromkeys(sorts), found, strict=False))
        else:
            out += [(s, o) for o in found for s in dict.fromkeys(sorts)]
    last = words[-1]
    if last.start > orders[-1].start and out and out[-1][0] != last.sort:
        before = [o for s, o in out if s == out[-1][0]]
        if len(before) > 1:  # "forward takes O(1), and O(t) is needed for backward"
            out[-1] = (last.sort, out[-1][1])
    return out, last.sort


def _words_after(events: list[_Event]) -> list[tuple[str, _Event]]:
    """ "O(1) for forward and O(t) for backward"."""
    out: list[tuple[str, _Event]] = []
    pending: list[_Event] = []
    last = ""
    fresh = False  # the last word has no order yet
    for e in events:
        if e.sort == "order":
            pending.append(e)
            continue
        out += [(e.sort, o) for o in pending]
        fresh = not pending
        pending, last = [], e.sort
    if fresh:
        out += [(last, o) for o in pending]
    return out


def _groups(events: list[_Event], text: str) -> list[tuple[list[_Event], list[_Event]]]:
    """Words with the orders that follow them; words joined by "and" are one group."""
    out: list[tuple[list[_Event], list[_Event]]] = []
    for e in events:
        if e.sort == "order":
            out[-1][1].append(e)
        elif out and not out[-1][1] and _JOINT.fullmatch(text[out[-1][0][-1].end : e.start]):
            out[-1][0].append(e)
        else:
            out.append(([e], []))
    return out
