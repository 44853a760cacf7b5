"""What comes out of the sandbox becomes a value or is nonsense; nothing else ever happens to the grader."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox import plain
from grader.sandbox.program import Ref
from grader.sandbox.replies import Frames
from grader.sandbox.worker import values

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text(max_size=20)
)
plain_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from("ifcltdarx"), inner, max_size=2)
        | st.tuples(
            st.sampled_from(["f8", "b1", "O8", "i4", "f99"]), st.lists(st.integers(-1, 3)), st.text()
        ).map(lambda body: {"a": list(body)})
    ),
    max_leaves=20,
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth, value), default=0) if isinstance(value, list | tuple) else 0


@given(plain_values)
def test_both_sides_write_and_read_the_same(value: Any) -> None:
    there = values.decode(json.loads(json.dumps(plain.encode(value))))
    assert repr(there) == repr(value)
    if depth(value) > plain.MAX_DEPTH:
        with pytest.raises(values.NotPlain):
            values.encode(there, 2**20)
        return
    back = plain.decode(json.loads(json.dumps(values.encode(there, 2**20))))
    assert repr(back).encode("utf-8", "replace") == repr(value).encode("utf-8", "replace")


@given(json_values)
def test_whatever_comes_is_a_plain_value_or_nonsense(node: Any) -> None:
    try:
        value = plain.decode(node)
    except plain.Nonsense:
        return
    assert _is_plain(value)


def _is_plain(value: Any) -> bool:
    if type(value) in (list, tuple):
        return all(map(_is_plain, value))
    if type(value) is dict:
        return all(type(k) is str and _is_plain(v) for k, v in value.items())
    return value is None or type(value) in (bool, int, float, complex, str, np.ndarray)


@pytest.mark.parametrize(
    "node",
    [
        2**60,
        1.5,
        [1],
        {},
        {"f": 1.0},
        {"f": "0x1p99999999999"},
        {"f": "0x" + "1" * 100},
        {"i": "0x" + "f" * 10**6},
        {"c": ["0x1p0"]},
        {"l": {"l": []}},
        {"d": [["a"]]},
        {"d": [[1, 2]]},
        {"a": ["O8", [1], "AAAAAAAAAAA="]},
        {"a": ["f8", [2], "AAAAAAAAAAA="]},
        {"a": ["f8", [-1], "AAAAAAAAAAA="]},
        {"a": ["f8", [0, 2**62], ""]},
        {"a": ["f8", [1] * 40, "AAAAAAAAAAA="]},
        {"a": ["f8", [1.0], "AAAAAAAAAAA="]},
        {"a": ["f8", [True], "AAAAAAAAAAA="]},
        {"a": ["f8", [1], "AAAAAAAAA*="]},
        {"r": [0, None]},
        {"i": "0x1", "f": "0x1p0"},
    ],
)
def test_what_the_worker_never_writes(node: Any) -> None:
    with pytest.raises(plain.Nonsense):
        plain.decode(node)


def test_deep_nesting_is_nonsense() -> None:
    node: Any = 1
    for _ in range(5000):
        node = {"l": [node]}
    with pytest.raises(plain.Nonsense, match=r"^nested too deeply$"):
        plain.decode(node)


def test_truth_values_are_one_bit() -> None:
    array = plain.decode({"a": ["b1", [3], "AAH/"]})
    assert array.tolist() == [False, True, True]
    assert array.view("u1").tolist() == [0, 1, 1]


def test_only_arguments_refer_to_earlier_calls() -> None:
    assert plain.encode([Ref(0, 1)]) == {"l": [{"r": [0, 1]}]}
    with pytest.raises(TypeError, match=r"^object cannot be given to a student's function$"):
        plain.encode(object())


@given(st.binary(max_size=200), st.integers(1, 50))
def test_frames_of_any_bytes(data: bytes, step: int) -> None:
    frames = Frames(1000)
    try:
        for i in range(0, len(data), step):
            list(frames.feed(data[i : i + step]))
    except plain.Nonsense:
        pass


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"null",
        b'{"e":"cell"}',
        b'{"e":"cell","i":-1}',
        b'{"e":"cell","i":"0"}',
        b'{"e":"cell","i":0,"more":1}',
        b'{"e":"verdict","k":0}',
        b'{"e":"answer","k":0,"value":NaN,"printed":""}',
        b'{"e":"failed","i":0,"fault":{"kind":"correct","name":"","text":"","place":"","line":0,"module":""}}',
        b'{"e":"answer","k":0,"printed":"","value":' + b"[" * 900,
        b'{"e":"done"}\xff',
    ],
)
def test_lines_that_are_no_reply(line: bytes) -> None:
    with pytest.raises(plain.Nonsense):
        list(Frames(1000).feed(struct.pack("<I", len(line)) + line))


def test_a_frame_that_is_too_long_is_not_waited_for() -> None:
    with pytest.raises(plain.Nonsense, match=r"^a frame that is too long$"):
        list(Frames(1000).feed(struct.pack("<I", 1001)))
