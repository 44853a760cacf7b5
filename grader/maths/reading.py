"""Statements → trees, under the author's names and those the student introduces."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from grader.errors import EmptyFault, MathsFault, SyntaxFault, UnknownSymbolFault
from grader.maths.beside import beside_an_equation, out_of_set
from grader.maths.choice import answer_tokens, choose, final_member, is_definition
from grader.maths.conditions import BINOMIALS
from grader.maths.doubts import Doubt, doubts_about
from grader.maths.fitting import fit_shape
from grader.maths.labels import bare_label_of, label_of
from grader.maths.leftsides import contradiction
from grader.maths.members import read_member
from grader.maths.parser import parse
from grader.maths.printing import show
from grader.maths.prose import only_words, without_prose
from grader.maths.records import record
from grader.maths.scope import Kind, Scope
from grader.maths.statements import Statement, find_statements
from grader.maths.tree import Node

__all__ = [
    "Reading",
    "final_member",
    "is_definition",
    "read_member",
    "read_statements",
    "read_text",
    "with_definitions",
]

_MOST_BOXES = 6
MAX_DEFINITIONS = 60  # that a student may introduce in one answer


@record
class Reading:
    """An answer that could be read: its elaborated tree, how loosely it had to be read, and what makes it
    doubtful that this is what was meant."""

    node: Node
    notes: tuple[str, ...] = ()
    label: str | None = None
    text: str = ""
    scope: Scope | None = None
    others: tuple[Node, ...] = ()  # values in other boxes with the same label, or none
    doubts: tuple[Doubt, ...] = ()
    contradiction: MathsFault | None = None  # between the answer and a name in front of it


def with_definitions(
    statements: Sequence[Statement], scope: Scope, *, keep: frozenset[str] = frozenset()
) -> Scope:
    """``scope`` with the student's own abbreviations: ``K = XX^T``, ``let g = …``.

    A declared symbol keeps its meaning; an abbreviation of the rubric's may be redefined. Names in
    ``keep`` are left alone.
    """
    tried, waiting = 0, -1
    later: list[Statement] = []  # those that use a name which another one introduces
    queue = deque(statements)
    while queue or later:
        if tried == MAX_DEFINITIONS:
            break
        if not queue:
            if len(later) == waiting:
                break
            waiting, queue, later = len(later), deque(later), []
        s = queue.popleft()
        if s.fault is not None or len(s.members) < 2 or not s.relations or s.relations[0] not in ("=", ":="):
            continue
        key = bare_label_of(s.members[0])
        if key is None or key in keep:
            continue
        if key not in scope.kinds and scope.define:
            key = _spelled_abbreviation(s, scope) or key
        if " " in key or (key in scope.kinds and key not in scope.define):
            continue
        last = final_member(s, scope)
        if not last or last is s.members[0]:
            continue
        tried += 1
        try:
            node, _ = read_member(last, scope, infix=not s.latex)
        except UnknownSymbolFault:
            later.append(s)
            continue
        except MathsFault:
            continue
        if key in node.names():
            old = scope.define.get(key)
            if old is None:
                continue
            node = node.map(partial(_put_in, key, old))  # r = -r
        kind = Kind("scalar") if node.shape is None else Kind("matrix", node.shape)
        scope = scope.extended(key, node, kind)
    return scope


def _put_in(key: str, value: Node, n: Node) -> Node | None:
    return value if n.op == "sym" and n.value == key else None


def _spelled_abbreviation(s: Statement, scope: Scope) -> str | None:
    """The rubric's abbreviation that a label spells, as ``∂L/∂y`` may spell ``y_bar``."""
    try:
        node = parse(s.members[0], scope, infix=not s.latex)
    except (MathsFault, RecursionError):
        return None
    return str(node.value) if node.op == "sym" and node.value in scope.define else None


def read_text(
    text: str,
    scope: Scope,
    *,
    decimal_comma: bool = False,
    lenient: bool = False,
    infix: bool | None = None,
    equation: bool = False,
    wanted: Node | None = None,
    accept_transpose: bool = False,
) -> Reading:
    """The answer that a short text states, as ``grade compare`` reads it.

    The last statement that is not a definition counts, a boxed one first; of a chain its last member.
    ``wanted``, the expected answer, only tells labels from values: see ``choice``.

    Raises:
        MathsFault: nothing to read, or it cannot be read.
    """
    statements = find_statements(text, decimal_comma=decimal_comma)
    return read_statements(
        statements,
        scope,
        text=text,
        lenient=lenient,
        infix=infix,
        equation=equation,
        wanted=wanted,
        accept_transpose=accept_transpose,
    )


def read_statements(
    found: Sequence[Statement],
    scope: Scope,
    *,
    text: str = "",
    lenient: bool = False,
    infix: bool | None = None,
    equation: bool = False,
    wanted: Node | None = None,
    accept_transpose: bool = False,
) -> Reading:
    """The answer that the statements of a ``text`` make, as ``read_text`` reads it.

    Raises:
        MathsFault: nothing to read, or it cannot be read.
    """
    statements = [s for s in found if s.members or s.fault]
    if not statements:
        raise EmptyFault("there is nothing to read")
    if infix is not None:
        statements = [replace(s, latex=not infix) for s in statements]
    statements = [without_prose(s, scope) for s in statements]
    statements = [s for s in statements if s.fault is not None or any(s.members)] or statements
    asked = None if wanted is None else wanted.names()
    chosen = choose(statements, scope, asked, equation)
    if chosen.fault is not None:
        raise chosen.fault.bare()  # it is kept, and met again
    inner = with_definitions([s for s in statements if s is not chosen], scope)
    if equation:
        return _read_equation(chosen, statements, inner, lenient)
    tokens = answer_tokens(chosen, inner, asked)
    if not chosen.latex and only_words(tokens, scope):
        raise SyntaxFault("these words hold no mathematics", (tokens[0].start, tokens[-1].end))
    _same_sizes(statements, chosen, inner)

    def fits(made: Node) -> bool:
        return wanted is None or fit_shape(wanted, made, accept_transpose) is not None

    shape = wanted.shape if wanted is not None else None
    node, notes = read_member(tokens, inner, infix=not chosen.latex, lenient=lenient, fits=fits, wanted=shape)
    if shape is not None and node.shape is None and any(t.text in BINOMIALS for t in tokens):
        raise SyntaxFault(
            "\\binom is a binomial coefficient; write a column as \\begin{pmatrix} … \\end{pmatrix}"
        )
    if wanted is not None and node.shape is None and chosen is statements[-1]:
        node = _components(statements, inner, wanted) or node
    label = label_of(chosen.members[0]) if len(chosen.members) > 1 else None
    doubts = () if wanted is None else doubts_about(chosen, statements, node, tokens, inner, wanted, text)
    others = _boxed_too(statements, chosen, inner)
    several = len(chosen.members) > 1 and wanted is not None
    said = contradiction(chosen, tokens, node, inner, wanted) if several and wanted else None
    return Reading(node, notes, label, chosen.text, inner, others, doubts, said)


def _same_sizes(statements: Sequence[Statement], chosen: Statement, scope: Scope) -> None:
    """A program may say again what a size is, ``n = X.shape[0]``, but not something else.

    Raises:
        SyntaxFault: it gives a declared name the value of another one.
    """
    for s in statements:
        stated = s is not chosen and s.fault is None and s.relations in (("=",), (":=",))
        key = label_of(s.members[0]) if stated else None
        if key is None or key not in scope.kinds or key in scope.define or len(s.members[1]) > 6:
            continue
        try:
            node, _ = read_member(s.members[1], scope, infix=not s.latex)
        except MathsFault:
            continue
        if node.op == "sym" and node.value != key and scope.kinds[key].sort == "dim":
            first, last = s.members[0][0], s.members[1][-1]
            raise SyntaxFault(
                f"a declared size is given another value: {show(Node('sym', (), key))} is not {show(node)}",
                (first.start, last.end),
            )


def _boxed_too(statements: Sequence[Statement], chosen: Statement, scope: Scope) -> tuple[Node, ...]:
    """What stands in other boxes under the same label as the answer's, or under none."""
    out = []
    label = label_of(chosen.members[0]) if len(chosen.members) > 1 else None
    for s in statements:
        if not (s.boxed and chosen.boxed) or s is chosen or s.fault is not None:
            continue
        if label is not None and len(s.members) > 1 and label_of(s.members[0]) != label:
            continue
        try:
            out.append(read_member(answer_tokens(s, scope, None), scope, infix=not s.latex)[0])
        except MathsFault:
            continue
    return tuple(out[:_MOST_BOXES])


def _components(statements: Sequence[Statement], scope: Scope, wanted: Node) -> Node | None:
    """The vector that ``w_1 = 0.8, w_2 = 0.4`` states, where a vector of that length is wanted."""
    size = wanted.shape[0] if wanted.shape and wanted.shape[1] == 1 else None
    if not isinstance(size, int) or not 1 < size <= len(statements):
        return None
    last = statements[-size:]
    keys = [label_of(s.members[0]) if len(s.members) > 1 else None for s in last]
    base = str(keys[0]).rpartition("_")[0]
    if not base or keys != [f"{base}_{k}" for k in range(1, size + 1)]:
        return None
    entries = [read_member(answer_tokens(s, scope, None), scope, infix=not s.latex)[0] for s in last]
    if any(e.shape is not None for e in entries):
        return None
    return Node("matrix", tuple(entries), (size, 1, True), None, (size, 1))


def _read_equation(
    chosen: Statement, statements: Sequence[Statement], scope: Scope, lenient: bool
) -> Reading:
    s = out_of_set(chosen)
    if len(s.members) < 2 or set(s.relations) - {"=", ":="}:
        raise SyntaxFault("an equation is expected here, with an equals sign")
    try:
        left, notes1 = read_member(s.members[0], scope, infix=not s.latex, lenient=lenient)
    except UnknownSymbolFault:
        if len(s.members) == 2:
            raise
        s = replace(s, members=s.members[1:], relations=s.relations[1:])  # \hat w^T x = 2x + y = 2
        left, notes1 = read_member(s.members[0], scope, infix=not s.latex, lenient=lenient)
    right, notes2 = read_member(s.members[-1], scope, infix=not s.latex, lenient=lenient)
    node = Node("eq", (left, right))
    doubts = beside_an_equation(s, [s if x is chosen else x for x in statements], node, scope)
    return Reading(node, notes1 + notes2, None, s.text, scope, doubts=doubts)
