"""Weights, outputs and connections of PoolUpsampleNet (csc413-hw2, 4.3).

The network is reconstructed from the sheet's answers: LAYERS, on a square image of ``size`` pixels, with k×k
convolutions of stride 1 that keep the size. NIC, NF and NC are the numbers of channels of the input, of the
first feature maps and of the output.

What is counted differs from textbook to textbook; the flags say (1 counted, 0 not; the defaults are the
sheet's): ``bias`` of the convolutions, ``norm`` (batch normalisation: two weights a channel, one output and
one connection a value), ``relu`` as a layer of its own, ``pool`` and ``up`` (pooling and upsampling as
layers; a pooled value has ``pool_edges`` connections). Counts are exact. The symbolic functions sum over
layers; the numeric ones enumerate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

TOLERANCE = 0.0  # counts are exact

SIZE = 32
# Channels are (multiple, of what). A block is convolution, then pooling or upsampling, normalisation and
# ReLU.
LAYERS: tuple[tuple[str, tuple[int, str]], ...] = (
    ("conv", (1, "NF")), ("pool", (1, "NF")), ("norm", (1, "NF")), ("relu", (1, "NF")),
    ("conv", (2, "NF")), ("pool", (2, "NF")), ("norm", (2, "NF")), ("relu", (2, "NF")),
    ("conv", (1, "NF")), ("up", (1, "NF")), ("norm", (1, "NF")), ("relu", (1, "NF")),
    ("conv", (1, "NC")), ("up", (1, "NC")), ("norm", (1, "NC")), ("relu", (1, "NC")),
    ("conv", (1, "NC")),
)  # fmt: skip


# --- derived -----------------------------------------------------------------------------------------------


def _walk(NIC: Any, NF: Any, NC: Any, size: int) -> list[tuple[str, Any, Any, Any]]:
    """(kind, channels in, channels out, pixels out) of every layer."""
    names = {"NF": sp.sympify(NF), "NC": sp.sympify(NC)}
    side, channels, out = sp.Integer(size), sp.sympify(NIC), []
    for kind, (multiple, name) in LAYERS:
        side = side / 2 if kind == "pool" else side * 2 if kind == "up" else side
        after = multiple * names[name]
        out.append((kind, channels, after, side**2))
        channels = after
    return out


def symbolic_weights(NIC: Any, NF: Any, NC: Any, k: Any, bias: Any = 1, norm: Any = 1) -> Any:
    """The number of trainable weights, a polynomial.

    Source: k² C_in C_out (+ C_out) a convolution, 2 C a norm.
    """
    k, total = sp.sympify(k), sp.Integer(0)
    for kind, before, after, _ in _walk(NIC, NF, NC, SIZE):
        if kind == "conv":
            total += k**2 * before * after + bias * after
        elif kind == "norm":
            total += 2 * norm * after
    return sp.expand(total)


def _outputs(NF: Any, NC: Any, size: int, norm: Any, relu: Any, pool: Any, up: Any) -> Any:
    counted = {"conv": 1, "norm": norm, "relu": relu, "pool": pool, "up": up}
    layers = _walk(1, NF, NC, size)
    return sp.expand(
        sum((counted[kind] * after * pixels for kind, _, after, pixels in layers), sp.Integer(0))
    )


def symbolic_outputs(NF: Any, NC: Any, norm: Any = 1, relu: Any = 0, pool: Any = 1, up: Any = 1) -> Any:
    """The number of values that the layers put out, a polynomial.

    Source: channels times pixels, layer by layer.
    """
    return _outputs(NF, NC, SIZE, norm, relu, pool, up)


def symbolic_outputs_doubled(
    NF: Any, NC: Any, norm: Any = 1, relu: Any = 0, pool: Any = 1, up: Any = 1
) -> Any:
    """The same for an image of twice the width and height."""
    return _outputs(NF, NC, 2 * SIZE, norm, relu, pool, up)


def _connections(
    NIC: Any, NF: Any, NC: Any, k: Any, size: int, flags: dict[str, Any], pool_edges: Any
) -> Any:
    k, total = sp.sympify(k), sp.Integer(0)
    edges = {
        "pool": pool_edges * flags["pool"],
        "up": flags["up"],
        "norm": flags["norm"],
        "relu": flags["relu"],
    }
    for kind, before, after, pixels in _walk(NIC, NF, NC, size):
        total += pixels * after * (k**2 * before + flags["bias"] if kind == "conv" else edges[kind])
    return sp.expand(total)


def symbolic_connections(
    NIC: Any, NF: Any, NC: Any, k: Any,
    bias: Any = 0, norm: Any = 1, relu: Any = 0, pool: Any = 1, up: Any = 1, pool_edges: Any = 4,
) -> Any:  # fmt: skip
    """The number of connections, a polynomial.

    Source: every output has k² C_in of them in a convolution (into the zero padding too), four in a
    pooling, one in the other layers.
    """
    flags = {"bias": bias, "norm": norm, "relu": relu, "pool": pool, "up": up}
    return _connections(NIC, NF, NC, k, SIZE, flags, pool_edges)


def symbolic_connections_doubled(
    NIC: Any, NF: Any, NC: Any, k: Any,
    bias: Any = 0, norm: Any = 1, relu: Any = 0, pool: Any = 1, up: Any = 1, pool_edges: Any = 4,
) -> Any:  # fmt: skip
    """The same for an image of twice the width and height."""
    flags = {"bias": bias, "norm": norm, "relu": relu, "pool": pool, "up": up}
    return _connections(NIC, NF, NC, k, 2 * SIZE, flags, pool_edges)


# --- measured ----------------------------------------------------------------------------------------------


class _Network:
    """Pushes an image of zeros through the layers and counts what is really there."""

    def __init__(self, NIC: int, NF: int, NC: int, k: int, size: int, *, border: bool = True) -> None:
        self.k, self.border = int(k), border
        self.signal = np.zeros((int(NIC), size, size), dtype=np.int8)
        self.weights = {"conv": 0, "bias": 0, "norm": 0}
        self.outputs = dict.fromkeys(("conv", "pool", "up", "norm", "relu"), 0)
        self.edges = dict.fromkeys(("conv", "bias", "pool", "up", "norm", "relu"), 0)
        channels = {"NF": int(NF), "NC": int(NC)}
        for kind, (multiple, name) in LAYERS:
            getattr(self, "_" + kind)(multiple * channels[name])
            self.outputs[kind] += self.signal.size

    def _conv(self, out: int) -> None:
        inside = np.ones(self.signal.shape, dtype=np.int8)
        pad = (self.k - 1) // 2, self.k // 2
        inside = np.pad(inside, ((0, 0), pad, pad), constant_values=int(self.border))
        fields = np.lib.stride_tricks.sliding_window_view(inside, (self.k, self.k), axis=(1, 2))
        kernel, biases = np.zeros((out, len(inside), self.k, self.k), np.int8), np.zeros(out, np.int8)
        self.weights["conv"] += kernel.size
        self.weights["bias"] += biases.size
        self.signal = np.zeros((out, *fields.shape[1:3]), dtype=np.int8)
        self.edges["conv"] += int(np.count_nonzero(fields)) * len(kernel)
        self.edges["bias"] += self.signal.size

    def _pool(self, out: int) -> None:
        channels, height, width = self.signal.shape
        blocks = self.signal.reshape(channels, height // 2, 2, width // 2, 2)
        self.edges["pool"] += blocks.size
        self.signal = blocks.max(axis=(2, 4))

    def _up(self, out: int) -> None:
        self.signal = self.signal.repeat(2, axis=1).repeat(2, axis=2)
        self.edges["up"] += self.signal.size

    def _norm(self, out: int) -> None:
        self.weights["norm"] += np.zeros((2, len(self.signal))).size
        self.edges["norm"] += self.signal.size

    def _relu(self, out: int) -> None:
        self.signal = np.maximum(self.signal, 0)
        self.edges["relu"] += self.signal.size


def numeric_weights(NIC: int, NF: int, NC: int, k: int, bias: int = 1, norm: int = 1) -> int:
    """The number of trainable weights. Source: the entries of arrays that are really allocated."""
    counts = _Network(NIC, NF, NC, k, SIZE).weights
    return int(counts["conv"] + bias * counts["bias"] + norm * counts["norm"])


def _count_outputs(NF: int, NC: int, size: int, flags: dict[str, int]) -> int:
    counts = _Network(1, NF, NC, 1, size).outputs
    return int(sum(flags.get(kind, 1) * count for kind, count in counts.items()))


def numeric_outputs(NF: int, NC: int, norm: int = 1, relu: int = 0, pool: int = 1, up: int = 1) -> int:
    """The number of values that the layers put out. Source: the entries of the arrays passed on."""
    return _count_outputs(NF, NC, SIZE, {"norm": norm, "relu": relu, "pool": pool, "up": up})


def numeric_outputs_doubled(
    NF: int, NC: int, norm: int = 1, relu: int = 0, pool: int = 1, up: int = 1
) -> int:
    """The same for an image of twice the width and height."""
    return _count_outputs(NF, NC, 2 * SIZE, {"norm": norm, "relu": relu, "pool": pool, "up": up})


def _count_edges(
    NIC: int, NF: int, NC: int, k: int, size: int, flags: dict[str, int], pool_edges: int
) -> int:
    counts = _Network(NIC, NF, NC, k, size).edges
    total = sum(flags.get(kind, 1) * count for kind, count in counts.items() if kind != "pool")
    return int(total + flags["pool"] * counts["pool"] * pool_edges // 4)


def numeric_connections(
    NIC: int, NF: int, NC: int, k: int,
    bias: int = 0, norm: int = 1, relu: int = 0, pool: int = 1, up: int = 1, pool_edges: int = 4,
) -> int:  # fmt: skip
    """The number of connections. Source: the entries of all receptive fields, layer by layer."""
    flags = {"bias": bias, "norm": norm, "relu": relu, "pool": pool, "up": up}
    return _count_edges(NIC, NF, NC, k, SIZE, flags, pool_edges)


def numeric_connections_doubled(
    NIC: int, NF: int, NC: int, k: int,
    bias: int = 0, norm: int = 1, relu: int = 0, pool: int = 1, up: int = 1, pool_edges: int = 4,
) -> int:  # fmt: skip
    """The same for an image of twice the width and height."""
    flags = {"bias": bias, "norm": norm, "relu": relu, "pool": pool, "up": up}
    return _count_edges(NIC, NF, NC, k, 2 * SIZE, flags, pool_edges)


def connections_inside(NIC: int, NF: int, NC: int, k: int) -> int:
    """The connections when those into the zero padding are not counted, which is no polynomial in k."""
    counts = _Network(NIC, NF, NC, k, SIZE, border=False).edges
    return int(sum(count for kind, count in counts.items() if kind not in ("bias", "relu")))
