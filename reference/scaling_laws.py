"""What to scale with more compute (csc413-hw2, 3.2): Kaplan et al. 2020, "Scaling laws for neural language
models".

The loss of a model with N parameters after S steps is (N_c / N)^alpha_N + (S_c / S)^alpha_S; the batch size
at which compute is spent best is B = B_c / L^(1 / alpha_B). Compute is C = 6 N B S. The exponents are the
paper's; the constants only set the units.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

TOLERANCE = 1e-3  # the measured slope of a search on a grid

ALPHA_N, ALPHA_S, ALPHA_B = sp.Rational(76, 1000), sp.Rational(76, 100), sp.Rational(21, 100)
N_C, S_C, B_C = 6.5e13, 2100.0, 2.1e8  # parameters, steps, tokens
COMPUTE = (1e19, 1e23)  # FLOP


# --- derived -----------------------------------------------------------------------------------------------


def symbolic_exponents() -> dict[str, Any]:
    """The powers of C with which the best model size, batch size and number of steps grow.

    Source: in logarithms the loss terms of an optimal model stay in proportion (Lagrange), so N ~
    L^(-1/alpha_N) and so on; the powers of L of N, B and S add up to that of C.
    """
    compute, loss = sp.symbols("log_C log_L")
    powers = {"model size": -loss / ALPHA_N, "batch size": -loss / ALPHA_B, "steps": -loss / ALPHA_S}
    (log_loss,) = sp.solve(sp.Add(*powers.values()) - compute, loss)
    return {name: sp.diff(power.subs(loss, log_loss), compute) for name, power in powers.items()}


def symbolic_best_use() -> str:
    """What to increase first: 'model size', 'batch size' or 'steps'. Source: the largest derived exponent."""
    exponents = symbolic_exponents()
    return max(exponents, key=exponents.__getitem__)


# --- measured ----------------------------------------------------------------------------------------------


def _best(compute: float) -> dict[str, float]:
    """The best N, B and S for this compute, by search over N; S follows from the compute by bisection."""
    sizes = np.geomspace(1e3, 1e15, 200_001)
    log_low, log_high = np.full(sizes.shape, -10.0), np.full(sizes.shape, 60.0)
    for _ in range(100):
        steps = np.exp((log_low + log_high) / 2)
        loss = (N_C / sizes) ** float(ALPHA_N) + (S_C / steps) ** float(ALPHA_S)
        batch = B_C / loss ** (1 / float(ALPHA_B))
        spent = 6 * sizes * batch * steps > compute
        log_low, log_high = np.where(spent, log_low, np.log(steps)), np.where(spent, np.log(steps), log_high)
    i = int(np.argmin(loss))
    return {"model size": float(sizes[i]), "batch size": float(batch[i]), "steps": float(steps[i])}


def numeric_exponents() -> dict[str, float]:
    """The powers of C with which the best model size, batch size and number of steps grow.

    Source: the loss minimised by search at two amounts of compute; slopes between them.
    """
    few, many = (_best(compute) for compute in COMPUTE)
    decades = np.log(COMPUTE[1] / COMPUTE[0])
    return {name: float(np.log(many[name] / few[name]) / decades) for name in few}


def numeric_best_use() -> str:
    """What to increase first: 'model size', 'batch size' or 'steps'.

    Source: the largest measured exponent.
    """
    exponents = numeric_exponents()
    return max(exponents, key=exponents.__getitem__)
