"""A small class with one of everything, graded once for all tests of the reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from grader.engine.executors import Graded, grade_all
from grader.engine.grade import Grader
from grader.engine.plan import make_plan
from grader.model import SubmissionResult
from grader.rubric import Rubric
from tests.kit import make_course, submit

EVIL = '=1+1</pre></code><script>alert("x")</script>\' onload="y" &amp; \u202e\x07'


class Class(NamedTuple):
    graded: list[Graded]
    rubrics: list[Rubric]

    @property
    def results(self) -> list[SubmissionResult]:
        return [g.result for g in self.graded]


def grade_folder(folder: Path, rubric: str | None = "tiny") -> Class:
    plan = make_plan([folder], rubric)
    grader = Grader(plan.rubrics)
    graded = grade_all(grader, plan.jobs, plan.rubrics, None)
    if plan.rubric:
        grader.rubric(plan.rubric)
    return Class(graded, list(grader.rubrics()))


@pytest.fixture(scope="module")
def class_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        course = make_course(tmp_path_factory.mktemp("class") / "course", monkeypatch)
        folder = course / "in"
        submit(folder, "s001", q1_1="1/2", q1_2="yes", q2="more")
        submit(folder, "s002", q1_1="third", q1_2="no")
        submit(folder, "s003", q1_1="crash", q1_2="perhaps")
        submit(folder, EVIL, q1_1="hostile:" + EVIL, q1_2="garbage: " + EVIL)
        submit(folder, "s005", q1_1="wrong")
        (folder / "s044.json").write_text('{"student": ')
        yield grade_folder(Path("in"))
