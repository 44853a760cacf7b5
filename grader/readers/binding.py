"""Which candidates are headings, and of which question: decided for all of them together.

One line alone is ambiguous: "2. Then we solve" may be item 2 of an answer, question 2, or item 2 of the
section above; "3 Linear models" after section 3 may be a misprinted 4. So every candidate gets a score
for every number it could stand for, given the place reached before it, and the best path through the
whole sheet is taken (a Viterbi search over the few places that stay plausible). Order counts for
something and explicit numbers for more; numbering by position alone is never assumed, gaps are normal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.errors import UnreadableFile
from grader.readers.headings import Candidate
from grader.readers.tree import Node, Tree
from grader.readers.weights import (
    BACKWARD,
    BASE_BY_NUMBERS,
    FOREIGN,
    INNER_ALIKE,
    INNER_LIST,
    MAX_RETURN,
    SKIPPED,
    SKIPPED_FIRST,
    TITLE,
    evidence,
    kind_score,
    order_score,
)
from grader.readers.words import similar

__all__ = ["MAX_CANDIDATES", "Heading", "Marker", "bind"]

MAX_CANDIDATES = 2_000
MAX_PLACES = 24  # kept in mind at a time

PART_LETTERS = "abcdef"  # "3(a)" is a part of question 3 though the outline has no letters there
SIMILAR = 0.6  # titles are taken for the same from here on


@dataclass(frozen=True, slots=True)
class Marker:
    """A place where something other than a heading names the question: a notebook cell."""

    at: int
    node: Node | None  # None: the cell ends what came before and names nothing


@dataclass(frozen=True, slots=True)
class Heading:
    """A decision: from piece ``at`` on, the text belongs to ``node``.

    ``foreign`` is the printed number of a heading that is not in the outline (the text after it belongs
    to no question). ``part``: the line numbers a part inside the question and stays in its text.
    ``restarted``: the sheet printed a section number again, read as ``node``.
    """

    at: int
    node: Node
    candidate: Candidate | None = None
    foreign: str = ""
    part: bool = False
    restarted: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the reading stands. ``relative``: the numbers printed lately were items of the section
    ("1."), not whole numbers ("3.1"). ``shifted``: the section's printed number is one too low.
    ``inner``: the last item of a list inside an answer."""

    node: int = 0
    relative: bool = False
    shifted: bool = False
    inner: tuple[object, int] | None = None


@dataclass(frozen=True, slots=True)
class _Path:
    """The best way to a place: a linked list of decisions. ``seen``: the nodes on it."""

    score: float
    last: Heading | None = None
    before: _Path | None = None
    seen: frozenset[int] = frozenset()

    def then(self, score: float, heading: Heading) -> _Path:
        index = heading.node.index
        if index in self.seen:
            score = min(score, MAX_RETURN)
        return _Path(self.score + score, heading, self, self.seen | {index})


_Paths = dict[tuple[_Place, frozenset[int]], _Path]


def bind(tree: Tree, events: Sequence[Candidate | Marker]) -> list[Heading]:
    """The headings among ``events``, in order.

    Raises:
        UnreadableFile: too many lines look like headings.
    """
    candidates = sum(isinstance(event, Candidate) for event in events)
    if candidates > MAX_CANDIDATES:
        raise UnreadableFile(
            f"{candidates:,} lines look like question headings (at most {MAX_CANDIDATES:,} are read)",
            cure="hand in the answers only",
        )
    paths: _Paths = {(_Place(), frozenset()): _Path(0.0)}
    for event in events:
        found: _Paths = {}
        for (place, _), path in paths.items():
            if isinstance(event, Marker):
                node = event.node or tree.nodes[0]
                _keep(found, _Place(node.index), path.then(0.0, Heading(event.at, node)))
                continue
            options = [option for option in _options(tree, event, place, path.last) if option[0] > 0]
            for score, to, heading in options:
                _keep(found, to, path.then(score, heading))
            skipped = (SKIPPED if path.last else SKIPPED_FIRST) * bool(options)
            _keep(found, _skip(place, event), replace(path, score=path.score + skipped))
        if len(found) > MAX_PLACES:
            best = sorted(found.items(), key=lambda item: -item[1].score)
            found = dict(best[:MAX_PLACES])
        paths = found
    end: _Path | None = max(paths.values(), key=lambda path: path.score)
    headings: list[Heading] = []
    while end is not None:
        if end.last is not None:
            headings.append(end.last)
        end = end.before
    return headings[::-1]


def _keep(found: _Paths, place: _Place, path: _Path) -> None:
    """Keep the better of two ways to one place. Ways that have been at different numbers further on are
    not compared: what is still to come is worth less to one of them."""
    key = (place, frozenset(index for index in path.seen if index > place.node))
    known = found.get(key)
    if known is None or path.score > known.score:
        found[key] = path


def _skip(place: _Place, c: Candidate) -> _Place:
    """The same place, knowing that ``c`` was no heading."""
    if len(c.path) != 1 or not c.path[0].isdigit():
        return place
    number = int(c.path[0])
    if number != 1 and place.inner != (c.style, number - 1):
        return place
    return _Place(place.node, place.relative, place.shifted, (c.style, number))


def _options(
    tree: Tree, c: Candidate, place: _Place, last: Heading | None
) -> Iterator[tuple[float, _Place, Heading]]:
    """Everything ``c`` could be a heading of, seen from ``place`` after the heading ``last``: (score, the
    new place, decision)."""
    here = tree.nodes[place.node]
    if not c.path:
        yield from _by_title(tree, c, here)
        return
    known = False
    base = evidence(c)
    for node, relative, shifted in _targets(tree, c, place, here):
        known = True
        score = base + kind_score(c, node, relative) + order_score(here, node, relative or not c.numbers, c)
        if node.question and similar(c.rest[:80], node.question.title) >= SIMILAR:
            score += TITLE
        if len(c.path) == 1 and c.numbers and not c.points and place.inner == (c.style, int(c.path[0]) - 1):
            alike = last is not None and last.candidate is not None and last.candidate.style == c.style
            score += INNER_ALIKE if alike else INNER_LIST
        restarted = shifted and not (place.shifted or relative)
        to = _Place(node.index, place.relative if not c.numbers else relative, shifted)
        yield score, to, Heading(c.at, node, c, restarted=restarted)
    sure = (
        c.numbers > 1 or c.hashed or c.points or c.word or ((c.closed or c.bold) and c.letter in PART_LETTERS)
    )
    if not known and c.letter and sure and (whole := _numbered(tree, c.path[:-1])):  # 2.2.3(a), a part
        known = True
        score = base + kind_score(c, whole, False) + order_score(here, whole, False, c)
        yield score + 3.5 * (whole is here), _Place(whole.index), Heading(c.at, whole, c, part=True)
    for depth in range(1, c.numbers):  # 2.2.3.1, a part of 2.2.3
        if known or not (owner := _numbered(tree, c.path[:depth])):
            continue
        known = True
        if c.hashed or c.word or c.points or c.numbers > 2:
            score = base + BASE_BY_NUMBERS[2] + order_score(here, owner, False, c)
            yield score + 3.5 * (owner is here), _Place(owner.index), Heading(c.at, owner, c, part=True)
    if not known and c.numbers:
        yield from _foreign(tree, c, place, base)


def _targets(tree: Tree, c: Candidate, place: _Place, here: Node) -> Iterator[tuple[Node, bool, bool]]:
    """Nodes ``c`` may name: (node, by an item's number alone, in a section whose number is one too low)."""
    seen: set[int] = set()

    def new(node: Node | None) -> bool:
        if node is None or node.index in seen:
            return False
        seen.add(node.index)
        return True

    if c.numbers and not c.bracketed:
        section = tree.section(here)
        if place.shifted and c.numbers > 1:  # 3.1 printed in the second section 3
            moved = tree.find((section.path[0], *c.path[1:]))
            if moved and _is_before(section, c.path[0]) and new(moved):
                yield moved, False, True
        exact = tree.find(c.path)
        if exact and new(exact):
            yield exact, False, False
        for node in tree.aliased(c.path):
            if new(node):
                yield node, False, True
        if len(c.path) == 1 and here.index and section.path == c.path:
            after = tree.after(section)
            if after and after.children and here is not section and new(after):
                yield after, False, True
    if c.numbers <= 1:
        for above in tree.above(here):
            item = tree.find((*above.path, *c.path))
            if not above.index or item is None or item.index in seen:
                continue
            # A sibling counts as an item only where items were counted so far; a section may start to.
            counted = place.relative or (above is here and not above.question)
            if counted or not c.numbers:
                seen.add(item.index)
                yield item, c.numbers == 1, place.shifted


def _is_before(section: Node, printed: str) -> bool:
    step = section.path[0]
    return step.isdigit() and printed.isdigit() and int(printed) == int(step) - 1


def _numbered(tree: Tree, path: tuple[str, ...]) -> Node | None:
    node = tree.find(path)
    return node if node and node.question else None


def _by_title(tree: Tree, c: Candidate, here: Node) -> Iterator[tuple[float, _Place, Heading]]:
    """A marked-up heading without a number: a question's title, or the end of the answers."""
    named = [n for n in tree.nodes if n.question and _same_title(c.title, n.question.title)]
    if len(named) == 1 and named[0] is not here:
        score = TITLE + (0.0 if named[0].index > here.index else BACKWARD)
        yield score, _Place(named[0].index), Heading(c.at, named[0], c)
    elif c.title.strip(" .:").lower() in _ENDINGS:
        yield FOREIGN, _Place(0), Heading(c.at, tree.nodes[0], c, foreign=c.title)


_ENDINGS = frozenset(
    {
        "references",
        "bibliography",
        "works cited",
        "appendix",
        "acknowledgements",
        "acknowledgments",
        "collaborators",
        "collaboration",
        "collaboration statement",
        "honor code",
        "honour code",
        "academic integrity",
    }
)


def _same_title(title: str, other: str) -> bool:
    return bool(other) and " ".join(title.lower().split()).strip(" .:") == " ".join(other.lower().split())


def _foreign(tree: Tree, c: Candidate, place: _Place, base: float) -> Iterator[tuple[float, _Place, Heading]]:
    """A number the outline lacks: it ends the answer before it if it surely is a heading."""
    strong = c.hashed or c.points or bool(c.word)
    if c.numbers == 1 and not (strong and not c.delimiter and len(c.path) == 1):
        return
    if c.numbers == 2 and not strong:
        return  # 2.5 on a line of its own may be an answer
    above: Node | None = None
    for depth in range(len(c.path) - 1, 0, -1):
        above = above or tree.find(c.path[:depth])
    if c.numbers > 2 and not strong and above is None:
        return
    if base < 0 or (place.inner and c.numbers == 1):
        return
    number = ".".join(c.path[: c.numbers]) + c.letter
    node = above or tree.nodes[0]
    yield FOREIGN, _Place(node.index), Heading(c.at, node, c, foreign=number)
