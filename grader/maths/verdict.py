"""What a comparison says: the verdict, its reason, its evidence, and words for the student."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from grader.errors import MathsFault, RubricError
from grader.maths.products import shape_text
from grader.maths.tree import Node, Shape

__all__ = ["Comparison", "Tolerance", "internal", "invalid", "plain_shape", "shape_words", "undecided"]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may be off: ``rel`` × |expected| or ``abs``, whichever is more.

    It holds for every entry of a vector or matrix by itself, so where 0 is expected only ``abs`` helps.
    """

    rel: float = 0.0
    abs: float = 0.0

    @classmethod
    def of(cls, given: Mapping[str, float]) -> Tolerance:
        """The tolerance that an author gives.

        Raises:
            RubricError: an unknown key, or a number that is no tolerance.
        """
        if set(given) - {"rel", "abs"}:
            raise RubricError(f"tolerance {dict(given)!r}: only 'rel' and 'abs' are known")
        for key, value in given.items():
            if not 0 <= value < math.inf:
                raise RubricError(f"tolerance {key} = {value!r}: it must be 0 or a positive number")
        return cls(**given)

    @property
    def words(self) -> str:
        parts = [f"{name} {v:g}" for name, v in (("relative", self.rel), ("absolute", self.abs)) if v]
        return " or ".join(parts) or "none"


@dataclass(frozen=True, slots=True)
class Comparison:
    """``verdict``: equivalent, different, invalid, undecided. ``evidence["level"]``: proved, supported,
    refuted. ``reason`` and ``message`` say why in words for the student."""

    verdict: str
    message: str
    reason: str = ""
    read_as: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    mistake: str | None = None
    notes: tuple[str, ...] = ()
    place: tuple[int, int] | None = None
    node: Node | None = None

    @property
    def equivalent(self) -> bool:
        return self.verdict == "equivalent"

    def about(self, node: Node, read_as: str, notes: tuple[str, ...]) -> Comparison:
        """This verdict with the answer it is on."""
        return Comparison(
            self.verdict,
            self.message,
            self.reason,
            read_as,
            self.evidence,
            self.mistake,
            notes,
            self.place,
            node,
        )


def invalid(fault: MathsFault) -> Comparison:
    """What a fault in the answer's own mathematics comes to."""
    return Comparison("invalid", fault.sentence, reason=fault.reason, place=fault.span)


def undecided(why: str = "") -> Comparison:
    """A verdict for a person to give; it never means wrong."""
    because = f" ({why})" if why else ""
    return Comparison(
        "undecided",
        f"Whether this equals the expected answer could not be decided{because}; a person looks at it.",
    )


def internal(fault: Exception) -> Comparison:
    """A fault of ours: undecided here, an ``error`` finding when a class is graded; never the answer's."""
    return replace(undecided(f"internal: {type(fault).__name__}"), reason="internal")


def shape_words(shape: Shape) -> str:
    """``a column vector (d×1)``."""
    if shape is None:
        return "a scalar"
    r, c = shape
    if c == 1:
        return f"a column vector {shape_text(shape)}"
    if r == 1:
        return f"a row vector {shape_text(shape)}"
    return f"a matrix {shape_text(shape)}"


def plain_shape(shape: Shape) -> str:
    return "scalar" if shape is None else shape_text(shape)
