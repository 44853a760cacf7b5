"""The graph of two gradient steps: read off definitions against found by disturbing values."""

from __future__ import annotations

import graphlib

import pytest

from reference import computation_graph

ETA_PATHS = {"full": 4, "gradients": 3, "direct": 2}


@pytest.mark.parametrize("detail", computation_graph.HIDDEN)
def test_twins_agree(detail: str) -> None:
    symbolic, numeric = computation_graph.symbolic_graph_edges, computation_graph.numeric_graph_edges
    assert symbolic(detail) == numeric(detail)
    assert computation_graph.symbolic_path_count(detail) == ETA_PATHS[detail]
    assert computation_graph.numeric_path_count(detail) == ETA_PATHS[detail]


def test_full_graph_edge_by_edge() -> None:
    chain = [("w_0", "w_1"), ("w_1", "w_2"), ("w_2", "L_2")]
    rate = [("eta", "w_1"), ("eta", "w_2")]
    losses = [("w_0", "L_0"), ("L_0", "g_0"), ("w_1", "L_1"), ("L_1", "g_1")]
    gradients = [("w_0", "g_0"), ("g_0", "w_1"), ("w_1", "g_1"), ("g_1", "w_2")]
    assert computation_graph.symbolic_graph_edges() == sorted(chain + rate + losses + gradients)


@pytest.mark.parametrize("detail", computation_graph.HIDDEN)
def test_no_cycle_and_nothing_hidden_is_left(detail: str) -> None:
    edges = computation_graph.numeric_graph_edges(detail)
    graph: dict[str, set[str]] = {}
    for parent, child in edges:
        graph.setdefault(child, set()).add(parent)
    order = list(graphlib.TopologicalSorter(graph).static_order())
    assert order[-1] == "L_2"
    assert not set(order) & set(computation_graph.HIDDEN[detail])


@pytest.mark.parametrize(
    "function", [computation_graph.symbolic_graph_edges, computation_graph.numeric_path_count]
)
def test_unknown_detail(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match=r"^unknown detail 'all': one of full, gradients, direct$"):
        function("all")


def test_a_step_without_eta_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = computation_graph._two_steps()
    nodes["w_2"] = lambda v: v["w_1"] - 0.1 * v["g_1"]
    monkeypatch.setattr(computation_graph, "_two_steps", lambda: nodes)
    assert computation_graph.numeric_graph_edges() != computation_graph.symbolic_graph_edges()
    assert computation_graph.numeric_path_count() == 3
