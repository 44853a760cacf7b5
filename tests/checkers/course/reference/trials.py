"""Functions that try a student's values, for the tests of the kinds that call them."""

from __future__ import annotations

from typing import Any

import numpy as np

Requirements = dict[str, tuple[bool, str]]


def witness_longer(w_R: Any, X: Any, t: Any, eta: Any = None) -> Requirements:
    """A solution of X w = t that is longer than the shortest one."""
    X, t = np.atleast_2d(X), np.atleast_1d(t)
    if X.shape[1] != w_R.size or X.shape[0] != t.size:
        return {"the sizes fit together": (False, f"X is {X.shape[0]}×{X.shape[1]}, w_R has {w_R.size}")}
    gap = float(np.abs(X @ w_R - t).max())
    mine, least = float(np.linalg.norm(w_R)), float(np.linalg.norm(np.linalg.pinv(X) @ t))
    out = {
        "w_R solves X w = t": (gap <= 2.5e-2, f"off by {gap:.3g}"),
        "w_R is longer than it has to be": (mine > least + 1e-3, f"{mine:.4g} against {least:.4g}"),
    }
    if eta is not None:
        out["the learning rate is positive"] = (bool(eta > 0), f"{eta:g}")
    return out


def witness_step(w: float, term: float, eta: float | None = None) -> Requirements:
    """A step of SGD on one of two parabolas that raises their sum."""
    if term not in (1, 2):
        raise ValueError(f"there is no term {term:g}")
    rate = 1e-6 if eta is None else eta
    centre = 2.0 if term == 1 else -1.0
    after = w - rate * (w - centre)
    before_f, after_f = ((x - 2) ** 2 / 2 + (x + 1) ** 2 / 2 for x in (w, after))
    own = abs(after - centre) < abs(w - centre)
    return {
        "the sampled term falls": (own, f"{w:g} → {after:g}"),
        "f rises": (after_f > before_f, f"{before_f:.6g} → {after_f:.6g}"),
    }


def witness_broken(w: float) -> Requirements:
    """Fails, as a function with a slip in it does."""
    return {"w": (bool([][int(w)]), "")}


def witness_wrong_kind(w: float) -> Any:
    """Returns something else than requirements."""
    return [w]


def witness_nilpotent(A: Any) -> dict[str, tuple[bool, object]]:
    """A square that vanishes, of a matrix that does not."""
    return {
        "A² = 0": (A.shape == (2, 2) and not (A @ A).any(), A.shape),
        "A ≠ 0": (bool(A.any()), A.shape),
    }
