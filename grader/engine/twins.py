"""A reference against itself: ``symbolic_<name>`` and ``numeric_<name>`` at random exact points."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.checkers._verify import Oracle
from grader.course import Course, load_reference, reference_function
from grader.engine.sampling import Point, sample_points, vector_names
from grader.errors import ReferenceFault
from grader.rubric import Question

__all__ = ["DEFAULT_TOLERANCE", "POINTS", "Twins", "difference", "meet"]

POINTS = 3
DEFAULT_TOLERANCE = 1e-6  # relative to the value's largest entry


@dataclass(frozen=True, slots=True)
class Twins:
    """Two derivations that agree: at how many points, and how closely."""

    points: int
    difference: float
    oracle: Oracle


def meet(reference: str, question: Question, course: Course) -> Twins:
    """Call both derivations at the same points and compare what they say.

    Raises:
        ReferenceFault: they are missing, fail or disagree.
        RubricError: the question's declarations are not valid.
    """
    cure = "a reference is a pair, symbolic_… (sympy) and numeric_… (numpy)"
    symbolic, numeric = (reference_function(course, reference, h, cure) for h in ("symbolic", "numeric"))
    module_name, _, name = reference.partition(":")
    module = load_reference(course, module_name)
    parameters = _parameters(reference, symbolic, numeric, question)
    tolerance = float(
        getattr(module, "TOLERANCES", {}).get(name, getattr(module, "TOLERANCE", DEFAULT_TOLERANCE))
    )
    # Without parameters every point is the same one.
    points = sample_points(question.declarations, POINTS if parameters else 1, reference)
    vectors = vector_names(question.declarations)
    worst, values = 0.0, []
    for point in points:
        place = _place(point, parameters.values())
        value = _call(symbolic, parameters, point, _symbolic_argument, place)
        measured = _call(numeric, parameters, point, lambda n, v: _numeric_argument(v, n in vectors), place)
        gap = difference(value, measured)
        if not gap <= tolerance:
            raise ReferenceFault(
                f"reference {reference!r}: symbolic and numeric disagree{place}: {_short(value)} against "
                f"{_short(measured)} (relative difference {gap:.2g}, tolerance {tolerance:.2g}); "
                "one of the two derivations is wrong"
            )
        worst = max(worst, gap)
        values.append(value)
    return Twins(len(points), worst, Oracle(tuple(points), tuple(values)))


def _parameters(
    reference: str, symbolic: Callable[..., Any], numeric: Callable[..., Any], question: Question
) -> dict[str, str]:
    """Parameter → symbol. A trailing ``_`` lets a parameter stand for a Python keyword."""
    symbols = _symbols(question)
    found: list[dict[str, str]] = []
    for function in (symbolic, numeric):
        mine: dict[str, str] = {}
        for parameter in inspect.signature(function).parameters.values():
            symbol = parameter.name if parameter.name in symbols else parameter.name.rstrip("_")
            if symbol in symbols:
                mine[parameter.name] = symbol
            elif parameter.default is parameter.empty:
                cure = "rename it or declare the symbol"
                if any(c.symbol == parameter.name for c in question.choices):
                    cure = (
                        "it is a convention: derive the reference under its first way, without the parameter"
                    )
                raise ReferenceFault(
                    f"reference {reference!r}: the parameter {parameter.name!r} of {function.__name__} is no "
                    f"symbol of question {question.id} (it has {', '.join(sorted(symbols)) or 'none'}) "
                    f"and has no default; {cure}"
                )
        found.append(mine)
    if found[0] != found[1]:
        raise ReferenceFault(
            f"reference {reference!r}: {symbolic.__name__} takes ({', '.join(found[0])}) but "
            f"{numeric.__name__} takes ({', '.join(found[1])}); give both the same symbols"
        )
    return found[0]


def _symbols(question: Question) -> frozenset[str]:
    return frozenset(sample_points(question.declarations, 1, "names")[0])


def _call(
    function: Callable[..., Any],
    parameters: Mapping[str, str],
    point: Point,
    convert: Callable[[str, Any], Any],
    place: str,
) -> Any:
    try:
        return _plain(function(**{p: convert(symbol, point[symbol]) for p, symbol in parameters.items()}))
    except Exception as e:
        raise ReferenceFault(
            f"{function.__name__} fails{place}: {type(e).__name__}: {' '.join(str(e).split())}"
        ) from e


def _place(point: Point, symbols: Iterable[str]) -> str:
    """`` at X 3 × 5, eta = 1/2``: enough to call the derivations again by hand."""
    parts = [
        f"{name} {len(value)} × {len(value[0])}" if isinstance(value, list) else f"{name} = {value}"
        for name, value in ((symbol, point[symbol]) for symbol in symbols)
    ]
    return f" at {', '.join(parts)}" if parts else ""


def _symbolic_argument(name: str, value: Any) -> Any:
    import sympy

    if isinstance(value, list):
        return sympy.Matrix([[sympy.Rational(x.numerator, x.denominator) for x in row] for row in value])
    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    return sympy.Integer(value)


def _numeric_argument(value: Any, vector: bool) -> Any:
    import numpy as np

    if isinstance(value, list):
        array = np.array([[float(x) for x in row] for row in value], dtype=np.float64)
        return array[:, 0] if vector else array
    return float(value) if isinstance(value, Fraction) else int(value)


def _plain(value: Any) -> Any:
    """What sympy or numpy returned, without either; exact where it can be (see ``Oracle``)."""
    import numpy as np
    import sympy

    if isinstance(value, sympy.MatrixBase | np.generic | np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, sympy.logic.boolalg.BooleanAtom):
        return bool(value)
    if isinstance(value, sympy.Basic):
        return _number(value) if value.is_number and value.is_real else str(value)
    if isinstance(value, bool | str | float | Fraction) or value is None:
        return value
    if isinstance(value, int):
        return Fraction(value)
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, Iterable):
        return [_plain(v) for v in value]
    return str(value)


def _number(value: Any) -> Fraction | float:
    """A real sympy number; a fraction that hides behind roots is found where sympy finds it."""
    import sympy

    simple = value if isinstance(value, sympy.Rational) else sympy.nsimplify(value, rational=False)
    if isinstance(simple, sympy.Rational) and (simple is value or value.equals(simple)):
        return Fraction(int(simple.p), int(simple.q))
    return float(value.evalf(30))


def difference(exact: Any, measured: Any) -> float:
    """The largest difference, relative to the largest exact number; infinite where the kinds differ."""
    pairs: list[tuple[float, float]] = []
    if not _pair(exact, measured, pairs):
        return float("inf")
    scale = max((abs(a) for a, _ in pairs), default=0.0) or 1.0
    gaps = [abs(a - b) / scale for a, b in pairs]
    return float("inf") if any(g != g for g in gaps) else max(gaps, default=0.0)


def _pair(a: Any, b: Any, pairs: list[tuple[float, float]]) -> bool:
    """Collect the numbers that face each other; ``False`` where something else does not match."""
    if isinstance(a, list) and isinstance(b, list):
        if b and not any(isinstance(x, list) for x in b) and all(isinstance(x, list) for x in a):
            a = [x for row in a for x in row] if all(len(row) == 1 for row in a) or len(a) == 1 else a
        return len(a) == len(b) and all(_pair(x, y, pairs) for x, y in zip(a, b, strict=True))
    if isinstance(a, list) and len(a) == 1 and not isinstance(b, list | dict | str):
        return _pair(a[0], b, pairs)  # a 1 × 1 matrix is a number
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_pair(a[k], b[k], pairs) for k in a)
    numbers = (int, float, Fraction)
    if isinstance(a, bool) or isinstance(b, bool) or not (isinstance(a, numbers) and isinstance(b, numbers)):
        return type(a) is type(b) and a == b
    pairs.append((float(a), float(b)))
    return True


def _short(value: Any) -> str:
    text = _text(value)
    return text if len(text) <= 80 else text[:80] + "…"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_text(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value) if isinstance(value, Fraction) else repr(value)
