"""A function or a variable of the student's program, run in the sandbox and held against a reference.

The student's cells run in order inside the sandbox; the function is called with inputs made from a private
seed, and the values that come out are compared outside: by tolerance, shapes strictly, or by a property of
the reference module. Groups of cases have their shares of the credit. Found: wrong values and shapes,
crashes, endless loops, too much memory, nonsense; values that a listed mistake gives have a name. Before
anything runs, the text is parsed: no code at all, a function that is not filled in, a cell that is no Python,
another name, another number of parameters. It misses style, and whatever the cases do not touch. Where there
is no sandbox nothing is run, and a person judges; so too without `run`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import msgspec

from grader.checkers import Check
from grader.checkers._numbers import show
from grader.checkers._source import (
    MAX_OUTPUT,
    Asked,
    Source,
    SourceCell,
    absent,
    code_of,
    from_text,
    read_source,
)
from grader.checkers._trials import (
    Case,
    Compared,
    Reference,
    Step,
    make_case,
    named_slots,
    read_calls,
    reference_of,
    second_opinion,
    sentence_of,
    variant,
)
from grader.checkers._verify import Example
from grader.errors import RubricError
from grader.maths.authoring import check_credit
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question
from grader.sandbox.program import Ask, Limits, Ran, State

SUM_OF_CREDITS = 1e-9
MAX_SECONDS = Limits().total
VERIFY_TRIES = 3  # seeds that the two derivations of a reference are compared at


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cases that earn ``credit`` together: ``name`` in words; ``cases``: names that the reference's
    ``inputs_…`` knows, each tried ``tries`` times; ``of``: which of the ``returns`` count here; ``public``:
    `grade check` runs them for students; ``feedback``: a remark where this group alone fails."""

    name: str
    cases: list[str]
    credit: float
    tries: int = 1
    of: list[str] = []
    public: bool = False
    feedback: str = ""


class Mistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrong variant, ``mistake_<name>`` of ``run = "module:name"``: recognised where it gives the student's
    values in every case that fails. What to say, and what it still earns (at least)."""

    run: str
    feedback: str
    credit: float = 0.0


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``function``: its name, ``parameters``: what it is called with, in this order; or ``variable``: a name
    whose value counts; ``run``: the reference, ``module:name``; ``groups``: its cases; ``calls``: calls in a
    row, ``["forward(x, w)", "backward(dout, forward[1])"]``, of which the last one's value counts;
    ``returns``: names of the values that count, in their order; ``take``: where they stand in what is
    returned, counted from 0 (all of it); ``by``: compare with ``numeric_…``, or ask ``holds_…``; ``rel``,
    ``abs``: by how much an entry may be off, as in numpy; ``column``: a column will do for a list of numbers;
    ``setup``: code of the sheet that runs first, such as imports; ``seconds``: what a cell or a call may take
    (the largest of a sheet counts); ``mistakes``: wrong variants to recognise; ``parts``: names of this
    part in a JSON answer; ``why``: what a person should look for."""

    function: str = ""
    parameters: list[str] = []
    variable: str = ""
    run: str = ""
    groups: list[Group] = []
    calls: list[str] = []
    returns: list[str] = []
    take: list[int] = []
    by: Literal["values", "property"] = "values"
    rel: float = 1e-6
    abs: float = 1e-8
    column: bool = False
    setup: str = ""
    seconds: float = 10.0
    mistakes: list[Mistake] = []
    parts: list[str] = []
    why: str = ""


@dataclass(frozen=True)
class _Trials:
    """What is tried: cases by name and number, those of the private seed and the public ones; how values
    are compared, wrong variants."""

    reference: Reference
    steps: tuple[Step, ...]
    cases: Mapping[str, tuple[Case, ...]]
    public: Mapping[str, tuple[Case, ...]]
    compared: Compared
    mistakes: tuple[tuple[Mistake, Mapping[str, Any]], ...]

    @property
    def all(self) -> list[Case]:
        return [c for several in (*self.public.values(), *self.cases.values()) for c in several]


@dataclass(frozen=True)
class _Miss:
    """A case that failed: what is to be said of it."""

    case: Case
    sentence: str


class CodeCheck:
    """Judges a program by what became of the asks that it has of it. ``setup`` is the sheet's own code,
    ``names`` are the functions that are called."""

    def __init__(self, options: Options, trials: _Trials | None) -> None:
        self.setup = options.setup
        self.seconds = options.seconds
        self.names = tuple(dict.fromkeys(s.function for s in trials.steps)) if trials else ()
        self._options = options
        self._trials = trials
        self._asked = _asked(options)

    def asks(self, answer: Answer, *, public: bool = False) -> tuple[Ask, ...]:
        """What has to be found out about an answer; nothing where its text says enough. ``public``: only
        what the student may know."""
        cells, early = code_of(self._asked, answer)
        if self._trials is None or early is not None or from_text(self._asked, self._read(cells)) is not None:
            return ()
        return tuple(
            case.ask(self._trials.steps, self._options.take, self._options.variable)
            for case in self._trials.all
            if case.public or not public
        )

    def _read(self, cells: Sequence[SourceCell]) -> Source:
        return read_source(cells, self._asked.function or self._asked.variable)

    def __call__(self, answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        cells, early = code_of(self._asked, answer)
        if early is not None:
            return early
        source = self._read(cells)
        found = from_text(self._asked, source)
        if found is not None:
            return found
        evidence = source.evidence(self._asked)
        wanted = self._asked.wanted
        ran: Mapping[str, Ran] = answer.ran
        if self._trials is None or not ran:
            if not source.found and not self._options.variable:
                return absent(self._asked, source)
            place = f" ({source.found[-1][0].place})" if source.found else ""
            message = f"{wanted} is defined{place}; it was not run: a person looks."
            if self._options.variable:
                message = f"The code was not run, so the value of {wanted} is not known: a person looks."
            return Judgement(Outcome.REVIEW, 0.0, message, wanted, evidence)
        ended = {r.state for r in ran.values()}
        printed = next((r.printed for r in ran.values() if r.printed.strip()), "")
        if printed:
            evidence["printed"] = printed[-MAX_OUTPUT:]
        if State.NOT_RUN in ended:
            return _not_run(wanted, next(r for r in ran.values() if r.state is State.NOT_RUN), evidence)
        if State.ABSENT in ended and State.VALUE not in ended:
            missing = next(r for r in ran.values() if r.state is State.ABSENT)
            return absent(self._asked, source, sentence_of(missing))
        return _judge(self._options, self._trials, ran, evidence)


def build(options: Options, question: Question) -> Check:
    return CodeCheck(options, _compile(options, question))


def _asked(options: Options) -> Asked:
    names = options.parameters
    if options.calls:
        names = named_slots(read_calls(options.calls, names)[-1], names)
    wanted = options.variable or f"{options.function}({', '.join(names)})"
    parts = tuple(options.parts)
    return Asked(options.function, options.variable, wanted, len(names), parts, options.why)


# ---- the rubric


def _compile(options: Options, question: Question) -> _Trials | None:
    named = (
        ("function", [options.function]),
        ("parameters", options.parameters),
        ("variable", [options.variable]),
    )
    for key, names in named:
        for name in names:
            if name and not name.isidentifier():
                raise RubricError(f"`{key}` holds {name!r}, which is no name in Python")
    if bool(options.function) == bool(options.variable):
        raise RubricError("name either the `function` or the `variable` that is asked for")
    if not options.run:
        if options.groups or options.mistakes:
            raise RubricError('there are cases, but no `run = "module:name"` that says what is expected')
        return None
    _check_groups(options)
    if not 0 < options.seconds <= MAX_SECONDS:
        raise RubricError(
            f"`seconds` is {options.seconds:g}; expected more than 0 and at most {MAX_SECONDS:g}"
        )
    reference = reference_of(options.run, question.file)
    if options.by == "property" and reference.holds is None:
        raise RubricError(f"`run`: there is no holds_{reference.name}, and `by` asks for a property")
    texts = options.calls or [f"{options.function}({', '.join(options.parameters)})"]
    steps = () if options.variable else read_calls(texts, options.parameters)
    if steps and steps[-1].function != options.function:
        raise RubricError(f"`calls` ends with {steps[-1].function}; `function` is {options.function}")
    # What is tried may depend on the seed and on the case alone, never on the other cases.
    seed = f"{question.seed}/{question.id}"

    def made(groups: Sequence[Group], public: bool) -> dict[str, tuple[Case, ...]]:
        tries: dict[str, int] = {}
        for group in groups:
            for case in group.cases:
                tries[case] = max(tries.get(case, 0), group.tries)
        make = partial(make_case, reference, options.parameters, public=public)
        return {name: tuple(make(name, k + 1, seed) for k in range(n)) for name, n in tries.items()}

    # A table of the public cases earns nothing: every group has cases of the private seed as well.
    cases = made(options.groups, False)
    public = made([g for g in options.groups if g.public], True)
    every = [c for several in (*cases.values(), *public.values()) for c in several]
    returns = tuple(options.returns)
    for case in every:
        count = len(case.expected) if isinstance(case.expected, tuple) else 1
        if count != max(1, len(returns)):
            raise RubricError(
                f"numeric_{reference.name} gives {count} values; `returns` names {len(returns)}"
            )
    holds = reference.holds if options.by == "property" else None
    compared = Compared(options.rel, options.abs, options.column, returns, holds, bool(options.take))
    mistakes = tuple((m, variant(m.run, question.file, every)) for m in options.mistakes)
    return _Trials(reference, steps, cases, public, compared, mistakes)


def _check_groups(options: Options) -> None:
    if not options.groups:
        raise RubricError("`groups` is empty; list at least one group of cases")
    for i, group in enumerate(options.groups):
        check_credit(group.credit, f"groups[{i}].credit")
        if not group.cases or group.tries < 1:
            raise RubricError(f"`groups[{i}]` ({group.name}) tries no case")
        strange = [n for n in group.of if n not in options.returns]
        if strange:
            raise RubricError(f"`groups[{i}].of` names {strange[0]!r}, which is not among `returns`")
    total = sum(g.credit for g in options.groups)
    if abs(total - 1) > SUM_OF_CREDITS:
        raise RubricError(f"the credits of `groups` add up to {total:g}, not to 1")
    for i, m in enumerate(options.mistakes):
        check_credit(m.credit, f"mistakes[{i}].credit")


# ---- what came of running it


def _not_run(wanted: str, ran: Ran, evidence: dict[str, object]) -> Judgement:
    message = f"{wanted} was not run: a person looks."
    if ran.missing_module:
        message = (
            f"{wanted} was not run: it needs {ran.missing_module}, which is not installed here. "
            "A person looks."
        )
    return Judgement(Outcome.REVIEW, 0.0, message, wanted, {**evidence, "not run": ran.message})


def _judge(
    options: Options, trials: _Trials, ran: Mapping[str, Ran], evidence: dict[str, object]
) -> Judgement:
    wanted = _asked(options).wanted
    groups = [g for g in options.groups if all(c.key in ran for c in _cases(trials, g))]
    misses = {g.name: _misses(trials, g, ran, options) for g in groups}
    failed = [g for g in groups if misses[g.name]]
    passed = [g for g in groups if not misses[g.name]]
    evidence["groups"] = [
        {"name": g.name, "credit": g.credit, "cases": len(_cases(trials, g)), "failed": len(misses[g.name])}
        for g in groups
    ]
    public = [g for g in options.groups if g.public]
    if public:
        evidence["public"] = [_public(trials, g, ran, options) for g in public]
    tried = len(trials.all)
    if len(groups) < len(options.groups):
        message = f"{wanted}: only the public cases were run."
        return Judgement(Outcome.REVIEW, 0.0, message, wanted, evidence)
    if not failed:
        evidence["level"] = "supported"
        inputs = (
            "" if options.variable else f" in all {tried} cases tried" if tried > 1 else " in the case tried"
        )
        return Judgement(Outcome.CORRECT, 1.0, f"{wanted} is right{inputs}.", wanted, evidence)
    evidence["level"] = "refuted"
    miss = misses[failed[0].name][0]
    credit = sum(g.credit for g in passed)
    remark, name = "", None
    mistake = _mistake(trials, ran, [m for g in failed for m in misses[g.name]])
    if mistake is not None:
        credit, remark, name = max(credit, mistake.credit), mistake.feedback, mistake.run.partition(":")[2]
    elif len(failed) == 1:
        remark = failed[0].feedback
    head = f"{wanted} is not right"
    if passed:
        head = f"{wanted} is right for {_listed(passed)}, not for {_listed(failed)}"
    message = f"{head}. {miss.sentence}{' ' + remark if remark else ''}"
    outcome = Outcome.PARTIAL if credit else Outcome.INCORRECT
    return Judgement(outcome, round(credit, 9), message, wanted, evidence, mistake=name, same=message)


def _cases(trials: _Trials, group: Group) -> list[Case]:
    return [*_shown(trials, group), *(c for name in group.cases for c in trials.cases[name][: group.tries])]


def _shown(trials: _Trials, group: Group) -> list[Case]:
    """The cases that students may run themselves."""
    return [c for name in group.cases for c in trials.public[name][: group.tries]] if group.public else []


def _misses(trials: _Trials, group: Group, ran: Mapping[str, Ran], options: Options) -> list[_Miss]:
    found: list[_Miss] = []
    for case in _cases(trials, group):
        one = ran[case.key]
        if one.state is not State.VALUE:
            found.append(_Miss(case, f"{_given(options, case)}{sentence_of(one)}"))
            continue
        fault = trials.compared.fault(case, one.value, group.of)
        if fault is not None:
            given = _given(options, case)
            found.append(_Miss(case, f"{given}{fault if given else fault[:1].upper() + fault[1:]}."))
    return found


def _given(options: Options, case: Case) -> str:
    if not case.arguments:
        return ""
    return (
        "With "
        + ", ".join(
            f"{name} = {show(value)}" for name, value in zip(options.parameters, case.arguments, strict=True)
        )
        + ": "
    )


def _mistake(trials: _Trials, ran: Mapping[str, Ran], misses: Sequence[_Miss]) -> Mistake | None:
    """The listed mistake that gives the student's values wherever they are wrong."""
    wrong = [m.case for m in misses if ran[m.case.key].state is State.VALUE]
    for mistake, values in trials.mistakes:
        if wrong and all(
            c.key in values and trials.compared.same(ran[c.key].value, values[c.key]) for c in wrong
        ):
            return mistake
    return None


def _public(trials: _Trials, group: Group, ran: Mapping[str, Ran], options: Options) -> str:
    """What a student may hear of a group: where the public cases are wrong, never what is expected there."""
    for case in _shown(trials, group):
        one = ran.get(case.key)
        if one is None:
            return f"{group.name}: not run"
        given = _given(options, case)
        said = None
        if one.state is not State.VALUE:
            said = sentence_of(one)
        elif fault := trials.compared.discreet(case, one.value, group.of):
            said = f"{fault if given else fault[:1].upper() + fault[1:]}."
        if said:
            return f"{group.name}: not right. {given}{said}"
    return f"{group.name}: right"


def _listed(groups: Sequence[Group]) -> str:
    return "; ".join(g.name for g in groups)


# ---- grade verify


def verify(options: Options, question: Question, oracle: object) -> Iterator[str]:
    """The reference against its second derivation and its property; mistakes against it."""
    trials = _compile(options, question)
    if trials is None:
        return
    reference, same = trials.reference, trials.compared
    if reference.second is None:
        yield f"`run`: there is no naive_{reference.name} or symbolic_{reference.name} to compare with"
    for name in trials.cases:
        for k in range(VERIFY_TRIES):
            case = make_case(reference, options.parameters, name, k + 1, f"verify/{k}", public=False)
            gap = second_opinion(reference, case)
            if gap:
                yield f"the case {name!r}: numeric_{reference.name} {gap}"
            fault = same.fault(case, case.expected, ())
            if fault is not None:
                yield f"the case {name!r}: what numeric_{reference.name} gives is refused: {fault}"
    for mistake, values in trials.mistakes:
        every = [c for c in trials.all if c.key in values]
        if all(same.fault(c, values[c.key], ()) is None for c in every):
            yield f"`mistakes`: {mistake.run} gives nothing wrong in any case"


def examples(options: Options, question: Question) -> Iterator[Example]:
    """The reference's own values, those of each mistake, and a crash in each group alone."""
    trials = _compile(options, question)
    if trials is None:
        return
    code = f"def {options.function}(*values): return values"
    code = f"{options.variable} = 1" if options.variable else code
    right = {c.key: Ran(State.VALUE, c.expected) for c in trials.all}
    crash = Ran(State.RAISED, message="it raises an error")
    yield Example("the reference's own values", code=code, ran=right)
    for group in options.groups:
        hit = {c.key for c in _cases(trials, group)}
        touched = [g for g in options.groups if hit & {c.key for c in _cases(trials, g)}]
        ran = {key: crash if key in hit else value for key, value in right.items()}
        credit = 1 - sum(g.credit for g in touched)
        yield Example(f"a crash in the cases {group.name!r}", code=code, ran=ran, credit=round(credit, 9))
    for mistake, values in trials.mistakes:
        ran = {key: Ran(State.VALUE, values[key]) if key in values else crash for key in right}
        what = f"the mistake {mistake.run!r}"
        yield Example(what, code=code, ran=ran, credit=None, says=mistake.feedback)
