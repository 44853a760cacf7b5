"""A step of SGD that lowers the sampled term may raise the sum (cs7643-hw1, problem 4).

f(w) = (1/2)(w - 2)^2 + (1/2)(w + 1)^2, one weight. A step samples term 1 or term 2 and follows its gradient
with the learning rate eta.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

TOLERANCE = 1e-6  # relative

CENTRES = {1: 2, 2: -1}  # term -> its own minimiser
MAX_NUMBER = 10**6  # of w and eta; nothing further out is a counterexample


# --- derived -----------------------------------------------------------------------------------------------


def _term(w: Any, centre: int) -> Any:
    return (w - centre) ** 2 / 2


def _changes(w: Any, eta: Any, term: int) -> tuple[Any, Any]:
    """How a step on ``term`` changes the sum and the term itself, as polynomials in eta."""
    if term not in CENTRES:
        raise ValueError(f"there is no term {term}: one of {', '.join(map(str, CENTRES))}")
    x, rate = sp.Dummy("w"), sp.Dummy("eta")
    sampled = _term(x, CENTRES[term])
    step = x - rate * sp.diff(sampled, x)
    whole = sum((_term(x, c) for c in CENTRES.values()), sp.Integer(0))
    change, own = (sp.factor(e.subs(x, step) - e) for e in (whole, sampled))
    here = {x: w, rate: eta}
    return change.subs(here, simultaneous=True), own.subs(here, simultaneous=True)


def symbolic_change_1(w: Any, eta: Any) -> Any:
    """f(w - eta (w - 2)) - f(w), factored: eta (w - 2)(eta (w - 2) - 2 w + 1)."""
    return _changes(w, eta, 1)[0]


def symbolic_change_2(w: Any, eta: Any) -> Any:
    """f(w - eta (w + 1)) - f(w), factored: eta (w + 1)(eta (w + 1) - 2 w + 1)."""
    return _changes(w, eta, 2)[0]


def symbolic_rising_set(term: int) -> Any:
    """The w from which a step on ``term`` raises f for every small eta > 0, as a sympy set.

    Source: the sign of the lowest power of eta with a coefficient that is not zero, by w.
    """
    w, eta = sp.Symbol("w", real=True), sp.Symbol("eta", positive=True)
    change = sp.Poly(_changes(w, eta, term)[0], eta)
    first, second = change.coeff_monomial(eta), change.coeff_monomial(eta**2)
    rising = sp.solveset(first > 0, w, sp.S.Reals)
    flat = sp.solveset(sp.Eq(first, 0), w, sp.S.Reals)
    level = sp.solveset(second > 0, w, sp.S.Reals)
    return sp.Union(rising, sp.Intersection(flat, level))


def symbolic_guaranteed() -> bool:
    """Whether f falls at every step that lowers the sampled term: no, a term raises it somewhere."""
    return all(symbolic_rising_set(term) is sp.S.EmptySet for term in CENTRES)


# --- measured ----------------------------------------------------------------------------------------------


def _loss(w: Any) -> Any:
    return sum((w - c) ** 2 for c in CENTRES.values()) / 2


def _measured(w: float, eta: float, term: int) -> float:
    return float(_loss(w - eta * (w - CENTRES[term])) - _loss(w))


def numeric_change_1(w: float, eta: float) -> float:
    """The change of f by a step on term 1: both losses, evaluated."""
    return _measured(w, eta, 1)


def numeric_change_2(w: float, eta: float) -> float:
    """The change of f by a step on term 2: both losses, evaluated."""
    return _measured(w, eta, 2)


def numeric_guaranteed() -> bool:
    """Whether no step on a fine grid of weights and small rates raises f and lowers the sampled term."""
    for centre in CENTRES.values():
        for w in np.linspace(-4, 4, 401):
            for eta in (1e-3, 0.01, 0.1):
                after = w - eta * (w - centre)
                if (after - centre) ** 2 < (w - centre) ** 2 and _loss(after) > _loss(w):
                    return False
    return True


# --- a student's own values --------------------------------------------------------------------------------


def witness_not_descending(w: Any, term: Any, eta: Any = None) -> dict[str, tuple[bool, str]]:
    """Whether a step from ``w`` on ``term`` lowers that term and raises f: requirement -> (met, value seen).

    With ``eta`` the step is taken, exactly. Without it the claim is one about every small learning rate.
    ``term`` is 1 for (1/2)(w - 2)^2, 2 for (1/2)(w + 1)^2.
    Raises ValueError for anything that is no finite number, or no term.
    """
    at, which = _exact(w, "w"), _exact(term, "term")
    if which not in CENTRES:
        raise ValueError(f"there is no term {term}: one of {', '.join(map(str, CENTRES))}")
    centre = Fraction(CENTRES[int(which)])
    if eta is None:
        return _for_small_rates(at, centre)
    rate = _exact(eta, "eta")
    after = at - rate * (at - centre)
    own, whole = _moves(lambda x: (x - centre) ** 2 / 2, at, after), _moves(_loss, at, after)
    return {
        "the learning rate is positive": (rate > 0, f"eta = {_text(rate)}"),
        "the sampled term falls": (own[0] > own[1], _arrow(own)),
        "f rises": (whole[1] > whole[0], _arrow(whole)),
    }


def _for_small_rates(w: Fraction, centre: Fraction) -> dict[str, tuple[bool, str]]:
    """The sign of the first power of eta that counts, in the exact change eta * first + eta^2 * second."""
    pull = w - centre
    first, second = -pull * (2 * w - 1), pull**2
    change = f"f changes by {_text(first)} eta + {_text(second)} eta²"
    return {
        "the sampled term falls for every small learning rate": (pull != 0, f"its gradient is {_text(pull)}"),
        "f rises for every small learning rate": (first > 0 or (first == 0 and second > 0), change),
    }


def _moves(f: Callable[[Fraction], Fraction], before: Fraction, after: Fraction) -> tuple[Fraction, Fraction]:
    return f(before), f(after)


def _exact(value: Any, name: str) -> Fraction:
    try:
        number = Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        raise ValueError(f"{name} is {value!r}; a number is needed") from None
    if abs(number) > MAX_NUMBER or (number and abs(number) < Fraction(1, MAX_NUMBER**2)):
        raise ValueError(f"{name} is {float(number):g}, too large or too small for a counterexample here")
    return number


def _text(x: Fraction) -> str:
    return str(x) if x.denominator < 10_000 else f"{float(x):.6g}"


def _arrow(pair: tuple[Fraction, Fraction]) -> str:
    return f"{_text(pair[0])} → {_text(pair[1])}"
