"""What is graded against what."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import builtin_course
from grader.engine.plan import make_plan
from grader.errors import UsageFault
from tests.kit import make_course, submit


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    course = make_course(tmp_path.resolve() / "course", monkeypatch)
    submit(course / "in", "s002", q1_2="yes")
    submit(course / "in", "s001", q1_2="yes")
    return course


def test_jobs_and_the_rubrics_they_may_name(course: Path) -> None:
    plan = make_plan([Path("in")], None)
    assert [(job.source, job.rubric) for job in plan.jobs] == [
        ("in/file000.json", None),
        ("in/file001.json", None),
    ]
    assert plan.rubric is None
    assert plan.rubrics["tiny"] == str(course / "rubrics" / "tiny.toml")


def test_a_given_rubric_is_every_jobs(course: Path) -> None:
    plan = make_plan([Path("in")], "tiny")
    file = str(course / "rubrics" / "tiny.toml")
    assert plan.rubric == file
    assert [job.rubric for job in plan.jobs] == [file, file]


def test_an_earlier_report_is_no_submission(course: Path) -> None:
    submit(course / "in" / "out", "run", q1_2="yes").rename(course / "in" / "out" / "run.json")
    assert len(make_plan([Path("in")], None).jobs) == 3
    assert len(make_plan([Path("in")], None, out=Path("in/out")).jobs) == 2


def test_submissions_that_would_lie_in_the_report(course: Path) -> None:
    with pytest.raises(UsageFault) as caught:
        make_plan([Path("in/file000.json")], None, out=Path("in"))
    assert str(caught.value) == (
        "--out in: the submissions in in/file000.json lie in it; give another folder"
    )


def test_nothing_to_grade(course: Path) -> None:
    (course / "empty").mkdir()
    with pytest.raises(UsageFault) as caught:
        make_plan([Path("empty")], None)
    assert str(caught.value) == (
        "there is nothing to grade in empty; submissions are .ipynb, .json, .md, .mmd and .txt files, "
        "or folders of them"
    )


def test_what_is_left_out_is_said(course: Path) -> None:
    submit(course / "in", "s001")
    (course / "in" / "README.md").write_text("# Read me")
    cure = "to grade one, name it after `grade run`"
    said = f"not graded, since its name says that it is no submission: in/README.md; {cure}"
    assert make_plan([Path("in")], "tiny").notes == (said,)
    (course / "in" / "queue.csv").write_text("student,points")
    names = "in/README.md, in/queue.csv"
    said = f"not graded, since their names say that they are no submission: {names}; {cure}"
    assert make_plan([Path("in")], "tiny").notes == (said,)


def test_an_unknown_rubric(course: Path) -> None:
    with pytest.raises(UsageFault, match="there is no rubric 'tinny' in"):
        make_plan([Path("in")], "tinny")


# ---- whose course

BUILTIN = builtin_course().rubrics


def planted(folder: Path) -> None:
    """What a hostile hand-in may bring along: rubrics and Python that would be trusted."""
    (folder / "rubrics").mkdir(parents=True)
    (folder / "reference").mkdir()
    (folder / "rubrics" / "csc413-2020-hw2.toml").write_text("id = 'x'", "utf-8")
    (folder / "reference" / "evil.py").write_text("raise SystemExit('it ran')", "utf-8")


@pytest.mark.parametrize("what", [".", "hw.json", "../repo", ".."])
def test_a_course_that_came_with_the_submissions_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    repo = tmp_path / "class" / "repo"
    planted(repo)
    submit(repo, "s001", assignment="csc413-2020-hw2").rename(repo / "hw.json")
    monkeypatch.chdir(repo)
    why = (
        f"{what}: the rubrics/ and reference/ of {repo} lie in or beside what is graded and may be a "
        "student's; keep submissions in a folder of their own, or run grade from another folder"
    )
    for rubric in ("csc413-2020-hw2", None):
        plan = make_plan([Path(what)], rubric)
        assert plan.notes == (f"The built-in rubrics are used. {why}",)
        assert plan.rubrics == {name: str(BUILTIN / f"{name}.toml") for name in plan.rubrics}
        assert plan.rubric in (None, str(BUILTIN / "csc413-2020-hw2.toml"))
    (repo / "rubrics" / "own.toml").write_text("id = 'x'", "utf-8")
    with pytest.raises(UsageFault) as caught:
        make_plan([Path(what)], "own")
    assert str(caught.value) == why


def test_a_course_above_is_named_and_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = tmp_path / "repo"
    planted(repo)
    (repo / "rubrics" / "own.toml").write_text("id = 'x'", "utf-8")
    submit(repo / "sub", "s001", assignment="csc413-2020-hw2")
    monkeypatch.chdir(repo / "sub")
    with pytest.raises(UsageFault) as caught:
        make_plan([Path()], "own")
    assert str(caught.value) == (
        f".: the course folder {repo} was found above the current folder, together with what is graded; run "
        f"grade from {repo} itself if it is yours, else from another folder"
    )


def test_a_course_of_ones_own_holds_its_submissions(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(course / "in", "s001")
    monkeypatch.chdir(course)
    assert make_plan([Path("in")], "tiny").rubric == str(course / "rubrics" / "tiny.toml")


def test_a_rubric_that_is_named_by_its_file_is_meant(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(course / "in", "s001")
    monkeypatch.chdir(course / "in")
    assert make_plan([Path()], "../rubrics/tiny.toml").rubric is not None
