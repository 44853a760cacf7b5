"""An expected formula against the exact values of its reference."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint

from grader.errors import MathsFault
from grader.maths.compare import Problem
from grader.maths.evaluate import Point, Value, evaluate
from grader.maths.sampling import WORLDS

__all__ = ["disagreements"]

RELATIVE = 1e-9  # for values that are irrational


def disagreements(p: Problem, oracle: Any) -> list[str]:
    """One sentence for each point at which the expected formula is not the reference's value."""
    out = []
    for at, want in zip(getattr(oracle, "sample_points", ()), getattr(oracle, "values", ()), strict=False):
        try:
            have = _value(p, at)
        except MathsFault as fault:
            out.append(
                f"the expected formula has no value at a sample point of the reference: {fault.message}"
            )
            continue
        if not _equal(have, want):
            out.append(
                f"the expected formula {p.text!r} gives {_show(have)}, "
                f"the reference gives {_show_plain(want)}"
            )
    return out


def _value(p: Problem, at: Any) -> Value:
    exact = not p.real
    world = WORLDS["rationals" if exact else "balls"]
    values: dict[str, Any] = {}
    dims: dict[str, int] = {}
    integers: dict[str, int] = {}
    for name, v in at.items():
        key = next((k for k, original in p.scope.original.items() if original == name), name)
        kind = p.scope.kinds.get(key)
        if kind is None:
            continue
        if kind.shape is not None:
            rows = [[world.scalar(Fraction(x)) for x in row] for row in v]
            values[key] = world.matrix(len(rows), len(rows[0]), [x for row in rows for x in row])
            for d, size in zip(kind.shape, (len(rows), len(rows[0])), strict=True):
                if isinstance(d, str):
                    dims[d] = size
        else:
            values[key] = world.scalar(Fraction(v))
            if kind.sort in ("dim", "integer"):
                integers[key] = int(v)
                dims.setdefault(key, int(v))
    for d, size in dims.items():
        values.setdefault(d, world.scalar(size))
        integers.setdefault(d, size)
    with flint.ctx.workprec(192):
        return evaluate(p.node, Point(world, p.scope, dims, values, integers))


def _entries(v: Any) -> list[Any]:
    if hasattr(v, "entries"):
        return list(v.entries())
    if isinstance(v, list | tuple):
        return [x for row in v for x in _entries(row)]
    return [v]


def _sizes(v: Any) -> tuple[int, ...]:
    """Rows and columns; a list of numbers is a column."""
    if hasattr(v, "entries"):
        return (v.nrows(), v.ncols())
    if isinstance(v, list | tuple):
        return (len(v), len(v[0]) if v and isinstance(v[0], list | tuple) else 1)
    return ()


def _equal(have: Value, want: Any) -> bool:
    a, b = _entries(have), _entries(want)
    if len(a) != len(b) or (len(a) > 1 and _sizes(have) != _sizes(want)):
        return False
    for x, y in zip(a, b, strict=True):
        if isinstance(x, flint.fmpq) and not isinstance(y, float):
            f = Fraction(y)
            if x != flint.fmpq(f.numerator, f.denominator):
                return False
        elif abs(
            float(x.mid() if hasattr(x, "mid") else Fraction(int(x.p), int(x.q))) - float(y)
        ) > RELATIVE * max(1.0, abs(float(y))):
            return False
    return True


def _show(v: Value) -> str:
    from grader.maths.printing import show_value

    return show_value(v)


def _show_plain(v: Any) -> str:
    if isinstance(v, list | tuple):
        return (
            "["
            + "; ".join(
                " ".join(str(x) for x in (row if isinstance(row, list | tuple) else [row])) for row in v
            )
            + "]"
        )
    return str(v)
