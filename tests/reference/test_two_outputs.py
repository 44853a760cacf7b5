"""The Jacobian at (1, 2): exact, by three differences, forwards and backwards."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import two_outputs

BY_HAND = {
    "forward_difference": [2.1608451e25, 1.5706035e27, 2.1961571, 1.0],
    "backward_difference": [2.0819720e25, 5.1554795e26, 2.1970656, 1.0],
    "central_difference": [2.1214085e25, 1.0430757e27, 2.1966113, 1.0],
    "jacobian": [2.1208237e25, 8.5195764e26, 2.1966119, 1.0],
    "half_step_difference": [2.1209699e25, 8.9738334e26, 2.1966118, 1.0],
    "value": [7.8020743e24, 2.7310586],
    "slipped_value": [1.3994899e24],
}


def _floats(value: Any) -> Any:
    return np.array(sp.flatten(value) if hasattr(value, "shape") else [value], dtype=float)


@pytest.mark.parametrize("name", BY_HAND)
def test_twins_agree_entry_by_entry(name: str) -> None:
    derived = _floats(getattr(two_outputs, f"symbolic_{name}")())
    measured = np.ravel(getattr(two_outputs, f"numeric_{name}")())
    np.testing.assert_allclose(measured, derived, rtol=1e-9)
    np.testing.assert_allclose(measured, BY_HAND[name], rtol=1e-7)


@pytest.mark.parametrize("name", ["forward_trace", "reverse_trace"])
def test_traces_agree_node_by_node(name: str) -> None:
    derived = getattr(two_outputs, f"symbolic_{name}")()
    measured = getattr(two_outputs, f"numeric_{name}")()
    assert list(derived) == list(measured)
    for node, pair in measured.items():
        np.testing.assert_allclose(pair, [float(x) for x in derived[node]], rtol=1e-12)


def test_traces_end_in_the_jacobian() -> None:
    jacobian = two_outputs.numeric_jacobian()
    forward, reverse = two_outputs.numeric_forward_trace(), two_outputs.numeric_reverse_trace()
    np.testing.assert_allclose([forward["f_1"], forward["f_2"]], jacobian, rtol=1e-12)
    np.testing.assert_allclose(np.array([reverse["w_1"], reverse["w_2"]]).T, jacobian, rtol=1e-12)


def test_traces_by_hand() -> None:
    forward = two_outputs.numeric_forward_trace()
    assert forward["d"] == pytest.approx([2.7182818, 109.1963001])
    assert (forward["m"], forward["b"]) == ([2, 1], [0, 2])
    assert forward["s"] == pytest.approx([0.19661193, 0])
    reverse = two_outputs.numeric_reverse_trace()
    assert [reverse[node][0] for node in "dac"] == pytest.approx([7.8020743e24] * 3)
    assert reverse["b"][0] == pytest.approx(4.2597882e26)
    assert (reverse["m"][1], reverse["s"][1]) == (1, 1)


def test_the_differences_are_far_from_the_exact_entry() -> None:
    exact = two_outputs.numeric_jacobian()[0, 1]
    off = {
        name: two_outputs.__dict__[f"numeric_{name}_difference"]()[0, 1] / exact - 1
        for name in ("forward", "central", "backward")
    }
    assert off == pytest.approx({"forward": 0.84, "central": 0.22, "backward": -0.39}, abs=0.01)


def test_graph_edge_by_edge() -> None:
    first = ["w_1 a", "w_2 b", "b c", "a d", "c d", "d e", "d f", "e f_1", "f f_1"]
    second = ["w_1 m", "w_2 m", "w_1 s", "m f_2", "s f_2"]
    edges = sorted((parent, child) for parent, child in map(str.split, first + second))
    assert two_outputs.symbolic_graph_edges() == two_outputs.numeric_graph_edges() == edges


def test_slips_are_one_entry_off() -> None:
    exact = two_outputs.numeric_jacobian()
    for slip in ("factor", "inner", "sigmoid only"):
        assert np.sum(~np.isclose(two_outputs.slipped_jacobian(slip), exact, rtol=1e-6)) == 1
    assert two_outputs.slipped_jacobian("sigmoid only")[1, 0] == pytest.approx(0.19661193)
    assert two_outputs.slipped_jacobian("transposed")[0, 1] == pytest.approx(2.1966119)
    with pytest.raises(
        ValueError, match=r"^unknown slip 'x': one of factor, inner, sigmoid only, transposed$"
    ):
        two_outputs.slipped_jacobian("x")


def test_a_tape_that_overwrites_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = two_outputs._rules()
    parents, value, _ = rules["m"]
    monkeypatch.setattr(two_outputs, "_rules", lambda: rules | {"m": (parents, value, lambda x, y: (0.0, x))})
    assert two_outputs.numeric_reverse_trace()["w_1"][1] == pytest.approx(0.19661193)


def test_the_rubric_has_these_numbers() -> None:
    """Every scheme, slip and value that the rubric lists, not only those it names a reference for."""
    sheet = tomllib.loads((Path(__file__).parents[2] / "rubrics" / "cs7643-hw1.toml").read_text("utf-8"))
    criteria = {(q["id"], c["id"]): c for q in sheet["questions"] for c in q["criteria"]}
    numerical = criteria["5b", "jacobian"]
    schemes = [
        two_outputs.numeric_backward_difference(),
        two_outputs.numeric_central_difference(),
        two_outputs.numeric_half_step_difference(),
    ]
    for listed, measured in zip(numerical["alternatives"], schemes, strict=True):
        np.testing.assert_allclose(listed["rows"], measured, rtol=1e-9, err_msg=listed["name"])
    np.testing.assert_allclose(numerical["variants"][0]["rows"], two_outputs.numeric_jacobian(), rtol=1e-9)
    for question in ("5c", "5d"):
        slips = criteria[question, "jacobian"]["variants"]
        for listed, slip in zip(slips, ("factor", "inner", "sigmoid only"), strict=True):
            np.testing.assert_allclose(listed["rows"], two_outputs.slipped_jacobian(slip), rtol=1e-9)
    printed = criteria["5a", "f_1"]["alternatives"][0]["expected"]
    assert printed == pytest.approx(two_outputs.numeric_slipped_value(), rel=1e-9)
