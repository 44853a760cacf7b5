"""The pages in a real browser: they render, nothing of a student runs, nothing leaves, the keyboard works."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, sync_playwright

from grader.cli import main
from tests.kit import make_course, submit
from tests.reports.conftest import EVIL

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync"""

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here (Debian: apt-get install chromium)"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page and all that it asked for or complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: Path) -> Page:
        self.page.goto(path.as_uri())
        return self.page


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    page = browser.new_page(accept_downloads=True)
    seen = Watched(page)
    page.on("request", lambda r: seen.requests.append(r.url))
    page.on("console", lambda m: seen.complaints.append(m.text))
    page.on("pageerror", lambda e: seen.complaints.append(str(e)))
    page.on("dialog", lambda d: seen.complaints.append(f"dialog {d.message}"))
    yield seen
    page.close()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A class of which most waits for a person, one member hostile; it stands in the course's folder."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        course = make_course(tmp_path_factory.mktemp("browser") / "course", monkeypatch)
        submit(course / "in", "s001", q1_1="1/2", q1_2="yes", q2="more")
        submit(course / "in", "s002", q1_1="perhaps: a", q1_2="perhaps: b")
        submit(course / "in", "s003", q1_1="perhaps: a", q1_2="no")
        submit(course / "in", EVIL, q1_1="hostile:" + EVIL, q1_2="perhaps: " + EVIL)
        (course / "in" / "s044.json").write_text('{"student": ')
        grade()
        yield course


def grade(*options: str) -> None:
    CliRunner().invoke(main, ["run", "in", "--rubric", "tiny", "--out", "out", "--jobs", "1", *options])


def pages(course: Path) -> list[Path]:
    return [
        course / "out" / "report.html",
        course / "out" / "review.html",
        *(course / "out").glob("students/*"),
    ]


def test_nothing_runs_and_nothing_leaves(course: Path, watched: Watched) -> None:
    found = pages(course)
    assert len(found) == 7
    for path in found:
        page = watched.open(path)
        assert page.locator("h1").count() == 1
        assert page.evaluate("typeof x") == "undefined"
        scripts = page.locator("script").count()
        assert scripts == (path.parent.name != "students")
    assert watched.complaints == []
    assert watched.requests == [path.as_uri() for path in found]


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone_and_can_be_read(course: Path, watched: Watched, width: int, scheme: str) -> None:
    watched.page.set_viewport_size({"width": width, "height": 800})
    watched.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in pages(course):
        page = watched.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
        assert page.evaluate(CONTRAST) >= 4.5, path.name


CONTRAST = """() => {
  const light = (c) => {
    const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
      .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (c !== "rgba(0, 0, 0, 0)") return c;
    }
    return "rgb(255, 255, 255)";
  };
  let worst = 21;
  const texts = "p, h1, h2, h3, td, th, li, a, code, span, summary, button:enabled";
  for (const e of document.querySelectorAll(texts)) {
    if (!e.textContent.trim() || e.offsetParent === null) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
    worst = Math.min(worst, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return worst;
}"""
"""The least contrast of any text with what is behind it, as WCAG 2 computes it."""


def test_a_person_decides_with_the_keyboard_and_the_class_is_graded_again(
    course: Path, watched: Watched
) -> None:
    page = watched.open(course / "out" / "review.html")
    assert page.title() == "(4) Review · Tiny sheet"
    assert page.locator("#said").inner_text() == "0 decided; 4 open"
    assert page.locator("#download").is_disabled()

    first = page.locator("article.item").first
    assert first.locator("h3").inner_text() == "1.1 Half · 2 answers, 6 points"
    first.focus()
    page.keyboard.press("2")
    page.keyboard.type("1.25")
    page.keyboard.press("Enter")
    page.keyboard.press("3")
    assert page.locator("#said").inner_text() == "2 decided, not downloaded yet; 2 open"
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.keyboard.type("well said: 1 2 3 j k")
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    page.keyboard.press("j")
    page.keyboard.press("1")
    page.keyboard.press("z")
    assert page.locator("#said").inner_text() == "3 decided, not downloaded yet; 1 open"

    with page.expect_download() as download:
        page.locator("#download").click()
    assert download.value.suggested_filename == "decisions.jsonl"
    file = course / "decided.jsonl"
    download.value.save_as(file)
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [(d["question"], d["criterion"], d["points"], d["comment"]) for d in lines] == [
        ("1.1", "value", 1.25, ""),
        ("1.1", "style", 0, ""),
        ("1.2", "word", 2, "well said: 1 2 3 j k"),
    ]
    assert watched.complaints == []

    grade("--decisions", str(file))
    scores = (course / "out" / "scores.csv").read_text("utf-8")
    assert "s003,1.25,5,0,graded" in scores
    again = watched.open(course / "out" / "review.html")
    assert again.locator("#said").inner_text() == "0 decided; 1 open"
    (course / "out" / "decisions.jsonl").unlink()
    grade()


def test_points_that_do_not_exist_are_refused(course: Path, watched: Watched) -> None:
    page = watched.open(course / "out" / "review.html")
    box = page.locator("fieldset.decide").first
    box.locator("input[type=number]").fill("7")
    box.locator("input[type=number]").press("Tab")
    assert box.locator(".state").inner_text() == "0 to 2.5 points"
    assert page.locator("#said").inner_text() == "0 decided; 4 open"


def test_the_keys_can_be_switched_off_and_a_question_chosen(course: Path, watched: Watched) -> None:
    page = watched.open(course / "out" / "review.html")
    page.locator("#keys").uncheck()
    page.locator("article.item").first.focus()
    page.keyboard.press("1")
    assert page.locator("#said").inner_text() == "0 decided; 4 open"
    page.locator("#which").select_option("1.2")
    shown = page.locator("section[aria-labelledby=waits] article.item:visible")
    assert {shown.nth(i).get_attribute("data-question") for i in range(shown.count())} == {"1.2"}


def test_all_of_it_can_be_read_without_a_script(course: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((course / "out" / "review.html").as_uri())
    assert page.locator("article.item").first.locator(".drawn").inner_text() == "perhaps: a"
    assert not page.locator("#bar").is_visible()
    assert not page.locator(".controls").first.is_visible()
    context.close()


def test_students_are_found_and_sorted(course: Path, watched: Watched) -> None:
    page = watched.open(course / "out" / "report.html")
    table = page.get_by_role("table", name="Students")
    names = table.locator("tbody th")
    everybody = names.all_inner_texts()
    page.get_by_role("button", name="Student").press("Enter")
    page.get_by_role("button", name="Student").press("Enter")
    assert names.all_inner_texts() == sorted(everybody, key=str.lower, reverse=True)
    assert table.get_by_role("columnheader", name="Student").get_attribute("aria-sort") == "descending"
    page.get_by_role("button", name="Pending").click()
    page.get_by_role("button", name="Pending").click()
    assert float(table.locator("tbody tr").first.locator("td").nth(1).inner_text()) > 0
    page.get_by_role("searchbox", name="student").fill(everybody[0][:3])
    page.get_by_role("combobox", name="status").select_option("partial")
    assert table.locator("tbody tr:visible").count() < len(everybody)
    assert watched.complaints == []


def test_the_queue_of_one_question_has_a_link(course: Path, watched: Watched) -> None:
    page = watched.open(course / "out" / "report.html")
    page.get_by_role("link", name="1.2 Yes or no").first.click()
    assert page.url.endswith("review.html#q=1.2")
    assert page.locator("#which").input_value() == "1.2"
    shown = page.locator("section[aria-labelledby=waits] article.item:visible")
    assert shown.count() == 2
    assert {shown.nth(i).get_attribute("data-question") for i in range(2)} == {"1.2"}
    page.evaluate("location.hash = 'q=nothing'")
    assert page.locator("#which").input_value() == "1.2"


def test_the_keys_stand_on_their_buttons(course: Path, watched: Watched) -> None:
    page = watched.open(course / "out" / "review.html")
    field = page.locator("fieldset.decide").first
    assert [k.inner_text() for k in field.locator("kbd").all()] == ["1", "2", "3", "u", "c"]
    field.locator("kbd", has_text="1").click()  # a click on the label of a key is one on its button
    assert field.locator(".state").inner_text() == "2.5 of 2.5"


@pytest.mark.parametrize("width", [360, 1280])
def test_tables_are_tables_on_a_phone_too(course: Path, watched: Watched, width: int) -> None:
    watched.page.set_viewport_size({"width": width, "height": 800})
    page = watched.open(course / "out" / "report.html")
    table = page.get_by_role("table", name="Questions")
    assert table.get_by_role("columnheader").count() == 6
    assert table.get_by_role("rowheader").count() == 3
    assert table.get_by_role("row").count() == 4
    shown = table.get_by_role("cell").first.evaluate("e => getComputedStyle(e, '::before').content")
    assert shown == ('"Mean: "' if width == 360 else "none")


def test_nothing_is_wider_than_paper(course: Path, watched: Watched) -> None:
    watched.page.set_viewport_size({"width": 718, "height": 1000})  # A4 within its margins
    watched.page.emulate_media(media="print", color_scheme="dark")
    for path in pages(course):
        page = watched.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 718, path.name
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate(CONTRAST) >= 4.5, path.name


@pytest.mark.parametrize("media", ["screen", "print"])
def test_the_wrong_part_is_seen_without_its_colour(tmp_path: Path, watched: Watched, media: str) -> None:
    answer = "$w_1 = w_0 + \\frac{2\\eta}{n} X^T(Xw_0 - t)$"
    (tmp_path / "s001.json").write_text(json.dumps({"student": "s001", "answers": {"2.2.1": answer}}))
    command = [sys.executable, "-m", "grader", "run", str(tmp_path), "--rubric", "csc413-2020-hw2"]
    command += [
        "--out",
        str(tmp_path / "out"),
        "--jobs",
        "1",
    ]  # apart: here the kinds are those of a tiny sheet
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    watched.page.emulate_media(media="print" if media == "print" else "screen")
    page = watched.open(tmp_path / "out" / "students" / "s001.html")
    mark = page.locator("mrow.wrong")
    assert mark.count() == 1
    border = mark.evaluate(
        "e => { const s = getComputedStyle(e); return [s.borderBottomStyle, s.borderBottomWidth] }"
    )
    assert border == ["solid", "3px"]
    box = mark.bounding_box()
    assert box is not None
    assert box["width"] > 40
    assert page.get_by_text("Mending this part alone would make the formula right.").is_visible()
    assert page.evaluate(CONTRAST) >= 4.5
