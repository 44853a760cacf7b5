"""What a wrong answer most likely got wrong (stub)."""

from __future__ import annotations
from dataclasses import dataclass
from typing import Any
from grader.maths.tree import Node

__all__ = ["KnownMistake", "Mistake", "name_mistake", "name_shape_mistake"]


@dataclass(frozen=True, slots=True)
class KnownMistake:
    node: Node
    id: str
    message: str


@dataclass(frozen=True, slots=True)
class Mistake:
    id: str
    message: str


def name_mistake(p: Any, node: Node, scope: Any) -> Mistake | None:
    return None


def name_shape_mistake(p: Any, fault: Any, same: Any) -> Mistake | None:
    return None
