"""What a check looks at, noted while it looks: its question, the criteria beside it, earlier judgements.

A *look* is a path (``criteria``, ``w_1``, ``options``, ``labels``) and the digest of what was found. Who
finds the same at the same places comes to the same end. What is handed to checks behaves like the real thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from grader.engine.digests import digest, digest_of
from grader.model import Judgement
from grader.rubric import Criterion, Question

__all__ = ["Judged", "Look", "Looked", "Looks", "Path", "earlier_now", "question_now", "watched"]

Path = tuple[str, ...]
Look = tuple[Path, bytes]
Looks = dict[Path, bytes | None]
"""``None``: what was found has no digest, or may be otherwise another time."""

ABSENT = digest("absent")
_QUESTION = frozenset(f.name for f in fields(Question))
_CRITERION = frozenset(f.name for f in fields(Criterion))
_JUDGEMENT = frozenset(f.name for f in fields(Judgement))
_BY_MARK = frozenset(("carried", "evidence"))  # known by what they were made of, not by their content
_NEST = frozenset(("criteria", "before"))


def _said(value: Any) -> bytes | None:
    try:
        return digest_of(value)
    except TypeError:
        return None


# ---- the question


def watched(question: Question, looks: Looks) -> Question:
    """The question, with every look noted."""
    values = {name: getattr(question, name) for name in _QUESTION}
    values["criteria"] = tuple(_criterion(c, ("criteria", c.id), looks) for c in question.criteria)
    values["before"] = {k: _criterion(c, ("before", k), looks) for k, c in question.before.items()}

    def found(name: str, value: Any) -> Any:
        if (name,) not in looks:
            looks[name,] = question_now(question, (name,))
        return value

    made: Question = _stand_in(_Question, values, found)
    return made


def question_now(question: Question, path: Path) -> bytes | None:
    """What a look finds in a question."""
    name, *rest = path
    value: Any = getattr(question, name)
    if name in _NEST:
        criteria: Mapping[str, Criterion] = (
            {c.id: c for c in question.criteria} if name == "criteria" else question.before
        )
        if not rest:
            return _said(tuple(criteria))
        if rest[0] not in criteria:
            return ABSENT
        value = getattr(criteria[rest[0]], rest[1])
        if len(rest) > 2:
            return _said(value[rest[2]]) if rest[2] in value else ABSENT
    return _said(value)


def _criterion(criterion: Criterion, place: Path, looks: Looks) -> Criterion:
    values = {name: getattr(criterion, name) for name in _CRITERION}
    values["options"] = _Options(criterion.options, (*place, "options"), looks)

    def found(name: str, value: Any) -> Any:
        if name != "options" and (*place, name) not in looks:
            looks[*place, name] = _said(value)
        return value

    made: Criterion = _stand_in(_Criterion, values, found)
    return made


class _Options(dict[str, Any]):
    """A criterion's own keys; a look at one of them is no look at the others."""

    def __init__(self, options: dict[str, Any], place: Path, looks: Looks) -> None:
        super().__init__(options)
        self._place, self._looks = place, looks

    def _look(self, key: object) -> None:
        path = (*self._place, str(key))
        if path not in self._looks:
            held = dict.__contains__(self, key)
            self._looks[path] = _said(dict.__getitem__(self, str(key))) if held else ABSENT

    def _look_at_all(self) -> None:
        if self._place not in self._looks:
            self._looks[self._place] = _said(dict(dict.items(self)))

    def __getitem__(self, key: str) -> Any:
        self._look(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._look(key)
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._look(key)
        return super().get(key, default)

    def __iter__(self) -> Iterator[str]:
        self._look_at_all()
        return super().__iter__()

    def __len__(self) -> int:
        self._look_at_all()
        return super().__len__()

    def __eq__(self, other: object) -> bool:
        self._look_at_all()
        return super().__eq__(other)

    __hash__ = None

    def __repr__(self) -> str:
        self._look_at_all()
        return super().__repr__()

    def keys(self) -> Any:
        self._look_at_all()
        return super().keys()

    def values(self) -> Any:
        self._look_at_all()
        return super().values()

    def items(self) -> Any:
        self._look_at_all()
        return super().items()

    def copy(self) -> dict[str, Any]:
        self._look_at_all()
        return dict(super().items())


# ---- earlier judgements


@dataclass(slots=True)
class Judged:
    """A judgement and what it was made of (``mark``; ``None``: it may come out otherwise another time). One
    from the store lacks what only a later check wants: ``again`` judges once more then."""

    judgement: Judgement
    mark: bytes | None
    again: Callable[[], Judgement] | None = None

    def whole(self) -> Judgement:
        if self.again is not None:
            self.judgement, self.again = self.again(), None
        return self.judgement


class Looked(Mapping[str, Judgement]):
    """The judgements of earlier criteria as a check sees them."""

    def __init__(self, judged: Mapping[str, Judged]) -> None:
        self.looks: Looks = {}
        self._judged = judged

    def _look(self, path: Path) -> None:
        if path not in self.looks:
            self.looks[path] = earlier_now(self._judged, path)

    def __getitem__(self, name: str) -> Judgement:
        self._look((name,))
        judged = self._judged[name]

        def found(field: str, value: Any) -> Any:
            self._look((name, field))
            return getattr(judged.whole(), field) if field in _BY_MARK else value

        values = {field: getattr(judged.judgement, field) for field in _JUDGEMENT}
        made: Judgement = _stand_in(_Judgement, values, found)
        return made

    def __contains__(self, name: object) -> bool:
        self._look((str(name),))
        return name in self._judged

    def __iter__(self) -> Iterator[str]:
        self._look(())
        return iter(self._judged)

    def __len__(self) -> int:
        self._look(())
        return len(self._judged)


def earlier_now(judged: Mapping[str, Judged], path: Path) -> bytes | None:
    """What a look finds among earlier judgements."""
    if not path:
        return _said(tuple(judged))
    if path[0] not in judged:
        return ABSENT
    found = judged[path[0]]
    if len(path) == 1:
        return digest("there")
    return found.mark if path[1] in _BY_MARK else _said(getattr(found.judgement, path[1]))


# ---- stand-ins: they hand out a value's fields and note which; `type()` alone tells them from the real thing


def _reads(kind: type[Any], names: frozenset[str]) -> Callable[[Any, str], Any]:
    def read(self: Any, name: str) -> Any:
        if name in names:
            found = object.__getattribute__(self, "found")
            return found(name, object.__getattribute__(self, name))
        return kind if name == "__class__" else object.__getattribute__(self, name)

    return read


class _Question(Question):
    __slots__ = ("found",)
    __getattribute__ = _reads(Question, _QUESTION)


class _Criterion(Criterion):
    __slots__ = ("found",)
    __getattribute__ = _reads(Criterion, _CRITERION)


class _Judgement(Judgement):
    __slots__ = ("found",)
    __getattribute__ = _reads(Judgement, _JUDGEMENT)


def _stand_in(kind: type[Any], values: Mapping[str, Any], found: Callable[[str, Any], Any]) -> Any:
    made = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    object.__setattr__(made, "found", found)
    return made
