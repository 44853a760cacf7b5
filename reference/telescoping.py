"""The sum of <w_t - w*, v_t> over T steps w_{t+1} = w_t - eta v_t from w_1 = 0 (cs7643-hw1, problem 2).

One step expands ||w_{t+1} - w*||^2; the sum of the expansions telescopes, and dropping the last distance
bounds the sum. V holds v_1, ..., v_T in its rows.

Shapes, symbolic: w, w_star, v (d, 1), V (T, d); numeric: (d,) and (T, d) arrays. eta != 0 is a scalar.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

TOLERANCE = 1e-9  # relative

Array = npt.NDArray[np.float64]


# --- derived -----------------------------------------------------------------------------------------------


def _square(x: Any) -> Any:
    return (x.T * x)[0]


def symbolic_next_distance(w: Any, w_star: Any, v: Any, eta: Any) -> Any:
    """||w - eta v - w*||^2 as the expansion in powers of eta.

    Source: a polynomial in eta whose coefficients sympy finds by differentiating at eta = 0.
    """
    rate = sp.Dummy("eta")
    distance = _square(w - rate * v - w_star)
    taylor = [sp.diff(distance, rate, k).subs(rate, 0) / sp.factorial(k) for k in range(3)]
    return sp.expand(sum((c * eta**k for k, c in enumerate(taylor)), sp.Integer(0)))


def symbolic_regret(V: Any, w_star: Any, eta: Any) -> Any:
    """The sum of <w_t - w*, v_t>, by telescoping: only the last distance and the squares of v_t remain."""
    last = -eta * sum((V.row(t).T for t in range(V.rows)), sp.zeros(V.cols, 1))
    squares = sum((_square(V.row(t).T) for t in range(V.rows)), sp.Integer(0))
    return (_square(w_star) - _square(last - w_star)) / (2 * eta) + eta / 2 * squares


def symbolic_bound(V: Any, w_star: Any, eta: Any) -> Any:
    """What bounds the sum for eta > 0: ||w*||^2 / (2 eta) + (eta/2) sum ||v_t||^2.

    Source: the telescoped sum at the last iterate that makes it largest, w_{T+1} = w*.
    """
    end = sp.Matrix([sp.Dummy(f"z{j}") for j in range(w_star.rows)])
    squares = sum((_square(V.row(t).T) for t in range(V.rows)), sp.Integer(0))
    telescoped = (_square(w_star) - _square(end - w_star)) / (2 * eta) + eta / 2 * squares
    (best,) = sp.linsolve([sp.diff(telescoped, z) for z in end], *end)
    return telescoped.subs(dict(zip(end, best, strict=True)))


# --- measured ----------------------------------------------------------------------------------------------


def _run(V: Array, eta: float) -> list[Array]:
    """w_1, ..., w_{T+1}."""
    path = [np.zeros(V.shape[1])]
    for v in V:
        path.append(path[-1] - eta * v)
    return path


def numeric_next_distance(w: Array, w_star: Array, v: Array, eta: float) -> float:
    """||w - eta v - w*||^2: the step is taken and its distance measured."""
    return float(np.linalg.norm(w - eta * v - w_star) ** 2)


def numeric_regret(V: Array, w_star: Array, eta: float) -> float:
    """The sum of <w_t - w*, v_t> along a run."""
    return float(sum((w - w_star) @ v for w, v in zip(_run(V, eta), V, strict=False)))


def numeric_bound(V: Array, w_star: Array, eta: float) -> float:
    """The sum along a run, with what the last distance took away put back."""
    away = _run(V, eta)[-1] - w_star
    return numeric_regret(V, w_star, eta) + float(away @ away) / (2 * eta)
