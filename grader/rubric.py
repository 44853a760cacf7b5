"""Rubrics: TOML data files, validated into frozen values with errors that name their place.

The file's shape is in ``docs/authoring.md``; its top level is ``Sheet``. A criterion's own keys are
checked by its kind's ``Options`` (see ``grader/checkers/__init__.py``), everything else here.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from grader.errors import RubricError
from grader.maths.authoring import optional_pattern
from grader.maths.conventions import Convention, Way, check_conventions
from grader.maths.declare import Declarations
from grader.maths.marked import given_equations
from grader.maths.passages import Passage
from grader.model import Outline, QuestionHead

__all__ = [
    "ConventionData",
    "Criterion",
    "CriterionHead",
    "Question",
    "Rubric",
    "SheetData",
    "criterion_digest",
    "load_rubric",
    "read_options",
]

MAX_RUBRIC_BYTES = 2_000_000

T = TypeVar("T", bound=msgspec.Struct)


class PassageData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Regular expressions; see ``grader/maths/passages.py``."""

    after: str = ""
    before: str = ""
    or_all: bool = False

    def compiled(self) -> Passage:
        if not self.after and not self.before:
            raise RubricError("`passage` names neither `after` nor `before`; write at least one")
        after, before = (
            optional_pattern(text, f"passage.{key}")
            for key, text in (("after", self.after), ("before", self.before))
        )
        return Passage(after, before, self.or_all)


class CriterionHead(msgspec.Struct, frozen=True):
    """The keys every criterion has, whatever its kind."""

    id: str
    kind: str
    points: float
    title: str = ""
    reference: str = ""
    public: bool = False
    passage: PassageData | None = None
    computed: dict[str, list[str]] = {}


class WayData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: str
    title: str
    credit: float = 1.0


class ConventionData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    symbol: str
    title: str
    ways: list[WayData]
    mixed: float = 0.5

    def built(self, *, sheet: bool) -> Convention:
        ways = tuple(Way(w.value, w.title, w.credit) for w in self.ways)
        return Convention(self.symbol, self.title, ways, self.mixed, sheet)


class QuestionData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    points: float
    criteria: list[dict[str, Any]]
    title: str = ""
    prompt: str = ""
    bonus: bool = False
    aliases: list[str] = []
    conventions: list[str | ConventionData] = []
    symbols: dict[str, str] = {}
    latex: dict[str, str | list[str]] = {}
    define: dict[str, str] = {}
    assume: list[str] = []
    given: list[str] | None = None


class SheetData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: str
    points: float
    questions: list[QuestionData]
    course: str = ""
    bonus: float = 0.0
    locale: str = "decimal-point"
    conventions: list[str | ConventionData] = []
    symbols: dict[str, str] = {}
    latex: dict[str, str | list[str]] = {}
    define: dict[str, str] = {}
    assume: list[str] = []


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that earns points. ``reference`` is ``module:name`` of the reference derivation
    (``symbolic_name`` and ``numeric_name`` in ``reference/module.py``); ``options`` are the kind's
    own keys, not yet checked; ``public``: ``grade check`` may tell a student the outcome; ``passage``: the
    part of an answer's text that is judged; ``computed``: part → Python names that the student's
    code may give it; where the text says too little, the code is run."""

    id: str
    kind: str
    points: Fraction
    title: str
    reference: str
    public: bool
    options: dict[str, Any]
    place: str  # "csc413.toml: questions[3].criteria[0]"
    passage: Passage | None = None
    computed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """``conventions`` are for people, ``choices`` those that formulas of this question can use; ``before``:
    the criteria of the sheet's earlier questions, as ``2.1.1/w_1``."""

    id: str
    title: str
    prompt: str
    points: Fraction
    bonus: bool
    aliases: tuple[str, ...]
    conventions: tuple[str, ...]
    declarations: Declarations
    locale: str
    criteria: tuple[Criterion, ...]
    place: str
    choices: tuple[Convention, ...] = ()
    before: Mapping[str, Criterion] = field(default_factory=dict)
    file: str = ""  # of the rubric: where its references are looked for
    given: tuple[str, ...] | None = None  # equations between the names; None: not said
    seed: str = (
        ""  # of random inputs: a digest of the question's part of the rubric, unless the command says another
    )


@dataclass(frozen=True, slots=True)
class Rubric:
    """A sheet's rubric. ``max_score`` leaves bonus questions out; ``digest`` is of the file's bytes."""

    id: str
    title: str
    course: str
    max_score: Fraction
    bonus: Fraction
    questions: tuple[Question, ...]
    path: str
    digest: str

    def outline(self) -> Outline:
        return Outline(
            assignment=self.id,
            title=self.title,
            questions=tuple(QuestionHead(q.id, q.title, q.aliases, q.prompt) for q in self.questions),
        )

    def question(self, id: str) -> Question:
        for q in self.questions:
            if q.id == id:
                return q
        raise KeyError(id)


def load_rubric(path: Path) -> Rubric:
    """Read and validate one rubric file, including every criterion's options.

    Raises:
        RubricError: with file, path inside it, the value seen and the likely cure.
    """
    try:
        raw = path.read_bytes()
    except OSError as e:
        raise RubricError(f"{path}: cannot be read ({e.strerror})") from e
    if len(raw) > MAX_RUBRIC_BYTES:
        raise RubricError(f"{path}: {len(raw)} bytes; a rubric has at most {MAX_RUBRIC_BYTES}")
    try:
        data = tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as e:
        raise RubricError(f"{path}: byte {e.start} is not UTF-8; save the file as UTF-8") from e
    except tomllib.TOMLDecodeError as e:
        raise RubricError(f"{path}: not valid TOML: {e}") from e
    try:
        sheet = msgspec.convert(data, SheetData)
    except msgspec.ValidationError as e:
        raise RubricError(f"{path}: {e}") from e
    return _build(sheet, path, hashlib.sha256(raw).hexdigest())


def criterion_digest(question: Question, criterion: Criterion) -> str:
    """Of everything in the rubric that a judgement of this criterion hangs on; its place in the file, its
    title, its neighbours and the hint for whoever marks do not count."""
    judged = {key: value for key, value in criterion.options.items() if key != "hint"}
    parts = (
        question.id,
        question.declarations,
        question.locale,
        question.conventions,
        question.choices,
        criterion.id,
        criterion.kind,
        str(criterion.points),
        criterion.reference,
        _passage_text(criterion.passage),
        json.dumps(judged, sort_keys=True, default=str),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _passage_text(passage: Passage | None) -> tuple[object, ...]:
    if passage is None:
        return ()
    return *(p.pattern if p else None for p in (passage.after, passage.before)), passage.or_all


def read_options(criterion: Criterion, into: type[T]) -> T:
    """A criterion's own keys as its kind's ``Options``.

    Raises:
        RubricError: a key is unknown, missing or of the wrong type.
    """
    try:
        return msgspec.convert(criterion.options, into)
    except msgspec.ValidationError as e:
        raise RubricError(
            f"{criterion.place} (kind {criterion.kind!r}): {_explained(str(e), criterion.options, into)}"
        ) from e


_FAULT = re.compile(r"(?P<fact>.*?)(?: - at `\$(?P<path>[^`]*)`)?")
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")


def _explained(fault: str, options: dict[str, Any], into: type[msgspec.Struct]) -> str:
    """msgspec's sentence with the key, the value seen and the keys that there are."""
    m = _FAULT.fullmatch(fault)
    if m is None:
        return fault
    fact, path = m["fact"], (m["path"] or "").removeprefix(".")
    value: Any = options
    kind: Any = into
    known = True  # msgspec does not say under which key of a table it was: `[...]`
    for name, index in _STEP.findall(m["path"] or ""):
        known = known and index != "..."
        if known:
            value = value[name] if name else value[int(index)]
        kind = _under(kind, name)
    where = f" in `{path}`" if path else ""
    missing = re.fullmatch(r"Object (missing required|contains unknown) field `(.*)`", fact)
    if missing is None:
        seen = f" is {value!r}" if known else ""
        return f"`{path}`{seen}: {fact[:1].lower()}{fact[1:]}"
    keys = [f.encode_name for f in msgspec.structs.fields(kind)] if _is_struct(kind) else []
    if missing[1] == "missing required":
        return f"the key `{missing[2]}` is missing{where}"
    close = difflib.get_close_matches(missing[2], keys, 1)
    guess = f"; did you mean `{close[0]}`?" if close else ""
    return f"unknown key `{missing[2]}`{where}{guess or '; the keys are ' + ', '.join(keys)}"


def _under(kind: Any, name: str) -> Any:
    """The type behind a key (without a name: of the members) of a type."""
    if name and _is_struct(kind):
        kind = get_type_hints(kind).get(name)
        structs = [k for k in get_args(kind) if _is_struct(k)] if get_origin(kind) is UnionType else []
        return structs[0] if structs else kind
    return next(reversed(get_args(kind)), None)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _seed(sheet: SheetData, q: QuestionData) -> str:
    """Of all that the rubric says of a question: another question's words change no input of this one."""
    return hashlib.sha256(msgspec.json.encode((sheet.id, q), order="sorted")).hexdigest()


def _build(sheet: SheetData, path: Path, digest: str) -> Rubric:
    if sheet.locale not in ("decimal-point", "decimal-comma"):
        raise RubricError(
            f"{path}: `locale` is {sheet.locale!r}; expected 'decimal-point' or 'decimal-comma'"
        )
    questions: list[Question] = []
    seen: set[str] = set()
    for i, q in enumerate(sheet.questions):
        place = f"{path.name}: questions[{i}] ({q.id})"
        if not re.fullmatch(r"[0-9A-Za-z]+(\.[0-9A-Za-z]+)*", q.id):
            raise RubricError(f"{place}: the id {q.id!r} is not a question number such as '2.2.3' or '5a'")
        if q.id in seen:
            raise RubricError(f"{place}: the id {q.id!r} is used twice")
        seen.add(q.id)
        try:
            declarations = Declarations.make(
                symbols=sheet.symbols | q.symbols,
                latex=sheet.latex | q.latex,
                define=sheet.define | q.define,
                assume=[*sheet.assume, *q.assume],
            )
            choices = _choices(sheet, q)
            check_conventions(declarations, choices)
            given_equations(declarations, tuple(q.given or ()))
        except RubricError as e:
            raise RubricError(f"{place}: {e}") from e
        questions.append(
            Question(
                id=q.id,
                title=q.title,
                prompt=q.prompt,
                points=_exact(q.points),
                bonus=q.bonus,
                aliases=tuple(q.aliases),
                conventions=tuple(c for c in q.conventions if isinstance(c, str)),
                declarations=declarations,
                locale=sheet.locale,
                criteria=_criteria(q, place),
                place=place,
                choices=choices,
                before={f"{p.id}/{c.id}": c for p in questions for c in p.criteria},
                file=str(path),
                given=None if q.given is None else tuple(q.given),
                seed=_seed(sheet, q),
            )
        )
    _check_points(sheet, questions, path)
    return Rubric(
        id=sheet.id,
        title=sheet.title,
        course=sheet.course,
        max_score=_exact(sheet.points),
        bonus=_exact(sheet.bonus),
        questions=tuple(questions),
        path=str(path),
        digest=digest,
    )


def _choices(sheet: SheetData, q: QuestionData) -> tuple[Convention, ...]:
    """The conventions a question's formulas can use; its own hide those of the sheet."""
    own = [c.built(sheet=False) for c in q.conventions if isinstance(c, ConventionData)]
    shared = [c.built(sheet=True) for c in sheet.conventions if isinstance(c, ConventionData)]
    return (*(c for c in shared if c.symbol not in {o.symbol for o in own}), *own)


def _criteria(q: QuestionData, place: str) -> tuple[Criterion, ...]:
    heads = set(CriterionHead.__struct_fields__)
    out: list[Criterion] = []
    for j, data in enumerate(q.criteria):
        where = f"{place}.criteria[{j}]"
        try:
            head = msgspec.convert({k: v for k, v in data.items() if k in heads}, CriterionHead)
        except msgspec.ValidationError as e:
            raise RubricError(f"{where}: {e}") from e
        try:
            passage = head.passage.compiled() if head.passage else None
        except RubricError as e:
            raise RubricError(f"{where} ({head.id}): {e}") from e
        if head.points < 0:
            raise RubricError(f"{where} ({head.id}): `points` is {head.points}; it cannot be negative")
        for name in (n for names in head.computed.values() for n in names):
            if not name.isidentifier():
                raise RubricError(
                    f"{where} ({head.id}): `computed` holds {name!r}, which is no name in Python"
                )
        if any(c.id == head.id for c in out):
            raise RubricError(f"{where}: the id {head.id!r} is used twice in question {q.id}")
        out.append(
            Criterion(
                id=head.id,
                kind=head.kind,
                points=_exact(head.points),
                title=head.title or head.id,
                reference=head.reference,
                public=head.public,
                options={k: v for k, v in data.items() if k not in heads},
                place=f"{where} ({head.id})",
                passage=passage,
                computed={part: tuple(names) for part, names in head.computed.items()},
            )
        )
    if not out:
        raise RubricError(
            f"{place}: no criteria; a question needs at least one (kind 'prose' if a person grades it)"
        )
    return tuple(out)


def _check_points(sheet: SheetData, questions: list[Question], path: Path) -> None:
    for q in questions:
        total = sum((c.points for c in q.criteria), Fraction(0))
        if total != q.points:
            raise RubricError(
                f"{q.place}: the criteria add up to {float(total):g} points, `points` says "
                f"{float(q.points):g}; change one of them"
            )
    for what, stated, bonus in (("points", sheet.points, False), ("bonus", sheet.bonus, True)):
        total = sum((q.points for q in questions if q.bonus is bonus), Fraction(0))
        if total != _exact(stated):
            raise RubricError(
                f"{path}: the {'bonus ' if bonus else ''}questions add up to {float(total):g} points, "
                f"`{what}` says {stated:g}; change one of them"
            )


def _exact(points: float) -> Fraction:
    """The decimal number that was written: 0.1 is one tenth."""
    return Fraction(repr(points))
