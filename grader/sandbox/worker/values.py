"""Plain values as JSON, both ways, inside the sandbox. Exact types only: nothing that can pretend.

What each form looks like is said in ``grader/sandbox/plain.py``, which reads and writes the same outside.
"""

from __future__ import annotations

import base64
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

try:
    import numpy
except ImportError:  # a course without numpy
    numpy = None  # type: ignore[assignment]

__all__ = ["NotPlain", "article", "decode", "encode"]

MAX_DEPTH = 8
MAX_BITS = 14_000
MAX_DIMENSIONS = 32
MAX_EXTENT = 2**31
KINDS = "biufc"


class NotPlain(Exception):
    """The sentence says what stands in the way; ``{}`` is put there by whoever knows what was asked."""


def decode(node: Any) -> Any:
    """What the grader sent, as arguments; an array is a fresh one every time."""
    if node is None or type(node) in (bool, int, str):
        return node
    ((tag, body),) = node.items()
    match tag:
        case "i":
            return int(body, 16)
        case "f":
            return float.fromhex(body)
        case "c":
            return complex(float.fromhex(body[0]), float.fromhex(body[1]))
        case "l":
            return [decode(x) for x in body]
        case "t":
            return tuple(decode(x) for x in body)
        case "d":
            return {key: decode(x) for key, x in body}
        case "a":
            kind, shape, data = body
            return _frombuffer(base64.b64decode(data), dtype=kind).reshape(shape).copy()
    raise ValueError(tag)


def encode(value: Any, budget: int) -> Any:
    """
    Raises:
        NotPlain: something that is no number, text, array or list of these, or too much of it.
    """
    return _Encoder(budget).encode(value, 0)


class _Encoder:
    def __init__(self, budget: int) -> None:
        self.left = budget
        self.all = budget

    def take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise NotPlain(f"is larger than the {self.all // 1024} KiB that are looked at")

    def encode(self, value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise NotPlain(f"is nested more than {MAX_DEPTH} deep")
        kind = type(value)
        self.take(8)
        if value is None or kind is bool:
            return value
        encoder = _EXACT.get(kind)
        if encoder is not None:
            return encoder(self, value, depth)
        if kind in _SCALARS:
            return self.encode(_short(value) if kind in _LONG else value.item(), depth)
        raise NotPlain(f"is {article(kind)}, which is no number, text, array or list of these")

    def integer(self, value: int, depth: int) -> Any:
        if -(2**53) <= value <= 2**53:
            return value
        if value.bit_length() > MAX_BITS:
            raise NotPlain(f"is an integer of {value.bit_length()} bits")
        return {"i": hex(value)}

    def float(self, value: float, depth: int) -> Any:
        self.take(16)
        return {"f": float.hex(value)}

    def complex(self, value: complex, depth: int) -> Any:
        self.take(40)
        return {"c": [float.hex(value.real), float.hex(value.imag)]}

    def text(self, value: str, depth: int) -> Any:
        self.take(len(value) if value.isascii() and value.isprintable() else 6 * len(value))
        return value.encode("utf-8", "replace").decode("utf-8")

    def list(self, value: list[Any], depth: int) -> Any:
        self.take(2 * len(value))
        return {"l": [self.encode(x, depth + 1) for x in value]}

    def tuple(self, value: tuple[Any, ...], depth: int) -> Any:
        self.take(2 * len(value))
        return {"t": [self.encode(x, depth + 1) for x in value]}

    def dict(self, value: dict[Any, Any], depth: int) -> Any:
        self.take(2 * len(value))
        pairs = []
        for key, item in dict.items(value):
            if type(key) is not str:
                raise NotPlain(f"is a dictionary with {article(type(key))} as a key; only text will do")
            pairs.append([self.text(key, depth), self.encode(item, depth + 1)])
        return {"d": pairs}

    def array(self, value: Any, depth: int) -> Any:
        if type(value) is not _ndarray:
            value = _ndarray.view(value, _ndarray)
        dtype = value.dtype
        if dtype.kind in "OU":
            self.take(value.nbytes)
            return self.encode(value.tolist(), depth)
        if dtype.kind not in KINDS:
            raise NotPlain(f"is an array of {dtype.name}, which are no numbers")
        self.take(4 * (value.nbytes // 3))
        if len(value.shape) > MAX_DIMENSIONS or any(n >= MAX_EXTENT for n in value.shape):
            raise NotPlain("is an array of a shape that is too large to be looked at")
        if (dtype.kind == "f" and dtype.itemsize > 8) or (dtype.kind == "c" and dtype.itemsize > 16):
            value = value.astype("f8" if dtype.kind == "f" else "c16")
        value = value.astype(value.dtype.newbyteorder("<"), copy=False)
        name = f"{value.dtype.kind}{value.dtype.itemsize}"
        return {"a": [name, list(value.shape), base64.b64encode(value.tobytes()).decode("ascii")]}


_EXACT: dict[type, Callable[[_Encoder, Any, int], Any]] = {
    int: _Encoder.integer,
    float: _Encoder.float,
    complex: _Encoder.complex,
    str: _Encoder.text,
    list: _Encoder.list,
    tuple: _Encoder.tuple,
    dict: _Encoder.dict,
    OrderedDict: _Encoder.dict,
    defaultdict: _Encoder.dict,
    range: lambda self, value, depth: self.list(value, depth),
}
_SCALARS: frozenset[type] = frozenset()
_LONG: frozenset[type] = frozenset()
_frombuffer: Any = None
_ndarray: Any = None
if numpy is not None:
    # by names of our own: whoever replaces them in numpy replaces them for himself
    _frombuffer, _ndarray = numpy.frombuffer, numpy.ndarray
    _EXACT[numpy.ndarray] = _EXACT[numpy.matrix] = _Encoder.array
    _SCALARS = frozenset(numpy.dtype(c).type for c in "?bBhHiIlLqQefdgFDGU")
    _LONG = frozenset({numpy.longdouble, numpy.clongdouble}) - {numpy.float64, numpy.complex128}


def _short(value: Any) -> Any:
    """A long double as the nearest double: what the grader compares."""
    return value.astype("c16" if value.dtype.kind == "c" else "f8").item()


def article(kind: type) -> str:
    name = type.__getattribute__(kind, "__name__")
    text = name if type(name) is str else "?"
    module = kind.__dict__.get("__module__", "builtins")
    if type(module) is str and module not in ("builtins", "__main__"):
        text = f"{module.partition('.')[0]} {text}"
    return ("an " if text[:1] in "aeiouAEIOU" else "a ") + text[:80]
