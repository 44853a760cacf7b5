#!/usr/bin/env python3
"""Pictures of the pages for the README and docs/reports.md: grades the example class, opens it in Chromium.

Needs the `test` extra and the system's Chromium. Run it after a page has changed: scripts/take_screenshots.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
SHEET = "csc413-2020-hw2"
QUIET = """--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync"""


def report(page: Page) -> None:
    page.locator("h2", has_text="Answers").scroll_into_view_if_needed()
    page.evaluate("document.querySelectorAll('details.rest')[7].open = true")
    page.evaluate("document.querySelectorAll('details.rest')[7].scrollIntoView()")


def student(page: Page) -> None:
    page.evaluate("document.getElementById('q2.2.3').scrollIntoView()")


def review(page: Page) -> None:
    item = page.locator("article.item:has(math)").nth(1)
    item.focus()
    page.keyboard.press("1")
    item.evaluate("e => window.scrollTo(0, e.getBoundingClientRect().top + window.scrollY - 70)")


SHOTS = (
    ("report", "report.html", None, "light"),
    ("answers", "report.html", report, "light"),
    ("student", "students/s009.html", student, "light"),
    ("review", "review.html", review, "light"),
    ("report-dark", "report.html", None, "dark"),
)


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no Chromium here (Debian: apt-get install chromium)", file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as out, sync_playwright() as p:
        command = [sys.executable, "-m", "grader", "run", "submissions_example", "--rubric", SHEET]
        subprocess.run([*command, "--out", out, "--quiet"], cwd=ROOT, check=False)
        browser = p.chromium.launch(executable_path=chromium, args=QUIET.split())
        for name, file, arrange, scheme in SHOTS:
            page = browser.new_page(viewport={"width": 1000, "height": 720})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.goto((Path(out) / file).as_uri())
            if arrange:
                arrange(page)
            page.screenshot(path=PICTURES / f"{name}.png")
            print(f"wrote {(PICTURES / name).relative_to(ROOT)}.png")
            page.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
