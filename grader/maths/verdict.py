"""What a comparison says: the verdict, its reason, its evidence, and words for the student."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from grader.errors import MathsFault, RubricError
from grader.maths.printing import show
from grader.maths.products import shape_text
from grader.maths.tree import Node, Shape

__all__ = [
    "Comparison",
    "Said",
    "Tolerance",
    "internal",
    "invalid",
    "plain_shape",
    "shape_words",
    "undecided",
]


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


class Said(NamedTuple):
    """What explains a verdict: ``evidence["level"]`` is proved, supported or refuted."""

    message: str
    evidence: Mapping[str, Any] = {}
    mistake: str | None = None


class Comparison:
    """``verdict``: equivalent, different, invalid, undecided; ``reason`` says why. The rest explains:
    ``message`` in words for the student, ``evidence`` with its level, ``mistake`` where one was recognised,
    ``read_as`` the answer as it was read.

    To explain a verdict can take longer than to reach it, and many are only asked whether the answer is
    right. So the explanation is made when somebody first asks for it; it depends on nothing but the
    question and the answer.
    """

    __slots__ = ("_read_as", "_words", "node", "notes", "place", "reason", "verdict")

    def __init__(
        self,
        verdict: str,
        message: str,
        reason: str = "",
        evidence: Mapping[str, Any] | None = None,
        mistake: str | None = None,
        notes: tuple[str, ...] = (),
        place: tuple[int, int] | None = None,
        node: Node | None = None,
        more: tuple[Callable[[Said], Said], ...] = (),
    ) -> None:
        self.verdict = verdict
        self.reason = reason
        self.notes = notes
        self.place = place
        self.node = node
        # what is said so far, and what adds to it, one after the other
        self._words = (Said(message, {} if evidence is None else evidence, mistake), more)
        self._read_as: str | None = None

    @property
    def equivalent(self) -> bool:
        return self.verdict == "equivalent"

    @property
    def said(self) -> Said:
        """Message, evidence and mistake."""
        said, more = self._words
        if more:
            for add in more:
                try:
                    said = add(said)
                except Exception as fault:  # the verdict stands, whatever becomes of its explanation
                    found = {**said.evidence, "unexplained": type(fault).__name__}
                    said = said._replace(evidence=found)
            self._words = (said, ())
        return said

    @property
    def message(self) -> str:
        return self.said.message

    @property
    def evidence(self) -> Mapping[str, Any]:
        return self.said.evidence

    @property
    def mistake(self) -> str | None:
        return self.said.mistake

    @property
    def read_as(self) -> str:
        if self._read_as is None:
            try:
                self._read_as = "" if self.node is None else show(self.node)
            except Exception:  # it is only for reading
                self._read_as = ""
        return self._read_as

    def about(self, node: Node, notes: tuple[str, ...], *add: Callable[[Said], Said]) -> Comparison:
        """This verdict with the answer it is on, and with more to say when it is asked."""
        (message, evidence, mistake), more = self._words
        more = (*more, *add)
        return Comparison(
            self.verdict, message, self.reason, evidence, mistake, notes, self.place, node, more
        )

    def _whole(self) -> tuple[Any, ...]:
        return (
            self.verdict,
            self.message,
            self.reason,
            self.evidence,
            self.mistake,
            self.notes,
            self.place,
            self.node,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Comparison) and self._whole() == other._whole()

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return (Comparison, self._whole())

    def __repr__(self) -> str:
        return f"Comparison({self.verdict!r}, {self.message!r})"


def invalid(fault: MathsFault, *add: Callable[[Said], Said]) -> Comparison:
    """What a fault in the answer's own mathematics comes to."""
    return Comparison("invalid", fault.sentence, reason=fault.reason, place=fault.span, more=add)


def undecided(why: str = "", reason: str = "") -> Comparison:
    """A verdict for a person to give; it never means wrong."""
    because = f" ({why})" if why else ""
    return Comparison(
        "undecided",
        f"Whether this equals the expected answer could not be decided{because}; a person looks at it.",
        reason=reason,
    )


def internal(fault: Exception) -> Comparison:
    """A fault of ours: undecided here, an ``error`` finding when a class is graded; never the answer's."""
    return undecided(f"internal: {type(fault).__name__}", reason="internal")


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
