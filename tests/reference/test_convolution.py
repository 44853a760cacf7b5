"""The 5x5 convolution: polynomial products against nested loops against the printed result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import convolution

PRINTED = [[-1, 2, 2, -2, 0], [-2, 1, 0, 2, -1], [3, 0, 0, 1, -1], [-2, 2, 0, 2, -1], [0, -2, 3, -2, 0]]


@pytest.mark.parametrize("name", convolution.VARIANTS)
def test_twins_agree(name: str) -> None:
    assert convolution.symbolic_variant(name).tolist() == convolution.numeric_variant(name).tolist()


def test_the_printed_matrix() -> None:
    assert convolution.symbolic_convolution().tolist() == PRINTED
    assert convolution.numeric_convolution().tolist() == PRINTED
    assert np.array(convolution.RESULT).tolist() == PRINTED


@pytest.mark.parametrize(("name", "changed"), [("edge", 4), ("wrap", 4), ("reflect", 13), ("same", 0)])
def test_how_many_entries_a_border_changes(name: str, changed: int) -> None:
    assert int((convolution.numeric_variant(name) != np.array(PRINTED)).sum()) == changed


def test_variants_related_to_the_printed_one() -> None:
    printed = np.array(PRINTED)
    assert convolution.numeric_variant("valid").tolist() == [[1, 0, 2], [0, 0, 1], [2, 0, 2]]
    assert np.array_equal(convolution.numeric_variant("full")[1:-1, 1:-1], printed)
    assert np.array_equal(convolution.numeric_variant("negated"), -printed)
    assert np.array_equal(convolution.numeric_variant("centre-5"), printed + np.array(convolution.IMAGE))
    every = [convolution.numeric_variant(name).tolist() for name in convolution.VARIANTS]
    assert all(every.count(matrix) == 1 for matrix in every)


def test_convolution_and_correlation_agree_for_this_filter() -> None:
    assert np.array_equal(np.rot90(convolution.FILTER, 2), convolution.FILTER)


@pytest.mark.parametrize("half", ["symbolic", "numeric"])
def test_both_twins_turn_the_filter(half: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right_neighbour = ((0, 0, 0), (1, 0, 0), (0, 0, 0))  # turned: reads the pixel to the right
    monkeypatch.setitem(convolution.VARIANTS, "shift", (right_neighbour, "same"))
    shifted = np.array(getattr(convolution, f"{half}_variant")("shift").tolist(), dtype=int)
    image = np.array(convolution.IMAGE)
    assert np.array_equal(shifted[:, :-1], image[:, 1:])
    assert not shifted[:, -1].any()


def test_the_image_is_the_only_one() -> None:
    assert convolution.symbolic_operator_determinant() == 32565539635200
    assert convolution.numeric_operator_determinant() == pytest.approx(32565539635200, rel=1e-9)
    assert convolution.symbolic_reconstruction() == sp.Matrix(convolution.IMAGE)
    assert np.allclose(convolution.numeric_reconstruction(), convolution.IMAGE, atol=1e-9)


def test_feature() -> None:
    assert convolution.symbolic_feature() == convolution.numeric_feature() == "edges"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(convolution.CENTRE_5, id="sharpening"),
        pytest.param(((1, 1, 1), (1, 1, 1), (1, 1, 1)), id="blur"),
        pytest.param(((0, 0, 0), (0, 0, 0), (0, 0, 0)), id="zero"),
    ],
)
def test_other_filters_do_not_detect_edges(other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convolution, "FILTER", other)
    assert convolution.symbolic_feature() == convolution.numeric_feature() == "none"


def test_unknown_variant() -> None:
    for half in ("symbolic", "numeric"):
        with pytest.raises(ValueError, match=r"^unknown variant 'mirror': one of same, valid, full, "):
            getattr(convolution, f"{half}_variant")("mirror")


def test_a_changed_pixel_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = ((1, *convolution.IMAGE[0][1:]), *convolution.IMAGE[1:])
    monkeypatch.setattr(convolution, "IMAGE", changed)
    assert convolution.symbolic_convolution().tolist() != PRINTED
    assert convolution.symbolic_reconstruction() != sp.Matrix(changed)
