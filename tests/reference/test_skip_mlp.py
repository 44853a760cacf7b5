"""Back-propagation through the skip connection: differentiated, and the network really run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import skip_mlp

BARS = ("y_bar", "h_bar", "z_bar", "x_bar")
NAMES = ("x", "s", "r", "W_1", "b_1", "W_2", "b_2")


def _network(seed: int, N: int, K: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """One network twice: exact, and as floats."""
    rng = np.random.default_rng(seed)
    shapes = {"x": (N, 1), "s": (N, 1), "r": (K, 1), "W_1": (K, N), "b_1": (K, 1), "W_2": (N, K)}
    exact = {
        name: sp.Matrix(*shape, [sp.Rational(int(v), 4) for v in rng.integers(-9, 10, shape[0] * shape[1])])
        for name, shape in (shapes | {"b_2": (N, 1)}).items()
    }
    floats = {name: np.array(value.tolist(), dtype=float) for name, value in exact.items()}
    return exact, {k: v if k.startswith("W") else v.ravel() for k, v in floats.items()}


def _loss(x: Any, s: Any, r: Any, W_1: Any, b_1: Any, W_2: Any, b_2: Any) -> float:
    h = 1 / (1 + np.exp(-(W_1 @ x + b_1)))
    y = x + W_2 @ h + b_2
    return float((y - s) @ (y - s) / 2 + r @ h)


@pytest.mark.parametrize("bar", BARS)
@pytest.mark.parametrize(("N", "K"), [(4, 3), (2, 5), (1, 2)])
def test_twins_agree(bar: str, N: int, K: int, gap: Callable[[Any, Any], float]) -> None:
    exact, floats = _network(N, N, K)
    derived = getattr(skip_mlp, f"symbolic_{bar}")(**exact).evalf(30)
    assert gap(derived, getattr(skip_mlp, f"numeric_{bar}")(**floats)) < 1e-12


def test_equations_of_the_sheet(gap: Callable[[Any, Any], float]) -> None:
    """The four equations as students write them, with N = 4 and K = 3, where a lost transpose shows."""
    exact, v = _network(1, 4, 3)
    z = v["W_1"] @ v["x"] + v["b_1"]
    h = 1 / (1 + np.exp(-z))
    y_bar = v["x"] + v["W_2"] @ h + v["b_2"] - v["s"]
    h_bar = v["W_2"].T @ y_bar + v["r"]
    z_bar = h_bar * h * (1 - h)
    wanted = {"y_bar": y_bar, "h_bar": h_bar, "z_bar": z_bar, "x_bar": v["W_1"].T @ z_bar + y_bar}
    for bar, want in wanted.items():
        assert gap(getattr(skip_mlp, f"symbolic_{bar}")(**exact).evalf(30), want) < 1e-12


def test_by_finite_differences(gap: Callable[[Any, Any], float]) -> None:
    exact, v = _network(2, 3, 4)
    rest = {name: v[name] for name in NAMES[1:]}
    steps = 1e-5 * np.eye(3)
    slopes = [(_loss(v["x"] + e, **rest) - _loss(v["x"] - e, **rest)) / 2e-5 for e in steps]
    assert gap(skip_mlp.symbolic_x_bar(**exact).evalf(30), slopes) < 1e-7


@pytest.mark.parametrize("lost", ["skip", "r", "transpose", "sigma'(h)"])
def test_usual_slips_are_far_away(lost: str, gap: Callable[[Any, Any], float]) -> None:
    exact, v = _network(3, 3, 3)
    h = 1 / (1 + np.exp(-(v["W_1"] @ v["x"] + v["b_1"])))
    y_bar = v["x"] + v["W_2"] @ h + v["b_2"] - v["s"]
    h_bar = (v["W_2"] if lost == "transpose" else v["W_2"].T) @ y_bar + (0 if lost == "r" else v["r"])
    at = 1 / (1 + np.exp(-h)) if lost == "sigma'(h)" else h
    slipped = v["W_1"].T @ (h_bar * at * (1 - at)) + (0 if lost == "skip" else y_bar)
    assert gap(skip_mlp.symbolic_x_bar(**exact).evalf(30), slipped) > 1000 * skip_mlp.TOLERANCE


def test_saturated_units_lose_no_digits() -> None:
    """At z = 100 the sigmoid's slope is 4e-44: measured all the same, not drowned in rounding."""
    one = np.ones(1)
    network = {"x": one, "s": one, "r": one, "W_1": 100 * np.eye(1), "b_1": 0 * one, "W_2": np.eye(1)}
    measured = skip_mlp.numeric_z_bar(**network, b_2=one)
    assert measured == pytest.approx([3 * np.exp(-100)], rel=1e-12)


def test_shapes_that_do_not_fit() -> None:
    _, floats = _network(4, 4, 3)
    with pytest.raises(ValueError, match=r"^W_2 is \(3, 4\); with W_1 \(3, 4\) it has to be \(4, 3\)$"):
        skip_mlp.numeric_x_bar(**(floats | {"W_2": floats["W_2"].T}))


# ---- the graph


def test_graph_edge_by_edge() -> None:
    forward = [("x", "z"), ("z", "h"), ("h", "y"), ("x", "y")]
    loss = [("y", "S"), ("h", "R"), ("S", "L"), ("R", "L")]
    given = [("W_1", "z"), ("b_1", "z"), ("W_2", "y"), ("b_2", "y"), ("s", "S"), ("r", "R")]
    assert skip_mlp.symbolic_graph_edges() == skip_mlp.numeric_graph_edges() == sorted(forward + loss)
    assert skip_mlp.symbolic_graph_edges(given=True) == sorted(forward + loss + given)
    assert skip_mlp.numeric_graph_edges(given=True) == sorted(forward + loss + given)
    assert skip_mlp.symbolic_path_count() == skip_mlp.numeric_path_count() == 3


def test_a_network_without_the_skip_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = skip_mlp._nodes

    def without(given: Any) -> Any:
        return nodes(given) | {"y": lambda v: given["W_2"] @ v["h"] + given["b_2"]}

    monkeypatch.setattr(skip_mlp, "_nodes", without)
    assert skip_mlp.numeric_graph_edges() != skip_mlp.symbolic_graph_edges()
    assert skip_mlp.numeric_path_count() == 2
