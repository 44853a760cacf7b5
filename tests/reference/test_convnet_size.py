"""Parameters of the network: counted by formula against counted in allocated arrays."""

from __future__ import annotations

import pytest

from reference import convnet_size

TABLE = [
    {"layer": "Conv3-64", "params": 1_792},
    {"layer": "MaxPool", "params": 0},
    {"layer": "Conv3-128", "params": 73_856},
    {"layer": "MaxPool", "params": 0},
    {"layer": "Conv3-256", "params": 295_168},
    {"layer": "Conv3-256", "params": 590_080},
    {"layer": "MaxPool", "params": 0},
    {"layer": "FC-1024", "params": 51_381_248},
    {"layer": "FC-100", "params": 102_500},
    {"layer": "Softmax", "params": 0},
]
TOTAL = 52_444_644


def test_twins_agree_with_the_table() -> None:
    assert convnet_size.symbolic_parameter_table() == TABLE
    assert convnet_size.numeric_parameter_table() == TABLE


def test_total() -> None:
    assert convnet_size.symbolic_total() == convnet_size.numeric_total() == TOTAL


def test_formula() -> None:
    formula, (k, inputs, outputs) = convnet_size._count_formula()
    assert (formula - (k**2 * inputs + 1) * outputs).expand() == 0


@pytest.mark.parametrize(
    ("drop", "first_fc"),
    [((6,), 205_521_920), ((1, 3, 6), 3_288_335_360)],
    ids=["last pool forgotten", "no pooling"],
)
def test_forgotten_pools_change_both_twins(
    drop: tuple[int, ...], first_fc: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = tuple(layer for i, layer in enumerate(convnet_size.LAYERS) if i not in drop)
    monkeypatch.setattr(convnet_size, "LAYERS", layers)
    derived = {row["layer"]: row["params"] for row in convnet_size.symbolic_parameter_table()}
    assert derived["FC-1024"] == first_fc
    if first_fc < 1e9:  # the arrays of the other would be a matter of the machine's memory policy
        measured = {row["layer"]: row["params"] for row in convnet_size.numeric_parameter_table()}
        assert measured == derived


def test_a_doubled_layer_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = convnet_size._Network.fc
    monkeypatch.setattr(convnet_size._Network, "fc", lambda self, out: 2 * right(self, out))
    assert convnet_size.numeric_parameter_table() != convnet_size.symbolic_parameter_table()
    assert convnet_size.numeric_total() != convnet_size.symbolic_total()
