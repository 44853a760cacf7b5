"""Counts of PoolUpsampleNet: polynomials held against the handed-out ones and against enumeration."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import sympy as sp

from reference import pool_upsample

NIC, NF, NC, K = sp.symbols("NIC NF NC k")
PRODUCTS = K**2 * (1024 * NIC * NF + 640 * NF**2 + 256 * NF * NC + 1024 * NC**2)
POINTS = [(1, 32, 24, 3), (2, 5, 3, 4), (3, 1, 2, 5), (6, 4, 1, 1)]
FLAGS = list(itertools.product((0, 1), repeat=5))


def test_weights() -> None:
    products = K**2 * (NIC * NF + 4 * NF**2 + NF * NC + NC**2)
    for bias, norm, rest in [
        (1, 1, 12 * NF + 4 * NC),
        (0, 0, 0),
        (1, 0, 4 * NF + 2 * NC),
        (0, 1, 8 * NF + 2 * NC),
    ]:
        assert sp.expand(pool_upsample.symbolic_weights(NIC, NF, NC, K, bias, norm) - products - rest) == 0


def test_outputs() -> None:
    cases: list[tuple[dict[str, int], Any]] = [
        ({}, 2880 * NF + 3328 * NC),
        ({"norm": 0}, 2240 * NF + 2304 * NC),
        ({"norm": 0, "pool": 0, "up": 0}, 1600 * NF + 1280 * NC),
        ({"relu": 1}, 3520 * NF + 4352 * NC),
    ]
    for flags, counted in cases:
        assert sp.expand(pool_upsample.symbolic_outputs(NF, NC, **flags) - counted) == 0
        assert sp.expand(pool_upsample.symbolic_outputs_doubled(NF, NC, **flags) - 4 * counted) == 0


def test_connections() -> None:
    cases: list[tuple[dict[str, int], Any]] = [
        ({}, 2432 * NF + 2048 * NC),
        ({"norm": 0}, 1792 * NF + 1024 * NC),
        ({"norm": 0, "pool": 0, "up": 0}, 0),
        ({"relu": 1}, 3072 * NF + 3072 * NC),
        ({"bias": 1}, 4032 * NF + 3328 * NC),
        ({"pool_edges": 1}, 1280 * NF + 2048 * NC),
    ]
    for flags, rest in cases:
        assert sp.expand(pool_upsample.symbolic_connections(NIC, NF, NC, K, **flags) - PRODUCTS - rest) == 0
        doubled = pool_upsample.symbolic_connections_doubled(NIC, NF, NC, K, **flags)
        assert sp.expand(doubled - 4 * (PRODUCTS + rest)) == 0


@pytest.mark.parametrize("point", POINTS, ids=str)
@pytest.mark.parametrize("flags", FLAGS, ids=str)
def test_enumeration_agrees_under_every_convention(
    point: tuple[int, int, int, int], flags: tuple[int, int, int, int, int]
) -> None:
    bias, norm, relu, pool, up = flags
    weights = {"bias": bias, "norm": norm}
    outputs = {"norm": norm, "relu": relu, "pool": pool, "up": up}
    assert pool_upsample.symbolic_weights(*point, **weights) == pool_upsample.numeric_weights(
        *point, **weights
    )
    for size in ("", "_doubled"):
        symbolic, numeric = (
            getattr(pool_upsample, f"{half}_outputs{size}")(*point[1:3], **outputs)
            for half in ("symbolic", "numeric")
        )
        assert symbolic == numeric
        for pool_edges in (1, 4):
            symbolic, numeric = (
                getattr(pool_upsample, f"{half}_connections{size}")(
                    *point, **outputs, bias=bias, pool_edges=pool_edges
                )
                for half in ("symbolic", "numeric")
            )
            assert symbolic == numeric


def test_edges_into_the_padding() -> None:
    assert pool_upsample.numeric_connections(1, 32, 24, 3) == 13_398_016
    assert pool_upsample.connections_inside(1, 32, 24, 3) == 12_449_152
    assert pool_upsample.connections_inside(1, 32, 24, 1) == pool_upsample.numeric_connections(1, 32, 24, 1)
