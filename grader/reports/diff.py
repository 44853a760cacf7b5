"""Two runs side by side: whose score changed, by how much, and because of which criterion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from grader.model import Status
from grader.reports.points import total
from grader.reports.saved import SavedCriterion, SavedRun, SavedSubmission
from grader.reports.text import count, number, visible

__all__ = ["Change", "Difference", "compare_runs", "diff_lines", "diff_object"]

MAX_MESSAGE = 160


@dataclass(frozen=True, slots=True)
class Change:
    """One criterion of one student that is not what it was; None: it was not there."""

    question: str
    criterion: str
    old: SavedCriterion | None
    new: SavedCriterion | None

    @property
    def place(self) -> str:
        return f"{self.question}/{self.criterion}"

    @property
    def points(self) -> float:
        return total((self.new.points if self.new else 0.0, -(self.old.points if self.old else 0.0)))


@dataclass(frozen=True, slots=True)
class Difference:
    """One student in whose row something changed; a run that has no such row is None."""

    student: str
    old: SavedSubmission | None
    new: SavedSubmission | None
    changes: tuple[Change, ...]

    @property
    def points(self) -> float | None:
        """By how much the score changed; None where one of the two has none."""
        if self.old is None or self.new is None or self.old.score is None or self.new.score is None:
            return None
        return total((self.new.score, -self.old.score))


def compare_runs(old: SavedRun, new: SavedRun) -> list[Difference]:
    """What changed from one run to the other, in the order of the new one; then what is gone.

    A student's second submission is held against the second one of the other run.
    """
    before, after = _numbered(old), _numbered(new)
    found = []
    for key in [*after, *(k for k in before if k not in after)]:
        was, now = before.get(key), after.get(key)
        changes = tuple(_changes(was, now)) if was and now else ()
        if changes or not was or not now or was.status is not now.status or was.score != now.score:
            found.append(Difference(key[0], was, now, changes))
    return found


def _numbered(run: SavedRun) -> dict[tuple[str, int], SavedSubmission]:
    seen: Counter[str] = Counter()
    found = {}
    for s in run.submissions:
        found[s.student, seen[s.student]] = s
        seen[s.student] += 1
    return found


def _changes(old: SavedSubmission, new: SavedSubmission) -> Iterator[Change]:
    before = {(q.id, c.id): c for q in old.questions for c in q.criteria}
    after = {(q.id, c.id): c for q in new.questions for c in q.criteria}
    if not before or not after:  # unreadable then or now: the status says it
        return
    for key in [*after, *(k for k in before if k not in after)]:
        was, now = before.get(key), after.get(key)
        if was and now and _kept(was) == _kept(now):
            continue
        yield Change(*key, was, now)


def _kept(c: SavedCriterion) -> tuple[object, ...]:
    return c.outcome, c.points, c.max_points


def diff_lines(found: list[Difference], old: SavedRun, new: SavedRun) -> Iterator[str]:
    """For a terminal: a block a student, then a line a criterion, then the sum of it."""
    for d in found:
        yield visible(f"{d.student}  {_score(d.old)} → {_score(d.new)}{_by(d.points)}{_status(d)}")
        for c in d.changes:
            yield visible(f"  {c.place}  {_said(c.old)} → {_said(c.new)}{_why(c)}")
    by_criterion: dict[str, list[Change]] = {}
    for d in found:
        for c in d.changes:
            by_criterion.setdefault(c.place, []).append(c)
    if by_criterion:
        yield ""
        yield "By criterion:"
        for place, changes in sorted(by_criterion.items(), key=lambda item: -len(item[1])):
            up, down = (sum(sign * c.points > 0 for c in changes) for sign in (1, -1))
            same = len(changes) - up - down
            words = [f"{n} {word}" for n, word in ((up, "up"), (down, "down"), (same, "otherwise")) if n]
            yield f"  {place}  {count(len(changes), 'student')}: {', '.join(words)}"
        yield ""
    if not found:
        yield (
            f"Nothing changed: {count(len(new.submissions), 'submission')}, "
            "the same scores for the same reasons."
        )
        return
    changed = [d for d in found if d.old and d.new]
    up = sum((d.points or 0) > 0 for d in changed)
    down = sum((d.points or 0) < 0 for d in changed)
    other = len(changed) - up - down
    text = f"{len(changed)} of {len(new.submissions)} changed: {up} up, {down} down, {other} otherwise"
    for gone, where in (("old", "only in the new run"), ("new", "only in the old")):
        if n := sum(getattr(d, gone) is None for d in found):
            text += f"; {n} {where}"
    yield text


def diff_object(found: list[Difference]) -> list[dict[str, object]]:
    """The same as JSON values."""
    return [
        {
            "student": d.student,
            "old_score": d.old.score if d.old else None,
            "new_score": d.new.score if d.new else None,
            "old_status": d.old.status.value if d.old else None,
            "new_status": d.new.status.value if d.new else None,
            "changes": [
                {
                    "question": c.question,
                    "criterion": c.criterion,
                    "old": _object(c.old),
                    "new": _object(c.new),
                }
                for c in d.changes
            ],
        }
        for d in found
    ]


def _object(c: SavedCriterion | None) -> dict[str, object] | None:
    if c is None:
        return None
    return {"outcome": c.outcome.value, "points": c.points, "max_points": c.max_points, "message": c.message}


def _score(s: SavedSubmission | None) -> str:
    if s is None:
        return "not there"
    return "no score" if s.score is None else number(s.score)


def _by(points: float | None) -> str:
    return "" if not points else f" ({points:+g})"


def _status(d: Difference) -> str:
    if not d.old or not d.new or d.old.status is d.new.status:
        return ""
    words = {Status.GRADED: "graded", Status.PARTIAL: "waits for a person", Status.UNREADABLE: "unreadable"}
    return f"  {words[d.old.status]} → {words[d.new.status]}"


def _said(c: SavedCriterion | None) -> str:
    if c is None:
        return "not there"
    return f"{number(c.points)}/{number(c.max_points)} {c.outcome.value}"


def _why(c: Change) -> str:
    return f"  {c.new.message[:MAX_MESSAGE]}" if c.new and c.new.message else ""
