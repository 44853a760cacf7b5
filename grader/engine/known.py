"""Judgements made before: equal answers are judged once, a changed criterion is all that is judged again.

A key is made of the criterion, of what building its check looked at, and of the answer's content. Under it
lie judgements, each with the looks its check took beyond that (``watching.py``); one counts where all of them
would find the same today. They are kept in memory, some thousands, and in the run's store.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.checkers import Check
from grader.engine.digests import digest, digest_of, machine, references_in, written
from grader.engine.judging import judge
from grader.engine.packing import pack, unpack
from grader.engine.running import Asks, Runner, Wanted, lasts
from grader.engine.store import Reader
from grader.engine.values import plain
from grader.engine.watching import Judged, Look, Looked, Looks, earlier_now, question_now, watched
from grader.model import Answer, AnswerState, CodeCell, Judgement, MarkedDerivation, Outcome
from grader.rubric import Criterion, Question
from grader.sandbox.plain import decode, encode
from grader.sandbox.program import Ran, State

__all__ = ["Asked", "Known", "answer_key"]

MOST = 5_000  # keys in memory; what is dropped is still in the store
ALIKE = 16  # judgements under one
Row = tuple[bytes, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Kept:
    """As it is in the store: without what is carried forward, the evidence made plain. ``bare``: that took
    something away."""

    looks: tuple[Look, ...]  # at earlier judgements
    beside: tuple[Look, ...]  # at the question, while judging
    judgement: Judgement
    bare: bool


@dataclass(frozen=True, slots=True)
class Lines:
    marked: MarkedDerivation | None


@dataclass(frozen=True, slots=True)
class KeptRun:
    """What came out of a sandbox; values as they came, in JSON. ``used``: what ran them."""

    rows: tuple[tuple[str, str, str, State, str, str, str, str], ...]
    used: str

    @classmethod
    def of(cls, ran: Asks, used: str) -> KeptRun:
        rows = [
            (*place, key, r.state, json.dumps(encode(r.value)), r.message, r.place, r.printed)
            for place, asked in ran.items()
            for key, r in asked.items()
        ]
        return cls(tuple(rows), used)

    def asks(self) -> Asks:
        found: dict[tuple[str, str], dict[str, Ran]] = {}
        for question, criterion, key, state, value, *said in self.rows:
            found.setdefault((question, criterion), {})[key] = Ran(state, decode(json.loads(value)), *said)
        return found


@dataclass(slots=True)
class Asked:
    """A criterion whose check is to be built with ``seen`` for its question."""

    question: Question
    criterion: Criterion
    looks: Looks = field(default_factory=dict)
    base: bytes | None = None  # of the key; None: nothing is kept
    built: frozenset[Any] = frozenset()

    @property
    def seen(self) -> Question:
        return watched(self.question, self.looks)

    def done(self) -> None:
        """The check is built: what it looked at is part of every key."""
        c = self.criterion
        self.built = frozenset(self.looks)
        try:
            own = (c.id, c.kind, c.options, c.passage, c.computed, sorted(self.looks.items()))
            references = references_in(repr(c.options), Path(self.question.file))
            self.base = None if None in self.looks.values() else digest("judgement", written(own), references)
        except (TypeError, OSError):
            self.base = None


class Known:
    """What one process knows. ``judged`` counts what was not; ``learned``: rows for the store."""

    def __init__(self, store: str = "") -> None:
        self.judged = 0
        self.learned: list[Row] = []
        self._keeps = bool(store)
        self._reader = Reader(store)
        self._memory: OrderedDict[bytes, list[tuple[tuple[Look, ...], tuple[Look, ...], Judged]]] = (
            OrderedDict()
        )
        self._lines: OrderedDict[bytes, MarkedDerivation | None] = OrderedDict()
        self._sheets: dict[tuple[str, str], bytes] = {}

    def close(self) -> None:
        self._reader.close()

    def take(self) -> tuple[int, tuple[Row, ...]]:
        """What happened since the last time."""
        found = self.judged, tuple(self.learned)
        self.judged, self.learned = 0, []
        return found

    # ---- judgements

    def judged_as(
        self, asked: Asked, check: Check, answer: Answer, of: bytes | None, earlier: Mapping[str, Judged]
    ) -> Judged:
        """The judgement of an answer; ``of``: its key, ``earlier``: those of the criteria before."""
        if answer.state is not AnswerState.GIVEN:
            return Judged(judge(answer, asked.criterion, check, {}), digest("blank", answer.state.value))
        key = None if of is None or asked.base is None else digest(asked.base, of)
        found = None if key is None else self._found(key, asked, earlier)
        if found is not None:
            if found.again is None and found.mark is not None:
                return found
            before = dict(earlier)
            return replace(found, again=lambda: judge(answer, asked.criterion, check, Looked(before)))
        looked = Looked(earlier)
        judgement = judge(answer, asked.criterion, check, looked)
        self.judged += 1
        beside = {path: said for path, said in asked.looks.items() if path not in asked.built}
        lasting = judgement.outcome is not Outcome.ERROR and all(lasts(r) for r in answer.ran.values())
        if key is None or not lasting or None in (*looked.looks.values(), *beside.values()):
            return Judged(judgement, None)
        looks, sides = _fixed(looked.looks), _fixed(beside)
        mark = digest(key, written((looks, sides)))
        judged = Judged(judgement, mark)
        self._remember(key, looks, sides, judged)
        if self._keeps:
            evidence = {str(k): plain(v) for k, v in judgement.evidence.items()}
            bare = judgement.carried is not None or evidence != judgement.evidence
            packed = pack(Kept(looks, sides, replace(judgement, evidence=evidence, carried=None), bare))
            if packed is not None:
                self.learned.append((key, mark, packed))
        return judged

    def _found(self, key: bytes, asked: Asked, earlier: Mapping[str, Judged]) -> Judged | None:
        if key not in self._memory:
            for data in self._reader.all("judgements", key):
                kept = unpack(data, Kept)
                if kept is not None:
                    mark = digest(key, written((kept.looks, kept.beside)))
                    bare: Callable[[], Judgement] | None = _never if kept.bare else None
                    self._remember(key, kept.looks, kept.beside, Judged(kept.judgement, mark, bare))
        else:
            self._memory.move_to_end(key)
        for looks, beside, judged in self._memory.get(key, ()):
            if all(earlier_now(earlier, path) == said for path, said in looks) and all(
                question_now(asked.question, path) == said for path, said in beside
            ):
                return judged
        return None

    def _remember(
        self, key: bytes, looks: tuple[Look, ...], beside: tuple[Look, ...], judged: Judged
    ) -> None:
        alike = self._memory.setdefault(key, [])
        if len(alike) < ALIKE:
            alike.append((looks, beside, judged))
        while len(self._memory) > MOST:
            self._memory.popitem(last=False)

    # ---- what code gave

    def ran_by(self, runner: Runner, cells: Sequence[CodeCell], wanted: Sequence[Wanted]) -> tuple[Asks, str]:
        """What running this code gives, and what it ran in. The same code that was asked the same on this
        machine is not run again."""
        try:
            key = digest("ran", machine(), runner.tier or "", written((tuple(cells), tuple(wanted))))
        except TypeError:
            return runner.run(cells, wanted), runner.used
        for data in self._reader.all("judgements", key):
            kept = unpack(data, KeptRun)
            if kept is not None:
                return kept.asks(), kept.used
        ran = runner.run(cells, wanted)
        if self._keeps and all(lasts(r) for asked in ran.values() for r in asked.values()):
            packed = pack(KeptRun.of(ran, runner.used))
            if packed is not None:
                self.learned.append((key, b"", packed))
        return ran, runner.used

    # ---- lines of derivations

    def lines_of(
        self, question: Question, answer: Answer, mark: Callable[[Question, Answer], MarkedDerivation | None]
    ) -> MarkedDerivation | None:
        """An answer's lines with their marks, as ``mark`` finds them."""
        of = answer_key(answer)
        if of is None:
            return mark(question, answer)
        place = (question.file, question.id)
        if place not in self._sheets:
            kinds = sorted({c.kind for c in question.criteria})
            parts = (question.id, question.given, question.declarations, question.locale, kinds)
            self._sheets[place] = digest_of(parts)
        key = digest("lines", self._sheets[place], of)
        if key not in self._lines:
            stored = [unpack(data, Lines) for data in self._reader.all("judgements", key)]
            if stored and stored[0] is not None:
                self._lines[key] = stored[0].marked
            else:
                self._lines[key] = found = mark(question, answer)
                packed = pack(Lines(found)) if self._keeps else None
                if packed is not None:
                    self.learned.append((key, b"", packed))
            while len(self._lines) > MOST:
                self._lines.popitem(last=False)
        return self._lines[key]


def answer_key(answer: Answer) -> bytes | None:
    """Of all that a judgement may hang on: not of the place, except where code is named by it."""
    code = [(c.source, str(c.where), c.where.cell is not None, c.output, c.question) for c in answer.code]
    seen = (answer.text, answer.value, answer.state, answer.prompt, answer.notes, code, dict(answer.ran))
    try:
        return digest(written((answer.question, *seen)))
    except (TypeError, ValueError):
        return None


def _fixed(looks: Looks) -> tuple[Look, ...]:
    return tuple((path, said) for path, said in sorted(looks.items()) if said is not None)


def _never() -> Judgement:
    raise AssertionError("whoever takes this from the memory says how to judge again")
