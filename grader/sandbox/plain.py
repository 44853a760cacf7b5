"""Plain values as JSON, both ways, outside the sandbox: arguments go in, and what comes out is held against
a strict schema, because a student's code may write whatever it likes where its values are read from.

| value | JSON |
| --- | --- |
| None, a truth value, text, an integer up to 2^53 | itself |
| a larger integer | ``{"i": "0x…"}`` |
| a float (also inf and nan), a complex | ``{"f": hex}``, ``{"c": [hex, hex]}`` |
| a list, a tuple | ``{"l": […]}``, ``{"t": […]}`` |
| a dictionary with text as keys | ``{"d": [[key, value], …]}`` |
| an array of numbers or truth values | ``{"a": ["f8", [2, 3], base64]}``, little end first |
| as an argument, what an earlier call returned | ``{"r": [call, item or null]}`` |
"""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

from grader.sandbox.program import Ref

__all__ = ["MAX_DEPTH", "Nonsense", "decode", "encode"]

MAX_DEPTH = 8
MAX_DIMENSIONS = 32
MAX_EXTENT = 2**31
MAX_BITS = 14_000  # Python refuses to print integers of more than 4300 digits
TYPES = frozenset(["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"])


class Nonsense(Exception):
    """What came out of the sandbox is not what the worker writes: the student's code wrote it."""


def encode(value: Any) -> Any:
    """An argument of a call.

    Raises:
        TypeError: a value that cannot cross the border; the caller's fault.
    """
    import numpy

    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return value if abs(value) <= 2**53 else {"i": hex(value)}
    if kind is float:
        return {"f": value.hex()}
    if kind is complex:
        return {"c": [value.real.hex(), value.imag.hex()]}
    if kind is list:
        return {"l": [encode(x) for x in value]}
    if kind is tuple:
        return {"t": [encode(x) for x in value]}
    if kind is dict and all(type(k) is str for k in value):
        return {"d": [[k, encode(x)] for k, x in value.items()]}
    if kind is Ref:
        return {"r": [value.call, value.item]}
    if isinstance(value, numpy.generic) and value.dtype.kind in "biufc" and value.dtype.itemsize <= 16:
        return encode(value.item())
    if kind is numpy.ndarray:
        name = f"{value.dtype.kind}{value.dtype.itemsize}"
        if name in TYPES:
            little = value.astype(value.dtype.newbyteorder("<"), copy=False)
            return {"a": [name, list(value.shape), base64.b64encode(little.tobytes()).decode("ascii")]}
    raise TypeError(f"{kind.__name__} cannot be given to a student's function")


def decode(node: Any, depth: int = 0) -> Any:
    """What a student's function returned, from what ``json`` made of it.

    Raises:
        Nonsense: it is not one of the forms above.
    """
    if depth > MAX_DEPTH + 1:
        raise Nonsense("nested too deeply")
    kind = type(node)
    if node is None or kind is bool or kind is str:
        return node
    if kind is int:
        if abs(node) > 2**53:
            raise Nonsense("a large integer that is no hexadecimal text")
        return node
    if kind is not dict or len(node) != 1:
        raise Nonsense("no form of a value")
    ((tag, body),) = node.items()
    try:
        return _FORMS[tag](body, depth)
    except (KeyError, TypeError, ValueError, OverflowError, binascii.Error) as e:
        raise Nonsense(f"no form of a value: {type(e).__name__}") from None


def _exactly(body: Any, kind: type, length: int | None = None) -> Any:
    if (length is not None and len(body) != length) or type(body) is not kind:
        raise Nonsense("no form of a value")
    return body


def _hexadecimal(body: Any) -> float:
    text = _exactly(body, str)
    if len(text) > 64:
        raise Nonsense("no float")
    return float.fromhex(text)


def _integer(body: Any, depth: int) -> int:
    number = int(_exactly(body, str), 16)
    if number.bit_length() > MAX_BITS:
        raise Nonsense("an integer that is too large")
    return number


def _float(body: Any, depth: int) -> float:
    return _hexadecimal(body)


def _complex(body: Any, depth: int) -> complex:
    real, imaginary = _exactly(body, list, 2)
    return complex(_hexadecimal(real), _hexadecimal(imaginary))


def _list(body: Any, depth: int) -> list[Any]:
    return [decode(x, depth + 1) for x in _exactly(body, list)]


def _tuple(body: Any, depth: int) -> tuple[Any, ...]:
    return tuple(decode(x, depth + 1) for x in _exactly(body, list))


def _dictionary(body: Any, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in _exactly(body, list):
        key, item = _exactly(pair, list, 2)
        found[_exactly(key, str)] = decode(item, depth + 1)
    return found


def _array(body: Any, depth: int) -> Any:
    import numpy

    name, extents, text = _exactly(body, list, 3)
    shape: list[Any] = _exactly(extents, list)
    if type(name) is not str or name not in TYPES or len(shape) > MAX_DIMENSIONS:
        raise Nonsense("no array")
    if any(type(n) is not int or not 0 <= n < MAX_EXTENT for n in shape):
        raise Nonsense("no shape")
    data = base64.b64decode(_exactly(text, str).encode("ascii"), validate=True)
    if math.prod(shape) * int(name[1:]) != len(data):
        raise Nonsense("the shape does not fit the data")
    if name == "b1":  # a truth value is one bit, and what came may be any byte
        return (numpy.frombuffer(data, dtype="u1") != 0).reshape(shape)
    array = numpy.frombuffer(data, dtype="<" + name).reshape(shape)
    return array.astype(array.dtype.newbyteorder("="))  # a copy: it may be written to


_FORMS = {
    "i": _integer,
    "f": _float,
    "c": _complex,
    "l": _list,
    "t": _tuple,
    "d": _dictionary,
    "a": _array,
}
