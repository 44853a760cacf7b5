"""Declarations that the tests of the verdicts share."""

from __future__ import annotations

from typing import Any

from grader.maths.compare import Comparison, compare

SYMBOLS = {
    "X": "matrix n d", "A": "matrix d d", "B": "matrix d d", "W": "matrix d d", "w": "vector d",
    "v": "vector d", "y": "vector d", "s": "vector d", "w_0": "vector d", "t": "vector n",
    "eta": "scalar > 0", "lambda": "scalar", "lambda_tilde": "scalar", "x": "scalar", "z": "scalar",
    "p": "scalar > 0", "q": "scalar > 0", "k": "integer > 0", "sigma": "function scalar->scalar",
    "n": "dim", "d": "dim",
}  # fmt: skip
DEFINE = {"a": "X w_0 - t"}

ETA_STAR = r"\frac{n}{2}\frac{\|X^T a\|^2}{\|X X^T a\|^2}"
L_1 = r"\frac{1}{n}\|a - \frac{2\eta}{n} X X^T a\|^2"
W_1 = r"w_0 - \frac{2\eta}{n} X^T (X w_0 - t)"
DERIVATIVE = r"-\frac{4}{n^2}\|X^T a\|^2 + \frac{8\eta}{n^3}\|X X^T a\|^2"
SECOND = r"\frac{8}{n^3}\|X X^T a\|^2"
MINIMUM_NORM = "X^T (X X^T)^{-1} t"
LAMBDA_TILDE = r"\frac{\lambda}{2\eta}"
GRADIENT = r"\frac{2}{n} X^T (X w - t)"
DECAY = r"(1 - 2\eta\lambda) w_0 - \frac{2\eta}{n} X^T (X w_0 - t)"
BACKPROP = r"A^T((B^T(y - s) + v) \odot \sigma'(w)) + (y - s)"

REFERENCES = {
    "eta*": ETA_STAR, "L_1": L_1, "w_1": W_1, "derivative": DERIVATIVE, "second": SECOND,
    "minimum norm": MINIMUM_NORM, "lambda~": LAMBDA_TILDE, "gradient": GRADIENT, "decay": DECAY,
    "backprop": BACKPROP,
}  # fmt: skip
ASSUME = {"minimum norm": ("d > n", "X full rank")}


def judged(expected: str, answer: str, **options: Any) -> Comparison:
    """``compare`` with the shared symbols; ``symbols`` adds to them."""
    symbols = {**SYMBOLS, **options.pop("symbols", {})}
    return compare(expected, answer, symbols, define=options.pop("define", DEFINE), **options)
