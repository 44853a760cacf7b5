"""The HTML pages: right numbers, everything escaped, nothing loaded, nobody else's business."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest

from grader.model import Answer, CodeCell, Finding, Outcome, Status, Submission, SubmissionResult, Where
from grader.reports.answers import Link
from grader.reports.classroom import Shared, Trouble, class_page
from grader.reports.html import class_html, student_html
from grader.reports.mistakes import mistakes
from grader.reports.points import answer_outcome
from grader.reports.readings import Read
from grader.reports.student import (
    ERROR_MESSAGE,
    MAX_QUOTE,
    Counterexample,
    CriterionView,
    Quote,
    StudentPage,
    Table,
    student_page,
)
from grader.reports.unread import Unreadable
from grader.rubric import Rubric
from tests.kit import make_course, submit
from tests.reports.browser import Page, words
from tests.reports.conftest import EVIL, Class, grade_folder

SHOWN = '=1+1</pre></code><script>alert("x")</script>\' onload="y" &amp; ⟨U+202E⟩⟨U+0007⟩'
SCRIPT = (resources.files("grader.reports") / "templates" / "report.js").read_text("utf-8")
DIGEST = b64encode(sha256(f"\n{SCRIPT}\n".encode()).digest()).decode()
POLICY = f"; script-src &#39;sha256-{DIGEST}&#39;"
ANSWER = "one sentence after the other, " * 4


def pages_of(class_: Class) -> list[str]:
    return [f"students/p{i}.html" for i in range(len(class_.results))]


def student(class_: Class, name: str) -> StudentPage:
    (result,) = (r for r in class_.results if r.student == name)
    return student_page(result, class_.rubrics[0])


def every_page(class_: Class) -> dict[str, str]:
    found = {"class": class_html(class_page(class_.results, class_.rubrics, pages_of(class_)))}
    return found | {r.student: student_html(student_page(r, class_.rubrics[0])) for r in class_.results}


# ---- all pages


def test_pages_are_whole_load_nothing_and_run_nothing(class_: Class) -> None:
    for name, html in every_page(class_).items():
        page = Page(html)
        assert len(set(page.ids)) == len(page.ids)
        assert "http://" not in html
        assert "https://" not in html
        assert "url(" not in re.sub(
            r'fill="url\(#sheet1-p\)"|src:url\(data:font/woff2;base64,[A-Za-z0-9+/=]+\)', "", html
        )
        assert page.headings[0] == 1
        assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
        assert (
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            f"style-src 'unsafe-inline'; img-src data:; font-src data:{POLICY if name == 'class' else ''}\">"
        ) in html


def test_what_a_student_wrote_is_text_everywhere(class_: Class) -> None:
    for name, html in every_page(class_).items():
        assert "<script" not in html.replace(f"<script>\n{SCRIPT}\n</script>", "", name == "class")
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", html)
        if name in ("class", EVIL):
            assert SHOWN in Page(html).text


def test_a_page_says_the_same_thing_twice(class_: Class) -> None:
    assert every_page(class_) == every_page(class_)


# ---- a student's page


def test_the_pages_of_students_have_nothing_of_each_other(class_: Class) -> None:
    for result in class_.results:
        html = student_html(student_page(result, class_.rubrics[0]))
        others = [r for r in class_.results if r is not result]
        assert not [r.student for r in others if r.student in html or r.source in html]
        assert all(link.startswith("#") for link in Page(html).links)


def test_scores_of_a_student(class_: Class) -> None:
    assert (student(class_, "s001").score, student(class_, "s001").waits) == (
        "6 of 5 points (1 of them bonus)",
        "",
    )
    page = student(class_, "s003")
    assert (page.score, page.waits) == ("0 of 5 points so far", "5 points wait for a person")
    assert [q.points for q in page.questions] == ["– of 3", "– of 2", "0 of 1"]


def test_a_criterion_with_its_counterexample(class_: Class) -> None:
    page = student(class_, "s002")
    assert page.questions[1].read == Read("«no»")
    assert page.questions[1].quotes == (Quote("Your text", "no", words=True),)
    assert page.questions[1].criteria == (
        CriterionView(
            outcome=Outcome.INCORRECT,
            title="The word",
            points="0 of 2",
            message="not the same value",
            read=Read(""),
            counterexample=Counterexample((("x", "2"),), "no", "yes", "At x = 2 the two differ."),
            evidence=(),
        ),
    )
    assert (
        "What it earned ✗ incorrect The word 0 of 2 points not the same value Check it by hand. "
        "At x = 2 the two differ. x 2 your answer gives no expected yes"
    ) in words(student_html(page))


def test_our_own_fault_is_said_without_its_details(class_: Class) -> None:
    page = student(class_, "s003")
    assert page.questions[0].message == ERROR_MESSAGE
    assert {c.message for c in page.questions[0].criteria} == {""}
    html = student_html(page)
    assert "boom" not in html
    assert "raised at" not in html


def test_the_page_of_an_unreadable_file(class_: Class) -> None:
    text = words(student_html(student(class_, "s044")))
    assert (
        "Tiny sheet · s044 Read from in/s044.json. This file could not be read "
        "1:13: not valid JSON: expecting value What helps: the file stops too early; hand in the whole file. "
        "It was not graded, which is not the same as no points."
    ) in text
    assert "of 5 points" not in text


def result_of(rubric: Rubric, answer: Answer, evidence: dict[str, object]) -> SubmissionResult:
    finding = Finding(
        "s1", "1.2", "word", "say", Outcome.PARTIAL, 1.0, 2.0, "m", "read", evidence, str(answer.where)
    )
    submission = Submission("s1", "tiny", "s1.ipynb", {"1.2": answer}, ("two headings carry 1.2",))
    return SubmissionResult("s1", "s1.ipynb", Status.GRADED, rubric.path, "", "", submission, (finding,))


def test_long_answers_code_and_values_are_quoted_within_limits(class_: Class) -> None:
    where = Where("s1.ipynb", cell=3)
    answer = Answer(
        "1.2",
        where,
        text="x" * (MAX_QUOTE + 5),
        value=[[1, 2], [3, 4]],
        code=(CodeCell("print(1)", where, "1\n"),),
        prompt="What is it?",
        notes=("taken from the second copy",),
    )
    page = student_page(result_of(class_.rubrics[0], answer, {}), class_.rubrics[0])
    question = page.questions[1]
    assert question.quotes == (
        Quote("Your text", "x" * MAX_QUOTE, 5, words=True),
        Quote("Your values", "[1, 2]\n[3, 4]"),
        Quote("Your code (s1.ipynb, cell 3)", "print(1)"),
        Quote("What it printed when it was last run", "1\n"),
        Quote("Taken for the question's own words, not judged", "What is it?", folded=True),
    )
    text = words(student_html(page))
    assert "… and 5 characters more." in text
    assert "Note: taken from the second copy" in text
    assert "How the file was read two headings carry 1.2" in text


def test_evidence_is_shown_but_not_the_answer(class_: Class) -> None:
    evidence = {
        "level": "supported",
        "points_tried": 9,
        "bound": 2e-50,
        "rows": ["a", "b"],
        "table": {"total": 12},
        "sizes": [{"n": 2, "d": 3}, {"n": 3, "d": 5}],
        "converged": True,
        "quoted": ANSWER[:70] + "…",
        "nothing": None,
        "expected": "SECRET",
        "reference": "SECRET",
        "mistake": "factor 2",
        "counterexample": "not an object",
    }
    answer = Answer("1.2", Where("s1.md"), text=ANSWER, value={"a": 1})
    page = student_page(result_of(class_.rubrics[0], answer, evidence), class_.rubrics[0])
    (criterion,) = page.questions[1].criteria
    assert criterion.counterexample is None
    assert criterion.evidence == (
        ("level", "supported"),
        ("points_tried", "9"),
        ("bound", "2e-50"),
        ("rows", "a; b"),
        ("table", "total = 12"),
        ("sizes", "n = 2, d = 3; n = 3, d = 5"),
        ("converged", "yes"),
    )
    assert page.questions[1].quotes[1:] == (Quote("Your values", "a: 1"),)
    assert "SECRET" not in student_html(page)


# ---- the class's page


def test_who_needs_you_now(class_: Class) -> None:
    page = class_page(class_.results, class_.rubrics, pages_of(class_))
    assert page.counts == {"submissions": 6, "graded": 3, "partial": 2, "unreadable": 1}
    assert page.unreadable == (
        Unreadable(
            "Not valid JSON: expecting value.",
            "The file stops too early; hand in the whole file.",
            ((Link("s044", "students/p5.html"), "in/s044.json:1:13"),),
        ),
    )
    assert page.troubles[0] == Trouble(
        "1.1 value",
        "The criterion 'value' could not be run (KeyError: 'boom'). "
        "This is a fault of the grader or of the rubric and costs no marks.",
        "1 student affected: s003",
    )
    (queue,) = page.queues
    assert (queue.question, queue.anchor, queue.answers, queue.points) == ("1.2", "q1.2", 2, "4")
    assert [link.text for link in queue.links] == ["s003", EVIL]
    assert (page.waiting_answers, page.waiting_points) == (2, "4")
    text = words(class_html(page))
    assert text.startswith(
        "Tiny sheet Tiny sheet 6 submissions: 3 graded, 2 partial, 1 unreadable. Who needs you now "
        "! could not be checked 1.1 value"
    )
    waits = "2 answers to review, 4 points waiting Open the queue: 3 groups "
    assert waits + "1.2 Yes or no: 2 answers in 2 groups, 4 points: s003, =1+1" in text


def test_how_it_went(class_: Class) -> None:
    (sheet,) = class_page(class_.results, class_.rubrics, pages_of(class_)).sheets
    assert sheet.summary == (
        "Median 0.5, middle half 0 to 1, highest 6. 2 scores are not final: points still wait for a person."
    )
    first, second, third = sheet.questions
    assert (first.mean, first.points) == ("1.12", "3")
    assert {o.value: n for o, n in first.counts.items() if n} == {
        "correct": 1,
        "partial": 2,
        "incorrect": 1,
        "error": 1,
    }
    assert first.mistakes == ((1, EVIL), (1, "one in three"))
    assert second.mistakes == ((1, "not the same value"),)
    assert (third.bonus, third.mean) == (True, "0.2")
    assert [(s.link.text, s.score, s.pending, s.status) for s in sheet.students] == [
        ("s001", "6", "", "graded"),
        ("s002", "1", "", "graded"),
        ("s003", "0", "5", "partial"),
        (EVIL, "0", "2", "partial"),
        ("s005", "0.5", "", "graded"),
        ("s044", "", "", "unreadable"),
    ]
    assert sheet.students[1].cells == (
        (Outcome.PARTIAL, "1"),
        (Outcome.INCORRECT, "0"),
        (Outcome.MISSING, "0"),
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_course(tmp_path / "course", monkeypatch) / "in"


def class_of(folder: Path) -> Class:
    return grade_folder(folder)


def test_nobody_needs_you(folder: Path) -> None:
    submit(folder, "s001", q1_1="1/2", q1_2="yes")
    found = class_of(folder)
    text = words(class_html(class_page(found.results, found.rubrics, ["students/s001.html"])))
    assert "1 submission: 1 graded, 0 partial, 0 unreadable." in text
    assert "Nobody: every answer was graded." in text


def test_a_mistake_that_many_share_is_worth_a_look(folder: Path) -> None:
    for i in range(4):
        submit(folder, f"s{i}", q1_1="third" if i else "1/2", q1_2="yes")
    found = class_of(folder)
    page = class_page(found.results, found.rubrics, [f"students/{i}.html" for i in range(4)])
    assert page.shared == (Shared("1.1", "q1.1", 3, "one in three"),)
    assert "many made the same mistake 1.1: 3 answers: one in three" in words(class_html(page))


def test_who_handed_in_twice(folder: Path) -> None:
    submit(folder, "s001", q1_2="yes")
    submit(folder, "s001", q1_2="no")
    found = class_of(folder)
    page = class_page(found.results, found.rubrics, ["students/a.html", "students/b.html"])
    text = words(class_html(page))
    assert f"s001 handed in 2 times: {found.results[0].source}, {found.results[1].source}." in text


def test_no_sheet_at_all() -> None:
    result = SubmissionResult("s1", "s1.md", Status.UNREADABLE, message="it does not say")
    text = words(class_html(class_page([result], [], ["students/s1.html"])))
    assert "Homework 1 submission: 0 graded, 0 partial, 1 unreadable." in text
    text = words(student_html(student_page(result, None)))
    assert "This file could not be read it does not say" in text


# ---- answer groups


def test_equal_answers_stand_together_in_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = make_course(tmp_path / "course", monkeypatch)
    for i, text in enumerate(["1/3", "perhaps: a", "1/3", "1/2", "perhaps:  a", "1/3"]):
        submit(course / "in", f"s{i:03}", q1_1=text, q1_2="yes", q2="more")
    class_ = grade_folder(Path("in"))
    page = class_page(class_.results, class_.rubrics, pages_of(class_))

    row = page.sheets[0].questions[0]
    value = row.answers[0]
    assert [(g.size, g.outcome.value, g.points, g.read.text, g.begins) for g in value.groups] == [
        (3, "incorrect", "0/2.5", "«1/3»", ""),
        (2, "review", "–/2.5", "«perhaps: a»", ""),
        (1, "correct", "2.5/2.5", "«1/2»", ""),
    ]
    assert value.groups[0].links == tuple(Link(f"s{i:03}", f"students/p{i}.html") for i in (0, 2, 5))
    assert page.waiting_groups == "1 group"
    text = words(class_html(page))
    assert "3 × ✗ incorrect 0/2.5 «1/3» not the same value Whose s000, s002, s005" in text
    assert "Open the queue: 1 group" in text


def test_a_question_that_tells_students_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = make_course(tmp_path / "course", monkeypatch)
    for i in range(12):
        good = i < 6
        submit(course / "in", f"s{i:03}", q1_1="1/2" if good else "1/3", q1_2="yes" if good else "no", q2="x")
    class_ = grade_folder(Path("in"))
    (first, second, extra) = class_page(class_.results, class_.rubrics, pages_of(class_)).sheets[0].questions

    assert (first.tells_apart, second.tells_apart, extra.tells_apart) == ("1.00", "1.00", "–")
    assert (first.mean, first.share) == ("1.75", "58 %")

    for i in range(12):  # one question waits in every answer: the others are compared all the same
        first_half = "1/2" if i < 6 else "1/3"
        submit(course / "on", f"s{i:03}", q1_1=first_half, q1_2="perhaps", q2="more" if i < 6 else "x")
    class_ = grade_folder(Path("on"))
    found = class_page(class_.results, class_.rubrics, pages_of(class_)).sheets[0].questions
    assert [q.tells_apart for q in found] == ["1.00", "–", "1.00"]


def test_few_final_scores_say_nothing(class_: Class) -> None:
    page = class_page(class_.results, class_.rubrics, pages_of(class_))
    assert {q.tells_apart for q in page.sheets[0].questions} == {"–"}


# ---- what a class of hundreds looks like


def test_files_that_fail_for_one_reason_are_one_line() -> None:
    early = "The file stops too early; hand in the whole file"
    found = [
        SubmissionResult("s1", "a.json", Status.UNREADABLE, message="is empty", cure="hand it in again"),
        SubmissionResult("s2", "b.json", Status.UNREADABLE, message="5:14: not valid JSON", cure=early),
        SubmissionResult("s3", "c.json", Status.UNREADABLE, message="9:1: not valid JSON", cure=early),
    ]
    page = class_page(found, [], [f"students/{i}.html" for i in range(3)])
    assert page.unreadable == (
        Unreadable(
            "Not valid JSON.",
            early + ".",
            ((Link("s2", "students/1.html"), "b.json:5:14"), (Link("s3", "students/2.html"), "c.json:9:1")),
        ),
        Unreadable("Is empty.", "Hand it in again.", ((Link("s1", "students/0.html"), "a.json"),)),
    )
    text = words(class_html(page))
    assert "3 unreadable submissions 2 files : Not valid JSON. " in text.replace("files:", "files :")
    assert "Whose s2, s3 s1 (a.json): Is empty. Hand it in again." in text


def named(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """(mistake, outcome, message), each of a submission of its own."""
    columns = ["submission", "mistake", "outcome", "message"]
    return pd.DataFrame([(i, *row) for i, row in enumerate(rows)], columns=columns)


def test_mistakes_have_names_that_a_person_understands() -> None:
    assert mistakes(
        named(
            ("shape", "incorrect", "The shapes do not fit: (d×n) by (d×d)"),
            ("shape", "incorrect", "The shapes do not fit: (n×n) by (d×n)"),
            ("no", "incorrect", "It does."),
            ("error carried forward", "correct", "Follows correctly."),
        )
    ) == ((2, "The shapes do not fit."), (1, "“no”: It does."))
    assert mistakes(
        named(
            ("known mistake", "partial", "The 1/n is missing."),
            ("sharpening filter", "partial", "The centre is 5."),
            ("forgotten-term", "incorrect", "Not equal for n = 1."),
        )
    ) == ((1, "The 1/n is missing."), (1, "forgotten term"), (1, "sharpening filter"))
    assert mistakes(named(("x", "incorrect", "m" * 500))) == ((1, "“x”: " + "m" * 135 + "…"),)


def test_no_mean_while_most_of_the_given_answers_wait(folder: Path) -> None:
    for i in range(4):
        submit(folder, f"s{i}", q1_1="1/2", q1_2="perhaps" if i else "yes")
    submit(folder, "s4", q1_1="1/2")
    found = class_of(folder)
    page = class_page(found.results, found.rubrics, [f"students/{i}.html" for i in range(5)])
    first, second, _ = page.sheets[0].questions
    assert (first.mean, first.decided) == ("3", "")
    assert (second.mean, second.share, second.decided) == ("–", "", "2 of 5 decided")
    assert "no mean yet, 2 at most" in words(class_html(page))


def test_every_member_of_a_group_is_named(folder: Path) -> None:
    for i in range(15):
        submit(folder, f"s{i:03}", q1_1="1/3", q1_2="yes")
    found = class_of(folder)
    page = class_page(found.results, found.rubrics, [f"students/{i}.html" for i in range(15)])
    (group,) = page.sheets[0].questions[0].answers[0].groups
    assert (len(group.links), group.others) == (12, ("s012", "s013", "s014"))
    assert "s011, s012, s013, s014" in words(class_html(page))


def test_rows_of_evidence_are_a_table(class_: Class) -> None:
    rows = [{"row": f"Conv{i}", "yours": i, "right": i > 1} for i in range(3)]
    answer = Answer("1.2", Where("s1.md"), text="short text")
    result = result_of(
        class_.rubrics[0], answer, {"rows": rows, "text": "short text", "line": r"\frac{a}{2}"}
    )
    page = student_page(result, class_.rubrics[0])
    assert page.questions[1].criteria[0].evidence == (
        (
            "rows",
            Table(
                ("row", "yours", "right"), (("Conv0", "0", "no"), ("Conv1", "1", "no"), ("Conv2", "2", "yes"))
            ),
        ),
        ("line", r"\frac{a}{2}"),
    )
    html = student_html(page)
    assert "row by row row yours right Conv0 0 no Conv1 1 no Conv2 2 yes the line" in words(html)
    assert "<mfrac>" in html


def test_the_values_of_a_counterexample_are_drawn(class_: Class) -> None:
    said = {
        "values": {"X": "[1 -2; 0 1/2]", "a": "<b>"},
        "yours": "1/4",
        "expected": "1/2",
        "text": "for X = [1 -2; 0 1/2] yours gives 1/4, expected is 1/2",
    }
    answer = Answer("1.2", Where("s1.md"), text="no")
    page = student_page(result_of(class_.rubrics[0], answer, {"counterexample": said}), class_.rubrics[0])
    (criterion,) = page.questions[1].criteria
    assert criterion.counterexample is not None
    assert criterion.counterexample.text == ""
    html = student_html(page)
    assert html.count("<mtr>") == 2
    assert "<code>&lt;b&gt;</code>" in html


def test_nothing_right_is_not_partly_correct() -> None:
    assert answer_outcome([Outcome.INCORRECT, Outcome.MISSING]) is Outcome.INCORRECT
    assert answer_outcome([Outcome.CORRECT, Outcome.MISSING]) is Outcome.PARTIAL
    assert answer_outcome([Outcome.MISSING]) is Outcome.MISSING
