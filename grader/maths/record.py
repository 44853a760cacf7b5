"""The members of a derivation as they are read, and its steps as they are judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.errors import EmptyFault, LimitFault, MathsFault, ShapeFault, UnknownSymbolFault
from grader.maths.alphabet import Token
from grader.maths.as_written import read_both
from grader.maths.indexed import Indexed, indexed_by, limits_in, unrolled, with_entries, with_limits
from grader.maths.introduced import bound
from grader.maths.labels import label_of
from grader.maths.lines import Line
from grader.maths.links import Link
from grader.maths.recalled import STATED, Stated, named_gradient, recalled, with_variable
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.written_out import (
    MAX_FUNCTIONS,
    Function,
    at_commas,
    called_with,
    function_of,
    written_out,
)

__all__ = ["Derivation", "Member", "Record", "Step", "member", "sized", "unreadable"]

MAX_STEPS = 300
_UNSIZED = "cannot be told from what stands around it"  # the size of an I, or of a vector of ones
_NO_FAULT = ("entries are scalars", _UNSIZED)  # of what is well written, but not supported
_SIZED = re.compile(r"\\(?:left|[Bb]igg?l?) ?\Z")  # \\left( is one bracket
_OPENED = re.compile(r"\\[A-Za-z]{1,20}\s*\{\Z")


@dataclass(frozen=True, slots=True)
class Step:
    """One member (of ``solve``: one equation). ``status``: holds, fails or unread. ``level``: how it was
    checked; empty for one that only starts or is given, and for one that is unread. ``uses``: the steps it
    goes on from; ``reading``: what was read, ``before``: what it was held against."""

    index: int
    text: str
    status: str
    message: str
    place: tuple[int, int] = (0, 0)
    mistake: str | None = None
    evidence: Mapping[str, Any] | None = None
    level: str = ""
    uses: tuple[int, ...] = ()
    reading: Member | None = None
    before: Member | None = None
    label: str = ""  # what it stands for

    @property
    def checked(self) -> bool:
        """It was tried, and holds; what only starts or is taken as given was not tried."""
        return self.status == "holds" and bool(self.level)


@dataclass(frozen=True, slots=True)
class Derivation:
    """The steps in order; ``notes``: what was noticed beside them (a definition of the student's own)."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def first_wrong(self) -> int | None:
        return next((s.index for s in self.steps if s.status == "fails"), None)

    @property
    def unread(self) -> int:
        return sum(s.status == "unread" for s in self.steps)


@dataclass(frozen=True, slots=True)
class Member:
    """A member that was read, or the fault that kept it from being read."""

    text: str
    place: tuple[int, int]
    node: Node | None
    scope: Scope
    fault: MathsFault | None = None
    notes: tuple[str, ...] = ()
    shown: str = ""  # its tokens, for numbers
    other: Node | None = None  # the second value, where ± stands in it
    narrow: Node | None = None  # as read where ∂ takes the bracket behind it only
    index: int = -1


def member(
    text: str,
    tokens: Sequence[Token],
    line: Line,
    scope: Scope,
    functions: Mapping[str, Function] | None = None,
) -> Member:
    """What stands between two relations, read."""
    place = _whole(text, tokens[0].start, tokens[-1].end) if tokens else (line.start, line.start)
    shown = "".join(t.text for t in tokens)
    piece = " ".join(text[place[0] : place[1]].split()).rstrip(" .,;") or shown
    try:
        if not tokens:
            raise EmptyFault("nothing stands here")
        node, notes, narrow = read_both(written_out(tokens, functions or {}, scope), line, scope)
    except RecursionError:
        return Member(piece, place, None, scope, LimitFault("nested too deeply"), shown=shown)
    except MathsFault as fault:
        return Member(piece, place, None, scope, fault.bare(), shown=shown)
    return Member(piece, place, node, scope, None, notes, shown, narrow=narrow)


def sized(tokens: Sequence[Token], size: str, *, ones: bool = False) -> list[Token]:
    """``I`` as ``I_n``; also behind other letters, ``LI``. ``ones``: vectors of ones as well."""
    out: list[Token] = []
    for k, t in enumerate(tokens):
        if t.kind == "word" and len(t.text) == 2 and t.text[1] == "I" and t.text[0].isalpha():
            out.append(t._replace(text=t.text[0], end=t.end - 1))
            t = t._replace(text="I", start=t.end - 1, spaced=False)
        out.append(t)
        if (t.text == "I" or (ones and t.kind == "ones")) and (
            k + 1 == len(tokens) or tokens[k + 1].text != "_"
        ):
            kind = "num" if size.isdigit() else "word"
            out += [Token(c, x, t.start, t.end, False) for c, x in (("op", "_"), (kind, size))]
    return out


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """A piece of a text with the braces of commands that only say how a letter looks."""
    depth = lowest = 0
    for c in text[start:end]:
        depth += (c == "{") - (c == "}")
        lowest = min(lowest, depth)
    for _ in range(-lowest):
        m = _OPENED.search(text, 0, start)
        if m is None:
            break
        start = m.start()
    depth = sum((c == "{") - (c == "}") for c in text[start:end])
    while depth > 0 and end < len(text) and text[end] in "}{ ":
        depth -= text[end] == "}"
        end += 1
    m = _SIZED.search(text[max(0, start - 9) : start])
    return (start - len(m[0]) if m is not None else start), end


def unreadable(m: Member) -> Link:
    """A member that could not be read: a shape fault is a false step, the rest is for a person."""
    assert m.fault is not None
    loose = any(x in m.fault.clause for x in _NO_FAULT) or "dagger" in m.shown or _may_be_a_row(m)
    if isinstance(m.fault, ShapeFault) and loose:
        return Link("unread", f"Not read: {m.fault.clause}")
    if isinstance(m.fault, ShapeFault):
        return Link("fails", f"This does not fit together: {m.fault.clause}", "shape", "refuted")
    what = "This holds a name that is not declared" if isinstance(m.fault, UnknownSymbolFault) else "Not read"
    return Link("unread", f"{what}: {m.fault.clause}")


def _may_be_a_row(m: Member) -> bool:
    r"""Whether it holds a ``\\partial f / \\partial w``, which some write as a row."""
    tree = m.fault.tree if isinstance(m.fault, ShapeFault) else None
    nodes = tree.walk() if isinstance(tree, Node) and "partial" in m.shown else []
    return any(n.op == "deriv" and m.scope.kinds[n.value[0]].shape is not None for n in nodes)


def _variable(tokens: Sequence[Token], scope: Scope) -> tuple[Token, ...]:
    r"""The symbol that a label such as ``\\nabla L(w)`` says a gradient is by."""
    texts = [t.text for t in tokens]
    if texts[:1] != ["nabla"] or texts[-1] != ")" or "(" not in texts:
        return ()
    inner = tuple(tokens[texts.index("(") + 1 : -1])
    key = label_of(inner)
    kind = scope.kinds.get(scope.aliases.get(key, key)) if key else None
    return inner if kind is not None and kind.sort in ("scalar", "vector", "matrix") else ()


class Record:
    """The steps of a derivation as they are judged."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope
        self.steps: list[Step] = []
        self.notes: list[str] = []
        self.under = ""  # the label of the chain that is judged
        self.source = -1  # the step that what is taken as given comes from
        self.origins: dict[str, int] = {}  # names that the text defines → the step they come from
        self.functions: dict[str, Function] = {}  # of the student's own
        self.gradients: dict[Stated, str] = {}  # that were stated, and the names they have here
        self.by: tuple[Token, ...] = ()  # what a gradient without an index is by
        self.entries: dict[str, Indexed] = {}  # what is given entry by entry
        self.limits: dict[str, tuple[Token, ...]] = {}  # indices of sums → their limits, as written
        self.places: dict[str, tuple[str, ...]] = {}  # labels → where they are first called

    def add(
        self,
        text: str,
        place: tuple[int, int],
        link: Link,
        notes: Sequence[str] = (),
        reading: Member | None = None,
        before: Member | None = None,
    ) -> int:
        """A step; its index."""
        message = link.message + "".join(f" Note: {note}." for note in notes)
        index = self.source = len(self.steps)
        uses = self._uses(link, reading, before if link.level or link.status != "holds" else None)
        self.steps.append(
            Step(
                index,
                text,
                link.status,
                message,
                place,
                link.mistake,
                link.evidence or None,
                link.level,
                uses,
                reading,
                before,
                self.under,
            )
        )
        return index

    def _uses(self, link: Link, reading: Member | None, before: Member | None) -> tuple[int, ...]:
        """The steps that this one goes on from: the member before, premises, names that were defined."""
        found = {i for i in link.uses if i >= 0}
        if before is not None and before.index >= 0:
            found.add(before.index)
        for m in (reading, before):
            pending = [m.node] if m is not None and m.node is not None else []
            seen: set[str] = set()
            while pending and self.origins:
                assert m is not None
                for name in pending.pop().names() - seen:
                    seen.add(name)
                    if name in m.scope.define:
                        pending.append(m.scope.define[name])
                        found.add(self.origins.get(name, -1))
        return tuple(sorted(found - {-1, len(self.steps)}))

    def by_entries(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """The tokens with what was given entry by entry, and with sums over numbered names, written out."""
        return unrolled(with_entries(tokens, self.entries, self.scope), self.scope)

    def look_at(self, lines: Sequence[Line]) -> None:
        """What the lines say for all of them: how far indices run."""
        for line in lines:
            for m in (line.label_tokens, *line.members):
                for index, tokens in limits_in(m).items():
                    self.limits.setdefault(index, tokens)

    def guarded(self, line: Line, judge: Callable[[], None]) -> None:
        """Judge a line; whatever goes wrong in it stays in it: what a student wrote stops nothing."""
        if len(self.steps) > MAX_STEPS:  # one more than are kept says that there are more
            return
        self.source = -1
        if line.role == "claim" and (line.label or not line.relations or not line.relations[0]):
            self.under = line.label
        counted = len(self.steps) + len(line.members) if line.role == "claim" else len(self.steps)
        try:
            judge()
        except (MathsFault, RecursionError) as fault:
            why = fault.message if isinstance(fault, MathsFault) else "nested too deeply"
            self.filled(line, counted, f"Not checked: {why}.")
        except Exception as fault:
            self.filled(line, counted, f"Not checked (internal: {type(fault).__name__}); a person looks.")

    def filled(self, line: Line, counted: int, message: str) -> None:
        while len(self.steps) < counted:
            text = " ".join(line.statement.text.split())
            self.add(text, (line.start, line.start), Link("unread", message))

    def done(self) -> Derivation:
        if len(self.steps) > MAX_STEPS:
            del self.steps[MAX_STEPS:]
            message = f"More than {MAX_STEPS} steps; what comes after them was not checked."
            self.add("…", (len(self.text), len(self.text)), Link("unread", message))
        return Derivation(tuple(self.steps), tuple(dict.fromkeys(self.notes)))

    def define(self, name: str, node: Node) -> None:
        if name in self.entries:
            return
        self.scope = bound(name, node, self.scope)
        self.origins[name] = self.source

    def read(self, tokens: Sequence[Token], line: Line) -> Member:
        written, tokens = tokens, self.by_entries(tokens)
        found = member(self.text, tokens, line, self.scope, self.functions)
        if tokens is not written:
            place = _whole(self.text, written[0].start, written[-1].end)
            piece = " ".join(self.text[place[0] : place[1]].split())
            found = replace(found, text=piece, place=place, shown="".join(t.text for t in written))
        unknown = isinstance(found.fault, UnknownSymbolFault) and any(t.text == "sum" for t in tokens)
        if (
            found.fault is not None
            and self.limits
            and (unknown or "how far the index" in found.fault.message)
        ):
            limited = unrolled(with_limits(tokens, self.limits), self.scope)
            again = member(self.text, limited, line, self.scope, self.functions)
            found = replace(again, text=found.text, place=found.place, shown=found.shown)
        if found.fault is None or not any(t.text in ("nabla", "frac") for t in tokens):
            return found
        others = [recalled(tokens, self.gradients)] if self.gradients else []
        if line.label:
            self.by = _variable(line.label_tokens, self.scope)
        others.append(with_variable(tokens, self.by) if self.by else None)
        for other in others:
            if other is not None:
                again = member(self.text, other, line, self.scope, self.functions)
                if again.fault is None:
                    return replace(again, text=found.text, place=found.place, shown=found.shown)
        return found

    def stated_gradient(self, line: Line, node: Node) -> None:
        """Remember what a gradient was said to be, by its name."""
        key = named_gradient(line.label_tokens) if line.label_tokens else None
        if key is None or not node.names():
            return
        name = self.gradients.get(key) or STATED + "abcdefghijklmnopqrstuvwxyz"[len(self.gradients) % 26]
        if name in self.scope.kinds and key not in self.gradients:
            return
        self.define(name, node)
        if name in self.scope.kinds:
            self.gradients[key] = name

    def read_all(self, line: Line, before: Member | None = None) -> list[Member]:
        """The members of a line; an identity matrix of no stated size has the size of what it equals."""
        read = [self.read(m, line) for m in line.members]
        shapes = [m.node.shape for m in (before, *read) if m is not None and m.node is not None]
        square = next((str(x[0]) for x in shapes if x is not None and x[0] == x[1]), "")
        if not square:
            square = self.one_size(read)
            if not square:
                return read
        return [
            self.with_sizes(m, tokens, square, line)
            if m.fault is not None and _UNSIZED in m.fault.clause
            else m
            for m, tokens in zip(read, line.members, strict=True)
        ]

    def one_size(self, read: Sequence[Member]) -> str:
        """The size of the vectors of ones in a line, or of all declared vectors, if there is only one."""
        ones = {n.shape for m in read if m.node is not None for n in m.node.walk() if n.op == "ones"}
        vectors = {k.shape for k in self.scope.kinds.values() if k.sort == "vector"}
        sizes = {str(shape[0]) for shape in ones or vectors if shape is not None}
        matrices = any(k.sort == "matrix" for k in self.scope.kinds.values())
        return sizes.pop() if len(sizes) == 1 and (ones or not matrices) else ""

    def with_sizes(self, m: Member, tokens: Sequence[Token], square: str, line: Line) -> Member:
        """A member whose I and vectors of ones have the size of what it equals, if it can be read so."""
        for ones in (False, True):
            found = self.read(sized(tokens, square, ones=ones), line)
            if found.fault is None:
                return replace(found, text=m.text, place=m.place, shown=m.shown)
            if _UNSIZED not in found.fault.clause:
                return found if not ones else m
        return m

    def called(self, line: Line) -> Line:
        """The line with a label that says where a known function is called; the first call with a symbol,
        ``f(x) = …``, says what the function is."""
        if (
            line.label
            and line.members
            and line.label not in self.scope.kinds
            and line.label not in self.entries
        ):
            letters = [
                n for n, k in self.scope.kinds.items() if k.sort == "integer" and n in self.scope.define
            ]
            body = self.by_entries(written_out(line.members[0], self.functions, self.scope))
            entry = indexed_by(line.label_tokens, body, letters) if letters else None
            if entry is not None and len(self.entries) < MAX_FUNCTIONS:
                self.entries[line.label] = entry
        call = called_with(line.label_tokens) if line.label else None
        if call is None or not line.members:
            return line
        known = self.functions.get(line.label)
        texts = tuple(t.text for t in call[1] if t.text not in ("{", "}"))
        if (
            known.argument != texts
            if known is not None
            else any(label_of(part) is None for part in at_commas(call[1]))
        ):
            return replace(line, label=f"{line.label} at {' '.join(texts)}")
        before = self.places.setdefault(line.label, texts)
        if known is None and before != texts:
            return replace(line, label=f"{line.label} at {' '.join(texts)}")
        if known is None and len(self.functions) < MAX_FUNCTIONS:
            body = written_out(line.members[0], self.functions, self.scope)
            found = function_of(line.label_tokens, body, self.scope)
            if found is not None:
                self.functions[line.label] = found
        return line
