"""Named values that a student chooses, wherever they are stated: formulas, sentences, code, JSON.

A quantity is known by its labels. All that is stated for it is collected, in order; which of several
values is meant is for the caller to decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from grader.errors import MathsFault, RubricError
from grader.maths.arrays import Rows, array_from_value, is_flat, printed_arrays
from grader.maths.claims import Claim, claims_in, left_keys
from grader.maths.constants import fraction_of, real_entries
from grader.maths.labels import label_key
from grader.maths.scope import Scope
from grader.maths.tree import Node, num

__all__ = [
    "Quantity",
    "Stated",
    "fits",
    "merged",
    "quantity",
    "rows_of_author",
    "show_rows",
    "stated_in_code",
    "stated_in_object",
    "stated_in_text",
]

Sort = Literal["scalar", "vector", "matrix"]

MAX_ENTRIES = 400
MAX_SIZE = 10**15  # of a number that is tried, and of what it is divided by
MAX_CODE = 20_000


@dataclass(frozen=True, slots=True)
class Quantity:
    """``keys``: what its left side may be; ``words``: labels that are words; ``said``: patterns that say a
    value in words ("the first term")."""

    name: str
    sort: Sort
    keys: frozenset[str]
    words: re.Pattern[str] | None = None
    said: tuple[tuple[re.Pattern[str], Fraction], ...] = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """A value for a quantity: its numbers, or a ``formula`` in names that the caller knows; neither where it
    could not be read."""

    rows: Rows | None
    text: str
    formula: Node | None = field(default=None, compare=False)

    def at(self, given: Mapping[str, Fraction]) -> Rows | None:
        """The numbers, with ``given`` put into the formula; None where it has no value there."""
        if self.rows is not None or self.formula is None:
            return self.rows
        node = self.formula.map(
            lambda n: num(given[str(n.value)]) if n.op == "sym" and n.value in given else None
        )
        return _rows_of(node)


def quantity(
    name: str, labels: Sequence[str], sort: Sort, said: Mapping[str, Sequence[str]], key: str
) -> Quantity:
    """A quantity as a rubric declares it.

    Raises:
        RubricError: a label cannot be read, or a value in words is none.
    """
    keys: set[str] = set()
    for text in (name, *labels):
        try:
            keys |= left_keys(text)
        except MathsFault as fault:
            raise RubricError(
                f"`{key}.labels` holds {text!r}, which cannot be read: {fault.clause}"
            ) from fault
    words = [
        re.escape(t).replace(r"\ ", r"[\s_-]{1,5}")
        for t in (name, *labels)
        if re.fullmatch(r"[A-Za-z _-]{3,60}", t)
    ]
    pattern = rf"(?:^|(?<=\W))(?:{'|'.join(sorted(words, key=len, reverse=True))}){_LINK}" if words else None
    compiled = []
    for value, patterns in said.items():
        try:
            number = Fraction(value)
        except (ValueError, ZeroDivisionError) as e:
            raise RubricError(f"`{key}.words` has the value {value!r}; write a number, such as '1'") from e
        for p in patterns:
            try:
                compiled.append((re.compile(p, re.IGNORECASE), number))
            except re.error as e:
                raise RubricError(f"`{key}.words` holds {p!r}, which is not a regular expression: {e}") from e
    return Quantity(
        name, sort, frozenset(keys), re.compile(pattern, re.IGNORECASE) if pattern else None, tuple(compiled)
    )


_LINK = (
    r"[\s:=]{0,5}(?:(?:is|are|of|to|set|equals?|equal|be|number|no\.|the|at|with|value)[\s:=]{1,5}){0,3}"
    r"[$\\({\s#]{0,6}$"
)


def rows_of_author(value: Any, key: str) -> Rows:
    """A rubric's own value: a number, a list, or rows of numbers or exact texts.

    Raises:
        RubricError: it is none of these.
    """
    number = fraction_of(value)
    if number is not None:
        return ((number,),)
    found = array_from_value(value if isinstance(value, list) else [value])
    if found is None:
        raise RubricError(f"`{key}` is {value!r}; write a number, such as 12 or '2/5', or a list of them")
    return found.rows


# ---- text


_LIMIT = re.compile(
    r"(?:→|⟶|->|\\(?:long)?rightarrow(?![A-Za-z])|\\to(?![A-Za-z]))(?=\s*(?:\\left)?\s*(?:[(\[]|\\begin))"
)


def stated_in_text(
    text: str, quantities: Sequence[Quantity], scope: Scope, *, decimal_comma: bool = False
) -> dict[str, list[Stated]]:
    """What a text states for each quantity, in order; ``w → (2/3, 2/3)`` is an equation for this."""
    text = _LIMIT.sub(" = ", text)
    claims = claims_in(text, scope, decimal_comma=decimal_comma)
    out: dict[str, list[Stated]] = {}
    for q in quantities:
        found = [s for c in claims if _is_about(c, q, quantities) and (s := _stated(c, q)) is not None]
        found += [] if found else _in_words(text, q, quantities, scope, decimal_comma)
        found += _printed(text, q) if q.sort != "scalar" and not found else []
        found += [] if found or q.sort != "vector" else _components(claims, q)
        found += [] if found else _said(text, q)
        out[q.name] = list(dict.fromkeys(found))
    return out


def _says(text: str, q: Quantity, others: Sequence[Quantity]) -> bool:
    """Whether a text ends with a label of ``q`` in words; "output padding" is not "padding"."""
    m = q.words.search(text) if q.words is not None else None
    return m is not None and not _says_more(text, m.start(), q, others)


def _says_more(text: str, start: int, q: Quantity, others: Sequence[Quantity]) -> bool:
    found = [m for o in others if o is not q and o.words is not None and (m := o.words.search(text))]
    return any(m.start() < start for m in found)


def _is_about(claim: Claim, q: Quantity, others: Sequence[Quantity]) -> bool:
    own = q.words.search(claim.before) if q.words is not None else None
    led = not claim.left or claim.before.rstrip(" $(").endswith(("=", ":", "≈"))
    if led and _says_more(claim.before, own.start() if own else len(claim.before), q, others):
        return False
    keys = {label.removesuffix("^T").removesuffix("^top").rpartition(":")[2] for label in claim.labels}
    keys |= claim.labels
    if keys & q.keys or {k.casefold() for k in keys if len(k) > 2} & q.keys:
        return True
    if q.words is None or (claim.left and not claim.before.rstrip().endswith(("=", ":"))):
        return any(_says(k, q, others) for k in keys if len(k) > 2)
    return any(_says(k, q, others) for k in keys if len(k) > 2) or own is not None


def _stated(claim: Claim, q: Quantity) -> Stated | None:
    """The value at the end of a chain; the exact one where a decimal only rounds it."""
    usable = []
    for v in claim.values:
        rows = _rows_of(v.node)
        if rows is not None and fits(rows, q.sort):
            usable.append((v.rounded, Stated(rows, v.text)))
        elif rows is None and v.node.names() and (v.node.shape is None) is (q.sort == "scalar"):
            usable.append((v.rounded, Stated(None, v.text, v.node)))
    numbers = [u for u in usable if u[1].rows is not None] or usable
    exact = [s for rounded, s in numbers if not rounded] or [s for _, s in numbers]
    return exact[-1] if exact else None


def _rows_of(node: Node) -> Rows | None:
    size = node.shape or (1, 1)
    r, c = size
    if node.names() or not isinstance(r, int) or not isinstance(c, int) or not 0 < r * c <= MAX_ENTRIES:
        return None
    entries = real_entries(node)
    if entries is not None and is_flat(node):
        return (tuple(entries),)
    return None if entries is None else tuple(tuple(entries[i * c : (i + 1) * c]) for i in range(r))


def fits(rows: Rows, sort: Sort) -> bool:
    """Whether numbers can be meant for a quantity of this sort; one number may be a vector of one entry."""
    size = len(rows), len(rows[0])
    if any(abs(x) > MAX_SIZE or x.denominator > MAX_SIZE**4 for row in rows for x in row):
        return False
    return sort == "matrix" or (sort == "vector" and 1 in size) or size == (1, 1)


_NAME = r"(?<![\w\\.])(\\?[A-Za-zα-ωΑ-Ω][\w\\{}^*.']{0,30})"
_NUMBERS = r"[-−+]?(?:\d[\d.]{0,30}|\.\d{1,30})(?:\s?/\s?\d{1,20})?"
_VERBS = (
    r"[$\s]{1,4}(?:is|be|equals?|of|number|no\.|as|at|(?:(?:converges?|tends?|goes|is set|set"
    r"|end(?:s|ed)?(?: up)?|stops?|approaches|is equal|equal)\s(?:to|at|in|with)))[$\s]{1,4}"
)
_SAID = re.compile(
    _NAME + _VERBS + rf"({_NUMBERS}|[(\[]{_NUMBERS}(?:[\s,;]{{1,5}}{_NUMBERS}){{1,20}}[)\]])(?![\w^])"
)


_NUMBER = re.compile(_NUMBERS)


_TORN = re.compile(r"\s?\.\s?\d|\s\d|(?:\{,\}|,)\d")  # the rest of "0 . 1" and "1 0" (OCR) and of "0,1"


def _in_words(text: str, q: Quantity, others: Sequence[Quantity], scope: Scope, comma: bool) -> list[Stated]:
    """``w converges to [0.667, 0.667]``, ``term number 1``."""
    out = []
    text = text[:MAX_CODE]
    said = [(m[2], m.end()) for m in _SAID.finditer(text) if _keys(m[1]) & q.keys]
    if q.words is not None:
        said += [
            (n[0], n.end())
            for n in _NUMBER.finditer(text)
            if _says(text[max(0, n.start() - 80) : n.start()], q, others)
        ]
    if any(_TORN.match(text, end) for _, end in said):
        return [Stated(None, value) for value, _ in said]
    found = [value for value, _ in said]
    for value in found:
        out += [s for c in claims_in(f"v = {value}", scope, decimal_comma=comma) if (s := _stated(c, q))]
    return out


_ARRAY = re.compile(
    _NAME
    + r"\s{0,5}(?:=|:|≈|\bis\b|\\approx)\s{0,5}(?:(?:np|numpy|torch|jnp)\.)?(?:array|tensor|asarray|matrix)?"
    r"\s{0,5}\(?\s{0,5}(\[[\d\s.,eE+\-−\[\]]{1,2000}\])"
)


def _printed(text: str, q: Quantity) -> list[Stated]:
    """``w = [0.667 0.667]`` and ``X = np.array([[2, 1]])``."""
    out = []
    for m in _ARRAY.finditer(text[:MAX_CODE]):
        if not _keys(m[1]) & q.keys:
            continue
        found = printed_arrays(m[2])
        single = re.fullmatch(r"[\[\s]+([-+]?\d[\d.]{0,30})[\]\s]+", m[2])
        rows = found[0].rows if found else None
        if rows is None and single and single[1].count(".") < 2:
            rows = ((Fraction(single[1]),),)
        if rows is not None and fits(rows, q.sort):
            out.append(Stated(rows, m[2]))
    return out


def _keys(label: str) -> frozenset[str]:
    try:
        return left_keys(label) | {label.casefold()}
    except (MathsFault, RecursionError):
        return frozenset({label.casefold()})


def _components(claims: Sequence[Claim], q: Quantity) -> list[Stated]:
    """``w_1 = 2/3, w_2 = 2/3`` for a vector w."""
    entries: dict[int, Fraction] = {}
    for c in claims:
        s = _stated(c, Quantity(q.name, "scalar", frozenset()))
        for label in c.labels if s is not None and s.rows is not None else ():
            base, _, index = (
                label.replace("{", "").replace("}", "").rpartition("_" if "," not in label else ",")
            )
            if base in q.keys and index.isdigit() and len(index) < 3 and s is not None and s.rows is not None:
                entries[int(index)] = s.rows[0][0]
    if len(entries) < 2 or sorted(entries) != list(range(1, len(entries) + 1)):
        return []
    rows = tuple((entries[k],) for k in sorted(entries))
    return [Stated(rows, "; ".join(f"{q.name}_{k} = {entries[k]}" for k in sorted(entries)))]


def _said(text: str, q: Quantity) -> list[Stated]:
    """What is said in words, if it is said of one value only."""
    values = {number: m.group() for p, number in q.said if (m := p.search(text[:MAX_CODE])) is not None}
    return [Stated(((number,),), said) for number, said in values.items()]


# ---- code and JSON


_SEVERAL = re.compile(r"\s*+([A-Za-z_]\w{0,40}(?:\s*,\s*[A-Za-z_]\w{0,40}){1,9})\s*=(?!=)(.*)")
_ASSIGNED = re.compile(
    r"^[ \t]{0,20}(\w{1,40})[ \t]{0,5}(?::[ \t]?\w{1,20}[ \t]?)?=[ \t]{0,5}"
    r"([-+]?[\d.]{1,30}(?:[eE][-+]?\d{1,3})?(?:[ \t]?/[ \t]?\d{1,20})?)[ \t]*(?:#.*|;.*)?$",
    re.MULTILINE,
)


def stated_in_code(source: str, quantities: Sequence[Quantity]) -> dict[str, list[Stated]]:
    """Constants and arrays that a program assigns; nothing of it is run."""
    plain = "\n".join(_assigned_apart(line) for line in source[:MAX_CODE].split("\n"))
    out: dict[str, list[Stated]] = {}
    for q in quantities:
        found = []
        for m in _ASSIGNED.finditer(plain):
            if _keys(m[1]) & q.keys:
                try:
                    found.append(Stated(((Fraction(m[2].replace(" ", "")),),), m[2]))
                except (ValueError, ZeroDivisionError):
                    continue
        out[q.name] = list(dict.fromkeys([*found, *_printed(plain, q)]))
    return out


def _assigned_apart(line: str) -> str:
    """``X, t = [[2, 1]], [2]`` as one assignment a line; without a value for each name they state none."""
    m = _SEVERAL.match(line)
    if m is None:
        return line
    names, values, depth = [name.strip() for name in m[1].split(",")], [""], 0
    for c in m[2]:
        depth += (c in "([{") - (c in ")]}")
        if c == "," and depth == 0:
            values.append("")
        else:
            values[-1] += c
    if len(names) != len(values):
        return ""
    return "\n".join(f"{name} = {value.strip()}" for name, value in zip(names, values, strict=True))


def stated_in_object(
    value: Mapping[Any, Any], quantities: Sequence[Quantity], scope: Scope, *, decimal_comma: bool = False
) -> dict[str, list[Stated]]:
    """The parts of a JSON object that are called like a quantity."""
    out: dict[str, list[Stated]] = {q.name: [] for q in quantities}
    for q in quantities:
        for k, v in value.items():
            if not _named(str(k), q, quantities):
                continue
            if isinstance(v, str):
                found = stated_in_text(f"{q.name} = {v}", [q], scope, decimal_comma=decimal_comma)[q.name]
                out[q.name] += found or stated_in_text(v, [q], scope, decimal_comma=decimal_comma)[q.name]
                continue
            array = array_from_value(v if isinstance(v, list) else [v])
            if array is not None and fits(array.rows, q.sort):
                out[q.name].append(Stated(array.rows, show_rows(array.rows)))
    return out


def _named(key: str, q: Quantity, others: Sequence[Quantity]) -> bool:
    try:
        keys = {label_key(key), key.strip().casefold()}
    except (MathsFault, RecursionError):
        keys = {key.strip().casefold()}
    return bool(keys & q.keys) or _says(key.replace("_", " "), q, others)


def show_rows(rows: Rows) -> str:
    """``1/2``, ``[2, 1]``, ``[1, 0; 0, 1]``."""
    if len(rows) == len(rows[0]) == 1:
        return _number(rows[0][0])
    if 1 in (len(rows), len(rows[0])):
        return f"[{', '.join(_number(x) for row in rows for x in row)}]"
    return f"[{'; '.join(', '.join(_number(x) for x in row) for row in rows)}]"


def _number(x: Fraction) -> str:
    if x.denominator <= 12 or (x.denominator <= 1000 and 10**9 % x.denominator):
        return str(x)
    return f"{float(x):.6g}"


def merged(sources: Iterable[Mapping[str, list[Stated]]], names: Iterable[str]) -> dict[str, list[Stated]]:
    """For every name what the first source says that says anything of it."""
    sources = list(sources)
    return {n: next((s[n] for s in sources if s.get(n)), []) for n in names}
