"""Immutable records that are made for every answer: immutability is checked by mypy, not again at run time.

``frozen=True`` sets each field through ``object.__setattr__``; a ``Statement`` takes 4.5 µs so,
0.5 µs otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

__all__ = ["record"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """``@dataclass(frozen=True, slots=True)`` for the type checker, without the checks at run time."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
