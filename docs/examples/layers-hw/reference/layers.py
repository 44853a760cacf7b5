"""Layers of a small convolutional network: cases for student code, and what is expected of them.

Forward passes are computed twice, with whole arrays (``numeric_``) and with loops over their definition
(``naive_``). Gradients are measured by central differences of a forward pass (``numeric_``) and derived by
hand (``naive_``). Inputs are eighths: away from the kinks a linear layer's differences are then exact.

Images are (samples, channels, height, width).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

TOLERANCE = 1e-7
Array = npt.NDArray[np.float64]

STEP = 1 / 64  # of differences where the function is linear between kinks
SMALL_STEP = 1e-5


def _eighths(rng: np.random.Generator, *shape: int) -> Array:
    return rng.integers(-8, 9, size=shape) / 8


def _distinct(rng: np.random.Generator, *shape: int) -> Array:
    """No two alike and none zero: there is one largest entry in every window, and no kink nearby."""
    size = int(np.prod(shape))
    values = np.arange(1, size + 1) / 8 * np.where(rng.random(size) < 0.5, -1, 1)
    return np.asarray(rng.permutation(values).reshape(shape))


def _slope(f: Callable[[Array], Any], x: Array, dout: Any, h: float = STEP) -> Array:
    """The gradient of <dout, f> at x by central differences."""
    out = np.zeros(x.shape)
    for at in np.ndindex(*x.shape):
        up, down = x.copy(), x.copy()
        up[at] += h
        down[at] -= h
        out[at] = np.sum(dout * (f(up) - f(down))) / (2 * h)
    return out


# --- affine ------------------------------------------------------------------------------------------------

_AFFINE = {
    "small": (2, (2,), 2),
    "one sample": (1, (3,), 2),
    "wide": (3, (4,), 5),
    "images": (2, (2, 2, 2), 3),
}


def inputs_affine_forward(rng: np.random.Generator, case: str) -> tuple[Array, Array, Array]:
    """x, w, b."""
    n, inside, m = _AFFINE[case]
    return _eighths(rng, n, *inside), _eighths(rng, int(np.prod(inside)), m), 1 + _eighths(rng, m) / 2


def numeric_affine_forward(x: Array, w: Array, b: Array) -> Array:
    return np.asarray(x.reshape(len(x), -1) @ w + b)


def naive_affine_forward(x: Array, w: Array, b: Array) -> Array:
    out = np.zeros((len(x), w.shape[1]))
    for i, sample in enumerate(x):
        for j in range(w.shape[1]):
            out[i, j] = b[j] + sum(v * w[k, j] for k, v in enumerate(sample.ravel()))
    return out


def mistake_no_bias(x: Array, w: Array, b: Array) -> Array:
    return numeric_affine_forward(x, w, 0 * b)


def inputs_affine_backward(rng: np.random.Generator, case: str) -> tuple[Array, Array, Array, Array]:
    """x, w, b, dout."""
    x, w, b = inputs_affine_forward(rng, case)
    return x, w, b, _eighths(rng, len(x), len(b))


def numeric_affine_backward(x: Array, w: Array, b: Array, dout: Array) -> tuple[Array, Array, Array]:
    f = numeric_affine_forward
    return (
        _slope(lambda v: f(v, w, b), x, dout),
        _slope(lambda v: f(x, v, b), w, dout),
        _slope(lambda v: f(x, w, v), b, dout),
    )


def naive_affine_backward(x: Array, w: Array, b: Array, dout: Array) -> tuple[Array, Array, Array]:
    flat = x.reshape(len(x), -1)
    return (dout @ w.T).reshape(x.shape), flat.T @ dout, dout.sum(axis=0)


def mistake_bias_mean(x: Array, w: Array, b: Array, dout: Array) -> tuple[Array, Array, Array]:
    dx, dw, _ = naive_affine_backward(x, w, b, dout)
    return dx, dw, dout.mean(axis=0)


# --- ReLU --------------------------------------------------------------------------------------------------

_SHAPES = {"row": (4,), "small": (2, 3), "images": (2, 2, 3, 2)}


def inputs_relu_forward(rng: np.random.Generator, case: str) -> tuple[Array]:
    return (_distinct(rng, *_SHAPES[case]),)


def numeric_relu_forward(x: Array) -> Array:
    return np.maximum(x, 0)


def naive_relu_forward(x: Array) -> Array:
    return np.array([v if v > 0 else 0.0 for v in x.ravel()]).reshape(x.shape)


def inputs_relu_backward(rng: np.random.Generator, case: str) -> tuple[Array, Array]:
    """x, dout."""
    return _distinct(rng, *_SHAPES[case]), _distinct(rng, *_SHAPES[case])


def numeric_relu_backward(x: Array, dout: Array) -> Array:
    return _slope(numeric_relu_forward, x, dout)


def naive_relu_backward(x: Array, dout: Array) -> Array:
    return np.array([d if v > 0 else 0.0 for v, d in zip(x.ravel(), dout.ravel(), strict=True)]).reshape(
        x.shape
    )


def mistake_relu_of_dout(x: Array, dout: Array) -> Array:
    """The sign of the gradient that comes in decides, not that of x."""
    return np.maximum(dout, 0)


# --- softmax loss ------------------------------------------------------------------------------------------


def inputs_softmax_loss(rng: np.random.Generator, case: str) -> tuple[Array, npt.NDArray[np.int64]]:
    """x: scores (samples, classes), y: the right classes. ``large``: scores whose exponentials overflow."""
    n, classes = {"small": (2, 3), "one sample": (1, 4), "many": (6, 5), "large": (2, 3)}[case]
    x = _eighths(rng, n, classes) + (1000.0 if case == "large" else 0.0)
    return x, rng.integers(0, classes, size=n)


def _loss(x: Array, y: npt.NDArray[np.int64]) -> float:
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-log_p[np.arange(len(y)), y].mean())


def numeric_softmax_loss(x: Array, y: npt.NDArray[np.int64]) -> tuple[float, Array]:
    base = x - np.round(x.mean())  # the loss does not change, the differences lose fewer digits
    return _loss(x, y), _slope(lambda v: _loss(v, y), base, 1.0, SMALL_STEP)


def naive_softmax_loss(x: Array, y: npt.NDArray[np.int64]) -> tuple[float, Array]:
    loss, dx = 0.0, np.zeros(x.shape)
    for i, scores in enumerate(x):
        terms = [float(np.exp(s - scores.max())) for s in scores]
        for j, term in enumerate(terms):
            p = term / sum(terms)
            dx[i, j] = (p - (j == y[i])) / len(x)
            loss -= float(np.log(p)) / len(x) if j == y[i] else 0.0
    return loss, dx


def mistake_not_averaged(x: Array, y: npt.NDArray[np.int64]) -> tuple[float, Array]:
    loss, dx = naive_softmax_loss(x, y)
    return loss * len(x), dx * len(x)


def mistake_gradient_not_averaged(x: Array, y: npt.NDArray[np.int64]) -> tuple[float, Array]:
    loss, dx = naive_softmax_loss(x, y)
    return loss, dx * len(x)


# --- convolution -------------------------------------------------------------------------------------------

# samples, channels, height, width; filters, their height and width; stride, padding
_CONV = {
    "small": (1, 1, 3, 3, 1, 2, 2, 1, 0),
    "padded": (1, 2, 4, 4, 2, 3, 3, 1, 1),
    "strided": (2, 2, 5, 5, 3, 3, 3, 2, 0),
    "strided and padded": (2, 1, 5, 7, 2, 3, 3, 2, 1),
    "wide": (1, 2, 3, 6, 2, 2, 3, 1, 0),
}


def inputs_conv_forward(rng: np.random.Generator, case: str) -> tuple[Array, Array, Array, int, int]:
    """x, w, b, stride, pad."""
    n, c, h, width, f, fh, fw, stride, pad = _CONV[case]
    return _eighths(rng, n, c, h, width), _eighths(rng, f, c, fh, fw), 1 + _eighths(rng, f) / 2, stride, pad


def numeric_conv_forward(x: Array, w: Array, b: Array, stride: int, pad: int) -> Array:
    """Every window as a row of a matrix (im2col), and one product."""
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    n, _, rows, columns = windows.shape[:4]
    matrix = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * rows * columns, -1)
    out = matrix @ w.reshape(len(w), -1).T + b
    return np.asarray(out.reshape(n, rows, columns, len(w)).transpose(0, 3, 1, 2))


def naive_conv_forward(x: Array, w: Array, b: Array, stride: int, pad: int) -> Array:
    (n, c, h, width), (f, _, fh, fw) = x.shape, w.shape
    out = np.zeros((n, f, (h + 2 * pad - fh) // stride + 1, (width + 2 * pad - fw) // stride + 1))
    for i, k, row, column in np.ndindex(*out.shape):
        total = float(b[k])
        for channel, down, right in itertools.product(range(c), range(fh), range(fw)):
            y, z = row * stride + down - pad, column * stride + right - pad
            if 0 <= y < h and 0 <= z < width:
                total += x[i, channel, y, z] * w[k, channel, down, right]
        out[i, k, row, column] = total
    return out


def mistake_flipped(x: Array, w: Array, b: Array, stride: int, pad: int) -> Array:
    return numeric_conv_forward(x, w[:, :, ::-1, ::-1], b, stride, pad)


def mistake_conv_no_bias(x: Array, w: Array, b: Array, stride: int, pad: int) -> Array:
    return numeric_conv_forward(x, w, 0 * b, stride, pad)


def mistake_not_padded(x: Array, w: Array, b: Array, stride: int, pad: int) -> Array:
    return numeric_conv_forward(x, w, b, stride, 0)


def mistake_not_strided(x: Array, w: Array, b: Array, stride: int, pad: int) -> Array:
    return numeric_conv_forward(x, w, b, 1, pad)


def inputs_conv_backward(rng: np.random.Generator, case: str) -> tuple[Array, Array, Array, int, int, Array]:
    """x, w, b, stride, pad, dout."""
    x, w, b, stride, pad = inputs_conv_forward(rng, case)
    return x, w, b, stride, pad, _eighths(rng, *numeric_conv_forward(x, w, b, stride, pad).shape)


def numeric_conv_backward(
    x: Array, w: Array, b: Array, stride: int, pad: int, dout: Array
) -> tuple[Array, Array, Array]:
    def f(x: Array, w: Array, b: Array) -> Array:
        return numeric_conv_forward(x, w, b, stride, pad)

    return (
        _slope(lambda v: f(v, w, b), x, dout),
        _slope(lambda v: f(x, v, b), w, dout),
        _slope(lambda v: f(x, w, v), b, dout),
    )


def naive_conv_backward(
    x: Array, w: Array, b: Array, stride: int, pad: int, dout: Array
) -> tuple[Array, Array, Array]:
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
    for i, k, row, column in np.ndindex(*dout.shape):
        d = dout[i, k, row, column]
        db[k] += d
        for channel, down, right in np.ndindex(*w.shape[1:]):
            y, z = row * stride + down - pad, column * stride + right - pad
            if 0 <= y < x.shape[2] and 0 <= z < x.shape[3]:
                dx[i, channel, y, z] += d * w[k, channel, down, right]
                dw[k, channel, down, right] += d * x[i, channel, y, z]
    return dx, dw, db


# --- max pooling -------------------------------------------------------------------------------------------

# samples, channels, height, width; size of the window, stride
_POOL = {
    "small": (1, 1, 4, 4, 2, 2),
    "channels": (2, 3, 4, 6, 2, 2),
    "overlapping": (1, 2, 5, 5, 3, 2),
    "gaps": (1, 1, 5, 5, 2, 3),
}


def inputs_pool_forward(rng: np.random.Generator, case: str) -> tuple[Array, int, int]:
    """x, size, stride. Where windows overlap, all of them hold the largest entry, in the middle."""
    *shape, size, stride = _POOL[case]
    x = _distinct(rng, *shape)
    if case == "overlapping":
        x[:, :, 2, 2] = x.max() + np.arange(1, shape[1] + 1) / 8
    return x, size, stride


def numeric_pool_forward(x: Array, size: int, stride: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    return np.asarray(windows[:, :, ::stride, ::stride].max(axis=(4, 5)))


def naive_pool_forward(x: Array, size: int, stride: int) -> Array:
    n, c, h, width = x.shape
    out = np.zeros((n, c, (h - size) // stride + 1, (width - size) // stride + 1))
    for i, k, row, column in np.ndindex(*out.shape):
        out[i, k, row, column] = max(
            x[i, k, row * stride + a, column * stride + b] for a in range(size) for b in range(size)
        )
    return out


def mistake_mean_pool(x: Array, size: int, stride: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    return np.asarray(windows[:, :, ::stride, ::stride].mean(axis=(4, 5)))


def inputs_pool_backward(rng: np.random.Generator, case: str) -> tuple[Array, int, int, Array]:
    """x, size, stride, dout."""
    x, size, stride = inputs_pool_forward(rng, case)
    return x, size, stride, _eighths(rng, *numeric_pool_forward(x, size, stride).shape)


def numeric_pool_backward(x: Array, size: int, stride: int, dout: Array) -> Array:
    return _slope(lambda v: numeric_pool_forward(v, size, stride), x, dout)


def naive_pool_backward(x: Array, size: int, stride: int, dout: Array) -> Array:
    dx = np.zeros(x.shape)
    for i, k, row, column in np.ndindex(*dout.shape):
        window = x[i, k, row * stride : row * stride + size, column * stride : column * stride + size]
        a, b = divmod(int(window.argmax()), window.shape[1])
        dx[i, k, row * stride + a, column * stride + b] += dout[i, k, row, column]
    return dx


def mistake_overwritten(x: Array, size: int, stride: int, dout: Array) -> Array:
    """Where windows overlap, the last gradient replaces the others."""
    dx = np.zeros(x.shape)
    for i, k, row, column in np.ndindex(*dout.shape):
        window = x[i, k, row * stride : row * stride + size, column * stride : column * stride + size]
        a, b = divmod(int(window.argmax()), window.shape[1])
        dx[i, k, row * stride + a, column * stride + b] = dout[i, k, row, column]
    return dx


# --- a numerical Jacobian ----------------------------------------------------------------------------------


def _f(w: Array) -> Array:
    """f(w) = (exp(w_1 w_2), w_1 + w_2^3): the function of the sheet."""
    return np.array([np.exp(w[0] * w[1]), w[0] + w[1] ** 3])


def inputs_jacobian(rng: np.random.Generator, case: str) -> tuple[Array, float]:
    """w, h."""
    return _distinct(rng, 2) * 2, {"coarse": 0.25, "fine": 0.01}[case]


def numeric_jacobian(w: Array, h: float) -> Array:
    """Central differences; ``holds_jacobian`` accepts the other schemes too."""
    unit = np.eye(2) * h
    return np.stack([(_f(w + e) - _f(w - e)) / (2 * h) for e in unit], axis=1)


def naive_jacobian(w: Array, h: float) -> Array:
    """By hand: sinh and the binomial theorem in place of differences of f."""
    a, b = float(w[0]), float(w[1])
    return np.array(
        [
            [np.exp(a * b) * np.sinh(h * b) / h, np.exp(a * b) * np.sinh(h * a) / h],
            [1.0, 3 * b**2 + h**2],
        ]
    )


def holds_jacobian(arguments: tuple[Array, float], value: Array) -> str | None:
    """Forward, backward or central differences, one scheme for all entries."""
    w, h = arguments
    unit = np.eye(2) * h
    ahead = np.stack([(_f(w + e) - _f(w)) / h for e in unit], axis=1)
    behind = np.stack([(_f(w) - _f(w - e)) / h for e in unit], axis=1)
    if any(np.allclose(value, J, rtol=1e-6, atol=1e-7) for J in (ahead, behind, (ahead + behind) / 2)):
        return None
    return "is none of the forward, backward and central differences"


def mistake_exact_jacobian(w: Array, h: float) -> Array:
    e = float(np.exp(w[0] * w[1]))
    return np.array([[w[1] * e, w[0] * e], [1.0, 3 * w[1] ** 2]])


def mistake_transposed_jacobian(w: Array, h: float) -> Array:
    return numeric_jacobian(w, h).T


# --- an experiment: RMSProp on one sample ------------------------------------------------------------------


def inputs_rmsprop_limit(rng: np.random.Generator, case: str) -> tuple[()]:
    return ()


def numeric_rmsprop_limit() -> Array:
    """RMSProp from zero on x = (2, 1), t = 2, run until it stands."""
    x, w, v = np.array([2.0, 1.0]), np.zeros(2), np.zeros(2)
    for _ in range(4000):
        g = 2 * (x @ w - 2) * x
        v = 0.9 * v + 0.1 * g * g
        w -= 1e-3 * g / (np.sqrt(v) + 1e-8)
    return w


def naive_rmsprop_limit() -> Array:
    """Both coordinates take equal steps, so w_1 = w_2 = t / (x_1 + x_2)."""
    return np.array([2 / 3, 2 / 3])


def holds_rmsprop_limit(arguments: tuple[()], value: Array) -> str | None:
    """A solution that is not the shortest one; what learning rate and how many steps is free."""
    residual = abs(2 * value[0] + value[1] - 2)
    if not residual <= 2e-2:
        return f"does not solve 2 w_1 + w_2 = 2 (off by {residual:.2g}; were there enough steps?)"
    if np.linalg.norm(value) <= 2 / np.sqrt(5) + 1e-3:
        return "is the shortest solution, which RMSProp does not find"
    if abs(value[0] - value[1]) > 2e-2:
        return "is a solution that RMSProp does not reach from zero: its coordinates take equal steps"
    return None


def mistake_shortest() -> Array:
    return np.array([0.8, 0.4])


TOLERANCES = {"rmsprop_limit": 1e-3, "softmax_loss": 1e-6}
