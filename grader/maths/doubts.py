r"""What makes it doubtful that a formula is the answer, as it stands.

An answer that could be read, and is even equal to what is expected, may still say something else: "half of
$x$", "$x$ or $y$" in a form nobody foresaw, ``2\lambda = x``, "$x$ where $t = 0$". Such an answer is neither
right nor wrong before a person has read it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import EmptyFault, MathsFault, ShapeFault, SyntaxFault, UnknownSymbolFault
from grader.maths.alphabet import GREEK_NAMES, Token
from grader.maths.behind import alternative, doubtful_remark, name_behind, sign_claimed
from grader.maths.chains import Statement
from grader.maths.choice import final_member
from grader.maths.labels import bare_label_of, label_of
from grader.maths.leftsides import is_product_of_names, unlike_a_name, with_derivatives_named
from grader.maths.members import read_member
from grader.maths.records import record
from grader.maths.scope import Kind, Scope
from grader.maths.statements import is_program
from grader.maths.tree import Node, num
from grader.maths.wording import announces, denied, doubt_before, doubt_behind

__all__ = ["NEAR", "Doubt", "beside", "doubts_about", "doubts_in_words"]

NEAR = 12  # statements before the answer
_OTHERWISE = re.compile(r"\b(?:else|otherwise|and|or|but)\b", re.IGNORECASE)
_EQUATION = re.compile(r"\w\s*[=≈≠]\s*(?![A-Za-z]{3})[^\s=]")
# what is wrong with more than the notation
_BROKEN = re.compile(r"not expected here|missing|nothing|not closed|\\\\?\w+ is not known|without|behind")
_PLAIN = frozenset(("frac", "cdot", "times", "sqrt"))
_TILDE = re.compile(r"\A[^$\\]{0,200}?(?:\A|[=:])\s{0,9}~(?!~)[^$\\]{0,9999}\Z")  # in TeX it is a space
_GOES_ON = re.compile(r"\s{0,9}[+*/^·×](?!\*)\s{0,9}(?:\.\.|…|[\w\\($])")
_NUMBER = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?")
_CONDITION = re.compile(
    r"\(\s{0,5}(?:if |for |when |where )?([A-Za-z]\w{0,9})\s{0,5}([<>≤≥]=?)\s{0,5}(-?\d{1,9})\s{0,5}\)"
)
_BACKWARDS = frozenset(("Leftarrow", "impliedby", "Longleftarrow", "⇐", "⟸"))
_ARROWS = frozenset(("", "->", "<=>", "=>", "<=", "~"))
_SAME_VALUE = re.compile(r"\b(?:reshape|a?s?array|astype|len|shape|atleast_2d|copy)\b")
_REPLACED = re.compile(r"\b(?:replaced|swapped|(?:inter|ex)changed)\b", re.IGNORECASE)
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_INTRODUCES = re.compile(
    r"\b(?:where|let|with|define|set|setting|put|for|if|when|given|taking|take|assume|assuming|suppose|at|and|using"
    r"|provided|only|choose|fix)\b[^.]{0,40}$",
    re.IGNORECASE,
)


@record
class Doubt:
    """``words`` say what it is; ``grave``: the formula read may not be what stands there, so that not even
    "different" is certain. With ``others`` there is a doubt only if one of them
    is not equal to the answer."""

    words: str
    grave: bool = False
    others: tuple[Node, ...] = ()
    equation: bool = False  # only a doubt where an equation is expected
    claim: str = ""  # only a doubt if the answer is not, as is said beside it, ``claim`` 0


def doubts_about(
    chosen: Statement,
    statements: Sequence[Statement],
    node: Node,
    tokens: Sequence[Token],
    scope: Scope,
    wanted: Node,
    text: str,
) -> tuple[Doubt, ...]:
    """The doubts about an answer, which is ``text`` as a whole.

    Raises:
        MathsFault: an earlier member of its chain is broken.
    """
    said = any(map(_has_words, statements))
    sign = sign_claimed(chosen, tokens)
    tilde = "~" in text and _TILDE.search(text)
    found = [
        Doubt("'~' in front of it may mean 'about' or 'not'") if tilde else None,
        *doubts_in_words(chosen, statements, tokens, scope),
        Doubt("the sign that it is said to have is not its own", claim=sign) if sign else None,
        Doubt(*other) if (other := alternative(statements, chosen)) else None,
        _narrowed(chosen, statements, node, scope, wanted) if said or len(statements) > 1 else None,
        _in_chain(chosen, tokens, node, scope, wanted),
    ]
    if len(statements) > 1:
        place = _place(chosen, statements)
        found.append(_redefined(chosen, statements, node, scope, wanted))
        found.append(_reassigned(statements[:place], node, scope, wanted) if is_program(text) else None)
        found.append(_rivals(chosen, statements[:place], node, scope, wanted))
        name = name_behind(statements[place + 1 :], scope, wanted)
        found.append(Doubt("another value stands right behind it", others=(name,)) if name else None)
    return tuple(d for d in found if d is not None)


def doubts_in_words(
    chosen: Statement, statements: Sequence[Statement], tokens: Sequence[Token], scope: Scope
) -> list[Doubt | None]:
    """The doubts that the words and signs around an answer raise, which ends with ``tokens``."""
    remark = doubtful_remark(tokens, scope)
    return [
        _beside(chosen),
        Doubt(f"'{remark}' in the words behind it may change what it says") if remark else None,
        _in_words(chosen, statements, scope) if any(map(_has_words, statements)) else None,
    ]


def _place(chosen: Statement, statements: Sequence[Statement]) -> int:
    return next((k for k, s in enumerate(statements) if s is chosen), 0)


def _has_words(s: Statement) -> bool:
    return bool(s.words or s.before or s.behind or s.after)


def _beside(s: Statement) -> Doubt | None:
    if s.doubt:
        return Doubt(s.doubt, grave=True)
    if "sim" in s.relations:
        return Doubt("'∼' says that it is like it or distributed like it, not that it is it")
    return Doubt("a formula goes on behind it", grave=True) if _GOES_ON.match(s.behind) else None


# --- words ------------------------------------------------------------------------------------------


def _in_words(s: Statement, statements: Sequence[Statement], scope: Scope) -> Doubt | None:
    place = _place(s, statements)
    names = scope.kinds.keys() | scope.words
    if any(_EQUATION.search(text) for t in statements for text in (t.before, t.behind)):
        return Doubt("an equation stands outside of the formulas", grave=True)
    found = doubt_before(s.words, names)
    if found:
        return Doubt(f"'{found}' in the words before it may change what it says")
    following = statements[place + 1] if place + 1 < len(statements) else None
    apart = following is not None and following.start == s.start and not following.lead
    behind = [s.behind, s.after] if s.behind or s.after else []
    if apart and following is not None:
        behind = [following.words]
    for text in behind:
        found = doubt_behind(text, names, display=s.display)
        if (
            found == "if"
            and following is not None
            and _is_condition(following)
            and following is statements[-1]
        ):
            continue
        if found:
            return Doubt(f"'{found}' in the words behind it may change what it says")
    if any(_REPLACED.search(t.words) for t in statements[place + 1 :]):
        return Doubt("the words behind it put something else in")
    for text in (s.words, s.behind, s.after, *(t.words for t in statements)):
        found = denied(text)
        if found:
            return Doubt(f"'{found}' stands in the words around it")
    return None


def _is_condition(s: Statement) -> bool:
    """``X^T a \\ne 0``, ``n > d``: what an answer may depend on without another for the other case."""
    said = " ".join([s.after, *(t.text for m in s.members for t in m if t.kind in ("word", "text"))])
    orders = {"<", ">", "<=", ">=", "!=", "in"}
    return bool(s.relations) and set(s.relations) <= orders and not _OTHERWISE.search(said)


def _narrowed(
    chosen: Statement, statements: Sequence[Statement], node: Node, scope: Scope, wanted: Node
) -> Doubt | None:
    """A condition that the sheet does not make: "E when $x > 1$" says nothing of the other x."""
    used = node.names() | wanted.names()
    found: list[tuple[str, str, str]] = []
    for s in statements:
        if s is chosen or s.fault is not None or not set(s.relations) <= {"<", ">", "<=", ">="}:
            continue
        for k, relation in enumerate(s.relations):
            sides = ["".join(t.text for t in m) for m in s.members[k : k + 2]]
            names = [bare_label_of(m) if m else None for m in s.members[k : k + 2]]
            if names[0] is not None and _NUMBER.fullmatch(sides[1]):
                found.append((names[0], relation, sides[1]))
            elif names[1] is not None and _NUMBER.fullmatch(sides[0]):
                found.append((names[1], _TURNED[relation], sides[0]))
    found += [
        (m[1], m[2].replace("≤", "<=").replace("≥", ">="), m[3]) for m in _CONDITION.finditer(chosen.behind)
    ]
    for name, relation, number in found:
        key = scope.aliases.get(name, name)
        if (
            key in used
            and key in scope.kinds
            and not _goes_without_saying(scope.kinds[key], relation, number)
        ):
            return Doubt(f"it is only said for {key} {relation} {number}")
    return None


def _goes_without_saying(kind: Kind, relation: str, number: str) -> bool:
    """``x > 0``, and what is true of every size of a matrix."""
    if relation not in (">", ">="):
        return relation.startswith(kind.sign[:1] or "-") and float(number) == 0
    value = float(number)
    return (
        value == 0
        or (value < 0 and kind.sign.startswith(">"))
        or (kind.sort in ("dim", "integer") and value <= (1 if relation == ">=" else 0))
    )


# --- the members before the answer ------------------------------------------------------------------


def _in_chain(s: Statement, tokens: Sequence[Token], node: Node, scope: Scope, wanted: Node) -> Doubt | None:
    """Whether an earlier member is broken (a fault), or a left side is more than a name."""
    if len(s.members) == 1:
        return None
    unlike = unlike_a_name(s, tokens, node, scope)
    if unlike:
        return Doubt(unlike)
    middle: list[Node] = []
    for k, m in enumerate(s.members):
        if m is tokens or m == tokens:
            break
        if not m:
            raise EmptyFault("nothing stands between two of the equals signs")
        joined = is_product_of_names(m, scope)
        if label_of(m) is not None and not joined:
            continue
        try:
            left, _ = read_member(m, scope, infix=not s.latex, lenient=True)
        except UnknownSymbolFault:
            if k == 0 and _is_scaled_name(with_derivatives_named(m, scope), scope, infix=not s.latex):
                return Doubt("the left side is more than a name")
        except (ShapeFault, SyntaxFault) as fault:
            if joined:
                continue
            named = with_derivatives_named(m, scope) if k == 0 else m
            if named is not m and _is_scaled_name(named, scope, infix=not s.latex):
                return Doubt("the left side is more than a name")
            if fault.reason == "shape" or (
                _BROKEN.search(fault.message) and not (k == 0 and _is_operation(m))
            ):
                raise
        except MathsFault:
            continue
        else:
            if k == 0 and (wanted.names() or len(left.names()) < 2):
                return Doubt(
                    "the left side is more than a name, and not equal to the right side", others=(left,)
                )
            if k and left.shape != node.shape and left.op != "num":
                return Doubt("the members of this chain have different shapes", others=(left,))
            if k:
                middle.append(left)
    words = "the members of this chain are not all equal"
    return Doubt(words, others=tuple(middle), equation=True) if middle else None


def beside(
    statements: Sequence[Statement], s: Statement, tokens: Sequence[Token], scope: Scope, wanted: Node
) -> Doubt | None:
    """What else the line says, or the one behind it, that may make a right formula no answer: a left side
    that is more than a name (``2η = …``), an arrow backwards, another value right behind it."""
    if any(t.text in _BACKWARDS for m in s.members for t in m):
        return Doubt("an arrow that points backwards stands in the line")
    if s.lead == "!=":
        return Doubt("'≠' stands in front of it")
    first = s.members[0]
    if len(s.members) > 1 and first and first is not tokens and not _is_name(first):
        try:
            left, _ = read_member(first, scope, infix=not s.latex, lenient=True)
            return Doubt("the left side is more than a name, and not equal to the right side", others=(left,))
        except UnknownSymbolFault:
            if _is_scaled_name(first, scope, infix=not s.latex):
                return Doubt("the left side is more than a name")
        except MathsFault:
            texts = [t.text for t in first]
            if texts[-1:] == ["}"] and "^" in texts and "*" in texts[texts.index("^") :]:
                return Doubt("the left side is more than a name")
    at = next((k for k, other in enumerate(statements) if other is s), len(statements))
    if at + 1 >= len(statements):
        return None
    other = statements[at + 1]
    near = other.words.strip(" .,;:").lower() in ("", "or", "and") and other.lead in _ARROWS
    if (
        not near
        or other.fault is not None
        or len(other.members) != 1
        or label_of(other.members[0]) is not None
    ):
        return None
    try:
        value, _ = read_member(other.members[0], scope, infix=not other.latex, lenient=True)
    except MathsFault:
        return None
    if value.shape != wanted.shape:
        return None
    return Doubt("another value stands right behind it", others=(value,))


def _is_name(m: Sequence[Token]) -> bool:
    """A label, also a transposed one: both sides of ``w^T = …`` are rows."""
    last = [t.text for t in m[-4:]]
    for turned in (["^", "T"], ["^", "top"], ["^", "{", "T", "}"], ["^", "{", "top", "}"]):
        if last[-len(turned) :] == turned:
            return label_of(m[: -len(turned)]) is not None
    return label_of(m) is not None


def _is_operation(m: Sequence[Token]) -> bool:
    """``E[x]``, ``\\mathrm{Var}[x | y]``: something done to a thing, which names a result."""
    if m[0].text == "_" or any(
        t.kind == "text" or t.text.startswith("arg") or t.text in ("min", "max", "#") for t in m
    ):
        return True
    named = m[0].kind == "word" and len(m) > 2
    return named and m[1].text in ("[", "(", "_", "{") and m[-1].text in ("]", ")", "}", "|", "\\}")


def _is_scaled_name(m: Sequence[Token], scope: Scope, *, infix: bool) -> bool:
    """``2y``, ``-g``, ``1/y``, ``y^2``: one undeclared name and something done to it."""
    if any(t.kind not in ("num", "word", "op", "accent-of", "accent", "cmd") for t in m):
        return False
    if any(t.kind == "cmd" and t.text not in _PLAIN and t.text not in GREEK_NAMES for t in m):
        return False
    if any(t.text in ("||", "|", "[") for t in m) or m[0].text in ("Delta", "delta", "d"):
        return False
    done = any(t.kind == "num" or t.text in ("+", "-", "/", "frac", "sqrt") for t in m)
    squared = len(m) <= 4 and m[0].text in ("sigma", "s", "R", "r") and [t.text for t in m[-2:]] == ["^", "2"]
    if squared or not (done or any(t.text in scope.words for t in m)):
        return False
    names: set[str] = set()
    for _ in range(3):
        try:
            read_member(m, scope, infix=infix, lenient=True)
        except UnknownSymbolFault as fault:
            if not fault.name or fault.name in names:
                return False
            names.add(fault.name)
            scope = scope.extended(fault.name, num(1), Kind("scalar"))
        except MathsFault:
            break
        else:
            break
    return len(names) == 1


# --- other statements -------------------------------------------------------------------------------


def _redefined(
    chosen: Statement, statements: Sequence[Statement], node: Node, scope: Scope, wanted: Node
) -> Doubt | None:
    """Whether a declared symbol of the answer is given a value or another meaning: "where $t = 0$"."""
    used = node.names() | wanted.names()
    used |= {str(d) for name in used if name in scope.kinds for d in scope.kinds[name].shape or ()}
    place = _place(chosen, statements)
    for near in (statements[place + 1 :], statements[:place][::-1]):
        for k, s in enumerate(near):
            after = (
                near is not statements and k + place + 1 < len(statements) and statements[place + 1 + k] is s
            )
            if not _introduces(s, after):
                break
            another = statements[place + k + 2] if after and place + k + 2 < len(statements) else None
            if another is not None and another.aside and not _INTRODUCES.search(another.words):
                break  # (for n = 2 it is 1)
            key = bare_label_of(s.members[0])
            key = scope.aliases.get(key, key) if key else None
            if key in used and key in scope.kinds and key not in scope.define:
                return Doubt(f"{key} is declared, and is given another meaning here")
    return None


def _reassigned(earlier: Sequence[Statement], node: Node, scope: Scope, wanted: Node) -> Doubt | None:
    """Whether an earlier line of a program gives a declared symbol another value: ``t = t - 1``."""
    used = node.names() | wanted.names()
    for s in earlier:
        key = bare_label_of(s.members[0]) if len(s.members) > 1 and s.fault is None else None
        if key not in used or key not in scope.kinds or key in scope.define or _SAME_VALUE.search(s.text):
            continue
        try:
            value, _ = read_member(s.members[-1], scope, infix=not s.latex)
        except MathsFault:
            value = None
        if value is None or value.op != "sym" or value.value != key:
            return Doubt(f"{key} is declared, and is given another value here")
    return None


def _introduces(s: Statement, after: bool) -> bool:
    """Whether a statement says what a name stands for. Whatever is said ``after`` an answer does."""
    if s.fault is not None or len(s.members) < 2 or s.relations[0] not in ("=", ":=") or s.lead == "=>":
        return False
    return after or s.aside or s.relations[0] == ":=" or _INTRODUCES.search(s.words) is not None


def _rivals(
    chosen: Statement, earlier: Sequence[Statement], node: Node, scope: Scope, wanted: Node
) -> Doubt | None:
    """Other values that are given with as good a claim: nothing says that the last one is the answer."""
    if chosen.boxed:
        return None
    if node.shape != wanted.shape:
        return _better_shape(earlier, scope, wanted)
    if chosen.lead == "=>" or announces(chosen.words):
        return None
    label = label_of(chosen.members[0]) if len(chosen.members) > 1 else ""
    if label is None:
        return None
    others: list[Node] = []
    for s in reversed(earlier[-NEAR:]):
        if s.fault is not None or s.aside or not s.members or (len(s.members) > 1) != bool(label):
            continue
        if label and (label_of(s.members[0]) != label or set(s.relations) - {"=", ":=", "~"}):
            continue
        last = final_member(s, scope)
        if not label and label_of(last) is not None:
            continue
        try:
            other, _ = read_member(last, scope, infix=not s.latex, lenient=True)
        except MathsFault:
            continue
        if other.shape == node.shape:
            others.append(other)
        if announces(s.words):
            break
    return (
        Doubt("several different values are given; which is the answer?", others=tuple(others))
        if others
        else None
    )


def _better_shape(earlier: Sequence[Statement], scope: Scope, wanted: Node) -> Doubt | None:
    """Whether the last value cannot be the answer, but one before it may: ``w = [1, 2], \\|w\\| = 2``."""
    for s in reversed(earlier[-NEAR:]) if wanted.shape is not None else ():
        if s.fault is not None or s.aside or not s.members or (s.words and _INTRODUCES.search(s.words)):
            continue
        try:
            other, _ = read_member(final_member(s, scope), scope, infix=not s.latex, lenient=True)
        except MathsFault:
            continue
        if other.shape == wanted.shape and (len(s.members) > 1 or other.op != "sym"):
            return Doubt("another value before the last one has the shape of the answer", grave=True)
    return None
