"""The cases of a code criterion: inputs from a seed, what is expected, and how values are held against it.

All of this happens outside of the sandbox, with functions of a trusted reference module:

* ``inputs_<name>(rng, case) -> tuple``: the arguments of a case;
* ``numeric_<name>(*arguments)``: what is expected (a tuple where several values are returned);
* ``naive_<name>(*arguments)`` or ``symbolic_<name>``: the same in another way; ``grade verify`` compares;
* ``holds_<name>(arguments, value) -> str | None``: where many values are right, what is wrong with one
  ("does not solve A x = b");
* ``mistake_<other>(*arguments)``: what a known mistake gives.
"""

from __future__ import annotations

import ast
import hashlib
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.checkers._numbers import difference, numbers, show
from grader.course import course_of, load_reference, reference_function
from grader.errors import ReferenceFault, RubricError
from grader.sandbox.program import Ask, Call, Ran, Ref, State

__all__ = [
    "PUBLIC_SEED",
    "Case",
    "Compared",
    "Reference",
    "Step",
    "fits",
    "make_case",
    "named_slots",
    "read_calls",
    "reference_of",
    "second_opinion",
    "sentence_of",
    "variant",
]

PUBLIC_SEED = "public"  # cases that students may run themselves must not tell anything of the private seed

Slot = int | Ref | tuple[Any]
"""The number of a parameter, what an earlier call returned, or a constant (in a tuple)."""


@dataclass(frozen=True)
class Step:
    """One call: the function and where its arguments come from."""

    function: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Reference:
    """The trusted functions of ``module:name``."""

    name: str
    inputs: Callable[..., Any]
    numeric: Callable[..., Any]
    holds: Callable[..., Any] | None
    second: Callable[..., Any] | None
    tolerance: float


@dataclass(frozen=True)
class Case:
    """``key`` is that of its ask, ``arguments`` those of the reference's function."""

    key: str
    name: str
    public: bool
    arguments: tuple[Any, ...]
    expected: Any

    def ask(self, steps: Sequence[Step], take: Sequence[int], variable: str) -> Ask:
        """To be answered after the last cell of the question: the engine sets ``after``."""
        if variable:
            return Ask(self.key, after=-1, variable=variable)
        last = len(steps) - 1
        calls = tuple(
            Call(
                s.function,
                tuple(self._filled(x) for x in s.slots),
                tuple(take) or None if i == last else None,
            )
            for i, s in enumerate(steps)
        )
        return Ask(self.key, after=-1, calls=calls)

    def _filled(self, slot: Slot) -> Any:
        if isinstance(slot, int):
            return self.arguments[slot]
        return slot if isinstance(slot, Ref) else slot[0]


@dataclass(frozen=True)
class Compared:
    """How values are compared in one criterion."""

    rel: float
    absolute: float
    column: bool
    names: tuple[str, ...]
    holds: Callable[..., Any] | None = None
    taken: bool = False  # one of several values returned: it comes alone, in a tuple

    def fault(self, case: Case, value: Any, judged: Sequence[str]) -> str | None:
        """What is wrong with a value, as the end of a sentence; ``None``: nothing."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # 1e308 squared is a student's value, no fault of the property
            return self._fault(case, value, judged)

    def _fault(self, case: Case, value: Any, judged: Sequence[str]) -> str | None:
        value = self._taken(value, case.expected)
        if self.holds is None:
            return self._difference(value, case.expected, judged)
        # Its shapes are those of the expected value; what the numbers are is the property's to say.
        fault = self._misshapen(value, case.expected, judged)
        if fault is None:
            found = self.holds(case.arguments, _like(value, case.expected))
            fault = None if found is None else f"it gives {show(value)}, which {found}"
        return fault

    def discreet(self, case: Case, value: Any, judged: Sequence[str]) -> str | None:
        """The same for the student's own ears: no number that is expected is said."""
        if self.fault(case, value, judged) is None:
            return None
        value = self._taken(value, case.expected)
        return self._misshapen(value, case.expected, judged) or f"it gives {show(value)}, which is not right"

    def _misshapen(self, value: Any, expected: Any, judged: Sequence[str]) -> str | None:
        """What is wrong with the shapes, whatever the numbers are."""
        wide = Compared(self.rel, float("inf"), self.column, self.names)
        return wide._difference(value, expected, judged)

    def same(self, value: Any, other: Any) -> bool:
        """Whether a value is the one that something else gives."""
        return self._difference(self._taken(value, other), other, ()) is None

    def _taken(self, value: Any, expected: Any) -> Any:
        alone = self.taken and not isinstance(expected, tuple) and isinstance(value, list | tuple)
        return value[0] if alone and len(value) == 1 else value

    def _difference(self, value: Any, expected: Any, judged: Sequence[str]) -> str | None:
        return difference(
            value,
            expected,
            rel=self.rel,
            absolute=self.absolute,
            column=self.column,
            names=self.names,
            judged=judged,
        )


def _like(value: Any, expected: Any) -> Any:
    """A value as arrays of the shapes that are expected."""
    if isinstance(expected, tuple):
        return tuple(_like(v, e) for v, e in zip(value, expected, strict=True))
    got, want = numbers(value), numbers(expected)
    return value if got is None or want is None else got.reshape(want.shape)


def reference_of(run: str, file: str) -> Reference:
    """
    Raises:
        RubricError: there is no such module, or one of its functions is missing.
    """
    course = course_of(Path(file))
    cure = "a code question needs inputs_<name>(rng, case) and numeric_<name>(*arguments)"
    try:
        inputs = reference_function(course, run, "inputs", cure)
        numeric = reference_function(course, run, "numeric", cure)
    except ReferenceFault as e:
        raise RubricError(f"`run`: {e}") from e
    module_name, _, name = run.partition(":")
    module = load_reference(course, module_name)
    second = getattr(module, f"naive_{name}", None) or getattr(module, f"symbolic_{name}", None)
    tolerance = getattr(module, "TOLERANCES", {}).get(name, getattr(module, "TOLERANCE", 1e-6))
    return Reference(name, inputs, numeric, getattr(module, f"holds_{name}", None), second, float(tolerance))


def make_case(
    reference: Reference, parameters: Sequence[str], name: str, number: int, seed: str, *, public: bool
) -> Case:
    """The same seed makes the same case, whatever else is asked.

    Raises:
        RubricError: the reference's functions fail, or return what cannot be handed over.
    """
    import numpy as np

    digest = hashlib.sha256(f"{PUBLIC_SEED if public else seed}/{reference.name}/{name}/{number}".encode())
    rng = np.random.default_rng(int.from_bytes(digest.digest()[:16], "big"))
    try:
        arguments = tuple(reference.inputs(rng, name))
    except Exception as e:
        raise RubricError(f"inputs_{reference.name} fails for the case {name!r}: {_sentence(e)}") from e
    if len(arguments) != len(parameters):
        raise RubricError(
            f"inputs_{reference.name} makes {len(arguments)} arguments for the case {name!r}; "
            f"`parameters` names {len(parameters)}: {', '.join(parameters) or 'none'}"
        )
    for parameter, value in zip(parameters, arguments, strict=True):
        if not (isinstance(value, str) or value is None or numbers(value) is not None):
            raise RubricError(
                f"inputs_{reference.name} makes {parameter} = {value!r} for the case {name!r}, which is "
                "neither a number nor an array nor a text"
            )
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    try:
        expected = reference.numeric(*arguments)
    except Exception as e:
        raise RubricError(f"numeric_{reference.name} fails for the case {name!r}: {_sentence(e)}") from e
    expected = tuple(expected) if isinstance(expected, list) else expected
    if not fits(expected):
        raise RubricError(
            f"numeric_{reference.name} gives {expected!r} for the case {name!r}; "
            "expected finite numbers, arrays of them, or a tuple of these"
        )
    key = f"{name}-public-{number}" if public else f"{name}-{number}"
    return Case(key, name, public, arguments, expected)


def fits(value: Any) -> bool:
    """Whether a trusted function's value can be compared with a student's."""
    import numpy as np

    if isinstance(value, tuple):
        return all(fits(v) for v in value if not isinstance(v, tuple)) and not any(
            isinstance(v, tuple) for v in value
        )
    array = numbers(value)
    return isinstance(value, str | bool) or (array is not None and bool(np.isfinite(array).all()))


def second_opinion(reference: Reference, case: Case) -> str:
    """How far the two derivations of a reference are apart, if that is too far; empty: they agree."""
    if reference.second is None:
        return ""
    exact = reference.second.__name__.startswith("symbolic_")
    try:
        value = reference.second(*(map(_exact, case.arguments) if exact else case.arguments))
    except Exception as e:
        return f"has no second opinion: {reference.second.__name__} fails: {_sentence(e)}"
    expected = case.expected if isinstance(case.expected, tuple) else (case.expected,)
    values = value if isinstance(value, tuple | list) else (value,)
    if exact:
        values = [_like_numbers(v, e) for v, e in zip(values, expected, strict=False)]
    scale = max((_largest(e) for e in expected), default=1.0) or 1.0
    names = tuple(f"value {i + 1} of {reference.second.__name__}" for i in range(len(expected)))
    gap = difference(
        list(values), expected, rel=0.0, absolute=reference.tolerance * scale, column=False, names=names
    )
    return f"and {reference.second.__name__} disagree: {gap}" if gap else ""


def _exact(value: Any) -> Any:
    """An argument for sympy: columns for lists of numbers."""
    import sympy

    array = None if isinstance(value, str) else numbers(value)
    if array is None or array.ndim > 2:
        return value
    if array.ndim == 0:
        number = array.item()
        return number if isinstance(number, int) or isinstance(value, int) else sympy.Rational(number)
    return sympy.Matrix(array.tolist()).applyfunc(sympy.Rational)


def _like_numbers(value: Any, expected: Any) -> Any:
    import numpy as np

    plain = np.array(value.tolist() if hasattr(value, "tolist") else value, dtype=float)
    want = numbers(expected)
    return plain.reshape(want.shape) if want is not None and want.size == plain.size else plain


def _largest(value: Any) -> float:
    array = None if isinstance(value, str) else numbers(value)
    return 0.0 if array is None or not array.size else float(abs(array).max())


def read_calls(calls: Sequence[str], parameters: Sequence[str]) -> tuple[Step, ...]:
    """``["forward(x, w)", "backward(dout, forward[1])"]``: names are parameters, or functions called before.

    Raises:
        RubricError: something else stands there.
    """
    steps: list[Step] = []
    for i, text in enumerate(calls):
        place = f"`calls[{i}]` is {text!r}"
        try:
            node = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError) as e:
            raise RubricError(f"{place}, which is no call such as 'f(x, y)'") from e
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords):
            raise RubricError(f"{place}; expected a call such as 'f(x, g[1])' without keywords")
        earlier = [s.function for s in steps]
        steps.append(Step(node.func.id, tuple(_slot(a, parameters, earlier, place) for a in node.args)))
    return tuple(steps)


def named_slots(step: Step, parameters: Sequence[str]) -> list[str]:
    """The arguments of a call in words; what an earlier call returned is "…"."""
    return [
        parameters[s] if isinstance(s, int) else "…" if isinstance(s, Ref) else repr(s[0]) for s in step.slots
    ]


def _slot(node: ast.expr, parameters: Sequence[str], earlier: Sequence[str], place: str) -> Slot:
    if isinstance(node, ast.Constant):
        return (node.value,)
    if isinstance(node, ast.Name) and node.id in parameters:
        return list(parameters).index(node.id)
    item: Any = None
    written = ast.unparse(node)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        item, node = node.slice.value, node.value
    if isinstance(node, ast.Name) and node.id in earlier and isinstance(item, int | None):
        return Ref(len(earlier) - 1 - list(reversed(earlier)).index(node.id), item)
    names = ", ".join([*parameters, *earlier])
    raise RubricError(f"{place}; {written!r} is neither a parameter nor an earlier call ({names})")


def _sentence(e: BaseException) -> str:
    return " ".join(f"{type(e).__name__}: {e}".split())[:200]


def variant(run: str, file: str, cases: Sequence[Case]) -> dict[str, Any]:
    """What a wrong variant gives, by the keys of the cases; nothing where it fails.

    Raises:
        RubricError: there is no ``mistake_<name>``.
    """
    try:
        cure = "a wrong variant is called mistake_<name>"
        function = reference_function(course_of(Path(file)), run, "mistake", cure)
    except ReferenceFault as e:
        raise RubricError(f"`mistakes`: {e}") from e
    values: dict[str, Any] = {}
    for case in cases:
        try:
            value = function(*case.arguments)
        except Exception:  # then it has no value to be recognised by
            continue
        value = tuple(value) if isinstance(value, list) else value
        if fits(value):
            values[case.key] = value
    return values


def sentence_of(ran: Ran) -> str:
    """How an ask ended that has no value. Its place is said once."""
    message = (ran.message or _WORDS[ran.state]).rstrip(". ")
    parts = [p for p in ran.place.split(", ") if not re.search(rf"(?<!\w){re.escape(p)}(?!\w)", message)]
    return f"{message} ({ran.place})." if any(parts) else f"{message}."


_WORDS = {
    State.VALUE: "it gives a value",
    State.RAISED: "it raises an error",
    State.ABSENT: "there is no such name",
    State.TIME: "it takes too long",
    State.MEMORY: "it needs too much memory",
    State.DIED: "it ends its process",
    State.NOT_PLAIN: "it gives neither numbers nor text",
    State.NOT_RUN: "There is no sandbox here",
}
