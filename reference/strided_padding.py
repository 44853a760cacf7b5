"""Padding that keeps the shapes of ConvTransposeNet (csc413-hw2, 5.4).

Two convolutions of stride 2 halve a 32×32 image twice, two transposed convolutions of stride 2 double it
twice (dilation 1). For a kernel of size k: the padding of the convolutions, and the padding and output
padding of the transposed ones. Everything is a whole number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

TOLERANCE = 0.0  # whole numbers

STRIDE = 2
HALVED, DOUBLED = (32, 16), (8, 16)  # sizes that go into the convolutions, and into the transposed ones
MOST = 12  # paddings up to this are tried
LARGEST = 1000  # a student's value above this is not tried

Requirements = dict[str, tuple[bool, str]]


# --- derived -----------------------------------------------------------------------------------------------


def symbolic_conv_padding(k: Any) -> Any:
    """The padding with which a convolution of stride 2 halves every even size.

    Source: floor((H + 2p - k) / 2) + 1 = H / 2 is -2 <= 2p - k < 0; the one whole number in that interval.
    """
    half = sp.sympify(k) / STRIDE
    (padding,) = sp.Intersection(sp.Interval.Ropen(half - 1, half), sp.S.Naturals0)
    return padding


def _transposed(k: Any) -> tuple[Any, Any]:
    size, p, op = sp.symbols("H p op")
    length = (size - 1) * STRIDE - 2 * p + (sp.sympify(k) - 1) + op + 1
    (padding,) = sp.solve(length - 2 * size, p)
    solutions = [(padding.subs(op, sp.Integer(extra)), sp.Integer(extra)) for extra in range(STRIDE)]
    ((best, extra),) = [(v, extra) for v, extra in solutions if v.is_integer and v >= 0]
    return best, extra


def symbolic_transposed_padding(k: Any) -> Any:
    """The padding with which a transposed convolution of stride 2 doubles every size.

    Source: its output length (H - 1) 2 - 2p + (k - 1) + op + 1 = 2H solved for p; an output padding has to be
    below the stride, and only one makes p a whole number.
    """
    return _transposed(k)[0]


def symbolic_output_padding(k: Any) -> Any:
    """The output padding that goes with it. Source: as there."""
    return _transposed(k)[1]


# --- measured ----------------------------------------------------------------------------------------------


def conv_length(size: int, k: int, p: int) -> int:
    """How many values a convolution of stride 2 really gives; 0 where the kernel is too large."""
    padded = np.pad(np.zeros(size), p)
    return len(np.lib.stride_tricks.sliding_window_view(padded, k)[::STRIDE]) if k <= padded.size else 0


def transposed_length(size: int, k: int, p: int, op: int) -> int:
    """How many values a transposed convolution of stride 2 really gives.

    Every input is scattered over k places, STRIDE apart from the next; p is cut off at both ends and op added
    at the far one.
    """
    places = STRIDE * np.arange(size)[:, np.newaxis] + np.arange(k)
    scattered = np.zeros(places.max() + 1 + op)
    np.add.at(scattered, places, 1.0)
    return len(scattered[p : scattered.size - p])


def conv_paddings(k: int) -> list[int]:
    """All paddings up to MOST that halve the sizes. Source: really convolved."""
    return [p for p in range(MOST + 1) if all(conv_length(h, k, p) == h // 2 for h in HALVED)]


def transposed_paddings(k: int, *, below_stride: bool = True) -> list[tuple[int, int]]:
    """All (padding, output padding) up to MOST that double the sizes. Source: really scattered."""
    extras = range(STRIDE if below_stride else MOST + 1)
    return [
        (p, op)
        for p in range(MOST + 1)
        for op in extras
        if all(transposed_length(h, k, p, op) == 2 * h for h in DOUBLED)
    ]


def numeric_conv_padding(k: int) -> int:
    """The padding with which a convolution of stride 2 halves every even size. Source: all were tried."""
    (padding,) = conv_paddings(int(k))
    return padding


def numeric_transposed_padding(k: int) -> int:
    """The padding with which a transposed convolution of stride 2 doubles every size.

    Source: all were tried.
    """
    ((padding, _),) = transposed_paddings(int(k))
    return padding


def numeric_output_padding(k: int) -> int:
    """The output padding that goes with it. Source: all were tried."""
    ((_, extra),) = transposed_paddings(int(k))
    return extra


# --- a student's values ------------------------------------------------------------------------------------


def witness_padding(k: Any, p_conv: Any, p: Any, op: Any) -> Requirements:
    """What values for a kernel of size k have to fulfil → whether they do, and the shapes that come out."""
    values = {"k": k, "p_conv": p_conv, "p": p, "op": op}
    wrong = [name for name, v in values.items() if not float(v).is_integer() or not 0 <= float(v) <= LARGEST]
    seen = ", ".join(f"{name} = {v}" for name, v in values.items())
    out: Requirements = {"all values are whole numbers, not negative": (not wrong, seen)}
    if wrong:
        return out
    k, p_conv, p, op = (int(v) for v in values.values())
    halved = [HALVED[0], *(conv_length(h, k, p_conv) for h in HALVED)]
    doubled = [DOUBLED[0], *(transposed_length(h, k, p, op) for h in DOUBLED)]
    out["the convolutions keep 32-16-8"] = (halved == [32, 16, 8], "-".join(map(str, halved)))
    out["the transposed convolutions keep 8-16-32"] = (doubled == [8, 16, 32], "-".join(map(str, doubled)))
    out["output padding is below the stride, 2"] = (op < STRIDE, str(op))
    return out
