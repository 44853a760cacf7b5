"""A 3x3 filter on a 5x5 binary image (csc413-2020-hw2, 3.1).

The sheet prints only the result. IMAGE and FILTER are reconstructed from it: with the discrete Laplacian the
result has exactly one preimage, and that is this 0/1 image (``reconstruction``). Convolution turns the filter
by 180 degrees, which changes nothing for this symmetric one. All entries are whole numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

TOLERANCE = 1e-9  # whole numbers; only the linear solve rounds

IMAGE = ((0, 1, 1, 0, 0), (0, 1, 1, 1, 0), (1, 1, 1, 1, 0), (0, 1, 1, 1, 0), (0, 0, 1, 0, 0))
FILTER = ((0, -1, 0), (-1, 4, -1), (0, -1, 0))
RESULT = ((-1, 2, 2, -2, 0), (-2, 1, 0, 2, -1), (3, 0, 0, 1, -1), (-2, 2, 0, 2, -1), (0, -2, 3, -2, 0))
CENTRE_5 = ((0, -1, 0), (-1, 5, -1), (0, -1, 0))
EIGHT_NEIGHBOURS = ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1))
NEGATED = ((0, 1, 0), (1, -4, 1), (0, 1, 0))

# name -> (filter, how the border is treated): cut to size, extended by one pixel, or filled with zeros.
VARIANTS: dict[str, tuple[tuple[tuple[int, ...], ...], str]] = {
    "same": (FILTER, "same"),
    "valid": (FILTER, "valid"),
    "full": (FILTER, "full"),
    "edge": (FILTER, "edge"),
    "wrap": (FILTER, "wrap"),
    "reflect": (FILTER, "reflect"),
    "negated": (NEGATED, "same"),
    "centre-5": (CENTRE_5, "same"),
    "eight-neighbour": (EIGHT_NEIGHBOURS, "same"),
}

Image = npt.NDArray[np.int64]


def _variant(name: str) -> tuple[tuple[tuple[int, ...], ...], str]:
    if name not in VARIANTS:
        raise ValueError(f"unknown variant {name!r}: one of {', '.join(VARIANTS)}")
    return VARIANTS[name]


# --- derived -----------------------------------------------------------------------------------------------


def _product(image: Any, kernel: Any) -> Any:
    """The full convolution: coefficients of the product of two polynomials in x (rows), y (columns)."""
    x, y = sp.Dummy("x"), sp.Dummy("y")

    def polynomial(matrix: Any) -> Any:
        terms = {(i, j): matrix[i, j] for i in range(matrix.rows) for j in range(matrix.cols)}
        return sp.Poly(terms, x, y)

    product = polynomial(image) * polynomial(kernel)
    rows, columns = image.rows + kernel.rows - 1, image.cols + kernel.cols - 1
    return sp.Matrix(rows, columns, lambda i, j: product.coeff_monomial(x**i * y**j))


def _border_index(position: int, size: int, border: str) -> int:
    """Which pixel stands at a position up to one outside the image."""
    if border == "wrap":
        return position % size
    if border == "edge":
        return min(max(position, 0), size - 1)
    return size - 1 - abs(size - 1 - abs(position))  # reflect, without repeating the border itself


def symbolic_convolution() -> Any:
    """IMAGE convolved with FILTER, zero padding, same size: (5, 5).

    Source: the image and the filter as polynomials in two variables, multiplied; the outermost
    coefficients cut off.
    """
    return symbolic_variant("same")


def symbolic_variant(name: str) -> Any:
    """The result under another convention or filter, a key of VARIANTS; 3x3 for "valid", 7x7 for "full".

    Source: polynomial products; for the borders "edge", "wrap" and "reflect" of an image extended by one
    pixel. Raises ValueError for an unknown name.
    """
    kernel, border = _variant(name)
    image = sp.Matrix(IMAGE)
    if border in ("edge", "wrap", "reflect"):
        size = image.rows
        image = sp.Matrix(
            size + 2,
            size + 2,
            lambda i, j: image[_border_index(i - 1, size, border), _border_index(j - 1, size, border)],
        )
        return _product(image, sp.Matrix(kernel))[2:-2, 2:-2]
    full = _product(image, sp.Matrix(kernel))
    cut = {"full": 0, "same": 1, "valid": 2}[border]
    return full[cut : full.rows - cut, cut : full.cols - cut]


def _operator() -> Any:
    """The linear map from an image to its same-size convolution, (25, 25), as a matrix over the fractions."""
    pixels = sp.Matrix(5, 5, sp.symbols("p:25"))
    response = _product(pixels, sp.Matrix(FILTER))[1:-1, 1:-1]
    return response.reshape(25, 1).jacobian(list(pixels)).to_DM().to_field()


def symbolic_reconstruction() -> Any:
    """The only image whose convolution with FILTER is RESULT: (5, 5).

    Source: the convolution of 25 unknown pixels, solved as a linear system by elimination.
    """
    right = sp.Matrix(RESULT).reshape(25, 1).to_DM().to_field()
    return _operator().lu_solve(right).to_Matrix().reshape(5, 5)


def symbolic_operator_determinant() -> Any:
    """The determinant of that system; it is not 0, so the image is the only one."""
    operator = _operator()
    return operator.domain.to_sympy(operator.det())


def symbolic_feature() -> str:
    """What FILTER detects: 'edges', or 'none' where it is not a discrete second derivative.

    Source: on a patch u + v x + w y the response is 0 for all u, v, w; on a general quadratic it is a
    nonzero multiple of the sum of the two second derivatives.
    """
    x, y, u, v, w, a, b, c = sp.symbols("x y u v w a b c")
    surface = u + v * x + w * y + a * x**2 + b * x * y + c * y**2
    response = sp.Integer(0)
    for i, j in itertools.product((-1, 0, 1), repeat=2):
        response += FILTER[1 + i][1 + j] * surface.subs({x: x - i, y: y - j}, simultaneous=True)
    laplacian = sp.diff(surface, x, 2) + sp.diff(surface, y, 2)
    ratio = sp.cancel(sp.expand(response) / laplacian)
    return "edges" if ratio.is_number and ratio != 0 else "none"


# --- measured ----------------------------------------------------------------------------------------------


def _slide(image: Image, kernel: Sequence[Sequence[int]]) -> Image:
    """Every position where the turned filter lies inside the image, summed by hand."""
    turned = [row[::-1] for row in kernel[::-1]]
    size = len(turned)
    rows, columns = image.shape[0] - size + 1, image.shape[1] - size + 1
    response = np.zeros((rows, columns), dtype=np.int64)
    for i in range(rows):
        for j in range(columns):
            for k in range(size):
                for m in range(size):
                    response[i, j] += turned[k][m] * image[i + k, j + m]
    return response


def numeric_convolution() -> Image:
    """IMAGE convolved with FILTER, zero padding, same size: (5, 5). Source: four nested loops."""
    return numeric_variant("same")


def numeric_variant(name: str) -> Image:
    """The result under another convention or filter, a key of VARIANTS; (3, 3) "valid", (7, 7) "full".

    Source: the image padded by numpy, then four nested loops. Raises ValueError for an unknown name.
    """
    kernel, border = _variant(name)
    image = np.array(IMAGE, dtype=np.int64)
    if border == "edge":
        image = np.pad(image, 1, mode="edge")
    elif border == "wrap":
        image = np.pad(image, 1, mode="wrap")
    elif border == "reflect":
        image = np.pad(image, 1, mode="reflect")
    else:
        image = np.pad(image, {"valid": 0, "same": 1, "full": 2}[border])
    return _slide(image, kernel)


def _measured_operator() -> Image:
    """One column for each pixel: the response to that pixel alone."""
    columns = []
    for pixel in range(25):
        image = np.zeros((7, 7), dtype=np.int64)
        image[1 + pixel // 5, 1 + pixel % 5] = 1
        columns.append(_slide(image, FILTER).ravel())
    return np.stack(columns, axis=1)


def numeric_reconstruction() -> npt.NDArray[np.float64]:
    """The only image whose convolution with FILTER is RESULT: (5, 5).

    Source: the response to every single pixel measured, and the system solved in floating point.
    """
    return np.linalg.solve(_measured_operator().astype(float), np.ravel(RESULT)).reshape(5, 5)


def numeric_operator_determinant() -> float:
    """The determinant of that system, in floating point."""
    return float(np.linalg.det(_measured_operator().astype(float)))


def numeric_feature() -> str:
    """What FILTER detects: 'edges', or 'none'.

    Source: patches. No response inside constant areas and ramps in any direction, a response beside a
    step and beside an outline, and none elsewhere.
    """
    rows, columns = np.indices((9, 9))
    flat = [7 + 0 * rows, rows, columns, 3 * rows - 2 * columns + 5]
    step = np.where(columns > 4, 1, 0)
    at_step = np.abs(_slide(step, FILTER)).sum(axis=0)  # one number a column, 1..7
    quiet = all(not _slide(patch, FILTER).any() for patch in flat)
    edges_only = bool((at_step[[3, 4]] > 0).all()) and not np.delete(at_step, [3, 4]).any()
    return "edges" if quiet and edges_only else "none"
