"""A class of any size: the pages are made of results made light, and stay small enough for a browser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from grader.engine.executors import Graded, make_executor
from grader.engine.grade import Grader
from grader.engine.spool import Results, Spool
from grader.engine.store import Store
from grader.model import SubmissionResult
from grader.reports import answers, classroom, review
from grader.reports.classroom import class_page
from grader.reports.html import class_html, review_html
from grader.reports.light import lighten
from grader.reports.pages import write_pages
from grader.reports.queue import answer_groups, queue_csv
from grader.reports.review import review_page
from grader.reports.unchanged import Unchanged
from grader.rubric import Rubric
from tests.kit import make_course, submit
from tests.reports.conftest import Class, grade_folder


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        course = make_course(tmp_path_factory.mktemp("many") / "course", monkeypatch)
        for i in range(30):
            half = ["1/2", "perhaps", "third", f"own {i}", f"garbage: {i}"][i % 5]
            submit(course / "in", f"s{i:03}", q1_1=half, q1_2="yes")
        (course / "in" / "s999.json").write_text('{"student": ')
        yield grade_folder(Path("in"))


def spooled(graded: list[Graded]) -> Spool:
    spool = Spool(len(graded))
    for i in reversed(range(len(graded))):
        spool.put(i, graded[i])
    return spool


def test_pages_of_light_results_are_those_of_the_results(class_: Class, many: Class) -> None:
    for found in (class_, many):
        pages = [f"students/{i}.html" for i in range(len(found.graded))]
        with spooled(found.graded) as spool:
            light = lighten(spool)
        groups = answer_groups(light.results, found.rubrics, light.quotes)
        assert groups == answer_groups(found.results, found.rubrics)
        assert queue_csv(groups[0]) == queue_csv(answer_groups(found.results, found.rubrics)[0])
        assert class_html(class_page(light.results, found.rubrics, pages, (), groups)) == class_html(
            class_page(found.results, found.rubrics, pages)
        )
        assert review_html(review_page(light.results, found.rubrics, groups)) == review_html(
            review_page(found.results, found.rubrics)
        )


def test_findings_that_many_share_are_kept_once(many: Class) -> None:
    light = lighten(many.graded)
    assert sum(len(r.findings) for r in light.results) == 30 * 4
    assert len({id(f) for r in light.results for f in r.findings}) == len(light.quotes) < 50


def test_a_spool_gives_back_what_was_put_in(class_: Class) -> None:
    odd = SubmissionResult("s\ud800", "x.md", class_.results[0].status)
    with spooled([*class_.graded, Graded(odd, 2.5)]) as spool:
        assert list(spool) == [*class_.graded, Graded(odd, 2.5)]
        assert (spool[-1].result, spool[0:2], len(spool)) == (odd, class_.graded[:2], len(class_.graded) + 1)
        spool.put(0, Graded(odd, 1.0))
        assert list(Results(spool)) == [odd, *class_.results[1:], odd]
        assert (spool.packed(0), bool(spool.packed(1))) == (b"", True)
    with Spool(2) as spool, pytest.raises(LookupError, match="submission 1 has no result yet"):
        spool[1]


def test_a_very_large_class_lists_those_who_need_a_person(
    many: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classroom, "MAX_STUDENTS", 8)
    monkeypatch.setattr(answers, "MAX_MEMBERS", 2)
    monkeypatch.setattr(answers, "MAX_NAMED", 4)
    pages = [f"students/{i}.html" for i in range(len(many.graded))]
    page = class_page(many.results, many.rubrics, pages)
    (sheet,) = page.sheets
    assert [row.link.text for row in sheet.students] == [
        "s999",
        *("s001", "s004", "s006", "s009", "s011", "s014", "s016"),
    ]
    assert sheet.left == (
        "8 of 31 students, those who need a person first. All of them are in scores.csv, and each has a "
        "page in students/."
    )
    html = class_html(page)
    assert sheet.left in html
    assert ", and 26 more" in html  # of those who said yes
    assert page.counts["submissions"] == 31


def test_the_review_page_says_what_it_leaves_out(many: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "MAX_ITEMS", 3)
    monkeypatch.setattr(review, "MAX_REST", 2)
    page = review_page(many.results, many.rubrics)
    assert (len(page.items), page.left) == (3, "4 more groups")
    assert page.waiting.startswith("7 groups of equal answers (12 answers, 14 decisions")
    first = page.rest[0]
    assert (len(first.groups), first.left) == (2, "14 smaller groups of 24 answers")
    html = review_html(page)
    assert "4 more groups, each with no more points than these" in html
    assert "14 smaller groups of 24 answers are not shown" in html


def test_pages_that_are_there_are_not_made_again(many: Class, tmp_path: Path) -> None:
    store = Store(tmp_path / "store.sqlite")
    spool = spooled(many.graded)
    pages = [tmp_path / f"{i}.html" for i in range(len(spool))]

    def write(path: Path, data: bytes | Iterable[bytes]) -> None:
        path.unlink(missing_ok=True)
        path.write_bytes(b"".join(data) if not isinstance(data, bytes) else data)

    def made(rubrics: Sequence[Rubric] = many.rubrics) -> int:
        with make_executor(Grader({}), {}, None) as executor:
            files = Unchanged(spool, rubrics, write, store)
            written = write_pages(pages, spool, rubrics, files, executor)
            files.done()
            return written

    assert made() == len(pages)
    before = {p: p.read_bytes() for p in pages}
    assert made() == 0
    pages[3].write_text("somebody wrote here")
    pages[4].unlink()
    pages[5].unlink()
    pages[5].symlink_to(pages[6])
    assert made() == 3
    assert made() == 0
    assert {p: p.read_bytes() for p in pages} == before
    (sheet,) = many.rubrics
    checks = [replace(c, options={"accept": "all"}) for c in sheet.questions[0].criteria]
    judged = replace(sheet.questions[0], criteria=tuple(checks), given=("x = y",))
    assert made([replace(sheet, digest="another", questions=(judged, *sheet.questions[1:]))]) == 0
    called = replace(sheet.questions[0], title="Another title")
    assert made([replace(sheet, questions=(called, *sheet.questions[1:]))]) == len(pages)
    assert write_pages(pages, spool, many.rubrics, Unchanged(spool, many.rubrics, write)) == len(pages)
    assert {p: p.read_bytes() for p in pages} == before
    store.close()
    spool.close()
