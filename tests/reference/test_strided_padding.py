"""Paddings that keep 32-16-8-16-32: derived, and found by trying them all."""

from __future__ import annotations

import pytest

from reference import strided_padding

CHECKS = (
    "all values are whole numbers, not negative",
    "the convolutions keep 32-16-8",
    "the transposed convolutions keep 8-16-32",
    "output padding is below the stride, 2",
)


@pytest.mark.parametrize("k", range(1, 10))
@pytest.mark.parametrize("name", ["conv_padding", "transposed_padding", "output_padding"])
def test_twins_agree(name: str, k: int) -> None:
    expected = k % 2 if name == "output_padding" else (k - 1) // 2
    assert getattr(strided_padding, f"symbolic_{name}")(k) == expected
    assert getattr(strided_padding, f"numeric_{name}")(k) == expected


def test_the_sheets_kernels() -> None:
    assert [strided_padding.conv_paddings(k) for k in (3, 4, 5)] == [[1], [1], [2]]
    assert [strided_padding.transposed_paddings(k) for k in (3, 4, 5)] == [[(1, 1)], [(1, 0)], [(2, 1)]]


def test_larger_output_paddings_would_fit_too() -> None:
    """Which is why the limit, output padding below the stride, belongs to the requirements."""
    assert strided_padding.transposed_paddings(4, below_stride=False)[:3] == [(1, 0), (2, 2), (3, 4)]
    assert strided_padding.transposed_paddings(5, below_stride=False)[:2] == [(2, 1), (3, 3)]


@pytest.mark.parametrize(
    ("values", "wrong", "seen"),
    [
        ((4, 1, 1, 0), (), ""),
        ((5, 2, 2, 1), (), ""),
        ((3, 1, 1, 1), (), ""),
        ((4, 1, 1, 1), (2,), "8-17-33"),
        ((4, 2, 1, 0), (1,), "32-17-9"),
        ((4, 1, 2, 2), (3,), "2"),
        ((5, 1, 2, 1), (1,), "32-15-7"),
        ((5, 2, 3, 3), (3,), "3"),
        ((5, 2, 2, 0), (2,), "8-15-31"),
        ((5, 1.5, 2, 1), (0,), "k = 5, p_conv = 1.5, p = 2, op = 1"),
        ((4, 1, -1, 0), (0,), "k = 4, p_conv = 1, p = -1, op = 0"),
        ((4, 1, 1, float("nan")), (0,), "k = 4, p_conv = 1, p = 1, op = nan"),
        ((50, 0, 24, 0), (1,), "32-0-0"),
    ],
)
def test_values_are_tried(values: tuple[float, ...], wrong: tuple[int, ...], seen: str) -> None:
    requirements = strided_padding.witness_padding(*values)
    assert [what for what, (met, _) in requirements.items() if not met] == [CHECKS[i] for i in wrong]
    if wrong:
        assert requirements[CHECKS[wrong[0]]] == (False, seen)
