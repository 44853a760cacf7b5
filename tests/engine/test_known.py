"""What was judged before: a changed criterion is judged again, those that looked at it, nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.engine.digests import Keys, written
from grader.engine.executors import make_executor
from grader.engine.grade import Grader, Settings
from grader.engine.run import Tally, grade_class
from grader.engine.running import Asks, Runner
from grader.engine.spool import Results, Spool
from grader.engine.store import Store
from grader.engine.values import plain
from grader.engine.watching import Judged, Looked, Looks, earlier_now, question_now, watched
from grader.model import Job, Judgement, Outcome, SubmissionResult
from grader.rubric import load_rubric

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "layers-hw"

LINKED = r"""
id = "linked"
title = "Linked questions"
points = 5
conventions = [
    { symbol = "c", title = "scale of the loss", ways = [
        { value = "1/n", title = "1/n" },
        { value = "1/(2n)", title = "1/(2n)", credit = 0.5 },
    ] },
]

[symbols]
X = "matrix n d"
w = "vector d"
t = "vector n"
eta = "scalar > 0"
n = "dim"

[[questions]]
id = "1"
title = "The gradient"
points = 3
[[questions.criteria]]
id = "gradient"
kind = "expression"
points = 2
title = "Its formula"
labels = ["g"]
expected = '2 c X^T (X w - t)'
[[questions.criteria]]
id = "why"
kind = "choice"
points = 1
expected = "chain"
choices = { chain = ['\bchain\b'], product = ['\bproduct\b'] }

[[questions]]
id = "2"
title = "A step"
points = 2
[[questions.criteria]]
id = "step"
kind = "expression"
points = 2
labels = ["w_1"]
expected = 'w - 2 c \eta X^T (X w - t)'
follow = { criterion = "1/gradient", symbol = "g", expected = 'w - \eta g' }
"""

RIGHT, HALF = r"$g = \frac{2}{n} X^T(Xw-t)$", r"$g = \frac{1}{n} X^T(Xw-t)$"
WRONG, WRONG_STEP = r"$g = 3 X^T(Xw-t)$", r"$w_1 = w - 3\eta X^T(Xw-t)$"
STEP = r"$w_1 = w - \frac{2\eta}{n} X^T(Xw-t)$"
CLASS = (
    {"1": RIGHT + " by the chain rule", "2": STEP},
    {"1": WRONG + " by the chain rule", "2": WRONG_STEP},
    {"1": RIGHT + " by the chain rule", "2": WRONG_STEP},
    {"1": HALF + " by the product rule", "2": STEP},
    {"1": RIGHT + " by the chain rule", "2": STEP},
    {"2": STEP},
)


class Course:
    """A rubric, a class and a store; every run is held against one without a store."""

    def __init__(self, folder: Path, rubric: str, work: tuple[Mapping[str, Any], ...]) -> None:
        self.rubric, self.store = folder / "rubric.toml", folder / "store.sqlite"
        self.rubric.write_text(rubric, "utf-8")
        self.jobs = []
        for i, answers in enumerate(work):
            file = folder / f"s{i:03}.json"
            file.write_text(json.dumps({"student": f"s{i:03}", "answers": answers}), "utf-8")
            self.jobs.append(Job(str(file), file.name, None, str(self.rubric)))

    def edit(self, old: str, new: str) -> None:
        text = self.rubric.read_text("utf-8")
        assert old in text
        self.rubric.write_text(text.replace(old, new), "utf-8")

    def run(self, seed: str = "") -> Tally:
        with Store(self.store) as store:
            known, tally = self._graded(Settings(seed=seed, store=str(self.store)), store)
        fresh, _ = self._graded(Settings(seed=seed), None)
        assert known == fresh
        return tally

    def _graded(self, settings: Settings, store: Store | None) -> tuple[list[SubmissionResult], Tally]:
        grader = Grader({}, settings)
        with Spool(len(self.jobs)) as spool, make_executor(grader, {}, None) as executor:
            tally = grade_class(executor, self.jobs, spool, store, Keys(settings, {}))
            return list(Results(spool)), tally


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path, LINKED, CLASS)


def test_equal_answers_are_judged_once(course: Course) -> None:
    tally = course.run()
    # the formula and the choice three times each; the step after each other formula, and after nothing
    assert (tally.graded, tally.judged) == (6, 3 + 3 + 5)
    assert (course.run().known, course.run().judged) == (6, 0)


def test_words_that_no_judgement_hangs_on_cost_none(course: Course) -> None:
    course.run()
    course.edit('title = "The gradient"', 'title = "Gradients"')
    course.edit('title = "Its formula"', 'title = "The formula of the gradient"')
    tally = course.run()
    assert (tally.graded, tally.judged) == (6, 0)
    course.edit("points = 3", "points = 4")
    course.edit("points = 1\n", "points = 2\n")
    course.edit("points = 5", "points = 6")
    assert course.run().judged == 0


def test_one_edited_criterion_is_judged_again_alone(course: Course) -> None:
    course.run()
    course.edit(r"product = ['\bproduct\b']", r"product = ['\bproduct\b', '\bsum\b']")
    assert course.run().judged == 3


def test_and_those_that_looked_at_its_result(course: Course) -> None:
    course.run()
    course.edit("'2 c X^T (X w - t)'", "'2 c X^T (X w - t)'\nslip_credit = 0.25")
    # the formula is judged again; of the steps only those that an own wrong formula was put into
    assert course.run().judged == 3 + 1
    course.edit("'2 c X^T (X w - t)'", "'2 c X^T X w - 2 c X^T t'")
    assert course.run().judged == 3 + 5  # building `follow` looks at what is expected there


def test_a_label_of_one_formula_matters_to_the_formulas_beside_it(course: Course) -> None:
    course.run()
    course.edit('labels = ["g"]', 'labels = ["g", "G"]')
    assert course.run().judged == 3 + 5  # not the choice


def test_what_was_carried_forward_is_there_again_for_a_new_step(course: Course) -> None:
    course.run()
    course.edit(
        "expected = 'w - 2 c \\eta X^T (X w - t)'", "expected = 'w - 2 c \\eta X^T X w + 2 c \\eta X^T t'"
    )
    tally = course.run()
    # all five steps, one of them with the own formula put in, which only then is read again
    assert tally.judged == 5


def test_nothing_is_stored_for_a_rubric_that_is_edited_meanwhile(course: Course) -> None:
    keys = Keys(Settings(), {})
    first = [keys.of(job) for job in course.jobs]
    assert None not in first
    assert [keys.of(job) for job in course.jobs] == first
    course.edit("A step", "A single step")
    assert [keys.of(job) for job in course.jobs] == [None] * 6
    assert None not in {Keys(Settings(), {}).of(job) for job in course.jobs}


def test_the_seed_matters_only_where_it_is_looked_at(course: Course) -> None:
    course.run()
    tally = course.run(seed="another")
    assert (tally.graded, tally.judged) == (6, 0)


def test_a_whole_sheet_with_one_edited_criterion(tmp_path: Path) -> None:
    text = (ROOT / "rubrics" / "csc413-2020-hw2.toml").read_text("utf-8")
    work = (
        {"2.2.1": r"$w_1 = w_0 - \frac{2\eta}{n} X^T a$, $L_1 = \frac1n \|X w_1 - t\|^2$", "2.2.2": "convex"},
        {"2.2.1": r"$w_1 = w_0 - \eta X^T a$", "2.2.2": "No, it is not convex.", "2.1.3": "Ties: see below"},
    )
    course = Course(tmp_path, text, work)
    first = course.run().judged
    assert first > 10
    course.edit("the loss is (1/n)‖Xw − t‖², without 1/2.", "look at the loss again.")
    assert 2 <= course.run().judged <= 4  # w_1 of both, and what was put into L_1
    (tmp_path / "s001.json").write_text(json.dumps({"student": "s001", "answers": work[0]}), "utf-8")
    tally = course.run()
    assert (tally.known, tally.judged) == (1, 0)


# ---- looks


def test_looks_at_a_question_are_noted_and_found_again(tmp_path: Path) -> None:
    (tmp_path / "linked.toml").write_text(LINKED, "utf-8")
    question = load_rubric(tmp_path / "linked.toml").questions[1]
    looks: Looks = {}
    seen = watched(question, looks)
    assert looks == {}
    assert isinstance(seen, type(question))
    assert seen.locale == "decimal-point"
    assert seen.criteria[0].options.get("labels") == ["w_1"]
    assert "gone" not in seen.before["1/gradient"].options
    assert {**seen.before["1/why"].options}["expected"] == "chain"
    assert set(looks) == {
        ("locale",),
        ("criteria",),
        ("criteria", "step", "options", "labels"),
        ("before",),
        ("before", "1/gradient", "options", "gone"),
        ("before", "1/why", "options"),
        ("before", "1/why", "options", "expected"),
        ("before", "1/why", "options", "choices"),
    }
    assert all(question_now(question, path) == said for path, said in looks.items())
    assert replace(seen, title="x").criteria[0].id == "step"
    assert type(replace(seen, title="x")) is type(question)


def test_looks_at_earlier_judgements_are_noted_and_found_again() -> None:
    first = Judgement(Outcome.PARTIAL, 0.5, "half", evidence={"a": (1,)}, carried=[1], settled={"c": "1/n"})
    judged = {"a": Judged(first, b"mark"), "b": Judged(replace(first, message="b"), None)}
    looked = Looked(judged)
    assert looked["a"].settled == {"c": "1/n"}
    assert looked.get("none") is None
    assert [(k, j.outcome) for k, j in looked.items()] == [("a", "partial"), ("b", "partial")]
    assert isinstance(looked["a"], Judgement)
    assert all(earlier_now(judged, path) == said for path, said in looked.looks.items())
    assert ("b", "carried") not in looked.looks
    assert looked["a"].carried == [1]
    assert (looked.looks["a", "carried"], looked["b"].carried) == (b"mark", [1])
    assert looked.looks["b", "carried"] is None
    assert replace(looked["a"], credit=1.0) == replace(first, credit=1.0)


def test_a_judgement_from_the_store_is_made_whole_when_somebody_asks() -> None:
    whole = Judgement(Outcome.PARTIAL, 0.5, "half", carried="a tree")
    asked = []

    def again() -> Judgement:
        asked.append(1)
        return whole

    looked = Looked({"a": Judged(replace(whole, carried=None), b"mark", again)})
    assert (looked["a"].message, asked) == ("half", [])
    assert (looked["a"].carried, looked["a"].carried, asked) == ("a tree", "a tree", [1])


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.fractions(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.tuples(inner)
        | st.frozensets(st.integers(), max_size=3)
    ),
    max_leaves=12,
)


@given(values)
def test_what_is_plain_stays_as_it_is(value: Any) -> None:
    assert repr(plain(plain(value))) == repr(plain(value))


@given(values, values)
def test_what_is_written_tells_values_apart(a: Any, b: Any) -> None:
    assert (written(a) == written(b)) == (repr(a) == repr(b) or (isinstance(a, frozenset) and a == b))


def test_code_is_run_again_only_where_what_it_is_asked_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seed is of the question's own part: another question's title changes nothing that code is given."""
    course = tmp_path / "course"
    shutil.copytree(EXAMPLE, course, ignore=shutil.ignore_patterns("__pycache__"))
    rubric = course / "rubrics" / "layers-hw.toml"
    text = rubric.read_text("utf-8")
    ran: list[Runner] = []
    real = Runner.run

    def counted(self: Runner, *args: Any) -> Asks:
        ran.append(self)
        return real(self, *args)

    monkeypatch.setattr(Runner, "run", counted)

    def graded(*, seed: str = "") -> SubmissionResult:
        with Store(tmp_path / "store.sqlite") as store, Spool(1) as spool:
            settings = Settings(seed=seed, store=str(tmp_path / "store.sqlite"))
            file = course / "answers" / "s002.ipynb"
            with make_executor(Grader({}, settings), {}, None) as executor:
                jobs = [Job(str(file), file.name, None, str(rubric))]
                grade_class(executor, jobs, spool, store, Keys(settings, {}))
            return next(iter(Results(spool)))

    first = graded()
    if not any(f.outcome is Outcome.PARTIAL for f in first.findings):
        pytest.skip("no sandbox works here")
    rubric.write_text(text.replace('title = "An experiment"', 'title = "An attempt"'), "utf-8")
    again = graded()
    assert (again.findings, again.sandbox, len(ran)) == (first.findings, first.sandbox, 1)
    rubric.write_text(text.replace("tries = 2", "tries = 3"), "utf-8")
    graded()
    graded(seed="another")
    assert len(ran) == 3
    source = course / "reference" / "layers.py"
    source.write_text(source.read_text("utf-8") + "\n# a word more\n", "utf-8")
    graded()  # whoever knows the rubric still does not know the inputs
    assert len(ran) == 4
