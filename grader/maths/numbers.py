"""Numbers as people write them: when two are near enough, what a decimal rounds, what follows from one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from grader.errors import MathsFault, RubricError
from grader.maths.claims import Claim
from grader.maths.constants import EMPTY_SCOPE, number_of, real_number
from grader.maths.exactness import needs_reals
from grader.maths.printing import show
from grader.maths.reading import Reading, read_text
from grader.maths.scope import Kind, Scope
from grader.maths.tree import Node
from grader.maths.verdict import Tolerance

__all__ = ["Amount", "Stated", "amount", "is_rounding", "put_numbers", "stated_number"]

EXACT = Fraction(1, 10**40)  # relative; irrational numbers are known to some 60 digits
MIN_DIGITS = 2  # a decimal with fewer rounds nothing in particular

_DECIMAL = re.compile(
    r"[-+−]?\s?(?P<whole>\d*)(?:\.(?P<decimals>\d*))?(?:[eE](?P<e>[-+]?\d{1,3}))?"
    r"(?:\s?(?:times|cdot|\*|×|x|·)\s?10\s?\^\s?\{?\s?(?P<ten>[-−]?\s?\d{1,3})\s?\}?)?(?P<percent>\s?\\?%)?"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """An exact number, or one known to some 60 digits (``irrational``)."""

    value: Fraction
    irrational: bool = False

    def near(self, other: Amount, tolerance: Tolerance | None = None) -> bool:
        """Whether ``other`` is this number, within the tolerance."""
        if self.value == other.value:
            return True
        off = abs(self.value - other.value)
        if tolerance is not None:
            limit = max(Fraction(tolerance.rel) * abs(self.value), Fraction(tolerance.abs))
            return off <= limit
        return (self.irrational or other.irrational) and off <= EXACT * abs(self.value)


@dataclass(frozen=True, slots=True)
class Stated:
    """The number that a claim ends with; ``earlier``: other numbers it goes through; ``text``: how the last
    one is written (of 2√2/3 ≈ 0.943 the number is 2√2/3 and the text 0.943)."""

    amount: Amount
    node: Node
    text: str
    earlier: tuple[Amount, ...] = ()

    @property
    def shown(self) -> str:
        """As it was written, if it is a plain number."""
        if _DECIMAL.fullmatch(self.text):
            return re.sub(r"\s|[{}]", "", self.text).replace("times", "·").replace("cdot", "·")
        return show(self.node)


def amount(text: int | float | str, key: str) -> Amount:
    """An author's number: 0.1 is one tenth, "2\\\\sqrt{2}/3", "1,792", "7.8e24".

    Raises:
        RubricError: it is not a number.
    """
    plain = repr(text) if isinstance(text, float) else str(text)
    found = None if isinstance(text, bool) else number_of(plain)
    if found is None:
        raise RubricError(f"`{key}` is {text!r}; write a number, such as 12, '2/5' or '2\\sqrt{{2}}/3'")
    return Amount(found, needs_reals(read_text(plain, EMPTY_SCOPE).node, EMPTY_SCOPE))


def stated_number(claim: Claim) -> Stated | None:
    """The number a claim ends with; None if it states none."""
    found = [
        (Amount(value, needs_reals(v.node, EMPTY_SCOPE)), v)
        for v in claim.values
        if v.node.shape is None and not v.node.names() and (value := real_number(v.node)) is not None
    ]
    if not found:
        return None
    last = len(found) - 1
    text = found[last][1].text
    while last and is_rounding(found[last][1].text, found[last - 1][0], loose=found[last][1].rounded):
        last -= 1
    right, member = found[last]
    return Stated(right, member.node, text, tuple(a for a, _ in found[:last]))


def is_rounding(text: str, exact: Amount, *, loose: bool = False) -> bool:
    """Whether a decimal, as it is written, is ``exact`` rounded or cut off; ``loose``: to whole numbers too,
    and to one digit."""
    m = _DECIMAL.fullmatch(text.strip())
    if m is None or not (m["whole"] or m["decimals"]):
        return False
    decimals = m["decimals"] or ""
    digits = len((m["whole"] + decimals).lstrip("0"))
    if not loose and (digits < MIN_DIGITS or not (decimals or m["e"] or m["ten"])):
        return False
    power = int(m["e"] or 0) + int(re.sub(r"\s", "", m["ten"] or "0").replace("−", "-"))
    unit = Fraction(10) ** (power - len(decimals))
    unit /= 100 if m["percent"] else 1
    mantissa = Fraction(int((m["whole"] + decimals) or 0)) * unit
    if text.strip()[0] in "-−":
        mantissa = -mantissa
    return mantissa != exact.value and abs(mantissa - exact.value) < unit


def put_numbers(text: str, symbol: str, own: Reading, scope: Scope) -> Amount | None:
    """The number that ``text`` is when ``symbol`` stands for the student's own result.

    Raises:
        RubricError: ``text`` cannot be read.
    """
    kind = Kind("scalar") if own.node.shape is None else Kind("matrix", own.node.shape)
    inner = scope.extended(symbol, own.node, kind)
    try:
        node = read_text(text, inner).node
    except MathsFault as fault:
        raise RubricError(f"{text!r} cannot be read: {fault.message}") from fault
    node = node.map(lambda n: own.node if n.op == "sym" and n.value == symbol else None)
    value = None if node.names() else real_number(node)
    return None if value is None else Amount(value, needs_reals(node, EMPTY_SCOPE))
