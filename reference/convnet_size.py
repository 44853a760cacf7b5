"""The number of trainable parameters of a small convolutional network (csc413-2020-hw2, 3.2).

The network is reconstructed from the sheet's answers: a 112x112 image with 3 channels goes through LAYERS.
Convolutions are 3x3 with stride 1 and keep the size; pools halve it. Every filter and unit has a bias.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

TOLERANCE = 0.0  # counts are exact

IMAGE_SIZE, IMAGE_CHANNELS = 112, 3
# (row of the table, kind, outputs): channels of a convolution, units of a fully connected layer.
LAYERS: tuple[tuple[str, str, int], ...] = (
    ("Conv3-64", "conv", 64),
    ("MaxPool", "pool", 0),
    ("Conv3-128", "conv", 128),
    ("MaxPool", "pool", 0),
    ("Conv3-256", "conv", 256),
    ("Conv3-256", "conv", 256),
    ("MaxPool", "pool", 0),
    ("FC-1024", "fc", 1024),
    ("FC-100", "fc", 100),
    ("Softmax", "softmax", 0),
)

Row = dict[str, Any]
Activation = npt.NDArray[np.uint8]


# --- derived -----------------------------------------------------------------------------------------------


def _count_formula() -> tuple[Any, tuple[Any, Any, Any]]:
    """(k^2 C_in + 1) C_out, by counting: one weight for each output, input and place, one bias an output."""
    k, inputs, outputs = sp.symbols("k C_in C_out", integer=True, positive=True)
    row, column, source, target = sp.symbols("row column source target", integer=True)
    weights = sp.summation(1, (row, 1, k), (column, 1, k), (source, 1, inputs), (target, 1, outputs))
    return sp.factor(weights + sp.summation(1, (target, 1, outputs))), (k, inputs, outputs)


def symbolic_parameter_table() -> list[Row]:
    """Rows ``{"layer": name, "params": count}`` in the order of the network; pools and softmax have 0.

    Source: weights and biases summed over symbolic index ranges, (k^2 C_in + 1) C_out, then put in. A
    fully connected layer is a convolution as large as what it reads.
    """
    formula, (k, inputs, outputs) = _count_formula()
    size, channels = sp.Integer(IMAGE_SIZE), sp.Integer(IMAGE_CHANNELS)
    table = []
    for layer, kind, out in LAYERS:
        count = sp.Integer(0)
        if kind == "conv":
            count = formula.subs({k: 3, inputs: channels, outputs: out})
            channels = sp.Integer(out)
        elif kind == "pool":
            size = size / 2
        elif kind == "fc":
            count = formula.subs({k: size, inputs: channels, outputs: out})
            size, channels = sp.Integer(1), sp.Integer(out)
        table.append({"layer": layer, "params": count})
    return table


def symbolic_total() -> Any:
    """The number of parameters of the whole network. Source: the sum of the derived table."""
    return sp.Add(*[row["params"] for row in symbolic_parameter_table()])


# --- measured ----------------------------------------------------------------------------------------------


class _Network:
    """Allocates a layer's arrays once its input has arrived, and passes on an array of the right shape.

    One number of each layer is really computed, which ties the weights' shape to the input's. Entries are
    bytes, and ``np.zeros`` gets its pages from the system only when they are touched, so the 51 million
    weights of the largest layer cost next to nothing.
    """

    def __init__(self) -> None:
        self.signal: Activation = np.zeros((IMAGE_SIZE, IMAGE_SIZE, IMAGE_CHANNELS), dtype=np.uint8)

    def conv(self, out: int) -> int:
        padded = np.pad(self.signal, ((1, 1), (1, 1), (0, 0)))
        patches = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
        weights = np.zeros((out, *patches.shape[2:]), dtype=np.uint8)
        biases = np.zeros(out, dtype=np.uint8)
        _ = np.vdot(weights[0], patches[0, 0]) + biases[0]
        self.signal = np.zeros(patches.shape[:2] + biases.shape, dtype=np.uint8)
        return int(weights.size + biases.size)

    def pool(self, out: int) -> int:
        rows, columns, channels = self.signal.shape
        self.signal = self.signal.reshape(rows // 2, 2, columns // 2, 2, channels).max(axis=(1, 3))
        return out

    def fc(self, out: int) -> int:
        flat = self.signal.ravel()
        weights = np.zeros((out, flat.size), dtype=np.uint8)
        biases = np.zeros(out, dtype=np.uint8)
        _ = np.vdot(weights[0], flat) + biases[0]
        self.signal = np.zeros(biases.shape, dtype=np.uint8)
        return int(weights.size + biases.size)

    def softmax(self, out: int) -> int:
        return out


def numeric_parameter_table() -> list[Row]:
    """Rows ``{"layer": name, "params": count}`` in the order of the network; pools and softmax have 0.

    Source: a zero image pushed through; every layer allocates the arrays that its input asks for, and
    their entries are counted.
    """
    network = _Network()
    return [{"layer": layer, "params": getattr(network, kind)(out)} for layer, kind, out in LAYERS]


def numeric_total() -> int:
    """The number of parameters of the whole network. Source: the entries of all allocated arrays."""
    return sum(int(row["params"]) for row in numeric_parameter_table())
